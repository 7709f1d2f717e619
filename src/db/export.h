/* export.h - every row of a store, one after the other, as of one instant. */
#ifndef DB_EXPORT_H
#define DB_EXPORT_H

#include "db/db.h"

struct export_cell {
	const char *column;
	bool is_null;
	bool is_number;
	const char *text;	/* also of a number */
};

/* The row lives until `fn` returns; anything but RC_OK ends the export. */
typedef enum rc (*export_fn)(void *arg, const char *table, const struct export_cell *cells, int count, struct err *e);

/* Calls `fn` for every row, table by table in the order of their names, rows in that of their keys. `work` names a file
 * that holds a copy meanwhile: it must not exist, and is gone afterwards. RC_IO: store or disk. */
enum rc db_export(struct db *db, const char *work, export_fn fn, void *arg, struct err *e) MUST_CHECK;

#endif
