/* sheet.h - table files, row by row: CSV, TSV and their kin in any usual encoding, and XLSX.
 *
 * A file is read as a stream; memory depends on the longest row (and on the shared texts of an XLSX), never on
 * the number of rows. What is too large, too wide, compressed beyond reason or no table at all is refused with a
 * sentence. Cells are UTF-8 texts without blanks around.
 */
#ifndef SHEET_SHEET_H
#define SHEET_SHEET_H

#include <stdio.h>

#include "base/err.h"

enum {
	SHEET_COLUMNS_MAX = 2000,
	SHEET_CELL_MAX = 1 << 20		/* bytes */
};
#define SHEET_BYTES_MAX (INT64_C(100) << 20)	/* of a file */
#define SHEET_ROWS_MAX INT64_C(5000000)

enum sheet_format { SHEET_TEXT, SHEET_XLSX };

struct sheet_options {
	const char *encoding;	/* "utf-8", "utf-16le", "utf-16be", "windows-1252"; NULL = find out */
	char delimiter;		/* 0 = find out */
	const char *worksheet;	/* name of an XLSX sheet; NULL = the first that is visible */
};

struct sheet_facts {
	enum sheet_format format;
	const char *encoding;	/* as above; "xlsx" for XLSX */
	char delimiter;		/* 0 for XLSX */
	const char *worksheet;	/* NULL for text */
};

struct sheet_row {
	int64_t line; /* number of the row as a person counts: the line of its beginning, or the XLSX row */
	size_t count;
	const char *const *cell;	/* never NULL; "" when empty */
};

struct sheet;

/* `f` must be seekable and stays the caller's. RC_INVALID with a sentence for what cannot be read. */
enum rc sheet_open(FILE *f, const struct sheet_options *options, struct sheet **ret, struct err *e) MUST_CHECK;
void sheet_close(struct sheet *s);
struct sheet_facts sheet_facts(const struct sheet *s);
/* The next row, valid until the next call. Rows without any cell are given too, with count 0. RC_NOT_FOUND (no words)
 * at the end; RC_INVALID: the file is damaged or over a limit. */
enum rc sheet_next(struct sheet *s, struct sheet_row *ret, struct err *e) MUST_CHECK;

/* What a column may hold. */
enum sheet_field {
	FIELD_ACCOUNT,
	FIELD_SERVICE,
	FIELD_QUANTITY,
	FIELD_UNIT_COST,
	FIELD_CURRENCY,
	FIELD_PERIOD,
	FIELD_NOTE,
	FIELD_MAX
};
extern const char *const sheet_field_names[FIELD_MAX];

struct sheet_guess {
	size_t header;			/* index of the header among the given rows; SIZE_MAX = none */
	int column[FIELD_MAX];		/* -1 = no such column */
	char decimal, thousands;	/* as the numbers suggest; thousands 0 = none */
};

/* Looks at the first rows of a file and guesses where the header is and what the columns hold. */
void sheet_guess(const struct sheet_row *rows, size_t count, struct sheet_guess *ret);

/* A row that says the same as the header, or is a total ("Total", "Summe", with no account of its own). */
bool sheet_same_row(const struct sheet_row *a, const struct sheet_row *b);
bool sheet_is_total(const char *text);

/* A number as people write it: "1.234,50", "$1,200", "(3)", "5 users" is none. The result is a plain decimal text in
 * `out`, which needs strlen(text) + 2 bytes. RC_INVALID: no number, or marks in places where they cannot be. */
enum rc sheet_number(const char *text, char decimal, char thousands, char *out) MUST_CHECK;

#endif
