#include "core/cards/note.h"

#include "base/rand.h"
#include "core/cards/tag.h"

#include <string.h>

enum rc note_add(struct tx *tx, const struct principal *who, const char *kind, const char *subject, const char *text,
	const char **ret_id, struct err *e)
{
	enum rc rc = subject_check(tx, who->org, kind, subject, e);

	if (rc == RC_OK && !text[strspn(text, " \t\r\n")])
		rc = err_at(e, RC_INVALID, "/note", "The note is empty.");
	if (rc != RC_OK)
		return rc;
	*ret_id = id_make(tx_arena(tx));
	return sql_exec(tx, e, SQL_NOTE_ADD, "tttttti", who->org, *ret_id, kind, subject, text, who->name, clock_now());
}

enum rc note_remove(struct tx *tx, const char *org, const char *id, struct err *e)
{
	enum rc rc = sql_exec(tx, e, SQL_NOTE_REMOVE, "tt", org, id);

	if (rc == RC_OK && sql_changes(tx) == 0)
		return err_set(e, RC_NOT_FOUND, "There is no note %s.", id);
	return rc;
}

static void write_row(struct jsonw *w, struct rows *r)
{
	char at[CLOCK_TEXT];

	jsonw_object(w);
	jsonw_kv(w, "id", rows_text(r, 0));
	jsonw_kv(w, "subject_kind", rows_text(r, 1));
	jsonw_kv(w, "subject_id", rows_text(r, 2));
	jsonw_kv(w, "note", rows_text(r, 3));
	jsonw_kv(w, "by", rows_text(r, 4));
	jsonw_kv(w, "at", clock_format(rows_int(r, 5), at));
	jsonw_end_object(w);
}

enum rc note_write(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e)
{
	bool found;
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_NOTE_GET, "tt", org, id);
	found = rows_next(&r);
	if (found)
		write_row(w, &r);
	rc = rows_end(&r, e);
	return rc == RC_OK && !found ? err_set(e, RC_NOT_FOUND, "There is no note %s.", id) : rc;
}

enum rc note_write_list(
	struct tx *tx, const char *org, const char *kind, const char *subject, struct jsonw *w, struct err *e)
{
	struct rows r;

	sql_query(tx, &r, SQL_NOTE_LIST, "ttt", org, kind, subject);
	while (rows_next(&r))
		write_row(w, &r);
	return rows_end(&r, e);
}

enum rc note_write_of(
	struct tx *tx, const char *org, const char *kind, const char *subject, struct jsonw *w, struct err *e)
{
	enum rc rc;

	jsonw_key(w, "notes");
	jsonw_array(w);
	rc = note_write_list(tx, org, kind, subject, w, e);
	jsonw_end_array(w);
	return rc;
}
