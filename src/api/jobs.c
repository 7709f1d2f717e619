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

static const struct field progress_members[] = {
	{ "done", F_INT },
	{ "total", F_INT, .help = "0 = not known" },
	{ "phase", F_TEXT, .nullable = true },
	{ NULL },
};

static const struct field job_answer[] = {
	{ "id", F_TEXT },
	{ "kind", F_TEXT },
	{ "integration", F_TEXT, .nullable = true },
	{ "state", F_TEXT },
	{ "progress", F_OBJECT, .members = progress_members },
	{ "error", F_TEXT, .nullable = true },
	{ "result", F_OBJECT, .nullable = true, .help = "what it did, by its kind" },
	{ "attempts", F_INT },
	{ "created_by", F_TEXT },
	{ "created_at", F_TEXT },
	{ "started_at", F_TEXT, .nullable = true },
	{ "finished_at", F_TEXT, .nullable = true },
	{ NULL },
};

const struct route job_routes[] = {
	{ "GET", "/api/v1/jobs", ROUTE_READ, ROLE_VIEWER, 200, get_jobs, .rate = RATE_APP,
		.summary = "Long work, newest first; ?kind=", .answer = job_answer, .answer_list = true },
	{ "GET", "/api/v1/jobs/{id}", ROUTE_READ, ROLE_VIEWER, 200, get_job, .rate = RATE_APP,
		.summary = "One job: state, progress, error", .answer = job_answer },
	{ NULL },
};
