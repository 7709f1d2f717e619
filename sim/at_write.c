/* at_write.c - what Autotask lets a program write: differences of units, tickets, changes of single members. */
#include "at.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct adjustment {
	struct json *body;
	bool bundle;
	int64_t contract, line, product, change;
	day from;
	struct node *of; /* the contract */
	struct node *row; /* the line, NULL: it is to be made */
};

static const struct json *member(const struct json *v, const char *key)
{
	for (const struct json *m = json_is(v, JSON_OBJECT) ? v->child : NULL; m; m = m->next)
		if (strcasecmp(m->key, key) == 0)
			return m;
	return NULL;
}

static int64_t number(const struct json *v, const char *key)
{
	int64_t n;

	return json_int(member(v, key), INT64_MIN, INT64_MAX, &n) == RC_OK ? n : 0;
}

static void answer_id(struct answer *w, int64_t id)
{
	struct node *n = node_object();

	node_set(n, "itemId", node_int(id));
	answer_node(w, 200, n);
	node_free(n);
}

static enum at_table lines_of(const struct adjustment *x)
{
	return x->bundle ? AT_BUNDLE_LINES : AT_LINES;
}

/* A line named by its own number, or by contract and product. */
static void find_line(struct sim *s, struct adjustment *x)
{
	const struct at_sim *at = s->data;
	const char *key = x->bundle ? "serviceBundleID" : "serviceID";

	if (x->line) {
		x->row = at_row(s, lines_of(x), x->line);
		if (x->row && !x->contract)
			x->contract = node_number_or(at_field(x->row, "contractID"), 0);
		return;
	}
	if (json_true(member(x->body, x->bundle ? "allowRepeatServiceBundle" : "allowRepeatService")))
		return;
	for (struct node *n = at->table[lines_of(x)]->child; n; n = n->next)
		if (node_number_or(at_field(n, "contractID"), 0) == x->contract &&
			node_number_or(at_field(n, key), 0) == x->product)
			x->row = n;
}

static const char *check_line(struct sim *s, const struct adjustment *x)
{
	if (x->line && (!x->row || node_number_or(at_field(x->row, "contractID"), 0) != x->contract))
		return "The contractServiceID does not exist on the contract.";
	if (!x->line && !at_row(s, x->bundle ? AT_BUNDLES : AT_SERVICES, x->product))
		return "The serviceID does not exist.";
	if (!x->row && x->change <= 0)
		return "Units of a new service must be above zero.";
	if (x->row && at_units_on(x->row, x->from) + x->change < 0)
		return "The adjustment would make the units negative.";
	return NULL;
}

static const char *check(struct sim *s, const struct adjustment *x)
{
	day start = at_day_of(x->of, "startDate"), end = at_day_of(x->of, "endDate");
	day posted = at_day_of(x->of, "_posted");

	if (!x->of)
		return "The contract does not exist.";
	if (x->from == DAY_NONE)
		return "effectiveDate is required.";
	if (x->from < start || (end != DAY_NONE && x->from > end))
		return "The effectiveDate must lie between the contract's start date and end date.";
	if (posted != DAY_NONE && x->from <= posted)
		return "Unable to make changes as it would result in the deletion/modification of an already approved "
		       "and "
		       "posted contract period";
	if (!x->change)
		return "unitChange is required, a whole number other than zero.";
	return check_line(s, x);
}

/* The automatic note of every change. */
static void add_note(struct sim *s, const struct adjustment *x, const char *text)
{
	struct at_sim *at = s->data;
	struct node *n = node_object();
	char now[CLOCK_TEXT];

	node_set(n, "id", node_int(at_next_id(s)));
	node_set(n, "contractID", node_int(x->contract));
	node_set(n, "title", node_string("Service units changed"));
	node_set(n, "description", node_string(text));
	node_set(n, "createDateTime", node_string(sim_now(now)));
	node_append(at->table[AT_NOTES], n);
}

static struct node *make_line(struct sim *s, struct adjustment *x)
{
	struct at_sim *at = s->data;
	const struct node *product = at_row(s, x->bundle ? AT_BUNDLES : AT_SERVICES, x->product);
	const struct json *price = member(x->body, "adjustedUnitPrice");
	struct node *n = node_object();

	node_set(n, "id", node_int(at_next_id(s)));
	node_set(n, "contractID", node_int(x->contract));
	node_set(n, x->bundle ? "serviceBundleID" : "serviceID", node_int(x->product));
	node_set(n, "unitPrice", json_is_null(price) ? node_copy(at_field(product, "unitPrice")) : node_from(price));
	node_set(n, "unitCost", node_copy(at_field(product, "unitCost")));
	node_set(n, "invoiceDescription", node_copy(at_field(product, "invoiceDescription")));
	node_set(n, "internalDescription", node_null());
	node_set(n, "_changes", node_array());
	node_append(at->table[lines_of(x)], n);
	return n;
}

static void apply(struct sim *s, struct request *r, struct adjustment *x)
{
	struct node *change = node_object(), *before;
	char date[DAY_TEXT];

	if (!x->row)
		x->row = make_line(s, x);
	before = node_copy(x->row);
	node_set(change, "date", node_string(day_format(x->from, date)));
	node_set(change, "delta", node_int(x->change));
	node_append(node_get(x->row, "_changes"), change);
	add_note(s, x,
		arena_printf(r->arena, "Units changed by %lld from %s on.", (long long)x->change,
			day_format(x->from, date)));
	ledger_add(s, r, before, node_copy(x->row));
}

void at_adjust(struct sim *s, struct request *r, struct answer *w, bool bundle, int64_t parent)
{
	struct adjustment x = { .bundle = bundle };
	struct err e = ERR_INIT;
	const char *wrong;

	if (request_json(r, &x.body, &e) != RC_OK || !json_is(x.body, JSON_OBJECT)) {
		at_error(w, 500, "The request body is not JSON.");
		return;
	}
	x.line = number(x.body, bundle ? "contractServiceBundleID" : "contractServiceID");
	x.product = number(x.body, bundle ? "serviceBundleID" : "serviceID");
	x.contract = parent ? parent : number(x.body, "contractID");
	x.change = number(x.body, "unitChange");
	if (day_parse(json_text_or(member(x.body, "effectiveDate"), ""), &x.from) != RC_OK)
		x.from = DAY_NONE;
	find_line(s, &x);
	x.of = at_row(s, AT_CONTRACTS, x.contract);
	wrong = check(s, &x);
	if (wrong) {
		at_error(w, 500, wrong);
		return;
	}
	if (!r->ignore_write)
		apply(s, r, &x);
	answer_id(w, at_next_id(s));
}

static const char *ticket_trouble(struct sim *s, const struct json *v)
{
	static const char *const required[] = { "companyID", "priority", "status", "title", "dueDateTime" };

	for (size_t i = 0; i < ARRAY_LEN(required); i++)
		if (json_is_null(member(v, required[i])))
			return required[i];
	if (json_is_null(member(v, "queueID")) && json_is_null(member(v, "assignedResourceID")))
		return "queueID";
	return at_row(s, AT_COMPANIES, number(v, "companyID")) ? NULL : "companyID";
}

void at_make_ticket(struct sim *s, struct request *r, struct answer *w)
{
	struct at_sim *at = s->data;
	struct err e = ERR_INIT;
	struct json *v;
	struct node *n;
	const char *wrong = NULL;

	if (request_json(r, &v, &e) != RC_OK || (wrong = ticket_trouble(s, v)) != NULL) {
		at_error(w, 500, arena_printf(r->arena, "Missing or wrong value: %s.", e.rc == RC_OK ? wrong : "body"));
		return;
	}
	if (r->ignore_write) {
		answer_id(w, at->last_id + 1);
		return;
	}
	n = node_from(v);
	node_set(n, "id", node_int(at_next_id(s)));
	node_set(n, "ticketNumber", node_string(arena_printf(r->arena, "T20260915.%04lld", (long long)at->last_id)));
	node_append(at->table[AT_TICKETS], n);
	ledger_add(s, r, NULL, node_copy(n));
	answer_id(w, at->last_id);
}

/* PATCH takes what is given; PUT makes null of the rest. */
void at_change(struct sim *s, struct request *r, struct answer *w, enum at_table t, bool whole)
{
	struct err e = ERR_INIT;
	struct node *row, *before;
	struct json *v;

	if (request_json(r, &v, &e) != RC_OK || !(row = at_row(s, t, number(v, "id")))) {
		at_error(w, 404, "The record does not exist.");
		return;
	}
	if (!r->ignore_write) {
		before = node_copy(row);
		for (struct node *n = row->child, *next; whole && n; n = next) {
			next = n->next;
			if (n->key[0] != '_' && strcmp(n->key, "id") != 0)
				node_set(row, arena_strdup(r->arena, n->key), node_null());
		}
		for (const struct json *m = v->child; m; m = m->next)
			node_set(row, m->key, node_from(m));
		ledger_add(s, r, before, node_copy(row));
	}
	answer_id(w, number(v, "id"));
}
