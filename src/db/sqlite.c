/* sqlite.c - the store in one file.
 *
 * WAL and synchronous=FULL: a commit is on disk when it returns. Checkpoints are left to the writer's idle
 * moments, with a high automatic one behind them for the day when there are none.
 */
#include "db/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_MS = 10000, AUTO_CHECKPOINT = 16000, IDLE_CHECKPOINT = 256 };

struct statement {
	sqlite3_stmt *stmt;
	bool running;
};

/* A query; the statement is the cached one, or one of its own when that was running already. */
struct lite_cursor {
	struct cursor base;
	struct statement *cached;
	sqlite3_stmt *stmt;
	struct lite_cursor *next_free;
	enum sql_id id;
};

struct lite {
	struct conn base;
	sqlite3 *db;
	char *path;
	sqlite3_stmt *begin, *commit, *rollback, *save, *release, *undo;
	struct lite_cursor *free_cursors;
	int wal_pages;
	struct statement statements[SQL_MAX];
};

/* ---- errors ---- */

static enum rc constraint_error(struct lite *l, int code, const char *what, struct err *e)
{
	switch (code) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		return err_set(e, RC_CONFLICT, "This exists already (%s: %s).", what, sqlite3_errmsg(l->db));
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return err_set(e, RC_CONFLICT, "Something this belongs to is gone, or still in use (%s).", what);
	default:
		return err_set(e, RC_INTERNAL, "The store refused a row (%s: %s).", what, sqlite3_errmsg(l->db));
	}
}

static enum rc words_for(struct lite *l, int code, const char *what, struct err *e)
{
	const char *why;

	switch (code & 0xff) {
	case SQLITE_FULL:
		return err_set(e, RC_IO, "The disk with %s is full; nothing was stored. Free some space and try again.",
			l->path);
	case SQLITE_READONLY:
		return err_set(e, RC_IO,
			"%s cannot be written. Give this program's user the right to write the file and its folder.",
			l->path);
	case SQLITE_CANTOPEN:
		why = errno ? strerror(errno) : "no such file or folder";
		return err_set(e, RC_IO, "%s cannot be opened (%s). Check the path and the rights on its folder.",
			l->path, why);
	case SQLITE_NOTADB:
		return err_set(
			e, RC_IO, "%s is not an SQLite database. Name another file, or move this one away.", l->path);
	case SQLITE_CORRUPT:
		return err_set(e, RC_IO, "%s is damaged (%s). Stop the server and restore the last backup.", l->path,
			sqlite3_errmsg(l->db));
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(e, RC_BUSY,
			"%s has been locked by another program for %d seconds. End that program, or try again later.",
			l->path, BUSY_MS / 1000);
	case SQLITE_IOERR:
		return err_set(e, RC_IO, "Reading or writing %s failed (%s, code %d). Check the disk.", l->path,
			sqlite3_errmsg(l->db), code);
	case SQLITE_CONSTRAINT:
		return constraint_error(l, code, what, e);
	default:
		return err_set(e, RC_INTERNAL, "The store failed (%s: %s).", what, sqlite3_errmsg(l->db));
	}
}

static enum rc lite_err(struct lite *l, int code, const char *what, struct err *e)
{
	enum rc rc;

	errno = l->db ? sqlite3_system_errno(l->db) : errno;
	rc = words_for(l, code, what, e);
	if (l->base.state == CONN_GOOD && l->begin && sqlite3_get_autocommit(l->db))
		l->base.state = CONN_ENDED;
	return rc;
}

/* ---- transactions ---- */

static enum rc run(struct lite *l, sqlite3_stmt *stmt, const char *what, struct err *e)
{
	int code = sqlite3_step(stmt);

	if (code != SQLITE_DONE) {
		code = sqlite3_extended_errcode(l->db);
		lite_err(l, code, what, e);
		sqlite3_reset(stmt);
		return e->rc;
	}
	sqlite3_reset(stmt);
	return RC_OK;
}

static enum rc lite_begin(struct conn *c, struct err *e)
{
	struct lite *l = (struct lite *)c;

	c->state = CONN_GOOD;
	return run(l, l->begin, "begin", e);
}

static enum rc lite_commit(struct conn *c, struct err *e)
{
	struct lite *l = (struct lite *)c;

	return run(l, l->commit, "commit", e);
}

static void lite_rollback(struct conn *c)
{
	struct lite *l = (struct lite *)c;

	if (!sqlite3_get_autocommit(l->db))
		sqlite3_step(l->rollback);
	sqlite3_reset(l->rollback);
	c->state = CONN_GOOD;
}

static enum rc lite_save(struct conn *c, struct err *e)
{
	struct lite *l = (struct lite *)c;

	return run(l, l->save, "savepoint", e);
}

static enum rc lite_release(struct conn *c, struct err *e)
{
	struct lite *l = (struct lite *)c;

	return run(l, l->release, "release", e);
}

static enum rc lite_undo(struct conn *c, struct err *e)
{
	struct lite *l = (struct lite *)c;
	enum rc rc = run(l, l->undo, "rollback to", e);

	return rc == RC_OK ? run(l, l->release, "release", e) : rc;
}

static int64_t lite_mark(struct conn *c)
{
	return sqlite3_total_changes64(((struct lite *)c)->db);
}

/* One writer at a time holds every lock there is. */
static enum rc lite_lock(struct conn *c, const char *key, bool wait, bool *ret_got, struct err *e)
{
	*ret_got = true;
	return RC_OK;
}

/* ---- statements ---- */

static const char *name_of(enum sql_id id)
{
	return sql_texts[id].name;
}

static enum rc prepare(struct lite *l, const char *text, const char *what, sqlite3_stmt **ret, struct err *e)
{
	int code = sqlite3_prepare_v3(l->db, text, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL);

	return code == SQLITE_OK ? RC_OK : lite_err(l, sqlite3_extended_errcode(l->db), what, e);
}

static enum rc lite_check(struct conn *c, enum sql_id id, const char *types, struct err *e)
{
	struct lite *l = (struct lite *)c;
	sqlite3_stmt *stmt;
	enum rc rc = prepare(l, sql_texts[id].sqlite, name_of(id), &stmt, e);

	if (rc != RC_OK)
		return rc;
	if (types && sqlite3_bind_parameter_count(stmt) != (int)strlen(types))
		rc = err_set(e, RC_INTERNAL, "%s has %d parameters and is called with \"%s\".", name_of(id),
			sqlite3_bind_parameter_count(stmt), types);
	sqlite3_finalize(stmt);
	return rc;
}

static void bind(sqlite3_stmt *stmt, enum sql_id id, const struct value *v, int count, sqlite3_destructor_type keep)
{
	int i;

	if (sqlite3_bind_parameter_count(stmt) != count)
		BUG("%s has %d parameters and got %d", name_of(id), sqlite3_bind_parameter_count(stmt), count);
	for (i = 0; i < count; i++) {
		if (v[i].null)
			sqlite3_bind_null(stmt, i + 1);
		else if (v[i].is_text)
			sqlite3_bind_text(stmt, i + 1, v[i].text, -1, keep);
		else
			sqlite3_bind_int64(stmt, i + 1, v[i].number);
	}
}

/* The cached statement, or NULL in *ret with RC_OK when it is running already. */
static enum rc cached(struct lite *l, enum sql_id id, struct statement **ret, struct err *e)
{
	struct statement *s = &l->statements[id];

	*ret = s->running ? NULL : s;
	return s->stmt ? RC_OK : prepare(l, sql_texts[id].sqlite, name_of(id), &s->stmt, e);
}

static int64_t lite_exec(struct conn *c, enum sql_id id, const struct value *v, int count, struct err *e)
{
	struct lite *l = (struct lite *)c;
	int64_t before = sqlite3_total_changes64(l->db);
	struct statement *s;
	sqlite3_stmt *own = NULL, *stmt;
	int code;

	if (cached(l, id, &s, e) != RC_OK)
		return -1;
	if (!s && prepare(l, sql_texts[id].sqlite, name_of(id), &own, e) != RC_OK)
		return -1;
	stmt = s ? s->stmt : own;
	bind(stmt, id, v, count, SQLITE_STATIC);
	do
		code = sqlite3_step(stmt);
	while (code == SQLITE_ROW);
	if (code != SQLITE_DONE)
		lite_err(l, sqlite3_extended_errcode(l->db), name_of(id), e);
	sqlite3_reset(stmt);
	sqlite3_finalize(own);
	return code == SQLITE_DONE ? sqlite3_total_changes64(l->db) - before : -1;
}

static struct cursor *lite_query(struct conn *c, enum sql_id id, const struct value *v, int count, struct err *e)
{
	struct lite *l = (struct lite *)c;
	struct lite_cursor *cur;
	sqlite3_stmt *own = NULL;
	struct statement *s;

	if (cached(l, id, &s, e) != RC_OK)
		return NULL;
	if (!s && prepare(l, sql_texts[id].sqlite, name_of(id), &own, e) != RC_OK)
		return NULL;
	cur = l->free_cursors;
	if (cur)
		l->free_cursors = cur->next_free;
	else
		cur = xcalloc(1, sizeof(*cur));
	cur->base.conn = c;
	cur->id = id;
	cur->cached = s;
	cur->stmt = s ? s->stmt : own;
	if (s)
		s->running = true;
	bind(cur->stmt, id, v, count, SQLITE_TRANSIENT);
	return &cur->base;
}

static int lite_next(struct cursor *base, struct err *e)
{
	struct lite_cursor *cur = (struct lite_cursor *)base;
	struct lite *l = (struct lite *)base->conn;
	int code = sqlite3_step(cur->stmt);

	if (code == SQLITE_ROW || code == SQLITE_DONE)
		return code == SQLITE_ROW;
	lite_err(l, sqlite3_extended_errcode(l->db), name_of(cur->id), e);
	return -1;
}

static const char *lite_text(struct cursor *cur, int col)
{
	return (const char *)sqlite3_column_text(((struct lite_cursor *)cur)->stmt, col);
}

static int64_t lite_number(struct cursor *cur, int col)
{
	return sqlite3_column_int64(((struct lite_cursor *)cur)->stmt, col);
}

static bool lite_null(struct cursor *cur, int col)
{
	return sqlite3_column_type(((struct lite_cursor *)cur)->stmt, col) == SQLITE_NULL;
}

static void lite_end(struct cursor *base)
{
	struct lite_cursor *cur = (struct lite_cursor *)base;
	struct lite *l = (struct lite *)base->conn;

	if (cur->cached) {
		sqlite3_reset(cur->stmt);
		cur->cached->running = false;
	} else {
		sqlite3_finalize(cur->stmt);
	}
	cur->next_free = l->free_cursors;
	l->free_cursors = cur;
}

static enum rc lite_script(struct conn *c, const char *text, struct err *e)
{
	struct lite *l = (struct lite *)c;

	if (sqlite3_exec(l->db, text, NULL, NULL, NULL) == SQLITE_OK)
		return RC_OK;
	return lite_err(l, sqlite3_extended_errcode(l->db), "script", e);
}

/* ---- opening and closing ---- */

/* Makes an empty file that only our user can read (SQLite gives its side files the same rights). */
static enum rc touch(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0) {
		close(fd);
		return RC_OK;
	}
	switch (errno) {
	case ENOENT:
		return err_set(e, RC_IO, "The folder of %s does not exist. Make it, or name another.", path);
	case ENOSPC:
		return err_set(e, RC_IO, "The disk with %s is full. Free some space and try again.", path);
	case EISDIR:
		return err_set(e, RC_IO, "%s is a folder. Name a file in it.", path);
	default:
		return err_set(e, RC_IO, "%s cannot be written (%s). Check the rights on the file and its folder.",
			path, strerror(errno));
	}
}

/* Notes how large the write-ahead log has grown, for idle(), and keeps SQLite's own ceiling on it. */
static int wal_grew(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct lite *l = arg;

	l->wal_pages = pages;
	if (pages >= AUTO_CHECKPOINT)
		sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return SQLITE_OK;
}

static bool lite_idle(struct conn *c)
{
	struct lite *l = (struct lite *)c;
	int left = 0, done = 0;

	if (l->wal_pages < IDLE_CHECKPOINT)
		return false;
	sqlite3_wal_checkpoint_v2(l->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &left, &done);
	if (left == done)
		l->wal_pages = 0;
	return left != done;
}

static enum rc set_up(struct lite *l, struct err *e)
{
	static const char both[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
				   "PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864;"
				   "PRAGMA trusted_schema = OFF;";
	static const char writer[] = "PRAGMA cache_size = -65536";
	static const char reader[] = "PRAGMA cache_size = -16384; PRAGMA query_only = ON";
	const struct {
		sqlite3_stmt **ret;
		const char *text;
	} control[] = {
		{ &l->commit, "COMMIT" },
		{ &l->rollback, "ROLLBACK" },
		{ &l->save, "SAVEPOINT job" },
		{ &l->release, "RELEASE job" },
		{ &l->undo, "ROLLBACK TO job" },
		{ &l->begin, l->base.use == CONN_WRITE ? "BEGIN IMMEDIATE" : "BEGIN" },
	};
	enum rc rc;
	size_t i;

	sqlite3_extended_result_codes(l->db, 1);
	sqlite3_busy_timeout(l->db, BUSY_MS);
	rc = lite_script(&l->base, both, e);
	if (rc == RC_OK)
		rc = lite_script(&l->base, l->base.use == CONN_WRITE ? writer : reader, e);
	sqlite3_wal_hook(l->db, wal_grew, l);
	for (i = 0; i < ARRAY_LEN(control) && rc == RC_OK; i++)
		rc = prepare(l, control[i].text, control[i].text, control[i].ret, e);
	return rc;
}

static void lite_close(struct conn *c)
{
	struct lite *l = (struct lite *)c;
	sqlite3_stmt *own[] = { l->begin, l->commit, l->rollback, l->save, l->release, l->undo };
	struct lite_cursor *cur, *next;
	size_t i;

	for (i = 0; i < ARRAY_LEN(own); i++)
		sqlite3_finalize(own[i]);
	for (i = 0; i < SQL_MAX; i++)
		sqlite3_finalize(l->statements[i].stmt);
	for (cur = l->free_cursors; cur; cur = next) {
		next = cur->next_free;
		free(cur);
	}
	sqlite3_close(l->db);
	free(l->path);
	free(l);
}

static enum rc lite_open(const char *url, enum conn_use use, struct conn **ret, struct err *e)
{
	const char *path = url + strlen("sqlite:");
	struct lite *l;
	enum rc rc;
	int code;

	if (!*path)
		return err_set(e, RC_INVALID, "The store needs a path: sqlite:PATH.");
	rc = use == CONN_WRITE ? touch(path, e) : RC_OK;
	if (rc != RC_OK)
		return rc;
	l = xcalloc(1, sizeof(*l));
	l->base = (struct conn){ &engine_sqlite, CONN_GOOD, use };
	l->path = xstrdup(path);
	code = sqlite3_open_v2(path, &l->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	rc = code == SQLITE_OK ? set_up(l, e) : lite_err(l, code, "open", e);
	if (rc != RC_OK)
		lite_close(&l->base);
	else
		*ret = &l->base;
	return rc;
}

/* A file does not get lost. */
static enum rc lite_reopen(struct conn *c, struct err *e)
{
	c->state = CONN_GOOD;
	return RC_OK;
}

const struct engine engine_sqlite = {
	.kind = DB_SQLITE,
	.writers = 1,
	.open = lite_open,
	.close = lite_close,
	.reopen = lite_reopen,
	.begin = lite_begin,
	.commit = lite_commit,
	.rollback = lite_rollback,
	.save = lite_save,
	.release = lite_release,
	.undo = lite_undo,
	.mark = lite_mark,
	.script = lite_script,
	.exec = lite_exec,
	.query = lite_query,
	.next = lite_next,
	.text = lite_text,
	.number = lite_number,
	.null = lite_null,
	.end = lite_end,
	.check = lite_check,
	.lock = lite_lock,
	.idle = lite_idle,
};
