/* audit.h - the log of every change: append-only, each row chained to the one before by SHA-256. */
#ifndef CORE_AUDIT_H
#define CORE_AUDIT_H

#include "base/json.h"
#include "core/people/access.h"
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

/* Recomputes the whole chain of one organization and compares its end with the noted head. Whoever can write to the
 * store can also make a whole new chain: keep a head elsewhere to notice that. */
enum rc audit_verify(struct tx *tx, const char *org, struct audit_verdict *ret, struct err *e);
void audit_write_verdict(struct jsonw *w, const struct audit_verdict *v);

struct audit_filter {
	const char *event;		/* whole, or a beginning that ends in '.'; NULL = any */
	const char *actor, *object;	/* exact; NULL = any */
	utime from, to;			/* from <= at < to; 0 = open */
	const char *cursor;
	int64_t limit;
};

/* Writes rows, newest first, each with what its object is called now, into the open array of `w`; the next cursor is
 * in the transaction's arena. */
enum rc audit_list(struct tx *tx, const char *org, const struct audit_filter *f, struct jsonw *w,
	const char **ret_next, struct err *e) MUST_CHECK;

#endif
