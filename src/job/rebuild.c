#include "core/map.h"
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

/* The PSA may have been read after the vendor's names came. */
static enum rc map_fn(struct tx *tx, void *arg, struct err *e)
{
	const struct job_run *run = arg;
	const char *org = run->job->org;
	int64_t accounts, services;
	enum rc rc = tx_lock_org(tx, org, e);

	if (rc == RC_OK)
		rc = map_auto_accounts(tx, org, NULL, NULL, &accounts, e);
	return rc == RC_OK ? map_auto_services(tx, org, NULL, NULL, &services, e) : rc;
}

enum rc job_rebuild(struct job_run *run, struct err *e)
{
	struct rebuild r = { .org = run->job->org, .progress = report, .arg = run };
	enum rc rc = db_write(run->config->db, map_fn, run, e);

	if (rc == RC_OK)
		rc = rebuild_cards(run->config->db, &r, e);
	if (rc != RC_OK)
		return rc;
	run->result = arena_printf(run->arena,
		"{\"what\":\"rebuilt\",\"cards\":%lld,\"written\":%lld,\"removed\":%lld}", (long long)r.cards,
		(long long)r.written, (long long)r.removed);
	return r.written || r.removed ? db_write(run->config->db, tell_fn, run, e) : RC_OK;
}
