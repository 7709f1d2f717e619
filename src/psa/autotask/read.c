/* Reads all of it into a sink: companies, services and bundles, then contracts in groups, each with its lines.
 *
 * What holds all of this is asked for without limits of contract - a page is 500 rows - so a whole reading of a few
 * hundred customers is some twenty calls. Companies, contracts and catalogue are always listed whole; a quick sync
 * passes on only those that changed. Units have no time of change and are always read. After the catalogue and after
 * every group of contracts a checkpoint is told: "contracts 30390716 1788..." is the phase, the last contract done and
 * the greatest time of change seen.
 */
#include "psa/autotask/at.h"
#include "psa/syncing.h"

#include <stdlib.h>
#include <string.h>

#define OVERLAP (10 * 60 * CLOCK_SECOND)

struct row {
	int64_t id, company;
	const char *remote_id, *reason; /* why it is left out, or NULL */
	struct psa_contract contract;
};

struct reading {
	struct psa_conn *c;
	struct syncing s;
	struct arena arena; /* of the contracts */
	struct at_labels labels;
	struct row *row; /* contracts, by id */
	size_t rows, cap;
	int64_t *inactive; /* companies that are left out, by id */
	size_t inactives, inactive_cap;
	struct {
		const char *id, *code;
	} money[64];
	size_t moneys;
	const struct at_family *family; /* of the catalogue, or lines, being read */
};

static int64_t number(const char *id)
{
	return strtoll(id, NULL, 10);
}

static bool unchanged(struct reading *r, const struct json *v, const char *key)
{
	return syncing_unchanged(&r->s, at_changed(v, key), OVERLAP);
}

/* Contracts come first, since they say which companies matter. --------------------------------------------------- */

static struct psa_contract keep(struct arena *a, const struct psa_contract *from)
{
	struct psa_contract c = *from;

	c.remote_id = arena_strdup(a, c.remote_id);
	c.account_remote_id = arena_strdup(a, c.account_remote_id);
	c.name = arena_strdup(a, c.name);
	c.currency = "";
	return c;
}

static enum rc contract_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	struct psa_contract c;
	const char *reason = at_contract_skip(a, v, r->c->host.today);
	struct row *row;

	if (at_check("contract", v, at_shape_contract, e) != RC_OK)
		return e->rc;
	at_contract(a, v, &r->labels, &c);
	unchanged(r, v, "lastModifiedDateTime");
	if (r->rows == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 128;
		r->row = xrealloc(r->row, r->cap * sizeof(*r->row));
	}
	row = &r->row[r->rows++];
	*row = (struct row){ .id = number(c.remote_id), .contract = keep(&r->arena, &c) };
	row->remote_id = row->contract.remote_id;
	row->company = number(row->contract.account_remote_id);
	row->reason = reason ? arena_strdup(&r->arena, reason) : NULL;
	return RC_OK;
}

static int by_id(const void *a, const void *b)
{
	int64_t x = ((const struct row *)a)->id, y = ((const struct row *)b)->id;

	return (x > y) - (x < y);
}

static enum rc list_contracts(struct reading *r, struct err *e)
{
	struct at_query q = { "Contracts", "{\"op\":\"gte\",\"field\":\"id\",\"value\":0}", r, contract_row };
	enum rc rc = at_read_labels(r->c, &r->arena, "Contracts", &r->labels, e);

	if (rc == RC_OK)
		rc = at_read_labels(r->c, &r->arena, "Companies", &r->labels, e);
	if (rc == RC_OK)
		rc = at_query(r->c, &q, e);
	if (r->rows)
		qsort(r->row, r->rows, sizeof(*r->row), by_id);
	return rc;
}

static bool has_contract(const struct reading *r, int64_t company)
{
	for (size_t i = 0; i < r->rows; i++) {
		if (r->row[i].company == company && !r->row[i].reason)
			return true;
	}
	return false;
}

/* Companies, and the currencies they are billed in. -------------------------------------------------------------- */

static enum rc currency_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;

	if (at_check("currency", v, at_shape_currency, e) != RC_OK)
		return e->rc;
	if (r->moneys == ARRAY_LEN(r->money))
		return RC_OK;
	r->money[r->moneys].id = arena_strdup(&r->arena, at_text(v, "id"));
	r->money[r->moneys++].code = arena_strdup(&r->arena, at_text(v, "name"));
	return RC_OK;
}

/* A user who may not see them, or an installation with one currency only, leaves it to the setting. */
static enum rc list_currencies(struct reading *r, struct err *e)
{
	struct at_query q = { "Currencies", "{\"op\":\"gte\",\"field\":\"id\",\"value\":0}", r, currency_row };
	enum rc rc = at_query(r->c, &q, e);

	return rc == RC_BUSY || rc == RC_REMOTE || rc == RC_UNAUTHORIZED ? rc : RC_OK;
}

static const char *currency_of(const struct reading *r, const char *id)
{
	for (size_t i = 0; i < r->moneys; i++) {
		if (strcmp(r->money[i].id, id) == 0)
			return r->money[i].code;
	}
	return r->c->currency;
}

static void note_currency(struct reading *r, int64_t company, const char *currency)
{
	for (size_t i = 0; i < r->rows; i++) {
		if (r->row[i].company == company)
			r->row[i].contract.currency = currency;
	}
}

static const char *company_skip(struct reading *r, struct arena *a, const struct json *v, int64_t id)
{
	const char *type = at_text(v, "companyType"), *label;

	if (!json_bool_or(at_member(v, "isActive"), true))
		return "inactive";
	if (strcmp(type, "1") == 0 || has_contract(r, id))
		return NULL;
	label = at_label(&r->labels, "companyType", type);
	return arena_printf(a, "type is %s, and it has no recurring contract", *label ? label : type);
}

static enum rc company_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	int64_t id = number(at_text(v, "id"));
	const char *reason = company_skip(r, a, v, id);
	bool same = unchanged(r, v, "lastTrackedModifiedDateTime");
	struct psa_account account;

	if (at_check("company", v, at_shape_account, e) != RC_OK)
		return e->rc;
	r->s.done++;
	note_currency(r, id, currency_of(r, at_text(v, "currencyID")));
	at_account(a, v, &r->labels, &account);
	if (reason && strcmp(reason, "inactive") == 0) {
		if (r->inactives == r->inactive_cap) {
			r->inactive_cap = r->inactive_cap ? r->inactive_cap * 2 : 64;
			r->inactive = xrealloc(r->inactive, r->inactive_cap * sizeof(*r->inactive));
		}
		r->inactive[r->inactives++] = id;
	}
	if (reason)
		return same ? RC_OK : syncing_skip(&r->s, "account", account.remote_id, account.name, reason, e);
	/* Of a company that is no customer only its contract may be new. */
	if (same && strcmp(at_text(v, "companyType"), "1") == 0)
		return RC_OK;
	return r->s.sink->account(r->s.sink->arg, &account, e);
}

static enum rc read_companies(struct reading *r, struct err *e)
{
	struct at_query q = { "Companies", "{\"op\":\"gte\",\"field\":\"id\",\"value\":0}", r, company_row };
	enum rc rc = list_currencies(r, e);

	r->s.done = 0;
	if (rc == RC_OK)
		rc = at_query(r->c, &q, e);
	return rc == RC_OK ? syncing_progress(&r->s, "companies", 0, e) : rc;
}

/* The catalogue. ------------------------------------------------------------------------------------------------- */

static enum rc product_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	struct psa_product p;

	r->s.done++;
	if (at_check("service", v, at_shape_product, e) != RC_OK)
		return e->rc;
	if (unchanged(r, v, "lastModifiedDate"))
		return RC_OK;
	at_product(a, r->family, v, &p);
	return r->s.sink->product(r->s.sink->arg, &p, e);
}

static enum rc read_products(struct reading *r, struct err *e)
{
	enum rc rc = RC_OK;

	if (strcmp(r->s.phase, "contracts") == 0)
		return RC_OK;
	r->s.done = 0;
	for (size_t i = 0; i < AT_FAMILIES && rc == RC_OK; i++) {
		struct at_query q = { at_families[i].catalogue, "{\"op\":\"gte\",\"field\":\"id\",\"value\":0}", r,
			product_row };

		r->family = &at_families[i];
		rc = at_query(r->c, &q, e);
	}
	if (rc == RC_OK)
		rc = syncing_progress(&r->s, "services", 0, e);
	return rc == RC_OK ? syncing_checkpoint(&r->s, "contracts", 0, e) : rc;
}

/* Contracts, group by group, and their lines. --------------------------------------------------------------------- */

struct line {
	int64_t contract, number;
	struct psa_line line;
	const struct at_family *family;
};

struct group {
	struct reading *r;
	struct arena arena;
	struct row **row;
	size_t rows;
	const char *ids; /* of its contracts, with commas between */
	struct line *line;
	size_t lines, cap;
	struct at_units units[AT_FAMILIES];
	struct at_posted posted;
};

static enum rc line_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct group *g = arg;
	struct json *copy;
	char *text = wire_text(&g->arena, v);
	static const struct json_limits limits = { 1 << 20, 32, 100000 };
	struct line *l;

	if (json_parse(&g->arena, text, strlen(text), &limits, &copy, e) != RC_OK ||
		at_check("contract service", copy, at_shape_line, e) != RC_OK)
		return e->rc;
	if (g->lines == g->cap) {
		g->cap = g->cap ? g->cap * 2 : 256;
		g->line = xrealloc(g->line, g->cap * sizeof(*g->line));
	}
	l = &g->line[g->lines++];
	l->family = g->r->family;
	l->contract = number(at_text(copy, "contractID"));
	l->number = number(at_text(copy, "id"));
	at_line(&g->arena, l->family, copy, arena_strdup(&g->arena, at_text(copy, "contractID")), &l->line);
	return RC_OK;
}

static enum rc read_group(struct group *g, struct err *e)
{
	day today = g->r->c->host.today;
	enum rc rc = at_posted_read(g->r->c, g->ids, today, &g->posted, e);

	for (size_t i = 0; i < AT_FAMILIES && rc == RC_OK; i++) {
		struct at_query q = { .entity = at_families[i].lines, .arg = g, .row = line_row };

		g->r->family = &at_families[i];
		q.filter = arena_printf(&g->arena, "{\"op\":\"in\",\"field\":\"contractID\",\"value\":[%s]}", g->ids);
		rc = at_query(g->r->c, &q, e);
		if (rc == RC_OK)
			rc = at_units_read(g->r->c, &at_families[i], g->ids, today, today + AT_AHEAD, &g->units[i], e);
		at_units_sort(&g->units[i]);
	}
	return rc;
}

/* A contract that does not say its period has that of its lines. */
static void find_cycle(const struct group *g, struct row *row)
{
	for (size_t i = 0; i < g->lines && !*row->contract.cycle; i++) {
		const struct line *l = &g->line[i];

		if (l->contract == row->id)
			row->contract.cycle = at_units_cycle(&g->units[l->family - at_families], l->number);
	}
}

static enum rc tell_contract(struct group *g, struct row *row, struct err *e)
{
	struct reading *r = g->r;
	struct psa_line *lines = arena_array(&g->arena, g->lines + 1, sizeof(*lines));
	day today = r->c->host.today;
	size_t n = 0;
	enum rc rc;

	find_cycle(g, row);
	row->contract.billed_through = at_posted_through(&g->posted, row->id);
	rc = r->s.sink->contract(r->s.sink->arg, &row->contract, e);
	for (size_t i = 0; i < g->lines && rc == RC_OK; i++) {
		struct line *l = &g->line[i];

		if (l->contract != row->id)
			continue;
		if (at_units_apply(&g->units[l->family - at_families], l->number, today, today + AT_AHEAD,
			    row->contract.end, &l->line))
			lines[n++] = l->line;
		else
			rc = syncing_skip(
				&r->s, "line", l->line.remote_id, l->line.description, "has no units from today on", e);
	}
	return rc == RC_OK ? r->s.sink->lines(r->s.sink->arg, row->remote_id, lines, n, e) : rc;
}

static void free_group(struct group *g)
{
	free(g->line);
	for (size_t i = 0; i < AT_FAMILIES; i++)
		at_units_free(&g->units[i]);
	at_posted_free(&g->posted);
	arena_release(&g->arena);
}

static enum rc deliver_group(struct reading *r, struct row **row, size_t rows, int64_t total, struct err *e)
{
	struct group g = { .r = r, .row = row, .rows = rows };
	AUTO(buf) ids = BUF_INIT(1 << 16);
	enum rc rc;

	for (size_t i = 0; i < rows; i++)
		buf_printf(&ids, "%s%lld", i ? "," : "", (long long)row[i]->id);
	g.ids = buf_text(&ids);
	rc = read_group(&g, e);
	for (size_t i = 0; i < rows && rc == RC_OK; i++)
		rc = tell_contract(&g, row[i], e);
	r->s.done += (int64_t)rows;
	if (rc == RC_OK)
		rc = syncing_progress(&r->s, "contracts", total, e);
	if (rc == RC_OK)
		rc = syncing_checkpoint(&r->s, "contracts", row[rows - 1]->id, e);
	free_group(&g);
	return rc;
}

static bool left_out(const struct reading *r, int64_t company)
{
	for (size_t i = 0; i < r->inactives; i++) {
		if (r->inactive[i] == company)
			return true;
	}
	return false;
}

static enum rc read_contracts(struct reading *r, struct err *e)
{
	int64_t after = strcmp(r->s.phase, "contracts") == 0 ? r->s.after : 0;
	struct row *group[AT_CHUNK];
	size_t n = 0;
	enum rc rc = RC_OK;

	r->s.done = 0;
	for (size_t i = 0; i < r->rows && rc == RC_OK; i++) {
		struct row *row = &r->row[i];

		if (!row->reason && left_out(r, row->company))
			row->reason = "its company is inactive";
		if (row->reason)
			rc = syncing_skip(&r->s, "contract", row->remote_id, row->contract.name, row->reason, e);
		else if (row->id <= after)
			r->s.done++;
		else
			group[n++] = row;
		if (rc == RC_OK && n == AT_CHUNK) {
			rc = deliver_group(r, group, n, (int64_t)r->rows, e);
			n = 0;
		}
	}
	return rc == RC_OK && n ? deliver_group(r, group, n, (int64_t)r->rows, e) : rc;
}

enum rc at_sync(struct psa_conn *c, struct psa_sync *how, const struct psa_sink *sink, struct err *e)
{
	struct reading *r = xcalloc(1, sizeof(*r));
	enum rc rc;

	r->c = c;
	syncing_begin(&r->s, how, sink, &c->wire);
	rc = list_contracts(r, e);
	if (rc == RC_OK)
		rc = read_companies(r, e);
	if (rc == RC_OK)
		rc = read_products(r, e);
	if (rc == RC_OK)
		rc = read_contracts(r, e);
	how->ret_watermark = r->s.seen;
	syncing_end(&r->s);
	free(r->row);
	free(r->inactive);
	arena_release(&r->arena);
	free(r);
	return rc;
}
