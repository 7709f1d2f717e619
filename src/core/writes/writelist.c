#include "core/writes/writelist.h"

#include "base/clock.h"
#include "core/page.h"

#include <stdio.h>
#include <stdlib.h>

static void kv_raw(struct jsonw *w, const char *key, struct rows *r, int col)
{
	const char *text = rows_text(r, col);

	jsonw_kv_raw(w, key, text ? text : "null");
}

static void kv_time(struct jsonw *w, const char *key, struct rows *r, int col)
{
	char text[CLOCK_TEXT];

	jsonw_kv(w, key, rows_null(r, col) ? NULL : clock_format(rows_int(r, col), text));
}

static void kv_ref(struct jsonw *w, const char *key, const char *id, const char *name)
{
	jsonw_key(w, key);
	jsonw_object(w);
	jsonw_kv(w, "id", id);
	jsonw_kv(w, "name", name);
	jsonw_end_object(w);
}

/* Columns as in outbox_get and outbox_list; leaves the object open. */
static void begin_write(struct jsonw *w, struct rows *r)
{
	char date[DAY_TEXT];

	jsonw_object(w);
	jsonw_kv(w, "id", rows_text(r, 0));
	jsonw_kv(w, "batch", rows_text(r, 1));
	jsonw_kv(w, "card_id", rows_null(r, 34) ? rows_text(r, 2) : NULL);
	if (*rows_text(r, 7))
		kv_ref(w, "account", rows_text(r, 7), rows_text(r, 32));
	else
		jsonw_kv_null(w, "account");
	kv_ref(w, "product", rows_text(r, 10), rows_text(r, 33));
	jsonw_kv(w, "rollback_of", rows_text(r, 4));
	jsonw_kv(w, "kind", rows_text(r, 5));
	jsonw_kv(w, "state", rows_text(r, 6));
	jsonw_kv(w, "detail", rows_text(r, 26));
	jsonw_kv_qty(w, "expect", rows_int(r, 14));
	jsonw_kv_qty(w, "want", rows_int(r, 15));
	jsonw_kv(w, "effective_date", rows_null(r, 16) ? NULL : day_format(rows_day(r, 16), date));
	jsonw_kv(w, "line_id", rows_text(r, 9));
	jsonw_kv(w, "contract_id", *rows_text(r, 8) ? rows_text(r, 8) : NULL);
	jsonw_kv(w, "currency", rows_text(r, 34));
	kv_raw(w, "request", r, 20);
	kv_raw(w, "before", r, 22);
	kv_raw(w, "after", r, 23);
	kv_raw(w, "read_back", r, 24);
	jsonw_kv_int(w, "attempts", rows_int(r, 27));
	kv_time(w, "next_try_at", r, 28);
	kv_time(w, "created_at", r, 29);
	kv_time(w, "updated_at", r, 30);
}

enum rc writelist_write(struct tx *tx, const struct writelist *l, struct jsonw *w, const char **ret_next, struct err *e)
{
	const char *after[1];
	int64_t count = 0;
	struct rows r;
	enum rc rc = page_read(tx_arena(tx), l->cursor, after, 1, e);

	*ret_next = NULL;
	if (rc != RC_OK)
		return rc;
	sql_query(tx, &r, SQL_OUTBOX_LIST, "ttttii", l->org, l->batch ? l->batch : "", l->card ? l->card : "",
		l->state ? l->state : "", (int64_t)strtoll(after[0], NULL, 10), l->limit);
	while (rows_next(&r)) {
		begin_write(w, &r);
		jsonw_end_object(w);
		if (++count == l->limit)
			*ret_next = page_cursor(
				tx_arena(tx), arena_printf(tx_arena(tx), "%lld", (long long)rows_int(&r, 31)), NULL);
	}
	return rows_end(&r, e);
}

static enum rc write_steps(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e)
{
	struct rows r;

	jsonw_key(w, "steps");
	jsonw_array(w);
	sql_query(tx, &r, SQL_OUTBOX_STEPS, "tt", org, id);
	while (rows_next(&r)) {
		jsonw_object(w);
		kv_time(w, "at", &r, 0);
		jsonw_kv(w, "from", rows_text(&r, 1));
		jsonw_kv(w, "to", rows_text(&r, 2));
		jsonw_kv(w, "detail", rows_text(&r, 3));
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
	return rows_end(&r, e);
}

enum rc writelist_one(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e)
{
	bool found = false;
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_OUTBOX_GET, "tt", org, id);
	if (rows_next(&r)) {
		found = true;
		begin_write(w, &r);
	}
	rc = rows_end(&r, e);
	if (rc == RC_OK && !found)
		return err_set(e, RC_NOT_FOUND, "There is no write %s.", id);
	if (rc == RC_OK)
		rc = write_steps(tx, org, id, w, e);
	if (found)
		jsonw_end_object(w);
	return rc;
}
