/* What ConnectWise sends, as the structs of psa.h, and what is left out with the reason in words. */
#include "psa/connectwise/cw.h"

#include <string.h>
#include <strings.h>

const char *cw_id(const struct json *v)
{
	const char *id = json_scalar(json_get(v, "id"));

	return id ? id : "";
}

static const char *text_at(const struct json *v, const char *path)
{
	return json_text_or(json_path(v, path), "");
}

/* A date is a plain date, printed as midnight UTC: no zone is applied. */
static day day_at(const struct json *v, const char *key)
{
	const char *text = json_member(v, key);
	day d;

	return text && day_parse(text, &d) == RC_OK ? d : DAY_NONE;
}

static bool qty_at(const struct json *v, const char *key, qty *ret)
{
	*ret = 0;
	return !json_is_null(json_get(v, key)) && json_qty(json_get(v, key), ret) == RC_OK;
}

utime cw_updated(const struct json *v)
{
	const char *text = json_text(json_path(v, "_info/lastUpdated"));
	utime t;

	return text && clock_parse(text, &t) == RC_OK ? t : 0;
}

static const char *type_names(struct arena *a, const struct json *types)
{
	const char *all = "";

	for (const struct json *t = types ? types->child : NULL; t; t = t->next)
		all = arena_printf(a, "%s%s%s", all, *all ? ", " : "", text_at(t, "name"));
	return all;
}

const struct field_shape cw_shape_account[] = { { "deletedFlag", FIELD_BOOL }, { "identifier", FIELD_TEXT },
	{ "name", FIELD_TEXT }, { "status", FIELD_OBJECT }, { "status/name", FIELD_TEXT }, { "types", FIELD_LIST },
	{ "website", FIELD_TEXT }, { "_info", FIELD_OBJECT }, { NULL } };

const struct field_shape cw_shape_type[] = { { "name", FIELD_TEXT }, { NULL } };

const struct field_shape cw_shape_product[] = { { "identifier", FIELD_TEXT }, { "description", FIELD_TEXT },
	{ "productClass", FIELD_TEXT }, { "unitOfMeasure", FIELD_OBJECT }, { "unitOfMeasure/name", FIELD_TEXT },
	{ "_info", FIELD_OBJECT }, { "price", FIELD_QTY }, { "cost", FIELD_QTY }, { "inactiveFlag", FIELD_BOOL },
	{ "serializedFlag", FIELD_BOOL }, { NULL } };

const struct field_shape cw_shape_contract[] = { { "company", FIELD_OBJECT }, { "company/id", FIELD_ID },
	{ "name", FIELD_TEXT }, { "type", FIELD_OBJECT }, { "type/name", FIELD_TEXT },
	{ "agreementStatus", FIELD_TEXT }, { "billingCycle", FIELD_OBJECT }, { "billingCycle/name", FIELD_TEXT },
	{ "currency", FIELD_OBJECT }, { "currency/currencyCode", FIELD_TEXT }, { "parentAgreement", FIELD_OBJECT },
	{ "parentAgreement/id", FIELD_ID }, { "_info", FIELD_OBJECT }, { "cancelledFlag", FIELD_BOOL },
	{ "noEndingDateFlag", FIELD_BOOL }, { "prorateFlag", FIELD_BOOL }, { "startDate", FIELD_DAY },
	{ "endDate", FIELD_DAY }, { "nextInvoiceDate", FIELD_DAY }, { NULL } };

const struct field_shape cw_shape_line[] = { { "id", FIELD_KEY }, { "product", FIELD_OBJECT },
	{ "product/id", FIELD_ID }, { "product/identifier", FIELD_TEXT }, { "product/serializedFlag", FIELD_BOOL },
	{ "description", FIELD_TEXT }, { "invoiceDescription", FIELD_TEXT }, { "serialNumber", FIELD_TEXT },
	{ "billCustomer", FIELD_TEXT }, { "_info", FIELD_OBJECT }, { "_info/lastUpdated", FIELD_TEXT },
	{ "quantity", FIELD_QTY }, { "lessIncluded", FIELD_QTY }, { "unitPrice", FIELD_QTY }, { "unitCost", FIELD_QTY },
	{ "effectiveDate", FIELD_DAY }, { "cancelledDate", FIELD_DAY }, { NULL } };

enum rc cw_check(const char *what, const struct json *v, const struct field_shape *shape, struct err *e)
{
	return fields_check("ConnectWise", what, v, shape, e);
}

void cw_account(struct arena *a, const struct json *v, struct psa_account *ret)
{
	*ret = (struct psa_account){ .remote_id = cw_id(v),
		.code = text_at(v, "identifier"),
		.name = text_at(v, "name"),
		.status = text_at(v, "status/name"),
		.types = type_names(a, json_get(v, "types")),
		.domain = wire_domain(a, text_at(v, "website")) };
}

const char *cw_account_skip(struct arena *a, const struct psa_conn *c, const struct json *v)
{
	const struct json *types = json_get(v, "types");
	const char *status = text_at(v, "status/name");

	if (json_true(json_get(v, "deletedFlag")))
		return "in the recycle bin";
	if (wire_among(c->skip_statuses, status))
		return arena_printf(a, "status is %s", status);
	if (!types || !types->child)
		return NULL;
	for (const struct json *t = types->child; t; t = t->next) {
		if (!wire_among(c->skip_types, text_at(t, "name")))
			return NULL;
	}
	return arena_printf(a, "type is %s", type_names(a, types));
}

void cw_product(const struct json *v, struct psa_product *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->remote_id = cw_id(v);
	ret->code = text_at(v, "identifier");
	ret->name = text_at(v, "description");
	ret->product_class = text_at(v, "productClass");
	ret->unit = text_at(v, "unitOfMeasure/name");
	ret->has_price = qty_at(v, "price", &ret->price);
	ret->has_cost = qty_at(v, "cost", &ret->cost);
	ret->inactive = json_true(json_get(v, "inactiveFlag"));
	ret->serialized = json_true(json_get(v, "serializedFlag"));
}

/* All before the next invoice's date is invoiced already. */
static day billed_through(const struct json *v)
{
	day next = day_at(v, "nextInvoiceDate");

	return next == DAY_NONE ? DAY_NONE : next - 1;
}

void cw_contract(const struct json *v, struct psa_contract *ret)
{
	bool open = json_true(json_get(v, "noEndingDateFlag"));

	memset(ret, 0, sizeof(*ret));
	ret->remote_id = cw_id(v);
	ret->account_remote_id = cw_id(json_get(v, "company"));
	ret->name = text_at(v, "name");
	ret->type = text_at(v, "type/name");
	ret->status = json_text_or(json_get(v, "agreementStatus"), "Active");
	ret->cycle = text_at(v, "billingCycle/name");
	ret->currency = text_at(v, "currency/currencyCode");
	ret->parent_remote_id = json_scalar(json_path(v, "parentAgreement/id"));
	ret->prorates = json_true(json_get(v, "prorateFlag"));
	ret->start = day_at(v, "startDate");
	ret->end = open ? DAY_NONE : day_at(v, "endDate");
	ret->billed_through = billed_through(v);
}

const char *cw_contract_skip(struct arena *a, const struct json *v, day today)
{
	const char *status = json_text_or(json_get(v, "agreementStatus"), "Active");
	const char *cycle = text_at(v, "billingCycle/name");
	day end = json_true(json_get(v, "noEndingDateFlag")) ? DAY_NONE : day_at(v, "endDate");
	char date[DAY_TEXT];

	if (json_true(json_get(v, "cancelledFlag")) || strcasecmp(status, "Cancelled") == 0)
		return "cancelled";
	if (strcasecmp(status, "Active") != 0)
		return strcasecmp(status, "Expired") == 0 ? "expired" : "inactive";
	if (end != DAY_NONE && end < today)
		return arena_printf(a, "ended on %s", day_format(end, date));
	if (!*cycle || strcasecmp(cycle, "None") == 0)
		return "billing cycle is None";
	return *cw_id(json_get(v, "company")) ? NULL : "names no company";
}

const char *cw_line(const struct json *v, const char *contract_remote_id, struct psa_line *ret)
{
	const struct json *product = json_get(v, "product");

	memset(ret, 0, sizeof(*ret));
	ret->remote_id = cw_id(v);
	ret->contract_remote_id = contract_remote_id;
	ret->product_remote_id = cw_id(product);
	ret->product_code = text_at(product, "identifier");
	ret->description = json_text_or(json_get(v, "description"), text_at(v, "invoiceDescription"));
	ret->version = text_at(v, "_info/lastUpdated");
	qty_at(v, "lessIncluded", &ret->included);
	ret->has_price = qty_at(v, "unitPrice", &ret->unit_price);
	ret->has_cost = qty_at(v, "unitCost", &ret->unit_cost);
	ret->serialized = json_true(json_get(product, "serializedFlag")) || *text_at(v, "serialNumber");
	ret->billable = strcmp(json_text_or(json_get(v, "billCustomer"), "Billable"), "Billable") == 0;
	ret->effective = day_at(v, "effectiveDate");
	ret->cancelled = day_at(v, "cancelledDate");
	ret->billed_through = DAY_NONE;
	if (!*ret->remote_id)
		return "has no id";
	if (!*ret->product_remote_id)
		return "names no product";
	if (!qty_at(v, "quantity", &ret->quantity))
		return "has no quantity";
	/* What was taken back: no unit, and an end on the first day. It is history, and bills nothing on that day
	 * either. */
	if (ret->quantity == 0 && ret->cancelled != DAY_NONE && ret->cancelled <= ret->effective)
		ret->billable = false;
	return NULL;
}
