/* cw_kinds.c - the kinds of records of the ConnectWise PSA simulator, and their tables. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cw.h"

#define LOOKUP " id name identifier description inactiveFlag inactive defaultFlag sortOrder closedStatus board _info "

const struct cw_kind cw_kinds[] = {
	{ "company/companies/statuses", "companyStatuses", "companyStatus", "table_setup", NULL, LOOKUP, NULL, 0,
		cw_fill_plain },
	{ "company/companies/types", "companyTypes", "companyType", "table_setup", NULL, LOOKUP " vendorFlag ", NULL, 0,
		cw_fill_plain },
	{ "company/companies", "companies", "company", "companies", NULL,
		" id identifier name status types addressLine1 addressLine2 city state zip country phoneNumber "
		"faxNumber website "
		"territory market accountNumber defaultContact dateAcquired parentCompany leadFlag deletedFlag "
		"isVendorFlag site "
		"vendorIdentifier taxIdentifier billToCompany customFields _info ",
		NULL, 0, cw_fill_company },
	{ "company/contacts", "contacts", "contact", "contacts", NULL,
		" id firstName lastName company site title inactiveFlag defaultFlag communicationItems _info ", NULL, 0,
		cw_fill_plain },
	{ "finance/agreements/types", "agreementTypes", "agreementType", "agreements", NULL,
		LOOKUP " billingCycle prorateFlag ", NULL, 0, cw_fill_plain },
	{ "finance/billingCycles", "billingCycles", "billingCycle", "table_setup", NULL, LOOKUP " billingOptions ",
		NULL, 0, cw_fill_plain },
	{ "finance/agreements/*/additions", "additions", "addition", "agreements", "agreementId",
		" id product quantity lessIncluded unitPrice unitCost billCustomer effectiveDate cancelledDate "
		"taxableFlag serialNumber "
		"invoiceDescription purchaseItemFlag specialOrderFlag agreementId description billedQuantity uom "
		"extPrice extCost "
		"sequenceNumber margin prorateCost proratePrice extendedProrateCost extendedProratePrice "
		"prorateCurrentPeriodFlag "
		"opportunity agreementStatus invoiceGrouping customFields _info ",
		"product,billCustomer", CW_POST | CW_PATCH | CW_DELETE, cw_fill_addition },
	{ "finance/agreements", "agreements", "agreement", "agreements", NULL,
		" id name type company contact site parentAgreement customerPO location department startDate endDate "
		"noEndingDateFlag "
		"cancelledFlag dateCancelled reasonCancelled applicationUnits billingCycle billingTerms invoicingCycle "
		"billToCompany "
		"billAmount taxable billStartDate prorateFlag invoiceDescription currency periodType autoInvoiceFlag "
		"nextInvoiceDate "
		"agreementStatus customFields _info ",
		NULL, 0, cw_fill_agreement },
	{ "finance/invoices", "invoices", "invoice", "invoicing", NULL,
		" id invoiceNumber type applyToType applyToId company date dueDate total balance status agreement "
		"_info ",
		NULL, 0, cw_fill_plain },
	{ "procurement/catalog/*/components", "components", "component", "catalog", "parentCatalogItem/id",
		" id sequenceNumber quantity catalogItem price cost parentCatalogItem _info ", NULL, 0, cw_fill_plain },
	{ "procurement/catalog", "catalog", "catalogItem", "catalog", NULL,
		" id identifier description inactiveFlag subcategory type productClass serializedFlag "
		"serializedCostFlag unitOfMeasure price "
		"cost taxableFlag customerDescription manufacturerPartNumber vendor vendorSku notes integrationXRef "
		"recurringFlag "
		"recurringRevenue recurringCost recurringBillCycle category customFields _info ",
		NULL, CW_PATCH, cw_fill_product },
	{ "procurement/types", "productTypes", "productType", "table_setup", NULL, LOOKUP, NULL, 0, cw_fill_plain },
	{ "procurement/categories", "productCategories", "productCategory", "table_setup", NULL, LOOKUP, NULL, 0,
		cw_fill_plain },
	{ "procurement/subcategories", "productSubcategories", "productSubcategory", "table_setup", NULL, LOOKUP, NULL,
		0, cw_fill_plain },
	{ "procurement/unitOfMeasures", "unitOfMeasures", "unitOfMeasure", "table_setup", NULL, LOOKUP, NULL, 0,
		cw_fill_plain },
	{ "service/boards/*/statuses", "boardStatuses", "boardStatus", "table_setup", "board/id", LOOKUP, NULL, 0,
		cw_fill_plain },
	{ "service/boards", "boards", "board", "table_setup", NULL, LOOKUP " projectFlag ", NULL, 0, cw_fill_plain },
	{ "service/priorities", "priorities", "priority", "table_setup", NULL, LOOKUP, NULL, 0, cw_fill_plain },
	{ "service/sources", "sources", "source", "table_setup", NULL, LOOKUP, NULL, 0, cw_fill_plain },
	{ "service/tickets/*/notes", "notes", "serviceNote", "tickets", "ticketId",
		" id ticketId text detailDescriptionFlag internalAnalysisFlag resolutionFlag processNotifications "
		"_info ",
		"text", CW_POST, cw_fill_plain },
	{ "service/tickets", "tickets", "ticket", "tickets", NULL,
		" id summary recordType board status company site contact contactName contactEmailAddress type subType "
		"item team owner "
		"priority source agreement severity impact externalXRef poNumber requiredDate initialDescription "
		"initialInternalAnalysis initialResolution processNotifications closedFlag closedDate customFields "
		"_info ",
		"summary,company", CW_POST | CW_PATCH | CW_SEARCH, cw_fill_ticket },
};
const size_t cw_kind_count = ARRAY_LEN(cw_kinds);

struct cw_table *cw_table(struct sim *s, const char *member)
{
	for (size_t i = 0; i < cw_kind_count; i++)
		if (strcmp(cw_kinds[i].member, member) == 0)
			return &((struct cw *)s->data)->table[i];
	BUG("no kind %s", member);
}

/* Where the id is, or would be. */
static size_t place(const struct cw_table *t, int64_t id)
{
	size_t low = 0, high = t->count, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (t->row[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct cw_row *cw_find(struct cw_table *t, int64_t id)
{
	size_t i = place(t, id);

	return i < t->count && t->row[i].id == id ? &t->row[i] : NULL;
}

struct cw_row *cw_insert(struct cw_table *t, struct node *value)
{
	int64_t id = node_number_or(node_get(value, "id"), t->last_id + 1);
	size_t i = place(t, id);

	if (cw_find(t, id))
		return NULL;
	if (t->count == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 16;
		t->row = xrealloc(t->row, t->cap * sizeof(*t->row));
	}
	memmove(&t->row[i + 1], &t->row[i], (t->count - i) * sizeof(*t->row));
	t->count++;
	if (id > t->last_id)
		t->last_id = id;
	node_set(value, "id", node_int(id));
	t->row[i] = (struct cw_row){ id, t->kind->parent ? node_number_or(node_path(value, t->kind->parent), 0) : 0,
		value };
	return &t->row[i];
}

void cw_remove(struct cw_table *t, int64_t id)
{
	size_t i = place(t, id);

	node_free(t->row[i].value);
	t->count--;
	memmove(&t->row[i], &t->row[i + 1], (t->count - i) * sizeof(*t->row));
}

struct node *cw_ref(struct sim *s, const char *member, int64_t id)
{
	struct cw_row *row = cw_find(cw_table(s, member), id);
	struct node *ref;

	if (!row)
		return NULL;
	ref = node_object();
	node_set(ref, "id", node_int(id));
	if (node_get(row->value, "identifier"))
		node_set(ref, "identifier", node_copy(node_get(row->value, "identifier")));
	if (node_get(row->value, "name"))
		node_set(ref, "name", node_copy(node_get(row->value, "name")));
	return ref;
}

void cw_stamp(struct sim *s, struct node *row)
{
	char now[CLOCK_TEXT];

	if (!node_get(row, "_info"))
		node_set(row, "_info", node_object());
	node_set(node_get(row, "_info"), "lastUpdated", node_string(sim_now(now)));
	node_set(node_get(row, "_info"), "updatedBy", node_string("api"));
}

bool cw_known_field(const struct cw_kind *k, const char *field)
{
	char word[80];

	snprintf(word, sizeof(word), " %s ", field);
	return strstr(k->fields, word) != NULL;
}
