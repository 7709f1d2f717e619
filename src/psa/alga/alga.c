/* The row of Alga PSA in the registry: settings, what it can do, opening and closing. */
#include "psa/alga/alga.h"

#include "psa/registry.h"

#include <stdlib.h>
#include <string.h>

enum { TRIES = 4, RATE_MAX = 100000 };

static const struct psa_setting settings_rows[] = {
	{ .name = "site",
		.label = "Site",
		.type = "text",
		.fallback = "algapsa.com",
		.help = "The host of your Alga, or algapsa.com." },
	{ .name = "api_key",
		.label = "API key",
		.type = "password",
		.secret = true,
		.required = true,
		.help = "Of a user whose roles may read clients, services and contracts, and change contract lines." },
	{ .name = "tenant",
		.label = "Tenant",
		.type = "text",
		.help = "Its UUID; only where one server holds several." },
	{ .name = "requests_per_minute",
		.label = "Most calls a minute",
		.type = "number",
		.fallback = "60",
		.help = "Alga lets a key make 60 a minute, with 120 at once." },
	{ .name = NULL },
};

static const char *setting(struct psa_conn *c, const struct json *settings, const char *name)
{
	return wire_setting(&c->arena, settings_rows, settings, name);
}

static enum rc set_site(struct psa_conn *c, const char *site, struct err *e)
{
	enum rc rc = wire_site(&c->arena, site, c->host.allow_private, "Site", &c->root, e);

	if (rc == RC_OK)
		c->root = arena_printf(&c->arena, "%s/api/v1", c->root);
	return rc;
}

static enum rc set_up(struct psa_conn *c, const struct json *settings, struct err *e)
{
	static const char *const plain[] = { "site", "api_key", "tenant" };
	enum rc rc = psa_settings_check(&psa_alga, settings, e);
	const char *tenant;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(plain) && rc == RC_OK; i++)
		rc = wire_check_plain(settings_rows, settings, plain[i], "?#\\", e);
	if (rc == RC_OK)
		rc = set_site(c, setting(c, settings, "site"), e);
	if (rc == RC_OK)
		rc = wire_rate(settings_rows, "requests_per_minute",
			setting(c, settings, "requests_per_minute"), RATE_MAX,
			60 * CLOCK_SECOND, &c->wire.rate_step, e);
	if (rc != RC_OK)
		return rc;
	tenant = setting(c, settings, "tenant");
	c->headers[n++] = arena_printf(&c->arena, "x-api-key: %s", setting(c, settings, "api_key"));
	c->headers[n++] = "Content-Type: application/json";
	c->headers[n++] = "Accept: application/json";
	if (*tenant)
		c->headers[n] = arena_printf(&c->arena, "x-tenant-id: %s", tenant);
	return RC_OK;
}

static void alga_close(struct psa_conn *c)
{
	if (!c)
		return;
	httpc_free(c->wire.http);
	arena_release(&c->arena);
	free(c);
}

static enum rc alga_open(const struct psa_host *host, const struct json *settings, struct psa_conn **ret, struct err *e)
{
	struct psa_conn *c = xcalloc(1, sizeof(*c));
	struct httpc_config config = { .allow_private = host->allow_private, .user_agent = "Trueup" };
	enum rc rc;

	c->host = *host;
	c->wire = (struct wire){ .who = "Alga PSA",
		.headers = c->headers,
		.timeout_ms = host->timeout_ms,
		.tries = TRIES,
		.judge = alga_judge,
		.judge_arg = c };
	rc = set_up(c, settings, e);
	if (rc != RC_OK) {
		alga_close(c);
		return rc;
	}
	c->wire.http = httpc_new(&config);
	*ret = c;
	return RC_OK;
}

const struct psa_ops psa_alga = {
	.kind = "alga",
	.name = "Alga PSA",
	.settings = settings_rows,
	.caps = PSA_CAP_BY_HAND,
	.word_account = "Client",
	.word_contract = "Contract",
	.word_line = "Service",
	.word_product = "Service or product",
	.open = alga_open,
	.close = alga_close,
	.test = alga_test,
	.sync = alga_sync,
	.read_line = alga_read_line,
	.by_hand = alga_by_hand,
	.plan = alga_plan,
	.apply = alga_apply,
	.settle = alga_settle,
};
