#include "core/cards/reconcile_card.h"

#include "base/codec.h"

#include <string.h>

static const char *const kind_names[CARD_KIND_MAX] = { "reconcile", "new_revenue", "no_change", "no_usage",
	"no_vendor" };
static const char *const state_names[CARD_STATE_MAX] = { "open", "approved", "dismissed", "confirmed", "stale" };

const char *card_kind_name(enum card_kind k)
{
	return kind_names[k];
}

const char *card_state_name(enum card_state s)
{
	return state_names[s];
}

enum value_state card_part_state(const struct making *m, const struct part *p)
{
	const struct rec_input *in = m->j->in;
	const struct rec_integration *i = &in->integrations[in->services[p->service].integration];
	const struct rec_count *c;

	if (p->count == IDMAP_NONE)
		return VALUE_MISSING;
	c = &in->counts[p->count];
	return value_state_at(
		&c->units, c->observed_at < i->covered_at ? i->covered_at : c->observed_at, i->stale_after, in->now);
}

static void tally_part(struct making *m, const struct part *p)
{
	const struct rec_service *s = &m->j->in->services[p->service];
	enum value_state v = card_part_state(m, p);
	struct tally *t = &m->tally;

	t->parts++;
	if (v == VALUE_MISSING) {
		t->missing++;
		return;
	}
	if (t->counted++ == 0)
		t->basis = s->unit_basis;
	else if (!t->basis || !s->unit_basis || strcmp(t->basis, s->unit_basis) != 0)
		t->basis = NULL;
	t->stale += v == VALUE_STALE;
	t->zeros += v == VALUE_ZERO;
	if (p->units == QTY_MAX || qty_add(t->sum, p->units, &t->sum) != RC_OK)
		t->fits = false;
}

static void add_counts(struct making *m)
{
	struct tally *t = &m->tally;

	*t = (struct tally){ .fits = true };
	for (uint32_t i = m->g->first_part; i != IDMAP_NONE; i = m->j->parts[i].next)
		tally_part(m, &m->j->parts[i]);
	m->card.unit_basis = t->basis;
	m->card.value_state = !t->counted ? VALUE_MISSING
		: t->stale                ? VALUE_STALE
		: t->zeros == t->counted  ? VALUE_ZERO
					  : VALUE_KNOWN;
	if (t->counted && t->fits) {
		m->vendor = t->sum;
		m->card.vendor = &m->vendor;
	}
}

static void pick_rules(const struct making *m, struct rule_pick *pick)
{
	const struct rec_input *in = m->j->in;
	uint32_t contract = m->card.contract == IDMAP_NONE ? RULE_LOST : m->card.contract;

	rule_pick(in->rules, in->rule_count, m->g->product, m->g->account, contract, pick);
	for (uint32_t i = m->g->first_override; i != IDMAP_NONE; i = m->j->override_next[i]) {
		const struct override *o = &in->overrides[i];

		if (o->contract == contract) {
			pick->override = o;
			return;
		}
		if (o->contract == RULE_ANY && !pick->override)
			pick->override = o;
	}
}

static enum card_kind kind_of(const struct making *m, bool has_line)
{
	const struct owned *of = &m->j->services_of;

	if (!has_line)
		return CARD_NEW_REVENUE;
	if (m->card.target)
		return m->target == m->psa ? CARD_NO_CHANGE : CARD_RECONCILE;
	if (m->card.vendor)
		return CARD_RECONCILE;
	return of->start[m->g->product] == of->start[m->g->product + 1] ? CARD_NO_VENDOR : CARD_NO_USAGE;
}

static void add_units(struct making *m, bool has_line)
{
	struct rule_pick pick;
	struct jsonw *why = m->words ? &m->why_out : NULL;

	if (why)
		jsonw_array(why);
	m->card.kind = kind_of(m, has_line);
	add_counts(m);
	if (why)
		card_tell_sources(m);
	pick_rules(m, &pick);
	if (rule_apply(&pick, m->card.vendor, why, &m->target))
		m->card.target = &m->target;
	if (why)
		jsonw_end_array(why);
	digest_rules(m, &pick);
	m->card.kind = kind_of(m, has_line);
	if (m->card.target)
		m->card.change = m->target - (has_line ? m->psa : 0);
	if (m->card.target && m->has_price && qty_mul(m->card.change, m->price, &m->money) == RC_OK)
		m->card.money = &m->money;
}

/* Begins a card of the group: everything empty. */
static void begin(struct making *m, const struct group *g)
{
	memset(&m->card, 0, sizeof(m->card));
	m->g = g;
	m->card.account = g->account;
	m->card.product = g->product;
	m->card.contract = m->card.line = IDMAP_NONE;
	m->card.effective = DAY_NONE;
	m->has_price = false;
	arena_release(&m->small);
	digest_begin(m);
	if (!m->words)
		return;
	buf_clear(&m->sources);
	buf_clear(&m->why);
	buf_clear(&m->choices);
	buf_clear(&m->line);
	jsonw_init(&m->why_out, &m->why, 0);
	jsonw_init(&m->choices_out, &m->choices, 0);
}

static bool same_units(const qty *a, const qty *b)
{
	return a && b ? *a == *b : a == b;
}

/* Why a decision no longer closes its card, or NULL while it does. The PSA is expected to show what was decided. */
static const char *why_open_again(struct making *m, const struct rec_decision *d)
{
	const qty *expect = d->closes == CARD_APPROVED ? d->quantity : d->seen_psa;
	/* What was written need not show yet: it holds from a later day, or the PSA was not read since. */
	bool later = d->closes == CARD_APPROVED &&
		((d->effective != DAY_NONE && d->effective > m->j->in->today) || m->read_at < d->written_at);

	if (!same_units(m->card.target, d->seen_target))
		return card_why_units(m, d);
	if (m->card.psa && !same_units(m->card.psa, expect) && !(later && same_units(m->card.psa, d->seen_psa)))
		return card_why_psa(m, d, expect);
	if (!m->card.psa && d->closes == CARD_APPROVED && !later)
		return card_why_lost(m, d);
	return NULL;
}

static const struct rec_decision *decision_of(struct making *m)
{
	const struct rec_decision *d;
	uint32_t at;

	if (m->j->in->decision_count == 0)
		return NULL;
	at = idmap_get(&m->j->decisions, m->card.id);
	if (at == IDMAP_NONE)
		return NULL;
	d = &m->j->in->decisions[at];
	m->j->decision_used[at] = true;
	m->card.decision_id = d->id;
	digest_decision(m, d);
	return d;
}

/* Gives the card the state that its last decision leaves it in. */
static void settle(struct making *m)
{
	const struct rec_decision *d = decision_of(m);

	m->card.state = CARD_OPEN;
	if (!d || d->closes == CARD_OPEN)
		return;
	if (d->write == REC_WRITE_VOID)
		m->card.state_why = d->detail ? d->detail : "The approved change was not made in the PSA.";
	else if (d->write != REC_WRITE_MOVING)
		m->card.state_why = why_open_again(m, d);
	if (m->card.state_why)
		return;
	m->card.state = d->closes;
	m->card.reconciled = d->quantity;
	m->card.effective = d->effective;
}

static const char *card_id(struct making *m, const char *kind, const char *first, const char *second)
{
	return id_derive(&m->small, m->j->in->org, "card", kind, first, second, NULL);
}

static const char *line_card_id(struct making *m, uint32_t line)
{
	const char *known = m->j->in->line_cards ? m->j->in->line_cards[line] : NULL;

	return known ? known : card_id(m, "line", m->j->in->lines[line].id, NULL);
}

static void take_line(struct making *m, uint32_t line)
{
	const struct rec_line *l = &m->j->in->lines[line];
	const struct rec_product *p = &m->j->in->products[l->product];

	m->card.line = line;
	m->card.contract = l->contract;
	m->card.currency = m->j->in->contracts[l->contract].currency;
	m->psa = l->quantity;
	m->card.psa = &m->psa;
	m->read_at = l->read_at;
	m->has_price = l->has_price || p->price;
	m->price = l->has_price ? l->price : p->price ? *p->price : 0;
	digest_line(m, l);
}

/* Each make_ function fills the card of a group and says whether there is one; `n` is the line, or the decision. */

static enum rc make_line(struct making *m, const struct group *g, uint32_t n, bool *ret, struct err *e)
{
	begin(m, g);
	take_line(m, n);
	m->card.id = line_card_id(m, n);
	add_units(m, true);
	settle(m);
	*ret = true;
	return RC_OK;
}

/* Whether a line's end is recent enough, and was seen coming, to keep a card that says so. */
static bool worth_telling(const struct join *j, const struct rec_line *l, enum fate fate, day *ret_since)
{
	if (fate == FATE_GONE)
		*ret_since = l->gone == DAY_NONE ? j->in->today : l->gone;
	else
		*ret_since = l->cancelled;
	if (l->cancelled != DAY_NONE && l->cancelled < *ret_since)
		*ret_since = l->cancelled;
	if (*ret_since < j->in->today - STALE_DAYS)
		return false;
	if (l->cancelled != DAY_NONE && l->cancelled < j->in->today && l->first_seen != DAY_NONE &&
		l->first_seen > l->cancelled)
		return false;
	return fate == FATE_GONE || fate == FATE_ENDED || fate == FATE_FOLLOWED;
}

/* A line that is no more: nothing to decide. Where it was ended by an approval it stays approved. */
static enum rc make_ended(struct making *m, const struct group *g, uint32_t n, bool *ret, struct err *e)
{
	const struct rec_decision *d;
	enum fate fate = m->j->fate[n];
	day since;

	*ret = worth_telling(m->j, &m->j->in->lines[n], fate, &since);
	if (!*ret)
		return RC_OK;
	begin(m, g);
	take_line(m, n);
	m->card.id = line_card_id(m, n);
	add_units(m, true);
	m->card.target = m->card.money = NULL;
	m->card.change = 0;
	m->card.state = CARD_STALE;
	d = decision_of(m);
	if (d) {
		m->card.reconciled = d->quantity;
		m->card.effective = d->effective;
		if (fate == FATE_FOLLOWED && d->closes == CARD_APPROVED && d->write != REC_WRITE_VOID)
			m->card.state = CARD_APPROVED;
	}
	digest_add(m, (uint64_t)since);
	digest_add(m, fate);
	m->card.state_why = card_why_ended(m, fate, since);
	return RC_OK;
}

/* Takes one of several lines into the card: the sum of units; a price and a currency only while all agree. */
static bool take_also(struct making *m, uint32_t line, bool first)
{
	qty sum = m->psa, price = m->price;
	const char *currency = m->card.currency;
	bool has_price = m->has_price;
	utime read_at = m->read_at;

	take_line(m, line);
	m->card.line = m->card.contract = IDMAP_NONE;
	if (first)
		return true;
	if (qty_add(sum, m->psa, &m->psa) != RC_OK)
		return false;
	m->has_price = has_price && m->has_price && price == m->price;
	m->read_at = read_at < m->read_at ? read_at : m->read_at;
	if (!currency || !m->card.currency || strcmp(currency, m->card.currency) != 0)
		m->card.currency = NULL;
	return true;
}

static enum rc make_lines(struct making *m, const struct group *g, uint32_t n, bool *ret, struct err *e)
{
	const struct rec_input *in = m->j->in;
	bool first = true;

	begin(m, g);
	if (m->words)
		jsonw_array(&m->choices_out);
	for (uint32_t i = g->first_line; i != IDMAP_NONE; i = m->j->line_next[i]) {
		if (m->j->fate[i] != FATE_ACTIVE)
			continue;
		if (!take_also(m, i, first))
			return err_set(e, RC_INVALID,
				"The lines of one customer and product add up to more than a quantity can hold. Look "
				"at "
				"contract %s.",
				in->contracts[in->lines[i].contract].name);
		first = false;
		if (m->words)
			card_tell_choice(m, in->lines[i].contract, &in->lines[i]);
	}
	if (m->words)
		jsonw_end_array(&m->choices_out);
	m->card.id = card_id(m, "lines", in->accounts[g->account].id, in->products[g->product].id);
	add_units(m, true);
	settle(m);
	*ret = true;
	return RC_OK;
}

/* Usage without a line; the contracts it could go on are the choices. */
static void begin_new(struct making *m, const struct group *g)
{
	const struct rec_input *in = m->j->in;
	const struct owned *of = &m->j->contracts_of;
	const struct rec_product *p = &in->products[g->product];

	begin(m, g);
	m->read_at = in->book_read_at;
	m->has_price = p->price != NULL;
	m->price = p->price ? *p->price : 0;
	if (m->words)
		jsonw_array(&m->choices_out);
	for (uint32_t i = of->start[g->account]; i < of->start[g->account + 1]; i++) {
		digest_add(m, m->j->contract_hash[of->rows[i]]);
		if (m->words)
			card_tell_choice(m, of->rows[i], NULL);
	}
	if (m->words)
		jsonw_end_array(&m->choices_out);
	m->card.id = card_id(m, "new", in->accounts[g->account].id, in->products[g->product].id);
	add_units(m, false);
}

static enum rc make_new(struct making *m, const struct group *g, uint32_t n, bool *ret, struct err *e)
{
	*ret = g->first_part != IDMAP_NONE && !m->j->in->products[g->product].gone;
	if (!*ret)
		return RC_OK;
	begin_new(m, g);
	*ret = !(m->card.vendor && m->vendor == 0) && !(m->card.target && m->target <= 0);
	if (*ret)
		settle(m);
	return RC_OK;
}

/* New revenue that was approved: the usage has its line now, or is about to, and the card says so for a while. */
static enum rc make_added(struct making *m, const struct group *g, uint32_t n, bool *ret, struct err *e)
{
	const struct rec_decision *d = &m->j->in->decisions[n];

	begin_new(m, g);
	*ret = strcmp(m->card.id, d->card_id) == 0;
	m->card.state = CARD_APPROVED;
	m->card.decision_id = d->id;
	m->card.reconciled = d->quantity;
	m->card.effective = d->effective;
	m->card.contract = d->contract;
	m->card.change = 0;
	m->card.money = NULL;
	digest_decision(m, d);
	if (d->write == REC_WRITE_APPLIED)
		m->card.state_why = "The line was added. It has a card of its own.";
	return RC_OK;
}

typedef enum rc (*make_fn)(struct making *m, const struct group *g, uint32_t n, bool *ret, struct err *e);

static enum rc emit(struct making *m, struct err *e)
{
	card_tell_vendors(m);
	m->card.sources = buf_text(&m->sources);
	m->card.why = buf_text(&m->why);
	m->card.choices = m->choices.len ? buf_text(&m->choices) : NULL;
	if (m->sources.failed || m->why.failed || m->choices.failed)
		return err_set(e, RC_INTERNAL, "A card has more sources or choices than fit in one.");
	return m->sink->take(m->sink->arg, &m->card, e);
}

/* Makes a card without words, and once more with them when it is wanted. */
static enum rc offer(struct making *m, make_fn make, const struct group *g, uint32_t n, struct err *e)
{
	bool there = false;
	enum rc rc;

	m->words = false;
	rc = make(m, g, n, &there, e);
	if (rc != RC_OK || !there)
		return rc;
	digest_end(m);
	if (!m->sink->want(m->sink->arg, &m->card))
		return RC_OK;
	m->words = true;
	rc = make(m, g, n, &there, e);
	digest_end(m);
	return rc == RC_OK ? emit(m, e) : rc;
}

static enum rc group_cards(struct making *m, const struct group *g, struct err *e)
{
	enum rc rc = RC_OK;

	if (g->active > 1)
		rc = offer(m, make_lines, g, 0, e);
	else if (g->active == 0 && g->coming == 0)
		rc = offer(m, make_new, g, 0, e);
	for (uint32_t i = g->first_line; i != IDMAP_NONE && rc == RC_OK; i = m->j->line_next[i]) {
		if (m->j->fate[i] != FATE_ACTIVE)
			rc = offer(m, make_ended, g, i, e);
		else if (g->active == 1)
			rc = offer(m, make_line, g, i, e);
	}
	return rc;
}

static enum rc added_card(struct making *m, uint32_t n, struct err *e)
{
	const struct rec_input *in = m->j->in;
	const struct rec_decision *d = &in->decisions[n];

	if (!d->adds_line || m->j->decision_used[n] || d->account == IDMAP_NONE || d->product == IDMAP_NONE ||
		d->write == REC_WRITE_VOID || d->write == REC_WRITE_NONE ||
		(d->write == REC_WRITE_APPLIED && day_of(d->at) < in->today - STALE_DAYS))
		return RC_OK;
	return offer(m, make_added, join_group(m->j, d->account, d->product), n, e);
}

static void making_release(struct making *m)
{
	buf_release(&m->sources);
	buf_release(&m->why);
	buf_release(&m->choices);
	buf_release(&m->line);
	arena_release(&m->small);
}

enum rc reconcile(const struct rec_input *in, struct arena *a, const struct card_sink *sink, struct err *e)
{
	struct join *j = arena_alloc(a, sizeof(*j));
	struct making *m = arena_alloc(a, sizeof(*m));
	enum rc rc = RC_OK;

	rule_sort(in->rules, in->rule_count);
	join_make(j, in, a);
	digest_names(j);
	m->j = j;
	m->sink = sink;
	buf_init(&m->sources, CARD_TEXT_MAX);
	buf_init(&m->why, CARD_TEXT_MAX);
	buf_init(&m->choices, CARD_TEXT_MAX);
	buf_init(&m->line, CARD_TEXT_MAX);
	for (size_t i = 0; i < j->group_count && rc == RC_OK; i++)
		rc = group_cards(m, &j->groups[i], e);
	for (size_t i = 0; i < in->decision_count && rc == RC_OK; i++)
		rc = added_card(m, (uint32_t)i, e);
	making_release(m);
	return rc;
}
