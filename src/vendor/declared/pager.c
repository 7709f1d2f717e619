#include "vendor/declared/pager.h"

#include <inttypes.h>
#include <string.h>

#include "base/codec.h"

static const char *member(const struct pager *p, const char *name)
{
	return json_member(p->paging, name);
}

static bool is(const struct pager *p, const char *kind)
{
	return strcmp(p->kind, kind) == 0;
}

static bool in_body(const struct pager *p)
{
	return strcmp(json_text_or(json_get(p->paging, "in"), "query"), "body") == 0;
}

void pager_init(struct pager *p, const struct json *step, const char *vendor, const char *what, int64_t pages_max)
{
	const struct json *paging = json_get(step, "paging");

	*p = (struct pager){
		.paging = paging, .vendor = vendor, .what = what, .pages_max = pages_max, .total = -1, .more = true
	};
	p->kind = json_text_or(json_get(paging, "kind"), "none");
	if (json_int(json_get(paging, "size"), 1, 100000, &p->size) != RC_OK)
		p->size = 0;
	if (json_int(json_get(paging, "start"), 0, 1, &p->number) != RC_OK)
		p->number = 0;
}

void pager_release(struct pager *p)
{
	arena_release(&p->arena);
}

static void put(struct buf *query, struct arena *a, const char *name, const char *value)
{
	if (name && value)
		buf_printf(query, "%s%s=%s", query->len ? "&" : "", url_encode(a, name), url_encode(a, value));
}

/* What says which page: NULL for the first one where that goes without saying. */
static const char *place(const struct pager *p, struct arena *a)
{
	if (is(p, "page"))
		return arena_printf(a, "%" PRId64, p->number);
	if (is(p, "offset"))
		return arena_printf(a, "%" PRId64, p->got);
	return p->cursor;
}

void pager_query(const struct pager *p, struct arena *a, struct buf *query)
{
	if (p->size && !in_body(p))
		put(query, a, member(p, "size_param"), arena_printf(a, "%" PRId64, p->size));
	if (!in_body(p))
		put(query, a, member(p, "param"), place(p, a));
}

const char *pager_body(const struct pager *p, struct arena *a, const char **ret_path)
{
	*ret_path = in_body(p) ? member(p, "param") : NULL;
	return in_body(p) ? place(p, a) : NULL;
}

static void read_total(struct pager *p, const struct json *body)
{
	const char *path = member(p, "total");
	int64_t total;

	if (path && json_int(json_path(body, path), 0, INT64_MAX, &total) == RC_OK)
		p->total = total;
}

/* A server that shows the same rows again does not know our way of asking. */
static enum rc check_repeat(struct pager *p, const struct json *rows, struct err *e)
{
	AUTO(buf) b = BUF_INIT(SIZE_MAX / 2);
	char key[HASH_TEXT];
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_value(&w, rows);
	hash_hex(buf_text(&b), b.len, key);
	if (table_new(&p->seen, &p->arena, key))
		return RC_OK;
	return err_set(e, RC_REMOTE, "%s shows the same page of %s again and again; nothing of it was taken.",
		p->vendor, p->what);
}

static enum rc follow(struct pager *p, const char *next, struct err *e)
{
	p->more = next && *next;
	if (!p->more)
		return RC_OK;
	if (!table_new(&p->seen, &p->arena, next))
		return err_set(e, RC_REMOTE, "%s's pages of %s lead round in circles; nothing of it was taken.",
			p->vendor, p->what);
	p->cursor = arena_strdup(&p->arena, next);
	return RC_OK;
}

/* An address may be whole, or begin at the root of the same host. */
static enum rc follow_url(struct pager *p, const char *next, const char *url, struct err *e)
{
	const char *host = strstr(url, "://");
	enum rc rc = follow(p, next, e);

	if (rc != RC_OK || !p->more)
		return rc;
	if (*next == '/' && next[1] != '/' && host)
		next = arena_printf(
			&p->arena, "%.*s%s", (int)(host + 3 - url + (ptrdiff_t)strcspn(host + 3, "/?#")), url, next);
	if (!vendor_url_same_host(next, url))
		return err_set(e, RC_REMOTE,
			"%s's next page of %s is on another host, where its credentials are not sent.", p->vendor,
			p->what);
	p->url = arena_strdup(&p->arena, next);
	p->cursor = NULL;
	return RC_OK;
}

/* Numbered pages: the vendor says how many there are, or a page that is not full is the last one. */
static enum rc count_on(struct pager *p, const struct json *body, size_t count)
{
	const char *pages_path = member(p, "pages");
	int64_t pages;

	p->number++;
	if (pages_path && json_int(json_path(body, pages_path), 0, INT64_MAX, &pages) == RC_OK)
		p->more = p->pages < pages;
	else if (p->total >= 0)
		p->more = count > 0 && p->got < p->total;
	else
		p->more = p->size ? count >= (size_t)p->size : count > 0;
	return RC_OK;
}

static enum rc after_last(struct pager *p, const struct json *last, size_t count, struct err *e)
{
	const char *id = json_scalar(json_path(last, json_text_or(json_get(p->paging, "field"), "id")));

	if (count < (size_t)p->size)
		id = NULL;
	else if (!id)
		return err_set(e, RC_REMOTE, "%s's rows of %s have no %s to go on from.", p->vendor, p->what,
			member(p, "field"));
	return follow(p, id, e);
}

static const char *next_of(const struct pager *p, const struct reply *reply)
{
	return is(p, "link_header") ? reply->link_next : json_scalar(json_path(reply->body, member(p, "next")));
}

static enum rc find_next(struct pager *p, const struct reply *reply, size_t count, const struct json *last,
	const char *url, struct err *e)
{
	if (is(p, "page") || is(p, "offset"))
		return count_on(p, reply->body, count);
	if (is(p, "cursor"))
		return follow(p, next_of(p, reply), e);
	if (is(p, "next_url") || is(p, "link_header"))
		return follow_url(p, next_of(p, reply), url, e);
	if (is(p, "after_last"))
		return after_last(p, last, count, e);
	p->more = false;
	return RC_OK;
}

enum rc pager_take(struct pager *p, const struct reply *reply, const struct json *rows, size_t count,
	const struct json *last, const char *url, struct err *e)
{
	enum rc rc = p->paging && count ? check_repeat(p, rows, e) : RC_OK;

	p->pages++;
	p->got += (int64_t)count;
	read_total(p, reply->body);
	if (rc == RC_OK)
		rc = find_next(p, reply, count, last, url, e);
	if (rc == RC_OK && p->more && p->pages >= p->pages_max)
		return err_set(e, RC_REMOTE, "%s's list of %s does not end after %" PRId64 " pages.", p->vendor,
			p->what, p->pages);
	if (rc == RC_OK && !p->more && p->total > p->got)
		return err_set(e, RC_REMOTE,
			"%s told of %" PRId64 " rows of %s and showed %" PRId64 "; nothing of it was taken.", p->vendor,
			p->total, p->what, p->got);
	return rc;
}
