/* Writing: a recurring invoice is read, one line of it changed, and all of it sent back; then it is read again, and
 * only what it then holds counts - of the line, and of every other line.
 *
 * A quantity is absolute and may be sent twice. A pro-rata row and a new line may not, and HaloPSA knows no key to
 * recognise them by: the line's whole quantity, and the ids of the lines that stood before, tell whether they are
 * there.
 */
#include "psa/halo/ha.h"
#include "psa/mark.h"

#include <string.h>

/* Steps of the mark. In the past tense once HaloPSA said yes and did not show it yet. */
#define SET "set"
#define ROW "row"
#define ROWED "rowed"
#define ADD "add"
#define ADDED "added"
#define BACK "back"
#define UNROW "unrow"
#define UNROWED "unrowed"

struct ha_write {
	struct writing w;
	struct psa_conn *c;
	struct mark m;
};

/* A template, and one line of it, as they are now. */
struct seen {
	const struct json *header, *json;
	struct psa_contract contract;
	struct psa_line line;
	qty order; /* without pro-rata rows */
	const char *inactive;
};

/* How a call went. */
struct call {
	enum sent sent;
	struct err why;
	const char *warning; /* of a 200 */
};

static bool load_template(struct ha_write *x, struct seen *ret)
{
	struct err why = ERR_INIT;
	enum rc rc = ha_template(x->c, x->w.a, x->w.change->contract_remote_id, &ret->header, &why);

	if (rc != RC_OK)
		return writing_look_failed(&x->w, rc, &why);
	ha_contract(x->w.a, ret->header, &ret->contract);
	ret->inactive = ha_contract_skip(x->w.a, ret->header, x->c->host.today);
	return true;
}

static bool load_line(struct ha_write *x, const char *line, struct seen *ret)
{
	struct err why = ERR_INIT;
	const char *broken = NULL;
	enum rc rc;

	ret->json = ha_find_line(ret->header, line);
	if (!ret->json) {
		writing_look_failed(&x->w, RC_NOT_FOUND, &why);
		return false;
	}
	rc = ha_line(ret->json, x->w.change->contract_remote_id, &ret->line, &ret->order, &broken, &why);
	if (rc != RC_OK)
		return writing_look_failed(&x->w, rc, &why);
	if (!broken)
		return true;
	writing_end(&x->w, PSA_CONFLICT, "The line in HaloPSA cannot be used now: %s. Look at it there.", broken);
	return false;
}

static bool load(struct ha_write *x, const char *line, struct seen *ret)
{
	memset(ret, 0, sizeof(*ret));
	return load_template(x, ret) && load_line(x, line, ret);
}

static bool lock_contract(struct ha_write *x, const struct seen *s)
{
	struct err why = ERR_INIT;
	bool dated = x->m.effective != DAY_NONE && x->w.change->kind != PSA_REMOVE_ADDED;

	if (s->inactive) {
		writing_end(&x->w, PSA_CONFLICT,
			"The recurring invoice can no longer be billed: it is %s. Nothing was changed.", s->inactive);
		return false;
	}
	if (!writing_lock_billed(&x->w, s->contract.billed_through))
		return false;
	if (!dated || ha_check_date(x->m.effective, x->c->host.today, &s->contract, &why) == RC_OK)
		return true;
	writing_end_error(&x->w, PSA_CONFLICT, &why);
	return false;
}

static bool lock(struct ha_write *x, const struct seen *s)
{
	char now[QTY_TEXT], then[QTY_TEXT], date[DAY_TEXT];

	if (!lock_contract(x, s))
		return false;
	if (s->line.fixed)
		writing_end(&x->w, PSA_REFUSED, "%s: change what it counts there. Nothing was changed.", s->line.fixed);
	else if (!s->line.billable)
		writing_end(&x->w, PSA_CONFLICT, "The line is inactive in HaloPSA. Nothing was changed.");
	else if (s->line.cancelled != DAY_NONE && s->line.cancelled < x->c->host.today)
		writing_end(&x->w, PSA_CONFLICT, "The line ended on %s. Nothing was changed.",
			day_format(s->line.cancelled, date));
	else if (s->line.quantity != x->w.change->expect)
		writing_end(&x->w, PSA_CONFLICT,
			"The quantity in HaloPSA is %s now; it was %s when this was decided. Nothing was changed; look "
			"at it again.",
			qty_format(s->line.quantity, now), qty_format(x->w.change->expect, then));
	else
		return true;
	return false;
}

/* Sending. -------------------------------------------------------------------------------------------------------- */

/* An outdated change_seq did nothing: the next try reads anew. */
static bool outdated(const struct err *why)
{
	return strstr(why->text, "change_seq") != NULL;
}

static void post(struct ha_write *x, const char *path, const char *body, struct call *ret)
{
	struct httpc_answer answer;
	struct err ignored = ERR_INIT;
	bool before = x->w.sent;
	struct json *v;

	*ret = (struct call){ .why = ERR_INIT, .warning = "" };
	if (!body) {
		ret->sent = SENT_REFUSED;
		err_set(&ret->why, RC_INVALID, "The recurring invoice is too long to be sent back.");
		return;
	}
	x->w.sent = true;
	ha_post(x->c, x->w.a, path, body, &answer);
	ret->sent = writing_class(&answer);
	if (ret->sent == SENT_OK) {
		if (wire_json(x->c->wire.who, x->w.a, &answer, path, &v, &ignored) == RC_OK)
			ret->warning = ha_warning(v);
		return;
	}
	if (answer.fate != HTTPC_ANSWERED)
		wire_unreached(x->c->wire.who, &answer, &ret->why);
	else
		ha_judge(x->c, &answer, path, &ret->why);
	if (ret->sent == SENT_REFUSED && outdated(&ret->why))
		ret->sent = SENT_NOT;
	if (ret->sent == SENT_NOT || ret->sent == SENT_REFUSED)
		x->w.sent = before;
}

/* True when the call surely did nothing; the write has its outcome then. */
static bool ended(struct ha_write *x, const struct call *k)
{
	if (k->sent != SENT_NOT && k->sent != SENT_REFUSED)
		return false;
	writing_end_error(&x->w, k->sent == SENT_NOT ? PSA_NOT_APPLIED : PSA_REFUSED, &k->why);
	return true;
}

/* Judging. -------------------------------------------------------------------------------------------------------- */

static bool same(const struct json *a, const struct json *b, const char *key)
{
	qty x, y;

	if (json_qty(json_get(a, key), &x) == RC_OK && json_qty(json_get(b, key), &y) == RC_OK)
		return x == y;
	return strcmp(ha_text(a, key), ha_text(b, key)) == 0;
}

/* Lines of `before` that are gone or bill otherwise in `after`, apart from one. Lines that HaloPSA counts may move. */
static const char *others_changed(struct arena *a, const struct json *before, const struct json *after, const char *but)
{
	const struct json *lines = json_get(before, "lines");

	for (const struct json *v = lines ? lines->child : NULL; v; v = v->next) {
		const struct json *now = ha_find_line(after, ha_text(v, "id"));
		const char *name = ha_text(v, "item_shortdescription");

		if (strcmp(ha_text(v, "id"), but) == 0)
			continue;
		if (!now)
			return arena_printf(a, "%s (%s) is gone", ha_text(v, "id"), name);
		if ((!ha_fixed(v) && !same(v, now, "qty_order")) || !same(v, now, "unit_price") ||
			!same(v, now, "_itemid"))
			return arena_printf(a, "%s (%s) is another", ha_text(v, "id"), name);
	}
	return NULL;
}

static void applied(struct ha_write *x, const char *line, const struct seen *now, const struct json *before)
{
	const char *other = before ? others_changed(x->w.a, before, now->header, line) : NULL;

	if (other)
		writing_end(&x->w, PSA_CONFLICT,
			"The line is as it was asked for, but another line of the recurring invoice changed at the "
			"same time: %s. "
			"Look at it in HaloPSA.",
			other);
	else
		writing_applied(&x->w, line, wire_text(x->w.a, now->json));
}

static bool repeatable(const struct ha_write *x)
{
	return mark_is(&x->m, SET) || mark_is(&x->m, BACK);
}

/* The quantity is as it was: what that means depends on what was answered, and how long ago. */
static void unchanged(struct ha_write *x, const struct call *k)
{
	bool answered = mark_is(&x->m, ROWED) || mark_is(&x->m, ADDED) || mark_is(&x->m, UNROWED);

	if (k && k->sent == SENT_MAYBE)
		writing_end_error(&x->w, PSA_UNKNOWN, &k->why);
	else if (k && (*k->warning || repeatable(x)))
		writing_end(&x->w, PSA_REFUSED,
			"HaloPSA answered yes, but nothing changed.%s%.300s Change it in HaloPSA.",
			*k->warning ? " It says: " : "", k->warning);
	else if (!mark_old(&x->m))
		writing_end(&x->w, PSA_UNKNOWN,
			"HaloPSA does not show the change yet; it may still arrive. Looking again soon.");
	else if (answered)
		writing_end(&x->w, PSA_REFUSED, "HaloPSA answered yes, but nothing changed. Change it in HaloPSA.");
	else
		writing_end(&x->w, PSA_NOT_APPLIED, "The try before did not change anything in HaloPSA.");
}

static void judge(struct ha_write *x, const char *line, const struct call *k, const struct json *before)
{
	const struct psa_change *ch = x->w.change;
	char now[QTY_TEXT], want[QTY_TEXT];
	struct seen s;

	if (!load(x, line, &s))
		return;
	if (s.line.quantity == ch->want)
		applied(x, line, &s, before);
	else if (s.line.quantity == ch->expect)
		unchanged(x, k);
	else
		writing_end(&x->w, PSA_CONFLICT,
			"The quantity in HaloPSA is %s, %s was asked for: somebody else changed it too. Look at it "
			"again.",
			qty_format(s.line.quantity, now), qty_format(ch->want, want));
}

/* A line that is there. ------------------------------------------------------------------------------------------- */

/* What undoing puts back: a row of a day gets its opposite; anything else is a quantity again. */
static bool by_row(const struct ha_write *x)
{
	if (x->w.change->kind == PSA_REMOVE_ADDED)
		return mark_is(&x->m, ROW) || mark_is(&x->m, ROWED) || mark_is(&x->m, UNROW) || mark_is(&x->m, UNROWED);
	return x->w.change->kind == PSA_SET_FROM_DATE;
}

static const char *step_of(const struct ha_write *x)
{
	if (x->w.change->kind == PSA_REMOVE_ADDED)
		return by_row(x) ? UNROW : BACK;
	return by_row(x) ? ROW : SET;
}

static bool tried(const struct ha_write *x)
{
	if (x->w.change->kind == PSA_REMOVE_ADDED)
		return mark_is(&x->m, UNROW) || mark_is(&x->m, UNROWED) || mark_is(&x->m, BACK);
	return mark_is(&x->m, ROW) || mark_is(&x->m, ROWED) || mark_is(&x->m, SET);
}

/* False when the quantity cannot be had by changing the line's own, with the rows that wait. */
static bool make_edit(struct ha_write *x, const struct seen *s, bool row, struct ha_edit *ret)
{
	const struct psa_change *ch = x->w.change;
	qty more = ch->want - ch->expect;

	*ret = (struct ha_edit){ .line = s->line.remote_id,
		.set = !row,
		.order = s->order + more,
		.from = x->m.effective,
		.more = more,
		.price = s->line.unit_price,
		.cost = s->line.unit_cost };
	if (row) {
		ret->words = ha_row_words(x->w.a, more, s->line.description, x->m.effective);
		return true;
	}
	if (ret->order >= 0)
		return true;
	writing_end(&x->w, PSA_REFUSED,
		"Pro-rata rows that wait for the next invoice are more than the quantity asked for. Change them in "
		"HaloPSA.");
	return false;
}

static void send_edit(struct ha_write *x, const struct seen *s)
{
	const char *path = x->c->lines_alone ? "RecurringInvoice/updatelines" : "RecurringInvoice";
	bool row = by_row(x);
	struct ha_edit edit;
	struct call k;

	if (!lock(x, s) || !make_edit(x, s, row, &edit) || !mark_note(&x->w, &x->m, step_of(x)))
		return;
	post(x, path, ha_body_edit(x->w.a, s->header, &edit, x->c->lines_alone), &k);
	if (ended(x, &k))
		return;
	if (k.sent == SENT_OK && row && !*k.warning && !mark_note(&x->w, &x->m, mark_is(&x->m, ROW) ? ROWED : UNROWED))
		return;
	judge(x, s->line.remote_id, &k, s->header);
}

static void write_edit(struct ha_write *x)
{
	const struct psa_change *ch = x->w.change;
	struct seen s;

	if (!tried(x) && x->w.settle) {
		writing_end(&x->w, PSA_NOT_APPLIED, "The try before did not come to the point of sending anything.");
		return;
	}
	x->w.sent = tried(x);
	if (x->w.settle) {
		judge(x, ch->line_remote_id, NULL, NULL);
		return;
	}
	if (!load(x, ch->line_remote_id, &s))
		return;
	x->w.result->before = wire_text(x->w.a, s.json);
	if (tried(x) && s.line.quantity == ch->want) {
		applied(x, ch->line_remote_id, &s, NULL);
		return;
	}
	x->w.sent = false;
	send_edit(x, &s);
}

/* A new line. ----------------------------------------------------------------------------------------------------- */

static const char *all_ids(struct arena *a, const struct json *header)
{
	AUTO(buf) b = BUF_INIT(1 << 17);
	const struct json *lines = json_get(header, "lines");

	for (const struct json *v = lines ? lines->child : NULL; v; v = v->next)
		buf_printf(&b, "%s%s", b.len ? "," : "", ha_text(v, "id"));
	return arena_strdup(a, buf_text(&b));
}

/* The line of the item with that quantity that did not stand there before, or NULL. */
static const char *fresh_line(const struct ha_write *x, const struct json *header)
{
	const struct psa_change *ch = x->w.change;
	const struct json *lines = json_get(header, "lines");
	qty q;

	for (const struct json *v = lines ? lines->child : NULL; v; v = v->next) {
		if (strcmp(ha_text(v, "_itemid"), ch->product_remote_id) == 0 &&
			!wire_among(x->m.known, ha_text(v, "id")) && json_qty(json_get(v, "qty_order"), &q) == RC_OK &&
			q == ch->want)
			return ha_text(v, "id");
	}
	return NULL;
}

static void judge_added(struct ha_write *x, const struct call *k, const struct json *before)
{
	struct seen s = { .header = NULL };
	const char *line;

	if (!load_template(x, &s))
		return;
	line = fresh_line(x, s.header);
	if (!line)
		unchanged(x, k);
	else if (load_line(x, line, &s))
		applied(x, line, &s, before);
}

static const struct json *item_of(struct ha_write *x)
{
	struct err why = ERR_INIT;
	struct json *v;
	enum rc rc;

	if (!wire_is_id(x->w.change->product_remote_id, false)) {
		writing_end(&x->w, PSA_REFUSED, "The product is none of HaloPSA's. Synchronize, then look again.");
		return NULL;
	}
	rc = ha_get(x->c, x->w.a, arena_printf(x->w.a, "Item/%s", x->w.change->product_remote_id), &v, &why);
	if (rc == RC_OK)
		return v;
	writing_look_failed(&x->w, rc, &why);
	return NULL;
}

static void send_line(struct ha_write *x)
{
	struct seen s = { .header = NULL };
	const struct json *item, *lines;
	struct call k;

	if (!load_template(x, &s) || !lock_contract(x, &s) || !(item = item_of(x)))
		return;
	lines = json_get(s.header, "lines");
	for (const struct json *v = lines->child; v; v = v->next) {
		if (strcmp(ha_text(v, "_itemid"), x->w.change->product_remote_id) != 0)
			continue;
		writing_end(&x->w, PSA_CONFLICT,
			"The recurring invoice has this item already (line %s). Nothing was changed; synchronize, then "
			"change "
			"that line.",
			ha_text(v, "id"));
		return;
	}
	x->m.known = all_ids(x->w.a, s.header);
	if (!mark_note(&x->w, &x->m, ADD))
		return;
	post(x, "RecurringInvoice/Lines", ha_body_add(x->w.a, x->w.change, item), &k);
	if (!ended(x, &k) && (k.sent != SENT_OK || *k.warning || mark_note(&x->w, &x->m, ADDED)))
		judge_added(x, &k, s.header);
}

static void write_line(struct ha_write *x)
{
	bool before = mark_is(&x->m, ADD) || mark_is(&x->m, ADDED);
	struct seen s = { .header = NULL };

	if (!before && x->w.settle) {
		writing_end(&x->w, PSA_NOT_APPLIED, "The try before did not come to the point of sending anything.");
		return;
	}
	x->w.sent = before;
	if (before && !x->w.settle && !load_template(x, &s))
		return;
	if (before && (x->w.settle || fresh_line(x, s.header))) {
		judge_added(x, NULL, NULL);
		return;
	}
	x->w.sent = false;
	send_line(x);
}

static void run(
	struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret, bool settle)
{
	struct ha_write x = { .w = { "HaloPSA", a, change, ret, settle, false }, .c = c };

	memset(ret, 0, sizeof(*ret));
	if (!mark_read(a, change->journal_text, &x.m)) {
		writing_end(&x.w, PSA_REFUSED, "The note of how far this write came cannot be read. Look in HaloPSA.");
		return;
	}
	if (x.m.effective == DAY_NONE)
		x.m.effective = change->effective;
	if (change->kind == PSA_ADD_LINE)
		write_line(&x);
	else
		write_edit(&x);
}

void ha_apply(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret)
{
	run(c, a, change, ret, false);
}

void ha_settle(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret)
{
	run(c, a, change, ret, true);
}
