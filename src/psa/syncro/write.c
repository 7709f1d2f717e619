/* Writing to Syncro: a line of a schedule, in place. Price, cost and tax go with every change, because Syncro may take
 * what is left out as its default. There is no call that takes anything away. */
#include "psa/syncro/syncro.h"

#include "base/codec.h"

#include <string.h>

static const char change_what[] = "a change of a recurring invoice";

static const char *finish(struct arena *a, struct jsonw *w, const struct buf *b)
{
	jsonw_end_object(w);
	if (b->failed)
		BUG("a body that does not fit");
	return arena_strdup(a, buf_text(b));
}

static void number(struct jsonw *w, const char *key, qty q)
{
	char text[QTY_TEXT];

	jsonw_key(w, key);
	jsonw_number(w, qty_format(q, text));
}

/* `line` is the line as it was read, NULL in a preview. */
static const char *body_set(struct arena *a, const struct json *line, qty want)
{
	static const char *const same[] = { "retail_cents", "cost_cents", "taxable" };
	AUTO(buf) b = BUF_INIT(4096);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	number(&w, "quantity", want);
	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		const struct json *v = json_get(line, same[i]);

		if (json_is_null(v))
			continue;
		jsonw_key(&w, same[i]);
		jsonw_value(&w, v);
	}
	return finish(a, &w, &b);
}

static const char *body_preview(struct arena *a, const struct psa_line *line, qty want)
{
	AUTO(buf) b = BUF_INIT(4096);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	number(&w, "quantity", want);
	if (line && line->has_price)
		number(&w, "retail_cents", line->unit_price * 100);
	if (line && line->has_cost)
		number(&w, "cost_cents", line->unit_cost * 100);
	return finish(a, &w, &b);
}

/* `taxable` is the product's; a new line does not inherit it. */
static const char *body_add(
	struct arena *a, const struct psa_change *c, const struct psa_product *product, bool taxable)
{
	qty price = c->has_price ? c->unit_price : product ? product->price : 0;
	const char *name = product && *product->name ? product->name : c->description;
	AUTO(buf) b = BUF_INIT(1 << 16);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	jsonw_key(&w, "product_id");
	if (wire_is_id(c->product_remote_id, false))
		jsonw_number(&w, c->product_remote_id);
	else
		jsonw_string(&w, c->product_remote_id);
	jsonw_kv(&w, "name", name && *name ? name : "Service");
	jsonw_kv(&w, "description", c->description ? c->description : "");
	number(&w, "quantity", c->want);
	if (c->has_price || (product && product->has_price))
		number(&w, "retail_cents", price * 100);
	if (product && product->has_cost)
		number(&w, "cost_cents", product->cost * 100);
	jsonw_kv_bool(&w, "taxable", taxable);
	return finish(a, &w, &b);
}

static const char *schedule_path(struct arena *a, const char *contract)
{
	return arena_printf(a, "/schedules/%s", url_encode(a, contract));
}

static const char *line_path(struct arena *a, const char *contract, const char *line)
{
	return arena_printf(a, "%s/line_items/%s", schedule_path(a, contract), url_encode(a, line));
}

/* The schedule, out of its wrapping. */
static enum rc get_schedule(struct psa_conn *c, struct arena *a, const char *contract, const struct json **ret,
	struct psa_contract *ret_contract, const char **ret_inactive, struct err *e)
{
	struct json *v;
	enum rc rc = syncro_get(c, a, schedule_path(a, contract), "recurring invoices", &v, e);

	if (rc != RC_OK)
		return rc;
	*ret = json_get(v, "schedule");
	if (json_is_null(*ret))
		return err_set(e, RC_NOT_FOUND, "Syncro has no such recurring invoice.");
	return syncro_contract(c, *ret, ret_contract, ret_inactive, e);
}

static enum rc list(
	struct psa_conn *c, struct arena *a, const struct psa_change *change, struct inplace_list *ret, struct err *e)
{
	const char *contract = change->contract_remote_id;
	const struct json *schedule, *rows = NULL;
	struct psa_contract of = { 0 };
	enum rc rc = get_schedule(c, a, contract, &schedule, &of, &ret->inactive, e);

	if (rc == RC_OK)
		rc = syncro_lines(schedule, &rows, e);
	if (rc != RC_OK)
		return rc;
	ret->billed_through = of.billed_through;
	ret->not_now = syncro_not_now(a, schedule, clock_now());
	ret->seen = arena_array(a, rows->count + 1, sizeof(*ret->seen));
	for (const struct json *v = rows->child; v && rc == RC_OK; v = v->next) {
		struct inplace_seen *s = &ret->seen[ret->count];
		const char *reason;

		rc = syncro_line(a, v, contract, s, &reason, e);
		s->inactive = ret->inactive;
		s->not_now = ret->not_now;
		s->line.billed_through = ret->billed_through;
		s->line.agreement_active = !ret->inactive;
		ret->count += rc == RC_OK && !reason;
	}
	return rc;
}

enum rc syncro_look(struct psa_conn *c, struct arena *a, const struct psa_change *change, const char *line,
	struct inplace_seen *ret, struct err *e)
{
	struct inplace_list l = { 0 };
	enum rc rc = list(c, a, change, &l, e);

	for (size_t i = 0; i < l.count && rc == RC_OK; i++) {
		if (strcmp(l.seen[i].line.remote_id, line) != 0)
			continue;
		*ret = l.seen[i];
		return RC_OK;
	}
	return rc == RC_OK ? err_set(e, RC_NOT_FOUND, "The line item is gone from Syncro.") : rc;
}

static enum sent set(struct psa_conn *c, struct arena *a, const struct psa_change *change,
	const struct inplace_seen *now, qty want, struct err *why)
{
	const char *path = line_path(a, change->contract_remote_id, now->line.remote_id);

	return syncro_send(c, a, "PUT", path, body_set(a, now->own, want), change_what, NULL, why);
}

static enum rc get_product(
	struct psa_conn *c, struct arena *a, const char *id, struct psa_product *ret, bool *ret_taxable, struct err *e)
{
	struct json *v;
	enum rc rc = syncro_get(c, a, arena_printf(a, "/products/%s", url_encode(a, id)), "products", &v, e);

	if (rc != RC_OK)
		return rc;
	*ret_taxable = json_true(json_path(v, "product/taxable"));
	return syncro_product(json_get(v, "product"), ret, e);
}

/* The product tells price, cost and tax of its new line: Syncro gives a line made by a program none of them. */
static enum sent add(
	struct psa_conn *c, struct arena *a, const struct psa_change *change, const char **ret_id, struct err *why)
{
	const char *path = arena_printf(a, "%s/add_line_item", schedule_path(a, change->contract_remote_id));
	struct psa_product product;
	struct json *v;
	bool taxable;
	enum sent sent;

	if (get_product(c, a, change->product_remote_id, &product, &taxable, why) != RC_OK)
		return why->rc == RC_REMOTE || why->rc == RC_BUSY ? SENT_NOT : SENT_REFUSED;
	sent = syncro_send(c, a, "POST", path, body_add(a, change, &product, taxable), change_what, &v, why);
	*ret_id = v ? json_scalar(json_path(v, "schedule_line_item/id")) : NULL;
	return sent;
}

static const struct inplace_ops ops = { .who = "Syncro",
	.line = "line item",
	.contract = "recurring invoice",
	.load = syncro_look,
	.list = list,
	.set = set,
	.add = add };

void syncro_apply(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret)
{
	inplace_write(&ops, c, a, change, ret, false);
}

void syncro_settle(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret)
{
	inplace_write(&ops, c, a, change, ret, true);
}

enum rc syncro_read_line(struct psa_conn *c, struct arena *a, const char *contract, const char *line,
	struct psa_line *ret, struct err *e)
{
	struct psa_change change = { .contract_remote_id = contract };
	struct inplace_seen s = { 0 };
	enum rc rc = syncro_look(c, a, &change, line, &s, e);

	*ret = s.line;
	return rc;
}

static void warn_run(struct arena *a, const struct psa_contract *contract, struct psa_plan *ret)
{
	char date[DAY_TEXT];
	day next = contract->billed_through == DAY_NONE ? DAY_NONE : contract->billed_through + 1;

	if (next == DAY_NONE)
		return;
	ret->warning[ret->warnings++] = arena_printf(a,
		next <= day_today() + 1
			? "The next invoice is made on %s: if that comes first, the change waits for a new approval."
			: "It counts from the next invoice, on %s, for the whole of its period: Syncro knows no other "
			  "date.",
		day_format(next, date));
}

enum rc syncro_plan(struct arena *a, const struct psa_change *c, const struct psa_line *line,
	const struct psa_contract *contract, struct psa_plan *ret, struct err *e)
{
	struct psa_call *call = &ret->call[0];

	memset(ret, 0, sizeof(*ret));
	if (c->kind == PSA_SET_FROM_DATE)
		return err_at(e, RC_INVALID, "/effective_date", "Syncro knows no effective date. Leave it out.");
	if (c->kind == PSA_ADD_LINE && c->has_price && c->unit_price % (QTY_ONE / 100) != 0)
		return err_set(
			e, RC_INVALID, "Syncro takes prices in whole cents only. Correct the product's price there.");
	ret->calls = 1;
	if (c->kind == PSA_ADD_LINE)
		*call = (struct psa_call){ "POST",
			arena_printf(a, "%s/add_line_item", schedule_path(a, c->contract_remote_id)),
			body_add(a, c, NULL, false),
			"Adds the product; tax and cost are taken from it when it is sent." };
	else
		*call = (struct psa_call){ "PUT", line_path(a, c->contract_remote_id, c->line_remote_id),
			body_preview(a, c->kind == PSA_REMOVE_ADDED ? NULL : line, c->want),
			c->kind == PSA_REMOVE_ADDED ? "Sets the added line item to no units; it stays in Syncro."
						    : "Sets the quantity; price, cost and tax are sent as they are." };
	warn_run(a, contract, ret);
	return RC_OK;
}
