/* call.c - what a handler asks of its call. */
#include "api/work.h"

#include "base/codec.h"

#include <string.h>

void work_reset(struct work *w)
{
	struct call *c = &w->call;

	w->complaints = NULL;
	w->complaints_end = &w->complaints;
	w->complaint_count = w->header_count = 0;
	w->touch = w->keep = w->replayed = false;
	memset(&c->who, 0, sizeof(c->who));
	c->status = c->route->status;
	c->content_type = NULL;
	c->audit_object = c->audit_before = c->audit_after = c->audit_why = NULL;
	buf_clear(&c->out_buf);
	jsonw_init(&c->out, &c->out_buf, c->route->face == FACE_VENDOR ? JSONW_ASCII : 0);
}

const char *call_decode(struct call *c, const char *raw, bool plus)
{
	const char *plain = url_decode(c->arena, raw, strlen(raw), plus);
	size_t len;

	return text_to_utf8(c->arena, plain, strlen(plain), &len);
}

const char *call_param(struct call *c, unsigned n)
{
	const char *raw = n < HTTP_PARAMS ? c->rq->param[n] : NULL;

	if (!raw)
		BUG("route %s has no parameter %u", c->route->path, n);
	return call_decode(c, raw, false);
}

const char *call_query(struct call *c, const char *name)
{
	const char *value = http_query(c->rq, name);
	size_t len;

	return value && *value ? text_to_utf8(c->arena, value, strlen(value), &len) : NULL;
}

enum rc call_limit(struct call *c, int64_t *ret, struct err *e)
{
	const char *text = call_query(c, "limit");
	size_t digits = text ? strspn(text, "0123456789") : 0;

	*ret = 100;
	if (!text)
		return RC_OK;
	*ret = 0;
	if (digits == strlen(text) && digits <= 4)
		for (; *text; text++)
			*ret = *ret * 10 + (*text - '0');
	if (*ret < 1 || *ret > 1000)
		return err_set(e, RC_INVALID, "\"limit\" is a number from 1 to 1000.");
	return RC_OK;
}

const char *call_text(struct call *c, const char *name)
{
	return json_member(c->body, name);
}

void call_add_header(struct call *c, const char *name, const char *value)
{
	struct work *w = (struct work *)c;

	if (w->header_count == HEADERS_MAX)
		BUG("too many headers");
	w->header_names[w->header_count] = name;
	w->header_values[w->header_count++] = value;
}

void call_complain(struct call *c, const char *pointer, const char *fmt, ...)
{
	struct work *w = (struct work *)c;
	struct complaint *one;
	va_list ap;

	if (w->complaint_count++ >= COMPLAINTS_MAX)
		return;
	one = ARENA_NEW(c->arena, struct complaint);
	one->pointer = arena_strdup(c->arena, pointer);
	va_start(ap, fmt);
	one->detail = arena_vprintf(c->arena, fmt, ap);
	va_end(ap);
	*w->complaints_end = one;
	w->complaints_end = &one->next;
}

static const char *hash_request(struct call *c)
{
	char *hash = arena_alloc(c->arena, HASH_TEXT);
	AUTO(buf) all = BUF_INIT(c->rq->body_len + strlen(c->rq->query) + 16);

	buf_puts(&all, c->rq->query);
	buf_putc(&all, '\n');
	buf_put(&all, c->rq->body, c->rq->body_len);
	hash_hex(buf_text(&all), all.len, hash);
	return hash;
}

bool work_has_key(struct work *w)
{
	struct call *c = &w->call;
	const char *key = http_header(c->rq, "Idempotency-Key");

	if (!key || !c->who.id || !c->who.org || strcmp(c->rq->method, "POST") != 0)
		return false;
	w->idem = (struct idem){ .org = c->who.org,
		.principal = c->who.id,
		.key = key,
		.route = arena_printf(c->arena, "POST %s", c->rq->path),
		.body_hash = hash_request(c) };
	return true;
}

void work_replay(struct work *w, const struct idem_answer *old)
{
	w->replayed = true;
	w->keep = false;
	w->call.status = old->status;
	jsonw_raw(&w->call.out, old->content);
}

enum rc call_once(struct call *c, bool *ret_seen, struct err *e)
{
	struct work *w = (struct work *)c;
	struct idem_answer old;
	enum rc rc;

	*ret_seen = false;
	if (!work_has_key(w))
		return RC_OK;
	rc = tx_lock_org(c->tx, c->who.org, e);
	if (rc == RC_OK)
		rc = idem_find(c->tx, c->app->vault, c->arena, &w->idem, &old, e);
	if (rc != RC_OK)
		return rc;
	*ret_seen = old.status != 0;
	w->keep = !*ret_seen;
	if (*ret_seen)
		work_replay(w, &old);
	return RC_OK;
}

void call_list_begin(struct call *c)
{
	jsonw_object(&c->out);
	jsonw_key(&c->out, "items");
	jsonw_array(&c->out);
}

void call_list_end(struct call *c, const char *next_cursor)
{
	jsonw_end_array(&c->out);
	jsonw_kv(&c->out, "next_cursor", next_cursor);
	jsonw_end_object(&c->out);
}
