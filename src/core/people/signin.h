/* signin.h - from a password or a one-time link to a session; and the brake on guessing.
 *
 * Failures are counted by account, by address, and for a browser where the user signed in before by that user's
 * own device mark. After a few, each further try has to wait, longer every time. A try that comes too early is refused
 * unread and changes nothing, so a stranger who hammers an account does not lock its owner out of a known browser.
 */
#ifndef CORE_SIGNIN_H
#define CORE_SIGNIN_H

#include "core/people/user.h"
#include "core/vault.h"

struct signin {
	struct vault *vault;
	const char *email, *password;
	const char *code;		/* of the second factor, or NULL */
	const char *remote;		/* peer address */
	const char *device;		/* value of AUTH_DEVICE_COOKIE, or NULL */
	const char *old_key;		/* session this browser had before, which ends; or NULL */
	const char *request_id;
};

struct signed_in {
	struct user user;
	const char *org_name, *currency;
	const char *cookie;		/* of the new session */
	const char *device;		/* for AUTH_DEVICE_COOKIE */
};

/* Outside of any transaction. RC_UNAUTHORIZED in the same words and time for an unknown address and a wrong password;
 * RC_DENIED: disabled; RC_BUSY with retry_after: too many failures, or too many at once. RC_UNAUTHORIZED at
 * /code: the password is right, and the second factor's code is missing or wrong. Results in the arena. */
enum rc signin_password(
	struct db *db, struct arena *a, const struct signin *s, struct signed_in *ret, struct err *e) MUST_CHECK;

struct signin_link {
	struct vault *vault;
	const char *token;
	const char *code;		/* of the second factor, or NULL */
	const char *password, *name;	/* chosen with an invitation; NULL otherwise */
	const char *request_id;
};

/* A sign-in link or an invitation, used up. RC_DENIED: does not work. RC_INVALID with a pointer: an invitation
 * without a password, and then it is not used up. */
enum rc signin_link(
	struct db *db, struct arena *a, const struct signin_link *l, struct signed_in *ret, struct err *e) MUST_CHECK;

/* A session for a user who is known by more than a password: `via` "sso", where a provider vouches, or "passkey".
 * RC_DENIED: disabled. */
enum rc signin_known(struct tx *tx, struct arena *a, const struct user *user, const char *via, const char *request_id,
	struct signed_in *ret, struct err *e) MUST_CHECK;

/* Counts that no longer matter are dropped. */
enum rc signin_forget(struct tx *tx, struct err *e) MUST_CHECK;

#endif
