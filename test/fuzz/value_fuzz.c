/* Values of declarations: the first line is a template, the second a path, the rest the vendor's answer. What a vendor
 * tells goes into an address as one segment, whatever it is. */
#include "fuzz.h"

#include "base/codec.h"
#include "vendor/declared/value.h"

#include <string.h>

static const char *line(struct arena *a, const char **at, const char *end)
{
	const char *from = *at, *stop = memchr(from, '\n', (size_t)(end - from));

	*at = stop ? stop + 1 : end;
	return arena_strndup(a, from, (size_t)((stop ? stop : end) - from));
}

static enum rc any(void *arg, const char *name, size_t len, bool is_filter, struct err *e)
{
	HOLDS(name || !len);
	return RC_OK;
}

static void one_segment(const struct env *v, struct arena *a, const struct scope *s, const char *told)
{
	const char *out = env_expand(v, a, s, "{x}", EXPAND_URL);

	HOLDS(strcspn(out, "/?#&= \"\\\r\n") == strlen(out));
	HOLDS(strcmp(url_decode(a, out, strlen(out), false), told) == 0);
	HOLDS(strcmp(env_expand(v, a, s, "{x}", EXPAND_PLAIN), told) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char root_text[] = "{\"settings\":[],\"maps\":{\"m\":{\"a\":\"b\"}}}",
			  fields_text[] = "{\"x\":\"PATH\"}";
	static const struct json_limits limits = { 1 << 16, 16, 1 << 12 };
	AUTO(arena) a = ARENA_INIT;
	const char *at = (const char *)data, *end = at + len, *template = line(&a, &at, end),
		   *path = line(&a, &at, end);
	struct env v = { .now = 1764000000 * CLOCK_SECOND };
	struct json *root, *fields, *answer;
	struct bind bind = { 0 };
	struct scope s = { .bind = &bind, .count = 1 };
	struct err e = ERR_INIT;

	HOLDS(json_parse(&a, root_text, strlen(root_text), NULL, &root, &e) == RC_OK);
	HOLDS(json_parse(&a, fields_text, strlen(fields_text), NULL, &fields, &e) == RC_OK);
	v.root = root;
	if (json_parse(&a, at, (size_t)(end - at), &limits, &answer, NULL) != RC_OK)
		return 0;
	((struct json *)fields->child)->str = path;
	((struct json *)fields->child)->len = strlen(path);
	bind_fields(&a, fields, answer, "key", &bind);
	if (bind.value)
		one_segment(&v, &a, &s, bind.value);
	if (template_each(template, any, NULL, &e) == RC_OK) {
		HOLDS(env_expand(&v, &a, &s, template, EXPAND_PLAIN));
		HOLDS(env_expand(&v, &a, &s, template, EXPAND_URL));
	} else {
		HOLDS(e.rc == RC_INVALID && e.text[0]);
	}
	return 0;
}
