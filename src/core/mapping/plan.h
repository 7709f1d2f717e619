/* plan.h - mapping and rules from a file: what differs from the store, and making it so.
 *
 *   {"integrations":[{"integration":NAME,
 * "accounts":[{"account":VENDOR_ID,"psa_account":NAME | "status":"excluded"|"unmapped","detect_new_revenue"?}],
 * "services":[{"service":VENDOR_ID,"products":[CODE],"mode"?,"unit_basis"?,"detect_new_revenue"? | "status"}]}],
 *    "rules":[{"name", "product"?,"account"?,"contract"?, and the numbers as in core/rules/rulestore.h}],
 *    "overrides":[{"account","product","contract"?,"quantity","reason","expires"?}]}
 *
 * Everything is named by its id or by the name people know, which then must be clear. Accounts and services that the
 * file does not name stay as they are. `rules` and `overrides`, when they are there, are all there shall be: what the
 * store has beyond them is removed. A rule is known by its name, an override by account, product and contract.
 */
#ifndef CORE_PLAN_H
#define CORE_PLAN_H

#include "base/json.h"
#include "core/people/access.h"
#include "db/db.h"

/* Makes the store as the file says, in the caller's write, each change with its row in the log, and writes
 * {"action","object","before","after"} of each into the open array of `w`. To look first, let the transaction fail:
 * what would be refused is found that way too. RC_INVALID with a pointer into the file. */
enum rc plan_apply(struct tx *tx, const struct principal *who, const struct json *file, struct jsonw *w,
	int64_t *ret_changes, struct err *e) MUST_CHECK;

#endif
