/* err.h - how a call says that it failed: a code to branch on, and a sentence for a person.
 *
 * A function that can fail returns enum rc and, on failure only, fills the struct err. The
 * sentence says what happened and what to do next; it never holds a secret.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/mem.h"

enum rc {
	RC_OK = 0,
	RC_NOT_FOUND,	/* the thing named does not exist (for this organization)          */
	RC_CONFLICT,	/* exists already, or changed since it was looked at               */
	RC_INVALID,	/* the caller's input is wrong; err.pointer may say where          */
	RC_DENIED,	/* known, but not allowed                                          */
	RC_UNAUTHORIZED,/* not known who is asking                                         */
	RC_BUSY,	/* come back later: rate limit, lock, queue full                   */
	RC_REMOTE,	/* the other side failed or said no; ours is as it was             */
	RC_IO,		/* disk, store or socket failed; nothing was acknowledged          */
	RC_INTERNAL,	/* our own fault                                                   */
	RC_MAX
};

struct err {
	enum rc rc;
	char text[1024];
	char pointer[160];	/* JSON pointer into the request body, "" if none */
	int status;		/* HTTP status where rc alone is too coarse (413, 422), else 0 */
	int retry_after;	/* seconds, with RC_BUSY and some RC_REMOTE; 0 = unknown      */
};

#define ERR_INIT { RC_OK, "", "", 0, 0 }

/* Fills `e` (may be NULL) and returns `rc`, so that a caller can write `return err_set(...)`. */
enum rc err_set(struct err *e, enum rc rc, const char *fmt, ...) PRINTF(3, 4);
/* The same, and names the place in the request body: a JSON pointer such as "/items/3/units". */
enum rc err_at(struct err *e, enum rc rc, const char *pointer, const char *fmt, ...) PRINTF(4, 5);
/* Puts words and ": " in front of what is there already. Returns e->rc. */
enum rc err_prefix(struct err *e, const char *fmt, ...) PRINTF(2, 3);

/* The analyzer reads one file at a time and would think that a failure may come back as RC_OK. */
#ifdef __clang_analyzer__
#define err_set(e, rc, ...) ((void)(err_set)(e, rc, __VA_ARGS__), (rc))
#define err_at(e, rc, ...) ((void)(err_at)(e, rc, __VA_ARGS__), (rc))
#endif

/* The code as a lower-case word, for logs. */
const char *rc_name(enum rc rc);

#endif
