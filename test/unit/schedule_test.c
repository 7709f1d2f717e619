#include "core/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

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
	static const char *const bad[] = { "", "daily", "daily 24:00", "daily 02:60", "daily 02:00 ", "weekly", "weekly xxx 02:00",
		"weekly mon", "monthly 0 02:00", "monthly 32 02:00", "monthly 1", "hourly 02:00", "daily -1:00" };
	struct schedule s;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(schedule_parse(bad[i], &s, &e), RC_INVALID);
		assert_non_null(strstr(e.text, "daily 02:00"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next_times),
		cmocka_unit_test(off_is_never),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
