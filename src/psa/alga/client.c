/* Calls to Alga: two styles of envelope, and failures in words that are safe to show. */
#include "psa/alga/alga.h"

#include <string.h>

/* The text of a 500 may hold pieces of SQL, so only refusals are quoted. */
static const char *words_of(struct arena *a, const struct httpc_answer *answer)
{
	struct json_limits limits = { 1 << 20, 16, 10000 };
	const char *text, *more;
	struct json *v;

	if (answer->status >= 500 || json_parse(a, answer->body, answer->len, &limits, &v, NULL) != RC_OK)
		return "";
	text = json_text_or(json_path(v, "error/message"), json_text_or(json_get(v, "error"), ""));
	more = json_text_or(json_path(v, "error/details/0/message"), "");
	return *text ? arena_printf(a, " \"%.200s%s%.200s\"", text, *more ? ": " : "", more) : "";
}

enum rc alga_judge(void *arg, const struct httpc_answer *answer, const char *what, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const char *words = words_of(&a, answer);

	switch (answer->status) {
	case 401:
		return err_set(
			e, RC_UNAUTHORIZED, "Alga PSA does not accept the API key (401).%s Make a new one.", words);
	case 403:
		return err_set(e, RC_DENIED,
			"The roles of the API key's user do not allow %s (403).%s Give it client: read, service: read, "
			"contract: read and update.",
			what, words);
	case 404:
		return err_set(e, RC_NOT_FOUND, "Alga PSA has no such record (404).%s", words);
	case 429:
		return wire_slow_down("Alga PSA", ": 60 calls a minute for a key", answer, e);
	default:
		break;
	}
	if (answer->status < 400)
		return wire_moved("Alga PSA", answer, what, e);
	if (answer->status >= 500)
		return err_set(e, RC_REMOTE, "Alga PSA failed (%d) at %s. Try again later.", answer->status, what);
	return err_set(e, RC_INVALID, "Alga PSA refused %s (%d).%s", what, answer->status, words);
}

enum rc alga_get(
	struct psa_conn *c, struct arena *a, const char *path, const char *what, struct json **ret, struct err *e)
{
	return wire_read(&c->wire, a, "GET", arena_printf(a, "%s%s", c->root, path), NULL, what, ret, e);
}

enum sent alga_send(struct psa_conn *c, struct arena *a, const char *method, const char *path, const char *body,
	const char *what, struct err *why)
{
	struct httpc_answer answer;
	enum sent sent;

	wire_send(&c->wire, a, method, arena_printf(a, "%s%s", c->root, path), body, &answer);
	sent = writing_class(&answer);
	if (answer.fate != HTTPC_ANSWERED)
		wire_unreached(c->wire.who, &answer, why);
	else if (sent != SENT_OK)
		alga_judge(c, &answer, what, why);
	return sent;
}

/* Either style tells the last page, in its own words. */
static bool is_last(struct fields *f, const struct json *rows, int page)
{
	qty pages;

	if (json_get(json_get(f->v, "pagination"), "hasNext"))
		return !field_bool(f, "pagination/hasNext");
	if (field_qty(f, "pagination/totalPages", &pages))
		return page * QTY_ONE >= pages;
	return rows->count < ALGA_PAGE;
}

enum rc alga_list(struct psa_conn *c, const struct alga_list *l, struct err *e)
{
	struct wire_pages pages = { 0 };

	for (int page = 1;; page++) {
		AUTO(arena) a = ARENA_INIT;
		const char *path = arena_printf(
			&a, "%s%cpage=%d&limit=%d", l->path, strchr(l->path, '?') ? '&' : '?', page, ALGA_PAGE);
		const struct json *rows = NULL;
		struct fields f;
		struct json *v;
		enum rc rc = c->wire.stop && c->wire.stop(c->wire.stop_arg)
			? err_set(e, RC_BUSY, "The reading was stopped.")
			: RC_OK;

		if (rc == RC_OK)
			rc = alga_get(c, &a, path, l->what, &v, e);
		if (rc != RC_OK)
			return rc;
		f = fields_of("Alga PSA", "list", v, e);
		rows = field_list(&f, "data", true);
		rc = f.rc == RC_OK ? wire_page(&pages, "Alga PSA", l->what, rows, e) : f.rc;
		for (const struct json *row = rows ? rows->child : NULL; row && rc == RC_OK; row = row->next)
			rc = l->row(l->arg, &a, row, e);
		if (rc != RC_OK || !rows || !rows->count || is_last(&f, rows, page))
			return rc == RC_OK ? f.rc : rc;
	}
}
