/* auth.h - from what a request carries to who is asking. The dispatcher's door to tokens and sessions.
 *
 * Both look-ups go by the SHA-256 of what was sent, in the caller's transaction, and work in a read.
 * Everything they return lives in the given arena.
 */
#ifndef CORE_AUTH_H
#define CORE_AUTH_H

#include "core/people/access.h"
#include "db/db.h"

#define AUTH_COOKIE "trueup_session"	/* HttpOnly; the session itself */
#define AUTH_CSRF_COOKIE "trueup_csrf"	/* readable by the page, which repeats it in the header */
#define AUTH_CSRF_HEADER "X-CSRF-Token"
#define AUTH_DEVICE_COOKIE "trueup_device"	/* HttpOnly; somebody signed in here before: core/people/signin.h */

struct auth {
	struct principal who;
	bool touch;	/* last use was noted over a minute ago: call auth_touch() in a write, now or later */
};

/* `authorization` is the header's whole value, "Bearer tu_...". RC_UNAUTHORIZED: unknown, expired, revoked. */
enum rc auth_bearer(
	struct tx *tx, struct arena *a, const char *authorization, struct auth *ret, struct err *e) MUST_CHECK;

/* True when the Cookie header (may be NULL) holds a session, valid or not. */
bool auth_has_cookie(const char *cookies);
/* `cookies` is the Cookie header's whole value. With `change` the request alters something and `csrf`, the value
 * of AUTH_CSRF_HEADER or NULL, must fit the session: RC_DENIED otherwise. RC_UNAUTHORIZED: no session, expired,
 * signed out, or its user disabled. */
enum rc auth_session(struct tx *tx, struct arena *a, const char *cookies, const char *csrf, bool change,
	struct auth *ret, struct err *e) MUST_CHECK;

/* The credential that these headers (either may be NULL) show, as it is looked up, in the arena; of two the one that
 * counts. NULL: none that could be ours. */
const char *auth_shown(struct arena *a, const char *authorization, const char *cookies);

/* Notes the last use and moves a session's idle expiry. In a write. */
enum rc auth_touch(struct tx *tx, const struct principal *who, struct err *e) MUST_CHECK;

#endif
