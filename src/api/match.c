#include "api/match.h"

#include <stdlib.h>
#include <string.h>

enum { SEGMENTS_MAX = 12 };

struct piece {
	const char *text;
	unsigned len;
};

struct path {
	struct piece pieces[SEGMENTS_MAX];
	unsigned count;
};

struct entry {
	const struct route *route;
	struct path path;
	bool open_end; /* the last segment takes the rest */
};

struct matcher {
	unsigned count;
	struct entry *entries;
};

/* False when there are more segments than any route has. A slash at the end does not count. */
static bool split(const char *s, struct path *ret)
{
	ret->count = 0;
	while (*s == '/') {
		unsigned len = (unsigned)strcspn(++s, "/");

		if (len == 0 && *s == '\0')
			break;
		if (ret->count == SEGMENTS_MAX)
			return false;
		ret->pieces[ret->count++] = (struct piece){ s, len };
		s += len;
	}
	return true;
}

static bool is_variable(const struct piece *p)
{
	return p->len > 2 && p->text[0] == '{';
}

/* Fixed before variable before the rest, from the left: the order in which routes are tried. */
static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	unsigned i;

	if (x->open_end != y->open_end)
		return x->open_end - y->open_end;
	if (x->path.count != y->path.count)
		return x->path.count > y->path.count ? -1 : 1;
	for (i = 0; i < x->path.count; i++) {
		const struct piece *p = &x->path.pieces[i], *q = &y->path.pieces[i];
		int difference;

		if (is_variable(p) != is_variable(q))
			return is_variable(p) - is_variable(q);
		if (is_variable(p))
			continue;
		difference = strncmp(p->text, q->text, p->len < q->len ? p->len : q->len);
		if (difference != 0 || p->len != q->len)
			return difference ? difference : (int)p->len - (int)q->len;
	}
	return strcmp(x->route->method, y->route->method);
}

static void add(struct matcher *m, const struct route *r)
{
	struct entry *e = &m->entries[m->count++];
	const struct piece *last;

	e->route = r;
	if (!split(r->path, &e->path))
		BUG("route %s has too many segments", r->path);
	last = e->path.count ? &e->path.pieces[e->path.count - 1] : NULL;
	e->open_end = last && is_variable(last) && last->text[last->len - 2] == '*';
}

struct matcher *matcher_new(const struct route *const *tables)
{
	struct matcher *m = xcalloc(1, sizeof(*m));
	unsigned total = 0;

	for (unsigned i = 0; tables[i]; i++)
		for (const struct route *r = tables[i]; r->method; r++)
			total++;
	m->entries = xcalloc(total + 1, sizeof(*m->entries));
	for (unsigned i = 0; tables[i]; i++)
		for (const struct route *r = tables[i]; r->method; r++)
			add(m, r);
	qsort(m->entries, m->count, sizeof(*m->entries), compare);
	for (unsigned i = 1; i < m->count; i++)
		if (compare(&m->entries[i - 1], &m->entries[i]) == 0)
			BUG("route %s %s is there twice", m->entries[i].route->method, m->entries[i].route->path);
	return m;
}

void matcher_free(struct matcher *m)
{
	if (m)
		free(m->entries);
	free(m);
}

static bool fits(const struct entry *e, const struct path *p)
{
	unsigned count = e->path.count - e->open_end;

	if (e->open_end ? p->count < count : p->count != count)
		return false;
	for (unsigned i = 0; i < count; i++) {
		const struct piece *want = &e->path.pieces[i], *have = &p->pieces[i];

		if (is_variable(want) ? have->len == 0
				      : want->len != have->len || memcmp(want->text, have->text, want->len) != 0)
			return false;
	}
	return true;
}

static void fill_params(const struct entry *e, const struct path *p, struct request *rq)
{
	unsigned n = 0, count = e->path.count - e->open_end;

	for (unsigned i = 0; i < count; i++)
		if (is_variable(&e->path.pieces[i]) && n < HTTP_PARAMS)
			rq->param[n++] = arena_strndup(&rq->arena, p->pieces[i].text, p->pieces[i].len);
	if (e->open_end && n < HTTP_PARAMS)
		rq->param[n] = p->count > count ? p->pieces[count].text : "";
}

static const char *add_method(struct arena *a, const char *list, const char *method)
{
	if (strcmp(method, "GET") == 0)
		method = "GET, HEAD";
	return list ? arena_printf(a, "%s, %s", list, method) : method;
}

const struct route *matcher_find(const struct matcher *m, struct request *rq, const char **ret_allow)
{
	const char *method = strcmp(rq->method, "HEAD") == 0 ? "GET" : rq->method;
	struct path p;

	*ret_allow = NULL;
	if (!split(rq->path, &p))
		return NULL;
	for (unsigned i = 0; i < m->count; i++) {
		const struct entry *e = &m->entries[i];

		if (!fits(e, &p) || (e->open_end && *ret_allow))
			continue;
		if (strcmp(e->route->method, method) == 0) {
			fill_params(e, &p, rq);
			return e->route;
		}
		*ret_allow = add_method(&rq->arena, *ret_allow, e->route->method);
	}
	return NULL;
}

const struct route *matcher_at(const struct matcher *m, unsigned n)
{
	return n < m->count ? m->entries[n].route : NULL;
}
