#include "psa/inplace.h"

#include <string.h>

enum step { STEP_NONE, STEP_SET, STEP_ADD, STEP_UNDO };

static const char *const step_names[] = { "none", "set", "add", "undo" };

/* The resume mark: how far it came, and what is needed to judge it. */
struct mark {
	enum step step;
	const char *rest; /* of the line before the write */
	const char *const *known; /* lines before the one that was added; NULL-ended */
	utime at;
};

struct inplace {
	const struct inplace_ops *ops;
	struct psa_conn *c;
	struct writing w;
	struct mark mark;
	const char *line;
	qty expect, want;
};

static const char *const nobody[] = { NULL };

static const char *mark_text(struct arena *a, const struct mark *m)
{
	AUTO(buf) b = BUF_INIT(4 << 20);
	char at[CLOCK_TEXT];
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	jsonw_kv(&w, "step", step_names[m->step]);
	jsonw_kv(&w, "rest", m->rest);
	jsonw_kv(&w, "at", clock_format(m->at, at));
	jsonw_key(&w, "known");
	jsonw_array(&w);
	for (const char *const *k = m->known; *k; k++)
		jsonw_string(&w, *k);
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	return arena_strdup(a, b.failed ? "{}" : buf_text(&b));
}

static const char *const *known_of(struct arena *a, const struct json *list)
{
	const char **all = arena_array(a, (list ? list->count : 0) + 1, sizeof(*all));
	size_t n = 0;

	for (const struct json *v = list ? list->child : NULL; v; v = v->next)
		all[n++] = json_text_or(v, "");
	return all;
}

/* RC_INVALID when it is none of ours. */
static enum rc read_mark(struct arena *a, const char *text, struct mark *ret, struct err *e)
{
	static const struct json_limits limits = { 4 << 20, 8, 200000 };
	const char *step, *at;
	struct json *v;

	*ret = (struct mark){ .known = nobody };
	if (!text)
		return RC_OK;
	if (json_parse(a, text, strlen(text), &limits, &v, e) != RC_OK)
		return err_set(e, RC_INVALID, "The note of how far this write came cannot be read. Look in the PSA.");
	step = json_text_or(json_get(v, "step"), "");
	while ((size_t)ret->step < ARRAY_LEN(step_names) && strcmp(step_names[ret->step], step) != 0)
		ret->step++;
	at = json_member(v, "at");
	if ((size_t)ret->step == ARRAY_LEN(step_names) || !at || clock_parse(at, &ret->at) != RC_OK)
		return err_set(e, RC_INVALID, "The note of how far this write came is of another program.");
	ret->rest = json_member(v, "rest");
	ret->known = known_of(a, json_get(v, "known"));
	return RC_OK;
}

static bool note(struct inplace *p, enum step step)
{
	p->mark.step = step;
	p->mark.at = clock_now();
	return writing_journal(&p->w, mark_text(p->w.a, &p->mark));
}

static bool load(struct inplace *p, const char *line, struct inplace_seen *ret)
{
	struct err why = ERR_INIT;
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	rc = p->ops->load(p->c, p->w.a, p->w.change, line, ret, &why);
	return rc == RC_OK ? true : writing_look_failed(&p->w, rc, &why);
}

static bool lock_contract(struct inplace *p, const char *inactive, const char *not_now, day billed)
{
	if (inactive)
		writing_end(&p->w, PSA_CONFLICT, "The %s can no longer be billed: it is %s. Nothing was changed.",
			p->ops->contract, inactive);
	else if (not_now)
		writing_end(&p->w, PSA_REFUSED, "%s", not_now);
	else
		return writing_lock_billed(&p->w, billed);
	return false;
}

static bool lock_line(struct inplace *p, const struct inplace_seen *s)
{
	char now[QTY_TEXT], then[QTY_TEXT], date[DAY_TEXT];
	const struct psa_line *l = &s->line;

	if (!lock_contract(p, s->inactive, s->not_now, l->billed_through))
		return false;
	if (l->fixed)
		writing_end(
			&p->w, PSA_REFUSED, "The quantity of this %s cannot be set here: %s.", p->ops->line, l->fixed);
	else if (l->quantity != p->expect)
		writing_end(&p->w, PSA_CONFLICT,
			"The quantity in %s is %s now; it was %s when this was decided. Nothing was changed; look at "
			"it again.",
			p->ops->who, qty_format(l->quantity, now), qty_format(p->expect, then));
	else if (l->cancelled != DAY_NONE && l->cancelled < day_today())
		writing_end(&p->w, PSA_CONFLICT, "The %s ended on %s. Nothing was changed.", p->ops->line,
			day_format(l->cancelled, date));
	else
		return true;
	return false;
}

static enum sent set(struct inplace *p, const struct inplace_seen *now, qty want, struct err *why)
{
	bool before = p->w.sent;
	enum sent sent;

	p->w.sent = true;
	sent = p->ops->set(p->c, p->w.a, p->w.change, now, want, why);
	if (sent == SENT_NOT || sent == SENT_REFUSED)
		p->w.sent = before;
	return sent;
}

/* The PSA changed more of the line than its quantity: the quantity goes back, and a person must look at the rest. */
static void put_back(struct inplace *p, const struct inplace_seen *now)
{
	struct err why = ERR_INIT;
	struct inplace_seen after;
	char text[QTY_TEXT];
	const char *words = arena_printf(p->w.a, "before: %s; now: %s", p->mark.rest ? p->mark.rest : "?", now->rest);

	if (set(p, now, p->expect, &why) != SENT_OK || !load(p, p->line, &after) || after.line.quantity != p->expect)
		writing_end(&p->w, PSA_REFUSED,
			"%s changed more of the %s than its quantity, and the quantity could not be put back. Look at "
			"it in %s "
			"(%s).",
			p->ops->who, p->ops->line, p->ops->who, words);
	else
		writing_end(&p->w, PSA_REFUSED,
			"%s changed more of the %s than its quantity. The quantity is %s again; look at the rest in %s "
			"(%s).",
			p->ops->who, p->ops->line, qty_format(p->expect, text), p->ops->who, words);
}

/* The line has the quantity that was asked for. */
static void stands(struct inplace *p, const struct inplace_seen *s)
{
	if (p->mark.rest && strcmp(p->mark.rest, s->rest) != 0)
		put_back(p, s);
	else
		writing_applied(&p->w, s->line.remote_id, s->json);
}

static void judge_set(struct inplace *p, enum sent sent, const struct err *why)
{
	char now[QTY_TEXT], want[QTY_TEXT];
	struct inplace_seen s;

	if (!load(p, p->line, &s))
		return;
	qty_format(s.line.quantity, now);
	qty_format(p->want, want);
	if (s.line.quantity == p->want)
		stands(p, &s);
	else if (s.line.quantity != p->expect)
		writing_end(&p->w, PSA_CONFLICT,
			"Somebody else changed the %s at the same time: it is %s now, %s was asked for. Look at it "
			"again.",
			p->ops->line, now, want);
	else if (sent == SENT_OK)
		writing_end(&p->w, PSA_REFUSED,
			"%s answered that the quantity was set to %s, but it is still %s. Set it in %s, and see what "
			"puts it "
			"back there.",
			p->ops->who, want, now, p->ops->who);
	else
		writing_end_error(&p->w, PSA_UNKNOWN, why);
}

/* Only looks: what a try before left behind. */
static void settle_set(struct inplace *p, const struct inplace_seen *s)
{
	char now[QTY_TEXT], want[QTY_TEXT];

	if (s->line.quantity == p->expect)
		writing_end(&p->w, PSA_NOT_APPLIED, "The try before did not change anything in %s.", p->ops->who);
	else
		writing_end(&p->w, PSA_CONFLICT, "The quantity in %s is %s now, %s was asked for. Look at it again.",
			p->ops->who, qty_format(s->line.quantity, now), qty_format(p->want, want));
}

static void write_set(struct inplace *p, enum step step)
{
	bool tried = p->mark.step == step;
	struct err why = ERR_INIT;
	struct inplace_seen s;
	enum sent sent;

	p->line = p->w.change->line_remote_id;
	p->w.sent = tried && p->w.settle;
	if (!load(p, p->line, &s))
		return;
	p->w.result->before = p->w.settle ? NULL : s.json;
	if (tried && s.line.quantity == p->want) {
		stands(p, &s);
	} else if (p->w.settle) {
		settle_set(p, &s);
	} else if (lock_line(p, &s)) {
		p->mark.rest = s.rest;
		if (!note(p, step))
			return;
		sent = set(p, &s, p->want, &why);
		if (sent == SENT_NOT || sent == SENT_REFUSED)
			writing_end_error(&p->w, sent == SENT_NOT ? PSA_NOT_APPLIED : PSA_REFUSED, &why);
		else
			judge_set(p, sent, &why);
	}
}

static bool list(struct inplace *p, struct inplace_list *ret)
{
	struct err why = ERR_INIT;
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	rc = p->ops->list(p->c, p->w.a, p->w.change, ret, &why);
	return rc == RC_OK ? true : writing_look_failed(&p->w, rc, &why);
}

static bool knows(const struct mark *m, const char *id)
{
	for (const char *const *k = m->known; *k; k++) {
		if (strcmp(*k, id) == 0)
			return true;
	}
	return false;
}

/* A line of the product that was not there before, with the quantity asked for: ours. */
static const struct inplace_seen *find_added(struct inplace *p, const struct inplace_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct psa_line *line = &l->seen[i].line;

		if (strcmp(line->product_remote_id, p->w.change->product_remote_id) == 0 &&
			(p->ops->blind || line->quantity == p->want) && !knows(&p->mark, line->remote_id))
			return &l->seen[i];
	}
	return NULL;
}

static bool added(struct inplace *p, const struct inplace_list *l)
{
	const struct inplace_seen *s = find_added(p, l);

	if (s)
		writing_applied(&p->w, s->line.remote_id, s->json);
	return s != NULL;
}

/* The customer had no line of the product when this was decided. */
static bool lock_add(struct inplace *p, const struct inplace_list *l)
{
	if (!lock_contract(p, l->inactive, l->not_now, l->billed_through))
		return false;
	for (size_t i = 0; i < l->count; i++) {
		const struct psa_line *line = &l->seen[i].line;

		if (strcmp(line->product_remote_id, p->w.change->product_remote_id) != 0 ||
			(line->quantity == 0 && !p->ops->blind))
			continue;
		writing_end(&p->w, PSA_CONFLICT,
			"The %s has a %s of this product now (%s). Nothing was added; synchronize, then look again.",
			p->ops->contract, p->ops->line, line->remote_id);
		return false;
	}
	return true;
}

static void remember(struct inplace *p, const struct inplace_list *l)
{
	const char **known = arena_array(p->w.a, l->count + 1, sizeof(*known));

	for (size_t i = 0; i < l->count; i++)
		known[i] = l->seen[i].line.remote_id;
	p->mark.known = known;
	p->mark.rest = NULL;
}

static void send_add(struct inplace *p)
{
	struct err why = ERR_INIT;
	struct inplace_list after;
	const char *id = NULL;
	enum sent sent;

	sent = p->ops->add(p->c, p->w.a, p->w.change, &id, &why);
	if (sent == SENT_NOT || sent == SENT_REFUSED) {
		writing_end_error(&p->w, sent == SENT_NOT ? PSA_NOT_APPLIED : PSA_REFUSED, &why);
		return;
	}
	p->w.sent = true;
	if (!list(p, &after) || added(p, &after))
		return;
	if (sent == SENT_OK)
		writing_end(&p->w, PSA_REFUSED,
			"%s answered that the %s was added%s%s, but it does not show it. Look there.", p->ops->who,
			p->ops->line, id ? " as " : "", id ? id : "");
	else
		writing_end_error(&p->w, PSA_UNKNOWN, &why);
}

static void write_add(struct inplace *p)
{
	bool tried = p->mark.step == STEP_ADD;
	struct inplace_list l;

	p->w.sent = tried && p->w.settle;
	if (!list(p, &l))
		return;
	if (tried && added(p, &l))
		return;
	if (p->w.settle && tried && clock_now() - p->mark.at < WRITING_GRACE) {
		writing_end(&p->w, PSA_UNKNOWN, "%s does not show the %s yet; the call may still arrive.", p->ops->who,
			p->ops->line);
	} else if (p->w.settle) {
		writing_end(&p->w, PSA_NOT_APPLIED, "The try before did not add anything in %s.", p->ops->who);
	} else if (lock_add(p, &l)) {
		remember(p, &l);
		if (note(p, STEP_ADD))
			send_add(p);
	}
}

void inplace_write(const struct inplace_ops *ops, struct psa_conn *c, struct arena *a, const struct psa_change *change,
	struct psa_result *ret, bool settle)
{
	struct inplace p = { .ops = ops,
		.c = c,
		.w = { .who = ops->who, .a = a, .change = change, .result = ret, .settle = settle },
		.expect = change->expect,
		.want = change->want };
	struct err why = ERR_INIT;

	memset(ret, 0, sizeof(*ret));
	if (read_mark(a, change->journal_text, &p.mark, &why) != RC_OK)
		writing_end_error(&p.w, PSA_REFUSED, &why);
	else if (change->kind == PSA_SET_QUANTITY)
		write_set(&p, STEP_SET);
	else if (change->kind == PSA_REMOVE_ADDED)
		write_set(&p, STEP_UNDO);
	else if (change->kind == PSA_ADD_LINE)
		write_add(&p);
	else
		writing_end(&p.w, PSA_REFUSED, "%s knows no effective date.", ops->who);
}
