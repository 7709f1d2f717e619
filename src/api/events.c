#include "api/events.h"

#include "api/route.h"
#include "base/clock.h"
#include "core/job.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { LISTENERS_MAX = 2000, BEAT_SECONDS = 15 };

/* A stream ends after this long; the browser comes back and is asked again who it is. */
#define STREAM_LIFE (15 * 60 * CLOCK_SECOND)

struct listener {
	struct http_stream *stream;
	char *org;
	utime since;
	struct listener *next;
};

struct events {
	pthread_mutex_t lock;
	pthread_cond_t stop;
	pthread_t beater;
	struct listener *first;
	unsigned count;
	bool stopping, beating;
};

static void end_listener(struct events *ev, struct listener **at)
{
	struct listener *l = *at;

	*at = l->next;
	ev->count--;
	http_stream_end(l->stream);
	free(l->org);
	free(l);
}

/* To all of `org`, or to all when NULL; who is gone or old is let go. */
static void send_to(struct events *ev, const char *org, const char *data, size_t len)
{
	struct listener **at = &ev->first;
	utime old = clock_mono() - STREAM_LIFE;

	while (*at) {
		struct listener *l = *at;
		bool mine = !org || strcmp(l->org, org) == 0;

		if (l->since < old || (mine && !http_stream_send(l->stream, data, len)))
			end_listener(ev, at);
		else
			at = &l->next;
	}
}

static bool format(struct arena *a, const char *text, const char **ret_org, struct buf *out)
{
	static const struct json_limits limits = { 8192, 16, 2048 };
	struct json *root;
	struct jsonw w;

	if (json_parse(a, text, strlen(text), &limits, &root, NULL) != RC_OK)
		return false;
	*ret_org = json_member(root, "org");
	if (!*ret_org || !json_member(root, "event"))
		return false;
	buf_printf(out, "event: %s\ndata: ", json_member(root, "event"));
	jsonw_init(&w, out, 0);
	if (json_get(root, "data"))
		jsonw_value(&w, json_get(root, "data"));
	else
		jsonw_null(&w);
	buf_puts(out, "\n\n");
	return !out->failed;
}

static void hear(void *arg, const char *channel, const char *text)
{
	struct events *ev = arg;
	AUTO(buf) out = BUF_INIT(1u << 16);
	AUTO(arena) a = ARENA_INIT;
	const char *org;

	if (strcmp(channel, EVENT_CHANNEL) != 0)
		return;
	pthread_mutex_lock(&ev->lock);
	if (ev->first && format(&a, text, &org, &out))
		send_to(ev, org, out.data, out.len);
	pthread_mutex_unlock(&ev->lock);
}

/* A comment now and then keeps proxies from closing a quiet stream, and finds out who is gone. */
static void *beat(void *arg)
{
	struct events *ev = arg;
	struct timespec until;

	pthread_mutex_lock(&ev->lock);
	while (!ev->stopping) {
		utime at = clock_mono() + BEAT_SECONDS * CLOCK_SECOND;

		until.tv_sec = (time_t)(at / CLOCK_SECOND);
		until.tv_nsec = (long)(at % CLOCK_SECOND) * 1000;
		pthread_cond_timedwait(&ev->stop, &ev->lock, &until);
		if (!ev->stopping)
			send_to(ev, NULL, ": still here\n\n", 14);
	}
	pthread_mutex_unlock(&ev->lock);
	return NULL;
}

/* The store is closed. */
static void forget(void *arg)
{
	struct events *ev = arg;

	pthread_cond_destroy(&ev->stop);
	pthread_mutex_destroy(&ev->lock);
	free(ev);
}

enum rc events_new(struct db *db, struct events **ret, struct err *e)
{
	struct events *ev = xcalloc(1, sizeof(*ev));
	pthread_condattr_t attr;

	*ret = NULL;
	pthread_mutex_init(&ev->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&ev->stop, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&ev->beater, NULL, beat, ev) != 0) {
		forget(ev);
		return err_set(e, RC_IO, "No thread could be started; raise the limit of processes.");
	}
	ev->beating = true;
	db_listen(db, hear, forget, ev);
	*ret = ev;
	return RC_OK;
}

void events_stop(struct events *ev)
{
	if (!ev->beating)
		return;
	pthread_mutex_lock(&ev->lock);
	ev->stopping = true;
	while (ev->first)
		end_listener(ev, &ev->first);
	pthread_cond_signal(&ev->stop);
	pthread_mutex_unlock(&ev->lock);
	pthread_join(ev->beater, NULL);
	ev->beating = false;
}

enum rc events_join(struct events *ev, struct request *rq, const char *org, struct err *e)
{
	struct listener *l;

	pthread_mutex_lock(&ev->lock);
	if (ev->stopping || ev->count >= LISTENERS_MAX) {
		pthread_mutex_unlock(&ev->lock);
		err_set(e, RC_BUSY, "Too many pages listen for events. Ask again later, or ask for the state instead.");
		if (e)
			e->retry_after = 30;
		return RC_BUSY;
	}
	l = xcalloc(1, sizeof(*l));
	l->org = xstrdup(org);
	l->since = clock_mono();
	l->stream = http_reply_stream(rq, "text/event-stream");
	http_stream_send(l->stream, "retry: 3000\n: welcome\n\n", 23);
	l->next = ev->first;
	ev->first = l;
	ev->count++;
	pthread_mutex_unlock(&ev->lock);
	return RC_OK;
}

unsigned events_listeners(struct events *ev)
{
	unsigned n;

	pthread_mutex_lock(&ev->lock);
	n = ev->count;
	pthread_mutex_unlock(&ev->lock);
	return n;
}

static enum rc get_events(struct call *c, struct err *e)
{
	if (strcmp(c->rq->method, "HEAD") == 0) {
		http_reply(c->rq, 200, "text/event-stream", "", 0);
		return RC_OK;
	}
	http_add_header(c->rq, "X-Accel-Buffering", "no");
	return events_join(c->app->events, c->rq, c->who.org, e);
}

const struct route events_routes[] = {
	{ "GET", "/api/v1/events", ROUTE_STREAM, ROLE_VIEWER, 200, get_events, .rate = RATE_APP,
		.summary = "Server-sent events: job, card, write and integration changes" },
	{ NULL }
};
