/* The list of products with their costs. */
#include "core/costs/row.h"

#include "base/text.h"
#include "core/page.h"
#include "core/people/org.h"

#include <string.h>

enum rc cost_currency(struct tx *tx, const char *org, const char **ret, struct err *e)
{
	struct org o;
	enum rc rc = org_get(tx, tx_arena(tx), org, &o, e);

	*ret = rc == RC_OK ? o.currency : NULL;
	return rc;
}

static bool number(struct rows *r, int col, qty *ret)
{
	*ret = rows_null(r, col) ? 0 : rows_int(r, col);
	return !rows_null(r, col);
}

static const char *text(struct rows *r, struct arena *a, int col)
{
	return rows_null(r, col) ? NULL : rows_dup(r, a, col);
}

/* Columns of cost_list. */
static void read_row(struct rows *r, struct arena *a, struct cost_row *ret)
{
	*ret = (struct cost_row){ .id = rows_dup(r, a, 0),
		.remote_id = rows_dup(r, a, 1),
		.code = rows_dup(r, a, 2),
		.name = rows_dup(r, a, 3),
		.fold = rows_dup(r, a, 4),
		.hand_currency = text(r, a, 8),
		.set_by = text(r, a, 9),
		.set_at = rows_null(r, 10) ? 0 : rows_int(r, 10),
		.said_at = rows_null(r, 13) ? 0 : rows_int(r, 13),
		.said = rows_int(r, 14),
		.foreign = rows_int(r, 15),
		.converted = rows_int(r, 16) != 0,
		.contracts = rows_int(r, 17),
		.lines = rows_int(r, 18),
		.lines_differ = rows_int(r, 19),
		.open_writes = rows_int(r, 20),
		.batch = text(r, a, 21),
		.bad_writes = rows_int(r, 22),
		.bad_detail = text(r, a, 23) };
	ret->has_cost = number(r, 5, &ret->cost);
	ret->has_vendor = number(r, 6, &ret->vendor);
	ret->has_hand = number(r, 7, &ret->hand);
	(void)number(r, 11, &ret->least);
	(void)number(r, 12, &ret->most);
}

enum rc cost_rows(struct tx *tx, const struct costlist *l, const char *currency, const char *const after[2],
	void (*take)(void *arg, const struct cost_row *row), void *arg, struct err *e)
{
	struct arena *a = tx_arena(tx);
	bool lines = l->ops && (l->ops->caps & PSA_CAP_LINE_COST);
	struct cost_row row;
	struct rows r;

	sql_query(tx, &r, SQL_COST_LIST, "ttttittitt", l->org, text_like(a, l->q ? text_fold(a, l->q) : ""), after[0],
		after[1], l->limit, currency, l->show ? l->show : "", (int64_t)day_today(),
		l->product ? l->product : "", lines ? "lines" : "");
	while (rows_next(&r)) {
		read_row(&r, a, &row);
		take(arg, &row);
	}
	return rows_end(&r, e);
}

const char *cost_unknown(struct arena *a, const struct cost_row *r, const char *currency, const char **ret_why)
{
	char least[QTY_TEXT], most[QTY_TEXT];

	*ret_why = NULL;
	if (r->has_vendor)
		return NULL;
	if (r->has_hand) {
		*ret_why = arena_printf(
			a, "It was given in %s, and the organization counts in %s now.", r->hand_currency, currency);
		return "other_currency";
	}
	if (!r->said) {
		*ret_why = "No vendor said what it costs. Enter it, or import a file with a unit cost.";
		return "missing";
	}
	if (r->foreign) {
		*ret_why = arena_printf(a, "The vendor's cost is in another currency than %s.", currency);
		return "other_currency";
	}
	if (r->least != r->most) {
		*ret_why = arena_printf(a, "The vendor's costs differ: from %s to %s. Enter the one that holds.",
			qty_format(r->least, least), qty_format(r->most, most));
		return "several";
	}
	*ret_why = "A rule converts the vendor's units for this product, so its cost is of another unit. Enter it.";
	return "other_unit";
}

struct list {
	struct tx *tx;
	const struct costlist *l;
	const char *currency;
	struct jsonw *w;
	int64_t count;
	const char *next;
};

static void kv_money(struct jsonw *w, const char *key, bool has, qty q)
{
	if (has)
		jsonw_kv_qty(w, key, q);
	else
		jsonw_kv_null(w, key);
}

static void write_from(struct jsonw *w, const struct cost_row *r)
{
	utime at = r->has_hand ? r->set_at : r->said_at;
	char text[CLOCK_TEXT];

	jsonw_key(w, "vendor_cost_from");
	if (!r->has_hand && !r->said) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	jsonw_kv(w, "kind", r->has_hand ? "hand" : "import");
	jsonw_kv(w, "by", r->has_hand ? r->set_by : NULL);
	jsonw_kv(w, "at", clock_format(at, text));
	jsonw_end_object(w);
}

static const char *state_of(const struct cost_row *r)
{
	if (r->open_writes)
		return "waiting";
	if (!r->has_vendor)
		return "missing";
	if (!r->has_cost)
		return "hidden";
	return r->cost != r->vendor || r->lines_differ ? "differs" : "same";
}

static void write_last(struct jsonw *w, const struct cost_row *r)
{
	jsonw_key(w, "last");
	if (!r->batch) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	jsonw_kv(w, "batch", r->batch);
	jsonw_kv_int(w, "waiting", r->open_writes);
	jsonw_kv_int(w, "not_written", r->bad_writes);
	jsonw_kv(w, "detail", r->bad_detail);
	jsonw_end_object(w);
}

static void write_item(void *arg, const struct cost_row *r)
{
	struct list *x = arg;
	struct arena *a = tx_arena(x->tx);
	struct jsonw *w = x->w;
	const char *why, *unknown = cost_unknown(a, r, x->currency, &why);
	qty change = 0;
	bool has_change = r->has_cost && r->has_vendor && qty_sub(r->vendor, r->cost, &change) == RC_OK;

	jsonw_object(w);
	jsonw_kv(w, "id", r->id);
	jsonw_kv(w, "code", r->code);
	jsonw_kv(w, "name", r->name);
	jsonw_kv_int(w, "contracts", r->contracts);
	jsonw_kv_int(w, "lines", r->lines);
	jsonw_kv_int(w, "lines_differ", r->lines_differ);
	jsonw_kv(w, "currency", x->currency);
	kv_money(w, "catalogue_cost", r->has_cost, r->cost);
	kv_money(w, "vendor_cost", r->has_vendor, r->vendor);
	jsonw_kv(w, "vendor_cost_state", unknown ? unknown : "known");
	jsonw_kv(w, "vendor_cost_why", why);
	write_from(w, r);
	kv_money(w, "change", has_change, change);
	jsonw_kv(w, "state", state_of(r));
	write_last(w, r);
	jsonw_end_object(w);
	if (++x->count == x->l->limit)
		x->next = page_cursor(a, r->fold, r->id, NULL);
}

static bool known_show(const char *show)
{
	static const char *const words[] = { "differs", "same", "missing", "used" };

	for (size_t i = 0; show && i < ARRAY_LEN(words); i++) {
		if (strcmp(show, words[i]) == 0)
			return true;
	}
	return !show;
}

enum rc costlist_write(struct tx *tx, const struct costlist *l, struct jsonw *w, const char **ret_next, struct err *e)
{
	struct list x = { .tx = tx, .l = l, .w = w };
	const char *after[2];
	enum rc rc = page_read(tx_arena(tx), l->cursor, after, 2, e);

	*ret_next = NULL;
	if (rc == RC_OK && !known_show(l->show))
		return err_set(
			e, RC_INVALID, "There is no show=%.40s; there are differs, same, missing and used.", l->show);
	if (rc == RC_OK)
		rc = cost_currency(tx, l->org, &x.currency, e);
	if (rc == RC_OK)
		rc = cost_rows(tx, l, x.currency, after, write_item, &x, e);
	*ret_next = x.next;
	return rc;
}
