#include "base/text.h"

#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* Blanks of any kind become one, none at the ends. Works in place. */
static void squeeze_blanks(char *s)
{
	char *out = s, *in = s;

	while (*in) {
		bool blank = strchr(" \t\r\n\v\f", *in) != NULL;

		if (!blank)
			*out++ = *in;
		else if (out != s && out[-1] != ' ')
			*out++ = ' ';
		in++;
	}
	if (out != s && out[-1] == ' ')
		out--;
	*out = '\0';
}

static bool plain_ascii(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s >= 0x80)
			return false;
	}
	return true;
}

static char *lower_ascii(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s);

	for (char *p = out; *p; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + ('a' - 'A'));
	}
	return out;
}

static char *fold_ascii(struct arena *a, const char *s)
{
	char *out = lower_ascii(a, s);

	squeeze_blanks(out);
	return out;
}

char *text_case(struct arena *a, const char *s)
{
	utf8proc_uint8_t *folded = NULL;
	char *out;

	if (plain_ascii(s) || utf8proc_map((const utf8proc_uint8_t *)s, 0, &folded, UTF8PROC_NULLTERM | UTF8PROC_STABLE
			| UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD) < 0)
		return lower_ascii(a, s);
	out = arena_strdup(a, (const char *)folded);
	free(folded);
	return out;
}

char *text_fold(struct arena *a, const char *s)
{
	utf8proc_uint8_t *folded = NULL;
	char *out;

	if (plain_ascii(s))
		return fold_ascii(a, s);
	if (utf8proc_map((const utf8proc_uint8_t *)s, 0, &folded, UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPAT
			| UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE) < 0)
		return fold_ascii(a, s);
	out = arena_strdup(a, (const char *)folded);
	free(folded);
	squeeze_blanks(out);
	return out;
}

char *text_like(struct arena *a, const char *fold)
{
	char *out = arena_alloc(a, 2 * strlen(fold) + 3), *p = out;

	*p++ = '%';
	for (; *fold; fold++) {
		if (strchr("%_\\", *fold))
			*p++ = '\\';
		*p++ = *fold;
	}
	*p = '%';
	return out;
}

bool text_same(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a, b) == 0;
}

bool text_matches(const char *text, const char *pattern, bool *ret_sound)
{
	regex_t re;
	int got = regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB);
	bool sound = got == 0;

	if (sound) {
		errno = 0;
		got = regexec(&re, text, 0, NULL, 0);
		if (got != 0 && errno == ENOMEM)
			got = REG_ESPACE; /* glibc says the same for both */
		regfree(&re);
	}
	/* "Does not match" would be a false answer. */
	if (got == REG_ESPACE)
		BUG("out of memory for a pattern");
	if (ret_sound)
		*ret_sound = sound;
	return got == 0;
}
