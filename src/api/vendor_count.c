/* The push API: one count of one service for one account (operation 17). The hot path of this server. */
#include "api/vendor_face.h"
#include "core/usage/push.h"
#include "core/usage/service.h"
#include "core/usage/vendor_account.h"

#include <string.h>

struct count {
	const char *account; /* the vendor's id, or "" */
	const char *client; /* id of an account of the PSA, or "" */
	struct units units;
	bool build;
};

/* "14" or "0.5" as a text, which careless scripts send; not "1e3", "", " 5". */
static bool plain_number(const char *text)
{
	size_t whole = strspn(text, "0123456789"), part;

	if (!whole || text[whole] != '.')
		return whole && !text[whole];
	part = strspn(text + whole + 1, "0123456789");
	return part && !text[whole + 1 + part];
}

static bool read_units(struct call *c, struct units *ret)
{
	const struct json *v = json_get(c->body, "unitCount");
	struct err why = ERR_INIT;

	if (!json_is(v, JSON_NUMBER) && !(json_text(v) && plain_number(json_text(v))))
		call_complain(c, "", "unitCount must be a number");
	else if (units_parse(c->arena, json_scalar(v), ret, &why) != RC_OK)
		call_complain(c, "", "unitCount %s", why.text);
	else
		return true;
	return false;
}

static bool read_id(struct call *c, const char *key, const char **ret)
{
	bool ok = vendor_text(c, c->body, "", key, VENDOR_OPTIONAL, true, VENDOR_ID_MAX, ret);

	if (!*ret)
		*ret = "";
	return ok;
}

static bool read_count(struct call *c, struct count *ret)
{
	bool no_build, ok = read_id(c, "accountId", &ret->account) && read_id(c, "clientOId", &ret->client);
	struct err ignored = ERR_INIT;

	if (ok && !*ret->client)
		ok = read_id(c, "clientOid", &ret->client);
	ok &= read_units(c, &ret->units);
	ok &= vendor_query_bool(c, "no_build", false, &no_build, &ignored) == RC_OK;
	ret->build = !no_build;
	if (ok && !*ret->account && !*ret->client) {
		call_complain(c, "", "accountId must be a non-empty string");
		ok = false;
	}
	return ok;
}

static enum rc find_service(struct call *c, struct push_target *t, struct err *e)
{
	struct err ignored = ERR_INIT;
	struct service s;
	enum rc rc = service_find(c->tx, c->arena, t->org, t->integration, call_param(c, 0), &s, e);

	if (rc == RC_NOT_FOUND &&
		service_find(c->tx, c->arena, t->org, t->integration, vendor_param_plus(c, 0), &s, &ignored) == RC_OK)
		rc = RC_OK;
	if (rc != RC_OK)
		return rc;
	t->service = s.id;
	t->service_mapping = s.mapping;
	return RC_OK;
}

static enum rc find_account(struct call *c, const struct count *n, struct push_target *t, struct err *e)
{
	struct vendor_account a;
	enum rc rc;

	if (*n->account)
		rc = vendor_account_find(c->tx, c->arena, t->org, t->integration, n->account, &a, e);
	else
		rc = vendor_account_of_psa(c->tx, c->arena, t->org, t->integration, n->client, &a, e);
	if (rc != RC_OK)
		return rc;
	t->account = a.id;
	t->account_mapping = a.mapping;
	return RC_OK;
}

/* What the first look-up did not find, and what strict404 asks. */
static enum rc complete(struct call *c, const struct count *n, struct push_target *t, struct err *e)
{
	enum rc rc = t->service ? RC_OK : find_service(c, t, e);

	if (rc == RC_OK && !t->account)
		rc = find_account(c, n, t, e);
	if (rc != RC_OK || !t->strict404)
		return rc;
	if (strcmp(t->account_mapping, "mapped") != 0)
		return err_set(
			e, RC_NOT_FOUND, "No account map found with id: %s", *n->account ? n->account : n->client);
	if (strcmp(t->service_mapping, "mapped") != 0)
		return err_set(e, RC_NOT_FOUND, "No service map found with id: %s", call_param(c, 0));
	return RC_OK;
}

static enum rc post_count(struct call *c, struct err *e)
{
	struct pushkey_hash h;
	struct push_target t;
	struct count n = { .account = "" };
	bool seen, ok = read_count(c, &n);
	enum rc rc = pushkey_read(c->arena, http_header(c->rq, "Gradient-Token"), &h, e);

	if (rc == RC_OK)
		rc = push_find(c->tx, c->arena, &h, n.account, call_param(c, 0), &t, e);
	if (rc == RC_OK && !ok)
		rc = vendor_wrong(e);
	if (rc != RC_OK)
		return rc;
	c->who = vendor_principal(t.org, t.integration, "vendor");
	rc = call_once(c, &seen, e);
	if (rc != RC_OK || seen)
		return rc;
	rc = complete(c, &n, &t, e);
	if (rc == RC_OK)
		rc = push_count(c->tx, &t, &n.units, n.build, e);
	if (rc == RC_OK)
		jsonw_raw(&c->out, "{\"status\":201,\"message\":\"Unit count stored\"}");
	return rc;
}

const struct route vendor_count_routes[] = {
	{ "POST", "/api/vendor-api/service/{serviceId}/count", ROUTE_WRITE, ROLE_NONE, 201, post_count,
		.face = FACE_VENDOR, .rate = RATE_PUSH,
		.summary = "Push API: how many units of a service an account uses; ?no_build=" },
	{ NULL }
};
