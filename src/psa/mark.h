/* mark.h - the resume mark of a write, as JSON, for connectors whose writes are one call each: which call may have been
 * sent, when, from which day it counts, and what stood there before.
 */
#ifndef PSA_MARK_H
#define PSA_MARK_H

#include "psa/writing.h"

struct mark {
	const char *step;	/* "" = nothing was sent yet */
	day effective;		/* DAY_NONE: the change has no day */
	utime at;		/* when the call that may have been sent was noted */
	const char *known;	/* ids with commas between, never NULL */
};

/* False when the text is none of ours. No text is an empty mark. */
bool mark_read(struct arena *a, const char *text, struct mark *ret);
bool mark_is(const struct mark *m, const char *step);
/* Sets step and time, and keeps the mark. False: do not go on; the write has its outcome. */
bool mark_note(struct writing *w, struct mark *m, const char *step);
/* True once a call without answer can no longer arrive. */
bool mark_old(const struct mark *m);

#endif
