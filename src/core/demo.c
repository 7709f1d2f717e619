/* The beginning and the end of a demo; what is in it is demo_fill.c. */
#include "core/demo.h"

#include "core/job.h"
#include "core/people/org.h"
#include "core/book/psaconfig.h"
#include "core/book/psafile.h"

#include <string.h>

#define REPORT "lines.csv"
#define BY "demo data"

static enum rc read_mark(struct tx *tx, const char *org, const char **ret_job, struct err *e)
{
	char *job = NULL;
	enum rc rc = sql_text(tx, tx_arena(tx), &job, e, SQL_DEMO_GET, "t", org);

	*ret_job = rc == RC_OK ? job : NULL;
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc demo_is(struct tx *tx, const char *org, bool *ret, struct err *e)
{
	const char *job;
	enum rc rc = read_mark(tx, org, &job, e);

	*ret = job != NULL;
	return rc;
}

enum rc demo_refuse(struct tx *tx, const char *org, const char *what, struct err *e)
{
	bool demo;
	enum rc rc = demo_is(tx, org, &demo, e);

	if (rc == RC_OK && demo)
		return err_set(e, RC_CONFLICT,
			"This organization holds demo data. %s after it was cleared: DELETE /api/v1/demo, or Start "
			"with your own PSA.",
			what);
	return rc;
}

static enum rc must_be_empty(struct tx *tx, const char *org, struct err *e)
{
	int64_t taken = 0;
	enum rc rc = sql_int(tx, &taken, e, SQL_DEMO_TAKEN, "t", org);

	if (rc == RC_OK && taken)
		return err_set(e, RC_CONFLICT,
			"Demo data only goes where nothing is yet. This organization has read a PSA, or has a vendor "
			"or a file.");
	return rc;
}

static const struct demo_text *report(void)
{
	for (const struct demo_text *t = demo_texts; t->name; t++) {
		if (strcmp(t->name, REPORT) == 0)
			return t;
	}
	BUG("no sample %s", REPORT);
}

/* The report has no currency of its own: amounts are in that of the organization. */
static enum rc connect(struct tx *tx, struct vault *v, const struct principal *who, struct err *e)
{
	const struct demo_text *t = report();
	struct arena *a = tx_arena(tx);
	struct json *settings;
	const char *text;
	struct org org;
	enum rc rc = org_get(tx, a, who->org, &org, e);

	if (rc != RC_OK)
		return rc;
	text = arena_printf(a, "{\"currency\":\"%s\"}", org.currency);
	rc = json_parse(a, text, strlen(text), NULL, &settings, e);
	if (rc == RC_OK)
		rc = psaconfig_put(tx, v, who->org, "files", settings, e);
	return rc == RC_OK ? psafile_put(tx, who->org, t->name, t->text, t->len, BY, e) : rc;
}

enum rc demo_begin(struct tx *tx, struct vault *v, const struct principal *who, const char **ret_job, struct err *e)
{
	enum rc rc = tx_lock_org(tx, who->org, e);

	if (rc == RC_OK)
		rc = read_mark(tx, who->org, ret_job, e);
	if (rc != RC_OK || *ret_job)
		return rc;
	rc = must_be_empty(tx, who->org, e);
	if (rc == RC_OK)
		rc = connect(tx, v, who, e);
	if (rc == RC_OK)
		rc = job_enqueue(tx, who->org, JOB_DEMO, "{\"mode\":\"full\"}", "", 0, who->name, ret_job, e);
	return rc == RC_OK ? sql_exec(tx, e, SQL_DEMO_PUT, "ttti", who->org, *ret_job, who->name, clock_now()) : rc;
}

static const enum sql_id clearing[] = {
	SQL_DEMO_CLEAR_SECRETS,
	SQL_DEMO_CLEAR_ALARMS,
	SQL_DEMO_CLEAR_ALERTS,
	SQL_DEMO_CLEAR_ALIASES,
	SQL_DEMO_CLEAR_APPROVAL_RULES,
	SQL_DEMO_CLEAR_APPROVALS_AWAITING,
	SQL_DEMO_CLEAR_BATCHES,
	SQL_DEMO_CLEAR_CARDS,
	SQL_DEMO_CLEAR_COUNTS,
	SQL_DEMO_CLEAR_DECISIONS,
	SQL_DEMO_CLEAR_IMPORT_PIECES,
	SQL_DEMO_CLEAR_IMPORT_PROFILES,
	SQL_DEMO_CLEAR_IMPORT_REJECTS,
	SQL_DEMO_CLEAR_IMPORTS,
	SQL_DEMO_CLEAR_INTEGRATIONS,
	SQL_DEMO_CLEAR_LINE_HISTORY,
	SQL_DEMO_CLEAR_NOTES,
	SQL_DEMO_CLEAR_OBSERVATIONS,
	SQL_DEMO_CLEAR_OVERRIDES,
	SQL_DEMO_CLEAR_PRODUCT_COSTS,
	SQL_DEMO_CLEAR_PSA,
	SQL_DEMO_CLEAR_PSA_ACCOUNTS,
	SQL_DEMO_CLEAR_PSA_CONTRACTS,
	SQL_DEMO_CLEAR_PSA_FILE_PIECES,
	SQL_DEMO_CLEAR_PSA_FILES,
	SQL_DEMO_CLEAR_PSA_LINES,
	SQL_DEMO_CLEAR_PSA_PRODUCTS,
	SQL_DEMO_CLEAR_PSA_SKIPS,
	SQL_DEMO_CLEAR_PUSH_KEYS,
	SQL_DEMO_CLEAR_RULES,
	SQL_DEMO_CLEAR_RUN_GAPS,
	SQL_DEMO_CLEAR_RUNS,
	SQL_DEMO_CLEAR_SCHEDULE_MARKS,
	SQL_DEMO_CLEAR_SERVICE_COSTS,
	SQL_DEMO_CLEAR_SERVICE_PRODUCTS,
	SQL_DEMO_CLEAR_SERVICES,
	SQL_DEMO_CLEAR_TAGGINGS,
	SQL_DEMO_CLEAR_TAGS,
	SQL_DEMO_CLEAR_VENDOR_ACCOUNTS,
	SQL_DEMO_CLEAR_WRITE_STEPS,
	SQL_DEMO_CLEAR_WRITES,
	SQL_DEMO_CLEAR_DEMO,
};

/* A job that runs would write into what is being cleared. */
static enum rc stop_jobs(struct tx *tx, const char *org, struct err *e)
{
	int64_t running = 0;
	enum rc rc = sql_exec(tx, e, SQL_DEMO_JOBS_WAITING, "t", org);

	if (rc == RC_OK)
		rc = sql_int(tx, &running, e, SQL_DEMO_JOBS_RUNNING, "t", org);
	if (rc == RC_OK && running)
		return err_set(e, RC_BUSY, "A sync or another job is still running. Try again in a moment.");
	return rc;
}

enum rc demo_end(struct tx *tx, const struct principal *who, struct err *e)
{
	bool demo = false;
	enum rc rc = tx_lock_org(tx, who->org, e);

	if (rc == RC_OK)
		rc = demo_is(tx, who->org, &demo, e);
	if (rc == RC_OK && !demo)
		return err_set(e, RC_CONFLICT, "This organization holds no demo data. Nothing was cleared.");
	if (rc == RC_OK)
		rc = stop_jobs(tx, who->org, e);
	for (size_t i = 0; i < ARRAY_LEN(clearing) && rc == RC_OK; i++)
		rc = sql_exec(tx, e, clearing[i], "t", who->org);
	event_tell(tx, who->org, "cards", "{\"what\":\"cleared\"}");
	return rc;
}
