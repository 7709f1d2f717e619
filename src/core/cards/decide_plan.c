#include "core/cards/decide.h"

#include "base/clock.h"
#include "base/text.h"
#include "core/writes/worklist.h"

#include <string.h>

/* The card as stored, beside what the plan keeps of it. */
struct card {
	const char *line_id, *contract_id, *value_state, *account_remote_id, *product_remote_id, *sources;
	qty price;
	bool has_price;
};

static enum rc read_card(
	struct tx *tx, struct arena *a, const char *org, struct decide_plan *p, struct card *c, struct err *e)
{
	struct rows r;

	sql_query(tx, &r, SQL_DECIDE_CARD, "tt", org, p->card_id);
	if (rows_next(&r)) {
		p->kind = rows_dup(&r, a, 0);
		p->state = rows_dup(&r, a, 1);
		p->account_id = rows_dup(&r, a, 2);
		p->product_id = rows_dup(&r, a, 3);
		c->contract_id = rows_dup(&r, a, 4);
		c->line_id = rows_dup(&r, a, 5);
		p->has_psa = !rows_null(&r, 6);
		p->seen_psa = rows_int(&r, 6);
		p->has_target = !rows_null(&r, 7);
		p->seen_target = rows_int(&r, 7);
		c->value_state = rows_dup(&r, a, 8);
		p->choices = rows_dup(&r, a, 9);
		p->currency = rows_dup(&r, a, 10);
		p->account_name = rows_dup(&r, a, 11);
		c->account_remote_id = rows_dup(&r, a, 12);
		p->product_name = rows_dup(&r, a, 13);
		p->product_code = rows_dup(&r, a, 14);
		c->product_remote_id = rows_dup(&r, a, 15);
		c->has_price = !rows_null(&r, 16);
		c->price = rows_int(&r, 16);
		c->sources = rows_dup(&r, a, 18);
	}
	return rows_end(&r, e);
}

static enum rc no(struct decide_plan *p, enum rc rc, const char *pointer, const char *text)
{
	return err_at(&p->refusal, rc, pointer, "%s", text);
}

/* Why no decision at all can be made about the card now. */
static enum rc check_state(struct tx *tx, const char *org, struct decide_plan *p, struct err *e)
{
	int64_t open = 0;
	enum rc rc;

	if (!p->kind) {
		no(p, RC_NOT_FOUND, "", "There is no such card. Load the list again: cards follow the PSA.");
		return RC_OK;
	}
	if (text_same(p->state, "stale")) {
		no(p, RC_CONFLICT, "", "The line of this card is gone from the PSA. There is nothing to decide.");
		return RC_OK;
	}
	rc = sql_int(tx, &open, e, SQL_DECIDE_OPEN_WRITE, "tt", org, p->card_id);
	if (rc == RC_OK && open)
		no(p, RC_CONFLICT, "",
			"A change of this card is on its way to the PSA, or on the work list. Wait until it is done, "
			"or take it back.");
	return rc;
}

enum rc decide_look(struct tx *tx, struct arena *a, const struct decide_ask *ask, size_t i, enum decision_kind kind,
	struct decide_plan *ret, struct err *e)
{
	struct card c = { 0 };
	enum rc rc = read_card(tx, a, ask->org, ret, &c, e);

	if (rc == RC_OK)
		rc = check_state(tx, ask->org, ret, e);
	if (rc != RC_OK || ret->refusal.rc != RC_OK)
		return rc;
	ret->line_id = c.line_id;
	if (kind == DECIDE_CONFIRM && !text_same(ret->kind, "no_change"))
		no(ret, RC_CONFLICT, "",
			"Only a card whose units agree can be confirmed. Approve or dismiss this one.");
	else if (kind == DECIDE_REOPEN && text_same(ret->state, "open"))
		no(ret, RC_CONFLICT, "", "This card is open already.");
	else if (text_same(ret->state, "approved") && kind != DECIDE_APPROVE)
		no(ret, RC_CONFLICT, "", "This card was approved. Roll the change back if it should not stand.");
	return RC_OK;
}

/* The quantity the card is to be reconciled to, before any line is chosen. */
static void choose_quantity(const struct decide_ask *ask, const struct card *c, struct decide_plan *p)
{
	if (ask->quantity) {
		p->reconciled = *ask->quantity;
		if (p->reconciled < 0)
			no(p, RC_INVALID, "/quantity", "A quantity cannot be below zero.");
		return;
	}
	p->reconciled = p->seen_target;
	if (text_same(p->state, "approved"))
		no(p, RC_CONFLICT, "",
			"This card is approved already, with the same units. It returns when a new value comes.");
	else if (text_same(p->kind, "no_change"))
		no(p, RC_CONFLICT, "", "The units agree already: there is nothing to write. Confirm the card instead.");
	else if (!p->has_target)
		no(p, RC_INVALID, "/quantity",
			"No count has arrived for this card, and a missing count is not zero. Give the quantity to "
			"bill.");
}

static void warn(struct decide_plan *p, const char *text)
{
	if (p->calls.warnings < ARRAY_LEN(p->calls.warning))
		p->calls.warning[p->calls.warnings++] = text;
}

/* A PSA that takes whole units only gets the nearest one of a count with a fraction, and the person is told before. */
static const char *round_units(
	struct arena *a, const struct psa_ops *ops, const struct decide_ask *ask, struct decide_plan *p)
{
	char exact[QTY_TEXT], rounded[QTY_TEXT];
	qty whole;

	if ((ops->caps & PSA_CAP_DECIMALS) || ask->quantity || p->reconciled % QTY_ONE == 0 ||
		qty_round(p->reconciled, QTY_ONE, ROUND_HALF_UP, &whole) != RC_OK)
		return NULL;
	qty_format(p->reconciled, exact);
	p->reconciled = whole;
	return arena_printf(a, "%s takes whole units only: %s is rounded to %s. A rule can round otherwise.", ops->name,
		exact, qty_format(whole, rounded));
}

static enum rc read_contract(struct tx *tx, struct arena *a, const char *org, struct decide_plan *p,
	struct psa_contract *c, const char **ret_account, bool *ret_found, struct err *e)
{
	struct rows r;

	*ret_found = false;
	sql_query(tx, &r, SQL_DECIDE_CONTRACT, "tt", org, p->contract_id);
	if (rows_next(&r)) {
		*ret_found = rows_null(&r, 12);
		c->remote_id = rows_dup(&r, a, 0);
		c->name = rows_dup(&r, a, 1);
		c->type = rows_dup(&r, a, 2);
		c->status = rows_dup(&r, a, 3);
		c->cycle = rows_dup(&r, a, 4);
		c->currency = rows_dup(&r, a, 5);
		c->parent_remote_id = rows_dup(&r, a, 6);
		c->prorates = rows_int(&r, 7) != 0;
		c->start = rows_day(&r, 8);
		c->end = rows_day(&r, 9);
		c->billed_through = rows_day(&r, 10);
		*ret_account = rows_dup(&r, a, 11);
	}
	p->contract_name = c->name;
	return rows_end(&r, e);
}

static enum rc read_line(
	struct tx *tx, struct arena *a, const char *org, struct decide_plan *p, bool *ret_found, struct err *e)
{
	struct psa_line *l = &p->line;
	struct rows r;

	*ret_found = false;
	sql_query(tx, &r, SQL_DECIDE_LINE, "tt", org, p->line_id);
	if (rows_next(&r)) {
		*ret_found = rows_null(&r, 15);
		l->fixed = rows_null(&r, 16) ? NULL : rows_dup(&r, a, 16);
		l->remote_id = rows_dup(&r, a, 0);
		l->description = rows_dup(&r, a, 1);
		l->version = rows_dup(&r, a, 2);
		l->quantity = rows_int(&r, 3);
		l->included = rows_int(&r, 4);
		l->has_price = !rows_null(&r, 5);
		l->unit_price = rows_int(&r, 5);
		l->has_cost = !rows_null(&r, 6);
		l->unit_cost = rows_int(&r, 6);
		l->serialized = rows_int(&r, 7) != 0;
		l->billable = rows_int(&r, 8) != 0;
		l->effective = rows_day(&r, 9);
		l->cancelled = rows_day(&r, 10);
		p->contract_id = rows_dup(&r, a, 11);
		l->contract_remote_id = rows_dup(&r, a, 12);
		l->product_remote_id = rows_dup(&r, a, 13);
		l->product_code = rows_dup(&r, a, 14);
	}
	return rows_end(&r, e);
}

struct candidates {
	size_t all, fitting;
	const char *line_id; /* of the last that fits */
	qty sum, quantity; /* of all lines; of the one that fits */
};

/* Which of several lines is meant: the one named, or the only one on the contract named. */
static enum rc find_candidate(struct tx *tx, struct arena *a, const struct decide_ask *ask, const struct decide_plan *p,
	struct candidates *ret, struct err *e)
{
	struct rows r;

	memset(ret, 0, sizeof(*ret));
	sql_query(tx, &r, SQL_DECIDE_LINES_OF, "ttti", ask->org, p->account_id, p->product_id, (int64_t)day_today());
	while (rows_next(&r)) {
		bool fits = (!ask->line_id || text_same(ask->line_id, rows_text(&r, 0))) &&
			(!ask->contract_id || text_same(ask->contract_id, rows_text(&r, 1)));

		ret->all++;
		ret->sum += rows_int(&r, 2);
		if (!fits)
			continue;
		ret->fitting++;
		ret->line_id = rows_dup(&r, a, 0);
		ret->quantity = rows_int(&r, 2);
	}
	return rows_end(&r, e);
}

/* A card of several lines: the chosen line takes the whole difference; a quantity given is that line's own. */
static enum rc choose_line(
	struct tx *tx, struct arena *a, const struct decide_ask *ask, struct decide_plan *p, struct err *e)
{
	struct candidates c;
	enum rc rc = find_candidate(tx, a, ask, p, &c, e);

	if (rc != RC_OK)
		return rc;
	if (c.fitting != 1) {
		no(p, RC_CONFLICT, "/line_id",
			c.fitting
				? "Several lines of this customer carry the product. Choose one by line_id."
				: "None of the lines this card stands for is the one you chose. Load the card again.");
		return RC_OK;
	}
	p->line_id = c.line_id;
	p->change.want = ask->quantity ? *ask->quantity : c.quantity + (p->reconciled - c.sum);
	p->reconciled = c.sum - c.quantity + p->change.want;
	if (p->change.want < 0)
		no(p, RC_CONFLICT, "/line_id",
			"The chosen line has fewer units than must go. Choose another line, or give a quantity.");
	return RC_OK;
}

static enum rc plan_line(struct tx *tx, struct arena *a, const struct decide_ask *ask, struct card *c,
	struct decide_plan *p, struct err *e)
{
	bool found;
	enum rc rc = RC_OK;

	p->change.want = p->reconciled;
	if (!c->line_id)
		rc = choose_line(tx, a, ask, p, e);
	else if (ask->line_id && !text_same(ask->line_id, c->line_id))
		no(p, RC_INVALID, "/line_id", "That is not the line of this card.");
	if (rc != RC_OK || p->refusal.rc != RC_OK)
		return rc;
	if (c->line_id)
		p->line_id = c->line_id;
	rc = read_line(tx, a, ask->org, p, &found, e);
	if (rc == RC_OK && !found)
		no(p, RC_CONFLICT, "", "The line is gone from the PSA. Synchronize, then look again.");
	if (rc != RC_OK || p->refusal.rc != RC_OK)
		return rc;
	p->change.kind = ask->effective == DAY_NONE ? PSA_SET_QUANTITY : PSA_SET_FROM_DATE;
	p->change.line_remote_id = p->line.remote_id;
	p->change.expect = p->line.quantity;
	p->has_price = p->line.has_price;
	p->price = p->line.unit_price;
	if (p->line.fixed)
		err_at(&p->refusal, RC_CONFLICT, "", "This line's quantity cannot be set here: %s.", p->line.fixed);
	else if (p->line.serialized)
		no(p, RC_CONFLICT, "",
			"This product is serialized: its lines are one per serial number. Change them in the PSA.");
	else if (p->change.want == p->line.quantity && ask->effective == DAY_NONE)
		no(p, RC_CONFLICT, "/quantity", "The line has that quantity already: there is nothing to write.");
	return RC_OK;
}

static void plan_new_line(const struct decide_ask *ask, const struct card *c, struct decide_plan *p)
{
	p->contract_id = ask->contract_id;
	p->change.kind = PSA_ADD_LINE;
	p->change.want = p->reconciled;
	p->change.has_price = p->has_price = c->has_price;
	p->change.unit_price = p->price = c->price;
	p->change.description = p->product_name;
	if (!ask->contract_id)
		no(p, RC_CONFLICT, "/contract_id", "Choose the contract that the new line goes on.");
	else if (p->reconciled == 0)
		no(p, RC_CONFLICT, "/quantity", "A new line of zero units would bill nothing.");
}

/* The contract must still be there, and be this customer's. */
static enum rc plan_contract(struct tx *tx, struct arena *a, const struct decide_ask *ask, struct decide_plan *p,
	struct psa_contract *contract, struct err *e)
{
	const char *account = NULL;
	bool found;
	enum rc rc = read_contract(tx, a, ask->org, p, contract, &account, &found, e);

	if (rc != RC_OK)
		return rc;
	if (!found)
		no(p, RC_CONFLICT, "/contract_id", "That contract is not in the PSA, or can no longer be billed.");
	else if (!text_same(account, p->account_id))
		no(p, RC_CONFLICT, "/contract_id", "That contract belongs to another customer.");
	p->change.contract_remote_id = contract->remote_id;
	p->change.billed_through = contract->billed_through;
	return RC_OK;
}

/* A person can do more than the API. */
static void check_abilities(const struct psa_ops *ops, struct decide_plan *p)
{
	if (p->change.by_hand)
		return;
	if (!(ops->caps & PSA_CAP_DECIMALS) && p->change.want % QTY_ONE != 0)
		err_at(&p->refusal, RC_CONFLICT, "/quantity", "%s takes whole units only. Give a whole quantity.",
			ops->name);
	else if (p->change.kind == PSA_SET_FROM_DATE && !(ops->caps & PSA_CAP_EFFECTIVE_DATE))
		err_at(&p->refusal, RC_CONFLICT, "/effective_date", "%s knows no effective date. Leave it out.",
			ops->name);
	else if (p->change.kind == PSA_ADD_LINE && !(ops->caps & PSA_CAP_ADD_LINE))
		err_at(&p->refusal, RC_CONFLICT, "", "%s cannot take a new line through its API. Add it by hand.",
			ops->name);
}

/* What only the connector knows: its dates and its calls. */
static void plan_calls(
	struct arena *a, const struct psa_ops *ops, struct decide_plan *p, const struct psa_contract *contract)
{
	struct err why = ERR_INIT;
	const struct psa_line *line = p->line.remote_id ? &p->line : NULL;

	if (ops->plan(a, &p->change, line, contract, &p->calls, &why) != RC_OK)
		err_at(&p->refusal, RC_CONFLICT, why.pointer[0] ? why.pointer : "", "%s", why.text);
	if (p->refusal.rc != RC_OK || !p->calls.dated || p->change.effective != DAY_NONE)
		return;
	/* Fixed now, so that it is the day the person saw whenever it is sent, and an undo can use it. */
	p->change.effective = p->calls.effective;
	if (p->change.kind == PSA_SET_QUANTITY)
		p->change.kind = PSA_SET_FROM_DATE;
}

/* A count that never came is no zero: the sum is of the others, and whoever approves it must know. */
static void warn_of_gaps(struct arena *a, const struct card *c, struct decide_plan *p)
{
	const char *names = "";
	struct json *sources;
	int gaps = 0;

	if (!p->has_target || !c->sources ||
		json_parse(a, c->sources, strlen(c->sources), NULL, &sources, NULL) != RC_OK)
		return;
	for (const struct json *s = sources->child; s; s = s->next) {
		if (!text_same(json_member(s, "value_state"), "missing"))
			continue;
		if (gaps++ < 3)
			names = arena_printf(a, "%s%s%s of %s", names, *names ? ", " : "",
				json_text_or(json_path(s, "service/name"), "?"),
				json_text_or(json_path(s, "account/name"), "?"));
	}
	if (gaps)
		warn(p,
			arena_printf(a,
				"%d of the counts that belong to this line never arrived and are not in the sum: %s%s.",
				gaps, names, gaps > 3 ? ", and more" : ""));
}

enum rc decide_plan(struct tx *tx, struct arena *a, const struct psa_ops *ops, const struct decide_ask *ask, size_t i,
	struct decide_plan *ret, struct err *e)
{
	struct decide_plan *p = ret;
	struct psa_contract contract = { .start = DAY_NONE, .end = DAY_NONE, .billed_through = DAY_NONE };
	struct card c = { 0 };
	const char *rounded = NULL;
	enum rc rc;

	memset(p, 0, sizeof(*p));
	p->card_id = ask->card_ids[i];
	p->change.effective = ask->effective;
	rc = read_card(tx, a, ask->org, p, &c, e);
	if (rc == RC_OK)
		rc = check_state(tx, ask->org, p, e);
	if (rc == RC_OK && p->refusal.rc == RC_OK)
		choose_quantity(ask, &c, p);
	if (rc != RC_OK || p->refusal.rc != RC_OK)
		return rc;
	rounded = round_units(a, ops, ask, p);
	p->change.product_remote_id = c.product_remote_id;
	if (text_same(p->kind, "new_revenue"))
		plan_new_line(ask, &c, p);
	else
		rc = plan_line(tx, a, ask, &c, p, e);
	if (rc == RC_OK && p->refusal.rc == RC_OK)
		rc = plan_contract(tx, a, ask, p, &contract, e);
	if (rc != RC_OK || p->refusal.rc != RC_OK)
		return rc;
	rc = worklist_way(tx, a, ops, ask->org, &p->change, e);
	if (rc != RC_OK)
		return rc;
	check_abilities(ops, p);
	if (p->refusal.rc == RC_OK)
		plan_calls(a, ops, p, &contract);
	if (rounded)
		warn(p, rounded);
	if (text_same(c.value_state, "stale"))
		warn(p, "The vendor's count is old: no newer one has arrived for longer than usual.");
	warn_of_gaps(a, &c, p);
	return RC_OK;
}

void decide_calls_write(struct jsonw *w, const struct psa_plan *calls)
{
	jsonw_array(w);
	for (size_t i = 0; i < calls->calls; i++) {
		const struct psa_call *c = &calls->call[i];

		jsonw_object(w);
		jsonw_kv(w, "method", c->method);
		jsonw_kv(w, "path", c->path);
		jsonw_kv_raw(w, "body", c->body ? c->body : "null");
		jsonw_kv(w, "purpose", c->purpose);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}

static void write_named(struct jsonw *w, const char *key, const char *id, const char *name)
{
	jsonw_key(w, key);
	if (!id) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	jsonw_kv(w, "id", id);
	jsonw_kv(w, "name", name);
	jsonw_end_object(w);
}

static void write_line(struct jsonw *w, const char *key, const struct decide_plan *p, bool there, qty quantity)
{
	qty money;

	jsonw_key(w, key);
	if (!there) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	jsonw_kv(w, "line_id", p->line_id);
	jsonw_kv_qty(w, "quantity", quantity);
	if (p->has_price && qty_mul(quantity, p->price, &money) == RC_OK) {
		jsonw_kv_qty(w, "unit_price", p->price);
		jsonw_kv_qty(w, "per_period", money);
	} else {
		jsonw_kv_null(w, "unit_price");
		jsonw_kv_null(w, "per_period");
	}
	jsonw_end_object(w);
}

static void write_change_of_money(struct jsonw *w, const struct decide_plan *p)
{
	qty units = p->change.want - (p->line.remote_id ? p->line.quantity : 0), money;

	jsonw_kv_qty(w, "change_units", units);
	if (p->has_price && qty_mul(units, p->price, &money) == RC_OK)
		jsonw_kv_qty(w, "change_money", money);
	else
		jsonw_kv_null(w, "change_money");
	jsonw_kv(w, "currency", p->currency);
}

static void write_refusal(struct jsonw *w, const struct decide_plan *p)
{
	jsonw_kv(w, "detail", p->refusal.text);
	jsonw_kv(w, "pointer", p->refusal.pointer);
	jsonw_kv_raw(w, "choices", p->choices ? p->choices : "[]");
}

static void write_effect(struct jsonw *w, const struct decide_plan *p)
{
	char date[DAY_TEXT];

	write_named(w, "account", p->account_id, p->account_name);
	write_named(w, "contract", p->contract_id, p->contract_name);
	write_named(w, "product", p->product_id, p->product_name);
	write_line(w, "before", p, p->line.remote_id != NULL, p->line.quantity);
	write_line(w, "after", p, true, p->change.want);
	write_change_of_money(w, p);
	jsonw_kv(w, "effective_date", p->change.effective == DAY_NONE ? NULL : day_format(p->change.effective, date));
	jsonw_kv_bool(w, "by_hand", p->change.by_hand);
	jsonw_kv(w, "two_persons", p->two_persons);
	jsonw_key(w, "calls");
	decide_calls_write(w, &p->calls);
}

void decide_plan_write(struct jsonw *w, const struct decide_plan *p)
{
	bool ok = p->refusal.rc == RC_OK;

	jsonw_object(w);
	jsonw_kv(w, "card_id", p->card_id);
	jsonw_kv_bool(w, "ok", ok);
	if (ok)
		write_effect(w, p);
	else
		write_refusal(w, p);
	jsonw_key(w, "warnings");
	jsonw_array(w);
	for (size_t i = 0; i < p->calls.warnings; i++)
		jsonw_string(w, p->calls.warning[i]);
	jsonw_end_array(w);
	jsonw_end_object(w);
}
