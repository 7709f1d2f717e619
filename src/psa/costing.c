/* Writing a cost: look, compare with what the person saw, journal, send once, look again. A connector brings how its
 * PSA is read and what is sent (struct psa_costs); all guards are here, the same for every PSA. */
#include "psa/writing.h"

#include "base/failpoint.h"
#include "psa/wire.h"

#include <string.h>

/* The resume mark: from here on the cost may be in the PSA. */
static const char mark[] = "cost";

struct costing {
	struct writing w;
	const struct psa_ops *ops;
	struct psa_conn *c;
	struct psa_cost_seen now;
	const char *rest; /* as it was before */
};

static const char *thing(const struct costing *x)
{
	return x->w.change->kind == PSA_SET_COST ? "product" : "line";
}

static bool look(struct costing *x)
{
	struct err why = ERR_INIT;
	enum rc rc;

	x->now = (struct psa_cost_seen){ 0 };
	rc = FAIL_AFTER(x->ops->costs->read(x->c, x->w.a, x->w.change, &x->now, &why), "cost.read", &why);
	if (rc != RC_OK)
		return writing_look_failed(&x->w, rc, &why);
	x->w.result->has_cost = x->w.change->kind == PSA_SET_COST && x->now.has_cost;
	x->w.result->cost = x->now.cost;
	return true;
}

static void applied(struct costing *x)
{
	x->w.result->outcome = PSA_APPLIED;
	x->w.result->line_remote_id = x->w.change->line_remote_id;
	x->w.result->read_back = wire_text(x->w.a, x->now.json);
}

static bool is_wanted(const struct costing *x)
{
	return x->now.has_cost && x->now.cost == x->w.change->want;
}

static void conflict(struct costing *x)
{
	char now[QTY_TEXT], then[QTY_TEXT];

	if (!x->now.has_cost)
		writing_end(&x->w, PSA_CONFLICT, "%s does not show what this %s costs. Nothing was changed.", x->w.who,
			thing(x));
	else
		writing_end(&x->w, PSA_CONFLICT,
			"The cost of this %s in %s is %s now; it was %s when this was decided. It was left as it is; "
			"look at it again.",
			thing(x), x->w.who, qty_format(x->now.cost, now), qty_format(x->w.change->expect, then));
}

/* False with a conflict when it is not what the person saw. */
static bool lock(struct costing *x)
{
	const struct psa_change *c = x->w.change;

	if (x->now.currency && c->currency && strcmp(x->now.currency, c->currency) != 0)
		writing_end(&x->w, PSA_CONFLICT,
			"The cost of this %s in %s is in %s, and the one that was approved is in %s. Nothing was "
			"changed.",
			thing(x), x->w.who, x->now.currency, c->currency);
	else if (x->now.ended)
		writing_end(&x->w, PSA_CONFLICT, "This %s %s. Nothing was changed.", thing(x), x->now.ended);
	else if (!x->now.has_cost || x->now.cost != c->expect)
		conflict(x);
	else
		return true;
	return false;
}

/* Only looks: what a try before left behind. */
static void settle(struct costing *x)
{
	if (x->now.has_cost && x->now.cost == x->w.change->expect)
		writing_end(&x->w, PSA_NOT_APPLIED, "The try before did not change anything in %s.", x->w.who);
	else
		conflict(x);
}

/* Reads again after a call that did, or may have done, what was asked. */
static void judge(struct costing *x, enum psa_outcome sent, const struct err *why)
{
	char now[QTY_TEXT], want[QTY_TEXT];

	if (!look(x))
		return;
	qty_format(x->now.cost, now);
	qty_format(x->w.change->want, want);
	if (is_wanted(x) && x->rest && x->now.rest && strcmp(x->rest, x->now.rest) != 0)
		writing_end(&x->w, PSA_REFUSED,
			"%s took the cost %s, but changed more of this %s: it was %s, and is %s. Look at it there.",
			x->w.who, want, thing(x), x->rest, x->now.rest);
	else if (is_wanted(x))
		applied(x);
	else if (!x->now.has_cost || x->now.cost != x->w.change->expect)
		writing_end(&x->w, PSA_CONFLICT,
			"The cost of this %s in %s is %s now, and %s was asked for. Look at it again.", thing(x),
			x->w.who, x->now.has_cost ? now : "not shown", want);
	else if (sent == PSA_APPLIED)
		writing_end(&x->w, PSA_REFUSED,
			"%s answered that the cost was set to %s, but it is still %s. Set it there, and see what puts "
			"it back.",
			x->w.who, want, now);
	else
		/* A failure that has the PSA's own no in it, and did nothing, is a no. */
		writing_end_error(&x->w, why->rc == RC_INVALID ? PSA_REFUSED : PSA_UNKNOWN, why);
}

static enum psa_outcome send(struct costing *x, struct err *why)
{
	enum psa_outcome sent;
	struct psa_call call;

	x->ops->costs->call(x->w.a, x->w.change, &x->now, &call);
	if (FAIL_POINT("cost.send", why) != RC_OK)
		return PSA_NOT_APPLIED;
	sent = x->ops->costs->send(x->c, x->w.a, &call, why);
	return FAIL_POINT("cost.sent", why) == RC_OK ? sent : PSA_UNKNOWN;
}

static void run(struct costing *x)
{
	bool tried = x->w.change->journal_text != NULL;
	struct err why = ERR_INIT;
	enum psa_outcome sent;

	x->w.sent = tried && x->w.settle;
	if (!look(x))
		return;
	x->w.result->before = x->w.settle ? NULL : wire_text(x->w.a, x->now.json);
	if (tried && is_wanted(x)) {
		applied(x);
		return;
	}
	if (x->w.settle) {
		settle(x);
		return;
	}
	x->rest = x->now.rest;
	if (!lock(x) || !writing_journal(&x->w, mark))
		return;
	sent = send(x, &why);
	x->w.sent = sent == PSA_APPLIED || sent == PSA_UNKNOWN;
	if (x->w.sent)
		judge(x, sent, &why);
	else
		writing_end_error(&x->w, sent, &why);
}

static void start(const struct psa_ops *ops, struct psa_conn *c, struct arena *a, const struct psa_change *change,
	struct psa_result *ret, bool settle_only)
{
	struct costing x = { .ops = ops, .c = c };

	memset(ret, 0, sizeof(*ret));
	x.w = (struct writing){ .who = ops->name, .a = a, .change = change, .result = ret, .settle = settle_only };
	if (ops->costs)
		run(&x);
	else
		writing_end(&x.w, PSA_REFUSED, "%s takes no costs by its API.", ops->name);
}

void psa_cost_apply(const struct psa_ops *ops, struct psa_conn *c, struct arena *a, const struct psa_change *change,
	struct psa_result *ret)
{
	start(ops, c, a, change, ret, false);
}

void psa_cost_settle(const struct psa_ops *ops, struct psa_conn *c, struct arena *a, const struct psa_change *change,
	struct psa_result *ret)
{
	start(ops, c, a, change, ret, true);
}

enum rc psa_cost_plan(const struct psa_ops *ops, struct arena *a, const struct psa_change *change, struct psa_plan *ret,
	struct err *e)
{
	bool line = change->kind == PSA_SET_LINE_COST;
	char least[QTY_TEXT];
	const char *why;
	qty step;

	memset(ret, 0, sizeof(*ret));
	if (!ops->costs || (line && !(ops->caps & PSA_CAP_LINE_COST)))
		return err_set(e, RC_INVALID, "%s takes no costs%s by its API.", ops->name, line ? " of lines" : "");
	step = line ? ops->costs->line_step : ops->costs->product_step;
	if (step && change->want % step != 0)
		return err_set(e, RC_INVALID, "%s keeps costs in steps of %s here; round it.", ops->name,
			qty_format(step, least));
	why = ops->costs->cannot ? ops->costs->cannot(a, change) : NULL;
	if (why)
		return err_set(e, RC_INVALID, "%s", why);
	ops->costs->call(a, change, NULL, &ret->call[0]);
	ret->calls = 1;
	return RC_OK;
}
