/* What Syncro sends, as the structs of psa.h. Money of lines is in cents, of products in dollars; a quantity is a
 * text. */
#include "psa/syncro/syncro.h"

#include <string.h>
#include <strings.h>

/* The invoice of a schedule is made some time on its day, in the zone of the tenant. */
#define RUN_BEFORE (60 * 60 * CLOCK_SECOND)
#define RUN_AFTER (2 * CLOCK_DAY)

enum rc syncro_account(const struct json *v, struct psa_account *ret, const char **ret_skip, struct err *e)
{
	struct fields f = fields_of("Syncro", "customer", v, e);
	const char *name = field_text(&f, "business_then_name");

	*ret = (struct psa_account){ .remote_id = field_id(&f, "id", false), .code = "", .types = "", .domain = "" };
	if (!*name)
		name = field_text(&f, "business_name");
	ret->name = *name ? name : field_text(&f, "fullname");
	*ret_skip = field_bool(&f, "disabled") ? "disabled" : NULL;
	ret->status = *ret_skip ? "Disabled" : "Active";
	if (!*ret->remote_id)
		field_wrong(&f, "id", "is missing");
	return f.rc;
}

/* The code that matching may use: the first SKU, else the UPC. */
static const char *code_of(struct fields *f)
{
	const struct json *skus = field_list(f, "product_skus", false);
	const char *sku = skus && skus->child ? field_text(f, "product_skus/0/sku") : "";

	return *sku ? sku : field_text(f, "upc_code");
}

enum rc syncro_product(const struct json *v, struct psa_product *ret, struct err *e)
{
	struct fields f = fields_of("Syncro", "product", v, e);

	*ret = (struct psa_product){
		.remote_id = field_id(&f, "id", false), .name = field_text(&f, "name"), .unit = ""
	};
	ret->code = code_of(&f);
	ret->product_class = field_text(&f, "product_category");
	ret->has_price = field_qty(&f, "price_retail", &ret->price);
	ret->has_cost = field_qty(&f, "price_cost", &ret->cost);
	ret->inactive = field_bool(&f, "disabled");
	if (!*ret->remote_id)
		field_wrong(&f, "id", "is missing");
	return f.rc;
}

enum rc syncro_contract(
	const struct psa_conn *c, const struct json *v, struct psa_contract *ret, const char **ret_skip, struct err *e)
{
	struct fields f = fields_of("Syncro", "schedule", v, e);
	day next = field_day(&f, "next_run");

	*ret = (struct psa_contract){ .remote_id = field_id(&f, "id", false),
		.account_remote_id = field_id(&f, "customer_id", false),
		.name = field_text(&f, "name"),
		.type = "Recurring invoice",
		.status = "Active",
		.cycle = field_text(&f, "frequency"),
		.currency = c->currency,
		.start = DAY_NONE,
		.end = DAY_NONE,
		.billed_through = next == DAY_NONE ? DAY_NONE : next - 1 };
	*ret_skip = field_bool(&f, "paused") ? "paused" : NULL;
	if (!*ret->remote_id)
		field_wrong(&f, "id", "is missing");
	if (!*ret->account_remote_id)
		*ret_skip = "names no customer";
	return f.rc;
}

enum rc syncro_lines(const struct json *schedule, const struct json **ret, struct err *e)
{
	struct fields f = fields_of("Syncro", "schedule", schedule, e);

	*ret = field_list(&f, "lines", true);
	return f.rc;
}

/* Syncro fills the quantity of such a line itself when it makes the invoice. The numbers of the types are not
 * published but for the plain one, so anything that hints at counting counts. */
static bool is_counter(struct fields *f)
{
	static const char *const marks[] = { "asset_type_id", "saved_asset_search_id", "contact_field_type_id",
		"contact_field_answer_id" };
	const struct json *devices = field_list(f, "device_ids", false);
	const char *type = field_text(f, "recurring_type_id");

	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		if (*field_text(f, marks[i]))
			return true;
	}
	return (devices && devices->count) || (*type && strcmp(type, "1") != 0);
}

/* All but the quantity, in words. */
static const char *rest_of(struct arena *a, struct fields *f, const struct psa_line *l)
{
	char price[QTY_TEXT], cost[QTY_TEXT];

	return arena_printf(a, "product %s, \"%s\", price %s, cost %s, %s", l->product_remote_id, field_text(f, "name"),
		l->has_price ? qty_format(l->unit_price, price) : "none",
		l->has_cost ? qty_format(l->unit_cost, cost) : "none",
		field_bool(f, "taxable") ? "taxable" : "not taxable");
}

static const char *skip_line(struct fields *f, const struct psa_line *l, bool has_quantity)
{
	if (field_bool(f, "one_time_charge"))
		return "bills once";
	if (!*l->product_remote_id)
		return "names no product";
	return has_quantity ? NULL : "has no quantity";
}

enum rc syncro_line(struct arena *a, const struct json *v, const char *contract, struct inplace_seen *ret,
	const char **ret_skip, struct err *e)
{
	struct fields f = fields_of("Syncro", "schedule line", v, e);
	struct psa_line *l = &ret->line;
	bool has_quantity;

	memset(ret, 0, sizeof(*ret));
	*l = (struct psa_line){ .remote_id = field_id(&f, "id", false),
		.contract_remote_id = contract,
		.product_remote_id = field_id(&f, "product_id", false),
		.product_code = "",
		.description = field_text(&f, "name"),
		.version = "",
		.billable = true,
		.effective = DAY_NONE,
		.cancelled = DAY_NONE,
		.billed_through = DAY_NONE };
	has_quantity = field_qty(&f, "quantity", &l->quantity);
	l->has_price = field_cents(&f, "retail_cents", &l->unit_price);
	l->has_cost = field_cents(&f, "cost_cents", &l->unit_cost);
	if (is_counter(&f))
		l->fixed = "Syncro counts it itself when it makes the invoice";
	if (!*l->remote_id)
		field_wrong(&f, "id", "is missing");
	*ret_skip = skip_line(&f, l, has_quantity);
	ret->rest = rest_of(a, &f, l);
	ret->json = wire_text(a, v);
	ret->own = v;
	return f.rc;
}

const char *syncro_not_now(struct arena *a, const struct json *schedule, utime now)
{
	const char *text = json_member(schedule, "next_run");
	utime run;

	if (!text || clock_parse(text, &run) != RC_OK || now < run - RUN_BEFORE || now > run + RUN_AFTER)
		return NULL;
	return arena_printf(a,
		"Syncro makes the invoice of this recurring invoice now (next run %.10s), so a change could count or "
		"not. "
		"Nothing was changed; approve it again when the invoice is made.",
		text);
}
