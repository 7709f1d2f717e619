/* export.c - trueup export: every table as JSON lines, {"table":...,"row":{...}}, without secrets.
 *
 * For taking data elsewhere. Numbers are as the store holds them: times in microseconds since 1970, days since
 * 1970-01-01, quantities and money in millionths.
 */
#include "cli/cli.h"

#include "db/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 64 << 20 };

/* Left out: what opens something, what would tell how, and what only the engine reads. NULL = the whole table. */
static const struct {
	const char *table, *column;
} secrets[] = {
	{ "secrets", NULL },
	{ "sessions", NULL },
	{ "links", NULL },
	{ "push_keys", NULL },
	{ "signin_tries", NULL },
	{ "idempotency", NULL },
	{ "commit_marks", NULL },
	{ "tokens", "hash" },
	{ "users", "password_hash" },
};

struct export {
	FILE *to;
	struct buf line;
	int64_t rows;
};

static bool is_secret(const char *table, const char *column)
{
	for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
		if (strcmp(secrets[i].table, table) != 0)
			continue;
		if (!secrets[i].column || (column && strcmp(secrets[i].column, column) == 0))
			return true;
	}
	return false;
}

static void write_cell(struct jsonw *w, const struct export_cell *cell)
{
	jsonw_key(w, cell->column);
	if (cell->is_null)
		jsonw_null(w);
	else if (cell->is_number)
		jsonw_number(w, cell->text);
	else
		jsonw_string(w, cell->text);
}

static enum rc write_row(void *arg, const char *table, const struct export_cell *cells, int count, struct err *e)
{
	struct export *x = arg;
	struct jsonw w;

	if (is_secret(table, NULL))
		return RC_OK;
	buf_clear(&x->line);
	jsonw_init(&w, &x->line, 0);
	jsonw_object(&w);
	jsonw_kv(&w, "table", table);
	jsonw_key(&w, "row");
	jsonw_object(&w);
	for (int i = 0; i < count; i++)
		if (!is_secret(table, cells[i].column))
			write_cell(&w, &cells[i]);
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	buf_putc(&x->line, '\n');
	x->rows++;
	if (!x->line.failed && fwrite(x->line.data, 1, x->line.len, x->to) == x->line.len)
		return RC_OK;
	return err_set(e, RC_IO, "The export could not be written (%s).", strerror(errno));
}

static enum rc open_target(const char *file, FILE **ret, struct err *e)
{
	int fd;

	*ret = stdout;
	if (!file)
		return RC_OK;
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(
			e, errno == EEXIST ? RC_CONFLICT : RC_IO, "%s cannot be made (%s).", file, strerror(errno));
	*ret = fdopen(fd, "w");
	return RC_OK;
}

static enum rc close_target(const char *file, FILE *to, enum rc rc, struct err *e)
{
	bool ok = fflush(to) == 0 && (!file || fsync(fileno(to)) == 0);

	if (file) {
		fclose(to);
		if (rc != RC_OK || !ok)
			unlink(file);
	}
	if (rc == RC_OK && !ok)
		return err_set(e, RC_IO, "The export could not be written. Is the disk full?");
	return rc;
}

static enum rc export_all(struct cli *c, struct db *db, const char *file, struct export *x, struct err *e)
{
	const char *work = arena_printf(&c->arena, "%s/export-%d.tmp", cli_text(c, "data"), (int)getpid());
	enum rc rc = open_target(file, &x->to, e);

	if (rc != RC_OK)
		return rc;
	buf_init(&x->line, LINE_MAX_BYTES);
	rc = db_export(db, work, write_row, x, e);
	buf_release(&x->line);
	return close_target(file, x->to, rc, e);
}

enum rc cmd_export(struct cli *c, struct err *e)
{
	const char *file = c->operand ? c->operand : cli_text(c, "to");
	struct export x = { 0 };
	struct db *db;
	enum rc rc;

	if (c->json && !file)
		return err_set(e, RC_INVALID, "With --json export needs a FILE: its rows are not one document.");
	rc = cli_store(c, false, 1, &db, e);
	if (rc != RC_OK)
		return rc;
	rc = export_all(c, db, file, &x, e);
	db_close(db);
	if (rc != RC_OK || !file)
		return rc;
	cli_say(c, "%s: %lld rows.", file, (long long)x.rows);
	if (c->json) {
		jsonw_object(&c->out);
		jsonw_kv(&c->out, "file", file);
		jsonw_kv_int(&c->out, "rows", x.rows);
		jsonw_end_object(&c->out);
	}
	return RC_OK;
}
