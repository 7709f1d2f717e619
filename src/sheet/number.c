/* Numbers as people write them. */
#include "sheet/sheet.h"

#include <string.h>

/* Marks of money and blanks around or inside a number: ASCII ones, then those of UTF-8 (no-break spaces, currency
 * signs). */
static size_t skip_decoration(const char *s)
{
	static const char *const wide[] = { "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89", "\xe2\x82\xac", "\xc2\xa3",
		"\xc2\xa5" };

	if (*s && strchr(" \t$", *s))
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(wide); i++) {
		size_t len = strlen(wide[i]);

		if (strncmp(s, wide[i], len) == 0)
			return len;
	}
	return 0;
}

static const char *skip_all(const char *s)
{
	size_t len;

	while ((len = skip_decoration(s)) > 0)
		s += len;
	return s;
}

/* A thousands mark stands before three digits that end a group. */
static bool group_follows(const char *s, char decimal, char thousands)
{
	size_t digits = strspn(s, "0123456789");

	return digits == 3 && (!s[3] || s[3] == decimal || s[3] == thousands || s[3] == ')' || skip_decoration(s + 3));
}

enum rc sheet_number(const char *text, char decimal, char thousands, char *out)
{
	const char *s = skip_all(text);
	bool brackets = *s == '(', negative = brackets, digits = false, fraction = false;
	char *p = out + 1;
	size_t blank;

	if (brackets)
		s++;
	s = skip_all(s);
	if (*s == '-' || *s == '+')
		negative = *s++ == '-';
	s = skip_all(s);
	for (; *s; s++) {
		if (*s >= '0' && *s <= '9') {
			digits = true;
			*p++ = *s;
		} else if (*s == decimal && !fraction) {
			if (!digits)
				*p++ = '0';
			fraction = true;
			*p++ = '.';
		} else if (digits && !fraction && thousands && *s == thousands &&
			group_follows(s + 1, decimal, thousands)) {
			continue;
		} else if (digits && !fraction && *s == '\'' && group_follows(s + 1, decimal, '\'')) {
			continue;
		} else if (digits && !fraction && (blank = skip_decoration(s)) > 0 &&
			group_follows(s + blank, decimal, *s)) {
			s += blank - 1;
		} else {
			break;
		}
	}
	if (p > out + 1 && p[-1] == '.')
		p--;
	s = skip_all(s);
	if (brackets && *s == ')')
		s = skip_all(s + 1);
	else if (brackets)
		return RC_INVALID;
	if (*s || p == out + 1 || (fraction && !digits && p == out + 2))
		return RC_INVALID;
	*p = '\0';
	out[0] = negative ? '-' : '0';
	return RC_OK;
}
