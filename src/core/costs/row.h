/* row.h - one product with its costs, as the list and the plan read it. Inside core/costs only. */
#ifndef CORE_COST_ROW_H
#define CORE_COST_ROW_H

#include "core/costs/cost.h"

struct cost_row {
	const char *id, *remote_id, *code, *name, *fold;
	bool has_cost, has_vendor, has_hand;
	qty cost, vendor, hand;
	const char *hand_currency, *set_by;
	utime set_at;
	qty least, most; /* what services say */
	utime said_at;
	int64_t said, foreign; /* services with a cost; those in another currency */
	bool converted; /* a rule counts in other units than the vendor */
	int64_t contracts, lines, lines_differ, open_writes, bad_writes;
	const char *batch, *bad_detail; /* of the last writes, or NULL */
};

/* The organization's currency in the arena of the transaction. */
enum rc cost_currency(struct tx *tx, const char *org, const char **ret, struct err *e) MUST_CHECK;
/* Calls `take` for each row; its texts live in the transaction's arena. */
enum rc cost_rows(struct tx *tx, const struct costlist *l, const char *currency, const char *const after[2],
	void (*take)(void *arg, const struct cost_row *row), void *arg, struct err *e) MUST_CHECK;
/* NULL when the vendor's cost is known; otherwise a word of the API and a sentence. */
const char *cost_unknown(struct arena *a, const struct cost_row *r, const char *currency, const char **ret_why);

#endif
