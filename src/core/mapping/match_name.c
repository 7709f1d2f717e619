/* Takes a name apart: folded words, legal form off, initials, and what the domain says. */
#include "core/mapping/match_name.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Legal forms by their usual spellings; the second column is the one they are compared in. */
static const char *const legal_forms[][2] = {
	{ "ab", "ab" },
	{ "ag", "ag" },
	{ "aps", "aps" },
	{ "as", "as" },
	{ "asa", "asa" },
	{ "bv", "bv" },
	{ "co", "co" },
	{ "company", "co" },
	{ "corp", "inc" },
	{ "corporation", "inc" },
	{ "cv", "cv" },
	{ "doo", "doo" },
	{ "eg", "eg" },
	{ "ev", "ev" },
	{ "gbr", "gbr" },
	{ "gmbh", "gmbh" },
	{ "inc", "inc" },
	{ "incorporated", "inc" },
	{ "kft", "kft" },
	{ "kg", "kg" },
	{ "kgaa", "kgaa" },
	{ "lda", "lda" },
	{ "limited", "ltd" },
	{ "llc", "llc" },
	{ "llp", "llp" },
	{ "lp", "lp" },
	{ "ltd", "ltd" },
	{ "ltda", "ltda" },
	{ "mbh", "gmbh" },
	{ "nv", "nv" },
	{ "ohg", "ohg" },
	{ "oy", "oy" },
	{ "oyj", "oyj" },
	{ "pc", "pc" },
	{ "plc", "plc" },
	{ "pllc", "llc" },
	{ "pte", "ltd" },
	{ "pty", "ltd" },
	{ "pvt", "ltd" },
	{ "sa", "sa" },
	{ "sarl", "sarl" },
	{ "sas", "sas" },
	{ "se", "se" },
	{ "sl", "sl" },
	{ "spa", "spa" },
	{ "sprl", "sprl" },
	{ "srl", "srl" },
	{ "sro", "sro" },
	{ "ug", "ug" },
	{ "zoo", "zoo" },
};

/* Domains that say nothing about whose they are. */
static const char *const public_domains[] = {
	"aol.com",
	"gmail.com",
	"gmx.de",
	"gmx.net",
	"hotmail.com",
	"icloud.com",
	"live.com",
	"onmicrosoft.com",
	"outlook.com",
	"yahoo.com",
};

static int compare_form(const void *key, const void *row)
{
	return strcmp(key, ((const char *const *)row)[0]);
}

static const char *legal_form(const char *word)
{
	const char *const *row = bsearch(
		word, legal_forms, ARRAY_LEN(legal_forms), sizeof(legal_forms[0]), compare_form);

	return row ? row[1] : NULL;
}

struct words {
	char *word[NAME_WORDS + 4];
	size_t count;
};

static bool in_word(unsigned char c)
{
	return c >= 0x80 || isalnum(c);
}

/* Splits in place. An apostrophe joins ("O'Neil"), "&" is the word "and". */
static void split(struct arena *a, char *text, struct words *ret)
{
	char *in = text;

	ret->count = 0;
	while (*in && ret->count < ARRAY_LEN(ret->word)) {
		char *out = in;

		if (*in == '&') {
			ret->word[ret->count++] = arena_strdup(a, "and");
			in++;
			continue;
		}
		if (!in_word((unsigned char)*in)) {
			in++;
			continue;
		}
		ret->word[ret->count++] = in;
		for (; in_word((unsigned char)*in) || *in == '\''; in++) {
			if (*in != '\'')
				*out++ = *in;
		}
		if (*in == '&') {
			/* Ending the word in place would lose the sign. */
			ret->word[ret->count - 1] = arena_strndup(a, ret->word[ret->count - 1],
				(size_t)(out - ret->word[ret->count - 1]));
			continue;
		}
		if (*in)
			in++;
		*out = '\0';
	}
}

/* "s.r.o" and "l l c" arrive as single letters: put together what stands together. */
static void join_letters(struct arena *a, struct words *w)
{
	size_t out = 0;

	for (size_t i = 0; i < w->count;) {
		size_t end = i;
		char *joined;

		while (end < w->count && strlen(w->word[end]) == 1 && isalpha((unsigned char)w->word[end][0]))
			end++;
		if (end - i < 2) {
			w->word[out++] = w->word[i++];
			continue;
		}
		joined = arena_alloc(a, end - i + 1);
		for (char *p = joined; i < end; i++)
			*p++ = w->word[i][0];
		w->word[out++] = joined;
	}
	w->count = out;
}

static void add_text(char *out, size_t size, const char *separator, const char *word)
{
	size_t len = strlen(out), more = strlen(word), gap = len ? strlen(separator) : 0;

	if (len + gap + more + 1 > size)
		return;
	memcpy(out + len, separator, gap);
	memcpy(out + len + gap, word, more + 1);
}

/* Legal forms go from the end, "the" from the front, as long as a word stays. */
static void strip(struct words *w, struct name_form *ret)
{
	while (w->count > 1 && legal_form(w->word[w->count - 1])) {
		const char *form = legal_form(w->word[w->count - 1]);

		if (!strstr(ret->suffix, form))
			add_text(ret->suffix, sizeof(ret->suffix), " ", form);
		w->count--;
		/* "GmbH & Co. KG" */
		if (w->count > 1 && strcmp(w->word[w->count - 1], "and") == 0)
			w->count--;
	}
	if (w->count > 1 && strcmp(w->word[0], "the") == 0) {
		memmove(w->word, w->word + 1, (w->count - 1) * sizeof(w->word[0]));
		w->count--;
	}
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void lay_out(struct words *w, struct name_form *ret)
{
	for (size_t i = 0; i < w->count && ret->words < NAME_WORDS; i++) {
		size_t len = strlen(w->word[i]), at = strlen(ret->core);

		if (at + len + 1 > NAME_BYTES)
			break;
		add_text(ret->core, sizeof(ret->core), " ", w->word[i]);
		add_text(ret->letters, sizeof(ret->letters), "", w->word[i]);
		ret->word[ret->words].at = (unsigned char)(at + (at > 0));
		ret->word[ret->words].len = (unsigned char)len;
		ret->initials[ret->words++] = w->word[i][0];
	}
	ret->core_len = (unsigned char)strlen(ret->core);
	qsort(w->word, ret->words, sizeof(w->word[0]), compare_words);
	for (size_t i = 0; i < ret->words; i++)
		add_text(ret->sorted, sizeof(ret->sorted), " ", w->word[i]);
}

static void read_domain(struct arena *a, const char *domain, struct name_form *ret)
{
	char *text = text_fold(a, domain);
	size_t len;

	if (strncmp(text, "www.", 4) == 0)
		text += 4;
	for (size_t i = 0; i < ARRAY_LEN(public_domains); i++) {
		if (strcmp(text, public_domains[i]) == 0)
			return;
	}
	add_text(ret->domain, sizeof(ret->domain), "", text);
	len = strcspn(text, ".");
	text[len] = '\0';
	for (char *p = text; *p; p++) {
		if (in_word((unsigned char)*p) && (len = strlen(ret->label)) < NAME_BYTES)
			ret->label[len] = *p;
	}
}

void name_form(const struct match_name *name, struct name_form *ret)
{
	struct arena a = ARENA_INIT;
	struct words words;

	memset(ret, 0, sizeof(*ret));
	split(&a, text_fold(&a, name->name), &words);
	join_letters(&a, &words);
	strip(&words, ret);
	lay_out(&words, ret);
	if (name->domain && *name->domain)
		read_domain(&a, name->domain, ret);
	arena_release(&a);
}
