/* The push API: services that the vendor names itself (operations 9 to 12). */
#include "api/vendor_face.h"
#include "core/usage/service.h"
#include "core/usage/vendor_account.h"

#include <string.h>

static void write_service(struct jsonw *w, const struct service *s)
{
	jsonw_object(w);
	jsonw_kv(w, "_id", s->id);
	vendor_write_named(w, s->vendor_id, s->name, s->description, s->mapping, s->mapping_id);
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

static struct service_put put_of(const struct vendor_named *n)
{
	return (struct service_put) { .vendor_id = n->vendor_id, .name = n->name, .description = n->description,
		.is_active = n->is_active, .is_arrears = n->is_arrears };
}

static enum rc post_services(struct call *c, struct err *e)
{
	struct service_put put;
	struct vendor_named *named;
	struct service service;
	struct integration i;
	size_t count;
	bool seen;
	enum rc rc = vendor_enter_write(c, TOKEN_WHOLE, &i, &seen, e);

	if (rc != RC_OK || seen)
		return rc;
	rc = vendor_read_all_named(c, true, &named, &count, e);
	jsonw_array(&c->out);
	for (size_t n = 0; rc == RC_OK && n < count; n++) {
		put = put_of(&named[n]);
		rc = service_put_organization(c->tx, c->arena, i.org, i.id, &put, &service, e);
		if (rc == RC_OK)
			write_service(&c->out, &service);
	}
	jsonw_end_array(&c->out);
	return rc;
}

static enum rc patch_services(struct call *c, struct err *e)
{
	struct service_put put;
	struct vendor_named *named;
	struct service service;
	struct integration i;
	size_t count;
	bool seen;
	enum rc rc = vendor_enter_write(c, TOKEN_WHOLE, &i, &seen, e);

	if (rc == RC_OK)
		rc = vendor_read_all_named(c, false, &named, &count, e);
	if (rc != RC_OK)
		return rc;
	jsonw_array(&c->out);
	for (size_t n = 0; rc == RC_OK && n < count; n++) {
		rc = service_find(c->tx, c->arena, i.org, i.id, named[n].vendor_id, &service, e);
		put = put_of(&named[n]);
		put.vendor_id = NULL;
		if (rc == RC_OK)
			rc = service_change(c->tx, c->arena, i.org, i.id, &service, &put, &service, e);
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
	struct service_put put;
	struct vendor_named named;
	struct service service;
	struct integration i;
	bool seen;
	enum rc rc = vendor_enter_write(c, TOKEN_WHOLE, &i, &seen, e);

	if (rc == RC_OK && !vendor_read_named(c, c->body, "", false, &named))
		rc = vendor_wrong(e);
	if (rc == RC_OK)
		rc = find_by_path(c, &i, &service, e);
	if (rc != RC_OK)
		return rc;
	put = put_of(&named);
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
