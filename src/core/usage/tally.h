/* tally.h - what a file counts: its rows added up by account and service, in memory.
 *
 * A pair takes 24 bytes (56 with a cost) and a share of an index; a name is kept once. Nothing is in the store until
 * all of the file has been read: a crash before that leaves nothing behind.
 */
#ifndef CORE_TALLY_H
#define CORE_TALLY_H

#include "core/costs/cost.h"
#include "core/usage/import.h"

struct tally;

/* The rows of one account and service. */
struct tally_pair {
	qty sum;
	uint32_t account, service;	/* for tally_account() and tally_service() */
	uint32_t first_line;
	uint32_t rows : 31;
	uint32_t spoiled : 1;		/* a row of it was rejected: no count can be said */
};

/* `aggregate`: rows of one pair are added up; else each but the first is rejected, and its pair with it. */
struct tally *tally_new(bool aggregate);
void tally_free(struct tally *t);
/* Takes a row that was read, also a rejected one, which spoils its pair. A row that is well by itself but not beside
 * the others gets its l->reason here, in the arena. RC_INVALID: more names than memory may be spent on. */
enum rc tally_add(struct tally *t, struct arena *a, struct import_line *l, struct err *e) MUST_CHECK;
/* Rows of pairs that are not spoiled. */
int64_t tally_accepted(const struct tally *t);
/* What the rows of each service say that it costs, by its place, those of spoiled pairs aside; for free(). Once, and
 * before the pairs are put into another order. */
struct cost_said *tally_costs(struct tally *t);
/* The pairs, `*ret_count` of them; may be put into another order. */
struct tally_pair *tally_pairs(struct tally *t, size_t *ret_count);
uint32_t tally_accounts(const struct tally *t);	/* how many names there are */
uint32_t tally_services(const struct tally *t);
const char *tally_account(const struct tally *t, uint32_t i);
const char *tally_service(const struct tally *t, uint32_t i);

#endif
