/* booklist.h - the book as the API shows it: lists with search and paging, sizes, and what was left out. */
#ifndef CORE_BOOKLIST_H
#define CORE_BOOKLIST_H

#include "base/json.h"
#include "db/db.h"

struct booklist {
	const char *org;
	const char *q;		/* searches names, and product codes; NULL = all */
	const char *account, *contract, *product;	/* book ids, NULL = any; contracts and lines only */
	const char *cursor;
	int64_t limit;
};

/* Each writes items into the open array of `w` and gives the next cursor, or NULL at the end. RC_INVALID: cursor. */
enum rc booklist_accounts(
	struct tx *tx, const struct booklist *l, struct jsonw *w, const char **ret_next, struct err *e);
enum rc booklist_products(
	struct tx *tx, const struct booklist *l, struct jsonw *w, const char **ret_next, struct err *e);
enum rc booklist_contracts(
	struct tx *tx, const struct booklist *l, struct jsonw *w, const char **ret_next, struct err *e);
enum rc booklist_lines(struct tx *tx, const struct booklist *l, struct jsonw *w, const char **ret_next, struct err *e);
enum rc booklist_skips(struct tx *tx, const struct booklist *l, struct jsonw *w, const char **ret_next, struct err *e);
/* Quantities a line was seen with, oldest first: {"at","quantity"}. `line` is its book id. */
enum rc booklist_line_history(struct tx *tx, const struct booklist *l, const char *line, struct jsonw *w,
	const char **ret_next, struct err *e);

/* {"accounts":N,"products":N,"contracts":N,"lines":N,"skipped":[{"what","reason","count"}]} */
enum rc booklist_sizes(struct tx *tx, const char *org, struct jsonw *w, struct err *e);

#endif
