/* export.c - walks over a copy of the store, so that the rows of either engine are of one instant and writers go on. */
#include "db/export.h"

#include "db/copy.h"
#include "db/tx.h"

#include <unistd.h>

struct walk {
	sqlite3 *db;
	const char *path;
	export_fn fn;
	void *arg;
};

static void read_cell(sqlite3_stmt *stmt, const struct table *t, int i, struct export_cell *ret)
{
	ret->column = sqlite3_column_name(stmt, i);
	ret->is_null = sqlite3_column_type(stmt, i) == SQLITE_NULL;
	ret->is_number = t->number[i];
	ret->text = (const char *)sqlite3_column_text(stmt, i);
}

static enum rc walk_rows(struct walk *w, sqlite3_stmt *stmt, const struct table *t, struct err *e)
{
	struct export_cell cells[VALUES_MAX];
	enum rc rc = RC_OK;
	int code;

	while (rc == RC_OK && (code = sqlite3_step(stmt)) != SQLITE_DONE) {
		if (code != SQLITE_ROW)
			return copy_file_err(w->db, w->path, e);
		for (int i = 0; i < t->count; i++)
			read_cell(stmt, t, i, &cells[i]);
		rc = w->fn(w->arg, t->name, cells, t->count, e);
	}
	return rc;
}

static enum rc walk_table(struct walk *w, const struct table *t, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const char *text = arena_printf(&a, "SELECT %s FROM %s ORDER BY %s", t->columns, t->name, t->key);
	sqlite3_stmt *stmt;
	enum rc rc;

	if (sqlite3_prepare_v2(w->db, text, -1, &stmt, NULL) != SQLITE_OK)
		return copy_file_err(w->db, w->path, e);
	rc = walk_rows(w, stmt, t, e);
	sqlite3_finalize(stmt);
	return rc;
}

static enum rc walk(struct walk *w, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct table *t = NULL;
	enum rc rc = copy_file_open(w->path, SQLITE_OPEN_READONLY, &w->db, e);

	if (rc == RC_OK)
		rc = copy_tables(w->db, w->path, &a, &t, e);
	for (; rc == RC_OK && t; t = t->next)
		rc = walk_table(w, t, e);
	sqlite3_close(w->db);
	return rc;
}

enum rc db_export(struct db *db, const char *work, export_fn fn, void *arg, struct err *e)
{
	struct walk w = { .path = work, .fn = fn, .arg = arg };
	enum rc rc = db_engine(db) == DB_SQLITE ? lite_copy_out(db->url, work, e) : pg_copy_out(db->url, work, e);

	if (rc == RC_OK)
		rc = walk(&w, e);
	unlink(work);
	return rc;
}
