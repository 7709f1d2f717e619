/* writing.h - what every write of a connector shares: how it ends, and what the answer of a call proves. */
#ifndef PSA_WRITING_H
#define PSA_WRITING_H

#include "net/httpc.h"
#include "psa/psa.h"

/* How long a call without answer may still arrive. */
#define WRITING_GRACE (60 * CLOCK_SECOND)

struct writing {
	const char *who;		/* "Autotask", for sentences */
	struct arena *a;
	const struct psa_change *change;
	struct psa_result *result;
	bool settle;			/* reads only, except for finishing what is half done */
	bool sent;			/* something is, or may be, in the PSA: failing to look is UNKNOWN */
};

enum sent {
	SENT_OK,		/* 2xx; whether it did what was asked is for a read to tell */
	SENT_NOT,		/* surely did nothing; later may go better */
	SENT_MAYBE,		/* nobody knows                           */
	SENT_REFUSED		/* surely did nothing, and will not       */
};

enum sent writing_class(const struct httpc_answer *answer);
/* The same as an outcome: SENT_OK is PSA_APPLIED as far as the PSA's word goes. */
enum psa_outcome writing_outcome(enum sent sent);
/* Each ends the write with an outcome and words. */
void writing_end(struct writing *w, enum psa_outcome outcome, const char *fmt, ...) PRINTF(3, 4);
void writing_end_error(struct writing *w, enum psa_outcome outcome, const struct err *why);
void writing_applied(struct writing *w, const char *line_id, const char *read_back);
/* A look that failed: before anything was sent the write can wait, later nobody knows. Always false. */
bool writing_look_failed(struct writing *w, enum rc rc, const struct err *why);
/* Keeps the mark before what cannot be repeated. False: do not go on; the write has its outcome. */
bool writing_journal(struct writing *w, const char *text);
/* False with a conflict when an invoice was made since the person looked. */
bool writing_lock_billed(struct writing *w, day billed_now);

#endif
