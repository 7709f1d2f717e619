/* passkey.h - the passkeys of users: added while signed in, and then enough to sign in with, without a password.
 *
 * A challenge is sealed by the server and kept by the browser alone. It says when it was made; a passkey answers none
 * that is older than the last one it answered, so an answer opens the door once.
 */
#ifndef CORE_PASSKEY_H
#define CORE_PASSKEY_H

#include "core/people/signin.h"
#include "core/people/webauthn.h"

enum { PASSKEYS_MAX = 20, PASSKEY_NAME_MAX = 100 };

#define PASSKEY_PATIENCE (5 * 60 * CLOCK_SECOND)

/* For adding one to `user`; NULL: for signing in. Its bytes as base64url, in the arena. */
const char *passkey_challenge(struct vault *v, struct arena *a, const char *user);

/* Whether anybody of the whole server has one: the sign-in page asks for none otherwise. */
enum rc passkey_any(struct tx *tx, bool *ret, struct err *e) MUST_CHECK;

struct passkey {
	const char *name;
	const struct webauthn_site *site;
	struct webauthn_answer answer;
};

/* RC_INVALID with a pointer; RC_CONFLICT: it is there already, or there are PASSKEYS_MAX. The id is in the
 * transaction's arena. */
enum rc passkey_add(struct tx *tx, struct vault *v, const char *org, const char *user, const struct passkey *p,
	const char **ret_id, struct err *e) MUST_CHECK;
/* [{"id","name","credential","created_at","used_at"}] */
enum rc passkey_list(struct tx *tx, const char *org, const char *user, struct jsonw *w, struct err *e) MUST_CHECK;
/* `id` NULL: all of the user. RC_NOT_FOUND: the user has none of that id. */
enum rc passkey_remove(struct tx *tx, const char *org, const char *user, const char *id, struct err *e) MUST_CHECK;

struct passkey_signin {
	struct vault *vault;
	const struct webauthn_site *site;
	const char *credential;
	struct webauthn_answer answer;
	const char *old_key;		/* session this browser had before, which ends; or NULL */
	const char *request_id;
};

/* Outside of any transaction. RC_UNAUTHORIZED: unknown, too late, used, or signed by another; RC_INVALID: no answer of
 * a browser; RC_DENIED: the user is disabled. Results in the arena. */
enum rc passkey_signin(struct db *db, struct arena *a, const struct passkey_signin *s, struct signed_in *ret,
	struct err *e) MUST_CHECK;

#endif
