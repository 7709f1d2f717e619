/* Where the header is and what the columns hold, guessed from words that vendors use and from what looks like
 * numbers. */
#include "sheet/sheet.h"

#include <string.h>

#include "base/text.h"

#define LOOK 30		/* rows that are looked at for a header */

const char *const sheet_field_names[FIELD_MAX] = {
	[FIELD_ACCOUNT] = "account",
	[FIELD_SERVICE] = "service",
	[FIELD_QUANTITY] = "quantity",
	[FIELD_UNIT_COST] = "unit_cost",
	[FIELD_CURRENCY] = "currency",
	[FIELD_PERIOD] = "period",
	[FIELD_NOTE] = "note",
};

/* Folded words, the surest first. A heading that is the word scores more than one that holds it. */
static const char *const words[FIELD_MAX][24] = {
	[FIELD_ACCOUNT] = { "account name", "customer name", "company name", "client name", "account", "customer",
		"company", "client", "tenant", "organization", "organisation", "workspace", "site", "end user",
		"kundenname", "kunde", "firma", "mandant", "klant", "cliente", "societe" },
	[FIELD_SERVICE] = { "service name", "product name", "sku name", "service", "product", "sku", "item", "plan",
		"module", "license type", "subscription", "offer", "description", "produkt", "artikel", "dienst",
		"bezeichnung", "leistung", "produit", "producto", "licentie" },
	[FIELD_QUANTITY] = { "quantity", "qty", "unit count", "units", "count", "seats", "licenses", "licences",
		"users", "devices", "usage", "anzahl", "menge", "stuck", "stuckzahl", "lizenzen", "quantite", "aantal",
		"cantidad" },
	[FIELD_UNIT_COST] = { "unit cost", "unit price", "price per unit", "cost per unit", "cost", "price", "rate",
		"einzelpreis", "stuckpreis", "preis", "kosten", "prix unitaire", "prix", "prijs", "precio" },
	[FIELD_CURRENCY] = { "currency", "currency code", "wahrung", "devise", "valuta", "moneda" },
	[FIELD_PERIOD] = { "billing period", "period", "month", "usage date", "date", "zeitraum", "monat", "datum",
		"periode", "mois" },
	[FIELD_NOTE] = { "note", "notes", "comment", "comments", "remark", "remarks", "notiz", "bemerkung",
		"kommentar" },
};

static bool looks_like_number(const char *text)
{
	size_t digits = 0;

	for (const char *p = text; *p; p++) {
		if (*p >= '0' && *p <= '9')
			digits++;
		else if (!strchr(".,-+ ()'$", *p) && (unsigned char)*p < 0x80)
			return false;
	}
	return digits > 0;
}

/* As a whole word in the heading. */
static bool holds_word(const char *heading, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = strstr(heading, word); at; at = strstr(at + 1, word)) {
		bool begins = at == heading || !((unsigned char)at[-1] >= 'a' && (unsigned char)at[-1] <= 'z');
		bool ends = !(at[len] >= 'a' && at[len] <= 'z');

		if (begins && ends)
			return true;
	}
	return false;
}

/* 0 = does not fit; the surer the higher. */
static int fit(const char *heading, enum sheet_field field)
{
	for (int i = 0; i < (int)ARRAY_LEN(words[field]) && words[field][i]; i++) {
		if (strcmp(heading, words[field][i]) == 0)
			return 200 - i;
	}
	for (int i = 0; i < (int)ARRAY_LEN(words[field]) && words[field][i]; i++) {
		if (holds_word(heading, words[field][i]))
			return 100 - i;
	}
	return 0;
}

/* Gives each field its best column; a column serves one field. Returns how many fields found one. */
static int assign_columns(const struct sheet_row *header, int column[FIELD_MAX])
{
	struct arena a = ARENA_INIT;
	int found = 0;

	for (int f = 0; f < FIELD_MAX; f++)
		column[f] = -1;
	for (;;) {
		int best = 0, best_field = -1, best_column = -1;

		for (int f = 0; f < FIELD_MAX; f++) {
			for (size_t c = 0; column[f] < 0 && c < header->count && c < 200; c++) {
				bool taken = false;
				int score;

				for (int g = 0; g < FIELD_MAX; g++)
					taken |= column[g] == (int)c;
				score = taken ? 0 : fit(text_fold(&a, header->cell[c]), (enum sheet_field)f);
				if (score > best) {
					best = score;
					best_field = f;
					best_column = (int)c;
				}
			}
		}
		if (!best)
			break;
		column[best_field] = best_column;
		found++;
	}
	arena_release(&a);
	return found;
}

/* A header by shape: texts only, and a number somewhere below. */
static bool shaped_like_header(const struct sheet_row *rows, size_t i, size_t count)
{
	const struct sheet_row *row = &rows[i];

	if (row->count < 2 || i + 1 >= count)
		return false;
	for (size_t c = 0; c < row->count; c++) {
		if (!*row->cell[c] || looks_like_number(row->cell[c]))
			return false;
	}
	for (size_t c = 0; c < rows[i + 1].count; c++) {
		if (looks_like_number(rows[i + 1].cell[c]))
			return true;
	}
	return false;
}

static void find_header(const struct sheet_row *rows, size_t count, struct sheet_guess *g)
{
	int most = 1, column[FIELD_MAX];

	g->header = SIZE_MAX;
	for (size_t i = 0; i < count && i < LOOK; i++) {
		int found = assign_columns(&rows[i], column);

		if (found > most && column[FIELD_ACCOUNT] >= 0) {
			most = found;
			g->header = i;
			memcpy(g->column, column, sizeof(column));
		}
	}
	for (size_t i = 0; g->header == SIZE_MAX && i < count && i < LOOK; i++) {
		if (shaped_like_header(rows, i, count)) {
			g->header = i;
			assign_columns(&rows[i], g->column);
		}
	}
}

/* Of rows below the header. */
static bool numeric_column(const struct sheet_row *rows, size_t from, size_t count, size_t column)
{
	size_t numbers = 0, texts = 0;

	for (size_t i = from; i < count; i++) {
		const char *cell = column < rows[i].count ? rows[i].cell[column] : "";

		if (*cell)
			(*(looks_like_number(cell) ? &numbers : &texts))++;
	}
	return numbers > texts * 3;
}

static bool used(const struct sheet_guess *g, int column)
{
	for (int f = 0; f < FIELD_MAX; f++) {
		if (g->column[f] == column)
			return true;
	}
	return false;
}

/* What words did not say, order does: first text, second text, first number. */
static void fill_by_kind(const struct sheet_row *rows, size_t count, struct sheet_guess *g)
{
	size_t from = g->header == SIZE_MAX ? 0 : g->header + 1, width = 0;

	for (size_t i = from; i < count; i++)
		width = rows[i].count > width ? rows[i].count : width;
	for (size_t c = 0; c < width && c < 200; c++) {
		bool number = numeric_column(rows, from, count, c);

		if (used(g, (int)c))
			continue;
		if (number && g->column[FIELD_QUANTITY] < 0)
			g->column[FIELD_QUANTITY] = (int)c;
		else if (!number && g->column[FIELD_ACCOUNT] < 0)
			g->column[FIELD_ACCOUNT] = (int)c;
		else if (!number && g->column[FIELD_SERVICE] < 0)
			g->column[FIELD_SERVICE] = (int)c;
	}
}

/* What a number says of its marks: +1 the comma is the decimal mark, -1 the point is, 0 cannot tell. */
static int decimal_comma(const char *text)
{
	const char *comma = strrchr(text, ','), *point = strrchr(text, '.'), *last = comma > point ? comma : point;
	size_t after;

	if (!last)
		return 0;
	after = strspn(last + 1, "0123456789");
	if (comma && point)
		return last == comma ? 1 : -1;
	if (strchr(text, *last) != last)
		return *last == ',' ? -1 : 1;	/* twice: thousands */
	if (after != 3)
		return *last == ',' ? 1 : -1;
	return 0;
}

static void guess_marks(const struct sheet_row *rows, size_t count, struct sheet_guess *g)
{
	int votes = 0;

	for (size_t i = g->header == SIZE_MAX ? 0 : g->header + 1; i < count; i++) {
		for (int f = FIELD_QUANTITY; f <= FIELD_UNIT_COST; f++) {
			int c = g->column[f];

			if (c >= 0 && (size_t)c < rows[i].count && looks_like_number(rows[i].cell[c]))
				votes += decimal_comma(rows[i].cell[c]);
		}
	}
	g->decimal = votes > 0 ? ',' : '.';
	g->thousands = votes > 0 ? '.' : ',';
}

void sheet_guess(const struct sheet_row *rows, size_t count, struct sheet_guess *ret)
{
	for (int f = 0; f < FIELD_MAX; f++)
		ret->column[f] = -1;
	find_header(rows, count, ret);
	fill_by_kind(rows, count, ret);
	guess_marks(rows, count, ret);
}

bool sheet_same_row(const struct sheet_row *a, const struct sheet_row *b)
{
	if (a->count != b->count || !a->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->cell[i], b->cell[i]) != 0)
			return false;
	}
	return true;
}

bool sheet_is_total(const char *text)
{
	static const char *const totals[] = { "total", "totals", "grand total", "subtotal", "sub total", "sub-total",
		"sum", "summe", "gesamt", "gesamtsumme", "zwischensumme", "totaal", "somme", "suma", "total general" };
	struct arena a = ARENA_INIT;
	char *fold = text_fold(&a, text);
	size_t len = strlen(fold);
	bool hit = false;

	if (len && fold[len - 1] == ':')
		fold[len - 1] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(totals); i++)
		hit |= strcmp(fold, totals[i]) == 0;
	arena_release(&a);
	return hit;
}
