#include "core/cards/rebuild.h"
#include "core/mapping/map.h"
#include "job/kinds.h"

static enum rc report(void *arg, int64_t done, int64_t total, struct err *e)
{
	struct job_run *run = arg;

	if (job_cancelled(run))
		return err_set(e, RC_BUSY, "The server stops; the cards are made again after it starts.");
	return job_report(run, "making cards", done, done > total ? done : total, e);
}

struct done {
	struct job_run *run;
	const struct rebuild *r;
	const char *text;
};

/* What was decided while the cards were made needs them made once more. */
static enum rc tell_fn(struct tx *tx, void *arg, struct err *e)
{
	const struct done *d = arg;
	const char *org = d->run->job->org;

	event_tell(tx, org, "cards", d->text);
	return d->r->skipped ? job_enqueue(tx, org, JOB_REBUILD, "{}", "", 0, "trueup", NULL, e) : RC_OK;
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

enum rc rebuild_now(struct job_run *run, const char **ret_text, struct err *e)
{
	struct rebuild r = { .org = run->job->org, .progress = report, .arg = run };
	struct done d = { run, &r, NULL };
	enum rc rc = db_write(run->config->db, map_fn, run, e);

	if (rc == RC_OK)
		rc = rebuild_cards(run->config->db, &r, e);
	if (rc != RC_OK)
		return rc;
	d.text = arena_printf(run->arena, "{\"what\":\"rebuilt\",\"cards\":%lld,\"written\":%lld,\"removed\":%lld}",
		(long long)r.cards, (long long)r.written, (long long)r.removed);
	if (ret_text)
		*ret_text = d.text;
	return r.written || r.removed ? db_write(run->config->db, tell_fn, &d, e) : RC_OK;
}

enum rc job_rebuild(struct job_run *run, struct err *e)
{
	return rebuild_now(run, &run->result, e);
}
