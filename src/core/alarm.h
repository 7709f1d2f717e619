/* alarm.h - what waits in the dark: changes that do not reach the PSA, outcomes nobody knows, a PSA that is not read,
 * a vendor's key that ends, a disk that fills. An alarm begins, lasts and ends; each is told once. */
#ifndef CORE_ALARM_H
#define CORE_ALARM_H

#include "base/json.h"
#include "db/db.h"

enum alarm_kind { ALARM_OUTBOX, ALARM_UNKNOWN, ALARM_SYNC, ALARM_KEYS, ALARM_DISK, ALARM_MAX };

/* What was seen of one organization. Times 0 = nothing of the kind. */
struct alarm_look {
	const char *org;
	utime oldest_waiting, oldest_unknown, psa_read_at;
	int64_t unknown;
	int64_t free_mb;		/* of the data folder's disk; -1 = not known */
	struct alarm_look *next;
};

/* Of every organization, in the arena. The caller fills in free_mb. */
enum rc alarm_look(struct tx *tx, struct arena *a, struct alarm_look **ret, struct err *e) MUST_CHECK;

/* A change of one alarm. */
struct alarm_news {
	const char *name, *detail;
	bool begins;			/* else it is over */
};

/* Judges by the organization's settings, keeps what is the case now, and gives what has changed since the last time.
 * In a write; texts in its arena. */
enum rc alarm_judge(struct tx *tx, const struct alarm_look *look, struct alarm_news ret[ALARM_MAX], size_t *ret_count,
	struct err *e) MUST_CHECK;
/* {"name","since","detail"} of each that lasts. */
enum rc alarm_list(struct tx *tx, const char *org, struct jsonw *w, struct err *e) MUST_CHECK;

#endif
