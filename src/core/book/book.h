/* book.h - the book: accounts, products, contracts and lines as the PSA last showed them.
 *
 * Ids are derived from organization, PSA kind and remote id, so a book read again has the same ids.
 * Nothing is deleted: what the PSA no longer shows gets a time of going, and every quantity a
 * line was seen with is kept.
 */
#ifndef CORE_BOOK_H
#define CORE_BOOK_H

#include "db/db.h"
#include "psa/psa.h"

/* One reading of the PSA, in one transaction after another. `run` grows with each reading. */
struct book_run {
	const char *org, *kind;
	int64_t run;
	utime now;
};

enum rc book_put_account(struct tx *tx, const struct book_run *b, const struct psa_account *a, struct err *e);
enum rc book_put_product(struct tx *tx, const struct book_run *b, const struct psa_product *p, struct err *e);
enum rc book_put_contract(struct tx *tx, const struct book_run *b, const struct psa_contract *c, struct err *e);
/* All lines of one contract; its other lines are gone from the PSA. */
enum rc book_put_lines(struct tx *tx, const struct book_run *b, const char *contract_remote_id,
	const struct psa_line *lines, size_t count, struct err *e);
/* One line as just read by itself (after a write); the contract's others stay as they are. */
enum rc book_put_line(struct tx *tx, const struct book_run *b, const struct psa_line *line, struct err *e);
/* Left out, and why; if the book held it, it is gone from there now. */
enum rc book_skip(struct tx *tx, const struct book_run *b, const char *what, const char *remote_id, const char *name,
	const char *reason, struct err *e);
/* Ends a full reading: what it did not show is gone, and so are the lines of gone contracts. */
enum rc book_finish_full(struct tx *tx, const struct book_run *b, struct err *e);
/* Ends a quick reading: only the lines of gone contracts go. */
enum rc book_finish_quick(struct tx *tx, const struct book_run *b, struct err *e);

/* The id a remote object has in the book; `what` is "account", "product", "contract" or "line". */
char *book_id(struct arena *a, const char *org, const char *kind, const char *what, const char *remote_id);

#endif
