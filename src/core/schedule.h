/* schedule.h - when regular work is due: "off", "daily 02:00", "weekly mon 02:00", "monthly 31 02:00" (UTC). */
#ifndef CORE_SCHEDULE_H
#define CORE_SCHEDULE_H

#include "base/clock.h"

enum schedule_every { SCHEDULE_OFF, SCHEDULE_DAILY, SCHEDULE_WEEKLY, SCHEDULE_MONTHLY };

struct schedule {
	enum schedule_every every;
	int day;		/* weekly: 0 = Sunday; monthly: 1..31 */
	int minute;		/* of the day, UTC */
};

/* RC_INVALID with the forms that are understood. */
enum rc schedule_parse(const char *text, struct schedule *ret, struct err *e) MUST_CHECK;
/* The text of a rhythm as settings name it: "manual" is "off", "daily", "weekly" on `weekday`, "monthly" on
 * `monthday`, each at the full hour. In the arena. */
const char *schedule_text(struct arena *a, const char *every, int hour, int weekday, int monthday);
/* The first time strictly after `after`; 0 when off. A day that a month does not have is its last day. */
utime schedule_next(const struct schedule *s, utime after);

#endif
