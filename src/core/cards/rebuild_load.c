#include "core/cards/rebuild.h"

#include <string.h>

/* Maps of what was loaded so far, to turn ids into places. */
struct load {
	struct tx *tx;
	struct arena *a;
	const char *org;
	struct rec_input *in;
	struct idmap accounts, products, contracts, integrations, vendor_accounts, services;
};

/* A list that grows in the arena. */
struct list {
	void *items;
	size_t count, cap, size;
};

static void *add(struct load *l, struct list *list)
{
	if (list->count == list->cap) {
		size_t cap = list->cap ? list->cap * 2 : 64;
		void *bigger = arena_array(l->a, cap, list->size);

		if (list->count)
			memcpy(bigger, list->items, list->count * list->size);
		list->items = bigger;
		list->cap = cap;
	}
	return (char *)list->items + list->size * list->count++;
}

static const qty *keep_qty(struct load *l, struct rows *r, int col)
{
	qty *q;

	if (rows_null(r, col))
		return NULL;
	q = ARENA_NEW(l->a, qty);
	*q = rows_int(r, col);
	return q;
}

static enum rc load_accounts(struct load *l, struct err *e)
{
	struct list list = { .size = sizeof(struct rec_account) };
	struct rows r;

	sql_query(l->tx, &r, SQL_REBUILD_ACCOUNTS, "t", l->org);
	while (rows_next(&r)) {
		struct rec_account *x = add(l, &list);

		x->id = rows_dup(&r, l->a, 0);
		x->fold = rows_dup(&r, l->a, 1);
		x->gone = !rows_null(&r, 2);
		idmap_put(&l->accounts, x->id, (uint32_t)list.count - 1);
	}
	l->in->accounts = list.items;
	l->in->account_count = list.count;
	return rows_end(&r, e);
}

static enum rc load_products(struct load *l, struct err *e)
{
	struct list list = { .size = sizeof(struct rec_product) };
	struct rows r;

	sql_query(l->tx, &r, SQL_REBUILD_PRODUCTS, "t", l->org);
	while (rows_next(&r)) {
		struct rec_product *x = add(l, &list);

		x->id = rows_dup(&r, l->a, 0);
		x->fold = rows_dup(&r, l->a, 1);
		x->code_fold = rows_dup(&r, l->a, 2);
		x->price = keep_qty(l, &r, 3);
		x->gone = !rows_null(&r, 4);
		idmap_put(&l->products, x->id, (uint32_t)list.count - 1);
	}
	l->in->products = list.items;
	l->in->product_count = list.count;
	return rows_end(&r, e);
}

/* A contract of an account that the book does not have cannot be anybody's: it and its lines are left out. */
static enum rc load_contracts(struct load *l, struct err *e)
{
	struct list list = { .size = sizeof(struct rec_contract) };
	struct rows r;

	sql_query(l->tx, &r, SQL_REBUILD_CONTRACTS, "t", l->org);
	while (rows_next(&r)) {
		uint32_t account = idmap_get(&l->accounts, rows_text(&r, 1));
		struct rec_contract *x;

		if (account == IDMAP_NONE)
			continue;
		x = add(l, &list);
		x->id = rows_dup(&r, l->a, 0);
		x->account = account;
		x->name = rows_dup(&r, l->a, 2);
		x->fold = rows_dup(&r, l->a, 3);
		x->currency = rows_dup(&r, l->a, 4);
		x->gone = !rows_null(&r, 5);
		idmap_put(&l->contracts, x->id, (uint32_t)list.count - 1);
	}
	l->in->contracts = list.items;
	l->in->contract_count = list.count;
	return rows_end(&r, e);
}

static void read_line(struct load *l, struct rows *r, struct rec_line *x)
{
	x->id = rows_dup(r, l->a, 0);
	x->quantity = rows_int(r, 3);
	x->has_price = !rows_null(r, 4);
	x->price = rows_int(r, 4);
	x->billable = rows_int(r, 5) != 0;
	x->effective = rows_day(r, 6);
	x->cancelled = rows_day(r, 7);
	x->gone = rows_null(r, 8) ? DAY_NONE : day_of(rows_int(r, 8));
	x->read_at = rows_int(r, 9);
	x->first_seen = rows_null(r, 10) ? DAY_NONE : day_of(rows_int(r, 10));
}

static enum rc load_lines(struct load *l, struct err *e)
{
	struct list list = { .size = sizeof(struct rec_line) };
	day since = l->in->today - STALE_DAYS;
	struct rows r;

	sql_query(l->tx, &r, SQL_REBUILD_LINES, "tidd", l->org, (int64_t)since * CLOCK_DAY, since, l->in->today);
	while (rows_next(&r)) {
		uint32_t contract = idmap_get(&l->contracts, rows_text(&r, 1));
		uint32_t product = idmap_get(&l->products, rows_text(&r, 2));
		struct rec_line *x;

		if (contract == IDMAP_NONE || product == IDMAP_NONE)
			continue;
		x = add(l, &list);
		x->contract = contract;
		x->product = product;
		read_line(l, &r, x);
	}
	l->in->lines = list.items;
	l->in->line_count = list.count;
	return rows_end(&r, e);
}

static enum rc load_integrations(struct load *l, struct err *e)
{
	struct list list = { .size = sizeof(struct rec_integration) };
	struct rows r;

	sql_query(l->tx, &r, SQL_REBUILD_INTEGRATIONS, "t", l->org);
	while (rows_next(&r)) {
		struct rec_integration *x = add(l, &list);

		x->id = rows_dup(&r, l->a, 0);
		x->vendor = rows_dup(&r, l->a, 1);
		x->name = rows_dup(&r, l->a, 2);
		x->stale_after = rows_int(&r, 3);
		x->covered_at = rows_int(&r, 4);
		idmap_put(&l->integrations, x->id, (uint32_t)list.count - 1);
	}
	l->in->integrations = list.items;
	l->in->integration_count = list.count;
	return rows_end(&r, e);
}

static enum rc load_vendor_accounts(struct load *l, struct err *e)
{
	struct list list = { .size = sizeof(struct rec_vendor_account) };
	struct rows r;

	sql_query(l->tx, &r, SQL_REBUILD_VENDOR_ACCOUNTS, "t", l->org);
	while (rows_next(&r)) {
		uint32_t integration = idmap_get(&l->integrations, rows_text(&r, 2));
		uint32_t account = idmap_get(&l->accounts, rows_text(&r, 3));
		struct rec_vendor_account *x;

		if (integration == IDMAP_NONE || account == IDMAP_NONE)
			continue;
		x = add(l, &list);
		x->id = rows_dup(&r, l->a, 0);
		x->name = rows_dup(&r, l->a, 1);
		x->integration = integration;
		x->account = account;
		x->detect_new_revenue = rows_int(&r, 4) != 0;
		idmap_put(&l->vendor_accounts, x->id, (uint32_t)list.count - 1);
	}
	l->in->vendor_accounts = list.items;
	l->in->vendor_account_count = list.count;
	return rows_end(&r, e);
}

static void begin_service(struct load *l, struct rows *r, uint32_t integration, struct rec_service *x)
{
	x->id = rows_dup(r, l->a, 0);
	x->name = rows_dup(r, l->a, 1);
	x->unit_basis = rows_dup(r, l->a, 2);
	x->integration = integration;
	x->split = rows_text(r, 4) && strcmp(rows_text(r, 4), "split") == 0;
	x->detect_new_revenue = rows_int(r, 5) != 0;
}

/* Rows come by service, one for each of its products. */
static enum rc load_services(struct load *l, struct err *e)
{
	struct list list = { .size = sizeof(struct rec_service) }, products = { .size = sizeof(uint32_t) };
	struct rec_service *x = NULL;
	struct rows r;

	sql_query(l->tx, &r, SQL_REBUILD_SERVICES, "t", l->org);
	while (rows_next(&r)) {
		uint32_t integration = idmap_get(&l->integrations, rows_text(&r, 3));
		uint32_t product = idmap_get(&l->products, rows_text(&r, 6));

		if (integration == IDMAP_NONE || product == IDMAP_NONE)
			continue;
		if (!x || strcmp(x->id, rows_text(&r, 0)) != 0) {
			x = add(l, &list);
			begin_service(l, &r, integration, x);
			idmap_put(&l->services, x->id, (uint32_t)list.count - 1);
			products = (struct list){ .size = sizeof(uint32_t) };
		}
		*(uint32_t *)add(l, &products) = product;
		x->products = products.items;
		x->product_count = products.count;
	}
	l->in->services = list.items;
	l->in->service_count = list.count;
	return rows_end(&r, e);
}

static enum rc load_counts(struct load *l, struct err *e)
{
	struct list list = { .size = sizeof(struct rec_count) };
	struct rows r;

	sql_query(l->tx, &r, SQL_REBUILD_COUNTS, "t", l->org);
	while (rows_next(&r)) {
		uint32_t service = idmap_get(&l->services, rows_text(&r, 0));
		uint32_t account = idmap_get(&l->vendor_accounts, rows_text(&r, 1));
		struct rec_count *x;

		if (service == IDMAP_NONE || account == IDMAP_NONE)
			continue;
		x = add(l, &list);
		x->service = service;
		x->account = account;
		x->units.q = rows_int(&r, 2);
		x->units.text = rows_dup(&r, l->a, 3);
		x->observed_at = rows_int(&r, 4);
	}
	l->in->counts = list.items;
	l->in->count_count = list.count;
	return rows_end(&r, e);
}

static uint32_t scope(const struct idmap *m, const char *id)
{
	uint32_t at;

	if (!id)
		return RULE_ANY;
	at = idmap_get(m, id);
	return at == IDMAP_NONE ? RULE_LOST : at;
}

static qty step(struct rows *r, int col, unsigned flag, struct rule *x)
{
	if (!rows_null(r, col))
		x->steps |= flag;
	return rows_int(r, col);
}

static enum rc load_rules(struct load *l, struct err *e)
{
	struct list list = { .size = sizeof(struct rule) };
	struct rows r;

	sql_query(l->tx, &r, SQL_REBUILD_RULES, "t", l->org);
	while (rows_next(&r)) {
		struct rule *x = add(l, &list);

		x->id = rows_dup(&r, l->a, 0);
		x->version = rows_int(&r, 1);
		x->name = rows_dup(&r, l->a, 2);
		x->product = scope(&l->products, rows_text(&r, 3));
		x->account = scope(&l->accounts, rows_text(&r, 4));
		x->contract = scope(&l->contracts, rows_text(&r, 5));
		x->convert_mul = step(&r, 6, RULE_CONVERT, x);
		x->convert_div = step(&r, 7, RULE_CONVERT, x);
		x->included = step(&r, 8, RULE_INCLUDED, x);
		x->minimum = step(&r, 9, RULE_MINIMUM, x);
		x->maximum = step(&r, 10, RULE_MAXIMUM, x);
		if (rule_round_parse(rows_text(&r, 11), &x->round_mode))
			x->round_step = step(&r, 12, RULE_ROUND, x);
	}
	l->in->rules = list.items;
	l->in->rule_count = list.count;
	return rows_end(&r, e);
}

static enum rc load_overrides(struct load *l, struct err *e)
{
	struct list list = { .size = sizeof(struct override) };
	struct rows r;

	sql_query(l->tx, &r, SQL_REBUILD_OVERRIDES, "t", l->org);
	while (rows_next(&r)) {
		struct override *x = add(l, &list);

		x->id = rows_dup(&r, l->a, 0);
		x->account = scope(&l->accounts, rows_text(&r, 1));
		x->product = scope(&l->products, rows_text(&r, 2));
		x->contract = scope(&l->contracts, rows_text(&r, 3));
		x->quantity = rows_int(&r, 4);
		x->reason = rows_dup(&r, l->a, 5);
		x->expires = rows_day(&r, 6);
	}
	l->in->overrides = list.items;
	l->in->override_count = list.count;
	return rows_end(&r, e);
}

static bool is(const char *a, const char *b)
{
	return a && strcmp(a, b) == 0;
}

static enum rec_write write_of(const char *state)
{
	if (!state)
		return REC_WRITE_NONE;
	if (is(state, "planned") || is(state, "sending") || is(state, "unknown") || is(state, "listed"))
		return REC_WRITE_MOVING;
	return is(state, "applied") ? REC_WRITE_APPLIED : REC_WRITE_VOID;
}

static void read_decision(struct load *l, struct rows *r, struct rec_decision *x)
{
	const char *kind = rows_text(r, 2);

	x->card_id = rows_dup(r, l->a, 0);
	x->id = rows_dup(r, l->a, 1);
	x->closes = is(kind, "approve") ? CARD_APPROVED
		: is(kind, "confirm")   ? CARD_CONFIRMED
		: is(kind, "reopen")    ? CARD_OPEN
					: CARD_DISMISSED;
	x->quantity = keep_qty(l, r, 3);
	x->seen_psa = keep_qty(l, r, 4);
	x->seen_target = keep_qty(l, r, 5);
	x->effective = rows_day(r, 6);
	x->at = rows_int(r, 7);
	x->write = write_of(rows_text(r, 8));
	x->detail = rows_dup(r, l->a, 9);
	x->written_at = rows_int(r, 10);
	x->adds_line = is(rows_text(r, 11), "add_line");
	x->account = idmap_get(&l->accounts, rows_text(r, 12));
	x->product = idmap_get(&l->products, rows_text(r, 13));
	x->contract = idmap_get(&l->contracts, rows_text(r, 14));
}

static enum rc load_decisions(struct load *l, struct err *e)
{
	struct list list = { .size = sizeof(struct rec_decision) };
	struct rows r;

	sql_query(l->tx, &r, SQL_REBUILD_DECISIONS, "t", l->org);
	while (rows_next(&r))
		read_decision(l, &r, add(l, &list));
	l->in->decisions = list.items;
	l->in->decision_count = list.count;
	return rows_end(&r, e);
}

static enum rc load_book_time(struct load *l, struct err *e)
{
	enum rc rc = sql_int(l->tx, &l->in->book_read_at, e, SQL_REBUILD_BOOK_READ, "t", l->org);

	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc rebuild_load(struct tx *tx, struct arena *a, const char *org, struct rec_input *ret, struct err *e)
{
	static enum rc (*const steps[])(struct load * l, struct err * e) = { load_book_time, load_accounts,
		load_products, load_contracts, load_lines, load_integrations, load_vendor_accounts, load_services,
		load_counts, load_rules, load_overrides, load_decisions };
	struct load l = { .tx = tx, .a = a, .org = org, .in = ret };
	struct idmap *maps[] = { &l.accounts, &l.products, &l.contracts, &l.integrations, &l.vendor_accounts,
		&l.services };
	enum rc rc = RC_OK;

	*ret = (struct rec_input){ .org = org, .now = clock_now() };
	ret->today = day_of(ret->now);
	for (size_t i = 0; i < ARRAY_LEN(maps); i++)
		idmap_init(maps[i], a, 64);
	for (size_t i = 0; i < ARRAY_LEN(steps) && rc == RC_OK; i++)
		rc = steps[i](&l, e);
	return rc;
}
