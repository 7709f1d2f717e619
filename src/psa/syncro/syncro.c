/* The row of Syncro in the registry: settings, what it can do, opening and closing. */
#include "psa/syncro/syncro.h"

#include "psa/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 4, RATE_MAX = 6000 };

const struct psa_setting syncro_settings[] = {
	{ .name = "site",
		.label = "Site",
		.type = "text",
		.required = true,
		.help = "The first part of your address, such as alderridge of alderridge.syncromsp.com, or the whole "
			"host." },
	{ .name = "api_token",
		.label = "API token",
		.type = "password",
		.secret = true,
		.required = true,
		.help = "More > Admin > API Tokens > New Token, with custom permissions." },
	{ .name = "currency",
		.label = "Currency",
		.type = "text",
		.fallback = "USD",
		.help = "Three letters. Syncro does not say which currency its prices are in." },
	{ .name = "ticket_customer",
		.label = "Customer for alerts without a customer",
		.type = "text",
		.help = "The number of the customer in Syncro, usually your own company." },
	{ .name = "ticket_problem_type",
		.label = "Issue type for alerts",
		.type = "text",
		.fallback = "Other",
		.help = "As it is spelled in Syncro's ticket settings." },
	{ .name = "requests_per_minute",
		.label = "Most calls a minute",
		.type = "number",
		.fallback = "120",
		.help = "Syncro takes 180 from all programs behind one address." },
	{ .name = NULL },
};

static const char *setting(struct psa_conn *c, const struct json *settings, const char *name)
{
	return wire_setting(&c->arena, syncro_settings, settings, name);
}

/* "alderridge", "alderridge.syncromsp.com" or "https://host/": scheme and host, nothing behind. */
static enum rc set_site(struct psa_conn *c, const char *site, struct err *e)
{
	enum rc rc;

	if (!strpbrk(site, ".:["))
		site = arena_printf(&c->arena, "%.*s.syncromsp.com", (int)strcspn(site, "/"), site);
	rc = wire_site(&c->arena, site, c->host.allow_private, "Site", &c->root, e);
	if (rc == RC_OK)
		c->root = arena_printf(&c->arena, "%s/api/v1", c->root);
	return rc;
}

static enum rc set_up(struct psa_conn *c, const struct json *settings, struct err *e)
{
	enum rc rc = psa_settings_check(&psa_syncro, settings, e);

	if (rc == RC_OK)
		rc = wire_check_plain(syncro_settings, settings, "site", "?#@\\", e);
	if (rc == RC_OK)
		rc = wire_check_plain(syncro_settings, settings, "api_token", "", e);
	if (rc == RC_OK)
		rc = set_site(c, setting(c, settings, "site"), e);
	if (rc == RC_OK)
		rc = wire_rate(syncro_settings, "requests_per_minute",
			setting(c, settings, "requests_per_minute"), RATE_MAX,
			60 * CLOCK_SECOND, &c->wire.rate_step, e);
	if (rc != RC_OK)
		return rc;
	c->currency = setting(c, settings, "currency");
	c->ticket_customer = setting(c, settings, "ticket_customer");
	c->ticket_problem_type = setting(c, settings, "ticket_problem_type");
	c->headers[0] = arena_printf(&c->arena, "Authorization: Bearer %s", setting(c, settings, "api_token"));
	c->headers[1] = "Content-Type: application/json";
	c->headers[2] = "Accept: application/json";
	return RC_OK;
}

static void syncro_close(struct psa_conn *c)
{
	if (!c)
		return;
	httpc_free(c->wire.http);
	arena_release(&c->arena);
	free(c);
}

static enum rc syncro_open(
	const struct psa_host *host, const struct json *settings, struct psa_conn **ret, struct err *e)
{
	struct psa_conn *c = xcalloc(1, sizeof(*c));
	struct httpc_config config = { .allow_private = host->allow_private, .user_agent = "Trueup" };
	enum rc rc;

	c->host = *host;
	c->wire = (struct wire){ .who = "Syncro",
		.headers = c->headers,
		.timeout_ms = host->timeout_ms,
		.tries = TRIES,
		.judge = syncro_judge,
		.judge_arg = c };
	rc = set_up(c, settings, e);
	if (rc != RC_OK) {
		syncro_close(c);
		return rc;
	}
	c->wire.http = httpc_new(&config);
	*ret = c;
	return RC_OK;
}

const struct psa_ops psa_syncro = {
	.kind = "syncro",
	.name = "Syncro",
	.settings = syncro_settings,
	.caps = PSA_CAP_DECIMALS | PSA_CAP_ADD_LINE | PSA_CAP_TICKETS | PSA_CAP_COST | PSA_CAP_LINE_COST,
	.word_account = "Customer",
	.word_contract = "Recurring invoice",
	.word_line = "Line item",
	.word_product = "Product",
	.open = syncro_open,
	.close = syncro_close,
	.test = syncro_test,
	.sync = syncro_sync,
	.read_line = syncro_read_line,
	.plan = syncro_plan,
	.apply = syncro_apply,
	.settle = syncro_settle,
	.ticket = syncro_ticket,
	.costs = &syncro_costs,
};
