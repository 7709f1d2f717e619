/* copy.h - whole stores to and from an SQLite file. Private to src/db; backup.h is the public face. */
#ifndef DB_COPY_H
#define DB_COPY_H

#include "db/engine.h"

#include <sqlite3.h>

/* Writes the store at `url` as of one instant to the SQLite file `path`, which does not exist yet. */
enum rc lite_copy_out(const char *url, const char *path, struct err *e);
enum rc pg_copy_out(const char *url, const char *path, struct err *e);
/* Fills the empty store at `url` from the backup `path`. SQLite ignores what stands behind its last page; a copy
 * takes the first `bytes` bytes, which are the database. */
enum rc lite_copy_in(const char *path, int64_t bytes, const char *url, struct err *e);
enum rc pg_copy_in(const char *path, const char *url, struct err *e);

/* The tables of an SQLite file and their columns, from its own schema. */
struct table {
	const char *name;
	const char *columns;	/* "a, b, c" */
	const char *key;	/* the same for the primary key */
	const char *values;	/* "?, ?, ?" */
	int count;
	bool number[VALUES_MAX];	/* by column: BIGINT, else TEXT */
	struct table *next;
};

/* Opens an SQLite file for copying: readable and writable by our user only. `flags` as sqlite3_open_v2(). */
enum rc copy_file_open(const char *path, int flags, sqlite3 **ret, struct err *e);
enum rc copy_file_err(sqlite3 *db, const char *path, struct err *e);
enum rc copy_tables(sqlite3 *db, const char *path, struct arena *a, struct table **ret, struct err *e);
/* One number out of an SQLite file. */
enum rc copy_number(sqlite3 *db, const char *path, const char *text, int64_t *ret, struct err *e);

/* Takes away what a restored store must not have: sessions and links that may have ended since. NULL: the store is of
 * a step that has none of these tables yet. */
const char *copy_forget(struct arena *a, const struct table *tables);

#endif
