/* Calls to SuperOps: GraphQL over POST, with failures inside HTTP 200. */
#include "psa/superops/so.h"

#include <string.h>

const char so_contracts_query[] =
	"query($input: ListInfoInput) { getClientContractList(input: $input) { clientContracts { contractId client "
	"startDate endDate contractStatus contract { contractId name description contractType billableContract { "
	"chargeItem quantityCalculationType sellingPriceOverridden sellingPrice { model details { value } } "
	"frequencyType "
	"recurringContract { recurringMode frequencyDurationUnit frequencyInterval nextBillDate } changes { changeId "
	"effectiveDate endDate quantity quantityChangeOperation } } } } listInfo { page pageSize totalCount hasMore } "
	"} }";

static enum rc refused(const char *code, const char *words, struct err *e)
{
	if (strcmp(code, "forbidden") == 0)
		return err_set(e, RC_DENIED,
			"The technician of the API token may not do this.%s Give the role Clients: view, Contracts: "
			"view, create "
			"and edit, Service catalog: view.",
			words);
	if (strcmp(code, "rate_limit_exceeded") == 0)
		return err_set(e, RC_BUSY,
			"SuperOps asks to slow down: 800 calls a minute for a token. It is asked again later; if this "
			"comes "
			"often, let Trueup or other programs make fewer calls.");
	if (strcmp(code, "entity_does_not_exist") == 0 || strcmp(code, "referred_value_does_not_exist") == 0)
		return err_set(e, RC_NOT_FOUND, "SuperOps has no such record.%s", words);
	if (strstr(code, "validation_failed"))
		return err_set(e, RC_INVALID, "SuperOps refused it (%s).%s", code, words);
	return err_set(e, RC_REMOTE, "SuperOps failed.%s Try again later.", words);
}

/* The first error of an answer: its code, the parameter it names, its message. RC_OK when there is none. */
static enum rc error_of(struct arena *a, const struct json *v, struct err *e)
{
	const struct json *first = json_path(v, "errors/0");
	const char *code = json_text_or(json_path(first, "extensions/clientError/0/code"), "");
	const char *param = json_text_or(json_path(first, "extensions/clientError/0/param/attributes/0"),
		json_text_or(json_path(first, "extensions/clientError/0/param"), ""));
	const char *text = json_text_or(json_get(first, "message"), "");

	if (!first)
		return RC_OK;
	return refused(code,
		*text || *param ? arena_printf(a, " \"%.200s%s%.100s\"", text, *text && *param ? ": " : "", param) : "",
		e);
}

static enum rc judge(const struct httpc_answer *answer, const char *what, struct err *e)
{
	if (answer->status == 401 || answer->status == 403)
		return err_set(e, RC_UNAUTHORIZED,
			"SuperOps does not accept the API token (%d). Check token, subdomain and data centre.",
			answer->status);
	if (answer->status == 429)
		return wire_slow_down("SuperOps", "", answer, e);
	if (answer->status < 400)
		return wire_moved("SuperOps", answer, what, e);
	if (answer->status >= 500)
		return err_set(e, RC_REMOTE, "SuperOps failed (%d) at %s. Try again later.", answer->status, what);
	return err_set(e, RC_INVALID, "SuperOps refused %s (%d). Check the API address.", what, answer->status);
}

/* The operation's member of an answer that stands. */
static enum rc result_of(struct psa_conn *c, struct arena *a, const struct httpc_answer *answer, const char *member,
	const struct json **ret, struct err *e)
{
	struct json *v;
	enum rc rc;

	if (answer->fate != HTTPC_ANSWERED)
		return wire_unreached(c->wire.who, answer, e);
	if (answer->status < 200 || answer->status >= 300)
		return judge(answer, member, e);
	rc = wire_json(c->wire.who, a, answer, member, &v, e);
	if (rc == RC_OK)
		rc = error_of(a, v, e);
	if (rc != RC_OK)
		return rc;
	*ret = json_get(json_get(v, "data"), member);
	return json_is_null(*ret)
		? wire_strange(e, "SuperOps", "it answered to %s without a result and without an error", member)
		: RC_OK;
}

static const char *body_of(struct arena *a, const char *query, const char *variables)
{
	AUTO(buf) b = BUF_INIT(1 << 20);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	jsonw_kv(&w, "query", query);
	jsonw_kv_raw(&w, "variables", variables);
	jsonw_end_object(&w);
	if (b.failed)
		BUG("a query that does not fit");
	return arena_strdup(a, buf_text(&b));
}

enum rc so_read(struct psa_conn *c, struct arena *a, const char *query, const char *variables, const char *member,
	const struct json **ret, struct err *e)
{
	const char *body = body_of(a, query, variables);

	for (unsigned i = 1;; i++) {
		struct httpc_answer answer;
		struct err why = ERR_INIT;
		enum rc rc;

		wire_send(&c->wire, a, "POST", c->url, body, &answer);
		rc = result_of(c, a, &answer, member, ret, &why);
		if (rc == RC_OK || !wire_again(&c->wire, rc, i, &why)) {
			*e = why;
			return rc;
		}
	}
}

enum sent so_send(struct psa_conn *c, struct arena *a, const char *query, const char *variables, const char *member,
	const struct json **ret, struct err *why)
{
	struct httpc_answer answer;
	const struct json *v = NULL;
	enum sent sent;
	enum rc rc;

	wire_send(&c->wire, a, "POST", c->url, body_of(a, query, variables), &answer);
	sent = writing_class(&answer);
	rc = result_of(c, a, &answer, member, &v, why);
	if (ret)
		*ret = rc == RC_OK ? v : NULL;
	if (sent != SENT_OK || rc == RC_OK)
		return sent;
	/* A 200 with an error that names its cause did nothing; with any other nobody knows. */
	if (rc == RC_BUSY)
		return SENT_NOT;
	return rc == RC_REMOTE ? SENT_MAYBE : SENT_REFUSED;
}

static const char *page_variables(struct arena *a, const struct so_list *l, int page)
{
	return arena_printf(a, "{\"input\":{\"page\":%d,\"pageSize\":%d%s%s}}", page, SO_PAGE,
		l->condition ? ",\"condition\":" : "", l->condition ? l->condition : "");
}

enum rc so_list(struct psa_conn *c, const struct so_list *l, struct err *e)
{
	struct wire_pages pages = { 0 };

	for (int page = 1;; page++) {
		AUTO(arena) a = ARENA_INIT;
		const struct json *v = NULL, *rows = NULL;
		enum rc rc = c->wire.stop && c->wire.stop(c->wire.stop_arg)
			? err_set(e, RC_BUSY, "The reading was stopped.")
			: RC_OK;
		struct fields f;

		if (rc == RC_OK)
			rc = so_read(c, &a, l->query, page_variables(&a, l, page), l->member, &v, e);
		if (rc != RC_OK)
			return rc;
		f = fields_of("SuperOps", l->member, v, e);
		rows = field_list(&f, l->rows, true);
		rc = f.rc == RC_OK ? wire_page(&pages, "SuperOps", l->member, rows, e) : f.rc;
		for (const struct json *row = rows ? rows->child : NULL; row && rc == RC_OK; row = row->next)
			rc = l->row(l->arg, &a, row, e);
		if (rc != RC_OK || !rows || !rows->count || !field_bool(&f, "listInfo/hasMore"))
			return rc == RC_OK ? f.rc : rc;
	}
}
