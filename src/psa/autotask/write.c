/* Writing: an adjustment is a signed difference, made once and never found, changed or deleted again.
 *
 * So before it the units of the day are noted, and after it the units of the day say what happened: as many as were
 * asked for, it is there; as many as before, it is not (or not yet); anything else is a person's to see. A second try
 * always begins with that look. Undoing is the opposite difference from the same day.
 */
#include "psa/autotask/at.h"
#include "psa/mark.h"

#include <string.h>

/* Steps of the mark: a difference, a new line, an undoing difference; each in the past tense once Autotask answered yes
 * and the units were still to show it. */
#define ADJUST "adjust"
#define ADJUSTED "adjusted"
#define ADD "add"
#define ADDED "added"
#define UNDO "undo"
#define UNDONE "undone"

struct at_write {
	struct writing w;
	struct psa_conn *c;
	struct mark m;
};

static bool note(struct at_write *x, const char *step)
{
	return mark_note(&x->w, &x->m, step);
}

/* Looking and locking. -------------------------------------------------------------------------------------------- */

static bool load(struct at_write *x, const char *line, struct at_seen *ret)
{
	struct err why = ERR_INIT;
	enum rc rc = at_look(x->c, x->w.a, x->w.change->contract_remote_id, line, x->m.effective, ret, &why);

	return rc == RC_OK || writing_look_failed(&x->w, rc, &why);
}

static bool lock_contract(struct at_write *x, const struct at_seen *s)
{
	struct err why = ERR_INIT;

	if (s->inactive) {
		writing_end(&x->w, PSA_CONFLICT, "The contract can no longer be billed: it is %s. Nothing was changed.",
			s->inactive);
		return false;
	}
	if (!writing_lock_billed(&x->w, s->contract.billed_through))
		return false;
	if (at_check_date(x->m.effective, x->c->host.today, &s->contract, &why) == RC_OK)
		return true;
	writing_end_error(&x->w, PSA_CONFLICT, &why);
	return false;
}

static bool lock(struct at_write *x, const struct at_seen *s)
{
	char now[QTY_TEXT], then[QTY_TEXT], date[DAY_TEXT];
	qty expect = x->w.change->expect;

	if (!lock_contract(x, s))
		return false;
	if (s->line.quantity != expect)
		writing_end(&x->w, PSA_CONFLICT,
			"The units in Autotask are %s now; they were %s when this was decided. Nothing was changed; "
			"look at it "
			"again.",
			qty_format(s->line.quantity, now), qty_format(expect, then));
	else if (s->on != expect)
		writing_end(&x->w, PSA_CONFLICT,
			"On %s the units are %s, and %s later: another change is planned in Autotask after that day. "
			"Nothing was "
			"changed; choose a day after it.",
			day_format(x->m.effective, date), qty_format(s->on, now), qty_format(expect, then));
	else
		return true;
	return false;
}

/* Sending. -------------------------------------------------------------------------------------------------------- */

/* A 500 with a text is Autotask's way to say no, but only the units prove that nothing happened. */
static enum sent post(struct at_write *x, const struct at_family *f, const char *body, struct err *why)
{
	struct httpc_answer answer;
	enum sent sent;
	bool before = x->w.sent;

	x->w.sent = true;
	at_post(x->c, x->w.a, f->adjustments, body, &answer);
	sent = writing_class(&answer);
	if (sent == SENT_OK)
		return sent;
	if (answer.fate != HTTPC_ANSWERED)
		wire_unreached(x->c->wire.who, &answer, why);
	else if (at_judge(x->c, &answer, f->adjustments, why) == RC_BUSY)
		sent = SENT_NOT;
	if (sent == SENT_NOT || sent == SENT_REFUSED)
		x->w.sent = before;
	return sent;
}

/* The units are as they were: what that means depends on what was answered, and how long ago. */
static void unchanged(struct at_write *x, enum sent sent, const struct err *why)
{
	bool answered = mark_is(&x->m, ADJUSTED) || mark_is(&x->m, UNDONE) || mark_is(&x->m, ADDED);

	if (sent == SENT_MAYBE && why->rc == RC_INVALID)
		writing_end_error(&x->w, PSA_REFUSED, why);
	else if (sent == SENT_MAYBE)
		writing_end_error(&x->w, PSA_UNKNOWN, why);
	else if (!mark_old(&x->m))
		writing_end(&x->w, PSA_UNKNOWN,
			"The units in Autotask do not show the change yet; it may still arrive. Looking again soon.");
	else if (answered)
		writing_end(&x->w, PSA_REFUSED,
			"Autotask answered that the units were changed, but they are as before. Look at the contract's "
			"notes in "
			"Autotask.");
	else
		writing_end(&x->w, PSA_NOT_APPLIED, "The try before did not change anything in Autotask.");
}

static void judge(struct at_write *x, const char *line, enum sent sent, const struct err *why)
{
	const struct psa_change *ch = x->w.change;
	char now[QTY_TEXT], want[QTY_TEXT], date[DAY_TEXT];
	struct at_seen s;

	if (!load(x, line, &s))
		return;
	if (s.on == ch->want)
		writing_applied(&x->w, line, s.json);
	else if (s.on == ch->expect)
		unchanged(x, sent, why);
	else
		writing_end(&x->w, PSA_CONFLICT,
			"The units in Autotask are %s on %s, %s was asked for: somebody else changed them too. Look at "
			"it "
			"again.",
			qty_format(s.on, now), day_format(x->m.effective, date), qty_format(ch->want, want));
}

static bool tried(const struct at_write *x)
{
	if (x->w.change->kind == PSA_REMOVE_ADDED)
		return mark_is(&x->m, UNDO) || mark_is(&x->m, UNDONE);
	return mark_is(&x->m, ADJUST) || mark_is(&x->m, ADJUSTED);
}

static void send_difference(struct at_write *x, const struct at_seen *s)
{
	const struct psa_change *ch = x->w.change;
	bool undo = ch->kind == PSA_REMOVE_ADDED;
	const char *product = NULL;
	struct err why = ERR_INIT;
	enum sent sent;

	if (!lock(x, s) || !note(x, undo ? UNDO : ADJUST))
		return;
	at_family_of(s->line.product_remote_id, &product);
	sent = post(x, s->family,
		at_body(x->w.a, s->family, ch->contract_remote_id, s->number, product, ch->want - ch->expect,
			x->m.effective, NULL),
		&why);
	if (sent == SENT_NOT || sent == SENT_REFUSED)
		writing_end_error(&x->w, sent == SENT_NOT ? PSA_NOT_APPLIED : PSA_REFUSED, &why);
	else if (sent != SENT_OK || note(x, undo ? UNDONE : ADJUSTED))
		judge(x, ch->line_remote_id, sent, &why);
}

static void write_difference(struct at_write *x)
{
	const struct psa_change *ch = x->w.change;
	struct err none = ERR_INIT;
	struct at_seen s;

	if (tried(x)) {
		x->w.sent = true;
		if (x->w.settle) {
			judge(x, ch->line_remote_id, SENT_OK, &none);
			return;
		}
	} else if (x->w.settle) {
		writing_end(&x->w, PSA_NOT_APPLIED, "The try before did not come to the point of sending anything.");
		return;
	}
	if (!load(x, ch->line_remote_id, &s))
		return;
	x->w.result->before = s.json;
	if (tried(x) && s.on == ch->want) {
		writing_applied(&x->w, ch->line_remote_id, s.json);
		return;
	}
	x->w.sent = false;
	send_difference(x, &s);
}

/* A new line. ----------------------------------------------------------------------------------------------------- */

struct look {
	struct at_write *x;
	const struct at_family *family;
	const char *fresh, *other; /* a line of the product that was not known; one that was */
	const char *all;
};

static enum rc look_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct look *k = arg;
	struct arena *keep = k->x->w.a;
	const char *id = arena_printf(keep, "%s%s", k->family->prefix, at_text(v, "id"));

	if (wire_among(k->x->m.known, id))
		k->other = id;
	else
		k->fresh = id;
	k->all = arena_printf(keep, "%s%s%s", k->all, *k->all ? "," : "", id);
	return RC_OK;
}

/* Lines of the product on the contract. */
static bool look(struct at_write *x, const struct at_family *f, const char *product, struct look *k)
{
	struct at_query q = { .entity = f->lines, .arg = k, .row = look_row };
	struct err why = ERR_INIT;
	enum rc rc;

	*k = (struct look){ .x = x, .family = f, .all = "" };
	q.filter = arena_printf(x->w.a, "%s,%s", at_is(x->w.a, "contractID", x->w.change->contract_remote_id),
		at_is(x->w.a, f->product_id, product));
	rc = at_query(x->c, &q, &why);
	return rc == RC_OK || writing_look_failed(&x->w, rc, &why);
}

static void judge_added(
	struct at_write *x, const struct at_family *f, const char *product, enum sent sent, const struct err *why)
{
	struct look k;

	if (!look(x, f, product, &k))
		return;
	if (k.fresh)
		judge(x, k.fresh, sent, why);
	else
		unchanged(x, sent, why);
}

static void send_line(struct at_write *x, const struct at_family *f, const char *product)
{
	const struct psa_change *ch = x->w.change;
	struct at_seen s = { .inactive = NULL };
	struct err why = ERR_INIT;
	struct look k;
	enum sent sent;
	enum rc rc = at_look_contract(x->c, x->w.a, ch->contract_remote_id, &s, &why);

	if (rc != RC_OK) {
		writing_look_failed(&x->w, rc, &why);
		return;
	}
	if (!lock_contract(x, &s) || !look(x, f, product, &k))
		return;
	if (*k.all) {
		writing_end(&x->w, PSA_CONFLICT,
			"The contract has this %s already (%s). Nothing was changed; synchronize, then change that "
			"line.",
			f->word, k.all);
		return;
	}
	if (!note(x, ADD))
		return;
	sent = post(x, f,
		at_body(x->w.a, f, ch->contract_remote_id, NULL, product, ch->want, x->m.effective,
			ch->has_price ? &ch->unit_price : NULL),
		&why);
	if (sent == SENT_NOT || sent == SENT_REFUSED)
		writing_end_error(&x->w, sent == SENT_NOT ? PSA_NOT_APPLIED : PSA_REFUSED, &why);
	else if (sent != SENT_OK || note(x, ADDED))
		judge_added(x, f, product, sent, &why);
}

static void write_line(struct at_write *x)
{
	const char *product;
	const struct at_family *f = at_family_of(x->w.change->product_remote_id, &product);
	bool before = mark_is(&x->m, ADD) || mark_is(&x->m, ADDED);
	struct err none = ERR_INIT;
	struct look k;

	if (!f) {
		writing_end(&x->w, PSA_REFUSED, "The product is none of Autotask's. Synchronize, then look again.");
		return;
	}
	if (!before && x->w.settle) {
		writing_end(&x->w, PSA_NOT_APPLIED, "The try before did not come to the point of sending anything.");
		return;
	}
	x->w.sent = before;
	if (before && !look(x, f, product, &k))
		return;
	if (before && (x->w.settle || k.fresh)) {
		judge_added(x, f, product, SENT_OK, &none);
		return;
	}
	x->w.sent = false;
	send_line(x, f, product);
}

/* The day of a change that names none. */
static bool choose_day(struct at_write *x)
{
	struct at_seen s = { .inactive = NULL };
	struct err why = ERR_INIT;
	enum rc rc;

	if (x->m.effective != DAY_NONE)
		return true;
	x->m.effective = x->w.change->effective;
	if (x->m.effective != DAY_NONE)
		return true;
	rc = at_look_contract(x->c, x->w.a, x->w.change->contract_remote_id, &s, &why);
	if (rc != RC_OK)
		return writing_look_failed(&x->w, rc, &why);
	x->m.effective = at_default_day(x->c->host.today, &s.contract);
	return true;
}

static void run(
	struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret, bool settle)
{
	struct at_write x = { .w = { "Autotask", a, change, ret, settle, false }, .c = c };

	memset(ret, 0, sizeof(*ret));
	if (!mark_read(a, change->journal_text, &x.m)) {
		writing_end(&x.w, PSA_REFUSED, "The note of how far this write came cannot be read. Look in Autotask.");
		return;
	}
	if (change->want % QTY_ONE != 0 || change->expect % QTY_ONE != 0) {
		writing_end(&x.w, PSA_REFUSED, "Autotask takes whole units only. Nothing was changed.");
		return;
	}
	if (!choose_day(&x))
		return;
	if (change->kind == PSA_ADD_LINE)
		write_line(&x);
	else
		write_difference(&x);
}

void at_apply(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret)
{
	run(c, a, change, ret, false);
}

void at_settle(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret)
{
	run(c, a, change, ret, true);
}
