/* match.h - which names are likely the same customer or product: suggestions with a score and reasons.
 *
 * Pure: names in, scores out. A score is for ordering and for a person's eye; nothing is ever mapped by it.
 * 1000 means equal character for character, from about 850 on a person will mostly agree, below
 * MATCH_LEAST nothing is offered.
 */
#ifndef CORE_MATCH_H
#define CORE_MATCH_H

#include "base/mem.h"

struct match_name {
	const char *name;	/* UTF-8 */
	const char *domain;	/* "acme.example", or NULL */
};

/* Reasons, as bits; more than one may hold. */
enum {
	MATCH_EXACT = 1 << 0,		/* equal character for character                      */
	MATCH_SPELLING = 1 << 1,	/* case, accents, blanks or punctuation differ only   */
	MATCH_SUFFIX = 1 << 2,		/* the legal form differs or is missing               */
	MATCH_ORDER = 1 << 3,		/* same words in another order                        */
	MATCH_INITIALS = 1 << 4,	/* one is the other's initials                        */
	MATCH_SHORTENED = 1 << 5,	/* words are shortened: "Intl", "Mfg"                 */
	MATCH_TYPO = 1 << 6,		/* a few letters differ                               */
	MATCH_CONTAINED = 1 << 7,	/* one holds all words of the other                   */
	MATCH_DOMAIN = 1 << 8,		/* same domain, or the domain spells the name         */
	MATCH_NUMBER = 1 << 9,		/* a number in the name differs: a warning, no reason */
	MATCH_ALIAS = 1 << 10		/* accepted before for another vendor; set by callers */
};

#define MATCH_LEAST 620		/* least score that is offered */
#define MATCH_TOP 1000

struct match_hit {
	size_t index;		/* into the names the index was made of */
	int score;		/* 0..MATCH_TOP */
	unsigned why;
};

struct match_index;

/* Copies what it needs of the names; match_index_free() ends it. */
struct match_index *match_index_new(const struct match_name *names, size_t count);
void match_index_free(struct match_index *ix);
/* The best hits for `wanted`, best first, at most `max` (<= 16). Equal scores keep the order of the names. Threads may
 * share an index as long as each brings its own scratch memory. */
struct match_scratch;
struct match_scratch *match_scratch_new(const struct match_index *ix);
void match_scratch_free(struct match_scratch *s);
size_t match_find(const struct match_index *ix, struct match_scratch *s, const struct match_name *wanted,
	struct match_hit *ret, size_t max);

/* Score and reasons of one pair. */
int match_pair(const struct match_name *a, const struct match_name *b, unsigned *ret_why);

/* The reasons as a sentence fragment for a person: "legal form differs; same domain". */
char *match_why_text(struct arena *a, unsigned why);

#endif
