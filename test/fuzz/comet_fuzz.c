/* Comet's filter of secrets: what comes out are the members of the shape and no others, as the JSON reader sees them
 * too. */
#include "fuzz.h"

#include "base/json.h"
#include "vendor/comet/comet.h"

#include <string.h>

static const struct comet_shape device[] = { { "FriendlyName", NULL }, { "Size", NULL }, { NULL, NULL } };
static const struct comet_shape devices[] = { { "*", device }, { NULL, NULL } };
static const struct comet_shape shape[] = { { "Username", NULL }, { "IsSuspended", NULL }, { "Devices", devices },
	{ NULL, NULL } };

static const struct comet_shape *wanted(const struct comet_shape *s, const char *name)
{
	for (; s->name; s++) {
		if (strcmp(s->name, "*") == 0 || strcmp(s->name, name) == 0)
			return s;
	}
	return NULL;
}

/* The same from the tree. */
static void keep(const struct json *v, const struct comet_shape *s, struct jsonw *w)
{
	jsonw_object(w);
	for (const struct json *m = v->child; m; m = m->next) {
		const struct comet_shape *x = wanted(s, m->key);

		if (!x || m->type == JSON_ARRAY || json_is(m, JSON_OBJECT) != (x->members != NULL))
			continue;
		jsonw_key(w, m->key);
		if (x->members)
			keep(m, x->members, w);
		else
			jsonw_value(w, m);
	}
	jsonw_end_object(w);
}

static void only_wanted(const struct json *v, const struct comet_shape *s)
{
	for (const struct json *m = v->child; m; m = m->next) {
		const struct comet_shape *x = wanted(s, m->key);

		HOLDS(x && m->type != JSON_ARRAY && json_is(m, JSON_OBJECT) == (x->members != NULL));
		if (x->members)
			only_wanted(m, x->members);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	/* Within these limits the filter has no reason to refuse what the reader takes. */
	static const struct json_limits limits = { 1 << 16, 16, 1 << 12 };
	AUTO(arena) a = ARENA_INIT;
	struct buf out = BUF_INIT(1 << 20), from_tree = BUF_INIT(1 << 20), from_filter = BUF_INIT(1 << 20);
	const char *text = (const char *)data;
	struct err e = ERR_INIT;
	struct json *tree, *kept;
	struct jsonw w;
	enum rc rc = comet_filter(text, len, shape, &out, &e);

	HOLDS(rc == RC_OK || (e.rc == RC_INVALID && e.text[0]));
	if (rc == RC_OK && json_parse(&a, out.data, out.len, &limits, &kept, NULL) == RC_OK)
		only_wanted(kept, shape);
	if (json_parse(&a, text, len, &limits, &tree, NULL) == RC_OK && json_is(tree, JSON_OBJECT)) {
		HOLDS(rc == RC_OK);
		HOLDS(json_parse(&a, out.data, out.len, &limits, &kept, NULL) == RC_OK);
		/* A name in escapes is not the name to the filter: left out, never let through. */
		if (!memchr(data, '\\', len)) {
			jsonw_init(&w, &from_tree, 0);
			keep(tree, shape, &w);
			jsonw_init(&w, &from_filter, 0);
			jsonw_value(&w, kept);
			HOLDS(from_tree.len == from_filter.len &&
				memcmp(from_tree.data, from_filter.data, from_tree.len) == 0);
		}
	}
	buf_release(&out);
	buf_release(&from_tree);
	buf_release(&from_filter);
	return 0;
}
