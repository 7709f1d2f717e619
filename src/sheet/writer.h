/* writer.h - tables out, as CSV or XLSX. No cell of what is written is ever a formula: a text that begins like one is
 * marked with an apostrophe in CSV (which sheet.h takes off again) and is a plain text in XLSX. */
#ifndef SHEET_WRITER_H
#define SHEET_WRITER_H

#include "base/buf.h"
#include "sheet/sheet.h"

struct sheet_writer;

/* `title` names the XLSX sheet (at most 31 bytes are used). */
struct sheet_writer *sheet_writer_new(enum sheet_format format, const char *title);
/* Cells of a row, from left to right. NULL is an empty cell. */
void sheet_write_text(struct sheet_writer *w, const char *text);
/* A plain decimal text; shown as a number. */
void sheet_write_number(struct sheet_writer *w, const char *decimal);
void sheet_write_end(struct sheet_writer *w);
/* The whole file into `out`, and the end of the writer. RC_IO: no room in `out` or on the disk for temporary files. */
enum rc sheet_writer_finish(struct sheet_writer *w, struct buf *out, struct err *e) MUST_CHECK;
/* The end without a file. */
void sheet_writer_drop(struct sheet_writer *w);

/* True for what a spreadsheet would take for a formula. */
bool sheet_is_formula(const char *text);

#endif
