#include "core/cards/tag.h"

#include "base/rand.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum rc subject_check(struct tx *tx, const char *org, const char *kind, const char *id, struct err *e)
{
	static const struct {
		const char *kind;
		enum sql_id query;
	} kinds[] = { { SUBJECT_ACCOUNT, SQL_SUBJECT_ACCOUNT }, { SUBJECT_PRODUCT, SQL_SUBJECT_PRODUCT },
		{ SUBJECT_CARD, SQL_SUBJECT_CARD } };
	char *found;
	enum rc rc;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(kinds[i].kind, kind) != 0)
			continue;
		rc = sql_text(tx, tx_arena(tx), &found, e, kinds[i].query, "tt", org, id);
		return rc == RC_NOT_FOUND ? err_set(e, rc, "There is no %s %s.", kind, id) : rc;
	}
	return err_set(e, RC_INVALID, "A subject is an account, a product or a card.");
}

static enum rc unknown(struct err *e, const char *id)
{
	return err_set(e, RC_NOT_FOUND, "There is no tag %s.", id);
}

static enum rc must_exist(struct tx *tx, const char *org, const char *id, struct err *e)
{
	char *found;
	enum rc rc = sql_text(tx, tx_arena(tx), &found, e, SQL_TAG_GET, "tt", org, id);

	return rc == RC_NOT_FOUND ? unknown(e, id) : rc;
}

/* A color is "#rrggbb". */
static bool is_color(const char *s)
{
	return s[0] == '#' && strlen(s) == 7 && strspn(s + 1, "0123456789abcdefABCDEF") == 6;
}

enum rc tag_put(struct tx *tx, const char *org, const char *id, const char *name, const char *color,
	const char **ret_id, struct err *e)
{
	struct arena *a = tx_arena(tx);
	const char *fold = text_fold(a, name);
	char *taken;
	enum rc rc = RC_OK;

	if (!*fold)
		return err_at(e, RC_INVALID, "/name", "A tag needs a name.");
	if (color && !is_color(color))
		return err_at(e, RC_INVALID, "/color", "Write the color as #rrggbb.");
	if (id)
		rc = must_exist(tx, org, id, e);
	if (rc == RC_OK)
		rc = sql_text(tx, a, &taken, e, SQL_TAG_BY_FOLD, "tt", org, fold);
	if (rc == RC_OK && !(id && strcmp(id, taken) == 0))
		return err_at(e, RC_CONFLICT, "/name", "There is a tag of that name already.");
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	if (rc == RC_NOT_FOUND && e->text[0])
		return rc;
	*ret_id = id ? id : id_make(a);
	return sql_exec(tx, e, SQL_TAG_PUT, "ttttt", org, *ret_id, name, fold, color ? color : "#6b7280");
}

enum rc tag_remove(struct tx *tx, const char *org, const char *id, struct err *e)
{
	enum rc rc = must_exist(tx, org, id, e);

	if (rc == RC_OK)
		rc = sql_exec(tx, e, SQL_TAG_FORGET, "tt", org, id);
	return rc == RC_OK ? sql_exec(tx, e, SQL_TAG_REMOVE, "tt", org, id) : rc;
}

enum rc tag_set(struct tx *tx, const char *org, const char *kind, const char *subject, const char *const *tags,
	size_t count, struct err *e)
{
	char pointer[40];
	enum rc rc = subject_check(tx, org, kind, subject, e);

	if (rc == RC_OK && count > TAGS_MAX)
		rc = err_at(e, RC_INVALID, "/tags", "At most %d tags on one thing.", TAGS_MAX);
	if (rc == RC_OK)
		rc = sql_exec(tx, e, SQL_TAGGING_CLEAR, "ttt", org, kind, subject);
	for (size_t i = 0; i < count && rc == RC_OK; i++) {
		snprintf(pointer, sizeof(pointer), "/tags/%zu", i);
		rc = must_exist(tx, org, tags[i], e);
		if (rc == RC_NOT_FOUND)
			return err_at(e, RC_INVALID, pointer, "There is no tag %s.", tags[i]);
		if (rc == RC_OK)
			rc = sql_exec(tx, e, SQL_TAGGING_ADD, "tttt", org, kind, subject, tags[i]);
	}
	return rc;
}

/* Leaves the object open. */
static void begin_tag(struct jsonw *w, struct rows *r)
{
	jsonw_object(w);
	jsonw_kv(w, "id", rows_text(r, 0));
	jsonw_kv(w, "name", rows_text(r, 1));
	jsonw_kv(w, "color", rows_text(r, 2));
}

enum rc tag_write(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e)
{
	bool found;
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_TAG_GET, "tt", org, id);
	found = rows_next(&r);
	if (found) {
		begin_tag(w, &r);
		jsonw_end_object(w);
	}
	rc = rows_end(&r, e);
	return rc == RC_OK && !found ? unknown(e, id) : rc;
}

enum rc tag_write_list(struct tx *tx, const char *org, struct jsonw *w, struct err *e)
{
	struct rows r;

	sql_query(tx, &r, SQL_TAG_LIST, "t", org);
	while (rows_next(&r)) {
		begin_tag(w, &r);
		jsonw_kv_int(w, "used", rows_int(&r, 3));
		jsonw_end_object(w);
	}
	return rows_end(&r, e);
}

enum rc tag_write_of(
	struct tx *tx, const char *org, const char *kind, const char *subject, struct jsonw *w, struct err *e)
{
	struct rows r;

	jsonw_key(w, "tags");
	jsonw_array(w);
	sql_query(tx, &r, SQL_TAGGING_OF, "ttt", org, kind, subject);
	while (rows_next(&r)) {
		begin_tag(w, &r);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
	return rows_end(&r, e);
}
