/* at_units.c - the rows of units that Autotask makes of a line's changes: one a period, and more where a change begins
 * within it. How such a row reads is a setting of the fixture, since no source tells: "units": "difference" (a row of
 * the change only, over the first one) or "split" (the first one cut, then a row of the new total). */
#include "at.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AHEAD = 400 };

day at_day_of(const struct node *row, const char *key)
{
	day d;

	return day_parse(node_text(at_field(row, key), ""), &d) == RC_OK ? d : DAY_NONE;
}

struct change {
	day date;
	int64_t delta;
};

/* The changes of a line; the caller frees them. */
static struct change *changes_of(const struct node *line, size_t *ret_count)
{
	const struct node *changes = node_get(line, "_changes");
	struct change *all = NULL;
	size_t n = 0;

	for (const struct node *c = changes ? changes->child : NULL; c; c = c->next) {
		if (n % 64 == 0)
			all = xrealloc(all, (n + 64) * sizeof(*all));
		all[n++] = (struct change){ at_day_of(c, "date"), node_number_or(node_get(c, "delta"), 0) };
	}
	*ret_count = n;
	return all;
}

/* Sum of all changes up to a day; `*ret_begun` tells that there was one. */
static int64_t total(const struct change *change, size_t count, day d, bool *ret_begun)
{
	int64_t sum = 0;

	*ret_begun = false;
	for (size_t i = 0; i < count; i++) {
		if (change[i].date > d)
			continue;
		sum += change[i].delta;
		*ret_begun = true;
	}
	return sum;
}

int64_t at_units_on(const struct node *line, day d)
{
	size_t count;
	struct change *all = changes_of(line, &count);
	bool begun;
	int64_t sum = total(all, count, d, &begun);

	free(all);
	return sum;
}

void at_units_begin(struct sim *s, struct node *line)
{
	struct node *contract = at_row(s, AT_CONTRACTS, node_number_or(at_field(line, "contractID"), 0));
	struct node *changes = node_array(), *first = node_object();
	const char *from = node_text(node_get(line, "_from"), node_text(at_field(contract, "startDate"), "2024-01-01"));

	node_set(first, "date", node_string(from));
	node_set(first, "delta", node_int(node_number_or(node_get(line, "_units"), 0)));
	node_append(changes, first);
	node_set(line, "_changes", changes);
	node_remove(line, "_units");
}

struct part {
	struct sim *sim;
	const struct node *line, *contract;
	struct change *change;
	size_t changes;
	bool bundle;
	day first, last; /* of the whole period */
	int number; /* of the row */
	struct node **tail;
};

static struct node *money(int64_t units, const struct node *price, const struct part *p, day from, day until)
{
	char text[QTY_TEXT];
	qty each, all;

	if (qty_parse(node_text(price, "0"), &each) != RC_OK || qty_mul(units * QTY_ONE, each, &all) != RC_OK)
		return node_null();
	return node_number(qty_format(all / (p->last - p->first + 1) * (until - from + 1), text));
}

static void put(struct part *p, day from, day until, int64_t units)
{
	struct node *n = node_object();
	int64_t id = node_number_or(at_field(p->line, "id"), 0);
	const struct node *adjusted = at_field(p->line, "adjustedPrice");
	const struct node *price = node_is_null(adjusted) ? at_field(p->line, "unitPrice") : adjusted;
	day posted = at_day_of(p->contract, "_posted");
	char text[CLOCK_TEXT];

	node_set(n, "id", node_int(id * 1000 + p->number++));
	node_set(n, "contractID", node_copy(at_field(p->line, "contractID")));
	node_set(n, p->bundle ? "contractServiceBundleID" : "contractServiceID", node_int(id));
	node_set(n, p->bundle ? "serviceBundleID" : "serviceID",
		node_copy(at_field(p->line, p->bundle ? "serviceBundleID" : "serviceID")));
	node_set(n, "units", node_int(units));
	node_set(n, "price", money(units, price, p, from, until));
	node_set(n, "cost",
		at_listed(node_get(p->sim->settings, "deny"), "cost")
			? node_int(0)
			: money(units, at_field(p->line, "unitCost"), p, from, until));
	node_set(n, "startDate", node_string(clock_format((utime)from * CLOCK_DAY, text)));
	node_set(n, "endDate", node_string(clock_format((utime)until * CLOCK_DAY, text)));
	node_set(n, "approveAndPostDate",
		posted != DAY_NONE && until <= posted ? node_copy(node_get(n, "endDate")) : node_null());
	*p->tail = n;
	p->tail = &n->next;
}

static void period(struct part *p)
{
	bool split = strcmp(node_text(node_get(p->sim->settings, "units"), "difference"), "split") == 0, begun;
	int64_t units = total(p->change, p->changes, p->first, &begun), now;
	bool open = begun; /* a row of the present total is to be written */
	day from = p->first;

	if (open && !split)
		put(p, p->first, p->last, units);
	for (day d = p->first + 1; d <= p->last; d++) {
		now = total(p->change, p->changes, d, &begun);
		if (now == units && begun == open)
			continue;
		if (split && open)
			put(p, from, d - 1, units);
		if (!split)
			put(p, d, p->last, now - units);
		units = now;
		from = d;
		open = true;
	}
	if (split && open)
		put(p, from, p->last, units);
}

static void line_units(struct sim *s, const struct node *line, bool bundle, struct node ***tail)
{
	const struct node *contract = at_row(s, AT_CONTRACTS, node_number_or(at_field(line, "contractID"), 0));
	int months = (int)node_number_or(node_get(contract, "_months"), 1), y, m, mday;
	day start = at_day_of(contract, "startDate"), end = at_day_of(contract, "endDate"), from = start;
	struct part p = { .sim = s, .line = line, .contract = contract, .bundle = bundle, .tail = *tail };

	if (start == DAY_NONE)
		return;
	if (end == DAY_NONE || end > day_today() + AHEAD)
		end = day_today() + AHEAD;
	p.change = changes_of(line, &p.changes);
	day_to_ymd(start, &y, &m, &mday);
	for (int i = 1; from <= end; i++) {
		day next = day_month_start(start, i * months) + (mday > 28 ? 28 : mday) - 1;

		p.first = from;
		p.last = next - 1 < end ? next - 1 : end;
		/* The past is long and changes nothing here. */
		if (p.last >= day_today() - AHEAD)
			period(&p);
		from = next;
	}
	free(p.change);
	*tail = p.tail;
}

struct node *at_units_of(struct sim *s, enum at_table lines)
{
	struct at_sim *at = s->data;
	struct node *all = node_array(), **tail = &all->child;

	for (const struct node *line = at->table[lines]->child; line; line = line->next)
		line_units(s, line, lines == AT_BUNDLE_LINES, &tail);
	return all;
}
