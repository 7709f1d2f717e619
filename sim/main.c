/* main.c - trueup-sim: stands in for the remote systems that Trueup talks to.
 *
 *     trueup-sim SYSTEM --listen HOST:PORT --fixture FILE
 *
 * Prints one JSON line with the address when it listens (port 0 takes a free one), on stdout and
 * in its log on stderr, and serves until it is told to stop.
 */
#include "sim.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <event2/thread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static const struct system *const systems[] = { &system_alga, &system_autotask, &system_comet, &system_connectwise,
	&system_coro, &system_halo, &system_itflow, &system_kaseya, &system_rest, &system_superops, &system_syncro };

struct options {
	const char *system, *listen, *fixture;
};

static int usage(void)
{
	fputs("usage: trueup-sim SYSTEM --listen HOST:PORT --fixture FILE\n  systems:", stderr);
	for (size_t i = 0; i < ARRAY_LEN(systems); i++)
		fprintf(stderr, " %s", systems[i]->name);
	fputc('\n', stderr);
	return 2;
}

static bool read_options(int argc, char **argv, struct options *o)
{
	*o = (struct options){ .listen = "127.0.0.1:0" };
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--listen") == 0 && i + 1 < argc)
			o->listen = argv[++i];
		else if (strcmp(argv[i], "--fixture") == 0 && i + 1 < argc)
			o->fixture = argv[++i];
		else if (argv[i][0] != '-' && !o->system)
			o->system = argv[i];
		else
			return false;
	}
	return o->system && o->fixture;
}

static const struct system *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(systems); i++)
		if (strcmp(systems[i]->name, name) == 0)
			return systems[i];
	return NULL;
}

static enum rc read_file(const char *path, struct buf *out, struct err *e)
{
	FILE *f = fopen(path, "rb");
	char part[65536];
	size_t n;

	if (!f)
		return err_set(e, RC_IO, "cannot read %s: %m", path);
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		buf_put(out, part, n);
	fclose(f);
	return out->failed ? err_set(e, RC_INVALID, "%s is too large", path) : RC_OK;
}

static enum rc load(struct sim *s, const char *path, struct err *e)
{
	struct json_limits limits = { 1u << 30, 64, 256u << 20 };
	AUTO(buf) text = BUF_INIT(1u << 30);
	AUTO(arena) a = ARENA_INIT;
	struct json *fixture;

	if (read_file(path, &text, e) != RC_OK ||
		json_parse(&a, buf_text(&text), text.len, &limits, &fixture, e) != RC_OK)
		return err_prefix(e, "fixture %s", path);
	/* One file may hold the fixtures of several systems, each under its name. */
	if (json_get(fixture, s->system->name))
		fixture = (struct json *)json_get(fixture, s->system->name);
	node_free(s->settings);
	s->settings = json_get(fixture, "settings") ? node_from(json_get(fixture, "settings")) : node_object();
	return s->system->open(s, fixture, e);
}

static void on_signal(evutil_socket_t fd, short what, void *arg)
{
	event_base_loopbreak(arg);
}

static void serve(struct sim *s)
{
	struct event *term = evsignal_new(s->loop, SIGTERM, on_signal, s->loop);
	struct event *intr = evsignal_new(s->loop, SIGINT, on_signal, s->loop);

	event_add(term, NULL);
	event_add(intr, NULL);
	printf("{\"event\":\"listening\",\"address\":\"%s\"}\n", s->address);
	fflush(stdout);
	log_event(LOG_INFO, "listening", "address", s->address, NULL);
	event_base_dispatch(s->loop);
	event_free(term);
	event_free(intr);
}

int main(int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct sim s = { 0 };
	struct options o;

	if (!read_options(argc, argv, &o) || !(s.system = find(o.system)))
		return usage();
	signal(SIGPIPE, SIG_IGN);
	evthread_use_pthreads();
	curl_global_init(CURL_GLOBAL_ALL);
	s.loop = event_base_new();
	s.settings = node_object();
	s.ledger = node_array();
	s.answers = node_array();
	s.counts = node_object();
	if (load(&s, o.fixture, &e) != RC_OK || web_start(&s, o.listen, &e) != RC_OK) {
		fprintf(stderr, "trueup-sim: %s\n", e.text);
		return 1;
	}
	serve(&s);
	s.system->close(&s);
	fault_clear(&s);
	node_free(s.settings);
	node_free(s.ledger);
	node_free(s.answers);
	node_free(s.counts);
	return 0;
}
