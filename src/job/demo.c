/* Makes the sample data: reads the line report like any PSA, takes in what the sample vendors tell, makes the cards. */
#include "core/demo.h"

#include "job/kinds.h"

#define BY "demo data"

static enum rc fill_fn(struct tx *tx, void *arg, struct err *e)
{
	const struct job_run *run = arg;
	struct principal us = { .org = run->job->org, .id = run->job->id, .name = BY, .role = ROLE_ADMIN };

	return demo_fill(tx, &us, e);
}

enum rc job_demo(struct job_run *run, struct err *e)
{
	enum rc rc = job_psa_sync(run, e);

	if (rc == RC_OK)
		rc = job_report(run, "vendors", 0, 0, e);
	if (rc == RC_OK)
		rc = db_write(run->config->db, fill_fn, run, e);
	return rc == RC_OK ? rebuild_now(run, NULL, e) : rc;
}
