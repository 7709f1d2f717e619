/* superops.c - SuperOps: GraphQL at POST /msp, failures inside 200.
 *
 * Kinds: "clients", "items", "contracts" (each as getClientContractList shows it, with an "id" that is its contractId).
 * Settings (all may be changed by POST /_edit {"settings":{..}}):
 *     token, subdomain    who may sign in
 *     deny                array of operations that answer "forbidden"
 *     rate_limit          requests a minute before rate_limit_exceeded
 *     no_filter           conditions are refused; "odd_filter": they find nothing
 *     style               "baseline" (absolute at any day), "delta" or "total": how INCREASE and DECREASE read, and
 *                         whether a later BASELINE is refused (it is, but for "baseline")
 *     per_page            at most 100
 */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(struct answer *w, const char *code, const char *message)
{
	AUTO(buf) b = BUF_INIT(4096);
	struct jsonw j;

	jsonw_init(&j, &b, 0);
	jsonw_object(&j);
	jsonw_key(&j, "errors");
	jsonw_array(&j);
	jsonw_object(&j);
	jsonw_kv(&j, "message", message);
	jsonw_key(&j, "extensions");
	jsonw_object(&j);
	jsonw_key(&j, "clientError");
	jsonw_array(&j);
	jsonw_object(&j);
	jsonw_kv(&j, "code", code);
	jsonw_end_object(&j);
	jsonw_end_array(&j);
	jsonw_end_object(&j);
	jsonw_end_object(&j);
	jsonw_end_array(&j);
	jsonw_kv_null(&j, "data");
	jsonw_end_object(&j);
	buf_clear(&w->body);
	buf_puts(&w->body, buf_text(&b));
}

static void reply(struct answer *w, const char *member, struct node *value)
{
	struct node *n = node_object(), *data = node_object();

	node_set(data, member, value);
	node_set(n, "data", data);
	answer_node(w, 200, n);
	node_free(n);
}

/* The filter names a path of the row; anything else about it is passed over. */
static bool fits(struct sim *s, const struct node *row, const struct json *input)
{
	const char *attribute = json_text(json_path(input, "condition/attribute"));
	const char *value = json_text(json_path(input, "condition/value"));

	if (!attribute)
		return true;
	if (store_flag(s, "odd_filter"))
		return false;
	if (strcmp(attribute, "contractId") == 0)
		return store_is(row, "contractId", value);
	if (strcmp(attribute, "client.accountId") == 0)
		return store_is(node_get(row, "client"), "accountId", value);
	return false;
}

static void get_list(struct sim *s, struct answer *w, const struct json *input, const char *kind, const char *member,
	const char *rows_member)
{
	int64_t page = 1, size = 100, total = 0, most = node_number_or(node_get(s->settings, "per_page"), 100);
	struct node *rows = node_array(), *info = node_object(), *n = node_object();

	(void)!json_int(json_get(input, "page"), 1, 100000, &page);
	(void)!json_int(json_get(input, "pageSize"), 1, 100, &size);
	size = size > most ? most : size;
	for (struct node *row = store_rows(s, kind)->child; row; row = row->next) {
		if (!fits(s, row, input))
			continue;
		if (total >= (page - 1) * size && total < page * size)
			node_append(rows, node_copy(row));
		total++;
	}
	node_set(info, "page", node_int(page));
	node_set(info, "pageSize", node_int(size));
	node_set(info, "totalCount", node_int(total));
	node_set(info, "hasMore", node_bool(page * size < total));
	node_set(n, rows_member, rows);
	node_set(n, "listInfo", info);
	reply(w, member, n);
}

static struct node *change_of(const struct json *change, struct sim *s)
{
	static int64_t last = 9100;
	struct node *n = node_object();
	char id[32];
	static const char *const members[] = { "effectiveDate", "quantity", "quantityChangeOperation" };

	if (json_member(change, "changeId"))
		node_set(n, "changeId", node_string(json_member(change, "changeId")));
	else
		node_set(n, "changeId", node_string((snprintf(id, sizeof(id), "%lld", (long long)++last), id)));
	node_set(n, "endDate", node_null());
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		node_set(n, members[i], node_from(json_get(change, members[i])));
	return n;
}

static struct node *contract_with(struct sim *s, const char *inner)
{
	for (struct node *n = store_rows(s, "contracts")->child; n; n = n->next) {
		if (store_is(node_get(n, "contract"), "contractId", inner))
			return n;
	}
	return NULL;
}

/* Amends the change of that id, or adds it. */
static bool take_change(struct node *contract, struct node *change, bool amend)
{
	struct node *list = node_path(contract, "contract/billableContract/changes");

	for (struct node *n = list->child; amend && n; n = n->next) {
		if (!store_is(n, "changeId", node_text(node_get(change, "changeId"), "")))
			continue;
		for (struct node *m = change->child; m; m = m->next)
			node_set(n, m->key, node_copy(m));
		node_free(change);
		return true;
	}
	if (amend) {
		node_free(change);
		return false;
	}
	node_append(list, change);
	return true;
}

static void update(struct sim *s, struct request *r, struct answer *w, const struct json *input)
{
	const struct json *change = json_path(input, "contract/billableContract/change");
	struct node *row = contract_with(s, json_member(json_get(input, "contract"), "contractId")), *before;
	const char *operation = json_text_or(json_get(change, "quantityChangeOperation"), "");
	qty q;

	if (!row)
		fail(w, "entity_does_not_exist", "Contract does not exist");
	else if (!change || json_qty(json_get(change, "quantity"), &q) != RC_OK ||
		!json_member(change, "effectiveDate"))
		fail(w, "mandatory_validation_failed", "change");
	else if (strcmp(operation, "BASELINE") == 0 && strcmp(store_setting(s, "style", "baseline"), "baseline") != 0)
		fail(w, "type_validation_failed", "A later change is INCREASE or DECREASE");
	else if (r->ignore_write)
		reply(w, "updateClientContract", node_string(node_text(node_get(row, "id"), "")));
	else {
		before = node_copy(row);
		if (!take_change(row, change_of(change, s), json_get(change, "changeId") != NULL)) {
			node_free(before);
			fail(w, "entity_does_not_exist", "Change does not exist");
			return;
		}
		ledger_add(s, r, before, node_copy(row));
		reply(w, "updateClientContract", node_string(node_text(node_get(row, "id"), "")));
	}
}

static struct node *named(struct sim *s, const char *kind, const char *member, const char *id)
{
	struct node *n = store_rows(s, kind)->child;

	while (n && !store_is(n, member, id))
		n = n->next;
	return n;
}

static struct node *made_contract(struct sim *s, const struct json *input, const struct node *item)
{
	const struct json *billable = json_path(input, "contract/billableContract");
	struct node *row = node_object(), *contract = node_object(), *b = node_object(), *charge = node_object();

	node_set(charge, "itemId", node_string(node_text(node_get(item, "itemId"), "")));
	node_set(charge, "name", node_string(node_text(node_get(item, "name"), "")));
	node_set(b, "chargeItem", charge);
	node_set(b, "quantityCalculationType", node_string("FIXED"));
	node_set(b, "sellingPrice",
		node_from(json_get(billable, "sellingPrice") ? json_get(billable, "sellingPrice") : billable));
	node_set(b, "frequencyType", node_string("RECURRING"));
	node_set(b, "changes", node_array());
	node_append(node_get(b, "changes"), change_of(json_get(billable, "change"), s));
	node_set(contract, "name", node_string(node_text(node_get(item, "name"), "")));
	node_set(contract, "contractType", node_string("SERVICE"));
	node_set(contract, "billableContract", b);
	node_set(row, "client", node_from(json_get(input, "client")));
	node_set(row, "startDate", node_from(json_get(input, "startDate")));
	node_set(row, "endDate", node_null());
	node_set(row, "contractStatus", node_string("ACTIVE"));
	node_set(row, "contract", contract);
	return row;
}

static void create(struct sim *s, struct request *r, struct answer *w, const struct json *input)
{
	const struct node *item = named(
		s, "items", "itemId", json_text(json_path(input, "contract/billableContract/chargeItem/itemId")));
	struct node *row;
	const char *id;

	if (!named(s, "clients", "accountId", json_text(json_path(input, "client/accountId"))) || !item) {
		fail(w, "referred_value_does_not_exist", "client or item");
		return;
	}
	if (r->ignore_write) {
		reply(w, "createClientContract", node_string("999999"));
		return;
	}
	row = store_insert(s, "contracts", made_contract(s, input, item));
	id = node_text(node_get(row, "id"), "");
	node_set(row, "contractId", node_string(id));
	node_set(node_get(row, "contract"), "contractId", node_string(arena_printf(r->arena, "%s7", id)));
	ledger_add(s, r, NULL, node_copy(row));
	reply(w, "createClientContract", node_string(id));
}

static void run(struct sim *s, struct request *r, struct answer *w, const char *query, const struct json *input)
{
	static const char *const lists[][3] = { { "getClientList", "clients", "clients" },
		{ "getServiceCatalogItemList", "items", "items" },
		{ "getClientContractList", "contracts", "clientContracts" } };
	static const char *const names[] = { "getClientList", "getServiceCatalogItemList", "getClientContractList",
		"updateClientContract", "createClientContract" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strstr(query, names[i]) && store_among(s, "deny", names[i])) {
			fail(w, "forbidden", "No permission");
			return;
		}
	}
	if (json_get(input, "condition") && store_flag(s, "no_filter")) {
		fail(w, "type_validation_failed", "condition");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		if (strstr(query, lists[i][0])) {
			get_list(s, w, input, lists[i][1], lists[i][0], lists[i][2]);
			return;
		}
	}
	if (strstr(query, "updateClientContract("))
		update(s, r, w, input);
	else if (strstr(query, "createClientContract("))
		create(s, r, w, input);
	else
		fail(w, "type_validation_failed", "No such operation");
}

static void handle(struct sim *s, struct request *r, struct answer *w)
{
	const char *token = request_header(r, "Authorization"), *sub = request_header(r, "CustomerSubDomain");
	const char *wanted = arena_printf(r->arena, "Bearer %s", store_setting(s, "token", ""));
	struct err e = ERR_INIT;
	struct json *body;

	if (strcmp(r->method, "POST") != 0 || strcmp(r->path, "/msp") != 0)
		w->status = 404;
	else if (!token || strcmp(token, wanted) != 0 || !sub || strcmp(sub, store_setting(s, "subdomain", "")) != 0)
		w->status = 401;
	else if (!store_within_rate(s))
		fail(w, "rate_limit_exceeded", "Rate limit exceeded");
	else if (request_json(r, &body, &e) != RC_OK || !json_member(body, "query"))
		fail(w, "type_validation_failed", "query");
	else
		run(s, r, w, json_member(body, "query"), json_path(body, "variables/input"));
}

const struct system system_superops = { "superops", store_open, store_close, handle, store_edit, store_state };
