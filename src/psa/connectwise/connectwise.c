/* The row of ConnectWise PSA in the registry: settings, what it can do, opening and closing. */
#include "psa/connectwise/cw.h"

#include "base/codec.h"
#include "psa/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 4, RATE_DEFAULT = 800, RATE_MAX = 6000 };

const struct psa_setting cw_settings[] = {
	{ .name = "site",
		.label = "Site",
		.type = "text",
		.required = true,
		.help = "The host you sign in at, such as na.myconnectwise.net, or your own server's." },
	{ .name = "company_id",
		.label = "Company ID",
		.type = "text",
		.required = true,
		.help = "The company that you type when you sign in." },
	{ .name = "public_key",
		.label = "Public key",
		.type = "text",
		.required = true,
		.help = "Of an API member: System > Members > API Members > API Keys." },
	{ .name = "private_key",
		.label = "Private key",
		.type = "password",
		.secret = true,
		.required = true,
		.help = "Shown once by ConnectWise when the key is made." },
	{ .name = "client_id",
		.label = "Client ID",
		.type = "text",
		.required = true,
		.help = "A GUID registered at developer.connectwise.com > Client IDs." },
	{ .name = "skip_statuses",
		.label = "Company statuses left out",
		.type = "text",
		.fallback = "Not-Approved",
		.help = "Names with commas between." },
	{ .name = "skip_types",
		.label = "Company types left out",
		.type = "text",
		.fallback = "Prospect",
		.help = "A company is left out when all of its types are among these. Names with commas between." },
	{ .name = "ticket_board",
		.label = "Service board for alerts",
		.type = "text",
		.help = "Name of the board. Without it ConnectWise uses the API member's default board." },
	{ .name = "ticket_company",
		.label = "Company for alerts without a customer",
		.type = "text",
		.help = "Its Company ID (short code), usually your own company." },
	{ .name = "ticket_priority",
		.label = "Priority for alerts",
		.type = "text",
		.help = "Name of a priority, used for all alerts. Without it the board's own applies." },
	{ .name = "requests_per_minute",
		.label = "Most calls a minute",
		.type = "number",
		.fallback = "800",
		.help = "The cloud takes about 1,000 from all programs together." },
	{ .name = "api_version",
		.label = "API version",
		.type = "text",
		.fallback = "2025.16",
		.help = "A release of the API, or \"newest\"." },
	{ .name = NULL },
};

static const char *setting(struct psa_conn *c, const struct json *settings, const char *name)
{
	const struct psa_setting *s = cw_settings;
	const char *value = json_scalar(json_get(settings, name));

	while (strcmp(s->name, name) != 0)
		s++;
	if (!value || !*value)
		value = s->fallback ? s->fallback : "";
	return arena_strdup(&c->arena, value);
}

static enum rc check_texts(const struct json *settings, struct err *e)
{
	static const struct {
		const char *name, *never;
	} plain[] = { { "site", "?#@\\" }, { "company_id", "/?#+:" }, { "public_key", ":" }, { "private_key", "" },
		{ "client_id", "" }, { "api_version", ";\"," } };
	enum rc rc = RC_OK;

	for (size_t i = 0; i < ARRAY_LEN(plain) && rc == RC_OK; i++)
		rc = wire_check_plain(cw_settings, settings, plain[i].name, plain[i].never, e);
	return rc;
}

/* "na.myconnectwise.net" or "https://psa.example.com/": scheme and host, nothing behind. */
static enum rc set_site(struct psa_conn *c, const char *site, struct err *e)
{
	enum rc rc = wire_site(&c->arena, site, c->host.allow_private, "Site", &c->login_url, e);
	const char *host;

	if (rc != RC_OK)
		return rc;
	host = strstr(c->login_url, "://") + 3;
	c->api_url = arena_printf(
		&c->arena, "%.*s%s", (int)(host - c->login_url), c->login_url, cw_api_host(&c->arena, host));
	return RC_OK;
}

static void set_headers(struct psa_conn *c, const struct json *settings)
{
	struct arena *a = &c->arena;
	const char *version = setting(c, settings, "api_version");
	char *login = arena_printf(
		a, "%s+%s:%s", c->company_id, setting(c, settings, "public_key"), setting(c, settings, "private_key"));
	size_t n = 0;

	c->headers[n++] = arena_printf(a, "Authorization: Basic %s", base64_encode(a, login, strlen(login)));
	c->headers[n++] = arena_printf(a, "clientId: %s", setting(c, settings, "client_id"));
	c->headers[n++] = "Content-Type: application/json";
	c->headers[n++] = "pagination-type: forward-only";
	c->headers[n++] = strcmp(version, "newest") == 0
		? "Accept: application/json"
		: arena_printf(a, "Accept: application/vnd.connectwise.com+json; version=%s", version);
}

static enum rc set_up(struct psa_conn *c, const struct json *settings, struct err *e)
{
	enum rc rc = psa_settings_check(&psa_connectwise, settings, e);

	if (rc == RC_OK)
		rc = check_texts(settings, e);
	if (rc == RC_OK)
		rc = set_site(c, setting(c, settings, "site"), e);
	if (rc == RC_OK)
		rc = wire_rate(cw_settings, "requests_per_minute",
			setting(c, settings, "requests_per_minute"), RATE_MAX,
			60 * CLOCK_SECOND, &c->wire.rate_step, e);
	if (rc != RC_OK)
		return rc;
	c->company_id = setting(c, settings, "company_id");
	c->skip_statuses = setting(c, settings, "skip_statuses");
	c->skip_types = setting(c, settings, "skip_types");
	c->ticket_board = setting(c, settings, "ticket_board");
	c->ticket_company = setting(c, settings, "ticket_company");
	c->ticket_priority = setting(c, settings, "ticket_priority");
	set_headers(c, settings);
	return RC_OK;
}

enum rc cw_open(const struct psa_host *host, const struct json *settings, struct psa_conn **ret, struct err *e)
{
	struct psa_conn *c = xcalloc(1, sizeof(*c));
	struct httpc_config config = { .allow_private = host->allow_private, .user_agent = "Trueup" };
	enum rc rc;

	c->host = *host;
	c->wire = (struct wire){
		.who = "ConnectWise", .headers = c->headers, .timeout_ms = host->timeout_ms, .tries = TRIES
	};
	rc = set_up(c, settings, e);
	if (rc != RC_OK) {
		cw_close(c);
		return rc;
	}
	c->wire.http = httpc_new(&config);
	*ret = c;
	return RC_OK;
}

void cw_close(struct psa_conn *c)
{
	if (!c)
		return;
	httpc_free(c->wire.http);
	arena_release(&c->arena);
	free(c);
}

const struct psa_ops psa_connectwise = {
	.kind = "connectwise",
	.name = "ConnectWise PSA",
	.settings = cw_settings,
	.caps = PSA_CAP_DECIMALS | PSA_CAP_EFFECTIVE_DATE | PSA_CAP_ADD_LINE | PSA_CAP_TICKETS | PSA_CAP_COST |
		PSA_CAP_LINE_COST,
	.word_account = "Company",
	.word_contract = "Agreement",
	.word_line = "Addition",
	.word_product = "Product",
	.open = cw_open,
	.close = cw_close,
	.test = cw_test,
	.sync = cw_sync,
	.read_line = cw_read_line,
	.plan = cw_plan,
	.apply = cw_apply,
	.settle = cw_settle,
	.ticket = cw_ticket,
	.costs = &cw_costs,
};
