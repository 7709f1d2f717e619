/* runner.h - takes jobs from the queue and runs them; a scheduler puts the daily ones in.
 *
 * This room is the only one that holds core and connectors together. A job's function works in
 * steps of its own transactions; what it has done so far stays done when it fails.
 */
#ifndef JOB_RUNNER_H
#define JOB_RUNNER_H

#include "core/job.h"
#include "core/vault.h"

struct runner;

struct runner_config {
	struct db *db;
	struct vault *vault;
	unsigned threads;
	bool allow_private;		/* connectors may reach loopback and private addresses */
	const char *smtp_url;		/* NULL: no mail is sent */
	const char *mail_from;
	const char *public_url;		/* for links in mails */
	const char *data_dir;		/* whose disk is watched; NULL: none is */
	const char *drop_dir;		/* files dropped here are imported; NULL: none are */
};

/* What a running job has in its hands. */
struct job_run {
	const struct runner_config *config;
	const struct job *job;
	const struct json *args;	/* an object, maybe empty */
	struct arena *arena;		/* of this run */
	struct runner *runner;		/* NULL: it runs by itself, and nothing stops it */
	const char *owner;
	const char *result;		/* JSON for the record, set by the job; may stay NULL */
};

/* RC_OK: done. Anything else: failed, the sentence is what a person reads. */
typedef enum rc (*job_fn)(struct job_run *run, struct err *e);

struct runner *runner_start(const struct runner_config *config);
/* Lets running jobs come to their next step, then ends all threads. Before db_close(), which frees the rest. */
void runner_stop(struct runner *r);

/* True when the server is about to stop: a long job returns at its next safe point. */
bool job_cancelled(const struct job_run *run);
/* Tells how far it is and renews the lease. RC_CONFLICT: stop, somebody else runs this job now. */
enum rc job_report(struct job_run *run, const char *phase, int64_t done, int64_t total, struct err *e);

#endif
