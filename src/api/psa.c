/* The PSA: which one, with what settings, does it answer, read it now, and what it holds. */
#include "api/app.h"
#include "api/route.h"
#include "core/book/booklist.h"
#include "core/job.h"
#include "core/book/psaconfig.h"
#include "core/book/psafile.h"

#include <stdlib.h>
#include <string.h>

static void write_setting(struct jsonw *w, const struct psa_setting *s)
{
	jsonw_object(w);
	jsonw_kv(w, "name", s->name);
	jsonw_kv(w, "label", s->label);
	jsonw_kv(w, "type", s->type);
	jsonw_kv_bool(w, "secret", s->secret);
	jsonw_kv_bool(w, "required", s->required);
	jsonw_kv(w, "default", s->fallback);
	jsonw_kv(w, "help", s->help);
	jsonw_end_object(w);
}

static void write_words(struct jsonw *w, const struct psa_ops *ops)
{
	jsonw_key(w, "words");
	jsonw_object(w);
	jsonw_kv(w, "account", ops->word_account);
	jsonw_kv(w, "contract", ops->word_contract);
	jsonw_kv(w, "line", ops->word_line);
	jsonw_kv(w, "product", ops->word_product);
	jsonw_end_object(w);
}

static void write_abilities(struct jsonw *w, unsigned caps)
{
	jsonw_key(w, "can");
	jsonw_object(w);
	jsonw_kv_bool(w, "decimals", caps & PSA_CAP_DECIMALS);
	jsonw_kv_bool(w, "effective_date", caps & PSA_CAP_EFFECTIVE_DATE);
	jsonw_kv_bool(w, "add_line", caps & PSA_CAP_ADD_LINE);
	jsonw_kv_bool(w, "tickets", caps & PSA_CAP_TICKETS);
	jsonw_kv_bool(w, "by_hand", caps & PSA_CAP_BY_HAND);
	jsonw_kv_bool(w, "file", caps & PSA_CAP_FILE);
	jsonw_kv_bool(w, "costs", caps & PSA_CAP_COST);
	jsonw_kv_bool(w, "line_costs", caps & PSA_CAP_LINE_COST);
	jsonw_end_object(w);
}

static enum rc get_kinds(struct call *c, struct err *e)
{
	struct jsonw *w = &c->out;
	const struct psa_ops *ops;

	call_list_begin(c);
	for (size_t i = 0; (ops = psa_at(i)); i++) {
		jsonw_object(w);
		jsonw_kv(w, "kind", ops->kind);
		jsonw_kv(w, "name", ops->name);
		jsonw_key(w, "settings");
		jsonw_array(w);
		for (const struct psa_setting *s = ops->settings; s->name; s++)
			write_setting(w, s);
		jsonw_end_array(w);
		write_words(w, ops);
		write_abilities(w, ops->caps);
		jsonw_end_object(w);
	}
	call_list_end(c, NULL);
	return RC_OK;
}

static enum rc get_psa(struct call *c, struct err *e)
{
	return psaconfig_write(c->tx, c->who.org, &c->out, e);
}

static enum rc put_psa(struct call *c, struct err *e)
{
	const char *kind = call_text(c, "kind");
	enum rc rc = tx_lock_org(c->tx, c->who.org, e);

	if (rc == RC_OK)
		rc = psaconfig_put(c->tx, c->app->vault, c->who.org, kind, json_get(c->body, "settings"), e);
	if (rc != RC_OK)
		return rc;
	c->audit_object = "psa";
	c->audit_after = arena_printf(c->arena, "{\"kind\":\"%s\"}", kind);
	return psaconfig_write(c->tx, c->who.org, &c->out, e);
}

struct test {
	struct call *call;
	struct psaconfig config;
	bool all_ok;
	char *file; /* of a PSA over files */
	size_t file_len;
	const char *file_name;
};

static enum rc test_read_fn(struct tx *tx, void *arg, struct err *e)
{
	struct test *t = arg;

	enum rc rc = psaconfig_get(tx, t->call->app->vault, t->call->arena, t->call->who.org, &t->config, e);

	if (rc != RC_OK || !(t->config.ops->caps & PSA_CAP_FILE))
		return rc;
	free(t->file);
	return psafile_get(tx, t->call->arena, t->call->who.org, &t->file, &t->file_len, &t->file_name, e);
}

static void write_check(void *arg, const char *name, bool ok, const char *detail)
{
	struct test *t = arg;
	struct jsonw *w = &t->call->out;

	t->all_ok &= ok;
	jsonw_object(w);
	jsonw_kv(w, "name", name);
	jsonw_kv_bool(w, "ok", ok);
	jsonw_kv(w, "detail", detail);
	jsonw_end_object(w);
}

/* What the connector could not even try is one more check that failed: the caller always gets the list. */
static void run_checks(struct test *t)
{
	struct psa_host host = { .allow_private = t->call->app->allow_private,
		.today = day_today(),
		.file = t->file,
		.file_len = t->file_len,
		.file_name = t->file_name };
	struct psa_conn *conn;
	struct err e = ERR_INIT;

	if (t->config.ops->open(&host, t->config.settings, &conn, &e) != RC_OK) {
		write_check(t, "Settings", false, e.text);
		return;
	}
	if (t->config.ops->test(conn, write_check, t, &e) != RC_OK)
		write_check(t, "Connection", false, e.text);
	t->config.ops->close(conn);
}

static enum rc post_test(struct call *c, struct err *e)
{
	struct test t = { .call = c, .all_ok = true };
	enum rc rc = db_read(c->app->db, test_read_fn, &t, e);

	if (rc != RC_OK)
		return rc;
	jsonw_object(&c->out);
	jsonw_key(&c->out, "checks");
	jsonw_array(&c->out);
	run_checks(&t);
	free(t.file);
	jsonw_end_array(&c->out);
	jsonw_kv_bool(&c->out, "ok", t.all_ok);
	jsonw_end_object(&c->out);
	return RC_OK;
}

static enum rc post_sync(struct call *c, struct err *e)
{
	const char *mode = call_text(c, "mode");
	struct psaconfig config;
	const char *args, *job;
	enum rc rc = psaconfig_get(c->tx, c->app->vault, c->arena, c->who.org, &config, e);

	if (rc == RC_NOT_FOUND)
		return e->rc = RC_CONFLICT;
	if (rc != RC_OK)
		return rc;
	args = arena_printf(c->arena, "{\"mode\":\"%s\"}", mode ? mode : "quick");
	rc = job_enqueue(c->tx, c->who.org, JOB_PSA_SYNC, args, args, 0, c->who.name, &job, e);
	if (rc != RC_OK)
		return rc;
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "job", job);
	jsonw_end_object(&c->out);
	return RC_OK;
}

typedef enum rc (*list_fn)(struct tx *, const struct booklist *, struct jsonw *, const char **, struct err *);

static enum rc list(struct call *c, list_fn fn, struct err *e)
{
	struct booklist l = { .org = c->who.org,
		.q = call_query(c, "q"),
		.account = call_query(c, "account"),
		.contract = call_query(c, "contract"),
		.product = call_query(c, "product"),
		.cursor = call_query(c, "cursor") };
	const char *next = NULL;
	enum rc rc = call_limit(c, &l.limit, e);

	if (rc != RC_OK)
		return rc;
	call_list_begin(c);
	rc = fn(c->tx, &l, &c->out, &next, e);
	call_list_end(c, next);
	return rc;
}

static enum rc get_accounts(struct call *c, struct err *e)
{
	return list(c, booklist_accounts, e);
}

static enum rc get_products(struct call *c, struct err *e)
{
	return list(c, booklist_products, e);
}

static enum rc get_contracts(struct call *c, struct err *e)
{
	return list(c, booklist_contracts, e);
}

static enum rc get_lines(struct call *c, struct err *e)
{
	return list(c, booklist_lines, e);
}

static enum rc get_line_history(struct call *c, struct err *e)
{
	struct booklist l = { .org = c->who.org, .cursor = call_query(c, "cursor") };
	const char *next = NULL;
	enum rc rc = call_limit(c, &l.limit, e);

	if (rc != RC_OK)
		return rc;
	call_list_begin(c);
	rc = booklist_line_history(c->tx, &l, call_param(c, 0), &c->out, &next, e);
	call_list_end(c, next);
	return rc;
}

static enum rc get_skips(struct call *c, struct err *e)
{
	return list(c, booklist_skips, e);
}

static enum rc get_sizes(struct call *c, struct err *e)
{
	return booklist_sizes(c->tx, c->who.org, &c->out, e);
}

static const struct field psa_body[] = {
	{ "kind", F_TEXT, .required = true, .max = 40, .help = "which PSA: one of GET /psa/kinds" },
	{ "settings", F_OBJECT, .required = true, .help = "its settings; a secret left out keeps what is stored" },
	{ NULL },
};

static const struct field sync_body[] = {
	{ "mode", F_TEXT, .choices = "quick|full", .help = "quick reads what changed, full reads all; default quick" },
	{ NULL },
};

const struct route psa_routes[] = {
	{ "GET", "/api/v1/psa/kinds", ROUTE_READ, ROLE_VIEWER, 200, get_kinds, .rate = RATE_APP,
		.summary = "PSAs that can be connected, with their settings" },
	{ "GET", "/api/v1/psa", ROUTE_READ, ROLE_VIEWER, 200, get_psa, .rate = RATE_APP,
		.summary = "The connected PSA, without its secrets; null when none" },
	{ "PUT", "/api/v1/psa", ROUTE_WRITE, ROLE_ADMIN, 200, put_psa, psa_body, .event = "psa.set", .rate = RATE_APP,
		.summary = "Connect a PSA or change its settings" },
	{ "POST", "/api/v1/psa/test", ROUTE_WORK, ROLE_ADMIN, 200, post_test, .rate = RATE_APP,
		.summary = "Reach it, sign in, and try every permission that is needed" },
	{ "POST", "/api/v1/psa/sync", ROUTE_WRITE, ROLE_APPROVER, 202, post_sync, sync_body, .event = "psa.sync",
		.rate = RATE_APP, .summary = "Read the PSA now" },
	{ "GET", "/api/v1/psa/accounts", ROUTE_READ, ROLE_VIEWER, 200, get_accounts, .rate = RATE_APP,
		.summary = "Accounts of the PSA; ?q= searches names" },
	{ "GET", "/api/v1/psa/products", ROUTE_READ, ROLE_VIEWER, 200, get_products, .rate = RATE_APP,
		.summary = "Catalogue of the PSA; ?q= searches names and Product IDs" },
	{ "GET", "/api/v1/psa/contracts", ROUTE_READ, ROLE_VIEWER, 200, get_contracts, .rate = RATE_APP,
		.summary = "Contracts of the PSA; ?account=" },
	{ "GET", "/api/v1/psa/lines", ROUTE_READ, ROLE_VIEWER, 200, get_lines, .rate = RATE_APP,
		.summary = "Lines of all contracts; ?account= ?contract= ?product=" },
	{ "GET", "/api/v1/psa/lines/{id}/history", ROUTE_READ, ROLE_VIEWER, 200, get_line_history, .rate = RATE_APP,
		.summary = "Every quantity a line was seen with, oldest first" },
	{ "GET", "/api/v1/psa/skipped", ROUTE_READ, ROLE_VIEWER, 200, get_skips, .rate = RATE_APP,
		.summary = "What the last reading left out, each with its reason" },
	{ "GET", "/api/v1/psa/summary", ROUTE_READ, ROLE_VIEWER, 200, get_sizes, .rate = RATE_APP,
		.summary = "How much the book holds, and what was left out" },
	{ NULL },
};
