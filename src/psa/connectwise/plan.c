/* The calls a change would make, for a preview; and whether the day it is to count from can be had. */
#include "psa/connectwise/cw.h"
#include "psa/connectwise/journal.h"

#include "base/codec.h"

#include <string.h>

static void add_call(struct psa_plan *p, const char *method, const char *path, const char *body, const char *purpose)
{
	if (p->calls < ARRAY_LEN(p->call))
		p->call[p->calls++] = (struct psa_call){ method, path, body, purpose };
}

static void warn(struct psa_plan *p, const char *text)
{
	if (p->warnings < ARRAY_LEN(p->warning))
		p->warning[p->warnings++] = text;
}

static enum rc wrong_day(struct err *e, const char *words)
{
	return err_at(e, RC_INVALID, "/effective_date", "%s", words);
}

/* Without proration only the first day of a billing period makes sense: the day of the next invoice, or the same
 * day of a later month of an agreement that is billed by the month. */
static bool is_boundary(const struct psa_contract *c, day d)
{
	day next = c->billed_through == DAY_NONE ? DAY_NONE : c->billed_through + 1;
	int y, m, mday, y2, m2, mday2;

	day_to_ymd(d, &y, &m, &mday);
	if (next == DAY_NONE)
		return mday == 1;
	day_to_ymd(next, &y2, &m2, &mday2);
	return d == next || (d > next && mday == mday2 && strstr(c->cycle ? c->cycle : "", "onthly"));
}

static enum rc check_boundary(const struct psa_contract *c, day d, struct err *e)
{
	char date[DAY_TEXT];

	if (c->prorates || is_boundary(c, d))
		return RC_OK;
	if (c->billed_through == DAY_NONE)
		return wrong_day(e,
			"This agreement does not prorate, so a change counts from the start of a billing period: "
			"choose the first of a month.");
	return err_at(e, RC_INVALID, "/effective_date",
		"This agreement does not prorate, so a change counts from the start of a billing period: the next one "
		"begins on %s.",
		day_format(c->billed_through + 1, date));
}

enum rc cw_check_date(const struct psa_change *change, const struct psa_line *line, const struct psa_contract *contract,
	struct err *e)
{
	day d = change->effective;

	if (d == DAY_NONE)
		return RC_OK;
	if (contract->start != DAY_NONE && d < contract->start)
		return wrong_day(e, "The agreement begins later than that day.");
	if (contract->end != DAY_NONE && d > contract->end)
		return wrong_day(e, "The agreement ends before that day.");
	if (line && line->cancelled != DAY_NONE && line->cancelled < d)
		return wrong_day(e, "The addition ends before that day.");
	return check_boundary(contract, d, e);
}

static void warn_billed(struct arena *a, struct psa_plan *p, const struct psa_contract *c, day from)
{
	char date[DAY_TEXT];

	if (c && c->billed_through != DAY_NONE && c->billed_through >= from)
		warn(p,
			arena_printf(a,
				"The agreement is invoiced through %s already. That invoice stays as it is; what is "
				"due for "
				"days before is up to ConnectWise's proration on the next one.",
				day_format(c->billed_through, date)));
	if (c && c->parent_remote_id)
		warn(p, "This agreement bills with its parent agreement.");
}

static enum rc check_line(const struct psa_line *line, struct err *e)
{
	if (line && line->serialized)
		return err_set(e, RC_INVALID,
			"This product is serialized: one addition per serial number. Change it in ConnectWise.");
	return RC_OK;
}

static enum rc plan_quantity(
	struct arena *a, const struct psa_change *c, const struct psa_contract *contract, struct psa_plan *ret)
{
	add_call(ret, "PATCH", cw_path_line(a, c->contract_remote_id, c->line_remote_id), cw_body_quantity(a, c->want),
		"Sets the quantity of the addition, at once.");
	warn_billed(a, ret, contract, day_today());
	return RC_OK;
}

/* What the new addition will hold as far as it is known here; the rest is copied from the old one when it is
 * written. */
static const char *begin_body(struct arena *a, const struct psa_change *c, const struct psa_line *line)
{
	struct psa_change begun = *c;

	begun.product_remote_id = line->product_remote_id ? line->product_remote_id : c->product_remote_id;
	begun.has_price = line->has_price;
	begun.unit_price = line->unit_price;
	begun.description = line->description;
	return cw_body_add(a, &begun, c->effective);
}

static enum rc plan_from_date(struct arena *a, const struct psa_change *c, const struct psa_line *line,
	const struct psa_contract *contract, struct psa_plan *ret, struct err *e)
{
	enum rc rc = cw_check_date(c, line, contract, e);

	if (rc != RC_OK)
		return rc;
	if (line->effective != DAY_NONE && line->effective >= c->effective)
		return plan_quantity(a, c, contract, ret);
	if (!line->has_price && c->want != 0)
		return err_set(e, RC_INVALID,
			"ConnectWise hides the price of this addition from the API member, so a new one would get "
			"another "
			"price. Allow the member to see prices, or change the quantity without a date.");
	if (c->want != 0)
		add_call(ret, "POST",
			arena_printf(a, "/finance/agreements/%s/additions", url_encode(a, c->contract_remote_id)),
			begin_body(a, c, line),
			"Begins a new addition from that day; all else is copied from the old one.");
	add_call(ret, "PATCH", cw_path_line(a, c->contract_remote_id, c->line_remote_id),
		cw_body_end(a, c->effective - 1), "Ends the old addition on the day before.");
	warn_billed(a, ret, contract, c->effective);
	return RC_OK;
}

static enum rc plan_add(struct arena *a, const struct psa_change *c, const struct psa_contract *contract,
	struct psa_plan *ret, struct err *e)
{
	day effective = c->effective == DAY_NONE ? day_today() : c->effective;
	enum rc rc = cw_check_date(c, NULL, contract, e);

	if (rc != RC_OK)
		return rc;
	add_call(ret, "POST", arena_printf(a, "/finance/agreements/%s/additions", url_encode(a, c->contract_remote_id)),
		cw_body_add(a, c, effective), "Adds the product to the agreement.");
	if (!c->has_price)
		warn(ret, "No price is known here: ConnectWise takes the product's own.");
	if (!contract->prorates && c->effective == DAY_NONE)
		warn(ret, "This agreement does not prorate: the whole present period may be billed.");
	warn_billed(a, ret, contract, effective);
	return RC_OK;
}

static enum rc plan_remove(struct arena *a, const struct psa_change *c, const struct psa_line *line,
	const struct psa_contract *contract, struct psa_plan *ret, struct err *e)
{
	struct cw_journal j;
	enum rc rc = cw_journal_read(a, c->journal_text, &j, e);
	day effective = j.effective != DAY_NONE ? j.effective : c->effective;

	if (rc != RC_OK)
		return rc;
	if (j.step == CW_STEP_PATCH || j.step == CW_STEP_UNDO_PATCH)
		return plan_quantity(a, c, contract, ret);
	if (j.old)
		add_call(ret, "PATCH", cw_path_line(a, c->contract_remote_id, j.old), cw_body_end(a, j.was),
			"Opens the old addition again.");
	if (j.step == CW_STEP_END && !j.fresh)
		return RC_OK;
	add_call(ret, "PATCH", cw_path_line(a, c->contract_remote_id, c->line_remote_id),
		cw_body_void(a, effective == DAY_NONE ? line->effective : effective),
		"Takes the added addition out of billing; it stays in the history.");
	return RC_OK;
}

enum rc cw_plan(struct arena *a, const struct psa_change *change, const struct psa_line *line,
	const struct psa_contract *contract, struct psa_plan *ret, struct err *e)
{
	enum rc rc = check_line(line, e);

	memset(ret, 0, sizeof(*ret));
	if (rc != RC_OK)
		return rc;
	switch (change->kind) {
	case PSA_SET_QUANTITY:
		return plan_quantity(a, change, contract, ret);
	case PSA_SET_FROM_DATE:
		return plan_from_date(a, change, line, contract, ret, e);
	case PSA_ADD_LINE:
		return plan_add(a, change, contract, ret, e);
	case PSA_REMOVE_ADDED:
		return plan_remove(a, change, line, contract, ret, e);
	case PSA_SET_COST:
	case PSA_SET_LINE_COST:
		break;
	}
	BUG("change kind %d", (int)change->kind);
}
