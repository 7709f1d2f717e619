/* reconcile_join.h - the inside of reconcile: lines and counts brought together by account and product. */
#ifndef CORE_RECONCILE_JOIN_H
#define CORE_RECONCILE_JOIN_H

#include "core/cards/reconcile.h"

/* What a line is on the day of the run. */
enum fate {
	FATE_ACTIVE,		/* it has a card: billed today, or follows one that is */
	FATE_FOLLOWED,		/* ends, and another line of the contract takes its place the day after */
	FATE_COMING,		/* begins later */
	FATE_ENDED,
	FATE_GONE,		/* not in the PSA any more, or its contract or customer is not */
	FATE_UNBILLED		/* the PSA does not bill it */
};

/* One count's share of one card, or a count that did not come. */
struct part {
	uint32_t service, account;	/* account: among the vendor accounts */
	uint32_t count;			/* IDMAP_NONE: none has arrived */
	qty units;			/* this card's share */
	uint32_t shares;		/* over how many products the count was split; 1 = whole */
	uint32_t next;
};

/* All lines and counts of one product for one account; chains by place, IDMAP_NONE ends. */
struct group {
	uint32_t account, product;
	uint32_t first_line, active, coming;
	uint32_t first_part, last_part;
	uint32_t first_override;
};

/* Rows by owner: the rows of owner o are rows[start[o]] .. rows[start[o + 1] - 1]. */
struct owned {
	uint32_t *start, *rows;
};

struct join {
	const struct rec_input *in;
	struct arena *arena;
	struct pairmap group_of;	/* (account, product) */
	struct group *groups;
	size_t group_count, group_cap;
	uint32_t *line_next;		/* in the group */
	unsigned char *fate;		/* enum fate of each line */
	struct part *parts;
	size_t part_count, part_cap;
	uint32_t *override_next;
	struct owned services_of;	/* product -> services */
	struct owned accounts_of;	/* account -> vendor accounts */
	struct owned contracts_of;	/* account -> contracts that are there */
	struct idmap decisions;		/* card id -> place */
	bool *decision_used;
	uint64_t *account_hash, *product_hash, *contract_hash, *service_hash, *vendor_account_hash;
};

/* Fills a zeroed join. */
void join_make(struct join *j, const struct rec_input *in, struct arena *a);
/* Existing or new. */
struct group *join_group(struct join *j, uint32_t account, uint32_t product);

#endif
