#include "core/usage/push.h"

#include "base/codec.h"
#include "base/failpoint.h"
#include "core/usage/run.h"

#include <string.h>

/* How exact the time of an integration's last count is kept. */
#define TOUCH_EVERY CLOCK_SECOND

static void read_row(struct rows *r, struct arena *a, struct push_target *ret)
{
	ret->org = rows_dup(r, a, 1);
	ret->integration = rows_dup(r, a, 2);
	ret->strict404 = rows_int(r, 3) != 0;
	ret->state = rows_dup(r, a, 4);
	ret->open_run = rows_dup(r, a, 5);
	ret->closing_at = rows_int(r, 6);
	ret->last_count_at = rows_int(r, 7);
	ret->account = rows_dup(r, a, 8);
	ret->account_mapping = rows_dup(r, a, 9);
	ret->service = rows_dup(r, a, 10);
	ret->service_mapping = rows_dup(r, a, 11);
}

enum rc push_find(struct tx *tx, struct arena *a, const struct pushkey_hash *h, const char *account,
	const char *service, struct push_target *ret, struct err *e)
{
	struct rows r;
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	sql_query(tx, &r, SQL_PUSH_FIND, "ttt", h->partner, account, service);
	if (rows_next(&r) && same_secret(rows_text(&r, 0), h->vendor))
		read_row(&r, a, ret);
	rc = FAIL_AFTER(rows_end(&r, e), "push.found", e);
	return rc == RC_OK && !ret->org ? err_set(e, RC_UNAUTHORIZED, "Unauthorized") : rc;
}

/* True when the count has nothing to see to but itself. */
static bool in_burst(const struct push_target *t, bool build)
{
	utime now = clock_now();

	return t->open_run && t->last_count_at > now - TOUCH_EVERY && !(build && run_needs_end(t->closing_at, now)) &&
		strcmp(t->state, "inactive") != 0 && strcmp(t->state, "pending") != 0;
}

enum rc push_count(struct tx *tx, const struct push_target *t, const struct units *u, bool build, struct err *e)
{
	struct observation o = { .service = t->service, .account = t->account, .run = t->open_run, .units = *u };
	enum rc rc = in_burst(t, build) ? RC_OK : run_burst(tx, t->org, t->integration, build, &o.run, e);

	rc = FAIL_AFTER(rc, "push.run", e);
	return rc == RC_OK ? FAIL_AFTER(observe_add(tx, t->org, &o, e), "push.added", e) : rc;
}
