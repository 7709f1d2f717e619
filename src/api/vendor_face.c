#include "api/vendor_face.h"

#include "core/usage/pushkey.h"
#include "core/usage/vendor_account.h"

#include <string.h>
#include <strings.h>

struct principal vendor_principal(const char *org, const char *integration, const char *name)
{
	return (struct principal){ .org = org, .id = integration, .name = name, .role = ROLE_NONE };
}

enum rc vendor_enter(struct call *c, enum vendor_token need, struct integration *ret, struct err *e)
{
	struct pushkey_hash h;
	const char *org, *id;
	enum rc rc = pushkey_read(c->arena, http_header(c->rq, "Gradient-Token"), &h, e);

	if (rc == RC_OK && h.vendor_only && need == TOKEN_WHOLE)
		rc = err_set(e, RC_UNAUTHORIZED, "Unauthorized");
	if (rc == RC_OK)
		rc = pushkey_find(c->tx, c->arena, &h, &org, &id, e);
	if (rc == RC_OK)
		rc = integration_get(c->tx, c->arena, org, id, ret, e);
	if (rc == RC_OK)
		c->who = vendor_principal(org, id, arena_printf(c->arena, "vendor %s", ret->name));
	return rc;
}

enum rc vendor_enter_write(
	struct call *c, enum vendor_token need, struct integration *ret, bool *ret_seen, struct err *e)
{
	enum rc rc = vendor_enter(c, need, ret, e);

	*ret_seen = false;
	if (rc == RC_OK)
		rc = tx_lock_org(c->tx, c->who.org, e);
	c->audit_object = arena_printf(c->arena, "integration %s", rc == RC_OK ? ret->id : "");
	return rc == RC_OK ? call_once(c, ret_seen, e) : rc;
}

const char *vendor_param_plus(struct call *c, unsigned n)
{
	return call_decode(c, c->rq->param[n], true);
}

static bool is_word(const char *const *words, const char *text)
{
	for (; *words; words++) {
		if (strcmp(*words, text) == 0)
			return true;
	}
	return false;
}

enum rc vendor_query_bool(struct call *c, const char *name, bool fallback, bool *ret, struct err *e)
{
	static const char *const yes[] = { "true", "True", "TRUE", "1", NULL };
	static const char *const no[] = { "false", "False", "FALSE", "0", "", NULL };
	const char *text = http_query(c->rq, name);

	*ret = text ? is_word(yes, text) : fallback;
	if (!text || *ret || is_word(no, text))
		return RC_OK;
	call_complain(c, "", "%s must be true or false", name);
	return vendor_wrong(e);
}

/* One value: the id itself, or a comma list that holds it. */
static bool names(const char *value, const char *id)
{
	size_t len = strlen(id), part;

	if (strcmp(value, id) == 0)
		return true;
	for (const char *p = value; *p; p += part + (p[part] == ',')) {
		part = strcspn(p, ",");
		if (part == len && memcmp(p, id, len) == 0)
			return true;
	}
	return false;
}

bool vendor_query_has(struct call *c, const char *name, const char *id)
{
	const char *keys[] = { name, arena_printf(c->arena, "%s[]", name) }, *value;
	bool given = false;

	for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
		for (unsigned n = 0; (value = http_query_nth(c->rq, keys[k], n)); n++) {
			given = given || *value;
			if (*value && names(value, id))
				return true;
		}
	}
	return !given;
}

static const struct json *array_of(const struct json *body)
{
	const struct json *value = json_get(body, "value");

	if (json_is(body, JSON_ARRAY))
		return body;
	return json_is(value, JSON_ARRAY) && json_get(body, "Count") ? value : NULL;
}

static enum rc find_items(struct call *c, const struct json **ret_first, struct err *e)
{
	const struct json *array = array_of(c->body);

	if (!array && !json_is(c->body, JSON_OBJECT)) {
		call_complain(c, "", "the body must be an array or an object");
		return vendor_wrong(e);
	}
	*ret_first = array ? array->child : c->body;
	return RC_OK;
}

/* "[2]." for the items of an array, "" for a bare object. */
static const char *prefix_of(struct call *c, size_t n)
{
	return array_of(c->body) ? arena_printf(c->arena, "[%zu].", n) : "";
}

static bool complain(struct call *c, const char *prefix, const char *key, const char *words)
{
	call_complain(c, "", "%s%s must be %s", prefix, key, words);
	return false;
}

bool vendor_text(struct call *c, const struct json *object, const char *prefix, const char *key, enum vendor_need need,
	bool digits, size_t max, const char **ret)
{
	const struct json *v = json_get(object, key);
	const char *words = need == VENDOR_NON_EMPTY ? "a non-empty string" : "a string";
	bool given = json_is(v, JSON_STRING) || (digits && json_is(v, JSON_NUMBER));

	*ret = NULL;
	if (json_is_null(v) && need == VENDOR_OPTIONAL)
		return true;
	if (!given || strlen(v->str) != v->len || (need == VENDOR_NON_EMPTY && !v->str[strspn(v->str, " \t\r\n")]))
		return complain(c, prefix, key, words);
	if (v->len > max)
		return complain(c, prefix, key, arena_printf(c->arena, "shorter than or equal to %zu bytes", max));
	*ret = v->str;
	return true;
}

bool vendor_flag(struct call *c, const struct json *object, const char *prefix, const char *key, int *ret)
{
	const struct json *v = json_get(object, key);
	const char *text = json_text(v);

	*ret = -1;
	if (json_is_null(v) || (text && !*text))
		return true;
	if (json_is(v, JSON_TRUE) || (text && strcasecmp(text, "true") == 0))
		*ret = 1;
	else if (json_is(v, JSON_FALSE) || (text && strcasecmp(text, "false") == 0))
		*ret = 0;
	else
		return complain(c, prefix, key, "a boolean value");
	return true;
}

bool vendor_read_named(struct call *c, const struct json *v, const char *prefix, bool make, struct vendor_named *ret)
{
	enum vendor_need need = make ? VENDOR_NON_EMPTY : VENDOR_OPTIONAL;
	bool ok = vendor_text(c, v, prefix, "name", need, false, VENDOR_NAME_MAX, &ret->name);

	ok &= vendor_text(c, v, prefix, "id", need, true, VENDOR_ID_MAX, &ret->vendor_id);
	ok &= vendor_text(c, v, prefix, "description", VENDOR_OPTIONAL, false, VENDOR_TEXT_MAX, &ret->description);
	ok &= vendor_flag(c, v, prefix, "isActive", &ret->is_active);
	ok &= vendor_flag(c, v, prefix, "isArrears", &ret->is_arrears);
	if (ret->name && !*ret->name)
		ret->name = NULL;
	if (ret->vendor_id && !*ret->vendor_id)
		ret->vendor_id = NULL;
	return ok;
}

enum rc vendor_read_all_named(struct call *c, bool make, struct vendor_named **ret, size_t *ret_count, struct err *e)
{
	const struct json *first = NULL, *v;
	size_t n = 0;
	bool ok = true;
	enum rc rc = find_items(c, &first, e);

	if (rc != RC_OK)
		return rc;
	for (v = first; v; v = v->next)
		n++;
	*ret = arena_array(c->arena, n, sizeof(**ret));
	*ret_count = n;
	for (v = first, n = 0; v; v = v->next, n++) {
		bool good = vendor_read_named(c, v, prefix_of(c, n), make, &(*ret)[n]);

		if (good && !(*ret)[n].vendor_id)
			good = complain(c, prefix_of(c, n), "id", "a non-empty string");
		ok &= good;
	}
	return ok ? RC_OK : vendor_wrong(e);
}

void vendor_write_named(struct jsonw *w, const char *id, const char *name, const char *description, const char *mapping,
	const char *mapping_id)
{
	bool mapped = strcmp(mapping, "mapped") == 0;

	jsonw_kv(w, "id", id);
	jsonw_kv(w, "name", name);
	jsonw_kv(w, "description", description);
	jsonw_kv_bool(w, "isMapped", mapped);
	if (mapped && mapping_id)
		jsonw_kv(w, "mappingId", mapping_id);
}

enum rc vendor_wrong(struct err *e)
{
	return err_set(e, RC_INVALID, "Bad Request");
}
