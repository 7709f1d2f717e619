/* Sample data to look around in, and its end. */
#include "core/demo.h"

#include "api/app.h"
#include "api/route.h"

static enum rc post_demo(struct call *c, struct err *e)
{
	const char *job;
	enum rc rc = demo_begin(c->tx, c->app->vault, &c->who, &job, e);

	if (rc != RC_OK)
		return rc;
	c->audit_object = "demo";
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "job", job);
	jsonw_end_object(&c->out);
	return RC_OK;
}

/* A job that runs would write into what is being cleared: it ends first, the caller asks again. */
static enum rc delete_demo(struct call *c, struct err *e)
{
	enum rc rc = demo_end(c->tx, &c->who, e);

	c->audit_object = "demo";
	if (rc == RC_BUSY) {
		e->status = 503;
		e->retry_after = 1;
	}
	return rc;
}

const struct route demo_routes[] = {
	{ "POST", "/api/v1/demo", ROUTE_WRITE, ROLE_ADMIN, 202, post_demo, .event = "demo.started", .rate = RATE_APP,
		.summary = "Fill an empty organization with sample data to look around in; the job says when it is "
			   "there" },
	{ "DELETE", "/api/v1/demo", ROUTE_WRITE, ROLE_ADMIN, 204, delete_demo, .event = "demo.ended", .rate = RATE_APP,
		.summary = "Clear the sample data, to start with one's own; 409 where there is none, 503 while a job "
			   "runs" },
	{ NULL },
};
