#include "sheet/writer.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define FILE_MAX_BYTES (256u << 20)
#define XLSX_ROWS_MAX 1048576
#define XLSX_TEXT_MAX 32767	/* letters of a cell, by the format's own rule */

struct sheet_writer {
	enum sheet_format format;
	struct buf text;
	bool begun;		/* the row has a cell */
	lxw_workbook *book;
	lxw_worksheet *sheet;
	lxw_row_t row;
	lxw_col_t column;
	int file;		/* in memory: the library writes to a path only */
	bool failed;
};

bool sheet_is_formula(const char *text)
{
	return *text && strchr("=+-@\t\r\n|", *text) != NULL;
}

struct sheet_writer *sheet_writer_new(enum sheet_format format, const char *title)
{
	struct sheet_writer *w = xcalloc(1, sizeof(*w));
	lxw_workbook_options options = { .constant_memory = LXW_TRUE };
	char name[32], path[64];

	w->file = -1;
	w->format = format;
	buf_init(&w->text, FILE_MAX_BYTES);
	if (format == SHEET_TEXT)
		return w;
	w->file = memfd_create("table.xlsx", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", w->file);
	snprintf(name, sizeof(name), "%s", title);
	w->book = w->file >= 0 ? workbook_new_opt(path, &options) : NULL;
	w->sheet = w->book ? workbook_add_worksheet(w->book, name) : NULL;
	w->failed = !w->sheet;
	return w;
}

static void put_csv(struct sheet_writer *w, const char *text, bool mark)
{
	size_t len = strlen(text), room = 2 * len + 4;
	char *out = xmalloc(room + 1);
	size_t used;

	if (w->begun)
		buf_putc(&w->text, ',');
	w->begun = true;
	if (mark) {
		char *marked = xmalloc(len + 2);

		marked[0] = '\'';
		memcpy(marked + 1, text, len + 1);
		used = csv_write(out, room, marked, len + 1);
		free(marked);
	} else if (strpbrk(text, ",;\"\n\r\t") || *text == ' ' || (len && text[len - 1] == ' ')) {
		used = csv_write(out, room, text, len);
	} else {
		memcpy(out, text, len);
		used = len;
	}
	buf_put(&w->text, out, used);
	free(out);
}

void sheet_write_text(struct sheet_writer *w, const char *text)
{
	if (w->format == SHEET_TEXT) {
		put_csv(w, text ? text : "", text && sheet_is_formula(text));
		return;
	}
	if (text && *text && !w->failed) {
		char *cut = NULL;

		if (strlen(text) > XLSX_TEXT_MAX) {
			struct arena a = ARENA_INIT;

			cut = xstrdup(arena_strndup(&a, text, XLSX_TEXT_MAX / 4));
			arena_release(&a);
		}
		w->failed |= worksheet_write_string(w->sheet, w->row, w->column, cut ? cut : text, NULL) !=
			LXW_NO_ERROR;
		free(cut);
	}
	w->column++;
}

void sheet_write_number(struct sheet_writer *w, const char *decimal)
{
	if (w->format == SHEET_TEXT) {
		put_csv(w, decimal ? decimal : "", false);
		return;
	}
	/* XLSX knows binary fractions only; it is a view for people, and shows the 15 digits they would type. */
	if (decimal && *decimal && !w->failed)
		w->failed |= worksheet_write_number(w->sheet, w->row, w->column, strtod(decimal, NULL), NULL) !=
			LXW_NO_ERROR;
	w->column++;
}

void sheet_write_end(struct sheet_writer *w)
{
	if (w->format == SHEET_TEXT)
		buf_puts(&w->text, "\r\n");
	w->begun = false;
	w->column = 0;
	w->row++;
	w->failed |= w->format == SHEET_XLSX && w->row >= XLSX_ROWS_MAX;
}

/* The finished workbook, from the file in memory. */
static bool take_packed(struct sheet_writer *w, struct buf *out)
{
	char block[65536];
	ssize_t got;

	if (workbook_close(w->book) != LXW_NO_ERROR)
		w->failed = true;
	w->book = NULL;
	for (off_t at = 0; !w->failed && (got = pread(w->file, block, sizeof(block), at)) != 0; at += got) {
		w->failed = got < 0;
		buf_put(out, block, got < 0 ? 0 : (size_t)got);
	}
	return !w->failed;
}

enum rc sheet_writer_finish(struct sheet_writer *w, struct buf *out, struct err *e)
{
	bool failed = w->failed;

	if (w->format == SHEET_XLSX) {
		failed |= !w->book || !take_packed(w, out);
	} else {
		failed |= w->text.failed;
		buf_put(out, buf_text(&w->text), w->text.len);
	}
	sheet_writer_drop(w);
	if (failed || out->failed)
		return err_set(
			e, RC_IO, "The table is too large for one file; narrow the filter and export it in parts.");
	return RC_OK;
}

void sheet_writer_drop(struct sheet_writer *w)
{
	if (!w)
		return;
	if (w->book)
		(void)workbook_close(w->book);
	if (w->file >= 0)
		close(w->file);
	buf_release(&w->text);
	free(w);
}
