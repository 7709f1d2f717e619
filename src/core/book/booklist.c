#include "core/book/booklist.h"

#include "base/text.h"
#include "core/page.h"

#include <stdlib.h>

static const char *pattern_of(struct tx *tx, const char *q)
{
	struct arena *a = tx_arena(tx);

	return text_like(a, q ? text_fold(a, q) : "");
}

static const char *any(const char *id)
{
	return id ? id : "";
}

static void kv_day(struct jsonw *w, const char *key, day d)
{
	char text[DAY_TEXT];

	jsonw_kv(w, key, d == DAY_NONE ? NULL : day_format(d, text));
}

static void kv_qty(struct jsonw *w, const char *key, struct rows *r, int col)
{
	if (rows_null(r, col))
		jsonw_kv_null(w, key);
	else
		jsonw_kv_qty(w, key, rows_int(r, col));
}

static void kv_named(struct jsonw *w, const char *key, struct rows *r, int id_col, int name_col)
{
	jsonw_key(w, key);
	jsonw_object(w);
	jsonw_kv(w, "id", rows_text(r, id_col));
	jsonw_kv(w, "name", rows_text(r, name_col));
	jsonw_end_object(w);
}

static void write_account(struct jsonw *w, struct rows *r)
{
	jsonw_object(w);
	jsonw_kv(w, "id", rows_text(r, 0));
	jsonw_kv(w, "remote_id", rows_text(r, 1));
	jsonw_kv(w, "code", rows_text(r, 2));
	jsonw_kv(w, "name", rows_text(r, 3));
	jsonw_kv(w, "status", rows_text(r, 4));
	jsonw_kv(w, "types", rows_text(r, 5));
	jsonw_kv(w, "domain", rows_text(r, 6));
	jsonw_kv_int(w, "contracts", rows_int(r, 8));
	jsonw_end_object(w);
}

static void write_product(struct jsonw *w, struct rows *r)
{
	jsonw_object(w);
	jsonw_kv(w, "id", rows_text(r, 0));
	jsonw_kv(w, "remote_id", rows_text(r, 1));
	jsonw_kv(w, "code", rows_text(r, 2));
	jsonw_kv(w, "name", rows_text(r, 3));
	jsonw_kv(w, "class", rows_text(r, 4));
	jsonw_kv(w, "unit", rows_text(r, 5));
	kv_qty(w, "price", r, 6);
	kv_qty(w, "cost", r, 7);
	jsonw_kv_bool(w, "inactive", rows_int(r, 8) != 0);
	jsonw_kv_bool(w, "serialized", rows_int(r, 9) != 0);
	jsonw_end_object(w);
}

static void write_contract(struct jsonw *w, struct rows *r)
{
	jsonw_object(w);
	jsonw_kv(w, "id", rows_text(r, 0));
	jsonw_kv(w, "remote_id", rows_text(r, 1));
	jsonw_kv(w, "name", rows_text(r, 2));
	kv_named(w, "account", r, 11, 12);
	jsonw_kv(w, "type", rows_text(r, 3));
	jsonw_kv(w, "status", rows_text(r, 4));
	jsonw_kv(w, "cycle", rows_text(r, 5));
	jsonw_kv(w, "currency", rows_text(r, 6));
	jsonw_kv_bool(w, "prorates", rows_int(r, 7) != 0);
	kv_day(w, "start", rows_day(r, 8));
	kv_day(w, "end", rows_day(r, 9));
	kv_day(w, "billed_through", rows_day(r, 10));
	jsonw_end_object(w);
}

static void write_line(struct jsonw *w, struct rows *r)
{
	char text[CLOCK_TEXT];

	jsonw_object(w);
	jsonw_kv(w, "id", rows_text(r, 0));
	jsonw_kv(w, "remote_id", rows_text(r, 1));
	jsonw_kv(w, "description", rows_text(r, 2));
	kv_named(w, "account", r, 14, 15);
	kv_named(w, "contract", r, 12, 13);
	jsonw_key(w, "product");
	jsonw_object(w);
	jsonw_kv(w, "id", rows_text(r, 16));
	jsonw_kv(w, "code", rows_text(r, 17));
	jsonw_kv(w, "name", rows_text(r, 18));
	jsonw_end_object(w);
	kv_qty(w, "quantity", r, 3);
	kv_qty(w, "included", r, 4);
	kv_qty(w, "unit_price", r, 5);
	kv_qty(w, "unit_cost", r, 6);
	jsonw_kv(w, "currency", rows_text(r, 19));
	jsonw_kv_bool(w, "serialized", rows_int(r, 7) != 0);
	jsonw_kv_bool(w, "billable", rows_int(r, 8) != 0);
	jsonw_kv(w, "fixed", rows_null(r, 20) ? NULL : rows_text(r, 20));
	kv_day(w, "effective", rows_day(r, 9));
	kv_day(w, "cancelled", rows_day(r, 10));
	jsonw_kv(w, "read_at", clock_format(rows_int(r, 11), text));
	jsonw_end_object(w);
}

static void write_skip(struct jsonw *w, struct rows *r)
{
	jsonw_object(w);
	jsonw_kv(w, "what", rows_text(r, 0));
	jsonw_kv(w, "remote_id", rows_text(r, 1));
	jsonw_kv(w, "name", rows_text(r, 2));
	jsonw_kv(w, "reason", rows_text(r, 3));
	jsonw_end_object(w);
}

/* Writes all rows; after a full page the cursor is made of the two columns that sort it. */
static enum rc write_page(struct tx *tx, struct rows *r, int64_t limit, void (*write)(struct jsonw *, struct rows *),
	int key_col, int id_col, struct jsonw *w, const char **ret_next, struct err *e)
{
	int64_t count = 0;

	*ret_next = NULL;
	while (rows_next(r)) {
		write(w, r);
		if (++count < limit)
			continue;
		if (key_col == id_col)
			*ret_next = page_cursor(tx_arena(tx), rows_text(r, id_col), NULL);
		else
			*ret_next = page_cursor(tx_arena(tx), rows_text(r, key_col), rows_text(r, id_col), NULL);
	}
	return rows_end(r, e);
}

enum rc booklist_accounts(
	struct tx *tx, const struct booklist *l, struct jsonw *w, const char **ret_next, struct err *e)
{
	const char *after[2];
	struct rows r;
	enum rc rc = page_read(tx_arena(tx), l->cursor, after, 2, e);

	if (rc != RC_OK)
		return rc;
	sql_query(tx, &r, SQL_BOOK_ACCOUNTS_LIST, "tttti", l->org, pattern_of(tx, l->q), after[0], after[1], l->limit);
	return write_page(tx, &r, l->limit, write_account, 7, 0, w, ret_next, e);
}

enum rc booklist_products(
	struct tx *tx, const struct booklist *l, struct jsonw *w, const char **ret_next, struct err *e)
{
	const char *after[2];
	struct rows r;
	enum rc rc = page_read(tx_arena(tx), l->cursor, after, 2, e);

	if (rc != RC_OK)
		return rc;
	sql_query(tx, &r, SQL_BOOK_PRODUCTS_LIST, "tttti", l->org, pattern_of(tx, l->q), after[0], after[1], l->limit);
	return write_page(tx, &r, l->limit, write_product, 10, 0, w, ret_next, e);
}

enum rc booklist_contracts(
	struct tx *tx, const struct booklist *l, struct jsonw *w, const char **ret_next, struct err *e)
{
	const char *after[2];
	struct rows r;
	enum rc rc = page_read(tx_arena(tx), l->cursor, after, 2, e);

	if (rc != RC_OK)
		return rc;
	sql_query(tx, &r, SQL_BOOK_CONTRACTS_LIST, "ttttit", l->org, pattern_of(tx, l->q), after[0], after[1], l->limit,
		any(l->account));
	return write_page(tx, &r, l->limit, write_contract, 13, 0, w, ret_next, e);
}

enum rc booklist_lines(struct tx *tx, const struct booklist *l, struct jsonw *w, const char **ret_next, struct err *e)
{
	const char *after[1];
	struct rows r;
	enum rc rc = page_read(tx_arena(tx), l->cursor, after, 1, e);

	if (rc != RC_OK)
		return rc;
	sql_query(tx, &r, SQL_BOOK_LINES_LIST, "tttittt", l->org, pattern_of(tx, l->q), after[0], l->limit,
		any(l->account), any(l->contract), any(l->product));
	return write_page(tx, &r, l->limit, write_line, 0, 0, w, ret_next, e);
}

enum rc booklist_skips(struct tx *tx, const struct booklist *l, struct jsonw *w, const char **ret_next, struct err *e)
{
	const char *after[2];
	struct rows r;
	enum rc rc = page_read(tx_arena(tx), l->cursor, after, 2, e);

	if (rc != RC_OK)
		return rc;
	sql_query(tx, &r, SQL_BOOK_SKIPS_LIST, "ttti", l->org, after[0], after[1], l->limit);
	return write_page(tx, &r, l->limit, write_skip, 0, 1, w, ret_next, e);
}

enum rc booklist_line_history(struct tx *tx, const struct booklist *l, const char *line, struct jsonw *w,
	const char **ret_next, struct err *e)
{
	const char *after[1];
	char text[CLOCK_TEXT];
	int64_t count = 0, there = 0;
	struct rows r;
	enum rc rc = page_read(tx_arena(tx), l->cursor, after, 1, e);

	*ret_next = NULL;
	if (rc == RC_OK)
		rc = sql_int(tx, &there, e, SQL_BOOK_LINE_THERE, "tt", l->org, line);
	if (rc == RC_OK && !there)
		return err_set(e, RC_NOT_FOUND, "There is no line %.100s.", line);
	if (rc != RC_OK)
		return rc;
	sql_query(tx, &r, SQL_BOOK_LINE_HISTORY, "ttii", l->org, line, (int64_t)strtoll(after[0], NULL, 10), l->limit);
	while (rows_next(&r)) {
		jsonw_object(w);
		jsonw_kv(w, "at", clock_format(rows_int(&r, 0), text));
		kv_qty(w, "quantity", &r, 1);
		jsonw_end_object(w);
		if (++count == l->limit)
			*ret_next = page_cursor(
				tx_arena(tx), arena_printf(tx_arena(tx), "%lld", (long long)rows_int(&r, 0)), NULL);
	}
	return rows_end(&r, e);
}

static enum rc write_skip_counts(struct tx *tx, const char *org, struct jsonw *w, struct err *e)
{
	struct rows r;

	jsonw_key(w, "skipped");
	jsonw_array(w);
	sql_query(tx, &r, SQL_BOOK_SKIP_COUNTS, "t", org);
	while (rows_next(&r)) {
		jsonw_object(w);
		jsonw_kv(w, "what", rows_text(&r, 0));
		jsonw_kv(w, "reason", rows_text(&r, 1));
		jsonw_kv_int(w, "count", rows_int(&r, 2));
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
	return rows_end(&r, e);
}

enum rc booklist_sizes(struct tx *tx, const char *org, struct jsonw *w, struct err *e)
{
	static const char *const names[] = { "accounts", "products", "contracts", "lines" };
	struct rows r;
	enum rc rc;

	jsonw_object(w);
	sql_query(tx, &r, SQL_BOOK_SIZES, "t", org);
	if (rows_next(&r)) {
		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			jsonw_kv_int(w, names[i], rows_int(&r, (int)i));
	}
	rc = rows_end(&r, e);
	if (rc == RC_OK)
		rc = write_skip_counts(tx, org, w, e);
	jsonw_end_object(w);
	return rc;
}
