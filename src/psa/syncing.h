/* syncing.h - what every reading of a whole PSA does: patience with its server, the cursor of an interrupted one, what
 * is left out, how far it is.
 */
#ifndef PSA_SYNCING_H
#define PSA_SYNCING_H

#include "psa/psa.h"
#include "psa/wire.h"

struct syncing {
	struct psa_sync *how;
	const struct psa_sink *sink;
	struct wire *wire;
	unsigned tries; /* of a read outside of a sync */
	char phase[16]; /* of the cursor given, "" = from the start */
	int64_t after; /* number of the last object of that phase that was delivered */
	utime seen; /* greatest time of change met */
	int64_t done; /* of the present phase */
};

/* Takes the cursor apart (one that is none of ours means: from the start) and gives the connection the patience of a
 * sync, which the sink may end. syncing_end() takes it back. */
void syncing_begin(struct syncing *s, struct psa_sync *how, const struct psa_sink *sink, struct wire *w);
void syncing_end(struct syncing *s);

/* Notes a time of change (0 = none is said); true when a quick sync may pass over the object. What changed less than
 * `overlap` before the last sync counts as changed: clocks differ. */
bool syncing_unchanged(struct syncing *s, utime changed, utime overlap);
/* Says what is left out, and why. `name` may be NULL. The sink's errors, as below. */
enum rc syncing_skip(struct syncing *s, const char *what, const char *id, const char *name, const char *reason,
	struct err *e) MUST_CHECK;
/* Says how far the present phase is; `total` 0 = not known. */
enum rc syncing_progress(struct syncing *s, const char *phase, int64_t total, struct err *e) MUST_CHECK;
/* An interrupted sync may go on after number `last` of the phase (of at most 15 letters). */
enum rc syncing_checkpoint(struct syncing *s, const char *phase, int64_t last, struct err *e) MUST_CHECK;

#endif
