/* alga.c - Alga PSA's REST API version 1, both styles of envelope, cents as numbers and as texts.
 *
 * Kinds: "clients", "services", "contracts", "bound" (rows of client-contract-lines), "rows" (services of contract
 * lines, each with an "id" of its own, contract_line_id, "service", "configuration", "type_config"). Settings: "key",
 * "deny" (array of parts of paths that answer 403), "rate_limit", "per_page" (at most this many a page).
 */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(struct answer *w, int status, const char *code, const char *message)
{
	struct node *n = node_object(), *error = node_object();

	node_set(error, "code", node_string(code));
	node_set(error, "message", node_string(message));
	node_set(n, "error", error);
	answer_node(w, status, n);
	node_free(n);
}

/* Validation speaks the other style. */
static void invalid(struct answer *w, const char *message)
{
	struct node *n = node_object(), *error = node_object(), *one = node_object();

	node_set(one, "message", node_string(message));
	node_set(error, "message", node_string("Invalid request data"));
	node_set(error, "code", node_string("VALIDATION_ERROR"));
	node_set(error, "details", node_array());
	node_append(node_get(error, "details"), one);
	node_set(n, "success", node_bool(false));
	node_set(n, "error", error);
	answer_node(w, 400, n);
	node_free(n);
}

static int64_t query_number(struct request *r, const char *name, int64_t otherwise)
{
	const char *text = request_query(r, name);

	return text ? strtoll(text, NULL, 10) : otherwise;
}

static struct node *paging(bool style_b, int64_t page, int64_t size, int64_t total)
{
	struct node *n = node_object();

	node_set(n, "page", node_int(page));
	node_set(n, "limit", node_int(size));
	node_set(n, "total", node_int(total));
	node_set(n, "totalPages", node_int((total + size - 1) / size));
	if (!style_b) {
		node_set(n, "hasNext", node_bool(page * size < total));
		node_set(n, "hasPrev", node_bool(page > 1));
	}
	return n;
}

static void get_list(struct sim *s, struct request *r, struct answer *w, const char *kind, bool style_b)
{
	int64_t most = node_number_or(node_get(s->settings, "per_page"), 100), size = query_number(r, "limit", 25);
	int64_t page = query_number(r, "page", 1), total = 0;
	struct node *n = node_object(), *rows = node_array();

	if (size < 1 || size > 100) {
		invalid(w, "limit must be between 1 and 100");
		node_free(n);
		node_free(rows);
		return;
	}
	size = size > most ? most : size;
	for (struct node *row = store_rows(s, kind)->child; row; row = row->next, total++) {
		if (total >= (page - 1) * size && total < page * size)
			node_append(rows, node_copy(row));
	}
	if (style_b)
		node_set(n, "success", node_bool(true));
	node_set(n, "data", rows);
	node_set(n, "pagination", paging(style_b, page, size, total));
	answer_node(w, 200, n);
	node_free(n);
}

static void get_services(struct sim *s, struct answer *w, const char *line)
{
	struct node *n = node_object(), *rows = node_array();

	for (struct node *row = store_rows(s, "rows")->child; row; row = row->next) {
		if (store_is(row, "contract_line_id", line))
			node_append(rows, node_copy(row));
	}
	node_set(n, "success", node_bool(true));
	node_set(n, "data", rows);
	answer_node(w, 200, n);
	node_free(n);
}

static struct node *row_of(struct sim *s, const char *line, const char *service)
{
	for (struct node *row = store_rows(s, "rows")->child; row; row = row->next) {
		if (store_is(row, "contract_line_id", line) &&
			store_is(node_get(row, "service"), "service_id", service))
			return row;
	}
	return NULL;
}

/* Whole and at least one; a fraction, or a member too many, breaks the call. */
static void put_service(struct sim *s, struct request *r, struct answer *w)
{
	struct node *row = row_of(s, r->segment[3], r->segment[5]), *before, *n;
	struct err e = ERR_INIT;
	struct json *body;
	char now[CLOCK_TEXT];
	int64_t whole;
	qty q;

	if (!row)
		fail(w, 404, "NOT_FOUND", "Service configuration not found in plan");
	else if (request_json(r, &body, &e) != RC_OK || json_qty(json_get(body, "quantity"), &q) != RC_OK)
		invalid(w, "quantity is required");
	else if (q < QTY_ONE)
		invalid(w, "Number must be greater than or equal to 1");
	else if (json_int(json_get(body, "quantity"), 1, 1000000, &whole) != RC_OK || body->count != 1)
		fail(w, 500, "INTERNAL_ERROR",
			"update \"contract_line_service_configuration\" set - invalid input syntax");
	else {
		before = node_copy(row);
		if (!r->ignore_write) {
			node_set(node_get(row, "configuration"), "quantity", node_int(whole));
			node_set(node_get(row, "configuration"), "updated_at", node_string(sim_now(now)));
			ledger_add(s, r, before, node_copy(row));
		} else {
			node_free(before);
		}
		n = node_object();
		node_set(n, "success", node_bool(true));
		node_set(n, "data", node_object());
		node_set(node_get(n, "data"), "baseConfig", node_copy(node_get(row, "configuration")));
		answer_node(w, 200, n);
		node_free(n);
	}
}

static bool is(const struct request *r, const char *method, int segments, const char *name)
{
	return strcmp(r->method, method) == 0 && r->segments == segments && strcmp(r->segment[2], name) == 0;
}

static bool denied(struct sim *s, struct request *r)
{
	const struct node *list = node_get(s->settings, "deny");

	for (struct node *n = list ? list->child : NULL; n; n = n->next) {
		if (strstr(arena_printf(r->arena, "%s %s", r->method, r->path), node_text(n, "?")))
			return true;
	}
	return false;
}

static void handle(struct sim *s, struct request *r, struct answer *w)
{
	const char *key = request_header(r, "x-api-key");

	if (r->segments < 3 || strcmp(r->segment[0], "api") != 0 || strcmp(r->segment[1], "v1") != 0)
		fail(w, 404, "NOT_FOUND", "No such API");
	else if (!key || strcmp(key, store_setting(s, "key", "")) != 0)
		fail(w, 401, "UNAUTHORIZED", "Invalid API key");
	else if (!store_within_rate(s))
		fail(w, 429, "RATE_LIMITED", "Too many requests");
	else if (denied(s, r))
		fail(w, 403, "FORBIDDEN", "Permission denied");
	else if (is(r, "GET", 3, "clients"))
		get_list(s, r, w, "clients", false);
	else if (is(r, "GET", 3, "services"))
		get_list(s, r, w, "services", false);
	else if (is(r, "GET", 3, "contracts"))
		get_list(s, r, w, "contracts", true);
	else if (is(r, "GET", 3, "client-contract-lines"))
		get_list(s, r, w, "bound", true);
	else if (is(r, "GET", 5, "contract-lines"))
		get_services(s, w, r->segment[3]);
	else if (is(r, "PUT", 6, "contract-lines"))
		put_service(s, r, w);
	else
		fail(w, 404, "NOT_FOUND", "Not found");
}

const struct system system_alga = { "alga", store_open, store_close, handle, store_edit, store_state };
