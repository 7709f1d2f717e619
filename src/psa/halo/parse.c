/* What HaloPSA sends, as the structs of psa.h, and what is left out with the reason in words. */
#include "psa/halo/ha.h"

#include "psa/field.h"

#include <string.h>
#include <strings.h>

const char *ha_text(const struct json *v, const char *key)
{
	const char *text = json_scalar(json_get(v, key));

	return text ? text : "";
}

/* Empty dates come as 1900 or 0001; times have no zone and are UTC. */
day ha_day(const struct json *v, const char *key)
{
	day d;

	return day_parse(ha_text(v, key), &d) == RC_OK && d >= day_from_ymd(1950, 1, 1) ? d : DAY_NONE;
}

utime ha_changed(const struct json *v, const char *key)
{
	utime t;

	return clock_parse(ha_text(v, key), &t) == RC_OK && t > 0 ? t : 0;
}

enum rc ha_qty(const struct json *v, const char *key, qty *ret, bool *ret_there, struct err *e)
{
	const struct json *m = json_get(v, key);

	*ret = 0;
	*ret_there = !json_is_null(m);
	if (!*ret_there || json_qty(m, ret) == RC_OK)
		return RC_OK;
	return err_set(e, RC_REMOTE, "HaloPSA sent a %s that is no number. Nothing of this reading was kept.", key);
}

static bool any(const struct json *v, const char *key)
{
	const struct json *list = json_get(v, key);

	return json_is(list, JSON_ARRAY) && list->count > 0;
}

void ha_account(struct arena *a, const struct json *v, struct psa_account *ret)
{
	const char *domain = ha_text(v, "domain");

	*ret = (struct psa_account){ .remote_id = ha_text(v, "id"),
		.code = *ha_text(v, "ref") ? ha_text(v, "ref") : ha_text(v, "accountsid"),
		.name = ha_text(v, "name"),
		.status = json_true(json_get(v, "inactive")) ? "Inactive" : "Active",
		.types = ha_text(v, "toplevel_name"),
		.domain = wire_domain(a, *domain ? domain : ha_text(v, "website")) };
}

static const char *first_of(const struct json *v, const char *a, const char *b, const char *c)
{
	if (*ha_text(v, a))
		return ha_text(v, a);
	return *ha_text(v, b) ? ha_text(v, b) : ha_text(v, c);
}

enum rc ha_check_account(const struct json *v, struct err *e)
{
	static const struct field_shape shape[] = { { "id", FIELD_KEY }, { "name", FIELD_TEXT }, { "ref", FIELD_TEXT },
		{ "accountsid", FIELD_TEXT }, { "domain", FIELD_TEXT }, { "website", FIELD_TEXT },
		{ "toplevel_name", FIELD_TEXT }, { "inactive", FIELD_BOOL }, { "alastupdate", FIELD_TEXT }, { NULL } };

	return fields_check("HaloPSA", "customer", v, shape, e);
}

static enum rc check_product(const struct json *v, struct err *e)
{
	static const struct field_shape shape[] = { { "id", FIELD_KEY }, { "name", FIELD_TEXT },
		{ "internalreference", FIELD_TEXT }, { "supplier_part_code", FIELD_TEXT },
		{ "externalreference", FIELD_TEXT }, { "assetgroup_name", FIELD_TEXT },
		{ "isrecurringitem", FIELD_BOOL }, { "baseprice", FIELD_QTY }, { "recurringprice", FIELD_QTY },
		{ NULL } };

	return fields_check("HaloPSA", "item", v, shape, e);
}

/* A recurring item has prices of its own. Older servers know no recurring cost. */
enum rc ha_product(const struct json *v, struct psa_product *ret, struct err *e)
{
	bool recurring = json_true(json_get(v, "isrecurringitem"));
	enum rc rc = check_product(v, e);

	memset(ret, 0, sizeof(*ret));
	if (rc != RC_OK)
		return rc;
	ret->remote_id = ha_text(v, "id");
	ret->code = first_of(v, "internalreference", "supplier_part_code", "externalreference");
	ret->name = ha_text(v, "name");
	ret->product_class = ha_text(v, "assetgroup_name");
	ret->unit = "";
	rc = ha_qty(v, recurring ? "recurringprice" : "baseprice", &ret->price, &ret->has_price, e);
	if (rc == RC_OK && recurring)
		rc = ha_qty(v, "recurringcost", &ret->cost, &ret->has_cost, e);
	if (rc == RC_OK && !ret->has_cost)
		rc = ha_qty(v, "costprice", &ret->cost, &ret->has_cost, e);
	return rc;
}

static const char *name_of(struct arena *a, const struct json *v)
{
	const char *name = *ha_text(v, "contract_ref") ? ha_text(v, "contract_ref") : ha_text(v, "name");
	const char *period = ha_text(v, "periodname");

	return *period ? arena_printf(a, "%s (%s)", name, period) : name;
}

void ha_contract(struct arena *a, const struct json *v, struct psa_contract *ret)
{
	day next = ha_day(v, "nextcreationdate");

	memset(ret, 0, sizeof(*ret));
	ret->remote_id = ha_text(v, "id");
	ret->account_remote_id = ha_text(v, "client_id");
	ret->name = name_of(a, v);
	ret->type = "Recurring invoice";
	ret->status = json_true(json_get(v, "disabled")) ? "Disabled" : "Active";
	ret->cycle = ha_text(v, "periodname");
	ret->currency = ha_text(v, "currency_code_name");
	ret->prorates = true;
	ret->start = ha_day(v, "startdate");
	ret->end = ha_day(v, "enddate");
	ret->billed_through = next == DAY_NONE ? DAY_NONE : next - 1;
}

enum rc ha_check_contract(const struct json *v, struct err *e)
{
	static const struct field_shape shape[] = { { "disabled", FIELD_BOOL }, { "schedule", FIELD_OBJECT },
		{ "schedule/disabled", FIELD_BOOL }, { "client_id", FIELD_ID }, { "contract_ref", FIELD_TEXT },
		{ "name", FIELD_TEXT }, { "periodname", FIELD_TEXT }, { "currency_code_name", FIELD_TEXT },
		{ "last_modified", FIELD_TEXT }, { "contains_calculated_quantity", FIELD_BOOL },
		{ "lines", FIELD_LIST }, { "startdate", FIELD_DAY }, { "enddate", FIELD_DAY },
		{ "nextcreationdate", FIELD_DAY }, { NULL } };

	return fields_check("HaloPSA", "recurring invoice", v, shape, e);
}

const char *ha_contract_skip(struct arena *a, const struct json *v, day today)
{
	day end = ha_day(v, "enddate");
	char date[DAY_TEXT];

	if (json_true(json_get(v, "disabled")) || json_true(json_path(v, "schedule/disabled")))
		return "disabled: no invoice is made of it";
	if (end != DAY_NONE && end < today)
		return arena_printf(a, "ended on %s", day_format(end, date));
	return wire_is_id(ha_text(v, "client_id"), false) ? NULL : "names no customer";
}

const char *ha_fixed(const struct json *v)
{
	if (any(v, "quantity_users"))
		return "HaloPSA counts it by users";
	if (any(v, "quantity_assets"))
		return "HaloPSA counts it by assets";
	if (any(v, "quantity_licences"))
		return "HaloPSA counts it by licences";
	if (any(v, "quantity_subscriptions"))
		return "HaloPSA counts it by subscriptions";
	if (any(v, "quantity_custom") || json_true(json_get(v, "_is_calculated_line")) ||
		(*ha_text(v, "recurring_invoice_quantity_type") &&
			strcmp(ha_text(v, "recurring_invoice_quantity_type"), "0") != 0))
		return "HaloPSA counts it itself";
	return NULL;
}

/* Rows that are not invoiced yet: they join the line's quantity with the next invoice. */
static enum rc pending(const struct json *v, qty *sum, struct err *e)
{
	const struct json *rows = json_get(v, "prorata_data");
	bool there;
	qty more;

	for (const struct json *r = json_is(rows, JSON_ARRAY) ? rows->child : NULL; r; r = r->next) {
		if (json_true(json_get(r, "isinvoiced")))
			continue;
		if (ha_qty(r, "quantity", &more, &there, e) != RC_OK)
			return e->rc;
		if (qty_add(*sum, more, sum) != RC_OK)
			return err_set(e, RC_REMOTE, "HaloPSA sent a quantity that is too large.");
	}
	return RC_OK;
}

static const char *skip_line(const struct json *v)
{
	if (json_true(json_get(v, "isgroupdesc")))
		return "a heading";
	if (json_true(json_get(v, "is_meter")))
		return "a print meter";
	if (json_true(json_get(v, "onetimecharge")))
		return "a one-time charge";
	return wire_is_id(ha_text(v, "_itemid"), false) && strcmp(ha_text(v, "_itemid"), "0") != 0 ? NULL
												   : "names no item";
}

static enum rc check_line(const struct json *v, struct err *e)
{
	static const struct field_shape shape[] = { { "isinactive", FIELD_BOOL }, { "isgroupdesc", FIELD_BOOL },
		{ "_itemid", FIELD_ID }, { "item_code", FIELD_TEXT }, { "item_shortdescription", FIELD_TEXT },
		{ "is_meter", FIELD_BOOL }, { "_is_calculated_line", FIELD_BOOL },
		{ "recurring_invoice_quantity_type", FIELD_TEXT }, { "quantity_users", FIELD_LIST },
		{ "quantity_assets", FIELD_LIST }, { "quantity_licences", FIELD_LIST },
		{ "quantity_subscriptions", FIELD_LIST }, { "quantity_custom", FIELD_LIST },
		{ "prorata_data", FIELD_LIST }, { "onetimecharge", FIELD_BOOL }, { "startdate", FIELD_DAY },
		{ "enddate", FIELD_DAY }, { NULL } };

	return fields_check("HaloPSA", "line", v, shape, e);
}

enum rc ha_line(const struct json *v, const char *contract, struct psa_line *ret, qty *ret_order, const char **ret_skip,
	struct err *e)
{
	bool there;
	enum rc rc = ha_qty(v, "qty_order", ret_order, &there, e);

	if (rc == RC_OK)
		rc = check_line(v, e);
	memset(ret, 0, sizeof(*ret));
	ret->remote_id = ha_text(v, "id");
	ret->contract_remote_id = contract;
	ret->product_remote_id = ha_text(v, "_itemid");
	ret->product_code = ha_text(v, "item_code");
	ret->description = ha_text(v, "item_shortdescription");
	ret->version = "";
	ret->billable = !json_true(json_get(v, "isinactive"));
	ret->fixed = ha_fixed(v);
	ret->effective = ha_day(v, "startdate");
	ret->cancelled = ha_day(v, "enddate");
	ret->billed_through = DAY_NONE;
	*ret_skip = skip_line(v);
	if (!*ret_skip && !there)
		*ret_skip = "has no quantity";
	ret->quantity = *ret_order;
	if (rc == RC_OK)
		rc = pending(v, &ret->quantity, e);
	if (rc == RC_OK)
		rc = ha_qty(v, "unit_price", &ret->unit_price, &ret->has_price, e);
	if (rc == RC_OK)
		rc = ha_qty(v, "unit_cost", &ret->unit_cost, &ret->has_cost, e);
	if (rc == RC_OK && !wire_is_id(ret->remote_id, true))
		return wire_strange(e, "HaloPSA", "a line has no id");
	return rc;
}

const struct json *ha_find_line(const struct json *header, const char *line)
{
	const struct json *lines = json_get(header, "lines");

	for (const struct json *v = json_is(lines, JSON_ARRAY) ? lines->child : NULL; v; v = v->next) {
		if (strcmp(ha_text(v, "id"), line) == 0)
			return v;
	}
	return NULL;
}
