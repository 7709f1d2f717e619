#include "vendor/declared/value.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "base/rand.h"
#include "base/text.h"

enum { VALUE_MAX = 64 << 10 };

/* ---- time ---- */

static bool is(const char *name, size_t len, const char *word)
{
	return strlen(word) == len && strncmp(name, word, len) == 0;
}

bool time_name(const char *name, size_t len)
{
	static const char *const words[] = { "today", "month_start", "month_end", "month", "month2", "year", "uuid" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (is(name, len, words[i]))
			return true;
	}
	if (len < 7 || len > 9 || strncmp(name, "today-", 6) != 0)
		return false;
	return strspn(name + 6, "0123456789") >= len - 6;
}

/* NULL when it is none of these. */
static const char *time_value(const struct env *v, struct arena *a, const char *name, size_t len)
{
	day today = day_of(v->now);
	int year, month, mday;
	char text[DAY_TEXT], uuid[UUID_TEXT];

	if (!time_name(name, len))
		return NULL;
	day_to_ymd(today, &year, &month, &mday);
	if (is(name, len, "month"))
		return arena_printf(a, "%d", month);
	if (is(name, len, "month2"))
		return arena_printf(a, "%02d", month);
	if (is(name, len, "year"))
		return arena_printf(a, "%d", year);
	if (is(name, len, "uuid"))
		return arena_strdup(a, uuid_new(uuid));
	if (is(name, len, "month_start"))
		today = day_month_start(today, 0);
	else if (is(name, len, "month_end"))
		today = day_month_start(today, 1) - 1;
	else if (len > 6)
		today -= (day)strtol(name + 6, NULL, 10);
	return arena_strdup(a, day_format(today, text));
}

/* ---- names ---- */

static const struct json *setting_of(const struct env *v, const char *name, size_t len)
{
	const struct json *list = json_get(v->root, "settings");

	for (const struct json *s = list ? list->child : NULL; s; s = s->next) {
		if (is(name, len, json_text_or(json_get(s, "name"), "")))
			return s;
	}
	return NULL;
}

/* An address without the blanks and slashes at its ends. */
static const char *setting_value(const struct env *v, struct arena *a, const struct json *setting)
{
	const char *value = json_member(v->settings, json_member(setting, "name"));
	size_t len;

	if (!value || !*value)
		value = json_member(setting, "default");
	if (!value || strcmp(json_text_or(json_get(setting, "type"), ""), "url") != 0)
		return value;
	value += strspn(value, " \t");
	len = strlen(value);
	while (len && strchr("/ \t", value[len - 1]))
		len--;
	return arena_strndup(a, value, len);
}

/* What of the name a scope answers to; NULL: nothing. */
static const char *own_part(const struct scope *s, const char *name, size_t len, size_t *ret_len)
{
	size_t prefix = s->prefix ? strlen(s->prefix) + 1 : 0;

	if (s->prefix && (len <= prefix || strncmp(name, s->prefix, prefix - 1) != 0 || name[prefix - 1] != '.'))
		return NULL;
	*ret_len = len - prefix;
	return name + prefix;
}

const char *env_lookup(const struct env *v, struct arena *a, const struct scope *s, const char *name, size_t len)
{
	const struct json *setting;

	for (; s; s = s->outer) {
		size_t part_len;
		const char *part = own_part(s, name, len, &part_len);

		for (size_t i = 0; part && i < s->count; i++) {
			if (is(part, part_len, s->bind[i].name))
				return s->bind[i].value;
		}
	}
	setting = setting_of(v, name, len);
	return setting ? setting_value(v, a, setting) : time_value(v, a, name, len);
}

/* ---- templates ---- */

static size_t word_len(const char *s)
{
	return strcspn(s, "|{}");
}

enum rc template_each(const char *t, template_fn fn, void *arg, struct err *e)
{
	enum rc rc = RC_OK;

	for (; rc == RC_OK && *t; t++) {
		bool filter = false;

		if (*t == '}')
			return err_set(e, RC_INVALID, "a } without its {");
		if (*t != '{')
			continue;
		do {
			size_t len = word_len(++t);

			rc = fn(arg, t, len, filter, e);
			t += len;
			filter = true;
		} while (rc == RC_OK && *t == '|');
		if (rc == RC_OK && *t != '}')
			return err_set(e, RC_INVALID, "a { without its }");
	}
	return rc;
}

static char *in_case(struct arena *a, const char *s, bool upper)
{
	char *out = arena_strdup(a, s);

	for (char *p = out; *p; p++)
		*p = (char)(upper ? toupper((unsigned char)*p) : tolower((unsigned char)*p));
	return out;
}

static char *trimmed(struct arena *a, const char *s)
{
	size_t len;

	s += strspn(s, " \t\r\n");
	len = strlen(s);
	while (len && strchr(" \t\r\n", s[len - 1]))
		len--;
	return arena_strndup(a, s, len);
}

/* A map answers with its "*" to what it does not hold, and without one leaves the value as it is. */
static const char *mapped(const struct env *v, const char *map, const char *value)
{
	const struct json *m = json_get(json_get(v->root, "maps"), map);
	const char *to = value ? json_member(m, value) : NULL;

	if (!to)
		to = json_member(m, "*");
	return to ? to : value;
}

static const char *filtered(const struct env *v, struct arena *a, const struct scope *s, const char *filter, size_t len,
	const char *value)
{
	const char *colon = memchr(filter, ':', len);
	char *argument = arena_strndup(a, colon ? colon + 1 : "", colon ? len - (size_t)(colon + 1 - filter) : 0);
	size_t name = colon ? (size_t)(colon - filter) : len;

	if (is(filter, name, "default"))
		return value && *value ? value : argument;
	if (is(filter, name, "or"))
		return value && *value ? value : env_lookup(v, a, s, argument, strlen(argument));
	if (is(filter, name, "map"))
		return mapped(v, argument, value);
	if (!value)
		return NULL;
	if (is(filter, name, "lower") || is(filter, name, "upper"))
		return in_case(a, value, *filter == 'u');
	return is(filter, name, "trim") ? trimmed(a, value) : value;
}

static bool trusted_in_url(const struct env *v, const char *name, size_t len, bool from_map)
{
	const struct json *setting = setting_of(v, name, len);

	return from_map || (setting && strcmp(json_text_or(json_get(setting, "type"), ""), "url") == 0);
}

/* Behind the '{'; gives the place of its '}'. */
static const char *put_value(
	const struct env *v, struct arena *a, const struct scope *s, const char *t, enum expand_as as, struct buf *out)
{
	size_t len = word_len(t);
	const char *name = t, *value = env_lookup(v, a, s, t, len);
	bool from_map = false;

	for (t += len; *t == '|'; t += len) {
		len = word_len(++t);
		value = filtered(v, a, s, t, len, value);
		from_map = strncmp(t, "map:", 4) == 0;
	}
	if (value && as == EXPAND_URL && !trusted_in_url(v, name, strcspn(name, "|}"), from_map))
		value = url_encode(a, value);
	buf_puts(out, value ? value : "");
	return t;
}

char *env_expand(const struct env *v, struct arena *a, const struct scope *s, const char *t, enum expand_as as)
{
	AUTO(buf) b = BUF_INIT(VALUE_MAX);

	for (; *t; t++) {
		if (*t == '{')
			t = put_value(v, a, s, t + 1, as, &b);
		else
			buf_putc(&b, *t);
	}
	return arena_strdup(a, buf_text(&b));
}

/* ---- conditions ---- */

/* ["name", "wanted"] or ["name", ["wanted", ...]]; what nobody told equals nothing. */
static bool compare(
	const struct env *v, struct arena *a, const struct scope *s, const char *how, const struct json *pair)
{
	const char *name = json_text_or(pair->child, ""), *value = env_lookup(v, a, s, name, strlen(name));
	const struct json *wanted = pair->child->next;

	for (const struct json *w = json_is(wanted, JSON_ARRAY) ? wanted->child : wanted; value && w; w = w->next) {
		const char *text = env_expand(v, a, s, json_text_or(w, ""), EXPAND_PLAIN);

		if (strcmp(how, "prefix") == 0 ? strncmp(value, text, strlen(text)) == 0
		    : strcmp(how, "matches") == 0 ? text_matches(value, text, NULL) : strcmp(value, text) == 0)
			return true;
		if (w == wanted)
			break;
	}
	return false;
}

static bool any_holds(const struct env *v, struct arena *a, const struct scope *s, const struct json *list, bool wanted)
{
	for (const struct json *c = list->child; c; c = c->next) {
		if (env_holds(v, a, s, c) == wanted)
			return true;
	}
	return false;
}

bool env_holds(const struct env *v, struct arena *a, const struct scope *s, const struct json *condition)
{
	const struct json *c = condition ? condition->child : NULL;
	const char *value;

	if (!c)
		return true;
	if (strcmp(c->key, "all") == 0)
		return !any_holds(v, a, s, c, false);
	if (strcmp(c->key, "any") == 0)
		return any_holds(v, a, s, c, true);
	if (strcmp(c->key, "not") == 0)
		return !env_holds(v, a, s, c);
	if (strcmp(c->key, "exists") == 0) {
		const char *name = json_text_or(c, "");

		value = env_lookup(v, a, s, name, strlen(name));
		return value && *value;
	}
	if (strcmp(c->key, "ne") == 0)
		return !compare(v, a, s, "eq", c);
	return compare(v, a, s, c->key, c);
}

/* ---- fields ---- */

static const char *text_of(const struct json *v)
{
	if (json_is(v, JSON_TRUE) || json_is(v, JSON_FALSE))
		return v->type == JSON_TRUE ? "true" : "false";
	return json_scalar(v);
}

void bind_fields(struct arena *a, const struct json *fields, const struct json *row, const char *key, struct bind *ret)
{
	for (const struct json *f = fields ? fields->child : NULL; f; f = f->next, ret++) {
		const char *path = json_text_or(f, "");

		ret->name = f->key;
		if (strcmp(path, "$key") == 0)
			ret->value = key;
		else
			ret->value = text_of(strcmp(path, "$") == 0 ? row : json_path(row, path));
	}
}
