/* Reads a file that was brought and lets its counts into the ledger, all or none. */
#include "core/usage/import.h"
#include "core/usage/tally.h"
#include "job/kinds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rejected rows that are noted at once, and rows after which the progress is told. */
enum { BATCH = 1000, STEP = 50000 };

struct importing {
	struct job_run *run;
	const char *id;
	struct import import;
	bool runs;
	struct import_settings settings;
	FILE *file;
	struct sheet *sheet;
	struct sheet_row header;	/* cells in the run's arena */
	bool has_header;
	struct arena row_arena;		/* of a few rows */
	struct tally *tally;
	struct arena arena;		/* of the batch's reasons */
	struct import_reject reject[BATCH];
	size_t count;
	int64_t unreported;
	struct import_totals totals;
	const char *why;
};

static enum rc load_fn(struct tx *tx, void *arg, struct err *e)
{
	struct importing *i = arg;
	const char *org = i->run->job->org;
	enum rc rc = import_get(tx, i->run->arena, org, i->id, &i->import, e);

	/* A job that is taken again after the end has nothing left to do, and its file is gone. */
	i->runs = rc == RC_OK && strcmp(i->import.state, "running") == 0;
	return i->runs ? import_content(tx, org, i->id, i->file, e) : rc;
}

static enum rc begin_fn(struct tx *tx, void *arg, struct err *e)
{
	struct importing *i = arg;

	return import_reject_begin(tx, i->run->job->org, i->id, e);
}

static enum rc reject_fn(struct tx *tx, void *arg, struct err *e)
{
	struct importing *i = arg;

	return import_reject(tx, i->run->job->org, i->id, i->reject, i->count, e);
}

static enum rc finish_fn(struct tx *tx, void *arg, struct err *e)
{
	struct importing *i = arg;
	const char *org = i->run->job->org;
	enum rc rc = tx_lock_org(tx, org, e);

	return rc == RC_OK ? import_finish(tx, org, &i->import, &i->settings, i->tally, &i->totals, e) : rc;
}

static enum rc fail_fn(struct tx *tx, void *arg, struct err *e)
{
	struct importing *i = arg;

	return import_fail(tx, i->run->job->org, i->id, i->why, e);
}

static enum rc flush(struct importing *i, struct err *e)
{
	enum rc rc = i->count ? db_write(i->run->config->db, reject_fn, i, e) : RC_OK;

	i->count = 0;
	arena_release(&i->arena);
	return rc;
}

static enum rc report(struct importing *i, struct err *e)
{
	const struct import_totals *t = &i->totals;
	enum rc rc = job_report(i->run, "reading rows", t->accepted + t->rejected + t->ignored, 0, e);

	i->unreported = 0;
	if (rc == RC_OK && job_cancelled(i->run))
		return err_set(e, RC_BUSY, "the server stops; the file is read again afterwards");
	return rc;
}

static void keep_header(struct importing *i, const struct sheet_row *row)
{
	const char **cell = arena_array(i->run->arena, row->count + 1, sizeof(*cell));

	for (size_t c = 0; c < row->count; c++)
		cell[c] = arena_strdup(i->run->arena, row->cell[c]);
	i->header = (struct sheet_row){ row->line, row->count, cell };
	i->has_header = true;
}

static enum rc note_reject(struct importing *i, const struct import_line *l, struct err *e)
{
	i->totals.rejected++;
	i->reject[i->count++] = (struct import_reject){ l->line, arena_strdup(&i->arena, l->reason) };
	return i->count == BATCH ? flush(i, e) : RC_OK;
}

static enum rc take_row(struct importing *i, const struct sheet_row *row, struct err *e)
{
	const struct sheet_row *header;
	struct import_line l;
	enum rc rc;

	if (i->settings.header_row && row->line == i->settings.header_row)
		keep_header(i, row);
	header = i->has_header ? &i->header : NULL;
	if (import_read_row(&i->row_arena, &i->settings, header, row, &l) == IMPORT_IGNORED) {
		i->totals.ignored++;
		return RC_OK;
	}
	rc = tally_add(i->tally, &i->row_arena, &l, e);
	if (rc == RC_OK && l.reason)
		rc = note_reject(i, &l, e);
	else
		i->totals.accepted++;
	return rc;
}

static enum rc next_row(struct importing *i, const struct sheet_row *row, struct err *e)
{
	enum rc rc = take_row(i, row, e);

	if (i->unreported % 256 == 0)
		arena_release(&i->row_arena);
	return rc == RC_OK && ++i->unreported == STEP ? report(i, e) : rc;
}

static enum rc read_rows(struct importing *i, struct err *e)
{
	struct sheet_options o = { i->settings.encoding, i->settings.delimiter, i->settings.worksheet };
	struct sheet_row row;
	enum rc rc = sheet_open(i->file, &o, &i->sheet, e);

	while (rc == RC_OK) {
		rc = sheet_next(i->sheet, &row, e);
		if (rc == RC_OK)
			rc = next_row(i, &row, e);
	}
	if (rc == RC_NOT_FOUND)
		rc = flush(i, e);
	if (rc == RC_OK)
		rc = report(i, e);
	i->totals.accepted = tally_accepted(i->tally);
	return rc;
}

static enum rc read_settings(struct importing *i, struct err *e)
{
	struct json *v;
	enum rc rc = json_parse(i->run->arena, i->import.settings, strlen(i->import.settings), NULL, &v, e);

	return rc == RC_OK ? import_settings_read(i->run->arena, v, NULL, &i->settings, e) : rc;
}

static enum rc run_import(struct importing *i, struct err *e)
{
	struct db *db = i->run->config->db;
	enum rc rc = db_read(db, load_fn, i, e);

	if (rc == RC_OK && !i->runs)
		return RC_OK;
	if (rc == RC_OK)
		rc = read_settings(i, e);
	if (rc == RC_OK)
		rc = db_write(db, begin_fn, i, e);
	i->tally = tally_new(i->settings.aggregate);
	if (rc == RC_OK)
		rc = read_rows(i, e);
	/* The file is not needed any more; what it says is. */
	sheet_close(i->sheet);
	i->sheet = NULL;
	return rc == RC_OK ? db_write(db, finish_fn, i, e) : rc;
}

/* What lies in the file ends the import; what lies in us or the store leaves it to the next try. */
static enum rc end_badly(struct importing *i, enum rc rc, struct err *e)
{
	struct err later = ERR_INIT;

	if (rc != RC_INVALID && rc != RC_NOT_FOUND)
		return rc;
	i->why = e->text;
	return db_write(i->run->config->db, fail_fn, i, &later) == RC_OK ? rc : later.rc;
}

enum rc job_import(struct job_run *run, struct err *e)
{
	struct importing *i = xcalloc(1, sizeof(*i));
	enum rc rc = RC_INVALID;

	i->run = run;
	i->id = json_text_or(json_get(run->args, "import"), "");
	i->file = tmpfile();
	if (i->file)
		rc = run_import(i, e);
	else
		rc = err_set(e, RC_IO, "No temporary file can be made; is the disk full?");
	if (rc != RC_OK)
		rc = end_badly(i, rc, e);
	sheet_close(i->sheet);
	if (i->file)
		fclose(i->file);
	tally_free(i->tally);
	arena_release(&i->row_arena);
	arena_release(&i->arena);
	free(i);
	return rc;
}
