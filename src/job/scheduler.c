#include "job/scheduler.h"

#include "core/job.h"
#include "core/schedule.h"

#include <string.h>

/* Without a setting of its own: a quick reading every night, a full one every Sunday. */
static const struct {
	const char *name, *schedule;
} defaults[] = {
	{ "psa_sync", "daily 02:00" },
	{ "psa_full_sync", "weekly sun 03:00" },
};

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

static const char *schedule_of(const char *name, const char *own)
{
	for (size_t i = 0; i < ARRAY_LEN(defaults) && !own; i++) {
		if (strcmp(defaults[i].name, name) == 0)
			return defaults[i].schedule;
	}
	return own ? own : "off";
}

/* Settings are kept as JSON texts: a schedule's quotes go. */
static const char *unquote(struct arena *a, const char *value)
{
	size_t len = value ? strlen(value) : 0;

	return len >= 2 && value[0] == '"' ? arena_strndup(a, value + 1, len - 2) : value;
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
		w->schedule = schedule_of(w->name, unquote(t->arena, rows_text(&r, 4)));
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

/* Keeps marks that need nothing out of the write: filters the list in a read. */
static enum rc filter_fn(struct tx *tx, void *arg, struct err *e)
{
	struct tick *t = arg;
	struct work **link;
	enum rc rc = list_fn(tx, t, e);

	for (link = &t->due; rc == RC_OK && *link;) {
		struct mark m;

		rc = read_mark(tx, *link, &m, e);
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
