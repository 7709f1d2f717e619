/* What approving costs would write, and approving them. */
#include "core/costs/row.h"

#include "base/failpoint.h"
#include "base/rand.h"
#include "core/cards/decide.h"
#include "core/job.h"
#include "core/writes/outbox.h"

#include <stdio.h>
#include <string.h>

/* One write: of the product, or of a line (then with its contract). */
struct step {
	struct psa_change change;
	struct psa_plan calls;
	const char *line_id, *contract_id, *contract, *account_id, *account;
};

/* A line that stays as it is, and why. */
struct left {
	const char *line_id, *contract, *account, *why;
	qty cost;
	bool has_cost;
};

struct plan {
	const struct psa_ops *ops;
	const struct cost_ask *ask;
	const char *currency;
	struct cost_row row;
	bool found;
	qty want;
	struct err refusal;
	struct step *steps;
	struct left *left;
	size_t count, left_count, room;
	size_t own; /* lines that cost something else than the catalogue says */
};

static void keep_row(void *arg, const struct cost_row *row)
{
	struct plan *p = arg;

	p->row = *row;
	p->found = true;
}

static void refuse(struct plan *p, enum rc rc, const char *words)
{
	err_set(&p->refusal, rc, "%s", words);
}

/* What it is to cost, and whether that may be asked for now. False: refused. */
static bool check(struct tx *tx, struct plan *p, const struct cost_item *i)
{
	const struct cost_row *r = &p->row;
	char now[QTY_TEXT], seen[QTY_TEXT];
	const char *why;

	p->want = i->has_cost ? i->cost : r->vendor;
	if (!p->found)
		refuse(p, RC_NOT_FOUND, "This product is not in the PSA's catalogue any more.");
	else if (!(p->ops->caps & PSA_CAP_COST))
		err_set(&p->refusal, RC_CONFLICT, "%s takes no costs by its API.", p->ops->name);
	else if (r->open_writes)
		refuse(p, RC_CONFLICT, "A change of this product's cost is on its way already. Wait for its end.");
	else if (!i->has_cost && cost_unknown(tx_arena(tx), r, p->currency, &why))
		refuse(p, RC_CONFLICT, why);
	else if (!r->has_cost)
		err_set(&p->refusal, RC_CONFLICT,
			"%s does not show what this product costs, so there is nothing to compare with.", p->ops->name);
	else if (i->has_seen && i->seen != r->cost)
		err_set(&p->refusal, RC_CONFLICT, "The catalogue's cost is %s now; you saw %s. Look at it again.",
			qty_format(r->cost, now), qty_format(i->seen, seen));
	return p->refusal.rc == RC_OK;
}

/* Takes the write up when the PSA can take it; otherwise the words are in `e`. */
static enum rc add_step(struct tx *tx, struct plan *p, struct step *s, struct err *e)
{
	enum rc rc = psa_cost_plan(p->ops, tx_arena(tx), &s->change, &s->calls, e);

	if (rc == RC_OK)
		p->steps[p->count++] = *s;
	return rc;
}

static struct psa_change change_of(const struct plan *p, enum psa_change_kind kind, qty expect)
{
	return (struct psa_change){ .kind = kind,
		.contract_remote_id = "",
		.product_remote_id = p->row.remote_id,
		.expect = expect,
		.want = p->want,
		.effective = DAY_NONE,
		.billed_through = DAY_NONE,
		.currency = p->currency };
}

/* Why a line stays as it is; NULL: it is to be written. */
static const char *why_left(struct tx *tx, const struct plan *p, struct rows *r)
{
	const char *currency = rows_null(r, 7) ? NULL : rows_text(r, 7);

	if (!rows_null(r, 3))
		return arena_printf(tx_arena(tx), "This line is not ours to write: %s", rows_text(r, 3));
	if (currency && *currency && strcmp(currency, p->currency) != 0)
		return arena_printf(
			tx_arena(tx), "Its contract is in %s, and the cost is in %s.", currency, p->currency);
	if (rows_null(r, 2))
		return "The PSA does not show what this line costs.";
	if (p->ask->lines == COST_LINES_SAME && rows_int(r, 2) != p->row.cost)
		return "It has a cost of its own.";
	return NULL;
}

static enum rc take_line(struct tx *tx, struct plan *p, struct rows *r, struct err *e)
{
	struct arena *a = tx_arena(tx);
	struct step s = { .line_id = rows_dup(r, a, 0),
		.contract_id = rows_dup(r, a, 4),
		.contract = rows_dup(r, a, 6),
		.account_id = rows_dup(r, a, 8),
		.account = rows_dup(r, a, 9) };
	struct left left = { s.line_id, s.contract, s.account, why_left(tx, p, r), 0, !rows_null(r, 2) };

	left.cost = left.has_cost ? rows_int(r, 2) : 0;
	if (!left.why && left.cost == p->want)
		return RC_OK;
	if (left.why) {
		p->left[p->left_count++] = left;
		return RC_OK;
	}
	p->own += left.cost != p->row.cost;
	s.change = change_of(p, PSA_SET_LINE_COST, left.cost);
	s.change.line_remote_id = rows_dup(r, a, 1);
	s.change.contract_remote_id = rows_dup(r, a, 5);
	return add_step(tx, p, &s, e);
}

static enum rc take_lines(struct tx *tx, struct plan *p, struct err *e)
{
	enum rc rc = RC_OK, end;
	struct rows r;

	if (p->ask->lines == COST_LINES_NONE || !(p->ops->caps & PSA_CAP_LINE_COST))
		return RC_OK;
	sql_query(tx, &r, SQL_COST_LINES, "ttdi", p->ask->org, p->row.id, day_today(), (int64_t)p->room);
	while (rc == RC_OK && p->refusal.rc == RC_OK && rows_next(&r))
		rc = take_line(tx, p, &r, &p->refusal) == RC_OK ? RC_OK : p->refusal.rc;
	end = rows_end(&r, e);
	return end;
}

/* The plan of one item. A refusal is no error: it is in the plan. */
static enum rc make_plan(struct tx *tx, const struct psa_ops *ops, const struct cost_ask *ask, size_t i,
	const char *currency, struct plan *p, struct err *e)
{
	static const char *const start[2] = { "", "" };
	struct costlist one = { .org = ask->org, .product = ask->item[i].product, .ops = ops, .limit = 1 };
	struct step s = { 0 };
	enum rc rc;

	*p = (struct plan){ .ops = ops, .ask = ask, .currency = currency, .refusal = ERR_INIT };
	rc = cost_rows(tx, &one, currency, start, keep_row, p, e);
	if (rc != RC_OK || !check(tx, p, &ask->item[i]))
		return rc;
	p->room = (size_t)p->row.lines + 1;
	p->steps = arena_array(tx_arena(tx), p->room + 1, sizeof(*p->steps));
	p->left = arena_array(tx_arena(tx), p->room + 1, sizeof(*p->left));
	s.change = change_of(p, PSA_SET_COST, p->row.cost);
	if (p->want != p->row.cost && add_step(tx, p, &s, &p->refusal) != RC_OK)
		return RC_OK;
	rc = take_lines(tx, p, e);
	if (rc == RC_OK && p->refusal.rc == RC_OK && !p->count)
		refuse(p, RC_CONFLICT, "Catalogue and lines have this cost already; nothing is to be written.");
	return rc;
}

static void write_step(struct jsonw *w, const struct step *s)
{
	jsonw_object(w);
	jsonw_kv(w, "what", s->line_id ? "line" : "product");
	jsonw_kv(w, "line_id", s->line_id);
	jsonw_kv(w, "contract", s->contract);
	jsonw_kv(w, "account", s->account);
	jsonw_kv_qty(w, "before", s->change.expect);
	jsonw_kv_qty(w, "after", s->change.want);
	jsonw_key(w, "calls");
	decide_calls_write(w, &s->calls);
	jsonw_end_object(w);
}

static void write_left(struct jsonw *w, const struct left *l)
{
	jsonw_object(w);
	jsonw_kv(w, "line_id", l->line_id);
	jsonw_kv(w, "contract", l->contract);
	jsonw_kv(w, "account", l->account);
	if (l->has_cost)
		jsonw_kv_qty(w, "cost", l->cost);
	else
		jsonw_kv_null(w, "cost");
	jsonw_kv(w, "why", l->why);
	jsonw_end_object(w);
}

static void write_warnings(struct jsonw *w, struct arena *a, const struct plan *p)
{
	jsonw_key(w, "warnings");
	jsonw_array(w);
	if (p->own)
		jsonw_string(
			w, arena_printf(a, "%zu of the lines have a cost of their own, which is replaced.", p->own));
	if (p->ask->lines != COST_LINES_NONE && p->row.lines && !(p->ops->caps & PSA_CAP_LINE_COST))
		jsonw_string(w,
			arena_printf(a, "Only the catalogue is written: lines in %s keep the costs they have.",
				p->ops->name));
	jsonw_end_array(w);
}

static void write_plan(struct jsonw *w, struct arena *a, const struct plan *p, const char *product)
{
	bool ok = p->refusal.rc == RC_OK;

	jsonw_object(w);
	jsonw_kv(w, "id", product);
	jsonw_kv(w, "code", p->found ? p->row.code : NULL);
	jsonw_kv(w, "name", p->found ? p->row.name : NULL);
	jsonw_kv_bool(w, "ok", ok);
	jsonw_kv(w, "detail", ok ? NULL : p->refusal.text);
	jsonw_kv(w, "currency", p->currency);
	if (ok)
		jsonw_kv_qty(w, "cost", p->want);
	else
		jsonw_kv_null(w, "cost");
	jsonw_key(w, "writes");
	jsonw_array(w);
	for (size_t i = 0; ok && i < p->count; i++)
		write_step(w, &p->steps[i]);
	jsonw_end_array(w);
	jsonw_key(w, "left");
	jsonw_array(w);
	for (size_t i = 0; ok && i < p->left_count; i++)
		write_left(w, &p->left[i]);
	jsonw_end_array(w);
	write_warnings(w, a, p);
	jsonw_end_object(w);
}

static enum rc check_ask(const struct cost_ask *ask, struct err *e)
{
	char pointer[64];

	if (!ask->count)
		return err_at(e, RC_INVALID, "/items", "Name at least one product.");
	for (size_t i = 0; i < ask->count; i++) {
		snprintf(pointer, sizeof(pointer), "/items/%zu/cost", i);
		if (ask->item[i].has_cost && ask->item[i].cost < 0)
			return err_at(e, RC_INVALID, pointer, "A cost is not below zero.");
		for (size_t j = 0; j < i; j++) {
			if (strcmp(ask->item[i].product, ask->item[j].product) != 0)
				continue;
			snprintf(pointer, sizeof(pointer), "/items/%zu/id", i);
			return err_at(e, RC_INVALID, pointer, "This product stands in the list twice.");
		}
	}
	return RC_OK;
}

enum rc cost_preview(
	struct tx *tx, const struct psa_ops *ops, const struct cost_ask *ask, struct jsonw *w, struct err *e)
{
	int64_t refused = 0, writes = 0;
	const char *currency;
	struct plan p;
	enum rc rc = check_ask(ask, e);

	if (rc == RC_OK)
		rc = cost_currency(tx, ask->org, &currency, e);
	if (rc != RC_OK)
		return rc;
	jsonw_object(w);
	jsonw_key(w, "items");
	jsonw_array(w);
	for (size_t i = 0; i < ask->count && rc == RC_OK; i++) {
		rc = make_plan(tx, ops, ask, i, currency, &p, e);
		if (rc != RC_OK)
			break;
		write_plan(w, tx_arena(tx), &p, ask->item[i].product);
		refused += p.refusal.rc != RC_OK;
		writes += p.refusal.rc == RC_OK ? (int64_t)p.count : 0;
	}
	jsonw_end_array(w);
	jsonw_kv_bool(w, "ok", refused == 0 && writes <= COST_WRITES_MAX);
	jsonw_kv_int(w, "refused", refused);
	jsonw_kv_int(w, "writes", writes);
	jsonw_end_object(w);
	return rc;
}

static const char *state_text(struct arena *a, const struct plan *p, const struct step *s, qty cost)
{
	AUTO(buf) b = BUF_INIT(16 * 1024);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	if (s->line_id) {
		jsonw_kv(&w, "line", s->change.line_remote_id);
		jsonw_kv(&w, "contract", s->change.contract_remote_id);
	}
	jsonw_kv(&w, "product", p->row.code);
	jsonw_kv_qty(&w, "cost", cost);
	jsonw_kv(&w, "currency", p->currency);
	jsonw_end_object(&w);
	return arena_strdup(a, buf_text(&b));
}

static const char *calls_text(struct arena *a, const struct psa_plan *calls)
{
	AUTO(buf) b = BUF_INIT(256 * 1024);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	decide_calls_write(&w, calls);
	return arena_strdup(a, buf_text(&b));
}

static enum rc add_write(struct tx *tx, const struct plan *p, const struct step *s, const char *batch, struct err *e)
{
	struct arena *a = tx_arena(tx);
	struct write w = {
		.org = p->ask->org,
		.batch_id = batch,
		.card_id = p->row.id,
		.decision_id = batch,
		.account_id = s->account_id ? s->account_id : "",
		.contract_id = s->contract_id ? s->contract_id : "",
		.line_id = s->line_id,
		.product_id = p->row.id,
		.change = s->change,
		.request = calls_text(a, &s->calls),
		.before = state_text(a, p, s, s->change.expect),
		.after = state_text(a, p, s, s->change.want),
	};

	return outbox_add(tx, &w, e);
}

static enum rc approve_one(struct tx *tx, struct plan *p, size_t i, const char *batch, size_t *writes, struct err *e)
{
	char pointer[64];
	enum rc rc = RC_OK;

	snprintf(pointer, sizeof(pointer), "/items/%zu", i);
	if (p->refusal.rc != RC_OK)
		return err_at(e, p->refusal.rc, pointer, "%s", p->refusal.text);
	*writes += p->count;
	if (*writes > COST_WRITES_MAX)
		return err_at(e, RC_INVALID, pointer, "At most %d changes at once; send the rest in another request.",
			COST_WRITES_MAX);
	for (size_t n = 0; n < p->count && rc == RC_OK; n++)
		rc = add_write(tx, p, &p->steps[n], batch, e);
	return FAIL_AFTER(rc, "cost.write_planned", e);
}

enum rc cost_approve(struct tx *tx, const struct psa_ops *ops, const struct principal *who, const struct cost_ask *ask,
	const char **ret_batch, struct err *e)
{
	const char *currency;
	size_t writes = 0;
	struct plan p;
	enum rc rc = check_ask(ask, e);

	*ret_batch = id_make(tx_arena(tx));
	if (rc == RC_OK)
		rc = tx_lock_org(tx, ask->org, e);
	if (rc == RC_OK)
		rc = cost_currency(tx, ask->org, &currency, e);
	if (rc == RC_OK)
		rc = sql_exec(tx, e, SQL_DECIDE_BATCH_ADD,
			"ttttt"
			"ti",
			ask->org, *ret_batch, "cost", (const char *)NULL, ask->note, who->name, clock_now());
	for (size_t i = 0; i < ask->count && rc == RC_OK; i++) {
		rc = make_plan(tx, ops, ask, i, currency, &p, e);
		if (rc == RC_OK)
			rc = approve_one(tx, &p, i, *ret_batch, &writes, e);
	}
	return rc == RC_OK ? job_enqueue(tx, ask->org, JOB_DRAIN, "{}", "", 0, who->name, NULL, e) : rc;
}
