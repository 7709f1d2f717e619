/* ITFlow: settings, calls, reading, steps of a person.
 *
 * Its API has no recurring invoices, so what a customer is billed for is read from the newest invoice that each
 * recurring invoice made: the contract is the recurring invoice, a line is an item, named by its text because the
 * items of a made invoice have lost their product. No call changes any of it: every approved change is a person's
 * work. All values come as texts, failures mostly inside 200, an empty list as a failure.
 */
#include "psa/byhand.h"
#include "psa/field.h"
#include "psa/psa.h"
#include "psa/registry.h"
#include "psa/syncing.h"
#include "psa/wire.h"

#include "base/codec.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TRIES = 4, PAGE = 200, OLDEST = 400 };

struct psa_conn {
	struct psa_host host;
	struct arena arena; /* settings; lives as long as the connection */
	struct wire wire;
	const char *root, *key;
	const char *headers[2];
};

static const struct psa_setting settings_rows[] = {
	{ .name = "site",
		.label = "Site",
		.type = "text",
		.required = true,
		.help = "The host of your ITFlow, such as itflow.example.com." },
	{ .name = "api_key",
		.label = "API key",
		.type = "password",
		.secret = true,
		.required = true,
		.help = "Admin > API Keys, of a user whose role may read clients and sales." },
	{ .name = "export_columns",
		.label = "Columns of the work list as CSV",
		.type = "text",
		.help = "Header=field with commas between; empty = all." },
	{ .name = NULL },
};

/* What an answer that is no success means. */
static enum rc judge(void *arg, const struct httpc_answer *answer, const char *what, struct err *e)
{
	switch (answer->status) {
	case 401:
		return err_set(e, RC_UNAUTHORIZED,
			"ITFlow does not accept the API key (401): it is wrong, or its last day has come. Make a new "
			"one.");
	case 403:
		return err_set(e, RC_DENIED,
			"The role of the API key's user may not read %s (403). Give it Clients and Sales: read.", what);
	case 404:
		return err_set(e, RC_NOT_FOUND, "ITFlow has no such page (404). Check the site.");
	case 429:
		return wire_slow_down("ITFlow", "", answer, e);
	default:
		break;
	}
	if (answer->status < 400)
		return wire_moved("ITFlow", answer, what, e);
	if (answer->status >= 500)
		return err_set(e, RC_REMOTE, "ITFlow failed (%d) at %s. Try again later.", answer->status, what);
	return err_set(e, RC_INVALID, "ITFlow refused %s (%d).", what, answer->status);
}

/* One page of a list: the rows, none when ITFlow says that nothing fits. */
static enum rc get_page(struct psa_conn *c, struct arena *a, const char *path, const char *filter, int64_t offset,
	const char *what, const struct json **ret, struct err *e)
{
	const char *url = arena_printf(a, "%s/api/v1/%s/read.php?limit=%d&offset=%lld%s&api_key=%s", c->root, path,
		PAGE, (long long)offset, filter, url_encode(a, c->key));
	const char *success;
	struct json *v;
	enum rc rc = wire_read(&c->wire, a, "GET", url, NULL, what, &v, e);
	struct fields f;

	*ret = NULL;
	if (rc != RC_OK)
		return rc;
	f = fields_of("ITFlow", "answer", v, e);
	success = field_text(&f, "success");
	if (strcmp(success, "True") != 0 && strcmp(success, "False") != 0)
		field_wrong(&f, "success", "is neither True nor False");
	if (f.rc != RC_OK || strcmp(success, "False") == 0)
		return f.rc;
	*ret = field_list(&f, "data", true);
	return f.rc;
}

struct list {
	const char *path, *filter, *what;
	void *arg;
	enum rc (*row)(void *arg, struct arena *a, const struct json *v, struct err *e);
};

static enum rc read_list(struct psa_conn *c, const struct list *l, struct err *e)
{
	struct wire_pages pages = { 0 };

	for (int64_t offset = 0;; offset += PAGE) {
		AUTO(arena) a = ARENA_INIT;
		const struct json *rows = NULL;
		enum rc rc = c->wire.stop && c->wire.stop(c->wire.stop_arg)
			? err_set(e, RC_BUSY, "The reading was stopped.")
			: RC_OK;

		if (rc == RC_OK)
			rc = get_page(c, &a, l->path, l->filter, offset, l->what, &rows, e);
		if (rc == RC_OK)
			rc = wire_page(&pages, "ITFlow", l->what, rows, e);
		for (const struct json *v = rc == RC_OK && rows ? rows->child : NULL; v && rc == RC_OK; v = v->next)
			rc = l->row(l->arg, &a, v, e);
		if (rc != RC_OK || !rows || rows->count < PAGE)
			return rc;
	}
}

/* The newest invoice of a recurring one. */
struct made {
	const char *recurring, *invoice, *client, *scope, *currency;
	day at;
};

struct product {
	const char *id, *name;
};

struct reading {
	struct psa_conn *c;
	struct syncing s;
	struct arena arena;
	struct made *made;
	struct product *products;
	const char **left_out; /* clients */
	size_t made_count, product_count, left_count;
	const struct made *now; /* whose items are read */
	struct psa_line *lines;
	size_t line_count;
};

static enum rc client_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	struct fields f = fields_of("ITFlow", "client", v, e);
	struct psa_account c = { .remote_id = field_text(&f, "client_id"),
		.code = field_text(&f, "client_abbreviation"),
		.name = field_text(&f, "client_name"),
		.status = "Active",
		.types = field_text(&f, "client_type"),
		.domain = wire_domain(a, field_text(&f, "client_website")) };
	const char *reason = *field_text(&f, "client_archived_at") ? "archived"
		: strcmp(field_text(&f, "client_lead"), "1") == 0  ? "a lead"
								   : NULL;

	if (!*c.remote_id)
		field_wrong(&f, "client_id", "is missing");
	if (f.rc != RC_OK)
		return f.rc;
	if (!reason)
		return r->s.sink->account(r->s.sink->arg, &c, e);
	r->left_out = xmore(r->left_out, &r->left_count, sizeof(*r->left_out));
	r->left_out[r->left_count - 1] = arena_strdup(&r->arena, c.remote_id);
	return syncing_skip(&r->s, "account", c.remote_id, c.name, reason, e);
}

static enum rc product_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	struct fields f = fields_of("ITFlow", "product", v, e);
	struct psa_product p = { .remote_id = field_text(&f, "product_id"),
		.code = field_text(&f, "product_code"),
		.name = field_text(&f, "product_name"),
		.product_class = field_text(&f, "product_type"),
		.unit = "" };

	p.has_price = field_qty(&f, "product_price", &p.price);
	p.inactive = *field_text(&f, "product_archived_at");
	if (!*p.remote_id)
		field_wrong(&f, "product_id", "is missing");
	if (f.rc != RC_OK)
		return f.rc;
	r->products = xmore(r->products, &r->product_count, sizeof(*r->products));
	r->products[r->product_count - 1] = (struct product){ arena_strdup(&r->arena, p.remote_id),
		arena_strdup(&r->arena, p.name) };
	return r->s.sink->product(r->s.sink->arg, &p, e);
}

static struct made *made_by(struct reading *r, const char *recurring)
{
	for (size_t i = 0; i < r->made_count; i++) {
		if (strcmp(r->made[i].recurring, recurring) == 0)
			return &r->made[i];
	}
	r->made = xmore(r->made, &r->made_count, sizeof(*r->made));
	r->made[r->made_count - 1] = (struct made){ .recurring = arena_strdup(&r->arena, recurring), .at = DAY_NONE };
	return &r->made[r->made_count - 1];
}

static enum rc invoice_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	struct fields f = fields_of("ITFlow", "invoice", v, e);
	const char *id = field_text(&f, "invoice_id"), *recurring = field_text(&f, "invoice_recurring_invoice_id");
	const char *status = field_text(&f, "invoice_status"), *client = field_text(&f, "invoice_client_id");
	const char *scope = field_text(&f, "invoice_scope"), *currency = field_text(&f, "invoice_currency_code");
	bool void_one = strcasecmp(status, "Cancelled") == 0 || *field_text(&f, "invoice_archived_at");
	day at = field_day(&f, "invoice_date");
	struct made *m;

	if (f.rc != RC_OK || !*recurring || strcmp(recurring, "0") == 0 || void_one)
		return f.rc;
	m = made_by(r, recurring);
	if (at == DAY_NONE || at < m->at)
		return RC_OK;
	m->at = at;
	m->invoice = arena_strdup(&r->arena, id);
	m->client = arena_strdup(&r->arena, client);
	m->scope = arena_strdup(&r->arena, scope);
	m->currency = arena_strdup(&r->arena, currency);
	return RC_OK;
}

/* A made invoice's item has lost its product; its text is the product's name when it was taken from the catalogue. */
static const char *product_of(struct reading *r, const char *id, const char *name)
{
	if (*id && strcmp(id, "0") != 0)
		return arena_strdup(&r->arena, id);
	for (size_t i = 0; i < r->product_count; i++) {
		if (strcasecmp(r->products[i].name, name) == 0)
			return r->products[i].id;
	}
	return arena_printf(&r->arena, "item:%s", name);
}

/* Its own id changes with every invoice, so a line is the recurring invoice and the item's text. */
static const char *line_id(struct reading *r, const char *name)
{
	const char *id = arena_printf(&r->arena, "%s:%s", r->now->recurring, name);

	for (size_t i = 0, n = 2; i < r->line_count; i++) {
		if (strcmp(r->lines[i].remote_id, id) != 0)
			continue;
		id = arena_printf(&r->arena, "%s:%s#%zu", r->now->recurring, name, n++);
		i = (size_t)-1;
	}
	return id;
}

static enum rc item_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	struct fields f = fields_of("ITFlow", "item of an invoice", v, e);
	const char *name = field_text(&f, "item_name"), *product = field_text(&f, "item_product_id");
	struct psa_line l = { .contract_remote_id = r->now->recurring,
		.product_code = "",
		.version = "",
		.billable = true,
		.effective = DAY_NONE,
		.cancelled = DAY_NONE,
		.billed_through = DAY_NONE };
	bool has = field_qty(&f, "item_quantity", &l.quantity);

	l.has_price = field_qty(&f, "item_price", &l.unit_price);
	if (f.rc != RC_OK || *field_text(&f, "item_archived_at"))
		return f.rc;
	l.remote_id = line_id(r, name);
	l.description = arena_strdup(&r->arena, name);
	l.product_remote_id = product_of(r, product, name);
	if (!has)
		return syncing_skip(&r->s, "line", l.remote_id, name, "has no quantity", e);
	r->lines = xmore(r->lines, &r->line_count, sizeof(*r->lines));
	r->lines[r->line_count - 1] = l;
	return RC_OK;
}

static const char *why_left_out(const struct reading *r, const struct made *m)
{
	if (m->at < r->c->host.today - OLDEST)
		return "its newest invoice is more than 13 months old";
	for (size_t i = 0; i < r->left_count; i++) {
		if (strcmp(r->left_out[i], m->client) == 0)
			return "its client is left out";
	}
	return NULL;
}

static enum rc tell_recurring(struct reading *r, const struct made *m, struct err *e)
{
	struct psa_contract c = { .remote_id = m->recurring,
		.account_remote_id = m->client,
		.name = *m->scope ? m->scope : arena_printf(&r->arena, "Recurring invoice %s", m->recurring),
		.type = "Recurring invoice",
		.status = "Active",
		.cycle = "",
		.currency = m->currency,
		.start = DAY_NONE,
		.end = DAY_NONE,
		.billed_through = DAY_NONE };
	const char *reason = why_left_out(r, m);
	struct list items = { "invoice_items", NULL, "invoice items", r, item_row };
	enum rc rc;

	if (reason)
		return syncing_skip(&r->s, "contract", m->recurring, c.name, reason, e);
	r->now = m;
	r->line_count = 0;
	free(r->lines);
	r->lines = NULL;
	items.filter = arena_printf(&r->arena, "&invoice_id=%s", url_encode(&r->arena, m->invoice));
	rc = r->s.sink->contract(r->s.sink->arg, &c, e);
	if (rc == RC_OK)
		rc = read_list(r->c, &items, e);
	if (rc == RC_OK)
		rc = r->s.sink->lines(r->s.sink->arg, m->recurring, r->lines, r->line_count, e);
	r->s.done++;
	return rc == RC_OK ? syncing_progress(&r->s, "recurring invoices", (int64_t)r->made_count, e) : rc;
}

static enum rc read_all(struct reading *r, struct err *e)
{
	struct list clients = { "clients", "", "clients", r, client_row };
	struct list products = { "products", "", "products", r, product_row };
	struct list invoices = { "invoices", "", "invoices", r, invoice_row };
	enum rc rc = read_list(r->c, &clients, e);

	if (rc == RC_OK)
		rc = read_list(r->c, &products, e);
	if (rc == RC_OK)
		rc = read_list(r->c, &invoices, e);
	if (rc == RC_OK)
		rc = r->s.sink->checkpoint(r->s.sink->arg, "recurring", e);
	for (size_t i = 0; i < r->made_count && rc == RC_OK; i++) {
		if (r->made[i].invoice)
			rc = tell_recurring(r, &r->made[i], e);
	}
	return rc;
}

static enum rc itflow_sync(struct psa_conn *c, struct psa_sync *how, const struct psa_sink *sink, struct err *e)
{
	struct reading r = { .c = c };
	enum rc rc;

	syncing_begin(&r.s, how, sink, &c->wire);
	rc = read_all(&r, e);
	how->ret_watermark = clock_now();
	syncing_end(&r.s);
	free(r.made);
	free(r.products);
	free(r.left_out);
	free(r.lines);
	arena_release(&r.arena);
	return rc;
}

static enum rc itflow_test(struct psa_conn *c, psa_check_fn check, void *arg, struct err *e)
{
	static const char *const paths[][2] = { { "clients", "Clients: read" },
		{ "products", "Sales: read (products)" }, { "invoices", "Sales: read (invoices)" } };
	AUTO(arena) a = ARENA_INIT;

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct err why = ERR_INIT;
		const struct json *rows;
		enum rc rc = get_page(c, &a, paths[i][0], "", 0, paths[i][0], &rows, &why);

		check(arg, paths[i][1], rc == RC_OK, rc == RC_OK ? "Allowed." : why.text);
	}
	check(arg, "Changing recurring invoices", true, "Not in ITFlow's API: approved changes become a work list.");
	return RC_OK;
}

static enum rc itflow_read_line(struct psa_conn *c, struct arena *a, const char *contract, const char *line,
	struct psa_line *ret, struct err *e)
{
	return err_set(e, RC_INVALID, "ITFlow shows no single line of a recurring invoice; synchronize instead.");
}

static bool itflow_by_hand(const struct json *settings, const struct psa_change *change)
{
	return true;
}

static enum rc itflow_plan(struct arena *a, const struct psa_change *c, const struct psa_line *line,
	const struct psa_contract *contract, struct psa_plan *ret, struct err *e)
{
	memset(ret, 0, sizeof(*ret));
	if (c->effective != DAY_NONE)
		return err_at(e, RC_INVALID, "/effective_date",
			"ITFlow knows no effective date: a quantity counts from the next invoice. Leave it out.");
	byhand_plan(a, c, line, contract, "Billing > Recurring Invoices", "quantity", ret);
	return RC_OK;
}

static void itflow_write(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret)
{
	byhand_refuse("ITFlow", ret);
}

static enum rc set_up(struct psa_conn *c, const struct json *settings, struct err *e)
{
	const char *site;
	enum rc rc = psa_settings_check(&psa_itflow, settings, e);

	if (rc == RC_OK)
		rc = wire_check_plain(settings_rows, settings, "site", "?#@\\", e);
	if (rc != RC_OK)
		return rc;
	site = wire_setting(&c->arena, settings_rows, settings, "site");
	rc = wire_site(&c->arena, site, c->host.allow_private, "Site", &c->root, e);
	if (rc != RC_OK)
		return rc;
	c->key = wire_setting(&c->arena, settings_rows, settings, "api_key");
	return RC_OK;
}

static void itflow_close(struct psa_conn *c)
{
	if (!c)
		return;
	httpc_free(c->wire.http);
	arena_release(&c->arena);
	free(c);
}

static enum rc itflow_open(
	const struct psa_host *host, const struct json *settings, struct psa_conn **ret, struct err *e)
{
	struct psa_conn *c = xcalloc(1, sizeof(*c));
	struct httpc_config config = { .allow_private = host->allow_private, .user_agent = "Trueup" };
	enum rc rc;

	c->host = *host;
	c->headers[0] = "Accept: application/json";
	c->wire = (struct wire){ .who = "ITFlow",
		.headers = c->headers,
		.timeout_ms = host->timeout_ms,
		.tries = TRIES,
		.judge = judge,
		.judge_arg = c };
	rc = set_up(c, settings, e);
	if (rc != RC_OK) {
		itflow_close(c);
		return rc;
	}
	c->wire.http = httpc_new(&config);
	*ret = c;
	return RC_OK;
}

const struct psa_ops psa_itflow = {
	.kind = "itflow",
	.name = "ITFlow",
	.settings = settings_rows,
	.caps = PSA_CAP_DECIMALS | PSA_CAP_BY_HAND,
	.word_account = "Client",
	.word_contract = "Recurring invoice",
	.word_line = "Item",
	.word_product = "Product",
	.open = itflow_open,
	.close = itflow_close,
	.test = itflow_test,
	.sync = itflow_sync,
	.read_line = itflow_read_line,
	.by_hand = itflow_by_hand,
	.plan = itflow_plan,
	.apply = itflow_write,
	.settle = itflow_write,
};
