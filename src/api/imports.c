/* Files of counts: bring one, say what its columns hold, run it. */
#include "api/app.h"
#include "api/routes.h"

#include "core/usage/import_look.h"
#include "core/usage/integration.h"
#include "core/page.h"

#include <string.h>

enum { NAME_MAX_BYTES = 255 };

/* A file on its way through a request. */
struct bringing {
	struct call *call;
	struct import_look look;
	struct import import;
	const char *save_as;
};

static enum rc answer(struct call *c, struct bringing *b, struct err *e)
{
	struct jsonw *w = &c->out;
	enum rc rc;

	c->audit_object = arena_printf(c->arena, "import %s", b->import.id);
	jsonw_object(w);
	jsonw_kv(w, "id", b->import.id);
	jsonw_key(w, "detected");
	import_look_write(&b->look, w);
	jsonw_key(w, "settings");
	import_settings_write(w, &b->look.settings);
	jsonw_kv(w, "integration", b->import.integration);
	jsonw_kv(w, "profile", b->look.profile.id);
	jsonw_kv(w, "duplicate_of", b->look.twin);
	rc = import_preview(&b->look, w, e);
	jsonw_end_object(w);
	return rc;
}

static enum rc bring_fn(struct tx *tx, void *arg, struct err *e)
{
	struct bringing *b = arg;
	struct call *c = b->call;

	return import_bring(tx, c->who.org, c->who.name, call_query(c, "filename"), c->rq->body, c->rq->body_len,
		&b->look, &b->import, e);
}

static enum rc post_import(struct call *c, struct err *e)
{
	struct bringing b = { .call = c, .look = { .arena = c->arena } };
	const char *name = call_query(c, "filename");
	enum rc rc;

	if (!name || strlen(name) > NAME_MAX_BYTES)
		return err_set(e, RC_INVALID,
			"Say what the file is called: POST /api/v1/imports?filename=usage.csv, with the file "
			"as the body.");
	if (!c->rq->body_len)
		return err_set(e, RC_INVALID, "The body is empty; send the file itself.");
	b.look.file = fmemopen((void *)(uintptr_t)c->rq->body, c->rq->body_len, "r");
	if (!b.look.file)
		return err_set(e, RC_INTERNAL, "The file cannot be opened in memory.");
	rc = import_look(&b.look, NULL, e);
	if (rc == RC_OK)
		rc = db_write(c->app->db, bring_fn, &b, e);
	if (rc == RC_OK)
		rc = answer(c, &b, e);
	fclose(b.look.file);
	return rc;
}

static enum rc load_fn(struct tx *tx, void *arg, struct err *e)
{
	struct bringing *b = arg;
	struct call *c = b->call;
	enum rc rc = import_get(tx, c->arena, c->who.org, call_param(c, 0), &b->import, e);

	if (rc == RC_OK)
		rc = import_twin(tx, c->arena, c->who.org, &b->import, &b->look.twin, e);
	return rc == RC_OK ? import_content(tx, c->who.org, b->import.id, b->look.file, e) : rc;
}

static enum rc set_fn(struct tx *tx, void *arg, struct err *e)
{
	struct bringing *b = arg;
	struct call *c = b->call;
	struct integration known;
	enum rc rc = tx_lock_org(tx, c->who.org, e);

	if (rc == RC_OK)
		rc = integration_get(tx, tx_arena(tx), c->who.org, b->import.integration, &known, e);
	if (rc == RC_NOT_FOUND)
		return err_at(e, RC_INVALID, "/integration", "There is no integration %.60s; make one first.",
			b->import.integration);
	if (rc == RC_OK)
		rc = import_set(tx, c->who.org, &b->import, e);
	if (rc == RC_OK && b->save_as)
		rc = import_profile_save(tx, c->who.org, b->save_as, &b->import, c->who.name, e);
	return rc;
}

/* Looks again with what `v` says about encoding and delimiter, then reads what it says about rows and columns. */
static enum rc read_choice(struct bringing *b, const struct json *v, struct err *e)
{
	const struct json *o = json_get(v, "options");
	const char *delimiter = json_member(o, "delimiter");
	struct sheet_options how = { json_member(o, "encoding"), delimiter ? *delimiter : 0,
		json_member(o, "worksheet") };
	struct import_look *l = &b->look;
	enum rc rc = import_look(l, &how, e);
	int64_t header_row = l->settings.header_row;

	(void)!json_int(json_get(v, "header_row"), 0, SHEET_ROWS_MAX, &header_row);
	if (rc == RC_OK)
		rc = import_look_header(l, header_row, e);
	if (rc == RC_OK)
		rc = import_settings_read(l->arena, v, l->header, &l->settings, e);
	if (rc != RC_OK)
		return rc;
	b->import.header_hash = import_header_hash(l->arena, l->header);
	b->import.encoding = l->facts.encoding;
	b->import.delimiter = l->facts.delimiter;
	b->import.worksheet = l->facts.worksheet;
	return RC_OK;
}

static enum rc choose(struct bringing *b, struct err *e)
{
	struct call *c = b->call;
	enum rc rc = read_choice(b, c->body, e);

	if (rc == RC_OK)
		rc = import_settings_whole(&b->look.settings, e);
	if (rc != RC_OK)
		return rc;
	b->import.integration = call_text(c, "integration");
	b->import.settings = import_settings_text(c->arena, &b->look.settings);
	return db_write(c->app->db, set_fn, b, e);
}

static enum rc profile_fn(struct tx *tx, void *arg, struct err *e)
{
	struct bringing *b = arg;
	struct call *c = b->call;
	enum rc rc = import_profile_find(tx, c->arena, c->who.org, b->import.header_hash, &b->look.profile, e);

	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* Reads the file in the way of the body, or as it is set so far when there are no columns in it; nothing is kept. */
static enum rc try_out(struct bringing *b, struct err *e)
{
	struct call *c = b->call;
	struct json *stored = NULL;
	enum rc rc = RC_OK;

	if (!json_get(c->body, "columns"))
		rc = json_parse(c->arena, b->import.settings, strlen(b->import.settings), NULL, &stored, e);
	if (rc == RC_OK)
		rc = read_choice(b, stored ? stored : c->body, e);
	return rc == RC_OK && *b->import.header_hash ? db_read(c->app->db, profile_fn, b, e) : rc;
}

/* With the file at hand: `fn`, and the answer. */
static enum rc look_again(struct call *c, enum rc (*fn)(struct bringing *b, struct err *e), struct err *e)
{
	struct bringing b = {
		.call = c, .look = { .arena = c->arena, .file = tmpfile() }, .save_as = call_text(c, "save_profile")
	};
	enum rc rc;

	if (!b.look.file)
		return err_set(e, RC_IO, "No temporary file can be made; is the disk full?");
	rc = db_read(c->app->db, load_fn, &b, e);
	if (rc == RC_OK)
		rc = fn(&b, e);
	if (rc == RC_OK)
		rc = answer(c, &b, e);
	fclose(b.look.file);
	return rc;
}

static enum rc put_import(struct call *c, struct err *e)
{
	return look_again(c, choose, e);
}

static enum rc preview_import(struct call *c, struct err *e)
{
	return look_again(c, try_out, e);
}

static enum rc run_import(struct call *c, struct err *e)
{
	const char *job;
	enum rc rc = tx_lock_org(c->tx, c->who.org, e);

	if (rc == RC_OK)
		rc = import_run(c->tx, c->who.org, call_param(c, 0), c->who.name, &job, e);
	if (rc != RC_OK)
		return rc;
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "job", job);
	jsonw_end_object(&c->out);
	return RC_OK;
}

static enum rc get_import(struct call *c, struct err *e)
{
	return import_write(c->tx, c->who.org, call_param(c, 0), &c->out, e);
}

static enum rc list_imports(struct call *c, struct err *e)
{
	const char *parts[1], *next = NULL;
	int64_t limit;
	enum rc rc = call_limit(c, &limit, e);

	if (rc == RC_OK)
		rc = page_read(c->arena, call_query(c, "cursor"), parts, 1, e);
	if (rc != RC_OK)
		return rc;
	call_list_begin(c);
	rc = import_write_list(c->tx, c->who.org, parts[0], limit, &c->out, &next, e);
	call_list_end(c, next ? page_cursor(c->arena, next, NULL) : NULL);
	return rc;
}

static enum rc delete_import(struct call *c, struct err *e)
{
	return import_delete(c->tx, c->who.org, call_param(c, 0), e);
}

static enum rc list_profiles(struct call *c, struct err *e)
{
	enum rc rc;

	call_list_begin(c);
	rc = import_profile_list(c->tx, c->who.org, &c->out, e);
	call_list_end(c, NULL);
	return rc;
}

static enum rc delete_profile(struct call *c, struct err *e)
{
	return import_profile_delete(c->tx, c->who.org, call_param(c, 0), e);
}

static const struct field settings_body[] = {
	{ "integration", F_TEXT, .required = true, .max = 64, .help = "whose counts these are" },
	{ "header_row", F_INT, .help = "number of the row with the headings, 0 = none" },
	{ "columns", F_OBJECT, .required = true,
		.help = "account, service, quantity, unit_cost, currency, period, note: a heading, "
			"or a number from 0" },
	{ "options", F_OBJECT,
		.help = "aggregate, complete, skip_rejected, decimal, thousands, encoding, delimiter, worksheet, "
			"account, service" },
	{ "save_profile", F_TEXT, .max = 200, .help = "remember these settings under this name" },
	{ NULL },
};

static const struct field preview_body[] = {
	{ "header_row", F_INT, .help = "number of the row with the headings, 0 = none" },
	{ "columns", F_OBJECT, .help = "as in PUT; absent = read as it is set so far" },
	{ "options", F_OBJECT, .help = "as in PUT" },
	{ NULL },
};

/* What an import says of itself, alone or in a list. */
/* clang-format off */
#define IMPORT_MEMBERS \
	{ "id", F_TEXT }, { "filename", F_TEXT }, { "size", F_INT, .help = "bytes" }, \
	{ "state", F_TEXT, .choices = "uploaded|ready|running|done|failed" }, \
	{ "integration", F_TEXT, .nullable = true }, { "settings", F_OBJECT, .help = "as in PUT" }, \
	{ "job", F_TEXT, .nullable = true }, { "run", F_TEXT, .nullable = true }, \
	{ "accepted", F_INT, .help = "rows" }, { "rejected_count", F_INT }, { "ignored", F_INT }, \
	{ "error", F_TEXT, .nullable = true }, { "created_by", F_TEXT }, { "created_at", F_TEXT }, \
	{ "finished_at", F_TEXT, .nullable = true },
/* clang-format on */

static const struct field import_item[] = { IMPORT_MEMBERS { NULL } };
static const struct field reject_item[] = { { "line", F_INT }, { "reason", F_TEXT }, { NULL } };
static const struct field import_answer[] = { IMPORT_MEMBERS
	{ "rejected", F_ARRAY, .members = reject_item, .help = "the first 1,000" }, { NULL } };
static const struct field profile_item[] = {
	{ "id", F_TEXT },
	{ "name", F_TEXT },
	{ "integration", F_TEXT },
	{ "settings", F_OBJECT },
	{ "updated_at", F_TEXT },
	{ NULL },
};

const struct route import_routes[] = {
	{ "POST", "/api/v1/imports", ROUTE_WORK, ROLE_APPROVER, 201, post_import, .event = "import.brought",
		.rate = RATE_APP, .max_body = BODY_MOST,
		.summary = "Bring a CSV, TSV or XLSX file as the body; ?filename=" },
	{ "GET", "/api/v1/imports", ROUTE_READ, ROLE_VIEWER, 200, list_imports, .rate = RATE_APP,
		.summary = "Files that were brought, newest first", .answer = import_item, .answer_list = true },
	{ "GET", "/api/v1/imports/{id}", ROUTE_READ, ROLE_VIEWER, 200, get_import, .rate = RATE_APP,
		.summary = "How an import went, with its rejected rows", .answer = import_answer },
	{ "PUT", "/api/v1/imports/{id}", ROUTE_WORK, ROLE_APPROVER, 200, put_import, settings_body,
		.event = "import.set", .rate = RATE_APP,
		.summary = "Say what the columns hold; answers with the preview again" },
	{ "POST", "/api/v1/imports/{id}/preview", ROUTE_WORK, ROLE_VIEWER, 200, preview_import, preview_body,
		.rate = RATE_APP, .summary = "What would become of the rows, read in this way; nothing is kept" },
	{ "POST", "/api/v1/imports/{id}/run", ROUTE_WRITE, ROLE_APPROVER, 202, run_import, .event = "import.run",
		.rate = RATE_APP, .summary = "Let the counts into the ledger, all or none" },
	{ "DELETE", "/api/v1/imports/{id}", ROUTE_WRITE, ROLE_APPROVER, 204, delete_import, .event = "import.deleted",
		.rate = RATE_APP, .summary = "Forget a file that was not run" },
	{ "GET", "/api/v1/import-profiles", ROUTE_READ, ROLE_VIEWER, 200, list_profiles, .rate = RATE_APP,
		.summary = "How known files are read", .answer = profile_item, .answer_list = true },
	{ "DELETE", "/api/v1/import-profiles/{id}", ROUTE_WRITE, ROLE_APPROVER, 204, delete_profile,
		.event = "import_profile.deleted", .rate = RATE_APP, .summary = "Forget how a known file is read" },
	{ NULL },
};
