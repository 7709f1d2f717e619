/* Which right of the API member's security role a call needs, as the role's page spells it. */
#include "psa/connectwise/cw.h"

#include <string.h>

struct right {
	const char *path; /* how the path begins */
	const char *read, *change, *add;
};

/* The first that fits counts. */
static const struct right rights[] = {
	{ "/company/companies/statuses", "System > Table Setup: Inquire All, with Company / Company Status", NULL,
		NULL },
	{ "/company/companies/types", "System > Table Setup: Inquire All, with Company / Company Type", NULL, NULL },
	{ "/company/companies", "Companies > Company Maintenance: Inquire All", NULL, NULL },
	{ "/company/contacts", "Companies > Contacts: Inquire All", NULL, NULL },
	{ "/finance/agreements", "Finance > Agreements: Inquire All",
		"Finance > Agreements: Edit All (customized so that every agreement type may be handled)",
		"Finance > Agreements: Add All (customized so that every agreement type may be handled)" },
	{ "/finance/billingCycles", "System > Table Setup: Inquire All, with Invoicing / Billing Cycle", NULL, NULL },
	{ "/finance/invoices", "Finance > Invoicing: Inquire All", NULL, NULL },
	{ "/procurement/catalog", "Procurement > Product Catalog: Inquire All",
		"Procurement > Product Catalog: Edit All", NULL },
	{ "/service/boards", "System > Table Setup: Inquire All, with Service / Service Board", NULL, NULL },
	{ "/service/priorities", "System > Table Setup: Inquire All, with Service / Priority", NULL, NULL },
	{ "/service/tickets", "Service Desk > Service Tickets: Inquire All", "Service Desk > Service Tickets: Edit All",
		"Service Desk > Service Tickets: Add All" },
	{ "/system/info", "System > My Company: Inquire All", NULL, NULL },
};

const char *cw_right(const char *method, const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(rights); i++) {
		const struct right *r = &rights[i];

		if (strncmp(path, r->path, strlen(r->path)) != 0)
			continue;
		if (strcmp(method, "POST") == 0 && r->add)
			return r->add;
		return strcmp(method, "PATCH") == 0 && r->change ? r->change : r->read;
	}
	return "the right for this record";
}
