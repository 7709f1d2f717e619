/* The part of JSON Schema that is used here. A "oneOf" is told apart by the const of its members' "kind". */
#include "vendor/declared/schema.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

struct checking {
	struct arena *arena;
	const struct json *root;
};

static enum rc check(
	struct checking *c, const struct json *schema, const struct json *v, const char *at, struct err *e);

static const char *type_of(const struct json *v)
{
	static const char *const names[] = { "null", "boolean", "boolean", "number", "string", "array", "object" };

	return names[v->type];
}

static bool equal(const struct json *a, const struct json *b)
{
	const char *x = json_scalar(a), *y = json_scalar(b);

	return a->type == b->type && (x && y ? strcmp(x, y) == 0 : !x && !y);
}

/* The words of a list, for a sentence. */
static char *listed(struct checking *c, const struct json *list)
{
	AUTO(buf) b = BUF_INIT(4096);

	for (const struct json *i = list->child; i; i = i->next)
		buf_printf(&b, "%s%s", b.len ? ", " : "", json_scalar(i) ? json_scalar(i) : i->key);
	return arena_strdup(c->arena, buf_text(&b));
}

static enum rc check_type(const struct json *schema, const struct json *v, const char *at, struct err *e)
{
	const char *type = json_member(schema, "type"), *is = type_of(v);
	int64_t n;

	if (!type || strcmp(type, is) == 0)
		return RC_OK;
	if (strcmp(type, "integer") == 0 && v->type == JSON_NUMBER && json_int(v, INT64_MIN, INT64_MAX, &n) == RC_OK)
		return RC_OK;
	return err_at(e, RC_INVALID, at, "This is a %s and must be a %s.", is, type);
}

static enum rc check_words(
	struct checking *c, const struct json *schema, const struct json *v, const char *at, struct err *e)
{
	const struct json *list = json_get(schema, "enum"), *only = json_get(schema, "const");

	if (only && !equal(only, v))
		return err_at(e, RC_INVALID, at, "This must be %s.", json_scalar(only));
	for (const struct json *i = list ? list->child : NULL; i; i = i->next) {
		if (equal(i, v))
			return RC_OK;
	}
	return list ? err_at(e, RC_INVALID, at, "This must be one of: %s.", listed(c, list)) : RC_OK;
}

static bool fits(const char *text, const char *pattern)
{
	bool sound, yes = text_matches(text, pattern, &sound);

	if (!sound)
		BUG("pattern %s", pattern);
	return yes;
}

/* minLength and its kin: how much there is against what the schema allows. */
static enum rc check_range(const struct json *schema, const char *least, const char *most, int64_t n, const char *what,
	const char *at, struct err *e)
{
	int64_t limit;

	if (json_int(json_get(schema, least), INT64_MIN, INT64_MAX, &limit) == RC_OK && n < limit)
		return err_at(e, RC_INVALID, at, "This has %s %" PRId64 "; the least is %" PRId64 ".", what, n, limit);
	if (json_int(json_get(schema, most), INT64_MIN, INT64_MAX, &limit) == RC_OK && n > limit)
		return err_at(e, RC_INVALID, at, "This has %s %" PRId64 "; the most is %" PRId64 ".", what, n, limit);
	return RC_OK;
}

static enum rc check_scalar(const struct json *schema, const struct json *v, const char *at, struct err *e)
{
	const char *pattern = json_member(schema, "pattern");
	int64_t n;

	if (v->type == JSON_NUMBER && json_int(v, INT64_MIN, INT64_MAX, &n) == RC_OK)
		return check_range(schema, "minimum", "maximum", n, "the value", at, e);
	if (v->type != JSON_STRING)
		return RC_OK;
	if (pattern && !fits(v->str, pattern))
		return err_at(e, RC_INVALID, at, "\"%.60s\" does not fit the pattern %s.", v->str, pattern);
	return check_range(schema, "minLength", "maxLength", (int64_t)v->len, "the length", at, e);
}

/* "~" and "/" have spellings of their own in a pointer. */
static char *below(struct checking *c, const char *at, const char *key)
{
	AUTO(buf) b = BUF_INIT(4096);

	buf_printf(&b, "%s/", at);
	for (; *key; key++) {
		if (*key == '~' || *key == '/')
			buf_puts(&b, *key == '~' ? "~0" : "~1");
		else
			buf_putc(&b, *key);
	}
	return arena_strdup(c->arena, buf_text(&b));
}

static enum rc check_member(
	struct checking *c, const struct json *schema, const struct json *m, const char *at, struct err *e)
{
	const struct json *known = json_get(json_get(schema, "properties"), m->key),
			  *more = json_get(schema, "additionalProperties");

	if (known)
		return check(c, known, m, below(c, at, m->key), e);
	if (json_is(more, JSON_FALSE))
		return err_at(e, RC_INVALID, below(c, at, m->key), "There is no member \"%.60s\" here; known are: %s.",
			m->key, listed(c, json_get(schema, "properties")));
	return json_is(more, JSON_OBJECT) ? check(c, more, m, below(c, at, m->key), e) : RC_OK;
}

static enum rc check_object(
	struct checking *c, const struct json *schema, const struct json *v, const char *at, struct err *e)
{
	const struct json *required = json_get(schema, "required");
	enum rc rc = check_range(schema, "minProperties", "maxProperties", v->count, "a number of members of", at, e);

	for (const struct json *m = v->child; rc == RC_OK && m; m = m->next)
		rc = check_member(c, schema, m, at, e);
	for (const struct json *r = required ? required->child : NULL; rc == RC_OK && r; r = r->next) {
		if (!json_get(v, r->str))
			rc = err_at(e, RC_INVALID, at, "The member \"%s\" is missing.", r->str);
	}
	return rc;
}

static enum rc check_array(
	struct checking *c, const struct json *schema, const struct json *v, const char *at, struct err *e)
{
	const struct json *items = json_get(schema, "items"), *prefix = json_get(schema, "prefixItems"),
			  *of = prefix ? prefix->child : NULL;
	enum rc rc = check_range(schema, "minItems", "maxItems", v->count, "a number of elements of", at, e);
	unsigned i = 0;

	for (const struct json *m = v->child; rc == RC_OK && m; m = m->next, of = of ? of->next : NULL) {
		if (of || items)
			rc = check(c, of ? of : items, m, arena_printf(c->arena, "%s/%u", at, i), e);
		i++;
	}
	return rc;
}

static enum rc check_one_of(
	struct checking *c, const struct json *list, const struct json *v, const char *at, struct err *e)
{
	const char *kind = json_member(v, "kind"), *kinds = "";

	for (const struct json *branch = list->child; branch; branch = branch->next) {
		const char *its = json_text_or(json_path(branch, "properties/kind/const"), "");

		if (kind && strcmp(kind, its) == 0)
			return check(c, branch, v, at, e);
		kinds = arena_printf(c->arena, "%s%s%s", kinds, *kinds ? ", " : "", its);
	}
	return err_at(e, RC_INVALID, below(c, at, "kind"), "The kind must be one of: %s.", kinds);
}

static enum rc check(struct checking *c, const struct json *schema, const struct json *v, const char *at, struct err *e)
{
	const char *ref = json_member(schema, "$ref");
	enum rc rc;

	if (ref)
		return check(c, json_path(c->root, ref + strlen("#/")), v, at, e);
	if (json_get(schema, "oneOf"))
		return check_one_of(c, json_get(schema, "oneOf"), v, at, e);
	rc = check_type(schema, v, at, e);
	if (rc == RC_OK)
		rc = check_words(c, schema, v, at, e);
	if (rc != RC_OK)
		return rc;
	if (v->type == JSON_OBJECT)
		return check_object(c, schema, v, at, e);
	return v->type == JSON_ARRAY ? check_array(c, schema, v, at, e) : check_scalar(schema, v, at, e);
}

enum rc schema_check(struct arena *a, const struct json *schema, const struct json *value, struct err *e)
{
	struct checking c = { .arena = a, .root = schema };

	return check(&c, schema, value, "", e);
}
