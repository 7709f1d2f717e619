/* Where the API of a company is: its host, and the codebase that the login host names without credentials. */
#include "psa/connectwise/cw.h"

#include "base/codec.h"

#include <string.h>
#include <strings.h>

#define CODEBASE_FALLBACK "v4_6_release/"

static bool ends_with(const char *s, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len >= n && strncasecmp(s + len - n, end, n) == 0;
}

const char *cw_api_host(struct arena *a, const char *login_host)
{
	size_t len = strcspn(login_host, ":");
	bool cloud = ends_with(login_host, len, ".myconnectwise.net") ||
		ends_with(login_host, len, ".connectwisedev.com");

	if (!cloud || strncasecmp(login_host, "api-", 4) == 0)
		return arena_strdup(a, login_host);
	return arena_printf(a, "api-%s", login_host);
}

/* A login host given with "api-" in front answers the question too, but under its own name. */
static const char *info_url(struct psa_conn *c, struct arena *a)
{
	return arena_printf(a, "%s/login/companyinfo/%s", c->login_url, url_encode(a, c->company_id));
}

/* A codebase becomes part of every URL: plain signs and one slash at its end only. */
static bool usable(const char *s)
{
	size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

	return len > 0 && len < 60 && s[len] == '/' && !s[len + 1] && !strstr(s, "..");
}

static enum rc take(struct psa_conn *c, struct arena *a, const struct httpc_answer *answer, struct err *e)
{
	struct json_limits limits = { 1 << 16, 8, 1000 };
	struct json *info;
	const char *codebase = CODEBASE_FALLBACK;

	if (answer->status != 404) {
		if (json_parse(a, answer->body, answer->len, &limits, &info, NULL) != RC_OK)
			return err_set(e, RC_REMOTE, "ConnectWise does not answer at %s as it should. Check the site.",
				c->login_url);
		if (json_is_null(info))
			return err_at(e, RC_INVALID, "/settings/company_id",
				"ConnectWise at %s knows no company \"%s\". Check the Company ID.", c->login_url,
				c->company_id);
		if (!json_is(info, JSON_OBJECT))
			return wire_strange(e, "ConnectWise", "what came for the company is no object");
		if (json_get(info, "Codebase") && !json_member(info, "Codebase"))
			return wire_strange(e, "ConnectWise", "\"Codebase\" of the company is no text");
		codebase = json_text_or(json_get(info, "Codebase"), CODEBASE_FALLBACK);
	}
	if (!usable(codebase))
		return err_set(e, RC_REMOTE,
			"ConnectWise at %s names a codebase that cannot be one: \"%.60s\". Check the site.",
			c->login_url, codebase);
	memcpy(c->codebase, codebase, strlen(codebase) + 1);
	return RC_OK;
}

/* Its own connection: this is also called while many reads are in flight on the other one. */
static void ask(struct psa_conn *c, struct arena *a, struct httpc_answer *answer)
{
	struct httpc_config config = { .allow_private = c->host.allow_private };
	struct httpc_request request = {
		.method = "GET", .url = info_url(c, a), .timeout_ms = c->host.timeout_ms, .max_answer = 1 << 16
	};
	struct httpc *http = httpc_new(&config);

	httpc_do(http, a, &request, answer);
	httpc_free(http);
}

static enum rc no_answer(struct psa_conn *c, const struct httpc_answer *answer, struct err *e)
{
	if (answer->fate != HTTPC_ANSWERED)
		return wire_unreached("ConnectWise", answer, e);
	if (answer->status == 429)
		return wire_slow_down("ConnectWise", "", answer, e);
	return err_set(e, RC_REMOTE, "ConnectWise at %s answered %d when asked for the company. %s", c->login_url,
		answer->status, answer->status >= 500 ? "Try again later." : "Check the site.");
}

enum rc cw_discover(struct psa_conn *c, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct httpc_answer answer;
	enum rc rc;

	for (unsigned i = 1;; i++) {
		answer = (struct httpc_answer){ 0 };
		ask(c, &a, &answer);
		if (answer.fate == HTTPC_ANSWERED && (answer.status == 200 || answer.status == 404))
			return take(c, &a, &answer, e);
		*e = (struct err)ERR_INIT;
		rc = no_answer(c, &answer, e);
		if (!wire_again(&c->wire, rc, i, e))
			return rc;
	}
}
