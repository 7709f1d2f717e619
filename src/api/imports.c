/* Files of counts: bring one, say what its columns hold, run it. */
#include "api/app.h"
#include "api/routes.h"

#include "base/codec.h"
#include "core/import.h"
#include "core/integration.h"
#include "core/page.h"

#include <string.h>

enum { LOOK_ROWS = 60, PREVIEW_ROWS = 20, READ_ROWS = 20000, NAME_MAX_BYTES = 255 };

/* A file that is being looked at. */
struct look {
	struct arena *arena;
	FILE *file;
	struct sheet_facts facts;
	struct sheet_row row[LOOK_ROWS];	/* the first ones; cells in the arena */
	size_t rows;
	struct sheet_guess guess;
	struct import_settings settings;
	const struct sheet_row *header;		/* among the rows, or NULL */
};

static struct sheet_row keep_row(struct arena *a, const struct sheet_row *row)
{
	const char **cell = arena_array(a, row->count + 1, sizeof(*cell));

	for (size_t i = 0; i < row->count; i++)
		cell[i] = arena_strdup(a, row->cell[i]);
	return (struct sheet_row){ row->line, row->count, cell };
}

static enum rc look_at(struct look *l, const struct sheet_options *o, struct err *e)
{
	struct sheet *s;
	struct sheet_row row;
	enum rc rc = sheet_open(l->file, o, &s, e);

	if (rc != RC_OK)
		return rc;
	l->facts = sheet_facts(s);
	l->facts.worksheet = l->facts.worksheet ? arena_strdup(l->arena, l->facts.worksheet) : NULL;
	l->rows = 0;
	while (l->rows < LOOK_ROWS && (rc = sheet_next(s, &row, e)) == RC_OK)
		l->row[l->rows++] = keep_row(l->arena, &row);
	sheet_close(s);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	sheet_guess(l->row, l->rows, &l->guess);
	return RC_OK;
}

static const struct sheet_row *row_at(const struct look *l, int64_t line)
{
	for (size_t i = 0; line && i < l->rows; i++) {
		if (l->row[i].line == line)
			return &l->row[i];
	}
	return NULL;
}

static void write_header(struct jsonw *w, const struct sheet_row *header)
{
	jsonw_array(w);
	for (size_t i = 0; header && i < header->count; i++)
		jsonw_string(w, header->cell[i]);
	jsonw_end_array(w);
}

static void write_detected(struct jsonw *w, const struct look *l)
{
	char delimiter[2] = { l->facts.delimiter, '\0' };

	jsonw_object(w);
	jsonw_kv(w, "format", l->facts.format == SHEET_XLSX ? "xlsx" : l->facts.delimiter == '\t' ? "tsv" : "csv");
	jsonw_kv(w, "encoding", l->facts.encoding);
	jsonw_kv(w, "delimiter", *delimiter ? delimiter : NULL);
	jsonw_kv(w, "worksheet", l->facts.worksheet);
	jsonw_kv_int(w, "header_row", l->settings.header_row);
	jsonw_key(w, "columns");
	write_header(w, l->header);
	jsonw_end_object(w);
}

static void write_row(struct jsonw *w, const struct sheet_row *row, const struct import_line *line, enum import_verdict verdict)
{
	static const char *const words[] = { [IMPORT_LINE] = "accepted", [IMPORT_IGNORED] = "ignored", [IMPORT_REJECTED] = "rejected" };

	jsonw_object(w);
	jsonw_kv_int(w, "line", row->line);
	jsonw_kv(w, "verdict", words[verdict]);
	jsonw_kv(w, "reason", line->reason);
	jsonw_key(w, "cells");
	write_header(w, row);
	if (verdict == IMPORT_LINE) {
		jsonw_kv(w, "account", line->account);
		jsonw_kv(w, "service", line->service);
		jsonw_kv_qty(w, "quantity", line->quantity);
		if (line->has_cost)
			jsonw_kv_qty(w, "unit_cost", line->unit_cost);
	}
	jsonw_end_object(w);
}

/* Reads the beginning of the file as the run would, and says what would become of each row. */
static enum rc write_preview(struct jsonw *w, struct look *l, struct err *e)
{
	struct sheet_options o = { l->settings.encoding, l->settings.delimiter, l->settings.worksheet };
	int64_t count[3] = { 0 }, shown = 0, read = 0;
	struct arena a = ARENA_INIT;
	struct sheet_row row;
	struct sheet *s;
	enum rc rc = sheet_open(l->file, &o, &s, e);

	if (rc != RC_OK)
		return rc;
	jsonw_key(w, "preview");
	jsonw_array(w);
	while (read < READ_ROWS && (rc = sheet_next(s, &row, e)) == RC_OK) {
		struct import_line line;
		enum import_verdict verdict = import_read_row(&a, &l->settings, l->header, &row, &line);

		read++;
		count[verdict]++;
		/* The first rows, and after them the first that would be rejected. */
		if (shown < PREVIEW_ROWS || (verdict == IMPORT_REJECTED && count[IMPORT_REJECTED] <= PREVIEW_ROWS)) {
			write_row(w, &row, &line, verdict);
			shown++;
		}
		arena_release(&a);
	}
	jsonw_end_array(w);
	sheet_close(s);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	jsonw_key(w, "rows");
	jsonw_object(w);
	jsonw_kv_int(w, "accepted", count[IMPORT_LINE]);
	jsonw_kv_int(w, "rejected", count[IMPORT_REJECTED]);
	jsonw_kv_int(w, "ignored", count[IMPORT_IGNORED]);
	jsonw_kv_bool(w, "all_read", rc == RC_NOT_FOUND);
	jsonw_end_object(w);
	return RC_OK;
}

static char *settings_text(struct arena *a, const struct import_settings *s)
{
	struct buf b = BUF_INIT(64 << 10);
	struct jsonw w;
	char *text;

	jsonw_init(&w, &b, 0);
	import_settings_write(&w, s);
	text = arena_strdup(a, buf_text(&b));
	buf_release(&b);
	return text;
}

/* What is known of an import beside its rows. */
struct bringing {
	struct call *call;
	struct import import;
	struct import_profile profile;
	const char *twin, *save_as;
	FILE *file;		/* where the kept file goes */
};

static enum rc bring_fn(struct tx *tx, void *arg, struct err *e)
{
	struct bringing *b = arg;
	struct call *c = b->call;
	struct import i = b->import;
	enum rc rc = import_add(tx, c->who.org, &i, c->rq->body, c->rq->body_len, e);

	if (rc == RC_OK)
		rc = import_twin(tx, c->arena, c->who.org, &i, &b->twin, e);
	b->import.id = rc == RC_OK ? arena_strdup(c->arena, i.id) : NULL;
	return rc;
}

static enum rc profile_fn(struct tx *tx, void *arg, struct err *e)
{
	struct bringing *b = arg;
	enum rc rc = import_profile_find(tx, b->call->arena, b->call->who.org, b->import.header_hash, &b->profile, e);

	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* A file with the headings of an earlier one is read as that one was. */
static enum rc use_profile(struct bringing *b, struct look *l, struct err *e)
{
	struct json *v;
	enum rc rc = *b->import.header_hash ? db_read(b->call->app->db, profile_fn, b, e) : RC_OK;

	if (rc != RC_OK || !b->profile.id)
		return rc;
	rc = json_parse(l->arena, b->profile.settings, strlen(b->profile.settings), NULL, &v, e);
	if (rc == RC_OK)
		rc = import_settings_read(l->arena, v, l->header, &l->settings, e);
	/* The heading may stand in another row this month. */
	l->settings.header_row = l->header ? l->header->line : 0;
	b->import.integration = b->profile.integration;
	b->import.state = "ready";
	return rc;
}

static void answer(struct call *c, const struct bringing *b, const struct look *l)
{
	struct jsonw *w = &c->out;

	jsonw_kv(w, "id", b->import.id);
	jsonw_key(w, "detected");
	write_detected(w, l);
	jsonw_key(w, "settings");
	import_settings_write(w, &l->settings);
	jsonw_kv(w, "integration", b->import.integration);
	jsonw_kv(w, "profile", b->profile.id);
	jsonw_kv(w, "duplicate_of", b->twin);
}

static enum rc bring(struct call *c, struct look *l, struct err *e)
{
	struct bringing b = { .call = c, .import = { .state = "uploaded", .size = (int64_t)c->rq->body_len, .created_by = c->who.name } };
	char *hash = arena_alloc(c->arena, HASH_TEXT);
	enum rc rc = look_at(l, NULL, e);

	if (rc != RC_OK)
		return rc;
	import_settings_guess(&l->guess, l->row, &l->settings);
	l->header = row_at(l, l->settings.header_row);
	hash_hex(c->rq->body, c->rq->body_len, hash);
	b.import.filename = call_query(c, "filename");
	b.import.content_hash = hash;
	b.import.header_hash = import_header_hash(c->arena, l->header);
	rc = use_profile(&b, l, e);
	if (rc != RC_OK)
		return rc;
	b.import.format = l->facts.format == SHEET_XLSX ? "xlsx" : "text";
	b.import.encoding = l->facts.encoding;
	b.import.delimiter = l->facts.delimiter;
	b.import.worksheet = l->facts.worksheet;
	b.import.settings = settings_text(c->arena, &l->settings);
	rc = db_write(c->app->db, bring_fn, &b, e);
	if (rc != RC_OK)
		return rc;
	c->audit_object = arena_printf(c->arena, "import %s", b.import.id);
	jsonw_object(&c->out);
	answer(c, &b, l);
	rc = write_preview(&c->out, l, e);
	jsonw_end_object(&c->out);
	return rc;
}

static enum rc post_import(struct call *c, struct err *e)
{
	struct look l = { .arena = c->arena };
	const char *name = call_query(c, "filename");
	enum rc rc;

	if (!name || strlen(name) > NAME_MAX_BYTES)
		return err_set(e, RC_INVALID, "Say what the file is called: POST /api/v1/imports?filename=usage.csv, with the file as the body.");
	if (!c->rq->body_len)
		return err_set(e, RC_INVALID, "The body is empty; send the file itself.");
	l.file = fmemopen((void *)(uintptr_t)c->rq->body, c->rq->body_len, "r");
	if (!l.file)
		return err_set(e, RC_INTERNAL, "The file cannot be opened in memory.");
	rc = bring(c, &l, e);
	fclose(l.file);
	return rc;
}

static enum rc load_fn(struct tx *tx, void *arg, struct err *e)
{
	struct bringing *b = arg;
	struct call *c = b->call;
	enum rc rc = import_get(tx, c->arena, c->who.org, call_param(c, 0), &b->import, e);

	return rc == RC_OK ? import_twin(tx, c->arena, c->who.org, &b->import, &b->twin, e) : rc;
}

static enum rc content_fn(struct tx *tx, void *arg, struct err *e)
{
	struct bringing *b = arg;

	return import_content(tx, b->call->who.org, call_param(b->call, 0), b->file, e);
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
		return err_at(e, RC_INVALID, "/integration", "There is no integration %.60s; make one first.", b->import.integration);
	if (rc == RC_OK)
		rc = import_set(tx, c->who.org, &b->import, e);
	if (rc == RC_OK && b->save_as)
		rc = import_profile_save(tx, c->who.org, b->save_as, &b->import, c->who.name, e);
	return rc;
}

static enum rc choose(struct call *c, struct bringing *b, struct look *l, struct err *e)
{
	const struct json *o = json_get(c->body, "options");
	struct sheet_options how = { json_member(o, "encoding"), 0, json_member(o, "worksheet") };
	const char *delimiter = json_member(o, "delimiter");
	int64_t header_row = l->settings.header_row;
	enum rc rc;

	how.delimiter = delimiter ? *delimiter : 0;
	rc = look_at(l, &how, e);
	if (rc != RC_OK)
		return rc;
	(void)!json_int(json_get(c->body, "header_row"), 0, SHEET_ROWS_MAX, &header_row);
	l->header = row_at(l, header_row);
	if (header_row && !l->header)
		return err_at(e, RC_INVALID, "/header_row", "The heading must be one of the first %d rows.", LOOK_ROWS);
	rc = import_settings_read(c->arena, c->body, l->header, &l->settings, e);
	if (rc != RC_OK)
		return rc;
	b->import.header_hash = import_header_hash(c->arena, l->header);
	b->import.encoding = l->facts.encoding;
	b->import.delimiter = l->facts.delimiter;
	b->import.worksheet = l->facts.worksheet;
	b->import.integration = call_text(c, "integration");
	b->import.settings = settings_text(c->arena, &l->settings);
	return db_write(c->app->db, set_fn, b, e);
}

static enum rc put_with_file(struct call *c, struct look *l, struct err *e)
{
	struct bringing b = { .call = c, .save_as = call_text(c, "save_profile"), .file = l->file };
	enum rc rc = db_read(c->app->db, load_fn, &b, e);

	if (rc == RC_OK)
		rc = db_read(c->app->db, content_fn, &b, e);
	if (rc == RC_OK)
		rc = choose(c, &b, l, e);
	if (rc != RC_OK)
		return rc;
	jsonw_object(&c->out);
	answer(c, &b, l);
	rc = write_preview(&c->out, l, e);
	jsonw_end_object(&c->out);
	return rc;
}

static enum rc put_import(struct call *c, struct err *e)
{
	struct look l = { .arena = c->arena, .file = tmpfile() };
	enum rc rc;

	if (!l.file)
		return err_set(e, RC_IO, "No temporary file can be made; is the disk full?");
	rc = put_with_file(c, &l, e);
	fclose(l.file);
	return rc;
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
	{ "columns", F_OBJECT, .required = true, .help = "account, service, quantity, unit_cost, currency, period, note: a heading, or a number from 0" },
	{ "options", F_OBJECT, .help = "aggregate, complete, skip_rejected, decimal, thousands, encoding, delimiter, worksheet, account, service" },
	{ "save_profile", F_TEXT, .max = 200, .help = "remember these settings under this name" },
	{ NULL },
};

const struct route import_routes[] = {
	{ "POST", "/api/v1/imports", ROUTE_WORK, ROLE_APPROVER, 201, post_import, .event = "import.brought", .rate = RATE_APP,
		.max_body = BODY_MOST, .summary = "Bring a CSV, TSV or XLSX file as the body; ?filename=" },
	{ "GET", "/api/v1/imports", ROUTE_READ, ROLE_VIEWER, 200, list_imports, .rate = RATE_APP, .summary = "Files that were brought, newest first" },
	{ "GET", "/api/v1/imports/{id}", ROUTE_READ, ROLE_VIEWER, 200, get_import, .rate = RATE_APP,
		.summary = "How an import went, with its rejected rows" },
	{ "PUT", "/api/v1/imports/{id}", ROUTE_WORK, ROLE_APPROVER, 200, put_import, settings_body, .event = "import.set", .rate = RATE_APP,
		.summary = "Say what the columns hold; answers with the preview again" },
	{ "POST", "/api/v1/imports/{id}/run", ROUTE_WRITE, ROLE_APPROVER, 202, run_import, .event = "import.run", .rate = RATE_APP,
		.summary = "Let the counts into the ledger, all or none" },
	{ "DELETE", "/api/v1/imports/{id}", ROUTE_WRITE, ROLE_APPROVER, 204, delete_import, .event = "import.deleted", .rate = RATE_APP,
		.summary = "Forget a file that was not run" },
	{ "GET", "/api/v1/import-profiles", ROUTE_READ, ROLE_VIEWER, 200, list_profiles, .rate = RATE_APP, .summary = "How known files are read" },
	{ "DELETE", "/api/v1/import-profiles/{id}", ROUTE_WRITE, ROLE_APPROVER, 204, delete_profile, .event = "import_profile.deleted",
		.rate = RATE_APP, .summary = "Forget how a known file is read" },
	{ NULL },
};
