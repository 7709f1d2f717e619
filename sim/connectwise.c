/* connectwise.c - ConnectWise PSA: discovery, sign-in, rights, and all that is read.
 *
 * Speaks the wire protocol of the public API below /{codebase}apis/3.0. Settings of the fixture
 * (all may be changed by POST /_edit {"settings":{..}}):
 *     company, public_key, private_key    who may sign in
 *     client_ids     array of accepted clientId values; absent = any, as long as there is one
 *     codebase       "v2025_1/"
 *     deny           array of rights the role lacks: "agreements.edit", "catalog.inquire", ...
 *     deny_types     array of agreement type ids that the role may not change
 *     rate_limit     requests a minute before 429; absent = none
 *     latency_ms     every answer waits this long
 *     stamp_agreement  true: a change of an addition stamps its agreement too
 */
#include "cw.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"

#define LOOKUP " id name identifier description inactiveFlag inactive defaultFlag sortOrder closedStatus board _info "

const struct cw_kind cw_kinds[] = {
	{ "company/companies/statuses", "companyStatuses", "companyStatus", "table_setup", NULL, LOOKUP, NULL, 0, cw_fill_plain },
	{ "company/companies/types", "companyTypes", "companyType", "table_setup", NULL, LOOKUP " vendorFlag ", NULL, 0, cw_fill_plain },
	{ "company/companies", "companies", "company", "companies", NULL,
		" id identifier name status types addressLine1 addressLine2 city state zip country phoneNumber faxNumber website "
		"territory market accountNumber defaultContact dateAcquired parentCompany leadFlag deletedFlag isVendorFlag site "
		"vendorIdentifier taxIdentifier billToCompany customFields _info ", NULL, 0, cw_fill_company },
	{ "company/contacts", "contacts", "contact", "contacts", NULL,
		" id firstName lastName company site title inactiveFlag defaultFlag communicationItems _info ", NULL, 0, cw_fill_plain },
	{ "finance/agreements/types", "agreementTypes", "agreementType", "agreements", NULL,
		LOOKUP " billingCycle prorateFlag ", NULL, 0, cw_fill_plain },
	{ "finance/billingCycles", "billingCycles", "billingCycle", "table_setup", NULL, LOOKUP " billingOptions ", NULL, 0, cw_fill_plain },
	{ "finance/agreements/*/additions", "additions", "addition", "agreements", "agreementId",
		" id product quantity lessIncluded unitPrice unitCost billCustomer effectiveDate cancelledDate taxableFlag serialNumber "
		"invoiceDescription purchaseItemFlag specialOrderFlag agreementId description billedQuantity uom extPrice extCost "
		"sequenceNumber margin prorateCost proratePrice extendedProrateCost extendedProratePrice prorateCurrentPeriodFlag "
		"opportunity agreementStatus invoiceGrouping customFields _info ",
		"product,billCustomer", CW_POST | CW_PATCH | CW_DELETE, cw_fill_addition },
	{ "finance/agreements", "agreements", "agreement", "agreements", NULL,
		" id name type company contact site parentAgreement customerPO location department startDate endDate noEndingDateFlag "
		"cancelledFlag dateCancelled reasonCancelled applicationUnits billingCycle billingTerms invoicingCycle billToCompany "
		"billAmount taxable billStartDate prorateFlag invoiceDescription currency periodType autoInvoiceFlag nextInvoiceDate "
		"agreementStatus customFields _info ", NULL, 0, cw_fill_agreement },
	{ "finance/invoices", "invoices", "invoice", "invoicing", NULL,
		" id invoiceNumber type applyToType applyToId company date dueDate total balance status agreement _info ", NULL, 0, cw_fill_plain },
	{ "procurement/catalog/*/components", "components", "component", "catalog", "parentCatalogItem/id",
		" id sequenceNumber quantity catalogItem price cost parentCatalogItem _info ", NULL, 0, cw_fill_plain },
	{ "procurement/catalog", "catalog", "catalogItem", "catalog", NULL,
		" id identifier description inactiveFlag subcategory type productClass serializedFlag serializedCostFlag unitOfMeasure price "
		"cost taxableFlag customerDescription manufacturerPartNumber vendor vendorSku notes integrationXRef recurringFlag "
		"recurringRevenue recurringCost recurringBillCycle category customFields _info ", NULL, 0, cw_fill_product },
	{ "procurement/types", "productTypes", "productType", "table_setup", NULL, LOOKUP, NULL, 0, cw_fill_plain },
	{ "procurement/categories", "productCategories", "productCategory", "table_setup", NULL, LOOKUP, NULL, 0, cw_fill_plain },
	{ "procurement/subcategories", "productSubcategories", "productSubcategory", "table_setup", NULL, LOOKUP, NULL, 0, cw_fill_plain },
	{ "procurement/unitOfMeasures", "unitOfMeasures", "unitOfMeasure", "table_setup", NULL, LOOKUP, NULL, 0, cw_fill_plain },
	{ "service/boards/*/statuses", "boardStatuses", "boardStatus", "table_setup", "board/id", LOOKUP, NULL, 0, cw_fill_plain },
	{ "service/boards", "boards", "board", "table_setup", NULL, LOOKUP " projectFlag ", NULL, 0, cw_fill_plain },
	{ "service/priorities", "priorities", "priority", "table_setup", NULL, LOOKUP, NULL, 0, cw_fill_plain },
	{ "service/sources", "sources", "source", "table_setup", NULL, LOOKUP, NULL, 0, cw_fill_plain },
	{ "service/tickets/*/notes", "notes", "serviceNote", "tickets", "ticketId",
		" id ticketId text detailDescriptionFlag internalAnalysisFlag resolutionFlag processNotifications _info ",
		"text", CW_POST, cw_fill_plain },
	{ "service/tickets", "tickets", "ticket", "tickets", NULL,
		" id summary recordType board status company site contact contactName contactEmailAddress type subType item team owner "
		"priority source agreement severity impact externalXRef poNumber requiredDate initialDescription "
		"initialInternalAnalysis initialResolution processNotifications closedFlag closedDate customFields _info ",
		"summary,company", CW_POST | CW_PATCH | CW_SEARCH, cw_fill_ticket },
};
const size_t cw_kind_count = ARRAY_LEN(cw_kinds);

static struct cw *cw_of(struct sim *s)
{
	return s->data;
}

struct cw_table *cw_table(struct sim *s, const char *member)
{
	for (size_t i = 0; i < cw_kind_count; i++)
		if (strcmp(cw_kinds[i].member, member) == 0)
			return &cw_of(s)->table[i];
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
	t->row[i] = (struct cw_row){ id, t->kind->parent ? node_number_or(node_path(value, t->kind->parent), 0) : 0, value };
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

void cw_error(struct answer *w, int status, const char *code, const char *message)
{
	struct node *n = node_object();

	node_set(n, "code", node_string(code));
	node_set(n, "message", node_string(message));
	node_set(n, "errors", node_null());
	answer_node(w, status, n);
	node_free(n);
}

void cw_invalid(struct request *r, struct answer *w, const char *resource, const char *code, const char *field,
	const char *message)
{
	struct node *n = node_object(), *one = node_object();

	node_set(one, "code", node_string(code));
	node_set(one, "message", node_string(message));
	node_set(one, "resource", node_string(resource));
	node_set(one, "field", node_string(field));
	node_set(n, "code", node_string("InvalidObject"));
	node_set(n, "message", node_string(arena_printf(r->arena, "%s object is invalid", resource)));
	node_set(n, "errors", node_array());
	node_append(node_get(n, "errors"), one);
	answer_node(w, 400, n);
	node_free(n);
}

bool cw_known_field(const struct cw_kind *k, const char *field)
{
	char word[80];

	snprintf(word, sizeof(word), " %s ", field);
	return strstr(k->fields, word) != NULL;
}

static bool load_kind(struct sim *s, struct cw_table *t, const struct json *fixture, struct err *e)
{
	for (const struct json *v = json_is(fixture, JSON_ARRAY) ? fixture->child : NULL; v; v = v->next) {
		struct node *row = node_from(v);

		cw_fill_dates(row);
		if (cw_insert(t, row))
			continue;
		err_set(e, RC_INVALID, "%s: id %s occurs twice", t->kind->member, node_text(node_get(row, "id"), "?"));
		node_free(row);
		return false;
	}
	return true;
}

static enum rc open_system(struct sim *s, const struct json *fixture, struct err *e)
{
	struct cw *cw = xcalloc(1, sizeof(*cw));

	s->data = cw;
	cw->audit = node_array();
	cw->table = xcalloc(cw_kind_count, sizeof(*cw->table));
	for (size_t i = 0; i < cw_kind_count; i++) {
		cw->table[i].kind = &cw_kinds[i];
		if (!load_kind(s, &cw->table[i], json_get(fixture, cw_kinds[i].member), e))
			return e->rc;
	}
	/* Twice, because references look at records of kinds that are filled later. */
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < cw_kind_count; i++)
			for (size_t j = 0; j < cw->table[i].count; j++)
				cw_kinds[i].complete(s, cw->table[i].row[j].value, false);
	return RC_OK;
}

static void close_system(struct sim *s)
{
	struct cw *cw = cw_of(s);

	for (size_t i = 0; i < cw_kind_count; i++) {
		for (size_t j = 0; j < cw->table[i].count; j++)
			node_free(cw->table[i].row[j].value);
		free(cw->table[i].row);
	}
	node_free(cw->audit);
	free(cw->table);
	free(cw);
}

/* Reading ------------------------------------------------------------------------------------ */

struct reading {
	struct cw_cond *conditions, *children;
	int64_t page, size, after;	/* after: forward-only, rows with a greater id */
	bool forward;
	const char *order, *fields;
};

static bool read_number(struct request *r, struct answer *w, const char *name, int64_t fallback, int64_t max, int64_t *ret)
{
	const char *text = request_query(r, name);
	char *end;

	*ret = fallback;
	if (!text || !*text)
		return true;
	*ret = strtoll(text, &end, 10);
	if (!*end && *ret >= 1 && *ret <= max)
		return true;
	cw_invalid(r, w, name, "OutOfRange", name,
		arena_printf(r->arena, "The field %s must be between 1 and %lld.", name, (long long)max));
	return false;
}

static bool read_conditions(struct request *r, struct answer *w, const struct cw_kind *k, const struct json *body,
	struct reading *q)
{
	const char *conditions = body ? json_member(body, "conditions") : request_query(r, "conditions");
	const char *children = body ? json_member(body, "childConditions") : request_query(r, "childConditions");
	struct err e = ERR_INIT;

	if (cw_cond_parse(r->arena, k, conditions, &q->conditions, &e) == RC_OK &&
		cw_cond_parse(r->arena, k, children, &q->children, &e) == RC_OK)
		return true;
	cw_invalid(r, w, k->resource, "InvalidObject", e.pointer[0] ? e.pointer : "conditions", e.text);
	return false;
}

static bool read_query(struct request *r, struct answer *w, const struct cw_kind *k, const struct json *body,
	struct reading *q)
{
	const char *mode = request_header(r, "pagination-type");
	const char *after = request_query(r, "pageId");

	*q = (struct reading){ 0 };
	q->forward = mode && strcmp(mode, "forward-only") == 0;
	q->after = after ? strtoll(after, NULL, 10) : 0;
	q->order = body ? json_member(body, "orderBy") : request_query(r, "orderBy");
	q->fields = request_query(r, "fields");
	return read_number(r, w, "pageSize", 25, 1000, &q->size) && read_number(r, w, "page", 1, INT32_MAX, &q->page) &&
		read_conditions(r, w, k, body, q);
}

struct found {
	struct node **row;
	size_t count;
};

static void find_rows(struct request *r, struct cw_table *t, int64_t parent, const struct reading *q, struct found *ret)
{
	ret->row = arena_array(r->arena, t->count + 1, sizeof(*ret->row));
	ret->count = 0;
	for (size_t i = 0; i < t->count; i++) {
		if ((parent && t->row[i].parent != parent) || (q->forward && t->row[i].id <= q->after))
			continue;
		if (cw_cond_true(q->conditions, t->row[i].value) && cw_cond_true(q->children, t->row[i].value))
			ret->row[ret->count++] = t->row[i].value;
	}
}

static int order_rows(const void *a, const void *b, void *arg)
{
	const char *s = arg, *comma;
	char path[80], *blank, *dot;
	int order = 0;

	for (; s && *s && order == 0; s = comma ? comma + 1 : NULL) {
		comma = strchr(s, ',');
		while (*s == ' ')
			s++;
		snprintf(path, sizeof(path), "%.*s", (int)(comma ? comma - s : (long)strlen(s)), s);
		blank = strchr(path, ' ');
		if (blank)
			*blank++ = '\0';
		for (dot = strchr(path, '.'); dot; dot = strchr(dot, '.'))
			*dot = '/';
		order = cw_compare(cw_field(*(struct node *const *)a, path), cw_field(*(struct node *const *)b, path));
		if (blank && strncmp(blank, "desc", 4) == 0)
			order = -order;
	}
	return order;
}

/* The wanted members only; "company/name" keeps one member of a reference. */
static struct node *project(struct request *r, const struct node *row, const char *fields)
{
	char *list = arena_strdup(r->arena, fields), *word, *slash, *rest = list;
	struct node *out = node_object(), *value, *into;

	while ((word = strsep(&rest, ",")) != NULL) {
		while (*word == ' ')
			word++;
		slash = strchr(word, '/');
		value = node_path(row, word);
		if (!value)
			continue;
		if (!slash) {
			node_set(out, word, node_copy(value));
			continue;
		}
		*slash = '\0';
		into = node_get(out, word);
		if (!into)
			node_set(out, word, node_object()), into = node_get(out, word);
		node_set(into, slash + 1, node_copy(value));
	}
	return out;
}

static const char *link_to(struct sim *s, struct request *r, const char *name, int64_t value, const char *rel)
{
	AUTO(buf) b = BUF_INIT(65536);
	char *list = arena_strdup(r->arena, r->query), *part;
	size_t len = strlen(name);

	buf_printf(&b, "<%s%s?", s->address, r->path);
	while ((part = strsep(&list, "&")) != NULL)
		if (*part && !(strncmp(part, name, len) == 0 && part[len] == '='))
			buf_printf(&b, "%s&", part);
	buf_printf(&b, "%s=%lld>; rel=\"%s\"", name, (long long)value, rel);
	return arena_strdup(r->arena, buf_text(&b));
}

static void add_links(struct sim *s, struct request *r, struct answer *w, const struct reading *q, const struct found *f)
{
	int64_t last = ((int64_t)f->count + q->size - 1) / q->size;
	const char *text = NULL;

	if (q->forward) {
		if (f->count > (size_t)q->size)
			answer_header(w, "Link", link_to(s, r, "pageId",
				node_number_or(node_get(f->row[q->size - 1], "id"), 0), "next"));
		return;
	}
	if (q->page < last)
		text = arena_printf(r->arena, "%s, %s", link_to(s, r, "page", q->page + 1, "next"),
			link_to(s, r, "page", last, "last"));
	if (q->page > 1)
		text = arena_printf(r->arena, "%s%s%s, %s", text ? text : "", text ? ", " : "",
			link_to(s, r, "page", 1, "first"), link_to(s, r, "page", q->page - 1, "prev"));
	if (text)
		answer_header(w, "Link", text);
}

static void write_row(struct request *r, struct jsonw *j, const struct node *row, const char *fields)
{
	struct node *part;

	if (!fields || !*fields) {
		node_write(j, row);
		return;
	}
	part = project(r, row, fields);
	node_write(j, part);
	node_free(part);
}

static void get_list(struct sim *s, struct request *r, struct answer *w, struct cw_table *t, int64_t parent,
	const struct json *body)
{
	struct reading q;
	struct found f;
	struct jsonw j;
	int64_t first;

	if (!read_query(r, w, t->kind, body, &q))
		return;
	find_rows(r, t, parent, &q, &f);
	if (q.order && !q.forward)
		qsort_r(f.row, f.count, sizeof(*f.row), order_rows, (void *)q.order);
	first = q.forward ? 0 : (q.page - 1) * q.size;
	jsonw_init(&j, &w->body, 0);
	jsonw_array(&j);
	for (int64_t i = first; i < first + q.size && i < (int64_t)f.count; i++)
		write_row(r, &j, f.row[i], q.fields);
	jsonw_end_array(&j);
	add_links(s, r, w, &q, &f);
}

static void get_count(struct request *r, struct answer *w, struct cw_table *t, int64_t parent)
{
	struct node *n = node_object();
	struct reading q;
	struct found f;

	if (read_query(r, w, t->kind, NULL, &q)) {
		find_rows(r, t, parent, &q, &f);
		node_set(n, "count", node_int((int64_t)f.count));
		answer_node(w, 200, n);
	}
	node_free(n);
}

static void get_one(struct request *r, struct answer *w, const struct node *row)
{
	struct jsonw j;

	jsonw_init(&j, &w->body, 0);
	write_row(r, &j, row, request_query(r, "fields"));
}

static void search(struct sim *s, struct request *r, struct answer *w, struct cw_table *t)
{
	struct json *body;
	struct err e = ERR_INIT;

	if (request_json(r, &body, &e) != RC_OK || !json_is(body, JSON_OBJECT))
		cw_invalid(r, w, t->kind->resource, "InvalidObject", "body", "The body is not a JSON object.");
	else
		get_list(s, r, w, t, 0, body);
}

/* Who asks, and may they ------------------------------------------------------------------------ */

static bool listed(const struct node *list, const char *word)
{
	for (const struct node *n = list ? list->child : NULL; n; n = n->next)
		if (strcmp(node_text(n, ""), word) == 0)
			return true;
	return false;
}

static bool signed_in(struct sim *s, struct request *r, struct answer *w)
{
	const char *got = request_header(r, "Authorization"), *client = request_header(r, "clientId");
	const struct node *clients = node_get(s->settings, "client_ids");
	char *want = arena_printf(r->arena, "%s+%s:%s", node_text(node_get(s->settings, "company"), ""),
		node_text(node_get(s->settings, "public_key"), ""), node_text(node_get(s->settings, "private_key"), ""));

	want = arena_printf(r->arena, "Basic %s", base64_encode(r->arena, want, strlen(want)));
	if (!got || strcmp(got, want) != 0)
		cw_error(w, 401, "Unauthorized", "The company, public key or private key is not valid.");
	else if (!client || !*client || (clients && !listed(clients, client)))
		cw_error(w, 401, "ConnectWiseApi", "The clientId is missing or not valid.");
	else
		return true;
	return false;
}

static const char *level(const struct request *r, bool searching)
{
	if (strcmp(r->method, "GET") == 0 || searching)
		return "inquire";
	if (strcmp(r->method, "POST") == 0)
		return "add";
	return strcmp(r->method, "DELETE") == 0 ? "delete" : "edit";
}

static bool type_denied(struct sim *s, const char *area, int64_t parent)
{
	struct cw_row *agreement = parent ? cw_find(cw_table(s, "agreements"), parent) : NULL;

	return agreement && strcmp(area, "agreements") == 0 &&
		listed(node_get(s->settings, "deny_types"), node_text(node_path(agreement->value, "type/id"), ""));
}

static bool allowed(struct sim *s, struct request *r, struct answer *w, const char *area, int64_t parent, bool searching)
{
	const char *how = level(r, searching);

	if (!listed(node_get(s->settings, "deny"), arena_printf(r->arena, "%s.%s", area, how)) &&
		(strcmp(how, "inquire") == 0 || !type_denied(s, area, parent)))
		return true;
	cw_error(w, 403, "Forbidden", "The security role of this member does not permit this action.");
	return false;
}

/* A window of one minute. */
static bool too_fast(struct sim *s, struct request *r, struct answer *w)
{
	static utime window;
	static int64_t used;
	int64_t limit = node_number_or(node_get(s->settings, "rate_limit"), 0);
	utime now = clock_mono();
	struct node *n;

	if (limit <= 0)
		return false;
	if (now - window >= 60 * CLOCK_SECOND)
		window = now, used = 0;
	if (++used <= limit)
		return false;
	n = node_object();
	node_set(n, "error", node_string("ConnectWiseAPI"));
	node_set(n, "message", node_string("Too many requests. Please try again in 30 seconds."));
	answer_node(w, 429, n);
	node_free(n);
	answer_header(w, "Retry-After", arena_printf(r->arena, "%lld",
		(long long)((window + 60 * CLOCK_SECOND - now) / CLOCK_SECOND + 1)));
	return true;
}

/* Routing ----------------------------------------------------------------------------------------- */

/* Segments of the template that the path covers, 0 when it does not fit; the star must be a number. */
static int fits(const char *path, char *const *segment, int count, int64_t *ret_parent)
{
	int used = 0;
	size_t len;
	char *end;

	*ret_parent = 0;
	for (; *path; path += len + (path[len] == '/'), used++) {
		len = strcspn(path, "/");
		if (used == count)
			return 0;
		if (*path == '*') {
			*ret_parent = strtoll(segment[used], &end, 10);
			if (*end || *ret_parent <= 0)
				return 0;
		} else if (strlen(segment[used]) != len || strncasecmp(segment[used], path, len) != 0) {
			return 0;
		}
	}
	return used;
}

static bool parent_exists(struct sim *s, const struct cw_kind *k, int64_t parent)
{
	const char *member = strncmp(k->path, "finance", 7) == 0 ? "agreements"
		: strncmp(k->path, "procurement", 11) == 0	 ? "catalog"
		: strncmp(k->path, "service/boards", 14) == 0	 ? "boards"
								 : "tickets";

	return !k->parent || cw_find(cw_table(s, member), parent) != NULL;
}

static bool is(const struct request *r, const char *method)
{
	return strcmp(r->method, method) == 0;
}

static void not_offered(struct answer *w)
{
	cw_error(w, 405, "MethodNotAllowed", "The method is not offered on this path.");
}

static void handle_one(struct sim *s, struct request *r, struct answer *w, struct cw_table *t, int64_t parent, const char *id)
{
	struct cw_row *row = cw_find(t, strtoll(id, NULL, 10));

	if (!row || (parent && row->parent != parent))
		cw_error(w, 404, "NotFound", arena_printf(r->arena, "%s %s not found", t->kind->resource, id));
	else if (is(r, "GET"))
		get_one(r, w, row->value);
	else if (is(r, "PATCH") && (t->kind->flags & CW_PATCH))
		cw_patch(s, r, w, t, row);
	else if (is(r, "DELETE") && (t->kind->flags & CW_DELETE))
		cw_delete(s, r, w, t, row);
	else
		not_offered(w);
}

static void handle_table(struct sim *s, struct request *r, struct answer *w, struct cw_table *t, int64_t parent, const char *rest)
{
	bool searching = rest && strcmp(rest, "search") == 0 && (t->kind->flags & CW_SEARCH) && is(r, "POST");

	if (!allowed(s, r, w, t->kind->area, parent, searching))
		return;
	if (!parent_exists(s, t->kind, parent))
		cw_error(w, 404, "NotFound", arena_printf(r->arena, "Record %lld not found", (long long)parent));
	else if (searching)
		search(s, r, w, t);
	else if (rest && strcmp(rest, "count") == 0 && is(r, "GET"))
		get_count(r, w, t, parent);
	else if (rest && isdigit((unsigned char)*rest))
		handle_one(s, r, w, t, parent, rest);
	else if (rest)
		cw_error(w, 404, "NotFound", "There is no such path.");
	else if (is(r, "GET"))
		get_list(s, r, w, t, parent, NULL);
	else if (is(r, "POST") && (t->kind->flags & CW_POST))
		cw_post(s, r, w, t, parent);
	else
		not_offered(w);
}

static void system_info(struct sim *s, struct answer *w)
{
	struct node *n = node_object();

	node_set(n, "version", node_string("v2025.1.118114"));
	node_set(n, "isCloud", node_bool(false));
	node_set(n, "serverTimeZone", node_string("Eastern Standard Time"));
	node_set(n, "licenseBits", node_array());
	node_set(n, "cloudRegion", node_string("NA"));
	answer_node(w, 200, n);
	node_free(n);
}

static void audit_trail(struct sim *s, struct request *r, struct answer *w)
{
	const char *type = request_query(r, "type"), *id = request_query(r, "id");
	struct jsonw j;

	jsonw_init(&j, &w->body, 0);
	jsonw_array(&j);
	for (const struct node *n = cw_of(s)->audit->child; n; n = n->next) {
		if (!type || !id || strcasecmp(type, node_text(node_get(n, "auditType"), "")) != 0 ||
			strcmp(id, node_text(node_get(n, "recordId"), "")) != 0)
			continue;
		node_write(&j, n);
	}
	jsonw_end_array(&j);
}

static void handle_system(struct sim *s, struct request *r, struct answer *w, const char *what)
{
	if (!allowed(s, r, w, "system", 0, false))
		return;
	if (strcmp(what, "info") == 0)
		system_info(s, w);
	else if (strcmp(what, "audittrail") == 0)
		audit_trail(s, r, w);
	else
		cw_error(w, 404, "NotFound", "There is no such path.");
}

static void handle_api(struct sim *s, struct request *r, struct answer *w, char *const *segment, int count)
{
	int64_t parent;

	if (count == 2 && strcmp(segment[0], "system") == 0) {
		handle_system(s, r, w, segment[1]);
		return;
	}
	for (size_t i = 0; i < cw_kind_count; i++) {
		int used = fits(cw_kinds[i].path, segment, count, &parent);

		if (used && used >= count - 1) {
			handle_table(s, r, w, &cw_of(s)->table[i], parent, used < count ? segment[used] : NULL);
			return;
		}
	}
	cw_error(w, 404, "NotFound", "There is no such path.");
}

static void company_info(struct sim *s, struct answer *w, const char *company)
{
	struct node *n;

	if (strcasecmp(company, node_text(node_get(s->settings, "company"), "")) != 0) {
		buf_puts(&w->body, "null");
		return;
	}
	n = node_object();
	node_set(n, "CompanyName", node_string(node_text(node_get(s->settings, "company_name"), company)));
	node_set(n, "Codebase", node_string(node_text(node_get(s->settings, "codebase"), "v4_6_release/")));
	node_set(n, "VersionCode", node_string("v2025.1"));
	node_set(n, "VersionNumber", node_string("v4.6.118114"));
	node_set(n, "CompanyID", node_string(company));
	node_set(n, "IsCloud", node_bool(false));
	answer_node(w, 200, n);
	node_free(n);
}

/* /v2025_1/apis/3.0/... : the codebase ends in a slash, so "apis" is a part of its own. */
static int api_root(struct sim *s, struct request *r)
{
	const char *codebase = node_text(node_get(s->settings, "codebase"), "v4_6_release/");
	size_t len = strlen(codebase) ? strlen(codebase) - 1 : 0;

	return r->segments >= 3 && strlen(r->segment[0]) == len && strncmp(r->segment[0], codebase, len) == 0 &&
		strcmp(r->segment[1], "apis") == 0 && strcmp(r->segment[2], "3.0") == 0;
}

static void handle(struct sim *s, struct request *r, struct answer *w)
{
	answer_header(w, "x-cw-request-id", arena_printf(r->arena, "sim-%lld", (long long)s->requests));
	answer_header(w, "api-current-version", "2025.16");
	if (r->segments == 3 && strcmp(r->segment[0], "login") == 0 && strcmp(r->segment[1], "companyinfo") == 0)
		company_info(s, w, r->segment[2]);
	else if (too_fast(s, r, w))
		return;
	else if (!api_root(s, r))
		cw_error(w, 404, "NotFound", "There is no such path.");
	else if (signed_in(s, r, w))
		handle_api(s, r, w, (char *const *)r->segment + 3, r->segments - 3);
}

/* From outside ------------------------------------------------------------------------------------- */

static enum rc edit_row(struct sim *s, struct cw_table *t, const struct json *what, struct err *e)
{
	const struct json *set = json_get(what, "set");
	struct cw_row *row;
	int64_t id;

	if (json_int(json_get(what, "id"), 1, INT64_MAX, &id) != RC_OK || !(row = cw_find(t, id)))
		return err_set(e, RC_NOT_FOUND, "no such record of %s", t->kind->member);
	if (json_true(json_get(what, "delete"))) {
		cw_remove(t, id);
		return RC_OK;
	}
	for (const struct json *v = json_is(set, JSON_OBJECT) ? set->child : NULL; v; v = v->next)
		node_set(row->value, v->key, node_from(v));
	cw_fill_dates(row->value);
	t->kind->complete(s, row->value, false);
	if (json_bool_or(json_get(what, "touch"), true))
		cw_stamp(s, row->value);
	return RC_OK;
}

static enum rc edit_insert(struct sim *s, struct cw_table *t, const struct json *what, struct err *e)
{
	struct node *row = node_from(json_get(what, "insert"));

	cw_fill_dates(row);
	if (!cw_insert(t, row)) {
		node_free(row);
		return err_set(e, RC_CONFLICT, "the id is taken");
	}
	t->kind->complete(s, row, true);
	cw_stamp(s, row);
	return RC_OK;
}

static enum rc edit(struct sim *s, const struct json *what, struct err *e)
{
	const char *kind = json_member(what, "kind");

	for (size_t i = 0; kind && i < cw_kind_count; i++)
		if (strcmp(cw_kinds[i].member, kind) == 0)
			return json_get(what, "insert") ? edit_insert(s, &cw_of(s)->table[i], what, e)
							: edit_row(s, &cw_of(s)->table[i], what, e);
	return err_set(e, RC_INVALID, "\"kind\" names no kind of record");
}

static void state(struct sim *s, struct jsonw *w)
{
	for (size_t i = 0; i < cw_kind_count; i++) {
		jsonw_key(w, cw_kinds[i].member);
		jsonw_array(w);
		for (size_t j = 0; j < cw_of(s)->table[i].count; j++)
			node_write(w, cw_of(s)->table[i].row[j].value);
		jsonw_end_array(w);
	}
	jsonw_key(w, "audit");
	node_write(w, cw_of(s)->audit);
}

const struct system system_connectwise = { "connectwise", open_system, close_system, handle, edit, state };
