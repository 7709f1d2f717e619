#include "core/usage/bulk.h"

#include "core/usage/run.h"
#include "core/usage/service.h"
#include "core/usage/vendor_account.h"

#include <stdio.h>
#include <string.h>

/* Work on one item; its arena goes with it. What the last item named is likely to be named again. */
struct adding {
	struct tx *tx;
	const struct bulk *b;
	const char *run;
	struct last {
		char ref[VENDOR_ID_MAX + 1], id[64];
	} service, account;
	utime now;
};

static enum rc refuse(struct err *e, size_t n, const char *member, const char *words)
{
	char pointer[64];

	snprintf(pointer, sizeof(pointer), "/items/%zu/%s", n, member);
	return err_at(e, RC_INVALID, pointer, "%s", words);
}

static bool is_last(const struct last *l, const char *ref, const char **ret)
{
	*ret = l->id;
	return *l->ref && strcmp(l->ref, ref) == 0;
}

static void keep_last(struct last *l, const char *ref, const char *id)
{
	if (strlen(ref) >= sizeof(l->ref))
		return;
	snprintf(l->ref, sizeof(l->ref), "%s", ref);
	snprintf(l->id, sizeof(l->id), "%s", id);
}

/* By our id, otherwise by the vendor's. */
static enum rc find_account(struct adding *x, struct arena *a, const char *ref, const char **ret, struct err *e)
{
	struct vendor_account account;
	enum rc rc;

	if (is_last(&x->account, ref, ret))
		return RC_OK;
	rc = vendor_account_get(x->tx, a, x->b->org, x->b->integration, ref, &account, e);
	if (rc == RC_NOT_FOUND)
		rc = vendor_account_find(x->tx, a, x->b->org, x->b->integration, ref, &account, e);
	if (rc != RC_OK)
		return rc;
	*ret = account.id;
	keep_last(&x->account, ref, account.id);
	return RC_OK;
}

static enum rc find_service(struct adding *x, struct arena *a, const char *ref, const char **ret, struct err *e)
{
	struct service service;
	enum rc rc;

	if (is_last(&x->service, ref, ret))
		return RC_OK;
	rc = service_find(x->tx, a, x->b->org, x->b->integration, ref, &service, e);
	if (rc != RC_OK)
		return rc;
	*ret = service.id;
	keep_last(&x->service, ref, service.id);
	return RC_OK;
}

static enum rc read_time(struct adding *x, const struct json *item, size_t n, utime *ret, struct err *e)
{
	const struct json *at = json_get(item, "observed_at");

	*ret = 0;
	if (json_is_null(at))
		return RC_OK;
	if (!json_text(at) || clock_parse(json_text(at), ret) != RC_OK)
		return refuse(e, n, "observed_at", "This is not a time such as 2026-08-31T00:00:00Z.");
	if (*ret > x->now)
		return refuse(e, n, "observed_at", "This time is still to come.");
	return RC_OK;
}

static enum rc add_item(struct adding *x, struct arena *a, const struct json *item, size_t n, struct err *e)
{
	const char *account = json_scalar(json_get(item, "account")), *service = json_scalar(json_get(item, "service"));
	struct observation o = { .run = x->run };
	enum rc rc;

	if (!account || !*account)
		return refuse(e, n, "account", "Name the account: its id here, or the vendor's own.");
	if (!service || !*service)
		return refuse(e, n, "service", "Name the service: its id here, or the vendor's own.");
	if (units_parse(a, json_scalar(json_get(item, "units")), &o.units, e) != RC_OK)
		return refuse(e, n, "units", arena_printf(a, "This %s.", e->text));
	rc = read_time(x, item, n, &o.observed_at, e);
	if (rc != RC_OK)
		return rc;
	rc = find_account(x, a, account, &o.account, e);
	if (rc == RC_NOT_FOUND)
		return refuse(
			e, n, "account", "This integration has no such account. See GET /integrations/{id}/accounts.");
	if (rc == RC_OK)
		rc = find_service(x, a, service, &o.service, e);
	if (rc == RC_NOT_FOUND)
		return refuse(
			e, n, "service", "This integration has no such service. See GET /integrations/{id}/services.");
	return rc == RC_OK ? observe_add(x->tx, x->b->org, &o, e) : rc;
}

static enum rc add_items(struct adding *x, int64_t *ret_count, struct err *e)
{
	enum rc rc = RC_OK;
	size_t n = 0;

	for (const struct json *item = x->b->items->child; item && rc == RC_OK; item = item->next, n++) {
		AUTO(arena) a = ARENA_INIT;

		rc = add_item(x, &a, item, n, e);
	}
	*ret_count = (int64_t)n;
	return rc;
}

enum rc bulk_add(struct tx *tx, const struct bulk *b, struct bulk_result *ret, struct err *e)
{
	struct adding x = { .tx = tx, .b = b, .now = clock_now() };
	struct integration i;
	enum rc rc = tx_lock_org(tx, b->org, e);

	if (rc == RC_OK)
		rc = integration_get(tx, tx_arena(tx), b->org, b->integration, &i, e);
	if (rc == RC_OK && i.disconnected_at)
		return err_set(e, RC_CONFLICT, "This integration was disconnected. Connect the vendor again.");
	if (rc == RC_OK)
		rc = run_begin(tx, b->org, b->integration, RUN_BULK, b->complete, &ret->run, e);
	x.run = ret->run;
	if (rc == RC_OK)
		rc = add_items(&x, &ret->accepted, e);
	if (rc == RC_OK)
		rc = run_finish(tx, b->org, ret->run, ret->accepted, &ret->zeros, e);
	return rc;
}
