/* Reads clients, the catalogue, contracts, the contract lines that are bound to clients, and the services of each of
 * these: one call a contract line. After every contract a checkpoint is told; an interrupted reading goes on behind
 * it. The doctor is here, too. */
#include "psa/alga/alga.h"
#include "psa/syncing.h"

#include "base/codec.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct client {
	const char *id, *currency;
};

/* The catalogue's price of a service in a currency; "" = any. */
struct rate {
	const char *service, *currency;
	qty price, cost;
	bool has_price, has_cost;
};

struct contract {
	const char *id, *client, *name, *status, *cycle;
	day start, end;
};

struct bound {
	struct alga_bound b;
};

struct reading {
	struct psa_conn *c;
	struct syncing s;
	struct arena arena;
	struct client *clients;
	struct rate *rates;
	struct contract *contracts;
	struct bound *bounds;
	size_t client_count, rate_count, contract_count, bound_count;
};

static const char *keep(struct reading *r, const char *s)
{
	return arena_strdup(&r->arena, s);
}

static enum rc client_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	struct fields f = fields_of("Alga PSA", "client", v, e);
	struct psa_account c = { .remote_id = field_text(&f, "client_id"),
		.code = "",
		.name = field_text(&f, "client_name"),
		.status = "Active",
		.types = field_text(&f, "client_type"),
		.domain = wire_domain(a, field_text(&f, "url")) };
	const char *currency = field_text(&f, "default_currency_code");
	bool inactive = field_bool(&f, "is_inactive");

	if (!*c.remote_id)
		field_wrong(&f, "client_id", "is missing");
	if (f.rc != RC_OK)
		return f.rc;
	if (inactive)
		return syncing_skip(&r->s, "account", c.remote_id, c.name, "inactive", e);
	r->clients = xmore(r->clients, &r->client_count, sizeof(*r->clients));
	r->clients[r->client_count - 1] = (struct client){ keep(r, c.remote_id), keep(r, currency) };
	return r->s.sink->account(r->s.sink->arg, &c, e);
}

static void note_rate(struct reading *r, const struct psa_product *p, const char *currency, bool has, qty price)
{
	r->rates = xmore(r->rates, &r->rate_count, sizeof(*r->rates));
	r->rates[r->rate_count - 1] = (struct rate){ keep(r, p->remote_id), keep(r, currency), price, p->cost, has,
		p->has_cost };
}

static enum rc service_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	struct fields f = fields_of("Alga PSA", "service", v, e);
	struct psa_product p = { .remote_id = field_text(&f, "service_id"),
		.code = field_text(&f, "sku"),
		.name = field_text(&f, "service_name"),
		.product_class = field_text(&f, "item_kind"),
		.unit = field_text(&f, "unit_of_measure") };
	const struct json *prices = field_list(&f, "prices", false);

	p.has_price = field_cents(&f, "default_rate", &p.price);
	p.has_cost = field_cents(&f, "cost", &p.cost);
	p.inactive = !json_is_null(json_get(v, "is_active")) && !field_bool(&f, "is_active");
	if (!*p.remote_id)
		field_wrong(&f, "service_id", "is missing");
	for (const struct json *row = prices ? prices->child : NULL; row && f.rc == RC_OK; row = row->next) {
		struct fields g = fields_of("Alga PSA", "price of a service", row, e);
		const char *currency = field_text(&g, "currency_code");
		qty price;

		if (field_cents(&g, "rate", &price))
			note_rate(r, &p, currency, true, price);
		f.rc = g.rc;
	}
	if (f.rc != RC_OK)
		return f.rc;
	note_rate(r, &p, "", p.has_price, p.price);
	return r->s.sink->product(r->s.sink->arg, &p, e);
}

static enum rc contract_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	struct fields f = fields_of("Alga PSA", "contract", v, e);
	struct contract *k;

	r->contracts = xmore(r->contracts, &r->contract_count, sizeof(*r->contracts));
	k = &r->contracts[r->contract_count - 1];
	*k = (struct contract){ keep(r, field_text(&f, "contract_id")), keep(r, field_text(&f, "owner_client_id")),
		keep(r, field_text(&f, "contract_name")), keep(r, field_text(&f, "status")),
		keep(r, field_text(&f, "billing_frequency")), field_day(&f, "start_date"), field_day(&f, "end_date") };
	if (!*k->id)
		field_wrong(&f, "contract_id", "is missing");
	return f.rc;
}

static enum rc bound_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	struct alga_bound b;
	enum rc rc = alga_bound(v, r->c->host.today, &b, e);

	if (rc == RC_OK && b.skip)
		return syncing_skip(&r->s, "line", b.line, b.name, b.skip, e);
	if (rc != RC_OK)
		return rc;
	r->bounds = xmore(r->bounds, &r->bound_count, sizeof(*r->bounds));
	r->bounds[r->bound_count - 1].b = (struct alga_bound){ keep(r, b.line), keep(r, b.contract), keep(r, b.client),
		keep(r, b.name), keep(r, b.type), b.has_amount, NULL };
	return RC_OK;
}

static const struct client *client_of(const struct reading *r, const char *id)
{
	for (size_t i = 0; i < r->client_count; i++) {
		if (strcmp(r->clients[i].id, id) == 0)
			return &r->clients[i];
	}
	return NULL;
}

/* A product without a rate of its own costs what the catalogue says in the client's currency, else its usual rate. */
static void fill_money(const struct reading *r, const char *currency, struct psa_line *l)
{
	const struct rate *best = NULL;

	for (size_t i = 0; i < r->rate_count; i++) {
		const struct rate *t = &r->rates[i];

		if (strcmp(t->service, l->product_remote_id) != 0)
			continue;
		if (strcmp(t->currency, currency) == 0 || (!*t->currency && !best))
			best = t;
	}
	if (!best)
		return;
	l->has_cost = best->has_cost;
	l->unit_cost = best->cost;
	if (l->has_price || l->fixed)
		return;
	l->has_price = best->has_price;
	l->unit_price = best->price;
}

/* Lines of one contract, gathered over its contract lines. */
struct gather {
	struct psa_line *line;
	size_t count, cap;
};

static enum rc gather_services(struct reading *r, struct arena *a, const struct alga_bound *b, const char *currency,
	struct gather *g, struct err *e)
{
	const char *path = arena_printf(a, "/contract-lines/%s/services", url_encode(a, b->line));
	struct json *v;
	struct fields f;
	const struct json *rows;
	enum rc rc = alga_get(r->c, a, path, "services of a contract line", &v, e);

	if (rc != RC_OK)
		return rc;
	f = fields_of("Alga PSA", "list", v, e);
	rows = field_list(&f, "data", true);
	rc = f.rc;
	for (const struct json *row = rows ? rows->child : NULL; row && rc == RC_OK; row = row->next) {
		struct inplace_seen s;

		rc = alga_service(a, row, b, &s, e);
		if (rc != RC_OK)
			return rc;
		fill_money(r, currency, &s.line);
		if (g->count == g->cap) {
			g->cap = g->cap ? g->cap * 2 : 32;
			g->line = xrealloc(g->line, g->cap * sizeof(*g->line));
		}
		g->line[g->count++] = s.line;
	}
	return rc;
}

static const char *why_left_out(const struct reading *r, const struct contract *k, const char *client)
{
	if (!client_of(r, client))
		return "its client is left out";
	for (size_t i = 0; i < r->bound_count; i++) {
		if (strcmp(r->bounds[i].b.contract, k->id) == 0 && strcmp(r->bounds[i].b.client, client) != 0)
			return "is bound to several clients";
	}
	return NULL;
}

static enum rc tell_contract(struct reading *r, const struct contract *k, const char *client, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const char *reason = why_left_out(r, k, client);
	struct psa_contract c = { .remote_id = k->id,
		.account_remote_id = client,
		.name = k->name,
		.type = "",
		.status = "Active",
		.cycle = k->cycle,
		.start = k->start,
		.end = k->end,
		.billed_through = DAY_NONE };
	struct gather g = { 0 };
	enum rc rc;

	if (reason)
		return syncing_skip(&r->s, "contract", k->id, k->name, reason, e);
	c.currency = client_of(r, client)->currency;
	rc = r->s.sink->contract(r->s.sink->arg, &c, e);
	for (size_t i = 0; i < r->bound_count && rc == RC_OK; i++) {
		if (strcmp(r->bounds[i].b.contract, k->id) == 0)
			rc = gather_services(r, &a, &r->bounds[i].b, c.currency, &g, e);
	}
	if (rc == RC_OK)
		rc = r->s.sink->lines(r->s.sink->arg, k->id, g.line, g.count, e);
	free(g.line);
	return rc == RC_OK ? r->s.sink->checkpoint(r->s.sink->arg, k->id, e) : rc;
}

static const char *bound_client(const struct reading *r, const char *contract)
{
	for (size_t i = 0; i < r->bound_count; i++) {
		if (strcmp(r->bounds[i].b.contract, contract) == 0)
			return r->bounds[i].b.client;
	}
	return NULL;
}

static int by_id(const void *x, const void *y)
{
	return strcmp(((const struct contract *)x)->id, ((const struct contract *)y)->id);
}

/* In order of id, so that a resumed reading knows which are done. */
static enum rc read_contracts(struct reading *r, struct err *e)
{
	const char *after = r->s.how->cursor ? r->s.how->cursor : "";
	enum rc rc = RC_OK;

	if (r->contract_count)
		qsort(r->contracts, r->contract_count, sizeof(*r->contracts), by_id);
	for (size_t i = 0; i < r->contract_count && rc == RC_OK; i++) {
		const struct contract *k = &r->contracts[i];
		const char *client = bound_client(r, k->id);

		r->s.done = (int64_t)i;
		rc = syncing_progress(&r->s, "contracts", (int64_t)r->contract_count, e);
		if (rc != RC_OK || strcmp(k->id, after) <= 0)
			continue;
		if (r->s.sink->cancelled(r->s.sink->arg))
			return err_set(e, RC_BUSY, "The reading was stopped.");
		rc = client ? tell_contract(r, k, client, e)
			    : syncing_skip(&r->s, "contract", k->id, k->name,
				      "no active line of it bills a client by quantity", e);
	}
	return rc;
}

static enum rc read_all(struct reading *r, struct err *e)
{
	struct alga_list clients = { "/clients", "clients", r, client_row };
	struct alga_list services = { "/services?item_kind=any", "services", r, service_row };
	struct alga_list contracts = { "/contracts", "contracts", r, contract_row };
	struct alga_list bounds = { "/client-contract-lines", "contract lines", r, bound_row };
	enum rc rc = alga_list(r->c, &clients, e);

	if (rc == RC_OK)
		rc = alga_list(r->c, &services, e);
	if (rc == RC_OK)
		rc = alga_list(r->c, &contracts, e);
	if (rc == RC_OK)
		rc = alga_list(r->c, &bounds, e);
	return rc == RC_OK ? read_contracts(r, e) : rc;
}

enum rc alga_sync(struct psa_conn *c, struct psa_sync *how, const struct psa_sink *sink, struct err *e)
{
	struct reading r = { .c = c };
	enum rc rc;

	syncing_begin(&r.s, how, sink, &c->wire);
	rc = read_all(&r, e);
	how->ret_watermark = clock_now();
	syncing_end(&r.s);
	free(r.clients);
	free(r.rates);
	free(r.contracts);
	free(r.bounds);
	arena_release(&r.arena);
	return rc;
}

/* The right to change is asked for with a pair that does not exist. */
static void try_write(struct psa_conn *c, struct arena *a, psa_check_fn check, void *arg)
{
	static const char path[] =
		"/contract-lines/00000000-0000-0000-0000-000000000000/services/00000000-0000-0000-0000-000000000000";
	struct err why = ERR_INIT;
	enum sent sent = alga_send(c, a, "PUT", path, "{\"quantity\":1}", "a change of a contract line", &why);
	bool asked = sent == SENT_OK || (sent == SENT_REFUSED && why.rc != RC_DENIED && why.rc != RC_UNAUTHORIZED);

	check(arg, "contract: update", asked, asked ? "Allowed (asked with a call that changes nothing)." : why.text);
}

enum rc alga_test(struct psa_conn *c, psa_check_fn check, void *arg, struct err *e)
{
	static const char *const rows[][3] = { { "/clients?limit=1", "API key; client: read", "clients" },
		{ "/services?item_kind=any&limit=1", "service: read", "services" },
		{ "/contracts?limit=1", "contract: read", "contracts" },
		{ "/client-contract-lines?limit=1", "contract: read (lines)", "contract lines" } };
	AUTO(arena) a = ARENA_INIT;
	unsigned tries = c->wire.tries;
	bool any = false;

	c->wire.tries = 2;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err why = ERR_INIT;
		struct json *v;
		enum rc rc = alga_get(c, &a, rows[i][0], rows[i][2], &v, &why);

		any |= rc == RC_OK;
		check(arg, rows[i][1], rc == RC_OK, rc == RC_OK ? "Allowed." : why.text);
	}
	if (any)
		try_write(c, &a, check, arg);
	c->wire.tries = tries;
	return RC_OK;
}
