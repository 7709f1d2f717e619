/* Rows of units. A row that begins in the middle of a period may hold a difference or a new total: in both cases the
 * units of a day are the sum of the rows that cover it, so only that sum is ever used. */
#include "psa/autotask/at.h"

#include <stdlib.h>
#include <string.h>

struct reading {
	const struct at_family *family;
	struct at_units *units;
};

static enum rc unit_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	struct at_units *u = r->units;
	struct at_unit row = { .from = at_day(v, "startDate"), .until = at_day(v, "endDate") };

	if (json_int(at_member(v, r->family->line_id), 1, INT64_MAX, &row.line) != RC_OK || row.from == DAY_NONE ||
		row.until == DAY_NONE || !at_qty(v, "units", &row.units))
		return err_set(e, RC_REMOTE, "Autotask sent a row of %s that lacks %s, startDate, endDate or units.",
			r->family->units, r->family->line_id);
	if (u->count == u->cap) {
		u->cap = u->cap ? u->cap * 2 : 256;
		u->row = xrealloc(u->row, u->cap * sizeof(*u->row));
	}
	u->row[u->count++] = row;
	return RC_OK;
}

enum rc at_units_read(struct psa_conn *c, const struct at_family *f, const char *contracts, day from, day until,
	struct at_units *ret, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct reading r = { f, ret };
	struct at_query q = { .entity = f->units, .arg = &r, .row = unit_row };

	q.filter = arena_printf(&a, "{\"op\":\"in\",\"field\":\"contractID\",\"value\":[%s]},%s,%s", contracts,
		at_day_is(&a, "lte", "startDate", until), at_day_is(&a, "gte", "endDate", from));
	return at_query(c, &q, e);
}

static int compare(const void *a, const void *b)
{
	int64_t x = ((const struct at_unit *)a)->line, y = ((const struct at_unit *)b)->line;

	return (x > y) - (x < y);
}

void at_units_sort(struct at_units *u)
{
	if (u->count)
		qsort(u->row, u->count, sizeof(*u->row), compare);
}

void at_units_free(struct at_units *u)
{
	free(u->row);
	*u = (struct at_units){ 0 };
}

/* The first row of the line, or the end. */
static size_t find(const struct at_units *u, int64_t line)
{
	size_t low = 0, high = u->count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (u->row[mid].line < line)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool at_units_on(const struct at_units *u, int64_t line, day d, qty *ret)
{
	bool covered = false;

	*ret = 0;
	for (size_t i = find(u, line); i < u->count && u->row[i].line == line; i++) {
		if (u->row[i].from > d || d > u->row[i].until)
			continue;
		covered = true;
		if (qty_add(*ret, u->row[i].units, ret) != RC_OK)
			return false;
	}
	return covered;
}

bool at_units_apply(
	const struct at_units *u, int64_t line, day today, day horizon, day contract_end, struct psa_line *ret)
{
	day first = INT32_MAX, last = DAY_NONE;

	for (size_t i = find(u, line); i < u->count && u->row[i].line == line; i++) {
		if (u->row[i].from < first)
			first = u->row[i].from;
		if (u->row[i].until > last)
			last = u->row[i].until;
	}
	if (last == DAY_NONE)
		return false;
	if (first > today)
		ret->effective = first;
	if (last >= horizon)
		last = horizon;
	else if (contract_end == DAY_NONE || last < contract_end)
		ret->cancelled = last;
	return at_units_on(u, line, last, &ret->quantity);
}

const char *at_units_cycle(const struct at_units *u, int64_t line)
{
	day longest = 0;

	for (size_t i = find(u, line); i < u->count && u->row[i].line == line; i++) {
		if (u->row[i].until - u->row[i].from + 1 > longest)
			longest = u->row[i].until - u->row[i].from + 1;
	}
	if (longest > 350)
		return "Yearly";
	if (longest > 170)
		return "Semi-annual";
	if (longest > 80)
		return "Quarterly";
	return longest > 25 ? "Monthly" : "";
}

static enum rc posted_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct at_posted *p = arg;
	int64_t contract;
	day until = at_day(v, "endDate");

	if (at_check("posted row", v, at_shape_posted, e) != RC_OK)
		return e->rc;
	if (at_day(v, "approveAndPostDate") == DAY_NONE || until == DAY_NONE ||
		json_int(at_member(v, "contractID"), 1, INT64_MAX, &contract) != RC_OK)
		return RC_OK;
	for (size_t i = 0; i < p->count; i++) {
		if (p->row[i].contract != contract)
			continue;
		if (until > p->row[i].until)
			p->row[i].until = until;
		return RC_OK;
	}
	if (p->count == p->cap) {
		p->cap = p->cap ? p->cap * 2 : 256;
		p->row = xrealloc(p->row, p->cap * sizeof(*p->row));
	}
	p->row[p->count].contract = contract;
	p->row[p->count++].until = until;
	return RC_OK;
}

enum rc at_posted_read(struct psa_conn *c, const char *contracts, day today, struct at_posted *ret, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	enum rc rc = RC_OK;

	for (size_t i = 0; i < AT_FAMILIES && rc == RC_OK; i++) {
		struct at_query q = { .entity = at_families[i].units, .arg = ret, .row = posted_row };

		q.filter = arena_printf(&a,
			"{\"op\":\"in\",\"field\":\"contractID\",\"value\":[%s]},{\"op\":\"exist\",\"field\":"
			"\"approveAndPostDate\"},%s",
			contracts, at_day_is(&a, "gte", "endDate", today - AT_AHEAD));
		rc = at_query(c, &q, e);
	}
	return rc;
}

day at_posted_through(const struct at_posted *p, int64_t contract)
{
	for (size_t i = 0; i < p->count; i++) {
		if (p->row[i].contract == contract)
			return p->row[i].until;
	}
	return DAY_NONE;
}

void at_posted_free(struct at_posted *p)
{
	free(p->row);
	*p = (struct at_posted){ 0 };
}
