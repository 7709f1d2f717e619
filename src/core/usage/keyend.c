#include "core/usage/keyend.h"

#include "core/setting.h"

#include <string.h>

day keyend_of(struct arena *a, const char *plain)
{
	struct json *v;
	day end;

	if (!plain || json_parse(a, plain, strlen(plain), NULL, &v, NULL) != RC_OK)
		return DAY_NONE;
	return day_parse(json_text_or(json_get(v, KEYEND_SETTING), ""), &end) == RC_OK ? end : DAY_NONE;
}

const char *keyend_words(struct arena *a, const char *name, day end, int64_t days)
{
	int left = end == DAY_NONE ? 0 : end - day_today();
	char text[DAY_TEXT];

	if (end == DAY_NONE || !days || left > days)
		return NULL;
	if (left < 0)
		return arena_printf(a,
			"The key of %s has ended on %s. Make a new one in the vendor's console and enter it, with its "
			"last day, in the "
			"integration's settings.",
			name, day_format(end, text));
	return arena_printf(a,
		"The key of %s ends on %s, in %d day%s. Make a new one in the vendor's console and enter it, with its "
		"last day, in the "
		"integration's settings.",
		name, day_format(end, text), left, left == 1 ? "" : "s");
}

enum rc keyend_write(
	struct tx *tx, const char *org, const char *name, const char *plain, struct jsonw *w, struct err *e)
{
	struct arena *a = tx_arena(tx);
	day end = keyend_of(a, plain);
	char text[DAY_TEXT];
	int64_t days;
	enum rc rc = setting_int(tx, org, SETTING_ALARM_KEYS, &days, e);

	jsonw_key(w, "credentials");
	if (rc != RC_OK || end == DAY_NONE) {
		jsonw_null(w);
		return rc;
	}
	jsonw_object(w);
	jsonw_kv(w, "expire", day_format(end, text));
	jsonw_kv_int(w, "days_left", end - day_today());
	jsonw_kv(w, "warning", keyend_words(a, name, end, days));
	jsonw_end_object(w);
	return RC_OK;
}

enum rc keyend_all(struct tx *tx, const char *org, int64_t days, const char **ret, struct err *e)
{
	struct arena *a = tx_arena(tx);
	struct rows r;

	*ret = NULL;
	sql_query(tx, &r, SQL_KEYEND_SETTINGS, "t", org);
	while (rows_next(&r)) {
		const char *words = keyend_words(a, rows_dup(&r, a, 0), keyend_of(a, rows_text(&r, 1)), days);

		if (words)
			*ret = *ret ? arena_printf(a, "%s\n%s", *ret, words) : words;
	}
	return rows_end(&r, e);
}
