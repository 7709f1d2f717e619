/* Webhooks of vendors that are fetched from: a sign that something changed, and a reason to read soon. */
#include "api/app.h"
#include "api/routes.h"
#include "core/job.h"
#include "core/usage/pullconfig.h"

/* One change seldom comes alone. */
#define READ_AFTER (30 * CLOCK_SECOND)

static const char *header_of(void *arg, const char *name)
{
	return http_header(arg, name);
}

/* Nothing tells a stranger which of organization, integration and signature was wrong. */
static enum rc refused(struct err *e)
{
	return err_set(e, RC_UNAUTHORIZED, "This webhook is not known here, or its signature does not fit.");
}

static enum rc post_hook(struct call *c, struct err *e)
{
	const char *org = call_param(c, 0), *id = call_param(c, 1), *args;
	struct pullconfig config;
	struct integration i;
	enum rc rc = integration_get(c->tx, c->arena, org, id, &i, e);

	if (rc == RC_OK)
		rc = pullconfig_get(c->tx, c->app->vault, c->arena, org, id, &config, e);
	if (rc == RC_NOT_FOUND)
		return refused(e);
	if (rc != RC_OK)
		return rc;
	if (i.disconnected_at || !config.settings || !config.vendor->pull->hook
		|| !config.vendor->pull->hook(config.settings, header_of, c->rq))
		return refused(e);
	args = arena_printf(c->arena, "{\"integration\":\"%s\"}", id);
	rc = job_enqueue(c->tx, org, JOB_INTEGRATION_SYNC, args, args, clock_now() + READ_AFTER, "webhook", NULL, e);
	if (rc != RC_OK)
		return rc;
	jsonw_object(&c->out);
	jsonw_kv_bool(&c->out, "accepted", true);
	jsonw_end_object(&c->out);
	return RC_OK;
}

const struct route hook_routes[] = {
	{ "POST", "/api/hooks/{organization}/{integration}", ROUTE_WRITE, ROLE_NONE, 202, post_hook, .rate = RATE_PUSH,
		.summary = "A vendor's webhook, signed as that vendor signs: its integration is read soon. The body is "
			   "not looked at" },
	{ NULL },
};
