#include "core/alarm.h"

#include "core/usage/keyend.h"
#include "core/setting.h"

#include <string.h>

#define MINUTE (60 * CLOCK_SECOND)
#define HOUR (60 * MINUTE)

static const char *const names[ALARM_MAX] = { [ALARM_OUTBOX] = "outbox_age",
	[ALARM_UNKNOWN] = "unknown_outcomes",
	[ALARM_SYNC] = "sync_age",
	[ALARM_KEYS] = "credentials",
	[ALARM_DISK] = "disk" };

enum rc alarm_look(struct tx *tx, struct arena *a, struct alarm_look **ret, struct err *e)
{
	struct rows r;

	*ret = NULL;
	sql_query(tx, &r, SQL_ALARM_LOOK, "");
	while (rows_next(&r)) {
		struct alarm_look *l = ARENA_NEW(a, struct alarm_look);

		l->org = rows_dup(&r, a, 0);
		l->oldest_waiting = rows_int(&r, 1);
		l->oldest_unknown = rows_int(&r, 2);
		l->unknown = rows_int(&r, 3);
		l->psa_read_at = rows_int(&r, 4);
		l->free_mb = -1;
		l->next = *ret;
		*ret = l;
	}
	return rows_end(&r, e);
}

struct limits {
	int64_t outbox_minutes, sync_hours, disk_mb;
	const char *keys;	/* sentences on keys that end, NULL = none does */
};

static enum rc read_limits(struct tx *tx, const char *org, struct limits *ret, struct err *e)
{
	int64_t key_days;

	if (setting_int(tx, org, SETTING_ALARM_OUTBOX, &ret->outbox_minutes, e) != RC_OK ||
		setting_int(tx, org, SETTING_ALARM_SYNC, &ret->sync_hours, e) != RC_OK ||
		setting_int(tx, org, SETTING_ALARM_KEYS, &key_days, e) != RC_OK ||
		setting_int(tx, org, SETTING_ALARM_DISK, &ret->disk_mb, e) != RC_OK)
		return e->rc;
	return keyend_all(tx, org, key_days, &ret->keys, e);
}

/* What is wrong in words, NULL when nothing is. */
static const char *verdict(
	struct arena *a, enum alarm_kind kind, const struct alarm_look *l, const struct limits *m, utime now)
{
	utime patience = m->outbox_minutes * MINUTE;

	switch (kind) {
	case ALARM_OUTBOX:
		if (!m->outbox_minutes || !l->oldest_waiting || l->oldest_waiting + patience > now)
			return NULL;
		return arena_printf(a, "An approved change has been waiting for the PSA for %lld minutes.",
			(long long)((now - l->oldest_waiting) / MINUTE));
	case ALARM_UNKNOWN:
		if (!m->outbox_minutes || !l->oldest_unknown || l->oldest_unknown + patience > now)
			return NULL;
		return arena_printf(a,
			"Whether %lld change%s reached the PSA is not known, the oldest for %lld minutes. Trueup goes "
			"on "
			"looking; look in the PSA as well.",
			(long long)l->unknown, l->unknown == 1 ? "" : "s",
			(long long)((now - l->oldest_unknown) / MINUTE));
	case ALARM_SYNC:
		if (!m->sync_hours || !l->psa_read_at || l->psa_read_at + m->sync_hours * HOUR > now)
			return NULL;
		return arena_printf(a, "The PSA has not been read for %lld hours: cards show an old book.",
			(long long)((now - l->psa_read_at) / HOUR));
	case ALARM_KEYS:
		return m->keys;
	case ALARM_DISK:
		if (l->free_mb < 0 || l->free_mb >= m->disk_mb)
			return NULL;
		return arena_printf(
			a, "Only %lld MB of disk are free. When it is full, no count is taken.", (long long)l->free_mb);
	default:
		BUG("alarm %d", (int)kind);
	}
}

static enum rc read_lasting(struct tx *tx, const char *org, bool ret[ALARM_MAX], struct err *e)
{
	struct rows r;

	memset(ret, 0, sizeof(bool) * ALARM_MAX);
	sql_query(tx, &r, SQL_ALARM_LIST, "t", org);
	while (rows_next(&r))
		for (int k = 0; k < ALARM_MAX; k++)
			ret[k] |= strcmp(names[k], rows_text(&r, 0)) == 0;
	return rows_end(&r, e);
}

enum rc alarm_judge(struct tx *tx, const struct alarm_look *look, struct alarm_news ret[ALARM_MAX], size_t *ret_count,
	struct err *e)
{
	struct limits m;
	bool lasting[ALARM_MAX];
	utime now = clock_now();
	enum rc rc = tx_lock_org(tx, look->org, e);

	*ret_count = 0;
	if (rc == RC_OK)
		rc = read_limits(tx, look->org, &m, e);
	if (rc == RC_OK)
		rc = read_lasting(tx, look->org, lasting, e);
	for (int k = 0; k < ALARM_MAX && rc == RC_OK; k++) {
		const char *detail = verdict(tx_arena(tx), (enum alarm_kind)k, look, &m, now);

		if (detail)
			rc = sql_exec(tx, e, SQL_ALARM_PUT, "ttit", look->org, names[k], now, detail);
		else if (lasting[k])
			rc = sql_exec(tx, e, SQL_ALARM_END, "tt", look->org, names[k]);
		if (!detail != !lasting[k])
			ret[(*ret_count)++] = (struct alarm_news){ names[k], detail, detail != NULL };
	}
	return rc;
}

enum rc alarm_list(struct tx *tx, const char *org, struct jsonw *w, struct err *e)
{
	char at[CLOCK_TEXT];
	struct rows r;

	sql_query(tx, &r, SQL_ALARM_LIST, "t", org);
	while (rows_next(&r)) {
		jsonw_object(w);
		jsonw_kv(w, "name", rows_text(&r, 0));
		jsonw_kv(w, "since", clock_format(rows_int(&r, 1), at));
		jsonw_kv(w, "detail", rows_text(&r, 2));
		jsonw_end_object(w);
	}
	return rows_end(&r, e);
}
