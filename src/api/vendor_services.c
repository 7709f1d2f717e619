/* The push API: services that the vendor names itself (operations 9 to 12). */
#include "api/vendor_face.h"
#include "core/service.h"
#include "core/vendor_account.h"

#include <string.h>

static void write_service(struct jsonw *w, const struct service *s)
{
	bool mapped = strcmp(s->mapping, "mapped") == 0;

	jsonw_object(w);
	jsonw_kv(w, "_id", s->id);
	jsonw_kv(w, "id", s->vendor_id);
	jsonw_kv(w, "name", s->name);
	jsonw_kv(w, "description", s->description);
	jsonw_kv_bool(w, "isMapped", mapped);
	if (mapped && s->mapping_id)
		jsonw_kv(w, "mappingId", s->mapping_id);
	jsonw_end_object(w);
}

struct listing {
	struct call *c;
	bool unmapped;
};

static enum rc list_one(void *arg, const struct service *s, struct err *e)
{
	struct listing *l = arg;

	if ((l->unmapped || strcmp(s->mapping, "mapped") == 0) && vendor_query_has(l->c, "serviceIds", s->vendor_id))
		write_service(&l->c->out, s);
	return RC_OK;
}

static enum rc get_services(struct call *c, struct err *e)
{
	struct listing l = { .c = c };
	struct integration i;
	enum rc rc = vendor_enter(c, TOKEN_WHOLE, &i, e);

	if (rc == RC_OK)
		rc = vendor_query_bool(c, "returnUnmapped", true, &l.unmapped, e);
	if (rc != RC_OK)
		return rc;
	jsonw_array(&c->out);
	rc = service_each(c->tx, i.org, i.id, SERVICE_ORGANIZATION, list_one, &l, e);
	jsonw_end_array(&c->out);
	return rc;
}

/* `make`: id and name must be there; otherwise empty ones leave as it is. */
static bool read_put(struct call *c, const struct json *v, const char *prefix, bool make, struct service_put *ret)
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

/* Everything is read before the first is written: a complaint leaves nothing behind. */
static enum rc read_all(struct call *c, bool make, struct service_put **ret, size_t *ret_count, struct err *e)
{
	const struct json *first, *v;
	size_t n = 0;
	bool ok = true;
	enum rc rc = vendor_items(c, &first, e);

	if (rc != RC_OK)
		return rc;
	for (v = first; v; v = v->next)
		n++;
	*ret = arena_array(c->arena, n, sizeof(**ret));
	*ret_count = n;
	for (v = first, n = 0; v; v = v->next, n++)
		ok &= read_put(c, v, vendor_prefix(c, n), make, &(*ret)[n]);
	return ok ? RC_OK : vendor_wrong(e);
}

static enum rc post_services(struct call *c, struct err *e)
{
	struct service_put *puts;
	struct service service;
	struct integration i;
	size_t count;
	bool seen;
	enum rc rc = vendor_enter_write(c, TOKEN_WHOLE, &i, &seen, e);

	if (rc != RC_OK || seen)
		return rc;
	rc = read_all(c, true, &puts, &count, e);
	jsonw_array(&c->out);
	for (size_t n = 0; rc == RC_OK && n < count; n++) {
		rc = service_put_organization(c->tx, c->arena, i.org, i.id, &puts[n], &service, e);
		if (rc == RC_OK)
			write_service(&c->out, &service);
	}
	jsonw_end_array(&c->out);
	return rc;
}

static enum rc patch_services(struct call *c, struct err *e)
{
	struct service_put *puts;
	struct service service;
	struct integration i;
	size_t count;
	bool seen;
	enum rc rc = vendor_enter_write(c, TOKEN_WHOLE, &i, &seen, e);

	if (rc == RC_OK)
		rc = read_all(c, false, &puts, &count, e);
	if (rc != RC_OK)
		return rc;
	jsonw_array(&c->out);
	for (size_t n = 0; rc == RC_OK && n < count; n++) {
		if (!puts[n].vendor_id) {
			call_complain(c, "", "%sid must be a non-empty string", vendor_prefix(c, n));
			return vendor_wrong(e);
		}
		rc = service_find(c->tx, c->arena, i.org, i.id, puts[n].vendor_id, &service, e);
		puts[n].vendor_id = NULL;
		if (rc == RC_OK)
			rc = service_change(c->tx, c->arena, i.org, i.id, &service, &puts[n], &service, e);
		if (rc == RC_OK)
			write_service(&c->out, &service);
	}
	jsonw_end_array(&c->out);
	return rc;
}

static enum rc find_by_path(struct call *c, const struct integration *i, struct service *ret, struct err *e)
{
	struct err ignored = ERR_INIT;
	enum rc rc = service_find(c->tx, c->arena, i->org, i->id, call_param(c, 0), ret, e);

	if (rc == RC_NOT_FOUND &&
		service_find(c->tx, c->arena, i->org, i->id, vendor_param_plus(c, 0), ret, &ignored) == RC_OK)
		return RC_OK;
	return rc;
}

static enum rc patch_service(struct call *c, struct err *e)
{
	struct service_put put = { 0 };
	struct service service;
	struct integration i;
	bool seen;
	enum rc rc = vendor_enter_write(c, TOKEN_WHOLE, &i, &seen, e);

	if (rc == RC_OK && !read_put(c, c->body, "", false, &put))
		rc = vendor_wrong(e);
	if (rc == RC_OK)
		rc = find_by_path(c, &i, &service, e);
	if (rc == RC_OK)
		rc = service_change(c->tx, c->arena, i.org, i.id, &service, &put, &service, e);
	if (rc != RC_OK)
		return rc;
	c->audit_object = arena_printf(c->arena, "service %s", service.id);
	write_service(&c->out, &service);
	return RC_OK;
}

const struct route vendor_service_routes[] = {
	{ "GET", "/api/vendor-api/organization/services", ROUTE_READ, ROLE_NONE, 200, get_services, .face = FACE_VENDOR,
		.rate = RATE_PUSH, .summary = "Push API: services named by the vendor; ?returnUnmapped= ?serviceIds=" },
	{ "POST", "/api/vendor-api/organization/services", ROUTE_WRITE, ROLE_NONE, 201, post_services,
		.face = FACE_VENDOR, .rate = RATE_PUSH,
		.summary = "Push API: make or refresh services, an array or one" },
	{ "PATCH", "/api/vendor-api/organization/services", ROUTE_WRITE, ROLE_NONE, 200, patch_services,
		.face = FACE_VENDOR, .rate = RATE_PUSH, .summary = "Push API: change services, each named by its id" },
	{ "PATCH", "/api/vendor-api/organization/services/{serviceId}", ROUTE_WRITE, ROLE_NONE, 200, patch_service,
		.face = FACE_VENDOR, .event = "service.changed", .rate = RATE_PUSH,
		.summary = "Push API: change one service" },
	{ NULL }
};
