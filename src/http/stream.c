/* stream.c - an answer without end: pieces from any thread, sent by the I/O thread. */
#include "http/seam.h"

#include <stdlib.h>

/* Bytes that a slow reader may be behind before it counts as gone. */
#define BEHIND_MAX (1u << 20)

struct http_stream {
	struct op op;
	struct exchange *x;
	struct io *io;
	/* Under io->lock. */
	struct evbuffer *pending;
	bool queued, ending, gone;
	/* The I/O thread's. */
	bool begun;
};

static void begin(struct http_stream *s)
{
	struct evhttp_connection *conn = evhttp_request_get_connection(s->x->ev);
	struct timeval patience = { s->io->server->config.read_timeout, 0 };

	s->begun = true;
	/* Nothing is expected from the peer; only writing may take too long. */
	if (conn)
		bufferevent_set_timeouts(evhttp_connection_get_bufferevent(conn), NULL, &patience);
	evhttp_send_reply_start(s->x->ev, 200, NULL);
}

/* True when the peer went away or reads too slowly. */
static bool is_gone(struct http_stream *s)
{
	struct evhttp_connection *conn = evhttp_request_get_connection(s->x->ev);
	struct bufferevent *bev = conn ? evhttp_connection_get_bufferevent(conn) : NULL;

	return !bev || evbuffer_get_length(bufferevent_get_output(bev)) > BEHIND_MAX;
}

static void finish(struct http_stream *s)
{
	if (evhttp_request_get_connection(s->x->ev))
		evhttp_send_reply_end(s->x->ev);
	else
		evhttp_request_free(s->x->ev);
	exchange_free(s->x);
	evbuffer_free(s->pending);
	free(s);
}

static void send_pieces(struct op *op)
{
	struct http_stream *s = (struct http_stream *)op;
	struct evbuffer *now = evbuffer_new();
	bool ending;

	if (!s->begun)
		begin(s);
	pthread_mutex_lock(&s->io->lock);
	s->queued = false;
	ending = s->ending;
	evbuffer_add_buffer(now, s->pending);
	s->gone |= is_gone(s);
	pthread_mutex_unlock(&s->io->lock);
	if (evbuffer_get_length(now) > 0 && evhttp_request_get_connection(s->x->ev))
		evhttp_send_reply_chunk(s->x->ev, now);
	evbuffer_free(now);
	if (ending)
		finish(s);
}

/* Takes what is to be done under the lock; true when the op has to be queued for it. */
static bool add(struct http_stream *s, const void *data, size_t len, bool end, bool *ret_gone)
{
	bool queue;

	pthread_mutex_lock(&s->io->lock);
	s->gone |= evbuffer_get_length(s->pending) + len > BEHIND_MAX;
	*ret_gone = s->gone;
	if (!s->gone && len > 0)
		evbuffer_add(s->pending, data, len);
	s->ending |= end;
	queue = !s->queued && (end || !s->gone);
	s->queued |= queue;
	pthread_mutex_unlock(&s->io->lock);
	return queue;
}

struct http_stream *http_reply_stream(struct request *rq, const char *content_type)
{
	struct exchange *x = (struct exchange *)rq;
	struct http_stream *s = xcalloc(1, sizeof(*s));
	bool gone;

	s->op.run = send_pieces;
	s->x = x;
	s->io = x->io;
	s->pending = evbuffer_new();
	exchange_headers(x, content_type);
	if (add(s, NULL, 0, false, &gone))
		io_do(s->io, &s->op);
	return s;
}

bool http_stream_send(struct http_stream *s, const void *data, size_t len)
{
	bool gone;

	if (add(s, data, len, false, &gone))
		io_do(s->io, &s->op);
	return !gone;
}

void http_stream_end(struct http_stream *s)
{
	bool gone;

	if (add(s, NULL, 0, true, &gone))
		io_do(s->io, &s->op);
}
