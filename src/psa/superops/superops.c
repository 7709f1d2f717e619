/* The row of SuperOps in the registry: settings, what it can do, opening and closing. */
#include "psa/superops/so.h"

#include "net/hostrule.h"
#include "psa/registry.h"

#include <stdlib.h>
#include <string.h>

enum { TRIES = 4, RATE_MAX = 100000 };

static const struct psa_setting settings_rows[] = {
	{ .name = "site",
		.label = "API address",
		.type = "text",
		.fallback = "https://api.superops.ai/msp",
		.help = "https://euapi.superops.ai/msp for the data centre in Europe." },
	{ .name = "subdomain",
		.label = "Subdomain",
		.type = "text",
		.required = true,
		.help = "The first part of your address: acme of acme.superops.ai." },
	{ .name = "api_token",
		.label = "API token",
		.type = "password",
		.secret = true,
		.required = true,
		.help = "Settings > My profile > API token, of a technician who may see and edit contracts." },
	{ .name = "currency", .label = "Currency", .type = "text", .fallback = "USD", .help = "Three letters." },
	{ .name = "quantity_changes",
		.label = "How changes of a quantity are written",
		.type = "text",
		.fallback = "baseline",
		.help = "baseline: each change states the whole quantity. delta: INCREASE and DECREASE state the "
			"difference. total: they state the new quantity. SuperOps does not publish which of the last "
			"two "
			"holds; a reading that contradicts the setting says so." },
	{ .name = "requests_per_minute",
		.label = "Most calls a minute",
		.type = "number",
		.fallback = "600",
		.help = "SuperOps takes 800 a minute for a token." },
	{ .name = NULL },
};

static const char *setting(struct psa_conn *c, const struct json *settings, const char *name)
{
	return wire_setting(&c->arena, settings_rows, settings, name);
}

static enum rc set_style(struct psa_conn *c, const char *text, struct err *e)
{
	static const char *const names[] = { "baseline", "delta", "total" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(names[i], text) == 0) {
			c->style = (enum so_style)i;
			return RC_OK;
		}
	}
	return err_at(e, RC_INVALID, "/settings/quantity_changes", "quantity_changes is baseline, delta or total.");
}

static enum rc set_url(struct psa_conn *c, const char *site, struct err *e)
{
	enum rc rc;

	c->url = strstr(site, "://") ? site : arena_printf(&c->arena, "https://%s", site);
	rc = hostrule_check(c->url, c->host.allow_private, e);
	return rc == RC_OK ? rc : err_at(e, rc, "/settings/site", "API address: %s", arena_strdup(&c->arena, e->text));
}

static enum rc set_up(struct psa_conn *c, const struct json *settings, struct err *e)
{
	static const char *const plain[] = { "site", "subdomain", "api_token" };
	enum rc rc = psa_settings_check(&psa_superops, settings, e);

	for (size_t i = 0; i < ARRAY_LEN(plain) && rc == RC_OK; i++)
		rc = wire_check_plain(settings_rows, settings, plain[i], "", e);
	if (rc == RC_OK)
		rc = set_url(c, setting(c, settings, "site"), e);
	if (rc == RC_OK)
		rc = wire_rate(settings_rows, "requests_per_minute",
			setting(c, settings, "requests_per_minute"), RATE_MAX,
			60 * CLOCK_SECOND, &c->wire.rate_step, e);
	if (rc == RC_OK)
		rc = set_style(c, setting(c, settings, "quantity_changes"), e);
	if (rc != RC_OK)
		return rc;
	c->currency = setting(c, settings, "currency");
	c->headers[0] = arena_printf(&c->arena, "Authorization: Bearer %s", setting(c, settings, "api_token"));
	c->headers[1] = arena_printf(&c->arena, "CustomerSubDomain: %s", setting(c, settings, "subdomain"));
	c->headers[2] = "Content-Type: application/json";
	c->headers[3] = "Accept: application/json";
	return RC_OK;
}

static void so_close(struct psa_conn *c)
{
	if (!c)
		return;
	httpc_free(c->wire.http);
	arena_release(&c->arena);
	free(c);
}

static enum rc so_open(const struct psa_host *host, const struct json *settings, struct psa_conn **ret, struct err *e)
{
	struct psa_conn *c = xcalloc(1, sizeof(*c));
	struct httpc_config config = { .allow_private = host->allow_private, .user_agent = "Trueup" };
	enum rc rc;

	c->host = *host;
	c->wire = (struct wire){
		.who = "SuperOps", .headers = c->headers, .timeout_ms = host->timeout_ms, .tries = TRIES
	};
	rc = set_up(c, settings, e);
	if (rc != RC_OK) {
		so_close(c);
		return rc;
	}
	c->wire.http = httpc_new(&config);
	*ret = c;
	return RC_OK;
}

const struct psa_ops psa_superops = {
	.kind = "superops",
	.name = "SuperOps",
	.settings = settings_rows,
	.caps = PSA_CAP_DECIMALS | PSA_CAP_EFFECTIVE_DATE | PSA_CAP_ADD_LINE,
	.word_account = "Client",
	.word_contract = "Contracts of the client",
	.word_line = "Contract",
	.word_product = "Service item",
	.open = so_open,
	.close = so_close,
	.test = so_test,
	.sync = so_sync,
	.read_line = so_read_line,
	.plan = so_plan,
	.apply = so_apply,
	.settle = so_settle,
};
