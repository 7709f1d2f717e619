/* Costs: what products cost in the PSA and at the vendor, and writing the vendor's into the PSA. */
#include "api/app.h"
#include "api/export.h"
#include "core/book/psaconfig.h"
#include "core/costs/cost.h"

#include <string.h>

/* The connected PSA's connector, NULL when there is none. */
static enum rc find_psa(struct call *c, const struct psa_ops **ret, struct err *e)
{
	const struct json *settings;
	struct err none = ERR_INIT;
	const char *kind;
	enum rc rc = psaconfig_plain(c->tx, c->arena, c->who.org, &kind, &settings, &none);

	*ret = rc == RC_OK ? psa_find(kind) : NULL;
	if (rc == RC_OK || rc == RC_NOT_FOUND)
		return RC_OK;
	*e = none;
	return rc;
}

static enum rc need_psa(struct call *c, const struct psa_ops **ret, struct err *e)
{
	enum rc rc = find_psa(c, ret, e);

	if (rc == RC_OK && !*ret)
		return err_set(e, RC_CONFLICT, "%s", "No PSA is connected yet, so nothing can be written to it.");
	return rc;
}

static enum rc page_of_costs(
	struct call *c, const char *cursor, int64_t limit, struct jsonw *w, const char **ret_next, struct err *e)
{
	struct costlist l = { .org = c->who.org,
		.q = call_query(c, "q"),
		.show = call_query(c, "show"),
		.product = call_query(c, "product"),
		.cursor = cursor,
		.limit = limit };
	enum rc rc = find_psa(c, &l.ops, e);

	return rc == RC_OK ? costlist_write(c->tx, &l, w, ret_next, e) : rc;
}

static enum rc get_costs(struct call *c, struct err *e)
{
	const char *next = NULL;
	int64_t limit;
	enum rc rc = call_limit(c, &limit, e);

	if (rc != RC_OK)
		return rc;
	call_list_begin(c);
	rc = page_of_costs(c, call_query(c, "cursor"), limit, &c->out, &next, e);
	call_list_end(c, next);
	return rc;
}

static const struct export_column columns[] = {
	{ "Product ID", "code" },
	{ "Product", "name" },
	{ "Contracts", "contracts", EXPORT_NUMBER },
	{ "Lines", "lines", EXPORT_NUMBER },
	{ "Catalogue cost", "catalogue_cost", EXPORT_NUMBER },
	{ "Vendor cost", "vendor_cost", EXPORT_NUMBER },
	{ "Change", "change", EXPORT_NUMBER },
	{ "Currency", "currency" },
	{ "Lines that differ", "lines_differ", EXPORT_NUMBER },
	{ "State", "state" },
	{ "Vendor cost from", "vendor_cost_from/kind" },
	{ "Since", "vendor_cost_from/at" },
	{ "Why not known", "vendor_cost_why" },
	{ "Product key", "id" },
	{ NULL },
};

static enum rc export_costs(struct call *c, struct err *e)
{
	return export_table(c, &(struct export){ "costs", columns, page_of_costs }, e);
}

static enum rc write_one(struct call *c, const char *product, struct err *e)
{
	struct costlist l = { .org = c->who.org, .product = product, .limit = 1 };
	const char *next;
	enum rc rc = find_psa(c, &l.ops, e);

	return rc == RC_OK ? costlist_write(c->tx, &l, &c->out, &next, e) : rc;
}

static enum rc put_cost(struct call *c, struct err *e)
{
	const struct json *v = json_get(c->body, "vendor_cost");
	const char *product = call_param(c, 0);
	qty cost = 0;
	enum rc rc;

	if (!json_is_null(v) && json_qty(v, &cost) != RC_OK)
		return err_at(e, RC_INVALID, "/vendor_cost", "Write the cost as a decimal, such as \"3.60\".");
	rc = cost_give(c->tx, &c->who, product, json_is_null(v) ? NULL : &cost, e);
	c->audit_object = arena_printf(c->arena, "product %s", product);
	c->audit_after = arena_strdup(c->arena, c->rq->body);
	return rc == RC_OK ? write_one(c, product, e) : rc;
}

static void read_item(const struct json *v, struct cost_item *ret)
{
	const struct json *cost = json_get(v, "cost"), *seen = json_get(v, "seen");

	ret->product = json_text_or(json_get(v, "id"), "");
	ret->has_cost = !json_is_null(cost) && json_qty(cost, &ret->cost) == RC_OK;
	ret->has_seen = !json_is_null(seen) && json_qty(seen, &ret->seen) == RC_OK;
}

static void read_ask(struct call *c, struct cost_ask *ask)
{
	const struct json *items = json_get(c->body, "items");
	const char *lines = call_text(c, "lines");

	*ask = (struct cost_ask){ .org = c->who.org, .note = call_text(c, "note") };
	if (lines)
		ask->lines = strcmp(lines, "none") == 0 ? COST_LINES_NONE
			: strcmp(lines, "same") == 0    ? COST_LINES_SAME
							: COST_LINES_ALL;
	ask->item = arena_array(c->arena, items->count + 1, sizeof(*ask->item));
	for (const struct json *v = items->child; v; v = v->next)
		read_item(v, &ask->item[ask->count++]);
}

static enum rc post_preview(struct call *c, struct err *e)
{
	const struct psa_ops *ops;
	struct cost_ask ask;
	enum rc rc = need_psa(c, &ops, e);

	read_ask(c, &ask);
	return rc == RC_OK ? cost_preview(c->tx, ops, &ask, &c->out, e) : rc;
}

static enum rc post_approve(struct call *c, struct err *e)
{
	const struct psa_ops *ops;
	struct cost_ask ask;
	const char *batch;
	enum rc rc = need_psa(c, &ops, e);

	read_ask(c, &ask);
	if (rc == RC_OK)
		rc = cost_approve(c->tx, ops, &c->who, &ask, &batch, e);
	if (rc != RC_OK)
		return rc;
	c->audit_object = arena_printf(c->arena, "batch %s", batch);
	c->audit_after = arena_strdup(c->arena, c->rq->body);
	c->audit_why = ask.note;
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "batch", batch);
	jsonw_end_object(&c->out);
	return RC_OK;
}

static const struct field give_body[] = {
	{ "vendor_cost", F_DECIMAL, .help = "of one unit, in the organization's currency; null takes it back" },
	{ NULL }
};

static const struct field item_fields[] = {
	{ "id", F_TEXT, .required = true, .help = "of the product" },
	{ "cost", F_DECIMAL, .help = "instead of the vendor's cost" },
	{ "seen", F_DECIMAL, .help = "the catalogue's cost as you saw it; another one now is refused" },
	{ NULL },
};

static const struct field ask_body[] = {
	{ "items", F_ARRAY, .required = true, .max = COST_ITEMS_MAX, .members = item_fields, .help = "products" },
	{ "lines", F_TEXT, .choices = "all|same|none",
		.help = "whose unit cost is written too; same = those that cost what the catalogue says; default all" },
	{ "note", F_TEXT, .max = 2000, .help = "why; kept in the log" },
	{ NULL },
};

const struct route cost_routes[] = {
	{ "GET", "/api/v1/costs", ROUTE_READ, ROLE_VIEWER, 200, get_costs, .rate = RATE_APP,
		.summary = "What products cost in the PSA and at the vendor; ?q= ?show=differs|same|missing|used "
			   "?product=" },
	{ "GET", "/api/v1/costs.csv", ROUTE_READ, ROLE_VIEWER, 200, export_costs, .rate = RATE_APP,
		.summary = "The same as a file" },
	{ "GET", "/api/v1/costs.xlsx", ROUTE_READ, ROLE_VIEWER, 200, export_costs, .rate = RATE_APP,
		.summary = "The same as a workbook" },
	{ "PUT", "/api/v1/costs/{product}", ROUTE_WRITE, ROLE_APPROVER, 200, put_cost, give_body, .event = "cost.given",
		.rate = RATE_APP, .summary = "Say what a product costs; goes before what vendors say" },
	{ "POST", "/api/v1/costs/preview", ROUTE_READ, ROLE_VIEWER, 200, post_preview, ask_body, .rate = RATE_APP,
		.summary = "What approving costs would write: every call, each line before and after" },
	{ "POST", "/api/v1/costs/approve", ROUTE_WRITE, ROLE_APPROVER, 202, post_approve, ask_body,
		.event = "costs.approve", .rate = RATE_APP,
		.summary = "Write costs into the PSA's catalogue and lines; all products or none" },
	{ NULL },
};
