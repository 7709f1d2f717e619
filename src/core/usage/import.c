#include "core/usage/import.h"

#include <string.h>

#include "base/codec.h"
#include "base/rand.h"
#include "core/job.h"
#include "core/page.h"
#include "core/pack.h"

#define REJECTS_SHOWN 1000

/* Pieces of the packed file, in the order of their position. */
struct piece_sink {
	struct tx *tx;
	const char *org, *import;
	int64_t position;
};

static enum rc put_piece(void *arg, const char *text, struct err *e)
{
	struct piece_sink *s = arg;

	return sql_put(s->tx, e, SQL_IMPORT_PIECE_ADD, "ttit", s->org, s->import, s->position++, text);
}

static const char *mark_text(struct arena *a, char mark)
{
	return mark ? arena_printf(a, "%c", mark) : NULL;
}

enum rc import_add(struct tx *tx, const char *org, struct import *i, const void *content, size_t len, struct err *e)
{
	struct piece_sink sink = { .tx = tx, .org = org };
	enum rc rc;

	i->id = sink.import = id_make(tx_arena(tx));
	rc = sql_exec(tx, e, SQL_IMPORT_ADD, "tttitttttttttti", org, i->id, i->filename, i->size, i->content_hash,
		i->header_hash, i->format, i->encoding, mark_text(tx_arena(tx), i->delimiter), i->worksheet,
		i->integration, i->settings, i->state, i->created_by, clock_now());
	return rc == RC_OK ? pack_text(content, len, put_piece, &sink, e) : rc;
}

/* Columns as in import_get. */
static void read_import(struct rows *r, struct arena *a, struct import *i)
{
	const char *delimiter = rows_text(r, 7);

	i->delimiter = delimiter ? *delimiter : 0;
	i->id = rows_dup(r, a, 0);
	i->filename = rows_dup(r, a, 1);
	i->size = rows_int(r, 2);
	i->content_hash = rows_dup(r, a, 3);
	i->header_hash = rows_dup(r, a, 4);
	i->format = rows_dup(r, a, 5);
	i->encoding = rows_dup(r, a, 6);
	i->worksheet = rows_dup(r, a, 8);
	i->integration = rows_dup(r, a, 9);
	i->settings = rows_dup(r, a, 10);
	i->state = rows_dup(r, a, 11);
	i->job = rows_dup(r, a, 12);
	i->run = rows_dup(r, a, 13);
	i->accepted = rows_int(r, 14);
	i->rejected = rows_int(r, 15);
	i->ignored = rows_int(r, 16);
	i->error = rows_dup(r, a, 17);
	i->created_by = rows_dup(r, a, 18);
	i->created_at = rows_int(r, 19);
	i->finished_at = rows_int(r, 20);
}

enum rc import_get(struct tx *tx, struct arena *a, const char *org, const char *id, struct import *ret, struct err *e)
{
	bool found = false;
	struct rows r;
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	sql_query(tx, &r, SQL_IMPORT_GET, "tt", org, id);
	if (rows_next(&r)) {
		found = true;
		read_import(&r, a, ret);
	}
	rc = rows_end(&r, e);
	if (rc == RC_OK && !found)
		return err_set(e, RC_NOT_FOUND, "There is no import %s.", id);
	return rc;
}

enum rc import_content(struct tx *tx, const char *org, const char *id, FILE *f, struct err *e)
{
	struct unpacker *u = unpacker_new(f);
	struct rows r;
	enum rc rc = RC_OK, end;
	bool any = false;

	sql_query(tx, &r, SQL_IMPORT_PIECES, "tt", org, id);
	while (rc == RC_OK && rows_next(&r)) {
		any = true;
		rc = unpacker_put(u, rows_text(&r, 0), e);
	}
	end = rows_end(&r, rc == RC_OK ? e : NULL);
	if (rc == RC_OK)
		rc = end;
	if (rc == RC_OK && !any)
		rc = err_set(e, RC_CONFLICT, "Import %s is done and its file not kept any more; bring it again.", id);
	if (rc == RC_OK)
		rc = unpacker_end(u, e);
	unpacker_free(u);
	rewind(f);
	return rc;
}

enum rc import_set(struct tx *tx, const char *org, const struct import *i, struct err *e)
{
	enum rc rc = sql_exec(tx, e, SQL_IMPORT_SET, "tttttttt", org, i->id, i->header_hash, i->encoding,
		mark_text(tx_arena(tx), i->delimiter), i->worksheet, i->integration, i->settings);

	if (rc == RC_OK && sql_changes(tx) != 1)
		return err_set(e, RC_CONFLICT,
			"Import %s runs or is done; bring the file again to read it in another way.", i->id);
	return rc;
}

enum rc import_run(struct tx *tx, const char *org, const char *id, const char *who, const char **ret_job, struct err *e)
{
	const char *args = arena_printf(tx_arena(tx), "{\"import\":\"%s\"}", id);
	struct import i;
	enum rc rc = import_get(tx, tx_arena(tx), org, id, &i, e);

	if (rc != RC_OK)
		return rc;
	if (strcmp(i.state, "uploaded") == 0 || !i.integration)
		return err_set(e, RC_CONFLICT,
			"Say first which integration the file belongs to and what its columns hold (PUT "
			"/api/v1/imports/%s).",
			id);
	rc = job_enqueue(tx, org, JOB_IMPORT, args, NULL, 0, who, ret_job, e);
	if (rc == RC_OK)
		rc = sql_exec(tx, e, SQL_IMPORT_RUN, "ttt", org, id, *ret_job);
	if (rc == RC_OK && sql_changes(tx) != 1)
		return err_set(e, RC_CONFLICT, "Import %s is %s already.", id, i.state);
	return rc;
}

enum rc import_delete(struct tx *tx, const char *org, const char *id, struct err *e)
{
	struct import i;
	enum rc rc = import_get(tx, tx_arena(tx), org, id, &i, e);

	if (rc == RC_OK)
		rc = sql_exec(tx, e, SQL_IMPORT_DELETE, "tt", org, id);
	if (rc == RC_OK && sql_changes(tx) != 1)
		return err_set(e, RC_CONFLICT, "Import %s is %s; what it brought stays in the record.", id, i.state);
	if (rc == RC_OK)
		rc = sql_exec(tx, e, SQL_IMPORT_REJECTS_FORGET, "tt", org, id);
	return rc == RC_OK ? sql_exec(tx, e, SQL_IMPORT_PIECES_FORGET, "tt", org, id) : rc;
}

enum rc import_twin(
	struct tx *tx, struct arena *a, const char *org, const struct import *i, const char **ret, struct err *e)
{
	char *id = NULL;
	enum rc rc = sql_text(tx, a, &id, e, SQL_IMPORT_TWIN, "ttt", org, i->content_hash, i->id);

	*ret = id;
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc import_profile_save(
	struct tx *tx, const char *org, const char *name, const struct import *i, const char *who, struct err *e)
{
	if (!i->header_hash || !*i->header_hash)
		return err_at(e, RC_INVALID, "/save_profile",
			"A file without headings cannot be known again; there is nothing to remember it by.");
	return sql_exec(tx, e, SQL_IMPORT_PROFILE_PUT, "ttttttti", org, id_make(tx_arena(tx)), name, i->header_hash,
		i->integration, i->settings, who, clock_now());
}

enum rc import_profile_find(struct tx *tx, struct arena *a, const char *org, const char *header_hash,
	struct import_profile *ret, struct err *e)
{
	struct rows r;
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	sql_query(tx, &r, SQL_IMPORT_PROFILE_FIND, "tt", org, header_hash);
	if (rows_next(&r)) {
		ret->id = rows_dup(&r, a, 0);
		ret->name = rows_dup(&r, a, 1);
		ret->integration = rows_dup(&r, a, 2);
		ret->settings = rows_dup(&r, a, 3);
	}
	rc = rows_end(&r, e);
	return rc == RC_OK && !ret->id ? RC_NOT_FOUND : rc;
}

enum rc import_profile_list(struct tx *tx, const char *org, struct jsonw *w, struct err *e)
{
	char at[CLOCK_TEXT];
	struct rows r;

	sql_query(tx, &r, SQL_IMPORT_PROFILES, "t", org);
	while (rows_next(&r)) {
		jsonw_object(w);
		jsonw_kv(w, "id", rows_text(&r, 0));
		jsonw_kv(w, "name", rows_text(&r, 1));
		jsonw_kv(w, "integration", rows_text(&r, 2));
		jsonw_kv_raw(w, "settings", rows_text(&r, 3));
		jsonw_kv(w, "updated_at", clock_format(rows_int(&r, 4), at));
		jsonw_end_object(w);
	}
	return rows_end(&r, e);
}

enum rc import_profile_delete(struct tx *tx, const char *org, const char *id, struct err *e)
{
	enum rc rc = sql_exec(tx, e, SQL_IMPORT_PROFILE_DELETE, "tt", org, id);

	if (rc == RC_OK && sql_changes(tx) != 1)
		return err_set(e, RC_NOT_FOUND, "There is no import profile %s.", id);
	return rc;
}

static void write_time(struct jsonw *w, const char *key, utime at)
{
	char text[CLOCK_TEXT];

	jsonw_kv(w, key, at ? clock_format(at, text) : NULL);
}

/* The members; the caller opens and closes the object. */
static void write_members(struct jsonw *w, const struct import *i)
{
	jsonw_kv(w, "id", i->id);
	jsonw_kv(w, "filename", i->filename);
	jsonw_kv_int(w, "size", i->size);
	jsonw_kv(w, "state", i->state);
	jsonw_kv(w, "integration", i->integration);
	jsonw_kv_raw(w, "settings", i->settings);
	jsonw_kv(w, "job", i->job);
	jsonw_kv(w, "run", i->run);
	jsonw_kv_int(w, "accepted", i->accepted);
	jsonw_kv_int(w, "rejected_count", i->rejected);
	jsonw_kv_int(w, "ignored", i->ignored);
	jsonw_kv(w, "error", i->error);
	jsonw_kv(w, "created_by", i->created_by);
	write_time(w, "created_at", i->created_at);
	write_time(w, "finished_at", i->finished_at);
}

enum rc import_write(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e)
{
	struct import i;
	struct rows r;
	enum rc rc = import_get(tx, tx_arena(tx), org, id, &i, e);

	if (rc != RC_OK)
		return rc;
	jsonw_object(w);
	write_members(w, &i);
	jsonw_key(w, "rejected");
	jsonw_array(w);
	sql_query(tx, &r, SQL_IMPORT_REJECTS, "tti", org, id, (int64_t)REJECTS_SHOWN);
	while (rows_next(&r)) {
		jsonw_object(w);
		jsonw_kv_int(w, "line", rows_int(&r, 0));
		jsonw_kv(w, "reason", rows_text(&r, 1));
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
	jsonw_end_object(w);
	return rows_end(&r, e);
}

enum rc import_write_list(struct tx *tx, const char *org, const char *before, int64_t limit, struct jsonw *w,
	const char **ret_next, struct err *e)
{
	struct arena *a = tx_arena(tx);
	int64_t count = 0;
	struct rows r;

	*ret_next = NULL;
	sql_query(tx, &r, SQL_IMPORT_LIST, "tti", org, before, limit);
	while (rows_next(&r)) {
		struct import i;

		read_import(&r, a, &i);
		jsonw_object(w);
		write_members(w, &i);
		jsonw_end_object(w);
		if (++count == limit)
			*ret_next = i.id;
	}
	return rows_end(&r, e);
}
