/* The row of HaloPSA in the registry: settings, what it can do, opening and closing. */
#include "psa/halo/ha.h"

#include "psa/registry.h"

#include <stdlib.h>
#include <string.h>

enum { TRIES = 4, RATE_MAX = 6000 };

#define SCOPES                                                                                                         \
	"read:customers read:contracts edit:contracts read:items edit:items read:invoices edit:invoices read:tickets " \
	"edit:tickets"

const struct psa_setting ha_settings[] = {
	{ .name = "site",
		.label = "Site",
		.type = "text",
		.required = true,
		.help = "Your HaloPSA's address, such as acmemsp.halopsa.com." },
	{ .name = "client_id",
		.label = "Client ID",
		.type = "text",
		.required = true,
		.help = "Of an application: Configuration > Integrations > HaloPSA API." },
	{ .name = "client_secret",
		.label = "Client secret",
		.type = "password",
		.secret = true,
		.required = true,
		.help = "Shown once by HaloPSA when the application is made." },
	{ .name = "tenant",
		.label = "Tenant",
		.type = "text",
		.help = "Only where HaloPSA does not say it itself; it stands on the API page." },
	{ .name = "scope",
		.label = "Permissions asked for",
		.type = "text",
		.fallback = SCOPES,
		.help = "Only those that are ticked on the application; not \"all\"." },
	{ .name = "currency",
		.label = "Currency",
		.type = "text",
		.help = "Three letters, such as USD: used where a recurring invoice names none." },
	{ .name = "line_update",
		.label = "How a line is sent back",
		.type = "choice",
		.fallback = "whole",
		.help = "\"whole\": the recurring invoice with all its lines, every other one unchanged. \"line\": the "
			"changed line "
			"alone." },
	{ .name = "ticket_type",
		.label = "Ticket type for alerts",
		.type = "text",
		.help = "Its number in HaloPSA. Needed for tickets." },
	{ .name = "ticket_client",
		.label = "Customer for alerts without a customer",
		.type = "text",
		.help = "Its number in HaloPSA, usually your own." },
	{ .name = "ticket_priority",
		.label = "Priority for alerts",
		.type = "text",
		.help = "Its number in HaloPSA. Without it the ticket type's own applies." },
	{ .name = "requests_per_minute",
		.label = "Most calls a minute",
		.type = "number",
		.fallback = "60",
		.help = "HaloPSA takes some 90 to 160 from all programs together." },
	{ .name = NULL },
};

static const char *setting(struct psa_conn *c, const struct json *settings, const char *name)
{
	return wire_setting(&c->arena, ha_settings, settings, name);
}

/* "acmemsp.halopsa.com", with or without scheme, /api or a slash behind. */
static enum rc set_site(struct psa_conn *c, const struct json *settings, struct err *e)
{
	enum rc rc = wire_check_plain(ha_settings, settings, "site", "?#@\\", e);

	return rc == RC_OK
		? wire_site(&c->arena, setting(c, settings, "site"), c->host.allow_private, "Site", &c->site, e)
		: rc;
}

static enum rc set_update(struct psa_conn *c, const struct json *settings, struct err *e)
{
	const char *how = setting(c, settings, "line_update");

	c->lines_alone = strcmp(how, "line") == 0;
	if (!c->lines_alone && strcmp(how, "whole") != 0)
		return err_at(e, RC_INVALID, "/settings/line_update", "line_update is \"whole\" or \"line\".");
	return RC_OK;
}

static enum rc set_ids(struct psa_conn *c, const struct json *settings, struct err *e)
{
	static const char *const names[] = { "ticket_type", "ticket_client", "ticket_priority" };
	const char **const into[] = { &c->ticket_type, &c->ticket_client, &c->ticket_priority };
	char pointer[64] = "/settings/";

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		*into[i] = setting(c, settings, names[i]);
		memcpy(pointer + 10, names[i], strlen(names[i]) + 1);
		if (**into[i] && !wire_is_id(*into[i], false))
			return err_at(e, RC_INVALID, pointer, "%s: HaloPSA has a number there.",
				wire_label(ha_settings, names[i]));
	}
	return RC_OK;
}

static enum rc set_up(struct psa_conn *c, const struct json *settings, struct err *e)
{
	enum rc rc = psa_settings_check(&psa_halo, settings, e);

	if (rc == RC_OK)
		rc = wire_check_plain(ha_settings, settings, "client_id", "", e);
	if (rc == RC_OK)
		rc = wire_check_plain(ha_settings, settings, "client_secret", "", e);
	if (rc == RC_OK)
		rc = set_site(c, settings, e);
	if (rc == RC_OK)
		rc = wire_rate(ha_settings, "requests_per_minute",
			setting(c, settings, "requests_per_minute"), RATE_MAX,
			60 * CLOCK_SECOND, &c->wire.rate_step, e);
	if (rc == RC_OK)
		rc = set_update(c, settings, e);
	if (rc == RC_OK)
		rc = set_ids(c, settings, e);
	c->client_id = setting(c, settings, "client_id");
	c->client_secret = setting(c, settings, "client_secret");
	c->tenant = setting(c, settings, "tenant");
	c->scope = setting(c, settings, "scope");
	c->currency = setting(c, settings, "currency");
	return rc;
}

static enum rc ha_open(const struct psa_host *host, const struct json *settings, struct psa_conn **ret, struct err *e)
{
	struct psa_conn *c = xcalloc(1, sizeof(*c));
	struct httpc_config config = { .allow_private = host->allow_private, .user_agent = "Trueup" };
	enum rc rc;

	c->host = *host;
	c->granted = "";
	c->wire = (struct wire){ .who = "HaloPSA",
		.headers = c->headers,
		.timeout_ms = host->timeout_ms,
		.tries = TRIES,
		.judge = ha_judge,
		.judge_arg = c };
	rc = set_up(c, settings, e);
	if (rc != RC_OK) {
		ha_close(c);
		return rc;
	}
	c->wire.http = httpc_new(&config);
	*ret = c;
	return RC_OK;
}

void ha_close(struct psa_conn *c)
{
	if (!c)
		return;
	httpc_free(c->wire.http);
	arena_release(&c->arena);
	free(c);
}

const struct psa_ops psa_halo = {
	.kind = "halopsa",
	.name = "HaloPSA",
	.settings = ha_settings,
	.caps = PSA_CAP_DECIMALS | PSA_CAP_EFFECTIVE_DATE | PSA_CAP_ADD_LINE | PSA_CAP_TICKETS | PSA_CAP_COST,
	.word_account = "Customer",
	.word_contract = "Recurring invoice",
	.word_line = "Line",
	.word_product = "Item",
	.open = ha_open,
	.close = ha_close,
	.test = ha_test,
	.sync = ha_sync,
	.read_line = ha_read_line,
	.plan = ha_plan,
	.apply = ha_apply,
	.settle = ha_settle,
	.ticket = ha_ticket,
	.costs = &ha_costs,
};
