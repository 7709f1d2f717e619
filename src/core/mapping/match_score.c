/* How alike two names are: first what a person would say at a glance, then letter by letter. */
#include "core/mapping/match_name.h"

#include <ctype.h>
#include <string.h>

enum {
	SCORE_SPELLING = 985,
	SCORE_SUFFIX_MISSING = 955,
	SCORE_SUFFIX_DIFFERS = 915,
	SCORE_ORDER = 930,
	SCORE_SQUEEZED = 940,		/* "Blue Sky" and "BlueSky" */
	SCORE_DOMAIN_LABEL = 840,
	SCORE_INITIALS = 780,
	SCORE_CLOSEST = 905,		/* most that likeness of letters alone gives */
	SCORE_OTHER_NUMBER = 590,	/* most when a number differs: below what is offered */
	BONUS_DOMAIN = 90
};

/* Length of the longest common subsequence, all of `a` in one machine word (Hyyrö's bit-parallel form). */
static int common_letters(const char *a, size_t a_len, const char *b, size_t b_len)
{
	uint64_t places[256] = { 0 }, row = ~UINT64_C(0);

	for (size_t i = 0; i < a_len; i++)
		places[(unsigned char)a[i]] |= UINT64_C(1) << i;
	for (size_t i = 0; i < b_len; i++) {
		uint64_t hit = row & places[(unsigned char)b[i]];

		row = (row + hit) | (row - hit);
	}
	row = ~row;
	if (a_len < 64)
		row &= (UINT64_C(1) << a_len) - 1;
	return __builtin_popcountll(row);
}

/* Twice the common letters over all letters, in thousandths. */
static int likeness(const char *a, size_t a_len, const char *b, size_t b_len)
{
	if (a_len + b_len == 0)
		return 0;
	return (int)(2000 * (size_t)common_letters(a, a_len, b, b_len) / (a_len + b_len));
}

static const char *word_at(const struct name_form *f, size_t i)
{
	return f->core + f->word[i].at;
}

static bool is_number(const struct name_form *f, size_t i)
{
	const char *w = word_at(f, i);

	for (size_t k = 0; k < f->word[i].len; k++) {
		if (!isdigit((unsigned char)w[k]))
			return false;
	}
	return f->word[i].len > 0;
}

static bool same_word(const struct name_form *a, size_t i, const struct name_form *b, size_t k)
{
	return a->word[i].len == b->word[k].len && memcmp(word_at(a, i), word_at(b, k), a->word[i].len) == 0;
}

static bool has_word(const struct name_form *f, const struct name_form *of, size_t i)
{
	for (size_t k = 0; k < f->words; k++) {
		if (same_word(of, i, f, k))
			return true;
	}
	return false;
}

/* "Store 1" and "Store 2" are two customers, however alike the letters. */
static bool numbers_differ(const struct name_form *a, const struct name_form *b)
{
	bool a_alone = false, b_alone = false;

	for (size_t i = 0; i < a->words; i++)
		a_alone |= is_number(a, i) && !has_word(b, a, i);
	for (size_t i = 0; i < b->words; i++)
		b_alone |= is_number(b, i) && !has_word(a, b, i);
	return a_alone || b_alone;
}

/* True when `s` is `full` with letters left out, the first kept: "intl" of "international". */
static bool shortened(const char *s, size_t s_len, const char *full, size_t full_len)
{
	size_t at = 1;

	if (s_len < 2 || s_len >= full_len || s[0] != full[0])
		return false;
	for (size_t i = 1; i < s_len; i++, at++) {
		while (at < full_len && full[at] != s[i])
			at++;
		if (at >= full_len)
			return false;
	}
	/* Leaving out a letter or two of many is a typo; keeping the beginning or dropping a third is on purpose. */
	return memcmp(s, full, s_len) == 0 || s_len * 3 <= full_len * 2;
}

struct word_fit {
	int score;		/* of the words of the shorter name, weighted by their letters, thousandths */
	int covered;		/* letters of the longer name that are accounted for, thousandths */
	bool any_short, all_whole;
};

static int word_likeness(const struct name_form *a, size_t i, const struct name_form *b, size_t k, bool *ret_short)
{
	const char *x = word_at(a, i), *y = word_at(b, k);
	size_t x_len = a->word[i].len, y_len = b->word[k].len;

	*ret_short = false;
	if (same_word(a, i, b, k))
		return 1000;
	if (shortened(x, x_len, y, y_len) || shortened(y, y_len, x, x_len)) {
		*ret_short = true;
		return 880;
	}
	return likeness(x, x_len, y, y_len);
}

/* Each word of `few` takes its best partner among those of `many` that are left. */
static struct word_fit fit_words(const struct name_form *few, const struct name_form *many)
{
	struct word_fit fit = { .all_whole = true };
	unsigned taken = 0;
	int letters = 0, sum = 0, covered = 0, all = 0;

	for (size_t i = 0; i < many->words; i++)
		all += many->word[i].len;
	for (size_t i = 0; i < few->words; i++) {
		int best = 0;
		size_t where = 0;
		bool best_short = false, is_short = false;

		for (size_t k = 0; k < many->words; k++) {
			int score = taken & 1u << k ? 0 : word_likeness(few, i, many, k, &is_short);

			if (score > best) {
				best = score;
				where = k;
				best_short = is_short;
			}
		}
		if (best >= 600) {
			taken |= 1u << where;
			covered += many->word[where].len;
		}
		fit.any_short |= best_short;
		fit.all_whole &= best == 1000;
		letters += few->word[i].len;
		sum += best * few->word[i].len;
	}
	fit.score = letters ? sum / letters : 0;
	fit.covered = all ? 1000 * covered / all : 0;
	return fit;
}

static int glance(const struct name_form *a, const struct name_form *b, unsigned *why)
{
	bool same_suffix = strcmp(a->suffix, b->suffix) == 0;

	if (strcmp(a->core, b->core) == 0) {
		*why |= same_suffix ? MATCH_SPELLING : MATCH_SUFFIX;
		if (same_suffix)
			return SCORE_SPELLING;
		return *a->suffix && *b->suffix ? SCORE_SUFFIX_DIFFERS : SCORE_SUFFIX_MISSING;
	}
	if (!same_suffix)
		*why |= MATCH_SUFFIX;
	if (strcmp(a->sorted, b->sorted) == 0) {
		*why |= MATCH_ORDER;
		return same_suffix ? SCORE_ORDER : SCORE_ORDER - 20;
	}
	if (strcmp(a->letters, b->letters) == 0) {
		*why |= MATCH_SPELLING;
		return same_suffix ? SCORE_SQUEEZED : SCORE_SQUEEZED - 20;
	}
	*why &= ~(unsigned)MATCH_SUFFIX;
	return 0;
}

static bool initials_of(const struct name_form *s, const struct name_form *full)
{
	return s->words == 1 && s->core_len >= 2 && full->words >= 2 && strcmp(s->core, full->initials) == 0;
}

/* Which of two is fitted into the other; the same whichever comes first. */
static bool smaller(const struct name_form *a, const struct name_form *b)
{
	if (a->words != b->words)
		return a->words < b->words;
	return strcmp(a->core, b->core) < 0;
}

/* Letter by letter and word by word, whichever says more; the reason is the one that carried it. */
static int closeness(const struct name_form *a, const struct name_form *b, unsigned *why)
{
	const struct name_form *few = smaller(a, b) ? a : b, *many = few == a ? b : a;
	struct word_fit fit = fit_words(few, many);
	int whole = likeness(a->core, a->core_len, b->core, b->core_len);
	int words = (fit.score * 2 + fit.score * fit.covered / 1000) / 3;
	int best = whole > words ? whole : words;

	if (fit.all_whole && few->words < many->words)
		*why |= MATCH_CONTAINED;
	else if (fit.any_short && words >= whole)
		*why |= MATCH_SHORTENED;
	else
		*why |= MATCH_TYPO;
	/* One short word found in a long name says little. */
	if ((*why & MATCH_CONTAINED) && few->core_len < 4)
		best = best * 8 / 10;
	return best * SCORE_CLOSEST / 1000;
}

static int add_domain(const struct name_form *a, const struct name_form *b, int score, unsigned *why)
{
	bool spelled = (*a->label && strcmp(a->label, b->letters) == 0) ||
		(*b->label && strcmp(b->label, a->letters) == 0);

	if (*a->domain && strcmp(a->domain, b->domain) == 0) {
		*why |= MATCH_DOMAIN;
		score = (score < 700 ? 700 : score) + BONUS_DOMAIN;
	} else if (spelled && score < SCORE_DOMAIN_LABEL) {
		*why |= MATCH_DOMAIN;
		score = SCORE_DOMAIN_LABEL;
	}
	return score < SCORE_SPELLING ? score : SCORE_SPELLING;
}

int name_score(const struct name_form *a, const struct name_form *b, unsigned *ret_why)
{
	unsigned why = 0;
	int score;

	*ret_why = 0;
	if (!a->words || !b->words)
		return 0;
	score = glance(a, b, &why);
	if (!score && (initials_of(a, b) || initials_of(b, a))) {
		why |= MATCH_INITIALS;
		score = SCORE_INITIALS;
	}
	if (!score)
		score = closeness(a, b, &why);
	if (score < SCORE_ORDER && numbers_differ(a, b)) {
		why |= MATCH_NUMBER;
		score = score < SCORE_OTHER_NUMBER ? score : SCORE_OTHER_NUMBER;
	}
	*ret_why = why;
	return add_domain(a, b, score, ret_why);
}
