/* Writing: what every write does - look, compare, journal, send once, look again - and the quantity in place. */
#include "psa/connectwise/write.h"

#include "base/codec.h"
#include "base/failpoint.h"

#include <stdio.h>
#include <string.h>

void cw_applied(struct cw_write *w, const char *line_id, const struct json *first, const struct json *second)
{
	writing_applied(&w->w, line_id,
		second ? arena_printf(w->w.a, "[%s,%s]", wire_text(w->w.a, first), wire_text(w->w.a, second))
		       : wire_text(w->w.a, first));
}

bool cw_load_contract(struct cw_write *w, struct cw_seen *ret)
{
	const char *path = arena_printf(
		w->w.a, "/finance/agreements/%s", url_encode(w->w.a, w->w.change->contract_remote_id));
	struct err why = ERR_INIT;
	struct json *v;
	enum rc rc = FAIL_AFTER(cw_get(w->c, w->w.a, path, &v, NULL, &why), "psa.contract_read", &why);

	if (rc == RC_OK)
		rc = cw_check("agreement", v, cw_shape_contract, &why);
	if (rc != RC_OK)
		return writing_look_failed(&w->w, rc, &why);
	cw_contract(v, &ret->contract);
	ret->inactive = cw_contract_skip(w->w.a, v, w->c->host.today);
	return true;
}

bool cw_load(struct cw_write *w, const char *line_id, struct cw_seen *ret)
{
	struct err why = ERR_INIT;
	struct json *v;
	const char *broken;
	enum rc rc = FAIL_AFTER(
		cw_get(w->c, w->w.a, cw_path_line(w->w.a, w->w.change->contract_remote_id, line_id), &v, NULL, &why),
		"psa.line_read", &why);

	memset(ret, 0, sizeof(*ret));
	if (rc == RC_OK)
		rc = cw_check("addition", v, cw_shape_line, &why);
	if (rc != RC_OK)
		return writing_look_failed(&w->w, rc, &why);
	broken = cw_line(v, w->w.change->contract_remote_id, &ret->line);
	if (broken) {
		writing_end(&w->w, PSA_CONFLICT, "The addition in ConnectWise %s now. Look at it there.", broken);
		return false;
	}
	ret->json = v;
	return cw_load_contract(w, ret);
}

bool cw_lock_contract(struct cw_write *w, const struct cw_seen *s)
{
	char now[DAY_TEXT], then[DAY_TEXT];
	day seen = w->w.change->billed_through;

	if (s->inactive) {
		writing_end(&w->w, PSA_CONFLICT,
			"The agreement can no longer be billed: it is %s. Nothing was changed.", s->inactive);
		return false;
	}
	if (s->contract.billed_through == seen)
		return true;
	writing_end(&w->w, PSA_CONFLICT,
		"An invoice was made since this was decided: the agreement was invoiced through %s then, and is "
		"through %s "
		"now. Nothing was changed; look at it again.",
		seen == DAY_NONE ? "no known day" : day_format(seen, then),
		s->contract.billed_through == DAY_NONE ? "no known day" : day_format(s->contract.billed_through, now));
	return false;
}

bool cw_lock(struct cw_write *w, const struct cw_seen *s)
{
	char now[QTY_TEXT], then[QTY_TEXT], date[DAY_TEXT];
	const struct psa_line *l = &s->line;

	if (!cw_lock_contract(w, s))
		return false;
	if (l->serialized)
		writing_end(&w->w, PSA_REFUSED,
			"The product is serialized: one addition per serial number. Change it in ConnectWise.");
	else if (l->quantity != w->w.change->expect)
		writing_end(&w->w, PSA_CONFLICT,
			"The quantity in ConnectWise is %s now; it was %s when this was decided. Nothing was changed; "
			"look "
			"at it again.",
			qty_format(l->quantity, now), qty_format(w->w.change->expect, then));
	else if (l->cancelled != DAY_NONE && l->cancelled < w->c->host.today)
		writing_end(&w->w, PSA_CONFLICT, "The addition ended on %s. Nothing was changed.",
			day_format(l->cancelled, date));
	else
		return true;
	return false;
}

bool cw_note(struct cw_write *w, enum cw_step step)
{
	w->j.step = step;
	w->j.at = clock_now();
	return writing_journal(&w->w, cw_journal_text(w->w.a, &w->j));
}

enum sent cw_write_call(struct cw_write *w, const char *method, const char *path, const char *body,
	const struct json **ret, struct err *why)
{
	struct httpc_answer answer;
	struct json *v = NULL;
	enum sent sent;
	bool before = w->w.sent;

	if (FAIL_POINT("psa.send", why) != RC_OK)
		return SENT_NOT;
	w->w.sent = true;
	cw_send(w->c, w->w.a, method, path, body, &answer);
	if (FAIL_POINT("psa.sent", why) != RC_OK)
		return SENT_MAYBE;
	sent = writing_class(&answer);
	if (sent == SENT_OK && cw_json(w->w.a, &answer, path, &v, why) != RC_OK)
		v = NULL;
	else if (sent != SENT_OK)
		cw_error(&answer, method, path, why);
	if (sent == SENT_NOT || sent == SENT_REFUSED)
		w->w.sent = before;
	if (ret)
		*ret = v;
	return sent;
}

enum sent cw_patch(struct cw_write *w, const char *line_id, const char *body, struct err *why)
{
	return cw_write_call(
		w, "PATCH", cw_path_line(w->w.a, w->w.change->contract_remote_id, line_id), body, NULL, why);
}

/* Reads the line after a PATCH that did, or may have done, what was asked. */
static void judge_quantity(struct cw_write *w, enum sent sent, const struct err *why)
{
	const struct psa_change *ch = w->w.change;
	char now[QTY_TEXT], want[QTY_TEXT];
	struct cw_seen s;

	if (!cw_load(w, ch->line_remote_id, &s))
		return;
	qty_format(s.line.quantity, now);
	qty_format(ch->want, want);
	if (s.line.quantity == ch->want)
		cw_applied(w, ch->line_remote_id, s.json, NULL);
	else if (s.line.quantity != ch->expect)
		writing_end(&w->w, PSA_CONFLICT,
			"Somebody else changed the addition at the same time: it is %s now, %s was asked for. Look at "
			"it again.",
			now, want);
	else if (sent == SENT_OK)
		writing_end(&w->w, PSA_REFUSED,
			"ConnectWise answered that the quantity was set to %s, but it is still %s. Set it in "
			"ConnectWise, and "
			"see whether a workflow there puts it back.",
			want, now);
	else
		writing_end_error(&w->w, PSA_UNKNOWN, why);
}

/* Only looks: what a try before left behind. */
static void settle_quantity(struct cw_write *w, const struct cw_seen *s)
{
	char now[QTY_TEXT], want[QTY_TEXT];

	if (s->line.quantity == w->w.change->expect)
		writing_end(&w->w, PSA_NOT_APPLIED, "The try before did not change anything in ConnectWise.");
	else
		writing_end(&w->w, PSA_CONFLICT,
			"The quantity in ConnectWise is %s now, %s was asked for. Look at it again.",
			qty_format(s->line.quantity, now), qty_format(w->w.change->want, want));
}

void cw_write_quantity(struct cw_write *w, enum cw_step step)
{
	const struct psa_change *ch = w->w.change;
	bool tried = w->j.step == step;
	struct err why = ERR_INIT;
	struct cw_seen s;
	enum sent sent;

	w->w.sent = tried && w->w.settle;
	if (!cw_load(w, ch->line_remote_id, &s))
		return;
	w->w.result->before = w->w.settle ? NULL : wire_text(w->w.a, s.json);
	if (tried && s.line.quantity == ch->want)
		cw_applied(w, ch->line_remote_id, s.json, NULL);
	else if (w->w.settle)
		settle_quantity(w, &s);
	else if (cw_lock(w, &s) && cw_note(w, step)) {
		sent = cw_patch(w, ch->line_remote_id, cw_body_quantity(w->w.a, ch->want), &why);
		if (sent == SENT_NOT || sent == SENT_REFUSED)
			writing_end_error(&w->w, sent == SENT_NOT ? PSA_NOT_APPLIED : PSA_REFUSED, &why);
		else
			judge_quantity(w, sent, &why);
	}
}

static void run(
	struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret, bool settle)
{
	struct cw_write w = { .c = c,
		.w = { .who = "ConnectWise", .a = a, .change = change, .result = ret, .settle = settle } };
	struct err why = ERR_INIT;

	memset(ret, 0, sizeof(*ret));
	if (cw_journal_read(a, change->journal_text, &w.j, &why) != RC_OK) {
		writing_end_error(&w.w, PSA_REFUSED, &why);
		return;
	}
	switch (change->kind) {
	case PSA_SET_QUANTITY:
		cw_write_quantity(&w, CW_STEP_PATCH);
		break;
	case PSA_SET_FROM_DATE:
		cw_write_dated(&w);
		break;
	case PSA_ADD_LINE:
		cw_write_add(&w);
		break;
	case PSA_REMOVE_ADDED:
		cw_write_undo(&w);
		break;
	case PSA_SET_COST:
	case PSA_SET_LINE_COST:
		BUG("a cost goes by psa_cost_apply()");
	}
}

void cw_apply(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret)
{
	run(c, a, change, ret, false);
}

void cw_settle(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret)
{
	run(c, a, change, ret, true);
}
