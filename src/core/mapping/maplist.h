/* maplist.h - vendor accounts and services as the API shows them: mapping, suggestions, what was counted. */
#ifndef CORE_MAPLIST_H
#define CORE_MAPLIST_H

#include "base/json.h"
#include "db/db.h"

struct maplist {
	const char *org, *integration;
	const char *status;	/* mapped, unmapped, excluded; NULL = all */
	const char *q;		/* searches names and the vendor's ids; NULL = all */
	const char *id;		/* only this one; NULL = all */
	const char *cursor;
	int64_t limit;
};

/* Items into the open array of `w`, by name; unmapped ones with suggestions. RC_NOT_FOUND: the integration. */
enum rc maplist_accounts(struct tx *tx, const struct maplist *l, struct jsonw *w, const char **ret_next, struct err *e)
	MUST_CHECK;
enum rc maplist_services(struct tx *tx, const struct maplist *l, struct jsonw *w, const char **ret_next, struct err *e)
	MUST_CHECK;
/* {"accounts":{"mapped":N,..},"services":{..},"unmapped":{"units","money"},"excluded":{"units","money"}} */
enum rc maplist_totals(struct tx *tx, const char *org, const char *integration, struct jsonw *w, struct err *e)
	MUST_CHECK;

#endif
