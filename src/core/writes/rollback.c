#include "core/writes/rollback.h"

#include "base/rand.h"
#include "core/book/book.h"
#include "core/cards/decide.h"
#include "core/job.h"
#include "core/writes/worklist.h"

#include <string.h>

struct undo {
	const char *org, *batch;
	const struct psa_ops *ops;
	const struct principal *who;
	int64_t planned, taken_back;
};

/* What undoes a change: an in-place quantity goes back to what it was, a begun or added line is taken away
 * again. The connector finds both halves of a dated change in the journal. */
static struct psa_change inverse(const struct write *w)
{
	struct psa_change c = w->change;

	c.journal = NULL;
	c.effective = DAY_NONE;
	c.expect = w->change.want;
	c.want = w->change.expect;
	c.line_remote_id = w->result_line_remote_id ? w->result_line_remote_id : w->change.line_remote_id;
	if (w->change.kind == PSA_SET_QUANTITY || psa_is_cost(w->change.kind)) {
		c.journal_text = NULL;
		return c;
	}
	c.kind = PSA_REMOVE_ADDED;
	c.effective = w->change.effective;
	if (w->change.kind == PSA_ADD_LINE)
		c.want = 0;
	return c;
}

static const char *calls_text(struct arena *a, const struct psa_plan *calls)
{
	AUTO(buf) b = BUF_INIT(256 * 1024);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	decide_calls_write(&w, calls);
	return arena_strdup(a, buf_text(&b));
}

static enum rc plan_undo(struct tx *tx, struct undo *u, const struct write *w, struct err *e)
{
	struct write undo = *w;
	struct psa_contract contract = { .remote_id = w->change.contract_remote_id,
		.prorates = true,
		.start = DAY_NONE,
		.end = DAY_NONE,
		.billed_through = w->change.billed_through };
	struct psa_line line = { .remote_id = w->result_line_remote_id,
		.contract_remote_id = w->change.contract_remote_id,
		.product_remote_id = w->change.product_remote_id,
		.quantity = w->change.want,
		.effective = w->change.effective,
		.cancelled = DAY_NONE };
	struct psa_plan calls = { 0 };
	enum rc rc;

	undo.change = inverse(w);
	undo.batch_id = u->batch;
	undo.rollback_of = w->id;
	undo.before = w->read_back ? w->read_back : w->after;
	undo.after = w->before;
	if (!line.remote_id)
		line.remote_id = undo.change.line_remote_id;
	rc = psa_is_cost(undo.change.kind) ? RC_OK : worklist_way(tx, tx_arena(tx), u->ops, u->org, &undo.change, e);
	if (rc != RC_OK)
		return rc;
	rc = psa_is_cost(undo.change.kind) ? psa_cost_plan(u->ops, tx_arena(tx), &undo.change, &calls, e)
					   : u->ops->plan(tx_arena(tx), &undo.change, &line, &contract, &calls, e);
	if (rc != RC_OK)
		return err_set(e, RC_CONFLICT, "Write %s cannot be put back: %s", w->id, e->text);
	undo.request = calls_text(tx_arena(tx), &calls);
	u->planned++;
	rc = outbox_add(tx, &undo, e);
	return rc == RC_OK && undo.change.by_hand ? worklist_put(tx, u->who, &undo, e) : rc;
}

static enum rc take_back(struct tx *tx, struct undo *u, struct write *w, struct err *e)
{
	struct write_move m = { .to = WRITE_ROLLED_BACK,
		.detail = w->state == WRITE_LISTED ? "Taken off the work list." : "Taken back before it was sent." };

	u->taken_back++;
	return outbox_move(tx, u->who, w, &m, e);
}

/* The ids of the book are made of the PSA's kind: a write of another PSA has others. */
static bool is_ours(struct tx *tx, const struct undo *u, const struct write *w)
{
	bool product = w->change.kind == PSA_SET_COST;
	const char *id = book_id(tx_arena(tx), u->org, u->ops->kind, product ? "product" : "contract",
		product ? w->change.product_remote_id : w->change.contract_remote_id);

	return strcmp(id, product ? w->product_id : w->contract_id) == 0;
}

static enum rc undo_one(struct tx *tx, struct undo *u, const char *id, struct err *e)
{
	struct write w;
	enum rc rc = outbox_get(tx, tx_arena(tx), u->org, id, &w, e);

	if (rc != RC_OK)
		return rc;
	if (w.state == WRITE_SENDING || w.state == WRITE_UNKNOWN)
		return err_set(e, RC_CONFLICT,
			"Write %s is on its way and its outcome is not known yet. Wait until it is, then roll back.",
			w.id);
	if (w.state == WRITE_PLANNED || w.state == WRITE_LISTED)
		return take_back(tx, u, &w, e);
	if (w.state == WRITE_APPLIED && !is_ours(tx, u, &w))
		return err_set(e, RC_CONFLICT,
			"Write %s was made in the PSA that was connected before. Put it back there, by hand.", w.id);
	return w.state == WRITE_APPLIED ? plan_undo(tx, u, &w, e) : RC_OK;
}

struct id_list {
	const char **id;
	size_t count;
};

/* Newest first, so that two changes of one line come off in the right order. Those that an earlier rollback is
 * already undoing are left out. */
static enum rc list_writes(struct tx *tx, const char *org, const char *batch, struct id_list *ret, struct err *e)
{
	int64_t count = 0;
	struct rows r;
	enum rc rc = sql_int(tx, &count, e, SQL_ROLLBACK_COUNT, "tt", org, batch);

	*ret = (struct id_list){ arena_array(tx_arena(tx), (size_t)count + 1, sizeof(char *)), 0 };
	if (rc != RC_OK)
		return rc;
	sql_query(tx, &r, SQL_ROLLBACK_WRITES, "tt", org, batch);
	while (rows_next(&r) && ret->count < (size_t)count)
		ret->id[ret->count++] = rows_dup(&r, tx_arena(tx), 0);
	return rows_end(&r, e);
}

static enum rc check_batch(struct tx *tx, const char *org, const char *batch, struct err *e)
{
	bool found = false;
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_DECIDE_BATCH_GET, "tt", org, batch);
	found = rows_next(&r);
	rc = rows_end(&r, e);
	if (rc == RC_OK && !found)
		return err_set(e, RC_NOT_FOUND, "There is no batch %s.", batch);
	return rc;
}

static enum rc undo_all(struct tx *tx, struct undo *u, const char *batch, struct err *e)
{
	struct id_list ids;
	enum rc rc = list_writes(tx, u->org, batch, &ids, e);

	for (size_t i = 0; i < ids.count && rc == RC_OK; i++)
		rc = undo_one(tx, u, ids.id[i], e);
	if (rc == RC_OK && !u->planned && !u->taken_back)
		return err_set(
			e, RC_CONFLICT, "Nothing of this batch stands in the PSA, so there is nothing to put back.");
	return rc;
}

enum rc rollback_batch(struct tx *tx, const struct psa_ops *ops, const struct principal *who, const char *org,
	const char *batch_id, const char *note, const char **ret_batch, struct err *e)
{
	struct undo u = { .org = org, .ops = ops, .who = who };
	enum rc rc = tx_lock_org(tx, org, e);

	if (rc == RC_OK)
		rc = check_batch(tx, org, batch_id, e);
	if (rc != RC_OK)
		return rc;
	u.batch = id_make(tx_arena(tx));
	*ret_batch = u.batch;
	rc = sql_exec(tx, e, SQL_DECIDE_BATCH_ADD, "tttttti", org, u.batch, "rollback", batch_id, note, who->name,
		clock_now());
	if (rc == RC_OK)
		rc = undo_all(tx, &u, batch_id, e);
	if (rc == RC_OK)
		rc = job_enqueue(tx, org, JOB_REBUILD, "{}", "", 0, who->name, NULL, e);
	if (rc == RC_OK && u.planned)
		rc = job_enqueue(tx, org, JOB_DRAIN, "{}", "", 0, who->name, NULL, e);
	return rc;
}
