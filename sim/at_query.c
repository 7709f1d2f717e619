/* at_query.c - the query language of Autotask: filters, groups, pages behind opaque addresses. */
#include "at.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/codec.h"

struct query {
	struct sim *sim;
	const struct at_kind *kind;
	int64_t most;
	int ors, udfs;
	const char *wrong; /* text of an error, or NULL */
	struct arena *arena;
};

static const struct json *member(const struct json *v, const char *key)
{
	for (const struct json *m = json_is(v, JSON_OBJECT) ? v->child : NULL; m; m = m->next)
		if (strcasecmp(m->key, key) == 0)
			return m;
	return NULL;
}

static bool known(const struct at_kind *k, const char *field)
{
	char padded[96];

	snprintf(padded, sizeof(padded), " %s ", field);
	return strcasestr(k->fields, padded) != NULL;
}

/* -2: not comparable. A text never equals a number. */
static int compare(const struct node *a, const struct json *b)
{
	const char *x = node_text(a, NULL), *y = json_scalar(b);
	utime t, u;
	qty p, q;
	int order;

	if (a->type == JSON_TRUE || a->type == JSON_FALSE)
		return b->type == a->type ? 0 : -2;
	if (!x || !y || (a->type == JSON_NUMBER) != (b->type == JSON_NUMBER))
		return -2;
	if (a->type == JSON_NUMBER)
		return qty_parse(x, &p) == RC_OK && qty_parse(y, &q) == RC_OK ? (p > q) - (p < q) : -2;
	if (clock_parse(x, &t) == RC_OK && clock_parse(y, &u) == RC_OK)
		return (t > u) - (t < u);
	order = strcasecmp(x, y);
	return (order > 0) - (order < 0);
}

static bool in_list(struct query *q, const struct node *value, const struct json *list)
{
	for (const struct json *v = json_is(list, JSON_ARRAY) ? list->child : NULL; v; v = v->next)
		if (value && compare(value, v) == 0)
			return true;
	return false;
}

static bool text_test(const char *op, const char *text, const char *part)
{
	size_t n = strlen(text), m = strlen(part);

	if (strcasecmp(op, "contains") == 0)
		return strcasestr(text, part) != NULL;
	if (strcasecmp(op, "beginsWith") == 0)
		return strncasecmp(text, part, m) == 0;
	return n >= m && strcasecmp(text + n - m, part) == 0;
}

static bool ordered(const char *op, int order)
{
	if (strcasecmp(op, "noteq") == 0)
		return order != 0;
	if (order == -2)
		return false;
	if (strcasecmp(op, "eq") == 0)
		return order == 0;
	if (strcasecmp(op, "gt") == 0)
		return order > 0;
	if (strcasecmp(op, "gte") == 0)
		return order >= 0;
	return strcasecmp(op, "lt") == 0 ? order < 0 : order <= 0;
}

static bool one(struct query *q, const struct node *row, const struct json *f)
{
	const char *op = json_text_or(member(f, "op"), ""), *field = json_text_or(member(f, "field"), "");
	const struct json *value = member(f, "value");
	const struct node *have = at_field(row, field);
	bool there = have && have->type != JSON_NULL;

	if (strcasecmp(op, "exist") == 0)
		return there;
	if (strcasecmp(op, "notExist") == 0)
		return !there;
	if (strcasecmp(op, "in") == 0)
		return there && in_list(q, have, value);
	if (strcasecmp(op, "notIn") == 0)
		return !in_list(q, have, value);
	if (strcasecmp(op, "contains") == 0 || strcasecmp(op, "beginsWith") == 0 || strcasecmp(op, "endsWith") == 0)
		return there && have->type == JSON_STRING && json_text(value) &&
			text_test(op, have->str, json_text(value));
	return there ? ordered(op, value ? compare(have, value) : -2) : strcasecmp(op, "noteq") == 0;
}

static bool is_or(const struct json *f)
{
	return strcasecmp(json_text_or(member(f, "op"), ""), "or") == 0;
}

static bool matches(struct query *q, const struct node *row, const struct json *f)
{
	const struct json *items = member(f, "items");

	if (!items)
		return one(q, row, f);
	for (const struct json *v = items->child; v; v = v->next)
		if (matches(q, row, v) == is_or(f))
			return is_or(f);
	return !is_or(f);
}

/* All that can be wrong with a filter, before any row is looked at. */
static void check(struct query *q, const struct json *f, bool within_or)
{
	static const char ops[] = ",eq,noteq,gt,gte,lt,lte,beginswith,endswith,contains,exist,notexist,in,notin,";
	const char *op = json_text_or(member(f, "op"), ""), *field = json_text_or(member(f, "field"), "");
	const struct json *items = member(f, "items");

	if (items) {
		for (const struct json *v = items->child; v; v = v->next)
			check(q, v, is_or(f));
		return;
	}
	q->ors += within_or + (json_is(member(f, "value"), JSON_ARRAY) ? (int)member(f, "value")->count : 0);
	q->udfs += json_true(member(f, "udf"));
	if (!*op || !strcasestr(ops, arena_printf(q->arena, ",%s,", op)))
		q->wrong = "The filter has an operator that is not known.";
	else if (!json_true(member(f, "udf")) && !known(q->kind, field))
		q->wrong = arena_printf(q->arena, "Unable to find %s in the %s Entity.", field, q->kind->resource);
}

static bool read_query(struct query *q, struct request *r, const struct json *body)
{
	const struct json *filter = member(body, "filter");

	if (!json_is(filter, JSON_ARRAY) || !filter->count)
		q->wrong = "A filter is required.";
	if (json_int(member(body, "MaxRecords"), 1, 500, &q->most) != RC_OK)
		q->most = 500;
	for (const struct json *f = filter ? filter->child : NULL; f && !q->wrong; f = f->next)
		check(q, f, false);
	if (!q->wrong && q->ors > 500)
		q->wrong = "Queries are limited to 500 or fewer 'OR' conditions.";
	if (!q->wrong && q->udfs > 1)
		q->wrong = "Only one user defined field may be queried.";
	return !q->wrong;
}

static bool all_match(struct query *q, const struct node *row, const struct json *filter)
{
	for (const struct json *f = filter->child; f; f = f->next)
		if (!matches(q, row, f))
			return false;
	return true;
}

static int by_id(const void *a, const void *b)
{
	int64_t x = node_number_or(at_field(*(struct node *const *)a, "id"), 0);
	int64_t y = node_number_or(at_field(*(struct node *const *)b, "id"), 0);

	return (x > y) - (x < y);
}

/* The address of a page holds where it begins and for which body it was made. */
static const char *token(struct request *r, int64_t offset)
{
	char hash[HASH_TEXT];
	char *text;

	hash_hex(r->body, r->body_len, hash);
	text = arena_printf(r->arena, "%lld:%.16s", (long long)offset, hash);
	return url_encode(r->arena, base64_encode(r->arena, text, strlen(text)));
}

/* -1 when it was made for another body. */
static int64_t read_token(struct request *r, const char *next)
{
	char hash[HASH_TEXT], *text;
	const char *colon;
	size_t len;

	hash_hex(r->body, r->body_len, hash);
	if (base64_decode(r->arena, next, &text, &len) != RC_OK || !(colon = strchr(text, ':')) ||
		strncmp(colon + 1, hash, 16) != 0)
		return -1;
	return strtoll(text, NULL, 10);
}

static struct node *details(struct query *q, struct request *r, int64_t count, int64_t offset, bool more)
{
	struct node *n = node_object();

	node_set(n, "count", node_int(count));
	node_set(n, "requestCount", node_int(q->most));
	node_set(n, "prevPageUrl", node_null());
	node_set(n, "nextPageUrl",
		more ? node_string(arena_printf(r->arena, "%s/ATServicesRest/V1.0/%s/query/next?paging=%s",
			       q->sim->address, q->kind->entity, token(r, offset + count)))
		     : node_null());
	return n;
}

static void answer_page(
	struct query *q, struct request *r, struct answer *w, struct node **found, int64_t all, int64_t from)
{
	struct node *n = node_object(), *items = node_array(), **tail = &items->child;
	int64_t count = all - from < q->most ? all - from : q->most;

	for (int64_t i = 0; i < count; i++) {
		*tail = at_shown(q->sim, found[from + i]);
		tail = &(*tail)->next;
	}
	node_set(n, "items", items);
	node_set(n, "pageDetails", details(q, r, count, from, from + count < all));
	answer_node(w, 200, n);
	node_free(n);
}

static void answer_count(struct answer *w, int64_t all)
{
	struct node *n = node_object();

	node_set(n, "queryCount", node_int(all));
	answer_node(w, 200, n);
	node_free(n);
}

void at_search(struct sim *s, struct request *r, struct answer *w, enum at_table t, const struct node *rows,
	const char *next, bool count)
{
	struct query q = { .sim = s, .kind = &at_kinds[t], .arena = r->arena };
	struct err e = ERR_INIT;
	struct node **found;
	struct json *body;
	int64_t all = 0, n = 0, from = next ? read_token(r, next) : 0;

	if (request_json(r, &body, &e) != RC_OK || !json_is(body, JSON_OBJECT)) {
		at_error(w, 500, "The request body is not JSON.");
		return;
	}
	if (from < 0 || !read_query(&q, r, body)) {
		at_error(w, from < 0 ? 400 : 500, from < 0 ? "The page was made for another query." : q.wrong);
		return;
	}
	for (const struct node *row = rows->child; row; row = row->next)
		n++;
	found = arena_array(r->arena, (size_t)n + 1, sizeof(*found));
	for (struct node *row = rows->child; row; row = row->next)
		if (all_match(&q, row, member(body, "filter")))
			found[all++] = row;
	qsort(found, (size_t)all, sizeof(*found), by_id);
	if (count)
		answer_count(w, all);
	else
		answer_page(&q, r, w, found, all, from < all ? from : all);
}
