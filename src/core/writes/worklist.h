/* worklist.h - approved changes that a person makes in the PSA, because its API cannot (or may not).
 *
 * Such a write is `listed` in the transaction of its decision and is never sent. It leaves the list in one of four
 * ways: a reading of the PSA shows the quantity; a person says that it is done - the next reading is the judge, and
 * the card comes back when the PSA shows something else; a person says that it was not done, and the card is open
 * again; or the batch is rolled back before anybody made it.
 */
#ifndef CORE_WORKLIST_H
#define CORE_WORKLIST_H

#include "base/json.h"
#include "core/writes/outbox.h"

/* Sets `change->by_hand` as the connected PSA's settings want it. */
enum rc worklist_way(struct tx *tx, struct arena *a, const struct psa_ops *ops, const char *org,
	struct psa_change *change, struct err *e) MUST_CHECK;
/* Puts a write that was just planned on the list. */
enum rc worklist_put(struct tx *tx, const struct principal *who, struct write *w, struct err *e) MUST_CHECK;
/* RC_NOT_FOUND; RC_CONFLICT: it is not on the list. Queues a rebuild. */
enum rc worklist_close(struct tx *tx, const struct principal *who, const char *org, const char *id, bool done,
	const char *note, struct err *e) MUST_CHECK;
/* After a reading: what the book shows now is off the list. */
enum rc worklist_settle(struct tx *tx, const struct principal *who, const char *org, struct err *e) MUST_CHECK;

/* Items into the open array of `w`, oldest first. RC_INVALID: cursor. */
enum rc worklist_write(struct tx *tx, const char *org, const char *cursor, int64_t limit, struct jsonw *w,
	const char **ret_next, struct err *e) MUST_CHECK;
/* All of the list as CSV. `columns` is "Header=field, Header=field", NULL or "" = all of them under their own names;
 * RC_INVALID names a field that is not known, and those that are. */
enum rc worklist_csv(struct tx *tx, const char *org, const char *columns, struct buf *out, struct err *e) MUST_CHECK;
/* Checks such a text. */
enum rc worklist_columns_check(const char *columns, struct err *e) MUST_CHECK;

#endif
