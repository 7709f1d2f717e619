/* Takes in what a vendor knows. A vendor that is fetched from is read. One that pushes is not asked; it comes by
 * itself, and the burst of its single counts is ended, so that what is missing or stale can be told. Then the cards
 * are made again. */
#include "base/failpoint.h"
#include "base/json.h"
#include "core/usage/run.h"
#include "job/kinds.h"
#include "job/pull.h"

/* Counts that were being written while the burst ended are on disk by then. */
#define REBUILD_AFTER (1 * CLOCK_SECOND)

struct sync {
	struct job_run *run;
	const char *integration;
	bool burst; /* queued by a count: wait until the vendor is quiet */
	bool ended;
};

static enum rc sync_fn(struct tx *tx, void *arg, struct err *e)
{
	struct sync *s = arg;
	const char *org = s->run->job->org;
	struct integration i;
	utime again;
	enum rc rc = tx_lock_org(tx, org, e);

	if (rc == RC_OK)
		rc = integration_get(tx, tx_arena(tx), org, s->integration, &i, e);
	if (rc == RC_OK)
		rc = FAIL_AFTER(run_burst_end(tx, &i, !s->burst, &again, e), "feed.burst_ended", e);
	if (rc != RC_OK)
		return rc;
	s->ended = !again;
	if (!s->ended)
		return RC_OK;
	event_tell(tx, org, "sync",
		arena_printf(tx_arena(tx), "{\"what\":\"integration\",\"id\":\"%s\",\"state\":\"done\"}", i.id));
	if (!s->burst)
		return RC_OK;
	return job_enqueue(tx, org, JOB_REBUILD, "{}", "", clock_now() + REBUILD_AFTER, "trueup", NULL, e);
}

struct config {
	struct sync *sync;
	struct pullconfig pull;
	bool disconnected;
};

static enum rc config_fn(struct tx *tx, void *arg, struct err *e)
{
	struct config *c = arg;
	struct job_run *run = c->sync->run;
	struct integration i;
	enum rc rc = integration_get(tx, run->arena, run->job->org, c->sync->integration, &i, e);

	c->disconnected = rc == RC_OK && i.disconnected_at;
	if (rc != RC_OK || c->disconnected)
		return rc;
	return pullconfig_get(tx, run->config->vault, run->arena, run->job->org, c->sync->integration, &c->pull, e);
}

/* Nothing to do for one that only pushes, or is disconnected. */
static enum rc fetch(struct sync *s, struct err *e)
{
	struct config c = { .sync = s };
	enum rc rc = db_read(s->run->config->db, config_fn, &c, e);

	if (rc != RC_OK || !c.pull.settings)
		return rc;
	return pull_integration(s->run, s->integration, &c.pull, e);
}

enum rc job_integration_sync(struct job_run *run, struct err *e)
{
	struct sync s = { .run = run,
		.integration = json_text_or(json_get(run->args, "integration"), ""),
		.burst = json_true(json_get(run->args, "burst")) };
	enum rc rc = s.burst ? RC_OK : fetch(&s, e);

	if (rc == RC_OK)
		rc = FAIL_AFTER(db_write(run->config->db, sync_fn, &s, e), "feed.done", e);

	/* Whoever asked for this sync finds the cards made when the job is done. */
	if (rc == RC_OK && !s.burst)
		rc = rebuild_now(run, NULL, e);
	if (rc == RC_OK && !run->result)
		run->result = s.ended ? "{\"ended\":true}" : "{\"ended\":false}";
	return rc;
}
