/* The row of Autotask in the registry: settings, what it can do, opening and closing. */
#include "psa/autotask/at.h"

#include "net/hostrule.h"
#include "psa/registry.h"

#include <stdlib.h>
#include <string.h>

enum { TRIES = 4, CALLS_AN_HOUR = 5000 };

const struct psa_setting at_settings[] = {
	{ .name = "user_name",
		.label = "API user name",
		.type = "text",
		.required = true,
		.help = "The generated name of an API User (API-only): Admin > Resources (Users) > API User." },
	{ .name = "secret",
		.label = "Secret",
		.type = "password",
		.secret = true,
		.required = true,
		.help = "The generated password of that user." },
	{ .name = "integration_code",
		.label = "Tracking identifier",
		.type = "password",
		.secret = true,
		.required = true,
		.help = "On the API user's page: Custom (Internal Integration), then the identifier that is made." },
	{ .name = "site",
		.label = "Zone finder",
		.type = "text",
		.fallback = "https://webservices.autotask.net",
		.help = "Where the zone of the user is asked for. Leave it as it is." },
	{ .name = "currency",
		.label = "Currency",
		.type = "text",
		.help = "Three letters, such as USD: used where Autotask does not show a customer's currency." },
	{ .name = "ticket_queue",
		.label = "Queue for alerts",
		.type = "text",
		.help = "Name of a queue. Needed for tickets, unless the ticket category names one." },
	{ .name = "ticket_priority",
		.label = "Priority for alerts",
		.type = "text",
		.fallback = "Medium",
		.help = "Name of a priority, used for all alerts." },
	{ .name = "ticket_company",
		.label = "Company for alerts without a customer",
		.type = "text",
		.fallback = "0",
		.help = "Its number in Autotask; 0 is your own company." },
	{ .name = "budget_percent",
		.label = "Share of the hour's calls",
		.type = "number",
		.fallback = "75",
		.help = "Autotask allows 10,000 calls an hour to all programs together. Above this share, in percent, "
			"reading "
			"waits." },
	{ .name = NULL },
};

const struct at_family at_families[AT_FAMILIES] = {
	{ "", "ContractServices", "ContractServiceUnits", "ContractServiceAdjustments", "Services", "contractServiceID",
		"serviceID", "service" },
	{ "b", "ContractServiceBundles", "ContractServiceBundleUnits", "ContractServiceBundleAdjustments",
		"ServiceBundles", "contractServiceBundleID", "serviceBundleID", "bundle" },
};

const struct at_family *at_family_of(const char *remote_id, const char **ret_number)
{
	bool bundle = remote_id && *remote_id == 'b';

	*ret_number = remote_id + bundle;
	return wire_is_id(*ret_number, false) ? &at_families[bundle] : NULL;
}

static const char *setting(struct psa_conn *c, const struct json *settings, const char *name)
{
	return wire_setting(&c->arena, at_settings, settings, name);
}

static enum rc set_site(struct psa_conn *c, const struct json *settings, struct err *e)
{
	const char *site = setting(c, settings, "site");
	size_t len;
	enum rc rc = wire_check_plain(at_settings, settings, "site", "?#@\\", e);

	if (rc != RC_OK)
		return rc;
	if (!strstr(site, "://"))
		site = arena_printf(&c->arena, "https://%s", site);
	while ((len = strlen(site)) && site[len - 1] == '/')
		site = arena_strndup(&c->arena, site, len - 1);
	c->site = site;
	rc = hostrule_check(site, c->host.allow_private, e);
	return rc == RC_OK ? rc : err_at(e, rc, "/settings/site", "Zone finder: %s", arena_strdup(&c->arena, e->text));
}

static enum rc set_numbers(struct psa_conn *c, const struct json *settings, struct err *e)
{
	const char *share = setting(c, settings, "budget_percent");
	char *end;

	c->share = strtol(share, &end, 10);
	if (*end || c->share < 5 || c->share > 95)
		return err_at(
			e, RC_INVALID, "/settings/budget_percent", "budget_percent is a whole number from 5 to 95.");
	c->ticket_company = setting(c, settings, "ticket_company");
	if (!wire_is_id(c->ticket_company, false))
		return err_at(e, RC_INVALID, "/settings/ticket_company",
			"ticket_company is the number of a company in Autotask, 0 for your own.");
	return RC_OK;
}

static enum rc set_up(struct psa_conn *c, const struct json *settings, struct err *e)
{
	static const char *const plain[] = { "user_name", "secret", "integration_code" };
	enum rc rc = psa_settings_check(&psa_autotask, settings, e);

	for (size_t i = 0; i < ARRAY_LEN(plain) && rc == RC_OK; i++)
		rc = wire_check_plain(at_settings, settings, plain[i], "", e);
	if (rc == RC_OK)
		rc = set_site(c, settings, e);
	if (rc == RC_OK)
		rc = set_numbers(c, settings, e);
	if (rc != RC_OK)
		return rc;
	c->user = setting(c, settings, "user_name");
	c->currency = setting(c, settings, "currency");
	c->ticket_queue = setting(c, settings, "ticket_queue");
	c->ticket_priority = setting(c, settings, "ticket_priority");
	c->headers[0] = arena_printf(&c->arena, "ApiIntegrationCode: %s", setting(c, settings, "integration_code"));
	c->headers[1] = arena_printf(&c->arena, "UserName: %s", c->user);
	c->headers[2] = arena_printf(&c->arena, "Secret: %s", setting(c, settings, "secret"));
	c->headers[3] = "Content-Type: application/json";
	return RC_OK;
}

static enum rc at_open(const struct psa_host *host, const struct json *settings, struct psa_conn **ret, struct err *e)
{
	struct psa_conn *c = xcalloc(1, sizeof(*c));
	struct httpc_config config = { .allow_private = host->allow_private, .user_agent = "Trueup" };
	enum rc rc;

	c->host = *host;
	rc = set_up(c, settings, e);
	if (rc != RC_OK) {
		at_close(c);
		return rc;
	}
	c->wire = (struct wire){ .http = httpc_new(&config),
		.who = "Autotask",
		.headers = c->headers,
		.timeout_ms = host->timeout_ms,
		.tries = TRIES,
		.rate_step = 3600 * CLOCK_SECOND / CALLS_AN_HOUR,
		.judge = at_judge,
		.judge_arg = c };
	*ret = c;
	return RC_OK;
}

void at_close(struct psa_conn *c)
{
	if (!c)
		return;
	httpc_free(c->wire.http);
	arena_release(&c->arena);
	free(c);
}

const struct psa_ops psa_autotask = {
	.kind = "autotask",
	.name = "Autotask",
	.settings = at_settings,
	.caps = PSA_CAP_EFFECTIVE_DATE | PSA_CAP_ADD_LINE | PSA_CAP_TICKETS | PSA_CAP_COST | PSA_CAP_LINE_COST,
	.word_account = "Company",
	.word_contract = "Contract",
	.word_line = "Contract service",
	.word_product = "Service",
	.open = at_open,
	.close = at_close,
	.test = at_test,
	.sync = at_sync,
	.read_line = at_read_line,
	.plan = at_plan,
	.apply = at_apply,
	.settle = at_settle,
	.ticket = at_ticket,
	.costs = &at_costs,
};
