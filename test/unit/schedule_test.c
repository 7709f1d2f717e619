#include "core/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <stdlib.h>
#include <time.h>

#include "measured.h"

static void check_next(const char *text, const char *after, const char *want)
{
	struct err e = ERR_INIT;
	struct schedule s;
	char got[CLOCK_TEXT];
	utime t;

	assert_int_equal(schedule_parse(text, &s, &e), RC_OK);
	assert_int_equal(clock_parse(after, &t), RC_OK);
	assert_string_equal(clock_format(schedule_next(&s, t), got), want);
}

static void next_times(void **state)
{
	check_next("daily 02:00", "2026-11-25T01:59:59Z", "2026-11-25T02:00:00Z");
	check_next("daily 02:00", "2026-11-25T02:00:00Z", "2026-11-26T02:00:00Z");
	check_next("weekly mon 03:30", "2026-11-25T00:00:00Z", "2026-11-30T03:30:00Z");
	check_next("weekly wed 00:00", "2026-11-25T00:00:00Z", "2026-12-02T00:00:00Z");
	check_next("monthly 1 05:00", "2026-11-25T00:00:00Z", "2026-12-01T05:00:00Z");
	check_next("monthly 31 05:00", "2026-11-25T00:00:00Z", "2026-11-30T05:00:00Z");
	check_next("monthly 31 05:00", "2026-11-30T05:00:00Z", "2026-12-31T05:00:00Z");
	check_next("monthly 30 05:00", "2027-02-01T00:00:00Z", "2027-02-28T05:00:00Z");
	check_next("monthly 29 05:00", "2028-02-01T00:00:00Z", "2028-02-29T05:00:00Z");
}

static void off_is_never(void **state)
{
	struct err e = ERR_INIT;
	struct schedule s;

	assert_int_equal(schedule_parse("off", &s, &e), RC_OK);
	assert_int_equal(schedule_next(&s, CLOCK_DAY), 0);
}

static void refused(void **state)
{
	static const char *const bad[] = { "", "daily", "daily 24:00", "daily 02:60", "daily 02:00 ", "weekly",
		"weekly xxx 02:00", "weekly mon", "monthly 0 02:00", "monthly 32 02:00", "monthly 1", "hourly 02:00",
		"daily -1:00" };
	struct schedule s;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(schedule_parse(bad[i], &s, &e), RC_INVALID);
		assert_non_null(strstr(e.text, "daily 02:00"));
	}
}

/* Whatever the clock says and the machine's zone makes of it: the next time is after now, no earlier one was left out,
 * and a clock that steps back asks for the same time again. */
static void any_clock(void **state)
{
	static const char *const rhythms[] = { "daily 00:00", "daily 02:30", "daily 23:59", "weekly sun 02:00",
		"weekly thu 12:00", "monthly 1 00:00", "monthly 29 02:30", "monthly 31 23:59" };
	static const char *const edges[] = { "2026-03-08T06:59:59Z", "2026-03-08T07:00:00Z", "2026-03-29T00:59:59Z",
		"2026-03-29T01:00:00Z", "2026-10-25T00:59:59Z", "2026-10-25T01:00:00Z", "2026-11-01T05:59:59Z",
		"2026-11-01T06:00:00Z", "2026-12-31T23:59:60Z", "2027-01-01T00:00:00Z", "2028-02-28T23:59:59Z",
		"2028-02-29T00:00:00Z", "2028-02-29T23:59:59Z", "2027-02-28T23:59:59Z", "2038-01-19T03:14:07Z",
		"2038-01-19T03:14:08Z", "2100-02-28T12:00:00Z", "1970-01-01T00:00:00Z", "2026-04-30T23:59:59.999999Z" };
	static const char *const zones[] = { "UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe" };
	long cases = 0;

	for (size_t z = 0; z < ARRAY_LEN(zones); z++) {
		setenv("TZ", zones[z], 1);
		tzset();
		for (size_t r = 0; r < ARRAY_LEN(rhythms); r++) {
			struct err e = ERR_INIT;
			struct schedule s;

			assert_int_equal(schedule_parse(rhythms[r], &s, &e), RC_OK);
			for (size_t i = 0; i < ARRAY_LEN(edges); i++, cases++) {
				utime now, next;

				assert_int_equal(clock_parse(edges[i], &now), RC_OK);
				next = schedule_next(&s, now);
				assert_true(next > now && next - now <= 31 * CLOCK_DAY);
				assert_true(next % (60 * CLOCK_SECOND) == 0);
				/* Back by a second and by an hour: the same time, or one that was due in between. */
				assert_int_equal(schedule_next(&s, next - 1), next);
				assert_true(schedule_next(&s, now - 3600 * CLOCK_SECOND) <= next);
				assert_true(schedule_next(&s, next) > next);
			}
		}
	}
	measured("clock_cases", cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next_times),
		cmocka_unit_test(off_is_never),
		cmocka_unit_test(refused),
		cmocka_unit_test(any_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
