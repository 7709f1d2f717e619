/* The ledger of counts: exact, append-only, and what it knows of a pair at a time. */
#include "core/usage/observe.h"

#include "core/usage/run.h"

#include "feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HOUR (3600 * CLOCK_SECOND)

static void check_units(const char *text, const char *want, bool longer)
{
	AUTO(arena) a = ARENA_INIT;
	struct err e = ERR_INIT;
	char out[NUM_TEXT];
	struct units u;

	assert_int_equal(units_parse(&a, text, &u, &e), RC_OK);
	assert_string_equal(units_format(&u, out), want);
	assert_int_equal(u.text != NULL, longer);
}

static void test_units_are_exact(void **state)
{
	check_units("14", "14", false);
	check_units("14.0", "14", false);
	check_units("-0", "0", false);
	check_units("1.4e1", "14", false);
	check_units("0.500000", "0.5", false);
	check_units("512.4873046875", "512.4873046875", true);
	check_units("0.0000001", "0.0000001", true);
	check_units("9007199254740993.000001", "9007199254740993.000001", true);
	check_units("123456789012345678901234567890.123456", "123456789012345678901234567890.123456", true);
	check_units("000014.50", "14.5", false);
}

static void check_refused(const char *text, const char *words)
{
	AUTO(arena) a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct units u;

	assert_int_equal(units_parse(&a, text, &u, &e), RC_INVALID);
	assert_non_null(strstr(e.text, words));
}

static void test_what_is_no_count(void **state)
{
	check_refused("-1", "less than 0");
	check_refused("-0.0000001", "less than 0");
	check_refused("", "number");
	check_refused("NaN", "number");
	check_refused("12,5", "number");
	check_refused(NULL, "number");
	check_refused("1234567890123456789012345678901234567890123456789012345678901", "60 digits");
	check_refused("1e400", "60 digits");
}

static void test_states(void **state)
{
	struct units some = { 14 * QTY_ONE, NULL }, none = { 0, NULL }, tiny = { 0, "0.0000001" };
	utime at = 100 * HOUR;

	assert_int_equal(value_state_at(&some, 0, 48 * HOUR, at), VALUE_MISSING);
	assert_int_equal(value_state_at(&some, 99 * HOUR, 48 * HOUR, at), VALUE_KNOWN);
	assert_int_equal(value_state_at(&none, 99 * HOUR, 48 * HOUR, at), VALUE_ZERO);
	assert_int_equal(value_state_at(&tiny, 99 * HOUR, 48 * HOUR, at), VALUE_KNOWN);
	assert_int_equal(value_state_at(&some, 51 * HOUR, 48 * HOUR, at), VALUE_STALE);
	assert_int_equal(value_state_at(&none, 51 * HOUR, 48 * HOUR, at), VALUE_STALE);
	assert_int_equal(value_state_at(&some, 52 * HOUR, 48 * HOUR, at), VALUE_KNOWN);
}

struct add {
	const char *service, *account, *units;
	utime observed_at;
};

struct batch {
	const struct add *adds;
	size_t count;
	bool complete;
	int64_t zeros;
};

static enum rc batch_fn(struct tx *tx, void *arg, struct err *e)
{
	struct batch *b = arg;
	const char *run;
	enum rc rc = run_begin(tx, feed.org, feed.integration, RUN_BULK, b->complete, &run, e);

	for (size_t i = 0; rc == RC_OK && i < b->count; i++) {
		struct observation o = { .service = b->adds[i].service,
			.account = b->adds[i].account,
			.run = run,
			.observed_at = b->adds[i].observed_at };

		rc = units_parse(tx_arena(tx), b->adds[i].units, &o.units, e);
		if (rc == RC_OK)
			rc = observe_add(tx, feed.org, &o, e);
	}
	return rc == RC_OK ? run_finish(tx, feed.org, run, (int64_t)b->count, &b->zeros, e) : rc;
}

static int64_t send(const struct add *adds, size_t count, bool complete)
{
	struct batch b = { adds, count, complete, -1 };
	struct err e = ERR_INIT;

	assert_int_equal(feed_write(batch_fn, &b, &e), RC_OK);
	return b.zeros;
}

struct ask {
	const char *service, *account;
	day as_of;
	struct buf out;
};

static enum rc ask_fn(struct tx *tx, void *arg, struct err *e)
{
	struct ask *q = arg;
	struct observe_list l = { .org = feed.org,
		.integration = feed.integration,
		.service = q->service,
		.account = q->account,
		.limit = 100 };
	const char *next;
	struct jsonw w;
	enum rc rc;

	jsonw_init(&w, &q->out, 0);
	jsonw_array(&w);
	rc = q->as_of == DAY_NONE ? observe_write_list(tx, &l, &w, &next, e)
				  : observe_write_as_of(tx, &l, q->as_of, &w, &next, e);
	jsonw_end_array(&w);
	return rc;
}

/* "14 known, 0 zero": what the answer says of units and states; "*" marks what is implied. */
static const char *answer(const char *service, const char *account, const char *as_of)
{
	struct ask q = { service, account, DAY_NONE, BUF_INIT(1 << 16) };
	struct json_limits limits = JSON_LIMITS_DEFAULT;
	const char *text = "", *units;
	struct err e = ERR_INIT;
	struct json *root;

	if (as_of)
		assert_int_equal(day_parse(as_of, &q.as_of), RC_OK);
	assert_int_equal(feed_read(ask_fn, &q, &e), RC_OK);
	assert_int_equal(json_parse(&feed.arena, buf_text(&q.out), q.out.len, &limits, &root, &e), RC_OK);
	for (const struct json *v = root->child; v; v = v->next) {
		units = json_member(v, "units");
		text = arena_printf(&feed.arena, "%s%s%s %s%s", text, *text ? ", " : "", units ? units : "-",
			json_member(v, "value_state"), json_true(json_get(v, "implied")) ? "*" : "");
	}
	buf_release(&q.out);
	return text;
}

static void test_every_count_is_kept(void **state)
{
	const char *s = feed_service("mail"), *a = feed_account("kestrel");
	struct add adds[] = { { s, a, "3", 0 }, { s, a, "5", 0 }, { s, a, "0", 0 } };

	send(adds, 3, false);
	assert_string_equal(answer(s, a, NULL), "3 known, 5 known, 0 zero");
	assert_string_equal(answer(s, a, "2026-09-01"), "0 zero");
}

static void test_missing_is_never_zero(void **state)
{
	const char *s = feed_service("mail"), *a = feed_account("kestrel"), *b = feed_account("fennwick");
	struct add adds[] = { { s, a, "3", 0 } };

	feed.now += HOUR;
	send(adds, 1, false);
	assert_string_equal(answer(s, b, NULL), "");
	assert_string_equal(answer(s, b, "2026-09-01"), "- missing");
}

static void test_complete_says_zero(void **state)
{
	const char *s = feed_service("mail"), *t = feed_service("edr");
	const char *a = feed_account("kestrel"), *b = feed_account("fennwick");
	struct add before[] = { { s, a, "3", 0 }, { s, b, "4", 0 } }, all[] = { { s, a, "2", 0 } };

	feed.now += HOUR;
	send(before, 2, false);
	feed.now += HOUR;
	/* fennwick's mail, and edr of both, which nobody ever named */
	assert_int_equal(send(all, 1, true), 3);
	assert_string_equal(answer(s, a, NULL), "3 known, 2 known");
	assert_string_equal(answer(s, b, NULL), "4 known, 0 zero*");
	assert_string_equal(answer(t, a, NULL), "0 zero*");
	/* what is zero already needs no second word, and stays fresh by the run */
	feed.now += 40 * HOUR;
	assert_int_equal(send(all, 1, true), 0);
	feed.now += 40 * HOUR;
	assert_string_equal(answer(s, b, NULL), "4 known, 0 zero*");
	feed.now += 9 * HOUR;
	assert_string_equal(answer(s, b, NULL), "4 known, 0 stale*");
}

static void test_new_ones_are_not_covered(void **state)
{
	const char *s = feed_service("mail"), *a = feed_account("kestrel"), *late;
	struct add all[] = { { s, a, "2", 0 } };

	feed.now += HOUR;
	send(all, 1, true);
	feed.now += HOUR;
	late = feed_account("late");
	assert_string_equal(answer(s, late, "2026-09-01"), "- missing");
}

static void test_as_of_a_day(void **state)
{
	const char *s = feed_service("mail"), *a = feed_account("kestrel");
	struct add first[] = { { s, a, "3", 0 } }, second[] = { { s, a, "7", 0 } };

	send(first, 1, false);
	feed.now += 3 * CLOCK_DAY;
	send(second, 1, false);
	feed.now += 10 * CLOCK_DAY;
	assert_string_equal(answer(s, a, "2026-08-31"), "- missing");
	assert_string_equal(answer(s, a, "2026-09-01"), "3 known");
	assert_string_equal(answer(s, a, "2026-09-02"), "3 known");
	assert_string_equal(answer(s, a, "2026-09-03"), "3 stale");
	assert_string_equal(answer(s, a, "2026-09-04"), "7 known");
	assert_string_equal(answer(s, a, "2026-09-14"), "7 stale");
	assert_string_equal(answer(s, a, NULL), "3 known, 7 stale");
}

static void test_an_older_count_does_not_replace(void **state)
{
	const char *s = feed_service("mail"), *a = feed_account("kestrel");
	struct add today[] = { { s, a, "9", 0 } }, old[] = { { s, a, "4", feed.now - 5 * CLOCK_DAY } };

	send(today, 1, false);
	send(old, 1, false);
	assert_string_equal(answer(s, a, "2026-09-01"), "9 known");
	assert_string_equal(answer(s, a, "2026-08-27"), "4 known");
}

static void test_long_numbers_come_back(void **state)
{
	const char *s = feed_service("storage"), *a = feed_account("kestrel");
	struct add adds[] = { { s, a, "512.4873046875", 0 }, { s, a, "98765432109876543210.123456", 0 } };

	send(adds, 2, false);
	assert_string_equal(answer(s, a, NULL), "512.4873046875 known, 98765432109876543210.123456 known");
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, feed_open, feed_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units_are_exact),
		cmocka_unit_test(test_what_is_no_count),
		cmocka_unit_test(test_states),
		ROW(test_every_count_is_kept),
		ROW(test_missing_is_never_zero),
		ROW(test_complete_says_zero),
		ROW(test_new_ones_are_not_covered),
		ROW(test_as_of_a_day),
		ROW(test_an_older_count_does_not_replace),
		ROW(test_long_numbers_come_back),
	};

	return cmocka_run_group_tests_name("observe", tests, NULL, NULL);
}
