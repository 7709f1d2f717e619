/* rebuild.h - makes the cards of an organization again from the book, the counts, the mappings, rules and decisions.
 *
 * Everything is read in one snapshot and joined in memory; what differs from the cards that are stored is
 * written in small pieces, so other writers get their turn. A card that a person decides while this runs is
 * left alone: the next rebuild sees it.
 */
#ifndef CORE_REBUILD_H
#define CORE_REBUILD_H

#include "core/cards/reconcile.h"

struct rebuild {
	const char *org;
	/* Called after each piece; RC_CONFLICT and the like end the work. May be NULL. */
	enum rc (*progress)(void *arg, int64_t done, int64_t total, struct err *e);
	void *arg;
	int64_t cards, written, removed;	/* results */
	int64_t skipped;			/* changed by somebody else meanwhile: another rebuild is due */
};

enum rc rebuild_cards(struct db *db, struct rebuild *r, struct err *e) MUST_CHECK;

/* Reads all that cards are made of; what `ret` points at lives in `a`. */
enum rc rebuild_load(struct tx *tx, struct arena *a, const char *org, struct rec_input *ret, struct err *e) MUST_CHECK;

#endif
