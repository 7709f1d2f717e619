/* How a row of a file is read. Pure. */
#include "core/usage/import.h"

#include <stdio.h>
#include <string.h>

#include "base/codec.h"
#include "base/text.h"
#include "core/usage/vendor_account.h"

/* More units than this on one row are a mistake in the columns, not a customer. */
#define UNITS_MAX (INT64_C(1000000000) * QTY_ONE)

static const char *cell(const struct import_settings *s, const struct sheet_row *row, enum sheet_field field)
{
	int c = s->column[field];

	return c >= 0 && (size_t)c < row->count && *row->cell[c] ? row->cell[c] : NULL;
}

static bool is_blank(const struct sheet_row *row)
{
	for (size_t i = 0; i < row->count; i++) {
		if (*row->cell[i])
			return false;
	}
	return true;
}

/* A line that sums up: "Total" stands in place of an account, or in its first cell while there is no account. */
static bool sums_up(const struct import_settings *s, const struct sheet_row *row)
{
	const char *account = cell(s, row, FIELD_ACCOUNT), *first = NULL;

	if (account)
		return sheet_is_total(account);
	for (size_t i = 0; i < row->count && !first; i++)
		first = *row->cell[i] ? row->cell[i] : NULL;
	return first && sheet_is_total(first);
}

static const char *why_ignored(
	const struct import_settings *s, const struct sheet_row *header, const struct sheet_row *row)
{
	if (is_blank(row))
		return "blank";
	if (s->header_row && row->line <= s->header_row)
		return row->line < s->header_row ? "above the heading" : "the heading";
	if (header && sheet_same_row(header, row))
		return "the heading again";
	if (sums_up(s, row))
		return "a total";
	return NULL;
}

static const char *read_number(
	struct arena *a, const struct import_settings *s, const char *text, const char *what, qty *ret)
{
	char *plain = arena_alloc(a, strlen(text) + 2);

	if (strlen(text) > NUM_DIGITS || sheet_number(text, s->decimal, s->thousands, plain) != RC_OK)
		return arena_printf(
			a, "the %s \"%.60s\" is no number with decimal mark \"%c\"", what, text, s->decimal);
	/* sheet_number() puts a sign or a zero in front; JSON's numbers have no zero there. */
	while (*plain == '0' && plain[1] && plain[1] != '.')
		plain++;
	if (qty_parse(plain, ret) != RC_OK || *ret > UNITS_MAX)
		return arena_printf(a, "the %s \"%.60s\" is too large", what, text);
	if (*ret < 0)
		return arena_printf(a, "the %s \"%.60s\" is negative", what, text);
	return NULL;
}

static const char *check_names(struct arena *a, const struct import_line *l)
{
	if (!l->account)
		return "there is no account";
	if (!l->service)
		return "there is no service";
	if (strlen(l->account) > VENDOR_ID_MAX)
		return arena_printf(a, "the account is longer than %d bytes", VENDOR_ID_MAX);
	if (strlen(l->service) > VENDOR_ID_MAX)
		return arena_printf(a, "the service is longer than %d bytes", VENDOR_ID_MAX);
	return NULL;
}

static const char *why_rejected(
	struct arena *a, const struct import_settings *s, const struct sheet_row *row, struct import_line *l)
{
	const char *quantity = cell(s, row, FIELD_QUANTITY), *cost = cell(s, row, FIELD_UNIT_COST);
	const char *why = check_names(a, l);

	if (why)
		return why;
	if (!quantity)
		return "there is no quantity; an empty cell is not a zero";
	why = read_number(a, s, quantity, "quantity", &l->quantity);
	if (!why && cost) {
		l->has_cost = true;
		why = read_number(a, s, cost, "unit cost", &l->unit_cost);
	}
	return why;
}

enum import_verdict import_read_row(struct arena *a, const struct import_settings *s, const struct sheet_row *header,
	const struct sheet_row *row, struct import_line *ret)
{
	*ret = (struct import_line){ .line = row->line };
	ret->reason = why_ignored(s, header, row);
	if (ret->reason)
		return IMPORT_IGNORED;
	ret->account = s->fixed_account ? s->fixed_account : cell(s, row, FIELD_ACCOUNT);
	ret->service = s->fixed_service ? s->fixed_service : cell(s, row, FIELD_SERVICE);
	ret->currency = cell(s, row, FIELD_CURRENCY);
	ret->period = cell(s, row, FIELD_PERIOD);
	ret->note = cell(s, row, FIELD_NOTE);
	ret->reason = why_rejected(a, s, row, ret);
	return ret->reason ? IMPORT_REJECTED : IMPORT_LINE;
}

char *import_header_hash(struct arena *a, const struct sheet_row *header)
{
	struct buf b = BUF_INIT(1 << 20);
	char *hash = arena_alloc(a, HASH_TEXT);

	if (!header)
		return arena_strdup(a, "");
	for (size_t i = 0; i < header->count; i++)
		buf_printf(&b, "%s\n", text_fold(a, header->cell[i]));
	hash_hex(buf_text(&b), b.len, hash);
	buf_release(&b);
	return hash;
}

void import_settings_guess(const struct sheet_guess *g, const struct sheet_row *rows, struct import_settings *ret)
{
	*ret = (struct import_settings){
		.header_row = g->header == SIZE_MAX ? 0 : rows[g->header].line,
		.aggregate = true,
		.decimal = g->decimal,
		.thousands = g->thousands,
	};
	memcpy(ret->column, g->column, sizeof(ret->column));
}

/* A column by its number or by its heading, exact first, then whatever the case. */
static int find_column(struct arena *a, const struct json *v, const struct sheet_row *header)
{
	const char *name = json_text(v);
	int64_t number;

	if (json_is(v, JSON_NUMBER))
		return json_int(v, 0, SHEET_COLUMNS_MAX - 1, &number) == RC_OK ? (int)number : -1;
	for (size_t i = 0; name && header && i < header->count; i++) {
		if (strcmp(header->cell[i], name) == 0)
			return (int)i;
	}
	for (size_t i = 0; name && header && i < header->count; i++) {
		if (strcmp(text_fold(a, header->cell[i]), text_fold(a, name)) == 0)
			return (int)i;
	}
	return -1;
}

static enum rc read_columns(struct arena *a, const struct json *columns, const struct sheet_row *header,
	struct import_settings *ret, struct err *e)
{
	for (int f = 0; f < FIELD_MAX; f++)
		ret->column[f] = -1;
	for (const struct json *m = columns ? columns->child : NULL; m; m = m->next) {
		char *pointer = arena_printf(a, "/columns/%.60s", m->key);
		int f = 0;

		while (f < FIELD_MAX && strcmp(sheet_field_names[f], m->key) != 0)
			f++;
		if (f == FIELD_MAX)
			return err_at(e, RC_INVALID, pointer,
				"There is no field %.60s; there are account, service, quantity, unit_cost, "
				"currency, period and note.",
				m->key);
		if (json_is_null(m))
			continue;
		ret->column[f] = find_column(a, m, header);
		if (ret->column[f] < 0)
			return err_at(e, RC_INVALID, pointer,
				"The file has no such column; give a heading of the header row or a number from 0.");
	}
	return RC_OK;
}

/* One character, or "" for none. */
static enum rc read_mark(const struct json *v, const char *pointer, char fallback, char *ret, struct err *e)
{
	const char *text = json_text(v);

	*ret = fallback;
	if (json_is_null(v))
		return RC_OK;
	if (text && strcmp(text, "\xc2\xa0") == 0)
		text = " ";
	if (!text || strlen(text) > 1 || (*text && !strchr(".,' \t;|", *text)))
		return err_at(e, RC_INVALID, pointer,
			"This must be one mark: a point, comma, apostrophe or blank, or \"\" for none.");
	*ret = *text;
	return RC_OK;
}

static enum rc read_options(struct arena *a, const struct json *o, struct import_settings *ret, struct err *e)
{
	enum rc rc = read_mark(json_get(o, "decimal"), "/options/decimal", '.', &ret->decimal, e);

	if (rc == RC_OK)
		rc = read_mark(json_get(o, "thousands"), "/options/thousands", ret->decimal == ',' ? '.' : ',',
			&ret->thousands, e);
	if (rc == RC_OK)
		rc = read_mark(json_get(o, "delimiter"), "/options/delimiter", 0, &ret->delimiter, e);
	if (rc != RC_OK)
		return rc;
	if (!ret->decimal || ret->decimal == ret->thousands)
		return err_at(e, RC_INVALID, "/options/decimal",
			"Decimal and thousands mark must differ, and there must be a decimal mark.");
	ret->aggregate = json_bool_or(json_get(o, "aggregate"), true);
	ret->complete = json_bool_or(json_get(o, "complete"), false);
	ret->skip_rejected = json_bool_or(json_get(o, "skip_rejected"), false);
	ret->encoding = json_member(o, "encoding");
	ret->worksheet = json_member(o, "worksheet");
	ret->fixed_account = json_member(o, "account");
	ret->fixed_service = json_member(o, "service");
	return RC_OK;
}

enum rc import_settings_read(struct arena *a, const struct json *v, const struct sheet_row *header,
	struct import_settings *ret, struct err *e)
{
	const struct json *row = json_get(v, "header_row");
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	if (!json_is_null(row) && json_int(row, 0, SHEET_ROWS_MAX, &ret->header_row) != RC_OK)
		return err_at(e, RC_INVALID, "/header_row",
			"This must be the number of a row, or 0 when there are no headings.");
	rc = read_options(a, json_get(v, "options"), ret, e);
	return rc == RC_OK ? read_columns(a, json_get(v, "columns"), header, ret, e) : rc;
}

enum rc import_settings_whole(const struct import_settings *s, struct err *e)
{
	if (s->column[FIELD_ACCOUNT] < 0 && !s->fixed_account)
		return err_at(e, RC_INVALID, "/columns/account",
			"Say which column holds the account, or give one in options.account.");
	if (s->column[FIELD_SERVICE] < 0 && !s->fixed_service)
		return err_at(e, RC_INVALID, "/columns/service",
			"Say which column holds the service, or give one in options.service.");
	if (s->column[FIELD_QUANTITY] < 0)
		return err_at(e, RC_INVALID, "/columns/quantity", "Say which column holds the quantity.");
	return RC_OK;
}

static void write_mark(struct jsonw *w, const char *key, char mark)
{
	char text[2] = { mark, '\0' };

	jsonw_kv(w, key, text);
}

void import_settings_write(struct jsonw *w, const struct import_settings *s)
{
	jsonw_object(w);
	jsonw_kv_int(w, "header_row", s->header_row);
	jsonw_key(w, "columns");
	jsonw_object(w);
	for (int f = 0; f < FIELD_MAX; f++) {
		if (s->column[f] >= 0)
			jsonw_kv_int(w, sheet_field_names[f], s->column[f]);
	}
	jsonw_end_object(w);
	jsonw_key(w, "options");
	jsonw_object(w);
	jsonw_kv_bool(w, "aggregate", s->aggregate);
	jsonw_kv_bool(w, "complete", s->complete);
	jsonw_kv_bool(w, "skip_rejected", s->skip_rejected);
	write_mark(w, "decimal", s->decimal);
	write_mark(w, "thousands", s->thousands);
	if (s->delimiter)
		write_mark(w, "delimiter", s->delimiter);
	jsonw_kv(w, "encoding", s->encoding);
	jsonw_kv(w, "worksheet", s->worksheet);
	jsonw_kv(w, "account", s->fixed_account);
	jsonw_kv(w, "service", s->fixed_service);
	jsonw_end_object(w);
	jsonw_end_object(w);
}

char *import_settings_text(struct arena *a, const struct import_settings *s)
{
	AUTO(buf) b = BUF_INIT(64 << 10);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	import_settings_write(&w, s);
	return arena_strdup(a, buf_text(&b));
}
