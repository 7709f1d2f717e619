/* session.h - browser sessions: begun at sign-in, ended by signing out, idleness, age, or a change of the user.
 *
 * The cookie is 256 random bits, of which only the SHA-256 is kept. The CSRF value is derived from the cookie,
 * so it needs no place in the store and cannot be had without the cookie.
 */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include "core/auth.h"

#define SESSION_IDLE (12 * 3600 * CLOCK_SECOND)
#define SESSION_MAX (7 * CLOCK_DAY)

/* Begins one; `ret_cookie` is the value for the browser, in the transaction's arena. */
enum rc session_begin(struct tx *tx, const char *org, const char *user_id, const char **ret_cookie, struct err *e) MUST_CHECK;
/* Ends the one with that key (principal.session). */
enum rc session_end(struct tx *tx, const char *org, const char *key, struct err *e) MUST_CHECK;
/* Ends all sessions of a user. */
enum rc session_end_all(struct tx *tx, const char *org, const char *user_id, struct err *e) MUST_CHECK;
/* Sessions that are over are dropped, of one organization. */
enum rc session_forget(struct tx *tx, const char *org, struct err *e) MUST_CHECK;

/* The session value in a Cookie header, NULL when none. In the arena. */
const char *session_from_cookies(struct arena *a, const char *cookies);
const char *session_csrf(struct arena *a, const char *cookie);
/* The two Set-Cookie values; `cookie` NULL takes them back from the browser. */
const char *session_set_cookie(struct arena *a, const char *cookie, bool secure);
const char *session_set_csrf_cookie(struct arena *a, const char *cookie, bool secure);

#endif
