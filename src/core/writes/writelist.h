/* writelist.h - writes as the API shows them. */
#ifndef CORE_WRITELIST_H
#define CORE_WRITELIST_H

#include "base/json.h"
#include "db/db.h"

struct writelist {
	const char *org;
	const char *batch, *card, *state;	/* NULL = any */
	const char *cursor;
	int64_t limit;
};

/* Items into the open array of `w`, oldest first. RC_INVALID: cursor. */
enum rc writelist_write(
	struct tx *tx, const struct writelist *l, struct jsonw *w, const char **ret_next, struct err *e);
/* One write with every step it took. RC_NOT_FOUND. */
enum rc writelist_one(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e);

#endif
