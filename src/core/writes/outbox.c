#include "core/writes/outbox.h"

#include "base/failpoint.h"
#include "base/rand.h"
#include "core/audit.h"
#include "core/job.h"

#include <string.h>

static const char *const state_names[WRITE_STATE_MAX] = {
	[WRITE_PLANNED] = "planned",
	[WRITE_SENDING] = "sending",
	[WRITE_APPLIED] = "applied",
	[WRITE_CONFLICT] = "conflict",
	[WRITE_REFUSED] = "refused",
	[WRITE_FAILED] = "failed",
	[WRITE_UNKNOWN] = "unknown",
	[WRITE_ROLLED_BACK] = "rolled_back",
	[WRITE_LISTED] = "listed",
};

static const char *const kind_names[] = {
	[PSA_SET_QUANTITY] = "set_quantity",
	[PSA_SET_FROM_DATE] = "set_from_date",
	[PSA_ADD_LINE] = "add_line",
	[PSA_REMOVE_ADDED] = "remove_added",
	[PSA_SET_COST] = "set_cost",
	[PSA_SET_LINE_COST] = "set_line_cost",
};

#define TO(s) (1u << WRITE_##s)

/* The picture of outbox.h. */
static const unsigned allowed[WRITE_STATE_MAX] = {
	[WRITE_PLANNED] = TO(SENDING) | TO(ROLLED_BACK) | TO(REFUSED) | TO(LISTED),
	[WRITE_SENDING] = TO(APPLIED) | TO(CONFLICT) | TO(REFUSED) | TO(FAILED) | TO(UNKNOWN) | TO(PLANNED),
	[WRITE_UNKNOWN] = TO(APPLIED) | TO(CONFLICT) | TO(REFUSED) | TO(FAILED) | TO(PLANNED) | TO(UNKNOWN),
	[WRITE_APPLIED] = TO(ROLLED_BACK),
	[WRITE_LISTED] = TO(APPLIED) | TO(REFUSED) | TO(ROLLED_BACK),
};

const char *write_state_name(enum write_state s)
{
	return s < WRITE_STATE_MAX ? state_names[s] : "?";
}

static int index_of(const char *const *names, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], word) == 0)
			return (int)i;
	}
	BUG("the store holds the unknown word %s", word);
}

static const qty *price_of(const struct psa_change *c)
{
	return c->has_price ? &c->unit_price : NULL;
}

static enum rc add_step(struct tx *tx, const struct write *w, enum write_state to, const char *detail, struct err *e)
{
	return sql_put(tx, e, SQL_OUTBOX_STEP_ADD, "ttiittt", w->org, w->id, seq_next(), clock_now(),
		write_state_name(w->state), write_state_name(to), detail);
}

enum rc outbox_add(struct tx *tx, struct write *w, struct err *e)
{
	const struct psa_change *c = &w->change;
	enum rc rc;

	w->id = id_make(tx_arena(tx));
	w->state = WRITE_PLANNED;
	rc = sql_exec(tx, e, SQL_OUTBOX_ADD,
		"ttittttt"
		"tttttttqqddQtttttit",
		w->org, w->id, seq_next(), w->batch_id, w->card_id, w->decision_id, w->rollback_of, kind_names[c->kind],
		w->account_id, w->contract_id, w->line_id, w->product_id, c->contract_remote_id, c->line_remote_id,
		c->product_remote_id, c->expect, c->want, c->effective, c->billed_through, price_of(c), c->description,
		w->request, c->journal_text, w->before, w->after, clock_now(), c->currency);
	rc = FAIL_AFTER(rc, "outbox.added", e);
	return rc == RC_OK ? FAIL_AFTER(add_step(tx, w, WRITE_PLANNED, NULL, e), "outbox.first_step", e) : rc;
}

static void read_change(struct rows *r, struct arena *a, struct psa_change *c)
{
	c->kind = (enum psa_change_kind)index_of(kind_names, ARRAY_LEN(kind_names), rows_text(r, 5));
	c->contract_remote_id = rows_dup(r, a, 11);
	c->line_remote_id = rows_dup(r, a, 12);
	c->product_remote_id = rows_dup(r, a, 13);
	c->expect = rows_int(r, 14);
	c->want = rows_int(r, 15);
	c->effective = rows_day(r, 16);
	c->billed_through = rows_day(r, 17);
	c->has_price = !rows_null(r, 18);
	c->unit_price = rows_int(r, 18);
	c->description = rows_dup(r, a, 19);
	c->journal_text = rows_dup(r, a, 21);
	c->currency = rows_null(r, 34) ? NULL : rows_dup(r, a, 34);
}

/* Columns as in outbox_get. */
static void read_write(struct rows *r, struct arena *a, const char *org, struct write *w)
{
	memset(w, 0, sizeof(*w));
	w->org = arena_strdup(a, org);
	w->id = rows_dup(r, a, 0);
	w->batch_id = rows_dup(r, a, 1);
	w->card_id = rows_dup(r, a, 2);
	w->decision_id = rows_dup(r, a, 3);
	w->rollback_of = rows_dup(r, a, 4);
	w->state = (enum write_state)index_of(state_names, WRITE_STATE_MAX, rows_text(r, 6));
	w->account_id = rows_dup(r, a, 7);
	w->contract_id = rows_dup(r, a, 8);
	w->line_id = rows_dup(r, a, 9);
	w->product_id = rows_dup(r, a, 10);
	read_change(r, a, &w->change);
	w->request = rows_dup(r, a, 20);
	w->before = rows_dup(r, a, 22);
	w->after = rows_dup(r, a, 23);
	w->read_back = rows_dup(r, a, 24);
	w->result_line_remote_id = rows_dup(r, a, 25);
	w->detail = rows_dup(r, a, 26);
	w->attempts = rows_int(r, 27);
	w->next_try_at = rows_int(r, 28);
	w->created_at = rows_int(r, 29);
	w->updated_at = rows_int(r, 30);
}

enum rc outbox_get(struct tx *tx, struct arena *a, const char *org, const char *id, struct write *ret, struct err *e)
{
	bool found = false;
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_OUTBOX_GET, "tt", org, id);
	if (rows_next(&r)) {
		found = true;
		read_write(&r, a, org, ret);
	}
	rc = rows_end(&r, e);
	if (rc == RC_OK && !found)
		return err_set(e, RC_NOT_FOUND, "There is no write %s.", id);
	return rc;
}

static enum rc log_end(
	struct tx *tx, const struct principal *who, const struct write *w, const struct write_move *m, struct err *e)
{
	struct arena *a = tx_arena(tx);
	const char *read_back = m->result ? m->result->read_back : NULL;
	const char *before = m->result && m->result->before ? m->result->before : w->before;
	struct audit_entry entry = {
		.event = arena_printf(a, "write.%s", write_state_name(m->to)),
		.object = arena_printf(
			a, "write %s %s %s", w->id, psa_is_cost(w->change.kind) ? "product" : "card", w->card_id),
		.before = before,
		.after = read_back ? read_back : w->after,
		.why = m->detail,
	};

	return audit_append(tx, who, &entry, e);
}

static bool is_end(enum write_state s)
{
	return s != WRITE_PLANNED && s != WRITE_SENDING && s != WRITE_UNKNOWN && s != WRITE_LISTED;
}

static enum rc keep_result(struct tx *tx, const struct write *w, const struct psa_result *p, struct err *e)
{
	if (!p)
		return RC_OK;
	return sql_exec(tx, e, SQL_OUTBOX_RESULT, "ttttt", w->org, w->id, p->before, p->read_back, p->line_remote_id);
}

enum rc outbox_move(
	struct tx *tx, const struct principal *who, struct write *w, const struct write_move *m, struct err *e)
{
	enum rc rc;

	if (!(allowed[w->state] & (1u << m->to)))
		BUG("write %s: %s -> %s", w->id, write_state_name(w->state), write_state_name(m->to));
	rc = sql_exec(tx, e, SQL_OUTBOX_MOVE, "ttttttIii", w->org, w->id, write_state_name(w->state),
		write_state_name(m->to), m->detail, m->owner, m->next_try_at ? &m->next_try_at : NULL,
		(int64_t)m->attempt, clock_now());
	if (rc == RC_OK && sql_changes(tx) != 1)
		return err_set(e, RC_CONFLICT, "Somebody else moved write %s in the meantime.", w->id);
	rc = FAIL_AFTER(rc, "outbox.moved", e);
	if (rc == RC_OK)
		rc = keep_result(tx, w, m->result, e);
	if (rc == RC_OK)
		rc = FAIL_AFTER(add_step(tx, w, m->to, m->detail, e), "outbox.step", e);
	if (rc == RC_OK && is_end(m->to))
		rc = FAIL_AFTER(log_end(tx, who, w, m, e), "outbox.end_logged", e);
	if (rc != RC_OK)
		return rc;
	event_tell(tx, w->org, "writes",
		arena_printf(tx_arena(tx), "{\"id\":\"%s\",\"batch\":\"%s\",\"card\":\"%s\",\"state\":\"%s\"}", w->id,
			w->batch_id, w->card_id, write_state_name(m->to)));
	w->state = m->to;
	return RC_OK;
}

enum rc outbox_undone(struct tx *tx, const struct principal *who, const struct write *undoing, struct err *e)
{
	struct write_move m = { .to = WRITE_ROLLED_BACK, .detail = "Rolled back." };
	struct write undone = { 0 };
	enum rc rc = outbox_get(tx, tx_arena(tx), undoing->org, undoing->rollback_of, &undone, e);

	return rc == RC_OK ? outbox_move(tx, who, &undone, &m, e) : rc;
}

enum rc outbox_next(struct tx *tx, struct arena *a, const char *org, struct write *ret, struct err *e)
{
	utime now = clock_now();
	char *id;
	enum rc rc = sql_text(tx, a, &id, e, SQL_OUTBOX_NEXT, "tii", org, now, now + JOB_AHEAD);

	return rc == RC_OK ? outbox_get(tx, a, org, id, ret, e) : rc;
}

enum rc outbox_sent(struct tx *tx, const struct write *w, int64_t *ret_count, const char **ret_words, struct err *e)
{
	struct rows r;

	*ret_count = 0;
	*ret_words = NULL;
	sql_query(tx, &r, SQL_OUTBOX_SENT, "tt", w->org, w->id);
	if (rows_next(&r)) {
		*ret_count = rows_int(&r, 0);
		*ret_words = rows_null(&r, 1) ? NULL : rows_dup(&r, tx_arena(tx), 1);
	}
	return rows_end(&r, e);
}

enum rc outbox_waiting(struct tx *tx, const char *org, int64_t *ret_count, utime *ret_due, struct err *e)
{
	struct rows r;

	*ret_count = 0;
	*ret_due = 0;
	sql_query(tx, &r, SQL_OUTBOX_WAITING, "t", org);
	if (rows_next(&r)) {
		*ret_count = rows_int(&r, 0);
		*ret_due = rows_int(&r, 1);
	}
	return rows_end(&r, e);
}

enum rc outbox_journal(struct tx *tx, const struct write *w, const char *owner, const char *text, struct err *e)
{
	enum rc rc = sql_exec(tx, e, SQL_OUTBOX_JOURNAL, "tttti", w->org, w->id, owner, text, clock_now());

	if (rc == RC_OK && sql_changes(tx) != 1)
		return err_set(e, RC_CONFLICT, "Write %s is sent by another server now; stop here.", w->id);
	return rc;
}
