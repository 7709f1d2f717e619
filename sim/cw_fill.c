/* cw_fill.c - what each kind of ConnectWise record has by default, and what the PSA computes. */
#include "cw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *cw_decimal(qty q, char out[QTY_TEXT + 2])
{
	char text[QTY_TEXT];

	qty_format(q, text);
	snprintf(out, QTY_TEXT + 2, "%s%s", text, strchr(text, '.') ? "" : ".0");
	return out;
}

static qty amount(const struct node *row, const char *key)
{
	qty q;

	return qty_parse(node_text(node_get(row, key), "0"), &q) == RC_OK ? q : 0;
}

static void set_amount(struct node *row, const char *key, qty q)
{
	char text[QTY_TEXT + 2];

	node_set(row, key, node_number(cw_decimal(q, text)));
}

static void default_to(struct node *row, const char *key, struct node *value)
{
	if (!node_is_null(node_get(row, key)) || node_is_null(value))
		node_free(value);
	else
		node_set(row, key, value);
}

/* {"id":5} becomes the whole reference; what does not exist stays as it was sent. */
static void whole_ref(struct sim *s, struct node *row, const char *key, const char *member)
{
	struct node *ref = cw_ref(s, member, node_number_or(node_path(node_get(row, key), "id"), 0));

	if (ref)
		node_set(row, key, ref);
}

static void default_info(struct sim *s, struct node *row)
{
	if (node_get(row, "_info"))
		return;
	node_set(row, "_info", node_object());
	node_set(node_get(row, "_info"), "lastUpdated", node_string("2024-06-01T08:00:00Z"));
	node_set(node_get(row, "_info"), "updatedBy", node_string("jdoe"));
}

void cw_fill_plain(struct sim *s, struct node *row, bool fresh)
{
	default_info(s, row);
}

void cw_fill_company(struct sim *s, struct node *row, bool fresh)
{
	struct node *ref;

	default_to(row, "deletedFlag", node_bool(false));
	default_to(row, "status", cw_ref(s, "companyStatuses", 1));
	default_to(row, "types", node_array());
	whole_ref(s, row, "status", "companyStatuses");
	for (struct node *t = node_get(row, "types")->child; t; t = t->next) {
		ref = cw_ref(s, "companyTypes", node_number_or(node_get(t, "id"), 0));
		if (!ref)
			continue;
		node_set(t, "name", node_string(node_text(node_get(ref, "name"), "")));
		node_free(ref);
	}
	cw_fill_plain(s, row, fresh);
}

static day date_of(const struct node *row, const char *key, day fallback)
{
	const char *text = node_text(node_get(row, key), NULL);
	day d;

	return text && day_parse(text, &d) == RC_OK ? d : fallback;
}

static const char *status_of(const struct node *row)
{
	day today = day_today();

	if (node_true(node_get(row, "cancelledFlag")))
		return "Cancelled";
	if (!node_true(node_get(row, "noEndingDateFlag")) && date_of(row, "endDate", INT32_MAX) < today)
		return "Expired";
	return date_of(row, "startDate", today) > today ? "Inactive" : "Active";
}

void cw_fill_agreement(struct sim *s, struct node *row, bool fresh)
{
	default_to(row, "noEndingDateFlag", node_bool(!node_get(row, "endDate")));
	default_to(row, "cancelledFlag", node_bool(false));
	default_to(row, "prorateFlag", node_bool(false));
	default_to(row, "applicationUnits", node_string("Amount"));
	default_to(row, "customFields", node_array());
	whole_ref(s, row, "company", "companies");
	whole_ref(s, row, "type", "agreementTypes");
	whole_ref(s, row, "billingCycle", "billingCycles");
	whole_ref(s, row, "parentAgreement", "agreements");
	node_set(row, "agreementStatus", node_string(status_of(row)));
	cw_fill_plain(s, row, fresh);
}

static void fill_product_ref(struct sim *s, struct node *row, bool fresh)
{
	struct cw_row *item = cw_find(cw_table(s, "catalog"), node_number_or(node_path(row, "product/id"), 0));
	struct node *product = node_get(row, "product");

	if (!item)
		return;
	node_set(product, "identifier", node_string(node_text(node_get(item->value, "identifier"), "")));
	node_set(product, "serializedFlag", node_bool(node_true(node_get(item->value, "serializedFlag"))));
	default_to(row, "description", node_copy(node_get(item->value, "description")));
	default_to(row, "invoiceDescription", node_copy(node_get(item->value, "customerDescription")));
	default_to(row, "unitPrice", node_copy(node_get(item->value, "price")));
	default_to(row, "unitCost", node_copy(node_get(item->value, "cost")));
	default_to(row, "uom", node_string(node_text(node_path(item->value, "unitOfMeasure/name"), "Each")));
	if (fresh)
		default_to(row, "taxableFlag", node_copy(node_get(item->value, "taxableFlag")));
}

static void compute_amounts(struct node *row)
{
	qty billed, price = 0, cost = 0;

	set_amount(row, "quantity", amount(row, "quantity"));
	set_amount(row, "lessIncluded", amount(row, "lessIncluded"));
	set_amount(row, "unitPrice", amount(row, "unitPrice"));
	set_amount(row, "unitCost", amount(row, "unitCost"));
	billed = amount(row, "quantity") - amount(row, "lessIncluded");
	if (qty_mul(billed, amount(row, "unitPrice"), &price) != RC_OK ||
		qty_mul(billed, amount(row, "unitCost"), &cost) != RC_OK)
		price = cost = 0;
	set_amount(row, "billedQuantity", billed);
	set_amount(row, "extPrice", price);
	set_amount(row, "extCost", cost);
	set_amount(row, "margin", price - cost);
}

/* Whose status it is, the sources leave open; here it is the agreement's. */
void cw_fill_addition(struct sim *s, struct node *row, bool fresh)
{
	struct cw_row *agreement = cw_find(cw_table(s, "agreements"), node_number_or(node_get(row, "agreementId"), 0));

	fill_product_ref(s, row, fresh);
	default_to(row, "billCustomer", node_string("Billable"));
	default_to(row, "purchaseItemFlag", node_bool(false));
	default_to(row, "specialOrderFlag", node_bool(false));
	default_to(row, "taxableFlag", node_bool(true));
	default_to(row, "customFields", node_array());
	compute_amounts(row);
	if (agreement)
		node_set(row, "agreementStatus",
			node_string(node_text(node_get(agreement->value, "agreementStatus"), "Active")));
	cw_fill_plain(s, row, fresh);
}

void cw_fill_product(struct sim *s, struct node *row, bool fresh)
{
	default_to(row, "inactiveFlag", node_bool(false));
	default_to(row, "serializedFlag", node_bool(false));
	default_to(row, "productClass", node_string("NonInventory"));
	default_to(row, "price", node_number("0.0"));
	default_to(row, "cost", node_number("0.0"));
	default_to(row, "taxableFlag", node_bool(true));
	default_to(row, "customerDescription", node_string(node_text(node_get(row, "description"), "")));
	default_to(row, "customFields", node_array());
	cw_fill_plain(s, row, fresh);
}

void cw_fill_ticket(struct sim *s, struct node *row, bool fresh)
{
	struct cw_row *board;

	default_to(row, "recordType", node_string("ServiceTicket"));
	default_to(row, "board", cw_ref(s, "boards", 1));
	whole_ref(s, row, "board", "boards");
	whole_ref(s, row, "company", "companies");
	whole_ref(s, row, "agreement", "agreements");
	whole_ref(s, row, "priority", "priorities");
	board = cw_find(cw_table(s, "boards"), node_number_or(node_path(row, "board/id"), 0));
	if (board)
		default_to(row, "status",
			cw_ref(s, "boardStatuses", node_number_or(node_get(board->value, "defaultStatusId"), 1)));
	whole_ref(s, row, "status", "boardStatuses");
	default_to(row, "closedFlag", node_bool(false));
	/* Never returned by the real API. */
	node_remove(row, "initialInternalAnalysis");
	node_remove(row, "initialResolution");
	cw_fill_plain(s, row, fresh);
}

/* "@today", "@today-3", "@month", "@month+1": the day, or the first of the month. */
static void one_date(struct node *n)
{
	bool month = strncmp(n->str, "@month", 6) == 0;
	int offset;
	char text[DAY_TEXT], *out;
	day d;

	if (!month && strncmp(n->str, "@today", 6) != 0)
		return;
	offset = (int)strtol(n->str + 6, NULL, 10);
	d = month ? day_month_start(day_today(), offset) : day_today() + offset;
	out = xmalloc(CLOCK_TEXT);
	snprintf(out, CLOCK_TEXT, "%sT00:00:00Z", day_format(d, text));
	free(n->str);
	n->str = out;
}

void cw_fill_dates(struct node *n)
{
	if (n->type == JSON_STRING)
		one_date(n);
	for (struct node *c = n->child; c; c = c->next)
		cw_fill_dates(c);
}
