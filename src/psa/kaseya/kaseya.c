/* The rows of Kaseya BMS and Pulseway PSA in the registry: settings, what they can do, opening and closing. */
#include "psa/kaseya/kb.h"

#include "psa/registry.h"

#include <stdlib.h>
#include <string.h>

enum { TRIES = 4, RATE_MAX = 100000 };

#define SHARED_SETTINGS                                                                                                \
	{ .name = "tenant",                                                                                            \
		.label = "Company name",                                                                               \
		.type = "text",                                                                                        \
		.required = true,                                                                                      \
		.help = "As My Settings shows it." },                                                                  \
		{ .name = "user",                                                                                      \
			.label = "User name",                                                                          \
			.type = "text",                                                                                \
			.required = true,                                                                              \
			.help = "Of an employee of type API Employee." },                                              \
		{ .name = "password", .label = "Password", .type = "password", .secret = true, .required = true },     \
		{ .name = "units_path",                                                                                \
			.label = "Path that changes units (unpublished)",                                              \
			.type = "text",                                                                                \
			.help = "Leave it empty: the public API cannot change the units of a line, so approved "       \
				"changes become a work list. Only if the vendor gave you a call for it: its path, "    \
				"such as /v1/finance/contracts/{contract}/services/{line}." },                         \
		{ .name = "requests_per_hour",                                                                         \
			.label = "Most calls an hour",                                                                 \
			.type = "number",                                                                              \
			.fallback = "1500",                                                                            \
			.help = "The API takes 1,500 an hour of each kind." },                                         \
	{                                                                                                              \
		.name = NULL                                                                                           \
	}

static const struct psa_setting bms_settings[] = {
	{ .name = "site",
		.label = "Server",
		.type = "text",
		.fallback = "bms.kaseya.com",
		.help = "The host you sign in at: bms.kaseya.com, bmsemea.kaseya.com, bmsapac.kaseya.com or "
			"vorexlogin.com." },
	SHARED_SETTINGS,
};

static const struct psa_setting pulseway_settings[] = {
	{ .name = "site",
		.label = "Gateway URL",
		.type = "text",
		.fallback = "psa.pulseway.com",
		.help = "As My Settings shows it." },
	SHARED_SETTINGS,
};

/* The API stands on the host of the portal, with "api." in front. */
static enum rc set_site(struct psa_conn *c, const char *site, struct err *e)
{
	enum rc rc = wire_site(&c->arena, site, c->host.allow_private, "Server", &c->root, e);
	const char *host;

	if (rc != RC_OK)
		return rc;
	host = strstr(c->root, "://") + 3;
	if (strncmp(host, "api.", 4) != 0 && strspn(host, "0123456789.:[]") != strlen(host))
		c->root = arena_printf(&c->arena, "%.*sapi.%s", (int)(host - c->root), c->root, host);
	return RC_OK;
}

static enum rc check_units_path(const char *path, struct err *e)
{
	if (!*path || (path[0] == '/' && strstr(path, "{contract}") && strstr(path, "{line}")))
		return RC_OK;
	return err_at(e, RC_INVALID, "/settings/units_path",
		"The path begins with / and holds {contract} and {line}. Leave it empty if you do not have one.");
}

static enum rc set_up(struct psa_conn *c, const struct psa_ops *ops, const struct json *settings, struct err *e)
{
	struct arena *a = &c->arena;
	enum rc rc = psa_settings_check(ops, settings, e);

	if (rc == RC_OK)
		rc = wire_check_plain(ops->settings, settings, "site", "?#@\\", e);
	if (rc == RC_OK)
		rc = wire_check_plain(ops->settings, settings, "units_path", "?#\\", e);
	if (rc == RC_OK)
		rc = set_site(c, wire_setting(a, ops->settings, settings, "site"), e);
	if (rc == RC_OK)
		rc = wire_rate(ops->settings, "requests_per_hour",
			wire_setting(a, ops->settings, settings, "requests_per_hour"),
			RATE_MAX, 3600 * CLOCK_SECOND, &c->wire.rate_step, e);
	c->units_path = wire_setting(a, ops->settings, settings, "units_path");
	c->tenant = wire_setting(a, ops->settings, settings, "tenant");
	c->user = wire_setting(a, ops->settings, settings, "user");
	c->password = wire_setting(a, ops->settings, settings, "password");
	return rc == RC_OK ? check_units_path(c->units_path, e) : rc;
}

static void close_conn(struct psa_conn *c)
{
	if (!c)
		return;
	httpc_free(c->wire.http);
	arena_release(&c->arena);
	free(c);
}

static enum rc open_as(const struct psa_ops *ops, const struct psa_host *host, const struct json *settings,
	struct psa_conn **ret, struct err *e)
{
	struct psa_conn *c = xcalloc(1, sizeof(*c));
	struct httpc_config config = { .allow_private = host->allow_private, .user_agent = "Trueup" };
	enum rc rc;

	c->host = *host;
	c->who = ops->name;
	c->wire = (struct wire){
		.who = ops->name, .headers = c->headers, .timeout_ms = host->timeout_ms, .tries = TRIES
	};
	rc = set_up(c, ops, settings, e);
	if (rc != RC_OK) {
		close_conn(c);
		return rc;
	}
	c->login_headers[0] = "Content-Type: application/x-www-form-urlencoded";
	c->login_headers[1] = c->headers[1] = "Accept: application/json";
	c->headers[0] = "Content-Type: application/json";
	c->headers[2] = c->bearer_line;
	c->wire.http = httpc_new(&config);
	c->login = c->wire;
	c->login.headers = c->login_headers;
	*ret = c;
	return RC_OK;
}

static enum rc open_bms(const struct psa_host *host, const struct json *settings, struct psa_conn **ret, struct err *e)
{
	return open_as(&psa_kaseya_bms, host, settings, ret, e);
}

static enum rc open_pulseway(
	const struct psa_host *host, const struct json *settings, struct psa_conn **ret, struct err *e)
{
	return open_as(&psa_pulseway, host, settings, ret, e);
}

#define SHARED_OPS                                                                                                     \
	.caps = PSA_CAP_EFFECTIVE_DATE | PSA_CAP_ADD_LINE | PSA_CAP_BY_HAND, .word_account = "Account",                \
	.word_contract = "Recurring service contract", .word_line = "Service line", .word_product = "Service",         \
	.close = close_conn, .test = kb_test, .sync = kb_sync, .read_line = kb_read_line, .by_hand = kb_by_hand,       \
	.plan = kb_plan, .apply = kb_apply, .settle = kb_settle

const struct psa_ops psa_kaseya_bms = {
	.kind = "kaseya-bms",
	.name = "Kaseya BMS",
	.settings = bms_settings,
	.open = open_bms,
	SHARED_OPS,
};

const struct psa_ops psa_pulseway = {
	.kind = "pulseway",
	.name = "Pulseway PSA",
	.settings = pulseway_settings,
	.open = open_pulseway,
	SHARED_OPS,
};
