#include "core/usage/redact.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { LIST_SHOWN = 3, MEMBERS_SHOWN = 60, TEXT_SHOWN = 60, WORD_MAX = 40, DEPTH_MAX = 24 };

static bool among(const char *const *list, const char *word)
{
	for (; *list; list++) {
		if (strcasecmp(*list, word) == 0)
			return true;
	}
	return false;
}

static bool contains_any(const char *const *parts, const char *word)
{
	for (; *parts; parts++) {
		if (strcasestr(word, *parts))
			return true;
	}
	return false;
}

static bool is_secret(const char *key)
{
	static const char *const parts[] = { "secret", "password", "passphrase", "token", "credential", "auth",
		"session", "cookie", "cert", "totp", "signature", "private", "jwt", "hash", "apikey", "api_key",
		"accesskey", "recovery", NULL };

	return contains_any(parts, key) || strcasecmp(key, "key") == 0;
}

/* Members that say a state or a kind, in words that are the vendor's and not the customer's. */
static bool is_word(const char *key)
{
	static const char *const parts[] = { "status", "state", "type", "kind", "class", "category", "plan", "term",
		"unit", "sku", "edition", "engine", "currency", "usage_name", "product", "package", "suite", "license",
		"version", "module", "role", "basis", NULL };

	return key && contains_any(parts, key);
}

static bool is_id(const char *key)
{
	size_t len = key ? strlen(key) : 0;

	return len >= 2 && strcasecmp(key + len - 2, "id") == 0;
}

/* Objects that are named by the vendor's design; the members of others may be named after customers. */
static bool is_structure(const char *key)
{
	static const char *const words[] = { "data", "attributes", "result", "results", "items", "pagination",
		"pageDetails", "meta", "pagingInfo", "page", "paging", "links", "cursors", "cursor", "customer",
		"organization", "response", "error", "errors", "offering_item", "quota", "prepaidUnits", "deviceType",
		"Statistics", "Devices", "Sources", "Destinations", "LastSuccessfulBackupJob", "ClientProvidedSize",
		"Size", "PlatformVersion", "modules", "subscription", "counters", "commitment", "relationships",
		"access", "usage", NULL };

	return among(words, key);
}

static bool is_map(const struct json *v)
{
	bool objects = v->count > 0;

	for (const struct json *m = v->child; m; m = m->next)
		objects &= json_is(m, JSON_OBJECT) && !is_structure(m->key);
	return objects;
}

/* No more than a word or two, or a date. */
static bool is_plain(const char *s, const char *allowed)
{
	size_t len = strlen(s);

	if (len > WORD_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)s[i]) && !strchr(allowed, s[i]))
			return false;
	}
	return true;
}

static bool is_date(const char *s)
{
	return strlen(s) >= 10 && strlen(s) <= 35 && strspn(s, "0123456789-:.TZ+ ") == strlen(s) && s[4] == '-' &&
		s[7] == '-';
}

static char masked(char c)
{
	if (isdigit((unsigned char)c))
		return '0';
	return isalpha((unsigned char)c) || (unsigned char)c >= 0x80 ? 'x' : c;
}

static void put_pattern(struct jsonw *w, const char *s)
{
	char out[TEXT_SHOWN + 4];
	size_t n = 0;

	for (; *s && n < TEXT_SHOWN; s++) {
		/* The later bytes of one letter. */
		if (((unsigned char)*s & 0xc0) == 0x80)
			continue;
		out[n++] = masked(*s);
	}
	if (*s) {
		memcpy(out + n, "...", 3);
		n += 3;
	}
	jsonw_stringn(w, out, n);
}

static void put_text(struct jsonw *w, const char *key, const char *s)
{
	if (!*s || is_date(s) || (is_word(key) && !is_id(key) && is_plain(s, " _.-/+")))
		jsonw_string(w, s);
	else
		put_pattern(w, s);
}

static void put_number(struct jsonw *w, const char *key, const char *s)
{
	if (is_id(key) || strlen(s) > 15)
		put_pattern(w, s);
	else
		jsonw_number(w, s);
}

static void put(struct jsonw *w, const char *key, const struct json *v, unsigned depth);

static void put_list(struct jsonw *w, const char *key, const struct json *v, unsigned depth)
{
	unsigned n = 0;

	jsonw_array(w);
	for (const struct json *i = v->child; i && n < LIST_SHOWN; i = i->next, n++)
		put(w, key, i, depth + 1);
	if (v->count > n) {
		AUTO(buf) b = BUF_INIT(64);

		buf_printf(&b, "more left out: %u", v->count - n);
		jsonw_string(w, buf_text(&b));
	}
	jsonw_end_array(w);
}

static void put_object(struct jsonw *w, const struct json *v, unsigned depth)
{
	bool map = is_map(v);
	char name[] = "member00";
	unsigned n = 0;

	jsonw_object(w);
	for (const struct json *m = v->child; m && n < (map ? LIST_SHOWN : MEMBERS_SHOWN); m = m->next) {
		n++;
		name[6] = (char)('0' + n / 10);
		name[7] = (char)('0' + n % 10);
		jsonw_key(w, map || !is_plain(m->key, "_.-@$") ? name : m->key);
		if (is_secret(m->key) && !map)
			jsonw_string(w, "(removed)");
		else
			put(w, m->key, m, depth + 1);
	}
	if (v->count > n)
		jsonw_kv_int(w, "more_left_out", v->count - n);
	jsonw_end_object(w);
}

static void put(struct jsonw *w, const char *key, const struct json *v, unsigned depth)
{
	if (depth > DEPTH_MAX)
		jsonw_string(w, "(too deep)");
	else if (v->type == JSON_OBJECT)
		put_object(w, v, depth);
	else if (v->type == JSON_ARRAY)
		put_list(w, key, v, depth);
	else if (v->type == JSON_STRING)
		put_text(w, key, v->str);
	else if (v->type == JSON_NUMBER)
		put_number(w, key, v->str);
	else
		jsonw_value(w, v);
}

void redact_json(struct jsonw *w, const struct json *v)
{
	put(w, NULL, v, 0);
}

/* A part of a path that an API is made of: letters, or a version. */
static bool is_part(const char *s, size_t len)
{
	bool letters = true, version_number = len > 1 && len < 6 && s[0] == 'v';

	for (size_t i = 0; i < len; i++) {
		letters &= isalpha((unsigned char)s[i]) || s[i] == '-' || s[i] == '_' || s[i] == ' ';
		version_number &= i == 0 || isdigit((unsigned char)s[i]) || s[i] == '.';
	}
	return letters || version_number;
}

char *redact_path(struct arena *a, const char *what)
{
	AUTO(buf) b = BUF_INIT(4096);

	what += strspn(what, " ");
	for (size_t len; *what && *what != '?'; what += len + (what[len] == '/')) {
		len = strcspn(what, "/?");
		buf_printf(&b, "%.*s%s", is_part(what, len) ? (int)len : 3, is_part(what, len) ? what : "...",
			what[len] == '/' ? "/" : "");
	}
	return arena_strdup(a, buf_text(&b));
}
