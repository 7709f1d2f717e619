/* Integrations: connect a vendor, see how it is doing, its token, its runs, and its end. */
#include "api/app.h"
#include "api/route.h"
#include "api/text.h"
#include "core/job.h"
#include "core/usage/pull.h"
#include "core/usage/pullconfig.h"
#include "core/usage/pushkey.h"
#include "core/usage/run.h"

static enum rc get_integrations(struct call *c, struct err *e)
{
	const char *next = NULL;
	int64_t limit;
	enum rc rc = call_limit(c, &limit, e);

	if (rc != RC_OK)
		return rc;
	call_list_begin(c);
	rc = integration_write_list(c->tx, c->who.org, call_query(c, "cursor"), limit, &c->out, &next, e);
	call_list_end(c, next);
	return rc;
}

static enum rc get_integration(struct call *c, struct err *e)
{
	return integration_write(c->tx, c->who.org, call_param(c, 0), &c->out, e);
}

static enum rc get_runs(struct call *c, struct err *e)
{
	const char *id = call_param(c, 0), *next = NULL;
	struct integration i;
	int64_t limit;
	enum rc rc = call_limit(c, &limit, e);

	if (rc == RC_OK)
		rc = integration_get(c->tx, c->arena, c->who.org, id, &i, e);
	if (rc != RC_OK)
		return rc;
	call_list_begin(c);
	rc = run_write_list(c->tx, c->who.org, id, call_query(c, "cursor"), limit, &c->out, &next, e);
	call_list_end(c, next);
	return rc;
}

/* The integration as JSON for the audit row. */
static enum rc snapshot(struct call *c, const char *id, const char **ret, struct err *e)
{
	struct text_out t;
	enum rc rc;

	text_begin(&t);
	rc = integration_write(c->tx, c->who.org, id, &t.w, e);
	*ret = text_end(&t, c->arena);
	c->audit_object = arena_printf(c->arena, "integration %s", id);
	return rc;
}

static enum rc post_integration(struct call *c, struct err *e)
{
	struct integration_new n = { .vendor = call_text(c, "vendor"),
		.name = call_text(c, "name"),
		.modules = json_get(c->body, "modules") };
	const struct json *settings = json_get(c->body, "settings");
	const char *id = NULL;
	enum rc rc = tx_lock_org(c->tx, c->who.org, e);

	if (rc == RC_OK)
		rc = integration_create(c->tx, c->who.org, &n, &id, e);
	if (rc == RC_OK && json_is(settings, JSON_OBJECT))
		rc = pullconfig_put(c->tx, c->app->vault, c->who.org, id, settings, e);
	if (rc == RC_OK)
		rc = snapshot(c, id, &c->audit_after, e);
	return rc == RC_OK ? integration_write(c->tx, c->who.org, id, &c->out, e) : rc;
}

static enum rc patch_integration(struct call *c, struct err *e)
{
	const char *id = call_param(c, 0);
	enum rc rc = tx_lock_org(c->tx, c->who.org, e);

	if (rc == RC_OK)
		rc = snapshot(c, id, &c->audit_before, e);
	if (rc == RC_OK)
		rc = integration_patch(c->tx, c->who.org, id, c->body, e);
	if (rc == RC_OK && json_is(json_get(c->body, "settings"), JSON_OBJECT))
		rc = pullconfig_put(c->tx, c->app->vault, c->who.org, id, json_get(c->body, "settings"), e);
	if (rc == RC_OK)
		rc = snapshot(c, id, &c->audit_after, e);
	return rc == RC_OK ? integration_write(c->tx, c->who.org, id, &c->out, e) : rc;
}

static enum rc delete_integration(struct call *c, struct err *e)
{
	const char *id = call_param(c, 0);
	enum rc rc = tx_lock_org(c->tx, c->who.org, e);

	if (rc == RC_OK)
		rc = snapshot(c, id, &c->audit_before, e);
	return rc == RC_OK ? integration_disconnect(c->tx, c->who.org, id, e) : rc;
}

static enum rc post_token(struct call *c, struct err *e)
{
	const char *id = call_param(c, 0);
	struct pushkey key;
	enum rc rc = tx_lock_org(c->tx, c->who.org, e);

	if (rc == RC_OK)
		rc = pushkey_issue(c->tx, c->who.org, id, &key, e);
	if (rc != RC_OK)
		return rc;
	c->audit_object = arena_printf(c->arena, "integration %s", id);
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "token", key.token);
	jsonw_kv(&c->out, "vendor_key", key.vendor_key);
	jsonw_kv(&c->out, "partner_key", key.partner_key);
	jsonw_kv(&c->out, "base_url", c->app->public_url);
	jsonw_end_object(&c->out);
	return RC_OK;
}

static enum rc delete_token(struct call *c, struct err *e)
{
	const char *id = call_param(c, 0);
	struct integration i;
	enum rc rc = tx_lock_org(c->tx, c->who.org, e);

	if (rc == RC_OK)
		rc = integration_get(c->tx, c->arena, c->who.org, id, &i, e);
	if (rc == RC_OK)
		rc = pushkey_revoke(c->tx, c->who.org, id, e);
	c->audit_object = arena_printf(c->arena, "integration %s", id);
	return rc;
}

static enum rc post_sync(struct call *c, struct err *e)
{
	const char *id = call_param(c, 0), *args, *job;
	struct integration i;
	enum rc rc = integration_get(c->tx, c->arena, c->who.org, id, &i, e);

	if (rc == RC_OK && i.disconnected_at)
		return err_set(e, RC_CONFLICT, "This integration was disconnected. Connect the vendor again.");
	if (rc != RC_OK)
		return rc;
	args = arena_printf(c->arena, "{\"integration\":\"%s\"}", id);
	rc = job_enqueue(c->tx, c->who.org, JOB_INTEGRATION_SYNC, args, args, 0, c->who.name, &job, e);
	if (rc != RC_OK)
		return rc;
	c->audit_object = arena_printf(c->arena, "integration %s", id);
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "job", job);
	jsonw_end_object(&c->out);
	return RC_OK;
}

struct config {
	struct call *call;
	struct pullconfig pull;
	bool all_ok;
};

static enum rc config_fn(struct tx *tx, void *arg, struct err *e)
{
	struct config *f = arg;
	struct call *c = f->call;

	return pullconfig_get(tx, c->app->vault, c->arena, c->who.org, call_param(c, 0), &f->pull, e);
}

static void write_check(void *arg, const char *name, bool ok, const char *detail)
{
	struct config *f = arg;
	struct jsonw *w = &f->call->out;

	f->all_ok &= ok;
	jsonw_object(w);
	jsonw_kv(w, "name", name);
	jsonw_kv_bool(w, "ok", ok);
	jsonw_kv(w, "detail", detail);
	jsonw_end_object(w);
}

static enum rc post_test(struct call *c, struct err *e)
{
	struct pull_host host = { .allow_private = c->app->allow_private, .now = clock_now() };
	struct config f = { .call = c, .all_ok = true };
	enum rc rc = db_read(c->app->db, config_fn, &f, e);

	host.vendor = f.pull.vendor;
	if (rc == RC_OK && !f.pull.settings)
		return err_set(e, RC_CONFLICT,
			"This integration is not fetched from; the vendor pushes with its token. Give its settings "
			"first "
			"(PATCH /api/v1/integrations/%s) to fetch.",
			call_param(c, 0));
	if (rc != RC_OK)
		return rc;
	jsonw_object(&c->out);
	jsonw_key(&c->out, "checks");
	jsonw_array(&c->out);
	rc = f.pull.vendor->pull->test(&host, f.pull.settings, write_check, &f, e);
	jsonw_end_array(&c->out);
	jsonw_kv_bool(&c->out, "ok", rc == RC_OK && f.all_ok);
	jsonw_end_object(&c->out);
	return rc;
}

static const struct field new_body[] = {
	{ "vendor", F_TEXT, .required = true, .max = 40, .help = "which vendor: the id of one of GET /vendors" },
	{ "name", F_TEXT, .max = 200, .help = "what to call it; default the vendor's name" },
	{ "modules", F_ARRAY, .max = 10, .help = "what it is for: billing, alerts; default all the vendor has" },
	{ "settings", F_OBJECT, .help = "what the vendor's settings[] ask for" },
	{ NULL },
};

static const struct field patch_body[] = {
	{ "name", F_TEXT, .max = 200, .help = "what to call it" },
	{ "schedule", F_TEXT, .max = 40,
		.help = "\"default\", \"off\", \"daily 02:00\", \"weekly mon 02:00\" or \"monthly 31 02:00\" (UTC)" },
	{ "stale_after_hours", F_INT, .help = "hours after which a count is called stale" },
	{ "portal_url", F_TEXT, .max = 500, .help = "address of the vendor's own console; null = none" },
	{ "modules", F_ARRAY, .max = 10, .help = "what it is for: billing, alerts" },
	{ "settings", F_OBJECT, .help = "what the vendor's settings[] ask for; an absent secret stays" },
	{ "strict404", F_BOOL, .help = "answer 404 to counts of accounts and services that are not mapped" },
	{ NULL },
};

const struct route integrations_routes[] = {
	{ "GET", "/api/v1/integrations", ROUTE_READ, ROLE_VIEWER, 200, get_integrations, .rate = RATE_APP,
		.summary = "Connected vendors with state, schedule, last sync and coverage" },
	{ "POST", "/api/v1/integrations", ROUTE_WRITE, ROLE_ADMIN, 201, post_integration, new_body,
		.event = "integration.created", .rate = RATE_APP, .summary = "Connect a vendor" },
	{ "GET", "/api/v1/integrations/{id}", ROUTE_READ, ROLE_VIEWER, 200, get_integration, .rate = RATE_APP,
		.summary = "One connected vendor" },
	{ "PATCH", "/api/v1/integrations/{id}", ROUTE_WRITE, ROLE_ADMIN, 200, patch_integration, patch_body,
		.event = "integration.changed", .rate = RATE_APP,
		.summary = "Change name, schedule, modules and what counts as stale" },
	{ "DELETE", "/api/v1/integrations/{id}", ROUTE_WRITE, ROLE_ADMIN, 204, delete_integration,
		.event = "integration.disconnected", .rate = RATE_APP,
		.summary = "Disconnect: its token stops, its data stays" },
	{ "POST", "/api/v1/integrations/{id}/token", ROUTE_WRITE, ROLE_ADMIN, 201, post_token,
		.event = "integration.token_issued", .rate = RATE_APP,
		.summary = "Make the token for the vendor; shown once, and an earlier one stops" },
	{ "DELETE", "/api/v1/integrations/{id}/token", ROUTE_WRITE, ROLE_ADMIN, 204, delete_token,
		.event = "integration.token_revoked", .rate = RATE_APP,
		.summary = "Revoke the token; it stops at once" },
	{ "POST", "/api/v1/integrations/{id}/sync", ROUTE_WRITE, ROLE_APPROVER, 202, post_sync,
		.event = "integration.sync", .rate = RATE_APP,
		.summary = "Take in what has come, and make the cards again" },
	{ "POST", "/api/v1/integrations/{id}/test", ROUTE_WORK, ROLE_ADMIN, 200, post_test, .rate = RATE_APP,
		.summary = "Reach the vendor, sign in, see whether it can be read; for those that are fetched from" },
	{ "GET", "/api/v1/integrations/{id}/runs", ROUTE_READ, ROLE_VIEWER, 200, get_runs, .rate = RATE_APP,
		.summary = "Its readings, newest first: kind, times, how many counts, whether it covered all" },
	{ NULL }
};
