/* Jobs: how far long work is, and how it ended. */
#include "api/route.h"
#include "core/job.h"
#include "core/page.h"

static enum rc get_job(struct call *c, struct err *e)
{
	return job_write(c->tx, c->who.org, call_param(c, 0), &c->out, e);
}

static enum rc get_jobs(struct call *c, struct err *e)
{
	const char *kind = call_query(c, "kind");
	const char *before[1], *next = NULL;
	int64_t limit;
	enum rc rc = call_limit(c, &limit, e);

	if (rc == RC_OK)
		rc = page_read(c->arena, call_query(c, "cursor"), before, 1, e);
	if (rc != RC_OK)
		return rc;
	call_list_begin(c);
	rc = job_write_list(c->tx, c->who.org, kind ? kind : "", before[0], limit, &c->out, &next, e);
	call_list_end(c, next ? page_cursor(c->arena, next, NULL) : NULL);
	return rc;
}

const struct route job_routes[] = { { "GET", "/api/v1/jobs", ROUTE_READ, ROLE_VIEWER, 200, get_jobs, .rate = RATE_APP,
					    .summary = "Long work, newest first; ?kind=" },
	{ "GET", "/api/v1/jobs/{id}", ROUTE_READ, ROLE_VIEWER, 200, get_job, .rate = RATE_APP,
		.summary = "One job: state, progress, error" },
	{ NULL } };
