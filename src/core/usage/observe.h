/* observe.h - the ledger of counts: append-only, each with its run and time; and what is known of a pair at a time.
 *
 * A pair is (service, account). Value states: known, zero, missing (no count has ever come), stale (the last one is
 * older than the integration allows). Missing is never zero. A zero is either counted, or implied by a run that
 * said "these are all".
 */
#ifndef CORE_OBSERVE_H
#define CORE_OBSERVE_H

#include "core/usage/integration.h"

enum value_state { VALUE_MISSING, VALUE_KNOWN, VALUE_ZERO, VALUE_STALE };

/* "missing", "known", "zero", "stale". */
const char *value_state_name(enum value_state s);

/* A count, exact. */
struct units {
	qty q;			/* millionths; rounded, or QTY_MAX, when `text` is set */
	const char *text;	/* the exact decimal text, NULL when `q` says it all */
};

/* Any JSON spelling of a number of at most NUM_DIGITS digits. RC_INVALID: no number, negative, or longer; the words
 * end a sentence that begins with the name of the field. */
enum rc units_parse(struct arena *a, const char *text, struct units *ret, struct err *e) MUST_CHECK;
/* The decimal text: "14", "0.5". */
const char *units_format(const struct units *u, char out[NUM_TEXT]);
/* State at time `at` of a pair whose last word came at `last` (0 = never). */
enum value_state value_state_at(const struct units *u, utime last, utime stale_after, utime at);

struct observation {
	const char *service, *account, *run;	/* ids */
	struct units units;
	utime observed_at;			/* 0 = now */
};

/* Appends one count and makes it the pair's newest. */
enum rc observe_add(struct tx *tx, const char *org, const struct observation *o, struct err *e) MUST_CHECK;
/* After a complete run that began at `since`: zeros for all pairs of the integration that it did not name and that
 * are not zero already. */
enum rc observe_imply_zeros(struct tx *tx, const char *org, const char *integration, const char *run, utime since,
	struct err *e) MUST_CHECK;

struct observe_list {
	const char *org, *integration;
	const char *service, *account;	/* ids; NULL = any */
	utime from, to;			/* observed from <= t < to; 0 = open */
	const char *cursor;
	int64_t limit;
};

/* One item per count, oldest first, into the open array of `w`. An unknown integration is RC_NOT_FOUND. */
enum rc observe_write_list(struct tx *tx, const struct observe_list *l, struct jsonw *w, const char **ret_next,
	struct err *e) MUST_CHECK;
/* One item per pair: what was known of it at the end of day `as_of`. With both ids given a pair without any count
 * is one item too, as missing. */
enum rc observe_write_as_of(struct tx *tx, const struct observe_list *l, day as_of, struct jsonw *w,
	const char **ret_next, struct err *e) MUST_CHECK;

#endif
