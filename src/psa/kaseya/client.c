/* Calls: the token and its renewal, the envelope, names of either casing, pages. A failure comes as HTTP 200, too. */
#include "psa/kaseya/kb.h"

#include "base/codec.h"

#include <stdio.h>
#include <string.h>

#define RENEW_BEFORE (60 * CLOCK_SECOND)

/* The specification prints names with a capital first letter, the wire mostly has a small one. */
static void small_letters(struct arena *a, struct json *v)
{
	for (struct json *m = v->child; m; m = m->next) {
		if (m->key && m->key[0] >= 'A' && m->key[0] <= 'Z') {
			char *key = arena_strdup(a, m->key);

			key[0] = (char)(key[0] - 'A' + 'a');
			m->key = key;
		}
		small_letters(a, m);
	}
}

static const char *words_of(struct arena *a, const struct json *v)
{
	const struct json *error = json_get(v, "error");
	const char *text = json_text_or(json_get(error, "message"), json_text_or(error, ""));
	const char *more = json_text_or(json_path(error, "subErrors/0"), json_text_or(json_get(error, "details"), ""));

	if (!*text && !*more)
		return "";
	return arena_printf(a, " \"%.200s%s%.200s\"", text, *text && *more ? " " : "", more);
}

static enum rc judge(
	struct psa_conn *c, const struct httpc_answer *answer, const char *what, const char *words, struct err *e)
{
	switch (answer->status) {
	case 401:
		return err_set(e, RC_UNAUTHORIZED,
			"%s does not accept company name, user or password (401).%s An ordinary employee cannot be "
			"used: make "
			"an API Employee.",
			c->who, words);
	case 403:
		return err_set(e, RC_DENIED,
			"The security role of the API employee does not allow %s (403).%s Give it CRM: View All, "
			"Finance: View "
			"All and Modify All, Admin: View All and Has API Access.",
			what, words);
	case 404:
		return err_set(e, RC_NOT_FOUND, "%s has no such record (404), or no such call in its release.%s",
			c->who, words);
	case 429:
		return wire_slow_down(c->who, ": 1,500 calls an hour of each kind", answer, e);
	default:
		break;
	}
	if (answer->status < 400)
		return wire_moved(c->who, answer, what, e);
	if (answer->status >= 500)
		return err_set(
			e, RC_REMOTE, "%s failed (%d) at %s.%s Try again later.", c->who, answer->status, what, words);
	return err_set(e, RC_INVALID, "%s refused %s (%d).%s", c->who, what, answer->status, words);
}

/* The result out of the envelope; some calls answer without one. */
static enum rc open_envelope(struct psa_conn *c, struct arena *a, const struct httpc_answer *answer, const char *what,
	const struct json **ret, int64_t *ret_total, struct err *e)
{
	struct json *v;
	enum rc rc = wire_json(c->wire.who, a, answer, what, &v, e);

	if (ret_total)
		*ret_total = -1;
	if (rc != RC_OK)
		return rc;
	small_letters(a, v);
	if (!json_get(v, "success")) {
		*ret = v;
		return RC_OK;
	}
	if (!json_true(json_get(v, "success")) && !json_is(json_get(v, "success"), JSON_FALSE))
		return wire_strange(e, c->who, "\"success\" of %s is neither true nor false", what);
	if (!json_true(json_get(v, "success"))) {
		const char *words = words_of(a, v);

		return err_set(e, strstr(words, "not found") ? RC_NOT_FOUND : RC_INVALID, "%s refused %s.%s", c->who,
			what, words);
	}
	if (ret_total && json_int(json_get(v, "totalRecords"), 0, INT32_MAX, ret_total) != RC_OK)
		*ret_total = -1;
	*ret = json_get(v, "result");
	return RC_OK;
}

/* What an answer came to, whatever its status. */
static enum rc result_of(struct psa_conn *c, struct arena *a, const struct httpc_answer *answer, const char *what,
	const struct json **ret, int64_t *ret_total, struct err *e)
{
	static const struct json_limits limits = { 1 << 20, 16, 10000 };
	struct json *v;

	if (answer->fate != HTTPC_ANSWERED)
		return wire_unreached(c->wire.who, answer, e);
	if (answer->status >= 200 && answer->status < 300)
		return open_envelope(c, a, answer, what, ret, ret_total, e);
	if (json_parse(a, answer->body, answer->len, &limits, &v, NULL) != RC_OK)
		return judge(c, answer, what, "", e);
	small_letters(a, v);
	return judge(c, answer, what, words_of(a, v), e);
}

static enum rc take_token(struct psa_conn *c, const struct json *v, struct err *e)
{
	struct fields f = fields_of(c->who, "token", v, e);
	const char *token = field_text(&f, "accessToken");
	utime until = field_time(&f, "accessTokenExpireOn");

	if (!*token || strlen(token) + 30 > sizeof(c->bearer_line) || strpbrk(token, "\r\n "))
		field_wrong(&f, "accessToken", "cannot be used");
	if (f.rc != RC_OK)
		return f.rc;
	snprintf(c->bearer_line, sizeof(c->bearer_line), "Authorization: Bearer %s", token);
	c->bearer = c->bearer_line;
	c->bearer_until = until ? until : clock_now() + 10 * 60 * CLOCK_SECOND;
	return RC_OK;
}

static enum rc sign_in(struct psa_conn *c, struct arena *a, struct err *e)
{
	const char *body = arena_printf(a, "grantType=password&userName=%s&password=%s&tenant=%s",
		url_encode(a, c->user), url_encode(a, c->password), url_encode(a, c->tenant));
	const char *url = arena_printf(a, "%s/v2/security/authenticate", c->root);
	struct httpc_answer answer;
	const struct json *v = NULL;
	enum rc rc;

	if (c->bearer && clock_now() < c->bearer_until - RENEW_BEFORE)
		return RC_OK;
	wire_send(&c->login, a, "POST", url, body, &answer);
	rc = result_of(c, a, &answer, "the sign-in", &v, NULL, e);
	/* A refusal in an envelope is one of the name or the password. */
	if (rc == RC_INVALID || rc == RC_NOT_FOUND)
		return err_set(e, RC_UNAUTHORIZED, "%s", arena_strdup(a, e->text));
	return rc == RC_OK ? take_token(c, v, e) : rc;
}

/* One try, with a token that holds; a token that was taken back meanwhile is renewed once. */
static enum rc once(struct psa_conn *c, struct arena *a, const char *method, const char *path, const char *body,
	const char *what, struct httpc_answer *answer, const struct json **ret, int64_t *ret_total, struct err *e)
{
	const char *url = arena_printf(a, "%s%s", c->root, path);

	for (int i = 0;; i++) {
		enum rc rc = sign_in(c, a, e);

		*answer = (struct httpc_answer){ .fate = HTTPC_NOT_SENT, .body = "", .headers = "", .error = "" };
		if (rc != RC_OK)
			return rc;
		wire_send(&c->wire, a, method, url, body, answer);
		if (answer->fate != HTTPC_ANSWERED || answer->status != 401 || i > 0)
			return result_of(c, a, answer, what, ret, ret_total, e);
		c->bearer = NULL;
	}
}

enum rc kb_read(struct psa_conn *c, struct arena *a, const char *method, const char *path, const char *body,
	const char *what, const struct json **ret, int64_t *ret_total, struct err *e)
{
	for (unsigned i = 1;; i++) {
		struct httpc_answer answer;
		struct err why = ERR_INIT;
		enum rc rc = once(c, a, method, path, body, what, &answer, ret, ret_total, &why);

		if (rc == RC_OK || !wire_again(&c->wire, rc, i, &why)) {
			*e = why;
			return rc;
		}
	}
}

enum sent kb_send(struct psa_conn *c, struct arena *a, const char *method, const char *path, const char *body,
	const char *what, const struct json **ret, struct err *why)
{
	struct httpc_answer answer;
	const struct json *v = NULL;
	enum rc rc = once(c, a, method, path, body, what, &answer, &v, NULL, why);
	enum sent sent = writing_class(&answer);

	if (ret)
		*ret = rc == RC_OK ? v : NULL;
	/* A failed sign-in sent nothing of the change. */
	if (answer.fate == HTTPC_NOT_SENT)
		return rc == RC_UNAUTHORIZED || rc == RC_DENIED ? SENT_REFUSED : SENT_NOT;
	/* "success": false in a 200 is the refusal of a whole call. */
	return sent == SENT_OK && (rc == RC_INVALID || rc == RC_NOT_FOUND) ? SENT_REFUSED : sent;
}

static enum rc get_page(struct psa_conn *c, struct arena *a, const struct kb_list *l, int number,
	const struct json **ret, int64_t *ret_total, struct err *e)
{
	const char *path = l->path, *body = NULL;
	enum rc rc;

	if (l->filter)
		body = arena_printf(a, "{\"pageSize\":%d,\"pageNumber\":%d,\"filter\":%s}", KB_PAGE, number, l->filter);
	else
		path = arena_printf(
			a, "%s%cPageSize=%d&PageNumber=%d", path, strchr(path, '?') ? '&' : '?', KB_PAGE, number);
	rc = kb_read(c, a, l->filter ? "POST" : "GET", path, body, l->what, ret, ret_total, e);
	if (rc == RC_OK && !json_is(*ret, JSON_ARRAY))
		return wire_strange(e, c->who, "the result of %s is no list", l->what);
	return rc;
}

enum rc kb_list(struct psa_conn *c, const struct kb_list *l, struct err *e)
{
	struct wire_pages pages = { 0 };
	int64_t seen = 0;

	for (int number = 1;; number++) {
		AUTO(arena) a = ARENA_INIT;
		const struct json *rows = NULL;
		int64_t total = -1;
		enum rc rc = c->wire.stop && c->wire.stop(c->wire.stop_arg)
			? err_set(e, RC_BUSY, "The reading was stopped.")
			: RC_OK;

		if (rc == RC_OK)
			rc = get_page(c, &a, l, number, &rows, &total, e);
		if (rc == RC_OK)
			rc = wire_page(&pages, c->who, l->what, rows, e);
		if (rc != RC_OK || !rows)
			return rc;
		for (const struct json *v = rows->child; v && rc == RC_OK; v = v->next)
			rc = l->row(l->arg, &a, v, e);
		seen += rows->count;
		if (rc != RC_OK || !rows->count || (total >= 0 ? seen >= total : rows->count < KB_PAGE))
			return rc;
	}
}
