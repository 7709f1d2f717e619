/* outbox.h - changes on their way to the PSA: each is written once, or known not to be.
 *
 * A write is planned in the transaction of its decision. One function moves its state; every move is a
 * step in the record, and every end of a write is a row in the log.
 *
 *   planned -> sending -> applied | conflict | refused | failed | unknown
 *   sending -> planned      surely not applied, to be tried again
 *   unknown -> applied | conflict | refused | failed | planned, by reading only
 *   applied -> rolled_back  when the write that undoes it is applied
 *   planned -> rolled_back  taken back before it was sent
 *   planned -> listed       a person makes it in the PSA: on the work list, never sent (core/writes/worklist.h)
 *   listed  -> applied | refused | rolled_back
 */
#ifndef CORE_OUTBOX_H
#define CORE_OUTBOX_H

#include "core/people/access.h"
#include "psa/psa.h"
#include "db/db.h"

enum write_state {
	WRITE_PLANNED,
	WRITE_SENDING,
	WRITE_APPLIED,
	WRITE_CONFLICT,
	WRITE_REFUSED,
	WRITE_FAILED,
	WRITE_UNKNOWN,
	WRITE_ROLLED_BACK,
	WRITE_LISTED,
	WRITE_STATE_MAX
};

const char *write_state_name(enum write_state s);

struct write {
	const char *org, *id, *batch_id;
	const char *card_id; /* of a cost: the id of the product */
	const char *decision_id; /* of a cost: that of the batch */
	const char *rollback_of;		/* the write that this one undoes, or NULL */
	enum write_state state;
	const char *account_id, *contract_id; /* "" for the cost of a product */
	const char *line_id, *product_id;
	struct psa_change change;		/* its journal_text is the resume mark */
	const char *request, *before, *after, *read_back, *detail;	/* JSON texts, a sentence */
	const char *result_line_remote_id;
	int64_t attempts;
	utime next_try_at, created_at, updated_at;	/* 0 = none */
};

/* Records a planned write; `w->id` is set. The caller queues a drain. */
enum rc outbox_add(struct tx *tx, struct write *w, struct err *e);
/* RC_NOT_FOUND. Everything in the arena. */
enum rc outbox_get(struct tx *tx, struct arena *a, const char *org, const char *id, struct write *ret, struct err *e);

struct write_move {
	enum write_state to;
	const char *detail;		/* a sentence for the person, NULL when there is nothing to say */
	const char *owner;		/* who sends: set for WRITE_SENDING only */
	utime next_try_at;		/* 0 = at once */
	bool attempt;			/* counts as a try */
	const struct psa_result *result;	/* before, read-back and line to keep, or NULL */
};

/* The only way a state changes. BUG for a move that the picture above does not have; RC_CONFLICT when somebody
 * else moved it. Ends are written to the log under `who`, and browsers are told. */
enum rc outbox_move(struct tx *tx, const struct principal *who, struct write *w, const struct write_move *m,
	struct err *e);

/* After an undoing write was applied: the one it undoes reaches its end. */
enum rc outbox_undone(struct tx *tx, const struct principal *who, const struct write *undoing, struct err *e);

/* The next write of an organization that is due, or RC_NOT_FOUND. */
enum rc outbox_next(struct tx *tx, struct arena *a, const char *org, struct write *ret, struct err *e);
/* How often it was sent - looking it up in the PSA does not count - and the words of what came of it the last time, in
 * the transaction's arena; NULL when there are none. */
enum rc outbox_sent(struct tx *tx, const struct write *w, int64_t *ret_count, const char **ret_words, struct err *e);
/* How many are not at their end, and when the earliest of them is due (0 = now). */
enum rc outbox_waiting(struct tx *tx, const char *org, int64_t *ret_count, utime *ret_due, struct err *e);
/* Keeps the connector's resume mark. RC_CONFLICT: we are not the ones who send any more; stop. */
enum rc outbox_journal(struct tx *tx, const struct write *w, const char *owner, const char *text, struct err *e);

#endif
