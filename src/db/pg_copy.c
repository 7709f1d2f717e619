/* pg_copy.c - a store on PostgreSQL to and from the SQLite file of a backup, row by row. */
#include "db/copy.h"
#include "db/pg.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

enum { COPY_MAX = 64 << 20, COPY_PIECE = 64 << 10, WORDS = 400 };

static enum rc server_err(PGconn *db, const char *doing, struct err *e)
{
	char words[WORDS];

	return err_set(e, RC_IO, "The database server failed at %s (%s).", doing,
		pg_one_line(PQerrorMessage(db), words, sizeof(words)));
}

/* Ends whatever the connection is at; the last result tells. */
static enum rc command(PGconn *db, const char *text, struct err *e)
{
	PGresult *result = PQexec(db, text);
	ExecStatusType status = PQresultStatus(result);

	PQclear(result);
	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN)
		return RC_OK;
	return server_err(db, "a copy", e);
}

/* ---- out ---- */

static void bind_row(sqlite3_stmt *put, const struct table *t, const PGresult *row)
{
	for (int i = 0; i < t->count; i++) {
		if (PQgetisnull(row, 0, i))
			sqlite3_bind_null(put, i + 1);
		else if (t->number[i])
			sqlite3_bind_int64(put, i + 1, strtoll(PQgetvalue(row, 0, i), NULL, 10));
		else
			sqlite3_bind_text(put, i + 1, PQgetvalue(row, 0, i), PQgetlength(row, 0, i), SQLITE_STATIC);
	}
}

/* Takes the rows as they come; drains the connection even after a failure. */
static enum rc take_rows(PGconn *from, sqlite3_stmt *put, const struct table *t, const char *path, struct err *e)
{
	enum rc rc = RC_OK;
	PGresult *row;

	while ((row = PQgetResult(from))) {
		if (PQresultStatus(row) == PGRES_SINGLE_TUPLE && rc == RC_OK) {
			bind_row(put, t, row);
			if (sqlite3_step(put) != SQLITE_DONE)
				rc = copy_file_err(sqlite3_db_handle(put), path, e);
			sqlite3_reset(put);
		} else if (PQresultStatus(row) == PGRES_FATAL_ERROR && rc == RC_OK) {
			rc = server_err(from, t->name, e);
		}
		PQclear(row);
	}
	return rc;
}

static enum rc table_out(PGconn *from, sqlite3 *to, const struct table *t, const char *path, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const char *get, *put;
	sqlite3_stmt *stmt;
	enum rc rc;

	get = arena_printf(&a, "SELECT %s FROM %s ORDER BY %s", t->columns, t->name, t->key);
	put = arena_printf(&a, "INSERT INTO %s (%s) VALUES (%s)", t->name, t->columns, t->values);
	if (sqlite3_prepare_v2(to, put, -1, &stmt, NULL) != SQLITE_OK)
		return copy_file_err(to, path, e);
	if (PQsendQuery(from, get) && PQsetSingleRowMode(from))
		rc = take_rows(from, stmt, t, path, e);
	else
		rc = server_err(from, t->name, e);
	sqlite3_finalize(stmt);
	return rc;
}

/* The last step of the store, which may be older than this program. */
static enum rc last_step(PGconn *from, int64_t *ret, struct err *e)
{
	PGresult *result = PQexec(from, "SELECT MAX(number) FROM schema_version");
	enum rc rc = RC_OK;

	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		*ret = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
	else
		rc = server_err(from, "a look at its schema", e);
	PQclear(result);
	return rc;
}

/* The tables as of step `last`. */
static enum rc make_tables(sqlite3 *to, int64_t last, const char *path, struct err *e)
{
	const struct schema_step *s;

	if (sqlite3_exec(to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN", NULL, NULL, NULL) !=
		SQLITE_OK)
		return copy_file_err(to, path, e);
	for (s = schema_steps; s->name && s->number <= last; s++)
		if (sqlite3_exec(to, s->sqlite, NULL, NULL, NULL) != SQLITE_OK)
			return copy_file_err(to, path, e);
	return RC_OK;
}

static enum rc tables_out(PGconn *from, sqlite3 *to, const char *path, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct table *t;
	int64_t last = -1;
	enum rc rc;

	rc = command(from, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", e);
	if (rc == RC_OK)
		rc = last_step(from, &last, e);
	if (rc == RC_OK)
		rc = make_tables(to, last, path, e);
	if (rc == RC_OK)
		rc = copy_tables(to, path, &a, &t, e);
	for (; rc == RC_OK && t; t = t->next)
		rc = table_out(from, to, t, path, e);
	if (rc == RC_OK && sqlite3_exec(to, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		rc = copy_file_err(to, path, e);
	return rc;
}

enum rc pg_copy_out(const char *url, const char *path, struct err *e)
{
	PGconn *from;
	sqlite3 *to = NULL;
	enum rc rc;

	rc = pg_connect(url, CONN_READ, &from, e);
	if (rc != RC_OK)
		return rc;
	rc = copy_file_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &to, e);
	if (rc == RC_OK)
		rc = tables_out(from, to, path, e);
	sqlite3_close(to);
	PQfinish(from);
	return rc;
}

/* ---- in ---- */

/* One value in the text form of COPY. */
static void put_value(struct buf *b, sqlite3_stmt *row, int col)
{
	const char *text = (const char *)sqlite3_column_text(row, col);

	if (!text) {
		buf_puts(b, "\\N");
		return;
	}
	for (; *text; text++) {
		switch (*text) {
		case '\\':
			buf_puts(b, "\\\\");
			break;
		case '\n':
			buf_puts(b, "\\n");
			break;
		case '\r':
			buf_puts(b, "\\r");
			break;
		case '\t':
			buf_puts(b, "\\t");
			break;
		default:
			buf_putc(b, *text);
		}
	}
}

static enum rc send_piece(PGconn *to, struct buf *b, const char *name, struct err *e)
{
	if (b->failed)
		return err_set(e, RC_IO, "A row of %s is larger than %d MiB.", name, COPY_MAX >> 20);
	if (b->len > 0 && PQputCopyData(to, b->data, (int)b->len) != 1)
		return server_err(to, name, e);
	buf_clear(b);
	return RC_OK;
}

static enum rc send_rows(PGconn *to, sqlite3_stmt *row, const struct table *t, struct err *e)
{
	struct buf b = BUF_INIT(COPY_MAX);
	enum rc rc = RC_OK;
	int code, i;

	while (rc == RC_OK && (code = sqlite3_step(row)) == SQLITE_ROW) {
		for (i = 0; i < t->count; i++) {
			put_value(&b, row, i);
			buf_putc(&b, i + 1 < t->count ? '\t' : '\n');
		}
		if (b.len >= COPY_PIECE || b.failed)
			rc = send_piece(to, &b, t->name, e);
	}
	if (rc == RC_OK && code != SQLITE_DONE)
		rc = copy_file_err(sqlite3_db_handle(row), t->name, e);
	if (rc == RC_OK)
		rc = send_piece(to, &b, t->name, e);
	buf_release(&b);
	return rc;
}

static enum rc end_copy(PGconn *to, const char *name, struct err *e)
{
	enum rc rc = RC_OK;
	PGresult *result;

	if (PQputCopyEnd(to, NULL) != 1)
		return server_err(to, name, e);
	while ((result = PQgetResult(to))) {
		if (PQresultStatus(result) != PGRES_COMMAND_OK && rc == RC_OK)
			rc = server_err(to, name, e);
		PQclear(result);
	}
	return rc;
}

static enum rc table_in(sqlite3 *from, PGconn *to, const struct table *t, const char *path, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const char *get = arena_printf(&a, "SELECT %s FROM %s", t->columns, t->name);
	const char *put = arena_printf(&a, "COPY %s (%s) FROM STDIN", t->name, t->columns);
	sqlite3_stmt *row;
	enum rc rc;

	if (sqlite3_prepare_v2(from, get, -1, &row, NULL) != SQLITE_OK)
		return copy_file_err(from, path, e);
	rc = command(to, put, e);
	if (rc == RC_OK)
		rc = send_rows(to, row, t, e);
	if (rc == RC_OK)
		rc = end_copy(to, t->name, e);
	sqlite3_finalize(row);
	return rc;
}

static enum rc check_empty(PGconn *to, struct err *e)
{
	PGresult *result = PQexec(to, "SELECT 1 FROM pg_class WHERE oid = to_regclass('schema_version')");
	enum rc rc = RC_OK;

	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		rc = server_err(to, "a look at its tables", e);
	else if (PQntuples(result) > 0)
		rc = err_set(e, RC_CONFLICT,
			"The database holds a store that would be lost. Stop the server, and name an empty database.");
	PQclear(result);
	return rc;
}

/* The tables as of the backup's schema; the server brings them up to date when it opens them. */
static enum rc steps_in(PGconn *to, int64_t last, struct err *e)
{
	const struct schema_step *s;
	enum rc rc = RC_OK;

	for (s = schema_steps; s->name && s->number <= last && rc == RC_OK; s++)
		rc = command(to, s->postgres, e);
	return rc;
}

static enum rc tables_in(sqlite3 *from, PGconn *to, const char *path, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct table *t;
	const char *forget;
	int64_t last;
	enum rc rc;

	rc = copy_number(from, path, "SELECT MAX(number) FROM schema_version", &last, e);
	if (rc == RC_OK)
		rc = copy_tables(from, path, &a, &t, e);
	if (rc == RC_OK)
		rc = command(to, "BEGIN", e);
	if (rc == RC_OK)
		rc = check_empty(to, e);
	if (rc == RC_OK)
		rc = steps_in(to, last, e);
	forget = rc == RC_OK ? copy_forget(&a, t) : NULL;
	for (; rc == RC_OK && t; t = t->next)
		rc = table_in(from, to, t, path, e);
	if (rc == RC_OK && forget)
		rc = command(to, forget, e);
	return rc == RC_OK ? command(to, "COMMIT", e) : rc;
}

enum rc pg_copy_in(const char *path, const char *url, struct err *e)
{
	sqlite3 *from;
	PGconn *to;
	enum rc rc;

	rc = copy_file_open(path, SQLITE_OPEN_READONLY, &from, e);
	if (rc != RC_OK)
		return rc;
	rc = pg_connect(url, CONN_WRITE, &to, e);
	if (rc == RC_OK) {
		rc = tables_in(from, to, path, e);
		PQfinish(to);
	}
	sqlite3_close(from);
	return rc;
}
