/* jwt.h - signed tokens of an OpenID provider (RFC 7515, 7517, 7519): RS256 and ES256, nothing else. */
#ifndef CORE_JWT_H
#define CORE_JWT_H

#include "base/json.h"

/* Verifies the signature of a compact token with the key of the set (a JWKS document) that its header names, and gives
 * its claims, in the arena. Judges nothing else of them. RC_DENIED: another algorithm, no such key, a wrong signature;
 * RC_INVALID: no token at all. */
enum rc jwt_verify(struct arena *a, const char *token, const struct json *keys, struct json **ret_claims,
	struct err *e) MUST_CHECK;

#endif
