/* text.h - names made comparable, and patterns. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/mem.h"

/* The form names are searched and compared in: Unicode NFKD, case folded, combining marks dropped,
 * runs of blanks made one, none at the ends. `s` is valid UTF-8. Result in the arena. */
char *text_fold(struct arena *a, const char *s);
/* The form ids are compared in when letter case does not matter: case folded, nothing else. In the arena. */
char *text_case(struct arena *a, const char *s);
/* `fold` as a pattern for SQL LIKE ... ESCAPE '\': its % _ \ escaped, with % on both sides. */
char *text_like(struct arena *a, const char *fold);
/* True when both texts are the same, NULL only equal to NULL. */
bool text_same(const char *a, const char *b);
/* Whether the extended regular expression describes a piece of `text`. False, and *ret_sound too unless that is NULL,
 * when `pattern` is none. */
bool text_matches(const char *text, const char *pattern, bool *ret_sound);

#endif
