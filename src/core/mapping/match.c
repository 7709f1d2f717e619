/* Finds candidates quickly, then scores each of the few: postings by trigram, and by the ways in which two
 * names may be the same without sharing letters in place (initials, word order, domain). */
#include "core/mapping/match.h"

#include <stdlib.h>
#include <string.h>

#include "core/mapping/match_name.h"

#define BUCKETS 65536u
#define CANDIDATES 40
#define KEY_LIMIT 32		/* names taken from one bucket of keys */
#define POSTING_BUDGET 6000	/* postings walked for one name, rarest trigrams first */
#define TRIGRAMS_LEAST 3	/* walked whatever they cost */
#define GRAMS_MAX (NAME_BYTES + 2)
#define HITS_MAX 16

/* Lists of name numbers by bucket, one after another in `entry`. */
struct postings {
	uint32_t *start;	/* BUCKETS + 1 */
	uint32_t *entry;
};

struct match_index {
	size_t count;
	struct name_form *form;
	char **name;
	struct postings grams, keys;
};

struct match_scratch {
	uint32_t *weight;	/* of each name, zero between calls */
	uint32_t *touched;
	size_t touches;
};

static uint32_t hash_bytes(uint32_t seed, const char *s, size_t len)
{
	uint32_t h = 2166136261u ^ seed * 16777619u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return (h ^ h >> 15) & (BUCKETS - 1);
}

/* Different buckets of the trigrams of " core ". */
static size_t grams_of(const struct name_form *f, uint32_t ret[GRAMS_MAX])
{
	char text[NAME_BYTES + 3];
	size_t len = (size_t)f->core_len + 2, n = 0;

	text[0] = ' ';
	memcpy(text + 1, f->core, f->core_len);
	text[len - 1] = ' ';
	for (size_t i = 0; i + 3 <= len; i++) {
		uint32_t gram = hash_bytes(0, text + i, 3);
		size_t k = 0;

		while (k < n && ret[k] != gram)
			k++;
		if (k == n)
			ret[n++] = gram;
	}
	return n;
}

enum { KEY_LETTERS = 1, KEY_SORTED, KEY_INITIALS, KEY_DOMAIN, KEY_LABEL, KEYS_MAX };

static uint32_t key(int kind, const char *text)
{
	return hash_bytes((uint32_t)kind, text, strlen(text));
}

/* What a name can be found by. */
static size_t keys_of(const struct name_form *f, uint32_t ret[KEYS_MAX])
{
	size_t n = 0;

	ret[n++] = key(KEY_LETTERS, f->letters);
	ret[n++] = key(KEY_SORTED, f->sorted);
	if (f->words >= 2)
		ret[n++] = key(KEY_INITIALS, f->initials);
	if (*f->domain)
		ret[n++] = key(KEY_DOMAIN, f->domain);
	if (*f->label)
		ret[n++] = key(KEY_LABEL, f->label);
	return n;
}

/* What a name looks for: the other side of each pair. */
static size_t wanted_keys(const struct name_form *f, uint32_t ret[KEYS_MAX + 2])
{
	size_t n = 0;

	ret[n++] = key(KEY_LETTERS, f->letters);
	ret[n++] = key(KEY_SORTED, f->sorted);
	ret[n++] = key(KEY_LABEL, f->letters);
	if (f->words == 1)
		ret[n++] = key(KEY_INITIALS, f->core);
	else
		ret[n++] = key(KEY_LETTERS, f->initials);
	if (*f->domain)
		ret[n++] = key(KEY_DOMAIN, f->domain);
	if (*f->label)
		ret[n++] = key(KEY_LETTERS, f->label);
	return n;
}

typedef size_t (*list_fn)(const struct name_form *f, uint32_t *ret);

/* Counts, sums up, fills: the usual three passes. */
static void postings_make(struct postings *p, const struct name_form *form, size_t count, list_fn list)
{
	uint32_t buckets[GRAMS_MAX], *next;

	p->start = xcalloc(BUCKETS + 1, sizeof(*p->start));
	for (size_t i = 0; i < count; i++) {
		for (size_t n = list(&form[i], buckets); n > 0; n--)
			p->start[buckets[n - 1] + 1]++;
	}
	for (size_t b = 0; b < BUCKETS; b++)
		p->start[b + 1] += p->start[b];
	p->entry = xcalloc((size_t)p->start[BUCKETS] + 1, sizeof(*p->entry));
	next = xmalloc(BUCKETS * sizeof(*next));
	memcpy(next, p->start, BUCKETS * sizeof(*next));
	for (size_t i = 0; i < count; i++) {
		size_t n = list(&form[i], buckets);

		for (size_t k = 0; k < n; k++)
			p->entry[next[buckets[k]]++] = (uint32_t)i;
	}
	free(next);
}

struct match_index *match_index_new(const struct match_name *names, size_t count)
{
	struct match_index *ix = xcalloc(1, sizeof(*ix));

	ix->count = count;
	ix->form = xcalloc(count + 1, sizeof(*ix->form));
	ix->name = xcalloc(count + 1, sizeof(*ix->name));
	for (size_t i = 0; i < count; i++) {
		name_form(&names[i], &ix->form[i]);
		ix->name[i] = xstrdup(names[i].name);
	}
	postings_make(&ix->grams, ix->form, count, grams_of);
	postings_make(&ix->keys, ix->form, count, keys_of);
	return ix;
}

static void postings_free(struct postings *p)
{
	free(p->start);
	free(p->entry);
}

void match_index_free(struct match_index *ix)
{
	if (!ix)
		return;
	for (size_t i = 0; i < ix->count; i++)
		free(ix->name[i]);
	free(ix->name);
	free(ix->form);
	postings_free(&ix->grams);
	postings_free(&ix->keys);
	free(ix);
}

struct match_scratch *match_scratch_new(const struct match_index *ix)
{
	struct match_scratch *s = xcalloc(1, sizeof(*s));

	s->weight = xcalloc(ix->count + 1, sizeof(*s->weight));
	s->touched = xcalloc(ix->count + 1, sizeof(*s->touched));
	return s;
}

void match_scratch_free(struct match_scratch *s)
{
	if (!s)
		return;
	free(s->weight);
	free(s->touched);
	free(s);
}

static uint32_t posting_count(const struct postings *p, uint32_t bucket)
{
	return p->start[bucket + 1] - p->start[bucket];
}

static void touch(struct match_scratch *s, uint32_t index, uint32_t weight)
{
	if (!s->weight[index])
		s->touched[s->touches++] = index;
	s->weight[index] += weight;
}

/* A trigram that few names have says more: about the logarithm of how rare it is. */
static uint32_t rarity(size_t count, uint32_t having)
{
	return (uint32_t)(64 - __builtin_clzll((uint64_t)count / having + 1));
}

static void sort_by_count(const struct postings *p, uint32_t *bucket, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint32_t b = bucket[i];
		size_t k = i;

		for (; k > 0 && posting_count(p, bucket[k - 1]) > posting_count(p, b); k--)
			bucket[k] = bucket[k - 1];
		bucket[k] = b;
	}
}

static void gather_grams(const struct match_index *ix, struct match_scratch *s, const struct name_form *f)
{
	uint32_t bucket[GRAMS_MAX];
	size_t n = grams_of(f, bucket), walked = 0, used = 0;

	sort_by_count(&ix->grams, bucket, n);
	for (size_t i = 0; i < n; i++) {
		uint32_t having = posting_count(&ix->grams, bucket[i]), from = ix->grams.start[bucket[i]];

		if (!having)
			continue;
		if (used >= TRIGRAMS_LEAST && walked + having > POSTING_BUDGET)
			break;
		for (uint32_t k = 0; k < having; k++)
			touch(s, ix->grams.entry[from + k], rarity(ix->count, having));
		walked += having;
		used++;
	}
}

/* Found by a key: ahead of all that trigrams alone brought. */
#define KEY_WEIGHT 100000u

static void gather_keys(const struct match_index *ix, struct match_scratch *s, const struct name_form *f)
{
	uint32_t bucket[KEYS_MAX + 2];
	size_t n = wanted_keys(f, bucket);

	for (size_t i = 0; i < n; i++) {
		uint32_t from = ix->keys.start[bucket[i]], having = posting_count(&ix->keys, bucket[i]);

		for (uint32_t k = 0; k < having && k < KEY_LIMIT; k++)
			touch(s, ix->keys.entry[from + k], KEY_WEIGHT);
	}
}

struct candidate {
	uint32_t index, weight;
};

/* Keeps the heaviest, longer names counting a little less: they share trigrams with anything. */
static size_t heaviest(const struct match_index *ix, struct match_scratch *s, const struct name_form *f,
	struct candidate *best)
{
	size_t n = 0;

	for (size_t t = 0; t < s->touches; t++) {
		uint32_t index = s->touched[t], length = (uint32_t)ix->form[index].core_len + f->core_len + 8;
		struct candidate c = { index, s->weight[index] * 256u / length };
		size_t k;

		s->weight[index] = 0;
		if (n == CANDIDATES && c.weight <= best[n - 1].weight)
			continue;
		if (n < CANDIDATES)
			n++;
		for (k = n - 1; k > 0 && best[k - 1].weight < c.weight; k--)
			best[k] = best[k - 1];
		best[k] = c;
	}
	s->touches = 0;
	return n;
}

static bool better(const struct match_hit *a, const struct match_hit *b)
{
	return a->score != b->score ? a->score > b->score : a->index < b->index;
}

static size_t insert_hit(struct match_hit *hits, size_t n, size_t max, struct match_hit hit)
{
	size_t k;

	if (n == max && (!max || !better(&hit, &hits[n - 1])))
		return n;
	if (n < max)
		n++;
	for (k = n - 1; k > 0 && better(&hit, &hits[k - 1]); k--)
		hits[k] = hits[k - 1];
	hits[k] = hit;
	return n;
}

size_t match_find(const struct match_index *ix, struct match_scratch *s, const struct match_name *wanted,
	struct match_hit *ret, size_t max)
{
	struct candidate best[CANDIDATES];
	struct name_form form;
	size_t n, found = 0;

	name_form(wanted, &form);
	gather_keys(ix, s, &form);
	gather_grams(ix, s, &form);
	n = heaviest(ix, s, &form, best);
	for (size_t i = 0; i < n; i++) {
		struct match_hit hit = { .index = best[i].index };

		hit.score = name_score(&form, &ix->form[hit.index], &hit.why);
		if (strcmp(wanted->name, ix->name[hit.index]) == 0) {
			hit.score = MATCH_TOP;
			hit.why = MATCH_EXACT;
		}
		if (hit.score >= MATCH_LEAST)
			found = insert_hit(ret, found, max < HITS_MAX ? max : HITS_MAX, hit);
	}
	return found;
}

int match_pair(const struct match_name *a, const struct match_name *b, unsigned *ret_why)
{
	struct name_form fa, fb;

	if (strcmp(a->name, b->name) == 0) {
		*ret_why = MATCH_EXACT;
		return MATCH_TOP;
	}
	name_form(a, &fa);
	name_form(b, &fb);
	return name_score(&fa, &fb, ret_why);
}

char *match_why_text(struct arena *a, unsigned why)
{
	static const char *const words[] = {
		"the names are equal",
		"only case, accents, blanks or punctuation differ",
		"the legal form differs",
		"same words in another order",
		"one is the other's initials",
		"words are shortened",
		"a few letters differ",
		"one name holds the other",
		"the domain agrees",
		"but a number differs",
		"accepted before for another vendor",
	};
	char *text = arena_strdup(a, "");

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (why & 1u << i)
			text = arena_printf(a, "%s%s%s", text, *text ? "; " : "", words[i]);
	}
	return text;
}
