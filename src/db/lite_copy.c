/* lite_copy.c - a store in an SQLite file, copied by SQLite's own online backup. */
#include "db/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *path_of(const char *url)
{
	return url + strlen("sqlite:");
}

/* All pages in one step: one snapshot, and the writer is not held up. */
static enum rc copy_pages(sqlite3 *from, sqlite3 *to, const char *path, struct err *e)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	int code;

	if (!b)
		return copy_file_err(to, path, e);
	code = sqlite3_backup_step(b, -1);
	if (sqlite3_backup_finish(b) == SQLITE_OK && code == SQLITE_DONE)
		return RC_OK;
	return copy_file_err(to, path, e);
}

enum rc lite_copy_out(const char *url, const char *path, struct err *e)
{
	sqlite3 *from = NULL, *to = NULL;
	enum rc rc;

	rc = copy_file_open(path_of(url), SQLITE_OPEN_READWRITE, &from, e);
	if (rc == RC_OK)
		rc = copy_file_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &to, e);
	if (rc == RC_OK)
		rc = copy_pages(from, to, path, e);
	/* One file, nothing beside it. */
	if (rc == RC_OK && sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) != SQLITE_OK)
		rc = copy_file_err(to, path, e);
	sqlite3_close(to);
	sqlite3_close(from);
	return rc;
}

static enum rc copy_some(int in, int out, int64_t bytes, const char *path, struct err *e)
{
	char *piece = xmalloc(1 << 20);
	ssize_t got = 1, put = 0;

	for (; bytes > 0 && got > 0 && put >= 0; bytes -= got) {
		got = read(in, piece, bytes < 1 << 20 ? (size_t)bytes : 1 << 20);
		for (ssize_t at = 0; at < got && put >= 0; at += put)
			put = write(out, piece + at, (size_t)(got - at));
	}
	free(piece);
	if (got <= 0 || put < 0 || fsync(out) != 0)
		return err_set(e, RC_IO, "%s cannot be written (%s).", path, strerror(errno));
	return RC_OK;
}

/* The first `bytes` bytes of `path` as a new file. */
static enum rc copy_file(const char *path, int64_t bytes, const char *new_path, struct err *e)
{
	int in = open(path, O_RDONLY | O_CLOEXEC);
	int out = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	enum rc rc;

	if (in < 0 || out < 0)
		rc = err_set(e, RC_IO, "%s cannot be made from %s (%s).", new_path, path, strerror(errno));
	else
		rc = copy_some(in, out, bytes, new_path, e);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return rc;
}

static enum rc forget_sessions(const char *path, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct table *tables;
	sqlite3 *db;
	enum rc rc = copy_file_open(path, SQLITE_OPEN_READWRITE, &db, e);
	const char *forget;

	if (rc == RC_OK)
		rc = copy_tables(db, path, &a, &tables, e);
	forget = rc == RC_OK ? copy_forget(&a, tables) : NULL;
	if (forget && sqlite3_exec(db, forget, NULL, NULL, NULL) != SQLITE_OK)
		rc = copy_file_err(db, path, e);
	sqlite3_close(db);
	return rc;
}

static enum rc check_free(const char *path, struct err *e)
{
	char *wal = xmalloc(strlen(path) + 5);
	struct stat st;
	bool taken;

	snprintf(wal, strlen(path) + 5, "%s-wal", path);
	taken = (stat(path, &st) == 0 && st.st_size > 0) || stat(wal, &st) == 0;
	free(wal);
	if (taken)
		return err_set(e, RC_CONFLICT,
			"%s exists and would be lost. Stop the server, move the old store away with the files beside "
			"it, "
			"and try again.",
			path);
	return RC_OK;
}

enum rc lite_copy_in(const char *path, int64_t bytes, const char *url, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const char *target = path_of(url);
	const char *part = arena_printf(&a, "%s.restoring", target);
	enum rc rc = check_free(target, e);

	if (rc != RC_OK)
		return rc;
	rc = copy_file(path, bytes, part, e);
	if (rc == RC_OK)
		rc = forget_sessions(part, e);
	if (rc == RC_OK && rename(part, target) != 0)
		rc = err_set(e, RC_IO, "%s cannot be renamed (%s).", part, strerror(errno));
	if (rc != RC_OK)
		unlink(part);
	return rc;
}
