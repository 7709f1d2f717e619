/* cost.h - what products cost: in the PSA's catalogue, at the vendor, and the change from one to the other.
 *
 * A vendor's cost comes with a file's rows (unit_cost), or a person gives it. It is money in the organization's
 * currency; one in another currency is shown as such and never compared or written. Missing is never zero.
 *
 * Approving plans one write for the product and one for each line whose cost is another (core/writes/outbox.h);
 * they are sent, looked up, and taken back as quantities are.
 */
#ifndef CORE_COST_H
#define CORE_COST_H

#include "base/json.h"
#include "core/people/access.h"
#include "db/db.h"
#include "psa/psa.h"

enum { COST_ITEMS_MAX = 500, COST_WRITES_MAX = 5000 };

/* What a person may look for in the list; NULL = any. Strings live as long as the call. */
struct costlist {
	const char *org, *q, *show; /* show: differs, same, missing, used */
	const char *product; /* only this one */
	const struct psa_ops *ops; /* NULL: no PSA is connected */
	const char *cursor;
	int64_t limit;
};

/* Items into the open array of `w`. RC_INVALID: cursor, or `show`. */
enum rc costlist_write(
	struct tx *tx, const struct costlist *l, struct jsonw *w, const char **ret_next, struct err *e) MUST_CHECK;

/* What the rows of one service in a file say. */
struct cost_said {
	bool any;
	qty least, most;
	char currency[8]; /* "" = not said, "*" = several */
};

/* Takes one row's cost in; `currency` may be NULL. */
void cost_said_add(struct cost_said *s, qty cost, const char *currency);
/* Takes all of another in. */
void cost_said_merge(struct cost_said *s, const struct cost_said *other);
/* Keeps it as what the vendor takes for one unit of the service; nothing when no row had a cost. */
enum rc cost_said_put(
	struct tx *tx, const char *org, const char *service, const struct cost_said *s, struct err *e) MUST_CHECK;

/* A person's word for what a product costs; NULL takes it back. RC_NOT_FOUND; RC_INVALID with the pointer
 * /vendor_cost. */
enum rc cost_give(
	struct tx *tx, const struct principal *who, const char *product, const qty *cost, struct err *e) MUST_CHECK;

enum cost_lines { COST_LINES_ALL, COST_LINES_SAME, COST_LINES_NONE };

struct cost_item {
	const char *product;
	bool has_cost, has_seen;
	qty cost; /* instead of the vendor's */
	qty seen; /* what the catalogue showed to the person */
};

struct cost_ask {
	const char *org;
	struct cost_item *item;
	size_t count;
	enum cost_lines lines; /* SAME: only lines that cost what the catalogue says now */
	const char *note;
};

/* {"items":[...],"ok","refused","writes"}: each write, each line left out and why, or why nothing can be done. */
enum rc cost_preview(struct tx *tx, const struct psa_ops *ops, const struct cost_ask *ask, struct jsonw *w,
	struct err *e) MUST_CHECK;
/* All items or none; RC_CONFLICT, RC_INVALID or RC_NOT_FOUND with the pointer /items/N. Queues the drain. */
enum rc cost_approve(struct tx *tx, const struct psa_ops *ops, const struct principal *who, const struct cost_ask *ask,
	const char **ret_batch, struct err *e) MUST_CHECK;

#endif
