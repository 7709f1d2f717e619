#include "job/runner.h"

#include "base/failpoint.h"
#include "base/json.h"
#include "base/log.h"
#include "base/rand.h"
#include "job/aftermath.h"
#include "job/drop.h"
#include "job/kinds.h"
#include "job/scheduler.h"
#include "job/watch.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A waiting thread looks again after this long even if nobody woke it: work of a server that died. */
#define IDLE_WAIT (15 * CLOCK_SECOND)
/* How often leases of running jobs are renewed: well before they end. */
#define KEEP_EVERY (job_lease() / 3)

struct slot {
	struct runner *runner;
	pthread_t thread;
	char owner[UUID_TEXT];
	struct job job; /* job.id NULL: idle; guarded by runner->lock */
};

struct runner {
	struct runner_config config;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	uint64_t told; /* grows with every wake-up, so that none is missed */
	bool stopping;
	utime offset; /* of the wall clock against the steady one, when leases last fitted it */
	struct slot *slots;
	pthread_t keeper, scheduler;
};

static void wake_all(void *arg, const char *channel, const char *text)
{
	struct runner *r = arg;

	if (strcmp(channel, JOB_CHANNEL) != 0)
		return;
	pthread_mutex_lock(&r->lock);
	r->told++;
	pthread_cond_broadcast(&r->wake);
	pthread_mutex_unlock(&r->lock);
}

/* Sleeps until woken after `seen`, until `wait` has passed, or until the end. */
static void wait_for_news(struct runner *r, uint64_t seen, utime wait)
{
	utime until = clock_mono() + wait;
	struct timespec ts = { until / CLOCK_SECOND, until % CLOCK_SECOND * 1000 };

	pthread_mutex_lock(&r->lock);
	while (!r->stopping && r->told == seen) {
		if (pthread_cond_timedwait(&r->wake, &r->lock, &ts) != 0)
			break;
	}
	pthread_mutex_unlock(&r->lock);
}

static bool is_stopping(struct runner *r, uint64_t *ret_told)
{
	bool stopping;

	pthread_mutex_lock(&r->lock);
	stopping = r->stopping;
	if (ret_told)
		*ret_told = r->told;
	pthread_mutex_unlock(&r->lock);
	return stopping;
}

/* What runs in a slot, for others to look at; its job may end meanwhile. False: nothing. */
static bool copy_slot(struct slot *s, struct arena *a, struct slot *ret)
{
	*ret = (struct slot){ .runner = s->runner };
	pthread_mutex_lock(&s->runner->lock);
	memcpy(ret->owner, s->owner, sizeof(ret->owner));
	if (s->job.id) {
		ret->job.org = arena_strdup(a, s->job.org);
		ret->job.id = arena_strdup(a, s->job.id);
	}
	pthread_mutex_unlock(&s->runner->lock);
	return ret->job.id != NULL;
}

/* Whether the wall clock went another way than time since leases were last right: set, or a machine that slept. */
static bool clock_jumped(struct runner *r, utime offset)
{
	utime by;

	pthread_mutex_lock(&r->lock);
	by = offset - r->offset;
	pthread_mutex_unlock(&r->lock);
	return by > job_lease() / 6 || by < -job_lease() / 6;
}

static void clock_fits(struct runner *r, utime offset)
{
	pthread_mutex_lock(&r->lock);
	r->offset = offset;
	pthread_mutex_unlock(&r->lock);
}

struct take {
	struct slot *slot;
	struct arena *arena;
	struct job job;
	utime next, offset;
};

/* Renews the leases of all that runs here. What has lost its own is told so when it ends. */
static enum rc keep_all(struct tx *tx, struct runner *r, struct err *e)
{
	for (unsigned i = 0; i < r->config.threads; i++) {
		struct err why = ERR_INIT;
		struct slot copy;
		enum rc rc = RC_OK;

		if (copy_slot(&r->slots[i], tx_arena(tx), &copy))
			rc = job_keep(tx, &copy.job, copy.owner, &why);
		if (rc != RC_OK && rc != RC_CONFLICT) {
			*e = why;
			return rc;
		}
	}
	return RC_OK;
}

static enum rc take_fn(struct tx *tx, void *arg, struct err *e)
{
	struct take *t = arg;
	struct runner *r = t->slot->runner;
	enum rc rc = RC_OK;

	t->offset = clock_now() - clock_mono();
	if (clock_jumped(r, t->offset))
		rc = keep_all(tx, r, e);
	if (rc == RC_OK)
		rc = job_take(tx, t->arena, t->slot->owner, &t->job, e);
	if (rc != RC_NOT_FOUND)
		return rc;
	t->job.id = NULL;
	return job_next_time(tx, &t->next, e);
}

struct ending {
	const struct job_run *run;
	const struct job_kind *kind;
	enum rc rc;
	struct err *err;
};

static enum rc end_fn(struct tx *tx, void *arg, struct err *e)
{
	struct ending *x = arg;
	const struct job_run *run = x->run;
	enum rc rc;

	if (x->rc != RC_OK && job_cancelled(run))
		return job_again(tx, run->job, run->owner, NULL, 0, e);
	rc = job_finish(tx, run->job, run->owner, x->rc == RC_OK ? NULL : x->err->text, run->result, e);
	if (rc != RC_OK)
		return rc;
	return FAIL_AFTER(job_aftermath(tx, run, x->kind, x->rc, x->err, e), "job.ended", e);
}

static void log_end(const struct job *job, enum rc rc, const struct err *err)
{
	if (rc == RC_OK)
		log_event(LOG_INFO, "job_done", "job", job->id, "kind", job->kind, "org", job->org, NULL);
	else
		log_event(LOG_WARN, "job_failed", "job", job->id, "kind", job->kind, "org", job->org, "code",
			rc_name(rc), "detail", err->text, NULL);
}

static enum rc call(struct job_run *run, const struct job_kind *kind, struct err *e)
{
	static const struct json_limits limits = JSON_LIMITS_DEFAULT;
	struct json *args;
	enum rc rc;

	if (!kind)
		return err_set(e, RC_INTERNAL, "This program knows no job of kind %s.", run->job->kind);
	rc = json_parse(run->arena, run->job->args, strlen(run->job->args), &limits, &args, e);
	if (rc != RC_OK)
		return rc;
	run->args = args;
	return kind->run(run, e);
}

static void run_job(struct slot *s, struct arena *a, const struct job *job)
{
	const struct job_kind *kind = job_kind_find(job->kind);
	struct job_run run = {
		.config = &s->runner->config, .job = job, .arena = a, .runner = s->runner, .owner = s->owner
	};
	struct err err = ERR_INIT, end_err = ERR_INIT;
	struct ending x = { &run, kind, RC_OK, &err };

	x.rc = FAIL_AFTER(call(&run, kind, &err), "job.ran", &err);
	log_end(job, x.rc, &err);
	if (db_write(s->runner->config.db, end_fn, &x, &end_err) != RC_OK)
		log_event(LOG_ERROR, "job_not_ended", "job", job->id, "detail", end_err.text, NULL);
}

static void set_job(struct slot *s, const struct job *job)
{
	pthread_mutex_lock(&s->runner->lock);
	s->job = *job;
	pthread_mutex_unlock(&s->runner->lock);
}

/* Takes and runs one job; how long to sleep when there was none. */
static utime work_once(struct slot *s)
{
	static const struct job none;
	AUTO(arena) a = ARENA_INIT;
	struct take t = { .slot = s, .arena = &a };
	struct err e = ERR_INIT;
	utime wait;

	if (db_write(s->runner->config.db, take_fn, &t, &e) != RC_OK) {
		log_event(LOG_ERROR, "jobs_not_read", "detail", e.text, NULL);
		return CLOCK_SECOND;
	}
	clock_fits(s->runner, t.offset);
	if (t.job.id) {
		set_job(s, &t.job);
		run_job(s, &a, &t.job);
		set_job(s, &none);
		return 0;
	}
	wait = t.next ? t.next - clock_now() : IDLE_WAIT;
	if (wait < CLOCK_SECOND / 50)
		wait = CLOCK_SECOND / 50;
	return wait < IDLE_WAIT ? wait : IDLE_WAIT;
}

static void *work(void *arg)
{
	struct slot *s = arg;
	uint64_t seen;
	utime wait;

	while (!is_stopping(s->runner, &seen)) {
		wait = work_once(s);
		if (wait)
			wait_for_news(s->runner, seen, wait);
	}
	return NULL;
}

static enum rc keep_fn(struct tx *tx, void *arg, struct err *e)
{
	struct slot *s = arg;

	return job_keep(tx, &s->job, s->owner, e);
}

/* Renews one slot's lease. The job's texts stay valid while the lock is held by nobody who could end it: the
 * ids are copied first. */
static void keep_slot(struct slot *s)
{
	AUTO(arena) a = ARENA_INIT;
	struct slot copy;
	struct err e = ERR_INIT;

	if (copy_slot(s, &a, &copy) && db_write(s->runner->config.db, keep_fn, &copy, &e) != RC_OK)
		log_event(LOG_WARN, "lease_not_kept", "job", copy.job.id, "detail", e.text, NULL);
}

static void *keep(void *arg)
{
	struct runner *r = arg;
	utime next = clock_mono() + KEEP_EVERY;
	uint64_t seen;

	while (!is_stopping(r, &seen)) {
		if (clock_mono() < next) {
			wait_for_news(r, seen, next - clock_mono());
			continue;
		}
		for (unsigned i = 0; i < r->config.threads; i++)
			keep_slot(&r->slots[i]);
		next = clock_mono() + KEEP_EVERY;
	}
	return NULL;
}

static void look_for_files(struct runner *r)
{
	struct err e = ERR_INIT;

	if (r->config.drop_dir && drop_tick(r->config.db, r->config.drop_dir, &e) != RC_OK)
		log_event(LOG_ERROR, "drop_failed", "detail", e.text, NULL);
}

static void *schedule(void *arg)
{
	struct runner *r = arg;
	uint64_t seen;
	struct err e = ERR_INIT;
	utime next = 0, next_files = 0;

	while (!is_stopping(r, &seen)) {
		if (clock_mono() < next_files) {
			wait_for_news(r, seen, next_files - clock_mono());
			continue;
		}
		look_for_files(r);
		next_files = clock_mono() + DROP_EVERY;
		if (clock_mono() < next)
			continue;
		if (scheduler_tick(r->config.db, &e) != RC_OK)
			log_event(LOG_ERROR, "schedule_failed", "detail", e.text, NULL);
		if (watch_tick(&r->config, &e) != RC_OK)
			log_event(LOG_ERROR, "watch_failed", "detail", e.text, NULL);
		next = clock_mono() + SCHEDULER_EVERY;
	}
	return NULL;
}

static void start_thread(pthread_t *thread, void *(*fn)(void *), void *arg)
{
	if (pthread_create(thread, NULL, fn, arg) != 0)
		BUG("no thread for the job runner");
}

/* The store is closed. */
static void forget(void *arg)
{
	struct runner *r = arg;

	pthread_cond_destroy(&r->wake);
	pthread_mutex_destroy(&r->lock);
	free(r->slots);
	free(r);
}

struct runner *runner_start(const struct runner_config *config)
{
	struct runner *r = xcalloc(1, sizeof(*r));
	pthread_condattr_t attr;

	r->config = *config;
	pthread_mutex_init(&r->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->wake, &attr);
	r->slots = xcalloc(config->threads, sizeof(*r->slots));
	db_listen(config->db, wake_all, forget, r);
	for (unsigned i = 0; i < config->threads; i++) {
		r->slots[i].runner = r;
		uuid_new(r->slots[i].owner);
	}
	/* A slot looks at all others. */
	for (unsigned i = 0; i < config->threads; i++)
		start_thread(&r->slots[i].thread, work, &r->slots[i]);
	start_thread(&r->keeper, keep, r);
	start_thread(&r->scheduler, schedule, r);
	return r;
}

void runner_stop(struct runner *r)
{
	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	r->stopping = true;
	pthread_cond_broadcast(&r->wake);
	pthread_mutex_unlock(&r->lock);
	for (unsigned i = 0; i < r->config.threads; i++)
		pthread_join(r->slots[i].thread, NULL);
	pthread_join(r->keeper, NULL);
	pthread_join(r->scheduler, NULL);
	/* The store may still tell us of work until it is closed: the memory stays until then. */
}

bool job_cancelled(const struct job_run *run)
{
	return run->runner && is_stopping(run->runner, NULL);
}

struct report {
	struct job_run *run;
	const char *phase;
	int64_t done, total;
};

static enum rc report_fn(struct tx *tx, void *arg, struct err *e)
{
	struct report *p = arg;

	return job_progress(tx, p->run->job, p->run->owner, p->phase, p->done, p->total, e);
}

enum rc job_report(struct job_run *run, const char *phase, int64_t done, int64_t total, struct err *e)
{
	struct report p = { run, phase, done, total };

	return db_write(run->config->db, report_fn, &p, e);
}
