/* http.h - a thin seam over the HTTP library (libevent's evhttp).
 *
 * I/O threads read requests; a request is an object that may be answered later, from any thread,
 * exactly once. The seam refuses ambiguous framing, enforces size limits, decodes nothing but the
 * method and target, and adds the standard headers to every answer.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/buf.h"
#include "base/err.h"

struct http_server;
struct http_stream;

#define HTTP_PARAMS 4

struct request {
	struct arena arena;		/* lives until the answer is sent */
	const char *method;
	const char *path;		/* raw, still percent-encoded; duplicate slashes collapsed */
	const char *query;		/* raw, "" when none */
	const char *body;		/* NUL-ended, "" when none */
	size_t body_len;
	const char *remote;		/* peer address as text */
	const char *id;			/* request id, also sent as X-Request-Id */
	const char *param[HTTP_PARAMS];	/* raw values of {..} in the route's pattern */
	void *user;			/* the dispatcher's own */
};

struct http_config {
	const char *listen;		/* "127.0.0.1:8080", "[::1]:0"; port 0 picks one */
	unsigned threads;		/* I/O threads */
	size_t max_body;		/* bytes; more is 413 */
	int read_timeout; /* seconds between two requests; one has half of it, and more as its body comes */
	unsigned max_connections;
	/* Called on an I/O thread with a complete request; must not block. Owns it until the answer. */
	void (*handle)(struct request *rq, void *arg);
	void *arg;
};

/* RC_IO with a sentence: port in use, address wrong. */
enum rc http_start(const struct http_config *config, struct http_server **ret, struct err *e) MUST_CHECK;
/* The bound port. */
int http_port(const struct http_server *s);
/* Stops accepting, waits at most `seconds` for open requests, closes. What comes meanwhile on open connections is told
 * to come back. Whoever still works on a request may answer it until http_free(). */
void http_stop(struct http_server *s, int seconds);
void http_free(struct http_server *s);

/* First header of that name (any case), or NULL. Callable until the answer. */
const char *http_header(const struct request *rq, const char *name);
/* Adds a header to the answer to come. */
void http_add_header(struct request *rq, const char *name, const char *value);
/* Answers and frees the request. `body` is copied or taken before return. Any thread, once. */
void http_reply(struct request *rq, int status, const char *content_type, const void *body, size_t len);
/* Between these two the answers given in this thread wait, and then go out with one wake-up of each I/O thread. */
void http_hold(void);
void http_release(void);
/* Begins an answer without end (server-sent events). Any thread. The stream must be ended. */
struct http_stream *http_reply_stream(struct request *rq, const char *content_type);
/* Queues bytes; false when the peer is gone (then still call http_stream_end). Any thread. */
bool http_stream_send(struct http_stream *s, const void *data, size_t len);
void http_stream_end(struct http_stream *s);

/* Decoded value of a query parameter, "" when given without value, NULL when absent. */
const char *http_query(struct request *rq, const char *name);
/* The n-th of several (0-based), NULL after the last. */
const char *http_query_nth(struct request *rq, const char *name, unsigned n);

#endif
