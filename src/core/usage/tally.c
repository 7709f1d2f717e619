#include "core/usage/tally.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/cards/idmap.h"
#include "core/usage/vendor_account.h"

/* A sheet unpacks to far more than its file; its names must not fill the memory. */
#define NAMES_MAX ((size_t)256 << 20)
#define NAME_COST 64			/* of a name besides its text */

enum { INDEX_LEAST = 1024, SLOT_FREE = 0 };

/* Each name once, and its place. */
struct names {
	struct idmap at;
	const char **name;
	uint32_t count, room;
};

struct tally {
	struct arena arena;		/* of the names */
	size_t bytes;
	bool aggregate;
	struct names accounts, services;
	struct tally_pair *pairs;
	size_t count, room;
	struct cost_said *costs;	/* beside the pairs, as far as there are any */
	size_t costs_room;
	uint32_t *index;		/* place of a pair + 1; open addressing, at most two thirds full */
	size_t mask;
};

struct tally *tally_new(bool aggregate)
{
	struct tally *t = xcalloc(1, sizeof(*t));

	t->aggregate = aggregate;
	idmap_init(&t->accounts.at, &t->arena, INDEX_LEAST);
	idmap_init(&t->services.at, &t->arena, INDEX_LEAST);
	t->index = xcalloc(INDEX_LEAST, sizeof(*t->index));
	t->mask = INDEX_LEAST - 1;
	return t;
}

void tally_free(struct tally *t)
{
	if (!t)
		return;
	arena_release(&t->arena);
	free(t->accounts.name);
	free(t->services.name);
	free(t->pairs);
	free(t->costs);
	free(t->index);
	free(t);
}

static enum rc intern(struct tally *t, struct names *n, const char *name, uint32_t *ret, struct err *e)
{
	*ret = idmap_get(&n->at, name);
	if (*ret != IDMAP_NONE)
		return RC_OK;
	t->bytes += strlen(name) + NAME_COST;
	if (t->bytes > NAMES_MAX)
		return err_set(e, RC_INVALID,
			"The file has more names of accounts and services than can be counted at once; split it.");
	if (n->count == n->room) {
		n->room = n->room ? n->room * 2 : 256;
		n->name = xrealloc(n->name, n->room * sizeof(*n->name));
	}
	*ret = n->count++;
	n->name[*ret] = arena_strdup(&t->arena, name);
	idmap_put(&n->at, n->name[*ret], *ret);
	return RC_OK;
}

/* Where the pair is, or where it will stand. */
static uint32_t *slot_of(const struct tally *t, uint32_t account, uint32_t service)
{
	uint32_t pair[2] = { account, service };
	size_t i = idmap_hash(0, pair, sizeof(pair)) & t->mask;

	for (; t->index[i] != SLOT_FREE; i = (i + 1) & t->mask) {
		const struct tally_pair *p = &t->pairs[t->index[i] - 1];

		if (p->account == account && p->service == service)
			break;
	}
	return &t->index[i];
}

static void grow_index(struct tally *t)
{
	t->mask = t->mask * 2 + 1;
	free(t->index);
	t->index = xcalloc(t->mask + 1, sizeof(*t->index));
	for (size_t i = 0; i < t->count; i++)
		*slot_of(t, t->pairs[i].account, t->pairs[i].service) = (uint32_t)i + 1;
}

static struct tally_pair *pair_of(struct tally *t, uint32_t account, uint32_t service)
{
	uint32_t *slot = slot_of(t, account, service);

	if (*slot != SLOT_FREE)
		return &t->pairs[*slot - 1];
	if (t->count == t->room) {
		t->room = t->room ? t->room + t->room / 2 : 256;
		t->pairs = xrealloc(t->pairs, t->room * sizeof(*t->pairs));
	}
	t->pairs[t->count++] = (struct tally_pair){ .account = account, .service = service };
	*slot = (uint32_t)t->count;
	if (t->count * 3 > t->mask * 2)
		grow_index(t);
	return &t->pairs[t->count - 1];
}

static void add_cost(struct tally *t, size_t at, const struct import_line *l)
{
	if (at >= t->costs_room) {
		t->costs = xrealloc(t->costs, t->room * sizeof(*t->costs));
		memset(t->costs + t->costs_room, 0, (t->room - t->costs_room) * sizeof(*t->costs));
		t->costs_room = t->room;
	}
	cost_said_add(&t->costs[at], l->unit_cost, l->currency);
}

struct cost_said *tally_costs(struct tally *t)
{
	struct cost_said *ret = xcalloc(t->services.count + 1, sizeof(*ret));

	for (size_t i = 0; i < t->count && i < t->costs_room; i++) {
		if (!t->pairs[i].spoiled)
			cost_said_merge(&ret[t->pairs[i].service], &t->costs[i]);
	}
	free(t->costs);
	t->costs = NULL;
	t->costs_room = 0;
	return ret;
}

/* What is wrong with the row beside the others of its pair, or NULL. */
static const char *why_not(const struct tally *t, struct tally_pair *p, struct arena *a, const struct import_line *l)
{
	if (p->rows == 1) {
		p->first_line = (uint32_t)l->line;
		p->sum = l->quantity;
		return NULL;
	}
	if (!t->aggregate)
		return arena_printf(a,
			"account and service stand in line %" PRIu32 " already; choose to add such rows up",
			p->first_line);
	if (qty_add(p->sum, l->quantity, &p->sum) != RC_OK)
		return "the sum of this account and service is too large";
	return NULL;
}

enum rc tally_add(struct tally *t, struct arena *a, struct import_line *l, struct err *e)
{
	uint32_t account, service;
	struct tally_pair *p;
	enum rc rc;

	/* A row without both names belongs to no pair, and what is too long is nobody's name. */
	if (!l->account || !l->service || strlen(l->account) > VENDOR_ID_MAX || strlen(l->service) > VENDOR_ID_MAX)
		return RC_OK;
	rc = intern(t, &t->accounts, l->account, &account, e);
	if (rc == RC_OK)
		rc = intern(t, &t->services, l->service, &service, e);
	if (rc != RC_OK)
		return rc;
	p = pair_of(t, account, service);
	if (!l->reason) {
		p->rows++;
		if (l->has_cost)
			add_cost(t, (size_t)(p - t->pairs), l);
		l->reason = why_not(t, p, a, l);
	}
	p->spoiled |= l->reason != NULL;
	return RC_OK;
}

int64_t tally_accepted(const struct tally *t)
{
	int64_t rows = 0;

	for (size_t i = 0; i < t->count; i++)
		rows += t->pairs[i].spoiled ? 0 : t->pairs[i].rows;
	return rows;
}

struct tally_pair *tally_pairs(struct tally *t, size_t *ret_count)
{
	*ret_count = t->count;
	return t->pairs;
}

uint32_t tally_accounts(const struct tally *t)
{
	return t->accounts.count;
}

uint32_t tally_services(const struct tally *t)
{
	return t->services.count;
}

const char *tally_account(const struct tally *t, uint32_t i)
{
	return t->accounts.name[i];
}

const char *tally_service(const struct tally *t, uint32_t i)
{
	return t->services.name[i];
}
