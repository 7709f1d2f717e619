#include "core/reconcile_join.h"

#include "base/codec.h"

#include <stdio.h>
#include <stdlib.h>
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

/* A card in the making, with room for what the card points at. */
struct making {
	struct join *j;
	const struct group *g;
	struct card card;
	qty psa, vendor, target, price, money;
	bool has_price;
	utime read_at;			/* of the line that was read longest ago */
	struct buf sources, why, choices, words;
	struct arena small;		/* of one card */
	char state_why[400], currency[32];
	char *vendors, *integration_ids;
};

enum { NAMED_SOURCES = 6, TEXT_MAX = 4 << 20 };

static enum value_state state_of(const struct making *m, const struct part *p)
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

static void write_ref(struct jsonw *w, const char *key, const char *id, const char *name)
{
	jsonw_key(w, key);
	jsonw_object(w);
	jsonw_kv(w, "id", id);
	jsonw_kv(w, "name", name);
	jsonw_end_object(w);
}

static void write_source(const struct making *m, const struct part *p, struct jsonw *w)
{
	const struct rec_input *in = m->j->in;
	const struct rec_service *s = &in->services[p->service];
	const struct rec_vendor_account *va = &in->vendor_accounts[p->account];
	const struct rec_integration *i = &in->integrations[s->integration];
	char at[CLOCK_TEXT];

	jsonw_object(w);
	jsonw_kv(w, "integration", i->id);
	jsonw_kv(w, "integration_name", i->name);
	jsonw_kv(w, "vendor", i->vendor);
	write_ref(w, "service", s->id, s->name);
	write_ref(w, "account", va->id, va->name);
	if (p->count == IDMAP_NONE) {
		jsonw_kv_null(w, "units");
		jsonw_kv_null(w, "observed_at");
	} else {
		jsonw_kv_qty(w, "units", p->units);
		jsonw_kv(w, "observed_at", clock_format(in->counts[p->count].observed_at, at));
	}
	if (p->shares > 1) {
		jsonw_kv_qty(w, "counted", in->counts[p->count].units.q);
		jsonw_kv_int(w, "split_over", p->shares);
	}
	jsonw_kv(w, "unit_basis", s->unit_basis);
	jsonw_kv(w, "value_state", value_state_name(state_of(m, p)));
	jsonw_end_object(w);
}

/* "12 from Coro, Endpoint (Acme Ltd)" into the sentence about the sources. */
static void name_source(const struct making *m, const struct part *p, struct buf *words)
{
	const struct rec_input *in = m->j->in;
	const struct rec_service *s = &in->services[p->service];
	char units[QTY_TEXT], all[QTY_TEXT];

	buf_puts(words, words->len ? "; " : "");
	if (p->count == IDMAP_NONE)
		buf_puts(words, "no count");
	else if (p->shares > 1)
		buf_printf(words, "%s of %s, split over %u products,", qty_format(p->units, units),
			qty_format(in->counts[p->count].units.q, all), p->shares);
	else
		buf_puts(words, qty_format(p->units, units));
	if (s->unit_basis && p->count != IDMAP_NONE)
		buf_printf(words, " protected %s", s->unit_basis);
	buf_printf(words, " from %s, %s (%s)", in->integrations[s->integration].name, s->name,
		in->vendor_accounts[p->account].name);
}

/* What all counts of the card come to. */
struct tally {
	size_t counted, missing, stale;
	qty sum;
	bool fits;			/* the sum does */
	const char *basis;
};

static void tally_part(struct making *m, const struct part *p, struct tally *t)
{
	const struct rec_service *s = &m->j->in->services[p->service];
	enum value_state v = state_of(m, p);

	if (v == VALUE_MISSING) {
		t->missing++;
		return;
	}
	if (t->counted++ == 0)
		t->basis = s->unit_basis;
	else if (!t->basis || !s->unit_basis || strcmp(t->basis, s->unit_basis) != 0)
		t->basis = NULL;
	t->stale += v == VALUE_STALE;
	if (p->units == QTY_MAX || qty_add(t->sum, p->units, &t->sum) != RC_OK)
		t->fits = false;
}

static void explain_sources(struct making *m, const struct tally *t, size_t parts, struct jsonw *w)
{
	const qty *sum = t->counted && t->fits ? &t->sum : NULL;
	size_t named = parts > NAMED_SOURCES ? NAMED_SOURCES : parts;

	if (parts > named)
		buf_printf(&m->words, "; and %zu more", parts - named);
	if (parts == 0)
		why_step(w, "sources", NULL, NULL, NULL, "%s",
			m->card.kind == CARD_NO_VENDOR ? "No connected vendor reports this product." :
							 "No vendor account of this customer is mapped for it.");
	else
		why_step(w, "sources", NULL, t->counted == 1 ? sum : NULL, NULL, "%s.", buf_text(&m->words));
	if (t->missing && t->counted)
		why_step(w, "missing", sum, sum, NULL,
			"%zu expected count%s never arrived and %s left out of the sum, not taken as zero.", t->missing,
			t->missing == 1 ? "" : "s", t->missing == 1 ? "is" : "are");
	if (t->stale)
		why_step(w, "stale", sum, sum, NULL, "%zu of %zu counts %s older than the vendor's usual rhythm.",
			t->stale, t->counted, t->stale == 1 ? "is" : "are");
	if (t->counted > 1)
		why_step(w, "sum", NULL, sum, NULL,
			t->fits ? "The sum of %zu counts." : "The sum of %zu counts is too large to be a quantity.",
			t->counted);
}

static void add_sources(struct making *m, struct jsonw *why)
{
	struct tally t = { .fits = true };
	struct jsonw w;
	size_t parts = 0;

	jsonw_init(&w, &m->sources, 0);
	jsonw_array(&w);
	for (uint32_t i = m->g->first_part; i != IDMAP_NONE; i = m->j->parts[i].next) {
		const struct part *p = &m->j->parts[i];

		write_source(m, p, &w);
		tally_part(m, p, &t);
		if (parts++ < NAMED_SOURCES)
			name_source(m, p, &m->words);
	}
	jsonw_end_array(&w);
	explain_sources(m, &t, parts, why);
	m->card.unit_basis = t.basis;
	m->card.value_state = !t.counted ? VALUE_MISSING : t.stale ? VALUE_STALE : t.sum == 0 ? VALUE_ZERO : VALUE_KNOWN;
	if (t.counted && t.fits) {
		m->vendor = t.sum;
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

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "|a|b|" of the texts, sorted, each once. */
static char *barred(struct arena *a, const char **texts, size_t count)
{
	AUTO(buf) b = BUF_INIT(TEXT_MAX);

	if (count == 0)
		return arena_strdup(a, "");
	qsort(texts, count, sizeof(*texts), by_text);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || strcmp(texts[i], texts[i - 1]) != 0)
			buf_printf(&b, "|%s", texts[i]);
	}
	buf_putc(&b, '|');
	return arena_strdup(a, buf_text(&b));
}

/* Which vendors the card is about: those that count for it, or those one would expect to. */
static void add_vendors(struct making *m)
{
	const struct rec_input *in = m->j->in;
	const struct owned *of = &m->j->services_of;
	size_t count = 0, room = of->start[m->g->product + 1] - of->start[m->g->product];
	const char **ids, **vendors;

	for (uint32_t i = m->g->first_part; i != IDMAP_NONE; i = m->j->parts[i].next)
		room++;
	ids = arena_array(&m->small, room + 1, sizeof(*ids));
	vendors = arena_array(&m->small, room + 1, sizeof(*vendors));
	for (uint32_t i = m->g->first_part; i != IDMAP_NONE; i = m->j->parts[i].next)
		ids[count++] = (const char *)&in->integrations[in->services[m->j->parts[i].service].integration];
	for (uint32_t s = of->start[m->g->product]; count == 0 && s < of->start[m->g->product + 1]; s++)
		ids[count++] = (const char *)&in->integrations[in->services[of->rows[s]].integration];
	for (size_t i = 0; i < count; i++) {
		const struct rec_integration *x = (const void *)ids[i];

		ids[i] = x->id;
		vendors[i] = x->vendor;
	}
	m->card.integration_ids = barred(&m->small, ids, count);
	m->card.vendors = barred(&m->small, vendors, count);
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
	struct jsonw why;

	jsonw_init(&why, &m->why, 0);
	jsonw_array(&why);
	m->card.kind = kind_of(m, has_line);
	add_sources(m, &why);
	pick_rules(m, &pick);
	if (rule_apply(&pick, m->card.vendor, &why, &m->target))
		m->card.target = &m->target;
	jsonw_end_array(&why);
	m->card.kind = kind_of(m, has_line);
	if (m->card.target)
		m->card.change = m->target - (has_line ? m->psa : 0);
	if (m->card.target && m->has_price && qty_mul(m->card.change, m->price, &m->money) == RC_OK)
		m->card.money = &m->money;
	add_vendors(m);
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
	buf_clear(&m->sources);
	buf_clear(&m->why);
	buf_clear(&m->choices);
	buf_clear(&m->words);
	arena_release(&m->small);
}

static bool same_units(const qty *a, const qty *b)
{
	return a && b ? *a == *b : a == b;
}

static const char *units_or(const qty *q, char out[QTY_TEXT], const char *none)
{
	return q ? qty_format(*q, out) : none;
}

/* Why a decision no longer closes its card, or NULL while it does. The PSA is expected to show what was decided. */
static const char *why_open_again(struct making *m, const struct rec_decision *d)
{
	static const char *const done[CARD_STATE_MAX] = { [CARD_APPROVED] = "Approved", [CARD_DISMISSED] = "Dismissed",
		[CARD_CONFIRMED] = "Confirmed" };
	const qty *expect = d->closes == CARD_APPROVED ? d->quantity : d->seen_psa;
	/* What was written need not show yet: it holds from a later day, or the PSA was not read since. */
	bool later = d->closes == CARD_APPROVED &&
		((d->effective != DAY_NONE && d->effective > m->j->in->today) || m->read_at < d->written_at);
	char on[DAY_TEXT], a[QTY_TEXT], b[QTY_TEXT];

	day_format(day_of(d->at), on);
	if (!same_units(m->card.target, d->seen_target))
		snprintf(m->state_why, sizeof(m->state_why), "%s on %s when the units to bill were %s; now they are %s.",
			done[d->closes], on, units_or(d->seen_target, a, "not known"),
			units_or(m->card.target, b, "not known"));
	else if (m->card.psa && !same_units(m->card.psa, expect) && !(later && same_units(m->card.psa, d->seen_psa)))
		snprintf(m->state_why, sizeof(m->state_why), "%s on %s with %s in the PSA; the PSA now shows %s.",
			done[d->closes], on, units_or(expect, a, "nothing"), units_or(m->card.psa, b, "nothing"));
	else if (!m->card.psa && d->closes == CARD_APPROVED && !later)
		snprintf(m->state_why, sizeof(m->state_why), "Approved on %s; the line that was added is gone from the PSA.",
			on);
	else
		return NULL;
	return m->state_why;
}

/* Gives the card the state that its last decision leaves it in. */
static void settle(struct making *m)
{
	uint32_t at = idmap_get(&m->j->decisions, m->card.id);
	const struct rec_decision *d;

	m->card.state = CARD_OPEN;
	if (at == IDMAP_NONE)
		return;
	d = &m->j->in->decisions[at];
	m->j->decision_used[at] = true;
	m->card.decision_id = d->id;
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
}

static enum rc emit(struct making *m, card_sink sink, void *arg, struct err *e)
{
	m->card.sources = buf_text(&m->sources);
	m->card.why = buf_text(&m->why);
	m->card.choices = m->choices.len ? buf_text(&m->choices) : NULL;
	if (m->sources.failed || m->why.failed || m->choices.failed)
		return err_set(e, RC_INTERNAL, "A card has more sources or choices than fit in one.");
	return sink(arg, &m->card, e);
}

static enum rc line_card(struct making *m, const struct group *g, uint32_t line, card_sink sink, void *arg, struct err *e)
{
	begin(m, g);
	take_line(m, line);
	m->card.id = card_id(m, "line", m->j->in->lines[line].id, NULL);
	add_units(m, true);
	settle(m);
	return emit(m, sink, arg, e);
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

static const char *end_words(struct making *m, enum fate fate, day since)
{
	char on[DAY_TEXT];

	day_format(since, on);
	if (fate == FATE_GONE)
		snprintf(m->state_why, sizeof(m->state_why), "The line is gone from the PSA since %s.", on);
	else if (fate == FATE_FOLLOWED)
		snprintf(m->state_why, sizeof(m->state_why),
			"The line's last day is %s. The line that follows it has a card of its own.", on);
	else
		snprintf(m->state_why, sizeof(m->state_why), "The line ended on %s.", on);
	return m->state_why;
}

/* A line that is no more: nothing to decide. Where it was ended by an approval it stays approved. */
static enum rc ended_card(struct making *m, const struct group *g, uint32_t line, card_sink sink, void *arg, struct err *e)
{
	const struct rec_decision *d;
	enum fate fate = m->j->fate[line];
	uint32_t at;
	day since;

	if (!worth_telling(m->j, &m->j->in->lines[line], fate, &since))
		return RC_OK;
	begin(m, g);
	take_line(m, line);
	m->card.id = card_id(m, "line", m->j->in->lines[line].id, NULL);
	add_units(m, true);
	m->card.target = m->card.money = NULL;
	m->card.change = 0;
	m->card.state = CARD_STALE;
	at = idmap_get(&m->j->decisions, m->card.id);
	if (at != IDMAP_NONE) {
		d = &m->j->in->decisions[at];
		m->j->decision_used[at] = true;
		m->card.decision_id = d->id;
		m->card.reconciled = d->quantity;
		m->card.effective = d->effective;
		if (fate == FATE_FOLLOWED && d->closes == CARD_APPROVED && d->write != REC_WRITE_VOID)
			m->card.state = CARD_APPROVED;
	}
	m->card.state_why = end_words(m, fate, since);
	return emit(m, sink, arg, e);
}

static void write_choice(const struct making *m, uint32_t contract, const struct rec_line *l, struct jsonw *w)
{
	const struct rec_contract *c = &m->j->in->contracts[contract];

	jsonw_object(w);
	write_ref(w, "contract", c->id, c->name);
	jsonw_kv(w, "line_id", l ? l->id : NULL);
	if (l)
		jsonw_kv_qty(w, "quantity", l->quantity);
	else
		jsonw_kv_null(w, "quantity");
	jsonw_end_object(w);
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

static enum rc lines_card(struct making *m, const struct group *g, card_sink sink, void *arg, struct err *e)
{
	const struct rec_input *in = m->j->in;
	struct jsonw w;
	bool first = true;

	begin(m, g);
	jsonw_init(&w, &m->choices, 0);
	jsonw_array(&w);
	for (uint32_t i = g->first_line; i != IDMAP_NONE; i = m->j->line_next[i]) {
		if (m->j->fate[i] != FATE_ACTIVE)
			continue;
		if (!take_also(m, i, first))
			return err_set(e, RC_INVALID, "The lines of one customer and product add up to more than a quantity "
						      "can hold. Look at contract %s.",
				in->contracts[in->lines[i].contract].name);
		first = false;
		write_choice(m, in->lines[i].contract, &in->lines[i], &w);
	}
	jsonw_end_array(&w);
	m->card.id = card_id(m, "lines", in->accounts[g->account].id, in->products[g->product].id);
	add_units(m, true);
	settle(m);
	return emit(m, sink, arg, e);
}

/* Fills a card of usage without a line; the contracts it could go on are its choices. */
static void make_new(struct making *m, const struct group *g)
{
	const struct rec_input *in = m->j->in;
	const struct owned *of = &m->j->contracts_of;
	const struct rec_product *p = &in->products[g->product];
	struct jsonw w;

	begin(m, g);
	m->read_at = in->book_read_at;
	m->has_price = p->price != NULL;
	m->price = p->price ? *p->price : 0;
	jsonw_init(&w, &m->choices, 0);
	jsonw_array(&w);
	for (uint32_t i = of->start[g->account]; i < of->start[g->account + 1]; i++)
		write_choice(m, of->rows[i], NULL, &w);
	jsonw_end_array(&w);
	m->card.id = card_id(m, "new", in->accounts[g->account].id, in->products[g->product].id);
	add_units(m, false);
}

static enum rc new_card(struct making *m, const struct group *g, card_sink sink, void *arg, struct err *e)
{
	if (g->first_part == IDMAP_NONE || m->j->in->products[g->product].gone)
		return RC_OK;
	make_new(m, g);
	if ((m->card.vendor && m->vendor == 0) || (m->card.target && m->target <= 0))
		return RC_OK;
	settle(m);
	return emit(m, sink, arg, e);
}

/* New revenue that was approved: the usage has its line now, or is about to, and the card says so for a while. */
static enum rc added_card(struct making *m, const struct rec_decision *d, card_sink sink, void *arg, struct err *e)
{
	const struct rec_input *in = m->j->in;

	if (d->account == IDMAP_NONE || d->product == IDMAP_NONE || d->write == REC_WRITE_VOID ||
		d->write == REC_WRITE_NONE || (d->write == REC_WRITE_APPLIED && day_of(d->at) < in->today - STALE_DAYS))
		return RC_OK;
	make_new(m, join_group(m->j, d->account, d->product));
	if (strcmp(m->card.id, d->card_id) != 0)
		return RC_OK;
	m->card.state = CARD_APPROVED;
	m->card.decision_id = d->id;
	m->card.reconciled = d->quantity;
	m->card.effective = d->effective;
	m->card.contract = d->contract;
	m->card.change = 0;
	m->card.money = NULL;
	if (d->write == REC_WRITE_APPLIED)
		m->card.state_why = "The line was added. It has a card of its own.";
	return emit(m, sink, arg, e);
}

static enum rc group_cards(struct making *m, const struct group *g, card_sink sink, void *arg, struct err *e)
{
	enum rc rc = RC_OK;

	if (g->active > 1)
		rc = lines_card(m, g, sink, arg, e);
	else if (g->active == 0 && g->coming == 0)
		rc = new_card(m, g, sink, arg, e);
	for (uint32_t i = g->first_line; i != IDMAP_NONE && rc == RC_OK; i = m->j->line_next[i]) {
		if (m->j->fate[i] != FATE_ACTIVE)
			rc = ended_card(m, g, i, sink, arg, e);
		else if (g->active == 1)
			rc = line_card(m, g, i, sink, arg, e);
	}
	return rc;
}

static void making_release(struct making *m)
{
	buf_release(&m->sources);
	buf_release(&m->why);
	buf_release(&m->choices);
	buf_release(&m->words);
	arena_release(&m->small);
}

enum rc reconcile(const struct rec_input *in, struct arena *a, card_sink sink, void *arg, struct err *e)
{
	struct join *j = arena_alloc(a, sizeof(*j));
	struct making *m = arena_alloc(a, sizeof(*m));
	enum rc rc = RC_OK;

	rule_sort(in->rules, in->rule_count);
	join_make(j, in, a);
	m->j = j;
	buf_init(&m->sources, TEXT_MAX);
	buf_init(&m->why, TEXT_MAX);
	buf_init(&m->choices, TEXT_MAX);
	buf_init(&m->words, TEXT_MAX);
	for (size_t i = 0; i < j->group_count && rc == RC_OK; i++)
		rc = group_cards(m, &j->groups[i], sink, arg, e);
	for (size_t i = 0; i < in->decision_count && rc == RC_OK; i++) {
		if (in->decisions[i].adds_line && !j->decision_used[i])
			rc = added_card(m, &in->decisions[i], sink, arg, e);
	}
	making_release(m);
	return rc;
}
