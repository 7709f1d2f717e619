/* job.h - the queue of long work, in the store. The runner (job/runner.c) takes jobs from it.
 *
 * A job is leased: a runner that dies loses its lease, and the job is taken again. So the work of
 * every kind can be repeated from its start or its own cursor.
 */
#ifndef CORE_JOB_H
#define CORE_JOB_H

#include "base/clock.h"
#include "db/db.h"

/* Kinds, and the members of their args object. */
#define JOB_PSA_SYNC "psa_sync"			/* {"mode":"quick"|"full"}                        */
#define JOB_INTEGRATION_SYNC "integration_sync"	/* {"integration":ID}: read the vendor, then rebuild */
#define JOB_REBUILD "rebuild"			/* {}: make the cards again                        */
#define JOB_DRAIN "drain"			/* {}: send planned writes, settle unknown ones   */
#define JOB_ALERTS "alerts"			/* {}: tickets for queued alerts                  */
#define JOB_NOTIFY "notify"			/* {"subject":..,"text":..}: mail to administrators  */
#define JOB_IMPORT "import"			/* {"import":ID}: the file into the ledger */
#define JOB_DEMO "demo"				/* {"mode":"full"}: sample data, see core/demo.h */
#define JOB_RETAIN "retain"			/* {}: old sessions, links, kept answers go        */

struct job {
	const char *org, *id, *kind, *args, *created_by;
	int64_t attempts;
};

/* Queues a job to run at or after `run_at` (0 = now) and wakes the runners after commit. With `dedupe` not
 * NULL an equal (org, kind, dedupe) job that is still queued is given back instead of a second one; its
 * run_at becomes the earlier of both. The id lives in the transaction's arena. */
enum rc job_enqueue(struct tx *tx, const char *org, const char *kind, const char *args, const char *dedupe,
	utime run_at, const char *created_by, const char **ret_id, struct err *e);

/* How long a taken job is ours without a sign of life, unless job_set_lease() said otherwise before the first is taken:
 * after this time another server, or this one started again, goes on with the work of a server that died. */
#define JOB_LEASE (60 * CLOCK_SECOND)
/* The longest a lease can be set to. */
#define JOB_LEASE_MOST (3600 * CLOCK_SECOND)
/* No wait is as long: one that ends later was begun by a clock that was ahead, and is over. */
#define JOB_AHEAD (2 * CLOCK_DAY)
void job_set_lease(utime lease);
utime job_lease(void);

/* Takes the next job that is due for `owner`, in the caller's write. Its texts live in `a`. RC_NOT_FOUND: none.
 * Two jobs of one kind never run at once for one organization, but for syncs of different integrations: of these up
 * to JOB_SIDE_BY_SIDE, so that a vendor that is silent holds up no other. */
enum { JOB_SIDE_BY_SIDE = 2 };

enum rc job_take(struct tx *tx, struct arena *a, const char *owner, struct job *ret, struct err *e);
/* When the earliest waiting job is due; 0 when none waits. */
enum rc job_next_time(struct tx *tx, utime *ret, struct err *e);
/* Notes progress and renews the lease. RC_CONFLICT: the lease was lost, the work must stop. */
enum rc job_progress(struct tx *tx, const struct job *job, const char *owner, const char *phase, int64_t done,
	int64_t total, struct err *e);
/* Renews the lease of a job that says nothing for a while (id and org are enough). RC_CONFLICT as above. */
enum rc job_keep(struct tx *tx, const struct job *job, const char *owner, struct err *e);
/* Ends a job: `error` NULL means done, otherwise the sentence a person reads. `result` is JSON or NULL. */
enum rc job_finish(struct tx *tx, const struct job *job, const char *owner, const char *error, const char *result,
	struct err *e);
/* Puts it back to be tried again at `run_at`. */
enum rc job_again(struct tx *tx, const struct job *job, const char *owner, const char *error, utime run_at,
	struct err *e);

struct jsonw;

/* Writes a job as the API shows it. RC_NOT_FOUND. */
enum rc job_write(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e);
/* Writes an array of jobs, newest first, before id `before` ("" = from the newest); the last id is returned when
 * there may be more, else NULL. `kind` "" = all. */
enum rc job_write_list(struct tx *tx, const char *org, const char *kind, const char *before, int64_t limit,
	struct jsonw *w, const char **ret_next, struct err *e);

/* Channel of db_listen() on which queued work is told; the text is the organization. */
#define JOB_CHANNEL "jobs"
/* Channel of what browsers hear (GET /api/v1/events); the text is
 * {"org":ID,"event":"job"|"sync"|"cards"|"writes"|"integration","data":{...}}, below 7,900 bytes. */
#define EVENT_CHANNEL "events"
/* Tells browsers of one organization after commit. `data` is a JSON object text. */
void event_tell(struct tx *tx, const char *org, const char *event, const char *data);

#endif
