/* alias.h - pairs of names that a person accepted or rejected, remembered for all vendors of the organization. */
#ifndef CORE_ALIAS_H
#define CORE_ALIAS_H

#include "db/db.h"

#define ALIAS_ACCOUNT "account"		/* target: a PSA account */
#define ALIAS_SERVICE "service"		/* target: a product */

/* Remembers that a name (folded) is, or is not, the target. The later word counts. */
enum rc alias_put(struct tx *tx, const char *org, const char *kind, const char *fold, const char *target, bool accepted,
	const char *by, struct err *e) MUST_CHECK;
/* True when a person said that it is not. */
enum rc alias_rejected(struct tx *tx, const char *org, const char *kind, const char *fold, const char *target,
	bool *ret, struct err *e) MUST_CHECK;

struct alias {
	const char *target;
	bool accepted;
	struct alias *next;
};

/* All that is known of a name, newest first; in the arena. */
enum rc alias_list(struct tx *tx, struct arena *a, const char *org, const char *kind, const char *fold,
	struct alias **ret, struct err *e) MUST_CHECK;
/* NULL when the list does not name the target. */
const struct alias *alias_of(const struct alias *list, const char *target);

#endif
