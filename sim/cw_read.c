/* cw_read.c - lists with conditions, order, pages and chosen fields; counts; one record. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cw.h"

struct reading {
	struct cw_cond *conditions, *children;
	int64_t page, size, after; /* after: forward-only, rows with a greater id */
	bool forward;
	const char *order, *fields;
};

static bool read_number(
	struct request *r, struct answer *w, const char *name, int64_t fallback, int64_t max, int64_t *ret)
{
	const char *text = request_query(r, name);
	char *end;

	*ret = fallback;
	if (!text || !*text)
		return true;
	*ret = strtoll(text, &end, 10);
	if (!*end && *ret >= 1 && *ret <= max)
		return true;
	cw_invalid(r, w, name, "OutOfRange", name,
		arena_printf(r->arena, "The field %s must be between 1 and %lld.", name, (long long)max));
	return false;
}

static bool read_conditions(
	struct request *r, struct answer *w, const struct cw_kind *k, const struct json *body, struct reading *q)
{
	const char *conditions = body ? json_member(body, "conditions") : request_query(r, "conditions");
	const char *children = body ? json_member(body, "childConditions") : request_query(r, "childConditions");
	struct err e = ERR_INIT;

	if (cw_cond_parse(r->arena, k, conditions, &q->conditions, &e) == RC_OK &&
		cw_cond_parse(r->arena, k, children, &q->children, &e) == RC_OK)
		return true;
	cw_invalid(r, w, k->resource, "InvalidObject", e.pointer[0] ? e.pointer : "conditions", e.text);
	return false;
}

static bool read_query(
	struct request *r, struct answer *w, const struct cw_kind *k, const struct json *body, struct reading *q)
{
	const char *mode = request_header(r, "pagination-type");
	const char *after = request_query(r, "pageId");

	*q = (struct reading){ 0 };
	q->forward = mode && strcmp(mode, "forward-only") == 0;
	q->after = after ? strtoll(after, NULL, 10) : 0;
	q->order = body ? json_member(body, "orderBy") : request_query(r, "orderBy");
	q->fields = request_query(r, "fields");
	return read_number(r, w, "pageSize", 25, 1000, &q->size) && read_number(r, w, "page", 1, INT32_MAX, &q->page) &&
		read_conditions(r, w, k, body, q);
}

struct found {
	struct node **row;
	size_t count;
};

static void find_rows(struct request *r, struct cw_table *t, int64_t parent, const struct reading *q, struct found *ret)
{
	ret->row = arena_array(r->arena, t->count + 1, sizeof(struct node *));
	ret->count = 0;
	for (size_t i = 0; i < t->count; i++) {
		if ((parent && t->row[i].parent != parent) || (q->forward && t->row[i].id <= q->after))
			continue;
		if (cw_cond_true(q->conditions, t->row[i].value) && cw_cond_true(q->children, t->row[i].value))
			ret->row[ret->count++] = t->row[i].value;
	}
}

static int order_rows(const void *a, const void *b, void *arg)
{
	const char *s = arg, *comma;
	char path[80], *blank, *dot;
	int order = 0;

	for (; s && *s && order == 0; s = comma ? comma + 1 : NULL) {
		comma = strchr(s, ',');
		while (*s == ' ')
			s++;
		snprintf(path, sizeof(path), "%.*s", (int)(comma ? comma - s : (long)strlen(s)), s);
		blank = strchr(path, ' ');
		if (blank)
			*blank++ = '\0';
		for (dot = strchr(path, '.'); dot; dot = strchr(dot, '.'))
			*dot = '/';
		order = cw_compare(cw_field(*(struct node *const *)a, path), cw_field(*(struct node *const *)b, path));
		if (blank && strncmp(blank, "desc", 4) == 0)
			order = -order;
	}
	return order;
}

/* The wanted members only; "company/name" keeps one member of a reference. */
static struct node *project(struct request *r, const struct node *row, const char *fields)
{
	char *list = arena_strdup(r->arena, fields), *word, *slash, *rest = list;
	struct node *out = node_object(), *value, *into;

	while ((word = strsep(&rest, ",")) != NULL) {
		while (*word == ' ')
			word++;
		slash = strchr(word, '/');
		value = node_path(row, word);
		if (!value)
			continue;
		if (!slash) {
			node_set(out, word, node_copy(value));
			continue;
		}
		*slash = '\0';
		into = node_get(out, word);
		if (!into)
			node_set(out, word, node_object()), into = node_get(out, word);
		node_set(into, slash + 1, node_copy(value));
	}
	return out;
}

static const char *link_to(struct sim *s, struct request *r, const char *name, int64_t value, const char *rel)
{
	AUTO(buf) b = BUF_INIT(65536);
	char *list = arena_strdup(r->arena, r->query), *part;
	size_t len = strlen(name);

	buf_printf(&b, "<%s%s?", s->address, r->path);
	while ((part = strsep(&list, "&")) != NULL)
		if (*part && !(strncmp(part, name, len) == 0 && part[len] == '='))
			buf_printf(&b, "%s&", part);
	buf_printf(&b, "%s=%lld>; rel=\"%s\"", name, (long long)value, rel);
	return arena_strdup(r->arena, buf_text(&b));
}

static void add_links(
	struct sim *s, struct request *r, struct answer *w, const struct reading *q, const struct found *f)
{
	int64_t last = ((int64_t)f->count + q->size - 1) / q->size;
	const char *text = NULL;

	if (q->forward) {
		if (f->count > (size_t)q->size)
			answer_header(w, "Link",
				link_to(s, r, "pageId", node_number_or(node_get(f->row[q->size - 1], "id"), 0),
					"next"));
		return;
	}
	if (q->page < last)
		text = arena_printf(r->arena, "%s, %s", link_to(s, r, "page", q->page + 1, "next"),
			link_to(s, r, "page", last, "last"));
	if (q->page > 1)
		text = arena_printf(r->arena, "%s%s%s, %s", text ? text : "", text ? ", " : "",
			link_to(s, r, "page", 1, "first"), link_to(s, r, "page", q->page - 1, "prev"));
	if (text)
		answer_header(w, "Link", text);
}

static void write_row(struct request *r, struct jsonw *j, const struct node *row, const char *fields)
{
	struct node *part;

	if (!fields || !*fields) {
		node_write(j, row);
		return;
	}
	part = project(r, row, fields);
	node_write(j, part);
	node_free(part);
}

void cw_get_list(
	struct sim *s, struct request *r, struct answer *w, struct cw_table *t, int64_t parent, const struct json *body)
{
	struct reading q;
	struct found f;
	struct jsonw j;
	int64_t first;

	if (!read_query(r, w, t->kind, body, &q))
		return;
	find_rows(r, t, parent, &q, &f);
	if (q.order && !q.forward)
		qsort_r(f.row, f.count, sizeof(struct node *), order_rows, (void *)q.order);
	first = q.forward ? 0 : (q.page - 1) * q.size;
	jsonw_init(&j, &w->body, 0);
	jsonw_array(&j);
	for (int64_t i = first; i < first + q.size && i < (int64_t)f.count; i++)
		write_row(r, &j, f.row[i], q.fields);
	jsonw_end_array(&j);
	add_links(s, r, w, &q, &f);
}

void cw_get_count(struct request *r, struct answer *w, struct cw_table *t, int64_t parent)
{
	struct node *n = node_object();
	struct reading q;
	struct found f;

	if (read_query(r, w, t->kind, NULL, &q)) {
		find_rows(r, t, parent, &q, &f);
		node_set(n, "count", node_int((int64_t)f.count));
		answer_node(w, 200, n);
	}
	node_free(n);
}

void cw_get_one(struct request *r, struct answer *w, const struct node *row)
{
	struct jsonw j;

	jsonw_init(&j, &w->body, 0);
	write_row(r, &j, row, request_query(r, "fields"));
}

void cw_search(struct sim *s, struct request *r, struct answer *w, struct cw_table *t)
{
	struct json *body;
	struct err e = ERR_INIT;

	if (request_json(r, &body, &e) != RC_OK || !json_is(body, JSON_OBJECT))
		cw_invalid(r, w, t->kind->resource, "InvalidObject", "body", "The body is not a JSON object.");
	else
		cw_get_list(s, r, w, t, 0, body);
}
