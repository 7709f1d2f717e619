/* Lists page by page, and many reads in flight. */
#include "psa/connectwise/cw.h"

#include <string.h>

struct paging {
	struct psa_conn *c;
	const struct cw_list *list;
	int64_t last; /* greatest id delivered */
	struct wire_pages pages; /* by number */
	int64_t number; /* of the page, where forward-only paging is not offered; 0 = it is */
};

static const char *page_path(struct paging *p, struct arena *a)
{
	const struct cw_list *l = p->list;
	char join = strchr(l->path, '?') ? '&' : '?';

	if (p->number)
		return arena_printf(a, "%s%cpageSize=%d&page=%lld&orderBy=%s%s", l->path, join, CW_PAGE,
			(long long)p->number, "id%20asc", l->query);
	return arena_printf(a, "%s%cpageSize=%d&pageId=%lld%s", l->path, join, CW_PAGE, (long long)p->last, l->query);
}

/* Rows at or before the last one were delivered already. */
static enum rc deliver(struct paging *p, struct arena *a, const struct json *rows, int64_t *ret_fresh, struct err *e)
{
	int64_t after = p->last;
	enum rc rc = RC_OK;

	*ret_fresh = 0;
	for (const struct json *row = rows->child; row && rc == RC_OK; row = row->next) {
		int64_t id;

		if (json_int(json_get(row, "id"), 1, INT64_MAX, &id) != RC_OK)
			return wire_strange(e, "ConnectWise", "a row of %.60s has no id", p->list->path);
		if (id <= after)
			continue;
		++*ret_fresh;
		if (id > p->last)
			p->last = id;
		rc = p->list->row(p->list->arg, a, row, e);
	}
	return rc;
}

static enum rc one_page(struct paging *p, bool *ret_more, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct json *rows;
	int64_t fresh;
	enum rc rc = cw_get(p->c, &a, page_path(p, &a), &rows, ret_more, e);

	if (rc != RC_OK)
		return rc;
	if (!json_is(rows, JSON_ARRAY))
		return wire_strange(e, "ConnectWise", "what came for %.60s is no list", p->list->path);
	if (p->number)
		rc = wire_page(&p->pages, "ConnectWise", p->list->path, rows, e);
	if (rc == RC_OK)
		rc = deliver(p, &a, rows, &fresh, e);
	if (rc != RC_OK)
		return rc;
	/* A server that knows no forward-only paging sends the first page for ever: go on by page numbers. */
	if (p->number)
		p->number++;
	else if (rows->count && !fresh)
		p->number = 1;
	else if (!rows->count)
		*ret_more = false;
	return p->list->page ? p->list->page(p->list->arg, p->last, e) : RC_OK;
}

enum rc cw_list(struct psa_conn *c, const struct cw_list *list, struct err *e)
{
	struct paging p = { .c = c, .list = list, .last = list->after };
	bool more = true;
	enum rc rc = RC_OK;

	while (more && rc == RC_OK) {
		if (c->wire.stop && c->wire.stop(c->wire.stop_arg))
			return err_set(e, RC_BUSY, "Stopped on request.");
		rc = one_page(&p, &more, e);
	}
	return rc;
}

struct read {
	size_t i;
	unsigned tries;
};

/* What is in flight, and what came back to be tried again. Nothing new starts before that has. */
struct reads {
	struct psa_conn *c;
	const struct cw_many *many;
	size_t started;
	struct read again[CW_IN_FLIGHT], *flight[CW_IN_FLIGHT], slot[CW_IN_FLIGHT];
	size_t again_count;
	utime hold; /* nothing starts before */
};

static struct read *free_read(struct reads *r, size_t i, unsigned tries)
{
	for (size_t n = 0; n < CW_IN_FLIGHT; n++) {
		if (r->flight[n])
			continue;
		r->slot[n] = (struct read){ i, tries };
		r->flight[n] = &r->slot[n];
		return r->flight[n];
	}
	BUG("more reads than may be in flight");
}

static enum httpc_step next_read(void *arg, struct arena *a, struct httpc_request *ret, void **ret_tag, utime *ret_wait)
{
	struct reads *r = arg;
	struct psa_conn *c = r->c;
	struct read *read;
	utime wait;

	if (!r->again_count && r->started == r->many->count)
		return HTTPC_END;
	*ret_wait = r->hold;
	if (r->hold > clock_mono())
		return HTTPC_WAIT;
	wait = wire_take(&c->wire);
	*ret_wait = clock_mono() + wait;
	if (wait)
		return HTTPC_WAIT;
	if (r->again_count) {
		r->again_count--;
		read = free_read(r, r->again[r->again_count].i, r->again[r->again_count].tries);
	} else {
		read = free_read(r, r->started++, 1);
	}
	*ret_tag = read;
	*ret = (struct httpc_request){ .method = "GET", .headers = c->headers, .timeout_ms = c->host.timeout_ms };
	ret->url = arena_printf(a, "%s/%sapis/3.0%s", c->api_url, c->codebase, r->many->path(r->many->arg, a, read->i));
	return HTTPC_GO;
}

static bool try_again(struct reads *r, const struct read *read, enum rc rc, const struct err *why)
{
	utime wait;

	if (!wire_worth(&r->c->wire, rc, read->tries, why, &wait))
		return false;
	r->again[r->again_count++] = (struct read){ read->i, read->tries + 1 };
	r->hold = clock_mono() + wait;
	return true;
}

static enum rc read_ok(
	struct arena *a, const struct httpc_answer *answer, const char *path, struct json **ret, struct err *e)
{
	if (answer->fate != HTTPC_ANSWERED || answer->status != 200)
		return cw_error(answer, "GET", path, e);
	return cw_json(a, answer, path, ret, e);
}

/* A 404 under an old codebase is no news about the record. */
static enum rc gone(struct reads *r, struct arena *a, const struct read *read, struct err *e)
{
	char before[sizeof(r->c->codebase)];
	enum rc rc;

	memcpy(before, r->c->codebase, sizeof(before));
	rc = cw_discover(r->c, e);
	if (rc != RC_OK)
		return rc;
	if (strcmp(before, r->c->codebase) != 0) {
		r->again[r->again_count++] = *read;
		return RC_OK;
	}
	return r->many->got(r->many->arg, a, read->i, NULL, false, e);
}

static enum rc read_done(void *arg, void *tag, const struct httpc_answer *answer, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct reads *r = arg;
	struct read read = *(struct read *)tag;
	const char *path = r->many->path(r->many->arg, &a, read.i);
	struct json *v = NULL;
	struct err why = ERR_INIT;
	enum rc rc = read_ok(&a, answer, path, &v, &why);

	r->flight[(struct read *)tag - r->slot] = NULL;
	if (rc == RC_OK)
		return r->many->got(r->many->arg, &a, read.i, v, cw_more(&a, answer, v), e);
	if (rc == RC_NOT_FOUND)
		return gone(r, &a, &read, e);
	if (try_again(r, &read, rc, &why))
		return RC_OK;
	*e = why;
	return rc;
}

static bool stop_reads(void *arg)
{
	struct reads *r = arg;

	return r->c->wire.stop && r->c->wire.stop(r->c->wire.stop_arg);
}

enum rc cw_many(struct psa_conn *c, const struct cw_many *many, struct err *e)
{
	struct reads r = { .c = c, .many = many };
	struct httpc_feed feed = { &r, CW_IN_FLIGHT, next_read, read_done, stop_reads };
	enum rc rc = c->codebase[0] ? RC_OK : cw_discover(c, e);

	return rc == RC_OK ? httpc_run(c->wire.http, &feed, e) : rc;
}
