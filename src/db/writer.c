/* writer.c - many jobs, one commit.
 *
 * A writer takes what is queued and runs it in one transaction. The first try is without savepoints, as
 * most jobs succeed: a job that fails having changed nothing leaves nothing to undo. When a job fails after
 * a change, the group is rolled back and run again with a savepoint around each job, and so are the next
 * groups for a while. What the engine ended by itself (disk full) is run again one job at a time, so that
 * only the job that is too much fails.
 */
#include "db/tx.h"

#include "base/clock.h"
#include "base/failpoint.h"

#include <stdlib.h>
#include <time.h>

enum { CAREFUL_GROUPS = 64, TRIES_MAX = 12, LONELY_AFTER = 3, CROWD = 8 };

/* How long a group may wait for more jobs, and how long ago the crowd may have been. */
#define GATHER_TIME 500
#define CROWD_MEMORY 2000

/* How long a lost server may be away before waiting writes are told so. */
#define LOST_PATIENCE (10 * CLOCK_SECOND)

enum verdict {
	GROUP_DONE,
	GROUP_FAILED, /* `e` holds for every job */
	GROUP_CAREFULLY, /* rolled back: again, with savepoints */
	GROUP_AGAIN, /* rolled back: lost a race or the server */
	GROUP_ONE_BY_ONE /* rolled back: too much for one transaction, perhaps */
};

static _Thread_local bool in_writer;

/* With care, what was put is waited for, so that a failure is this job's and no other's. */
static void run_job(struct writer *w, unsigned i, bool careful)
{
	struct db_job *job = w->jobs[i];
	struct tx *tx = &w->txs[i];

	job->err.text[0] = job->err.pointer[0] = '\0';
	job->err.status = job->err.retry_after = 0;
	job->rc = job->fn(tx, job->arg, &job->err);
	if (careful && job->rc == RC_OK && !tx->failed && w->conn->engine->flush &&
		w->conn->engine->flush(w->conn, &tx->err) != RC_OK)
		tx_fail(tx);
	tx_close_cursors(tx);
	if (tx->failed && job->rc == RC_OK) {
		job->rc = tx->err.rc;
		job->err = tx->err;
	}
	job->err.rc = job->rc;
}

/* The part of tx_notify() that is done inside the transaction. */
static void send_notes(struct writer *w, unsigned i)
{
	struct db_job *job = w->jobs[i];
	struct note *n;

	if (!w->conn->engine->notify)
		return;
	for (n = w->txs[i].notes; n && job->rc == RC_OK; n = n->next)
		job->rc = w->conn->engine->notify(w->conn, n->channel, n->text, &job->err);
}

static enum verdict after_failure(const struct conn *c)
{
	switch (c->state) {
	case CONN_AGAIN:
	case CONN_LOST:
		return GROUP_AGAIN;
	case CONN_ENDED:
		return GROUP_ONE_BY_ONE;
	case CONN_UNSURE:
		return GROUP_FAILED;
	default:
		return GROUP_CAREFULLY;
	}
}

/* Takes back what job `i` changed. GROUP_DONE: the group goes on. */
static enum verdict undo_job(struct writer *w, unsigned i, bool saved, int64_t before, struct err *e)
{
	struct conn *c = w->conn;

	if (c->state == CONN_GOOD && c->engine->mark(c) == before)
		return saved && c->engine->release(c, e) != RC_OK ? after_failure(c) : GROUP_DONE;
	if (c->state == CONN_GOOD || c->state == CONN_BROKEN) {
		if (saved)
			return c->engine->undo(c, e) == RC_OK ? GROUP_DONE : after_failure(c);
		if (i == 0) {
			c->engine->rollback(c);
			return c->engine->begin(c, e) == RC_OK ? GROUP_DONE : after_failure(c);
		}
	}
	return after_failure(c);
}

/* Runs jobs [0, *count); lowers *count at a job that has to wait for a lock. */
static enum verdict run_jobs(struct writer *w, unsigned *count, bool careful, struct err *e)
{
	struct conn *c = w->conn;
	enum verdict verdict;
	int64_t before;
	unsigned i;
	bool saved;

	for (i = 0; i < *count; i++) {
		saved = careful && i > 0;
		if (saved && c->engine->save(c, e) != RC_OK)
			return after_failure(c);
		before = c->engine->mark(c);
		tx_init(&w->txs[i], c, &w->arena);
		w->txs[i].alone = i == 0;
		run_job(w, i, careful);
		if (w->jobs[i]->rc == RC_OK)
			send_notes(w, i);
		if (w->jobs[i]->rc == RC_OK) {
			if (saved && c->engine->release(c, e) != RC_OK)
				return after_failure(c);
			continue;
		}
		verdict = undo_job(w, i, saved, before, e);
		if (verdict != GROUP_DONE) {
			*e = w->txs[i].failed ? w->txs[i].err : w->jobs[i]->err;
			return verdict;
		}
		if (w->txs[i].deferred)
			*count = i;
	}
	return GROUP_DONE;
}

static enum verdict try_group(struct writer *w, unsigned *count, bool careful, struct err *e)
{
	struct conn *c = w->conn;
	enum verdict verdict;

	if (c->engine->begin(c, e) != RC_OK)
		return c->state == CONN_LOST || c->state == CONN_AGAIN ? GROUP_AGAIN : GROUP_FAILED;
	verdict = run_jobs(w, count, careful, e);
	if (verdict == GROUP_DONE && FAIL_POINT("store.commit", e) != RC_OK)
		verdict = GROUP_FAILED;
	if (verdict == GROUP_DONE && c->engine->commit(c, e) != RC_OK) {
		verdict = after_failure(c);
		verdict = verdict == GROUP_CAREFULLY ? GROUP_ONE_BY_ONE : verdict;
	}
	if (verdict != GROUP_DONE && c->state != CONN_LOST && c->state != CONN_UNSURE)
		c->engine->rollback(c);
	return verdict;
}

/* Waits a little, longer each time; brings a lost server back. False when it is time to give up. */
static bool before_again(struct writer *w, unsigned tries, utime *since, struct err *e)
{
	if (tries > TRIES_MAX)
		return false;
	if (tries > 1)
		clock_sleep((1 + clock_mono() % 8) * 1000 * tries); /* so that two that met part */
	if (*since == 0)
		*since = clock_mono();
	while (w->conn->state == CONN_LOST && w->conn->engine->reopen(w->conn, e) != RC_OK) {
		if (clock_mono() - *since > LOST_PATIENCE || w->db->stopping)
			return false;
		clock_sleep(CLOCK_SECOND / 5);
	}
	return true;
}

static void finish_job(struct writer *w, struct db_job *job, struct tx *tx)
{
	struct after *a;
	struct note *n;

	if (job->rc == RC_OK) {
		for (a = tx->after; a; a = a->next)
			a->fn(a->arg);
		for (n = w->conn->engine->notify ? NULL : tx->notes; n; n = n->next)
			db_tell(w->db, n->channel, n->text);
	}
	job->done(job);
}

static void fail_jobs(struct writer *w, unsigned count, const struct err *e)
{
	unsigned i;

	for (i = 0; i < count; i++) {
		w->jobs[i]->rc = e->rc;
		w->jobs[i]->err = *e;
		w->jobs[i]->done(w->jobs[i]);
	}
}

/* One try, and what follows from it: true when it settled the fate of *count jobs (e->rc tells). */
static bool settle_group(struct writer *w, unsigned *count, unsigned *tries, utime *since, struct err *e)
{
	bool careful = w->careful > 0;
	enum verdict verdict;

	w->careful -= careful;
	e->rc = RC_OK;
	verdict = try_group(w, count, careful, e);
	if (verdict == GROUP_DONE) {
		e->rc = RC_OK;
		return true;
	}
	arena_release(&w->arena);
	if (e->rc == RC_OK)
		BUG("a group failed without words");
	if (verdict == GROUP_FAILED || (verdict == GROUP_ONE_BY_ONE && *count == 1))
		return true;
	if (verdict == GROUP_CAREFULLY)
		w->careful = CAREFUL_GROUPS;
	if (verdict == GROUP_ONE_BY_ONE || *tries >= LONELY_AFTER)
		w->lonely = *count;
	if (verdict == GROUP_AGAIN)
		return !before_again(w, ++*tries, since, e);
	return ++*tries > TRIES_MAX;
}

/* Runs the first `count` jobs to their end, or fewer when one has to wait; returns how many ended. */
static unsigned run_group(struct writer *w, unsigned count)
{
	struct err e = ERR_INIT;
	unsigned i, tries = 0;
	utime since = 0;

	do {
		if (w->lonely > 0)
			count = 1;
	} while (!settle_group(w, &count, &tries, &since, &e));
	if (e.rc == RC_OK)
		(void)!FAIL_POINT("store.committed", &e);
	if (w->db->before_done)
		w->db->before_done();
	for (i = 0; i < count && e.rc == RC_OK; i++)
		finish_job(w, w->jobs[i], &w->txs[i]);
	if (e.rc != RC_OK)
		fail_jobs(w, count, &e);
	if (w->db->after_done)
		w->db->after_done();
	w->lonely -= w->lonely > 0;
	arena_release(&w->arena);
	return count;
}

/* Waits for a job for a moment, then does housekeeping. Holds db->lock but for that. False: no more of it to do. */
static bool wait_a_moment(struct writer *w)
{
	utime at = clock_mono() + CLOCK_SECOND / 5;
	struct timespec until = { at / CLOCK_SECOND, at % CLOCK_SECOND * 1000 };
	struct db *db = w->db;
	bool more;

	if (pthread_cond_timedwait(&db->work, &db->lock, &until) == 0 || db->first)
		return true;
	pthread_mutex_unlock(&db->lock);
	more = w->conn->engine->idle(w->conn);
	pthread_mutex_lock(&db->lock);
	return more;
}

/* Right after a crowded group those it answered are about to ask again. A moment of patience makes one commit of what
 * would else be a tiny one and a large one; the first of them loses less than by waiting for the tiny one. */
static void gather(struct writer *w)
{
	utime now = clock_mono(), at = now + GATHER_TIME;
	struct timespec until = { at / CLOCK_SECOND, at % CLOCK_SECOND * 1000 };
	struct db *db = w->db;

	if (w->last_count < CROWD || now - w->last_end > CROWD_MEMORY || db->writer_count > 1)
		return;
	db->wanted = w->last_count / 2;
	while (db->queued < db->wanted && !db->stopping && pthread_cond_timedwait(&db->enough, &db->lock, &until) == 0)
		;
	db->wanted = 0;
}

/* Takes this writer's share of the queue; waits while it is empty. 0 = stop. */
static unsigned take_jobs(struct writer *w)
{
	struct db *db = w->db;
	unsigned count = 0, share;
	bool more = true;

	pthread_mutex_lock(&db->lock);
	while (!db->first && !db->stopping) {
		db->sleeping++;
		if (more)
			more = wait_a_moment(w);
		else
			pthread_cond_wait(&db->work, &db->lock);
		db->sleeping--;
	}
	gather(w);
	share = (db->queued + db->sleeping) / (db->sleeping + 1);
	while (db->first && count < GROUP_MAX && count < share) {
		w->jobs[count++] = db->first;
		db->first = db->first->next;
	}
	db->queued -= count;
	w->last_count = count;
	if (!db->first)
		db->last = &db->first;
	pthread_mutex_unlock(&db->lock);
	return count;
}

static void *writer_main(void *arg)
{
	struct writer *w = arg;
	unsigned count, done;

	in_writer = true;
	while ((count = take_jobs(w)) > 0) {
		while (count > 0) {
			done = run_group(w, count);
			w->last_end = clock_mono();
			count -= done;
			for (unsigned i = 0; i < count; i++)
				w->jobs[i] = w->jobs[i + done];
		}
	}
	return NULL;
}

enum rc writers_start(struct db *db, struct err *e)
{
	struct writer *w;
	unsigned i;
	enum rc rc;

	for (i = 0; i < db->writer_count; i++) {
		w = &db->writers[i];
		w->db = db;
		if (!w->conn) {
			rc = db->engine->open(db->url, CONN_WRITE, &w->conn, e);
			if (rc != RC_OK)
				return rc;
		}
		if (pthread_create(&w->thread, NULL, writer_main, w) != 0)
			return err_set(e, RC_IO, "No thread could be started; raise the limit of processes.");
		w->running = true;
	}
	return RC_OK;
}

void writers_stop(struct db *db)
{
	unsigned i;

	pthread_mutex_lock(&db->lock);
	db->stopping = true;
	pthread_cond_broadcast(&db->work);
	pthread_cond_broadcast(&db->enough);
	pthread_mutex_unlock(&db->lock);
	for (i = 0; i < db->writer_count; i++) {
		if (db->writers[i].running)
			pthread_join(db->writers[i].thread, NULL);
		if (db->writers[i].conn)
			db->engine->close(db->writers[i].conn);
	}
}

void db_submit(struct db *db, struct db_job *job)
{
	job->next = NULL;
	pthread_mutex_lock(&db->lock);
	*db->last = job;
	db->last = &job->next;
	db->queued++;
	if (db->sleeping)
		pthread_cond_signal(&db->work);
	if (db->wanted && db->queued == db->wanted)
		pthread_cond_signal(&db->enough);
	pthread_mutex_unlock(&db->lock);
}

void db_around_done(struct db *db, void (*before)(void), void (*after)(void))
{
	db->before_done = before;
	db->after_done = after;
}

struct waiter {
	struct db_job job;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool done;
};

static void wake(struct db_job *job)
{
	struct waiter *w = (struct waiter *)job;

	pthread_mutex_lock(&w->lock);
	w->done = true;
	pthread_cond_signal(&w->cond);
	pthread_mutex_unlock(&w->lock);
}

enum rc db_write(struct db *db, db_fn fn, void *arg, struct err *e)
{
	struct waiter w = { .job = { .fn = fn, .arg = arg, .done = wake } };

	if (in_writer)
		BUG("db_write() inside a write waits for itself");
	pthread_mutex_init(&w.lock, NULL);
	pthread_cond_init(&w.cond, NULL);
	db_submit(db, &w.job);
	pthread_mutex_lock(&w.lock);
	while (!w.done)
		pthread_cond_wait(&w.cond, &w.lock);
	pthread_mutex_unlock(&w.lock);
	pthread_cond_destroy(&w.cond);
	pthread_mutex_destroy(&w.lock);
	if (w.job.rc != RC_OK && e)
		*e = w.job.err;
	return w.job.rc;
}
