#include "core/mapping/maplist.h"

#include "base/text.h"
#include "core/mapping/alias.h"
#include "core/usage/integration.h"
#include "core/mapping/match.h"
#include "core/page.h"

#include <string.h>

enum { SUGGESTIONS = 5, HITS = 12, ALIAS_SCORE = 990 };

/* The names of the PSA that suggestions are chosen from. A product is there by its name and by its code. */
struct offer {
	const char *id, *name, *code;
};

struct offers {
	struct tx *tx;
	struct arena *a;
	const char *org, *kind; /* ALIAS_ACCOUNT or ALIAS_SERVICE */
	struct offer *offer;
	struct match_name *names;
	size_t count, cap;
	struct match_index *index; /* made when first needed */
	struct match_scratch *scratch;
};

static void add_offer(struct offers *o, struct offer offer, const char *name, const char *domain)
{
	if (o->count == o->cap) {
		size_t cap = o->cap ? o->cap * 2 : 256;
		struct offer *offers = arena_array(o->a, cap, sizeof(*offers));
		struct match_name *names = arena_array(o->a, cap, sizeof(*names));

		if (o->count) {
			memcpy(offers, o->offer, o->count * sizeof(*offers));
			memcpy(names, o->names, o->count * sizeof(*names));
		}
		o->offer = offers;
		o->names = names;
		o->cap = cap;
	}
	o->offer[o->count] = offer;
	o->names[o->count++] = (struct match_name){ name, domain };
}

static enum rc load_offers(struct offers *o, struct err *e)
{
	bool account = strcmp(o->kind, ALIAS_ACCOUNT) == 0;
	struct rows r;

	sql_query(o->tx, &r, account ? SQL_MAP_ACCOUNT_NAMES : SQL_MAP_PRODUCT_NAMES, "t", o->org);
	while (rows_next(&r)) {
		struct offer offer = { rows_dup(&r, o->a, 0), rows_dup(&r, o->a, 1),
			account ? NULL : rows_dup(&r, o->a, 2) };

		add_offer(o, offer, offer.name, account ? rows_dup(&r, o->a, 2) : NULL);
		if (!account && offer.code && *offer.code && strcmp(offer.code, offer.name) != 0)
			add_offer(o, offer, offer.code, NULL);
	}
	if (rows_end(&r, e) != RC_OK)
		return e->rc;
	o->index = match_index_new(o->names, o->count);
	o->scratch = match_scratch_new(o->index);
	return RC_OK;
}

static void offers_release(struct offers *o)
{
	if (o->scratch)
		match_scratch_free(o->scratch);
	if (o->index)
		match_index_free(o->index);
}

struct suggestion {
	const struct offer *offer;
	int score;
	unsigned why;
};

struct suggestions {
	struct suggestion s[SUGGESTIONS];
	size_t count;
};

/* Keeps the best, each target once. */
static void offer_one(struct suggestions *l, const struct offer *offer, int score, unsigned why)
{
	size_t at;

	for (size_t i = 0; i < l->count; i++) {
		if (strcmp(l->s[i].offer->id, offer->id) == 0)
			return;
	}
	for (at = 0; at < l->count && l->s[at].score >= score; at++)
		;
	if (at == SUGGESTIONS)
		return;
	if (l->count < SUGGESTIONS)
		l->count++;
	memmove(&l->s[at + 1], &l->s[at], (l->count - 1 - at) * sizeof(l->s[0]));
	l->s[at] = (struct suggestion){ offer, score, why };
}

static const struct offer *offer_of(const struct offers *o, const char *id)
{
	for (size_t i = 0; i < o->count; i++) {
		if (strcmp(o->offer[i].id, id) == 0)
			return &o->offer[i];
	}
	return NULL;
}

static enum rc suggest(struct offers *o, const char *name, const char *fold, struct suggestions *ret, struct err *e)
{
	struct match_name wanted = { name, NULL };
	struct match_hit hits[HITS];
	struct alias *aliases;
	size_t count;

	ret->count = 0;
	if (!o->index && load_offers(o, e) != RC_OK)
		return e->rc;
	if (alias_list(o->tx, o->a, o->org, o->kind, fold, &aliases, e) != RC_OK)
		return e->rc;
	for (const struct alias *x = aliases; x; x = x->next) {
		const struct offer *offer = x->accepted ? offer_of(o, x->target) : NULL;

		if (offer)
			offer_one(ret, offer, ALIAS_SCORE, MATCH_ALIAS);
	}
	count = o->offer ? match_find(o->index, o->scratch, &wanted, hits, HITS) : 0;
	for (size_t i = 0; i < count; i++) {
		const struct offer *offer = &o->offer[hits[i].index];
		const struct alias *x = alias_of(aliases, offer->id);

		if (!x)
			offer_one(ret, offer, hits[i].score, hits[i].why);
	}
	return RC_OK;
}

static void write_suggestions(struct offers *o, const struct suggestions *l, struct jsonw *w)
{
	bool account = strcmp(o->kind, ALIAS_ACCOUNT) == 0;

	jsonw_key(w, "suggestions");
	jsonw_array(w);
	for (size_t i = 0; i < l->count; i++) {
		const struct suggestion *s = &l->s[i];

		jsonw_object(w);
		jsonw_kv(w, account ? "psa_account_id" : "product_id", s->offer->id);
		jsonw_kv(w, "name", s->offer->name);
		if (!account)
			jsonw_kv(w, "code", s->offer->code);
		jsonw_kv_int(w, "score", s->score);
		jsonw_kv(w, "why", match_why_text(o->a, s->why));
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}

/* What was counted and what it would come to, as far as it can be said. */
struct counted {
	qty units, money;
	bool too_large, priced;
	int64_t pairs;
};

static void count_units(struct counted *c, qty units)
{
	c->pairs++;
	if (units == QTY_MAX || qty_add(c->units, units, &c->units) != RC_OK)
		c->too_large = true;
}

static void count_money(struct counted *c, qty units, const qty *price)
{
	qty money;

	if (price && qty_mul(units, *price, &money) == RC_OK && qty_add(c->money, money, &c->money) == RC_OK)
		c->priced = true;
}

static void write_counted(const struct counted *c, const char *key, struct jsonw *w)
{
	jsonw_key(w, key);
	jsonw_object(w);
	jsonw_kv_int(w, "counts", c->pairs);
	if (c->too_large)
		jsonw_kv_null(w, "units");
	else
		jsonw_kv_qty(w, "units", c->units);
	if (c->priced)
		jsonw_kv_qty(w, "money", c->money);
	else
		jsonw_kv_null(w, "money");
	jsonw_end_object(w);
}

/* Rows come by service; a service mapped to several products has a row, and a price, for each. */
static enum rc count_account(
	struct offers *o, const char *integration, const char *id, struct counted *ret, struct err *e)
{
	char last[64] = "";
	struct rows r;

	memset(ret, 0, sizeof(*ret));
	sql_query(o->tx, &r, SQL_MAP_ACCOUNT_COUNTS, "ttt", o->org, integration, id);
	while (rows_next(&r)) {
		qty price = rows_int(&r, 4);

		if (strncmp(last, rows_text(&r, 0), sizeof(last) - 1) != 0)
			count_units(ret, rows_int(&r, 1));
		memccpy(last, rows_text(&r, 0), 0, sizeof(last) - 1);
		count_money(ret, rows_int(&r, 1), rows_null(&r, 4) ? NULL : &price);
	}
	return rows_end(&r, e);
}

static void write_origin(struct jsonw *w, const char *how, const char *by, utime at)
{
	char text[CLOCK_TEXT];

	jsonw_kv(w, "how", how);
	jsonw_kv(w, "by", by);
	jsonw_kv(w, "at", at ? clock_format(at, text) : NULL);
}

/* A row of either list; the first eleven columns are the same. */
struct item {
	const char *id, *vendor_id, *name, *description, *mapping, *mapping_id, *how, *by, *fold;
	bool active, detect;
	utime at;
	const char *psa_id, *psa_name, *psa_remote; /* accounts */
	const char *mode, *basis, *told_basis, *category, *subcategory, *kind; /* services */
};

static void read_item(struct rows *r, struct arena *a, bool account, struct item *x)
{
	*x = (struct item){ .id = rows_dup(r, a, 0),
		.vendor_id = rows_dup(r, a, 1),
		.name = rows_dup(r, a, 2),
		.description = rows_dup(r, a, 3),
		.active = rows_int(r, 4) != 0,
		.detect = rows_int(r, 5) != 0,
		.mapping = rows_dup(r, a, 6),
		.mapping_id = rows_dup(r, a, 7),
		.how = rows_dup(r, a, 8),
		.by = rows_dup(r, a, 9),
		.at = rows_int(r, 10) };
	x->fold = rows_dup(r, a, account ? 14 : 16);
	if (account) {
		x->psa_id = rows_dup(r, a, 11);
		x->psa_name = rows_dup(r, a, 12);
		x->psa_remote = rows_dup(r, a, 13);
		return;
	}
	x->mode = rows_dup(r, a, 11);
	x->basis = rows_dup(r, a, 12);
	x->category = rows_dup(r, a, 13);
	x->subcategory = rows_dup(r, a, 14);
	x->kind = rows_dup(r, a, 15);
	x->told_basis = rows_dup(r, a, 17);
}

static void begin_item(struct jsonw *w, const struct item *x)
{
	jsonw_object(w);
	jsonw_kv(w, "id", x->id);
	jsonw_kv(w, "vendor_id", x->vendor_id);
	jsonw_kv(w, "name", x->name);
	jsonw_kv(w, "description", x->description);
	jsonw_kv_bool(w, "is_active", x->active);
	jsonw_kv_bool(w, "detect_new_revenue", x->detect);
}

static enum rc end_item(struct offers *o, struct jsonw *w, const struct item *x, const struct counted *c, struct err *e)
{
	struct suggestions l = { .count = 0 };
	enum rc rc = RC_OK;

	if (strcmp(x->mapping, "unmapped") == 0)
		rc = suggest(o, x->name, x->fold, &l, e);
	write_suggestions(o, &l, w);
	write_counted(c, "counted", w);
	jsonw_end_object(w);
	return rc;
}

static enum rc write_account(
	struct offers *o, const char *integration, const struct item *x, struct jsonw *w, struct err *e)
{
	struct counted c;
	enum rc rc = count_account(o, integration, x->id, &c, e);

	if (rc != RC_OK)
		return rc;
	begin_item(w, x);
	jsonw_key(w, "mapping");
	jsonw_object(w);
	jsonw_kv(w, "status", x->mapping);
	jsonw_kv(w, "mapping_id", x->mapping_id);
	jsonw_kv(w, "psa_account_id", x->psa_id);
	jsonw_key(w, "psa_account");
	if (x->psa_id) {
		jsonw_object(w);
		jsonw_kv(w, "id", x->psa_id);
		jsonw_kv(w, "name", x->psa_name);
		jsonw_kv(w, "remote_id", x->psa_remote);
		jsonw_end_object(w);
	} else {
		jsonw_null(w);
	}
	write_origin(w, x->how, x->by, x->at);
	jsonw_end_object(w);
	return end_item(o, w, x, &c, e);
}

/* Products of a service: the ids for the mapping, then the products with their names. */
struct mapped_product {
	const char *id, *code, *name;
	qty price;
	bool has_price;
	struct mapped_product *next;
};

static enum rc read_products(struct offers *o, const char *service, struct mapped_product **ret, struct err *e)
{
	struct rows r;

	*ret = NULL;
	sql_query(o->tx, &r, SQL_MAP_SERVICE_PRODUCTS, "tt", o->org, service);
	while (rows_next(&r)) {
		*ret = ARENA_NEW(o->a, struct mapped_product);
		(*ret)->id = rows_dup(&r, o->a, 0);
		(*ret)->code = rows_dup(&r, o->a, 1);
		(*ret)->name = rows_dup(&r, o->a, 2);
		(*ret)->has_price = !rows_null(&r, 3);
		(*ret)->price = rows_int(&r, 3);
		ret = &(*ret)->next;
	}
	return rows_end(&r, e);
}

static enum rc count_service(
	struct offers *o, const struct item *x, const struct mapped_product *p, struct counted *ret, struct err *e)
{
	bool copy = x->mode && strcmp(x->mode, "copy") == 0;
	struct rows r;

	memset(ret, 0, sizeof(*ret));
	sql_query(o->tx, &r, SQL_MAP_SERVICE_COUNTS, "tt", o->org, x->id);
	while (rows_next(&r)) {
		count_units(ret, rows_int(&r, 0));
		for (const struct mapped_product *k = p; k; k = copy ? k->next : NULL)
			count_money(ret, rows_int(&r, 0), k->has_price ? &k->price : NULL);
	}
	return rows_end(&r, e);
}

static void write_products(const struct mapped_product *p, struct jsonw *w)
{
	jsonw_key(w, "product_ids");
	jsonw_array(w);
	for (const struct mapped_product *k = p; k; k = k->next)
		jsonw_string(w, k->id);
	jsonw_end_array(w);
	jsonw_key(w, "products");
	jsonw_array(w);
	for (const struct mapped_product *k = p; k; k = k->next) {
		jsonw_object(w);
		jsonw_kv(w, "id", k->id);
		jsonw_kv(w, "code", k->code);
		jsonw_kv(w, "name", k->name);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}

static enum rc write_service(
	struct offers *o, const char *integration, const struct item *x, struct jsonw *w, struct err *e)
{
	struct mapped_product *products;
	struct counted c;
	enum rc rc = read_products(o, x->id, &products, e);

	if (rc == RC_OK)
		rc = count_service(o, x, products, &c, e);
	if (rc != RC_OK)
		return rc;
	begin_item(w, x);
	jsonw_kv(w, "kind", x->kind);
	jsonw_kv(w, "category", x->category);
	jsonw_kv(w, "subcategory", x->subcategory);
	jsonw_kv(w, "unit_basis", x->told_basis);
	jsonw_key(w, "mapping");
	jsonw_object(w);
	jsonw_kv(w, "status", x->mapping);
	jsonw_kv(w, "mapping_id", x->mapping_id);
	write_products(products, w);
	jsonw_kv(w, "mode", x->mode);
	jsonw_kv(w, "unit_basis", x->basis);
	write_origin(w, x->how, x->by, x->at);
	jsonw_end_object(w);
	return end_item(o, w, x, &c, e);
}

/* A page of items in the arena, so that what belongs to each can be queried. */
struct page {
	struct item *items;
	size_t count;
	const char *next;
};

static enum rc read_page(struct tx *tx, const struct maplist *l, bool account, struct page *ret, struct err *e)
{
	struct arena *a = tx_arena(tx);
	const char *after[2];
	struct integration i;
	struct rows r;
	enum rc rc = integration_get(tx, a, l->org, l->integration, &i, e);

	memset(ret, 0, sizeof(*ret));
	if (rc == RC_OK)
		rc = page_read(a, l->cursor, after, 2, e);
	if (rc != RC_OK)
		return rc;
	ret->items = arena_array(a, (size_t)l->limit, sizeof(*ret->items));
	sql_query(tx, &r, account ? SQL_MAP_ACCOUNTS_LIST : SQL_MAP_SERVICES_LIST, "ttttttit", l->org, l->integration,
		l->status ? l->status : "", text_like(a, l->q ? text_fold(a, l->q) : ""), after[0], after[1], l->limit,
		l->id ? l->id : "");
	while (rows_next(&r))
		read_item(&r, a, account, &ret->items[ret->count++]);
	rc = rows_end(&r, e);
	if (rc == RC_OK && ret->count == (size_t)l->limit && !l->id)
		ret->next = page_cursor(a, ret->items[ret->count - 1].fold, ret->items[ret->count - 1].id, NULL);
	return rc;
}

typedef enum rc (*item_fn)(struct offers *, const char *, const struct item *, struct jsonw *, struct err *);

static enum rc write_list(struct tx *tx, const struct maplist *l, const char *kind, item_fn write, struct jsonw *w,
	const char **ret_next, struct err *e)
{
	struct offers o = { .tx = tx, .a = tx_arena(tx), .org = l->org, .kind = kind };
	struct page page;
	enum rc rc = read_page(tx, l, strcmp(kind, ALIAS_ACCOUNT) == 0, &page, e);

	for (size_t i = 0; i < page.count && rc == RC_OK; i++)
		rc = write(&o, l->integration, &page.items[i], w, e);
	offers_release(&o);
	*ret_next = page.next;
	return rc;
}

enum rc maplist_accounts(struct tx *tx, const struct maplist *l, struct jsonw *w, const char **ret_next, struct err *e)
{
	return write_list(tx, l, ALIAS_ACCOUNT, write_account, w, ret_next, e);
}

enum rc maplist_services(struct tx *tx, const struct maplist *l, struct jsonw *w, const char **ret_next, struct err *e)
{
	return write_list(tx, l, ALIAS_SERVICE, write_service, w, ret_next, e);
}

static enum rc write_sizes(struct tx *tx, const char *org, const char *integration, struct jsonw *w, struct err *e)
{
	static const char *const what[] = { "accounts", "services" },
				 *const how[] = { "mapped", "unmapped", "excluded" };
	int64_t n[ARRAY_LEN(what)][ARRAY_LEN(how)] = { { 0 } };
	struct rows r;

	sql_query(tx, &r, SQL_MAP_TOTALS, "tt", org, integration);
	while (rows_next(&r)) {
		for (size_t i = 0; i < ARRAY_LEN(what) * ARRAY_LEN(how); i++) {
			if (strcmp(rows_text(&r, 0), what[i / 3]) == 0 && strcmp(rows_text(&r, 1), how[i % 3]) == 0)
				n[i / 3][i % 3] = rows_int(&r, 2);
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(what); i++) {
		jsonw_key(w, what[i]);
		jsonw_object(w);
		for (size_t k = 0; k < ARRAY_LEN(how); k++)
			jsonw_kv_int(w, how[k], n[i][k]);
		jsonw_end_object(w);
	}
	return rows_end(&r, e);
}

/* Excluded counts before unmapped: what a person left out on purpose is no open question. */
static enum rc write_left_out(struct tx *tx, const char *org, const char *integration, struct jsonw *w, struct err *e)
{
	struct counted unmapped = { 0 }, excluded = { 0 };
	char last[64] = "", now[64];
	struct rows r;

	sql_query(tx, &r, SQL_MAP_LEFT_OUT, "tt", org, integration);
	while (rows_next(&r)) {
		bool out = strcmp(rows_text(&r, 4), "excluded") == 0 || strcmp(rows_text(&r, 5), "excluded") == 0;
		struct counted *c = out ? &excluded : &unmapped;
		AUTO(buf) pair = BUF_INIT(256);
		qty price = rows_int(&r, 6);

		buf_printf(&pair, "%.30s %.30s", rows_text(&r, 0), rows_text(&r, 1));
		memset(now, 0, sizeof(now));
		memccpy(now, buf_text(&pair), 0, sizeof(now) - 1);
		if (strcmp(now, last) != 0)
			count_units(c, rows_int(&r, 2));
		memcpy(last, now, sizeof(last));
		count_money(c, rows_int(&r, 2), rows_null(&r, 6) ? NULL : &price);
	}
	write_counted(&unmapped, "unmapped", w);
	write_counted(&excluded, "excluded", w);
	return rows_end(&r, e);
}

enum rc maplist_totals(struct tx *tx, const char *org, const char *integration, struct jsonw *w, struct err *e)
{
	struct integration i;
	enum rc rc = integration_get(tx, tx_arena(tx), org, integration, &i, e);

	if (rc != RC_OK)
		return rc;
	jsonw_object(w);
	rc = write_sizes(tx, org, integration, w, e);
	if (rc == RC_OK)
		rc = write_left_out(tx, org, integration, w, e);
	jsonw_end_object(w);
	return rc;
}
