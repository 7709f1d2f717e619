#include "core/mapping/plan.h"

#include "core/audit.h"
#include "core/mapping/plan_part.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 1 << 20 };

static bool is_one_of(const char *known, const char *key)
{
	size_t want = strlen(key), len;

	for (const char *p = known; *p; p += len + (p[len] == '|')) {
		len = strcspn(p, "|");
		if (len == want && memcmp(p, key, len) == 0)
			return true;
	}
	return false;
}

static enum rc at(struct err *e, const char *place, const char *key, const char *words)
{
	char pointer[sizeof(e->pointer)];

	snprintf(pointer, sizeof(pointer), "%s/%s", place, key);
	return err_at(e, RC_INVALID, pointer, "%s", words);
}

enum rc plan_known(const struct json *object, const char *place, const char *known, struct err *e)
{
	if (!json_is(object, JSON_OBJECT))
		return err_at(e, RC_INVALID, place, "This is an object.");
	for (const struct json *m = object->child; m; m = m->next)
		if (!is_one_of(known, m->key))
			return at(e, place, m->key, "This name is not known here.");
	return RC_OK;
}

enum rc plan_array(
	const struct json *object, const char *key, const char *place, const struct json **ret, struct err *e)
{
	const struct json *v = json_get(object, key);

	*ret = NULL;
	if (json_is_null(v))
		return RC_OK;
	if (!json_is(v, JSON_ARRAY))
		return at(e, place, key, "This is a list.");
	*ret = v;
	return RC_OK;
}

enum rc plan_text(const struct json *object, const char *key, const char *place, const char **ret, struct err *e)
{
	*ret = json_member(object, key);
	return *ret ? RC_OK : at(e, place, key, "This text is missing.");
}

enum rc plan_id(struct plan *p, enum sql_id query, const char *name, const char *what, const char *pointer,
	const char **ret, struct err *e)
{
	unsigned count = 0;
	struct rows r;
	enum rc rc;

	*ret = NULL;
	if (!name)
		return RC_OK;
	sql_query(p->tx, &r, query, "tt", p->who->org, name);
	while (rows_next(&r)) {
		if (count++ == 0)
			*ret = rows_dup(&r, p->arena, 0);
	}
	rc = rows_end(&r, e);
	if (rc != RC_OK)
		return rc;
	if (!*ret)
		return err_at(e, RC_INVALID, pointer, "There is no %s \"%s\".", what, name);
	if (count > 1 && strcmp(*ret, name) != 0)
		return err_at(
			e, RC_INVALID, pointer, "More than one %s is called \"%s\"; name it by its id.", what, name);
	return RC_OK;
}

enum rc plan_place(const char *place, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const char *whole = arena_printf(&a, "%s%s", place, e->pointer);

	snprintf(e->pointer, sizeof(e->pointer), "%s", whole);
	return e->rc;
}

void plan_text_begin(struct plan_text *t)
{
	buf_init(&t->buf, TEXT_MAX);
	jsonw_init(&t->w, &t->buf, 0);
}

const char *plan_text_end(struct plan *p, struct plan_text *t)
{
	const char *text = arena_strdup(p->arena, t->buf.failed ? "null" : buf_text(&t->buf));

	buf_release(&t->buf);
	return text;
}

enum rc plan_note(struct plan *p, const char *action, const char *event, const char *object, const char *before,
	const char *after, struct err *e)
{
	struct audit_entry entry = {
		.event = event, .object = object, .before = before, .after = after, .why = "from a plan file"
	};

	p->changes++;
	jsonw_object(p->w);
	jsonw_kv(p->w, "action", action);
	jsonw_kv(p->w, "object", object);
	jsonw_kv_raw(p->w, "before", before ? before : "null");
	jsonw_kv_raw(p->w, "after", after ? after : "null");
	jsonw_end_object(p->w);
	return audit_append(p->tx, p->who, &entry, e);
}

enum rc plan_apply(struct tx *tx, const struct principal *who, const struct json *file, struct jsonw *w,
	int64_t *ret_changes, struct err *e)
{
	struct plan p = { .tx = tx, .arena = tx_arena(tx), .who = who, .w = w };
	enum rc rc = tx_lock_org(tx, who->org, e);

	if (rc == RC_OK)
		rc = plan_known(file, "", "integrations|rules|overrides", e);
	if (rc == RC_OK)
		rc = plan_mappings(&p, file, e);
	if (rc == RC_OK)
		rc = plan_rules(&p, file, e);
	*ret_changes = p.changes;
	return rc;
}
