/* kinds.h - every kind of job: its name, its function, and what follows a failure. */
#ifndef JOB_KINDS_H
#define JOB_KINDS_H

#include "job/runner.h"

struct job_kind {
	const char *name;
	job_fn run;
	bool retry; /* a failure that may pass queues it again by itself, with back-off */
	bool urgent; /* ... soon, whatever failed, and until it works: something waits to reach the PSA */
	bool mail; /* administrators are told how it ended */
};

/* NULL when there is no such kind. */
const struct job_kind *job_kind_find(const char *name);

enum rc job_psa_sync(struct job_run *run, struct err *e);
enum rc job_integration_sync(struct job_run *run, struct err *e);
enum rc job_rebuild(struct job_run *run, struct err *e);
/* Makes the cards again as a part of another job, so that they are there when it is done. `ret_text` (may be NULL):
 * JSON. */
enum rc rebuild_now(struct job_run *run, const char **ret_text, struct err *e);
enum rc job_drain(struct job_run *run, struct err *e);
enum rc job_alerts(struct job_run *run, struct err *e);
enum rc job_notify(struct job_run *run, struct err *e);
enum rc job_import(struct job_run *run, struct err *e);
enum rc job_demo(struct job_run *run, struct err *e);
enum rc job_retain(struct job_run *run, struct err *e);

#endif
