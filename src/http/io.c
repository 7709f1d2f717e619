/* io.c - one I/O thread: its event loop, its connections, and the queue from other threads. */
#include "http/seam.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BODY_RATE = 16 << 10, DRAIN_SECONDS = 5, DRAIN_MAX = 256 << 20 };

enum { HELD_MAX = 16 };

static _Thread_local struct io *current;

/* What this thread has queued things for while it holds its wake-ups back. */
static _Thread_local struct {
	struct io *ios[HELD_MAX];
	unsigned count;
	bool on;
} held;

static void run_ops(struct io *io)
{
	struct op *op, *next;

	pthread_mutex_lock(&io->lock);
	op = io->first;
	io->first = NULL;
	io->last = &io->first;
	pthread_mutex_unlock(&io->lock);
	for (; op; op = next) {
		next = op->next;
		op->run(op);
	}
}

static void run_queue(evutil_socket_t fd, short what, void *arg)
{
	uint64_t count;

	(void)!read((int)fd, &count, sizeof(count));
	run_ops(arg);
}

static void wake_up(struct io *io)
{
	uint64_t one = 1;

	(void)!write(io->wake_fd, &one, sizeof(one));
}

void http_hold(void)
{
	held.on = true;
}

void http_release(void)
{
	held.on = false;
	while (held.count > 0)
		wake_up(held.ios[--held.count]);
}

void io_do(struct io *io, struct op *op)
{
	bool first;

	if (current == io) {
		op->run(op);
		return;
	}
	op->next = NULL;
	pthread_mutex_lock(&io->lock);
	first = !io->first;
	*io->last = op;
	io->last = &op->next;
	pthread_mutex_unlock(&io->lock);
	if (first && held.on && held.count < HELD_MAX)
		held.ios[held.count++] = io;
	else if (first)
		wake_up(io);
}

static void forget_conn(struct evhttp_connection *ev, void *arg)
{
	struct conn *c = arg;
	struct io *io = c->io;

	io->conns[c->fd] = NULL;
	scan_release(&c->scan);
	free(c);
	if (io->open-- == io->open_max && !atomic_load(&io->server->closing))
		evconnlistener_enable(io->listener);
}

static void make_room(struct io *io, int fd)
{
	int size = io->conns_size ? io->conns_size : 64;

	while (size <= fd)
		size *= 2;
	if (size == io->conns_size)
		return;
	io->conns = xrealloc(io->conns, (size_t)size * sizeof(*io->conns));
	memset(io->conns + io->conns_size, 0, (size_t)(size - io->conns_size) * sizeof(*io->conns));
	io->conns_size = size;
}

static void gone(struct bufferevent *bev, short what, void *arg)
{
	evhttp_connection_free(((struct conn *)arg)->ev);
}

/* The rest of what was refused is read and thrown away, so that the answer is not lost to a reset. */
static void drain(struct bufferevent *bev, void *arg)
{
	struct conn *c = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t len = evbuffer_get_length(in);

	c->drained += len;
	evbuffer_drain(in, len);
	if (c->drained > DRAIN_MAX)
		gone(bev, 0, arg);
}

static void say_goodbye(struct bufferevent *bev, void *arg)
{
	shutdown(((struct conn *)arg)->fd, SHUT_WR);
}

/* Takes the connection out of libevent's hands: it gets a last answer and ends. */
static void refuse(struct conn *c)
{
	struct bufferevent *bev = evhttp_connection_get_bufferevent(c->ev);
	struct timeval patience = { DRAIN_SECONDS, 0 };

	c->refused = true;
	bufferevent_setcb(bev, drain, say_goodbye, gone, c);
	bufferevent_set_timeouts(bev, &patience, &patience);
	refusal_write(bufferevent_get_output(bev), c->scan.status, c->scan.why);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

/* Between two requests. */
static bool is_idle(const struct conn *c)
{
	return c->scan.state == SCAN_REQUEST && !c->scan.head && !c->scan.line.len;
}

/* Every byte passes here before libevent looks at it. */
static void on_input(struct evbuffer *in, const struct evbuffer_cb_info *info, void *arg)
{
	struct conn *c = arg;
	struct evbuffer_ptr at;
	struct evbuffer_iovec v[4];
	size_t left = info->n_added;
	int n;

	if (!left || c->refused || c->scan.status)
		return;
	if (c->began && is_idle(c))
		c->began = clock_mono();
	/* Libevent finds a place by walking all that waits before it: not for each piece of a large body. */
	left -= scan_skip(&c->scan, left);
	if (left > 0)
		evbuffer_ptr_set(in, &at, evbuffer_get_length(in) - left, EVBUFFER_PTR_SET);
	while (left > 0 && !c->scan.status) {
		n = evbuffer_peek(in, (ev_ssize_t)left, &at, v, ARRAY_LEN(v));
		for (int i = 0; i < n && i < (int)ARRAY_LEN(v) && left > 0; i++) {
			size_t len = v[i].iov_len < left ? v[i].iov_len : left;

			scan_feed(&c->scan, v[i].iov_base, len);
			left -= len;
			if (left > 0)
				evbuffer_ptr_set(in, &at, len, EVBUFFER_PTR_ADD);
		}
	}
	/* While an earlier request is being answered, its answer closes the connection instead. */
	if (c->scan.status && c->began)
		refuse(c);
}

static void adopt_one(struct io *io, struct bufferevent *bev)
{
	int fd = (int)bufferevent_getfd(bev), one = 1;
	struct evhttp_connection *ev = NULL;
	struct conn *c;

	/* Libevent's argument of its own callbacks is the connection; none is left when it is gone already. */
	bufferevent_getcb(bev, NULL, NULL, NULL, (void **)&ev);
	if (!ev || fd < 0)
		return;
	make_room(io, fd);
	c = xcalloc(1, sizeof(*c));
	c->io = io;
	c->ev = ev;
	c->fd = fd;
	c->began = clock_mono();
	io->conns[fd] = c;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	evhttp_connection_set_closecb(ev, forget_conn, c);
	scan_init(&c->scan, io->server->config.max_body);
	evbuffer_add_cb(bufferevent_get_input(bev), on_input, c);
	if (++io->open == io->open_max)
		evconnlistener_disable(io->listener);
}

/* Right after connections were accepted, before anything is read from them. */
static void adopt(evutil_socket_t fd, short what, void *arg)
{
	struct io *io = arg;

	for (unsigned i = 0; i < io->fresh_count; i++) {
		adopt_one(io, io->fresh[i]);
		bufferevent_decref(io->fresh[i]);
	}
	io->fresh_count = 0;
}

static struct bufferevent *on_accept(struct event_base *base, void *arg)
{
	struct io *io = arg;
	struct bufferevent *bev = bufferevent_socket_new(base, -1, 0);

	if (io->fresh_count == FRESH_MAX)
		adopt(-1, 0, io);
	if (io->fresh_count == 0)
		event_active(io->adopt, EV_TIMEOUT, 1);
	bufferevent_incref(bev);
	io->fresh[io->fresh_count++] = bev;
	return bev;
}

struct conn *io_conn(struct io *io, struct evhttp_request *ev)
{
	struct evhttp_connection *conn = evhttp_request_get_connection(ev);
	int fd = conn ? (int)bufferevent_getfd(evhttp_connection_get_bufferevent(conn)) : -1;

	return fd >= 0 && fd < io->conns_size ? io->conns[fd] : NULL;
}

/* How long the request may have taken so far: what is slow drips, what is large may take its time. */
static utime patience_for(const struct conn *c)
{
	size_t arrived = c->scan.body > c->scan.left ? c->scan.body - c->scan.left : 0;

	return c->io->server->config.read_timeout * CLOCK_SECOND / 2 + (utime)(arrived / BODY_RATE) * CLOCK_SECOND;
}

static void sweep_one(struct conn *c, utime now)
{
	struct bufferevent *bev = evhttp_connection_get_bufferevent(c->ev);

	if (!c->began)
		return;
	if (evbuffer_get_length(bufferevent_get_output(bev)) > 0)
		c->began = now; /* the answer before is still on its way */
	else if (!is_idle(c) && now - c->began > patience_for(c))
		evhttp_connection_free(c->ev);
}

/* Ends connections that take too long over one request, however they drip. Idle ones end by libevent's time-out. */
static void sweep(evutil_socket_t fd, short what, void *arg)
{
	struct io *io = arg;
	utime now = clock_mono();

	for (int i = 0; i < io->conns_size; i++)
		if (io->conns[i])
			sweep_one(io->conns[i], now);
}

static void *io_main(void *arg)
{
	struct io *io = arg;

	current = io;
	event_base_loop(io->base, EVLOOP_NO_EXIT_ON_EMPTY);
	return NULL;
}

static bool make_base(struct io *io)
{
	struct event_config *config;
	struct timeval second = { 1, 0 };

	/* Out of memory ends the program with words, here as everywhere; libevent's own ways out of it crash. */
	event_set_mem_functions(xmalloc, xrealloc, free);
	config = event_config_new();
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	io->base = event_base_new_with_config(config);
	event_config_free(config);
	io->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (!io->base || io->wake_fd < 0)
		return false;
	io->wake = event_new(io->base, io->wake_fd, EV_READ | EV_PERSIST, run_queue, io);
	io->sweep = event_new(io->base, -1, EV_PERSIST, sweep, io);
	io->adopt = event_new(io->base, -1, 0, adopt, io);
	event_add(io->wake, NULL);
	event_add(io->sweep, &second);
	return true;
}

static bool make_http(struct io *io)
{
	struct evhttp_bound_socket *bound;
	int fd = dup(io->server->fd);

	io->http = evhttp_new(io->base);
	evhttp_set_max_headers_size(io->http, SCAN_HEAD_MAX + 1024);
	evhttp_set_timeout(io->http, io->server->config.read_timeout);
	evhttp_set_max_body_size(io->http, (ssize_t)io->server->config.max_body);
	evhttp_set_allowed_methods(io->http, UINT16_MAX);
	evhttp_set_bevcb(io->http, on_accept, io);
	evhttp_set_gencb(io->http, exchange_begin, io);
	bound = fd < 0 ? NULL : evhttp_accept_socket_with_handle(io->http, fd);
	if (!bound)
		return false;
	io->listener = evhttp_bound_socket_get_listener(bound);
	return true;
}

enum rc io_start(struct io *io, struct err *e)
{
	const struct http_config *config = &io->server->config;

	pthread_mutex_init(&io->lock, NULL);
	io->last = &io->first;
	io->open_max = (config->max_connections + io->server->count - 1) / io->server->count;
	if (!make_base(io) || !make_http(io) || pthread_create(&io->thread, NULL, io_main, io) != 0)
		return err_set(e, RC_IO,
			"The server could not be started; raise the limits of open files and processes.");
	io->started = true;
	return RC_OK;
}

/* What was answered after the loop had ended goes nowhere, but what it holds is let go. */
static void run_leftovers(struct io *io)
{
	struct io *before = current;

	current = io;
	while (io->first)
		run_ops(io);
	current = before;
}

void io_free(struct io *io)
{
	if (io->started)
		run_leftovers(io);
	if (io->http)
		evhttp_free(io->http);
	for (unsigned i = 0; i < io->fresh_count; i++)
		bufferevent_decref(io->fresh[i]);
	if (io->adopt)
		event_free(io->adopt);
	if (io->wake)
		event_free(io->wake);
	if (io->sweep)
		event_free(io->sweep);
	if (io->base)
		event_base_free(io->base);
	if (io->wake_fd > 0)
		close(io->wake_fd);
	free(io->conns);
	pthread_mutex_destroy(&io->lock);
}
