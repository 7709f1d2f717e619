/* Calls to the API: one at a time, with the codebase looked after, and what a bad answer means in words. */
#include "psa/connectwise/cw.h"

#include <string.h>

static const char *url_of(struct psa_conn *c, struct arena *a, const char *path)
{
	return arena_printf(a, "%s/%sapis/3.0%s", c->api_url, c->codebase, path);
}

static void send_once(struct psa_conn *c, struct arena *a, const char *method, const char *path, const char *body,
	struct httpc_answer *ret)
{
	wire_send(&c->wire, a, method, url_of(c, a, path), body, ret);
}

/* A 404 may mean that the company moved to another release: true when the codebase is another one now. */
static bool moved(struct psa_conn *c)
{
	char before[sizeof(c->codebase)];
	struct err ignored = ERR_INIT;

	memcpy(before, c->codebase, sizeof(before));
	return cw_discover(c, &ignored) == RC_OK && strcmp(before, c->codebase) != 0;
}

void cw_send(struct psa_conn *c, struct arena *a, const char *method, const char *path, const char *body,
	struct httpc_answer *ret)
{
	struct err why = ERR_INIT;

	if (!c->codebase[0] && cw_discover(c, &why) != RC_OK) {
		*ret = (struct httpc_answer){ .fate = HTTPC_NOT_SENT, .body = "", .headers = "" };
		ret->error = arena_strdup(a, why.text);
		if (why.rc == RC_BUSY) {
			ret->fate = HTTPC_ANSWERED;
			ret->status = 429;
			ret->retry_after = why.retry_after;
		}
		return;
	}
	send_once(c, a, method, path, body, ret);
	/* A 404 did nothing, so the call may be repeated under the new codebase, whatever it is. */
	if (ret->fate == HTTPC_ANSWERED && ret->status == 404 && moved(c))
		send_once(c, a, method, path, body, ret);
}

/* What the body says: {code, message, errors:[{message, field}]}, or {error, message}, or no JSON at all. */
static const char *words_of(struct arena *a, const struct httpc_answer *answer)
{
	struct json_limits limits = { 1 << 20, 16, 10000 };
	struct json *v;
	const char *text, *first;

	if (json_parse(a, answer->body, answer->len, &limits, &v, NULL) != RC_OK)
		return "";
	text = json_text_or(json_get(v, "message"), json_text_or(json_get(v, "error"), ""));
	first = json_text(json_path(v, "errors/0/message"));
	if (first && strcmp(first, text) != 0)
		return arena_printf(a, " \"%.200s %.200s\"", text, first);
	return *text ? arena_printf(a, " \"%.200s\"", text) : "";
}

static enum rc refused(
	const struct httpc_answer *answer, const char *method, const char *path, const char *words, struct err *e)
{
	switch (answer->status) {
	case 401:
		return err_set(e, RC_UNAUTHORIZED,
			"ConnectWise does not accept the keys (401).%s Check Company ID, public key, private key and "
			"Client "
			"ID.",
			words);
	case 403:
		return err_set(e, RC_DENIED,
			"The security role of the API member does not allow this (403).%s Give it %s.", words,
			cw_right(method, path));
	case 404:
		return err_set(e, RC_NOT_FOUND, "ConnectWise has no such record (404).%s", words);
	case 409:
		return err_set(e, RC_BUSY, "The record is locked in ConnectWise (409).%s", words);
	case 429:
		return wire_slow_down("ConnectWise", "", answer, e);
	default:
		break;
	}
	if (answer->status < 400)
		return wire_moved("ConnectWise", answer, path, e);
	if (answer->status >= 500)
		return err_set(
			e, RC_REMOTE, "ConnectWise failed (%d) at %s.%s Try again later.", answer->status, path, words);
	return err_set(e, RC_INVALID, "ConnectWise refused %s %s (%d).%s", method, path, answer->status, words);
}

enum rc cw_error(const struct httpc_answer *answer, const char *method, const char *path, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	char *plain = arena_strndup(&a, path, strcspn(path, "?"));

	if (answer->fate != HTTPC_ANSWERED)
		return wire_unreached("ConnectWise", answer, e);
	return refused(answer, method, plain, words_of(&a, answer), e);
}

enum rc cw_json(struct arena *a, const struct httpc_answer *answer, const char *path, struct json **ret, struct err *e)
{
	return wire_json("ConnectWise", a, answer, arena_strndup(a, path, strcspn(path, "?")), ret, e);
}

bool cw_more(struct arena *a, const struct httpc_answer *answer, const struct json *v)
{
	const char *link = httpc_header(a, answer, "Link");

	if (link)
		return strstr(link, "rel=\"next\"") != NULL;
	return json_is(v, JSON_ARRAY) && v->count >= CW_PAGE;
}

static enum rc try_get(
	struct psa_conn *c, struct arena *a, const char *path, struct json **ret, bool *ret_more, struct err *e)
{
	struct httpc_answer answer;
	enum rc rc;

	cw_send(c, a, "GET", path, NULL, &answer);
	if (answer.fate != HTTPC_ANSWERED || answer.status != 200)
		return cw_error(&answer, "GET", path, e);
	rc = cw_json(a, &answer, path, ret, e);
	if (rc == RC_OK && ret_more)
		*ret_more = cw_more(a, &answer, *ret);
	return rc;
}

enum rc cw_get(struct psa_conn *c, struct arena *a, const char *path, struct json **ret, bool *ret_more, struct err *e)
{
	for (unsigned i = 1;; i++) {
		struct err why = ERR_INIT;
		enum rc rc = try_get(c, a, path, ret, ret_more, &why);

		if (rc == RC_OK)
			return rc;
		if (!wire_again(&c->wire, rc, i, &why)) {
			*e = why;
			return rc;
		}
	}
}
