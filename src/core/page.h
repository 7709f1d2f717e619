/* page.h - cursors of lists: the sort key of the last item, opaque to the caller. */
#ifndef CORE_PAGE_H
#define CORE_PAGE_H

#include "base/err.h"

#define PAGE_PARTS 4

/* A cursor over the given texts (NULL ends the list; at most PAGE_PARTS), in the arena. */
char *page_cursor(struct arena *a, const char *first, ...) __attribute__((sentinel));
/* Fills `parts[0..count)`; "" each when `cursor` is NULL. RC_INVALID: not one of ours for this list. */
enum rc page_read(struct arena *a, const char *cursor, const char **parts, unsigned count, struct err *e) MUST_CHECK;

#endif
