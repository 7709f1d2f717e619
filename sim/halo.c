/* halo.c - HaloPSA: discovery, tokens, rights, lists, recurring invoices, items, tickets.
 *
 * Kinds: "clients", "items", "contracts", "invoices" (recurring ones, each with its "lines"), "made" (what process made
 * of them), "tickets", "changes". Settings (all may be changed by POST /_edit {"settings":{..}}):
 *     client_id, client_secret, tenant     who may have a token; token: the one given out and accepted
 *     token_seconds  its life; granted: its scopes, absent = those asked for
 *     deny           array of paths the agent's role may not read ("Item") or change ("RecurringInvoice.edit")
 *     rate_limit     requests a minute before 429
 *     answer         "object" or "array": how a POST answers; created: its status (200)
 *     lines_missing  "delete" (default) or "keep": what becomes of lines left out of a POST
 *     stale          "refuse" (default) or "warn": what an outdated change_seq does
 *     soft_refusal   a text: every change of a template answers 200 with it as _warning, and does nothing
 *     error_shape    0..4: how errors look
 *     list_lines     true: lists of templates hold their lines
 */
#include "halo.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/codec.h"

static struct node *one(const char *key, const char *text)
{
	struct node *n = node_object();

	node_set(n, key, node_string(text));
	return n;
}

void halo_error(struct sim *s, struct answer *w, int status, const char *text)
{
	int64_t shape = node_number_or(node_get(s->settings, "error_shape"), 0);
	struct node *n;

	if (shape == 4) {
		w->status = status;
		w->type = "text/plain";
		buf_clear(&w->body);
		buf_puts(&w->body, text);
		return;
	}
	n = one(shape == 1 ? "errorMessage" : shape == 3 ? "error" : "Message", text);
	if (shape == 1)
		node_set(n, "resultCode", node_string("InvalidRequest"));
	if (shape == 2)
		node_set(n, "ClassName", node_string("System.Exception"));
	answer_node(w, status, n);
	node_free(n);
}

void halo_saved(struct sim *s, struct answer *w, const struct node *row)
{
	int status = (int)node_number_or(node_get(s->settings, "created"), 200);
	struct node *list;

	if (strcmp(store_setting(s, "answer", "object"), "array") != 0) {
		answer_node(w, status, row);
		return;
	}
	list = node_array();
	node_append(list, node_copy(row));
	answer_node(w, status, list);
	node_free(list);
}

bool halo_automatic(const struct node *line)
{
	static const char *const rules[] = { "quantity_users", "quantity_assets", "quantity_licences",
		"quantity_subscriptions" };

	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (node_get(line, rules[i]) && node_get(line, rules[i])->child)
			return true;
	return node_true(node_get(line, "_is_calculated_line")) ||
		node_number_or(node_get(line, "recurring_invoice_quantity_type"), 0) != 0;
}

/* Who asks ----------------------------------------------------------------------------------------- */

static void authinfo(struct sim *s, struct request *r, struct answer *w)
{
	struct node *n = node_object();

	node_set(n, "auth_url",
		node_string(arena_printf(r->arena, "%s/auth/", store_setting(s, "auth_host", s->address))));
	node_set(n, "tenant_id", node_string(store_setting(s, "tenant", "")));
	answer_node(w, 200, n);
	node_free(n);
}

static bool same(struct sim *s, const char *given, const char *setting)
{
	return given && strcmp(given, store_setting(s, setting, "")) == 0;
}

static void give_token(struct sim *s, struct request *r, struct answer *w)
{
	struct request form = *r;
	const char *tenant = request_query(r, "tenant"), *scope;
	struct node *n;

	form.query = r->body;
	tenant = tenant ? tenant : request_query(&form, "tenant");
	scope = request_query(&form, "scope");
	if (!same(s, request_query(&form, "client_id"), "client_id") ||
		!same(s, request_query(&form, "client_secret"), "client_secret") ||
		!same(s, tenant ? tenant : "", "tenant")) {
		n = one("error", "invalid_client");
		answer_node(w, 400, n);
		node_free(n);
		return;
	}
	n = one("token_type", "Bearer");
	node_set(n, "access_token", node_string(store_setting(s, "token", "tok-1")));
	node_set(n, "expires_in", node_int(node_number_or(node_get(s->settings, "token_seconds"), 3600)));
	node_set(n, "scope", node_string(store_setting(s, "granted", scope ? scope : "")));
	answer_node(w, 200, n);
	node_free(n);
}

static bool signed_in(struct sim *s, struct request *r, struct answer *w)
{
	const char *given = request_header(r, "Authorization");

	if (given && strcmp(given, arena_printf(r->arena, "Bearer %s", store_setting(s, "token", "tok-1"))) == 0)
		return true;
	w->status = 401;
	buf_clear(&w->body);
	return false;
}

static bool may(struct sim *s, struct request *r, struct answer *w, const char *what)
{
	bool writing = strcmp(r->method, "GET") != 0;

	if (!store_among(s, "deny", writing ? arena_printf(r->arena, "%s.edit", what) : what))
		return true;
	halo_error(s, w, 403, "The agent's role does not allow this.");
	return false;
}

/* What is read --------------------------------------------------------------------------------------- */

static bool listed(struct request *r, const char *kind, const struct node *row)
{
	const char *with = request_query(r, "includeinactive"), *search = request_query(r, "search");

	if (strcmp(kind, "clients") == 0 && node_true(node_get(row, "inactive")))
		return with && strcmp(with, "true") == 0;
	return !search || strstr(node_text(node_get(row, "summary"), ""), search) ||
		strstr(node_text(node_get(row, "details"), ""), search);
}

/* In a list a template comes without its lines, and never with their pro-rata rows. */
static struct node *shown(struct sim *s, const char *kind, const struct node *row)
{
	struct node *copy = node_copy(row);

	if (strcmp(kind, "invoices") == 0 && !store_flag(s, "list_lines"))
		node_remove(copy, "lines");
	return copy;
}

static int64_t figure(const struct request *r, const char *name, int64_t fallback)
{
	const char *text = request_query(r, name);

	return text ? strtoll(text, NULL, 10) : fallback;
}

static void get_list(struct sim *s, struct request *r, struct answer *w, const char *kind)
{
	const char *paged = request_query(r, "pageinate");
	bool pages = paged && strcmp(paged, "true") == 0;
	int64_t size = pages ? figure(r, "page_size", 50) : figure(r, "count", 50),
		page = pages ? figure(r, "page_no", 1) : 1;
	struct node *n = node_object(), *rows = node_array();
	int64_t total = 0;

	for (struct node *row = store_rows(s, kind)->child; row; row = row->next) {
		if (!listed(r, kind, row))
			continue;
		if (total >= (page - 1) * size && total < page * size)
			node_append(rows, shown(s, kind, row));
		total++;
	}
	node_set(n, "record_count", node_int(total));
	node_set(n, kind, rows);
	answer_node(w, 200, n);
	node_free(n);
}

static void get(struct sim *s, struct request *r, struct answer *w)
{
	static const char *const kinds[][2] = { { "Client", "clients" }, { "Item", "items" },
		{ "ClientContract", "contracts" }, { "RecurringInvoice", "invoices" }, { "Invoice", "made" },
		{ "Tickets", "tickets" }, { "InvoiceChange", "changes" } };
	struct node *row;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcasecmp(kinds[i][0], r->segment[1]) != 0)
			continue;
		if (!may(s, r, w, kinds[i][0]))
			return;
		if (r->segments == 2) {
			get_list(s, r, w, kinds[i][1]);
			return;
		}
		row = store_find(s, kinds[i][1], r->segment[2]);
		if (row)
			answer_node(w, 200, row);
		else
			halo_error(s, w, 404, "Not found");
		return;
	}
	halo_error(s, w, 404, "No such path");
}

static void post(struct sim *s, struct request *r, struct answer *w)
{
	const char *what = r->segment[1], *more = r->segments > 2 ? r->segment[2] : "";

	if (!may(s, r, w, what))
		return;
	if (strcasecmp(what, "Tickets") == 0)
		halo_post_ticket(s, r, w);
	else if (strcasecmp(what, "Item") == 0)
		halo_post_items(s, r, w);
	else if (strcasecmp(what, "RecurringInvoice") != 0)
		halo_error(s, w, 404, "No such path");
	else if (!*more)
		halo_post_template(s, r, w);
	else if (strcasecmp(more, "process") == 0)
		halo_process(s, r, w);
	else if (strcasecmp(more, "Lines") == 0 || strcasecmp(more, "updatelines") == 0)
		halo_post_lines(s, r, w, strcasecmp(more, "updatelines") == 0);
	else
		halo_error(s, w, 404, "No such path");
}

static void handle(struct sim *s, struct request *r, struct answer *w)
{
	if (r->segments == 2 && strcasecmp(r->segment[1], "authinfo") == 0)
		authinfo(s, r, w);
	else if (r->segments == 2 && strcmp(r->segment[0], "auth") == 0 && strcmp(r->segment[1], "token") == 0)
		give_token(s, r, w);
	else if (!store_within_rate(s))
		halo_error(s, w, 429, "Too many requests");
	else if (r->segments < 2 || strcmp(r->segment[0], "api") != 0)
		halo_error(s, w, 404, "No such path");
	else if (!signed_in(s, r, w))
		return;
	else if (strcmp(r->method, "GET") == 0)
		get(s, r, w);
	else if (strcmp(r->method, "POST") == 0)
		post(s, r, w);
	else
		halo_error(s, w, 405, "Not offered");
}

const struct system system_halo = { "halopsa", store_open, store_close, handle, store_edit, store_state };
