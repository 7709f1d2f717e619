/* seam.h - the inside of the HTTP seam: who owns what between I/O threads and the rest. Private to src/http.
 *
 * An I/O thread has an event loop, a libevent server on a copy of the one listening socket, and a queue of things
 * that other threads want done in it. Everything libevent is touched by its I/O thread only; what is built elsewhere
 * (answers, pieces of streams) arrives through the queue.
 */
#ifndef HTTP_SEAM_H
#define HTTP_SEAM_H

#include "base/clock.h"
#include "base/rand.h"
#include "http/http.h"
#include "http/scan.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/listener.h>
#include <pthread.h>
#include <stdatomic.h>

enum { FRESH_MAX = 64 };

/* Something to be done in an I/O thread. */
struct op {
	void (*run)(struct op *op);
	struct op *next;
};

/* A connection, by its descriptor. */
struct conn {
	struct io *io;
	struct evhttp_connection *ev;
	int fd;
	utime began;		/* waiting for a whole request since; 0 = one is being answered */
	struct scan scan;
	bool refused;
	size_t drained;
};

struct io {
	struct http_server *server;
	struct event_base *base;
	struct evhttp *http;
	struct evconnlistener *listener;
	struct event *wake, *sweep, *adopt;
	int wake_fd;
	pthread_t thread;
	bool started;
	unsigned open, open_max;
	struct conn **conns;	/* by descriptor */
	int conns_size;
	struct bufferevent *fresh[FRESH_MAX];	/* accepted a moment ago; a reference each */
	unsigned fresh_count;

	pthread_mutex_t lock;	/* the queue, and what streams collect */
	struct op *first, **last;
};

struct http_server {
	struct http_config config;
	int fd, port;
	unsigned count;
	struct io *ios;
	atomic_uint working;	/* requests not answered yet, and streams */
	atomic_bool closing;
};

struct exchange {
	struct request rq;	/* first: the request is the exchange */
	struct op op;
	struct io *io;
	struct evhttp_request *ev;
	struct evbuffer *body;	/* of a large answer; a small one is in the arena */
	const char *text, *content_type;
	size_t text_len;
	int status;
	bool head;
	char id[ID_TEXT];
};

/* Queues an op; in its own thread it runs at once. */
void io_do(struct io *io, struct op *op);
enum rc io_start(struct io *io, struct err *e) MUST_CHECK;
void io_free(struct io *io);

/* The connection of a request; NULL when the peer is gone. */
struct conn *io_conn(struct io *io, struct evhttp_request *ev);

/* Libevent calls this with a complete request. */
void exchange_begin(struct evhttp_request *ev, void *io);
void exchange_free(struct exchange *x);
/* The headers that every answer has. */
void exchange_headers(struct exchange *x, const char *content_type);

/* A whole answer to a request that cannot be read, after which the connection ends. */
void refusal_write(struct evbuffer *out, int status, const char *why);

#endif
