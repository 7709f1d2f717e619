/* Sign-in by client credentials, and readings scoped to a workspace. */
#include "vendor/coro/coro.h"

#include <stdio.h>
#include <string.h>

/* Numeric limits are not published; two calls a second are taken everywhere. */
#define GAP (CLOCK_SECOND / 2)
enum { TRIES = 3 };

/* A token is asked for again when it has less than this left. */
#define TOKEN_MARGIN (5 * 60 * CLOCK_SECOND)

static const char *const audiences[] = { "https://secure.coro.net/api", "https://api.secure.coro.net" };

static const struct {
	const char *region, *base;
} regions[] = {
	{ "us", "https://api.secure.coro.net" },
	{ "ca", "https://api.secure-ca.coro.net" },
	{ "eu", "https://api.secure-eu.coro.net" },
};

const struct vendor_setting coro_settings[] = {
	{ "region", "Region", "choice", false, false, "us", "us, ca or eu: where your console is.", "us|ca|eu" },
	{ "base_url", "API address", "url", false, false, NULL,
		"Only when Coro tells you another one than the region's." },
	{ "client_id", "Client ID", "text", false, true, NULL,
		"Coro: Control Panel, Connectors, API Credentials, Create API key." },
	{ "client_secret", "Client secret", "password", true, true, NULL, "Shown by Coro once, when the key is made." },
	{ "channel_workspace_id", "Channel workspace ID", "text", false, true, NULL,
		"The id of your own (channel) workspace; its customers are found below it." },
	{ "audience", "Audience", "text", false, false, "https://secure.coro.net/api",
		"What the token is for. The other one that Coro uses is tried by itself." },
	{ "include_trials", "Count trials", "bool", false, false, "false",
		"Count workspaces that are new, on trial, inactive or in demo mode, too." },
	{ "credentials_expire", "Key expires on", "date", false, false, NULL,
		"YYYY-MM-DD, as Coro's console shows it; you are warned two weeks before." },
	{ "webhook_secret", "Webhook secret", "password", true, false, NULL,
		"When you add a webhook in Coro's console: its secret. A change is then read within a minute." },
	{ NULL },
};

static const char *setting(const struct coro_client *c, const char *name)
{
	return json_text_or(json_get(c->settings, name), "");
}

static enum rc choose_base(struct coro_client *c, struct err *e)
{
	const char *region = setting(c, "region"), *base = setting(c, "base_url");

	if (*base) {
		size_t len = strlen(base);

		while (len > 0 && base[len - 1] == '/')
			len--;
		c->base = arena_strndup(&c->arena, base, len);
		return RC_OK;
	}
	for (size_t i = 0; i < ARRAY_LEN(regions); i++) {
		if (strcmp(regions[i].region, *region ? region : "us") == 0) {
			c->base = regions[i].base;
			return RC_OK;
		}
	}
	return err_at(e, RC_INVALID, "/settings/region", "Coro has the regions us, ca and eu.");
}

enum rc coro_client_open(const struct pull_host *host, const struct json *settings, const struct pull_sink *sink,
	struct coro_client *ret, struct err *e)
{
	enum rc rc;

	*ret = (struct coro_client){ .settings = settings };
	rc = choose_base(ret, e);
	vendor_line_open(&ret->line, host, sink, "Coro", rc == RC_OK ? ret->base : "", GAP);
	return rc;
}

void coro_client_close(struct coro_client *c)
{
	vendor_line_close(&c->line);
	arena_release(&c->arena);
}

static char *token_request(struct coro_client *c, struct arena *a, const char *audience)
{
	AUTO(buf) b = BUF_INIT(64 << 10);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	jsonw_kv(&w, "client_id", setting(c, "client_id"));
	jsonw_kv(&w, "client_secret", setting(c, "client_secret"));
	jsonw_kv(&w, "audience", audience);
	jsonw_kv(&w, "grant_type", "client_credentials");
	jsonw_end_object(&w);
	return arena_strdup(a, buf_text(&b));
}

static enum rc take_token(struct coro_client *c, struct arena *a, const struct httpc_answer *answer, struct err *e)
{
	struct json *v;
	int64_t seconds = 0;
	const char *token;

	if (json_parse(a, answer->body, answer->len, NULL, &v, e) != RC_OK)
	{
		err_prefix(e, "Coro's answer to the sign-in cannot be read");
		return e->rc = RC_REMOTE;
	}
	token = json_member(v, "access_token");
	if (!token || !*token)
		return err_set(e, RC_REMOTE, "Coro's answer to the sign-in holds no token.");
	if (json_int(json_get(v, "expires_in"), 1, 30 * 86400, &seconds) != RC_OK)
		seconds = 3600;
	c->token = arena_strdup(&c->arena, token);
	c->token_until = clock_mono() + seconds * CLOCK_SECOND;
	return RC_OK;
}

/* One try with one audience. */
static enum rc ask_token(
	struct coro_client *c, struct arena *a, const char *audience, struct httpc_answer *ret, struct err *e)
{
	static const char *const headers[] = { "Content-Type: application/json", "Accept: application/json", NULL };
	struct httpc_request request = { .method = "POST", .headers = headers, .timeout_ms = c->line.host->timeout_ms };
	enum rc rc;

	request.url = arena_printf(a, "%s/oauth/token", c->base);
	request.body = token_request(c, a, audience);
	request.body_len = strlen(request.body);
	rc = vendor_line_send(&c->line, a, &request, 0, ret, e);
	if (rc != RC_OK)
		return rc;
	if (ret->fate != HTTPC_ANSWERED)
		return err_set(e, RC_REMOTE, "Coro at %s cannot be reached: %s.", c->base, ret->error);
	if (ret->status == 200 || ret->status == 201)
		return take_token(c, a, ret, e);
	if (ret->status == 400 || ret->status == 401 || ret->status == 403)
		return err_set(e, RC_UNAUTHORIZED,
			"Coro does not accept the client ID and secret: %s. Check them, and whether the key has "
			"expired (Control Panel, Connectors, API Credentials).",
			vendor_words(a, ret));
	return err_set(e, RC_REMOTE, "Coro answered %d to the sign-in: %s.", ret->status, vendor_words(a, ret));
}

enum rc coro_sign_in(struct coro_client *c, struct err *e)
{
	const char *first = setting(c, "audience"), *other;
	struct arena a = ARENA_INIT;
	struct httpc_answer answer;
	enum rc rc;

	if (c->token && c->token_until - clock_mono() > TOKEN_MARGIN)
		return RC_OK;
	if (!*first)
		first = audiences[0];
	other = strcmp(first, audiences[0]) == 0 ? audiences[1] : audiences[0];
	rc = ask_token(c, &a, c->other_audience ? other : first, &answer, e);
	/* The documentation names two audiences in two places; a wrong one looks like a wrong secret. */
	if (rc == RC_UNAUTHORIZED && !c->other_audience) {
		struct err again = ERR_INIT;

		if (ask_token(c, &a, other, &answer, &again) == RC_OK) {
			c->other_audience = true;
			rc = RC_OK;
		}
	}
	arena_release(&a);
	return rc;
}

static enum rc judge(struct arena *a, const char *path, const struct httpc_answer *answer, struct err *e)
{
	if (answer->fate != HTTPC_ANSWERED)
		return err_set(e, RC_REMOTE, "Coro did not answer GET %s: %s.", path, answer->error);
	if (answer->status == 401)
		return err_set(e, RC_UNAUTHORIZED,
			"Coro does not accept its own token any more: %s. Make a new API key.",
			vendor_words(a, answer));
	if (answer->status == 403 || answer->status == 404)
		return err_set(e, RC_DENIED, "Coro gives no access (%d): %s.", answer->status, vendor_words(a, answer));
	return err_set(e, RC_REMOTE, "Coro answered %d to GET %s: %s.", answer->status, path, vendor_words(a, answer));
}

static enum rc call_once(struct coro_client *c, struct arena *a, const char *workspace, const char *path,
	struct httpc_answer *ret, struct err *e)
{
	const char *headers[4] = { NULL, arena_printf(a, "Workspace: %s", workspace), "Accept: application/json",
		NULL };
	struct httpc_request request = { .method = "GET", .headers = headers, .timeout_ms = c->line.host->timeout_ms };
	enum rc rc = coro_sign_in(c, e);

	if (rc != RC_OK)
		return rc;
	headers[0] = arena_printf(a, "Authorization: Bearer %s", c->token);
	request.url = arena_printf(a, "%s%s", c->base, path);
	return vendor_line_send(&c->line, a, &request, TRIES, ret, e);
}

enum rc coro_get(struct coro_client *c, struct arena *a, const char *workspace, const char *path,
	const struct json **ret, struct err *e)
{
	struct httpc_answer answer;
	struct json *v;
	enum rc rc = call_once(c, a, workspace, path, &answer, e);

	/* A token may end before its time. */
	if (rc == RC_OK && answer.fate == HTTPC_ANSWERED && answer.status == 401) {
		c->token = NULL;
		rc = call_once(c, a, workspace, path, &answer, e);
	}
	if (rc != RC_OK)
		return rc;
	if (answer.fate != HTTPC_ANSWERED || answer.status != 200)
		return judge(a, path, &answer, e);
	if (c->line.host->capture)
		c->line.host->capture(c->line.host->capture_arg, path, answer.body, answer.len);
	if (json_parse(a, answer.body, answer.len, NULL, &v, e) != RC_OK) {
		err_prefix(e, "Coro's answer to GET %s cannot be read", path);
		return e->rc = RC_REMOTE;
	}
	*ret = v;
	return RC_OK;
}
