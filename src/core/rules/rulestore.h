/* rulestore.h - rules and overrides in the store: made, changed, removed, listed. Each change queues a rebuild. */
#ifndef CORE_RULESTORE_H
#define CORE_RULESTORE_H

#include "base/json.h"
#include "core/people/access.h"
#include "db/db.h"

/* Takes a whole rule from a request body (members as rulestore_write() shows them). `id` NULL makes a new one,
 * otherwise its version grows. RC_INVALID with pointer, RC_NOT_FOUND. */
enum rc rulestore_put(struct tx *tx, const struct principal *who, const char *id, const struct json *body,
	const char **ret_id, struct err *e) MUST_CHECK;
enum rc rulestore_remove(struct tx *tx, const struct principal *who, const char *id, struct err *e) MUST_CHECK;
enum rc rulestore_write(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e) MUST_CHECK;
enum rc rulestore_write_list(struct tx *tx, const char *org, const char *cursor, int64_t limit, struct jsonw *w,
	const char **ret_next, struct err *e) MUST_CHECK;

/* The same for overrides: account_id, product_id, contract_id, quantity, reason, expires. */
enum rc override_put(struct tx *tx, const struct principal *who, const char *id, const struct json *body,
	const char **ret_id, struct err *e) MUST_CHECK;
enum rc override_remove(struct tx *tx, const struct principal *who, const char *id, struct err *e) MUST_CHECK;
enum rc override_write(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e) MUST_CHECK;
enum rc override_write_list(struct tx *tx, const char *org, const char *cursor, int64_t limit, struct jsonw *w,
	const char **ret_next, struct err *e) MUST_CHECK;

#endif
