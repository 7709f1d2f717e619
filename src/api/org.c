/* The organization itself. */
#include "core/people/org.h"
#include "api/route.h"
#include "api/text.h"

static enum rc get_org(struct call *c, struct err *e)
{
	struct org org;
	enum rc rc = org_get(c->tx, c->arena, c->who.org, &org, e);

	if (rc == RC_OK)
		org_write(&c->out, &org);
	return rc;
}

static const char *org_text(struct call *c, const struct org *org)
{
	struct text_out t;

	text_begin(&t);
	org_write(&t.w, org);
	return text_end(&t, c->arena);
}

static enum rc patch_org(struct call *c, struct err *e)
{
	struct org before, after;
	enum rc rc = tx_lock_org(c->tx, c->who.org, e);

	if (rc == RC_OK)
		rc = org_get(c->tx, c->arena, c->who.org, &before, e);
	if (rc == RC_OK)
		rc = org_change(c->tx, c->who.org, call_text(c, "name"), call_text(c, "currency"), e);
	if (rc == RC_OK)
		rc = org_get(c->tx, c->arena, c->who.org, &after, e);
	if (rc != RC_OK)
		return rc;
	c->audit_object = "organization";
	c->audit_before = org_text(c, &before);
	c->audit_after = org_text(c, &after);
	org_write(&c->out, &after);
	return RC_OK;
}

static const struct field org_body[] = {
	{ "name", F_TEXT, .max = 200 },
	{ "currency", F_TEXT, .max = 3, .help = "ISO 4217, such as USD" },
	{ NULL },
};

const struct route org_routes[] = {
	{ "GET", "/api/v1/organization", ROUTE_READ, ROLE_VIEWER, 200, get_org, .rate = RATE_APP,
		.summary = "The organization" },
	{ "PATCH", "/api/v1/organization", ROUTE_WRITE, ROLE_ADMIN, 200, patch_org, org_body,
		.event = "organization.changed", .rate = RATE_APP, .summary = "Change its name or currency" },
	{ NULL },
};
