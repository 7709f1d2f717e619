#include "core/usage/observe.h"

#include "base/rand.h"
#include "core/page.h"

#include <stdlib.h>
#include <string.h>

const char *value_state_name(enum value_state s)
{
	static const char *const names[] = { "missing", "known", "zero", "stale" };

	return names[s];
}

enum rc units_parse(struct arena *a, const char *text, struct units *ret, struct err *e)
{
	char exact[NUM_TEXT], back[QTY_TEXT];

	*ret = (struct units){ 0 };
	if (!text || num_canonical(text, exact) != RC_OK)
		return err_set(e, RC_INVALID, "must be a number of at most %d digits", NUM_DIGITS);
	if (*exact == '-')
		return err_set(e, RC_INVALID, "must not be less than 0");
	if (qty_parse(exact, &ret->q) != RC_OK)
		ret->q = QTY_MAX;
	if (strcmp(qty_format(ret->q, back), exact) != 0)
		ret->text = arena_strdup(a, exact);
	return RC_OK;
}

const char *units_format(const struct units *u, char out[NUM_TEXT])
{
	return u->text ? u->text : qty_format(u->q, out);
}

enum value_state value_state_at(const struct units *u, utime last, utime stale_after, utime at)
{
	if (!last)
		return VALUE_MISSING;
	if (last < at - stale_after)
		return VALUE_STALE;
	return u->q == 0 && !u->text ? VALUE_ZERO : VALUE_KNOWN;
}

enum rc observe_add(struct tx *tx, const char *org, const struct observation *o, struct err *e)
{
	utime now = clock_now(), at = o->observed_at ? o->observed_at : now;
	int64_t seq = seq_next();
	enum rc rc = sql_put(tx, e, SQL_OBSERVE_ADD, "tttiqtiit", org, o->service, o->account, seq, o->units.q,
		o->units.text, at, now, o->run);

	if (rc != RC_OK)
		return rc;
	return sql_put(tx, e, SQL_OBSERVE_COUNT, "tttiqtiit", org, o->service, o->account, seq, o->units.q,
		o->units.text, at, now, o->run);
}

enum rc observe_imply_zeros(
	struct tx *tx, const char *org, const char *integration, const char *run, utime since, struct err *e)
{
	utime now = clock_now();
	int64_t seq = seq_next();
	enum rc rc = sql_exec(tx, e, SQL_OBSERVE_IMPLY, "tttiii", org, integration, run, seq, now, since);

	if (rc != RC_OK)
		return rc;
	return sql_exec(tx, e, SQL_OBSERVE_IMPLY_COUNTS, "tttiii", org, integration, run, seq, now, since);
}

struct view {
	const struct observe_list *l;
	struct jsonw *w;
	utime stale_after, covered_at, at;
	bool newest_only; /* every row is its pair's newest */
};

/* A word about a pair: its own time, or that of a later run that covered it. */
static utime last_word(const struct view *v, utime observed_at)
{
	return observed_at < v->covered_at ? v->covered_at : observed_at;
}

/* A count that others followed keeps what it said; the newest may be stale by now. */
static enum value_state state_of(const struct view *v, struct rows *r, const struct units *u)
{
	utime observed_at = rows_int(r, 6);
	bool newest = v->newest_only || (!rows_null(r, 9) && rows_int(r, 2) == rows_int(r, 9));

	return value_state_at(u, last_word(v, observed_at), v->stale_after, newest ? v->at : observed_at);
}

static void kv_time(struct jsonw *w, const char *key, utime t)
{
	char text[CLOCK_TEXT];

	jsonw_kv(w, key, clock_format(t, text));
}

static void write_row(const struct view *v, struct rows *r)
{
	struct units u = { rows_int(r, 3), rows_text(r, 4) };
	char text[NUM_TEXT];

	jsonw_object(v->w);
	jsonw_kv(v->w, "service", rows_text(r, 0));
	jsonw_kv(v->w, "account", rows_text(r, 1));
	jsonw_kv(v->w, "service_name", rows_text(r, 10));
	jsonw_kv(v->w, "account_name", rows_text(r, 11));
	jsonw_kv(v->w, "units", units_format(&u, text));
	jsonw_kv(v->w, "value_state", value_state_name(state_of(v, r, &u)));
	jsonw_kv_bool(v->w, "implied", rows_int(r, 5) != 0);
	kv_time(v->w, "observed_at", rows_int(r, 6));
	kv_time(v->w, "received_at", rows_int(r, 7));
	jsonw_kv(v->w, "run", rows_text(r, 8));
	jsonw_end_object(v->w);
}

static const char *any(const char *id)
{
	return id ? id : "";
}

static const char *cursor_of(struct tx *tx, struct rows *r)
{
	struct arena *a = tx_arena(tx);

	return page_cursor(
		a, arena_printf(a, "%lld", (long long)rows_int(r, 2)), rows_text(r, 0), rows_text(r, 1), NULL);
}

static enum rc write_rows(
	struct tx *tx, const struct view *v, struct rows *r, int64_t *ret_count, const char **ret_next, struct err *e)
{
	*ret_count = 0;
	while (rows_next(r)) {
		write_row(v, r);
		if (++*ret_count == v->l->limit)
			*ret_next = cursor_of(tx, r);
	}
	return rows_end(r, e);
}

enum rc observe_write_list(
	struct tx *tx, const struct observe_list *l, struct jsonw *w, const char **ret_next, struct err *e)
{
	utime to = l->to ? l->to : INT64_MAX;
	struct view v = { .l = l, .w = w, .at = clock_now() };
	const char *after[3];
	struct integration i;
	int64_t seq, count;
	struct rows r;
	enum rc rc = integration_get(tx, tx_arena(tx), l->org, l->integration, &i, e);

	*ret_next = NULL;
	if (rc == RC_OK)
		rc = page_read(tx_arena(tx), l->cursor, after, 3, e);
	if (rc != RC_OK)
		return rc;
	v.stale_after = i.stale_after;
	v.covered_at = i.covered_at;
	seq = strtoll(after[0], NULL, 10);
	if (l->service && l->account)
		sql_query(tx, &r, SQL_OBSERVE_LIST_PAIR, "tttiiii", l->org, l->service, l->account, l->from, to, seq,
			l->limit);
	else
		sql_query(tx, &r, SQL_OBSERVE_LIST, "ttttiiitti", l->org, l->integration, any(l->service),
			any(l->account), l->from, to, seq, after[1], after[2], l->limit);
	return write_rows(tx, &v, &r, &count, ret_next, e);
}

static void write_missing(const struct observe_list *l, struct jsonw *w)
{
	jsonw_object(w);
	jsonw_kv(w, "service", l->service);
	jsonw_kv(w, "account", l->account);
	jsonw_kv_null(w, "units");
	jsonw_kv(w, "value_state", value_state_name(VALUE_MISSING));
	jsonw_kv_bool(w, "implied", false);
	jsonw_kv_null(w, "observed_at");
	jsonw_kv_null(w, "received_at");
	jsonw_kv_null(w, "run");
	jsonw_end_object(w);
}

enum rc observe_write_as_of(
	struct tx *tx, const struct observe_list *l, day as_of, struct jsonw *w, const char **ret_next, struct err *e)
{
	utime now = clock_now(), end = (utime)(as_of + 1) * CLOCK_DAY;
	struct view v = { .l = l, .w = w, .at = end < now ? end : now, .newest_only = true };
	const char *after[3];
	struct integration i;
	int64_t count;
	struct rows r;
	enum rc rc = integration_get(tx, tx_arena(tx), l->org, l->integration, &i, e);

	*ret_next = NULL;
	if (rc == RC_OK)
		rc = page_read(tx_arena(tx), l->cursor, after, 3, e);
	if (rc == RC_OK)
		rc = sql_int(tx, &v.covered_at, e, SQL_OBSERVE_COVERED, "tti", l->org, l->integration, end);
	if (rc != RC_OK)
		return rc;
	v.stale_after = i.stale_after;
	sql_query(tx, &r, SQL_OBSERVE_AS_OF, "ttttitti", l->org, l->integration, any(l->service), any(l->account), end,
		after[1], after[2], l->limit);
	rc = write_rows(tx, &v, &r, &count, ret_next, e);
	if (rc == RC_OK && !count && !l->cursor && l->service && l->account)
		write_missing(l, w);
	return rc;
}
