/* approval.h - changes that two persons must approve, by rule: amount, direction, customer.
 *
 * The first approval of such a card is kept as awaiting; nothing is decided or planned. It takes effect when another
 * signed-in person approves the same card in the same terms. Other terms, or a book that changed, begin anew.
 */
#ifndef CORE_APPROVAL_H
#define CORE_APPROVAL_H

#include "base/json.h"
#include "core/cards/decide.h"

/* Whether the plan needs two persons: the rule's id and name in the arena, NULL when it does not. */
enum rc approval_needed(struct tx *tx, const char *org, const struct decide_plan *p, const char **ret_rule,
	const char **ret_name, struct err *e) MUST_CHECK;
/* One person's approval of a planned card. *ret_awaits: kept until another person's; nothing else is to be done.
 * RC_DENIED: this person was the first already, or a token would be the second. */
enum rc approval_take(struct tx *tx, const struct principal *who, const struct decide_ask *ask,
	const struct decide_plan *p, bool *ret_awaits, struct err *e) MUST_CHECK;
/* Forgets what awaits; RC_NOT_FOUND when nothing does. */
enum rc approval_withdraw(struct tx *tx, const char *org, const char *card, struct err *e) MUST_CHECK;
enum rc approval_list(struct tx *tx, const char *org, const char *after, int64_t limit, struct jsonw *w,
	const char **ret_next, struct err *e) MUST_CHECK;

/* Rules: members name, direction (any, up, down, new), account_id, min_units, min_money. */
enum rc approval_rule_add(struct tx *tx, const struct principal *who, const struct json *body, const char **ret_id,
	struct err *e) MUST_CHECK;
enum rc approval_rule_remove(struct tx *tx, const char *org, const char *id, struct err *e) MUST_CHECK;
/* All of them, or with `id` the one: RC_NOT_FOUND. */
enum rc approval_rule_list(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e) MUST_CHECK;

#endif
