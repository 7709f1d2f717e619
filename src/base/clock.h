/* clock.h - the only door to time.
 *
 * Instants are microseconds since 1970-01-01T00:00:00Z (`utime`). Business dates are days since
 * 1970-01-01 (`day`), with no zone. A test installs its own source.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/err.h"

typedef int64_t utime;
typedef int32_t day;

#define CLOCK_SECOND INT64_C(1000000)
#define CLOCK_DAY (INT64_C(86400) * CLOCK_SECOND)
#define DAY_NONE INT32_MIN

/* Wall clock now. Never goes through anything but the installed source. */
utime clock_now(void);
/* Time that never steps back, for deadlines and durations; its zero means nothing. */
utime clock_mono(void);
/* Replaces the wall clock; NULL restores the real one. */
void clock_set_source(utime (*source)(void));
/* Waits; returns early only on a signal. */
void clock_sleep(utime duration);
/* For tests: from now on clock_sleep() returns at once, and clock_mono() is as much later as if it had waited. */
void clock_skip_waits(bool on);

/* "2026-09-01T00:00:00Z", with ".123456" only when there is a fraction. Needs 32 bytes. */
#define CLOCK_TEXT 32
const char *clock_format(utime t, char out[CLOCK_TEXT]);
/* "2026-09-01T00:00:00.000Z": always milliseconds, as the vendor push API prints them. */
const char *clock_format_ms(utime t, char out[CLOCK_TEXT]);
/* RFC 3339, or without zone (then UTC), or a bare date (midnight). RC_INVALID if none of them. */
enum rc clock_parse(const char *s, utime *ret_time) MUST_CHECK;

day day_today(void);			/* in UTC */
day day_of(utime t);
day day_from_ymd(int year, int month, int mday);
void day_to_ymd(day d, int *ret_year, int *ret_month, int *ret_mday);
/* "2026-09-01"; DAY_NONE gives "". Needs 16 bytes. */
#define DAY_TEXT 16
const char *day_format(day d, char out[DAY_TEXT]);
/* YYYY-MM-DD, real dates only. A longer text is read up to its 'T'. RC_INVALID otherwise. */
enum rc day_parse(const char *s, day *ret_day) MUST_CHECK;
/* First day of the month of `d`, `months` later (may be negative). */
day day_month_start(day d, int months);
int day_weekday(day d);			/* 0 = Sunday */

#endif
