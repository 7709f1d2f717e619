#include "core/rules/rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const round_words[] = {
	[ROUND_HALF_UP] = "nearest",
	[ROUND_UP] = "up",
	[ROUND_DOWN] = "down",
};

bool rule_round_parse(const char *word, enum round_mode *ret)
{
	for (size_t i = 0; word && i < ARRAY_LEN(round_words); i++) {
		if (strcmp(word, round_words[i]) == 0) {
			*ret = (enum round_mode)i;
			return true;
		}
	}
	return false;
}

const char *rule_round_word(enum round_mode mode)
{
	return round_words[mode];
}

static int weight(const struct rule *r)
{
	return (r->contract != RULE_ANY ? 4 : 0) + (r->account != RULE_ANY ? 2 : 0) + (r->product != RULE_ANY ? 1 : 0);
}

/* Ids begin with their time of birth, so the smaller id is the older rule. */
static int by_weight(const void *a, const void *b)
{
	const struct rule *x = a, *y = b;
	int d = weight(y) - weight(x);

	return d ? d : strcmp(x->id, y->id);
}

void rule_sort(struct rule *rules, size_t count)
{
	if (count)
		qsort(rules, count, sizeof(*rules), by_weight);
}

static void take(const struct rule **slot, const struct rule *r, unsigned step)
{
	if (!*slot && (r->steps & step))
		*slot = r;
}

void rule_pick(const struct rule *rules, size_t count, uint32_t product, uint32_t account, uint32_t contract,
	struct rule_pick *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < count; i++) {
		const struct rule *r = &rules[i];

		if ((r->product != RULE_ANY && r->product != product) ||
			(r->account != RULE_ANY && r->account != account) ||
			(r->contract != RULE_ANY && (r->contract != contract || contract == RULE_LOST)))
			continue;
		take(&ret->convert, r, RULE_CONVERT);
		take(&ret->included, r, RULE_INCLUDED);
		take(&ret->minimum, r, RULE_MINIMUM);
		take(&ret->maximum, r, RULE_MAXIMUM);
		take(&ret->round, r, RULE_ROUND);
	}
}

bool override_holds(const struct override *o, day today)
{
	return o->expires == DAY_NONE || o->expires >= today;
}

void why_step(
	struct jsonw *w, const char *step, const qty *in, const qty *out, const char *rule_id, const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	if (!w)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	jsonw_object(w);
	jsonw_kv(w, "step", step);
	jsonw_kv(w, "text", text);
	jsonw_key(w, "in");
	if (in)
		jsonw_qty(w, *in);
	else
		jsonw_null(w);
	jsonw_key(w, "out");
	if (out)
		jsonw_qty(w, *out);
	else
		jsonw_null(w);
	if (rule_id)
		jsonw_kv(w, "rule", rule_id);
	jsonw_end_object(w);
}

/* A rule's own name in a text: its name and the version that was used. */
#define NAMED(r) (r)->name, (long long)(r)->version

static bool too_large(struct jsonw *w, const char *step, qty in, const struct rule *r)
{
	why_step(w, step, &in, NULL, r->id,
		"The result is too large to be a quantity: look at rule \"%s\", version %lld.", NAMED(r));
	return false;
}

static bool convert(const struct rule *r, struct jsonw *w, qty *q)
{
	char mul[QTY_TEXT], div[QTY_TEXT], a[QTY_TEXT], b[QTY_TEXT];
	qty in = *q, out;

	if (qty_mul(in, r->convert_mul, &out) != RC_OK || qty_div(out, r->convert_div, &out) != RC_OK)
		return too_large(w, "convert", in, r);
	why_step(w, "convert", &in, &out, r->id,
		"Converted: %s times %s, divided by %s, is %s (rule \"%s\", version %lld).", qty_format(in, a),
		qty_format(r->convert_mul, mul), qty_format(r->convert_div, div), qty_format(out, b), NAMED(r));
	*q = out;
	return true;
}

static void subtract(const struct rule *r, struct jsonw *w, qty *q)
{
	char free_units[QTY_TEXT], left[QTY_TEXT];
	qty in = *q, out = in > r->included ? in - r->included : 0;

	why_step(w, "included", &in, &out, r->id, "%s included free, %s left to bill (rule \"%s\", version %lld).",
		qty_format(r->included, free_units), qty_format(out, left), NAMED(r));
	*q = out;
}

static void bound(const struct rule *r, const char *step, qty limit, bool reached, struct jsonw *w, qty *q)
{
	char a[QTY_TEXT], b[QTY_TEXT];
	qty in = *q, out = reached ? limit : in;

	if (reached)
		why_step(w, step, &in, &out, r->id, "The %s of %s holds instead of %s (rule \"%s\", version %lld).",
			step, qty_format(limit, a), qty_format(in, b), NAMED(r));
	else
		why_step(w, step, &in, &out, r->id, "Within the %s of %s (rule \"%s\", version %lld).", step,
			qty_format(limit, a), NAMED(r));
	*q = out;
}

static bool round_off(const struct rule *r, struct jsonw *w, qty *q)
{
	static const char *const ways[] = {
		[ROUND_HALF_UP] = "to the nearest",
		[ROUND_UP] = "up to",
		[ROUND_DOWN] = "down to",
	};
	char step[QTY_TEXT], b[QTY_TEXT];
	qty in = *q, out;

	if (qty_round(in, r->round_step, r->round_mode, &out) != RC_OK)
		return too_large(w, "round", in, r);
	if (r->round_step == QTY_ONE)
		why_step(w, "round", &in, &out, r->id, "Rounded %s whole unit: %s (rule \"%s\", version %lld).",
			ways[r->round_mode], qty_format(out, b), NAMED(r));
	else
		why_step(w, "round", &in, &out, r->id, "Rounded %s full pack of %s: %s (rule \"%s\", version %lld).",
			ways[r->round_mode], qty_format(r->round_step, step), qty_format(out, b), NAMED(r));
	*q = out;
	return true;
}

static bool run_steps(const struct rule_pick *p, struct jsonw *w, qty *q)
{
	if (p->convert && !convert(p->convert, w, q))
		return false;
	if (p->included)
		subtract(p->included, w, q);
	if (p->minimum)
		bound(p->minimum, "minimum", p->minimum->minimum, *q < p->minimum->minimum, w, q);
	if (p->maximum)
		bound(p->maximum, "maximum", p->maximum->maximum, *q > p->maximum->maximum, w, q);
	return !p->round || round_off(p->round, w, q);
}

static void replace(const struct override *o, const qty *in, struct jsonw *w)
{
	char n[QTY_TEXT], until[DAY_TEXT];

	if (o->expires == DAY_NONE)
		why_step(w, "override", in, &o->quantity, o->id, "Set to %s by an override: %s.",
			qty_format(o->quantity, n), o->reason);
	else
		why_step(w, "override", in, &o->quantity, o->id, "Set to %s by an override until %s: %s.",
			qty_format(o->quantity, n), day_format(o->expires, until), o->reason);
}

bool rule_apply(const struct rule_pick *p, const qty *units, struct jsonw *w, qty *ret)
{
	qty q = units ? *units : 0;
	bool known = units && run_steps(p, w, &q);

	if (p->override) {
		replace(p->override, known ? &q : NULL, w);
		q = p->override->quantity;
		known = true;
	}
	if (known)
		*ret = q;
	return known;
}
