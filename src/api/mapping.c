/* Mapping: vendor accounts and services, what they are in the PSA, and the end of a set-up. */
#include "api/app.h"
#include "api/export.h"
#include "api/text.h"
#include "core/mapping/map.h"
#include "core/mapping/maplist.h"

#include <string.h>

typedef enum rc (*list_fn)(struct tx *, const struct maplist *, struct jsonw *, const char **, struct err *);

static enum rc read_maplist(struct call *c, struct maplist *l, struct err *e)
{
	*l = (struct maplist){ .org = c->who.org,
		.integration = call_param(c, 0),
		.status = call_query(c, "status"),
		.q = call_query(c, "q"),
		.cursor = call_query(c, "cursor") };
	if (l->status && strcmp(l->status, "mapped") != 0 && strcmp(l->status, "unmapped") != 0 &&
		strcmp(l->status, "excluded") != 0)
		return err_set(e, RC_INVALID, "?status= is mapped, unmapped or excluded.");
	return call_limit(c, &l->limit, e);
}

static enum rc list(struct call *c, list_fn fn, struct err *e)
{
	const char *next = NULL;
	struct maplist l;
	enum rc rc = read_maplist(c, &l, e);

	if (rc != RC_OK)
		return rc;
	call_list_begin(c);
	rc = fn(c->tx, &l, &c->out, &next, e);
	call_list_end(c, next);
	return rc;
}

static enum rc get_accounts(struct call *c, struct err *e)
{
	return list(c, maplist_accounts, e);
}

static enum rc get_services(struct call *c, struct err *e)
{
	return list(c, maplist_services, e);
}

static const struct export_column account_columns[] = {
	{ "Account", "name" },
	{ "Vendor's ID", "vendor_id" },
	{ "Mapping", "mapping/status" },
	{ "PSA account", "mapping/psa_account/name" },
	{ "PSA account ID", "mapping/psa_account/remote_id" },
	{ "How", "mapping/how" },
	{ "Who", "mapping/by" },
	{ "When", "mapping/at" },
	{ "Suggestions", "suggestions", EXPORT_LIST, "name" },
	{ NULL },
};

static const struct export_column service_columns[] = {
	{ "Service", "name" },
	{ "Vendor's ID", "vendor_id" },
	{ "Mapping", "mapping/status" },
	{ "Products", "mapping/products", EXPORT_LIST, "name" },
	{ "Product IDs", "mapping/products", EXPORT_LIST, "code" },
	{ "Mode", "mapping/mode" },
	{ "Counted by", "mapping/unit_basis" },
	{ "How", "mapping/how" },
	{ "Who", "mapping/by" },
	{ "When", "mapping/at" },
	{ "Suggestions", "suggestions", EXPORT_LIST, "name" },
	{ NULL },
};

static enum rc map_page(struct call *c, list_fn fn, const char *cursor, int64_t limit, struct jsonw *w,
	const char **ret_next, struct err *e)
{
	struct maplist l;
	enum rc rc = read_maplist(c, &l, e);

	l.cursor = cursor;
	l.limit = limit;
	return rc == RC_OK ? fn(c->tx, &l, w, ret_next, e) : rc;
}

static enum rc page_of_accounts(
	struct call *c, const char *cursor, int64_t limit, struct jsonw *w, const char **ret_next, struct err *e)
{
	return map_page(c, maplist_accounts, cursor, limit, w, ret_next, e);
}

static enum rc page_of_services(
	struct call *c, const char *cursor, int64_t limit, struct jsonw *w, const char **ret_next, struct err *e)
{
	return map_page(c, maplist_services, cursor, limit, w, ret_next, e);
}

static enum rc export_accounts(struct call *c, struct err *e)
{
	return export_table(c, &(struct export){ "accounts", account_columns, page_of_accounts }, e);
}

static enum rc export_services(struct call *c, struct err *e)
{
	return export_table(c, &(struct export){ "services", service_columns, page_of_services }, e);
}

static enum rc get_totals(struct call *c, struct err *e)
{
	return maplist_totals(c->tx, c->who.org, call_param(c, 0), &c->out, e);
}

/* The item as the lists show it; "" writes nothing when there is none. */
static enum rc write_item(struct call *c, list_fn fn, struct jsonw *w, struct err *e)
{
	struct maplist l = { .org = c->who.org, .integration = call_param(c, 0), .id = call_param(c, 1), .limit = 1 };
	const char *next;

	return fn(c->tx, &l, w, &next, e);
}

/* For the log: the item before and after. */
static enum rc snapshot(struct call *c, list_fn fn, const char **ret, struct err *e)
{
	struct text_out t;
	enum rc rc;

	text_begin(&t);
	rc = write_item(c, fn, &t.w, e);
	*ret = text_end(&t, c->arena);
	if (**ret == '\0')
		*ret = "null";
	return rc;
}

static int flag(struct call *c, const char *name)
{
	const struct json *v = json_get(c->body, name);

	return json_is_null(v) ? -1 : json_true(v);
}

static enum rc put_account(struct call *c, struct err *e)
{
	struct map_account m = { .status = call_text(c, "status"),
		.psa_account = call_text(c, "psa_account_id"),
		.detect_new_revenue = flag(c, "detect_new_revenue") };
	enum rc rc = snapshot(c, maplist_accounts, &c->audit_before, e);

	if (rc == RC_OK)
		rc = map_set_account(c->tx, &c->who, call_param(c, 0), call_param(c, 1), &m, e);
	if (rc == RC_OK)
		rc = snapshot(c, maplist_accounts, &c->audit_after, e);
	c->audit_object = arena_printf(c->arena, "account %s", call_param(c, 1));
	return rc == RC_OK ? write_item(c, maplist_accounts, &c->out, e) : rc;
}

static enum rc read_products(struct call *c, struct map_service *m, struct err *e)
{
	const struct json *ids = json_get(c->body, "product_ids");
	const char **products;

	if (json_is_null(ids))
		return RC_OK;
	products = arena_array(c->arena, ids->count + 1, sizeof(*products));
	m->products = products;
	for (const struct json *id = ids->child; id; id = id->next) {
		if (!json_text(id))
			return err_at(e, RC_INVALID, "/product_ids", "Each id is a text.");
		products[m->product_count++] = json_text(id);
	}
	return RC_OK;
}

static enum rc put_service(struct call *c, struct err *e)
{
	struct map_service m = { .status = call_text(c, "status"),
		.mode = call_text(c, "mode"),
		.unit_basis = call_text(c, "unit_basis"),
		.detect_new_revenue = flag(c, "detect_new_revenue") };
	enum rc rc = read_products(c, &m, e);

	if (rc == RC_OK)
		rc = snapshot(c, maplist_services, &c->audit_before, e);
	if (rc == RC_OK)
		rc = map_set_service(c->tx, &c->who, call_param(c, 0), call_param(c, 1), &m, e);
	if (rc == RC_OK)
		rc = snapshot(c, maplist_services, &c->audit_after, e);
	c->audit_object = arena_printf(c->arena, "service %s", call_param(c, 1));
	return rc == RC_OK ? write_item(c, maplist_services, &c->out, e) : rc;
}

static enum rc reject(struct call *c, bool service, struct err *e)
{
	const char *target = call_text(c, "target_id");
	enum rc rc = map_reject(c->tx, &c->who, call_param(c, 0), call_param(c, 1), service, target, e);

	c->audit_object = arena_printf(c->arena, "%s %s", service ? "service" : "account", call_param(c, 1));
	c->audit_after = arena_strdup(c->arena, c->rq->body);
	return rc == RC_OK ? write_item(c, service ? maplist_services : maplist_accounts, &c->out, e) : rc;
}

static enum rc post_reject_account(struct call *c, struct err *e)
{
	return reject(c, false, e);
}

static enum rc post_reject_service(struct call *c, struct err *e)
{
	return reject(c, true, e);
}

static enum rc post_finish(struct call *c, struct err *e)
{
	const char *job;
	enum rc rc = map_finish(c->tx, &c->who, call_param(c, 0), &job, e);

	if (rc != RC_OK)
		return rc;
	c->audit_object = arena_printf(c->arena, "integration %s", call_param(c, 0));
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "job", job);
	jsonw_end_object(&c->out);
	return RC_OK;
}

static const struct field account_body[] = {
	{ "status", F_TEXT, .required = true, .choices = "mapped|excluded|unmapped",
		.help = "excluded = not to be billed" },
	{ "psa_account_id", F_TEXT, .help = "the PSA account, with mapped" },
	{ "detect_new_revenue", F_BOOL, .help = "whether usage without a line gives a card" },
	{ NULL },
};

static const struct field service_body[] = {
	{ "status", F_TEXT, .required = true, .choices = "mapped|excluded|unmapped",
		.help = "excluded = not to be billed" },
	{ "product_ids", F_ARRAY, .max = MAP_PRODUCTS_MAX, .help = "the products, with mapped" },
	{ "mode", F_TEXT, .choices = "copy|split",
		.help = "several products: copy counts each in full, split shares the count out; default copy" },
	{ "unit_basis", F_TEXT, .choices = "users|devices",
		.help = "what is counted: protected users or devices; absent = what the vendor says (the service's "
			"unit_basis)" },
	{ "detect_new_revenue", F_BOOL, .help = "whether usage without a line gives a card" },
	{ NULL },
};

static const struct field reject_body[] = {
	{ "target_id", F_TEXT, .required = true, .help = "the PSA account or product that it is not" },
	{ NULL },
};

#define BASE "/api/v1/integrations/{id}"

const struct route mapping_routes[] = {
	{ "GET", BASE "/accounts", ROUTE_READ, ROLE_VIEWER, 200, get_accounts, .rate = RATE_APP,
		.summary = "Accounts of the vendor with their mapping and suggestions; ?status= ?q=" },
	{ "GET", BASE "/services", ROUTE_READ, ROLE_VIEWER, 200, get_services, .rate = RATE_APP,
		.summary = "Services of the vendor with their mapping and suggestions; ?status= ?q=" },
	{ "GET", BASE "/accounts.csv", ROUTE_READ, ROLE_VIEWER, 200, export_accounts, .rate = RATE_APP,
		.summary = "The accounts with their mapping as a file; ?status= ?q=" },
	{ "GET", BASE "/accounts.xlsx", ROUTE_READ, ROLE_VIEWER, 200, export_accounts, .rate = RATE_APP,
		.summary = "The accounts with their mapping as a workbook; ?status= ?q=" },
	{ "GET", BASE "/services.csv", ROUTE_READ, ROLE_VIEWER, 200, export_services, .rate = RATE_APP,
		.summary = "The services with their mapping as a file; ?status= ?q=" },
	{ "GET", BASE "/services.xlsx", ROUTE_READ, ROLE_VIEWER, 200, export_services, .rate = RATE_APP,
		.summary = "The services with their mapping as a workbook; ?status= ?q=" },
	{ "GET", BASE "/mapping", ROUTE_READ, ROLE_VIEWER, 200, get_totals, .rate = RATE_APP,
		.summary = "How much is mapped, and what the unmapped and the excluded come to" },
	{ "PUT", BASE "/accounts/{account}/mapping", ROUTE_WRITE, ROLE_APPROVER, 200, put_account, account_body,
		.event = "mapping.account", .rate = RATE_APP,
		.summary = "Which PSA account it is, or that it is not billed" },
	{ "PUT", BASE "/services/{service}/mapping", ROUTE_WRITE, ROLE_APPROVER, 200, put_service, service_body,
		.event = "mapping.service", .rate = RATE_APP,
		.summary = "Which products it is, or that it is not billed" },
	{ "POST", BASE "/accounts/{account}/reject", ROUTE_WRITE, ROLE_APPROVER, 200, post_reject_account, reject_body,
		.event = "mapping.reject", .rate = RATE_APP,
		.summary = "Never suggest this PSA account for the name again" },
	{ "POST", BASE "/services/{service}/reject", ROUTE_WRITE, ROLE_APPROVER, 200, post_reject_service, reject_body,
		.event = "mapping.reject", .rate = RATE_APP,
		.summary = "Never suggest this product for the name again" },
	{ "POST", BASE "/finish", ROUTE_WRITE, ROLE_APPROVER, 202, post_finish, .event = "integration.finish",
		.rate = RATE_APP,
		.summary = "End the set-up and start a sync; one account and one service must be mapped" },
	{ NULL }
};
