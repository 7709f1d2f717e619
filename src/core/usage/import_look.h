/* import_look.h - a file before it is run: what it looks like, how it would be read, and whether it is known. */
#ifndef CORE_IMPORT_LOOK_H
#define CORE_IMPORT_LOOK_H

#include "core/usage/import.h"

enum { IMPORT_LOOK_ROWS = 60 };

struct import_look {
	struct arena *arena;
	FILE *file;				/* seekable; stays the caller's */
	struct sheet_facts facts;
	struct sheet_row row[IMPORT_LOOK_ROWS];	/* the first ones; cells in the arena */
	size_t rows;
	const struct sheet_row *header;		/* among the rows, or NULL */
	struct import_settings settings;
	struct import_profile profile;		/* id NULL when the file is not known */
	const char *twin;			/* an import of the same bytes that ran, or NULL */
};

/* Reads the beginning of the file and guesses its settings. RC_INVALID: it is no table. */
enum rc import_look(struct import_look *l, const struct sheet_options *o, struct err *e) MUST_CHECK;
/* The heading at that row, NULL for 0. RC_INVALID at /header_row: it is not among the rows that were looked at. */
enum rc import_look_header(struct import_look *l, int64_t row, struct err *e) MUST_CHECK;

/* Stores the file that was looked at. One whose headings are known gets the settings and the integration of its
 * profile, and is ready to run. Fills `ret`, profile and twin. */
enum rc import_bring(struct tx *tx, const char *org, const char *who, const char *filename, const void *content,
	size_t len, struct import_look *l, struct import *ret, struct err *e) MUST_CHECK;

/* What would become of the rows, into the open object: "preview":[..] of the first rows and the first rejected ones,
 * and "rows":{"accepted","rejected","ignored","all_read"} of at most the first 20,000. */
enum rc import_preview(struct import_look *l, struct jsonw *w, struct err *e) MUST_CHECK;
/* {"format","encoding","delimiter","worksheet","header_row","columns":[..]} */
void import_look_write(const struct import_look *l, struct jsonw *w);

#endif
