/* setting.h - what an organization can set: a table of rows, read with defaults. */
#ifndef CORE_SETTING_H
#define CORE_SETTING_H

#include "base/json.h"
#include "db/db.h"

enum setting_type { SETTING_BOOL, SETTING_INT, SETTING_CHOICE };

struct setting {
	const char *name;	/* NULL ends the table */
	enum setting_type type;
	const char *fallback;	/* JSON text of the default */
	int64_t min, max;	/* of a SETTING_INT */
	const char *choices;	/* of a SETTING_CHOICE: "daily|weekly" */
	const char *help;
};

extern const struct setting settings[];

#define SETTING_SCHEDULE "schedule"		/* manual, daily, weekly, monthly; see core/schedule.h */
#define SETTING_SYNC_HOUR "sync_hour"		/* 0 to 23, UTC */
#define SETTING_SYNC_WEEKDAY "sync_weekday"	/* 0 = Sunday; for weekly */
#define SETTING_SYNC_MONTHDAY "sync_monthday"	/* 1 to 28; for monthly */
#define SETTING_STALE_AFTER "stale_after_hours"	/* for new integrations */
#define SETTING_STRICT404 "strict404"		/* for new integrations */
#define SETTING_SECOND_REQUIRED "second_factor_required"	/* approvers and administrators need one */
#define SETTING_SECOND_GRACE "second_factor_grace_days"	/* from the day the user was made */
#define SETTING_ALARM_OUTBOX "alarm_outbox_minutes"	/* 0 = never; for unknown outcomes too */
#define SETTING_ALARM_SYNC "alarm_sync_hours"		/* 0 = never */
#define SETTING_ALARM_KEYS "alarm_key_days"		/* 0 = never */
#define SETTING_ALARM_DISK "alarm_disk_mb"
#define SETTING_MAIL_SYNC_DONE "mail_sync_done"
#define SETTING_MAIL_SYNC_FAILED "mail_sync_failed"

/* The value, or the default. Asking for a name that has no row, or another type, is a BUG. */
enum rc setting_bool(struct tx *tx, const char *org, const char *name, bool *ret, struct err *e) MUST_CHECK;
enum rc setting_int(struct tx *tx, const char *org, const char *name, int64_t *ret, struct err *e) MUST_CHECK;
/* Text in the transaction's arena. */
enum rc setting_choice(struct tx *tx, const char *org, const char *name, const char **ret, struct err *e) MUST_CHECK;
/* Writes {"name","type","value","default","help"} of each ("choices" or "min" and "max" too) into an open array. */
enum rc setting_list(struct tx *tx, const char *org, struct jsonw *w, struct err *e) MUST_CHECK;
/* Members of `patch` by name; null puts the default back. All or nothing; RC_INVALID with a pointer. */
enum rc setting_patch(struct tx *tx, const char *org, const struct json *patch, struct err *e) MUST_CHECK;

#endif
