/* The log of every change. */
#include "core/audit.h"
#include "api/route.h"

static enum rc read_time(struct call *c, const char *name, utime *ret, struct err *e)
{
	const char *text = call_query(c, name);

	if (text && clock_parse(text, ret) != RC_OK)
		return err_set(
			e, RC_INVALID, "%s=%s is neither a date nor a time such as 2027-01-31T12:00:00Z.", name, text);
	return RC_OK;
}

static enum rc get_audit(struct call *c, struct err *e)
{
	struct audit_filter f = { .event = call_query(c, "event"),
		.actor = call_query(c, "actor"),
		.object = call_query(c, "object"),
		.cursor = call_query(c, "cursor") };
	const char *next = NULL;
	enum rc rc = call_limit(c, &f.limit, e);

	if (rc == RC_OK)
		rc = read_time(c, "from", &f.from, e);
	if (rc == RC_OK)
		rc = read_time(c, "to", &f.to, e);
	if (rc != RC_OK)
		return rc;
	call_list_begin(c);
	rc = audit_list(c->tx, c->who.org, &f, &c->out, &next, e);
	call_list_end(c, next);
	return rc;
}

static enum rc get_verify(struct call *c, struct err *e)
{
	struct audit_verdict verdict;
	enum rc rc = audit_verify(c->tx, c->who.org, &verdict, e);

	if (rc == RC_OK)
		audit_write_verdict(&c->out, &verdict);
	return rc;
}

const struct route audit_routes[] = {
	{ "GET", "/api/v1/audit", ROUTE_READ, ROLE_VIEWER, 200, get_audit, .rate = RATE_APP,
		.summary = "The log, newest first; ?event= (mapping. for all that begin so) "
			   "?actor= ?object= ?from= ?to=" },
	{ "GET", "/api/v1/audit/verify", ROUTE_READ, ROLE_VIEWER, 200, get_verify, .rate = RATE_APP,
		.summary = "Whether the log's chain is whole" },
	{ NULL }
};
