#include "base/clock.h"

#include <ctype.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static utime (*source)(void);
static atomic_bool skips;
static _Atomic utime skipped;

static utime read_clock(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) != 0)
		BUG("clock_gettime: %d", errno);
	return (utime)ts.tv_sec * CLOCK_SECOND + ts.tv_nsec / 1000;
}

#ifdef TRUEUP_FAIL_POINTS
/* In builds for tests the file that TRUEUP_CLOCK_FILE names moves the clock of the whole program: seconds, in text. */
static utime moved(void)
{
	const char *path = getenv("TRUEUP_CLOCK_FILE");
	FILE *f = path ? fopen(path, "re") : NULL;
	long long seconds = 0;

	if (f && fscanf(f, "%lld", &seconds) != 1)
		seconds = 0;
	if (f)
		fclose(f);
	return (utime)seconds * CLOCK_SECOND;
}
#else
static utime moved(void)
{
	return 0;
}
#endif

utime clock_now(void)
{
	return source ? source() : read_clock(CLOCK_REALTIME) + moved();
}

utime clock_mono(void)
{
	return read_clock(CLOCK_MONOTONIC) + atomic_load(&skipped);
}

void clock_set_source(utime (*new_source)(void))
{
	source = new_source;
}

void clock_skip_waits(bool on)
{
	atomic_store(&skips, on);
}

void clock_sleep(utime duration)
{
	struct timespec ts = { duration / CLOCK_SECOND, duration % CLOCK_SECOND * 1000 };

	if (atomic_load(&skips)) {
		atomic_fetch_add(&skipped, duration);
		return;
	}
	nanosleep(&ts, NULL);
}

/* Days from civil date and back, by the usual era arithmetic (400 years = 146,097 days). */
day day_from_ymd(int year, int month, int mday)
{
	int y = year - (month <= 2);
	int era = (y >= 0 ? y : y - 399) / 400;
	int yoe = y - era * 400;
	int doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + mday - 1;
	int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

void day_to_ymd(day d, int *ret_year, int *ret_month, int *ret_mday)
{
	int z = d + 719468;
	int era = (z >= 0 ? z : z - 146096) / 146097;
	int doe = z - era * 146097;
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153;

	*ret_mday = doy - (153 * mp + 2) / 5 + 1;
	*ret_month = mp < 10 ? mp + 3 : mp - 9;
	*ret_year = yoe + era * 400 + (*ret_month <= 2);
}

day day_of(utime t)
{
	utime d = t / CLOCK_DAY;

	return (day)(t < 0 && t % CLOCK_DAY ? d - 1 : d);
}

day day_today(void)
{
	return day_of(clock_now());
}

const char *day_format(day d, char out[DAY_TEXT])
{
	int y, m, md;

	if (d == DAY_NONE)
		return out[0] = 0, out;
	day_to_ymd(d, &y, &m, &md);
	snprintf(out, DAY_TEXT, "%04u-%02u-%02u", (unsigned)y % 10000, (unsigned)m % 100, (unsigned)md % 100);
	return out;
}

day day_month_start(day d, int months)
{
	int y, m, md, n;

	day_to_ymd(d, &y, &m, &md);
	n = y * 12 + (m - 1) + months;
	return day_from_ymd(n / 12, n % 12 + 1, 1);
}

int day_weekday(day d)
{
	return ((d + 4) % 7 + 7) % 7;
}

const char *clock_format(utime t, char out[CLOCK_TEXT])
{
	day d = day_of(t);
	utime rest = t - (utime)d * CLOCK_DAY;
	int sec = (int)(rest / CLOCK_SECOND), us = (int)(rest % CLOCK_SECOND);
	char date[DAY_TEXT];

	day_format(d, date);
	if (us)
		snprintf(out, CLOCK_TEXT, "%.10sT%02d:%02d:%02d.%06dZ", date, sec / 3600 % 24, sec / 60 % 60, sec % 60,
			us);
	else
		snprintf(out, CLOCK_TEXT, "%.10sT%02d:%02d:%02dZ", date, sec / 3600 % 24, sec / 60 % 60, sec % 60);
	return out;
}

const char *clock_format_ms(utime t, char out[CLOCK_TEXT])
{
	day d = day_of(t);
	utime rest = t - (utime)d * CLOCK_DAY;
	int sec = (int)(rest / CLOCK_SECOND), ms = (int)(rest % CLOCK_SECOND / 1000);
	char date[DAY_TEXT];

	day_format(d, date);
	snprintf(out, CLOCK_TEXT, "%.10sT%02d:%02d:%02d.%03dZ", date, sec / 3600 % 24, sec / 60 % 60, sec % 60, ms);
	return out;
}

/* Reads exactly `count` digits; returns -1 when one is missing. */
static int digits(const char **s, int count)
{
	int value = 0;

	while (count-- > 0) {
		if (!isdigit((unsigned char)**s))
			return -1;
		value = value * 10 + (*(*s)++ - '0');
	}
	return value;
}

static int month_length(int year, int month)
{
	static const int len[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return len[month - 1] + (month == 2 && leap);
}

static enum rc parse_date(const char **s, day *ret_day)
{
	int y, m, d;

	if ((y = digits(s, 4)) < 0 || *(*s)++ != '-' || (m = digits(s, 2)) < 0)
		return RC_INVALID;
	if (*(*s)++ != '-' || (d = digits(s, 2)) < 0)
		return RC_INVALID;
	if (m < 1 || m > 12 || d < 1 || d > month_length(y, m))
		return RC_INVALID;
	*ret_day = day_from_ymd(y, m, d);
	return RC_OK;
}

enum rc day_parse(const char *s, day *ret_day)
{
	day d;

	if (parse_date(&s, &d) != RC_OK || (*s != '\0' && *s != 'T'))
		return RC_INVALID;
	*ret_day = d;
	return RC_OK;
}

static enum rc parse_fraction(const char **s, utime *ret_us)
{
	utime unit = CLOCK_SECOND / 10;

	*ret_us = 0;
	if (**s != '.' && **s != ',')
		return RC_OK;
	for ((*s)++; isdigit((unsigned char)**s); (*s)++, unit /= 10)
		*ret_us += (**s - '0') * unit;
	return RC_OK;
}

static enum rc parse_zone(const char *s, utime *ret_offset)
{
	int h, m, sign = *s == '-' ? -1 : 1;

	*ret_offset = 0;
	if (*s == '\0' || ((*s == 'Z' || *s == 'z') && s[1] == '\0'))
		return RC_OK;
	if (*s != '+' && *s != '-')
		return RC_INVALID;
	s++;
	if ((h = digits(&s, 2)) < 0 || h > 23)
		return RC_INVALID;
	if (*s == ':')
		s++;
	if ((m = digits(&s, 2)) < 0 || m > 59 || *s)
		return RC_INVALID;
	*ret_offset = sign * (h * 60 + m) * 60 * CLOCK_SECOND;
	return RC_OK;
}

enum rc clock_parse(const char *s, utime *ret_time)
{
	int h, m, sec = 0;
	utime us, offset;
	day d;

	if (parse_date(&s, &d) != RC_OK)
		return RC_INVALID;
	*ret_time = (utime)d * CLOCK_DAY;
	if (*s == '\0')
		return RC_OK;
	if (*s != 'T' && *s != 't' && *s != ' ')
		return RC_INVALID;
	s++;
	if ((h = digits(&s, 2)) < 0 || *s++ != ':' || (m = digits(&s, 2)) < 0 || h > 23 || m > 59)
		return RC_INVALID;
	if (*s == ':' && (s++, (sec = digits(&s, 2)) < 0 || sec > 60))
		return RC_INVALID;
	if (parse_fraction(&s, &us) != RC_OK || parse_zone(s, &offset) != RC_OK)
		return RC_INVALID;
	*ret_time += ((utime)h * 3600 + m * 60 + sec) * CLOCK_SECOND + us - offset;
	return RC_OK;
}
