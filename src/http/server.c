/* server.c - the listening socket, and the I/O threads that share it. */
#include "http/seam.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096 };

static enum rc resolve(const char *listen, struct addrinfo **ret, struct err *e)
{
	struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
	AUTO(arena) a = ARENA_INIT;
	const char *colon = strrchr(listen, ':');
	char *host;
	size_t len;

	if (!colon || strspn(colon + 1, "0123456789") != strlen(colon + 1) || !colon[1])
		return err_set(e, RC_IO,
			"The address to listen on is written HOST:PORT, such as 127.0.0.1:8080, not \"%s\".", listen);
	host = arena_strndup(&a, listen, (size_t)(colon - listen));
	len = strlen(host);
	if (len > 1 && host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		host++;
	}
	if (getaddrinfo(*host ? host : NULL, colon + 1, &hints, ret) != 0)
		return err_set(e, RC_IO, "There is no address \"%s\" to listen on.", listen);
	return RC_OK;
}

static int bound_port(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_storage room;
	} at = { 0 };
	socklen_t len = sizeof(at);

	if (getsockname(fd, &at.any, &len) != 0)
		return 0;
	return ntohs(at.any.sa_family == AF_INET6 ? at.v6.sin6_port : at.v4.sin_port);
}

static enum rc open_socket(struct http_server *s, struct err *e)
{
	struct addrinfo *at = NULL;
	enum rc rc = resolve(s->config.listen, &at, e);
	int one = 1, fd;

	if (rc != RC_OK)
		return rc;
	fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
		rc = err_set(e, RC_IO, "Cannot listen on %s: %s. Choose another address with --listen.",
			s->config.listen, errno == EADDRINUSE ? "another program uses this port" : strerror(errno));
		if (fd >= 0)
			close(fd);
	} else {
		s->fd = fd;
		s->port = bound_port(fd);
	}
	freeaddrinfo(at);
	return rc;
}

static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max < 65536 ? limit.rlim_max : 65536;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

enum rc http_start(const struct http_config *config, struct http_server **ret, struct err *e)
{
	struct http_server *s = xcalloc(1, sizeof(*s));
	enum rc rc;

	*ret = NULL;
	s->config = *config;
	s->fd = -1;
	s->count = config->threads ? config->threads : 1;
	raise_file_limit();
	rc = open_socket(s, e);
	s->ios = xcalloc(s->count, sizeof(*s->ios));
	for (unsigned i = 0; i < s->count && rc == RC_OK; i++) {
		s->ios[i].server = s;
		rc = io_start(&s->ios[i], e);
	}
	if (rc != RC_OK) {
		http_stop(s, 0);
		http_free(s);
		return rc;
	}
	*ret = s;
	return RC_OK;
}

int http_port(const struct http_server *s)
{
	return s->port;
}

struct stop {
	struct op op;
	struct io *io;
};

static void stop_accepting(struct op *op)
{
	struct io *io = ((struct stop *)op)->io;

	evconnlistener_disable(io->listener);
	free(op);
}

static void stop_loop(struct op *op)
{
	struct io *io = ((struct stop *)op)->io;

	event_base_loopbreak(io->base);
	free(op);
}

static void tell_all(struct http_server *s, void (*run)(struct op *))
{
	for (unsigned i = 0; i < s->count; i++) {
		struct stop *stop;

		if (!s->ios[i].started)
			continue;
		stop = xcalloc(1, sizeof(*stop));
		stop->op.run = run;
		stop->io = &s->ios[i];
		io_do(stop->io, &stop->op);
	}
}

/* Waits for answers, then a moment for their last bytes. */
static void wait_for_answers(struct http_server *s, int seconds)
{
	utime end = clock_mono() + seconds * CLOCK_SECOND;

	while (atomic_load(&s->working) > 0 && clock_mono() < end)
		clock_sleep(CLOCK_SECOND / 100);
	clock_sleep(CLOCK_SECOND / 20);
}

void http_stop(struct http_server *s, int seconds)
{
	atomic_store(&s->closing, true);
	tell_all(s, stop_accepting);
	wait_for_answers(s, seconds);
	tell_all(s, stop_loop);
	for (unsigned i = 0; i < s->count; i++)
		if (s->ios[i].started)
			pthread_join(s->ios[i].thread, NULL);
	if (s->fd >= 0)
		close(s->fd);
}

void http_free(struct http_server *s)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->ios[i].server)
			io_free(&s->ios[i]);
	free(s->ios);
	free(s);
}
