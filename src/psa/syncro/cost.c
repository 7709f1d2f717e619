/* Costs: `price_cost` of a product, `cost_cents` of a line of a schedule. What Syncro may take as its default when it
 * is left out goes along as it was read, and must be the same afterwards. */
#include "psa/syncro/syncro.h"

#include "base/codec.h"

#include <string.h>

static const char product_what[] = "a change of a product", line_what[] = "a change of a recurring invoice";

static bool is_product(const struct psa_change *c)
{
	return c->kind == PSA_SET_COST;
}

static const char *path_of(struct arena *a, const struct psa_change *c)
{
	if (is_product(c))
		return arena_printf(a, "/products/%s", url_encode(a, c->product_remote_id));
	return arena_printf(a, "/schedules/%s/line_items/%s", url_encode(a, c->contract_remote_id),
		url_encode(a, c->line_remote_id));
}

/* All of `names` in words. */
static const char *words_of(struct arena *a, const struct json *v, const char *const *names, size_t count)
{
	const char *all = "";

	for (size_t i = 0; i < count; i++) {
		const struct json *m = json_get(v, names[i]);

		all = arena_printf(a, "%s%s%s %s", all, i ? ", " : "", names[i], m ? wire_text(a, m) : "null");
	}
	return all;
}

static const char *const product_rest[] = { "name", "price_retail", "taxable", "disabled", "maintain_stock" };
static const char *const line_rest[] = { "name", "quantity", "retail_cents", "taxable" };

static enum rc read_product(
	struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_cost_seen *ret, struct err *e)
{
	struct psa_product p;
	struct json *v;
	enum rc rc = syncro_get(c, a, path_of(a, change), "products", &v, e);

	if (rc == RC_OK)
		rc = syncro_product(json_get(v, "product"), &p, e);
	if (rc != RC_OK)
		return rc;
	ret->json = json_get(v, "product");
	ret->has_cost = p.has_cost;
	ret->cost = p.cost;
	ret->rest = words_of(a, ret->json, product_rest, ARRAY_LEN(product_rest));
	return RC_OK;
}

static enum rc read_line(
	struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_cost_seen *ret, struct err *e)
{
	struct inplace_seen s;
	enum rc rc = syncro_look(c, a, change, change->line_remote_id, &s, e);

	if (rc != RC_OK)
		return rc;
	ret->json = s.own;
	ret->has_cost = s.line.has_cost;
	ret->cost = s.line.unit_cost;
	ret->rest = words_of(a, ret->json, line_rest, ARRAY_LEN(line_rest));
	if (s.line.fixed)
		ret->ended = "is one that Syncro counts itself, and those are never written";
	else if (s.inactive)
		ret->ended = arena_printf(a, "is on a recurring invoice that is %s", s.inactive);
	else if (s.not_now)
		ret->ended = "is on a recurring invoice whose invoice is made now; approve it again when it is made";
	return RC_OK;
}

static enum rc read_cost(
	struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_cost_seen *ret, struct err *e)
{
	return is_product(change) ? read_product(c, a, change, ret, e) : read_line(c, a, change, ret, e);
}

static void copy(struct jsonw *w, const struct json *from, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct json *v = json_get(from, names[i]);

		if (json_is_null(v))
			continue;
		jsonw_key(w, names[i]);
		jsonw_value(w, v);
	}
}

/* A quantity is a text in what is read and a number in what is sent. */
static void copy_line(struct jsonw *w, const struct json *line)
{
	char text[QTY_TEXT];
	qty quantity;

	if (line && json_qty(json_get(line, "quantity"), &quantity) == RC_OK) {
		jsonw_key(w, "quantity");
		jsonw_number(w, qty_format(quantity, text));
	}
	copy(w, line, (const char *const[]){ "retail_cents", "taxable" }, 2);
}

static void call_of(
	struct arena *a, const struct psa_change *change, const struct psa_cost_seen *now, struct psa_call *ret)
{
	const struct json *was = now ? now->json : NULL;
	bool product = is_product(change);
	AUTO(buf) b = BUF_INIT(1 << 16);
	char text[QTY_TEXT];
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	jsonw_key(&w, product ? "price_cost" : "cost_cents");
	jsonw_number(&w, qty_format(product ? change->want : change->want * 100, text));
	if (product)
		copy(&w, was, product_rest, ARRAY_LEN(product_rest));
	else
		copy_line(&w, was);
	jsonw_end_object(&w);
	*ret = (struct psa_call){ "PUT", path_of(a, change), arena_strdup(a, buf_text(&b)),
		product ? "Sets the cost of the product; name, price and tax are sent as they are."
			: "Sets the cost of the line item; quantity, price and tax are sent as they are." };
}

static enum psa_outcome send_cost(struct psa_conn *c, struct arena *a, const struct psa_call *call, struct err *why)
{
	bool product = strncmp(call->path, "/products/", 10) == 0;

	return writing_outcome(
		syncro_send(c, a, call->method, call->path, call->body, product ? product_what : line_what, NULL, why));
}

const struct psa_costs syncro_costs = {
	.product_step = QTY_ONE / 100, .line_step = QTY_ONE / 100, .read = read_cost, .call = call_of, .send = send_cost
};
