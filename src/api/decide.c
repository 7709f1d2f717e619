/* Decisions: what approving would do, approve, dismiss, confirm; the writes that follow, and their rollback. */
#include "core/cards/decide.h"
#include "api/app.h"
#include "api/export.h"
#include "core/cards/approval.h"
#include "core/book/psaconfig.h"
#include "core/writes/rollback.h"
#include "core/writes/writelist.h"

struct asked {
	struct decide_ask ask;
	qty quantity;
};

static enum rc read_ids(struct call *c, struct decide_ask *ask, struct err *e)
{
	const struct json *ids = json_get(c->body, "ids");
	const char **list = arena_array(c->arena, ids->count + 1, sizeof(*list));

	ask->card_ids = list;
	for (const struct json *id = ids->child; id; id = id->next) {
		if (!json_text(id))
			return err_at(e, RC_INVALID, "/ids", "Each id is a text.");
		list[ask->count++] = json_text(id);
	}
	return RC_OK;
}

static enum rc read_ask(struct call *c, struct asked *a, struct err *e)
{
	const struct json *quantity = json_get(c->body, "quantity");
	const char *date = call_text(c, "effective_date");

	a->ask = (struct decide_ask){ .org = c->who.org,
		.effective = DAY_NONE,
		.contract_id = call_text(c, "contract_id"),
		.line_id = call_text(c, "line_id"),
		.note = call_text(c, "note") };
	if (date && day_parse(date, &a->ask.effective) != RC_OK)
		return err_at(e, RC_INVALID, "/effective_date", "Write the date as YYYY-MM-DD.");
	if (!json_is_null(quantity)) {
		if (json_qty(quantity, &a->quantity) != RC_OK)
			return err_at(e, RC_INVALID, "/quantity",
				"Write the quantity as a decimal, such as \"14\" or \"0.5\".");
		a->ask.quantity = &a->quantity;
	}
	return read_ids(c, &a->ask, e);
}

/* The connected PSA's connector; without one nothing can be approved. */
static enum rc find_psa(struct call *c, const struct psa_ops **ret, struct err *e)
{
	struct psaconfig config;
	enum rc rc = psaconfig_get(c->tx, c->app->vault, c->arena, c->who.org, &config, e);

	*ret = rc == RC_OK ? config.ops : NULL;
	if (rc == RC_NOT_FOUND)
		return err_set(e, RC_CONFLICT, "%s", "No PSA is connected yet, so nothing can be written to it.");
	return rc;
}

static enum rc post_preview(struct call *c, struct err *e)
{
	const struct psa_ops *ops;
	struct decide_plan p;
	const char *rule;
	struct asked a;
	int64_t refused = 0;
	enum rc rc = read_ask(c, &a, e);

	if (rc == RC_OK)
		rc = find_psa(c, &ops, e);
	if (rc != RC_OK)
		return rc;
	jsonw_object(&c->out);
	jsonw_key(&c->out, "items");
	jsonw_array(&c->out);
	for (size_t i = 0; i < a.ask.count && rc == RC_OK; i++) {
		rc = decide_plan(c->tx, c->arena, ops, &a.ask, i, &p, e);
		if (rc == RC_OK && p.refusal.rc == RC_OK)
			rc = approval_needed(c->tx, c->who.org, &p, &rule, &p.two_persons, e);
		if (rc == RC_OK)
			decide_plan_write(&c->out, &p);
		refused += rc == RC_OK && p.refusal.rc != RC_OK;
	}
	jsonw_end_array(&c->out);
	jsonw_kv_bool(&c->out, "ok", refused == 0);
	jsonw_kv_int(&c->out, "refused", refused);
	jsonw_end_object(&c->out);
	return rc;
}

static void note_batch(struct call *c, const struct decide_ask *ask, const char *batch)
{
	c->audit_object = arena_printf(c->arena, "batch %s", batch);
	c->audit_after = arena_strdup(c->arena, c->rq->body);
	c->audit_why = ask ? ask->note : NULL;
}

static void answer_batch(struct call *c, const struct decide_ask *ask, const char *batch)
{
	note_batch(c, ask, batch);
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "batch", batch);
	jsonw_end_object(&c->out);
}

static void answer_approved(struct call *c, const struct decide_ask *ask, const struct decide_done *done)
{
	note_batch(c, ask, done->batch);
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "batch", done->batch);
	jsonw_key(&c->out, "awaiting");
	jsonw_array(&c->out);
	for (size_t i = 0; i < done->awaiting_count; i++)
		jsonw_string(&c->out, done->awaiting[i]);
	jsonw_end_array(&c->out);
	jsonw_end_object(&c->out);
}

static enum rc post_approve(struct call *c, struct err *e)
{
	const struct psa_ops *ops;
	struct decide_done done;
	struct asked a;
	enum rc rc = read_ask(c, &a, e);

	if (rc == RC_OK)
		rc = find_psa(c, &ops, e);
	if (rc == RC_OK)
		rc = decide_approve(c->tx, ops, &c->who, &a.ask, &done, e);
	if (rc == RC_OK)
		answer_approved(c, &a.ask, &done);
	return rc;
}

static enum rc close_cards(struct call *c, enum decision_kind kind, struct err *e)
{
	const char *batch;
	struct asked a;
	enum rc rc = read_ask(c, &a, e);

	if (rc == RC_OK)
		rc = decide_close(c->tx, &c->who, &a.ask, kind, &batch, e);
	if (rc == RC_OK)
		answer_batch(c, &a.ask, batch);
	return rc;
}

static enum rc post_dismiss(struct call *c, struct err *e)
{
	return close_cards(c, DECIDE_DISMISS, e);
}

static enum rc post_confirm(struct call *c, struct err *e)
{
	return close_cards(c, DECIDE_CONFIRM, e);
}

static enum rc post_reopen(struct call *c, struct err *e)
{
	return close_cards(c, DECIDE_REOPEN, e);
}

static enum rc post_rollback(struct call *c, struct err *e)
{
	const char *note = call_text(c, "note"), *batch;
	const struct psa_ops *ops;
	enum rc rc = find_psa(c, &ops, e);

	if (rc == RC_OK)
		rc = rollback_batch(c->tx, ops, &c->who, c->who.org, call_param(c, 0), note, &batch, e);
	if (rc != RC_OK)
		return rc;
	answer_batch(c, NULL, batch);
	c->audit_why = note;
	return RC_OK;
}

static enum rc get_writes(struct call *c, struct err *e)
{
	struct writelist l = { .org = c->who.org,
		.batch = call_query(c, "batch"),
		.card = call_query(c, "card"),
		.state = call_query(c, "state"),
		.cursor = call_query(c, "cursor") };
	const char *next = NULL;
	enum rc rc = call_limit(c, &l.limit, e);

	if (rc != RC_OK)
		return rc;
	call_list_begin(c);
	rc = writelist_write(c->tx, &l, &c->out, &next, e);
	call_list_end(c, next);
	return rc;
}

static const struct export_column write_columns[] = {
	{ "At", "created_at" },
	{ "What", "kind" },
	{ "State", "state" },
	{ "Detail", "detail" },
	{ "Account", "account/name" },
	{ "Product", "product/name" },
	{ "Before", "expect", EXPORT_NUMBER },
	{ "After", "want", EXPORT_NUMBER },
	{ "Effective date", "effective_date" },
	{ "Attempts", "attempts", EXPORT_NUMBER },
	{ "Line", "line_id" },
	{ "Contract", "contract_id" },
	{ "Card", "card_id" },
	{ "Batch", "batch" },
	{ "Rollback of", "rollback_of" },
	{ "Updated at", "updated_at" },
	{ "Write", "id" },
	{ NULL },
};

static enum rc page_of_writes(
	struct call *c, const char *cursor, int64_t limit, struct jsonw *w, const char **ret_next, struct err *e)
{
	struct writelist l = { .org = c->who.org,
		.batch = call_query(c, "batch"),
		.card = call_query(c, "card"),
		.state = call_query(c, "state"),
		.cursor = cursor,
		.limit = limit };

	return writelist_write(c->tx, &l, w, ret_next, e);
}

static enum rc export_writes(struct call *c, struct err *e)
{
	return export_table(c, &(struct export){ "writes", write_columns, page_of_writes }, e);
}

static enum rc get_write(struct call *c, struct err *e)
{
	return writelist_one(c->tx, c->who.org, call_param(c, 0), &c->out, e);
}

static const struct field ask_body[] = {
	{ "ids", F_ARRAY, .required = true, .max = DECIDE_CARDS_MAX, .help = "cards" },
	{ "quantity", F_DECIMAL, .help = "instead of the reconciled units; one card at a time" },
	{ "effective_date", F_DATE, .help = "the day from which the quantity holds; absent = at once" },
	{ "contract_id", F_TEXT, .help = "where a new line goes, or which of several lines is meant" },
	{ "line_id", F_TEXT, .help = "which of several lines is meant" },
	{ "note", F_TEXT, .max = 2000, .help = "why; kept in the log" },
	{ NULL },
};

static const struct field note_body[] = { { "note", F_TEXT, .max = 2000, .help = "why; kept in the log" }, { NULL } };

const struct route decide_routes[] = {
	{ "POST", "/api/v1/cards/preview", ROUTE_READ, ROLE_VIEWER, 200, post_preview, ask_body, .rate = RATE_APP,
		.summary = "What approving would do: the exact calls, the line before and after, warnings" },
	{ "POST", "/api/v1/cards/approve", ROUTE_WRITE, ROLE_APPROVER, 202, post_approve, ask_body,
		.event = "cards.approve", .rate = RATE_APP,
		.summary = "Write the reconciled units into the PSA; all cards or none" },
	{ "POST", "/api/v1/cards/dismiss", ROUTE_WRITE, ROLE_APPROVER, 202, post_dismiss, ask_body,
		.event = "cards.dismiss", .rate = RATE_APP, .summary = "No action until a new value comes" },
	{ "POST", "/api/v1/cards/confirm", ROUTE_WRITE, ROLE_APPROVER, 202, post_confirm, ask_body,
		.event = "cards.confirm", .rate = RATE_APP, .summary = "Mark cards whose units agree as checked" },
	{ "POST", "/api/v1/cards/reopen", ROUTE_WRITE, ROLE_APPROVER, 202, post_reopen, ask_body,
		.event = "cards.reopen", .rate = RATE_APP, .summary = "Take a dismissal or a confirmation back" },
	{ "GET", "/api/v1/writes", ROUTE_READ, ROLE_VIEWER, 200, get_writes, .rate = RATE_APP,
		.summary = "Changes sent to the PSA; ?batch= ?card= ?state=" },
	{ "GET", "/api/v1/writes.csv", ROUTE_READ, ROLE_VIEWER, 200, export_writes, .rate = RATE_APP,
		.summary = "Changes sent to the PSA that the same filters let through, as a file" },
	{ "GET", "/api/v1/writes.xlsx", ROUTE_READ, ROLE_VIEWER, 200, export_writes, .rate = RATE_APP,
		.summary = "Changes sent to the PSA that the same filters let through, as a workbook" },
	{ "GET", "/api/v1/writes/{id}", ROUTE_READ, ROLE_VIEWER, 200, get_write, .rate = RATE_APP,
		.summary = "One change with every step it took" },
	{ "POST", "/api/v1/writes/batches/{id}/rollback", ROUTE_WRITE, ROLE_APPROVER, 202, post_rollback, note_body,
		.event = "writes.rollback", .rate = RATE_APP, .summary = "Put back what the batch changed" },
	{ NULL }
};
