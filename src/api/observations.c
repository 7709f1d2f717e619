/* The ledger of counts: as it came, as of a day, and many counts at once. */
#include "api/export.h"
#include "core/usage/bulk.h"
#include "core/job.h"

#include <string.h>

/* Cards follow a little after counts, so that a caller who sends in pieces is answered once. */
#define REBUILD_AFTER (2 * CLOCK_SECOND)

/* A bare date as the end of a range means all of that day. */
static enum rc read_time(struct call *c, const char *name, bool end, utime *ret, struct err *e)
{
	const char *text = call_query(c, name);

	*ret = 0;
	if (!text)
		return RC_OK;
	if (clock_parse(text, ret) != RC_OK)
		return err_set(e, RC_INVALID, "?%s= is a time such as 2026-08-31T12:00:00Z, or a date.", name);
	if (end && strlen(text) == 10)
		*ret += CLOCK_DAY;
	return RC_OK;
}

static enum rc read_list(struct call *c, struct observe_list *l, struct err *e)
{
	*l = (struct observe_list){ .org = c->who.org,
		.integration = call_param(c, 0),
		.service = call_query(c, "service"),
		.account = call_query(c, "account"),
		.cursor = call_query(c, "cursor") };
	if (read_time(c, "from", false, &l->from, e) != RC_OK || read_time(c, "to", true, &l->to, e) != RC_OK)
		return e->rc;
	return call_limit(c, &l->limit, e);
}

static enum rc write_list(
	struct call *c, const struct observe_list *l, struct jsonw *w, const char **ret_next, struct err *e)
{
	const char *as_of = call_query(c, "as_of");
	day on = DAY_NONE;

	if (as_of && (strlen(as_of) != 10 || day_parse(as_of, &on) != RC_OK))
		return err_set(e, RC_INVALID, "?as_of= is a date such as 2026-08-31.");
	return as_of ? observe_write_as_of(c->tx, l, on, w, ret_next, e) : observe_write_list(c->tx, l, w, ret_next, e);
}

static enum rc get_observations(struct call *c, struct err *e)
{
	const char *next = NULL;
	struct observe_list l;
	enum rc rc = read_list(c, &l, e);

	if (rc != RC_OK)
		return rc;
	call_list_begin(c);
	rc = write_list(c, &l, &c->out, &next, e);
	call_list_end(c, next);
	return rc;
}

/* The first three are what an import of files looks for. */
static const struct export_column observation_columns[] = {
	{ "Account", "account_name" },
	{ "Service", "service_name" },
	{ "Quantity", "units", EXPORT_NUMBER },
	{ "Value", "value_state" },
	{ "Counted at", "observed_at" },
	{ "Received at", "received_at" },
	{ "Account reference", "account" },
	{ "Service reference", "service" },
	{ "Run", "run" },
	{ NULL },
};

static enum rc page_of_observations(
	struct call *c, const char *cursor, int64_t limit, struct jsonw *w, const char **ret_next, struct err *e)
{
	struct observe_list l;
	enum rc rc = read_list(c, &l, e);

	l.cursor = cursor;
	l.limit = limit;
	return rc == RC_OK ? write_list(c, &l, w, ret_next, e) : rc;
}

static enum rc export_observations(struct call *c, struct err *e)
{
	return export_table(c, &(struct export){ "counts", observation_columns, page_of_observations }, e);
}

static enum rc post_observations(struct call *c, struct err *e)
{
	struct bulk b = { .org = c->who.org,
		.integration = call_param(c, 0),
		.complete = json_true(json_get(c->body, "complete")),
		.items = json_get(c->body, "items") };
	struct bulk_result done;
	const char *job;
	enum rc rc = bulk_add(c->tx, &b, &done, e);

	if (rc == RC_OK)
		rc = job_enqueue(
			c->tx, b.org, JOB_REBUILD, "{}", "", clock_now() + REBUILD_AFTER, c->who.name, &job, e);
	if (rc != RC_OK)
		return rc;
	c->audit_object = arena_printf(c->arena, "integration %s", b.integration);
	c->audit_after = arena_printf(c->arena, "{\"run\":\"%s\",\"complete\":%s,\"accepted\":%lld,\"zeros\":%lld}",
		done.run, b.complete ? "true" : "false", (long long)done.accepted, (long long)done.zeros);
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "run", done.run);
	jsonw_kv_bool(&c->out, "complete", b.complete);
	jsonw_kv_int(&c->out, "accepted", done.accepted);
	jsonw_kv_int(&c->out, "zeros", done.zeros);
	jsonw_kv(&c->out, "job", job);
	jsonw_end_object(&c->out);
	return RC_OK;
}

static const struct field item[] = {
	{ "account", F_ANY, .required = true, .help = "its id here, or the vendor's own" },
	{ "service", F_ANY, .required = true, .help = "its id here, or the vendor's own" },
	{ "units", F_ANY, .required = true, .help = "a decimal of up to 60 digits, as a number or a text" },
	{ "observed_at", F_TEXT, .max = 40, .help = "when it was counted; default now" },
	{ NULL },
};

static const struct field bulk_body[] = {
	{ "complete", F_BOOL, .help = "true: these are all, every pair that is absent is zero" },
	{ "items", F_ARRAY, .required = true, .max = 100000, .members = item },
	{ NULL },
};

const struct route observations_routes[] = {
	{ "GET", "/api/v1/integrations/{id}/observations", ROUTE_READ, ROLE_VIEWER, 200, get_observations,
		.rate = RATE_APP,
		.summary = "Counts as they came, oldest first: ?account= ?service= ?from= ?to=; or ?as_of= a day, one "
			   "item per pair" },
	{ "GET", "/api/v1/integrations/{id}/observations.csv", ROUTE_READ, ROLE_VIEWER, 200, export_observations,
		.rate = RATE_APP,
		.summary = "Counts with the names of accounts and services, as a file; ?as_of= as above" },
	{ "GET", "/api/v1/integrations/{id}/observations.xlsx", ROUTE_READ, ROLE_VIEWER, 200, export_observations,
		.rate = RATE_APP, .summary = "Counts with the names of accounts and services, as a workbook" },
	{ "POST", "/api/v1/integrations/{id}/observations", ROUTE_WRITE, ROLE_APPROVER, 201, post_observations,
		bulk_body, .event = "observations.added", .rate = RATE_APP,
		.summary = "Many counts at once, all or nothing; complete = what is absent is zero" },
	{ NULL }
};
