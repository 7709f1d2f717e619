/* The log of every change. */
#include "core/audit.h"
#include "api/export.h"

static enum rc read_time(struct call *c, const char *name, utime *ret, struct err *e)
{
	const char *text = call_query(c, name);

	if (text && clock_parse(text, ret) != RC_OK)
		return err_set(
			e, RC_INVALID, "%s=%s is neither a date nor a time such as 2027-01-31T12:00:00Z.", name, text);
	return RC_OK;
}

static enum rc read_filter(struct call *c, struct audit_filter *f, struct err *e)
{
	enum rc rc;

	*f = (struct audit_filter){
		.event = call_query(c, "event"), .actor = call_query(c, "actor"), .object = call_query(c, "object")
	};
	rc = read_time(c, "from", &f->from, e);
	return rc == RC_OK ? read_time(c, "to", &f->to, e) : rc;
}

static enum rc get_audit(struct call *c, struct err *e)
{
	const char *next = NULL;
	struct audit_filter f;
	enum rc rc = read_filter(c, &f, e);

	if (rc == RC_OK)
		rc = call_limit(c, &f.limit, e);
	if (rc != RC_OK)
		return rc;
	f.cursor = call_query(c, "cursor");
	call_list_begin(c);
	rc = audit_list(c->tx, c->who.org, &f, &c->out, &next, e);
	call_list_end(c, next);
	return rc;
}

static const struct export_column audit_columns[] = {
	{ "Number", "seq", EXPORT_NUMBER },
	{ "At", "at" },
	{ "Who", "actor" },
	{ "What", "event" },
	{ "On", "object" },
	{ "Why", "why" },
	{ "Before", "before" },
	{ "After", "after" },
	{ "Request", "request_id" },
	{ "Hash", "hash" },
	{ NULL },
};

static enum rc page_of_audit(
	struct call *c, const char *cursor, int64_t limit, struct jsonw *w, const char **ret_next, struct err *e)
{
	struct audit_filter f;
	enum rc rc = read_filter(c, &f, e);

	f.cursor = cursor;
	f.limit = limit;
	return rc == RC_OK ? audit_list(c->tx, c->who.org, &f, w, ret_next, e) : rc;
}

static enum rc export_audit(struct call *c, struct err *e)
{
	return export_table(c, &(struct export){ "activity", audit_columns, page_of_audit }, e);
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
	{ "GET", "/api/v1/audit.csv", ROUTE_READ, ROLE_VIEWER, 200, export_audit, .rate = RATE_APP,
		.summary = "The log that the same filters let through, as a file" },
	{ "GET", "/api/v1/audit.xlsx", ROUTE_READ, ROLE_VIEWER, 200, export_audit, .rate = RATE_APP,
		.summary = "The log that the same filters let through, as a workbook" },
	{ "GET", "/api/v1/audit/verify", ROUTE_READ, ROLE_VIEWER, 200, get_verify, .rate = RATE_APP,
		.summary = "Whether the log's chain is whole" },
	{ NULL }
};
