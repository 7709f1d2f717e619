/* session.h - browser sessions: begun at sign-in, ended by signing out, idleness, age, or a change of the user.
 *
 * The cookie is 256 random bits, of which only the SHA-256 is kept. The CSRF value is derived from the cookie,
 * so it needs no place in the store and cannot be had without the cookie.
 */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include "core/people/auth.h"

#define SESSION_IDLE (12 * 3600 * CLOCK_SECOND)
#define SESSION_MAX (7 * CLOCK_DAY)

/* Begins one; `via` says where ("sso", NULL = here), `ret_cookie` is the value for the browser, in the transaction's
 * arena. */
enum rc session_begin(struct tx *tx, const char *org, const char *user_id, const char *via, const char **ret_cookie,
	struct err *e) MUST_CHECK;
/* Ends the one with that key (principal.session). */
enum rc session_end(struct tx *tx, const char *org, const char *key, struct err *e) MUST_CHECK;
/* Ends all sessions of a user. */
enum rc session_end_all(struct tx *tx, const char *org, const char *user_id, struct err *e) MUST_CHECK;

/* The value of one cookie in a Cookie header (may be NULL), in the arena; NULL when it is not there. */
const char *session_cookie_value(struct arena *a, const char *cookies, const char *name);
/* The CSRF value of a session, in the arena. */
const char *session_csrf(struct arena *a, const char *cookie);
/* Set-Cookie values in the arena; a value NULL takes the cookie back from the browser. */
const char *session_set_cookie(struct arena *a, const char *cookie, bool secure);
const char *session_set_csrf_cookie(struct arena *a, const char *cookie, bool secure);
const char *session_set_device_cookie(struct arena *a, const char *device, bool secure);

#endif
