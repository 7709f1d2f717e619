/* The rows of an XLSX worksheet, as a stream. */
#include "sheet/package.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define BLOCK 32768

struct xlsx_sheet {
	struct sheet base;
	struct package *package;
	struct workbook book;
	struct part *part;
	XML_Parser xml;
	struct row_queue queue;
	const char *cell[SHEET_COLUMNS_MAX];	/* of the row being read; NULL = not there */
	size_t cells;
	int64_t row;
	size_t column;				/* of the cell being read */
	char type;				/* its t: 's'hared, 'i'nline, 'b'ool, 'e'rror, 't'ext, 'n'umber */
	size_t style;
	bool in_value;
	struct buf value;
	const char *broken;
	bool ended;
};

static struct xlsx_sheet *sheet_of(void *xml)
{
	return XML_GetUserData((XML_Parser)xml);
}

static void stop(void *xml, struct xlsx_sheet *s, const char *why)
{
	s->broken = why;
	XML_StopParser(xml, XML_FALSE);
}

/* "BC12" is column 54; the letters are a number in base 26 without a zero. */
static size_t column_of(const char *ref)
{
	size_t column = 0;

	for (; *ref >= 'A' && *ref <= 'Z' && column < 100000; ref++)
		column = column * 26 + (size_t)(*ref - 'A' + 1);
	return column;
}

static char type_of(const char *word)
{
	static const struct { const char *word; char type; } types[] = {
		{ "s", 's' }, { "inlineStr", 'i' }, { "str", 't' }, { "b", 'b' }, { "e", 'e' }, { "d", 't' },
	};

	for (size_t i = 0; word && i < ARRAY_LEN(types); i++) {
		if (strcmp(types[i].word, word) == 0)
			return types[i].type;
	}
	return 'n';
}

static void start_cell(void *xml, struct xlsx_sheet *s, const char **attributes)
{
	const char *ref = xml_attribute(attributes, "r"), *style = xml_attribute(attributes, "s");

	s->column = ref ? column_of(ref) : s->column + 1;
	s->type = type_of(xml_attribute(attributes, "t"));
	s->style = style ? strtoul(style, NULL, 10) : 0;
	buf_clear(&s->value);
	if (s->column == 0 || s->column > SHEET_COLUMNS_MAX)
		stop(xml, s, "a row has more than 2,000 columns");
}

static void start_row(void *xml, struct xlsx_sheet *s, const char *number)
{
	int64_t row = number ? strtoll(number, NULL, 10) : s->row + 1;

	s->cells = s->column = 0;
	if (row <= s->row || row > SHEET_ROWS_MAX)
		stop(xml, s, "its rows are not in order");
	else
		s->row = row;
}

static void on_start(void *xml, const char *element, const char **attributes)
{
	struct xlsx_sheet *s = sheet_of(xml);

	element = xml_local(element);
	if (strcmp(element, "row") == 0) {
		start_row(xml, s, xml_attribute(attributes, "r"));
	} else if (strcmp(element, "c") == 0) {
		start_cell(xml, s, attributes);
	} else if (strcmp(element, "v") == 0 || (strcmp(element, "t") == 0 && s->type == 'i')) {
		s->in_value = true;
	}
}

static void on_text(void *xml, const char *text, int len)
{
	struct xlsx_sheet *s = sheet_of(xml);

	if (s->in_value)
		buf_put(&s->value, text, (size_t)len);
}

/* Days since 1899-12-30, or since 1904-01-01 by choice of the file. Excel takes 1900 for a leap year, so days before
 * March 1900 are off by one; nobody bills for those. */
static char *date_text(struct xlsx_sheet *s, const char *number)
{
	char text[DAY_TEXT];
	day base = s->book.since_1904 ? day_from_ymd(1904, 1, 1) : day_from_ymd(1899, 12, 30);
	long days = strtol(number, NULL, 10);

	if (days < 0 || days > 2958465)
		return arena_strdup(&s->queue.arena, number);
	return arena_strdup(&s->queue.arena, day_format(base + (day)days, text));
}

/* Excel keeps binary fractions and shows 15 digits of them: 12.100000000000001 means 12.1. */
static char *number_text(struct xlsx_sheet *s, const char *number)
{
	char exact[NUM_TEXT];
	char *text;
	size_t digits = 0, i;

	if (num_canonical(number, exact) != RC_OK)
		return arena_strdup(&s->queue.arena, number);
	text = arena_strdup(&s->queue.arena, exact);
	if (!strchr(text, '.'))
		return text;
	for (i = 0; text[i] && digits < 15; i++)
		digits += (text[i] > '0' && text[i] <= '9') || (text[i] == '0' && digits > 0);
	if (text[i] >= '0' && text[i] <= '9') {
		bool up = text[i] >= '5';

		text[i] = '\0';
		while (up && i > 0) {
			i--;
			if (text[i] == '.' || text[i] == '-')
				continue;
			up = text[i] == '9';
			text[i] = up ? '0' : (char)(text[i] + 1);
		}
		if (up)
			return arena_strdup(&s->queue.arena, exact);
	}
	if (num_canonical(text, exact) == RC_OK)
		text = arena_strdup(&s->queue.arena, exact);
	return text;
}

static const char *trimmed(struct xlsx_sheet *s, const char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len > 0 && strchr(" \t\r\n", text[len - 1]))
		len--;
	return arena_strndup(&s->queue.arena, text, len);
}

static const char *cell_text(struct xlsx_sheet *s)
{
	const char *value = buf_text(&s->value);
	size_t index;

	switch (s->type) {
	case 's':
		index = strtoul(value, NULL, 10);
		return index < s->book.texts ? trimmed(s, s->book.text[index]) : "";
	case 'b':
		return strcmp(value, "1") == 0 ? "TRUE" : "FALSE";
	case 'n':
		if (!*value)
			return "";
		return s->style < s->book.styles && s->book.is_date[s->style] ? date_text(s, value)
									      : number_text(s, value);
	default:
		return trimmed(s, value);
	}
}

static void end_cell(void *xml, struct xlsx_sheet *s)
{
	if (s->value.failed) {
		stop(xml, s, "a cell is longer than a megabyte");
		return;
	}
	if (!s->column || s->column > SHEET_COLUMNS_MAX)
		return;
	while (s->cells < s->column)
		s->cell[s->cells++] = "";
	s->cell[s->column - 1] = cell_text(s);
}

static void on_end(void *xml, const char *element)
{
	struct xlsx_sheet *s = sheet_of(xml);

	element = xml_local(element);
	if (strcmp(element, "v") == 0 || strcmp(element, "t") == 0) {
		s->in_value = false;
	} else if (strcmp(element, "c") == 0) {
		end_cell(xml, s);
	} else if (strcmp(element, "row") == 0) {
		while (s->cells > 0 && !*s->cell[s->cells - 1])
			s->cells--;
		row_queue_add(&s->queue, s->row, s->cell, s->cells);
		s->cells = 0;
	}
}

static enum rc read_block(struct xlsx_sheet *s, struct err *e)
{
	char block[BLOCK];
	size_t len;
	enum rc rc = part_read(s->part, block, sizeof(block), &len, e);

	if (rc != RC_OK)
		return rc;
	row_queue_next_block(&s->queue, s->cell, s->cells);
	s->ended = len == 0;
	if (XML_Parse(s->xml, block, (int)len, s->ended) != XML_STATUS_OK)
		return err_set(e, RC_INVALID, "Row %" PRId64 " cannot be read: %s.", s->row,
			s->broken ? s->broken : XML_ErrorString(XML_GetErrorCode(s->xml)));
	return RC_OK;
}

static enum rc xlsx_next(struct sheet *base, struct sheet_row *ret, struct err *e)
{
	struct xlsx_sheet *s = (struct xlsx_sheet *)base;

	while (!row_queue_take(&s->queue, ret)) {
		enum rc rc = s->ended ? RC_NOT_FOUND : read_block(s, e);

		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static void xlsx_close(struct sheet *base)
{
	struct xlsx_sheet *s = (struct xlsx_sheet *)base;

	if (s->xml)
		XML_ParserFree(s->xml);
	part_close(s->part);
	workbook_release(&s->book);
	package_close(s->package);
	arena_release(&s->queue.arena);
	buf_release(&s->value);
	free(s);
}

static const struct sheet_ops xlsx_ops = { xlsx_next, xlsx_close };

enum rc sheet_open_xlsx(FILE *f, const struct sheet_options *options, struct sheet **ret, struct err *e)
{
	struct xlsx_sheet *s = xcalloc(1, sizeof(*s));
	enum rc rc;

	s->base.ops = &xlsx_ops;
	buf_init(&s->value, SHEET_CELL_MAX);
	row_queue_init(&s->queue);
	rc = package_open(f, &s->package, e);
	if (rc == RC_OK)
		rc = workbook_read(s->package, options->worksheet, &s->book, e);
	if (rc == RC_OK) {
		rc = part_open(s->package, s->book.part, &s->part, e);
		if (rc == RC_NOT_FOUND)
			rc = err_set(e, RC_INVALID,
				"The workbook's sheet is missing from the file; open and save it again.");
	}
	if (rc != RC_OK) {
		xlsx_close(&s->base);
		return rc;
	}
	s->base.facts = (struct sheet_facts){ SHEET_XLSX, "xlsx", 0, s->book.worksheet };
	s->xml = xml_new(s, on_start, on_end, on_text);
	*ret = &s->base;
	return RC_OK;
}
