/* psaswitch.h - from one PSA to another without losing anything.
 *
 * Ids of the book are made of the PSA's kind and its own ids, so another PSA brings other customers and products.
 * After its first full reading the old ones are gone from the book but stay in the store, with their history, and
 * whatever a person said about them - mappings, rules, overrides, tags, approval rules, accepted names - still names
 * them. A switch finds the new ones by number, name and domain, shows what it found, and moves what a person agreed
 * to. What is not moved waits where it is.
 */
#ifndef CORE_PSASWITCH_H
#define CORE_PSASWITCH_H

#include "base/json.h"
#include "core/people/access.h"
#include "db/db.h"

enum { PSASWITCH_MAX = 20000 };

/* RC_CONFLICT: a change for the PSA of before is not at its end, so its kind cannot be changed now. */
enum rc psaswitch_allowed(struct tx *tx, const char *org, struct err *e) MUST_CHECK;

/* {"accounts":[{"from":{..},"to":{..}|null,"by","sure","uses":{..}}],"products":[..],"contracts":[..],
 * "sure","unsure","unmatched"}: everything that is gone and still named by something. "account" of a contract: whose
 * it is. */
enum rc psaswitch_plan(struct tx *tx, const char *org, struct jsonw *w, struct err *e) MUST_CHECK;

struct psaswitch_pair {
	const char *what;		/* account, product, contract */
	const char *from, *to;
};

/* Moves all pairs or none; with `sure` those that the plan is sure of, too, where no pair says otherwise. RC_INVALID
 * with a pointer: `from` is not gone, or `to` is not there. Queues a rebuild. */
enum rc psaswitch_apply(struct tx *tx, const struct principal *who, const struct psaswitch_pair *pairs, size_t count,
	bool sure, int64_t *ret_moved, struct err *e) MUST_CHECK;

#endif
