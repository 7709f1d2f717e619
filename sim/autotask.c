/* autotask.c - Autotask: zones, sign-in, rights, limits, entities.
 *
 * Speaks the wire protocol of the public REST API below /ATServicesRest/V1.0. Settings of the fixture (all may be
 * changed by POST /_edit {"settings":{..}}):
 *     user_name, secret, integration_code     who may sign in
 *     units          "difference" or "split": how a change within a period reads, see at_units.c
 *     deny           array of rights the user lacks: "Contracts.query", "ContractServiceAdjustments.create",
 *                    "Services.update", "ContractServices.update", "cost"
 *     threshold      calls an hour (10,000); used_calls: how many of them others made
 *     picklists      {"Contracts": {"status": [[1, "Active"], ..]}, ..}
 *     latency_ms     every answer waits this long; more than 3 waiting are refused
 */
#include "at.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct at_kind at_kinds[AT_TABLES] = {
	[AT_COMPANIES] = { "Companies", "companies", "Company",
		" id companyName companyNumber companyType isActive phone ownerResourceID parentCompanyID currencyID "
		"classification "
		"webAddress createDate lastActivityDate lastTrackedModifiedDateTime territoryID taxID " },
	[AT_CONTRACTS] = { "Contracts", "contracts", "Contract",
		" id companyID contractName contractNumber contractType contractCategory contractPeriodType status "
		"startDate "
		"endDate description billingPreference billToCompanyID lastModifiedDateTime isDefaultContract " },
	[AT_LINES] = { "ContractServices", "contractServices", "ContractService",
		" id contractID serviceID unitPrice adjustedPrice unitCost internalCurrencyUnitPrice "
		"invoiceDescription "
		"internalDescription quoteItemID " },
	[AT_BUNDLE_LINES] = { "ContractServiceBundles", "contractServiceBundles", "ContractServiceBundle",
		" id contractID serviceBundleID unitPrice adjustedPrice invoiceDescription internalDescription "
		"quoteItemID " },
	[AT_UNITS] = { "ContractServiceUnits", NULL, "ContractServiceUnit",
		" id contractID contractServiceID serviceID units price cost startDate endDate approveAndPostDate "
		"vendorCompanyID " },
	[AT_BUNDLE_UNITS] = { "ContractServiceBundleUnits", NULL, "ContractServiceBundleUnit",
		" id contractID contractServiceBundleID serviceBundleID units price cost startDate endDate "
		"approveAndPostDate " },
	[AT_SERVICES] = { "Services", "services", "Service",
		" id name description invoiceDescription unitPrice unitCost periodType billingCodeID vendorCompanyID "
		"isActive "
		"lastModifiedDate createDate manufacturerServiceProviderProductNumber " },
	[AT_BUNDLES] = { "ServiceBundles", "serviceBundles", "ServiceBundle",
		" id name description invoiceDescription unitPrice unitCost periodType billingCodeID isActive "
		"lastModifiedDate " },
	[AT_CURRENCIES] = { "Currencies", "currencies", "Currency", " id name isInternalCurrency isActive " },
	[AT_TICKETS] = { "Tickets", "tickets", "Ticket",
		" id companyID title description status priority queueID dueDateTime externalID ticketNumber "
		"createDate " },
	[AT_NOTES] = { "ContractNotes", "contractNotes", "ContractNote",
		" id contractID title description createDateTime lastActivityDate " },
	[AT_ADJUSTMENTS] = { "ContractServiceAdjustments", NULL, "ContractServiceAdjustment", " id " },
	[AT_BUNDLE_ADJUSTMENTS] = { "ContractServiceBundleAdjustments", NULL, "ContractServiceBundleAdjustment",
		" id " },
};

struct node *at_field(const struct node *row, const char *key)
{
	for (struct node *n = row && row->type == JSON_OBJECT ? row->child : NULL; n; n = n->next)
		if (strcasecmp(n->key, key) == 0)
			return n;
	return NULL;
}

struct node *at_row(struct sim *s, enum at_table t, int64_t id)
{
	const struct at_sim *at = s->data;

	for (struct node *n = at->table[t]->child; n; n = n->next)
		if (node_number_or(at_field(n, "id"), -1) == id)
			return n;
	return NULL;
}

int64_t at_next_id(struct sim *s)
{
	struct at_sim *at = s->data;

	return ++at->last_id;
}

void at_error(struct answer *w, int status, const char *text)
{
	struct node *n = node_object();

	node_set(n, "errors", node_array());
	node_append(node_get(n, "errors"), node_string(text));
	answer_node(w, status, n);
	node_free(n);
}

bool at_listed(const struct node *list, const char *word)
{
	for (const struct node *n = list ? list->child : NULL; n; n = n->next)
		if (strcmp(node_text(n, ""), word) == 0)
			return true;
	return false;
}

struct node *at_shown(struct sim *s, const struct node *row)
{
	bool hidden = at_listed(node_get(s->settings, "deny"), "cost");
	struct node *n = node_object();

	for (const struct node *m = row->child; m; m = m->next) {
		if (m->key[0] == '_')
			continue;
		node_set(n, m->key, hidden && strcmp(m->key, "unitCost") == 0 ? node_int(0) : node_copy(m));
	}
	node_set(n, "userDefinedFields", node_array());
	return n;
}

/* "@today-3", "@month+1" in a fixture become dates of this day. */
static void fill_dates(struct node *n)
{
	bool month = n->type == JSON_STRING && strncmp(n->str, "@month", 6) == 0;
	char text[CLOCK_TEXT];
	int offset;
	day d;

	if (month || (n->type == JSON_STRING && strncmp(n->str, "@today", 6) == 0)) {
		offset = (int)strtol(n->str + 6, NULL, 10);
		d = month ? day_month_start(day_today(), offset) : day_today() + offset;
		free(n->str);
		n->str = xstrdup(clock_format((utime)d * CLOCK_DAY, text));
	}
	for (struct node *c = n->child; c; c = c->next)
		fill_dates(c);
}

static void begin_lines(struct sim *s, enum at_table t)
{
	const struct at_sim *at = s->data;

	for (struct node *n = at->table[t]->child; n; n = n->next)
		if (node_get(n, "_units") || !node_get(n, "_changes"))
			at_units_begin(s, n);
}

static enum rc open_system(struct sim *s, const struct json *fixture, struct err *e)
{
	struct at_sim *at = xcalloc(1, sizeof(*at));

	s->data = at;
	at->last_id = 990000;
	for (size_t i = 0; i < AT_TABLES; i++) {
		const struct json *rows = at_kinds[i].member ? json_get(fixture, at_kinds[i].member) : NULL;

		at->table[i] = json_is(rows, JSON_ARRAY) ? node_from(rows) : node_array();
		fill_dates(at->table[i]);
		for (const struct node *n = at->table[i]->child; n; n = n->next)
			if (!node_get(n, "id"))
				return err_set(e, RC_INVALID, "%s: a row has no id", at_kinds[i].member);
	}
	begin_lines(s, AT_LINES);
	begin_lines(s, AT_BUNDLE_LINES);
	return RC_OK;
}

static void close_system(struct sim *s)
{
	struct at_sim *at = s->data;

	for (size_t i = 0; i < AT_TABLES; i++)
		node_free(at->table[i]);
	free(at);
}

/* Who asks, and may they ------------------------------------------------------------------------ */

static bool same_header(struct sim *s, const struct request *r, const char *header, const char *setting)
{
	const char *got = request_header(r, header);

	return got && strcmp(got, node_text(node_get(s->settings, setting), "")) == 0;
}

static bool signed_in(struct sim *s, struct request *r, struct answer *w)
{
	if (!same_header(s, r, "ApiIntegrationCode", "integration_code"))
		at_error(w, 500, "IntegrationCode is invalid.");
	else if (!same_header(s, r, "UserName", "user_name") || !same_header(s, r, "Secret", "secret"))
		at_error(w, 401, "The credentials are not valid.");
	else
		return true;
	return false;
}

static bool denied(struct sim *s, struct request *r, const char *entity, const char *right)
{
	return at_listed(node_get(s->settings, "deny"), arena_printf(r->arena, "%s.%s", entity, right));
}

static int64_t used(struct sim *s)
{
	return s->requests + node_number_or(node_get(s->settings, "used_calls"), 0);
}

static int64_t threshold(struct sim *s)
{
	return node_number_or(node_get(s->settings, "threshold"), 10000);
}

static bool too_much(struct sim *s, struct answer *w)
{
	if (s->in_flight >= 3)
		at_error(w, 500,
			"Thread Threshold Exceeded: this API integration exceeded the threshold of 3 threads for this "
			"endpoint. "
			"(Itgenatr005)");
	else if (used(s) > threshold(s))
		at_error(w, 429, "The request threshold of this database is exceeded.");
	else
		return false;
	return true;
}

/* What is asked for -------------------------------------------------------------------------------- */

static void zone(struct sim *s, struct request *r, struct answer *w)
{
	const char *user = request_query(r, "user"), *home = node_text(node_get(s->settings, "zone_url"), s->address);
	struct node *n;

	if (!user || strcmp(user, node_text(node_get(s->settings, "user_name"), "")) != 0) {
		at_error(w, 500, "Zone information could not be determined");
		return;
	}
	n = node_object();
	node_set(n, "zoneName", node_string("Simulation 1"));
	node_set(n, "url", node_string(arena_printf(r->arena, "%s/ATServicesRest/", home)));
	node_set(n, "webUrl", node_string(arena_printf(r->arena, "%s/", home)));
	node_set(n, "ci", node_int(998877));
	answer_node(w, 200, n);
	node_free(n);
}

static void version(struct answer *w)
{
	struct node *n = node_object(), *list = node_array();

	node_append(list, node_string("1.0"));
	node_set(n, "apiVersions", list);
	answer_node(w, 200, n);
	node_free(n);
}

static void budget(struct sim *s, struct answer *w)
{
	struct node *n = node_object();

	node_set(n, "externalRequestThreshold", node_int(threshold(s)));
	node_set(n, "requestThresholdTimeframe", node_int(60));
	node_set(n, "currentTimeframeRequestCount", node_int(used(s)));
	answer_node(w, 200, n);
	node_free(n);
}

static void entity_info(struct sim *s, struct request *r, struct answer *w, const char *entity)
{
	static const char *const words[][3] = { { "query", "canQuery", "userAccessForQuery" },
		{ "create", "canCreate", "userAccessForCreate" }, { "update", "canUpdate", "userAccessForUpdate" } };
	struct node *n = node_object(), *info = node_object();

	node_set(info, "name", node_string(entity));
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		node_set(info, words[i][1], node_bool(true));
		node_set(info, words[i][2], node_string(denied(s, r, entity, words[i][0]) ? "None" : "All"));
	}
	node_set(n, "info", info);
	answer_node(w, 200, n);
	node_free(n);
}

/* [[1, "Active"], ...] as the API prints it: values are texts. */
static struct node *values_of(const struct node *list)
{
	struct node *all = node_array();

	for (const struct node *v = list->child; v; v = v->next) {
		struct node *one = node_object();

		node_set(one, "value", node_string(node_text(v->child, "")));
		node_set(one, "label", node_string(node_text(v->child ? v->child->next : NULL, "")));
		node_set(one, "isActive", node_bool(true));
		node_append(all, one);
	}
	return all;
}

static void field_info(struct sim *s, struct answer *w, const char *entity)
{
	const struct node *lists = node_get(node_get(s->settings, "picklists"), entity);
	struct node *n = node_object(), *fields = node_array();

	for (const struct node *f = lists ? lists->child : NULL; f; f = f->next) {
		struct node *one = node_object();

		node_set(one, "name", node_string(f->key));
		node_set(one, "dataType", node_string("integer"));
		node_set(one, "isPickList", node_bool(true));
		node_set(one, "picklistValues", values_of(f));
		node_append(fields, one);
	}
	node_set(n, "fields", fields);
	answer_node(w, 200, n);
	node_free(n);
}

static void get_one(struct sim *s, struct answer *w, enum at_table t, const char *id)
{
	const struct node *row = at_row(s, t, strtoll(id, NULL, 10));
	struct node *n = node_object();

	node_set(n, "item", row ? at_shown(s, row) : node_null());
	answer_node(w, 200, n);
	node_free(n);
}

static bool is(const struct request *r, const char *method)
{
	return strcmp(r->method, method) == 0;
}

static void query(struct sim *s, struct request *r, struct answer *w, enum at_table t, const char *more)
{
	struct at_sim *at = s->data;
	const char *next = more && strcmp(more, "next") == 0 ? request_query(r, "paging") : NULL;
	bool computed = t == AT_UNITS || t == AT_BUNDLE_UNITS;
	struct node *rows = computed ? at_units_of(s, t == AT_UNITS ? AT_LINES : AT_BUNDLE_LINES) : at->table[t];

	at_search(s, r, w, t, rows, next, more && strcmp(more, "count") == 0);
	if (computed)
		node_free(rows);
}

static void create(struct sim *s, struct request *r, struct answer *w, enum at_table t)
{
	if (t == AT_ADJUSTMENTS || t == AT_BUNDLE_ADJUSTMENTS)
		at_adjust(s, r, w, t == AT_BUNDLE_ADJUSTMENTS, 0);
	else if (t == AT_TICKETS)
		at_make_ticket(s, r, w);
	else
		at_error(w, 405, "The requested resource does not support http method 'POST'.");
}

static void write_one(struct sim *s, struct request *r, struct answer *w, enum at_table t)
{
	bool change = is(r, "PATCH") || is(r, "PUT");

	if (denied(s, r, at_kinds[t].entity, change ? "update" : "create"))
		at_error(w, 403, "The logged in Resource does not have the adequate permissions.");
	else if (change && (t == AT_COMPANIES || t == AT_CONTRACTS || t == AT_SERVICES))
		at_change(s, r, w, t, is(r, "PUT"));
	else if (is(r, "POST"))
		create(s, r, w, t);
	else
		at_error(w, 405, "The requested resource does not support this method.");
}

/* A child is changed at its parent. */
static void write_line(struct sim *s, struct request *r, struct answer *w, int64_t contract)
{
	struct err e = ERR_INIT;
	struct json *v;
	const struct node *line;
	int64_t id;

	if (denied(s, r, "ContractServices", "update")) {
		at_error(w, 403, "The logged in Resource does not have the adequate permissions.");
		return;
	}
	if (request_json(r, &v, &e) != RC_OK || json_int(json_get(v, "id"), 0, INT64_MAX, &id) != RC_OK) {
		at_error(w, 500, "The request body is not JSON.");
		return;
	}
	line = at_row(s, AT_LINES, id);
	if (!line || node_number_or(at_field(line, "contractID"), -1) != contract)
		at_error(w, 404, "The record does not exist.");
	else
		at_change(s, r, w, AT_LINES, false);
}

static void handle_entity(struct sim *s, struct request *r, struct answer *w, enum at_table t, const char *const *rest)
{
	const char *entity = at_kinds[t].entity;
	bool adjustments = t == AT_ADJUSTMENTS || t == AT_BUNDLE_ADJUSTMENTS;

	if (rest[0] && strcmp(rest[0], "entityInformation") == 0 && is(r, "GET")) {
		if (rest[1] && strcmp(rest[1], "fields") == 0)
			field_info(s, w, entity);
		else
			entity_info(s, r, w, entity);
	} else if (!rest[0]) {
		write_one(s, r, w, t);
	} else if (rest[1] && t == AT_CONTRACTS && is(r, "POST") && strcmp(rest[1], "ServiceAdjustments") == 0) {
		at_adjust(s, r, w, false, strtoll(rest[0], NULL, 10));
	} else if (rest[1] && t == AT_CONTRACTS && is(r, "PATCH") && strcmp(rest[1], "Services") == 0) {
		write_line(s, r, w, strtoll(rest[0], NULL, 10));
	} else if (adjustments || (!is(r, "GET") && strcmp(rest[0], "query") != 0)) {
		at_error(w, 405, "The requested resource does not support this method.");
	} else if (denied(s, r, entity, "query")) {
		at_error(w, 403, "The logged in Resource does not have the adequate permissions.");
	} else if (strcmp(rest[0], "query") == 0 && is(r, "POST")) {
		query(s, r, w, t, rest[1]);
	} else if (strspn(rest[0], "0123456789") == strlen(rest[0])) {
		get_one(s, w, t, rest[0]);
	} else {
		at_error(w, 404, "No such resource.");
	}
}

static void handle_api(struct sim *s, struct request *r, struct answer *w)
{
	const char *what = r->segments > 2 ? r->segment[2] : "";

	if (strcasecmp(what, "ThresholdInformation") == 0) {
		budget(s, w);
		return;
	}
	for (size_t i = 0; i < AT_TABLES; i++) {
		if (strcasecmp(at_kinds[i].entity, what) == 0) {
			handle_entity(s, r, w, i, r->segment + 3);
			return;
		}
	}
	at_error(w, 404, "No such resource.");
}

static void handle(struct sim *s, struct request *r, struct answer *w)
{
	const char *root = r->segments > 0 ? r->segment[0] : "", *next = r->segments > 1 ? r->segment[1] : "";

	if (strcasecmp(root, "ATServicesRest") != 0)
		at_error(w, 404, "No such resource.");
	else if (strcasecmp(next, "versioninformation") == 0)
		version(w);
	else if (strcasecmp(next, "V1.0") != 0)
		at_error(w, 404, "No such resource.");
	else if (r->segments > 2 && strcasecmp(r->segment[2], "zoneInformation") == 0)
		zone(s, r, w);
	else if (signed_in(s, r, w) && !too_much(s, w))
		handle_api(s, r, w);
}

/* From outside ------------------------------------------------------------------------------------- */

static enum rc edit_row(struct sim *s, enum at_table t, const struct json *what, struct err *e)
{
	const struct json *set = json_get(what, "set");
	struct node *row;
	int64_t id;

	if (json_int(json_get(what, "id"), 0, INT64_MAX, &id) != RC_OK || !(row = at_row(s, t, id)))
		return err_set(e, RC_NOT_FOUND, "no such record of %s", at_kinds[t].member);
	for (const struct json *v = json_is(set, JSON_OBJECT) ? set->child : NULL; v; v = v->next)
		node_set(row, v->key, node_from(v));
	fill_dates(row);
	if ((t == AT_LINES || t == AT_BUNDLE_LINES) && node_get(row, "_units"))
		at_units_begin(s, row);
	return RC_OK;
}

static enum rc edit_insert(struct sim *s, enum at_table t, const struct json *what)
{
	struct at_sim *at = s->data;
	struct node *row = node_from(json_get(what, "insert"));

	fill_dates(row);
	if (!node_get(row, "id"))
		node_set(row, "id", node_int(at_next_id(s)));
	node_append(at->table[t], row);
	if (t == AT_LINES || t == AT_BUNDLE_LINES)
		at_units_begin(s, row);
	return RC_OK;
}

static enum rc edit_remove(struct sim *s, enum at_table t, const struct json *what, struct err *e)
{
	struct at_sim *at = s->data;
	struct node **link = &at->table[t]->child, *gone;
	int64_t id;

	if (json_int(json_get(what, "id"), 0, INT64_MAX, &id) != RC_OK)
		return err_set(e, RC_INVALID, "\"id\" is missing");
	while (*link && node_number_or(at_field(*link, "id"), -1) != id)
		link = &(*link)->next;
	if (!*link)
		return err_set(e, RC_NOT_FOUND, "no such record of %s", at_kinds[t].member);
	gone = *link;
	*link = gone->next;
	node_free(gone);
	return RC_OK;
}

static enum rc edit(struct sim *s, const struct json *what, struct err *e)
{
	const char *kind = json_member(what, "kind");

	for (size_t i = 0; kind && i < AT_TABLES; i++) {
		if (!at_kinds[i].member || strcmp(at_kinds[i].member, kind) != 0)
			continue;
		if (json_get(what, "insert"))
			return edit_insert(s, i, what);
		return json_true(json_get(what, "delete")) ? edit_remove(s, i, what, e) : edit_row(s, i, what, e);
	}
	return err_set(e, RC_INVALID, "\"kind\" names no kind of record");
}

static void put_units(struct sim *s, struct jsonw *w, const char *key, enum at_table lines)
{
	struct node *units = at_units_of(s, lines);

	jsonw_key(w, key);
	node_write(w, units);
	node_free(units);
}

static void state(struct sim *s, struct jsonw *w)
{
	const struct at_sim *at = s->data;

	for (size_t i = 0; i < AT_TABLES; i++) {
		if (!at_kinds[i].member)
			continue;
		jsonw_key(w, at_kinds[i].member);
		node_write(w, at->table[i]);
	}
	put_units(s, w, "contractServiceUnits", AT_LINES);
	put_units(s, w, "contractServiceBundleUnits", AT_BUNDLE_LINES);
}

const struct system system_autotask = { "autotask", open_system, close_system, handle, edit, state };
