/* reconcile.h - the book, the counts, the mappings and the decisions, joined into cards. Pure: no store, no clock.
 *
 * Everything comes in as arrays that point at each other by place (IDMAP_NONE = points at nothing), and
 * each card goes out through a sink. The same arrays give the same cards, whatever was there before.
 *
 * A card stands for one active line; where an account has several active lines of one product it
 * stands for all of them and names them as choices. Usage of a mapped product without any line is
 * new revenue. A line that has gone or ended since it was first seen keeps a stale card for STALE_DAYS.
 */
#ifndef CORE_RECONCILE_H
#define CORE_RECONCILE_H

#include "core/cards/idmap.h"
#include "core/usage/observe.h"
#include "core/rules/rule.h"

enum { STALE_DAYS = 62 };

enum card_kind { CARD_RECONCILE, CARD_NEW_REVENUE, CARD_NO_CHANGE, CARD_NO_USAGE, CARD_NO_VENDOR, CARD_KIND_MAX };
enum card_state { CARD_OPEN, CARD_APPROVED, CARD_DISMISSED, CARD_CONFIRMED, CARD_STALE, CARD_STATE_MAX };

const char *card_kind_name(enum card_kind k);
const char *card_state_name(enum card_state s);

struct rec_account {
	const char *id, *fold;
	bool gone;
};

struct rec_product {
	const char *id, *fold, *code_fold;
	const qty *price;		/* NULL = not known */
	bool gone;
};

struct rec_contract {
	const char *id, *name, *fold, *currency;
	uint32_t account;
	bool gone;
};

struct rec_line {
	const char *id;
	uint32_t contract, product;
	qty quantity, price;
	bool has_price, billable;
	day effective, cancelled;	/* DAY_NONE when open; cancelled = last billed day */
	day first_seen;			/* wanted for lines that have ended; DAY_NONE otherwise */
	day gone;			/* DAY_NONE = still in the PSA */
	utime read_at;
};

struct rec_integration {
	const char *id, *vendor, *name;
	utime stale_after;		/* age from which a count is stale */
	utime covered_at;		/* when a run last said "these are all"; 0 = never */
};

/* Mapped ones only. */
struct rec_vendor_account {
	const char *id, *name;
	uint32_t integration, account;
	bool detect_new_revenue;
};

struct rec_service {
	const char *id, *name, *unit_basis;
	uint32_t integration;
	const uint32_t *products;	/* in the order of the mapping */
	size_t product_count;
	bool split, detect_new_revenue;
};

struct rec_count {
	uint32_t service, account;	/* account: place among the vendor accounts */
	struct units units;
	utime observed_at;
};

enum rec_write { REC_WRITE_NONE, REC_WRITE_MOVING, REC_WRITE_APPLIED, REC_WRITE_VOID };

/* The last decision of a card, with what became of its write. */
struct rec_decision {
	const char *card_id, *id;
	enum card_state closes;		/* approved, dismissed or confirmed; open: taken back */
	const qty *quantity, *seen_psa, *seen_target;	/* NULL = none */
	day effective;
	utime at;
	enum rec_write write;
	const char *detail;		/* of the write, may be NULL */
	utime written_at;		/* when the write ended; the book may have been read before that */
	bool adds_line;			/* the write adds a line; then the next three say where */
	uint32_t account, product, contract;
};

struct rec_input {
	const char *org;
	utime now;
	day today;
	utime book_read_at;		/* when the PSA was last read as a whole */
	const struct rec_account *accounts;
	const struct rec_product *products;
	const struct rec_contract *contracts;
	const struct rec_line *lines;
	const char *const
		*line_cards; /* the card ids of lines where they are known already (NULL = not); may be NULL */
	const struct rec_integration *integrations;
	const struct rec_vendor_account *vendor_accounts;
	const struct rec_service *services;
	const struct rec_count *counts;
	struct rule *rules;		/* sorted in place */
	const struct override *overrides;	/* where two fit alike, the first counts */
	const struct rec_decision *decisions;
	size_t account_count, product_count, contract_count, line_count, integration_count, vendor_account_count,
		service_count, count_count, rule_count, override_count, decision_count;
};

struct card {
	const char *id;
	enum card_kind kind;
	enum card_state state;
	const char *state_why;		/* a sentence, or NULL */
	uint32_t account, product, contract, line;	/* the last two may be IDMAP_NONE */
	const char *vendors, *integration_ids;	/* each with | on both sides, sorted; "" = none */
	const char *unit_basis;
	const qty *psa, *vendor, *target, *reconciled, *money;	/* NULL = none */
	qty change;
	const char *currency;
	enum value_state value_state;
	day effective;
	const char *choices;		/* JSON, or NULL */
	const char *sources, *why;	/* JSON arrays */
	const char *decision_id;
	uint64_t digest;		/* of all that the card shows, words too; never equal for two that differ */
};

/* Where cards go. What is pointed at lives during the call only. */
struct card_sink {
	void *arg;
	/* Shown each card with its numbers and digest, before it has words (they are NULL): false = go on to the
	 * next. */
	bool (*want)(void *arg, const struct card *card);
	/* A card that is wanted, whole. */
	enum rc (*take)(void *arg, const struct card *card, struct err *e);
};

/* Makes all cards. RC_OK, or what the sink says. `a` holds the working memory. */
enum rc reconcile(const struct rec_input *in, struct arena *a, const struct card_sink *sink, struct err *e);

#endif
