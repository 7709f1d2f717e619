/* Pushes counts over many kept-alive connections, one request at a time on each, and counts the answers that say 201.
 *
 *     push_load_bench PORT SERVICE TOKEN CONNECTIONS ACCOUNTS MILLISECONDS
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

enum { REQUEST_MAX = 1024, ANSWER_MAX = 8192, SAMPLES_MAX = 4000000 };

struct client {
	int fd;
	utime sent_at;
	size_t got;
	char answer[ANSWER_MAX];
};

static struct {
	const char *service, *token;
	long accounts, sent, stored, refused;
	unsigned *samples;
	long sample_count;
	char last_refusal[200];
} load;

static void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static int connect_to(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static void send_one(struct client *c)
{
	char text[REQUEST_MAX], body[128];
	long n = load.sent++;
	int len = snprintf(body, sizeof(body), "{\"accountId\":\"acct-%ld\",\"unitCount\":%ld}",
		n * 7919 % load.accounts, n % 100);

	len = snprintf(text, sizeof(text),
		"POST /api/vendor-api/service/%s/count HTTP/1.1\r\nHost: 127.0.0.1\r\nGRADIENT-TOKEN: %s\r\n"
		"Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: %d\r\n\r\n%s",
		load.service, load.token, len, body);
	c->got = 0;
	c->sent_at = clock_mono();
	if (send(c->fd, text, (size_t)len, MSG_NOSIGNAL) != len)
		die("send");
}

/* True when the answer is there with its whole body. */
static bool is_complete(struct client *c)
{
	const char *end, *length;

	c->answer[c->got] = '\0';
	end = strstr(c->answer, "\r\n\r\n");
	if (!end)
		return false;
	length = strcasestr(c->answer, "\r\ncontent-length:");
	if (!length || length > end)
		die("an answer without length");
	return c->got >= (size_t)(end + 4 - c->answer) + strtoul(length + 17, NULL, 10);
}

static void note_answer(struct client *c)
{
	if (strncmp(c->answer, "HTTP/1.1 201", 12) == 0) {
		load.stored++;
		if (load.sample_count < SAMPLES_MAX)
			load.samples[load.sample_count++] = (unsigned)(clock_mono() - c->sent_at);
		return;
	}
	load.refused++;
	snprintf(load.last_refusal, sizeof(load.last_refusal), "%.199s", c->answer);
}

/* Reads what came; true when the answer is complete. */
static bool receive(struct client *c)
{
	ssize_t got = recv(c->fd, c->answer + c->got, ANSWER_MAX - 1 - c->got, 0);

	if (got <= 0)
		die("the server closed a connection");
	c->got += (size_t)got;
	if (!is_complete(c))
		return false;
	note_answer(c);
	return true;
}

static int by_size(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

static void run(struct client *clients, long count, int poller, utime length)
{
	struct epoll_event events[64];
	utime start = clock_mono();
	long busy = count;
	int i, n;

	for (i = 0; i < count; i++)
		send_one(&clients[i]);
	while (busy > 0) {
		n = epoll_wait(poller, events, 64, 10000);
		if (n <= 0)
			die("no answer for ten seconds");
		for (i = 0; i < n; i++) {
			if (!receive(events[i].data.ptr))
				continue;
			if (clock_mono() - start < length)
				send_one(events[i].data.ptr);
			else
				busy--;
		}
	}
	length = clock_mono() - start;
	qsort(load.samples, (size_t)load.sample_count, sizeof(unsigned), by_size);
	printf("{\"rows\":%ld,\"refused\":%ld,\"us\":%lld,\"p50\":%u,\"p99\":%u}\n", load.stored, load.refused,
		(long long)length, load.samples[load.sample_count / 2], load.samples[load.sample_count * 99 / 100]);
}

int main(int argc, char **argv)
{
	struct client *clients;
	long count, i;
	int poller;

	if (argc != 7)
		return 2;
	load.service = argv[2];
	load.token = argv[3];
	count = strtol(argv[4], NULL, 10);
	load.accounts = strtol(argv[5], NULL, 10);
	load.samples = xcalloc(SAMPLES_MAX, sizeof(unsigned));
	clients = xcalloc((size_t)count, sizeof(*clients));
	poller = epoll_create1(EPOLL_CLOEXEC);
	for (i = 0; i < count; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = &clients[i] };

		clients[i].fd = connect_to((int)strtol(argv[1], NULL, 10));
		if (epoll_ctl(poller, EPOLL_CTL_ADD, clients[i].fd, &event) != 0)
			die("epoll");
	}
	run(clients, count, poller, strtoll(argv[6], NULL, 10) * 1000);
	if (load.refused)
		fprintf(stderr, "refused: %s\n", load.last_refusal);
	free(load.samples);
	free(clients);
	return load.refused != 0;
}
