/* export.h - a list of the API as a table: what its columns are and where its pages come from. */
#ifndef API_EXPORT_H
#define API_EXPORT_H

#include "api/route.h"

enum export_kind { EXPORT_TEXT, EXPORT_NUMBER, EXPORT_LIST };

struct export_column {
	const char *title;	/* heading; NULL ends the table */
	const char *path;	/* in an item of the list, as in json_path() */
	enum export_kind kind;
	const char *member;	/* of EXPORT_LIST: this member of each element; NULL = the elements themselves */
};

struct export {
	const char *name;	/* of the file, and of the sheet in it */
	const struct export_column *columns;
	/* Writes a page of items into the open array; the next cursor, or NULL after the last, in the transaction's
	 * arena. */
	enum rc (*page)(struct call * c, const char *cursor, int64_t limit, struct jsonw *w, const char **ret_next,
		struct err *e);
};

/* The answer of a route whose path ends in .csv or .xlsx: a heading, and every item that the filters of the query let
 * through. */
enum rc export_table(struct call *c, const struct export *x, struct err *e) MUST_CHECK;

#endif
