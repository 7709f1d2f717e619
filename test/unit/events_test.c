/* The seam and the events on it, with real sockets: who hears what, answers from another thread, the end. */
#include "api/events.h"
#include "core/job.h"
#include "testdb.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct testdb store;
	struct events *events;
	struct http_server *http;
};

static struct fixture f;

static void *answer_late(void *arg)
{
	struct request *rq = arg;

	clock_sleep(CLOCK_SECOND / 50);
	http_add_header(rq, "X-Line", "a\r\nX-Evil: 1");
	http_reply(rq, 200, "text/plain", rq->body, rq->body_len);
	return NULL;
}

/* "/org" listens to that organization's events; a POST is answered by another thread with its own body. */
static void handle(struct request *rq, void *arg)
{
	struct err e = ERR_INIT;
	pthread_t thread;

	if (strcmp(rq->method, "POST") == 0) {
		assert_int_equal(pthread_create(&thread, NULL, answer_late, rq), 0);
		pthread_detach(thread);
	} else {
		assert_int_equal(events_join(f.events, rq, rq->path + 1, &e), RC_OK);
	}
}

static int setup(void **state)
{
	struct http_config config = { .listen = "127.0.0.1:0",
		.threads = 2,
		.max_body = 1000,
		.read_timeout = 5,
		.max_connections = 100,
		.handle = handle };
	struct err e = ERR_INIT;

	testdb_open(&f.store);
	assert_int_equal(events_new(f.store.db, &f.events, &e), RC_OK);
	assert_int_equal(http_start(&config, &f.http, &e), RC_OK);
	return 0;
}

static int teardown(void **state)
{
	events_stop(f.events);
	http_stop(f.http, 5);
	http_free(f.http);
	testdb_remove(&f.store);
	return 0;
}

static int dial(const char *text)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)http_port(f.http)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

/* What comes until `wanted` is in it, or nothing for `ms`, or the end. */
static const char *read_until(int fd, const char *wanted, int ms, struct buf *got)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char piece[4096];
	ssize_t n;

	while (!strstr(buf_text(got), wanted) && poll(&p, 1, ms) == 1 && (n = read(fd, piece, sizeof(piece))) > 0)
		buf_put(got, piece, (size_t)n);
	return buf_text(got);
}

static char seven[] = "{\"n\": 7}";

static enum rc tell(struct tx *tx, void *arg, struct err *e)
{
	tx_notify(tx, "another", "{\"org\":\"a\",\"event\":\"other\",\"data\":1}");
	event_tell(tx, "a", "card", arg);
	return RC_OK;
}

static void test_each_organization_hears_its_own(void **state)
{
	AUTO(buf) a = BUF_INIT(100000);
	AUTO(buf) b = BUF_INIT(100000);
	int listens_a = dial("GET /a HTTP/1.1\r\nHost: x\r\n\r\n"),
	    listens_b = dial("GET /b HTTP/1.1\r\nHost: x\r\n\r\n");
	struct err e = ERR_INIT;

	read_until(listens_a, "welcome", 5000, &a);
	read_until(listens_b, "welcome", 5000, &b);
	assert_int_equal(events_listeners(f.events), 2);
	assert_int_equal(db_write(f.store.db, tell, seven, &e), RC_OK);
	assert_non_null(strstr(read_until(listens_a, "data:", 5000, &a), "event: card\ndata: {\"n\":7}\n\n"));
	assert_null(strstr(buf_text(&a), "other"));
	assert_null(strstr(read_until(listens_b, "data:", 300, &b), "data:"));
	close(listens_a);
	/* The one that went is let go at one of the next events. */
	for (int i = 0; i < 100 && events_listeners(f.events) > 1; i++) {
		assert_int_equal(db_write(f.store.db, tell, seven, &e), RC_OK);
		clock_sleep(CLOCK_SECOND / 50);
	}
	assert_int_equal(events_listeners(f.events), 1);
	events_stop(f.events);
	assert_non_null(strstr(read_until(listens_b, "0\r\n\r\n", 5000, &b), "0\r\n\r\n"));
	close(listens_b);
}

static void test_answers_come_from_other_threads(void **state)
{
	AUTO(buf) got = BUF_INIT(100000);
	int fd = dial("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nfirst"
		      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nsecond");
	const char *text = read_until(fd, "second", 5000, &got);

	assert_non_null(strstr(text, "\r\n\r\nfirstHTTP/1.1 200 OK\r\n"));
	assert_non_null(strstr(text, "\r\n\r\nsecond"));
	assert_null(strstr(text, "Evil"));
	close(fd);
}

static void test_a_peer_that_went_does_not_matter(void **state)
{
	for (int i = 0; i < 20; i++)
		close(dial("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\ngone"));
	clock_sleep(CLOCK_SECOND / 10);
	test_answers_come_from_other_threads(state);
}

static void test_a_port_in_use_is_said(void **state)
{
	struct http_config config = { .threads = 1, .max_connections = 1, .read_timeout = 1 };
	struct http_server *second;
	struct err e = ERR_INIT;
	char listen[64];

	snprintf(listen, sizeof(listen), "127.0.0.1:%d", http_port(f.http));
	config.listen = listen;
	assert_int_equal(http_start(&config, &second, &e), RC_IO);
	assert_non_null(strstr(e.text, "another program uses this port"));
	config.listen = "nonsense";
	assert_int_equal(http_start(&config, &second, &e), RC_IO);
	assert_non_null(strstr(e.text, "HOST:PORT"));
}

/* Ends although a byte comes now and then. */
static void test_a_request_that_drips_is_ended(void **state)
{
	struct http_config config = { .listen = "127.0.0.1:0",
		.threads = 1,
		.max_body = 1000,
		.read_timeout = 1,
		.max_connections = 10,
		.handle = handle };
	struct fixture kept = f;
	struct err e = ERR_INIT;
	int fd, beats = 0;

	assert_int_equal(http_start(&config, &f.http, &e), RC_OK);
	fd = dial("GET / HTTP/1.1\r\nX: ");
	while (beats < 40 && send(fd, "a", 1, MSG_NOSIGNAL) == 1) {
		clock_sleep(CLOCK_SECOND / 5);
		beats++;
	}
	assert_in_range(beats, 5, 25);
	close(fd);
	http_stop(f.http, 1);
	http_free(f.http);
	f = kept;
}

static void test_connections_beyond_the_limit_wait(void **state)
{
	static const char ask[] = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok";
	struct http_config config = { .listen = "127.0.0.1:0",
		.threads = 1,
		.max_body = 1000,
		.read_timeout = 5,
		.max_connections = 2,
		.handle = handle };
	AUTO(buf) got = BUF_INIT(100000);
	struct fixture kept = f;
	struct err e = ERR_INIT;
	int fds[3];

	assert_int_equal(http_start(&config, &f.http, &e), RC_OK);
	for (int i = 0; i < 2; i++) {
		fds[i] = dial(ask);
		assert_non_null(strstr(read_until(fds[i], "\r\n\r\nok", 5000, &got), "\r\n\r\nok"));
		buf_clear(&got);
	}
	fds[2] = dial(ask);
	assert_string_equal(read_until(fds[2], "ok", 300, &got), "");
	close(fds[0]);
	assert_non_null(strstr(read_until(fds[2], "\r\n\r\nok", 5000, &got), "\r\n\r\nok"));
	close(fds[1]);
	close(fds[2]);
	http_stop(f.http, 1);
	http_free(f.http);
	f = kept;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_each_organization_hears_its_own, setup, teardown),
		cmocka_unit_test_setup_teardown(test_answers_come_from_other_threads, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_peer_that_went_does_not_matter, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_port_in_use_is_said, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_request_that_drips_is_ended, setup, teardown),
		cmocka_unit_test_setup_teardown(test_connections_beyond_the_limit_wait, setup, teardown),
	};

	return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
