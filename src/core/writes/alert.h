/* alert.h - alerts of vendors that become tickets in the PSA. JOB_ALERTS works through the pending ones. */
#ifndef CORE_ALERT_H
#define CORE_ALERT_H

#include "base/json.h"
#include "db/db.h"

/* alerts.state; alerts.errors is a JSON array of texts, or NULL. */
#define ALERT_PENDING "pending"
#define ALERT_SUCCESS "success"
#define ALERT_FAILED "failed"

struct alert_new {
	const char *integration, *account;	/* ids of ours */
	const char *service;			/* as the vendor names it, or NULL */
	const char *alert_id;			/* the vendor's own */
	const char *title, *description;
	int64_t priority, status;
	utime due_at;				/* 0 = none */
};

struct alert_ids {
	const char *message, *correlation;
};

/* Queues an alert and JOB_ALERTS. The same alert_id of the same account while it waits is the one that waits. Ids are
 * in the transaction's arena. */
enum rc alert_queue(struct tx *tx, const char *org, const struct alert_new *n, struct alert_ids *ret, struct err *e)
	MUST_CHECK;
/* What became of it, as the push API says it. RC_NOT_FOUND. */
enum rc alert_write(struct tx *tx, const char *org, const char *integration, const char *message, struct jsonw *w,
	struct err *e) MUST_CHECK;

/* One that waits for its ticket. */
struct alert {
	const char *id;				/* message id; also our key in the PSA */
	const char *title, *description, *vendor, *account;
	const char *service;			/* or NULL */
	const char *account_remote_id;		/* of the mapped PSA account, NULL when it is not mapped */
	int64_t priority, attempts;
};

/* The oldest that is due. RC_NOT_FOUND without words: none. Texts in the arena. */
enum rc alert_next(struct tx *tx, struct arena *a, const char *org, struct alert *ret, struct err *e) MUST_CHECK;
enum rc alert_ticketed(struct tx *tx, const char *org, const char *id, const char *ticket_id, struct err *e) MUST_CHECK;
/* `status` is what the vendor is told as statusCode. */
enum rc alert_fail(struct tx *tx, const char *org, const char *id, int64_t status, const char *why, struct err *e)
	MUST_CHECK;
/* Stays pending until `at`. */
enum rc alert_later(
	struct tx *tx, const char *org, const char *id, const char *why, utime at, struct err *e) MUST_CHECK;
/* How many wait, and when the earliest is due (0 = now). */
enum rc alert_due(struct tx *tx, const char *org, int64_t *ret_count, utime *ret_at, struct err *e) MUST_CHECK;

#endif
