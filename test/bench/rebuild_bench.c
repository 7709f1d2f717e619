/* The cards of 200,000 lines and as many counts, against a hash join written by hand for just these tables and against
 * SQL: the join by itself (all three must find the same differences), then whole rebuilds with every card stored,
 * against the join by hand plus storing the same rows with one INSERT.
 *
 *     rebuild_bench FILE
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "core/cards/rebuild.h"

enum { ACCOUNTS = 2000, PRODUCTS = 100, PAIRS = ACCOUNTS * PRODUCTS };

#define ORG "org"

static void must(sqlite3 *db, int code, int want)
{
	if (code == want)
		return;
	fprintf(stderr, "%s\n", sqlite3_errmsg(db));
	exit(1);
}

static void must_rc(enum rc rc, const struct err *e)
{
	if (rc == RC_OK)
		return;
	fprintf(stderr, "%s\n", e->text);
	exit(1);
}

/* ---- the store ---- */

/* Ids have 24 digits, as everywhere. */
static const char fill[] =
	"PRAGMA synchronous = OFF; BEGIN;"
	"CREATE TEMP TABLE a AS WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n LIMIT 2000) SELECT n "
	"FROM n;"
	"CREATE TEMP TABLE p AS WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n LIMIT 100) SELECT n "
	"FROM n;"
	"INSERT INTO psa_accounts (org_id, id, remote_id, name, fold, seen_run)"
	" SELECT 'org', printf('a%023d', n), n, 'Customer ' || n, 'customer ' || n, 1 FROM a;"
	"INSERT INTO psa_products (org_id, id, remote_id, code, code_fold, name, fold, inactive, serialized, seen_run)"
	" SELECT 'org', printf('b%023d', n), n, 'P' || n, 'p' || n, 'Product ' || n, 'product ' || n, 0, 0, 1 FROM p;"
	"INSERT INTO psa_contracts (org_id, id, remote_id, account_id, name, fold, prorates, seen_run)"
	" SELECT 'org', printf('c%023d', n), n, printf('a%023d', n), 'Contract', 'contract', 0, 1 FROM a;"
	"INSERT INTO psa_lines (org_id, id, remote_id, contract_id, product_id, quantity, included, unit_price, "
	"serialized, billable, read_at)"
	" SELECT 'org', printf('d%023d', a.n * 100 + p.n), a.n * 100 + p.n, printf('c%023d', a.n), printf('b%023d', "
	"p.n),"
	" (a.n * 7 + p.n) % 50 * 1000000, 0, 4500000, 0, 1, 1 FROM a, p;"
	"INSERT INTO integrations (org_id, id, vendor, vendor_profile_id, name, description, modules, settings, state, "
	"schedule,"
	" stale_after, strict404, created_at, updated_at)"
	" VALUES ('org', 'e00000000000000000000000', 'custom', 'x', 'Vendor', '', '[]', '{}', 'active', '', "
	"1000000000000, 0, 1, 1);"
	"INSERT INTO vendor_accounts (org_id, id, integration_id, vendor_id, vendor_id_fold, name, fold, description, "
	"is_active, is_arrears,"
	" detect_new_revenue, mapping, psa_account_id, created_at, updated_at)"
	" SELECT 'org', printf('f%023d', n), 'e00000000000000000000000', n, n, 'Customer ' || n, 'customer ' || n, '', "
	"1, 0, 1, 'mapped',"
	" printf('a%023d', n), 1, 1 FROM a;"
	"INSERT INTO services (org_id, id, integration_id, kind, vendor_id, vendor_id_fold, name, fold, description, "
	"is_active, is_arrears,"
	" detect_new_revenue, mapping, mode, created_at, updated_at)"
	" SELECT 'org', printf('9%023d', n), 'e00000000000000000000000', 'vendor', n, n, 'Service ' || n, 'service ' "
	"|| n, '', 1, 0, 1,"
	" 'mapped', 'copy', 1, 1 FROM p;"
	"INSERT INTO service_products (org_id, service_id, position, product_id)"
	" SELECT 'org', printf('9%023d', n), 0, printf('b%023d', n) FROM p;"
	"INSERT INTO counts (org_id, service_id, account_id, seq, units, observed_at, received_at, run_id)"
	" SELECT 'org', printf('9%023d', p.n), printf('f%023d', a.n), a.n * 100 + p.n, (a.n * 11 + p.n) % 50 * 1000000,"
	" CAST(strftime('%s', 'now') AS INTEGER) * 1000000, 1, 'run' FROM p, a;"
	"COMMIT; ANALYZE;";

static struct db *make_store(const char *path, sqlite3 **ret_raw)
{
	char url[512];
	struct db *db;
	struct err e;

	snprintf(url, sizeof(url), "sqlite:%s", path);
	must_rc(db_open(url, 1, &db, &e), &e);
	must(*ret_raw, sqlite3_open(path, ret_raw), SQLITE_OK);
	must(*ret_raw, sqlite3_exec(*ret_raw, fill, NULL, NULL, NULL), SQLITE_OK);
	must(*ret_raw, sqlite3_wal_checkpoint_v2(*ret_raw, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL), SQLITE_OK);
	return db;
}

/* ---- ours ---- */

struct ours {
	utime read, join;
	long differing, cards;
};

/* Every card is looked at and none is given words: what a join finds. */
static bool count_card(void *arg, const struct card *card)
{
	struct ours *o = arg;

	o->differing += card->change != 0;
	o->cards++;
	return false;
}

static enum rc no_card(void *arg, const struct card *card, struct err *e)
{
	return err_set(e, RC_INTERNAL, "nobody wanted a card");
}

static enum rc run_ours(struct tx *tx, void *arg, struct err *e)
{
	struct ours *o = arg;
	struct card_sink sink = { o, count_card, no_card };
	struct rec_input in;
	struct arena *a = tx_arena(tx);
	utime start = clock_mono();
	enum rc rc = rebuild_load(tx, a, ORG, &in, e);

	if (rc != RC_OK)
		return rc;
	o->read = clock_mono() - start;
	start = clock_mono();
	rc = reconcile(&in, a, &sink, e);
	o->join = clock_mono() - start;
	return rc;
}

/* A whole rebuild; `want` cards must be written. */
static utime run_rebuild(struct db *db, int64_t want)
{
	struct rebuild r = { .org = ORG };
	utime start = clock_mono();
	struct err e = ERR_INIT;

	must_rc(rebuild_cards(db, &r, &e), &e);
	if (r.cards != PAIRS || r.written != want) {
		fprintf(stderr, "%lld cards, %lld written\n", (long long)r.cards, (long long)r.written);
		exit(1);
	}
	return clock_mono() - start;
}

/* ---- by hand ---- */

struct line {
	uint32_t account, product;
	int64_t quantity;
};

struct usage {
	uint32_t account, service;
	int64_t units;
};

struct slot {
	uint64_t key; /* (account << 32 | product) + 1; 0 = free */
	int64_t units;
};

struct hand {
	struct idmap contract_account, products, vendor_accounts, service_product;
	struct line *lines;
	struct usage *usage;
	size_t line_count, usage_count;
};

static const char *keep(struct arena *a, sqlite3_stmt *s, int col)
{
	return arena_strdup(a, (const char *)sqlite3_column_text(s, col));
}

static sqlite3_stmt *prepare(sqlite3 *raw, const char *text)
{
	sqlite3_stmt *stmt;

	must(raw, sqlite3_prepare_v2(raw, text, -1, &stmt, NULL), SQLITE_OK);
	return stmt;
}

/* Ids of column 0 to the place of what column 1 names in `of`, or to their own place. */
static void read_ids(sqlite3 *raw, struct arena *a, const char *text, struct idmap *ret, const struct idmap *of)
{
	sqlite3_stmt *s = prepare(raw, text);
	uint32_t n = 0;

	for (idmap_init(ret, a, 4096); sqlite3_step(s) == SQLITE_ROW; n++)
		idmap_put(ret, keep(a, s, 0), of ? idmap_get(of, (const char *)sqlite3_column_text(s, 1)) : n);
	sqlite3_finalize(s);
}

static void read_by_hand(sqlite3 *raw, struct arena *a, struct hand *h)
{
	struct idmap accounts;
	sqlite3_stmt *s;

	read_ids(raw, a, "SELECT id FROM psa_accounts WHERE org_id = 'org'", &accounts, NULL);
	read_ids(raw, a, "SELECT id FROM psa_products WHERE org_id = 'org'", &h->products, NULL);
	read_ids(raw, a, "SELECT id, account_id FROM psa_contracts WHERE org_id = 'org'", &h->contract_account,
		&accounts);
	read_ids(raw, a, "SELECT id, psa_account_id FROM vendor_accounts WHERE org_id = 'org'", &h->vendor_accounts,
		&accounts);
	read_ids(raw, a, "SELECT service_id, product_id FROM service_products WHERE org_id = 'org'",
		&h->service_product, &h->products);
	h->lines = arena_array(a, PAIRS, sizeof(*h->lines));
	h->usage = arena_array(a, PAIRS, sizeof(*h->usage));
	s = prepare(raw,
		"SELECT contract_id, product_id, quantity FROM psa_lines WHERE org_id = 'org' AND gone_at IS NULL");
	for (; sqlite3_step(s) == SQLITE_ROW; h->line_count++)
		h->lines[h->line_count] = (struct line){ idmap_get(&h->contract_account,
								 (const char *)sqlite3_column_text(s, 0)),
			idmap_get(&h->products, (const char *)sqlite3_column_text(s, 1)), sqlite3_column_int64(s, 2) };
	sqlite3_finalize(s);
	s = prepare(raw, "SELECT account_id, service_id, units FROM counts WHERE org_id = 'org'");
	for (; sqlite3_step(s) == SQLITE_ROW; h->usage_count++)
		h->usage[h->usage_count] = (struct usage){ idmap_get(&h->vendor_accounts,
								   (const char *)sqlite3_column_text(s, 0)),
			idmap_get(&h->service_product, (const char *)sqlite3_column_text(s, 1)),
			sqlite3_column_int64(s, 2) };
	sqlite3_finalize(s);
}

static struct slot *find_slot(struct slot *slots, size_t mask, uint32_t account, uint32_t product)
{
	uint64_t key = ((uint64_t)account << 32 | product) + 1;
	size_t at = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;

	while (slots[at].key && slots[at].key != key)
		at = (at + 1) & mask;
	slots[at].key = key;
	return &slots[at];
}

/* Sums the usage and compares; returns how many lines differ. */
static long join_by_hand(const struct hand *h, struct arena *a)
{
	size_t mask = (1 << 19) - 1, i;
	struct slot *slots = arena_array(a, mask + 1, sizeof(*slots));
	long differing = 0;

	for (i = 0; i < h->usage_count; i++)
		find_slot(slots, mask, h->usage[i].account, h->usage[i].service)->units += h->usage[i].units;
	for (i = 0; i < h->line_count; i++)
		differing += find_slot(slots, mask, h->lines[i].account, h->lines[i].product)->units !=
			h->lines[i].quantity;
	return differing;
}

/* ---- in SQL ---- */

/* The order is told (CROSS JOIN): SQLite's own choice is five times slower. */
static const char in_sql[] =
	"WITH usage AS MATERIALIZED (SELECT v.psa_account_id AS account, p.product_id AS product, SUM(c.units) AS "
	"units FROM counts c"
	" CROSS JOIN vendor_accounts v ON v.org_id = c.org_id AND v.id = c.account_id AND v.mapping = 'mapped'"
	" CROSS JOIN services s ON s.org_id = c.org_id AND s.id = c.service_id AND s.mapping = 'mapped'"
	" CROSS JOIN service_products p ON p.org_id = s.org_id AND p.service_id = s.id"
	" WHERE c.org_id = 'org' GROUP BY 1, 2)"
	"SELECT l.id, l.quantity, u.units FROM psa_lines l"
	" CROSS JOIN psa_contracts k ON k.org_id = l.org_id AND k.id = l.contract_id"
	" CROSS JOIN usage u ON u.account = k.account_id AND u.product = l.product_id"
	" WHERE l.org_id = 'org' AND l.gone_at IS NULL AND u.units <> l.quantity";

static long join_in_sql(sqlite3 *raw)
{
	sqlite3_stmt *s = prepare(raw, in_sql);
	long differing = 0;

	while (sqlite3_step(s) == SQLITE_ROW)
		differing++;
	sqlite3_finalize(s);
	return differing;
}

/* Joins by hand and stores the rows that the program stored, with their texts ready made. */
static utime store_by_hand(sqlite3 *raw)
{
	AUTO(arena) a = ARENA_INIT;
	struct hand hand = { 0 };
	utime start;

	must(raw,
		sqlite3_exec(raw,
			"CREATE TEMP TABLE kept AS SELECT * FROM cards; DELETE FROM cards; PRAGMA synchronous = FULL",
			NULL, NULL, NULL),
		SQLITE_OK);
	start = clock_mono();
	read_by_hand(raw, &a, &hand);
	join_by_hand(&hand, &a);
	must(raw, sqlite3_exec(raw, "INSERT INTO cards SELECT * FROM kept", NULL, NULL, NULL), SQLITE_OK);
	return clock_mono() - start;
}

int main(int argc, char **argv)
{
	AUTO(arena) a = ARENA_INIT;
	struct hand hand = { 0 };
	struct ours ours = { 0 };
	utime start, hand_read, hand_join, sql, first, again, hand_store;
	long by_hand, by_sql;
	sqlite3 *raw = NULL;
	struct db *db;
	struct err e;

	if (argc != 2)
		return 2;
	db = make_store(argv[1], &raw);
	join_in_sql(raw); /* once before the clock runs, so that all find the pages in memory */
	start = clock_mono();
	by_sql = join_in_sql(raw);
	sql = clock_mono() - start;
	start = clock_mono();
	read_by_hand(raw, &a, &hand);
	hand_read = clock_mono() - start;
	start = clock_mono();
	by_hand = join_by_hand(&hand, &a);
	hand_join = clock_mono() - start;
	must_rc(db_read(db, run_ours, &ours, &e), &e);
	if (by_hand != by_sql || ours.differing != by_hand || ours.cards != PAIRS) {
		fprintf(stderr, "they disagree: %ld by hand, %ld in SQL, %ld of %ld cards\n", by_hand, by_sql,
			ours.differing, ours.cards);
		return 1;
	}
	first = run_rebuild(db, PAIRS);
	again = run_rebuild(db, 0);
	hand_store = store_by_hand(raw);
	printf("{\"read_us\":%lld,\"join_us\":%lld,\"hand_read_us\":%lld,\"hand_join_us\":%lld,\"sql_us\":%lld,"
	       "\"first_us\":%lld,\"again_us\":%lld,\"hand_store_us\":%lld}\n",
		(long long)ours.read, (long long)ours.join, (long long)hand_read, (long long)hand_join, (long long)sql,
		(long long)first, (long long)again, (long long)hand_store);
	sqlite3_close(raw);
	db_close(db);
	return 0;
}
