/* org.h - organizations: one MSP each. Everything belongs to exactly one. */
#ifndef CORE_ORG_H
#define CORE_ORG_H

#include "base/json.h"
#include "db/db.h"

struct org {
	const char *id, *name;
	const char *currency;	/* ISO 4217: "USD" */
	utime created_at;
};

/* `currency` NULL = "USD". RC_INVALID with a pointer (/organization, /currency). The id is in the transaction's
 * arena. */
enum rc org_create(
	struct tx *tx, const char *name, const char *currency, const char **ret_id, struct err *e) MUST_CHECK;
/* RC_NOT_FOUND. Texts in the arena. */
enum rc org_get(struct tx *tx, struct arena *a, const char *id, struct org *ret, struct err *e) MUST_CHECK;
/* NULL leaves as it is. RC_INVALID with a pointer (/name, /currency). */
enum rc org_change(struct tx *tx, const char *id, const char *name, const char *currency, struct err *e) MUST_CHECK;
/* All organizations, oldest first, in the arena. */
enum rc org_list(struct tx *tx, struct arena *a, struct org **ret, size_t *ret_count, struct err *e) MUST_CHECK;
void org_write(struct jsonw *w, const struct org *o);

#endif
