/* decide.h - a person's decision about cards, and the change in the PSA that follows from it.
 *
 * plan says what would happen, decide makes it so: decision, planned write and card state in the
 * caller's transaction. What was asked for is checked against the book as it is now; a card that
 * leaves a choice open is refused with the choices named, never guessed.
 */
#ifndef CORE_DECIDE_H
#define CORE_DECIDE_H

#include "core/people/access.h"
#include "core/writes/outbox.h"

enum decision_kind { DECIDE_APPROVE, DECIDE_DISMISS, DECIDE_CONFIRM, DECIDE_REOPEN, DECISION_KIND_MAX };

#define DECIDE_CARDS_MAX 5000

struct decide_ask {
	const char *org;
	const char *const *card_ids;
	size_t count;
	const qty *quantity;		/* NULL: the reconciled units of each card */
	day effective;			/* DAY_NONE: at once */
	const char *contract_id;	/* where a new line goes, or which of several lines */
	const char *line_id;		/* which of several lines */
	const char *note;
};

/* What approving one card would do. Texts live in the arena given to decide_plan(). */
struct decide_plan {
	const char *card_id;
	struct err refusal;		/* rc RC_OK: it can be done */
	struct psa_change change;
	struct psa_line line;		/* as it is now; empty for a new line */
	const char *account_id, *account_name, *product_id, *product_name, *product_code;
	const char *contract_id, *contract_name, *line_id, *currency;
	qty reconciled;			/* units the card will be reconciled to */
	qty seen_psa, seen_target;
	bool has_psa, has_target;
	qty price;
	bool has_price;
	struct psa_plan calls;
	const char *two_persons;	/* name of the rule by which another person must approve it too; NULL: none */
	const char *choices;		/* JSON, when a choice is missing */
	const char *kind, *state;	/* of the card */
};

/* Plans one card of the ask. A refusal is no error: it is in the plan. */
enum rc decide_plan(struct tx *tx, struct arena *a, const struct psa_ops *ops, const struct decide_ask *ask, size_t i,
	struct decide_plan *ret, struct err *e);
/* Reads the card into `ret` and checks that a decision of this kind can be made; a refusal is in the plan. */
enum rc decide_look(struct tx *tx, struct arena *a, const struct decide_ask *ask, size_t i, enum decision_kind kind,
	struct decide_plan *ret, struct err *e);
/* The exact calls as an array of {"method","path","body","purpose"}. */
void decide_calls_write(struct jsonw *w, const struct psa_plan *calls);
/* One item of POST /cards/preview. */
void decide_plan_write(struct jsonw *w, const struct decide_plan *p);

/* What became of an approval; in the transaction's arena. */
struct decide_done {
	const char *batch;
	const char **awaiting;		/* cards that another person must approve as well (core/cards/approval.h) */
	size_t awaiting_count;
};

/* Approves all cards of the ask or none: RC_CONFLICT, RC_INVALID or RC_DENIED names the first that cannot be, with the
 * pointer /ids/N. Queues the drain. */
enum rc decide_approve(struct tx *tx, const struct psa_ops *ops, const struct principal *who,
	const struct decide_ask *ask, struct decide_done *ret, struct err *e);
/* Dismisses (no action until a new value comes), confirms (units agree), or reopens what was dismissed or confirmed.
 * All or none, as above. */
enum rc decide_close(struct tx *tx, const struct principal *who, const struct decide_ask *ask, enum decision_kind kind,
	const char **ret_batch, struct err *e);

#endif
