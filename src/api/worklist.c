/* The work list: approved changes that a person makes in the PSA, as a list, as a file, and ticked off. */
#include "core/writes/worklist.h"

#include "api/app.h"
#include "api/route.h"
#include "core/book/psaconfig.h"

static enum rc get_list(struct call *c, struct err *e)
{
	const char *next = NULL;
	int64_t limit;
	enum rc rc = call_limit(c, &limit, e);

	if (rc != RC_OK)
		return rc;
	call_list_begin(c);
	rc = worklist_write(c->tx, c->who.org, call_query(c, "cursor"), limit, &c->out, &next, e);
	call_list_end(c, next);
	return rc;
}

/* The columns asked for, else those that the connected PSA's settings name. */
static enum rc columns_of(struct call *c, const char **ret, struct err *e)
{
	const struct json *settings;
	const char *kind;
	enum rc rc;

	*ret = call_query(c, "columns");
	if (*ret)
		return RC_OK;
	rc = psaconfig_plain(c->tx, c->arena, c->who.org, &kind, &settings, e);
	if (rc == RC_OK)
		*ret = json_member(settings, "export_columns");
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc get_csv(struct call *c, struct err *e)
{
	const char *columns;
	enum rc rc = columns_of(c, &columns, e);

	if (rc != RC_OK)
		return rc;
	c->content_type = "text/csv; charset=utf-8";
	call_add_header(c, "Content-Disposition", "attachment; filename=\"work-list.csv\"");
	return worklist_csv(c->tx, c->who.org, columns, &c->out_buf, e);
}

static enum rc close_item(struct call *c, bool done, struct err *e)
{
	const char *id = call_param(c, 0), *note = call_text(c, "note");
	enum rc rc = worklist_close(c->tx, &c->who, c->who.org, id, done, note, e);

	c->audit_object = arena_printf(c->arena, "write %s", id);
	c->audit_why = note;
	if (rc != RC_OK)
		return rc;
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "id", id);
	jsonw_kv(&c->out, "state", done ? "applied" : "refused");
	jsonw_end_object(&c->out);
	return RC_OK;
}

static enum rc post_done(struct call *c, struct err *e)
{
	return close_item(c, true, e);
}

static enum rc post_not_done(struct call *c, struct err *e)
{
	return close_item(c, false, e);
}

static const struct field note_body[] = { { "note", F_TEXT, .max = 2000, .help = "kept in the log" }, { NULL } };

const struct route worklist_routes[] = {
	{ "GET", "/api/v1/worklist", ROUTE_READ, ROLE_VIEWER, 200, get_list, .rate = RATE_APP,
		.summary = "Approved changes that a person makes in the PSA, with names and steps" },
	{ "GET", "/api/v1/worklist.csv", ROUTE_READ, ROLE_VIEWER, 200, get_csv, .rate = RATE_APP,
		.summary = "The same as a file; ?columns=Header=field,Header=field" },
	{ "POST", "/api/v1/writes/{id}/done", ROUTE_WRITE, ROLE_APPROVER, 200, post_done, note_body,
		.event = "worklist.done", .rate = RATE_APP,
		.summary = "The change was made in the PSA; the next reading is the judge" },
	{ "POST", "/api/v1/writes/{id}/not-done", ROUTE_WRITE, ROLE_APPROVER, 200, post_not_done, note_body,
		.event = "worklist.not_done", .rate = RATE_APP,
		.summary = "The change was not made: its card is open again" },
	{ NULL }
};
