/* What may go: expired sessions and links, kept answers after a day, ended jobs after a quarter. The
 * ledger, decisions, writes and the log stay for ever. */
#include "job/kinds.h"

#define KEEP_ANSWERS CLOCK_DAY
#define KEEP_LINKS (7 * CLOCK_DAY)
#define KEEP_JOBS (90 * CLOCK_DAY)

static enum rc retain_fn(struct tx *tx, void *arg, struct err *e)
{
	const struct job_run *run = arg;
	const char *org = run->job->org;
	utime now = clock_now();

	sql_exec(tx, e, SQL_RETAIN_SESSIONS, "ti", org, now);
	sql_exec(tx, e, SQL_RETAIN_LINKS, "ti", org, now - KEEP_LINKS);
	sql_exec(tx, e, SQL_RETAIN_IDEMPOTENCY, "ti", org, now - KEEP_ANSWERS);
	return sql_exec(tx, e, SQL_JOB_FORGET, "ti", org, now - KEEP_JOBS);
}

enum rc job_retain(struct job_run *run, struct err *e)
{
	return db_write(run->config->db, retain_fn, run, e);
}
