/* What Autotask sends, as the structs of psa.h, and what is left out with the reason in words. */
#include "psa/autotask/at.h"

#include <string.h>
#include <strings.h>

const struct json *at_member(const struct json *v, const char *key)
{
	if (!json_is(v, JSON_OBJECT))
		return NULL;
	for (const struct json *m = v->child; m; m = m->next) {
		if (strcasecmp(m->key, key) == 0)
			return m;
	}
	return NULL;
}

const char *at_text(const struct json *v, const char *key)
{
	const char *text = json_scalar(at_member(v, key));

	return text ? text : "";
}

/* A date is a plain date, printed as midnight UTC: no zone is applied. */
day at_day(const struct json *v, const char *key)
{
	day d;

	return day_parse(at_text(v, key), &d) == RC_OK ? d : DAY_NONE;
}

bool at_qty(const struct json *v, const char *key, qty *ret)
{
	const struct json *m = at_member(v, key);

	*ret = 0;
	return !json_is_null(m) && json_qty(m, ret) == RC_OK;
}

utime at_changed(const struct json *v, const char *key)
{
	const char *text = at_text(v, key);
	utime t;

	return *text && clock_parse(text, &t) == RC_OK ? t : 0;
}

const char *at_label(const struct at_labels *l, const char *field, const char *value)
{
	for (size_t i = 0; i < l->count; i++) {
		if (strcasecmp(l->row[i].field, field) == 0 && strcmp(l->row[i].value, value) == 0)
			return l->row[i].label;
	}
	return "";
}

const char *at_value(const struct at_labels *l, const char *field, const char *label)
{
	for (size_t i = 0; i < l->count; i++) {
		if (strcasecmp(l->row[i].field, field) == 0 && strcasecmp(l->row[i].label, label) == 0)
			return l->row[i].value;
	}
	return NULL;
}

const struct field_shape at_shape_account[] = { { "id", FIELD_KEY }, { "isActive", FIELD_BOOL },
	{ "companyNumber", FIELD_TEXT }, { "companyName", FIELD_TEXT }, { "companyType", FIELD_ID },
	{ "webAddress", FIELD_TEXT }, { "currencyID", FIELD_ID }, { "lastTrackedModifiedDateTime", FIELD_TEXT },
	{ NULL } };

const struct field_shape at_shape_product[] = { { "id", FIELD_KEY }, { "name", FIELD_TEXT },
	{ "manufacturerServiceProviderProductNumber", FIELD_TEXT }, { "unitPrice", FIELD_QTY },
	{ "unitCost", FIELD_QTY }, { "isActive", FIELD_BOOL }, { NULL } };

const struct field_shape at_shape_contract[] = { { "id", FIELD_KEY }, { "companyID", FIELD_ID },
	{ "contractName", FIELD_TEXT }, { "contractType", FIELD_ID }, { "status", FIELD_ID },
	{ "contractPeriodType", FIELD_TEXT }, { "lastModifiedDateTime", FIELD_TEXT }, { "startDate", FIELD_DAY },
	{ "endDate", FIELD_DAY }, { NULL } };

const struct field_shape at_shape_line[] = { { "id", FIELD_KEY }, { "contractID", FIELD_KEY },
	{ "serviceID", FIELD_ID }, { "serviceBundleID", FIELD_ID }, { "invoiceDescription", FIELD_TEXT },
	{ "internalDescription", FIELD_TEXT }, { "unitPrice", FIELD_QTY }, { "adjustedPrice", FIELD_QTY },
	{ "unitCost", FIELD_QTY }, { NULL } };

const struct field_shape at_shape_posted[] = { { "contractID", FIELD_KEY }, { "endDate", FIELD_DAY },
	{ "approveAndPostDate", FIELD_DAY }, { NULL } };

const struct field_shape at_shape_currency[] = { { "id", FIELD_KEY }, { "name", FIELD_TEXT }, { NULL } };

static const struct field_shape shape_field[] = { { "name", FIELD_TEXT }, { "picklistValues", FIELD_LIST }, { NULL } };

static const struct field_shape shape_label[] = { { "value", FIELD_TEXT }, { "label", FIELD_TEXT }, { NULL } };

enum rc at_check(const char *what, const struct json *v, const struct field_shape *shape, struct err *e)
{
	return fields_check("Autotask", what, v, shape, e);
}

static enum rc take_labels(struct arena *a, const struct json *field, struct at_labels *ret, struct err *e)
{
	const struct json *list = at_member(field, "picklistValues");
	const char *name = arena_strdup(a, at_text(field, "name"));

	for (const struct json *v = json_is(list, JSON_ARRAY) ? list->child : NULL; v; v = v->next) {
		if (ret->count == ARRAY_LEN(ret->row))
			return RC_OK;
		if (at_check("label", v, shape_label, e) != RC_OK)
			return e->rc;
		ret->row[ret->count].field = name;
		ret->row[ret->count].value = arena_strdup(a, at_text(v, "value"));
		ret->row[ret->count++].label = arena_strdup(a, at_text(v, "label"));
	}
	return RC_OK;
}

/* Only the fields whose labels are used: a tenant may have thousands of values in others. */
static bool wanted(const char *field)
{
	return wire_among("companyType,contractType,contractPeriodType,status,queueID,priority", field);
}

enum rc at_read_labels(struct psa_conn *c, struct arena *a, const char *entity, struct at_labels *ret, struct err *e)
{
	struct json *v;
	const struct json *fields;
	enum rc rc = at_read(c, a, arena_printf(a, "%s/entityInformation/fields", entity), &v, e);

	if (rc != RC_OK)
		return rc;
	fields = at_member(v, "fields");
	if (!json_is(fields, JSON_ARRAY))
		return wire_strange(e, "Autotask", "\"fields\" of %s is no list", entity);
	for (const struct json *f = fields->child; f && rc == RC_OK; f = f->next) {
		rc = at_check("field", f, shape_field, e);
		if (rc == RC_OK && wanted(at_text(f, "name")))
			rc = take_labels(a, f, ret, e);
	}
	return rc;
}

void at_account(struct arena *a, const struct json *v, const struct at_labels *labels, struct psa_account *ret)
{
	*ret = (struct psa_account){ .remote_id = at_text(v, "id"),
		.code = at_text(v, "companyNumber"),
		.name = at_text(v, "companyName"),
		.status = json_true(at_member(v, "isActive")) ? "Active" : "Inactive",
		.types = at_label(labels, "companyType", at_text(v, "companyType")),
		.domain = wire_domain(a, at_text(v, "webAddress")) };
}

/* A user without the right to see internal cost gets 0 or nothing: neither is a cost. */
static bool cost_of(const struct json *v, qty *ret)
{
	return at_qty(v, "unitCost", ret) && *ret != 0;
}

void at_product(struct arena *a, const struct at_family *f, const struct json *v, struct psa_product *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->remote_id = arena_printf(a, "%s%s", f->prefix, at_text(v, "id"));
	ret->code = at_text(v, "manufacturerServiceProviderProductNumber");
	ret->name = at_text(v, "name");
	ret->product_class = *f->prefix ? "Service bundle" : "Service";
	ret->unit = "";
	ret->has_price = at_qty(v, "unitPrice", &ret->price);
	ret->has_cost = cost_of(v, &ret->cost);
	ret->inactive = !json_bool_or(at_member(v, "isActive"), true);
}

void at_contract(struct arena *a, const struct json *v, const struct at_labels *labels, struct psa_contract *ret)
{
	const char *status = at_text(v, "status"), *label = at_label(labels, "status", status);

	memset(ret, 0, sizeof(*ret));
	ret->remote_id = at_text(v, "id");
	ret->account_remote_id = at_text(v, "companyID");
	ret->name = at_text(v, "contractName");
	ret->type = "Recurring Service";
	ret->status = *label ? label : strcmp(status, "1") == 0 ? "Active" : "Inactive";
	ret->cycle = at_label(labels, "contractPeriodType", at_text(v, "contractPeriodType"));
	ret->currency = "";
	ret->prorates = true;
	ret->start = at_day(v, "startDate");
	ret->end = at_day(v, "endDate");
	ret->billed_through = DAY_NONE;
}

static const char *kind_of(const char *type)
{
	static const char *const names[] = { "", "Time & Materials", "Fixed Price", "Block Hours", "Retainer",
		"Incident" };
	int64_t n = wire_is_id(type, false) && !type[1] ? type[0] - '0' : 0;

	return n > 0 && n < (int64_t)ARRAY_LEN(names) ? names[n] : "another";
}

/* An inactive contract still bills until it ends, so its status says nothing here. */
const char *at_contract_skip(struct arena *a, const struct json *v, day today)
{
	const char *type = at_text(v, "contractType");
	day end = at_day(v, "endDate");
	char date[DAY_TEXT];

	if (strcmp(type, "7") != 0)
		return arena_printf(a, "a %s contract: no recurring services", kind_of(type));
	if (end != DAY_NONE && end < today)
		return arena_printf(a, "ended on %s", day_format(end, date));
	return wire_is_id(at_text(v, "companyID"), false) ? NULL : "names no company";
}

void at_line(
	struct arena *a, const struct at_family *f, const struct json *v, const char *contract, struct psa_line *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->remote_id = arena_printf(a, "%s%s", f->prefix, at_text(v, "id"));
	ret->contract_remote_id = contract;
	ret->product_remote_id = arena_printf(a, "%s%s", f->prefix, at_text(v, f->product_id));
	ret->product_code = "";
	ret->description = at_text(v, "invoiceDescription");
	if (!*ret->description)
		ret->description = at_text(v, "internalDescription");
	ret->version = "";
	ret->has_price = at_qty(v, "adjustedPrice", &ret->unit_price) || at_qty(v, "unitPrice", &ret->unit_price);
	ret->has_cost = cost_of(v, &ret->unit_cost);
	ret->billable = true;
	ret->effective = ret->cancelled = ret->billed_through = DAY_NONE;
}
