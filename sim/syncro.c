/* syncro.c - Syncro: customers, products, schedules with lines, tickets, below /api/v1.
 *
 * Kinds: "customers", "products", "schedules", "lines" (each with its schedule_id), "tickets". Settings (all may be
 * changed by POST /_edit {"settings":{..}}):
 *     token          the API token
 *     deny           array of permissions the token lacks: "customers.list", "products.list", "products.edit",
 *                    "schedules.list", "schedules.edit", "tickets.list", "tickets.create"
 *     rate_limit     requests a minute before 429
 *     per_page       25
 *     no_meta        lists come without "meta"
 *     ignore_page    always the first page
 *     forget_taxable a change that leaves "taxable" out makes it true
 *     twist          an object that every change of a line gets besides what was asked for
 */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A refusal's body: "error", a list of one text. */
static void refuse(struct answer *w, int status, const char *text)
{
	struct node *n = node_object();

	node_set(n, "error", node_array());
	node_append(node_get(n, "error"), node_string(text));
	answer_node(w, status, n);
	node_free(n);
}

static void not_found(struct answer *w)
{
	w->status = 404;
	buf_clear(&w->body);
}

static bool may(struct sim *s, struct answer *w, const char *right)
{
	if (!store_among(s, "deny", right))
		return true;
	refuse(w, 403, "Not authorized");
	return false;
}

static void reply(struct answer *w, const char *name, struct node *value)
{
	struct node *n = node_object();

	node_set(n, name, value);
	answer_node(w, 200, n);
	node_free(n);
}

/* The schedule as it is shown: with its lines. */
static struct node *shown_schedule(struct sim *s, const struct node *schedule)
{
	struct node *copy = node_copy(schedule), *lines = node_array();

	for (struct node *n = store_rows(s, "lines")->child; n; n = n->next) {
		if (store_is(n, "schedule_id", node_text(node_get(schedule, "id"), "")))
			node_append(lines, node_copy(n));
	}
	if (!node_get(copy, "lines"))
		node_set(copy, "lines", lines);
	else
		node_free(lines);
	return copy;
}

static bool listed(struct request *r, const char *kind, const struct node *row)
{
	const char *with = request_query(r, "include_disabled"), *query = request_query(r, "query");

	if (strcmp(kind, "customers") == 0 && node_true(node_get(row, "disabled")))
		return with && strcmp(with, "true") == 0;
	return !query || strstr(node_text(node_get(row, "subject"), ""), query);
}

static void add_meta(struct sim *s, struct node *n, int64_t total, int64_t size, int64_t page)
{
	struct node *meta = node_object();

	node_set(meta, "total_pages", node_int((total + size - 1) / size));
	node_set(meta, "total_entries", node_int(total));
	node_set(meta, "per_page", node_int(size));
	node_set(meta, "page", node_int(page));
	if (store_flag(s, "no_meta"))
		node_free(meta);
	else
		node_set(n, "meta", meta);
}

static void get_list(struct sim *s, struct request *r, struct answer *w, const char *kind)
{
	const char *text = request_query(r, "page");
	int64_t size = node_number_or(node_get(s->settings, "per_page"), 25), total = 0;
	int64_t page = text && !store_flag(s, "ignore_page") ? strtoll(text, NULL, 10) : 1;
	struct node *n = node_object(), *rows = node_array();

	for (struct node *row = store_rows(s, kind)->child; row; row = row->next) {
		if (!listed(r, kind, row))
			continue;
		if (total >= (page - 1) * size && total < page * size)
			node_append(rows, strcmp(kind, "schedules") == 0 ? shown_schedule(s, row) : node_copy(row));
		total++;
	}
	node_set(n, kind, rows);
	add_meta(s, n, total, size, page);
	answer_node(w, 200, n);
	node_free(n);
}

static void get_one(struct sim *s, struct answer *w, const char *kind, const char *name, const char *id)
{
	struct node *row = store_find(s, kind, id);

	if (row)
		reply(w, name, strcmp(kind, "schedules") == 0 ? shown_schedule(s, row) : node_copy(row));
	else
		not_found(w);
}

static void set_cents(struct node *line, const char *cents, const char *dollars)
{
	int64_t n = node_number_or(node_get(line, cents), 0);
	char text[32];

	snprintf(text, sizeof(text), "%lld.%02lld", (long long)n / 100, (long long)n % 100);
	node_set(line, dollars, node_number(text));
}

/* A quantity is kept as a text with a fraction: "27.0". */
static bool set_quantity(struct node *line, const struct json *v)
{
	char text[QTY_TEXT], with[QTY_TEXT + 4];
	qty q;

	if (json_qty(v, &q) != RC_OK || q < 0)
		return false;
	qty_format(q, text);
	snprintf(with, sizeof(with), "%s%s", text, strchr(text, '.') ? "" : ".0");
	node_set(line, "quantity", node_string(with));
	return true;
}

/* False when a member is not as it should be. */
static bool take_members(struct sim *s, struct node *line, const struct json *body)
{
	static const char *const known[] = { "product_id", "name", "description", "retail_cents", "cost_cents",
		"taxable", "position" };
	const struct node *twist = node_get(s->settings, "twist");

	if (json_get(body, "quantity") && !set_quantity(line, json_get(body, "quantity")))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (json_get(body, known[i]))
			node_set(line, known[i], node_from(json_get(body, known[i])));
	}
	if (store_flag(s, "forget_taxable") && !json_get(body, "taxable"))
		node_set(line, "taxable", node_bool(true));
	for (struct node *n = twist ? twist->child : NULL; n; n = n->next)
		node_set(line, n->key, node_copy(n));
	set_cents(line, "retail_cents", "price_retail");
	set_cents(line, "cost_cents", "price_cost");
	return true;
}

static void put_line(struct sim *s, struct request *r, struct answer *w)
{
	struct node *line = store_find(s, "lines", r->segment[5]), *changed;
	struct err e = ERR_INIT;
	struct json *body;

	if (!line || !store_is(line, "schedule_id", r->segment[3])) {
		not_found(w);
		return;
	}
	if (request_json(r, &body, &e) != RC_OK) {
		refuse(w, 422, "the body is no JSON");
		return;
	}
	changed = node_copy(line);
	if (!take_members(s, changed, body)) {
		refuse(w, 422, "Quantity is not a number");
		node_free(changed);
		return;
	}
	if (!r->ignore_write) {
		ledger_add(s, r, node_copy(line), node_copy(changed));
		for (struct node *n = changed->child; n; n = n->next)
			node_set(line, n->key, node_copy(n));
	}
	reply(w, "schedule_line_item", changed);
}

static void put_product(struct sim *s, struct request *r, struct answer *w)
{
	struct node *row = store_find(s, "products", r->segment[3]), *changed;
	struct err e = ERR_INIT;
	struct json *body;
	qty cost;

	if (!row) {
		not_found(w);
		return;
	}
	if (request_json(r, &body, &e) != RC_OK ||
		(json_get(body, "price_cost") && json_qty(json_get(body, "price_cost"), &cost) != RC_OK)) {
		refuse(w, 422, "Price cost is not a number");
		return;
	}
	changed = node_copy(row);
	for (const struct json *v = body->child; v; v = v->next)
		node_set(changed, v->key, node_from(v));
	if (store_flag(s, "forget_taxable") && !json_get(body, "taxable"))
		node_set(changed, "taxable", node_bool(true));
	if (!r->ignore_write) {
		ledger_add(s, r, node_copy(row), node_copy(changed));
		for (struct node *n = changed->child; n; n = n->next)
			node_set(row, n->key, node_copy(n));
	}
	reply(w, "product", changed);
}

static struct node *new_line(struct sim *s, const char *schedule)
{
	struct node *line = node_object();

	node_set(line, "schedule_id", node_number(schedule));
	node_set(line, "product_id", node_null());
	node_set(line, "quantity", node_string("1.0"));
	node_set(line, "retail_cents", node_int(0));
	node_set(line, "cost_cents", node_int(0));
	node_set(line, "taxable", node_bool(true));
	node_set(line, "recurring_type_id", node_null());
	node_set(line, "device_ids", node_array());
	node_set(line, "one_time_charge", node_bool(false));
	return line;
}

static void post_line(struct sim *s, struct request *r, struct answer *w)
{
	struct err e = ERR_INIT;
	struct json *body;
	struct node *line;

	if (!store_find(s, "schedules", r->segment[3])) {
		not_found(w);
		return;
	}
	if (request_json(r, &body, &e) != RC_OK || !json_member(body, "name") || !*json_member(body, "name")) {
		refuse(w, 422, "Name can't be blank");
		return;
	}
	line = new_line(s, r->segment[3]);
	if (!take_members(s, line, body)) {
		refuse(w, 422, "Quantity is not a number");
		node_free(line);
	} else if (r->ignore_write) {
		reply(w, "schedule_line_item", line);
	} else {
		store_insert(s, "lines", line);
		ledger_add(s, r, NULL, node_copy(line));
		reply(w, "schedule_line_item", node_copy(line));
	}
}

static void post_ticket(struct sim *s, struct request *r, struct answer *w)
{
	struct err e = ERR_INIT;
	struct json *body;
	struct node *n;

	if (request_json(r, &body, &e) == RC_OK &&
		store_find(s, "customers", json_scalar(json_get(body, "customer_id")))) {
		n = store_insert(s, "tickets", node_from(body));
		ledger_add(s, r, NULL, node_copy(n));
		reply(w, "ticket", node_copy(n));
		return;
	}
	n = node_object();
	node_set(n, "success", node_bool(false));
	node_set(n, "message", node_array());
	node_append(node_get(n, "message"), node_string("Customer can't be blank"));
	answer_node(w, 422, n);
	node_free(n);
}

/* Takes the schedule away at once and for ever, as the real one does: a connector must never come here. */
static void delete_schedule(struct sim *s, struct request *r, struct answer *w)
{
	struct node *row = store_find(s, "schedules", r->segment[3]);

	if (!row) {
		not_found(w);
		return;
	}
	ledger_add(s, r, node_copy(row), NULL);
	store_delete(s, "schedules", r->segment[3]);
	reply(w, "message", node_string("Deleted"));
}

static void get_me(struct answer *w)
{
	struct node *n = node_object();

	node_set(n, "user_id", node_int(11));
	node_set(n, "user_email", node_string("billing@alderridge.example"));
	node_set(n, "admin", node_bool(false));
	node_set(n, "subdomain", node_string("alderridge"));
	answer_node(w, 200, n);
	node_free(n);
}

static void get(struct sim *s, struct request *r, struct answer *w)
{
	static const char *const kinds[][2] = { { "customers", "customer" }, { "products", "product" },
		{ "schedules", "schedule" }, { "tickets", "ticket" } };
	const char *kind = r->segment[2];

	if (strcmp(kind, "me") == 0) {
		get_me(w);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(kinds[i][0], kind) != 0)
			continue;
		if (!may(s, w, arena_printf(r->arena, "%s.list", kind)))
			return;
		if (r->segments == 3)
			get_list(s, r, w, kind);
		else
			get_one(s, w, kind, kinds[i][1], r->segment[3]);
		return;
	}
	not_found(w);
}

static bool signed_in(struct sim *s, struct request *r)
{
	const char *given = request_header(r, "Authorization");
	const char *wanted = arena_printf(r->arena, "Bearer %s", store_setting(s, "token", ""));

	return given && strcmp(given, wanted) == 0;
}

static bool is_line_call(const struct request *r, const char *method, int segments, const char *name)
{
	return strcmp(r->method, method) == 0 && r->segments == segments && strcmp(r->segment[2], "schedules") == 0 &&
		strcmp(r->segment[4], name) == 0;
}

static void handle(struct sim *s, struct request *r, struct answer *w)
{
	if (!store_within_rate(s))
		refuse(w, 429, "Too many requests");
	else if (r->segments < 3 || strcmp(r->segment[0], "api") != 0 || strcmp(r->segment[1], "v1") != 0)
		refuse(w, 404, "No such API");
	else if (!signed_in(s, r))
		refuse(w, 401, "Not authorized");
	else if (strcmp(r->method, "GET") == 0)
		get(s, r, w);
	else if (is_line_call(r, "PUT", 6, "line_items") && may(s, w, "schedules.edit"))
		put_line(s, r, w);
	else if (strcmp(r->method, "PUT") == 0 && r->segments == 4 && strcmp(r->segment[2], "products") == 0 &&
		may(s, w, "products.edit"))
		put_product(s, r, w);
	else if (is_line_call(r, "POST", 5, "add_line_item") && may(s, w, "schedules.edit"))
		post_line(s, r, w);
	else if (strcmp(r->method, "POST") == 0 && strcmp(r->segment[2], "tickets") == 0 && may(s, w, "tickets.create"))
		post_ticket(s, r, w);
	else if (strcmp(r->method, "DELETE") == 0 && strcmp(r->segment[2], "schedules") == 0)
		delete_schedule(s, r, w);
	else if (w->status == 200)
		not_found(w);
}

const struct system system_syncro = { "syncro", store_open, store_close, handle, store_edit, store_state };
