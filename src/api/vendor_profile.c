/* The push API: the vendor's profile and its services (operations 1, 2, 14, 15 and 16). */
#include "api/vendor_face.h"
#include "core/usage/service.h"
#include "core/usage/vendor_account.h"

#include <string.h>

enum { URL_MAX_BYTES = 500 };

static enum rc write_sku(void *arg, const struct service *s, struct err *e)
{
	struct jsonw *w = arg;

	jsonw_object(w);
	jsonw_kv(w, "_id", s->id);
	jsonw_kv(w, "id", s->id);
	jsonw_kv(w, "name", s->name);
	jsonw_kv(w, "description", s->description);
	jsonw_kv(w, "category", s->category ? s->category : "other");
	jsonw_kv(w, "subcategory", s->subcategory ? s->subcategory : "other");
	if (s->support_article)
		jsonw_kv(w, "supportArticle", s->support_article);
	if (s->support_contact)
		jsonw_kv(w, "supportContact", s->support_contact);
	jsonw_end_object(w);
	return RC_OK;
}

static void write_modules(struct jsonw *w, const struct integration *i)
{
	size_t len;

	jsonw_key(w, "modules");
	jsonw_array(w);
	for (const char *m = i->modules; *m; m += len + (m[len] == '|')) {
		len = strcspn(m, "|");
		jsonw_object(w);
		jsonw_key(w, "variation");
		jsonw_stringn(w, m, len);
		jsonw_kv(w, "status", i->state);
		jsonw_kv(w, "externalIntegrationStatus", i->state);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}

static void write_head(struct jsonw *w, const struct integration *i)
{
	jsonw_kv(w, "_id", i->profile);
	jsonw_kv(w, "id", i->profile);
	jsonw_kv(w, "name", i->name);
	jsonw_kv(w, "description", i->description);
	jsonw_kv(w, "integrationType", "custom");
	jsonw_kv_bool(w, "isDistributor", false);
	jsonw_kv(w, "externalIntegrationStatus", "notIntegrated");
	jsonw_key(w, "mappingResponsibilities");
	jsonw_array(w);
	jsonw_string(w, "accounts");
	jsonw_string(w, "services");
	jsonw_end_array(w);
	write_modules(w, i);
	if (i->portal_url)
		jsonw_kv(w, "integrationPortalUrl", i->portal_url);
	if (i->support_url)
		jsonw_kv(w, "vendorSupportPageUrl", i->support_url);
	jsonw_kv(w, "organizationId", i->org);
}

/* The profile with all of its services, or with `only` one. */
static enum rc write_vendor(struct call *c, const struct integration *i, const struct service *only, struct err *e)
{
	struct jsonw *w = &c->out;
	char at[CLOCK_TEXT];
	enum rc rc;

	jsonw_object(w);
	write_head(w, i);
	jsonw_key(w, "skus");
	jsonw_array(w);
	if (only)
		rc = write_sku(w, only, e);
	else
		rc = service_each(c->tx, i->org, i->id, SERVICE_VENDOR, write_sku, w, e);
	jsonw_end_array(w);
	jsonw_kv(w, "createdAt", clock_format_ms(i->created_at, at));
	jsonw_kv(w, "updatedAt", clock_format_ms(i->updated_at, at));
	jsonw_end_object(w);
	return rc;
}

static enum rc write_envelope(
	struct call *c, const struct integration *i, const struct service *only, const char *message, struct err *e)
{
	struct jsonw *w = &c->out;
	enum rc rc;

	jsonw_object(w);
	jsonw_kv_int(w, "status", 200);
	jsonw_kv(w, "message", message);
	jsonw_key(w, "data");
	rc = write_vendor(c, i, only, e);
	jsonw_end_object(w);
	return rc;
}

static enum rc get_vendor(struct call *c, struct err *e)
{
	struct integration i;
	enum rc rc = vendor_enter(c, TOKEN_VENDOR, &i, e);

	return rc == RC_OK ? write_envelope(c, &i, NULL, "Vendor found", e) : rc;
}

static const char *non_empty(const char *text)
{
	return text && *text ? text : NULL;
}

static bool is_address(struct call *c, const char *key, const char *url)
{
	if (!url || strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0)
		return true;
	call_complain(c, "", "%s must be a URL address", key);
	return false;
}

static enum rc patch_vendor(struct call *c, struct err *e)
{
	const char *name, *description, *support, *portal;
	struct integration i;
	bool seen, ok;
	enum rc rc = vendor_enter_write(c, TOKEN_VENDOR, &i, &seen, e);

	if (rc != RC_OK)
		return rc;
	ok = vendor_text(c, c->body, "", "name", VENDOR_OPTIONAL, false, 200, &name);
	ok &= vendor_text(c, c->body, "", "description", VENDOR_OPTIONAL, false, VENDOR_TEXT_MAX, &description);
	ok &= vendor_text(c, c->body, "", "vendorSupportPageUrl", VENDOR_OPTIONAL, false, URL_MAX_BYTES, &support);
	ok &= vendor_text(c, c->body, "", "integrationPortalUrl", VENDOR_OPTIONAL, false, URL_MAX_BYTES, &portal);
	name = non_empty(name);
	description = non_empty(description);
	support = non_empty(support);
	portal = non_empty(portal);
	ok = ok && is_address(c, "vendorSupportPageUrl", support) && is_address(c, "integrationPortalUrl", portal);
	if (ok && !name && !description && !support && !portal) {
		call_complain(
			c, "", "give at least one of: name, description, vendorSupportPageUrl, integrationPortalUrl");
		ok = false;
	}
	if (!ok)
		return vendor_wrong(e);
	rc = integration_describe(c->tx, i.org, i.id, name, description, support, portal, e);
	if (rc == RC_OK)
		rc = integration_get(c->tx, c->arena, i.org, i.id, &i, e);
	return rc == RC_OK ? write_envelope(c, &i, NULL, "Vendor updated", e) : rc;
}

static const char *join(struct call *c, const char *const *words)
{
	const char *text = *words;

	while (*++words)
		text = arena_printf(c->arena, "%s, %s", text, *words);
	return text;
}

static bool read_word(struct call *c, const char *key, const char *const *list, bool required, const char **ret)
{
	const struct json *v = json_get(c->body, key);
	const char *word = json_text(v);

	*ret = NULL;
	if (!required && (json_is_null(v) || (word && !*word)))
		return true;
	*ret = word;
	if (word && service_word(list, word))
		return true;
	call_complain(c, "", "%s must be one of: %s", key, join(c, list));
	return false;
}

static bool read_service(struct call *c, bool make, struct service_put *ret)
{
	bool ok = vendor_text(
		c, c->body, "", "name", make ? VENDOR_NON_EMPTY : VENDOR_OPTIONAL, false, VENDOR_NAME_MAX, &ret->name);

	ok &= vendor_text(c, c->body, "", "description", make ? VENDOR_STRING : VENDOR_OPTIONAL, false, VENDOR_TEXT_MAX,
		&ret->description);
	ok &= vendor_text(
		c, c->body, "", "supportArticle", VENDOR_OPTIONAL, false, VENDOR_TEXT_MAX, &ret->support_article);
	ok &= vendor_text(
		c, c->body, "", "supportContact", VENDOR_OPTIONAL, false, VENDOR_TEXT_MAX, &ret->support_contact);
	ok &= read_word(c, "category", service_categories, make, &ret->category);
	ok &= read_word(c, "subcategory", service_subcategories, make, &ret->subcategory);
	ok &= vendor_flag(c, c->body, "", "isActive", &ret->is_active);
	ok &= vendor_flag(c, c->body, "", "isArrears", &ret->is_arrears);
	ret->name = non_empty(ret->name);
	ret->support_article = non_empty(ret->support_article);
	ret->support_contact = non_empty(ret->support_contact);
	return ok;
}

static enum rc post_service(struct call *c, struct err *e)
{
	struct service_put put = { 0 };
	struct integration i;
	const char *id;
	bool seen;
	enum rc rc = vendor_enter_write(c, TOKEN_VENDOR, &i, &seen, e);

	if (rc != RC_OK || seen)
		return rc;
	if (!read_service(c, true, &put))
		return vendor_wrong(e);
	rc = service_put_vendor(c->tx, c->arena, i.org, i.id, &put, &id, e);
	return rc == RC_OK ? write_vendor(c, &i, NULL, e) : rc;
}

static enum rc find_sku(struct call *c, const struct integration *i, struct service *ret, struct err *e)
{
	enum rc rc = service_get(c->tx, c->arena, i->org, i->id, call_param(c, 0), ret, e);

	if (rc == RC_OK && strcmp(ret->kind, SERVICE_VENDOR) != 0)
		return err_set(e, RC_NOT_FOUND, "No service found with id: %s", call_param(c, 0));
	return rc;
}

static enum rc get_service(struct call *c, struct err *e)
{
	struct integration i;
	struct service s;
	enum rc rc = vendor_enter(c, TOKEN_VENDOR, &i, e);

	if (rc == RC_OK)
		rc = find_sku(c, &i, &s, e);
	return rc == RC_OK ? write_envelope(c, &i, &s, "Service found", e) : rc;
}

static enum rc patch_service(struct call *c, struct err *e)
{
	struct service_put put = { 0 };
	struct integration i;
	struct service s;
	bool seen;
	enum rc rc = vendor_enter_write(c, TOKEN_VENDOR, &i, &seen, e);

	if (rc == RC_OK && !read_service(c, false, &put))
		rc = vendor_wrong(e);
	if (rc == RC_OK)
		rc = find_sku(c, &i, &s, e);
	if (rc == RC_OK)
		rc = service_change(c->tx, c->arena, i.org, i.id, &s, &put, &s, e);
	if (rc != RC_OK)
		return rc;
	c->audit_object = arena_printf(c->arena, "service %s", s.id);
	return write_envelope(c, &i, &s, "Service updated", e);
}

const struct route vendor_profile_routes[] = {
	{ "GET", "/api/vendor-api", ROUTE_READ, ROLE_NONE, 200, get_vendor, .face = FACE_VENDOR, .rate = RATE_PUSH,
		.summary = "Push API: the vendor and its services" },
	{ "PATCH", "/api/vendor-api", ROUTE_WRITE, ROLE_NONE, 200, patch_vendor, .face = FACE_VENDOR,
		.event = "integration.changed", .rate = RATE_PUSH,
		.summary = "Push API: change the vendor's own words" },
	{ "POST", "/api/vendor-api/service", ROUTE_WRITE, ROLE_NONE, 201, post_service, .face = FACE_VENDOR,
		.rate = RATE_PUSH, .summary = "Push API: make a service; one of that name is kept" },
	{ "GET", "/api/vendor-api/service/{serviceId}", ROUTE_READ, ROLE_NONE, 200, get_service, .face = FACE_VENDOR,
		.rate = RATE_PUSH, .summary = "Push API: one service" },
	{ "PATCH", "/api/vendor-api/service/{serviceId}", ROUTE_WRITE, ROLE_NONE, 200, patch_service,
		.face = FACE_VENDOR, .event = "service.changed", .rate = RATE_PUSH,
		.summary = "Push API: change one service" },
	{ NULL },
};
