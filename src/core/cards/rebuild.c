#include "core/cards/rebuild.h"

#include "base/buf.h"
#include "base/failpoint.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE = 2000 };

/* A card as it is stored; all texts in the arena of its piece. */
struct stored {
	const char *id, *kind, *state, *state_why, *account, *product, *contract, *line, *integrations, *vendors,
		*basis, *currency, *value_state, *choices, *sources, *why, *sort_account, *sort_product, *sort_contract,
		*search, *decision;
	const qty *psa, *vendor, *target, *reconciled, *money;
	qty change;
	day effective;
	int64_t digest, old_digest;
	bool remove;
};

struct work {
	struct db *db;
	struct rebuild *r;
	struct rec_input in;
	struct arena arena; /* of the whole rebuild */
	struct idmap old; /* id -> place among the stored cards that have no single line */
	uint32_t *old_of_line; /* place among the stored cards of the card of each line */
	const char **old_ids;
	int64_t *old_digests;
	bool *seen;
	size_t old_count, old_cap;
	struct arena piece;
	struct stored cards[PIECE];
	size_t count;
	int64_t missed; /* of the piece */
	utime now;
};

static const char *search_text(
	struct buf *b, const struct rec_account *a, const struct rec_product *p, const struct rec_contract *c)
{
	buf_clear(b);
	buf_printf(b, "%s\n%s\n%s", a->fold, p->fold, p->code_fold);
	if (c)
		buf_printf(b, "\n%s", c->fold);
	return buf_text(b);
}

/* The card with ids for places; points at the card's own texts. */
static void spell(const struct work *w, const struct card *c, struct buf *search, struct stored *s)
{
	const struct rec_account *a = &w->in.accounts[c->account];
	const struct rec_product *p = &w->in.products[c->product];
	const struct rec_contract *k = c->contract == IDMAP_NONE ? NULL : &w->in.contracts[c->contract];

	*s = (struct stored){ .id = c->id,
		.kind = card_kind_name(c->kind),
		.state = card_state_name(c->state),
		.state_why = c->state_why,
		.account = a->id,
		.product = p->id,
		.contract = k ? k->id : NULL,
		.line = c->line == IDMAP_NONE ? NULL : w->in.lines[c->line].id,
		.integrations = c->integration_ids,
		.vendors = c->vendors,
		.basis = c->unit_basis,
		.currency = c->currency,
		.value_state = value_state_name(c->value_state),
		.choices = c->choices,
		.sources = c->sources,
		.why = c->why,
		.sort_account = a->fold,
		.sort_product = p->fold,
		.sort_contract = k ? k->fold : "",
		.search = search_text(search, a, p, k),
		.decision = c->decision_id,
		.psa = c->psa,
		.vendor = c->vendor,
		.target = c->target,
		.reconciled = c->reconciled,
		.money = c->money,
		.change = c->change,
		.effective = c->effective };
	s->digest = (int64_t)c->digest;
}

static void keep_text(struct arena *a, const char **s)
{
	if (*s)
		*s = arena_strdup(a, *s);
}

static void keep_qty(struct arena *a, const qty **q)
{
	qty *copy;

	if (!*q)
		return;
	copy = ARENA_NEW(a, qty);
	*copy = **q;
	*q = copy;
}

/* Copies what lives no longer than the sink's call. */
static void keep(struct arena *a, struct stored *s)
{
	const char **texts[] = { &s->id, &s->state_why, &s->integrations, &s->vendors, &s->choices, &s->sources,
		&s->why, &s->search, &s->currency };
	const qty **units[] = { &s->psa, &s->vendor, &s->target, &s->reconciled, &s->money };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		keep_text(a, texts[i]);
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		keep_qty(a, units[i]);
}

static enum rc store(struct tx *tx, const struct work *w, const struct stored *s, struct err *e)
{
	if (s->remove)
		return sql_put(tx, e, SQL_REBUILD_REMOVE, "tti", w->r->org, s->id, s->old_digest);
	return sql_put(tx, e, SQL_REBUILD_PUT,
		"tttttttttttt"
		"QQQQqQtt"
		"d"
		"tttttttt"
		"iii",
		w->r->org, s->id, s->kind, s->state, s->state_why, s->account, s->product, s->contract, s->line,
		s->integrations, s->vendors, s->basis, s->psa, s->vendor, s->target, s->reconciled, s->change, s->money,
		s->currency, s->value_state, s->effective, s->choices, s->sources, s->why, s->sort_account,
		s->sort_product, s->sort_contract, s->search, s->decision, s->digest, w->now, s->old_digest);
}

static enum rc store_fn(struct tx *tx, void *arg, struct err *e)
{
	struct work *w = arg;
	enum rc rc = tx_lock_org(tx, w->r->org, e);

	w->missed = 0;
	for (size_t i = 0; i < w->count && rc == RC_OK; i++)
		rc = FAIL_AFTER(store(tx, w, &w->cards[i], e), "cards.put", e);
	return rc == RC_OK ? sql_settle(tx, &w->missed, e) : rc;
}

static enum rc flush(struct work *w, struct err *e)
{
	enum rc rc = RC_OK;

	w->missed = 0;
	if (w->count)
		rc = FAIL_AFTER(db_write(w->db, store_fn, w, e), "cards.kept", e);
	w->count = 0;
	w->r->skipped += w->missed;
	arena_release(&w->piece);
	if (rc == RC_OK && w->r->progress)
		rc = w->r->progress(w->r->arg, w->r->cards, (int64_t)w->in.line_count, e);
	return rc;
}

static uint32_t old_of(const struct work *w, const struct card *c)
{
	if (c->line != IDMAP_NONE && w->old_of_line[c->line] != IDMAP_NONE)
		return w->old_of_line[c->line];
	return idmap_get(&w->old, c->id);
}

/* Only what is new or differs gets its words. */
static bool want_card(void *arg, const struct card *c)
{
	struct work *w = arg;
	uint32_t old = old_of(w, c);

	w->r->cards++;
	if (old == IDMAP_NONE)
		return true;
	w->seen[old] = true;
	return w->old_digests[old] != (int64_t)c->digest;
}

static enum rc take_card(void *arg, const struct card *c, struct err *e)
{
	struct work *w = arg;
	struct stored *s = &w->cards[w->count];
	uint32_t old = old_of(w, c);
	AUTO(buf) search = BUF_INIT(1 << 20);

	spell(w, c, &search, s);
	if (old != IDMAP_NONE)
		s->old_digest = w->old_digests[old];
	keep(&w->piece, s);
	w->r->written++;
	return ++w->count == PIECE ? flush(w, e) : RC_OK;
}

/* Cards that nothing stands for any more. */
static enum rc remove_rest(struct work *w, struct err *e)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < w->old_count && rc == RC_OK; i++) {
		if (w->seen[i])
			continue;
		w->cards[w->count] = (struct stored){
			.id = w->old_ids[i], .old_digest = w->old_digests[i], .remove = true
		};
		w->r->removed++;
		if (++w->count == PIECE)
			rc = flush(w, e);
	}
	return rc == RC_OK ? flush(w, e) : rc;
}

static void grow_old(struct work *w)
{
	size_t cap = w->old_cap ? w->old_cap * 2 : 1024;
	const char **ids = arena_array(&w->arena, cap, sizeof(*ids));
	int64_t *digests = arena_array(&w->arena, cap, sizeof(*digests));

	if (w->old_count) {
		memcpy(ids, w->old_ids, w->old_count * sizeof(*ids));
		memcpy(digests, w->old_digests, w->old_count * sizeof(*digests));
	}
	w->old_ids = ids;
	w->old_digests = digests;
	w->old_cap = cap;
}

/* The stored card of each line, so that its id need not be derived again. */
static void find_lines(struct work *w, const struct idmap *by_line)
{
	const char **ids = arena_array(&w->arena, w->in.line_count + 1, sizeof(*ids));

	w->old_of_line = arena_array(&w->arena, w->in.line_count + 1, sizeof(*w->old_of_line));
	for (size_t i = 0; i < w->in.line_count; i++) {
		uint32_t at = w->old_count ? idmap_get(by_line, w->in.lines[i].id) : IDMAP_NONE;

		w->old_of_line[i] = at;
		if (at != IDMAP_NONE)
			ids[i] = w->old_ids[at];
	}
	w->in.line_cards = ids;
}

static enum rc load_old(struct tx *tx, struct work *w, struct err *e)
{
	struct idmap by_line;
	struct rows r;
	enum rc rc;

	idmap_init(&w->old, &w->arena, 64);
	idmap_init(&by_line, &w->arena, 64);
	sql_query(tx, &r, SQL_REBUILD_STORED, "t", w->r->org);
	while (rows_next(&r)) {
		if (w->old_count == w->old_cap)
			grow_old(w);
		w->old_ids[w->old_count] = rows_dup(&r, &w->arena, 0);
		w->old_digests[w->old_count] = rows_int(&r, 1);
		if (rows_null(&r, 2))
			idmap_put(&w->old, w->old_ids[w->old_count], (uint32_t)w->old_count);
		else
			idmap_put(&by_line, rows_dup(&r, &w->arena, 2), (uint32_t)w->old_count);
		w->old_count++;
	}
	w->seen = arena_alloc(&w->arena, w->old_count + 1);
	rc = rows_end(&r, e);
	if (rc == RC_OK)
		find_lines(w, &by_line);
	return rc;
}

static enum rc load_fn(struct tx *tx, void *arg, struct err *e)
{
	struct work *w = arg;
	enum rc rc = rebuild_load(tx, &w->arena, w->r->org, &w->in, e);

	w->now = w->in.now;
	w->old_count = 0;
	return rc == RC_OK ? load_old(tx, w, e) : rc;
}

enum rc rebuild_cards(struct db *db, struct rebuild *r, struct err *e)
{
	struct work *w = xcalloc(1, sizeof(*w));
	struct card_sink sink = { w, want_card, take_card };
	enum rc rc;

	w->db = db;
	w->r = r;
	r->cards = r->written = r->removed = r->skipped = 0;
	rc = FAIL_AFTER(db_read(db, load_fn, w, e), "cards.loaded", e);
	if (rc == RC_OK)
		rc = reconcile(&w->in, &w->arena, &sink, e);
	if (rc == RC_OK)
		rc = remove_rest(w, e);
	arena_release(&w->piece);
	arena_release(&w->arena);
	free(w);
	return rc;
}
