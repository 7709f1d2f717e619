/* halo_write.c - what HaloPSA lets a program write: templates with their lines, and tickets; and the run that makes
 * invoices of templates, which joins pro-rata rows to their lines. */
#include "halo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct json *read_list(struct sim *s, struct request *r, struct answer *w)
{
	struct err e = ERR_INIT;
	struct json *v;

	if (request_json(r, &v, &e) == RC_OK && json_is(v, JSON_ARRAY))
		return v;
	halo_error(s, w, 400, "An array is required");
	return NULL;
}

static struct node *line_of(struct node *template, const char *id)
{
	struct node *lines = node_get(template, "lines");

	for (struct node *n = lines ? lines->child : NULL; n && id; n = n->next)
		if (store_is(n, "id", id))
			return n;
	return NULL;
}

/* Items of the catalogue: members that are given. An empty list does nothing. */
void halo_post_items(struct sim *s, struct request *r, struct answer *w)
{
	struct json *list = read_list(s, r, w);
	struct node *row = NULL, *changed;

	if (!list)
		return;
	for (const struct json *v = list->child; v; v = v->next) {
		row = store_find(s, "items", json_scalar(json_get(v, "id")));
		if (!row) {
			halo_error(s, w, 404, "Not found");
			return;
		}
		changed = node_copy(row);
		for (const struct json *m = v->child; m; m = m->next)
			node_set(changed, m->key, node_from(m));
		if (r->ignore_write) {
			node_free(changed);
			continue;
		}
		ledger_add(s, r, node_copy(row), node_copy(changed));
		for (struct node *n = changed->child; n; n = n->next)
			node_set(row, n->key, node_copy(n));
		node_free(changed);
	}
	if (row)
		halo_saved(s, w, row);
}

/* Ids of lines and rows are counted over all. */
static int64_t next_id(struct sim *s)
{
	int64_t n = node_number_or(node_get(s->settings, "last_id"), 40000) + 1;

	node_set(s->settings, "last_id", node_int(n));
	return n;
}

static void name_rows(struct sim *s, struct node *line)
{
	struct node *rows = node_get(line, "prorata_data");

	for (struct node *n = rows ? rows->child : NULL; n; n = n->next) {
		if (node_get(n, "id"))
			continue;
		node_set(n, "id", node_int(next_id(s)));
		node_set(n, "isinvoiced", node_bool(false));
	}
}

/* Members that are given; what HaloPSA counts itself stays as it is, with a warning. */
static void change_line(struct sim *s, struct node *template, struct node *line, const struct json *with)
{
	bool counted = halo_automatic(line);

	for (const struct json *m = with->child; m; m = m->next) {
		if (counted && strcmp(m->key, "qty_order") == 0) {
			if (!store_is(line, m->key, json_scalar(m)))
				node_set(template, "_warning", node_string("Automatic quantities were not changed."));
			continue;
		}
		node_set(line, m->key, node_from(m));
	}
	name_rows(s, line);
}

static void log_change(struct sim *s, const struct node *template, const struct node *line, const char *old)
{
	struct node *n;
	char now[CLOCK_TEXT];

	if (strcmp(old, node_text(node_get(line, "qty_order"), "")) == 0)
		return;
	n = node_object();
	node_set(n, "invoice_id", node_copy(node_get(template, "id")));
	node_set(n, "invoice_line_id", node_copy(node_get(line, "id")));
	node_set(n, "field_name", node_string("qty_order"));
	node_set(n, "old_value", node_string(old));
	node_set(n, "new_value", node_string(node_text(node_get(line, "qty_order"), "")));
	node_set(n, "datetime", node_string(sim_now(now)));
	store_insert(s, "changes", n);
}

static bool listed(const struct json *lines, const char *id)
{
	for (const struct json *v = lines->child; v; v = v->next)
		if (json_scalar(json_get(v, "id")) && strcmp(json_scalar(json_get(v, "id")), id) == 0)
			return true;
	return false;
}

static void drop_missing(struct sim *s, struct node *template, const struct json *lines)
{
	struct node **link = &node_get(template, "lines")->child, *gone;

	while (*link && strcmp(store_setting(s, "lines_missing", "delete"), "delete") == 0) {
		if (listed(lines, node_text(node_get(*link, "id"), ""))) {
			link = &(*link)->next;
			continue;
		}
		gone = *link;
		*link = gone->next;
		gone->next = NULL;
		node_free(gone);
	}
}

static struct node *add_line(struct sim *s, struct node *template, const struct json *with)
{
	struct node *line = node_from(with);
	struct node *item = store_find(s, "items", node_text(node_get(line, "_itemid"), ""));

	free(line->key);
	line->key = NULL;
	node_set(line, "id", node_int(next_id(s)));
	node_set(line, "ihid", node_copy(node_get(template, "id")));
	if (!node_get(line, "unit_price"))
		node_set(line, "unit_price", node_copy(node_get(item, "recurringprice")));
	if (!node_get(line, "prorata_data"))
		node_set(line, "prorata_data", node_array());
	node_set(line, "isinactive", node_bool(false));
	node_append(node_get(template, "lines"), line);
	return line;
}

static void take_lines(struct sim *s, struct node *template, const struct json *lines)
{
	drop_missing(s, template, lines);
	for (const struct json *v = lines->child; v; v = v->next) {
		struct node *line = line_of(template, json_scalar(json_get(v, "id")));
		char old[64];

		if (!line) {
			add_line(s, template, v);
			continue;
		}
		snprintf(old, sizeof(old), "%s", node_text(node_get(line, "qty_order"), ""));
		change_line(s, template, line, v);
		log_change(s, template, line, old);
	}
}

static void stamp(struct node *template)
{
	char now[CLOCK_TEXT];

	node_set(template, "last_modified", node_string(sim_now(now)));
	if (node_get(template, "change_seq"))
		node_set(template, "change_seq", node_int(node_number_or(node_get(template, "change_seq"), 0) + 1));
}

/* A change is made to a copy, which then stands, or is only answered. */
static void finish(struct sim *s, struct request *r, struct answer *w, struct node *template, struct node *changed)
{
	const char *soft = store_setting(s, "soft_refusal", NULL);

	if (soft || r->ignore_write) {
		node_set(changed, "_warning", node_string(soft ? soft : ""));
		halo_saved(s, w, changed);
		node_free(changed);
		return;
	}
	stamp(changed);
	halo_saved(s, w, changed);
	node_set(changed, "_warning", node_string(""));
	ledger_add(s, r, node_copy(template), node_copy(changed));
	for (struct node *n = changed->child; n; n = n->next)
		node_set(template, n->key, node_copy(n));
	node_free(changed);
}

static bool outdated(const struct node *template, const struct json *v)
{
	const char *given = json_scalar(json_get(v, "change_seq"));

	return given && node_get(template, "change_seq") && !store_is(template, "change_seq", given);
}

void halo_post_template(struct sim *s, struct request *r, struct answer *w)
{
	struct json *list = read_list(s, r, w);
	const struct json *v = list ? list->child : NULL;
	struct node *template = v ? store_find(s, "invoices", json_scalar(json_get(v, "id"))) : NULL, *changed;

	if (!list)
		return;
	if (!v) {
		buf_puts(&w->body, "[]");
		return;
	}
	if (!template) {
		halo_error(s, w, 400, "Recurring invoice not found");
		return;
	}
	if (outdated(template, v) && strcmp(store_setting(s, "stale", "refuse"), "refuse") == 0) {
		halo_error(s, w, 400, "The change_seq is out of date: somebody else saved this record.");
		return;
	}
	changed = node_copy(template);
	if (json_is(json_get(v, "lines"), JSON_ARRAY))
		take_lines(s, changed, json_get(v, "lines"));
	finish(s, r, w, template, changed);
}

void halo_post_lines(struct sim *s, struct request *r, struct answer *w, bool change)
{
	struct json *list = read_list(s, r, w);
	const struct json *v = list ? list->child : NULL;
	struct node *template = v ? store_find(s, "invoices", json_scalar(json_get(v, "ihid"))) : NULL, *changed, *line;

	if (!list)
		return;
	if (!v) {
		buf_puts(&w->body, "[]");
		return;
	}
	if (!template || (!change && !store_find(s, "items", json_scalar(json_get(v, "_itemid"))))) {
		halo_error(s, w, 400, "Recurring invoice or item not found");
		return;
	}
	changed = node_copy(template);
	line = change ? line_of(changed, json_scalar(json_get(v, "id"))) : NULL;
	if (change && !line) {
		halo_error(s, w, 400, "Line not found");
		node_free(changed);
		return;
	}
	if (line)
		change_line(s, changed, line, v);
	else
		add_line(s, changed, v);
	finish(s, r, w, template, changed);
}

/* The run that makes invoices ------------------------------------------------------------------------ */

static qty number(const struct node *n)
{
	qty q;

	return qty_parse(node_text(n, "0"), &q) == RC_OK ? q : 0;
}

static day date(const struct node *row, const char *key)
{
	day d;

	return day_parse(node_text(node_get(row, key), ""), &d) == RC_OK ? d : DAY_NONE;
}

static void charge(struct node *made, const struct node *line, qty units, qty price, day days, day of)
{
	char text[QTY_TEXT];
	struct node *n = node_object();
	qty all = 0, total = number(node_get(made, "total"));

	if (qty_mul(units, price, &all) != RC_OK)
		BUG("an amount that does not fit");
	all = all * days / of;
	node_set(n, "item_code", node_copy(node_get(line, "item_code")));
	node_set(n, "qty", node_number(qty_format(units, text)));
	node_set(n, "net_amount", node_number(qty_format(all, text)));
	node_append(node_get(made, "lines"), n);
	node_set(made, "total", node_number(qty_format(total + all, text)));
}

/* A row of the period before pays for the rest of that; one of this period for the rest of this. Then it joins the
 * line. */
static void join_rows(struct node *made, struct node *line, day from, day next)
{
	struct node *rows = node_get(line, "prorata_data");
	qty units = number(node_get(line, "qty_order"));
	char text[QTY_TEXT];
	struct node *later = node_array();

	for (struct node *n = rows ? rows->child : NULL; n; n = n->next) {
		day d = date(n, "date"), start = d < from ? day_month_start(from, -1) : from,
		    end = d < from ? from : next;

		if (d >= next) {
			node_append(later, node_copy(n));
			continue;
		}
		charge(made, line, number(node_get(n, "quantity")), number(node_get(n, "unitprice")), end - d,
			end - start);
		if (d < from)
			charge(made, line, number(node_get(n, "quantity")), number(node_get(line, "unit_price")), 1, 1);
		units += number(node_get(n, "quantity"));
	}
	node_set(line, "qty_order", node_number(qty_format(units, text)));
	node_set(line, "prorata_data", later);
}

static void run(struct sim *s, struct node *template)
{
	day from = date(template, "nextcreationdate"), next = day_month_start(from, 1);
	struct node *made = node_object(), *lines = node_get(template, "lines");
	char text[CLOCK_TEXT];

	node_set(made, "recurring_invoice_id", node_copy(node_get(template, "id")));
	node_set(made, "currency_code_name", node_copy(node_get(template, "currency_code_name")));
	node_set(made, "lines", node_array());
	node_set(made, "total", node_number("0"));
	for (struct node *n = lines ? lines->child : NULL; n; n = n->next) {
		if (node_true(node_get(n, "isinactive")))
			continue;
		charge(made, n, number(node_get(n, "qty_order")), number(node_get(n, "unit_price")), 1, 1);
		join_rows(made, n, from, next);
	}
	store_insert(s, "made", made);
	node_set(template, "lastcreated", node_string(clock_format((utime)from * CLOCK_DAY, text)));
	node_set(template, "nextcreationdate", node_string(clock_format((utime)next * CLOCK_DAY, text)));
	stamp(template);
}

/* No connector may ever call this; tests do. */
void halo_process(struct sim *s, struct request *r, struct answer *w)
{
	struct json *list = read_list(s, r, w);
	struct node *template;

	if (!list)
		return;
	for (const struct json *v = list->child; v; v = v->next) {
		template = store_find(s, "invoices", json_scalar(v));
		if (template)
			run(s, template);
	}
	buf_puts(&w->body, "[]");
}

void halo_post_ticket(struct sim *s, struct request *r, struct answer *w)
{
	struct json *list = read_list(s, r, w);
	const struct json *v = list ? list->child : NULL;
	struct node *n;

	if (!list)
		return;
	if (!v) {
		buf_puts(&w->body, "[]");
		return;
	}
	if (!json_member(v, "summary") || json_is_null(json_get(v, "tickettype_id")) ||
		!store_find(s, "clients", json_scalar(json_get(v, "client_id")))) {
		halo_error(s, w, 400, "client_id is required");
		return;
	}
	n = node_from(v);
	free(n->key);
	n->key = NULL;
	if (!r->ignore_write) {
		n = store_insert(s, "tickets", n);
		ledger_add(s, r, NULL, node_copy(n));
	}
	halo_saved(s, w, n);
	if (r->ignore_write)
		node_free(n);
}
