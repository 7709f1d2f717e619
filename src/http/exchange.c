/* exchange.c - a request and its answer. */
#include "http/seam.h"

#include <stdlib.h>
#include <string.h>

/* Up to here an answer is copied, and becomes libevent's in its own thread. */
enum { SMALL_ANSWER = 16384 };

struct standard {
	const char *name, *value;
};

/* On every answer, unless the answer has its own. */
static const struct standard standard_headers[] = {
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "no-referrer" },
	{ "X-Frame-Options", "DENY" },
	{ "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Cache-Control", "no-store" },
};

static const char *const methods[] = { "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH" };

static const char *method_name(enum evhttp_cmd_type type)
{
	for (unsigned i = 0; i < ARRAY_LEN(methods); i++)
		if ((unsigned)type == 1u << i)
			return methods[i];
	return "OTHER";
}

/* "//a///b" -> "/a/b". */
static char *clean_path(struct arena *a, const char *s, size_t len)
{
	char *path = arena_strndup(a, s, len), *to = path;

	for (const char *from = path; *from; from++)
		if (*from != '/' || to == path || to[-1] != '/')
			*to++ = *from;
	*to = '\0';
	return path;
}

static void split_target(struct request *rq, struct evhttp_request *ev)
{
	const char *uri = ev->uri;
	size_t len;

	if (*uri != '/' && *uri != '*') {
		/* "http://host/path": the host is not ours to judge. */
		const char *rest = strstr(uri, "://");

		rest = rest ? strchr(rest + 3, '/') : NULL;
		uri = rest ? rest : "/";
	}
	len = strcspn(uri, "?#");
	rq->path = clean_path(&rq->arena, uri, len);
	rq->query = uri[len] == '?' ? arena_strndup(&rq->arena, uri + len + 1, strcspn(uri + len + 1, "#")) : "";
}

static void take_body(struct request *rq, struct evhttp_request *ev)
{
	rq->body_len = evbuffer_get_length(ev->input_buffer);
	if (rq->body_len == 0) {
		rq->body = "";
		return;
	}
	evbuffer_add(ev->input_buffer, "", 1);
	rq->body = (const char *)evbuffer_pullup(ev->input_buffer, -1);
}

static const char *title(int status)
{
	switch (status) {
	case 413:
		return "Content Too Large";
	case 431:
		return "Request Header Fields Too Large";
	case 505:
		return "HTTP Version Not Supported";
	default:
		return "Bad Request";
	}
}

/* What comes on an open connection while the server ends was not begun: it can be asked again. */
static void tell_closing(struct request *rq)
{
	const char *text = arena_printf(&rq->arena,
		"{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,\"detail\":\"The server is "
		"being stopped. "
		"Ask again in a moment.\",\"request_id\":\"%s\"}",
		rq->id);

	http_add_header(rq, "Retry-After", "1");
	http_reply(rq, 503, "application/problem+json", text, strlen(text));
}

void refusal_write(struct evbuffer *out, int status, const char *why)
{
	AUTO(buf) body = BUF_INIT(2048);
	char id[ID_TEXT];

	buf_printf(&body,
		"{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\",\"request_id\":\"%s\"}",
		title(status), status, why, id_new(id));
	evbuffer_add_printf(out, "HTTP/1.1 %d %s\r\nContent-Type: application/problem+json\r\nContent-Length: %zu\r\n",
		status, title(status), body.len);
	evbuffer_add_printf(out, "X-Request-Id: %s\r\nConnection: close\r\n", id);
	for (unsigned i = 0; i < ARRAY_LEN(standard_headers); i++)
		evbuffer_add_printf(out, "%s: %s\r\n", standard_headers[i].name, standard_headers[i].value);
	evbuffer_add_printf(out, "\r\n%s", buf_text(&body));
}

void exchange_begin(struct evhttp_request *ev, void *arg)
{
	struct exchange *x = xcalloc(1, sizeof(*x));
	struct io *io = arg;
	struct conn *c = io_conn(io, ev);

	if (c)
		c->began = 0;
	atomic_fetch_add(&io->server->working, 1);
	x->io = io;
	x->ev = ev;
	x->head = ev->type == EVHTTP_REQ_HEAD;
	x->rq.id = id_new(x->id);
	x->rq.method = method_name(ev->type);
	x->rq.remote = ev->remote_host;
	split_target(&x->rq, ev);
	take_body(&x->rq, ev);
	if (atomic_load(&io->server->closing))
		tell_closing(&x->rq);
	else
		io->server->config.handle(&x->rq, io->server->config.arg);
}

void exchange_free(struct exchange *x)
{
	struct http_server *s = x->io->server;

	if (x->body)
		evbuffer_free(x->body);
	arena_release(&x->rq.arena);
	free(x);
	atomic_fetch_sub(&s->working, 1);
}

const char *http_header(const struct request *rq, const char *name)
{
	return evhttp_find_header(((const struct exchange *)rq)->ev->input_headers, name);
}

void http_add_header(struct request *rq, const char *name, const char *value)
{
	/* Libevent refuses a line break in a value: then the header stays out. */
	evhttp_add_header(((struct exchange *)rq)->ev->output_headers, name, value);
}

void exchange_headers(struct exchange *x, const char *content_type)
{
	struct evkeyvalq *out = x->ev->output_headers;

	if (content_type)
		evhttp_add_header(out, "Content-Type", content_type);
	evhttp_add_header(out, "X-Request-Id", x->id);
	for (unsigned i = 0; i < ARRAY_LEN(standard_headers); i++)
		if (!evhttp_find_header(out, standard_headers[i].name))
			evhttp_add_header(out, standard_headers[i].name, standard_headers[i].value);
	if (atomic_load(&x->io->server->closing))
		evhttp_add_header(out, "Connection", "close");
}

static void send_reply(struct op *op)
{
	struct exchange *x = (struct exchange *)((char *)op - offsetof(struct exchange, op));
	struct conn *c = io_conn(x->io, x->ev);
	char length[24];

	exchange_headers(x, x->content_type);
	if (c && c->scan.status && !evhttp_find_header(x->ev->output_headers, "Connection"))
		evhttp_add_header(x->ev->output_headers, "Connection", "close");
	if (c)
		c->began = clock_mono();
	if (x->head) {
		snprintf(length, sizeof(length), "%zu", x->text_len);
		evhttp_add_header(x->ev->output_headers, "Content-Length", length);
	} else if (x->text) {
		evbuffer_add(evhttp_request_get_output_buffer(x->ev), x->text, x->text_len);
	}
	evhttp_send_reply(x->ev, x->status, NULL, x->body);
	exchange_free(x);
}

void http_reply(struct request *rq, int status, const char *content_type, const void *body, size_t len)
{
	struct exchange *x = (struct exchange *)rq;

	/* As little as possible is done here: this may be the thread that all writes wait for. */
	x->status = status;
	x->content_type = status == 204 ? NULL : arena_strdup(&rq->arena, content_type);
	x->text_len = len;
	if (!x->head && len > SMALL_ANSWER) {
		x->body = evbuffer_new();
		evbuffer_add(x->body, body, len);
	} else if (!x->head && len > 0) {
		x->text = arena_strndup(&rq->arena, body, len);
	}
	x->op.run = send_reply;
	io_do(x->io, &x->op);
}
