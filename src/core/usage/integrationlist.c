/* An integration as the API shows it: itself, its key, its sizes, and how much of it is known. */
#include "core/usage/integration.h"
#include "core/page.h"
#include "core/usage/pull.h"
#include "core/usage/pullconfig.h"
#include "core/usage/run.h"
#include "vendor/catalogue.h"

#include <string.h>

#define HOUR (3600 * CLOCK_SECOND)

static void kv_time(struct jsonw *w, const char *key, utime t)
{
	char text[CLOCK_TEXT];

	jsonw_kv(w, key, t ? clock_format(t, text) : NULL);
}

static void kv_words(struct jsonw *w, const char *key, const char *words)
{
	size_t len;

	jsonw_key(w, key);
	jsonw_array(w);
	for (; *words; words += len + (words[len] == '|')) {
		len = strcspn(words, "|");
		jsonw_stringn(w, words, len);
	}
	jsonw_end_array(w);
}

static void write_self(struct jsonw *w, const struct integration *i)
{
	const struct vendor *v = vendor_find(i->vendor);

	jsonw_kv(w, "id", i->id);
	jsonw_kv(w, "vendor", i->vendor);
	jsonw_kv(w, "vendor_name", v ? v->name : i->vendor);
	jsonw_kv(w, "connects", v ? v->connects : "push");
	jsonw_kv(w, "name", i->name);
	jsonw_kv(w, "description", i->description);
	kv_words(w, "modules", i->modules);
	jsonw_kv(w, "portal_url", i->portal_url);
	jsonw_kv(w, "support_url", i->support_url);
	jsonw_kv(w, "state", i->state);
	jsonw_kv(w, "state_detail", i->state_detail);
	jsonw_kv(w, "schedule", i->schedule);
	jsonw_kv_int(w, "stale_after_hours", i->stale_after / HOUR);
	jsonw_kv_bool(w, "strict404", i->strict404);
	kv_time(w, "last_count_at", i->last_count_at);
	kv_time(w, "last_synced_at", i->last_synced_at);
	kv_time(w, "created_at", i->created_at);
	kv_time(w, "finished_at", i->finished_at);
	kv_time(w, "updated_at", i->updated_at);
	kv_time(w, "disconnected_at", i->disconnected_at);
}

static enum rc write_token(struct tx *tx, const struct integration *i, struct jsonw *w, struct err *e)
{
	struct rows r;
	utime at = 0;

	sql_query(tx, &r, SQL_INTEGRATION_TOKEN_TIME, "tt", i->org, i->id);
	if (rows_next(&r))
		at = rows_int(&r, 0);
	kv_time(w, "token_created_at", at);
	return rows_end(&r, e);
}

static void write_part(struct jsonw *w, const char *key, struct rows *r, int col)
{
	int64_t all = rows_int(r, col), mapped = rows_int(r, col + 1), excluded = rows_int(r, col + 2);

	jsonw_key(w, key);
	jsonw_object(w);
	jsonw_kv_int(w, "total", all);
	jsonw_kv_int(w, "mapped", mapped);
	jsonw_kv_int(w, "excluded", excluded);
	jsonw_kv_int(w, "unmapped", all - mapped - excluded);
	jsonw_end_object(w);
}

static enum rc write_sizes(
	struct tx *tx, const struct integration *i, struct jsonw *w, int64_t *ret_accounts, struct err *e)
{
	struct rows r;

	*ret_accounts = 0;
	sql_query(tx, &r, SQL_INTEGRATION_SIZES, "tt", i->org, i->id);
	if (rows_next(&r)) {
		*ret_accounts = rows_int(&r, 0);
		write_part(w, "accounts", &r, 0);
		write_part(w, "services", &r, 3);
	}
	return rows_end(&r, e);
}

/* After a run that said "these are all", every pair is as fresh as that run. */
static enum rc write_coverage(
	struct tx *tx, const struct integration *i, int64_t accounts, struct jsonw *w, struct err *e)
{
	utime cutoff = clock_now() - i->stale_after;
	struct rows r;
	enum rc rc;

	jsonw_key(w, "coverage");
	jsonw_object(w);
	sql_query(tx, &r, SQL_INTEGRATION_PAIRS, "tti", i->org, i->id, i->covered_at > cutoff ? 0 : cutoff);
	if (rows_next(&r)) {
		jsonw_kv_int(w, "pairs", rows_int(&r, 0));
		jsonw_kv_int(w, "known", rows_int(&r, 0) - rows_int(&r, 1) - rows_int(&r, 2));
		jsonw_kv_int(w, "zero", rows_int(&r, 2));
		jsonw_kv_int(w, "stale", rows_int(&r, 1));
		jsonw_kv_int(w, "accounts", accounts);
		jsonw_kv_int(w, "accounts_reporting", rows_int(&r, 4));
		jsonw_kv_int(w, "accounts_missing", accounts - rows_int(&r, 3));
	}
	rc = rows_end(&r, e);
	kv_time(w, "complete_at", i->covered_at);
	jsonw_key(w, "last_run");
	if (rc == RC_OK)
		rc = run_write_last(tx, i->org, i->id, w, e);
	else
		jsonw_null(w);
	jsonw_key(w, "gaps");
	jsonw_array(w);
	if (rc == RC_OK)
		rc = pull_write_gaps(tx, i->org, i->id, w, e);
	jsonw_end_array(w);
	jsonw_end_object(w);
	return rc;
}

enum rc integration_write(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e)
{
	struct integration i;
	int64_t accounts;
	enum rc rc = integration_get(tx, tx_arena(tx), org, id, &i, e);

	if (rc != RC_OK)
		return rc;
	jsonw_object(w);
	write_self(w, &i);
	rc = write_token(tx, &i, w, e);
	if (rc == RC_OK)
		rc = pullconfig_write(tx, org, id, i.name, w, e);
	if (rc == RC_OK)
		rc = write_sizes(tx, &i, w, &accounts, e);
	if (rc == RC_OK)
		rc = write_coverage(tx, &i, accounts, w, e);
	jsonw_end_object(w);
	return rc;
}

enum rc integration_write_list(struct tx *tx, const char *org, const char *cursor, int64_t limit, struct jsonw *w,
	const char **ret_next, struct err *e)
{
	const char **ids = arena_array(tx_arena(tx), (size_t)limit, sizeof(*ids));
	const char *after[1];
	int64_t count = 0;
	struct rows r;
	enum rc rc = page_read(tx_arena(tx), cursor, after, 1, e);

	*ret_next = NULL;
	if (rc != RC_OK)
		return rc;
	sql_query(tx, &r, SQL_INTEGRATION_IDS, "tti", org, after[0], limit);
	while (rows_next(&r))
		ids[count++] = rows_dup(&r, tx_arena(tx), 0);
	rc = rows_end(&r, e);
	for (int64_t i = 0; rc == RC_OK && i < count; i++)
		rc = integration_write(tx, org, ids[i], w, e);
	if (rc == RC_OK && count == limit)
		*ret_next = page_cursor(tx_arena(tx), ids[count - 1], NULL);
	return rc;
}
