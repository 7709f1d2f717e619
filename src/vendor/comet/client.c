/* A Comet Server's admin API: credentials in the form of every call, errors that come with status 200. */
#include "vendor/comet/comet.h"

#include <string.h>

#include "base/codec.h"
#include "base/json.h"

enum { TRIES = 2 };

const struct vendor_setting comet_settings[] = {
	{ "url", "Address of your Comet Server", "url", false, true, NULL,
		"As in the browser: https://backup.example.com" },
	{ "username", "Administrator", "text", false, true, NULL,
		"An administrator (of a tenant, to read only that one) who signs in by password alone; one who may not "
		"edit the server's settings is enough." },
	{ "password", "Password", "password", true, true, NULL, NULL },
	{ "grouped_by", "A customer is", "choice", false, false, "users",
		"A user name, a tenant, or the account name of users.", "users|tenants|account_name" },
	{ "storage_unit", "Storage in", "choice", false, false, "GB",
		"GB are 2^30 bytes, TB 2^40; rounded up to hundredths.", "GB|TB" },
	{ "count_suspended", "Count suspended users", "bool", false, false, "true",
		"Users who are suspended keep their storage." },
	{ NULL },
};

static const char *setting(const struct comet_client *c, const char *name)
{
	return json_text_or(json_get(c->settings, name), "");
}

enum rc comet_open(const struct pull_host *host, const struct json *settings, const struct pull_sink *sink,
	struct comet_client *ret, struct err *e)
{
	const char *url;
	size_t len;

	*ret = (struct comet_client){ .settings = settings };
	url = setting(ret, "url");
	len = strlen(url);
	while (len && strchr("/ ", url[len - 1]))
		len--;
	ret->base = arena_strndup(&ret->arena, url, len);
	vendor_line_open(&ret->line, host, sink, "Comet Server", ret->base, CLOCK_SECOND / 4);
	return vendor_url_safe(ret->base)
		? RC_OK
		: err_at(e, RC_INVALID, "/settings/url", "The address must begin with https://.");
}

static void put(struct buf *b, struct arena *a, const char *name, const char *value)
{
	buf_printf(b, "%s%s=%s", b->len ? "&" : "", name, url_encode(a, value));
}

static void put_credentials(const struct comet_client *c, struct arena *a, struct buf *form)
{
	put(form, a, "Username", setting(c, "username"));
	put(form, a, "AuthType", c->session ? "SessionKey" : "Password");
	put(form, a, c->session ? "SessionKey" : "Password", c->session ? c->session : setting(c, "password"));
}

static enum rc post(struct comet_client *c, struct arena *a, const char *call, struct httpc_answer *ret, struct err *e)
{
	static const char *const headers[] = { "Content-Type: application/x-www-form-urlencoded",
		"Accept: application/json", NULL };
	AUTO(buf) form = BUF_INIT(64 << 10);
	struct httpc_request request = { .method = "POST", .headers = headers, .timeout_ms = c->line.host->timeout_ms,
		.max_answer = COMET_ANSWER_MAX };

	put_credentials(c, a, &form);
	request.url = arena_printf(a, "%s/api/v1/admin/%s", c->base, call);
	request.body = buf_text(&form);
	request.body_len = form.len;
	return vendor_line_send(&c->line, a, &request, TRIES, ret, e);
}

/* The envelope of an error: {"Status": 400 and above, "Message"}. 0: the answer is none. */
static int error_status(struct arena *a, const struct httpc_answer *answer, const char **ret_words)
{
	static const struct comet_shape envelope[] = { { "Status", NULL }, { "Message", NULL }, { NULL, NULL } };
	AUTO(buf) b = BUF_INIT(64 << 10);
	struct json *v;
	int64_t status;

	*ret_words = vendor_words(a, answer);
	if (answer->status >= 300)
		return answer->status;
	if (comet_filter(answer->body, answer->len, envelope, &b, NULL) != RC_OK ||
		json_parse(a, buf_text(&b), b.len, NULL, &v, NULL) != RC_OK ||
		json_int(json_get(v, "Status"), 400, 599, &status) != RC_OK || !json_member(v, "Message"))
		return 0;
	*ret_words = arena_strndup(a, json_member(v, "Message"), strnlen(json_member(v, "Message"), 300));
	return (int)status;
}

static enum rc unreachable(const struct comet_client *c, const struct httpc_answer *answer, struct err *e)
{
	return err_set(e, RC_REMOTE, "The Comet Server at %s cannot be reached: %s.", c->base, answer->error);
}

enum rc comet_sign_in(struct comet_client *c, struct err *e)
{
	static const struct comet_shape shape[] = { { "SessionKey", NULL }, { NULL, NULL } };
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf) b = BUF_INIT(64 << 10);
	struct httpc_answer answer;
	const char *words;
	struct json *v;
	int status;
	enum rc rc;

	if (c->session)
		return RC_OK;
	rc = post(c, &a, "account/session-start", &answer, e);
	if (rc != RC_OK)
		return rc;
	if (answer.fate != HTTPC_ANSWERED)
		return unreachable(c, &answer, e);
	status = error_status(&a, &answer, &words);
	if (status == 400 || status == 401 || status == 403)
		return err_set(e, RC_UNAUTHORIZED,
			"The Comet Server does not accept the credentials: %s. Check name and password; an "
			"administrator "
			"with a second factor cannot be used.",
			words);
	if (status)
		return err_set(e, RC_REMOTE, "The Comet Server answered %d to the sign-in: %s.", status, words);
	if (comet_filter(answer.body, answer.len, shape, &b, e) != RC_OK ||
		json_parse(&a, buf_text(&b), b.len, NULL, &v, e) != RC_OK || !json_member(v, "SessionKey"))
		return err_set(e, RC_REMOTE,
			"The Comet Server's answer to the sign-in holds no session. Is %s a Comet Server?", c->base);
	c->session = arena_strdup(&c->arena, json_member(v, "SessionKey"));
	return RC_OK;
}

void comet_close(struct comet_client *c)
{
	struct arena a = ARENA_INIT;
	struct httpc_answer answer;

	/* One that cannot be ended ends by itself. */
	if (c->session && post(c, &a, "account/session-revoke", &answer, NULL) != RC_OK)
		c->session = NULL;
	arena_release(&a);
	vendor_line_close(&c->line);
	arena_release(&c->arena);
}

static enum rc parse(struct comet_client *c, struct arena *a, const char *call, const struct httpc_answer *answer,
	const struct comet_shape *shape, const struct json **ret, struct err *e)
{
	const struct json_limits limits = { COMET_ANSWER_MAX, 32, 32u << 20 };
	AUTO(buf) b = BUF_INIT(COMET_ANSWER_MAX);
	struct json *v;
	enum rc rc = comet_filter(answer->body, answer->len, shape, &b, e);

	if (rc == RC_OK && c->line.host->capture)
		c->line.host->capture(c->line.host->capture_arg, call, buf_text(&b), b.len);
	if (rc == RC_OK)
		rc = json_parse(a, buf_text(&b), b.len, &limits, &v, e);
	if (rc != RC_OK) {
		err_prefix(e, "The Comet Server's answer to %s cannot be read", call);
		return e->rc = RC_REMOTE;
	}
	*ret = v;
	return RC_OK;
}

/* The answer itself goes at once; what is kept of it lives in `a`. */
static enum rc call_once(struct comet_client *c, struct arena *a, const char *call, const struct comet_shape *shape,
	const struct json **ret, int *ret_status, struct err *e)
{
	AUTO(arena) mine = ARENA_INIT;
	struct httpc_answer answer;
	const char *words;
	enum rc rc = comet_sign_in(c, e);

	*ret_status = 0;
	if (rc == RC_OK)
		rc = post(c, &mine, call, &answer, e);
	if (rc != RC_OK)
		return rc;
	if (answer.fate != HTTPC_ANSWERED)
		return unreachable(c, &answer, e);
	*ret_status = error_status(&mine, &answer, &words);
	if (*ret_status == 0)
		return parse(c, a, call, &answer, shape, ret, e);
	return err_set(e, *ret_status < 500 && *ret_status != 429 ? RC_DENIED : RC_REMOTE,
		"The Comet Server answered %d to %s: %s.", *ret_status, call, words);
}

enum rc comet_call(struct comet_client *c, struct arena *a, const char *call, const struct comet_shape *shape,
	const struct json **ret, struct err *e)
{
	int status;
	enum rc rc = call_once(c, a, call, shape, ret, &status, e);

	/* How long a session lives is not published. */
	if (rc == RC_DENIED && (status == 401 || status == 403)) {
		c->session = NULL;
		rc = call_once(c, a, call, shape, ret, &status, e);
	}
	return rc;
}
