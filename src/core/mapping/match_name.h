/* match_name.h - a name taken apart for comparing. Inside of match only. */
#ifndef CORE_MATCH_NAME_H
#define CORE_MATCH_NAME_H

#include "core/mapping/match.h"

#define NAME_WORDS 12	/* more words of a name are not looked at */
#define NAME_BYTES 64	/* nor more bytes of its core: one machine word of the bit-parallel comparison */

struct name_word {
	unsigned char at, len;	/* in `core` */
};

/* "The Acmé Co., L.L.C." -> core "acme", suffix "co llc", letters "acme". */
struct name_form {
	char core[NAME_BYTES + 1];	/* folded words without legal form, one blank between */
	char sorted[NAME_BYTES + 1];	/* the same words in alphabetical order */
	char letters[NAME_BYTES + 1];	/* core without blanks */
	char initials[NAME_WORDS + 1];
	char suffix[32];		/* legal form, canonical spelling; "" when there is none */
	char label[NAME_BYTES + 1];	/* first label of the domain: "acme" of "acme.example", "" when none */
	char domain[NAME_BYTES + 1];	/* folded; "" when none or when it belongs to a mail provider */
	struct name_word word[NAME_WORDS];
	unsigned char words, core_len;
};

void name_form(const struct match_name *name, struct name_form *ret);
/* Score and reasons; the exact-equality of the unfolded names is the caller's to add. */
int name_score(const struct name_form *a, const struct name_form *b, unsigned *ret_why);

#endif
