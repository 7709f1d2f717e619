/* psa.h - what Trueup needs of a business system, whatever its name.
 *
 * A connector is one file in psa/ and one row in the registry. It turns these calls into the
 * remote's protocol and its answers into the structs below. It knows no database and keeps
 * nothing between calls but its connection state. Remote ids are texts, as the remote spells them.
 * Strings handed to a sink are valid during the call only.
 */
#ifndef PSA_PSA_H
#define PSA_PSA_H

#include "base/clock.h"
#include "base/json.h"
#include "base/num.h"

struct psa_account {
	const char *remote_id, *code, *name, *status, *types, *domain;
};

struct psa_product {
	const char *remote_id, *code, *name, *product_class, *unit;
	qty price, cost;
	bool has_price, has_cost, inactive, serialized;
};

struct psa_contract {
	const char *remote_id, *account_remote_id, *name, *type, *status, *cycle, *currency;
	const char *parent_remote_id;		/* NULL unless it bills with another */
	bool prorates;
	day start, end;				/* DAY_NONE when open */
	day billed_through;			/* last day already invoiced; DAY_NONE unknown */
};

struct psa_line {
	const char *remote_id, *contract_remote_id, *product_remote_id, *product_code, *description;
	const char *version;			/* remote's change mark (ConnectWise: lastUpdated) */
	qty quantity, included, unit_price, unit_cost;
	bool has_price, has_cost, serialized, billable;
	const char *fixed; /* why its quantity is not ours to write: "Syncro counts it itself"; or NULL */
	/* Why its quantity is not to be had now, or NULL. The book keeps the quantity it knew; a line that it never
	 * knew is left out for this reason, because a missing quantity is no zero. */
	const char *unknown;
	day effective, cancelled;		/* DAY_NONE when absent; cancelled = last billed day */
	bool agreement_active;			/* filled by read_line: contract can still be billed  */
	day billed_through;			/* filled by read_line */
};

/* Where a sync puts what it reads. Any function that fails ends the sync with that error. */
struct psa_sink {
	void *arg;
	enum rc (*account)(void *arg, const struct psa_account *a, struct err *e);
	enum rc (*product)(void *arg, const struct psa_product *p, struct err *e);
	enum rc (*contract)(void *arg, const struct psa_contract *c, struct err *e);
	/* All lines of one contract at once: what is not among them is gone from the PSA. */
	enum rc (*lines)(void *arg, const char *contract_remote_id, const struct psa_line *lines, size_t count,
		struct err *e);
	/* An object left out, and why in words ("prospect", "billing cycle is None"); `what` is
	 * "account", "contract", "product" or "line". Counted and shown. */
	enum rc (*skip)(void *arg, const char *what, const char *remote_id, const char *name, const char *reason,
		struct err *e);
	enum rc (*progress)(void *arg, const char *phase, int64_t done, int64_t total, struct err *e);
	/* All before this point is delivered; `cursor` given back in the request resumes after it. */
	enum rc (*checkpoint)(void *arg, const char *cursor, struct err *e);
	bool (*cancelled)(void *arg);
};

struct psa_sync {
	bool full;			/* all; else only what changed after `since` (lines always all) */
	utime since;			/* greatest remote change time seen by the last good sync, or 0  */
	const char *cursor;		/* from a checkpoint of an interrupted sync, or NULL             */
	utime ret_watermark;		/* greatest remote change time seen, for the next `since`        */
};

enum psa_change_kind {
	PSA_SET_QUANTITY, /* the line's quantity becomes `want`, now                          */
	PSA_SET_FROM_DATE, /* ends the line the day before `effective`, begins one with `want` */
	PSA_ADD_LINE, /* a new line of `product` on `contract`                            */
	PSA_REMOVE_ADDED, /* undo of an added line or of a begun one: never a delete          */
	PSA_SET_COST, /* what one unit of a product of the catalogue costs us             */
	PSA_SET_LINE_COST /* the same of one line                                             */
};

/* True for the last two: `expect` and `want` are money then. They go by psa_cost_*(), never by the connector's own
 * plan(), apply() and settle(). */
static inline bool psa_is_cost(enum psa_change_kind kind)
{
	return kind == PSA_SET_COST || kind == PSA_SET_LINE_COST;
}

struct psa_change {
	enum psa_change_kind kind;
	const char *contract_remote_id;
	const char *line_remote_id;	/* NULL for PSA_ADD_LINE */
	const char *product_remote_id;
	qty expect, want;		/* quantity seen by the person; quantity asked for */
	day effective;			/* DAY_NONE = at once */
	day billed_through;		/* as seen by the person; another value now is a conflict */
	bool has_price;
	qty unit_price;			/* PSA_ADD_LINE only */
	const char *description;	/* PSA_ADD_LINE only: text on the invoice */
	const char *currency; /* of a cost; NULL otherwise */
	bool by_hand;			/* a person makes it in the PSA: plan() tells the steps, nothing is sent */
	/* Resume mark: what an earlier try journalled, or NULL. The connector calls `journal` before
	 * every step that cannot be repeated; a failure there means: do not go on. */
	const char *journal_text;
	enum rc (*journal)(void *arg, const char *text, struct err *e);
	void *journal_arg;
};

enum psa_outcome {
	PSA_APPLIED,		/* confirmed by reading back                               */
	PSA_NOT_APPLIED,	/* surely unchanged; trying again later is safe            */
	PSA_UNKNOWN,		/* sent, no answer to trust: settle() before anything else */
	PSA_CONFLICT,		/* the line is not what the person saw; nothing was sent   */
	PSA_REFUSED		/* the PSA said no, and will again; a person must look     */
};

/* One exact call, for preview and for the record. `body` is JSON text or NULL. */
struct psa_call {
	const char *method, *path, *body, *purpose;
};

struct psa_plan {
	struct psa_call call[4];
	size_t calls;
	const char *warning[8];
	size_t warnings;
	/* The day that a change without one counts from, where this PSA knows no change without a day. */
	bool dated;
	day effective;
};

struct psa_result {
	enum psa_outcome outcome;
	struct err err;			/* words, when not applied */
	const char *line_remote_id;	/* the line that now holds the quantity (new one after a split) */
	const char *read_back;		/* JSON of the line(s) as read after the write, or NULL */
	const char *before;		/* JSON of the line as re-read before the write, or NULL */
	int retry_after;		/* seconds, 0 unknown */
	bool has_cost; /* of PSA_SET_COST: the product's cost as it was read last */
	qty cost;
};

struct psa_ticket {
	const char *reference;		/* our key; looked up before a second create */
	const char *account_remote_id;	/* NULL: the default company of the settings */
	const char *title, *description;
	int priority;			/* 1 low .. 4 very high */
};

/* One line of the permission doctor. */
typedef void (*psa_check_fn)(void *arg, const char *name, bool ok, const char *detail);

struct psa_setting {
	const char *name, *label, *type;	/* type: text, url, password, number, bool, choice */
	bool secret, required;
	const char *fallback, *help;
};

/* What the host lends a connector: limits and permissions of outbound calls. */
struct psa_host {
	bool allow_private;		/* TRUEUP_ALLOW_PRIVATE_REMOTES */
	int timeout_ms;			/* per call; 0 = 60,000 */
	day today;			/* the host's business date */
	const char *file, *file_name;	/* PSA_CAP_FILE: the line report that was brought, or NULL */
	size_t file_len;
};

struct psa_conn;			/* each connector defines its own */

enum {
	PSA_CAP_DECIMALS = 1, /* quantities may have a fraction */
	PSA_CAP_EFFECTIVE_DATE = 2,
	PSA_CAP_ADD_LINE = 4,
	PSA_CAP_TICKETS = 8,
	PSA_CAP_BY_HAND = 16, /* some changes, or all, are a person's work: by_hand() says which */
	PSA_CAP_FILE = 32, /* reads a file that a person brings, from psa_host */
	PSA_CAP_COST = 64, /* takes the cost of a product by its API: `costs` is set */
	PSA_CAP_LINE_COST = 128 /* and that of a line */
};

/* What a cost is about, as it is now. */
struct psa_cost_seen {
	qty cost;
	bool has_cost; /* false: the PSA does not show it to us */
	const char *currency; /* NULL: the PSA does not say */
	const char *ended; /* why it is not to be written any more ("ended on 2026-10-31"), or NULL */
	const char *rest; /* all that must stay the same, in words; NULL: nothing else can change */
	const struct json *json;
};

/* What a connector brings for costs; the order of the steps, and every guard, is that of psa/costing.c. */
struct psa_costs {
	qty product_step, line_step; /* the least amount that can be written; 0 = any */
	/* Why that one cannot be written, in words; NULL: it can. May be absent. */
	const char *(*cannot)(struct arena *a, const struct psa_change *change);
	/* RC_NOT_FOUND: gone. */
	enum rc (*read)(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_cost_seen *ret,
		struct err *e);
	/* The one call that makes the cost `change->want`. `now` is NULL for a preview. */
	void (*call)(struct arena *a, const struct psa_change *change, const struct psa_cost_seen *now,
		struct psa_call *ret);
	/* Sends it once. PSA_APPLIED: the PSA says so, a read will tell. `why` has the words of any other outcome. */
	enum psa_outcome (*send)(struct psa_conn *c, struct arena *a, const struct psa_call *call, struct err *why);
};

struct psa_ops {
	const char *kind, *name;
	const struct psa_setting *settings;	/* ends with name == NULL */
	unsigned caps;
	const char *word_account, *word_contract, *word_line, *word_product;	/* its own words */
	/* `settings` is an object of texts. RC_INVALID names the setting that is missing or wrong. Does
	 * not talk to the remote. */
	enum rc (*open)(const struct psa_host *host, const struct json *settings, struct psa_conn **ret, struct err *e);
	void (*close)(struct psa_conn *c);
	/* Every right needed, one check each; RC_OK when all were tried, whatever they said. */
	enum rc (*test)(struct psa_conn *c, psa_check_fn check, void *arg, struct err *e);
	enum rc (*sync)(struct psa_conn *c, struct psa_sync *how, const struct psa_sink *sink, struct err *e);
	/* The line as it is now, with `agreement_active` and `billed_through`. RC_NOT_FOUND: gone. */
	enum rc (*read_line)(struct psa_conn *c, struct arena *a, const char *contract_remote_id,
		const char *line_remote_id, struct psa_line *ret, struct err *e);
	/* True when such a change cannot be sent with these settings (without secrets): it becomes an item of the work
	 * list. NULL: everything is sent. */
	bool (*by_hand)(const struct json *settings, const struct psa_change *change);
	/* The calls that apply() would make; talks to nobody. RC_INVALID: this PSA cannot do that. With
	 * `change->by_hand` the steps of a person: method "PERSON", the place in the PSA as path, the words as
	 * purpose. */
	enum rc (*plan)(struct arena *a, const struct psa_change *change, const struct psa_line *line,
		const struct psa_contract *contract, struct psa_plan *ret, struct err *e);
	/* Re-reads, compares with `expect` and `billed_through`, journals, sends, reads back. Strings of
	 * the result live in `a`. */
	void (*apply)(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret);
	/* After PSA_UNKNOWN: only reads (and finishes a half-done pair when `journal_text` shows one).
	 * PSA_UNKNOWN again when the remote cannot be reached. */
	void (*settle)(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret);
	/* RC_REMOTE with words; looks for `reference` first, so it can be called again. */
	enum rc (*ticket)(struct psa_conn *c, struct arena *a, const struct psa_ticket *t, const char **ret_id,
		struct err *e);
	const struct psa_costs *costs; /* NULL: this PSA takes no costs by its API */
};

/* As plan(), apply() and settle() above, for costs. plan: RC_INVALID with words when the PSA cannot take that one. */
enum rc psa_cost_plan(const struct psa_ops *ops, struct arena *a, const struct psa_change *change, struct psa_plan *ret,
	struct err *e);
void psa_cost_apply(const struct psa_ops *ops, struct psa_conn *c, struct arena *a, const struct psa_change *change,
	struct psa_result *ret);
void psa_cost_settle(const struct psa_ops *ops, struct psa_conn *c, struct arena *a, const struct psa_change *change,
	struct psa_result *ret);

/* Registry: NULL when there is no such kind. */
const struct psa_ops *psa_find(const char *kind);
/* The i-th kind, NULL after the last. */
const struct psa_ops *psa_at(size_t i);
/* Checks `settings` against the rows: known names, required ones present. */
enum rc psa_settings_check(const struct psa_ops *ops, const struct json *settings, struct err *e);

#endif
