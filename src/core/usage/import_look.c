#include "core/usage/import_look.h"

#include "base/codec.h"

#include <string.h>

enum { PREVIEW_ROWS = 20, READ_ROWS = 20000 };

static struct sheet_row keep_row(struct arena *a, const struct sheet_row *row)
{
	const char **cell = arena_array(a, row->count + 1, sizeof(*cell));

	for (size_t i = 0; i < row->count; i++)
		cell[i] = arena_strdup(a, row->cell[i]);
	return (struct sheet_row){ row->line, row->count, cell };
}

static const struct sheet_row *row_at(const struct import_look *l, int64_t line)
{
	for (size_t i = 0; line && i < l->rows; i++) {
		if (l->row[i].line == line)
			return &l->row[i];
	}
	return NULL;
}

enum rc import_look(struct import_look *l, const struct sheet_options *o, struct err *e)
{
	struct sheet_guess guess;
	struct sheet_row row;
	struct sheet *s;
	enum rc rc = sheet_open(l->file, o, &s, e);

	if (rc != RC_OK)
		return rc;
	l->facts = sheet_facts(s);
	l->facts.worksheet = l->facts.worksheet ? arena_strdup(l->arena, l->facts.worksheet) : NULL;
	l->rows = 0;
	while (l->rows < IMPORT_LOOK_ROWS && (rc = sheet_next(s, &row, e)) == RC_OK)
		l->row[l->rows++] = keep_row(l->arena, &row);
	sheet_close(s);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	sheet_guess(l->row, l->rows, &guess);
	import_settings_guess(&guess, l->row, &l->settings);
	l->header = row_at(l, l->settings.header_row);
	return RC_OK;
}

enum rc import_look_header(struct import_look *l, int64_t row, struct err *e)
{
	l->header = row_at(l, row);
	if (row && !l->header)
		return err_at(e, RC_INVALID, "/header_row", "The heading must be one of the first %d rows.",
			IMPORT_LOOK_ROWS);
	return RC_OK;
}

/* A file with the headings of an earlier one is read as that one was. */
static enum rc use_profile(struct tx *tx, const char *org, const char *hash, struct import_look *l, struct err *e)
{
	struct json *v;
	enum rc rc = *hash ? import_profile_find(tx, l->arena, org, hash, &l->profile, e) : RC_NOT_FOUND;

	if (rc == RC_NOT_FOUND)
		return RC_OK;
	if (rc == RC_OK)
		rc = json_parse(l->arena, l->profile.settings, strlen(l->profile.settings), NULL, &v, e);
	if (rc == RC_OK)
		rc = import_settings_read(l->arena, v, l->header, &l->settings, e);
	/* The heading may stand in another row this month. */
	l->settings.header_row = l->header ? l->header->line : 0;
	return rc;
}

enum rc import_bring(struct tx *tx, const char *org, const char *who, const char *filename, const void *content,
	size_t len, struct import_look *l, struct import *ret, struct err *e)
{
	struct import i = { .filename = filename, .size = (int64_t)len, .created_by = who, .state = "uploaded",
		.format = l->facts.format == SHEET_XLSX ? "xlsx" : "text", .encoding = l->facts.encoding,
		.delimiter = l->facts.delimiter, .worksheet = l->facts.worksheet };
	char hash[HASH_TEXT];
	enum rc rc;

	hash_hex(content, len, hash);
	i.content_hash = arena_strdup(l->arena, hash);
	i.header_hash = import_header_hash(l->arena, l->header);
	rc = use_profile(tx, org, i.header_hash, l, e);
	if (rc != RC_OK)
		return rc;
	if (l->profile.id) {
		i.state = "ready";
		i.integration = l->profile.integration;
	}
	i.settings = import_settings_text(l->arena, &l->settings);
	rc = import_add(tx, org, &i, content, len, e);
	if (rc == RC_OK)
		rc = import_twin(tx, l->arena, org, &i, &l->twin, e);
	*ret = i;
	ret->id = arena_strdup(l->arena, i.id ? i.id : "");
	return rc;
}

static void write_cells(struct jsonw *w, const struct sheet_row *row)
{
	jsonw_array(w);
	for (size_t i = 0; row && i < row->count; i++)
		jsonw_string(w, row->cell[i]);
	jsonw_end_array(w);
}

void import_look_write(const struct import_look *l, struct jsonw *w)
{
	char delimiter[2] = { l->facts.delimiter, '\0' };

	jsonw_object(w);
	jsonw_kv(w, "format", l->facts.format == SHEET_XLSX ? "xlsx" : l->facts.delimiter == '\t' ? "tsv" : "csv");
	jsonw_kv(w, "encoding", l->facts.encoding);
	jsonw_kv(w, "delimiter", *delimiter ? delimiter : NULL);
	jsonw_kv(w, "worksheet", l->facts.worksheet);
	jsonw_kv_int(w, "header_row", l->settings.header_row);
	jsonw_key(w, "columns");
	write_cells(w, l->header);
	jsonw_end_object(w);
}

static void write_row(
	struct jsonw *w, const struct sheet_row *row, const struct import_line *line, enum import_verdict verdict)
{
	static const char *const words[] = {
		[IMPORT_LINE] = "accepted", [IMPORT_IGNORED] = "ignored", [IMPORT_REJECTED] = "rejected"
	};

	jsonw_object(w);
	jsonw_kv_int(w, "line", row->line);
	jsonw_kv(w, "verdict", words[verdict]);
	jsonw_kv(w, "reason", line->reason);
	jsonw_key(w, "cells");
	write_cells(w, row);
	if (verdict == IMPORT_LINE) {
		jsonw_kv(w, "account", line->account);
		jsonw_kv(w, "service", line->service);
		jsonw_kv_qty(w, "quantity", line->quantity);
		if (line->has_cost)
			jsonw_kv_qty(w, "unit_cost", line->unit_cost);
	}
	jsonw_end_object(w);
}

static enum rc write_rows(struct import_look *l, struct sheet *s, struct jsonw *w, int64_t count[3], struct err *e)
{
	int64_t shown = 0;
	struct sheet_row row;
	enum rc rc = RC_OK;

	for (int64_t read = 0; read < READ_ROWS && (rc = sheet_next(s, &row, e)) == RC_OK; read++) {
		AUTO(arena) a = ARENA_INIT;
		struct import_line line;
		enum import_verdict verdict = import_read_row(&a, &l->settings, l->header, &row, &line);

		count[verdict]++;
		/* The first rows, and after them the first that would be rejected. */
		if (shown < PREVIEW_ROWS || (verdict == IMPORT_REJECTED && count[IMPORT_REJECTED] <= PREVIEW_ROWS)) {
			write_row(w, &row, &line, verdict);
			shown++;
		}
	}
	return rc;
}

enum rc import_preview(struct import_look *l, struct jsonw *w, struct err *e)
{
	struct sheet_options o = { l->settings.encoding, l->settings.delimiter, l->settings.worksheet };
	int64_t count[3] = { 0 };
	struct sheet *s;
	enum rc rc = sheet_open(l->file, &o, &s, e);

	if (rc != RC_OK)
		return rc;
	jsonw_key(w, "preview");
	jsonw_array(w);
	rc = write_rows(l, s, w, count, e);
	jsonw_end_array(w);
	sheet_close(s);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	jsonw_key(w, "rows");
	jsonw_object(w);
	jsonw_kv_int(w, "accepted", count[IMPORT_LINE]);
	jsonw_kv_int(w, "rejected", count[IMPORT_REJECTED]);
	jsonw_kv_int(w, "ignored", count[IMPORT_IGNORED]);
	jsonw_kv_bool(w, "all_read", rc == RC_NOT_FOUND);
	jsonw_end_object(w);
	return RC_OK;
}
