/* sso_claims.h - what a provider's token says: whether it is for us and now, and which user it is. */
#ifndef CORE_SSO_CLAIMS_H
#define CORE_SSO_CLAIMS_H

#include "core/people/sso.h"

/* Issuer, audience, time and nonce (OpenID Connect Core 3.1.3.7). RC_DENIED says which is wrong. */
enum rc sso_claims_check(
	const struct sso *s, const struct json *claims, const char *nonce, utime now, struct err *e) MUST_CHECK;
/* The highest role that the claims give; the default one, or ROLE_NONE. */
enum role sso_claims_role(const struct sso *s, const struct json *claims);
/* Finds or makes the user, sets the role, begins a session. */
enum rc sso_claims_enter(struct db *db, struct arena *a, const struct sso *s, const struct json *claims,
	const char *request_id, struct signed_in *ret, struct err *e) MUST_CHECK;

#endif
