/* The words of a card. */
#include "core/cards/reconcile_card.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMED_SOURCES = 6 };

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
	jsonw_kv(w, "value_state", value_state_name(card_part_state(m, p)));
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

static void explain_sources(struct making *m)
{
	const struct tally *t = &m->tally;
	struct jsonw *w = &m->why_out;
	size_t parts = t->parts;
	const qty *sum = t->counted && t->fits ? &t->sum : NULL;
	size_t named = parts > NAMED_SOURCES ? NAMED_SOURCES : parts;

	if (parts > named)
		buf_printf(&m->line, "; and %zu more", parts - named);
	if (parts == 0)
		why_step(w, "sources", NULL, NULL, NULL, "%s",
			m->card.kind == CARD_NO_VENDOR ? "No connected vendor reports this product."
						       : "No vendor account of this customer is mapped for it.");
	else
		why_step(w, "sources", NULL, t->counted == 1 ? sum : NULL, NULL, "%s.", buf_text(&m->line));
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

void card_tell_sources(struct making *m)
{
	struct jsonw w;
	size_t told = 0;

	jsonw_init(&w, &m->sources, 0);
	jsonw_array(&w);
	for (uint32_t i = m->g->first_part; i != IDMAP_NONE; i = m->j->parts[i].next) {
		write_source(m, &m->j->parts[i], &w);
		if (told++ < NAMED_SOURCES)
			name_source(m, &m->j->parts[i], &m->line);
	}
	jsonw_end_array(&w);
	explain_sources(m);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "|a|b|" of the texts, sorted, each once. */
static char *barred(struct arena *a, const char **texts, size_t count)
{
	AUTO(buf) b = BUF_INIT(CARD_TEXT_MAX);

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

void card_tell_vendors(struct making *m)
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

void card_tell_choice(struct making *m, uint32_t contract, const struct rec_line *l)
{
	struct jsonw *w = &m->choices_out;
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

const char *card_why_ended(struct making *m, enum fate fate, day since)
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

static const char *done_on(const struct rec_decision *d, char out[64])
{
	static const char *const done[CARD_STATE_MAX] = {
		[CARD_APPROVED] = "Approved", [CARD_DISMISSED] = "Dismissed", [CARD_CONFIRMED] = "Confirmed"
	};
	char on[DAY_TEXT];

	snprintf(out, 64, "%s on %s", done[d->closes], day_format(day_of(d->at), on));
	return out;
}

static const char *units_or(const qty *q, char out[QTY_TEXT], const char *none)
{
	return q ? qty_format(*q, out) : none;
}

const char *card_why_units(struct making *m, const struct rec_decision *d)
{
	char done[64], a[QTY_TEXT], b[QTY_TEXT];

	snprintf(m->state_why, sizeof(m->state_why), "%s when the units to bill were %s; now they are %s.",
		done_on(d, done), units_or(d->seen_target, a, "not known"), units_or(m->card.target, b, "not known"));
	return m->state_why;
}

const char *card_why_psa(struct making *m, const struct rec_decision *d, const qty *expect)
{
	char done[64], a[QTY_TEXT], b[QTY_TEXT];

	snprintf(m->state_why, sizeof(m->state_why), "%s with %s in the PSA; the PSA now shows %s.", done_on(d, done),
		units_or(expect, a, "nothing"), units_or(m->card.psa, b, "nothing"));
	return m->state_why;
}

const char *card_why_lost(struct making *m, const struct rec_decision *d)
{
	char done[64];

	snprintf(m->state_why, sizeof(m->state_why), "%s; the line that was added is gone from the PSA.",
		done_on(d, done));
	return m->state_why;
}
