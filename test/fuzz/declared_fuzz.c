/* The checker of declarations: it says yes, or no with a place and words; what it passed is expanded and asked without
 * harm. */
#include "fuzz.h"

#include "vendor/declared/value.h"

#include <string.h>

static const struct bind binds[] = { { "id", "9007199254740993" }, { "name", "A/B & \"C\" {d} %41" },
	{ "nothing", NULL } };
static const struct scope account = { .prefix = "account", .bind = binds, .count = 3 };
static const struct scope row = { .outer = &account, .bind = binds, .count = 3 };

/* Every text as a template, every condition asked. */
static void use(const struct env *v, struct arena *a, const struct json *j)
{
	const char *text = json_text(j);

	if (text && strchr(text, '{')) {
		HOLDS(env_expand(v, a, &row, text, EXPAND_PLAIN));
		HOLDS(env_expand(v, a, &row, text, EXPAND_URL));
	}
	if (j->key && (strcmp(j->key, "where") == 0 || strcmp(j->key, "if") == 0))
		env_holds(v, a, &row, j);
	for (const struct json *m = j->child; m; m = m->next)
		use(v, a, m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(arena) a = ARENA_INIT;
	const struct declared *d = NULL;
	struct err e = ERR_INIT;

	if (declared_parse(&a, (const char *)data, len, &d, &e) != RC_OK) {
		HOLDS(e.rc == RC_INVALID && e.text[0]);
		return 0;
	}
	HOLDS(d->vendor.id && d->vendor.pull && d->vendor.settings);
	for (const char *m = "settings\0steps\0accounts\0counts\0auth\0"; *m; m += strlen(m) + 1) {
		struct env v = { .root = d->root, .now = 1764000000 * CLOCK_SECOND };

		HOLDS(json_get(d->root, m));
		use(&v, &a, json_get(d->root, m));
	}
	return 0;
}
