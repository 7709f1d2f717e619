/* export.c - the lists of the API as tables, CSV or XLSX: the same rows, filters and order, all pages in one file. */
#include "api/export.h"

#include <string.h>

#include "sheet/writer.h"

enum { PAGE_ROWS = 1000, PAGE_BYTES = 32 << 20 };

#define PAGE_LIMITS { PAGE_BYTES, 32, 1u << 22 }

static bool is_xlsx(const struct call *c)
{
	size_t len = strlen(c->route->path);

	return len > 5 && strcmp(c->route->path + len - 5, ".xlsx") == 0;
}

/* Any value as the text of a cell; what is an object or a list of them stays JSON. */
static const char *text_of(struct arena *a, const struct json *v)
{
	const char *text = json_scalar(v);
	struct buf b = BUF_INIT(PAGE_BYTES);
	struct jsonw w;

	if (text || json_is_null(v))
		return text;
	jsonw_init(&w, &b, 0);
	jsonw_value(&w, v);
	text = arena_strdup(a, buf_text(&b));
	buf_release(&b);
	return text;
}

/* The elements of an array, or one member of each, in one cell. */
static const char *joined(struct arena *a, const struct json *list, const char *member)
{
	struct buf b = BUF_INIT(PAGE_BYTES);
	const char *text;

	for (const struct json *x = list ? list->child : NULL; x; x = x->next) {
		text = json_scalar(member ? json_get(x, member) : x);
		if (text)
			buf_printf(&b, "%s%s", b.len ? "; " : "", text);
	}
	text = arena_strdup(a, buf_text(&b));
	buf_release(&b);
	return text;
}

static void write_cell(
	struct sheet_writer *w, struct arena *a, const struct export_column *col, const struct json *item)
{
	const struct json *v = json_path(item, col->path);

	if (col->kind == EXPORT_LIST)
		sheet_write_text(w, joined(a, v, col->member));
	else if (col->kind == EXPORT_NUMBER && json_scalar(v))
		sheet_write_number(w, json_scalar(v));
	else
		sheet_write_text(w, text_of(a, v));
}

static enum rc write_page(struct sheet_writer *w, const struct export *x, const struct buf *page, struct err *e)
{
	struct json_limits limits = PAGE_LIMITS;
	struct arena a = ARENA_INIT;
	struct json *items;
	enum rc rc = json_parse(&a, buf_text(page), page->len, &limits, &items, e);

	for (const struct json *item = rc == RC_OK ? items->child : NULL; item; item = item->next) {
		for (const struct export_column *col = x->columns; col->title; col++)
			write_cell(w, &a, col, item);
		sheet_write_end(w);
	}
	arena_release(&a);
	return rc;
}

static enum rc write_pages(struct call *c, const struct export *x, struct sheet_writer *w, struct err *e)
{
	const char *cursor = NULL, *next;
	struct buf page = BUF_INIT(PAGE_BYTES);
	struct jsonw out;
	enum rc rc;

	do {
		next = NULL;
		buf_clear(&page);
		jsonw_init(&out, &page, 0);
		jsonw_array(&out);
		rc = x->page(c, cursor, PAGE_ROWS, &out, &next, e);
		if (rc == RC_OK)
			jsonw_end_array(&out);
		if (rc == RC_OK && page.failed)
			rc = err_set(e, RC_INTERNAL, "A page of the table is too large.");
		if (rc == RC_OK)
			rc = write_page(w, x, &page, e);
		cursor = next;
	} while (rc == RC_OK && cursor);
	buf_release(&page);
	return rc;
}

enum rc export_table(struct call *c, const struct export *x, struct err *e)
{
	bool xlsx = is_xlsx(c);
	struct sheet_writer *w = sheet_writer_new(xlsx ? SHEET_XLSX : SHEET_TEXT, x->name);
	enum rc rc;

	for (const struct export_column *col = x->columns; col->title; col++)
		sheet_write_text(w, col->title);
	sheet_write_end(w);
	rc = write_pages(c, x, w, e);
	if (rc != RC_OK) {
		sheet_writer_drop(w);
		return rc;
	}
	c->content_type = xlsx ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
			       : "text/csv; charset=utf-8";
	call_add_header(c, "Content-Disposition",
		arena_printf(c->arena, "attachment; filename=\"%s.%s\"", x->name, xlsx ? "xlsx" : "csv"));
	return sheet_writer_finish(w, &c->out_buf, e);
}
