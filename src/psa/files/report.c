/* A line report: where its columns are, and its rows. A cell that should be a number and is none ends the reading: a
 * row left out would make a line disappear from the book. */
#include "psa/files/files.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { LOOK = 40 };

const char *const files_settings_of[COL_MAX] = { "column_account", "column_account_code", "column_contract",
	"column_product", "column_product_code", "column_quantity", "column_price", "column_cost", "column_currency",
	"column_line" };

/* Folded headings, the surest first. */
static const char *const words[COL_MAX][12] = {
	[COL_ACCOUNT] = { "customer", "customer name", "client", "client name", "account", "account name", "company",
		"company name", "organization", "kunde", "kundenname", "firma" },
	[COL_ACCOUNT_CODE] = { "customer id", "customer code", "customer number", "client id", "account id",
		"account code", "account number", "company id", "kundennummer", "debitor" },
	[COL_CONTRACT] = { "contract", "contract name", "agreement", "agreement name", "recurring invoice",
		"subscription", "schedule", "retainer", "vertrag", "vertragsname", "abonnement" },
	[COL_PRODUCT] = { "product", "product name", "service", "service name", "item", "item name", "description",
		"artikel", "produkt", "leistung", "bezeichnung" },
	[COL_PRODUCT_CODE] = { "product code", "product id", "sku", "item code", "item number", "part number",
		"service code", "artikelnummer", "artikel-nr", "produktnummer" },
	[COL_QUANTITY] = { "quantity", "qty", "units", "seats", "count", "licenses", "anzahl", "menge", "stuck" },
	[COL_PRICE] = { "unit price", "price", "price each", "rate", "sales price", "einzelpreis", "preis", "vk" },
	[COL_COST] = { "unit cost", "cost", "cost each", "purchase price", "einkaufspreis", "kosten", "ek" },
	[COL_CURRENCY] = { "currency", "currency code", "wahrung" },
	[COL_LINE] = { "line id", "line", "position id", "position", "id" },
};

static bool is_heading(struct arena *a, const char *cell, const char *word)
{
	return *word && strcmp(text_fold(a, cell), word) == 0;
}

static int find_column(struct arena *a, const struct sheet_row *header, enum files_column c, const char *wanted)
{
	const char *folded = text_fold(a, wanted);

	for (size_t i = 0; *folded && i < header->count; i++) {
		if (is_heading(a, header->cell[i], folded))
			return (int)i;
	}
	for (size_t w = 0; !*folded && w < ARRAY_LEN(words[c]) && words[c][w]; w++) {
		for (size_t i = 0; i < header->count; i++) {
			if (is_heading(a, header->cell[i], words[c][w]))
				return (int)i;
		}
	}
	return -1;
}

static enum rc missing(const struct psa_conn *c, enum files_column col, struct err *e)
{
	char pointer[64] = "/settings/";

	memcpy(pointer + 10, files_settings_of[col], strlen(files_settings_of[col]) + 1);
	if (*c->heading[col])
		return err_at(e, RC_INVALID, pointer, "The file has no column \"%.100s\".", c->heading[col]);
	return err_at(e, RC_INVALID, pointer,
		"The file has no column that looks like the %s. Name it in the settings, as %s.",
		files_settings_of[col] + 7, files_settings_of[col]);
}

static enum rc find_columns(
	struct psa_conn *c, struct arena *a, const struct sheet_row *header, int column[COL_MAX], struct err *e)
{
	for (int i = 0; i < COL_MAX; i++) {
		column[i] = find_column(a, header, (enum files_column)i, c->heading[i]);
		if (column[i] < 0 && (*c->heading[i] || i == COL_ACCOUNT || i == COL_QUANTITY))
			return missing(c, (enum files_column)i, e);
	}
	if (column[COL_PRODUCT] < 0 && column[COL_PRODUCT_CODE] < 0)
		return missing(c, COL_PRODUCT, e);
	return RC_OK;
}

struct reader {
	struct psa_conn *c;
	struct files_report *out;
	struct sheet_row header;
	char decimal, thousands;
	size_t cap;
};

static const char *cell(struct reader *r, const struct sheet_row *row, enum files_column c)
{
	int i = r->out->column[c];

	return i >= 0 && (size_t)i < row->count ? arena_strdup(&r->out->arena, row->cell[i]) : "";
}

static enum rc number(
	struct reader *r, const struct sheet_row *row, enum files_column c, qty *ret, bool *ret_has, struct err *e)
{
	const char *text = cell(r, row, c);
	char *plain = arena_alloc(&r->out->arena, strlen(text) + 2);

	*ret = 0;
	*ret_has = *text;
	if (!*text)
		return RC_OK;
	if (sheet_number(text, r->decimal, r->thousands, plain) == RC_OK && qty_parse(plain, ret) == RC_OK)
		return RC_OK;
	return err_set(e, RC_INVALID,
		"Row %lld: \"%.60s\" in the column %s is no number. Correct it and bring the file again; what was read "
		"before "
		"stays.",
		(long long)row->line, text, files_settings_of[c] + 7);
}

/* One text that names an object: its code where there is one, else its name without regard to case. */
static const char *id_of(struct arena *a, const char *code, const char *name)
{
	return *code ? code : arena_printf(a, "name:%s", text_case(a, name));
}

static void make_ids(struct arena *a, struct files_row *r)
{
	r->account_id = id_of(a, r->account_code, r->account);
	r->product_id = id_of(a, r->product_code, r->product);
	r->contract_id = arena_printf(a, "%s/%s/%s", r->account_id, text_case(a, r->contract), r->currency);
}

static bool is_blank(const struct sheet_row *row)
{
	for (size_t i = 0; i < row->count; i++) {
		if (*row->cell[i])
			return false;
	}
	return true;
}

static struct files_row *one_more(struct reader *r)
{
	struct files_report *out = r->out;

	if (out->count == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 256;
		out->row = xrealloc(out->row, r->cap * sizeof(*out->row));
	}
	memset(&out->row[out->count], 0, sizeof(*out->row));
	return &out->row[out->count++];
}

static enum rc take_row(struct reader *r, const struct sheet_row *row, struct err *e)
{
	struct files_row *f;
	enum rc rc;

	if (is_blank(row) || sheet_same_row(row, &r->header) || sheet_is_total(row->cell[0])) {
		r->out->ignored++;
		return RC_OK;
	}
	f = one_more(r);
	f->number = row->line;
	f->account = cell(r, row, COL_ACCOUNT);
	f->account_code = cell(r, row, COL_ACCOUNT_CODE);
	f->contract = cell(r, row, COL_CONTRACT);
	f->product = cell(r, row, COL_PRODUCT);
	f->product_code = cell(r, row, COL_PRODUCT_CODE);
	f->line = cell(r, row, COL_LINE);
	f->currency = cell(r, row, COL_CURRENCY);
	if (!*f->currency)
		f->currency = r->c->currency;
	if (!*f->product)
		f->product = f->product_code;
	make_ids(&r->out->arena, f);
	rc = number(r, row, COL_QUANTITY, &f->quantity, &f->has_quantity, e);
	if (rc == RC_OK)
		rc = number(r, row, COL_PRICE, &f->price, &f->has_price, e);
	return rc == RC_OK ? number(r, row, COL_COST, &f->cost, &f->has_cost, e) : rc;
}

/* The row as it stays when the next is read. */
static struct sheet_row keep_row(struct arena *a, const struct sheet_row *row)
{
	const char **cells = arena_array(a, row->count + 1, sizeof(*cells));

	for (size_t i = 0; i < row->count; i++)
		cells[i] = arena_strdup(a, row->cell[i]);
	return (struct sheet_row){ row->line, row->count, cells };
}

/* Looks at the first rows, finds the heading, and reads on behind it. */
static enum rc read_rows(struct reader *r, struct sheet *s, struct err *e)
{
	struct arena *a = &r->out->arena;
	struct sheet_row first[LOOK], row;
	struct sheet_guess guess;
	size_t n = 0;
	enum rc rc = RC_OK;

	while (n < LOOK && (rc = sheet_next(s, &row, e)) == RC_OK)
		first[n++] = keep_row(a, &row);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	sheet_guess(first, n, &guess);
	if (guess.header == SIZE_MAX)
		return err_set(e, RC_INVALID, "The file has no row of headings in its first %d rows.", LOOK);
	r->header = first[guess.header];
	r->decimal = *r->c->decimal ? *r->c->decimal : guess.decimal;
	r->thousands = *r->c->decimal ? (*r->c->decimal == ',' ? '.' : ',') : guess.thousands;
	rc = find_columns(r->c, a, &r->header, r->out->column, e);
	for (size_t i = guess.header + 1; i < n && rc == RC_OK; i++)
		rc = take_row(r, &first[i], e);
	while (rc == RC_OK && (rc = sheet_next(s, &row, e)) == RC_OK)
		rc = take_row(r, &row, e);
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc files_read(struct psa_conn *c, struct files_report *ret, struct err *e)
{
	static const struct sheet_options options = { NULL, 0, NULL };
	struct reader r = { .c = c, .out = ret };
	struct sheet *s = NULL;
	FILE *f;
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	if (!c->host.file || !c->host.file_len)
		return err_set(e, RC_INVALID,
			"No line report was brought yet. Export the lines of all contracts from your PSA and bring the "
			"file: POST "
			"/api/v1/psa/file?filename=lines.csv.");
	f = fmemopen((void *)(uintptr_t)c->host.file, c->host.file_len, "r");
	if (!f)
		return err_set(e, RC_INTERNAL, "The file cannot be opened in memory.");
	rc = sheet_open(f, &options, &s, e);
	if (rc == RC_OK)
		rc = read_rows(&r, s, e);
	if (s)
		sheet_close(s);
	fclose(f);
	if (rc == RC_OK && !ret->count)
		return err_set(e, RC_INVALID, "The file has headings and no row below them.");
	return rc;
}

void files_report_release(struct files_report *r)
{
	free(r->row);
	arena_release(&r->arena);
}
