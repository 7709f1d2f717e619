/* The catalogue behind the Integrations tab. */
#include "api/route.h"
#include "vendor/catalogue.h"

#include <string.h>

static void kv_words(struct jsonw *w, const char *key, const char *words)
{
	size_t len;

	jsonw_key(w, key);
	jsonw_array(w);
	for (; *words; words += len + (words[len] == '|')) {
		len = strcspn(words, "|");
		jsonw_stringn(w, words, len);
	}
	jsonw_end_array(w);
}

static void write_settings(struct jsonw *w, const struct vendor_setting *s)
{
	jsonw_key(w, "settings");
	jsonw_array(w);
	for (; s->name; s++) {
		jsonw_object(w);
		jsonw_kv(w, "name", s->name);
		jsonw_kv(w, "label", s->label);
		jsonw_kv(w, "type", s->type);
		jsonw_kv_bool(w, "secret", s->secret);
		jsonw_kv_bool(w, "required", s->required);
		jsonw_kv(w, "default", s->fallback);
		jsonw_kv(w, "help", s->help);
		if (s->choices)
			kv_words(w, "choices", s->choices);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}

static enum rc get_vendors(struct call *c, struct err *e)
{
	struct jsonw *w = &c->out;
	const struct vendor *v;

	call_list_begin(c);
	for (size_t i = 0; (v = vendor_at(i)); i++) {
		jsonw_object(w);
		jsonw_kv(w, "id", v->id);
		jsonw_kv(w, "name", v->name);
		jsonw_kv(w, "description", v->description);
		kv_words(w, "products", v->products);
		kv_words(w, "modules", v->modules);
		jsonw_kv(w, "portal_url", v->portal_url);
		jsonw_kv(w, "connects", v->connects);
		jsonw_kv(w, "how", v->how);
		jsonw_kv(w, "verified", v->verified);
		jsonw_kv_bool(w, "declared", v->declaration != NULL);
		write_settings(w, v->settings);
		jsonw_end_object(w);
	}
	call_list_end(c, NULL);
	return RC_OK;
}

const struct route vendors_routes[] = {
	{ "GET", "/api/v1/vendors", ROUTE_READ, ROLE_VIEWER, 200, get_vendors, .rate = RATE_APP,
		.summary = "Vendors that can be connected, with what each needs" },
	{ NULL },
};
