/* The push API: the integration itself, its status, and the clients of the PSA (operations 3, 4 and 13). */
#include "api/vendor_face.h"
#include "core/book/clientlist.h"
#include "core/people/org.h"

/* What the original says for "never". */
#define NEVER "1900-01-01T00:00:00.000Z"

static enum rc write_integration(struct call *c, const struct integration *i, const char *status, struct err *e)
{
	struct jsonw *w = &c->out;
	char at[CLOCK_TEXT];
	struct org org;
	enum rc rc = org_get(c->tx, c->arena, i->org, &org, e);

	if (rc != RC_OK)
		return rc;
	jsonw_object(w);
	jsonw_kv(w, "organizationId", i->org);
	jsonw_kv(w, "name", org.name);
	jsonw_kv(w, "vendorId", i->profile);
	jsonw_kv(w, "vendorName", i->name);
	jsonw_kv(w, "integrationId", i->id);
	jsonw_kv(w, "status", status);
	jsonw_kv(w, "lastSyncedAt", i->last_synced_at ? clock_format_ms(i->last_synced_at, at) : NEVER);
	jsonw_end_object(w);
	return RC_OK;
}

static enum rc get_organization(struct call *c, struct err *e)
{
	struct integration i;
	enum rc rc = vendor_enter(c, TOKEN_WHOLE, &i, e);

	return rc == RC_OK ? write_integration(c, &i, i.state, e) : rc;
}

static enum rc patch_status(struct call *c, struct err *e)
{
	const char *state = integration_state(call_param(c, 0));
	struct jsonw *w = &c->out;
	struct integration i;
	bool seen;
	enum rc rc = vendor_enter_write(c, TOKEN_WHOLE, &i, &seen, e);

	if (rc == RC_OK && !state) {
		call_complain(c, "", "status must be one of: inactive, pending, active, disabled, error");
		rc = vendor_wrong(e);
	}
	if (rc == RC_OK)
		rc = integration_set_state(c->tx, i.org, i.id, state, NULL, e);
	if (rc != RC_OK)
		return rc;
	c->audit_before = arena_printf(c->arena, "{\"state\":\"%s\"}", i.state);
	c->audit_after = arena_printf(c->arena, "{\"state\":\"%s\"}", state);
	jsonw_object(w);
	jsonw_key(w, "data");
	rc = write_integration(c, &i, state, e);
	jsonw_kv_int(w, "status", 200);
	jsonw_kv(w, "message", "Integration status updated");
	jsonw_end_object(w);
	return rc;
}

static enum rc get_clients(struct call *c, struct err *e)
{
	struct integration i;
	enum rc rc = vendor_enter(c, TOKEN_WHOLE, &i, e);

	if (rc != RC_OK)
		return rc;
	return client_write_page(c->tx, i.org, call_query(c, "search"), call_query(c, "previousId"), &c->out, e);
}

const struct route vendor_organization_routes[] = {
	{ "GET", "/api/vendor-api/organization", ROUTE_READ, ROLE_NONE, 200, get_organization, .face = FACE_VENDOR,
		.rate = RATE_PUSH, .summary = "Push API: whose token this is, and the integration's status" },
	{ "PATCH", "/api/vendor-api/organization/status/{status}", ROUTE_WRITE, ROLE_NONE, 200, patch_status,
		.face = FACE_VENDOR, .event = "integration.status", .rate = RATE_PUSH,
		.summary = "Push API: set the integration's status" },
	{ "GET", "/api/vendor-api/organization/clients", ROUTE_READ, ROLE_NONE, 200, get_clients, .face = FACE_VENDOR,
		.rate = RATE_PUSH, .summary = "Push API: accounts of the PSA, in pages; ?search= ?previousId=" },
	{ NULL }
};
