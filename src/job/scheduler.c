#include "job/scheduler.h"

#include "core/job.h"
#include "core/schedule.h"
#include "core/setting.h"

#include <string.h>

struct work {
	const char *org, *name, *kind, *args, *schedule;
	struct work *next;
};

struct tick {
	struct arena *arena;
	struct work *due;
	const struct work *queue;
	utime now;
};

/* The organization's own rhythm as a schedule text: "daily 02:00". */
static enum rc org_schedule(struct tx *tx, struct arena *a, const char *org, const char **ret, struct err *e)
{
	const char *every;
	int64_t hour, weekday, monthday;

	if (setting_choice(tx, org, SETTING_SCHEDULE, &every, e) != RC_OK ||
		setting_int(tx, org, SETTING_SYNC_HOUR, &hour, e) != RC_OK ||
		setting_int(tx, org, SETTING_SYNC_WEEKDAY, &weekday, e) != RC_OK ||
		setting_int(tx, org, SETTING_SYNC_MONTHDAY, &monthday, e) != RC_OK)
		return e->rc;
	*ret = schedule_text(a, every, (int)hour, (int)weekday, (int)monthday);
	return RC_OK;
}

/* Once a week all of the PSA is read, an hour after the usual time; never where syncs are manual. */
static const char *full_schedule(struct arena *a, const char *usual)
{
	const char *time = strrchr(usual, ' ');
	int hour = time ? (time[1] - '0') * 10 + time[2] - '0' : 0;

	return time ? arena_printf(a, "weekly sun %02d:30", hour) : usual;
}

static enum rc resolve(struct tx *tx, struct arena *a, struct work *w, struct err *e)
{
	const char *usual = "";
	enum rc rc;

	if (strcmp(w->schedule, "default") != 0 && strcmp(w->schedule, "full") != 0)
		return RC_OK;
	rc = org_schedule(tx, a, w->org, &usual, e);
	if (rc == RC_OK)
		w->schedule = *w->schedule == 'f' ? full_schedule(a, usual) : usual;
	return rc;
}

static enum rc list_fn(struct tx *tx, void *arg, struct err *e)
{
	struct tick *t = arg;
	struct rows r;

	t->due = NULL;
	sql_query(tx, &r, SQL_SCHEDULE_LIST, "");
	while (rows_next(&r)) {
		struct work *w = ARENA_NEW(t->arena, struct work);

		w->org = rows_dup(&r, t->arena, 0);
		w->name = rows_dup(&r, t->arena, 1);
		w->kind = rows_dup(&r, t->arena, 2);
		w->args = rows_dup(&r, t->arena, 3);
		w->schedule = rows_dup(&r, t->arena, 4);
		w->next = t->due;
		t->due = w;
	}
	return rows_end(&r, e);
}

struct mark {
	bool fits; /* computed from the schedule as it is now */
	utime next;
};

static enum rc read_mark(struct tx *tx, const struct work *w, struct mark *ret, struct err *e)
{
	struct rows r;

	*ret = (struct mark){ 0 };
	sql_query(tx, &r, SQL_SCHEDULE_MARK_GET, "tt", w->org, w->name);
	if (rows_next(&r)) {
		ret->fits = strcmp(rows_text(&r, 0), w->schedule) == 0;
		ret->next = rows_int(&r, 1);
	}
	return rows_end(&r, e);
}

/* A mark beyond the time after next was made by a clock that was ahead. The time after next is not: the clock may have
 * stepped back over a time that was kept. */
static bool is_ahead(const struct work *w, const struct mark *m, utime now)
{
	struct err ignored = ERR_INIT;
	struct schedule s;
	utime next;

	if (!m->next || schedule_parse(w->schedule, &s, &ignored) != RC_OK)
		return false;
	next = schedule_next(&s, now);
	return next && m->next > schedule_next(&s, next);
}

/* Keeps marks that need nothing out of the write: filters the list in a read. */
static enum rc filter_fn(struct tx *tx, void *arg, struct err *e)
{
	struct tick *t = arg;
	struct work **link;
	enum rc rc = list_fn(tx, t, e);

	for (link = &t->due; rc == RC_OK && *link;) {
		struct mark m = { 0 };

		rc = resolve(tx, t->arena, *link, e);
		if (rc == RC_OK)
			rc = read_mark(tx, *link, &m, e);
		if (m.fits && is_ahead(*link, &m, t->now))
			m.fits = false;
		if (m.fits && (m.next == 0 || m.next > t->now))
			*link = (*link)->next;
		else
			link = &(*link)->next;
	}
	return rc;
}

static enum rc queue_fn(struct tx *tx, void *arg, struct err *e)
{
	struct tick *t = arg;
	const struct work *w = t->queue;
	struct schedule s;
	struct mark m;
	enum rc rc = tx_lock_org(tx, w->org, e);

	if (rc == RC_OK)
		rc = read_mark(tx, w, &m, e);
	if (rc == RC_OK)
		rc = schedule_parse(w->schedule, &s, e);
	if (rc != RC_OK)
		return rc;
	if (m.fits && m.next && m.next <= t->now)
		rc = job_enqueue(tx, w->org, w->kind, w->args, w->args, 0, "schedule", NULL, e);
	if (rc != RC_OK)
		return rc;
	return sql_exec(tx, e, SQL_SCHEDULE_MARK_PUT, "ttti", w->org, w->name, w->schedule, schedule_next(&s, t->now));
}

enum rc scheduler_tick(struct db *db, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct tick t = { .arena = &a, .now = clock_now() };
	enum rc rc = db_read(db, filter_fn, &t, e);

	for (t.queue = t.due; rc == RC_OK && t.queue; t.queue = t.queue->next)
		rc = db_write(db, queue_fn, &t, e);
	return rc;
}
