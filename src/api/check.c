#include "api/check.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

enum { POINTER_MAX = 160 };

struct check {
	check_fn complain;
	void *arg;
	bool ok;
};

static void check_members(struct check *c, const char *at, const struct field *fields, const struct json *object);

static void PRINTF(3, 4) wrong(struct check *c, const char *pointer, const char *fmt, ...)
{
	AUTO(arena) a = ARENA_INIT;
	va_list ap;

	va_start(ap, fmt);
	c->complain(c->arg, pointer, arena_vprintf(&a, fmt, ap));
	va_end(ap);
	c->ok = false;
}

static bool is_choice(const char *choices, const char *text)
{
	size_t want = strlen(text), len;

	for (const char *p = choices; *p; p += len + (p[len] == '|')) {
		len = strcspn(p, "|");
		if (len == want && memcmp(p, text, len) == 0)
			return true;
	}
	return false;
}

static size_t characters(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xC0) != 0x80;
	return n;
}

static void check_text(struct check *c, const char *at, const struct field *f, const struct json *v)
{
	size_t max = (size_t)(f->max ? f->max : CHECK_TEXT_MAX);

	if (!json_is(v, JSON_STRING))
		wrong(c, at, "This is a text.");
	else if (strlen(v->str) != v->len)
		wrong(c, at, "A text has no NUL character.");
	else if (f->choices && !is_choice(f->choices, v->str))
		wrong(c, at, "This is one of: %s.", f->choices);
	else if (!f->choices && characters(v->str) > max)
		wrong(c, at, "This text has at most %zu characters.", max);
}

static void check_date(struct check *c, const char *at, const struct json *v)
{
	const char *text = json_text(v);
	day d;

	if (!text || strlen(text) != 10 || day_parse(text, &d) != RC_OK)
		wrong(c, at, "Write the date as YYYY-MM-DD.");
}

static void check_array(struct check *c, const char *at, const struct field *f, const struct json *v)
{
	unsigned max = (unsigned)(f->max ? f->max : CHECK_ARRAY_MAX), i = 0;

	if (!json_is(v, JSON_ARRAY)) {
		wrong(c, at, "This is a list.");
		return;
	}
	if (v->count > max) {
		wrong(c, at, "This list has at most %u items.", max);
		return;
	}
	for (const struct json *item = v->child; item && f->members; item = item->next, i++) {
		char pointer[POINTER_MAX];

		snprintf(pointer, sizeof(pointer), "%.140s/%u", at, i);
		check_members(c, pointer, f->members, item);
	}
}

static void check_value(struct check *c, const char *at, const struct field *f, const struct json *v)
{
	int64_t whole;
	qty q;

	switch (f->type) {
	case F_TEXT:
		check_text(c, at, f, v);
		break;
	case F_INT:
		if (json_int(v, INT64_MIN, INT64_MAX, &whole) != RC_OK)
			wrong(c, at, "This is a whole number.");
		break;
	case F_BOOL:
		if (!json_is(v, JSON_TRUE) && !json_is(v, JSON_FALSE))
			wrong(c, at, "This is true or false.");
		break;
	case F_DECIMAL:
		if (json_qty(v, &q) != RC_OK)
			wrong(c, at, "Write this as a decimal, such as \"14\" or \"0.5\".");
		break;
	case F_DATE:
		check_date(c, at, v);
		break;
	case F_OBJECT:
		if (!json_is(v, JSON_OBJECT))
			wrong(c, at, "This is an object.");
		else if (f->members)
			check_members(c, at, f->members, v);
		break;
	case F_ARRAY:
		check_array(c, at, f, v);
		break;
	case F_ANY:
		break;
	}
}

static void check_members(struct check *c, const char *at, const struct field *fields, const struct json *object)
{
	if (!json_is(object, JSON_OBJECT)) {
		wrong(c, at, "This is an object.");
		return;
	}
	for (const struct field *f = fields; f->name; f++) {
		const struct json *v = json_get(object, f->name);
		char pointer[POINTER_MAX];

		snprintf(pointer, sizeof(pointer), "%.100s/%.50s", at, f->name);
		if (!json_is_null(v))
			check_value(c, pointer, f, v);
		else if (f->required && (f->type != F_ANY || !v))
			wrong(c, pointer, "\"%s\" is missing.", f->name);
	}
}

bool check_body(const struct field *fields, const struct json *body, check_fn complain, void *arg)
{
	struct check c = { .complain = complain, .arg = arg, .ok = true };

	check_members(&c, "", fields, body);
	return c.ok;
}
