/* Reads a file that was brought and lets its counts into the ledger, all or none. */
#include "core/usage/import.h"
#include "job/kinds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 2000 };

struct importing {
	struct job_run *run;
	const char *id;
	struct import import;
	struct import_settings settings;
	FILE *file;
	struct sheet *sheet;
	struct sheet_row header;	/* cells in the run's arena */
	bool has_header;
	struct arena arena;		/* of one batch */
	struct import_line line[BATCH];
	size_t count;
	struct import_totals totals;
	const char *why;
};

static enum rc load_fn(struct tx *tx, void *arg, struct err *e)
{
	struct importing *i = arg;
	const char *org = i->run->job->org;
	enum rc rc = import_get(tx, i->run->arena, org, i->id, &i->import, e);

	return rc == RC_OK ? import_content(tx, org, i->id, i->file, e) : rc;
}

static enum rc begin_fn(struct tx *tx, void *arg, struct err *e)
{
	struct importing *i = arg;

	return import_stage_begin(tx, i->run->job->org, i->id, e);
}

static enum rc stage_fn(struct tx *tx, void *arg, struct err *e)
{
	struct importing *i = arg;

	return import_stage(tx, i->run->job->org, i->id, i->line, i->count, e);
}

static enum rc finish_fn(struct tx *tx, void *arg, struct err *e)
{
	struct importing *i = arg;
	struct import_totals totals = i->totals;
	enum rc rc = tx_lock_org(tx, i->run->job->org, e);

	return rc == RC_OK ? import_finish(tx, i->run->job->org, &i->import, &i->settings, &totals, e) : rc;
}

static enum rc fail_fn(struct tx *tx, void *arg, struct err *e)
{
	struct importing *i = arg;

	return import_fail(tx, i->run->job->org, i->id, i->why, e);
}

static enum rc flush(struct importing *i, struct err *e)
{
	enum rc rc = i->count ? db_write(i->run->config->db, stage_fn, i, e) : RC_OK;

	i->count = 0;
	arena_release(&i->arena);
	if (rc == RC_OK)
		rc = job_report(
			i->run, "reading rows", i->totals.accepted + i->totals.rejected + i->totals.ignored, 0, e);
	if (rc == RC_OK && job_cancelled(i->run))
		return err_set(e, RC_BUSY, "the server stops; the file is read again afterwards");
	return rc;
}

/* The row's texts live until the next row only. */
static void keep_texts(struct arena *a, struct import_line *l)
{
	const char **texts[] = { &l->account, &l->service, &l->currency, &l->period, &l->note };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = *texts[i] ? arena_strdup(a, *texts[i]) : NULL;
}

static void keep_header(struct importing *i, const struct sheet_row *row)
{
	const char **cell = arena_array(i->run->arena, row->count + 1, sizeof(*cell));

	for (size_t c = 0; c < row->count; c++)
		cell[c] = arena_strdup(i->run->arena, row->cell[c]);
	i->header = (struct sheet_row){ row->line, row->count, cell };
	i->has_header = true;
}

static enum rc take_row(struct importing *i, const struct sheet_row *row, struct err *e)
{
	struct import_line *l = &i->line[i->count];

	if (i->settings.header_row && row->line == i->settings.header_row)
		keep_header(i, row);
	switch (import_read_row(&i->arena, &i->settings, i->has_header ? &i->header : NULL, row, l)) {
	case IMPORT_IGNORED:
		i->totals.ignored++;
		return RC_OK;
	case IMPORT_REJECTED:
		i->totals.rejected++;
		break;
	case IMPORT_LINE:
		i->totals.accepted++;
		break;
	}
	keep_texts(&i->arena, l);
	return ++i->count == BATCH ? flush(i, e) : RC_OK;
}

static enum rc read_rows(struct importing *i, struct err *e)
{
	struct sheet_options o = { i->settings.encoding, i->settings.delimiter, i->settings.worksheet };
	struct sheet_row row;
	enum rc rc = sheet_open(i->file, &o, &i->sheet, e);

	while (rc == RC_OK) {
		rc = sheet_next(i->sheet, &row, e);
		if (rc == RC_OK)
			rc = take_row(i, &row, e);
	}
	return rc == RC_NOT_FOUND ? flush(i, e) : rc;
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

	/* A job that is taken again after the end has nothing left to do. */
	if (rc == RC_OK && strcmp(i->import.state, "running") != 0)
		return RC_OK;
	if (rc == RC_OK)
		rc = read_settings(i, e);
	if (rc == RC_OK)
		rc = db_write(db, begin_fn, i, e);
	if (rc == RC_OK)
		rc = read_rows(i, e);
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
	arena_release(&i->arena);
	free(i);
	return rc;
}
