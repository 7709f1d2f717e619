/* Reading: one pass, no recursion deeper than the limit, everything in the arena. */
#include "base/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"

struct parser {
	struct arena *arena;
	const char *start, *at, *end;
	unsigned depth, max_depth;
	unsigned nodes, max_nodes;
	struct err *e;
};

static enum rc fail(struct parser *p, const char *what)
{
	return err_set(p->e, RC_INVALID, "The JSON is wrong at byte %zu: %s.", (size_t)(p->at - p->start), what);
}

static void skip_blanks(struct parser *p)
{
	while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r'))
		p->at++;
}

static bool at_digit(const struct parser *p)
{
	return p->at < p->end && *p->at >= '0' && *p->at <= '9';
}

static bool skip_digits(struct parser *p)
{
	if (!at_digit(p))
		return false;
	while (at_digit(p))
		p->at++;
	return true;
}

static bool skip_char(struct parser *p, char c)
{
	if (p->at >= p->end || *p->at != c)
		return false;
	p->at++;
	return true;
}

static enum rc read_number(struct parser *p, struct json *v)
{
	const char *from = p->at;
	bool zero;

	skip_char(p, '-');
	zero = p->at < p->end && *p->at == '0';
	if (!skip_digits(p))
		return fail(p, "a number needs a digit here");
	if (zero && p->at - from > (*from == '-' ? 2 : 1))
		return fail(p, "a number may not begin with 0");
	if (skip_char(p, '.') && !skip_digits(p))
		return fail(p, "a digit must follow the decimal point");
	if (skip_char(p, 'e') || skip_char(p, 'E')) {
		if (!skip_char(p, '-'))
			skip_char(p, '+');
		if (!skip_digits(p))
			return fail(p, "a digit must follow the exponent sign");
	}
	v->type = JSON_NUMBER;
	v->len = (size_t)(p->at - from);
	v->str = arena_strndup(p->arena, from, v->len);
	return RC_OK;
}

static int hex4(const char *s)
{
	int value = 0;

	for (int i = 0; i < 4; i++) {
		char c = s[i];
		int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
			: c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/* The XXXX after \u, and the second half of a surrogate pair. A lone half is refused. */
static enum rc read_unicode(struct parser *p, unsigned *ret)
{
	int high = p->end - p->at >= 4 ? hex4(p->at) : -1, low;

	if (high < 0)
		return fail(p, "\\u needs four hex digits");
	p->at += 4;
	*ret = (unsigned)high;
	if (high < 0xd800 || high > 0xdfff)
		return RC_OK;
	low = p->end - p->at >= 6 && p->at[0] == '\\' && p->at[1] == 'u' ? hex4(p->at + 2) : -1;
	if (high > 0xdbff || low < 0xdc00 || low > 0xdfff)
		return fail(p, "half of a surrogate pair stands alone");
	p->at += 6;
	*ret = 0x10000 + ((unsigned)(high - 0xd800) << 10) + (unsigned)(low - 0xdc00);
	return RC_OK;
}

static enum rc read_escape(struct parser *p, char *out, size_t *len)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	unsigned c = 0;
	const char *found;

	if (p->at >= p->end)
		return fail(p, "the text ends inside a string");
	if (*p->at == 'u') {
		p->at++;
		if (read_unicode(p, &c) != RC_OK)
			return RC_INVALID;
		*len += utf8_put(out + *len, c);
		return RC_OK;
	}
	found = *p->at ? strchr(names, *p->at) : NULL;
	if (!found)
		return fail(p, "no such escape");
	out[(*len)++] = values[found - names];
	p->at++;
	return RC_OK;
}

/* Bytes up to the closing quote: an upper bound for the decoded length. */
static size_t raw_length(const struct parser *p)
{
	const char *s = p->at;

	while (s < p->end && *s != '"')
		s += *s == '\\' && s + 1 < p->end ? 2 : 1;
	return (size_t)(s - p->at);
}

static enum rc read_string(struct parser *p, const char **ret, size_t *ret_len)
{
	char *out;
	size_t len = 0;

	p->at++;
	out = arena_alloc(p->arena, raw_length(p) + 1);
	for (;;) {
		const char *run = p->at;

		while (p->at < p->end && *p->at != '"' && *p->at != '\\' && (unsigned char)*p->at >= 0x20)
			p->at++;
		memcpy(out + len, run, (size_t)(p->at - run));
		len += (size_t)(p->at - run);
		if (p->at >= p->end)
			return fail(p, "the text ends inside a string");
		if (*p->at == '"')
			break;
		if (*p->at != '\\')
			return fail(p, "a control character in a string must be escaped");
		p->at++;
		if (read_escape(p, out, &len) != RC_OK)
			return RC_INVALID;
	}
	p->at++;
	*ret = out;
	*ret_len = len;
	return RC_OK;
}

static enum rc read_word(struct parser *p, struct json *v)
{
	static const struct { const char *word; enum json_type type; } words[] = {
		{ "null", JSON_NULL }, { "true", JSON_TRUE }, { "false", JSON_FALSE },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t len = strlen(words[i].word);

		if ((size_t)(p->end - p->at) >= len && memcmp(p->at, words[i].word, len) == 0) {
			p->at += len;
			v->type = words[i].type;
			return RC_OK;
		}
	}
	return fail(p, "a value was expected");
}

static enum rc read_value(struct parser *p, struct json *v);

/* Members of up to this many are compared with each other, more are sorted. */
#define FEW_MEMBERS 16

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool has_twin_sorted(const struct json *object)
{
	const char **keys = xcalloc(object->count, sizeof(*keys));
	size_t n = 0;
	bool twin = false;

	for (const struct json *m = object->child; m; m = m->next)
		keys[n++] = m->key;
	qsort(keys, n, sizeof(*keys), compare_keys);
	for (size_t i = 1; i < n && !twin; i++)
		twin = strcmp(keys[i - 1], keys[i]) == 0;
	free(keys);
	return twin;
}

static bool has_twin(const struct json *object)
{
	if (object->count > FEW_MEMBERS)
		return has_twin_sorted(object);
	for (const struct json *a = object->child; a; a = a->next) {
		for (const struct json *b = a->next; b; b = b->next) {
			if (strcmp(a->key, b->key) == 0)
				return true;
		}
	}
	return false;
}

static enum rc read_key(struct parser *p, const char **ret)
{
	size_t len;

	skip_blanks(p);
	if (p->at >= p->end || *p->at != '"')
		return fail(p, "a member name in quotes was expected");
	if (read_string(p, ret, &len) != RC_OK)
		return RC_INVALID;
	if (strlen(*ret) != len)
		return fail(p, "a member name may not hold \\u0000");
	skip_blanks(p);
	if (!skip_char(p, ':'))
		return fail(p, "':' was expected");
	return RC_OK;
}

/* After the opening bracket. Members and elements differ only in the key. */
static enum rc read_children(struct parser *p, struct json *v, char closing)
{
	struct json **link = &v->child;

	skip_blanks(p);
	if (skip_char(p, closing))
		return RC_OK;
	for (;;) {
		struct json *child = ARENA_NEW(p->arena, struct json);

		if (closing == '}' && read_key(p, &child->key) != RC_OK)
			return RC_INVALID;
		if (read_value(p, child) != RC_OK)
			return RC_INVALID;
		*link = child;
		link = &child->next;
		v->count++;
		skip_blanks(p);
		if (skip_char(p, closing))
			return RC_OK;
		if (!skip_char(p, ','))
			return fail(p, closing == '}' ? "',' or '}' was expected" : "',' or ']' was expected");
	}
}

static enum rc read_nested(struct parser *p, struct json *v, enum json_type type, char closing)
{
	enum rc rc;

	if (p->depth == p->max_depth)
		return fail(p, "it is nested too deep");
	p->depth++;
	p->at++;
	v->type = type;
	rc = read_children(p, v, closing);
	p->depth--;
	if (rc == RC_OK && type == JSON_OBJECT && has_twin(v))
		return fail(p, "an object before this place has a member twice");
	return rc;
}

static enum rc read_value(struct parser *p, struct json *v)
{
	skip_blanks(p);
	if (p->nodes++ == p->max_nodes)
		return fail(p, "it holds too many values");
	if (p->at >= p->end)
		return fail(p, "a value was expected, but the text ends");
	switch (*p->at) {
	case '{':
		return read_nested(p, v, JSON_OBJECT, '}');
	case '[':
		return read_nested(p, v, JSON_ARRAY, ']');
	case '"':
		v->type = JSON_STRING;
		return read_string(p, &v->str, &v->len);
	case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
		return read_number(p, v);
	default:
		return read_word(p, v);
	}
}

enum rc json_parse(struct arena *a, const char *text, size_t len, const struct json_limits *limits,
	struct json **ret_root, struct err *e)
{
	static const struct json_limits usual = JSON_LIMITS_DEFAULT;
	struct parser p = { .arena = a, .start = text, .at = text, .end = text + len, .e = e };
	struct json *root = ARENA_NEW(a, struct json);

	if (!limits)
		limits = &usual;
	p.max_depth = limits->depth;
	p.max_nodes = limits->nodes;
	if (len > limits->bytes)
		return err_set(e, RC_INVALID, "The JSON is longer than %zu bytes.", limits->bytes);
	if (!utf8_valid(text, len))
		return err_set(e, RC_INVALID, "The JSON is not UTF-8.");
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		p.at += 3;
	if (read_value(&p, root) != RC_OK)
		return RC_INVALID;
	skip_blanks(&p);
	if (p.at != p.end)
		return fail(&p, "something follows after the value");
	*ret_root = root;
	return RC_OK;
}

const struct json *json_get(const struct json *object, const char *key)
{
	if (!json_is(object, JSON_OBJECT))
		return NULL;
	for (const struct json *m = object->child; m; m = m->next) {
		if (strcmp(m->key, key) == 0)
			return m;
	}
	return NULL;
}

static const struct json *step(const struct json *v, const char *name, size_t len)
{
	const struct json *child = v ? v->child : NULL;

	if (json_is(v, JSON_ARRAY)) {
		for (long i = strtol(name, NULL, 10); child && i > 0; i--)
			child = child->next;
		return child;
	}
	if (!json_is(v, JSON_OBJECT))
		return NULL;
	while (child && (strlen(child->key) != len || memcmp(child->key, name, len) != 0))
		child = child->next;
	return child;
}

const struct json *json_path(const struct json *v, const char *path)
{
	while (v && *path) {
		size_t len = strcspn(path, "/");

		v = step(v, path, len);
		path += len + (path[len] == '/');
	}
	return v;
}

const char *json_text(const struct json *v)
{
	return json_is(v, JSON_STRING) ? v->str : NULL;
}

const char *json_text_or(const struct json *v, const char *fallback)
{
	return json_is(v, JSON_STRING) ? v->str : fallback;
}

const char *json_scalar(const struct json *v)
{
	return json_is(v, JSON_STRING) || json_is(v, JSON_NUMBER) ? v->str : NULL;
}

bool json_is(const struct json *v, enum json_type type)
{
	return v && v->type == type;
}

bool json_is_null(const struct json *v)
{
	return !v || v->type == JSON_NULL;
}

bool json_true(const struct json *v)
{
	return json_is(v, JSON_TRUE);
}

bool json_bool_or(const struct json *v, bool fallback)
{
	if (json_is(v, JSON_TRUE) || json_is(v, JSON_FALSE))
		return v->type == JSON_TRUE;
	return fallback;
}

enum rc json_qty(const struct json *v, qty *ret)
{
	const char *text = json_scalar(v);

	return text && strlen(text) == v->len ? qty_parse(text, ret) : RC_INVALID;
}

/* Not by way of a quantity, which ends at nine million million: times are larger. */
enum rc json_int(const struct json *v, int64_t min, int64_t max, int64_t *ret)
{
	const char *text = json_scalar(v);
	char plain[NUM_TEXT], *end;
	long long n;

	if (!text || strlen(text) != v->len || num_canonical(text, plain) != RC_OK)
		return RC_INVALID;
	errno = 0;
	n = strtoll(plain, &end, 10);
	if (errno || *end || n < min || n > max)
		return RC_INVALID;
	*ret = n;
	return RC_OK;
}

const char *json_member(const struct json *object, const char *key)
{
	return json_text(json_get(object, key));
}
