#include "job/aftermath.h"

#include "base/json.h"

#include <string.h>

enum { RETRIES = 6, TRIES_COUNTED = 1000 };

#define FIRST_RETRY (5 * 60 * CLOCK_SECOND)
#define RETRY_CEILING (6 * 3600 * CLOCK_SECOND)
#define URGENT_FIRST_RETRY (5 * CLOCK_SECOND)
#define URGENT_CEILING (15 * 60 * CLOCK_SECOND)

/* A fault that may pass by itself; a refusal or a wrong setting does not. */
static bool may_pass(enum rc rc)
{
	return rc == RC_REMOTE || rc == RC_BUSY || rc == RC_IO;
}

static utime retry_delay(const struct job_kind *kind, int64_t tries, const struct err *err)
{
	utime delay = (kind->urgent ? URGENT_FIRST_RETRY : FIRST_RETRY) << (tries < 10 ? tries : 10);
	utime ceiling = kind->urgent ? URGENT_CEILING : RETRY_CEILING;

	if (delay > ceiling)
		delay = ceiling;
	return err->retry_after * CLOCK_SECOND > delay ? err->retry_after * CLOCK_SECOND : delay;
}

/* The job's arguments with "retry" counted up. */
static const char *retry_args(struct arena *a, const struct json *args, int64_t tries)
{
	AUTO(buf) b = BUF_INIT(64 * 1024);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	for (const struct json *m = args->child; m; m = m->next) {
		if (strcmp(m->key, "retry") == 0)
			continue;
		jsonw_key(&w, m->key);
		jsonw_value(&w, m);
	}
	jsonw_kv_int(&w, "retry", tries);
	jsonw_end_object(&w);
	return arena_strdup(a, buf_text(&b));
}

/* How often it was queued again by itself. */
static int64_t tries_of(const struct job_run *run)
{
	int64_t tries;

	if (!json_get(run->args, "retry") || json_int(json_get(run->args, "retry"), 0, TRIES_COUNTED, &tries) != RC_OK)
		return 0;
	return tries;
}

static enum rc queue_retry(
	struct tx *tx, const struct job_run *run, const struct job_kind *kind, const struct err *err, struct err *e)
{
	int64_t tries = tries_of(run);
	const char *args;

	if (tries >= RETRIES && !kind->urgent)
		return RC_OK;
	args = retry_args(tx_arena(tx), run->args, tries < TRIES_COUNTED ? tries + 1 : tries);
	return job_enqueue(tx, run->job->org, run->job->kind, args, args, clock_now() + retry_delay(kind, tries, err),
		"trueup", NULL, e);
}

static const char *mail_args(
	struct arena *a, const struct job_run *run, const struct job_kind *kind, enum rc rc, const struct err *err)
{
	AUTO(buf) b = BUF_INIT(64 * 1024);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	jsonw_kv(&w, "about", kind->name);
	jsonw_kv(&w, "job", run->job->id);
	jsonw_kv_bool(&w, "ok", rc == RC_OK);
	if (rc != RC_OK)
		jsonw_kv(&w, "error", err->text);
	if (run->result)
		jsonw_kv_raw(&w, "result", run->result);
	if (json_member(run->args, "integration"))
		jsonw_kv(&w, "integration", json_member(run->args, "integration"));
	jsonw_end_object(&w);
	return arena_strdup(a, buf_text(&b));
}

/* Of a row of failures the first is told and the last, after which nobody tries again. */
static bool is_news(const struct job_run *run, enum rc rc)
{
	int64_t tries = tries_of(run);

	return rc == RC_OK || !tries || tries >= RETRIES || !may_pass(rc);
}

enum rc job_aftermath(struct tx *tx, const struct job_run *run, const struct job_kind *kind, enum rc rc,
	const struct err *err, struct err *e)
{
	enum rc done = RC_OK;

	if (!kind)
		return RC_OK;
	if (rc != RC_OK && kind->retry && (may_pass(rc) || kind->urgent))
		done = queue_retry(tx, run, kind, err, e);
	if (done == RC_OK && kind->mail && run->config->smtp_url && is_news(run, rc))
		done = job_enqueue(tx, run->job->org, JOB_NOTIFY, mail_args(tx_arena(tx), run, kind, rc, err), NULL, 0,
			"trueup", NULL, e);
	return done;
}
