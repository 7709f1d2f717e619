/* Calls to the API: where tokens are had, tokens, lists page by page, and what a bad answer means in words. */
#include "psa/halo/ha.h"

#include "base/codec.h"
#include "net/hostrule.h"

#include <string.h>
#include <strings.h>

#define TOKEN_MARGIN (120 * CLOCK_SECOND)

static bool looks_like_html(const char *s)
{
	return s[strspn(s, " \r\n\t")] == '<';
}

/* Five shapes are known: {resultCode, errorMessage}, {ClassName, Message}, {Message}, {error}, plain text. */
static const char *words_of(struct arena *a, const struct httpc_answer *answer)
{
	static const char *const keys[] = { "errorMessage", "Message", "message", "error_description", "error",
		"_warning" };
	struct json_limits limits = { 1 << 20, 16, 10000 };
	struct json *v;

	if (json_parse(a, answer->body, answer->len, &limits, &v, NULL) != RC_OK)
		return looks_like_html(answer->body) ? "" : arena_printf(a, "%.200s", answer->body);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (json_member(v, keys[i]))
			return json_member(v, keys[i]);
	}
	return json_text_or(v, "");
}

static enum rc judge_words(const struct httpc_answer *answer, const char *what, const char *text, struct err *e)
{
	int status = answer->status;

	if (status == 401 || strcasestr(text, "invalid_client") || strcasestr(text, "invalid_grant"))
		return err_set(e, RC_UNAUTHORIZED,
			"HaloPSA does not accept the application (%d). \"%.200s\" Check Client ID, Client secret and "
			"tenant.",
			status, text);
	if (strcasestr(text, "invalid_scope"))
		return err_set(e, RC_DENIED,
			"HaloPSA does not grant all permissions asked for. Tick them on the application, or take them "
			"out of the "
			"settings.");
	if (status == 403)
		return err_set(e, RC_DENIED,
			"HaloPSA does not allow this (403) for %s. \"%.200s\" The application's permissions and the "
			"role of its "
			"agent must both grant it.",
			what, text);
	if (status == 404 || (status == 400 && strcasestr(text, "not found")))
		return err_set(e, RC_NOT_FOUND, "HaloPSA has no such record of %s (%d).", what, status);
	if (status == 429 || status == 409)
		return wire_slow_down("HaloPSA", "", answer, e);
	if (status < 400)
		return wire_moved("HaloPSA", answer, what, e);
	if (status >= 500)
		return err_set(
			e, RC_REMOTE, "HaloPSA failed (%d) at %s. \"%.200s\" Try again later.", status, what, text);
	return err_set(e, RC_INVALID, "HaloPSA refused this at %s (%d): \"%.300s\"", what, status, text);
}

enum rc ha_judge(void *arg, const struct httpc_answer *answer, const char *what, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;

	return judge_words(answer, what, words_of(&a, answer), e);
}

/* Tokens. --------------------------------------------------------------------------------------------------------- */

/* A server that does not say where its tokens are had has them at the usual place. */
static enum rc discover(struct psa_conn *c, struct err *e)
{
	static const struct field_shape shape[] = { { "auth_url", FIELD_TEXT }, { "tenant_id", FIELD_TEXT }, { NULL } };
	AUTO(arena) a = ARENA_INIT;
	struct wire open = c->wire;
	const char *url, *tenant = c->tenant;
	size_t len;
	struct json *v;
	struct err why = ERR_INIT;
	enum rc rc;

	if (c->token_url)
		return RC_OK;
	open.headers = NULL;
	rc = wire_read(&open, &a, "GET", arena_printf(&a, "%s/api/authinfo", c->site), NULL, "authinfo", &v, &why);
	if (rc == RC_BUSY || (rc == RC_REMOTE && !strstr(why.text, "body is broken"))) {
		*e = why;
		return rc;
	}
	if (rc == RC_OK && fields_check("HaloPSA", "authinfo", v, shape, e) != RC_OK)
		return e->rc;
	url = rc == RC_OK && *ha_text(v, "auth_url") ? ha_text(v, "auth_url") : arena_printf(&a, "%s/auth", c->site);
	if (!*tenant && rc == RC_OK)
		tenant = ha_text(v, "tenant_id");
	if (hostrule_check(url, c->host.allow_private, e) != RC_OK)
		return err_prefix(e, "HaloPSA names an address for its tokens that cannot be used");
	len = strlen(url);
	while (len && url[len - 1] == '/')
		len--;
	c->token_url = *tenant ? arena_printf(&c->arena, "%.*s/token?tenant=%s", (int)len, url, url_encode(&a, tenant))
			       : arena_printf(&c->arena, "%.*s/token", (int)len, url);
	return RC_OK;
}

static enum rc take_token(struct psa_conn *c, const struct json *v, struct err *e)
{
	const char *token = ha_text(v, "access_token");
	int64_t life;

	if (!*token || strpbrk(token, "\r\n"))
		return err_set(e, RC_REMOTE, "HaloPSA answered without a token. Check the site.");
	if (json_int(json_get(v, "expires_in"), 1, 365 * 86400, &life) != RC_OK)
		life = 600;
	c->headers[0] = arena_printf(&c->arena, "Authorization: Bearer %s", token);
	c->headers[1] = "Content-Type: application/json";
	c->granted = arena_strdup(&c->arena, ha_text(v, "scope"));
	c->token_until = clock_mono() + life * CLOCK_SECOND;
	return RC_OK;
}

enum rc ha_token(struct psa_conn *c, struct err *e)
{
	static const char *const form[] = { "Content-Type: application/x-www-form-urlencoded", NULL };
	AUTO(arena) a = ARENA_INIT;
	struct wire w = c->wire;
	struct json *v;
	enum rc rc;

	if (c->token_until && clock_mono() + TOKEN_MARGIN < c->token_until)
		return RC_OK;
	rc = discover(c, e);
	if (rc != RC_OK)
		return rc;
	w.headers = form;
	rc = wire_read(&w, &a, "POST", c->token_url,
		arena_printf(&a, "grant_type=client_credentials&client_id=%s&client_secret=%s&scope=%s",
			url_encode(&a, c->client_id), url_encode(&a, c->client_secret), url_encode(&a, c->scope)),
		"token", &v, e);
	return rc == RC_OK ? take_token(c, v, e) : rc;
}

/* Calls. ---------------------------------------------------------------------------------------------------------- */

static const char *url_of(struct psa_conn *c, struct arena *a, const char *path)
{
	return arena_printf(a, "%s/api/%s", c->site, path);
}

static const char *plain(struct arena *a, const char *path)
{
	return arena_strndup(a, path, strcspn(path, "?"));
}

enum rc ha_get(struct psa_conn *c, struct arena *a, const char *path, struct json **ret, struct err *e)
{
	enum rc rc = ha_token(c, e);

	if (rc != RC_OK)
		return rc;
	rc = wire_read(&c->wire, a, "GET", url_of(c, a, path), NULL, plain(a, path), ret, e);
	if (rc != RC_UNAUTHORIZED)
		return rc;
	c->token_until = 0;
	rc = ha_token(c, e);
	return rc == RC_OK ? wire_read(&c->wire, a, "GET", url_of(c, a, path), NULL, plain(a, path), ret, e) : rc;
}

void ha_post(struct psa_conn *c, struct arena *a, const char *path, const char *body, struct httpc_answer *ret)
{
	struct err why = ERR_INIT;

	for (int i = 0; i < 2; i++) {
		if (ha_token(c, &why) != RC_OK) {
			*ret = (struct httpc_answer){ .fate = HTTPC_NOT_SENT, .body = "", .headers = "" };
			ret->error = arena_strdup(a, why.text);
			return;
		}
		wire_send(&c->wire, a, "POST", url_of(c, a, path), body, ret);
		if (ret->fate != HTTPC_ANSWERED || ret->status != 401)
			return;
		c->token_until = 0;
	}
}

const struct json *ha_rows(const struct json *v)
{
	if (json_is(v, JSON_ARRAY))
		return v;
	for (const struct json *m = json_is(v, JSON_OBJECT) ? v->child : NULL; m; m = m->next) {
		if (json_is(m, JSON_ARRAY))
			return m;
	}
	return NULL;
}

const struct json *ha_saved(const struct json *v)
{
	return json_is(v, JSON_ARRAY) ? v->child : v;
}

const char *ha_warning(const struct json *v)
{
	return json_text_or(json_get(ha_saved(v), "_warning"), "");
}

/* The total is not always said; then a page that is not full is the last. */
static bool more_after(const struct json *v, const struct json *rows, int page)
{
	int64_t total;

	if (!rows->count)
		return false;
	if (json_int(json_get(v, "record_count"), 0, INT64_MAX, &total) == RC_OK)
		return (int64_t)page * HA_PAGE < total;
	return json_is(v, JSON_OBJECT) && rows->count >= HA_PAGE;
}

static enum rc one_page(
	struct psa_conn *c, const struct ha_list *l, struct wire_pages *pages, bool *ret_more, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const struct json *rows;
	struct json *v;
	int page = pages->number + 1;
	enum rc rc = ha_get(c, &a,
		arena_printf(
			&a, "%s?pageinate=true&page_size=%d&page_no=%d&order=id%s", l->path, HA_PAGE, page, l->query),
		&v, e);

	if (rc != RC_OK)
		return rc;
	rows = ha_rows(v);
	if (!rows)
		return wire_strange(e, "HaloPSA", "what came for %s is no list", l->path);
	*ret_more = more_after(v, rows, page);
	rc = wire_page(pages, "HaloPSA", l->path, rows, e);
	for (const struct json *row = rows->child; row && rc == RC_OK; row = row->next)
		rc = l->row(l->arg, &a, row, e);
	return rc;
}

enum rc ha_list(struct psa_conn *c, const struct ha_list *l, struct err *e)
{
	struct wire_pages pages = { 0 };
	bool more = true;
	enum rc rc = RC_OK;

	while (more && rc == RC_OK) {
		if (c->wire.stop && c->wire.stop(c->wire.stop_arg))
			return err_set(e, RC_BUSY, "Stopped on request.");
		rc = one_page(c, l, &pages, &more, e);
	}
	return rc;
}
