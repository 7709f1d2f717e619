/* Pairs as MSPs meet them, and the index against all pairs on a made-up customer list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mapping/match.h"

struct pair {
	const char *a, *b;
	int least, most;
	unsigned why;		/* must hold */
};

static void pairs(void **state)
{
	static const struct pair table[] = {
		{ "Acme Corp", "Acme Corp", 1000, 1000, MATCH_EXACT },
		{ "Acme Corp", "acme corp", 980, 999, MATCH_SPELLING },
		{ "Acme Corp ", "Acme Corp", 980, 999, MATCH_SPELLING },
		{ "Acme Corp", "Acme Corporation", 980, 999, MATCH_SPELLING },
		{ "Caf\xc3\xa9 M\xc3\xbcller GmbH", "Cafe Muller, G.m.b.H.", 980, 999, MATCH_SPELLING },
		{ "Acme", "Acme, Inc.", 940, 970, MATCH_SUFFIX },
		{ "Acme Ltd", "Acme LLC", 900, 930, MATCH_SUFFIX },
		{ "Smith & Jones", "Smith and Jones", 980, 999, MATCH_SPELLING },
		{ "Jones Smith Dental", "Dental Smith Jones", 920, 940, MATCH_ORDER },
		{ "BlueSky", "Blue Sky", 930, 950, MATCH_SPELLING },
		{ "International Business Machines", "IBM", 770, 790, MATCH_INITIALS },
		{ "Northwind Intl Mfg", "Northwind International Manufacturing", 780, 910, MATCH_SHORTENED },
		{ "Contoso Pharmaceuticals", "Contoso Pharmacueticals", 820, 910, MATCH_TYPO },
		{ "Riverside Dental", "Riverside Dental of Springfield", 620, 860, MATCH_CONTAINED },
		{ "Store 1", "Store 2", 0, 600, MATCH_NUMBER },
		{ "Acme", "Zenith Holdings", 0, 500, 0 },
		{ "The Widget Company", "Widget Co.", 980, 999, MATCH_SPELLING },
		{ "O'Neil Law", "ONeil Law", 980, 999, MATCH_SPELLING },
		{ "!!!", "???", 0, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct match_name a = { table[i].a, NULL }, b = { table[i].b, NULL };
		unsigned why, back;
		int score = match_pair(&a, &b, &why);

		if (score < table[i].least || score > table[i].most || (why & table[i].why) != table[i].why)
			fail_msg("%s / %s: score %d, why %x", a.name, b.name, score, why);
		assert_int_equal(score, match_pair(&b, &a, &back));
	}
}

static void domains(void **state)
{
	struct match_name a = { "Acme Widgets", "acme.example" }, b = { "AW Holdings", "acme.example" };
	struct match_name c = { "Northwind Traders", NULL }, d = { "NWT", "northwindtraders.example" };
	struct match_name e = { "Bob", "gmail.com" }, f = { "Alice", "gmail.com" };
	unsigned why;

	assert_true(match_pair(&a, &b, &why) >= 780);
	assert_true(why & MATCH_DOMAIN);
	assert_true(match_pair(&c, &d, &why) >= 830);
	assert_true(why & MATCH_DOMAIN);
	assert_true(match_pair(&e, &f, &why) < MATCH_LEAST);
}

static unsigned seed;

static unsigned next(unsigned below)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % below;
}

#define NAMES 1500

static char *make_name(struct arena *a)
{
	static const char *const syllable[] = { "nor", "ber", "lin", "tek", "sol", "va", "mar", "dun", "kel", "rio",
		"pax", "gam", "to", "wes", "hill", "bro", "fen", "cas" };
	static const char *const trade[] = { "Dental", "Law", "Foods", "Logistics", "Construction", "Clinic", "Media",
		"Partners", "Schools" };

	return arena_printf(a, "%c%s%s%s %s %s", (char)('A' + next(26)), syllable[next(18)], syllable[next(18)],
		syllable[next(18)], trade[next(9)], next(3) ? "" : trade[next(9)]);
}

static char *spoil(struct arena *a, const char *name)
{
	char *s = arena_strdup(a, name);
	size_t at = 1 + next((unsigned)strlen(s) - 2);

	switch (next(3)) {
	case 0:
		return arena_printf(a, "%s, LLC", s);
	case 1:
		s[at] = 'x';
		return s;
	default:
		memmove(s + at, s + at + 1, strlen(s + at));
		return s;
	}
}

/* The index must find what comparing everything with everything finds. */
static void index_recall(void **state)
{
	struct arena a = ARENA_INIT;
	struct match_name *left = arena_array(&a, NAMES, sizeof(*left)),
			  *right = arena_array(&a, NAMES, sizeof(*right));
	struct match_index *ix;
	struct match_scratch *s;
	size_t agree = 0, right_first = 0;

	seed = 7;
	for (size_t i = 0; i < NAMES; i++) {
		right[i].name = make_name(&a);
		left[i].name = spoil(&a, right[i].name);
	}
	ix = match_index_new(right, NAMES);
	s = match_scratch_new(ix);
	for (size_t i = 0; i < NAMES; i++) {
		struct match_hit hit[3];
		size_t n = match_find(ix, s, &left[i], hit, 3);

		if (n && hit[0].index == i)
			right_first++;
		if (i % 10)
			continue;
		int best = 0;
		unsigned why;
		for (size_t k = 0; k < NAMES; k++) {
			int score = match_pair(&left[i], &right[k], &why);
			best = score > best ? score : best;
		}
		agree += n && hit[0].score == best;
	}
	assert_true(right_first >= NAMES * 97 / 100);
	assert_true(agree >= NAMES / 10 * 98 / 100);
	match_scratch_free(s);
	match_index_free(ix);
	arena_release(&a);
}

static void orders_and_limits(void **state)
{
	struct match_name names[] = { { "Acme Inc", NULL }, { "Acme", NULL }, { "Acme Inc", NULL }, { "", NULL },
		{ "Zeta", NULL } };
	struct match_name acme = { "Acme Inc", NULL }, empty = { "", NULL };
	struct match_index *ix = match_index_new(names, ARRAY_LEN(names));
	struct match_scratch *s = match_scratch_new(ix);
	struct match_hit hit[4];

	assert_int_equal(match_find(ix, s, &acme, hit, 4), 3);
	assert_int_equal(hit[0].index, 0);
	assert_int_equal(hit[1].index, 2);
	assert_int_equal(hit[2].index, 1);
	assert_int_equal(match_find(ix, s, &acme, hit, 1), 1);
	assert_int_equal(match_find(ix, s, &empty, hit, 4), 1);
	assert_int_equal(hit[0].why, MATCH_EXACT);
	match_scratch_free(s);
	match_index_free(ix);
	ix = match_index_new(names, 0);
	s = match_scratch_new(ix);
	assert_int_equal(match_find(ix, s, &acme, hit, 4), 0);
	match_scratch_free(s);
	match_index_free(ix);
}

static void words(void **state)
{
	struct arena a = ARENA_INIT;

	assert_string_equal(
		match_why_text(&a, MATCH_SUFFIX | MATCH_DOMAIN), "the legal form differs; the domain agrees");
	assert_string_equal(match_why_text(&a, MATCH_ALIAS), "accepted before for another vendor");
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs), cmocka_unit_test(domains), cmocka_unit_test(index_recall),
		cmocka_unit_test(orders_and_limits), cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
