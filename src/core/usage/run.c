#include "core/usage/run.h"

#include "base/rand.h"
#include "core/job.h"
#include "core/usage/observe.h"
#include "core/page.h"

#include <stdlib.h>
#include <string.h>

enum rc run_begin(struct tx *tx, const char *org, const char *integration, const char *kind, bool complete,
	const char **ret_id, struct err *e)
{
	*ret_id = id_make(tx_arena(tx));
	return sql_exec(tx, e, SQL_RUN_INSERT, "ttttbi", org, *ret_id, integration, kind, complete, clock_now());
}

struct open_run {
	const char *integration;
	bool complete;
	utime started_at;
};

static enum rc read_open(struct tx *tx, const char *org, const char *id, struct open_run *ret, struct err *e)
{
	struct rows r;
	enum rc rc;

	*ret = (struct open_run){ 0 };
	sql_query(tx, &r, SQL_RUN_GET, "tt", org, id);
	if (rows_next(&r)) {
		ret->integration = rows_dup(&r, tx_arena(tx), 0);
		ret->complete = rows_int(&r, 1) != 0;
		ret->started_at = rows_int(&r, 2);
	}
	rc = rows_end(&r, e);
	if (rc == RC_OK && !ret->integration)
		return err_set(e, RC_CONFLICT, "Run %s has ended already.", id);
	return rc;
}

enum rc run_finish(struct tx *tx, const char *org, const char *id, int64_t accepted, int64_t *ret_zeros, struct err *e)
{
	struct open_run run;
	struct integration i;
	utime now;
	enum rc rc = read_open(tx, org, id, &run, e);

	if (rc == RC_OK)
		rc = integration_get(tx, tx_arena(tx), org, run.integration, &i, e);
	if (ret_zeros)
		*ret_zeros = 0;
	if (rc == RC_OK && run.complete)
		rc = observe_imply_zeros(tx, org, run.integration, id, run.started_at, e);
	if (rc == RC_OK && run.complete && ret_zeros)
		*ret_zeros = sql_changes(tx);
	if (rc == RC_OK && (accepted || run.complete))
		rc = integration_wake(tx, &i, e);
	if (rc != RC_OK)
		return rc;
	now = clock_now();
	rc = sql_exec(tx, e, SQL_RUN_FINISH, "ttii", org, id, now, accepted);
	if (rc == RC_OK)
		rc = sql_exec(tx, e, SQL_RUN_INTEGRATION, "ttIIi", org, run.integration, accepted ? &now : NULL,
			run.complete ? &now : NULL, now);
	return rc;
}

static enum rc open_burst(struct tx *tx, struct integration *i, struct err *e)
{
	enum rc rc = run_begin(tx, i->org, i->id, RUN_PUSH, false, &i->open_run, e);

	if (rc == RC_OK)
		rc = sql_exec(tx, e, SQL_RUN_OPEN, "ttt", i->org, i->id, i->open_run);
	return rc;
}

/* One job is enough; one that is long overdue has been lost. */
static enum rc queue_end(struct tx *tx, const struct integration *i, utime at, struct err *e)
{
	const char *args = arena_printf(tx_arena(tx), "{\"integration\":\"%s\",\"burst\":true}", i->id);
	enum rc rc = sql_exec(tx, e, SQL_RUN_CLOSING, "tti", i->org, i->id, at);

	if (rc == RC_OK)
		rc = job_enqueue(tx, i->org, JOB_INTEGRATION_SYNC, args, args, at, "trueup", NULL, e);
	return rc;
}

bool run_needs_end(utime closing_at, utime now)
{
	return closing_at < now - RUN_LONGEST;
}

enum rc run_burst(
	struct tx *tx, const char *org, const char *integration, bool build, const char **ret_id, struct err *e)
{
	utime now = clock_now();
	struct integration i;
	enum rc rc = tx_lock_org(tx, org, e);

	if (rc == RC_OK)
		rc = integration_get(tx, tx_arena(tx), org, integration, &i, e);
	if (rc == RC_OK && !i.open_run)
		rc = open_burst(tx, &i, e);
	if (rc == RC_OK)
		rc = integration_wake(tx, &i, e);
	if (rc == RC_OK)
		rc = sql_exec(tx, e, SQL_RUN_TOUCH, "tti", org, integration, now);
	if (rc == RC_OK && build && run_needs_end(i.closing_at, now))
		rc = queue_end(tx, &i, now + RUN_QUIET, e);
	*ret_id = rc == RC_OK ? i.open_run : NULL;
	return rc;
}

static enum rc shut(struct tx *tx, const struct integration *i, struct err *e)
{
	int64_t pairs;
	enum rc rc = sql_int(tx, &pairs, e, SQL_RUN_PAIRS, "ttt", i->org, i->id, i->open_run);

	if (rc == RC_OK)
		rc = run_finish(tx, i->org, i->open_run, pairs, NULL, e);
	if (rc == RC_OK)
		rc = sql_exec(tx, e, SQL_RUN_SHUT, "tt", i->org, i->id);
	return rc;
}

enum rc run_burst_end(struct tx *tx, const struct integration *i, bool now_or_never, utime *ret_again, struct err *e)
{
	utime now = clock_now(), started = 0, quiet = i->last_count_at + RUN_QUIET, due;
	enum rc rc;

	*ret_again = 0;
	if (!i->open_run)
		return sql_exec(tx, e, SQL_RUN_SHUT, "tt", i->org, i->id);
	rc = sql_int(tx, &started, e, SQL_RUN_STARTED, "tt", i->org, i->open_run);
	if (rc != RC_OK)
		return rc;
	due = quiet < started + RUN_LONGEST ? quiet : started + RUN_LONGEST;
	if (now_or_never || due <= now)
		return shut(tx, i, e);
	*ret_again = due;
	return queue_end(tx, i, due, e);
}

static void kv_time(struct jsonw *w, const char *key, struct rows *r, int col)
{
	char text[CLOCK_TEXT];

	jsonw_kv(w, key, rows_null(r, col) ? NULL : clock_format(rows_int(r, col), text));
}

static void write_row(struct jsonw *w, struct rows *r)
{
	jsonw_object(w);
	jsonw_kv(w, "id", rows_text(r, 0));
	jsonw_kv(w, "kind", rows_text(r, 1));
	jsonw_kv_bool(w, "complete", rows_int(r, 2) != 0);
	kv_time(w, "started_at", r, 3);
	kv_time(w, "finished_at", r, 4);
	jsonw_kv_int(w, "accepted", rows_int(r, 5));
	jsonw_end_object(w);
}

enum rc run_write_last(struct tx *tx, const char *org, const char *integration, struct jsonw *w, struct err *e)
{
	struct rows r;

	sql_query(tx, &r, SQL_RUN_LAST, "tt", org, integration);
	if (rows_next(&r))
		write_row(w, &r);
	else
		jsonw_null(w);
	return rows_end(&r, e);
}

enum rc run_write_list(struct tx *tx, const char *org, const char *integration, const char *cursor, int64_t limit,
	struct jsonw *w, const char **ret_next, struct err *e)
{
	struct arena *a = tx_arena(tx);
	int64_t count = 0, before;
	const char *after[2];
	struct rows r;
	enum rc rc = page_read(a, cursor, after, 2, e);

	*ret_next = NULL;
	if (rc != RC_OK)
		return rc;
	before = *after[0] ? strtoll(after[0], NULL, 10) : INT64_MAX;
	sql_query(tx, &r, SQL_RUN_LIST, "ttiti", org, integration, before, after[1], limit);
	while (rows_next(&r)) {
		write_row(w, &r);
		if (++count == limit)
			*ret_next = page_cursor(
				a, arena_printf(a, "%lld", (long long)rows_int(&r, 3)), rows_text(&r, 0), NULL);
	}
	return rows_end(&r, e);
}
