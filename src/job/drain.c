/* Sends planned writes, one after another, and settles those whose outcome is unknown.
 *
 * Only one drain runs at a time for an organization (core/job.h), so a row found in `sending` was left by a
 * server that died in the middle: it is settled by reading, never sent again blindly. Before every step
 * that cannot be repeated the connector journals, and the journal refuses once the write is not ours. */
#include "base/failpoint.h"
#include "core/book/book.h"
#include "core/writes/outbox.h"
#include "core/book/psaconfig.h"
#include "job/kinds.h"

#include <string.h>

/* How often a write is sent; looks for one whose outcome is unknown are not counted. */
enum { TRIES = 6 };

#define FIRST_WAIT (5 * CLOCK_SECOND)
#define WAIT_CEILING (15 * 60 * CLOCK_SECOND)

static const char name_of_us[] = "trueup";

struct drain {
	struct job_run *run;
	struct psaconfig config;
	struct psa_host host;
	struct psa_conn *conn;
	struct principal who;
	struct arena arena; /* of one write */
	struct write w;
	bool settle; /* the write may have been sent before: read only */
	struct psa_result result;
	int64_t done;
};

static enum rc config_fn(struct tx *tx, void *arg, struct err *e)
{
	struct drain *d = arg;

	return FAIL_AFTER(psaconfig_get(tx, d->run->config->vault, d->run->arena, d->run->job->org, &d->config, e),
		"drain.config", e);
}

/* Takes the next due write for us: a planned one becomes `sending`, any other is `unknown` until it is settled. */
static enum rc take_fn(struct tx *tx, void *arg, struct err *e)
{
	struct drain *d = arg;
	struct write_move m = { .to = WRITE_SENDING, .owner = d->run->owner };
	enum rc rc = outbox_next(tx, &d->arena, d->run->job->org, &d->w, e);

	if (rc != RC_OK)
		return rc;
	d->settle = d->w.state != WRITE_PLANNED;
	if (d->settle)
		m.to = WRITE_UNKNOWN;
	if (d->w.state == WRITE_SENDING)
		m.detail = "The server stopped while this was being sent; it is looked up in the PSA first.";
	return FAIL_AFTER(outbox_move(tx, &d->who, &d->w, &m, e), "drain.take", e);
}

struct mark {
	struct drain *drain;
	const char *text;
};

static enum rc journal_fn(struct tx *tx, void *arg, struct err *e)
{
	struct mark *m = arg;

	return FAIL_AFTER(outbox_journal(tx, &m->drain->w, m->drain->run->owner, m->text, e), "drain.mark", e);
}

static enum rc journal(void *arg, const char *text, struct err *e)
{
	struct drain *d = arg;
	struct mark m = { d, text };

	return FAIL_AFTER(db_write(d->run->config->db, journal_fn, &m, e), "drain.marked", e);
}

/* Waits grow: 5 s, 10 s, 20 s, ... and never shorter than the PSA asked for. */
static utime next_try(int64_t attempts, int retry_after)
{
	utime wait = FIRST_WAIT << (attempts < 12 ? attempts : 12);

	if (wait > WAIT_CEILING)
		wait = WAIT_CEILING;
	if (retry_after * CLOCK_SECOND > wait)
		wait = retry_after * CLOCK_SECOND;
	return clock_now() + wait;
}

/* A failure that lasts: what came of the last time it was sent, and what a person can do. A look that found nothing
 * changed has no words of its own for that. */
static const char *gave_up(struct drain *d, int64_t sent, const char *words)
{
	const char *why = d->settle && words ? words : d->result.err.text;

	return arena_printf(&d->arena,
		"%s It was sent %lld times, and nothing was changed. When %s works again, %s it again.", why,
		(long long)sent, d->config.ops->name, d->w.rollback_of ? "roll back" : "approve");
}

static struct write_move move_for(struct drain *d, int64_t sent, const char *words)
{
	const struct psa_result *p = &d->result;
	struct write_move m = { .attempt = true, .result = p, .detail = p->err.text[0] ? p->err.text : NULL };

	switch (p->outcome) {
	case PSA_APPLIED:
		m.to = WRITE_APPLIED;
		m.detail = NULL;
		break;
	case PSA_NOT_APPLIED:
		m.to = sent < TRIES ? WRITE_PLANNED : WRITE_FAILED;
		m.next_try_at = m.to == WRITE_PLANNED ? next_try(d->w.attempts, p->retry_after) : 0;
		if (m.to == WRITE_FAILED)
			m.detail = gave_up(d, sent, words);
		break;
	case PSA_UNKNOWN:
		m.to = WRITE_UNKNOWN;
		m.next_try_at = next_try(d->w.attempts, p->retry_after);
		break;
	case PSA_CONFLICT:
		m.to = WRITE_CONFLICT;
		break;
	case PSA_REFUSED:
		m.to = WRITE_REFUSED;
		break;
	}
	return m;
}

static enum rc outcome_fn(struct tx *tx, void *arg, struct err *e)
{
	struct drain *d = arg;
	struct write w = d->w;
	struct write_move m;
	const char *words;
	int64_t sent;
	enum rc rc = FAIL_AFTER(tx_lock_org(tx, d->w.org, e), "drain.outcome", e);

	if (rc == RC_OK)
		rc = outbox_sent(tx, &w, &sent, &words, e);
	if (rc != RC_OK)
		return rc;
	m = move_for(d, sent, words);
	rc = FAIL_AFTER(outbox_move(tx, &d->who, &w, &m, e), "drain.outcome_moved", e);
	if (rc == RC_OK && m.to == WRITE_APPLIED && w.rollback_of)
		rc = outbox_undone(tx, &d->who, &w, e);
	/* No card is made of costs. */
	if (rc == RC_OK && m.to != WRITE_PLANNED && m.to != WRITE_UNKNOWN && !psa_is_cost(w.change.kind))
		rc = job_enqueue(tx, w.org, JOB_REBUILD, "{}", "", 0, name_of_us, NULL, e);
	return rc;
}

struct fresh {
	struct drain *drain;
	struct psa_line line;
	const char *gone; /* remote id of a line that is no longer there */
};

static enum rc put_line_fn(struct tx *tx, void *arg, struct err *e)
{
	struct fresh *f = arg;
	struct drain *d = f->drain;
	struct book_run b = { d->w.org, d->config.ops->kind, 0, clock_now() };
	enum rc rc = tx_lock_org(tx, d->w.org, e);

	if (rc != RC_OK)
		return rc;
	if (f->gone)
		return book_skip(tx, &b, "line", f->gone, NULL, "taken back", e);
	return FAIL_AFTER(book_put_line(tx, &b, &f->line, e), "drain.line_refreshed", e);
}

/* A PSA that does not show a line's units: what was confirmed stands, and the rest is what was sent. */
static bool confirmed(const struct drain *d, const char *line_remote_id, struct psa_line *l)
{
	const struct psa_change *c = &d->w.change;

	if (d->result.outcome != PSA_APPLIED || !d->result.line_remote_id ||
		strcmp(line_remote_id, d->result.line_remote_id) != 0)
		return false;
	l->unknown = NULL;
	l->quantity = c->want;
	l->product_remote_id = c->product_remote_id;
	l->description = c->description;
	l->has_price = c->has_price;
	l->unit_price = c->unit_price;
	l->effective = c->effective;
	return true;
}

/* Brings one line of the book up to what the PSA says now. A failure here is no failure of the write: the next
 * sync reads the line anyway. */
static void refresh_line(struct drain *d, const char *line_remote_id)
{
	struct fresh f = { .drain = d };
	struct err ignored = ERR_INIT;
	enum rc rc;

	if (!line_remote_id)
		return;
	rc = d->config.ops->read_line(
		d->conn, &d->arena, d->w.change.contract_remote_id, line_remote_id, &f.line, &ignored);
	if (rc == RC_NOT_FOUND)
		f.gone = line_remote_id;
	else if (rc != RC_OK)
		return;
	if (f.line.unknown && !confirmed(d, line_remote_id, &f.line))
		return;
	(void)!db_write(d->run->config->db, put_line_fn, &f, &ignored);
}

static enum rc put_cost_fn(struct tx *tx, void *arg, struct err *e)
{
	struct drain *d = arg;

	return FAIL_AFTER(sql_exec(tx, e, SQL_BOOK_PRODUCT_COST, "ttq", d->w.org, d->w.product_id, d->result.cost),
		"cost.refreshed", e);
}

/* The product as the PSA shows it now. A failure is none of the write: the next sync reads it anyway. */
static void refresh_product(struct drain *d)
{
	struct err ignored = ERR_INIT;

	if (d->result.has_cost)
		(void)!db_write(d->run->config->db, put_cost_fn, d, &ignored);
}

static void refresh_book(struct drain *d)
{
	const char *begun = d->result.line_remote_id, *old = d->w.change.line_remote_id;

	if (d->w.change.kind == PSA_SET_COST) {
		refresh_product(d);
		return;
	}
	refresh_line(d, old);
	if (begun && (!old || strcmp(begun, old) != 0))
		refresh_line(d, begun);
}

static void send_or_settle(struct drain *d)
{
	d->result = (struct psa_result){ 0 };
	d->w.change.journal = journal;
	d->w.change.journal_arg = d;
	if (psa_is_cost(d->w.change.kind))
		(d->settle ? psa_cost_settle : psa_cost_apply)(
			d->config.ops, d->conn, &d->arena, &d->w.change, &d->result);
	else if (d->settle)
		d->config.ops->settle(d->conn, &d->arena, &d->w.change, &d->result);
	else
		d->config.ops->apply(d->conn, &d->arena, &d->w.change, &d->result);
}

/* RC_NOT_FOUND when nothing is due any more. */
static enum rc drain_one(struct drain *d, struct err *e)
{
	enum rc rc = FAIL_AFTER(db_write(d->run->config->db, take_fn, d, e), "drain.taken", e);

	if (rc != RC_OK)
		return rc;
	send_or_settle(d);
	if (FAIL_POINT("drain.sent", e) != RC_OK)
		return e->rc;
	if (d->result.outcome == PSA_APPLIED || d->result.outcome == PSA_CONFLICT)
		refresh_book(d);
	return FAIL_AFTER(db_write(d->run->config->db, outcome_fn, d, e), "drain.ended", e);
}

static enum rc drain_all(struct drain *d, struct err *e)
{
	enum rc rc = RC_OK;

	while (rc == RC_OK && !job_cancelled(d->run)) {
		rc = job_report(d->run, "writing to the PSA", d->done, 0, e);
		if (rc == RC_OK)
			rc = drain_one(d, e);
		arena_release(&d->arena);
		d->done++;
	}
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* What must wait is looked at again when it is due. */
static enum rc queue_rest_fn(struct tx *tx, void *arg, struct err *e)
{
	struct drain *d = arg;
	const char *org = d->run->job->org;
	int64_t count;
	utime due;
	enum rc rc = outbox_waiting(tx, org, &count, &due, e);

	if (rc != RC_OK || !count)
		return rc;
	return job_enqueue(tx, org, JOB_DRAIN, "{}", "", due, name_of_us, NULL, e);
}

enum rc job_drain(struct job_run *run, struct err *e)
{
	struct drain d = {
		.run = run,
		.host = { .allow_private = run->config->allow_private, .today = day_today() },
		.who = { .org = run->job->org, .id = run->job->id, .name = name_of_us },
	};
	enum rc rc = db_read(run->config->db, config_fn, &d, e);

	if (rc == RC_OK)
		rc = FAIL_AFTER(d.config.ops->open(&d.host, d.config.settings, &d.conn, e), "drain.open", e);
	if (rc != RC_OK)
		return rc;
	rc = drain_all(&d, e);
	d.config.ops->close(d.conn);
	return rc == RC_OK ? db_write(run->config->db, queue_rest_fn, &d, e) : rc;
}
