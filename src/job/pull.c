#include "job/pull.h"

#include "core/job.h"
#include "core/usage/pull.h"

#include <inttypes.h>
#include <string.h>

struct pulling {
	struct job_run *run;
	const char *integration;
	struct pull_reading *reading;
	bool complete;
	const char *why;
};

static enum rc progress(void *host, const char *phase, int64_t done, int64_t total, struct err *e)
{
	return job_report(host, phase, done, total, e);
}

static bool cancelled(void *host)
{
	return job_cancelled(host);
}

static enum rc state(struct tx *tx, struct pulling *p, const char *word, const char *detail, struct err *e)
{
	struct integration i;
	enum rc rc = integration_get(tx, tx_arena(tx), p->run->job->org, p->integration, &i, e);

	if (rc != RC_OK || strcmp(i.state, "disabled") == 0)
		return rc;
	return integration_set_state(tx, p->run->job->org, p->integration, word, detail, e);
}

static enum rc store_fn(struct tx *tx, void *arg, struct err *e)
{
	struct pulling *p = arg;
	const char *run_id;
	enum rc rc = tx_lock_org(tx, p->run->job->org, e);

	if (rc == RC_OK)
		rc = pull_store(tx, p->run->job->org, p->integration, p->reading, p->complete, &run_id, e);
	return rc == RC_OK ? state(tx, p, "active", NULL, e) : rc;
}

static enum rc fail_fn(struct tx *tx, void *arg, struct err *e)
{
	struct pulling *p = arg;
	enum rc rc = tx_lock_org(tx, p->run->job->org, e);

	return rc == RC_OK ? state(tx, p, "error", p->why, e) : rc;
}

static enum rc read_vendor(struct pulling *p, const struct pullconfig *config, struct err *e)
{
	struct pull_host host = {
		.vendor = config->vendor, .allow_private = p->run->config->allow_private, .now = clock_now()
	};
	struct pull_sink sink = { .host = p->run, .progress = progress, .cancelled = cancelled };
	enum rc rc;

	pull_reading_sink(p->reading, &sink);
	rc = config->vendor->pull->read(&host, config->settings, &sink, &p->complete, e);
	if (rc != RC_OK)
		return rc;
	p->run->result = arena_printf(p->run->arena, "{\"counts\":%" PRId64 ",\"missing_accounts\":%" PRId64 "}",
		pull_reading_counts(p->reading), pull_reading_gaps(p->reading));
	return db_write(p->run->config->db, store_fn, p, e);
}

enum rc pull_integration(struct job_run *run, const char *integration, const struct pullconfig *config, struct err *e)
{
	struct pulling p = { .run = run, .integration = integration, .reading = pull_reading_new() };
	struct err later = ERR_INIT;
	enum rc rc = read_vendor(&p, config, e);

	/* A server that stops is no fault of the vendor. */
	if (rc != RC_OK && !job_cancelled(run)) {
		err_prefix(e, "%s could not be read", config->vendor->name);
		p.why = e->text;
		if (db_write(run->config->db, fail_fn, &p, &later) != RC_OK)
			err_prefix(e, "%s", later.text);
	}
	pull_reading_free(p.reading);
	return rc;
}
