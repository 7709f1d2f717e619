/* server.c - puts the parts of the API together and takes them apart. */
#include "api/server.h"

#include "api/asset.h"
#include "api/events.h"
#include "api/openapi.h"
#include "api/routes.h"
#include "api/work.h"
#include "core/people/password.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	THREADS = 2,
	READERS = 8,
	CONNECTIONS = 4096,
	READ_SECONDS = 30,
	WAITING_MAX = 10000,
	PUSH_RATE = 100,
	APP_RATE = 500,
	SIGNIN_RATE = 10
};

static enum rc start_parts(struct api_server *s, const struct api_config *c, struct err *e)
{
	unsigned threads = c->workers ? c->workers : READERS;
	const int rates[RATE_NONE] = { [RATE_APP] = c->app_rate < 0 ? APP_RATE : c->app_rate,
		[RATE_SIGNIN] = c->signin_rate < 0 ? SIGNIN_RATE : c->signin_rate,
		[RATE_PUSH] = c->push_rate < 0 ? PUSH_RATE : c->push_rate };
	enum rc rc;

	s->matcher = matcher_new(route_tables);
	s->openapi = openapi_text(s->matcher);
	s->app->limiter = limiter_new(rates);
	/* Some workers are left to all else, however many sign in. */
	password_waiters(threads > 4 ? (int)threads / 2 : 0);
	rc = events_new(s->app->db, &s->app->events, e);
	if (rc == RC_OK)
		rc = pool_new(threads, WAITING_MAX, &s->readers, e);
	if (rc == RC_OK)
		rc = pool_new(threads, WAITING_MAX, &s->workers, e);
	return rc;
}

static enum rc listen_on(struct api_server *s, const struct api_config *c, struct err *e)
{
	struct http_config http = { .listen = c->listen,
		.threads = c->threads ? c->threads : THREADS,
		.max_body = c->max_body ? c->max_body : BODY_MOST,
		.read_timeout = READ_SECONDS,
		.max_connections = c->max_connections ? c->max_connections : CONNECTIONS,
		.handle = dispatch,
		.arg = s };

	return http_start(&http, &s->http, e);
}

/* "host:port" with the port that was bound; requests may come before this is done, and do not need it. */
static void note_address(struct api_server *s, const char *listen)
{
	const char *colon = strrchr(listen, ':');
	int host = colon ? (int)(colon - listen) : 0;

	if (host > 0)
		snprintf(s->address, sizeof(s->address), "%.*s:%d", host, listen, http_port(s->http));
	else
		snprintf(s->address, sizeof(s->address), "127.0.0.1:%d", http_port(s->http));
}

static void free_parts(struct api_server *s)
{
	pool_free(s->readers);
	pool_free(s->workers);
	limiter_free(s->app->limiter);
	s->app->limiter = NULL;
	matcher_free(s->matcher);
	if (s->public_url) {
		s->app->public_url = NULL;
		free(s->public_url);
	}
	free(s->openapi);
	free(s->base);
	free(s);
}

static char *make_url(const char *address)
{
	AUTO(arena) a = ARENA_INIT;

	return xstrdup(arena_printf(&a, "http://%s", address));
}

enum rc api_start(struct app *app, const struct api_config *config, struct api_server **ret, struct err *e)
{
	struct api_server *s = xcalloc(1, sizeof(*s));
	enum rc rc;

	*ret = NULL;
	s->app = app;
	s->started = clock_mono();
	s->base = asset_base(app->public_url);
	app->server = s;
	db_around_done(app->db, http_hold, http_release);
	rc = start_parts(s, config, e);
	if (rc == RC_OK)
		rc = listen_on(s, config, e);
	if (rc != RC_OK) {
		if (app->events)
			events_stop(app->events);
		free_parts(s);
		return rc;
	}
	note_address(s, config->listen);
	if (!app->public_url)
		app->public_url = s->public_url = make_url(s->address);
	*ret = s;
	return RC_OK;
}

int api_port(const struct api_server *s)
{
	return http_port(s->http);
}

const char *api_address(const struct api_server *s)
{
	return s->address;
}

void api_stop(struct api_server *s, int seconds)
{
	events_stop(s->app->events);
	http_stop(s->http, seconds);
	pool_free(s->readers);
	pool_free(s->workers);
	s->readers = s->workers = NULL;
}

void api_free(struct api_server *s)
{
	if (!s)
		return;
	http_free(s->http);
	free_parts(s);
}
