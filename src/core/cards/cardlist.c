#include "core/cards/cardlist.h"

#include "base/text.h"
#include "core/cards/note.h"
#include "core/page.h"
#include "core/cards/reconcile.h"
#include "core/cards/tag.h"

#include <stdlib.h>
#include <string.h>

/* Filters as the statements take them: "" = any. */
struct filter {
	const char *kinds, *states, *vendor, *integration, *account, *product, *contract, *choice, *tag, *search,
		*group;
	const char *sort;
	bool down;
};

static const char *any(const char *s)
{
	return s ? s : "";
}

static bool is_kind(const char *word)
{
	for (int i = 0; i < CARD_KIND_MAX; i++) {
		if (strcmp(word, card_kind_name((enum card_kind)i)) == 0)
			return true;
	}
	return false;
}

static bool is_state(const char *word)
{
	for (int i = 0; i < CARD_STATE_MAX; i++) {
		if (strcmp(word, card_state_name((enum card_state)i)) == 0)
			return true;
	}
	return false;
}

/* "a,b" as "|a|b|"; RC_INVALID when one is no such word. */
static enum rc words(struct arena *a, const char *what, const char *list, bool (*known)(const char *), const char **ret,
	struct err *e)
{
	char *out;

	*ret = "";
	if (!list)
		return RC_OK;
	out = arena_printf(a, "|%s|", list);
	for (char *p = out + 1; *p; p++) {
		char *end = p + strcspn(p, ",|");
		char *word = arena_strndup(a, p, (size_t)(end - p));

		if (!known(word))
			return err_set(e, RC_INVALID, "?%s= knows no %s.", what, word);
		*end = '|';
		p = end;
	}
	*ret = out;
	return RC_OK;
}

static bool among(const char *const *list, const char *word)
{
	for (; *list; list++) {
		if (strcmp(*list, word) == 0)
			return true;
	}
	return false;
}

static enum rc check_order(const struct cardlist *l, struct filter *f, struct err *e)
{
	static const char *const sorts[] = { "vendor", "account", "product", "contract", "change", "updated_at", NULL };
	static const char *const groups[] = { "vendor", "account", "product", "contract", NULL };

	f->sort = l->sort ? l->sort : "account";
	f->down = f->sort[0] == '-';
	f->sort += f->down;
	f->group = any(l->group_by);
	if (!among(sorts, f->sort))
		return err_set(e, RC_INVALID,
			"?sort= is vendor, account, product, contract, change or updated_at, with - for descending.");
	if (*f->group && !among(groups, f->group))
		return err_set(e, RC_INVALID, "?group_by= is vendor, account, product or contract.");
	return RC_OK;
}

static const char *barred(struct arena *a, const char *word)
{
	return word ? text_like(a, arena_printf(a, "|%s|", word)) : "";
}

static enum rc make_filter(struct arena *a, const struct cardlist *l, struct filter *f, struct err *e)
{
	enum rc rc = words(a, "kind", l->kind, is_kind, &f->kinds, e);

	if (rc == RC_OK)
		rc = words(a, "state", l->state, is_state, &f->states, e);
	if (rc == RC_OK)
		rc = check_order(l, f, e);
	f->vendor = barred(a, l->vendor);
	f->integration = barred(a, l->integration);
	f->account = any(l->account);
	f->product = any(l->product);
	f->contract = any(l->contract);
	f->choice = l->contract ? text_like(a, arena_printf(a, "{\"id\":\"%s\"", l->contract)) : "";
	f->tag = l->tag ? text_fold(a, l->tag) : "";
	f->search = l->q ? text_like(a, text_fold(a, l->q)) : "";
	return rc;
}

static void kv_qty(struct jsonw *w, const char *key, struct rows *r, int col)
{
	if (rows_null(r, col))
		jsonw_kv_null(w, key);
	else
		jsonw_kv_qty(w, key, rows_int(r, col));
}

static void write_ref(
	struct jsonw *w, const char *key, const char *id, const char *code_key, const char *code, const char *name)
{
	jsonw_key(w, key);
	if (!id) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	jsonw_kv(w, "id", id);
	if (code_key)
		jsonw_kv(w, code_key, code);
	jsonw_kv(w, "name", name);
	jsonw_end_object(w);
}

/* "|a|b|" as ["a","b"]. */
static void write_barred(struct jsonw *w, const char *key, const char *text)
{
	jsonw_key(w, key);
	jsonw_array(w);
	while (text[0] && text[1]) {
		size_t len = strcspn(text + 1, "|");

		jsonw_stringn(w, text + 1, len);
		text += 1 + len;
	}
	jsonw_end_array(w);
}

/* What a card shows of units: decided ones once it is decided, otherwise what the rules say. */
static void write_units(struct jsonw *w, struct rows *r)
{
	char date[DAY_TEXT];

	kv_qty(w, "psa_units", r, 15);
	kv_qty(w, "vendor_units", r, 16);
	kv_qty(w, "target_units", r, 17);
	kv_qty(w, "reconciled_units", r, rows_null(r, 18) ? 17 : 18);
	jsonw_kv_qty(w, "change_units", rows_int(r, 19));
	kv_qty(w, "change_money", r, 20);
	jsonw_kv(w, "currency", rows_text(r, 21));
	jsonw_kv(w, "billed", rows_text(r, 31));
	jsonw_kv(w, "value_state", rows_text(r, 22));
	jsonw_kv(w, "effective_date", rows_null(r, 23) ? NULL : day_format(rows_day(r, 23), date));
}

/* Leaves the object open. */
static void write_card(struct jsonw *w, struct rows *r)
{
	char at[CLOCK_TEXT];

	jsonw_object(w);
	jsonw_kv(w, "id", rows_text(r, 0));
	jsonw_kv(w, "kind", rows_text(r, 1));
	jsonw_kv(w, "state", rows_text(r, 2));
	jsonw_kv(w, "state_why", rows_text(r, 3));
	write_ref(w, "account", rows_text(r, 4), NULL, NULL, rows_text(r, 5));
	write_ref(w, "contract", rows_text(r, 9), NULL, NULL, rows_text(r, 10));
	write_ref(w, "product", rows_text(r, 6), "code", rows_text(r, 7), rows_text(r, 8));
	jsonw_kv(w, "line_id", rows_text(r, 11));
	write_barred(w, "vendors", rows_text(r, 12));
	write_barred(w, "integrations", rows_text(r, 13));
	jsonw_kv(w, "unit_basis", rows_text(r, 14));
	write_units(w, r);
	jsonw_kv_raw(w, "choices", rows_null(r, 24) ? "[]" : rows_text(r, 24));
	jsonw_kv_raw(w, "sources", rows_text(r, 25));
	jsonw_kv(w, "decision_id", rows_text(r, 26));
	jsonw_kv(w, "updated_at", clock_format(rows_int(r, 27), at));
}

static void write_group(struct jsonw *w, const char *group, struct rows *r)
{
	if (strcmp(group, "account") == 0)
		write_ref(w, "group", rows_text(r, 4), NULL, NULL, rows_text(r, 5));
	else if (strcmp(group, "product") == 0)
		write_ref(w, "group", rows_text(r, 6), NULL, NULL, rows_text(r, 8));
	else if (strcmp(group, "contract") == 0)
		write_ref(w, "group", rows_text(r, 9), NULL, NULL, rows_text(r, 10));
	else if (*group)
		write_barred(w, "group", rows_text(r, 12));
}

/* One card of a list: its id, and the keys it is sorted by. */
struct found {
	const char *id, *group, *text;
	int64_t number;
};

/* The cursor is bound to the order it was made in. */
static const char *order_of(struct arena *a, const struct filter *f)
{
	return arena_printf(a, "%s%s/%s", f->down ? "-" : "", f->sort, f->group);
}

static const char *cursor_of(struct arena *a, const struct filter *f, const struct found *last)
{
	return page_cursor(a, order_of(a, f), arena_printf(a, "%lld %s", (long long)last->number, last->id),
		last->group, last->text, NULL);
}

static enum rc read_cursor(
	struct arena *a, const struct cardlist *l, const struct filter *f, struct found *ret, struct err *e)
{
	const char *part[4];
	char *rest;
	enum rc rc = page_read(a, l->cursor, part, 4, e);

	*ret = (struct found){ .id = "", .group = "", .text = "" };
	if (rc != RC_OK || !l->cursor)
		return rc;
	if (strcmp(part[0], order_of(a, f)) != 0)
		return err_set(e, RC_INVALID, "The cursor belongs to a list in another order. Begin without one.");
	ret->number = strtoll(part[1], &rest, 10);
	ret->id = *rest == ' ' ? rest + 1 : rest;
	ret->group = part[2];
	ret->text = part[3];
	return RC_OK;
}

/* A list in no special order has an index of its own. */
static bool is_plain(const struct filter *f)
{
	return !f->down && !*f->group && strcmp(f->sort, "account") == 0;
}

static enum rc find(struct tx *tx, const struct cardlist *l, const struct filter *f, const struct found *from,
	struct found *ret, size_t *ret_count, struct err *e)
{
	struct arena *a = tx_arena(tx);
	struct rows r;

	if (is_plain(f))
		sql_query(tx, &r, SQL_CARD_FIND_PLAIN, "tttttttttttttti", l->org, f->kinds, f->states, f->vendor,
			f->integration, f->account, f->product, f->contract, f->choice, f->tag, f->search, from->group,
			from->text, from->id, l->limit);
	else
		sql_query(tx, &r, f->down ? SQL_CARD_FIND_DOWN : SQL_CARD_FIND_UP, "tttttttttttttbttiti", l->org,
			f->kinds, f->states, f->vendor, f->integration, f->account, f->product, f->contract, f->choice,
			f->tag, f->search, f->group, f->sort, l->cursor != NULL, from->group, from->text, from->number,
			from->id, l->limit);
	for (*ret_count = 0; rows_next(&r); ++*ret_count)
		ret[*ret_count] = (struct found){ rows_dup(&r, a, 0), rows_dup(&r, a, 1), rows_dup(&r, a, 2),
			rows_int(&r, 3) };
	return rows_end(&r, e);
}

static enum rc write_item(
	struct tx *tx, const char *org, const char *id, const char *group, struct jsonw *w, struct err *e)
{
	bool found = false, tagged = false;
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_CARD_GET, "tt", org, id);
	if (rows_next(&r)) {
		found = true;
		tagged = rows_int(&r, 30) > 0;
		write_card(w, &r);
		write_group(w, group, &r);
		jsonw_kv_int(w, "note_count", rows_int(&r, 29));
	}
	rc = rows_end(&r, e);
	if (rc != RC_OK || !found)
		return rc;
	if (tagged)
		rc = tag_write_of(tx, org, SUBJECT_CARD, id, w, e);
	else
		jsonw_kv_raw(w, "tags", "[]");
	jsonw_end_object(w);
	return rc;
}

enum rc cardlist_write(struct tx *tx, const struct cardlist *l, struct jsonw *w, const char **ret_next, struct err *e)
{
	struct arena *a = tx_arena(tx);
	struct found from, *found = arena_array(a, (size_t)l->limit, sizeof(*found));
	struct filter f;
	size_t count = 0;
	enum rc rc = make_filter(a, l, &f, e);

	*ret_next = NULL;
	if (rc == RC_OK)
		rc = read_cursor(a, l, &f, &from, e);
	if (rc == RC_OK)
		rc = find(tx, l, &f, &from, found, &count, e);
	for (size_t i = 0; i < count && rc == RC_OK; i++)
		rc = write_item(tx, l->org, found[i].id, f.group, w, e);
	if (rc == RC_OK && count == (size_t)l->limit)
		*ret_next = cursor_of(a, &f, &found[count - 1]);
	return rc;
}

static enum rc write_decisions(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e)
{
	char text[CLOCK_TEXT];
	struct rows r;

	jsonw_key(w, "decisions");
	jsonw_array(w);
	sql_query(tx, &r, SQL_CARD_DECISIONS, "tt", org, id);
	while (rows_next(&r)) {
		jsonw_object(w);
		jsonw_kv(w, "id", rows_text(&r, 0));
		jsonw_kv(w, "kind", rows_text(&r, 1));
		jsonw_kv(w, "batch", rows_text(&r, 2));
		kv_qty(w, "quantity", &r, 3);
		kv_qty(w, "seen_psa_units", &r, 4);
		kv_qty(w, "seen_target_units", &r, 5);
		jsonw_kv(w, "effective_date", rows_null(&r, 6) ? NULL : day_format(rows_day(&r, 6), text));
		jsonw_kv(w, "note", rows_text(&r, 7));
		jsonw_kv(w, "by", rows_text(&r, 8));
		jsonw_kv(w, "at", clock_format(rows_int(&r, 9), text));
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
	return rows_end(&r, e);
}

enum rc cardlist_one(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e)
{
	bool found = false;
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_CARD_GET, "tt", org, id);
	if (rows_next(&r)) {
		found = true;
		write_card(w, &r);
		jsonw_kv_raw(w, "why", rows_text(&r, 28));
	}
	rc = rows_end(&r, e);
	if (rc == RC_OK && !found)
		return err_set(e, RC_NOT_FOUND, "There is no card %s. Load the list again: cards follow the PSA.", id);
	if (rc == RC_OK)
		rc = tag_write_of(tx, org, SUBJECT_CARD, id, w, e);
	if (rc == RC_OK)
		rc = note_write_of(tx, org, SUBJECT_CARD, id, w, e);
	if (rc == RC_OK)
		rc = write_decisions(tx, org, id, w, e);
	if (rc == RC_OK)
		jsonw_end_object(w);
	return rc;
}

enum { CURRENCIES = 32 };

/* What the open cards of one currency come to. */
struct money {
	const char *currency; /* "" = not known */
	int64_t cards;
	qty up, down;
};

struct sums {
	qty psa, vendor, reconciled;
	int64_t total, kinds[CARD_KIND_MAX], open[CARD_KIND_MAX], states[CARD_STATE_MAX];
	struct money money[CURRENCIES];
	size_t currencies;
};

static void add_money(struct sums *s, struct arena *a, struct rows *r)
{
	const char *currency = any(rows_text(r, 4));
	struct money *m = NULL;

	for (size_t i = 0; i < s->currencies && !m; i++) {
		if (strcmp(s->money[i].currency, currency) == 0)
			m = &s->money[i];
	}
	if (!m && s->currencies < CURRENCIES) {
		m = &s->money[s->currencies++];
		*m = (struct money){ .currency = arena_strdup(a, currency) };
	}
	if (!m)
		return;
	m->cards += rows_int(r, 5);
	m->up += rows_int(r, 7);
	m->down += rows_int(r, 8);
}

static void add_row(struct sums *s, struct arena *a, struct rows *r)
{
	int64_t count = rows_int(r, 5);
	bool open = strcmp(rows_text(r, 3), "open") == 0;

	s->total += count;
	s->psa += rows_int(r, 6);
	s->vendor += rows_int(r, 10);
	s->reconciled += rows_int(r, 11);
	for (int i = 0; i < CARD_KIND_MAX; i++) {
		bool fits = strcmp(rows_text(r, 2), card_kind_name((enum card_kind)i)) == 0;

		s->kinds[i] += fits ? count : 0;
		s->open[i] += fits && open ? count : 0;
	}
	for (int i = 0; i < CARD_STATE_MAX; i++)
		s->states[i] += strcmp(rows_text(r, 3), card_state_name((enum card_state)i)) == 0 ? count : 0;
	if (open)
		add_money(s, a, r);
}

static void write_kinds(struct jsonw *w, const char *key, const int64_t *counts)
{
	jsonw_key(w, key);
	jsonw_object(w);
	for (int i = 0; i < CARD_KIND_MAX; i++)
		jsonw_kv_int(w, card_kind_name((enum card_kind)i), counts[i]);
	jsonw_end_object(w);
}

static void write_sums(struct jsonw *w, const struct sums *s)
{
	jsonw_kv_int(w, "total", s->total);
	jsonw_key(w, "units");
	jsonw_object(w);
	jsonw_kv_qty(w, "psa", s->psa);
	jsonw_kv_qty(w, "vendor", s->vendor);
	jsonw_kv_qty(w, "reconciled", s->reconciled);
	jsonw_end_object(w);
	write_kinds(w, "kinds", s->kinds);
	write_kinds(w, "open", s->open);
	jsonw_key(w, "states");
	jsonw_object(w);
	for (int i = 0; i < CARD_STATE_MAX; i++)
		jsonw_kv_int(w, card_state_name((enum card_state)i), s->states[i]);
	jsonw_end_object(w);
	jsonw_key(w, "money");
	jsonw_array(w);
	for (size_t i = 0; i < s->currencies; i++) {
		jsonw_object(w);
		jsonw_kv(w, "currency", *s->money[i].currency ? s->money[i].currency : NULL);
		jsonw_kv_int(w, "cards", s->money[i].cards);
		jsonw_kv_qty(w, "up", s->money[i].up);
		jsonw_kv_qty(w, "down", s->money[i].down);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}

/* Vendors come as |a|b|; their name is "a, b". */
static void begin_group(struct jsonw *w, struct arena *a, const char *id, const char *name)
{
	char *shown = arena_strdup(a, *name == '|' ? name + 1 : name);

	for (char *bar = *name == '|' ? strchr(shown, '|') : NULL; bar; bar = strchr(bar, '|'))
		*bar = bar[1] ? ',' : '\0';
	jsonw_object(w);
	jsonw_kv(w, "id", *name == '|' ? shown : id);
	jsonw_kv(w, "name", shown);
}

/* Groups as they are written: those behind the cursor, up to the limit. */
struct groups {
	struct jsonw *w;
	struct sums one;
	const char *key, *id, *name, *account; /* of the group being summed; id NULL = none yet */
	const char *after_key, *after_id, *next; /* after_key NULL = from the first */
	int64_t left;
};

static bool is_behind(const struct groups *g)
{
	int order = g->after_key ? strcmp(g->key, g->after_key) : 1;

	return order > 0 || (order == 0 && strcmp(g->id, g->after_id) > 0);
}

static void end_group(struct groups *g, struct arena *a)
{
	if (!g->id || !is_behind(g) || g->left == 0)
		return;
	begin_group(g->w, a, g->id, g->name);
	if (g->account)
		jsonw_kv(g->w, "account", g->account);
	write_sums(g->w, &g->one);
	jsonw_end_object(g->w);
	if (--g->left == 0)
		g->next = page_cursor(a, "group", g->key, g->id, NULL);
}

/* Rows come by group; each is written when the next begins. All rows are summed, whichever groups are asked for. */
static enum rc write_groups(
	struct rows *r, struct arena *a, struct groups *g, struct sums *all, bool grouped, struct err *e)
{
	jsonw_key(g->w, "groups");
	jsonw_array(g->w);
	while (rows_next(r)) {
		add_row(all, a, r);
		if (!grouped)
			continue;
		if (!g->id || strcmp(g->id, rows_text(r, 0)) != 0) {
			end_group(g, a);
			g->one = (struct sums){ 0 };
			g->id = rows_dup(r, a, 0);
			g->name = rows_dup(r, a, 1);
			g->key = rows_dup(r, a, 9);
			g->account = rows_dup(r, a, 12);
		}
		add_row(&g->one, a, r);
	}
	end_group(g, a);
	jsonw_end_array(g->w);
	jsonw_kv(g->w, "next_cursor", g->next);
	return rows_end(r, e);
}

/* Whether kinds and states, of products at most, are all that is asked about. */
static bool is_plain_sum(const struct cardlist *l)
{
	return !l->vendor && !l->integration && !l->account && !l->product && !l->contract && !l->tag && !l->q &&
		(!l->group_by || strcmp(l->group_by, "product") == 0);
}

static enum rc read_group_cursor(struct arena *a, const struct cardlist *l, struct groups *ret, struct err *e)
{
	const char *part[3];
	enum rc rc = page_read(a, l->cursor, part, 3, e);

	ret->after_key = l->cursor ? part[1] : NULL;
	ret->after_id = part[2];
	if (rc == RC_OK && l->cursor && strcmp(part[0], "group") != 0)
		return err_set(e, RC_INVALID, "The cursor belongs to another list. Start again without it.");
	return rc;
}

enum rc cardlist_summary(struct tx *tx, const struct cardlist *l, struct jsonw *w, struct err *e)
{
	struct arena *a = tx_arena(tx);
	struct groups g = { .w = w, .left = l->limit };
	struct sums all = { 0 };
	struct filter f;
	struct rows r;
	enum rc rc = make_filter(a, l, &f, e);

	if (rc == RC_OK)
		rc = read_group_cursor(a, l, &g, e);
	if (rc != RC_OK)
		return rc;
	jsonw_object(w);
	if (is_plain_sum(l))
		sql_query(tx, &r, *f.group ? SQL_CARD_SUMMARY_PRODUCTS : SQL_CARD_SUMMARY_PLAIN, "ttt", l->org, f.kinds,
			f.states);
	else
		sql_query(tx, &r, SQL_CARD_SUMMARY, "tttttttttttt", l->org, f.kinds, f.states, f.vendor, f.integration,
			f.account, f.product, f.contract, f.choice, f.tag, f.search, f.group);
	rc = write_groups(&r, a, &g, &all, *f.group != '\0', e);
	write_sums(w, &all);
	jsonw_end_object(w);
	return rc;
}
