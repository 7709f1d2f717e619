/* The call a change would make, for a preview, and whether the day it is to count from can be had. The whole body is
 * known only when the recurring invoice is read for the write, so a preview shows the line that changes. */
#include "psa/halo/ha.h"
#include "psa/mark.h"

#include <string.h>

static void warn(struct psa_plan *p, const char *text)
{
	if (p->warnings < ARRAY_LEN(p->warning))
		p->warning[p->warnings++] = text;
}

static void add_call(struct psa_plan *p, const char *path, const char *body, const char *purpose)
{
	p->call[p->calls++] = (struct psa_call){ "POST", path, body, purpose };
}

static enum rc wrong_day(struct err *e, const char *words)
{
	return err_at(e, RC_INVALID, "/effective_date", "%s", words);
}

enum rc ha_check_date(day d, day today, const struct psa_contract *contract, struct err *e)
{
	if (contract->start != DAY_NONE && d < contract->start)
		return wrong_day(e, "The recurring invoice begins later than that day.");
	if (contract->end != DAY_NONE && d > contract->end)
		return wrong_day(e, "The recurring invoice ends before that day.");
	if (d < today - HA_AHEAD || d > today + HA_AHEAD)
		return wrong_day(e, "Choose a day within two months of today.");
	return RC_OK;
}

char *ha_row_words(struct arena *a, qty more, const char *what, day from)
{
	char units[QTY_TEXT], date[DAY_TEXT];

	return arena_printf(a, "%s x %.200s from %s", qty_format(more, units), what, day_format(from, date));
}

static void number(struct jsonw *w, const char *key, qty q)
{
	char text[QTY_TEXT];

	jsonw_key(w, key);
	jsonw_number(w, qty_format(q, text));
}

static void id(struct jsonw *w, const char *text)
{
	jsonw_key(w, "id");
	jsonw_number(w, wire_is_id(text, true) ? text : "0");
}

/* The header and the line that changes; every other line is sent back as it is read then. */
static const char *preview(struct arena *a, const struct psa_change *c, day from)
{
	AUTO(buf) b = BUF_INIT(8192);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_array(&w);
	jsonw_object(&w);
	id(&w, c->contract_remote_id);
	jsonw_key(&w, "lines");
	jsonw_array(&w);
	jsonw_object(&w);
	id(&w, c->line_remote_id);
	if (from == DAY_NONE) {
		number(&w, "qty_order", c->want);
	} else {
		jsonw_key(&w, "prorata_data");
		jsonw_array(&w);
		jsonw_object(&w);
		jsonw_kv(&w, "date", ha_date(a, from));
		number(&w, "quantity", c->want - c->expect);
		jsonw_end_object(&w);
		jsonw_end_array(&w);
	}
	jsonw_end_object(&w);
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	jsonw_end_array(&w);
	return arena_strdup(a, b.failed ? "null" : buf_text(&b));
}

static void warn_billed(struct arena *a, struct psa_plan *p, const struct psa_contract *c)
{
	char date[DAY_TEXT];

	if (c && c->billed_through != DAY_NONE && c->billed_through >= day_today())
		warn(p,
			arena_printf(a,
				"Invoices go through %s already. The new quantity counts in full from the next one on.",
				day_format(c->billed_through, date)));
}

static enum rc plan_quantity(
	struct arena *a, const struct psa_change *c, const struct psa_contract *contract, struct psa_plan *ret)
{
	add_call(ret, "/api/RecurringInvoice", preview(a, c, DAY_NONE),
		"Sends the recurring invoice back with the new quantity of this line; every other line unchanged.");
	warn_billed(a, ret, contract);
	return RC_OK;
}

static enum rc plan_dated(struct arena *a, const struct psa_change *c, const struct psa_contract *contract,
	struct psa_plan *ret, struct err *e)
{
	enum rc rc = ha_check_date(c->effective, day_today(), contract, e);

	if (rc != RC_OK)
		return rc;
	add_call(ret, "/api/RecurringInvoice", preview(a, c, c->effective),
		"Adds a pro-rata row to this line, with the difference from that day on; every other line unchanged.");
	warn(ret,
		"HaloPSA bills the part of the period from that day on the next invoice, and then adds the difference "
		"to the "
		"line.");
	return RC_OK;
}

static enum rc plan_add(struct arena *a, const struct psa_change *c, const struct psa_contract *contract,
	struct psa_plan *ret, struct err *e)
{
	enum rc rc = c->effective == DAY_NONE ? RC_OK : ha_check_date(c->effective, day_today(), contract, e);

	if (rc != RC_OK)
		return rc;
	add_call(
		ret, "/api/RecurringInvoice/Lines", ha_body_add(a, c, NULL), "Adds the item to the recurring invoice.");
	if (!c->has_price)
		warn(ret, "No price is known here: HaloPSA takes the item's own.");
	return RC_OK;
}

static enum rc plan_undo(struct arena *a, const struct psa_change *c, struct psa_plan *ret)
{
	struct mark m;
	bool dated = mark_read(a, c->journal_text, &m) && (mark_is(&m, "row") || mark_is(&m, "rowed"));

	add_call(ret, "/api/RecurringInvoice", preview(a, c, dated ? c->effective : DAY_NONE),
		dated ? "Adds the opposite pro-rata row of the same day; every other line unchanged."
		      : "Sets the line back; it stays in the recurring invoice.");
	return RC_OK;
}

enum rc ha_plan(struct arena *a, const struct psa_change *change, const struct psa_line *line,
	const struct psa_contract *contract, struct psa_plan *ret, struct err *e)
{
	memset(ret, 0, sizeof(*ret));
	if (change->want < 0)
		return err_at(e, RC_INVALID, "/quantity", "A quantity cannot be below zero.");
	if (line && line->fixed)
		return err_set(e, RC_INVALID, "%s: change what it counts there.", line->fixed);
	switch (change->kind) {
	case PSA_SET_QUANTITY:
		return plan_quantity(a, change, contract, ret);
	case PSA_SET_FROM_DATE:
		return plan_dated(a, change, contract, ret, e);
	case PSA_ADD_LINE:
		return plan_add(a, change, contract, ret, e);
	case PSA_REMOVE_ADDED:
		return plan_undo(a, change, ret);
	case PSA_SET_COST:
	case PSA_SET_LINE_COST:
		break;
	}
	BUG("change kind %d", (int)change->kind);
}
