#include "core/rules/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define U(n) ((qty)(n)*QTY_ONE)

/* Runs the rules over `units` and gives the result as text, "none" without one; the why goes to `why`. */
static const char *run(const struct rule_pick *p, const qty *units, struct buf *why, char out[QTY_TEXT])
{
	struct jsonw w;
	qty q;
	bool ok;

	buf_clear(why);
	jsonw_init(&w, why, 0);
	jsonw_array(&w);
	ok = rule_apply(p, units, &w, &q);
	jsonw_end_array(&w);
	return ok ? qty_format(q, out) : "none";
}

struct row {
	struct rule rule;
	const char *units, *want; /* "" = no count */
	const char *word; /* what the why must say, or NULL */
};

static const struct row rows[] = {
	{ { .steps = 0 }, "12", "12", NULL },
	{ { .steps = 0 }, "", "none", NULL },
	{ { .steps = RULE_CONVERT, .convert_mul = U(1), .convert_div = U(1024) }, "2048", "2",
		"divided by 1024, is 2" },
	{ { .steps = RULE_CONVERT, .convert_mul = U(1), .convert_div = U(3) }, "2", "0.666667", NULL },
	{ { .steps = RULE_INCLUDED, .included = U(5) }, "12", "7", "5 included free, 7 left to bill" },
	{ { .steps = RULE_INCLUDED, .included = U(5) }, "3", "0", "0 left" },
	{ { .steps = RULE_MINIMUM, .minimum = U(10) }, "3", "10", "minimum of 10 holds instead of 3" },
	{ { .steps = RULE_MINIMUM, .minimum = U(10) }, "11", "11", "Within the minimum of 10" },
	{ { .steps = RULE_MAXIMUM, .maximum = U(10) }, "11", "10", "maximum of 10 holds instead of 11" },
	{ { .steps = RULE_ROUND, .round_mode = ROUND_UP, .round_step = U(5) }, "11", "15", "up to full pack of 5: 15" },
	{ { .steps = RULE_ROUND, .round_mode = ROUND_DOWN, .round_step = U(1) }, "11.9", "11",
		"down to whole unit: 11" },
	{ { .steps = RULE_ROUND, .round_mode = ROUND_HALF_UP, .round_step = U(1) }, "11.5", "12",
		"nearest whole unit" },
	/* All at once: 2,600 GB is 2.6, less 1 is 1.6, at least 3, in packs of 2 is 4. */
	{ { .steps = RULE_CONVERT | RULE_INCLUDED | RULE_MINIMUM | RULE_MAXIMUM | RULE_ROUND,
		  .convert_mul = U(1),
		  .convert_div = U(1000),
		  .included = U(1),
		  .minimum = U(3),
		  .maximum = U(100),
		  .round_mode = ROUND_UP,
		  .round_step = U(2) },
		"2600", "4", "included" },
	/* The pack may pass the maximum: rounding comes after it. */
	{ { .steps = RULE_MAXIMUM | RULE_ROUND, .maximum = U(7), .round_mode = ROUND_UP, .round_step = U(5) }, "9",
		"10", NULL },
	{ { .steps = RULE_CONVERT, .convert_mul = U(1000000), .convert_div = U(1) }, "9000000000000", "none",
		"too large" },
};

static void each_step(void **state)
{
	AUTO(buf) why = BUF_INIT(1 << 20);
	char out[QTY_TEXT];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rule r = rows[i].rule;
		struct rule_pick p;
		qty units = 0;

		r.id = "r1";
		r.name = "a rule";
		r.product = r.account = r.contract = RULE_ANY;
		rule_pick(&r, 1, 0, 0, 0, &p);
		if (*rows[i].units)
			assert_int_equal(qty_parse(rows[i].units, &units), RC_OK);
		assert_string_equal(run(&p, *rows[i].units ? &units : NULL, &why, out), rows[i].want);
		if (rows[i].word && !strstr(buf_text(&why), rows[i].word))
			fail_msg("row %zu says %s", i, buf_text(&why));
	}
}

static void the_most_specific_rule_wins_step_by_step(void **state)
{
	struct rule r[] = {
		{ .id = "a",
			.name = "all",
			.product = RULE_ANY,
			.account = RULE_ANY,
			.contract = RULE_ANY,
			.steps = RULE_MINIMUM | RULE_INCLUDED,
			.minimum = U(1),
			.included = U(9) },
		{ .id = "b",
			.name = "product",
			.product = 7,
			.account = RULE_ANY,
			.contract = RULE_ANY,
			.steps = RULE_MINIMUM,
			.minimum = U(2) },
		{ .id = "d",
			.name = "account, younger",
			.product = RULE_ANY,
			.account = 3,
			.contract = RULE_ANY,
			.steps = RULE_MINIMUM,
			.minimum = U(5) },
		{ .id = "c",
			.name = "account",
			.product = RULE_ANY,
			.account = 3,
			.contract = RULE_ANY,
			.steps = RULE_MINIMUM,
			.minimum = U(3) },
		{ .id = "e",
			.name = "contract",
			.product = RULE_ANY,
			.account = RULE_ANY,
			.contract = 4,
			.steps = RULE_MINIMUM,
			.minimum = U(4) },
		{ .id = "f",
			.name = "lost",
			.product = RULE_LOST,
			.account = RULE_ANY,
			.contract = RULE_ANY,
			.steps = RULE_MAXIMUM,
			.maximum = U(1) },
	};
	struct rule_pick p;

	rule_sort(r, ARRAY_LEN(r));
	rule_pick(r, ARRAY_LEN(r), 7, 3, 4, &p);
	assert_string_equal(p.minimum->id, "e");
	assert_string_equal(p.included->id, "a");
	assert_null(p.maximum);
	rule_pick(r, ARRAY_LEN(r), 7, 3, 5, &p);
	assert_string_equal(p.minimum->id, "c");
	rule_pick(r, ARRAY_LEN(r), 7, 8, RULE_LOST, &p);
	assert_string_equal(p.minimum->id, "b");
	rule_pick(r, ARRAY_LEN(r), 6, 8, RULE_LOST, &p);
	assert_string_equal(p.minimum->id, "a");
}

static void an_override_needs_no_count(void **state)
{
	AUTO(buf) why = BUF_INIT(1 << 20);
	struct override o = { .id = "o", .reason = "agreed by phone", .quantity = U(7), .expires = 100 };
	struct rule_pick p = { .override = &o };
	char out[QTY_TEXT];
	qty units = U(12);

	assert_string_equal(run(&p, &units, &why, out), "7");
	assert_non_null(strstr(buf_text(&why), "\"in\":\"12\",\"out\":\"7\""));
	assert_non_null(strstr(buf_text(&why), "until 1970-04-11: agreed by phone"));
	assert_string_equal(run(&p, NULL, &why, out), "7");
	assert_non_null(strstr(buf_text(&why), "\"in\":null"));
	assert_true(override_holds(&o, 100));
	assert_false(override_holds(&o, 101));
	o.expires = DAY_NONE;
	assert_true(override_holds(&o, 101));
}

static void words_of_rounding(void **state)
{
	enum round_mode m;

	assert_true(rule_round_parse("up", &m));
	assert_int_equal(m, ROUND_UP);
	assert_string_equal(rule_round_word(ROUND_HALF_UP), "nearest");
	assert_false(rule_round_parse("sideways", &m));
	assert_false(rule_round_parse(NULL, &m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step),
		cmocka_unit_test(the_most_specific_rule_wins_step_by_step),
		cmocka_unit_test(an_override_needs_no_count),
		cmocka_unit_test(words_of_rounding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
