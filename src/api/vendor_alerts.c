/* The push API: alerts that become tickets (operations 18 and 19). */
#include "api/vendor_face.h"
#include "core/writes/alert.h"
#include "core/usage/vendor_account.h"

#include <string.h>

enum { TITLE_MAX_BYTES = 1000, DESCRIPTION_MAX_BYTES = 60000 };

/* A whole number up to `max`; absent and 0 count as 1. */
static bool read_level(struct call *c, const char *key, int64_t max, int64_t *ret)
{
	const struct json *v = json_get(c->body, key);

	*ret = 1;
	if (json_is_null(v) || (json_text(v) && !*json_text(v)))
		return true;
	if (json_int(v, 0, max, ret) != RC_OK) {
		call_complain(c, "", "%s must be a number from 1 to %lld", key, (long long)max);
		return false;
	}
	if (*ret == 0)
		*ret = 1;
	return true;
}

static bool read_due(struct call *c, utime *ret)
{
	const struct json *v = json_get(c->body, "dueDateTime");
	const char *text = json_text(v);

	*ret = 0;
	if (json_is_null(v) || (text && !*text))
		return true;
	if (text && clock_parse(text, ret) == RC_OK)
		return true;
	call_complain(c, "", "dueDateTime must be a valid ISO 8601 date string");
	return false;
}

static bool read_alert(struct call *c, struct alert_new *n)
{
	bool ok = vendor_text(c, c->body, "", "title", VENDOR_NON_EMPTY, false, TITLE_MAX_BYTES, &n->title);

	ok &= vendor_text(c, c->body, "", "description", VENDOR_STRING, false, DESCRIPTION_MAX_BYTES, &n->description);
	ok &= vendor_text(c, c->body, "", "alertId", VENDOR_NON_EMPTY, true, VENDOR_ID_MAX, &n->alert_id);
	ok &= vendor_text(c, c->body, "", "serviceId", VENDOR_OPTIONAL, true, VENDOR_ID_MAX, &n->service);
	ok &= read_level(c, "priority", 4, &n->priority);
	ok &= read_level(c, "status", 6, &n->status);
	ok &= read_due(c, &n->due_at);
	if (n->service && !*n->service)
		n->service = NULL;
	return ok;
}

static enum rc find_account(struct call *c, const struct integration *i, struct vendor_account *ret, struct err *e)
{
	struct err ignored = ERR_INIT;
	enum rc rc = vendor_account_find(c->tx, c->arena, i->org, i->id, call_param(c, 0), ret, e);

	if (rc == RC_NOT_FOUND &&
		vendor_account_find(c->tx, c->arena, i->org, i->id, vendor_param_plus(c, 0), ret, &ignored) == RC_OK)
		return RC_OK;
	return rc;
}

static enum rc post_alert(struct call *c, struct err *e)
{
	struct alert_new n = { 0 };
	struct vendor_account account;
	struct integration i;
	struct alert_ids ids;
	bool seen;
	enum rc rc = vendor_enter_write(c, TOKEN_WHOLE, &i, &seen, e);

	if (rc != RC_OK || seen)
		return rc;
	if (!read_alert(c, &n))
		return vendor_wrong(e);
	rc = find_account(c, &i, &account, e);
	if (rc != RC_OK)
		return rc;
	n.integration = i.id;
	n.account = account.id;
	rc = alert_queue(c->tx, i.org, &n, &ids, e);
	if (rc == RC_OK)
		rc = integration_wake(c->tx, &i, e);
	if (rc != RC_OK)
		return rc;
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "messageId", ids.message);
	jsonw_kv(&c->out, "alertId", n.alert_id);
	jsonw_kv(&c->out, "correlationID", ids.correlation);
	jsonw_end_object(&c->out);
	return RC_OK;
}

static enum rc get_alert(struct call *c, struct err *e)
{
	struct integration i;
	enum rc rc = vendor_enter(c, TOKEN_WHOLE, &i, e);

	return rc == RC_OK ? alert_write(c->tx, i.org, i.id, call_param(c, 0), &c->out, e) : rc;
}

const struct route vendor_alert_routes[] = {
	{ "POST", "/api/vendor-api/alerting/{accountId}", ROUTE_WRITE, ROLE_NONE, 201, post_alert, .face = FACE_VENDOR,
		.rate = RATE_PUSH, .summary = "Push API: an alert of an account, to become a ticket" },
	{ "GET", "/api/vendor-api/alerting/debug/{messageId}", ROUTE_READ, ROLE_NONE, 200, get_alert,
		.face = FACE_VENDOR, .rate = RATE_PUSH, .summary = "Push API: what became of an alert" },
	{ NULL }
};
