#include "core/job.h"

#include "base/json.h"
#include "base/rand.h"

#include <string.h>

static utime lease = JOB_LEASE; /* set once, at start */

void job_set_lease(utime duration)
{
	lease = duration;
}

utime job_lease(void)
{
	return lease;
}

/* The waiting twin's id, or NULL; brings its time forward when this one is wanted earlier. */
static const char *find_twin(
	struct tx *tx, const char *org, const char *kind, const char *dedupe, utime run_at, struct err *e)
{
	struct rows r;
	const char *id = NULL;

	sql_query(tx, &r, SQL_JOB_QUEUED_TWIN, "ttt", org, kind, dedupe);
	if (rows_next(&r))
		id = rows_dup(&r, tx_arena(tx), 0);
	if (rows_end(&r, e) != RC_OK || !id)
		return NULL;
	sql_exec(tx, e, SQL_JOB_HASTEN, "tti", org, id, run_at);
	return id;
}

enum rc job_enqueue(struct tx *tx, const char *org, const char *kind, const char *args, const char *dedupe,
	utime run_at, const char *created_by, const char **ret_id, struct err *e)
{
	utime now = clock_now();
	const char *id;
	enum rc rc;

	if (run_at < now)
		run_at = now;
	id = dedupe ? find_twin(tx, org, kind, dedupe, run_at, e) : NULL;
	if (!id) {
		id = id_make(tx_arena(tx));
		rc = sql_exec(tx, e, SQL_JOB_INSERT, "tttttiti", org, id, kind, args, dedupe, run_at, created_by, now);
		if (rc != RC_OK)
			return rc;
	}
	tx_notify(tx, JOB_CHANNEL, org);
	if (ret_id)
		*ret_id = id;
	return RC_OK;
}

void event_tell(struct tx *tx, const char *org, const char *event, const char *data)
{
	char *text = arena_printf(tx_arena(tx), "{\"org\":\"%s\",\"event\":\"%s\",\"data\":%s}", org, event, data);

	tx_notify(tx, EVENT_CHANNEL, text);
}

static void tell_progress(struct tx *tx, const struct job *job, const char *state, int64_t done, int64_t total)
{
	event_tell(tx, job->org, "job",
		arena_printf(tx_arena(tx),
			"{\"id\":\"%s\",\"kind\":\"%s\",\"state\":\"%s\",\"done\":%lld,\"total\":%lld}", job->id,
			job->kind, state, (long long)done, (long long)total));
}

/* A lease that ends after this was given by a clock that was ahead. */
static utime lease_ahead(utime now)
{
	return now + 2 * JOB_LEASE_MOST;
}

static enum rc read_next(struct tx *tx, utime now, const char **ret_org, const char **ret_id, struct err *e)
{
	struct rows r;

	*ret_org = *ret_id = NULL;
	sql_query(tx, &r, SQL_JOB_NEXT, "iiii", now, now + JOB_AHEAD, lease_ahead(now),
		(int64_t)JOB_SIDE_BY_SIDE);
	if (rows_next(&r)) {
		*ret_org = rows_dup(&r, tx_arena(tx), 0);
		*ret_id = rows_dup(&r, tx_arena(tx), 1);
	}
	return rows_end(&r, e);
}

enum rc job_take(struct tx *tx, struct arena *a, const char *owner, struct job *ret, struct err *e)
{
	utime now = clock_now();
	const char *org, *id;
	struct rows r;
	enum rc rc;

	/* One taker at a time on the whole store, so that what may not run side by side does not. */
	rc = tx_lock_org(tx, "jobs", e);
	if (rc == RC_OK)
		rc = read_next(tx, now, &org, &id, e);
	if (rc != RC_OK)
		return rc;
	if (!id)
		return RC_NOT_FOUND;
	sql_query(tx, &r, SQL_JOB_TAKE, "tttiiii", org, id, owner, now + job_lease(), now, now + JOB_AHEAD,
		lease_ahead(now));
	if (rows_next(&r)) {
		ret->org = arena_strdup(a, org);
		ret->id = arena_strdup(a, id);
		ret->kind = rows_dup(&r, a, 0);
		ret->args = rows_dup(&r, a, 1);
		ret->attempts = rows_int(&r, 2);
		ret->created_by = rows_dup(&r, a, 3);
	} else {
		ret->id = NULL;
	}
	rc = rows_end(&r, e);
	if (rc != RC_OK)
		return rc;
	if (!ret->id)
		return RC_NOT_FOUND;
	tell_progress(tx, ret, "running", 0, 0);
	return RC_OK;
}

enum rc job_next_time(struct tx *tx, utime *ret, struct err *e)
{
	struct rows r;

	*ret = 0;
	sql_query(tx, &r, SQL_JOB_NEXT_TIME, "");
	if (rows_next(&r))
		*ret = rows_int(&r, 0);
	return rows_end(&r, e);
}

/* The lease was lost when nothing changed: somebody else runs the job now. */
static enum rc still_ours(struct tx *tx, enum rc rc, struct err *e)
{
	if (rc != RC_OK)
		return rc;
	if (sql_changes(tx) == 0)
		return err_set(e, RC_CONFLICT, "this job is run by another server now; stop here");
	return RC_OK;
}

enum rc job_progress(struct tx *tx, const struct job *job, const char *owner, const char *phase, int64_t done,
	int64_t total, struct err *e)
{
	enum rc rc = sql_exec(tx, e, SQL_JOB_PROGRESS, "ttttiii", job->org, job->id, owner, phase, done, total,
		clock_now() + job_lease());

	tell_progress(tx, job, "running", done, total);
	return still_ours(tx, rc, e);
}

enum rc job_keep(struct tx *tx, const struct job *job, const char *owner, struct err *e)
{
	enum rc rc = sql_exec(tx, e, SQL_JOB_KEEP, "ttti", job->org, job->id, owner, clock_now() + job_lease());

	return still_ours(tx, rc, e);
}

enum rc job_finish(
	struct tx *tx, const struct job *job, const char *owner, const char *error, const char *result, struct err *e)
{
	const char *state = error ? "failed" : "done";
	enum rc rc = sql_exec(
		tx, e, SQL_JOB_FINISH, "tttttti", job->org, job->id, owner, state, error, result, clock_now());

	tell_progress(tx, job, state, 0, 0);
	return still_ours(tx, rc, e);
}

enum rc job_again(
	struct tx *tx, const struct job *job, const char *owner, const char *error, utime run_at, struct err *e)
{
	enum rc rc = sql_exec(tx, e, SQL_JOB_AGAIN, "tttti", job->org, job->id, owner, error, run_at);

	tx_notify(tx, JOB_CHANNEL, job->org);
	return still_ours(tx, rc, e);
}

static void write_time(struct jsonw *w, const char *key, struct rows *r, int col)
{
	char text[CLOCK_TEXT];

	jsonw_kv(w, key, rows_null(r, col) ? NULL : clock_format(rows_int(r, col), text));
}

/* Columns as in job_get and job_list. */
/* Whose job it is, when it is one integration's. */
static const char *integration_of(struct arena *a, const char *args)
{
	struct json *v;
	struct err e;

	return args && json_parse(a, args, strlen(args), NULL, &v, &e) == RC_OK ? json_member(v, "integration") : NULL;
}

static void write_job(struct tx *tx, struct jsonw *w, struct rows *r)
{
	const char *result = rows_text(r, 7);

	jsonw_object(w);
	jsonw_kv(w, "id", rows_text(r, 0));
	jsonw_kv(w, "kind", rows_text(r, 1));
	jsonw_kv(w, "integration", integration_of(tx_arena(tx), rows_text(r, 13)));
	jsonw_kv(w, "state", rows_text(r, 2));
	jsonw_key(w, "progress");
	jsonw_object(w);
	jsonw_kv_int(w, "done", rows_int(r, 4));
	jsonw_kv_int(w, "total", rows_int(r, 5));
	jsonw_kv(w, "phase", rows_text(r, 3));
	jsonw_end_object(w);
	jsonw_kv(w, "error", rows_text(r, 6));
	jsonw_kv_raw(w, "result", result ? result : "null");
	jsonw_kv_int(w, "attempts", rows_int(r, 8));
	jsonw_kv(w, "created_by", rows_text(r, 9));
	write_time(w, "created_at", r, 10);
	write_time(w, "started_at", r, 11);
	write_time(w, "finished_at", r, 12);
	jsonw_end_object(w);
}

enum rc job_write(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e)
{
	bool found = false;
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_JOB_GET, "tt", org, id);
	if (rows_next(&r)) {
		found = true;
		write_job(tx, w, &r);
	}
	rc = rows_end(&r, e);
	if (rc == RC_OK && !found)
		return err_set(e, RC_NOT_FOUND, "There is no job %s.", id);
	return rc;
}

enum rc job_write_list(struct tx *tx, const char *org, const char *kind, const char *before, int64_t limit,
	struct jsonw *w, const char **ret_next, struct err *e)
{
	const char *last = NULL;
	int64_t count = 0;
	struct rows r;

	sql_query(tx, &r, SQL_JOB_LIST, "ttti", org, kind, before, limit);
	while (rows_next(&r)) {
		write_job(tx, w, &r);
		if (++count == limit)
			last = rows_dup(&r, tx_arena(tx), 0);
	}
	*ret_next = last;
	return rows_end(&r, e);
}
