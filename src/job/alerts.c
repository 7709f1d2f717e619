/* Tickets for the alerts of vendors. Each is made once: the connector looks for our key before it creates one, so an
 * alert whose answer was lost is simply tried again. */
#include "core/writes/alert.h"
#include "core/book/psaconfig.h"
#include "job/kinds.h"

#include <string.h>

enum { TRIES = 6, UNPROCESSABLE = 422, UNAVAILABLE = 503 };

#define FIRST_WAIT (10 * CLOCK_SECOND)
#define WAIT_CEILING (15 * 60 * CLOCK_SECOND)

struct work {
	struct job_run *run;
	struct psaconfig config;
	struct psa_conn *conn;
	struct err closed; /* why no ticket can be made at all; rc RC_OK = it can */
	struct arena arena; /* of one alert */
	struct alert alert;
	const char *ticket;
	struct err err;
	int64_t done;
};

static enum rc config_fn(struct tx *tx, void *arg, struct err *e)
{
	struct work *w = arg;

	return psaconfig_get(tx, w->run->config->vault, w->run->arena, w->run->job->org, &w->config, e);
}

/* Connects. No PSA, or one without tickets, is an answer for the vendor, not a failure of the job. */
static enum rc connect(struct work *w, struct err *e)
{
	struct psa_host host = { .allow_private = w->run->config->allow_private, .today = day_today() };
	enum rc rc = db_read(w->run->config->db, config_fn, w, &w->closed);

	if (rc == RC_OK && !(w->config.ops->caps & PSA_CAP_TICKETS))
		rc = err_set(&w->closed, RC_INVALID, "%s takes no tickets from Trueup.", w->config.ops->name);
	if (rc == RC_OK)
		rc = w->config.ops->open(&host, w->config.settings, &w->conn, &w->closed);
	if (rc == RC_NOT_FOUND || rc == RC_INVALID)
		return RC_OK;
	if (rc != RC_OK)
		*e = w->closed;
	return rc;
}

static enum rc next_fn(struct tx *tx, void *arg, struct err *e)
{
	struct work *w = arg;

	return alert_next(tx, &w->arena, w->run->job->org, &w->alert, e);
}

static const char *description(struct work *w)
{
	const struct alert *al = &w->alert;

	return arena_printf(&w->arena, "%s\n\nFrom: %s\nAccount there: %s%s%s%s", al->description, al->vendor,
		al->account, al->service ? "\nService: " : "", al->service ? al->service : "",
		al->account_remote_id ? "" : "\nThis account is not mapped to one of the PSA.");
}

static void make_ticket(struct work *w)
{
	struct psa_ticket t = { .reference = arena_printf(&w->arena, "trueup:%s", w->alert.id),
		.account_remote_id = w->alert.account_remote_id,
		.title = w->alert.title,
		.description = description(w),
		.priority = (int)w->alert.priority };

	w->ticket = NULL;
	w->err = (struct err)ERR_INIT;
	if (w->conn)
		w->config.ops->ticket(w->conn, &w->arena, &t, &w->ticket, &w->err);
	else
		w->err = w->closed;
}

static bool may_pass(enum rc rc)
{
	return rc == RC_REMOTE || rc == RC_BUSY || rc == RC_IO;
}

static utime next_try(const struct work *w)
{
	utime wait = FIRST_WAIT << (w->alert.attempts < 10 ? w->alert.attempts : 10);

	if (wait > WAIT_CEILING)
		wait = WAIT_CEILING;
	if (w->err.retry_after * CLOCK_SECOND > wait)
		wait = w->err.retry_after * CLOCK_SECOND;
	return clock_now() + wait;
}

static enum rc keep_fn(struct tx *tx, void *arg, struct err *e)
{
	struct work *w = arg;
	const char *org = w->run->job->org, *id = w->alert.id;
	enum rc rc = tx_lock_org(tx, org, e);

	if (rc != RC_OK)
		return rc;
	if (w->ticket)
		return alert_ticketed(tx, org, id, w->ticket, e);
	if (may_pass(w->err.rc) && w->alert.attempts + 1 < TRIES)
		return alert_later(tx, org, id, w->err.text, next_try(w), e);
	return alert_fail(tx, org, id, may_pass(w->err.rc) ? UNAVAILABLE : UNPROCESSABLE, w->err.text, e);
}

static enum rc one(struct work *w, struct err *e)
{
	enum rc rc = db_read(w->run->config->db, next_fn, w, e);

	if (rc != RC_OK)
		return rc;
	rc = job_report(w->run, "making tickets", w->done, 0, e);
	if (rc != RC_OK)
		return rc;
	make_ticket(w);
	return db_write(w->run->config->db, keep_fn, w, e);
}

static enum rc all(struct work *w, struct err *e)
{
	enum rc rc = RC_OK;

	while (rc == RC_OK && !job_cancelled(w->run)) {
		rc = one(w, e);
		arena_release(&w->arena);
		w->done++;
	}
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* What must wait is looked at again when it is due. */
static enum rc rest_fn(struct tx *tx, void *arg, struct err *e)
{
	struct work *w = arg;
	const char *org = w->run->job->org;
	int64_t count;
	utime at;
	enum rc rc = alert_due(tx, org, &count, &at, e);

	if (rc != RC_OK || !count)
		return rc;
	return job_enqueue(tx, org, JOB_ALERTS, "{}", "{}", at, "trueup", NULL, e);
}

enum rc job_alerts(struct job_run *run, struct err *e)
{
	struct work w = { .run = run, .closed = ERR_INIT };
	enum rc rc = connect(&w, e);

	if (rc == RC_OK)
		rc = all(&w, e);
	if (w.conn)
		w.config.ops->close(w.conn);
	arena_release(&w.arena);
	return rc == RC_OK ? db_write(run->config->db, rest_fn, &w, e) : rc;
}
