/* How many calls a connector's allowance lets through, with its own default: never more in a minute (an hour) than the
 * PSA takes. */
#include "psa/psa.h"
#include "psa/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct limit {
	const char *kind, *setting;
	utime span;
	int most; /* that the PSA takes in a span */
} limits[] = {
	{ "syncro", "requests_per_minute", 60 * CLOCK_SECOND, 180 },
	{ "superops", "requests_per_minute", 60 * CLOCK_SECOND, 800 },
	/* A bucket of 120 that fills by 60 a minute. */
	{ "alga", "requests_per_minute", 60 * CLOCK_SECOND, 120 },
	/* 450 in five minutes, by the strictest source. */
	{ "halopsa", "requests_per_minute", 300 * CLOCK_SECOND, 450 },
	/* Of each kind of call; one reading makes several kinds. */
	{ "kaseya-bms", "requests_per_hour", 3600 * CLOCK_SECOND, 1500 + WIRE_BURST },
};

static const char *fallback(const char *kind, const char *name)
{
	const struct psa_setting *s = psa_find(kind)->settings;

	while (strcmp(s->name, name) != 0)
		s++;
	return s->fallback;
}

/* Calls that pass in one span when somebody always wants the next one; a tenth of a second passes at a time. */
static int passed(struct wire *w, utime span)
{
	int n = 0;

	for (utime t = 0; t < span; t += CLOCK_SECOND / 10) {
		while (wire_take(w) == 0)
			n++;
		w->rate_full_at -= CLOCK_SECOND / 10;
	}
	return n;
}

static const struct psa_setting none = { NULL };

static void test_allowance(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		const struct limit *l = &limits[i];
		utime named = strstr(l->setting, "hour") ? 3600 * CLOCK_SECOND : 60 * CLOCK_SECOND;
		struct err e = ERR_INIT;
		struct wire w = { 0 };
		int first, second;

		assert_int_equal(wire_rate(&none, l->setting, fallback(l->kind, l->setting), 100000, named,
					 &w.rate_step, &e),
			RC_OK);
		first = passed(&w, l->span);
		second = passed(&w, l->span);
		if (first > l->most + 1 || second > l->most)
			fail_msg("%s: %d, then %d calls pass, and %d may", l->kind, first, second, l->most);
		/* And the allowance is used: it does not crawl. */
		assert_true(second >= (int)(l->span / w.rate_step) - 2);
	}
}

static const struct psa_setting labels[] = { { "private_key", "Private key", "password" },
	{ "requests_per_minute", "Requests per minute", "number" }, { NULL } };

static void test_a_rate_that_is_none(void **state)
{
	static const char *const wrong[] = { "0", "-1", "fast", "1.5", "6001" };
	struct err e = ERR_INIT;
	utime step;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		e = (struct err)ERR_INIT;
		assert_int_equal(wire_rate(labels, "requests_per_minute", wrong[i], 6000, CLOCK_SECOND, &step, &e),
			RC_INVALID);
		assert_string_equal(e.pointer, "/settings/requests_per_minute");
		assert_string_equal(e.text, "Requests per minute is a whole number from 1 to 6000.");
	}
}

static void test_a_sign_that_ends_a_header(void **state)
{
	static const char *const wrong[] = { "a b", "ab\n", "a\x7f", "a:b" };
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct json member = { .type = JSON_STRING, .key = "private_key", .str = wrong[i] };
		struct json settings = { .type = JSON_OBJECT, .child = &member };

		e = (struct err)ERR_INIT;
		assert_int_equal(wire_check_plain(labels, &settings, "private_key", ":", &e), RC_INVALID);
		assert_string_equal(e.pointer, "/settings/private_key");
		assert_non_null(strstr(e.text, "Private key holds a blank"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allowance),
		cmocka_unit_test(test_a_rate_that_is_none),
		cmocka_unit_test(test_a_sign_that_ends_a_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
