/* rule.h - units decided by rules that explain themselves. Pure: values in, values and words out.
 *
 * Order: sum -> convert -> included -> minimum, maximum -> round or pack -> override. A rule may name a
 * product, an account, a contract; where several rules fit, each step is taken from the one
 * that names the most (contract before account before product, then the older rule). Every step that
 * changes or could have changed the units leaves a line: {"step","text","in","out","rule"?}.
 */
#ifndef CORE_RULE_H
#define CORE_RULE_H

#include "base/clock.h"
#include "base/json.h"
#include "base/num.h"

enum { RULE_CONVERT = 1, RULE_INCLUDED = 2, RULE_MINIMUM = 4, RULE_MAXIMUM = 8, RULE_ROUND = 16 };

#define RULE_ANY UINT32_MAX		/* the scope is not named: fits all */
#define RULE_LOST (UINT32_MAX - 1)	/* it is named but not in the book any more: fits nothing */

/* Scopes are the places of product, account and contract in the caller's arrays. */
struct rule {
	const char *id, *name;
	int64_t version;
	uint32_t product, account, contract;
	unsigned steps;			/* which of the below are set */
	qty convert_mul, convert_div;	/* units * mul / div */
	qty included;			/* free units, taken off */
	qty minimum, maximum;
	enum round_mode round_mode;
	qty round_step;			/* 1 = whole units, 5 = packs of five */
};

/* "Bill this customer N of this product." */
struct override {
	const char *id, *reason;
	uint32_t account, product, contract;	/* contract may be RULE_ANY */
	qty quantity;
	day expires;				/* last day it holds; DAY_NONE = for ever */
};

/* The rule of each step for one line; NULL where none fits. */
struct rule_pick {
	const struct rule *convert, *included, *minimum, *maximum, *round;
	const struct override *override;
};

/* Brings the most specific rules to the front; rule_pick() wants them so. Equal ones keep their order. */
void rule_sort(struct rule *rules, size_t count);
/* Chooses the rules of one line; `contract` RULE_LOST for cards without a single contract. */
void rule_pick(const struct rule *rules, size_t count, uint32_t product, uint32_t account, uint32_t contract,
	struct rule_pick *ret);
bool override_holds(const struct override *o, day today);

/* Runs the steps over `units` (NULL: no count arrived; then only an override gives units) and writes a line for each
 * into the open array of `w` (NULL: only the result is wanted). False: there is no result, because nothing was counted
 * or because the numbers do not fit; the line says so. */
bool rule_apply(const struct rule_pick *pick, const qty *units, struct jsonw *w, qty *ret);

/* Opens and closes one line of a why: text by printf. `in` and `out` NULL are null, `rule_id` NULL is left out.
 * Nothing happens without a writer. */
void why_step(struct jsonw *w, const char *step, const qty *in, const qty *out, const char *rule_id, const char *fmt,
	...) PRINTF(6, 7);

/* Words of round_mode in the store and the API: "up", "down", "nearest". False: no such word. */
bool rule_round_parse(const char *word, enum round_mode *ret);
const char *rule_round_word(enum round_mode mode);

#endif
