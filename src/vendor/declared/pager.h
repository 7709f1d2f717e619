/* pager.h - from page to page of a list, by the seven ways vendors have, to its end and never round in circles. */
#ifndef VENDOR_DECLARED_PAGER_H
#define VENDOR_DECLARED_PAGER_H

#include "vendor/declared/client.h"

struct pager {
	const struct json *paging;	/* of the step; NULL = one page */
	const char *kind, *vendor, *what;
	int64_t size;			/* asked for; 0 = the vendor's own */
	int64_t pages_max;
	int64_t number, pages;		/* of the page that comes next; pages read */
	int64_t got, total;		/* rows; -1 = the vendor does not say */
	const char *cursor, *url;	/* what comes next says the vendor */
	struct table seen;		/* cursors and contents */
	struct arena arena;
	bool more;			/* there is a page to read */
};

void pager_init(struct pager *p, const struct json *step, const char *vendor, const char *what, int64_t pages_max);
void pager_release(struct pager *p);
/* The members of the next page for the query; none when the body or an address holds them. */
void pager_query(const struct pager *p, struct arena *a, struct buf *query);
/* The value for the body and its place there; NULL when the query holds it. */
const char *pager_body(const struct pager *p, struct arena *a, const char **ret_path);
/* Takes a page with its rows (`count` of them, the last one is `last`); sets `more`. `url` is where it came from.
 * RC_REMOTE: pages repeat, do not end, lead to another host, or end before all was shown. */
enum rc pager_take(struct pager *p, const struct reply *reply, const struct json *rows, size_t count,
	const struct json *last, const char *url, struct err *e) MUST_CHECK;

#endif
