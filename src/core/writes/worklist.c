#include "core/writes/worklist.h"

#include "core/job.h"
#include "core/page.h"
#include "core/book/psaconfig.h"
#include "sheet/writer.h"

#include <string.h>

enum { CSV_ROWS = 100000 };

enum rc worklist_way(struct tx *tx, struct arena *a, const struct psa_ops *ops, const char *org,
	struct psa_change *change, struct err *e)
{
	const struct json *settings;
	const char *kind;
	enum rc rc;

	change->by_hand = false;
	if (!ops->by_hand)
		return RC_OK;
	rc = psaconfig_plain(tx, a, org, &kind, &settings, e);
	if (rc == RC_OK)
		change->by_hand = ops->by_hand(settings, change);
	return rc;
}

enum rc worklist_put(struct tx *tx, const struct principal *who, struct write *w, struct err *e)
{
	struct write_move m = { .to = WRITE_LISTED,
		.detail = "On the work list: a person makes this change in the PSA." };

	return outbox_move(tx, who, w, &m, e);
}

static enum rc end(struct tx *tx, const struct principal *who, struct write *w, enum write_state to, const char *detail,
	struct err *e)
{
	struct write_move m = { .to = to, .detail = detail };
	enum rc rc = outbox_move(tx, who, w, &m, e);

	if (rc == RC_OK && to == WRITE_APPLIED && w->rollback_of)
		rc = outbox_undone(tx, who, w, e);
	return rc;
}

enum rc worklist_close(struct tx *tx, const struct principal *who, const char *org, const char *id, bool done,
	const char *note, struct err *e)
{
	struct arena *a = tx_arena(tx);
	struct write w;
	enum rc rc = tx_lock_org(tx, org, e);

	if (rc == RC_OK)
		rc = outbox_get(tx, a, org, id, &w, e);
	if (rc == RC_OK && w.state != WRITE_LISTED)
		return err_set(
			e, RC_CONFLICT, "Write %s is not on the work list: it is %s.", id, write_state_name(w.state));
	if (rc == RC_OK)
		rc = end(tx, who, &w, done ? WRITE_APPLIED : WRITE_REFUSED,
			arena_printf(a, "%s says that this was %s in the PSA%s%s", who->name,
				done ? "done" : "not done", note && *note ? ": " : ".", note && *note ? note : ""),
			e);
	return rc == RC_OK ? job_enqueue(tx, org, JOB_REBUILD, "{}", "", 0, who->name, NULL, e) : rc;
}

enum rc worklist_settle(struct tx *tx, const struct principal *who, const char *org, struct err *e)
{
	struct arena *a = tx_arena(tx);
	const char *ids[1000];
	size_t count = 0;
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_WORKLIST_SHOWN, "t", org);
	while (rows_next(&r) && count < ARRAY_LEN(ids))
		ids[count++] = rows_dup(&r, a, 0);
	rc = rows_end(&r, e);
	for (size_t i = 0; i < count && rc == RC_OK; i++) {
		struct write w;

		rc = outbox_get(tx, a, org, ids[i], &w, e);
		if (rc == RC_OK)
			rc = end(tx, who, &w, WRITE_APPLIED, "The PSA shows it now.", e);
	}
	return rc;
}

enum kind { TEXT, QUANTITY, DATE, TIME };

/* Columns of worklist_rows, by name. */
static const struct {
	const char *name;
	enum kind kind;
} fields[] = {
	{ "id", TEXT },
	{ "batch", TEXT },
	{ "change", TEXT },
	{ "account", TEXT },
	{ "account_code", TEXT },
	{ "account_remote_id", TEXT },
	{ "contract", TEXT },
	{ "contract_remote_id", TEXT },
	{ "product", TEXT },
	{ "product_code", TEXT },
	{ "product_remote_id", TEXT },
	{ "line", TEXT },
	{ "line_remote_id", TEXT },
	{ "from", QUANTITY },
	{ "to", QUANTITY },
	{ "effective_date", DATE },
	{ "unit_price", QUANTITY },
	{ "currency", TEXT },
	{ "steps", TEXT },
	{ "note", TEXT },
	{ "approved_by", TEXT },
	{ "approved_at", TIME },
};

enum { SEQ = ARRAY_LEN(fields), STEPS = 18 };

/* The steps of a person, out of the calls as JSON: "Finance > Contracts: set the units to 27". */
static const char *steps_of(struct arena *a, const char *request)
{
	struct json *calls;
	const char *all = "";

	if (!request || json_parse(a, request, strlen(request), NULL, &calls, NULL) != RC_OK)
		return "";
	for (const struct json *c = calls->child; c; c = c->next)
		all = arena_printf(a, "%s%s%s: %s", all, *all ? " " : "", json_text_or(json_get(c, "path"), ""),
			json_text_or(json_get(c, "purpose"), ""));
	return all;
}

/* The value of a column as text, NULL when there is none. */
static const char *value_of(struct arena *a, struct rows *r, size_t column)
{
	char text[QTY_TEXT], date[DAY_TEXT], at[CLOCK_TEXT];

	if (rows_null(r, (int)column))
		return NULL;
	switch (fields[column].kind) {
	case QUANTITY:
		return arena_strdup(a, qty_format(rows_int(r, (int)column), text));
	case DATE:
		return arena_strdup(a, day_format(rows_day(r, (int)column), date));
	case TIME:
		return arena_strdup(a, clock_format(rows_int(r, (int)column), at));
	default:
		return column == STEPS ? steps_of(a, rows_text(r, (int)column)) : rows_dup(r, a, (int)column);
	}
}

static int64_t after_of(const char *text)
{
	int64_t n = 0;

	for (; *text >= '0' && *text <= '9' && n < INT64_MAX / 20; text++)
		n = n * 10 + (*text - '0');
	return n;
}

enum rc worklist_write(struct tx *tx, const char *org, const char *cursor, int64_t limit, struct jsonw *w,
	const char **ret_next, struct err *e)
{
	struct arena *a = tx_arena(tx);
	const char *after[1];
	int64_t count = 0;
	struct rows r;
	enum rc rc = page_read(a, cursor, after, 1, e);

	*ret_next = NULL;
	if (rc != RC_OK)
		return rc;
	sql_query(tx, &r, SQL_WORKLIST_ROWS, "tii", org, after_of(after[0]), limit);
	while (rows_next(&r)) {
		jsonw_object(w);
		for (size_t i = 0; i < ARRAY_LEN(fields); i++)
			jsonw_kv(w, fields[i].name, value_of(a, &r, i));
		jsonw_end_object(w);
		if (++count == limit)
			*ret_next = page_cursor(a, arena_printf(a, "%lld", (long long)rows_int(&r, SEQ)), NULL);
	}
	return rows_end(&r, e);
}

struct columns {
	const char *header[ARRAY_LEN(fields) * 2];
	size_t field[ARRAY_LEN(fields) * 2];
	size_t count;
};

static enum rc unknown(const char *name, size_t len, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const char *all = "";

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		all = arena_printf(&a, "%s%s%s", all, *all ? ", " : "", fields[i].name);
	return err_set(e, RC_INVALID,
		"The work list has no \"%.*s\". Write columns as Header=field; the fields are %s.",
		(int)(len > 60 ? 60 : len), name, all);
}

static const char *trim(struct arena *a, const char *s, size_t len)
{
	while (len && (*s == ' ' || *s == '\n' || *s == '\t'))
		s++, len--;
	while (len && (s[len - 1] == ' ' || s[len - 1] == '\n' || s[len - 1] == '\t' || s[len - 1] == '\r'))
		len--;
	return arena_strndup(a, s, len);
}

/* "Customer=account, Qty=to". A field without header is its own. */
static enum rc read_columns(struct arena *a, const char *text, struct columns *ret, struct err *e)
{
	ret->count = 0;
	for (const char *p = text; *p; p += *p == ',') {
		size_t len = strcspn(p, ","), mark = 0, i = 0;
		const char *name;

		while (mark < len && p[mark] != '=')
			mark++;
		name = mark < len ? trim(a, p + mark + 1, len - mark - 1) : trim(a, p, len);
		while (i < ARRAY_LEN(fields) && strcmp(fields[i].name, name) != 0)
			i++;
		if (i == ARRAY_LEN(fields) || ret->count == ARRAY_LEN(ret->field))
			return unknown(name, strlen(name), e);
		ret->header[ret->count] = trim(a, p, mark);
		ret->field[ret->count++] = i;
		p += len;
	}
	return RC_OK;
}

static void all_columns(struct columns *ret)
{
	for (ret->count = 0; ret->count < ARRAY_LEN(fields); ret->count++) {
		ret->header[ret->count] = fields[ret->count].name;
		ret->field[ret->count] = ret->count;
	}
}

enum rc worklist_columns_check(const char *columns, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct columns c;

	return read_columns(&a, columns ? columns : "", &c, e);
}

static void write_row(struct sheet_writer *w, struct rows *r, const struct columns *c)
{
	AUTO(arena) a = ARENA_INIT;

	for (size_t i = 0; i < c->count; i++) {
		const char *value = value_of(&a, r, c->field[i]);

		if (value && fields[c->field[i]].kind == QUANTITY)
			sheet_write_number(w, value);
		else
			sheet_write_text(w, value);
	}
	sheet_write_end(w);
}

enum rc worklist_csv(struct tx *tx, const char *org, const char *columns, struct buf *out, struct err *e)
{
	struct sheet_writer *w;
	struct columns c;
	struct rows r;
	enum rc rc = RC_OK;

	if (columns && *columns)
		rc = read_columns(tx_arena(tx), columns, &c, e);
	else
		all_columns(&c);
	if (rc != RC_OK)
		return rc;
	w = sheet_writer_new(SHEET_TEXT, "Work list");
	for (size_t i = 0; i < c.count; i++)
		sheet_write_text(w, c.header[i]);
	sheet_write_end(w);
	sql_query(tx, &r, SQL_WORKLIST_ROWS, "tii", org, (int64_t)0, (int64_t)CSV_ROWS);
	while (rows_next(&r))
		write_row(w, &r, &c);
	rc = rows_end(&r, e);
	if (rc == RC_OK)
		return sheet_writer_finish(w, out, e);
	sheet_writer_drop(w);
	return rc;
}
