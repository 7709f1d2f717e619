/* sso.h - signing in at another place: OpenID Connect, code flow with PKCE.
 *
 * Who comes back is known by issuer and subject. The first time, a user of the same e-mail address is taken only when
 * the provider says that it verified the address; otherwise a new user is made, when a role is found for them.
 */
#ifndef CORE_SSO_H
#define CORE_SSO_H

#include "core/people/signin.h"

/* How this room gets at the provider; set by whoever may reach the network. `body` NULL is a GET, else a form. */
struct sso_net {
	enum rc (*fetch)(
		void *arg, struct arena *a, const char *url, const char *body, const char **ret, struct err *e);
	void *arg;
};

struct sso {
	const char *org, *issuer, *client_id, *client_secret;	/* secret NULL: a public client */
	const char *role_claim;		/* NULL: roles are given here */
	const struct json *roles;	/* {"value of the claim": "role"} */
	enum role default_role;		/* of whom no value fits; ROLE_NONE: refused */
};

/* With the secret. RC_NOT_FOUND: not set up. `org` NULL: the first organization that has one. */
enum rc sso_get(
	struct tx *tx, struct vault *v, struct arena *a, const char *org, struct sso *ret, struct err *e) MUST_CHECK;
/* {"issuer","client_id","role_claim","roles","default_role","secret_stored"}, or null. */
enum rc sso_write(struct tx *tx, const char *org, struct jsonw *w, struct err *e) MUST_CHECK;
/* A secret left out stays as it is. RC_INVALID with a pointer. */
enum rc sso_put(struct tx *tx, struct vault *v, const char *org, const struct json *body, struct err *e) MUST_CHECK;
enum rc sso_remove(struct tx *tx, const char *org, struct err *e) MUST_CHECK;

/* Where to send the browser, and the state that it must bring back, as text for a cookie. Outside of any
 * transaction. */
enum rc sso_start(struct db *db, struct vault *v, const struct sso_net *net, struct arena *a, const char *redirect_uri,
	const char **ret_url, const char **ret_state, struct err *e) MUST_CHECK;
/* What came back: exchanged, verified, and signed in. RC_DENIED says why not. Outside of any transaction. */
struct sso_back {
	const char *state, *cookie;	/* must be equal */
	const char *code, *redirect_uri, *request_id;
};
enum rc sso_finish(struct db *db, struct vault *v, const struct sso_net *net, struct arena *a, const struct sso_back *b,
	struct signed_in *ret, struct err *e) MUST_CHECK;

#endif
