#include "psa/field.h"

#include "psa/wire.h"

#include <string.h>

void field_wrong(struct fields *f, const char *path, const char *how)
{
	const char *id = json_scalar(json_get(f->v, "id"));

	if (f->rc != RC_OK)
		return;
	f->rc = wire_strange(
		f->e, f->who, "\"%.100s\" of %s%s%.60s %s", path, f->what, id ? " " : "", id ? id : "", how);
}

struct fields fields_of(const char *who, const char *what, const struct json *v, struct err *e)
{
	struct fields f = { .who = who, .what = what, .v = v, .e = e, .rc = RC_OK };

	if (!json_is(v, JSON_OBJECT))
		field_wrong(&f, what, "is no object");
	return f;
}

/* Nothing lies behind a member that holds nothing: wrong, with that member's name. */
static void check_way(struct fields *f, const char *path)
{
	AUTO(arena) a = ARENA_INIT;

	for (const char *slash = strchr(path, '/'); slash && f->rc == RC_OK; slash = strchr(slash + 1, '/')) {
		const char *part = arena_strndup(&a, path, (size_t)(slash - path));
		const struct json *v = json_path(f->v, part);

		if (!json_is_null(v) && v->type != JSON_OBJECT && v->type != JSON_ARRAY)
			field_wrong(f, part, "is neither an object nor a list");
	}
}

/* NULL when absent, or when something was wrong before. */
static const struct json *member(struct fields *f, const char *path)
{
	const struct json *v = f->rc == RC_OK ? json_path(f->v, path) : NULL;

	if (f->rc == RC_OK && !v)
		check_way(f, path);
	return json_is_null(v) ? NULL : v;
}

static bool is_empty(const struct json *v)
{
	return !v || (v->type == JSON_STRING && v->len == 0);
}

const char *field_text(struct fields *f, const char *path)
{
	const struct json *v = member(f, path);

	if (!v)
		return "";
	if (v->type != JSON_STRING && v->type != JSON_NUMBER) {
		field_wrong(f, path, "is no text");
		return "";
	}
	return v->str;
}

bool field_qty(struct fields *f, const char *path, qty *ret)
{
	const struct json *v = member(f, path);

	*ret = 0;
	if (is_empty(v))
		return false;
	if (json_qty(v, ret) == RC_OK)
		return true;
	field_wrong(f, path, "is no number");
	return false;
}

bool field_cents(struct fields *f, const char *path, qty *ret)
{
	if (!field_qty(f, path, ret))
		return false;
	if (qty_div(*ret, 100 * QTY_ONE, ret) == RC_OK)
		return true;
	field_wrong(f, path, "is too large");
	return false;
}

bool field_bool(struct fields *f, const char *path)
{
	const struct json *v = member(f, path);

	if (v && v->type != JSON_TRUE && v->type != JSON_FALSE)
		field_wrong(f, path, "is neither true nor false");
	return v && v->type == JSON_TRUE;
}

day field_day(struct fields *f, const char *path)
{
	const struct json *v = member(f, path);
	day d;

	if (is_empty(v))
		return DAY_NONE;
	if (v->type == JSON_STRING && day_parse(v->str, &d) == RC_OK)
		return d;
	field_wrong(f, path, "is no date");
	return DAY_NONE;
}

utime field_time(struct fields *f, const char *path)
{
	const struct json *v = member(f, path);
	utime t;

	if (is_empty(v))
		return 0;
	if (v->type == JSON_STRING && clock_parse(v->str, &t) == RC_OK)
		return t;
	field_wrong(f, path, "is no time");
	return 0;
}

const struct json *field_list(struct fields *f, const char *path, bool must)
{
	const struct json *v = member(f, path);

	if (v ? v->type == JSON_ARRAY : !must)
		return v;
	field_wrong(f, path, "is no list");
	return NULL;
}

const char *field_id(struct fields *f, const char *path, bool must)
{
	const struct json *v = member(f, path);

	if (is_empty(v)) {
		if (must)
			field_wrong(f, path, "is missing");
		return "";
	}
	if (json_scalar(v) && wire_is_id(v->str, true))
		return v->str;
	field_wrong(f, path, "is no whole number");
	return "";
}

static void check_one(struct fields *f, const struct field_shape *row)
{
	const struct json *v;
	qty ignored;

	switch (row->type) {
	case FIELD_QTY:
		field_qty(f, row->path, &ignored);
		break;
	case FIELD_BOOL:
		field_bool(f, row->path);
		break;
	case FIELD_DAY:
		field_day(f, row->path);
		break;
	case FIELD_TEXT:
		field_text(f, row->path);
		break;
	case FIELD_ID:
	case FIELD_KEY:
		field_id(f, row->path, row->type == FIELD_KEY);
		break;
	case FIELD_LIST:
		field_list(f, row->path, false);
		break;
	case FIELD_OBJECT:
		v = member(f, row->path);
		if (v && v->type != JSON_OBJECT)
			field_wrong(f, row->path, "is no object");
		break;
	}
}

enum rc fields_check(
	const char *who, const char *what, const struct json *v, const struct field_shape *rows, struct err *e)
{
	struct fields f = fields_of(who, what, v, e);

	for (; rows->path && f.rc == RC_OK; rows++)
		check_one(&f, rows);
	return f.rc;
}
