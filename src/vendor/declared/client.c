#include "vendor/declared/client.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/codec.h"
#include "vendor/declared/jwt.h"

/* A token is asked for again when it has less than this left. */
#define TOKEN_MARGIN (60 * CLOCK_SECOND)
enum { HEADERS_MAX = 24, BODY_MAX = 1 << 20, TRIES = 3 };

struct token {
	const char *text;
	utime until;
};

/* ---- open ---- */

static bool one_of(const struct json *list, const char *value)
{
	for (const struct json *v = list->child; v; v = v->next) {
		if (strcmp(json_text_or(v, ""), value) == 0)
			return true;
	}
	return false;
}

static enum rc check_setting(struct client *c, const struct json *s, struct err *e)
{
	const char *name = json_member(s, "name"), *label = json_member(s, "label");
	const char *value = env_lookup(&c->env, &c->arena, NULL, name, strlen(name));
	char *pointer = arena_printf(&c->arena, "/settings/%s", name);

	if (!value || !*value)
		return json_true(json_get(s, "required")) ? err_at(e, RC_INVALID, pointer, "%s is needed.", label)
							  : RC_OK;
	if (strcmp(json_text_or(json_get(s, "type"), ""), "url") == 0 && !vendor_url_safe(value))
		return err_at(e, RC_INVALID, pointer, "%s must begin with https://.", label);
	if (json_get(s, "choices") && !one_of(json_get(s, "choices"), value))
		return err_at(e, RC_INVALID, pointer, "%s does not know \"%.40s\".", label, value);
	return RC_OK;
}

static utime gap_of(const struct json *root)
{
	int64_t per_minute;

	return json_int(json_path(root, "limits/per_minute"), 1, 100000, &per_minute) == RC_OK
		? 60 * CLOCK_SECOND / per_minute
		: CLOCK_SECOND / 4;
}

enum rc client_open(struct client *c, const struct declared *d, const struct pull_host *host,
	const struct json *settings, const struct pull_sink *sink, struct err *e)
{
	const struct json *list = json_get(d->root, "settings"), *steps = json_get(d->root, "steps");
	int64_t megabytes = 32;
	enum rc rc = RC_OK;
	const char *base;

	*c = (struct client){ .env = { .root = d->root, .settings = settings, .now = host->now } };
	if (json_int(json_path(d->root, "limits/answer_mb"), 1, 256, &megabytes) != RC_OK)
		megabytes = 32;
	c->answer_max = (size_t)megabytes << 20;
	base = env_expand(&c->env, &c->arena, NULL, json_text_or(json_get(steps->child, "url"), ""), EXPAND_URL);
	vendor_line_open(&c->line, host, sink, d->vendor.name, base, gap_of(d->root));
	for (const struct json *s = list ? list->child : NULL; rc == RC_OK && s; s = s->next)
		rc = check_setting(c, s, e);
	return rc;
}

void client_close(struct client *c)
{
	vendor_line_close(&c->line);
	arena_release(&c->arena);
}

/* ---- what is sent ---- */

void client_form(
	const struct client *c, struct arena *a, const struct scope *s, const struct json *members, struct buf *out)
{
	for (const struct json *m = members ? members->child : NULL; m; m = m->next) {
		const char *value = env_expand(&c->env, a, s, json_text_or(m, ""), EXPAND_PLAIN);

		if (*value)
			buf_printf(out, "%s%s=%s", out->len ? "&" : "", url_encode(a, m->key), url_encode(a, value));
	}
}

/* What of the path is left below this member; NULL when it leads elsewhere. */
static const char *below(const char *path, const char *key)
{
	size_t len = strlen(key);

	if (!path || strncmp(path, key, len) != 0 || (path[len] && path[len] != '/'))
		return NULL;
	return path[len] ? path + len + 1 : path + len;
}

void client_json(const struct client *c, struct arena *a, const struct scope *s, const struct json *v, const char *path,
	const char *value, struct jsonw *w)
{
	if (json_is(v, JSON_OBJECT)) {
		jsonw_object(w);
		for (const struct json *m = v->child; m; m = m->next) {
			jsonw_key(w, m->key);
			client_json(c, a, s, m, below(path, m->key), value, w);
		}
		jsonw_end_object(w);
	} else if (json_is(v, JSON_ARRAY)) {
		jsonw_array(w);
		for (const struct json *m = v->child; m; m = m->next)
			client_json(c, a, s, m, NULL, NULL, w);
		jsonw_end_array(w);
	} else if (path && !*path && value && json_is(v, JSON_NUMBER)) {
		jsonw_number(w, value);
	} else if (path && !*path && value) {
		jsonw_string(w, value);
	} else if (json_is(v, JSON_STRING)) {
		jsonw_string(w, env_expand(&c->env, a, s, v->str, EXPAND_PLAIN));
	} else {
		jsonw_value(w, v);
	}
}

struct headers {
	const char *line[HEADERS_MAX + 1];
	size_t count;
};

static void put_header(struct headers *h, struct arena *a, const char *name, const char *value)
{
	char *line = arena_printf(a, "%s: %s", name, value);

	/* What came from a person must not make a second header. */
	for (char *p = line; *p; p++) {
		if (*p == '\r' || *p == '\n')
			*p = ' ';
	}
	if (h->count < HEADERS_MAX)
		h->line[h->count++] = line;
}

static void put_headers(
	struct client *c, struct arena *a, const struct scope *s, const struct json *members, struct headers *h)
{
	for (const struct json *m = members ? members->child : NULL; m; m = m->next) {
		const char *value = env_expand(&c->env, a, s, json_text_or(m, ""), EXPAND_PLAIN);

		if (*value)
			put_header(h, a, m->key, value);
	}
}

static const char *basic(const struct client *c, struct arena *a, const struct scope *s, const struct json *pair)
{
	const char *user = env_expand(&c->env, a, s, json_text_or(json_get(pair, "user"), ""), EXPAND_PLAIN);
	const char *password = env_expand(&c->env, a, s, json_text_or(json_get(pair, "password"), ""), EXPAND_PLAIN);
	char *both = arena_printf(a, "%s:%s", user, password);

	return arena_printf(a, "Basic %s", base64_encode(a, both, strlen(both)));
}

/* ---- tokens ---- */

static const struct json *auth_of(const struct client *c)
{
	return json_get(c->env.root, "auth");
}

static bool kind_is(const struct client *c, const char *kind)
{
	return strcmp(json_text_or(json_get(auth_of(c), "kind"), ""), kind) == 0;
}

static bool asks_for_token(const struct client *c)
{
	return kind_is(c, "login");
}

static void login_request(
	struct client *c, struct arena *a, const struct scope *s, struct httpc_request *ret, struct headers *h)
{
	const struct json *auth = auth_of(c), *form = json_get(auth, "form"), *json = json_get(auth, "json");
	AUTO(buf) body = BUF_INIT(BODY_MAX);
	struct jsonw w;

	put_headers(c, a, s, json_get(auth, "headers"), h);
	put_header(h, a, "Accept", "application/json");
	if (json_get(auth, "basic"))
		put_header(h, a, "Authorization", basic(c, a, s, json_get(auth, "basic")));
	if (json) {
		jsonw_init(&w, &body, 0);
		client_json(c, a, s, json, NULL, NULL, &w);
		put_header(h, a, "Content-Type", "application/json");
	} else if (form) {
		client_form(c, a, s, form, &body);
		put_header(h, a, "Content-Type", "application/x-www-form-urlencoded");
	}
	*ret = (struct httpc_request){ .method = "POST", .headers = h->line, .timeout_ms = c->line.host->timeout_ms,
		.url = env_expand(&c->env, a, s, json_text_or(json_get(auth, "url"), ""), EXPAND_URL),
		.body = arena_strdup(a, buf_text(&body)), .body_len = body.len };
}

static enum rc take_token(
	struct client *c, struct arena *a, const struct httpc_answer *answer, struct token *ret, struct err *e)
{
	const struct json *auth = auth_of(c);
	const char *text;
	int64_t seconds;
	struct json *v;

	if (json_parse(a, answer->body, answer->len, NULL, &v, e) != RC_OK) {
		err_prefix(e, "%s's answer to the sign-in cannot be read", c->line.vendor);
		return e->rc = RC_REMOTE;
	}
	text = json_text(json_path(v, json_text_or(json_get(auth, "token"), "access_token")));
	if (!text || !*text)
		return err_set(e, RC_REMOTE, "%s's answer to the sign-in holds no token.", c->line.vendor);
	if (json_int(json_path(v, json_text_or(json_get(auth, "seconds"), "expires_in")), 1, 365 * 86400, &seconds) !=
		RC_OK)
		seconds = 600;
	ret->text = arena_strdup(&c->arena, text);
	ret->until = clock_mono() + seconds * CLOCK_SECOND;
	return RC_OK;
}

static enum rc judge_login(struct client *c, struct arena *a, const char *url, const struct httpc_answer *answer,
	struct token *ret, struct err *e)
{
	if (answer->fate != HTTPC_ANSWERED)
		return err_set(e, RC_REMOTE, "%s cannot be reached at %.*s: %s.", c->line.vendor,
			(int)strcspn(url, "?"), url, answer->error);
	if (answer->status == 200 || answer->status == 201)
		return take_token(c, a, answer, ret, e);
	if (answer->status == 400 || answer->status == 401 || answer->status == 403)
		return err_set(e, RC_UNAUTHORIZED,
			"%s does not accept the credentials: %s. Check them, and whether they have expired.",
			c->line.vendor, vendor_words(a, answer));
	return err_set(e, RC_REMOTE, "%s answered %d to the sign-in: %s.", c->line.vendor, answer->status,
		vendor_words(a, answer));
}

/* Tokens are told apart by the request that gives them, so that one a customer works like one for all. */
static enum rc token_for(
	struct client *c, struct arena *a, const struct scope *s, bool renew, const char **ret, struct err *e)
{
	struct headers h = { .count = 0 };
	struct httpc_request request;
	struct httpc_answer answer;
	char key[HASH_TEXT];
	struct token *token;
	void **at;
	enum rc rc;

	login_request(c, a, s, &request, &h);
	hash_hex(arena_printf(a, "%s\n%s", request.url, request.body), strlen(request.url) + 1 + request.body_len, key);
	at = table_at(&c->tokens, &c->arena, key);
	token = *at = *at ? *at : ARENA_NEW(&c->arena, struct token);
	*ret = token->text;
	if (token->text && !renew && token->until - clock_mono() > TOKEN_MARGIN)
		return RC_OK;
	if (!vendor_url_safe(request.url))
		return err_set(e, RC_INVALID, "The address of the sign-in must begin with https://.");
	rc = vendor_line_send(&c->line, a, &request, TRIES, &answer, e);
	if (rc == RC_OK)
		rc = judge_login(c, a, request.url, &answer, token, e);
	*ret = token->text;
	return rc;
}

enum rc client_sign_in(struct client *c, const struct scope *s, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const char *token;

	return asks_for_token(c) ? token_for(c, &a, s, false, &token, e) : RC_OK;
}

/* ---- a call ---- */

/* Made anew for each call, so its life may be short: no clock but ours and the vendor's has to agree for long. */
static const char *own_token(struct client *c, struct arena *a, const struct scope *s)
{
	const struct json *auth = auth_of(c);
	int64_t now = clock_now() / CLOCK_SECOND, life = 240;
	AUTO(buf) b = BUF_INIT(BODY_MAX);
	struct jsonw w;

	if (json_int(json_get(auth, "life"), 1, 3600, &life) != RC_OK)
		life = 240;
	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	for (const struct json *m = json_get(auth, "claims")->child; m; m = m->next)
		jsonw_kv(&w, m->key, env_expand(&c->env, a, s, json_text_or(m, ""), EXPAND_PLAIN));
	jsonw_kv_int(&w, "iat", now);
	jsonw_kv_int(&w, "exp", now + life);
	jsonw_end_object(&w);
	return jwt_hs512(
		a, buf_text(&b), env_expand(&c->env, a, s, json_text_or(json_get(auth, "secret"), ""), EXPAND_PLAIN));
}

static enum rc sign(
	struct client *c, struct arena *a, const struct scope *s, bool renew, struct headers *h, struct err *e)
{
	const struct json *auth = auth_of(c);
	const char *token;
	enum rc rc;

	if (kind_is(c, "basic"))
		put_header(h, a, "Authorization", basic(c, a, s, auth));
	if (kind_is(c, "bearer"))
		put_header(h, a, "Authorization",
			arena_printf(a, "Bearer %s",
				env_expand(&c->env, a, s, json_text_or(json_get(auth, "token"), ""), EXPAND_PLAIN)));
	if (kind_is(c, "jwt"))
		put_header(h, a, "Authorization", arena_printf(a, "Bearer %s", own_token(c, a, s)));
	if (kind_is(c, "headers") || kind_is(c, "jwt"))
		put_headers(c, a, s, json_get(auth, "headers"), h);
	if (!asks_for_token(c))
		return RC_OK;
	rc = token_for(c, a, s, renew, &token, e);
	if (rc == RC_OK)
		put_header(h, a, json_text_or(json_get(auth, "send_as"), "Authorization"),
			arena_printf(a, "%s%s", json_text_or(json_get(auth, "prefix"), "Bearer "), token));
	return rc;
}

/* With the members that go behind every address. */
static const char *signed_url(struct client *c, struct arena *a, const struct scope *s, const char *url)
{
	AUTO(buf) query = BUF_INIT(BODY_MAX);

	if (!kind_is(c, "query"))
		return url;
	client_form(c, a, s, json_get(auth_of(c), "query"), &query);
	return arena_printf(a, "%s%c%s", url, strchr(url, '?') ? '&' : '?', buf_text(&query));
}

static enum rc send_once(struct client *c, struct arena *a, const struct scope *s, const struct ask *ask, bool renew,
	struct httpc_answer *ret, struct err *e)
{
	struct headers h = { .count = 0 };
	struct httpc_request request = { .method = ask->method,
		.headers = h.line,
		.timeout_ms = c->line.host->timeout_ms,
		.max_answer = c->answer_max };
	enum rc rc = sign(c, a, s, renew, &h, e);

	if (rc != RC_OK)
		return rc;
	put_headers(c, a, s, ask->headers, &h);
	put_header(&h, a, "Accept", "application/json");
	if (ask->body) {
		put_header(&h, a, "Content-Type", ask->type);
		request.body = ask->body;
		request.body_len = strlen(ask->body);
	}
	request.url = signed_url(c, a, s, ask->url);
	return vendor_line_send(&c->line, a, &request, TRIES, ret, e);
}

static enum rc judge(
	struct client *c, struct arena *a, const struct ask *ask, const struct httpc_answer *answer, struct err *e)
{
	const char *vendor = c->line.vendor;

	if (answer->fate != HTTPC_ANSWERED)
		return err_set(e, RC_REMOTE, "%s did not answer %s: %s.", vendor, ask->what, answer->error);
	if (answer->status == 401)
		return err_set(e, RC_UNAUTHORIZED,
			"%s does not accept the credentials (%s): %s. Check them, and whether they have expired.",
			vendor, ask->what, vendor_words(a, answer));
	if (answer->status == 403 || answer->status == 404)
		return err_set(e, RC_DENIED, "%s gives no access to %s (%d): %s.", vendor, ask->what, answer->status,
			vendor_words(a, answer));
	if (answer->status == 202)
		return err_set(e, RC_REMOTE, "%s still prepares its answer to %s; the next reading asks again.", vendor,
			ask->what);
	return err_set(
		e, RC_REMOTE, "%s answered %d to %s: %s.", vendor, answer->status, ask->what, vendor_words(a, answer));
}

/* The address that a Link header calls the next one. */
static const char *next_link(struct arena *a, const struct httpc_answer *answer)
{
	const char *header = httpc_header(a, answer, "Link");

	while (header && (header = strchr(header, '<'))) {
		size_t len = strcspn(++header, ">");
		const char *rest = header + len, *end = strchr(rest, '<');
		const char *rel = strstr(rest, "rel=\"next\"");

		if (!rel)
			rel = strstr(rest, "rel=next");
		if (rel && (!end || rel < end))
			return arena_strndup(a, header, len);
		header = rest;
	}
	return NULL;
}

enum rc client_ask(struct client *c, struct arena *a, const struct scope *s, const struct ask *ask, struct reply *ret,
	struct err *e)
{
	const struct json_limits limits = { c->answer_max, 32, 4u << 20 };
	struct httpc_answer answer;
	struct json *v;
	enum rc rc;

	if (!vendor_url_safe(ask->url))
		return err_set(e, RC_INVALID, "The address for %s must begin with https://.", ask->what);
	rc = send_once(c, a, s, ask, false, &answer, e);
	if (rc == RC_OK && answer.fate == HTTPC_ANSWERED && answer.status == 401 && asks_for_token(c))
		rc = send_once(c, a, s, ask, true, &answer, e);
	if (rc != RC_OK)
		return rc;
	ret->status = answer.fate == HTTPC_ANSWERED ? answer.status : 0;
	if (ret->status != 200)
		return judge(c, a, ask, &answer, e);
	if (c->line.host->capture)
		c->line.host->capture(c->line.host->capture_arg, ask->what, answer.body, answer.len);
	ret->link_next = next_link(a, &answer);
	if (json_parse(a, answer.body, answer.len, &limits, &v, e) != RC_OK) {
		err_prefix(e, "%s's answer to %s cannot be read", c->line.vendor, ask->what);
		return e->rc = RC_REMOTE;
	}
	ret->body = v;
	return RC_OK;
}
