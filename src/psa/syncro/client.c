/* Calls to Syncro, and what a bad answer means in words. The body of a refusal has four shapes. */
#include "psa/syncro/syncro.h"

#include <string.h>

const char *syncro_url(const struct psa_conn *c, struct arena *a, const char *path)
{
	return arena_printf(a, "%s%s", c->root, path);
}

/* One text out of "error", "errors" or "message", each a text, a list of texts, or an object of lists. */
static const char *said(const struct json *v)
{
	while (v && (v->type == JSON_ARRAY || v->type == JSON_OBJECT))
		v = v->child;
	return json_text(v);
}

static const char *words_of(struct arena *a, const struct httpc_answer *answer)
{
	static const char *const names[] = { "error", "errors", "message" };
	struct json_limits limits = { 1 << 20, 16, 10000 };
	struct json *v;

	if (json_parse(a, answer->body, answer->len, &limits, &v, NULL) != RC_OK)
		return "";
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *text = said(json_get(v, names[i]));

		if (text && *text)
			return arena_printf(a, " \"%.200s\"", text);
	}
	return "";
}

/* Which permission of the token a call needs, as the token's page names it. */
static const char *permission(const char *what)
{
	static const struct {
		const char *what, *name;
	} rows[] = { { "customers", "Customers - List/Search and View Detail" },
		{ "products", "Products - List/Search" }, { "a change of a product", "Products - Edit" },
		{ "recurring invoices", "Recurring Invoices - List" },
		{ "a change of a recurring invoice", "Recurring Invoices - Edit" },
		{ "tickets", "Tickets - List/Search" }, { "a new ticket", "Tickets - Create" } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].what, what) == 0)
			return rows[i].name;
	}
	return "the permission for this record";
}

enum rc syncro_judge(void *arg, const struct httpc_answer *answer, const char *what, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const char *words = words_of(&a, answer);

	switch (answer->status) {
	case 401:
		return err_set(
			e, RC_UNAUTHORIZED, "Syncro does not accept the API token (401).%s Make a new one.", words);
	case 403:
		return err_set(e, RC_DENIED, "The API token may not do this (403).%s Give it \"%s\".", words,
			permission(what));
	case 404:
		return err_set(e, RC_NOT_FOUND, "Syncro has no such record (404).%s", words);
	case 429:
		return wire_slow_down(
			"Syncro", ": all programs behind this address share 180 calls a minute", answer, e);
	default:
		break;
	}
	if (answer->status < 400)
		return wire_moved("Syncro", answer, what, e);
	if (answer->status >= 500)
		return err_set(
			e, RC_REMOTE, "Syncro failed (%d) at %s.%s Try again later.", answer->status, what, words);
	return err_set(e, RC_INVALID, "Syncro refused %s (%d).%s", what, answer->status, words);
}

enum rc syncro_get(
	struct psa_conn *c, struct arena *a, const char *path, const char *what, struct json **ret, struct err *e)
{
	return wire_read(&c->wire, a, "GET", syncro_url(c, a, path), NULL, what, ret, e);
}

enum sent syncro_send(struct psa_conn *c, struct arena *a, const char *method, const char *path, const char *body,
	const char *what, struct json **ret, struct err *why)
{
	struct httpc_answer answer;
	struct json *v = NULL;
	enum sent sent;

	wire_send(&c->wire, a, method, syncro_url(c, a, path), body, &answer);
	sent = writing_class(&answer);
	if (answer.fate != HTTPC_ANSWERED)
		wire_unreached(c->wire.who, &answer, why);
	else if (sent != SENT_OK)
		syncro_judge(c, &answer, what, why);
	else if (wire_json(c->wire.who, a, &answer, what, &v, why) != RC_OK)
		v = NULL;
	if (ret)
		*ret = v;
	return sent;
}
