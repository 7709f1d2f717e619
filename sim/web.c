/* web.c - serving: one loop, one thread, evhttp. Reads requests, meets faults, sends answers. */
#include "sim.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"

enum { BODY_MAX = 256 << 20, ANSWER_MAX = 512 << 20 };

const char *request_header(const struct request *r, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(r->raw), name);
}

const char *request_query(const struct request *r, const char *name)
{
	const char *s = r->query, *amp, *equal;
	size_t len;

	for (; s && *s; s = amp ? amp + 1 : NULL) {
		amp = strchr(s, '&');
		len = amp ? (size_t)(amp - s) : strlen(s);
		equal = memchr(s, '=', len);
		if (equal && strcmp(url_decode(r->arena, s, (size_t)(equal - s), true), name) == 0)
			return url_decode(r->arena, equal + 1, len - (size_t)(equal + 1 - s), true);
	}
	return NULL;
}

enum rc request_json(struct request *r, struct json **ret, struct err *e)
{
	struct json_limits limits = { BODY_MAX, 64, 64u << 20 };

	return json_parse(r->arena, r->body, r->body_len, &limits, ret, e);
}

void answer_header(struct answer *w, const char *name, const char *value)
{
	if (w->headers == (int)ARRAY_LEN(w->header))
		BUG("too many headers");
	w->header[w->headers][0] = name;
	w->header[w->headers++][1] = value;
}

void answer_node(struct answer *w, int status, const struct node *n)
{
	w->status = status;
	buf_clear(&w->body);
	node_print(&w->body, n);
}

void web_send(struct evhttp_request *raw, struct answer *w)
{
	struct evkeyvalq *out = evhttp_request_get_output_headers(raw);
	struct evbuffer *body = evbuffer_new();

	if (w->type && w->status != 204)
		evhttp_add_header(out, "Content-Type", w->type);
	for (int i = 0; i < w->headers; i++)
		evhttp_add_header(out, w->header[i][0], w->header[i][1]);
	if (w->body.failed)
		BUG("answer of more than %zu bytes", w->body.max);
	evbuffer_add(body, buf_text(&w->body), w->body.len);
	evhttp_send_reply(raw, w->status, NULL, body);
	evbuffer_free(body);
}

static void drop(struct evhttp_request *raw)
{
	struct evhttp_connection *c = evhttp_request_get_connection(raw);

	if (c)
		evhttp_connection_free(c);
	else
		evhttp_request_free(raw);
}

/* An answer, or a drop, that waits for its time. */
struct late {
	struct sim *sim;
	struct evhttp_request *raw;
	struct arena arena;
	struct answer answer;
	bool drop;
	struct event *timer;
};

static void late_fire(evutil_socket_t fd, short what, void *arg)
{
	struct late *l = arg;

	l->sim->in_flight--;
	if (l->drop)
		drop(l->raw);
	else
		web_send(l->raw, &l->answer);
	event_free(l->timer);
	buf_release(&l->answer.body);
	arena_release(&l->arena);
	free(l);
}

/* Takes the arena and the answer over. */
static void send_later(struct sim *s, struct request *r, struct answer *w, int ms, bool dropped)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };
	struct late *l = xcalloc(1, sizeof(*l));

	l->sim = s;
	l->raw = r->raw;
	l->answer = *w;
	l->arena = *r->arena;
	*r->arena = (struct arena)ARENA_INIT;
	buf_init(&w->body, ANSWER_MAX);
	l->drop = dropped;
	s->in_flight++;
	if (s->in_flight > s->in_flight_max)
		s->in_flight_max = s->in_flight;
	l->timer = evtimer_new(s->loop, late_fire, l);
	evtimer_add(l->timer, &tv);
}

static void split_path(struct request *r)
{
	const char *s = r->path, *slash;
	size_t len;

	while (*s && r->segments < SIM_SEGMENTS) {
		while (*s == '/')
			s++;
		slash = strchr(s, '/');
		len = slash ? (size_t)(slash - s) : strlen(s);
		if (len)
			r->segment[r->segments++] = url_decode(r->arena, s, len, false);
		s += len;
	}
}

static const char *method_of(struct evhttp_request *raw)
{
	switch (evhttp_request_get_command(raw)) {
	case EVHTTP_REQ_POST:
		return "POST";
	case EVHTTP_REQ_PUT:
		return "PUT";
	case EVHTTP_REQ_PATCH:
		return "PATCH";
	case EVHTTP_REQ_DELETE:
		return "DELETE";
	default:
		return "GET";
	}
}

static void read_request(struct request *r, struct arena *a, struct evhttp_request *raw)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(raw);
	const char *uri = evhttp_request_get_uri(raw), *mark = strchr(uri, '?');
	size_t len = evbuffer_get_length(in);

	*r = (struct request){ .arena = a, .raw = raw, .method = method_of(raw) };
	r->path = mark ? arena_strndup(a, uri, (size_t)(mark - uri)) : arena_strdup(a, uri);
	r->query = mark ? arena_strdup(a, mark + 1) : "";
	r->body_len = len;
	r->body = arena_strndup(a, len ? (const char *)evbuffer_pullup(in, -1) : "", len);
	r->host = request_header(r, "Host");
	split_path(r);
}

static const char *usual_error(int status)
{
	switch (status) {
	case 401:
		return "{\"code\":\"Unauthorized\",\"message\":\"Unauthorized\",\"errors\":null}";
	case 403:
		return "{\"code\":\"Forbidden\",\"message\":\"Insufficient permissions\",\"errors\":null}";
	case 404:
		return "{\"code\":\"NotFound\",\"message\":\"Not found\",\"errors\":null}";
	case 409:
		return "{\"code\":\"Conflict\",\"message\":\"The record is locked by another user\",\"errors\":null}";
	case 429:
		return "{\"error\":\"ConnectWiseAPI\",\"message\":\"Too many requests. Please try again in 30 "
		       "seconds.\"}";
	default:
		return "{\"code\":\"InternalError\",\"message\":\"A time-out occurred while executing the request\","
		       "\"errors\":null}";
	}
}

static void answer_fault(struct request *r, struct answer *w, const struct fault *f)
{
	w->status = f->status;
	w->headers = 0;
	if (f->type)
		w->type = arena_strdup(r->arena, f->type);
	if (f->retry_after)
		answer_header(w, "Retry-After", arena_printf(r->arena, "%d", f->retry_after));
	buf_clear(&w->body);
	buf_puts(&w->body, f->body ? f->body : usual_error(f->status));
}

static bool before_apply(const struct fault *f)
{
	return f->what == FAULT_TIMEOUT_BEFORE || f->what == FAULT_RESET || f->what == FAULT_STATUS;
}

/* True when the request is finished with. */
static bool meet_after(struct sim *s, struct request *r, struct answer *w, const struct fault *f)
{
	switch (f->what) {
	case FAULT_TIMEOUT_AFTER_APPLY:
	case FAULT_TIMEOUT_BEFORE:
		send_later(s, r, w, f->delay_ms, true);
		return true;
	case FAULT_RESET_AFTER_APPLY:
	case FAULT_RESET:
		send_later(s, r, w, 0, true);
		return true;
	case FAULT_STATUS:
	case FAULT_STATUS_AFTER_APPLY:
		answer_fault(r, w, f);
		return false;
	case FAULT_TRUNCATE:
		w->body.len /= 2;
		return false;
	case FAULT_GARBLE:
		if (w->body.len)
			w->body.data[w->body.len / 3] = (char)0xff;
		return false;
	case FAULT_SLOW:
		send_later(s, r, w, f->delay_ms, false);
		return true;
	default:
		return false;
	}
}

static void answer_request(struct sim *s, struct request *r, struct answer *w)
{
	const struct fault *f = fault_meet(s, r);
	int64_t latency = node_number_or(node_get(s->settings, "latency_ms"), 0);

	ledger_count(s, r);
	r->ignore_write = f && f->what == FAULT_IGNORE;
	if (!f || !before_apply(f))
		s->system->handle(s, r, w);
	answers_keep(s, r, w);
	if (w->later || (f && meet_after(s, r, w, f)))
		return;
	if (latency > 0)
		send_later(s, r, w, (int)latency, false);
	else
		web_send(r->raw, w);
}

static void on_request(struct evhttp_request *raw, void *arg)
{
	AUTO(arena) arena = ARENA_INIT;
	struct answer w = { .status = 200, .type = "application/json; charset=utf-8" };
	struct request r;

	buf_init(&w.body, ANSWER_MAX);
	read_request(&r, &arena, raw);
	if (strncmp(r.path, "/_", 2) == 0 && control_handle(arg, &r, &w))
		web_send(raw, &w);
	else
		answer_request(arg, &r, &w);
	buf_release(&w.body);
}

static enum rc split_listen(const char *listen, char host[64], int *ret_port, struct err *e)
{
	const char *colon = strrchr(listen, ':');
	char *end;
	long port = colon ? strtol(colon + 1, &end, 10) : -1;

	if (!colon || colon == listen || (size_t)(colon - listen) >= 64 || *end || port < 0 || port > 65535)
		return err_set(e, RC_INVALID, "--listen wants HOST:PORT, not %s", listen);
	memcpy(host, listen, (size_t)(colon - listen));
	host[colon - listen] = '\0';
	*ret_port = (int)port;
	return RC_OK;
}

static int port_of(struct evhttp_bound_socket *bound)
{
	struct sockaddr_storage ss = { 0 };
	socklen_t len = sizeof(ss);
	char port[16];

	if (getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&ss, &len) != 0 ||
		getnameinfo((struct sockaddr *)&ss, len, NULL, 0, port, sizeof(port), NI_NUMERICSERV) != 0)
		BUG("getsockname");
	return atoi(port);
}

enum rc web_start(struct sim *s, const char *listen, struct err *e)
{
	static char address[96];
	struct evhttp *http = evhttp_new(s->loop);
	struct evhttp_bound_socket *bound;
	char host[64] = "";
	int port = 0;

	if (split_listen(listen, host, &port, e) != RC_OK)
		return e->rc;
	evhttp_set_max_body_size(http, BODY_MAX);
	evhttp_set_allowed_methods(
		http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_PUT | EVHTTP_REQ_PATCH | EVHTTP_REQ_DELETE);
	evhttp_set_gencb(http, on_request, s);
	bound = evhttp_bind_socket_with_handle(http, host, (ev_uint16_t)port);
	if (!bound)
		return err_set(e, RC_IO, "cannot listen on %s; is the port in use?", listen);
	snprintf(address, sizeof(address), "http://%s:%d", host, port_of(bound));
	s->address = address;
	return RC_OK;
}
