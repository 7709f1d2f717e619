/* cardlist.h - cards as the API shows them: lists with filters, sorting and grouping, one card with its why, sums. */
#ifndef CORE_CARDLIST_H
#define CORE_CARDLIST_H

#include "base/json.h"
#include "db/db.h"

struct cardlist {
	const char *org;
	const char *kind, *state;	/* one word or several with commas; NULL = all, as everywhere below */
	const char *vendor;		/* the catalogue's id */
	const char *integration, *account, *product, *contract;	/* ids; contract "none" = on none, or on several */
	const char *tag;		/* id or name */
	const char *q;			/* searches account, product, Product ID and contract */
	const char *sort; /* vendor, account (default), product, contract, change, updated_at; "-" = the other way */
	const char *group_by;		/* vendor, account, product, contract */
	const char *cursor;
	int64_t limit;
};

/* Items into the open array of `w`. RC_INVALID: a word that is none. */
enum rc cardlist_write(struct tx *tx, const struct cardlist *l, struct jsonw *w, const char **ret_next, struct err *e)
	MUST_CHECK;
/* One card with why, choices, tags, notes and its decisions. RC_NOT_FOUND. */
enum rc cardlist_one(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e) MUST_CHECK;
/* How many of each kind and state, their units, and what the open ones come to a month in each currency; by group with
 * group_by, at most `limit` groups after the cursor. */
enum rc cardlist_summary(struct tx *tx, const struct cardlist *l, struct jsonw *w, struct err *e) MUST_CHECK;

#endif
