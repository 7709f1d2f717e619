/* count.h - the "counts" of a declaration: rows into sums by account and service. */
#ifndef VENDOR_DECLARED_COUNT_H
#define VENDOR_DECLARED_COUNT_H

#include "vendor/declared/client.h"

struct cell {
	struct cell *next;
	const char *account, *service;
	const struct json *rule;
	qty units;
};

struct counting {
	const struct env *env;
	const char *vendor;		/* its name, for sentences */
	const struct pull_sink *sink;
	struct arena arena;
	struct table cells, values, services;
	struct cell *first;
};

void counting_release(struct counting *c);
/* Tells the services whose name is known before any row is: an account without a row of them has zero. */
enum rc counting_begin(struct counting *c, struct err *e) MUST_CHECK;
/* One row for one rule; `account` is one that was told. RC_REMOTE: the row lacks its number, or has none. */
enum rc counting_take(struct counting *c, struct arena *a, const struct scope *s, const struct json *rule,
	const char *account, struct err *e) MUST_CHECK;
/* An account that was read to its end: what is known to be counted and had no row there is told as zero. */
void counting_zero(struct counting *c, const char *account);
/* Tells the sink every sum of which `wanted` says yes to the account. */
enum rc counting_tell(
	struct counting *c, bool (*wanted)(void *arg, const char *account), void *arg, struct err *e) MUST_CHECK;

#endif
