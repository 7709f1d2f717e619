/* itflow.c - ITFlow's API version 1: clients, products, invoices, invoice items; nothing of recurring invoices.
 *
 * Kinds: "clients", "products", "invoices", "invoice_items", with the columns as their members; all values are printed
 * as texts. Settings: "key", "deny" (array of resources that answer 403).
 */
#include "store.h"

#include <stdlib.h>
#include <string.h>

static void say(struct answer *w, int status, const char *message)
{
	struct node *n = node_object();

	node_set(n, "success", node_string("False"));
	node_set(n, "message", node_string(message));
	answer_node(w, status, n);
	node_free(n);
}

/* Every column is a text or null. */
static struct node *shown(const struct node *row)
{
	struct node *n = node_object();

	for (struct node *c = row->child; c; c = c->next)
		node_set(n, c->key, c->type == JSON_NUMBER ? node_string(c->str) : node_copy(c));
	return n;
}

static void get_rows(struct sim *s, struct request *r, struct answer *w, const char *kind)
{
	const char *invoice = request_query(r, "invoice_id"), *limit = request_query(r, "limit");
	const char *offset = request_query(r, "offset");
	int64_t from = offset ? strtoll(offset, NULL, 10) : 0, size = limit ? strtoll(limit, NULL, 10) : 50, at = 0;
	struct node *rows = node_array(), *n;
	bool items = strcmp(kind, "invoice_items") == 0;
	int64_t count = 0;

	for (struct node *row = store_rows(s, kind)->child; row; row = row->next) {
		if (items && (!invoice || !store_is(row, "item_invoice_id", invoice)))
			continue;
		if (at >= from && at < from + size) {
			node_append(rows, shown(row));
			count++;
		}
		at++;
	}
	if (!count) {
		node_free(rows);
		say(w, items && !invoice ? 400 : 200,
			"No resource (for this client and company) with the specified parameter(s).");
		return;
	}
	n = node_object();
	node_set(n, "success", node_string("True"));
	node_set(n, "count", node_int(count));
	node_set(n, "data", rows);
	answer_node(w, 200, n);
	node_free(n);
}

static void handle(struct sim *s, struct request *r, struct answer *w)
{
	static const char *const kinds[] = { "clients", "products", "invoices", "invoice_items" };
	const char *key = request_query(r, "api_key"), *kind = r->segments == 4 ? r->segment[2] : "";

	if (!key || strcmp(key, store_setting(s, "key", "")) != 0) {
		if (key)
			say(w, 401, "API authentication failed");
		else
			w->status = 401;
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(kinds[i], kind) != 0 || strcmp(r->segment[3], "read.php") != 0)
			continue;
		if (store_among(s, "deny", kind))
			say(w, 403, "Permission denied");
		else
			get_rows(s, r, w, kind);
		return;
	}
	w->status = 404;
	w->type = "text/html";
	buf_puts(&w->body, "<html>Not Found</html>");
}

const struct system system_itflow = { "itflow", store_open, store_close, handle, store_edit, store_state };
