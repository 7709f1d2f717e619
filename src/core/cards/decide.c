#include "core/cards/decide.h"

#include "base/failpoint.h"
#include "base/rand.h"
#include "core/cards/approval.h"
#include "core/job.h"
#include "core/writes/worklist.h"

#include <stdio.h>
#include <string.h>

static const char *const kind_words[DECISION_KIND_MAX] = {
	[DECIDE_APPROVE] = "approve",
	[DECIDE_DISMISS] = "dismiss",
	[DECIDE_CONFIRM] = "confirm",
	[DECIDE_REOPEN] = "reopen",
};

static const char *const states_after[DECISION_KIND_MAX] = {
	[DECIDE_APPROVE] = "approved",
	[DECIDE_DISMISS] = "dismissed",
	[DECIDE_CONFIRM] = "confirmed",
	[DECIDE_REOPEN] = "open",
};

static const qty *known(bool has, const qty *value)
{
	return has ? value : NULL;
}

static enum rc add_batch(struct tx *tx, const struct principal *who, const struct decide_ask *ask, const char *kind,
	const char **ret_id, struct err *e)
{
	*ret_id = id_make(tx_arena(tx));
	return sql_exec(tx, e, SQL_DECIDE_BATCH_ADD,
		"ttttt"
		"ti",
		ask->org, *ret_id, kind, (const char *)NULL, ask->note, who->name, clock_now());
}

struct decided {
	const struct decide_plan *plan;
	const struct decide_ask *ask;
	enum decision_kind kind;
	const char *batch, *id;
	const qty *reconciled;
};

static enum rc add_decision(struct tx *tx, const struct principal *who, struct decided *d, struct err *e)
{
	const struct decide_plan *p = d->plan;
	day effective = d->kind == DECIDE_APPROVE ? p->change.effective : d->ask->effective;
	utime now = clock_now();

	d->id = id_make(tx_arena(tx));
	if (sql_exec(tx, e, SQL_DECIDE_ADD, "ttitttQQQtdttti", d->ask->org, d->id, seq_next(), p->card_id, d->batch,
		    kind_words[d->kind], d->reconciled, known(p->has_psa, &p->seen_psa),
		    known(p->has_target, &p->seen_target), p->line_id, effective, d->ask->note, who->name, who->id,
		    now) != RC_OK)
		return e->rc;
	return sql_exec(tx, e, SQL_DECIDE_CARD_STATE, "tttQdti", d->ask->org, p->card_id, states_after[d->kind],
		d->reconciled, effective, d->id, now);
}

static const char *line_text(struct arena *a, const struct decide_plan *p, qty quantity)
{
	AUTO(buf) b = BUF_INIT(16 * 1024);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	jsonw_kv(&w, "line", p->line.remote_id);
	jsonw_kv(&w, "contract", p->change.contract_remote_id);
	jsonw_kv(&w, "product", p->product_code);
	jsonw_kv_qty(&w, "quantity", quantity);
	jsonw_end_object(&w);
	return arena_strdup(a, buf_text(&b));
}

static const char *request_text(struct arena *a, const struct psa_plan *calls)
{
	AUTO(buf) b = BUF_INIT(256 * 1024);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	decide_calls_write(&w, calls);
	return arena_strdup(a, buf_text(&b));
}

static enum rc add_write(struct tx *tx, const struct principal *who, const struct decided *d, struct err *e)
{
	const struct decide_plan *p = d->plan;
	struct arena *a = tx_arena(tx);
	struct write w = {
		.org = d->ask->org,
		.batch_id = d->batch,
		.card_id = p->card_id,
		.decision_id = d->id,
		.account_id = p->account_id,
		.contract_id = p->contract_id,
		.line_id = p->line_id,
		.product_id = p->product_id,
		.change = p->change,
		.request = request_text(a, &p->calls),
		.before = p->line.remote_id ? line_text(a, p, p->line.quantity) : NULL,
		.after = line_text(a, p, p->change.want),
	};

	enum rc rc = outbox_add(tx, &w, e);

	return rc == RC_OK && w.change.by_hand ? worklist_put(tx, who, &w, e) : rc;
}

/* A refusal of card i as the caller's error, with the place in the request. */
static enum rc refuse(const struct decide_ask *ask, size_t i, const struct err *refusal, struct err *e)
{
	char pointer[64];

	snprintf(pointer, sizeof(pointer), "/ids/%zu", i);
	return err_at(e, refusal->rc, refusal->pointer[0] ? refusal->pointer : pointer, "%s", refusal->text);
}

static enum rc approve_one(struct tx *tx, const struct psa_ops *ops, const struct principal *who,
	const struct decide_ask *ask, size_t i, struct decide_done *done, struct err *e)
{
	struct decide_plan p;
	struct decided d = { &p, ask, DECIDE_APPROVE, done->batch, NULL, &p.reconciled };
	bool awaits = false;
	enum rc rc = FAIL_AFTER(decide_plan(tx, tx_arena(tx), ops, ask, i, &p, e), "approve.planned", e);

	if (rc == RC_OK && p.refusal.rc != RC_OK)
		return refuse(ask, i, &p.refusal, e);
	if (rc == RC_OK)
		rc = FAIL_AFTER(approval_take(tx, who, ask, &p, &awaits, &p.refusal), "approve.persons", &p.refusal);
	if (rc != RC_OK && p.refusal.rc != RC_OK)
		return refuse(ask, i, &p.refusal, e);
	if (rc == RC_OK && awaits) {
		done->awaiting[done->awaiting_count++] = p.card_id;
		return RC_OK;
	}
	if (rc == RC_OK)
		rc = FAIL_AFTER(add_decision(tx, who, &d, e), "approve.decided", e);
	return rc == RC_OK ? FAIL_AFTER(add_write(tx, who, &d, e), "approve.write_planned", e) : rc;
}

static enum rc check_ask(const struct decide_ask *ask, struct err *e)
{
	if (ask->count == 0)
		return err_at(e, RC_INVALID, "/ids", "Name at least one card.");
	if (ask->count > DECIDE_CARDS_MAX)
		return err_at(e, RC_INVALID, "/ids", "At most %d cards at once; send the rest in another request.",
			DECIDE_CARDS_MAX);
	if (ask->count > 1 && (ask->line_id || ask->quantity))
		return err_at(e, RC_INVALID, ask->line_id ? "/line_id" : "/quantity",
			"A line or a quantity can be given for one card at a time.");
	return RC_OK;
}

enum rc decide_approve(struct tx *tx, const struct psa_ops *ops, const struct principal *who,
	const struct decide_ask *ask, struct decide_done *ret, struct err *e)
{
	enum rc rc = check_ask(ask, e);

	*ret = (struct decide_done){ .awaiting = arena_array(tx_arena(tx), ask->count + 1, sizeof(char *)) };
	if (rc == RC_OK)
		rc = FAIL_AFTER(tx_lock_org(tx, ask->org, e), "approve.locked", e);
	if (rc == RC_OK)
		rc = FAIL_AFTER(add_batch(tx, who, ask, "approve", &ret->batch, e), "approve.batch", e);
	for (size_t i = 0; i < ask->count && rc == RC_OK; i++)
		rc = approve_one(tx, ops, who, ask, i, ret, e);
	if (rc != RC_OK)
		return rc;
	event_tell(tx, ask->org, "cards", "{\"what\":\"decided\"}");
	return FAIL_AFTER(job_enqueue(tx, ask->org, JOB_DRAIN, "{}", "", 0, who->name, NULL, e), "approve.queued", e);
}

static enum rc close_one(struct tx *tx, const struct principal *who, const struct decide_ask *ask, size_t i,
	enum decision_kind kind, const char *batch, struct err *e)
{
	struct decide_plan p = { .card_id = ask->card_ids[i] };
	struct decided d = { &p, ask, kind, batch, NULL, NULL };
	enum rc rc = decide_look(tx, tx_arena(tx), ask, i, kind, &p, e);

	if (rc == RC_OK && p.refusal.rc != RC_OK)
		return refuse(ask, i, &p.refusal, e);
	if (rc != RC_OK)
		return rc;
	if (kind == DECIDE_CONFIRM)
		d.reconciled = known(p.has_psa, &p.seen_psa);
	rc = add_decision(tx, who, &d, e);
	/* Whatever a first person approved is decided otherwise now. */
	return rc == RC_OK ? sql_exec(tx, e, SQL_APPROVAL_AWAITING_REMOVE, "tt", ask->org, p.card_id) : rc;
}

enum rc decide_close(struct tx *tx, const struct principal *who, const struct decide_ask *ask, enum decision_kind kind,
	const char **ret_batch, struct err *e)
{
	enum rc rc = check_ask(ask, e);

	if (rc == RC_OK)
		rc = tx_lock_org(tx, ask->org, e);
	if (rc == RC_OK)
		rc = add_batch(tx, who, ask, kind_words[kind], ret_batch, e);
	for (size_t i = 0; i < ask->count && rc == RC_OK; i++)
		rc = close_one(tx, who, ask, i, kind, *ret_batch, e);
	if (rc == RC_OK)
		event_tell(tx, ask->org, "cards", "{\"what\":\"decided\"}");
	return rc;
}
