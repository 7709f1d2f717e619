/* push.h - the path of a single count from a vendor: one look-up, one appended row.
 *
 * What a burst shares (its run, the state of the integration, the job that ends it) is seen to only when the look-up
 * shows that it is due, so that a count in the middle of a burst costs two small writes.
 */
#ifndef CORE_PUSH_H
#define CORE_PUSH_H

#include "core/usage/observe.h"
#include "core/usage/pushkey.h"

struct push_target {
	const char *org, *integration;
	bool strict404;
	const char *state, *open_run;
	utime closing_at, last_count_at;
	const char *account, *account_mapping;	/* NULL: not found by its exact id */
	const char *service, *service_mapping;
};

/* The owner of the keys, with the account of that vendor id and the service of that id of ours as far as they are
 * there. RC_UNAUTHORIZED. Texts in the arena. */
enum rc push_find(struct tx *tx, struct arena *a, const struct pushkey_hash *h, const char *account,
	const char *service, struct push_target *ret, struct err *e) MUST_CHECK;
/* Appends a count of the target's pair; with `build` the cards are made again after the burst. */
enum rc push_count(struct tx *tx, const struct push_target *t, const struct units *u, bool build, struct err *e)
	MUST_CHECK;

#endif
