#include "core/cards/reconcile_join.h"

#include <string.h>

struct group *join_group(struct join *j, uint32_t account, uint32_t product)
{
	uint32_t at = pairmap_get(&j->group_of, account, product);
	struct group *g;

	if (at != IDMAP_NONE)
		return &j->groups[at];
	if (j->group_count == j->group_cap) {
		struct group *bigger = arena_array(j->arena, j->group_cap * 2 + 256, sizeof(*bigger));

		if (j->group_count)
			memcpy(bigger, j->groups, j->group_count * sizeof(*bigger));
		j->groups = bigger;
		j->group_cap = j->group_cap * 2 + 256;
	}
	at = (uint32_t)j->group_count++;
	pairmap_put(&j->group_of, account, product, at);
	g = &j->groups[at];
	*g = (struct group){ account, product, IDMAP_NONE, 0, 0, IDMAP_NONE, IDMAP_NONE, IDMAP_NONE };
	return g;
}

static const struct group *find_group(const struct join *j, uint32_t account, uint32_t product)
{
	uint32_t at = pairmap_get(&j->group_of, account, product);

	return at == IDMAP_NONE ? NULL : &j->groups[at];
}

/* `owner_of` gives a row's owner, or IDMAP_NONE. Rows stay in their order. */
static void own(struct owned *o, struct arena *a, size_t owners, const uint32_t *owner_of, size_t rows)
{
	uint32_t *fill = arena_array(a, owners + 1, sizeof(*fill));

	o->start = arena_array(a, owners + 1, sizeof(*o->start));
	o->rows = arena_array(a, rows + 1, sizeof(*o->rows));
	for (size_t i = 0; i < rows; i++) {
		if (owner_of[i] != IDMAP_NONE)
			o->start[owner_of[i] + 1]++;
	}
	for (size_t i = 0; i < owners; i++)
		o->start[i + 1] += o->start[i];
	memcpy(fill, o->start, (owners + 1) * sizeof(*fill));
	for (size_t i = 0; i < rows; i++) {
		if (owner_of[i] != IDMAP_NONE)
			o->rows[fill[owner_of[i]]++] = (uint32_t)i;
	}
}

/* A service may have several products, so its rows are laid out one per product first. */
static void own_services(struct join *j)
{
	const struct rec_input *in = j->in;
	size_t pairs = 0, at = 0;
	uint32_t *product_of, *service_of;

	for (size_t i = 0; i < in->service_count; i++)
		pairs += in->services[i].product_count;
	product_of = arena_array(j->arena, pairs + 1, sizeof(*product_of));
	service_of = arena_array(j->arena, pairs + 1, sizeof(*service_of));
	for (size_t i = 0; i < in->service_count; i++) {
		for (size_t k = 0; k < in->services[i].product_count; k++) {
			product_of[at] = in->services[i].products[k];
			service_of[at++] = (uint32_t)i;
		}
	}
	own(&j->services_of, j->arena, in->product_count, product_of, pairs);
	for (size_t i = 0; i < j->services_of.start[in->product_count]; i++)
		j->services_of.rows[i] = service_of[j->services_of.rows[i]];
}

static void own_accounts(struct join *j)
{
	const struct rec_input *in = j->in;
	uint32_t *owner = arena_array(j->arena, in->vendor_account_count + 1, sizeof(*owner));

	for (size_t i = 0; i < in->vendor_account_count; i++)
		owner[i] = in->vendor_accounts[i].account;
	own(&j->accounts_of, j->arena, in->account_count, owner, in->vendor_account_count);
}

static void own_contracts(struct join *j)
{
	const struct rec_input *in = j->in;
	uint32_t *owner = arena_array(j->arena, in->contract_count + 1, sizeof(*owner));

	for (size_t i = 0; i < in->contract_count; i++)
		owner[i] = in->contracts[i].gone ? IDMAP_NONE : in->contracts[i].account;
	own(&j->contracts_of, j->arena, in->account_count, owner, in->contract_count);
}

static bool is_there(const struct rec_input *in, const struct rec_line *l)
{
	const struct rec_contract *c = &in->contracts[l->contract];

	return l->gone == DAY_NONE && !c->gone && !in->accounts[c->account].gone;
}

/* A line that ends before it begins bills on no day. */
static bool bills(const struct rec_line *l)
{
	return l->billable && (l->cancelled == DAY_NONE || l->effective == DAY_NONE || l->cancelled >= l->effective);
}

/* Whether `second` takes the place of `first` the day after that ends. */
static bool follows(const struct rec_input *in, const struct rec_line *first, const struct rec_line *second)
{
	return first != second && first->contract == second->contract && first->cancelled != DAY_NONE &&
		second->effective == first->cancelled + 1 && bills(first) && bills(second) &&
		is_there(in, first) && is_there(in, second);
}

static bool has_neighbour(const struct join *j, const struct group *g, const struct rec_line *l, bool after)
{
	for (uint32_t i = g->first_line; i != IDMAP_NONE; i = j->line_next[i]) {
		const struct rec_line *other = &j->in->lines[i];

		if (after ? follows(j->in, l, other) : follows(j->in, other, l))
			return true;
	}
	return false;
}

static enum fate fate_of(const struct join *j, const struct group *g, const struct rec_line *l)
{
	if (!is_there(j->in, l))
		return FATE_GONE;
	if (!bills(l))
		return FATE_UNBILLED;
	if (l->cancelled != DAY_NONE && has_neighbour(j, g, l, true))
		return FATE_FOLLOWED;
	if (l->cancelled != DAY_NONE && l->cancelled < j->in->today)
		return FATE_ENDED;
	if (l->effective != DAY_NONE && l->effective > j->in->today && !has_neighbour(j, g, l, false))
		return FATE_COMING;
	return FATE_ACTIVE;
}

/* The lines of a group go by their ids, in whatever order the store gives them. */
static void chain_line(struct join *j, struct group *g, uint32_t line)
{
	uint32_t *link = &g->first_line;

	while (*link != IDMAP_NONE && strcmp(j->in->lines[*link].id, j->in->lines[line].id) < 0)
		link = &j->line_next[*link];
	j->line_next[line] = *link;
	*link = line;
}

static void join_lines(struct join *j)
{
	const struct rec_input *in = j->in;

	j->line_next = arena_array(j->arena, in->line_count + 1, sizeof(*j->line_next));
	j->fate = arena_alloc(j->arena, in->line_count + 1);
	for (size_t i = 0; i < in->line_count; i++) {
		const struct rec_line *l = &in->lines[i];
		struct group *g = join_group(j, in->contracts[l->contract].account, l->product);

		chain_line(j, g, (uint32_t)i);
	}
	for (size_t k = 0; k < j->group_count; k++) {
		struct group *g = &j->groups[k];

		for (uint32_t i = g->first_line; i != IDMAP_NONE; i = j->line_next[i]) {
			enum fate fate = fate_of(j, g, &in->lines[i]);

			j->fate[i] = (unsigned char)fate;
			g->active += fate == FATE_ACTIVE;
			g->coming += fate == FATE_COMING;
		}
	}
}

static void add_part(struct join *j, struct group *g, struct part part)
{
	uint32_t at = (uint32_t)j->part_count;

	if (j->part_count == j->part_cap) {
		struct part *bigger = arena_array(j->arena, j->part_cap * 2 + 256, sizeof(*bigger));

		if (j->part_count)
			memcpy(bigger, j->parts, j->part_count * sizeof(*bigger));
		j->parts = bigger;
		j->part_cap = j->part_cap * 2 + 256;
	}
	part.next = IDMAP_NONE;
	j->parts[j->part_count++] = part;
	if (g->last_part == IDMAP_NONE)
		g->first_part = at;
	else
		j->parts[g->last_part].next = at;
	g->last_part = at;
}

static bool has_line(const struct join *j, uint32_t account, uint32_t product)
{
	const struct group *g = find_group(j, account, product);

	return g && g->active + g->coming > 0;
}

static bool may_be_new(const struct join *j, const struct rec_service *s, const struct rec_vendor_account *va)
{
	return s->detect_new_revenue && va->detect_new_revenue && !j->in->accounts[va->account].gone;
}

/* Each product is counted in full; where the account has a line of one of them, the others are not its business. */
static void join_copy(
	struct join *j, const struct rec_service *s, const struct rec_vendor_account *va, struct part part)
{
	bool any = false;

	for (size_t k = 0; k < s->product_count; k++)
		any |= has_line(j, va->account, s->products[k]);
	for (size_t k = 0; k < s->product_count; k++) {
		if (any ? has_line(j, va->account, s->products[k]) : may_be_new(j, s, va))
			add_part(j, join_group(j, va->account, s->products[k]), part);
	}
}

/* Whole units, evenly over the products the account has lines of; the first gets what is left. */
static void join_split(
	struct join *j, const struct rec_service *s, const struct rec_vendor_account *va, struct part part)
{
	qty all = part.units, share;
	bool first = true;

	part.shares = 0;
	for (size_t k = 0; k < s->product_count; k++)
		part.shares += has_line(j, va->account, s->products[k]);
	if (part.shares == 0) {
		part.shares = 1;
		if (s->product_count && may_be_new(j, s, va))
			add_part(j, join_group(j, va->account, s->products[0]), part);
		return;
	}
	share = all / part.shares / QTY_ONE * QTY_ONE;
	for (size_t k = 0; k < s->product_count; k++) {
		if (!has_line(j, va->account, s->products[k]))
			continue;
		part.units = all == QTY_MAX ? all : first ? all - share * (part.shares - 1) : share;
		first = false;
		add_part(j, join_group(j, va->account, s->products[k]), part);
	}
}

static void join_counts(struct join *j)
{
	const struct rec_input *in = j->in;

	for (size_t i = 0; i < in->count_count; i++) {
		const struct rec_count *c = &in->counts[i];
		const struct rec_service *s;
		const struct rec_vendor_account *va;
		struct part part = { c->service, c->account, (uint32_t)i, c->units.q, 1, IDMAP_NONE };

		if (c->service == IDMAP_NONE || c->account == IDMAP_NONE)
			continue;
		s = &in->services[c->service];
		va = &in->vendor_accounts[c->account];
		if (va->account == IDMAP_NONE)
			continue;
		if (s->split)
			join_split(j, s, va, part);
		else
			join_copy(j, s, va, part);
	}
}

static bool is_counted(const struct join *j, const struct group *g, uint32_t service, uint32_t account)
{
	for (uint32_t p = g->first_part; p != IDMAP_NONE; p = j->parts[p].next) {
		if (j->parts[p].service == service && j->parts[p].account == account)
			return true;
	}
	return false;
}

/* Counts that the mappings lead one to expect for a line, and that never came. */
static void join_missing(struct join *j, struct group *g)
{
	const struct owned *services = &j->services_of, *accounts = &j->accounts_of;

	for (uint32_t s = services->start[g->product]; s < services->start[g->product + 1]; s++) {
		for (uint32_t a = accounts->start[g->account]; a < accounts->start[g->account + 1]; a++) {
			uint32_t service = services->rows[s], account = accounts->rows[a];

			if (j->in->vendor_accounts[account].integration == j->in->services[service].integration &&
				!is_counted(j, g, service, account))
				add_part(j, g, (struct part){ service, account, IDMAP_NONE, 0, 1, IDMAP_NONE });
		}
	}
}

static void join_overrides(struct join *j)
{
	const struct rec_input *in = j->in;

	j->override_next = arena_array(j->arena, in->override_count + 1, sizeof(*j->override_next));
	for (size_t i = in->override_count; i-- > 0;) {
		const struct override *o = &in->overrides[i];
		uint32_t at = pairmap_get(&j->group_of, o->account, o->product);

		if (at == IDMAP_NONE || !override_holds(o, in->today))
			continue;
		j->override_next[i] = j->groups[at].first_override;
		j->groups[at].first_override = (uint32_t)i;
	}
}

static void join_decisions(struct join *j)
{
	const struct rec_input *in = j->in;

	idmap_init(&j->decisions, j->arena, in->decision_count);
	j->decision_used = arena_alloc(j->arena, in->decision_count + 1);
	for (size_t i = 0; i < in->decision_count; i++)
		idmap_put(&j->decisions, in->decisions[i].card_id, (uint32_t)i);
}

void join_make(struct join *j, const struct rec_input *in, struct arena *a)
{
	j->in = in;
	j->arena = a;
	pairmap_init(&j->group_of, a, in->line_count);
	j->group_cap = in->line_count + 256;
	j->groups = arena_array(a, j->group_cap, sizeof(*j->groups));
	j->part_cap = in->count_count + 256;
	j->parts = arena_array(a, j->part_cap, sizeof(*j->parts));
	own_services(j);
	own_accounts(j);
	own_contracts(j);
	join_lines(j);
	join_counts(j);
	for (size_t i = 0; i < j->group_count; i++) {
		if (j->groups[i].active)
			join_missing(j, &j->groups[i]);
	}
	join_overrides(j);
	join_decisions(j);
}
