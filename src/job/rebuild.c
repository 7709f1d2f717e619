#include "core/rebuild.h"
#include "job/kinds.h"

static enum rc report(void *arg, int64_t done, int64_t total, struct err *e)
{
	struct job_run *run = arg;

	if (job_cancelled(run))
		return err_set(e, RC_BUSY, "The server stops; the cards are made again after it starts.");
	return job_report(run, "making cards", done, done > total ? done : total, e);
}

static enum rc tell_fn(struct tx *tx, void *arg, struct err *e)
{
	const struct job_run *run = arg;

	event_tell(tx, run->job->org, "cards", run->result);
	return RC_OK;
}

enum rc job_rebuild(struct job_run *run, struct err *e)
{
	struct rebuild r = { .org = run->job->org, .progress = report, .arg = run };
	enum rc rc = rebuild_cards(run->config->db, &r, e);

	if (rc != RC_OK)
		return rc;
	run->result = arena_printf(run->arena,
		"{\"what\":\"rebuilt\",\"cards\":%lld,\"written\":%lld,\"removed\":%lld}", (long long)r.cards,
		(long long)r.written, (long long)r.removed);
	return r.written || r.removed ? db_write(run->config->db, tell_fn, run, e) : RC_OK;
}
