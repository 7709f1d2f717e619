/* map.h - which vendor account is which customer, which service is which product, and who said so.
 *
 * Status: unmapped, mapped, excluded. Counts of unmapped and excluded ones are kept, and priced where a price is
 * known. While an integration is set up, names that are equal character for character are mapped by
 * themselves, unless two PSA names are equal or a person has touched the pair; after that everything is
 * a suggestion.
 */
#ifndef CORE_MAP_H
#define CORE_MAP_H

#include "base/json.h"
#include "core/people/access.h"
#include "db/db.h"

enum { MAP_PRODUCTS_MAX = 20 };

struct map_account {
	const char *status;		/* mapped, unmapped, excluded */
	const char *psa_account;	/* with mapped */
	int detect_new_revenue;		/* 1, 0, -1 = as it is */
};

struct map_service {
	const char *status;
	const char *const *products;	/* with mapped; ids, in the order in which a split fills them */
	size_t product_count;
	const char *mode;		/* copy or split; NULL = copy */
	const char *unit_basis;		/* users, devices or NULL */
	int detect_new_revenue;
};

/* Each takes the place of what was there, remembers the pair, and queues a rebuild. RC_NOT_FOUND, RC_INVALID with
 * pointer. */
enum rc map_set_account(struct tx *tx, const struct principal *who, const char *integration, const char *id,
	const struct map_account *m, struct err *e) MUST_CHECK;
enum rc map_set_service(struct tx *tx, const struct principal *who, const char *integration, const char *id,
	const struct map_service *m, struct err *e) MUST_CHECK;
/* "No, it is not that one": never offered again for this name. `service`: which kind `id` is of. */
enum rc map_reject(struct tx *tx, const struct principal *who, const char *integration, const char *id, bool service,
	const char *target, struct err *e) MUST_CHECK;

/* Maps what is equal character for character, as said above; `integration` and `id` NULL = all. Each tells how many. */
enum rc map_auto_accounts(struct tx *tx, const char *org, const char *integration, const char *id, int64_t *ret_count,
	struct err *e) MUST_CHECK;
enum rc map_auto_services(struct tx *tx, const char *org, const char *integration, const char *id, int64_t *ret_count,
	struct err *e) MUST_CHECK;

/* Ends the set-up and starts a sync. RC_CONFLICT names what is missing: one account and one service must be mapped. */
enum rc map_finish(struct tx *tx, const struct principal *who, const char *integration, const char **ret_job,
	struct err *e) MUST_CHECK;

#endif
