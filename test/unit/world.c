#include "world.h"

#include "base/rand.h"
#include "core/book/book.h"
#include "core/cards/cardlist.h"
#include "core/mapping/map.h"
#include "core/usage/run.h"
#include "core/usage/service.h"
#include "core/usage/vendor_account.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const struct principal world_person = { .org = WORLD_ORG, .id = "u1", .name = "anna@northwind.example" };

static _Atomic utime now_;

utime world_now(void)
{
	return now_;
}

void world_pass(utime duration)
{
	now_ += duration;
}

void world_open(struct world *w)
{
	utime noon;

	memset(w, 0, sizeof(*w));
	assert_int_equal(clock_parse("2026-09-25T12:00:00Z", &noon), RC_OK);
	now_ = noon;
	clock_set_source(world_now);
	testdb_open(&w->t);
}

void world_close(struct world *w)
{
	testdb_remove(&w->t);
	arena_release(&w->arena);
	clock_set_source(NULL);
}

enum rc world_try(struct world *w, db_fn fn, void *arg, struct err *e)
{
	return db_write(w->t.db, fn, arg, e);
}

void world_do(struct world *w, db_fn fn, void *arg)
{
	struct err e = ERR_INIT;

	if (world_try(w, fn, arg, &e) != RC_OK)
		fail_msg("%s", e.text);
}

/* One change of the book. */
struct reading {
	struct book_run run;
	const struct psa_account *account;
	const struct psa_product *product;
	const struct psa_contract *contract;
	const char *lines_of;
	const struct psa_line *lines;
	size_t count;
};

static enum rc read_fn(struct tx *tx, void *arg, struct err *e)
{
	struct reading *r = arg;

	if (r->account)
		return book_put_account(tx, &r->run, r->account, e);
	if (r->product)
		return book_put_product(tx, &r->run, r->product, e);
	if (r->contract)
		return book_put_contract(tx, &r->run, r->contract, e);
	return book_put_lines(tx, &r->run, r->lines_of, r->lines, r->count, e);
}

static void read_book(struct world *w, struct reading *r)
{
	r->run = (struct book_run){ WORLD_ORG, "connectwise", now_, now_ };
	world_do(w, read_fn, r);
}

static const char *book_id_of(struct world *w, const char *what, const char *remote_id)
{
	return book_id(&w->arena, WORLD_ORG, "connectwise", what, remote_id);
}

const char *world_account(struct world *w, const char *remote_id, const char *name)
{
	struct psa_account a = { .remote_id = remote_id, .name = name };
	struct reading r = { .account = &a };

	read_book(w, &r);
	return book_id_of(w, "account", remote_id);
}

const char *world_product(struct world *w, const char *remote_id, const char *code, const char *name, qty price)
{
	struct psa_product p = {
		.remote_id = remote_id, .code = code, .name = name, .price = price, .has_price = price != 0
	};
	struct reading r = { .product = &p };

	read_book(w, &r);
	return book_id_of(w, "product", remote_id);
}

const char *world_contract(struct world *w, const char *remote_id, const char *account_remote_id)
{
	struct psa_contract c = { .remote_id = remote_id,
		.account_remote_id = account_remote_id,
		.name = remote_id,
		.currency = "USD",
		.start = DAY_NONE,
		.end = DAY_NONE,
		.billed_through = DAY_NONE };
	struct reading r = { .contract = &c };

	read_book(w, &r);
	return book_id_of(w, "contract", remote_id);
}

void world_lines(struct world *w, const char *contract_remote_id, const struct psa_line *lines, size_t count)
{
	struct psa_line *copy = arena_array(&w->arena, count + 1, sizeof(*copy));
	struct reading r = { .lines_of = contract_remote_id, .lines = copy, .count = count };

	for (size_t i = 0; i < count; i++) {
		copy[i] = lines[i];
		copy[i].contract_remote_id = contract_remote_id;
	}
	read_book(w, &r);
}

struct psa_line world_line(const char *remote_id, const char *product_remote_id, qty quantity, qty price)
{
	return (struct psa_line){ .remote_id = remote_id,
		.product_remote_id = product_remote_id,
		.product_code = product_remote_id,
		.description = "",
		.version = "1",
		.quantity = quantity,
		.unit_price = price,
		.has_price = price != 0,
		.billable = true,
		.effective = DAY_NONE,
		.cancelled = DAY_NONE,
		.billed_through = DAY_NONE };
}

const char *world_line_id(struct world *w, const char *remote_id)
{
	return book_id_of(w, "line", remote_id);
}

/* One change at a vendor. */
struct told {
	struct world *w;
	const char *integration, *vendor_id, *name, *service, *account;
	qty units;
	const char *id; /* result */
};

static enum rc integration_fn(struct tx *tx, void *arg, struct err *e)
{
	struct told *t = arg;
	struct integration_new n = { .vendor = "custom", .name = t->name };
	enum rc rc = integration_create(tx, WORLD_ORG, &n, &t->id, e);

	if (rc == RC_OK)
		t->id = arena_strdup(&t->w->arena, t->id);
	return rc;
}

const char *world_integration(struct world *w, const char *name)
{
	struct told t = { .w = w, .name = name };

	world_do(w, integration_fn, &t);
	return t.id;
}

static enum rc account_fn(struct tx *tx, void *arg, struct err *e)
{
	struct told *t = arg;
	struct vendor_account_put p = { .vendor_id = t->vendor_id, .name = t->name, .is_active = -1, .is_arrears = -1 };
	struct vendor_account a;
	enum rc rc = vendor_account_put(tx, &t->w->arena, WORLD_ORG, t->integration, &p, &a, e);

	t->id = a.id;
	return rc;
}

const char *world_vendor_account(struct world *w, const char *integration, const char *vendor_id, const char *name)
{
	struct told t = { .w = w, .integration = integration, .vendor_id = vendor_id, .name = name };

	world_do(w, account_fn, &t);
	return t.id;
}

static enum rc service_fn(struct tx *tx, void *arg, struct err *e)
{
	struct told *t = arg;
	struct service_put p = { .name = t->name, .is_active = -1, .is_arrears = -1 };

	return service_put_vendor(tx, &t->w->arena, WORLD_ORG, t->integration, &p, &t->id, e);
}

const char *world_service(struct world *w, const char *integration, const char *name)
{
	struct told t = { .w = w, .integration = integration, .name = name };

	world_do(w, service_fn, &t);
	return t.id;
}

static enum rc map_account_fn(struct tx *tx, void *arg, struct err *e)
{
	struct told *t = arg;
	struct map_account m = { t->account ? "mapped" : "unmapped", t->account, -1 };

	return map_set_account(tx, &world_person, t->integration, t->id, &m, e);
}

void world_map_account(struct world *w, const char *integration, const char *id, const char *psa_account)
{
	struct told t = { .w = w, .integration = integration, .id = id, .account = psa_account };

	world_do(w, map_account_fn, &t);
}

struct service_told {
	const char *integration, *id;
	struct map_service m;
};

static enum rc map_service_fn(struct tx *tx, void *arg, struct err *e)
{
	struct service_told *t = arg;

	return map_set_service(tx, &world_person, t->integration, t->id, &t->m, e);
}

void world_map_service(struct world *w, const char *integration, const char *id, const char *const *products,
	size_t count, const char *mode)
{
	struct service_told t = { integration, id,
		{ .status = count ? "mapped" : "unmapped",
			.products = products,
			.product_count = count,
			.mode = mode,
			.detect_new_revenue = -1 } };

	world_do(w, map_service_fn, &t);
}

static enum rc count_fn(struct tx *tx, void *arg, struct err *e)
{
	struct told *t = arg;
	struct observation o = { .service = t->service, .account = t->account, .units = { t->units, NULL } };
	enum rc rc = run_begin(tx, WORLD_ORG, t->integration, RUN_BULK, false, &o.run, e);

	if (rc == RC_OK)
		rc = observe_add(tx, WORLD_ORG, &o, e);
	return rc;
}

void world_count(struct world *w, const char *integration, const char *service, const char *account, qty units)
{
	struct told t = { .w = w, .integration = integration, .service = service, .account = account, .units = units };

	world_do(w, count_fn, &t);
}

struct rebuild world_rebuild(struct world *w)
{
	struct rebuild r = { .org = WORLD_ORG };
	struct err e = ERR_INIT;

	if (rebuild_cards(w->t.db, &r, &e) != RC_OK)
		fail_msg("%s", e.text);
	return r;
}

struct dump {
	struct world *w;
	char *ids[4096];
	size_t count;
	struct buf out;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A card's text without its last word of time. */
static void put_card(struct dump *d, const char *text)
{
	const char *at = strstr(text, "\"updated_at\":"), *end;

	assert_non_null(at);
	end = strchr(at, ',');
	buf_put(&d->out, text, (size_t)(at - text));
	buf_puts(&d->out, end + 1);
	buf_putc(&d->out, '\n');
}

static enum rc dump_fn(struct tx *tx, void *arg, struct err *e)
{
	struct dump *d = arg;
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_REBUILD_STORED, "t", WORLD_ORG);
	for (d->count = 0; rows_next(&r); d->count++) {
		assert_true(d->count < ARRAY_LEN(d->ids));
		d->ids[d->count] = rows_dup(&r, &d->w->arena, 0);
	}
	rc = rows_end(&r, e);
	qsort(d->ids, d->count, sizeof(d->ids[0]), by_text);
	buf_clear(&d->out);
	for (size_t i = 0; i < d->count && rc == RC_OK; i++) {
		AUTO(buf) one = BUF_INIT(1 << 20);
		struct jsonw w;

		jsonw_init(&w, &one, 0);
		rc = cardlist_one(tx, WORLD_ORG, d->ids[i], &w, e);
		if (rc == RC_OK)
			put_card(d, buf_text(&one));
	}
	return rc;
}

const char *world_cards(struct world *w)
{
	struct dump *d = arena_alloc(&w->arena, sizeof(*d));
	const char *text;
	struct err e = ERR_INIT;

	d->w = w;
	buf_init(&d->out, 64 << 20);
	if (db_read(w->t.db, dump_fn, d, &e) != RC_OK)
		fail_msg("%s", e.text);
	text = arena_strdup(&w->arena, buf_text(&d->out));
	buf_release(&d->out);
	return text;
}

static enum rc forget_fn(struct tx *tx, void *arg, struct err *e)
{
	struct arena *a = tx_arena(tx);
	char *ids[4096];
	int64_t digests[4096];
	size_t count = 0;
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_REBUILD_STORED, "t", WORLD_ORG);
	for (; rows_next(&r); count++) {
		assert_true(count < ARRAY_LEN(ids));
		ids[count] = rows_dup(&r, a, 0);
		digests[count] = rows_int(&r, 1);
	}
	rc = rows_end(&r, e);
	for (size_t i = 0; i < count && rc == RC_OK; i++)
		rc = sql_exec(tx, e, SQL_REBUILD_REMOVE, "tti", WORLD_ORG, ids[i], digests[i]);
	return rc;
}

void world_forget_cards(struct world *w)
{
	world_do(w, forget_fn, NULL);
}
