/* Suggestions for 20,000 names among 20,000 others: the index against comparing all with all, in time and in how
 * often the true partner comes first.
 *
 *     match_bench [NAMES]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "core/mapping/match.h"
#include "core/mapping/match_name.h"

static uint32_t seed = 20260901;

static unsigned next(unsigned below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static const char *const syllables[] = { "nor", "ber", "lin", "tek", "sol", "va", "mar", "dun", "kel", "rio", "pax",
	"gam", "to", "wes", "hill", "bro", "fen", "cas", "ul", "zim", "hal", "per", "qua", "sten", "ive", "dor", "rey",
	"mon", "lac", "fair" };
static const char *const trades[] = { "Dental", "Law", "Foods", "Logistics", "Construction", "Clinic", "Media",
	"Partners", "Schools", "Manufacturing", "International", "Holdings", "Accounting", "Engineering", "Insurance",
	"Roofing", "Veterinary", "Consulting" };
static const char *const forms[] = { "", " Inc", " LLC", ", Inc.", " GmbH", " Ltd", " Corp", " & Co" };

static char *invent(struct arena *a)
{
	char *word = arena_strdup(a, "");

	for (unsigned i = 2 + next(2); i > 0; i--)
		word = arena_printf(a, "%s%s", word, syllables[next(ARRAY_LEN(syllables))]);
	word[0] = (char)(word[0] - ('a' - 'A'));
	if (next(4) == 0)
		return arena_printf(a, "%s %c%s %s%s", word, 'A' + (int)next(26), syllables[next(ARRAY_LEN(syllables))],
			trades[next(ARRAY_LEN(trades))], forms[next(ARRAY_LEN(forms))]);
	return arena_printf(a, "%s %s%s", word, trades[next(ARRAY_LEN(trades))], forms[next(ARRAY_LEN(forms))]);
}

/* The same customer as another system spells it. */
static char *respell(struct arena *a, const char *name)
{
	char *s = arena_strdup(a, name), *blank = strchr(s, ' ');
	size_t len = strlen(s), at = 1 + next((unsigned)len - 2);

	switch (next(7)) {
	case 0:
		return arena_printf(a, "%s%s", s, forms[1 + next(ARRAY_LEN(forms) - 1)]);
	case 1:
		s[at] = (char)('a' + next(26));
		return s;
	case 2:
		memmove(s + at, s + at + 1, len - at);
		return s;
	case 3:
		*blank = '\0';
		return arena_printf(a, "%s %s", blank + 1, s);
	case 4:
		return arena_printf(a, "%.*s\xc3\xa9%s", (int)at, s, s + at + 1);
	case 5:
		return arena_printf(a, "The %s", s);
	default:
		/* A word cut short. */
		if (len - (size_t)(blank - s) > 6)
			blank[5] = '\0';
		return s;
	}
}

struct race {
	struct match_name *wanted, *names;
	size_t count, pairs;	/* wanted[i] is names[i] for i < pairs; the rest has no partner */
};

static size_t by_index(const struct race *r)
{
	struct match_index *ix = match_index_new(r->names, r->count);
	struct match_scratch *s = match_scratch_new(ix);
	size_t right = 0;

	for (size_t i = 0; i < r->count; i++) {
		struct match_hit hit[5];
		size_t n = match_find(ix, s, &r->wanted[i], hit, 5);

		right += i < r->pairs && n && hit[0].index == i;
	}
	match_scratch_free(s);
	match_index_free(ix);
	return right;
}

/* All pairs for every `step`-th name: the scores are those of the index, so what differs is only who is looked at. */
static size_t by_all_pairs(const struct race *r, size_t step)
{
	struct name_form *form = xcalloc(r->count, sizeof(*form)), wanted;
	size_t right = 0;

	for (size_t i = 0; i < r->count; i++)
		name_form(&r->names[i], &form[i]);
	for (size_t i = 0; i < r->pairs; i += step) {
		int best = -1;
		size_t where = 0;
		unsigned why;

		name_form(&r->wanted[i], &wanted);
		for (size_t k = 0; k < r->count; k++) {
			int score = name_score(&wanted, &form[k], &why);

			if (score > best) {
				best = score;
				where = k;
			}
		}
		right += where == i;
	}
	free(form);
	return right;
}

#define STEP 40

int main(int argc, char **argv)
{
	struct arena a = ARENA_INIT;
	struct race r = { .count = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000 };
	utime start, index_time, all_time;
	size_t right, all_right;

	r.pairs = r.count * 17 / 20;
	r.names = arena_array(&a, r.count, sizeof(*r.names));
	r.wanted = arena_array(&a, r.count, sizeof(*r.wanted));
	for (size_t i = 0; i < r.count; i++) {
		r.names[i].name = invent(&a);
		r.wanted[i].name = i < r.pairs ? respell(&a, r.names[i].name) : invent(&a);
	}
	start = clock_mono();
	right = by_index(&r);
	index_time = clock_mono() - start;
	start = clock_mono();
	all_right = by_all_pairs(&r, STEP);
	all_time = (clock_mono() - start) * STEP * (utime)r.count / (utime)r.pairs;
	printf("{\"names\":%zu,\"index_us\":%lld,\"all_pairs_us\":%lld,\"recall_millis\":%zu,\"all_pairs_recall_"
	       "millis\":%zu}\n",
		r.count, (long long)index_time, (long long)all_time, right * 1000 / r.pairs,
		all_right * 1000 * STEP / r.pairs);
	arena_release(&a);
	return 0;
}
