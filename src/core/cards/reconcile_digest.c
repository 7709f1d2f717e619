/* A digest of everything a card shows: equal digests, equal cards. */
#include "core/cards/reconcile_card.h"

#include <string.h>

/* Grows when the words of a card change, so that stored cards are made anew. */
enum { WORDS_VERSION = 1 };

static uint64_t text(uint64_t h, const char *s)
{
	return s ? idmap_hash(h + 1, s, strlen(s)) : idmap_hash(h, "", 0);
}

static uint64_t number(uint64_t h, int64_t n)
{
	return idmap_hash(h, &n, sizeof(n));
}

static uint64_t units(uint64_t h, const qty *q)
{
	return q ? number(h + 1, *q) : number(h, 0);
}

static void name_entities(struct join *j)
{
	const struct rec_input *in = j->in;

	for (size_t i = 0; i < in->account_count; i++)
		j->account_hash[i] = text(text(1, in->accounts[i].id), in->accounts[i].fold);
	for (size_t i = 0; i < in->product_count; i++) {
		const struct rec_product *p = &in->products[i];

		j->product_hash[i] = text(text(text(2, p->id), p->fold), p->code_fold);
	}
	for (size_t i = 0; i < in->contract_count; i++) {
		const struct rec_contract *c = &in->contracts[i];

		j->contract_hash[i] = text(text(text(text(3, c->id), c->name), c->fold), c->currency);
	}
}

void digest_names(struct join *j)
{
	const struct rec_input *in = j->in;

	j->account_hash = arena_array(j->arena, in->account_count + 1, sizeof(uint64_t));
	j->product_hash = arena_array(j->arena, in->product_count + 1, sizeof(uint64_t));
	j->contract_hash = arena_array(j->arena, in->contract_count + 1, sizeof(uint64_t));
	j->service_hash = arena_array(j->arena, in->service_count + 1, sizeof(uint64_t));
	j->vendor_account_hash = arena_array(j->arena, in->vendor_account_count + 1, sizeof(uint64_t));
	name_entities(j);
	for (size_t i = 0; i < in->service_count; i++) {
		const struct rec_service *s = &in->services[i];
		const struct rec_integration *x = &in->integrations[s->integration];

		j->service_hash[i] = text(
			text(text(text(text(text(4, s->id), s->name), s->unit_basis), x->id), x->vendor), x->name);
	}
	for (size_t i = 0; i < in->vendor_account_count; i++)
		j->vendor_account_hash[i] = text(text(5, in->vendor_accounts[i].id), in->vendor_accounts[i].name);
}

void digest_begin(struct making *m)
{
	m->card.digest = WORDS_VERSION;
}

void digest_add(struct making *m, uint64_t x)
{
	m->card.digest = number(m->card.digest, (int64_t)x);
}

void digest_line(struct making *m, const struct rec_line *l)
{
	uint64_t h = text(m->card.digest, l->id);

	h = number(h, (int64_t)m->j->contract_hash[l->contract]);
	m->card.digest = number(h, l->quantity);
}

static void rule(struct making *m, const struct rule *r)
{
	if (r)
		m->card.digest = number(text(text(m->card.digest, r->id), r->name), r->version);
	else
		digest_add(m, 0);
}

void digest_rules(struct making *m, const struct rule_pick *p)
{
	rule(m, p->convert);
	rule(m, p->included);
	rule(m, p->minimum);
	rule(m, p->maximum);
	rule(m, p->round);
	if (p->override) {
		uint64_t h = text(text(m->card.digest, p->override->id), p->override->reason);

		m->card.digest = number(number(h, p->override->quantity), p->override->expires);
	}
}

void digest_decision(struct making *m, const struct rec_decision *d)
{
	uint64_t h = text(text(m->card.digest, d->id), d->detail);

	h = units(units(units(h, d->quantity), d->seen_psa), d->seen_target);
	h = number(number(number(h, d->closes), d->effective), d->at);
	m->card.digest = number(h, d->write);
}

static uint64_t part(const struct making *m, uint64_t h, const struct part *p)
{
	int64_t numbers[6] = { (int64_t)m->j->service_hash[p->service], (int64_t)m->j->vendor_account_hash[p->account],
		p->units, p->shares, (int64_t)card_part_state(m, p), 0 };

	if (p->count != IDMAP_NONE) {
		const struct rec_count *c = &m->j->in->counts[p->count];

		numbers[5] = c->observed_at;
		if (p->shares > 1)
			h = number(h, c->units.q);
	}
	return idmap_hash(h, numbers, sizeof(numbers));
}

void digest_end(struct making *m)
{
	const struct card *c = &m->card;
	const struct owned *services = &m->j->services_of;
	uint64_t h = c->digest;
	int64_t numbers[8] = { (int64_t)m->j->account_hash[c->account], (int64_t)m->j->product_hash[c->product],
		c->contract == IDMAP_NONE ? 0 : (int64_t)m->j->contract_hash[c->contract], c->kind, c->state, c->change,
		c->value_state, c->effective };

	h = idmap_hash(h, numbers, sizeof(numbers));
	h = units(units(units(units(units(h, c->psa), c->vendor), c->target), c->reconciled), c->money);
	h = text(text(h, c->currency), c->decision_id);
	for (uint32_t i = m->g->first_part; i != IDMAP_NONE; i = m->j->parts[i].next)
		h = part(m, h, &m->j->parts[i]);
	for (uint32_t s = services->start[c->product];
		m->g->first_part == IDMAP_NONE && s < services->start[c->product + 1]; s++)
		h = number(h, (int64_t)m->j->service_hash[services->rows[s]]);
	m->card.digest = h;
}
