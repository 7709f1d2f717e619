/* bulk.h - many counts of one integration at once, all or nothing, as one run. */
#ifndef CORE_BULK_H
#define CORE_BULK_H

#include "core/usage/observe.h"

struct bulk {
	const char *org, *integration;
	bool complete;			/* these are all: what is absent is zero */
	const struct json *items;	/* array of {"account","service","units","observed_at"?} */
};

struct bulk_result {
	const char *run;
	int64_t accepted, zeros;	/* zeros: implied ones that were put into the ledger */
};

/* Accounts and services are named by our ids or the vendor's. RC_NOT_FOUND: the integration. RC_CONFLICT: it is
 * disconnected. RC_INVALID with a pointer ("/items/17/account"). */
enum rc bulk_add(struct tx *tx, const struct bulk *b, struct bulk_result *ret, struct err *e) MUST_CHECK;

#endif
