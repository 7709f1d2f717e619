#include "core/schedule.h"

#include <stdio.h>
#include <string.h>

static const char *const weekdays[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

static int weekday_of(const char *word)
{
	for (int i = 0; i < 7; i++) {
		if (strcmp(weekdays[i], word) == 0)
			return i;
	}
	return -1;
}

/* "02:00" and nothing behind it. */
static bool read_time(const char *s, int *ret_minute)
{
	int h, m, used = 0;

	if (sscanf(s, "%2d:%2d%n", &h, &m, &used) != 2 || s[used] || h < 0 || h > 23 || m < 0 || m > 59)
		return false;
	*ret_minute = h * 60 + m;
	return true;
}

static bool read_weekly(const char *s, struct schedule *ret)
{
	char word[4] = "";

	if (strlen(s) < 5 || s[3] != ' ')
		return false;
	memcpy(word, s, 3);
	ret->day = weekday_of(word);
	return ret->day >= 0 && read_time(s + 4, &ret->minute);
}

static bool read_monthly(const char *s, struct schedule *ret)
{
	int used = 0;

	if (sscanf(s, "%2d %n", &ret->day, &used) != 1 || !used || ret->day < 1 || ret->day > 31)
		return false;
	return read_time(s + used, &ret->minute);
}

static bool read_schedule(const char *text, struct schedule *s)
{
	if (strcmp(text, "off") == 0)
		return s->every = SCHEDULE_OFF, true;
	if (strncmp(text, "daily ", 6) == 0)
		return s->every = SCHEDULE_DAILY, read_time(text + 6, &s->minute);
	if (strncmp(text, "weekly ", 7) == 0)
		return s->every = SCHEDULE_WEEKLY, read_weekly(text + 7, s);
	if (strncmp(text, "monthly ", 8) == 0)
		return s->every = SCHEDULE_MONTHLY, read_monthly(text + 8, s);
	return false;
}

enum rc schedule_parse(const char *text, struct schedule *ret, struct err *e)
{
	struct schedule s = { 0 };

	if (!read_schedule(text, &s))
		return err_set(e, RC_INVALID,
			"\"%s\" is not a schedule. Write \"off\", \"daily 02:00\", \"weekly mon 02:00\" or "
			"\"monthly 1 02:00\" (times in UTC).",
			text);
	*ret = s;
	return RC_OK;
}

const char *schedule_text(struct arena *a, const char *every, int hour, int weekday, int monthday)
{
	if (strcmp(every, "daily") == 0)
		return arena_printf(a, "daily %02d:00", hour);
	if (strcmp(every, "weekly") == 0)
		return arena_printf(a, "weekly %s %02d:00", weekdays[weekday], hour);
	if (strcmp(every, "monthly") == 0)
		return arena_printf(a, "monthly %d %02d:00", monthday, hour);
	return "off";
}

static utime at_minute(day d, int minute)
{
	return (utime)d * CLOCK_DAY + (utime)minute * 60 * CLOCK_SECOND;
}

/* The schedule's day in the month that starts at `first`. */
static day monthly_day(const struct schedule *s, day first)
{
	day last = day_month_start(first, 1) - 1;
	day wanted = first + s->day - 1;

	return wanted < last ? wanted : last;
}

static day first_day_at_or_after(const struct schedule *s, day from)
{
	day d;

	if (s->every == SCHEDULE_WEEKLY)
		return from + (s->day - day_weekday(from) + 7) % 7;
	if (s->every != SCHEDULE_MONTHLY)
		return from;
	d = monthly_day(s, day_month_start(from, 0));
	return d >= from ? d : monthly_day(s, day_month_start(from, 1));
}

utime schedule_next(const struct schedule *s, utime after)
{
	day d = day_of(after);
	utime t;

	if (s->every == SCHEDULE_OFF)
		return 0;
	t = at_minute(first_day_at_or_after(s, d), s->minute);
	return t > after ? t : at_minute(first_day_at_or_after(s, d + 1), s->minute);
}
