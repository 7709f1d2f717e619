/* reconcile_card.h - the inside of reconcile: one card in the making.
 *
 * A card is made twice at most: first its numbers and a digest of all that its words would be made of, and only when
 * somebody wants it, once more with the words.
 */
#ifndef CORE_RECONCILE_CARD_H
#define CORE_RECONCILE_CARD_H

#include "core/cards/reconcile_join.h"

enum { CARD_TEXT_MAX = 4 << 20 };

/* What all counts of a card come to. */
struct tally {
	size_t parts, counted, missing, stale, zeros;
	qty sum;
	bool fits;			/* the sum does */
	const char *basis;
};

struct making {
	struct join *j;
	const struct card_sink *sink;
	const struct group *g;
	struct card card;
	struct tally tally;
	qty psa, vendor, target, price, money;
	bool has_price;
	bool words;			/* this time with words */
	utime read_at;			/* of the line that was read longest ago */
	struct buf sources, why, choices, line;
	struct jsonw why_out, choices_out;
	struct arena small;		/* of one card */
	char state_why[400];
};

/* The state of one count at the time of the run. */
enum value_state card_part_state(const struct making *m, const struct part *p);

/* ---- words (reconcile_text.c); called only when they are wanted ---- */

/* sources[], and the first lines of why. */
void card_tell_sources(struct making *m);
/* The vendors that count for the card, or those one would expect to. */
void card_tell_vendors(struct making *m);
/* One contract or line to choose from; `l` NULL: a contract for a new line. */
void card_tell_choice(struct making *m, uint32_t contract, const struct rec_line *l);
/* Sentences for state_why. */
const char *card_why_ended(struct making *m, enum fate fate, day since);
const char *card_why_units(struct making *m, const struct rec_decision *d);
const char *card_why_psa(struct making *m, const struct rec_decision *d, const qty *expect);
const char *card_why_lost(struct making *m, const struct rec_decision *d);

/* ---- digest (reconcile_digest.c) ---- */

/* Hashes of what names each thing, made once for a run. */
void digest_names(struct join *j);
void digest_begin(struct making *m);
/* Mixes in a number, a line, a contract, the rules that were used, the decision. */
void digest_add(struct making *m, uint64_t x);
void digest_line(struct making *m, const struct rec_line *l);
void digest_rules(struct making *m, const struct rule_pick *pick);
void digest_decision(struct making *m, const struct rec_decision *d);
/* Mixes in the numbers of the card and its parts. */
void digest_end(struct making *m);

#endif
