/* audit.h - the log of every change: append-only, each row chained to the one before by SHA-256. */
#ifndef CORE_AUDIT_H
#define CORE_AUDIT_H

#include "core/access.h"
#include "db/db.h"

struct audit_entry {
	const char *event;		/* "mapping.set", "write.applied" */
	const char *object;		/* what it was done to: a path or "card <id>", may be NULL */
	const char *before, *after;	/* JSON texts, or NULL; never a secret */
	const char *why;		/* the person's note, or NULL */
	const char *request_id;		/* NULL for jobs */
};

/* Appends one row in the caller's transaction: the change and its row live or die together. `who->name` is
 * the actor; a job uses its own principal (name "trueup"). */
enum rc audit_append(struct tx *tx, const struct principal *who, const struct audit_entry *entry, struct err *e);

struct audit_verdict {
	int64_t rows;
	int64_t broken_at;		/* seq of the first row that does not fit, 0 = chain is sound */
	char head[65];			/* hash of the last row */
};

/* Recomputes the whole chain of one organization. */
enum rc audit_verify(struct tx *tx, const char *org, struct audit_verdict *ret, struct err *e);

#endif
