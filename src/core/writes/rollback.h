/* rollback.h - putting back what a batch changed, with the same guards as the change itself. */
#ifndef CORE_ROLLBACK_H
#define CORE_ROLLBACK_H

#include "core/people/access.h"
#include "core/writes/outbox.h"

/* Plans one undoing write for each applied write of the batch, newest first, as a batch of its own; what was
 * planned and never sent is taken back at once. RC_NOT_FOUND: no such batch; RC_CONFLICT: nothing to put back, or a
 * write is still on its way or unknown (then which, and to wait). Queues the drain. The id is in the
 * transaction's arena. */
enum rc rollback_batch(struct tx *tx, const struct psa_ops *ops, const struct principal *who, const char *org,
	const char *batch_id, const char *note, const char **ret_batch, struct err *e);

#endif
