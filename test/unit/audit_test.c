/* The log's chain: what it accepts, and that it notices every way of touching it. */
#include "core/audit.h"

#include "measured.h"
#include "testdb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ORG "org-a"
#define OTHER "org-b"

static struct testdb t;

struct add {
	const char *org;
	int count;
	struct audit_entry entry;
};

static enum rc add_fn(struct tx *tx, void *arg, struct err *e)
{
	struct add *a = arg;
	struct principal who = { .org = a->org, .id = "u1", .name = "anna@msp.example", .role = ROLE_ADMIN };
	enum rc rc = RC_OK;

	for (int i = 0; i < a->count && rc == RC_OK; i++)
		rc = audit_append(tx, &who, &a->entry, e);
	return rc;
}

static void add(const char *org, int count, const char *event)
{
	struct add a = { org, count,
		{ .event = event,
			.object = "card 1",
			.before = "{\"q\":\"1\"}",
			.after = "{\"q\":\"2\"}",
			.why = "as agreed",
			.request_id = "r1" } };
	struct err e = ERR_INIT;

	assert_int_equal(db_write(t.db, add_fn, &a, &e), RC_OK);
}

struct look {
	const char *org;
	struct audit_verdict verdict;
};

static enum rc verify_fn(struct tx *tx, void *arg, struct err *e)
{
	struct look *l = arg;

	return audit_verify(tx, l->org, &l->verdict, e);
}

static struct audit_verdict verify(const char *org)
{
	struct look l = { .org = org };
	struct err e = ERR_INIT;

	assert_int_equal(db_read(t.db, verify_fn, &l, &e), RC_OK);
	return l.verdict;
}

static int open_store(void **state)
{
	testdb_open(&t);
	return 0;
}

static int close_store(void **state)
{
	testdb_remove(&t);
	return 0;
}

static void empty_is_sound(void **state)
{
	struct audit_verdict v = verify(ORG);

	assert_int_equal(v.rows, 0);
	assert_int_equal(v.broken_at, 0);
	assert_string_equal(v.head, "");
}

static void chains_are_apart(void **state)
{
	struct audit_verdict a, b;

	add(ORG, 3, "mapping.set");
	add(OTHER, 2, "mapping.set");
	a = verify(ORG);
	b = verify(OTHER);
	assert_int_equal(a.rows, 3);
	assert_int_equal(b.rows, 2);
	assert_int_equal(a.broken_at, 0);
	assert_int_equal(b.broken_at, 0);
	assert_int_equal(strlen(a.head), 64);
	assert_string_not_equal(a.head, b.head);
}

/* Makes five rows, changes row `seq` and sees it found: there, or where the chain then ends. */
static void expect_found(const char *change, int seq, bool there)
{
	char sql[256];

	testdb_sql(&t, "DELETE FROM audit");
	testdb_sql(&t, "DELETE FROM audit_heads");
	add(ORG, 5, "mapping.set");
	assert_int_equal(verify(ORG).broken_at, 0);
	snprintf(sql, sizeof(sql), "UPDATE audit SET %s WHERE org_id = '" ORG "' AND seq = %d", change, seq);
	testdb_sql(&t, sql);
	if (there)
		assert_int_equal(verify(ORG).broken_at, seq);
	else
		assert_true(verify(ORG).broken_at > 0);
}

/* Each change is made to each of five rows, alone. */
static void changes_are_found(void **state)
{
	static const char *const changes[] = { "actor = 'bob'", "actor_id = 'u2'", "event = 'mapping.other'",
		"object = 'card 2'", "object = NULL", "before = NULL", "after = '{}'", "why = ''", "request_id = NULL",
		"at = at + 1" };
	static const char *const moves[] = { "org_id = 'org-c'", "seq = seq + 100" };

	for (int seq = 1; seq <= 5; seq++) {
		for (size_t i = 0; i < ARRAY_LEN(changes); i++)
			expect_found(changes[i], seq, true);
		for (size_t i = 0; i < ARRAY_LEN(moves); i++)
			expect_found(moves[i], seq, false);
	}
	measured("tamperings", 5 * (ARRAY_LEN(changes) + ARRAY_LEN(moves)));
}

/* A field's text moved into its neighbour keeps all letters in order, and must still be noticed. */
static void fields_do_not_run_together(void **state)
{
	add(ORG, 1, "mapping.set");
	testdb_sql(&t, "UPDATE audit SET object = 'card 1{', before = '\"q\":\"1\"}' WHERE org_id = '" ORG "'");
	assert_int_equal(verify(ORG).broken_at, 1);
}

static void missing_rows_are_found(void **state)
{
	add(ORG, 5, "mapping.set");
	testdb_sql(&t, "DELETE FROM audit WHERE org_id = '" ORG "' AND seq = 5");
	assert_true(verify(ORG).broken_at > 0);
	testdb_sql(&t, "DELETE FROM audit WHERE org_id = '" ORG "'");
	assert_true(verify(ORG).broken_at > 0);
}

static void first_row_missing_is_found(void **state)
{
	add(ORG, 3, "mapping.set");
	testdb_sql(&t, "DELETE FROM audit WHERE org_id = '" ORG "' AND seq = 1");
	assert_true(verify(ORG).broken_at > 0);
}

static enum rc add_then_fail(struct tx *tx, void *arg, struct err *e)
{
	enum rc rc = add_fn(tx, arg, e);

	return rc == RC_OK ? err_set(e, RC_CONFLICT, "The change did not work.") : rc;
}

static void row_dies_with_its_change(void **state)
{
	struct add a = { ORG, 1, { .event = "mapping.set" } };
	struct err e = ERR_INIT;

	add(ORG, 2, "mapping.set");
	assert_int_equal(db_write(t.db, add_then_fail, &a, &e), RC_CONFLICT);
	add(ORG, 1, "mapping.set");
	assert_int_equal(verify(ORG).rows, 3);
	assert_int_equal(verify(ORG).broken_at, 0);
}

/* ---- the list ---- */

struct list {
	struct arena arena;
	struct audit_filter filter;
	const char *next;
	struct json *items;
};

static enum rc list_fn(struct tx *tx, void *arg, struct err *e)
{
	struct list *l = arg;
	AUTO(buf) b = BUF_INIT(1 << 20);
	const struct json_limits limits = JSON_LIMITS_DEFAULT;
	const char *next;
	struct jsonw w;
	enum rc rc;

	jsonw_init(&w, &b, 0);
	jsonw_array(&w);
	rc = audit_list(tx, ORG, &l->filter, &w, &next, e);
	jsonw_end_array(&w);
	l->next = next ? arena_strdup(&l->arena, next) : NULL;
	return rc == RC_OK ? json_parse(&l->arena, b.data, b.len, &limits, &l->items, e) : rc;
}

static void list(struct list *l)
{
	struct err e = ERR_INIT;

	if (!l->filter.limit)
		l->filter.limit = 100;
	assert_int_equal(db_read(t.db, list_fn, l, &e), RC_OK);
}

static void list_filters(void **state)
{
	struct list all = { .filter = { 0 } }, begin = { .filter = { .event = "mapping." } },
		    exact = { .filter = { .event = "mapping" } }, who = { .filter = { .actor = "bob" } },
		    later = { .filter = { .from = clock_now() + CLOCK_DAY } };

	add(ORG, 2, "mapping.set");
	add(ORG, 1, "mappings.odd");
	add(ORG, 1, "write.applied");
	add(OTHER, 1, "mapping.set");
	list(&all);
	assert_int_equal(all.items->count, 4);
	assert_string_equal(json_member(all.items->child, "event"), "write.applied");
	assert_string_equal(json_text(json_path(all.items->child, "after/q")), "2");
	list(&begin);
	assert_int_equal(begin.items->count, 2);
	list(&exact);
	assert_int_equal(exact.items->count, 0);
	list(&who);
	assert_int_equal(who.items->count, 0);
	list(&later);
	assert_int_equal(later.items->count, 0);
	arena_release(&all.arena);
	arena_release(&begin.arena);
	arena_release(&exact.arena);
	arena_release(&who.arena);
	arena_release(&later.arena);
}

static void list_pages(void **state)
{
	struct list l = { .filter = { .limit = 2 } };
	unsigned seen = 0;

	add(ORG, 5, "mapping.set");
	do {
		list(&l);
		seen += l.items->count;
		l.filter.cursor = l.next;
	} while (l.next && seen < 100);
	assert_int_equal(seen, 5);
	arena_release(&l.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(empty_is_sound, open_store, close_store),
		cmocka_unit_test_setup_teardown(chains_are_apart, open_store, close_store),
		cmocka_unit_test_setup_teardown(changes_are_found, open_store, close_store),
		cmocka_unit_test_setup_teardown(fields_do_not_run_together, open_store, close_store),
		cmocka_unit_test_setup_teardown(missing_rows_are_found, open_store, close_store),
		cmocka_unit_test_setup_teardown(first_row_missing_is_found, open_store, close_store),
		cmocka_unit_test_setup_teardown(row_dies_with_its_change, open_store, close_store),
		cmocka_unit_test_setup_teardown(list_filters, open_store, close_store),
		cmocka_unit_test_setup_teardown(list_pages, open_store, close_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
