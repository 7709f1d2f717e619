/* The line report of a PSA over files: looked through before it is kept, so that a broken one never takes the place of
 * a good one. Reading it into the book is a sync like any other. */
#include "core/book/psafile.h"

#include "api/app.h"
#include "api/route.h"
#include "core/demo.h"
#include "core/book/psaconfig.h"

#include <string.h>

enum { NAME_BYTES = 200, SKIPS_SHOWN = 100 };

struct look {
	struct call *call;
	struct psaconfig config;
	const char *name;
	int64_t accounts, products, contracts, lines, skipped;
};

static enum rc config_fn(struct tx *tx, void *arg, struct err *e)
{
	struct look *l = arg;

	return psaconfig_get(tx, l->call->app->vault, l->call->arena, l->call->who.org, &l->config, e);
}

static enum rc keep_fn(struct tx *tx, void *arg, struct err *e)
{
	struct look *l = arg;
	struct call *c = l->call;
	enum rc rc = tx_lock_org(tx, c->who.org, e);

	if (rc == RC_OK)
		rc = demo_refuse(tx, c->who.org, "A report of your own can be brought", e);
	if (rc != RC_OK)
		return rc;
	return psafile_put(tx, c->who.org, l->name, c->rq->body, c->rq->body_len, c->who.name, e);
}

static enum rc see_account(void *arg, const struct psa_account *a, struct err *e)
{
	struct look *l = arg;

	l->accounts++;
	return RC_OK;
}

static enum rc see_product(void *arg, const struct psa_product *p, struct err *e)
{
	struct look *l = arg;

	l->products++;
	return RC_OK;
}

static enum rc see_contract(void *arg, const struct psa_contract *c, struct err *e)
{
	struct look *l = arg;

	l->contracts++;
	return RC_OK;
}

static enum rc see_lines(void *arg, const char *contract, const struct psa_line *lines, size_t count, struct err *e)
{
	struct look *l = arg;

	l->lines += (int64_t)count;
	return RC_OK;
}

static enum rc see_skip(
	void *arg, const char *what, const char *id, const char *name, const char *reason, struct err *e)
{
	struct look *l = arg;
	struct jsonw *w = &l->call->out;

	if (l->skipped++ >= SKIPS_SHOWN)
		return RC_OK;
	jsonw_object(w);
	jsonw_kv(w, "what", id);
	jsonw_kv(w, "name", name);
	jsonw_kv(w, "reason", reason);
	jsonw_end_object(w);
	return RC_OK;
}

static enum rc see_progress(void *arg, const char *phase, int64_t done, int64_t total, struct err *e)
{
	return RC_OK;
}

static enum rc see_checkpoint(void *arg, const char *cursor, struct err *e)
{
	return RC_OK;
}

static bool never(void *arg)
{
	return false;
}

static enum rc look_through(struct look *l, struct err *e)
{
	struct call *c = l->call;
	struct psa_host host = {
		.today = day_today(), .file = c->rq->body, .file_len = c->rq->body_len, .file_name = l->name
	};
	struct psa_sink sink = { l, see_account, see_product, see_contract, see_lines, see_skip, see_progress,
		see_checkpoint, never };
	struct psa_sync how = { .full = true };
	struct psa_conn *conn;
	enum rc rc = l->config.ops->open(&host, l->config.settings, &conn, e);

	if (rc != RC_OK)
		return rc;
	rc = l->config.ops->sync(conn, &how, &sink, e);
	l->config.ops->close(conn);
	return rc;
}

static enum rc post_file(struct call *c, struct err *e)
{
	struct look l = { .call = c, .name = call_query(c, "filename") };
	enum rc rc;

	if (!l.name || strlen(l.name) > NAME_BYTES)
		return err_set(e, RC_INVALID,
			"Say what the file is called: POST /api/v1/psa/file?filename=lines.csv, with the file as the "
			"body.");
	rc = db_read(c->app->db, config_fn, &l, e);
	if (rc == RC_NOT_FOUND || (rc == RC_OK && !(l.config.ops->caps & PSA_CAP_FILE)))
		return err_set(e, RC_CONFLICT,
			"The connected PSA is not one over files. Connect it first: PUT /api/v1/psa "
			"{\"kind\":\"files\"}.");
	if (rc != RC_OK)
		return rc;
	jsonw_object(&c->out);
	jsonw_key(&c->out, "skipped");
	jsonw_array(&c->out);
	rc = look_through(&l, e);
	jsonw_end_array(&c->out);
	jsonw_kv_int(&c->out, "accounts", l.accounts);
	jsonw_kv_int(&c->out, "products", l.products);
	jsonw_kv_int(&c->out, "contracts", l.contracts);
	jsonw_kv_int(&c->out, "lines", l.lines);
	jsonw_kv_int(&c->out, "skipped_count", l.skipped);
	jsonw_end_object(&c->out);
	c->audit_object = arena_printf(c->arena, "file %s", l.name);
	return rc == RC_OK ? db_write(c->app->db, keep_fn, &l, e) : rc;
}

const struct route psafile_routes[] = {
	{ "POST", "/api/v1/psa/file", ROUTE_WORK, ROLE_ADMIN, 200, post_file, .event = "psa.file", .rate = RATE_APP,
		.summary = "Bring the line report of a PSA over files as the body, CSV or XLSX; ?filename=",
		.max_body = BODY_MOST },
	{ NULL }
};
