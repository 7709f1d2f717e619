/* run.h - one reading of one vendor: a bulk push, a file, a pull, or a burst of single pushes.
 *
 * A burst is opened by its first count and ended by JOB_INTEGRATION_SYNC after some quiet. A run that said "these
 * are all" covers every pair: what it did not name is zero, and that zero is put into the ledger as implied.
 */
#ifndef CORE_RUN_H
#define CORE_RUN_H

#include "core/usage/integration.h"

#define RUN_PUSH "push"		/* burst of single pushes */
#define RUN_BULK "bulk"
#define RUN_IMPORT "import"
#define RUN_PULL "pull"

#define RUN_QUIET (5 * CLOCK_SECOND)	/* a burst ends after this much silence ... */
#define RUN_LONGEST (60 * CLOCK_SECOND)	/* ... and at the latest after this much time */

/* Begins a run; the id is in the transaction's arena. */
enum rc run_begin(struct tx *tx, const char *org, const char *integration, const char *kind, bool complete,
	const char **ret_id, struct err *e) MUST_CHECK;
/* Ends a run that took `accepted` counts: implied zeros when it was complete (*ret_zeros of them; NULL is allowed),
 * the integration's times, state active when it was inactive or pending and something came. */
enum rc run_finish(struct tx *tx, const char *org, const char *id, int64_t accepted, int64_t *ret_zeros,
	struct err *e) MUST_CHECK;
/* The run of single pushes that goes on, begun when there is none. With `build`, makes sure that a job ends it. */
enum rc run_burst(struct tx *tx, const char *org, const char *integration, bool build, const char **ret_id,
	struct err *e) MUST_CHECK;
/* True when nothing is queued that will end the burst: `closing_at` is the integration's. */
bool run_needs_end(utime closing_at, utime now);
/* Ends the burst if it has been quiet or is old enough, or at once with `now_or_never`. Otherwise a job is queued for
 * *ret_again (0: there is nothing left to end). */
enum rc run_burst_end(struct tx *tx, const struct integration *i, bool now_or_never, utime *ret_again,
	struct err *e) MUST_CHECK;

/* The newest run as an object, or null. */
enum rc run_write_last(struct tx *tx, const char *org, const char *integration, struct jsonw *w, struct err *e)
	MUST_CHECK;
/* Runs, newest first, into the open array of `w`. */
enum rc run_write_list(struct tx *tx, const char *org, const char *integration, const char *cursor, int64_t limit,
	struct jsonw *w, const char **ret_next, struct err *e) MUST_CHECK;

#endif
