/* jwt.h - a token that we make ourselves: JSON claims, signed by HMAC-SHA-512 with a secret that both sides know
 * (HS512). */
#ifndef VENDOR_DECLARED_JWT_H
#define VENDOR_DECLARED_JWT_H

#include "base/buf.h"

/* `claims` is the JSON text that is signed. The token is in the arena. */
const char *jwt_hs512(struct arena *a, const char *claims, const char *secret);

#endif
