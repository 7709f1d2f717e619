/* The call a change would make, for a preview, and the day it counts from: Autotask knows no change without one. */
#include "psa/autotask/at.h"

#include <string.h>

static void warn(struct psa_plan *p, const char *text)
{
	if (p->warnings < ARRAY_LEN(p->warning))
		p->warning[p->warnings++] = text;
}

static enum rc wrong_day(struct err *e, const char *words)
{
	return err_at(e, RC_INVALID, "/effective_date", "%s", words);
}

day at_default_day(day today, const struct psa_contract *contract)
{
	day d = day_month_start(today, 1);

	if (contract->start != DAY_NONE && contract->start > d)
		d = contract->start;
	if (contract->billed_through != DAY_NONE && contract->billed_through >= d)
		d = contract->billed_through + 1;
	return d;
}

enum rc at_check_date(day d, day today, const struct psa_contract *contract, struct err *e)
{
	char date[DAY_TEXT];

	if (contract->start != DAY_NONE && d < contract->start)
		return wrong_day(e, "The contract begins later than that day.");
	if (contract->end != DAY_NONE && d > contract->end)
		return wrong_day(e, "The contract ends before that day.");
	if (contract->billed_through != DAY_NONE && d <= contract->billed_through)
		return err_at(e, RC_INVALID, "/effective_date",
			"The contract is approved and posted through %s. Choose a later day.",
			day_format(contract->billed_through, date));
	if (d < today - AT_AHEAD || d > today + AT_AHEAD)
		return wrong_day(e, "Choose a day within two months of today.");
	return RC_OK;
}

static void whole(struct jsonw *w, const char *key, qty units)
{
	char text[QTY_TEXT];

	jsonw_key(w, key);
	jsonw_number(w, qty_format(units, text));
}

static void number(struct jsonw *w, const char *key, const char *id)
{
	jsonw_key(w, key);
	jsonw_number(w, wire_is_id(id, false) ? id : "0");
}

char *at_body(struct arena *a, const struct at_family *f, const char *contract, const char *line, const char *product,
	qty change, day from, const qty *price)
{
	AUTO(buf) b = BUF_INIT(4096);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	jsonw_kv_int(&w, "id", 0);
	number(&w, "contractID", contract);
	if (line)
		number(&w, f->line_id, line);
	if (product)
		number(&w, f->product_id, product);
	whole(&w, "unitChange", change);
	jsonw_kv(&w, "effectiveDate", at_date(a, from));
	if (price)
		whole(&w, "adjustedUnitPrice", *price);
	jsonw_end_object(&w);
	return arena_strdup(a, buf_text(&b));
}

static void warn_day(struct arena *a, struct psa_plan *p, day d, const struct psa_contract *c)
{
	char date[DAY_TEXT];
	int y, m, mday;

	day_to_ymd(d, &y, &m, &mday);
	if (mday != 1 && d != c->start)
		warn(p,
			arena_printf(a,
				"The change begins within a month, on %s: Autotask bills the part of the period from "
				"that day "
				"as a line of its own.",
				day_format(d, date)));
	if (c->cycle && *c->cycle && !strstr(c->cycle, "onth"))
		warn(p,
			arena_printf(a, "The contract's period is %s: Autotask prorates from the day of the change.",
				c->cycle));
}

static void add_call(
	struct psa_plan *p, struct arena *a, const struct at_family *f, const char *body, const char *purpose)
{
	p->call[p->calls++] = (struct psa_call){ "POST", arena_printf(a, "/V1.0/%s", f->adjustments), body, purpose };
}

static enum rc check_whole(const struct psa_change *c, struct err *e)
{
	if (c->want % QTY_ONE != 0 || c->expect % QTY_ONE != 0)
		return err_at(e, RC_INVALID, "/quantity", "Autotask takes whole units only. Give a whole quantity.");
	if (c->want < 0)
		return err_at(e, RC_INVALID, "/quantity", "A quantity cannot be below zero.");
	return RC_OK;
}

static enum rc plan_line(struct arena *a, const struct psa_change *c, const struct psa_line *line,
	const struct psa_contract *contract, struct psa_plan *ret, struct err *e)
{
	const char *id = c->line_remote_id ? c->line_remote_id : line->remote_id, *digits, *product = NULL;
	const struct at_family *f = id ? at_family_of(id, &digits) : NULL;
	const char *change = "Adds the difference to the units of the contract's service, from that day on.";
	bool undo = c->kind == PSA_REMOVE_ADDED;

	if (!f)
		return err_set(e, RC_INVALID, "The line is none of Autotask's. Synchronize, then look again.");
	if (c->product_remote_id)
		at_family_of(c->product_remote_id, &product);
	add_call(ret, a, f,
		at_body(a, f, c->contract_remote_id, digits, product, c->want - c->expect, ret->effective, NULL),
		undo ? "Adds the opposite difference from the same day on: an adjustment can never be deleted."
		     : change);
	if (!undo)
		warn_day(a, ret, ret->effective, contract);
	return RC_OK;
}

static enum rc plan_add(struct arena *a, const struct psa_change *c, const struct psa_contract *contract,
	struct psa_plan *ret, struct err *e)
{
	const char *digits;
	const struct at_family *f = c->product_remote_id ? at_family_of(c->product_remote_id, &digits) : NULL;

	if (!f)
		return err_set(e, RC_INVALID, "The product is none of Autotask's. Synchronize, then look again.");
	add_call(ret, a, f,
		at_body(a, f, c->contract_remote_id, NULL, digits, c->want, ret->effective,
			c->has_price ? &c->unit_price : NULL),
		"Adds the service to the contract, with these units from that day on.");
	if (!c->has_price)
		warn(ret, "No price is known here: Autotask takes the service's own.");
	warn_day(a, ret, ret->effective, contract);
	return RC_OK;
}

enum rc at_plan(struct arena *a, const struct psa_change *change, const struct psa_line *line,
	const struct psa_contract *contract, struct psa_plan *ret, struct err *e)
{
	day today = day_today();
	enum rc rc = check_whole(change, e);

	memset(ret, 0, sizeof(*ret));
	if (rc != RC_OK)
		return rc;
	ret->dated = true;
	ret->effective = change->effective != DAY_NONE ? change->effective : at_default_day(today, contract);
	if (change->kind != PSA_REMOVE_ADDED)
		rc = at_check_date(ret->effective, today, contract, e);
	if (rc != RC_OK)
		return rc;
	if (change->kind == PSA_ADD_LINE)
		return plan_add(a, change, contract, ret, e);
	return plan_line(a, change, line, contract, ret, e);
}
