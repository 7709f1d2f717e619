/* kaseya.c - Kaseya BMS and Pulseway PSA: accounts, services, contracts, their lines without units, invoices.
 *
 * Kinds: "accounts", "services", "contracts", "lines" (with contractId, serviceId and "units", which is never shown),
 * "invoices" (with lineItems). Settings (all may be changed by POST /_edit {"settings":{..}}):
 *     tenant, user, password    who may sign in
 *     deny            array of paths, or parts of them, that answer 403
 *     rate_limit      requests a minute before 429
 *     capital         names with a capital first letter, as the specification prints them
 *     assumed_units   an assumed call GET/PUT /v1/finance/contracts/{id}/services/{line} exists
 *     token           the token that is given out; another one is refused
 */
#include "store.h"

#include <stdlib.h>
#include <string.h>

#include "base/codec.h"

static void envelope(struct sim *s, struct answer *w, struct node *result, int64_t total);

/* Failures come as 200, too. */
static void refuse(struct sim *s, struct answer *w, int status, const char *message)
{
	struct node *n = node_object(), *error = node_object();

	node_set(error, "code", node_int(1001));
	node_set(error, "message", node_string(message));
	node_set(error, "subErrors", node_array());
	node_set(n, "success", node_bool(false));
	node_set(n, "error", error);
	node_set(n, "result", node_null());
	answer_node(w, status, n);
	node_free(n);
}

static void capitals(struct node *n)
{
	for (struct node *c = n->child; c; c = c->next) {
		if (c->key && c->key[0] >= 'a' && c->key[0] <= 'z')
			c->key[0] = (char)(c->key[0] - 'a' + 'A');
		capitals(c);
	}
}

static void envelope(struct sim *s, struct answer *w, struct node *result, int64_t total)
{
	struct node *n = node_object();

	node_set(n, "success", node_bool(true));
	node_set(n, "error", node_null());
	node_set(n, "result", result);
	if (total >= 0)
		node_set(n, "totalRecords", node_int(total));
	if (store_flag(s, "capital"))
		capitals(n);
	answer_node(w, 200, n);
	node_free(n);
}

/* A member of a form, decoded, in either casing of its first letter. */
static const char *form(struct request *r, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = r->body; *p; p += strcspn(p, "&"), p += *p == '&') {
		size_t all = strcspn(p, "&");

		if (all > len && strncmp(p + 1, name + 1, len - 1) == 0 && (p[0] | 0x20) == (name[0] | 0x20) &&
			p[len] == '=')
			return url_decode(r->arena, p + len + 1, all - len - 1, true);
	}
	return "";
}

static void authenticate(struct sim *s, struct request *r, struct answer *w)
{
	char until[CLOCK_TEXT];
	struct node *n;

	if (strcmp(form(r, "userName"), store_setting(s, "user", "")) != 0 ||
		strcmp(form(r, "password"), store_setting(s, "password", "")) != 0 ||
		strcmp(form(r, "tenant"), store_setting(s, "tenant", "")) != 0 ||
		strcmp(form(r, "grantType"), "password") != 0) {
		refuse(s, w, 200, "Invalid user name, password or company");
		return;
	}
	n = node_object();
	node_set(n, "accessToken", node_string(store_setting(s, "token", "tok-1")));
	node_set(n, "refreshToken", node_string("ref-1"));
	node_set(n, "accessTokenExpireOn", node_string(clock_format(clock_now() + 1800 * CLOCK_SECOND, until)));
	envelope(s, w, n, -1);
}

static int64_t number_of(
	struct request *r, const struct json *body, const char *query, const char *member, int64_t otherwise)
{
	const char *text = request_query(r, query);
	int64_t n;

	if (text)
		return strtoll(text, NULL, 10);
	return body && json_int(json_get(body, member), 0, 100000, &n) == RC_OK ? n : otherwise;
}

/* The rows of a kind where `member` is `value` (NULL: all), one page of them. */
static void get_list(struct sim *s, struct request *r, struct answer *w, const char *kind, const struct json *body,
	const char *member, const char *value)
{
	int64_t size = number_of(r, body, "PageSize", "pageSize", 25);
	int64_t page = number_of(r, body, "PageNumber", "pageNumber", 1), total = 0;
	struct node *rows = node_array();

	for (struct node *n = store_rows(s, kind)->child; n; n = n->next) {
		if (value && !store_is(n, member, value))
			continue;
		if (total >= (page - 1) * size && total < page * size) {
			struct node *copy = node_copy(n);

			node_remove(copy, "units");
			if (strcmp(kind, "invoices") == 0)
				node_remove(copy, "lineItems");
			node_append(rows, copy);
		}
		total++;
	}
	envelope(s, w, rows, strcmp(kind, "invoices") == 0 ? -1 : total);
}

static void get_one(struct sim *s, struct answer *w, const char *kind, const char *id)
{
	struct node *n = store_find(s, kind, id);

	if (n)
		envelope(s, w, node_copy(n), -1);
	else
		refuse(s, w, 200, "The record was not found");
}

static void add_line(struct sim *s, struct request *r, struct answer *w, const struct json *one, const char *contract)
{
	struct node *c = store_find(s, "contracts", contract), *line = node_object(), *shown;
	const struct node *account = NULL;

	for (struct node *n = store_rows(s, "accounts")->child; n; n = n->next) {
		if (store_is(n, "accountName", node_text(node_get(c, "accountName"), "")))
			account = n;
	}
	for (const struct json *v = one->child; v; v = v->next)
		node_set(line, v->key, node_from(v));
	node_set(line, "contractId", node_number(contract));
	node_set(line, "accountId", node_copy(node_get(account, "id")));
	shown = node_copy(line);
	if (!r->ignore_write) {
		store_insert(s, "lines", line);
		node_set(shown, "id", node_copy(node_get(line, "id")));
		ledger_add(s, r, NULL, node_copy(line));
	} else {
		node_free(line);
	}
	envelope(s, w, shown, -1);
}

static void post_line(struct sim *s, struct request *r, struct answer *w)
{
	struct err e = ERR_INIT;
	struct json *body;
	int64_t units;

	if (!store_find(s, "contracts", r->segment[4]))
		refuse(s, w, 200, "Contract was not found");
	else if (request_json(r, &body, &e) != RC_OK || !json_is(body, JSON_ARRAY) || body->count != 1)
		refuse(s, w, 200, "One service is expected");
	else if (json_int(json_get(body->child, "units"), 1, 1000000, &units) != RC_OK)
		refuse(s, w, 400, "Units must be a whole number");
	else if (!store_find(s, "services", json_scalar(json_get(body->child, "serviceId"))))
		refuse(s, w, 200, "Service was not found");
	else
		add_line(s, r, w, body->child, r->segment[4]);
}

/* The assumed call that changes units; the real one is not public. */
static void assumed(struct sim *s, struct request *r, struct answer *w)
{
	struct node *line = store_find(s, "lines", r->segment[5]), *before;
	struct err e = ERR_INIT;
	struct json *body;

	if (!line || !store_is(line, "contractId", r->segment[3])) {
		refuse(s, w, 404, "Service was not found");
	} else if (strcmp(r->method, "GET") == 0) {
		envelope(s, w, node_copy(line), -1);
	} else if (request_json(r, &body, &e) != RC_OK || !json_get(body, "units")) {
		refuse(s, w, 200, "Units are missing");
	} else {
		before = node_copy(line);
		if (!r->ignore_write) {
			node_set(line, "units", node_from(json_get(body, "units")));
			ledger_add(s, r, before, node_copy(line));
		} else {
			node_free(before);
		}
		envelope(s, w, node_copy(line), -1);
	}
}

static bool is(const struct request *r, const char *method, const char *path)
{
	return strcmp(r->method, method) == 0 && strcmp(r->path, path) == 0;
}

static void search(struct sim *s, struct request *r, struct answer *w)
{
	struct err e = ERR_INIT;
	struct json *body;

	if (request_json(r, &body, &e) != RC_OK)
		refuse(s, w, 400, "The body is no JSON");
	else if (is(r, "POST", "/v2/admin/finance/services/search"))
		get_list(s, r, w, "services", body, NULL, NULL);
	else
		get_list(s, r, w, "lines", body, "serviceId", r->segment[4]);
}

static void get_user(struct sim *s, struct answer *w)
{
	struct node *n = node_object();

	node_set(n, "tenantId", node_int(5));
	node_set(n, "currencyCode", node_string("USD"));
	node_set(n, "timeZoneName", node_string("UTC"));
	envelope(s, w, n, -1);
}

static void route(struct sim *s, struct request *r, struct answer *w)
{
	if (is(r, "GET", "/v2/security/userinfo"))
		get_user(s, w);
	else if (is(r, "GET", "/v2/crm/accounts/summary"))
		get_list(s, r, w, "accounts", NULL, NULL, NULL);
	else if (is(r, "GET", "/v2/finance/contracts/summary"))
		get_list(s, r, w, "contracts", NULL, NULL, NULL);
	else if (is(r, "GET", "/v2/finance/invoices/summary"))
		get_list(s, r, w, "invoices", NULL, NULL, NULL);
	else if (strcmp(r->method, "GET") == 0 && strncmp(r->path, "/v2/finance/invoices/", 21) == 0)
		get_one(s, w, "invoices", r->segment[3]);
	else if (strcmp(r->method, "POST") == 0 && strncmp(r->path, "/v2/admin/finance/services/", 27) == 0)
		search(s, r, w);
	else if (strcmp(r->method, "GET") == 0 && strncmp(r->path, "/v2/admin/finance/services/", 27) == 0)
		get_one(s, w, "services", r->segment[4]);
	else if (strcmp(r->method, "POST") == 0 &&
		strncmp(r->path, "/v2/finance/contracts/recurringservices/", 40) == 0)
		post_line(s, r, w);
	else if (store_flag(s, "assumed_units") && r->segments == 6 && strcmp(r->segment[0], "v1") == 0)
		assumed(s, r, w);
	else
		refuse(s, w, 404, "No such resource");
}

static bool denied(struct sim *s, struct request *r)
{
	const struct node *list = node_get(s->settings, "deny");

	for (struct node *n = list ? list->child : NULL; n; n = n->next) {
		if (strstr(r->path, node_text(n, "?")))
			return true;
	}
	return false;
}

static void handle(struct sim *s, struct request *r, struct answer *w)
{
	const char *given = request_header(r, "Authorization");
	const char *wanted = arena_printf(r->arena, "Bearer %s", store_setting(s, "token", "tok-1"));

	if (!store_within_rate(s))
		refuse(s, w, 429, "Too many requests");
	else if (is(r, "POST", "/v2/security/authenticate"))
		authenticate(s, r, w);
	else if (!given || strcmp(given, wanted) != 0)
		refuse(s, w, 401, "Unauthorized");
	else if (denied(s, r))
		refuse(s, w, 403, "Access denied");
	else
		route(s, r, w);
}

const struct system system_kaseya = { "kaseya", store_open, store_close, handle, store_edit, store_state };
