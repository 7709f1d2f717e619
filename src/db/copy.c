/* copy.c - the SQLite file that copies of a store are made to and read from. */
#include "db/copy.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { LIST_MAX = 8192 };


enum rc copy_file_err(sqlite3 *db, const char *path, struct err *e)
{
	int code = sqlite3_errcode(db);

	if (code == SQLITE_FULL)
		return err_set(e, RC_IO, "The disk with %s is full. Free some space and try again.", path);
	return err_set(e, RC_IO, "%s cannot be read or written (%s).", path, sqlite3_errmsg(db));
}

enum rc copy_file_open(const char *path, int flags, sqlite3 **ret, struct err *e)
{
	int fd;
	enum rc rc;

	*ret = NULL;
	if (flags & SQLITE_OPEN_CREATE) {
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0)
			return err_set(e, RC_IO, "%s cannot be made (%s). Check the folder and the rights on it.", path,
				strerror(errno));
		close(fd);
	}
	if (sqlite3_open_v2(path, ret, flags | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK) {
		sqlite3_busy_timeout(*ret, 10000);
		return RC_OK;
	}
	rc = copy_file_err(*ret, path, e);
	sqlite3_close(*ret);
	*ret = NULL;
	return rc;
}

enum rc copy_number(sqlite3 *db, const char *path, const char *text, int64_t *ret, struct err *e)
{
	sqlite3_stmt *stmt;
	enum rc rc = RC_OK;

	if (sqlite3_prepare_v2(db, text, -1, &stmt, NULL) != SQLITE_OK)
		return copy_file_err(db, path, e);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		*ret = sqlite3_column_int64(stmt, 0);
	else
		rc = copy_file_err(db, path, e);
	sqlite3_finalize(stmt);
	return rc;
}

static void add_to_list(struct buf *list, const char *text)
{
	if (list->len > 0)
		buf_puts(list, ", ");
	buf_puts(list, text);
}

/* Reads the columns of one table; `stmt` is table_info. */
static enum rc read_columns(sqlite3_stmt *stmt, struct table *t, struct arena *a, struct err *e)
{
	struct buf columns = BUF_INIT(LIST_MAX), key = BUF_INIT(LIST_MAX), values = BUF_INIT(LIST_MAX);
	const char *name;

	for (; sqlite3_step(stmt) == SQLITE_ROW && t->count < VALUES_MAX; t->count++) {
		name = (const char *)sqlite3_column_text(stmt, 0);
		add_to_list(&columns, name);
		add_to_list(&values, "?");
		t->number[t->count] = strcmp((const char *)sqlite3_column_text(stmt, 1), "BIGINT") == 0;
		if (sqlite3_column_int(stmt, 2))
			add_to_list(&key, name);
	}
	if (t->count == VALUES_MAX || columns.failed)
		BUG("table %s has too many columns", t->name);
	t->columns = arena_strdup(a, buf_text(&columns));
	t->key = arena_strdup(a, buf_text(&key));
	t->values = arena_strdup(a, buf_text(&values));
	buf_release(&columns);
	buf_release(&key);
	buf_release(&values);
	return t->count ? RC_OK : err_set(e, RC_IO, "Table %s has no columns.", t->name);
}

static enum rc read_tables(sqlite3_stmt *names, sqlite3_stmt *info, struct arena *a, struct table **end, struct err *e)
{
	enum rc rc = RC_OK;
	struct table *t;

	while (rc == RC_OK && sqlite3_step(names) == SQLITE_ROW) {
		t = ARENA_NEW(a, struct table);
		t->name = arena_strdup(a, (const char *)sqlite3_column_text(names, 0));
		sqlite3_bind_text(info, 1, t->name, -1, SQLITE_STATIC);
		rc = read_columns(info, t, a, e);
		sqlite3_reset(info);
		*end = t;
		end = &t->next;
	}
	return rc;
}

enum rc copy_tables(sqlite3 *db, const char *path, struct arena *a, struct table **ret, struct err *e)
{
	static const char list[] =
		"SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name";
	static const char columns[] = "SELECT name, type, pk FROM pragma_table_info(?) ORDER BY cid";
	sqlite3_stmt *names = NULL, *info = NULL;
	enum rc rc;

	*ret = NULL;
	if (sqlite3_prepare_v2(db, list, -1, &names, NULL) != SQLITE_OK ||
		sqlite3_prepare_v2(db, columns, -1, &info, NULL) != SQLITE_OK)
		rc = copy_file_err(db, path, e);
	else
		rc = read_tables(names, info, a, ret, e);
	sqlite3_finalize(names);
	sqlite3_finalize(info);
	return rc;
}

const char *copy_forget(struct arena *a, const struct table *tables)
{
	static const char *const names[] = { "commit_marks", "links", "sessions" };
	const char *text = NULL;

	for (const struct table *t = tables; t; t = t->next)
		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			if (strcmp(t->name, names[i]) == 0)
				text = arena_printf(a, "%sDELETE FROM %s; ", text ? text : "", t->name);
	return text;
}
