/* inplace.h - writing to a PSA where a line has one quantity that is set in place and counts from the next invoice.
 *
 * What is the same for all of them: look, compare with what the person saw, journal, send once, look again; put the
 * quantity back when the PSA changed more of the line than that; find an added line again by what was there before;
 * never delete. A connector brings the four calls below.
 */
#ifndef PSA_INPLACE_H
#define PSA_INPLACE_H

#include "psa/writing.h"

/* A line and its contract as they are now. */
struct inplace_seen {
	struct psa_line line;		/* with billed_through; `fixed`: never written */
	const char *inactive;		/* why its contract cannot be billed, or NULL */
	const char *not_now;		/* a sentence: why nothing may be sent at this moment, or NULL */
	const char *rest;		/* all of the line but its quantity, in words; must be the same after a write */
	const char *json;		/* the line as it was read */
	const void *own;		/* of the connector, for set() */
};

struct inplace_list {
	struct inplace_seen *seen;
	size_t count;
	const char *inactive, *not_now;	/* of the contract */
	day billed_through;
};

struct inplace_ops {
	const char *who, *line, *contract;	/* "Syncro", "line item", "recurring invoice" */
	bool blind;			/* list() shows lines without their quantities */
	/* RC_NOT_FOUND: the line is gone. */
	enum rc (*load)(struct psa_conn *c, struct arena *a, const struct psa_change *change, const char *line,
		struct inplace_seen *ret, struct err *e);
	/* The lines of the change's contract that can be used; those of its product are enough. */
	enum rc (*list)(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct inplace_list *ret,
		struct err *e);
	/* Sends once. `why` has the words unless SENT_OK. */
	enum sent (*set)(struct psa_conn *c, struct arena *a, const struct psa_change *change,
		const struct inplace_seen *now, qty want, struct err *why);
	/* Sends once; `*ret_id` is NULL when the answer does not name the new line. */
	enum sent (*add)(struct psa_conn *c, struct arena *a, const struct psa_change *change, const char **ret_id,
		struct err *why);
};

void inplace_write(const struct inplace_ops *ops, struct psa_conn *c, struct arena *a, const struct psa_change *change,
	struct psa_result *ret, bool settle);

#endif
