/* Outbound: which addresses are reached, what became of a request, how mail is spelled. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/codec.h"
#include "net/hostrule.h"
#include "net/httpc.h"
#include "net/mail.h"

#include "measured.h"

static bool is_public(const char *text)
{
	struct sockaddr_in in4 = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, text, &in4.sin_addr) == 1)
		return hostrule_is_public((const struct sockaddr *)&in4);
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return hostrule_is_public((const struct sockaddr *)&in6);
}

static void test_addresses(void **state)
{
	static const char *const inside[] = { "127.0.0.1", "127.255.255.255", "10.0.0.1", "172.16.0.1",
		"172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
		"255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "fd12:3456::1",
		"ff02::1", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "64:ff9b::7f00:1", "2002:7f00:1::1", "2001:db8::1",
		"2001::1", "::127.0.0.1" };
	static const char *const outside[] = { "8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1",
		"100.128.0.1", "192.167.0.1", "223.255.255.255", "2606:4700:4700::1111", "2a00:1450::1",
		"::ffff:8.8.8.8", "64:ff9b::808:808" };

	for (size_t i = 0; i < ARRAY_LEN(inside); i++) {
		if (is_public(inside[i]))
			fail_msg("%s counts as public", inside[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(outside); i++) {
		if (!is_public(outside[i]))
			fail_msg("%s counts as private", outside[i]);
	}
}

static void test_urls(void **state)
{
	static const char *const bad[] = { "http://example.com", "https://127.0.0.1/", "https://2130706433/",
		"https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/", "https://[::1]/",
		"https://[::ffff:127.0.0.1]/", "https://[fe80::1%25eth0]/", "https://localhost/",
		"https://a.localhost/", "https://10.0.0.1:8443/", "https://user:pass@example.com/",
		"ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "", "example.com", "https://",
		"https://169.254.169.254/latest" };
	static const char *const good[] = { "https://example.com", "https://api-na.myconnectwise.net/v2025_1/apis/3.0",
		"https://example.com:8443/x", "https://8.8.8.8/", "https://[2606:4700:4700::1111]/" };
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (hostrule_check(bad[i], false, &e) == RC_OK)
			fail_msg("\"%s\" is let through", bad[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		if (hostrule_check(good[i], false, &e) != RC_OK)
			fail_msg("\"%s\": %s", good[i], e.text);
	}
	assert_int_equal(hostrule_check("http://127.0.0.1:8080/", true, &e), RC_OK);
	assert_int_equal(hostrule_check("https://10.0.0.5/", true, &e), RC_OK);
	assert_int_equal(hostrule_check("https://u@10.0.0.5/", true, &e), RC_INVALID);
	assert_true(hostrule_same_origin("https://a.example/x", "https://A.example:443/y?z"));
	assert_false(hostrule_same_origin("https://a.example/", "http://a.example/"));
	assert_false(hostrule_same_origin("https://a.example/", "https://a.example:8443/"));
	assert_false(hostrule_same_origin("https://a.example/", "https://b.example/"));
}

static void test_connect_rule(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr other = { .sa_family = AF_UNIX };
	const struct sockaddr *a = (const struct sockaddr *)&in;

	inet_pton(AF_INET, "8.8.8.8", &in.sin_addr);
	assert_true(hostrule_may_connect(a, false, false));
	assert_false(hostrule_may_connect(a, true, true));
	inet_pton(AF_INET, "192.168.0.9", &in.sin_addr);
	assert_false(hostrule_may_connect(a, false, false));
	assert_true(hostrule_may_connect(a, true, true));
	assert_false(hostrule_may_connect(&other, true, true));
}

/* --- a server that answers as it is told, one connection after another --- */

struct server {
	pthread_t thread;
	int fd, port;
	const char *const *replies;	/* NULL-ended; "" = close without a word */
	char seen[8][4096];
	int connections;
	bool drips;	/* after a reply, a byte now and then for as long as the client stays */
};

static void *serve(void *arg)
{
	struct server *s = arg;

	for (int i = 0; s->replies[i]; i++) {
		int fd = accept(s->fd, NULL, NULL);
		size_t len = 0;
		ssize_t n;

		s->connections++;
		while (len + 1 < sizeof(s->seen[i]) && !strstr(s->seen[i], "\r\n\r\n") &&
			(n = recv(fd, s->seen[i] + len, sizeof(s->seen[i]) - 1 - len, 0)) > 0)
			len += (size_t)n;
		if (*s->replies[i])
			send(fd, s->replies[i], strlen(s->replies[i]), MSG_NOSIGNAL);
		while (s->drips && send(fd, "1", 1, MSG_NOSIGNAL) == 1)
			clock_sleep(CLOCK_SECOND / 20);
		shutdown(fd, SHUT_WR);
		while (recv(fd, s->seen[7], 1, 0) > 0)
			;
		close(fd);
	}
	return NULL;
}

static int listen_on_loopback(int *ret_port)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	*ret_port = ntohs(in.sin_port);
	return fd;
}

static void server_start(struct server *s, const char *const *replies)
{
	bool drips = s->drips;

	memset(s, 0, sizeof(*s));
	s->drips = drips;
	s->replies = replies;
	s->fd = listen_on_loopback(&s->port);
	pthread_create(&s->thread, NULL, serve, s);
}

static void server_stop(struct server *s)
{
	pthread_join(s->thread, NULL);
	close(s->fd);
}

static void ask(struct arena *a, int port, const char *method, const char *body, size_t max, int timeout,
	struct httpc_answer *ret)
{
	static const char *const headers[] = { "X-Mark: 1", NULL };
	struct httpc_config config = { .allow_private = true };
	struct httpc *c = httpc_new(&config);
	struct httpc_request r = { .method = method, .url = arena_printf(a, "http://127.0.0.1:%d/x?key=secret", port),
		.headers = headers, .body = body, .body_len = body ? strlen(body) : 0, .max_answer = max,
		.timeout_ms = timeout };

	httpc_do(c, a, &r, ret);
	httpc_free(c);
}

static void expect_fate(const char *method, const char *reply, enum httpc_fate fate, int status)
{
	const char *const replies[] = { reply, NULL };
	AUTO(arena) a = ARENA_INIT;
	struct httpc_answer answer;
	struct server s = { 0 };

	server_start(&s, replies);
	ask(&a, s.port, method, strcmp(method, "GET") == 0 ? NULL : "{}", 0, 2000, &answer);
	server_stop(&s);
	if (answer.fate != fate || answer.status != status)
		fail_msg("%s \"%.40s\": fate %d status %d (%s)", method, reply, answer.fate, answer.status,
			answer.error ? answer.error : "");
	assert_true(fate == HTTPC_ANSWERED || !strstr(answer.error, "secret"));
	assert_int_equal(s.connections, 1);
	assert_non_null(strstr(s.seen[0], "X-Mark: 1\r\n"));
}

static void test_fates(void **state)
{
	static const char full[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
	static const char half[] = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}";
	static const char chunk[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel";
	static const char words[] = "220 this is no HTTP server\r\n";
	AUTO(arena) a = ARENA_INIT;
	struct httpc_answer answer;
	int port, fd = listen_on_loopback(&port);

	expect_fate("GET", full, HTTPC_ANSWERED, 200);
	expect_fate("PATCH", full, HTTPC_ANSWERED, 200);
	expect_fate("PATCH", "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", HTTPC_ANSWERED, 503);
	expect_fate("PATCH", half, HTTPC_NO_ANSWER, 0);
	expect_fate("PATCH", chunk, HTTPC_NO_ANSWER, 0);
	expect_fate("POST", "", HTTPC_NO_ANSWER, 0);
	expect_fate("POST", "HTTP/1.1 20", HTTPC_NO_ANSWER, 0);
	expect_fate("POST", words, HTTPC_NO_ANSWER, 0);
	/* Accepted by the kernel, answered by nobody. */
	ask(&a, port, "POST", "{}", 0, 300, &answer);
	assert_int_equal(answer.fate, HTTPC_NO_ANSWER);
	assert_string_equal(answer.error, "No answer came in time.");
	close(fd);
	ask(&a, port, "POST", "{}", 0, 300, &answer);
	assert_int_equal(answer.fate, HTTPC_NOT_SENT);
}

static void test_never_inside(void **state)
{
	struct httpc_config config = { .allow_private = false };
	struct httpc *c = httpc_new(&config);
	AUTO(arena) a = ARENA_INIT;
	struct httpc_answer answer;
	int port, fd = listen_on_loopback(&port);
	struct httpc_request r = { .method = "GET" };

	r.url = arena_printf(&a, "https://localhost.localdomain:%d/", port);
	httpc_do(c, &a, &r, &answer);
	assert_int_equal(answer.fate, HTTPC_NOT_SENT);
	r.url = arena_printf(&a, "https://[::ffff:127.0.0.1]:%d/", port);
	httpc_do(c, &a, &r, &answer);
	assert_int_equal(answer.fate, HTTPC_NOT_SENT);
	assert_non_null(strstr(answer.error, "not on the public internet"));
	httpc_free(c);
	close(fd);
}

static void test_limits_and_headers(void **state)
{
	static const char *const replies[] = { "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789",
		"HTTP/1.1 429 Slow\r\nretry-after:  17 \r\nLink: <a>; rel=\"next\"\r\nContent-Length: 0\r\n\r\n",
		NULL };
	AUTO(arena) a = ARENA_INIT;
	struct httpc_answer answer;
	struct server s = { 0 };

	server_start(&s, replies);
	ask(&a, s.port, "GET", NULL, 9, 2000, &answer);
	assert_int_equal(answer.fate, HTTPC_NO_ANSWER);
	assert_non_null(strstr(answer.error, "longer than"));
	ask(&a, s.port, "GET", NULL, 0, 2000, &answer);
	server_stop(&s);
	assert_int_equal(answer.status, 429);
	assert_int_equal(answer.retry_after, 17);
	assert_string_equal(httpc_header(&a, &answer, "link"), "<a>; rel=\"next\"");
	assert_null(httpc_header(&a, &answer, "Retry"));
}

static void test_redirects(void **state)
{
	static const char *const away[] = {
		"HTTP/1.1 302 Go\r\nLocation: http://127.0.0.2:9/\r\nContent-Length: 0\r\n\r\n", NULL
	};
	static const char *const home[] = {
		"HTTP/1.1 302 Go\r\nLocation: /y\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", NULL };
	static const char *const post[] = { "HTTP/1.1 307 Go\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n", NULL };
	AUTO(arena) a = ARENA_INIT;
	struct httpc_answer answer;
	struct server s = { 0 };

	server_start(&s, away);
	ask(&a, s.port, "GET", NULL, 0, 2000, &answer);
	server_stop(&s);
	assert_int_equal(answer.status, 302);
	server_start(&s, home);
	ask(&a, s.port, "GET", NULL, 0, 2000, &answer);
	server_stop(&s);
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.body, "ok");
	assert_int_equal(strncmp(s.seen[1], "GET /y ", 7), 0);
	server_start(&s, post);
	ask(&a, s.port, "POST", "{}", 0, 2000, &answer);
	server_stop(&s);
	assert_int_equal(answer.status, 307);
}

/* The whole request has a deadline: a remote that always sends another byte does not hold a thread for longer. */
static void test_drips(void **state)
{
	static const char *const replies[] = { "HTTP/1.",
		"HTTP/1.1 200 OK\r\nX-A: ", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n",
		"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", NULL };
	AUTO(arena) a = ARENA_INIT;
	struct httpc_answer answer;
	struct server s = { .drips = true };

	server_start(&s, replies);
	for (int i = 0; replies[i]; i++) {
		utime began = clock_mono();

		ask(&a, s.port, "POST", "{}", 0, 700, &answer);
		assert_int_equal(answer.fate, HTTPC_NO_ANSWER);
		/* Generous: the machine may be busy. Without a deadline it would never end. */
		assert_true(clock_mono() - began < 30 * CLOCK_SECOND);
	}
	server_stop(&s);
	assert_int_equal(s.connections, ARRAY_LEN(replies) - 1);
	measured("slow_replies", ARRAY_LEN(replies) - 1);
}

static void test_retry_after(void **state)
{
	utime now = (utime)day_from_ymd(2026, 9, 1) * CLOCK_DAY;

	assert_int_equal(httpc_retry_after("30", now), 30);
	assert_int_equal(httpc_retry_after("99999999999999999999", now), 86400);
	assert_int_equal(httpc_retry_after("Tue, 01 Sep 2026 00:01:00 GMT", now), 60);
	assert_int_equal(httpc_retry_after("Mon, 31 Aug 2026 00:01:00 GMT", now), 0);
	assert_int_equal(httpc_retry_after("soon", now), 0);
	assert_int_equal(httpc_retry_after("", now), 0);
	measured("retry_after", 6);
}

static void test_mail_format(void **state)
{
	static const char *const to[] = { "anna@example.com", "bo@example.com\r\nBcc: eve@example.com", NULL };
	AUTO(arena) a = ARENA_INIT;
	struct mail m = { .from = "Trueup \xc3\xa9quipe <up@example.com>",
		.to = to,
		.subject = "R\xc3\xa9union\r\nBcc: eve@example.com "
			   "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80",
		.text = "Hello,\n.\nd\xc3\xa9j\xc3\xa0 vu\n" };
	utime now = (utime)day_from_ymd(2026, 9, 1) * CLOCK_DAY + (utime)(7 * 3600 + 5 * 60 + 9) * CLOCK_SECOND;
	const char *text = mail_format(&a, &m, now, "id@example.com");
	char *body;
	size_t len;

	assert_non_null(strstr(text, "Date: Tue, 1 Sep 2026 07:05:09 +0000\r\n"));
	assert_non_null(strstr(text, "From: =?utf-8?B?VHJ1ZXVwIMOpcXVpcGU=?= <up@example.com>\r\n"));
	assert_non_null(strstr(text, "Message-ID: <id@example.com>\r\n"));
	assert_non_null(strstr(text, "Subject: =?utf-8?B?"));
	assert_null(strstr(text, "\nBcc:"));
	for (const char *p = text; *p; p += strcspn(p, "\n") + 1) {
		assert_true(strcspn(p, "\n") <= 78);
		assert_true(strcspn(p, "\n") > 0 && p[strcspn(p, "\n") - 1] == '\r');
	}
	for (const char *p = text; *p; p++)
		assert_true((unsigned char)*p < 0x80);
	assert_int_equal(base64_decode(&a, strstr(text, "\r\n\r\n") + 4, &body, &len), RC_OK);
	assert_string_equal(body, "Hello,\r\n.\r\nd\xc3\xa9j\xc3\xa0 vu\r\n");
	assert_string_equal(mail_address(&a, "Name <a@b.example>"), "a@b.example");
	assert_null(mail_address(&a, "a b@c.example"));
	assert_null(mail_address(&a, "nobody"));
	assert_null(mail_address(&a, "a@b.example\r\nRCPT TO:<x@y>"));
}

/* --- a mail relay --- */

struct relay {
	pthread_t thread;
	int fd, port;
	char seen[65536];
	size_t len;
	const char *refuse;	/* answers 550 to a line that holds this */
};

static void relay_line(struct relay *r, int fd, const char *line, bool *data)
{
	const char *answer = "250 fine\r\n";

	if (*data) {
		if (strcmp(line, ".\r\n") != 0)
			return;
		*data = false;
	} else if (strncmp(line, "DATA", 4) == 0) {
		*data = true;
		answer = "354 go on\r\n";
	} else if (r->refuse && strstr(line, r->refuse)) {
		answer = "550 no such mailbox\r\n";
	}
	send(fd, answer, strlen(answer), MSG_NOSIGNAL);
}

static void *relay_serve(void *arg)
{
	struct relay *r = arg;
	int fd = accept(r->fd, NULL, NULL);
	size_t line = 0;
	bool data = false;

	send(fd, "220 relay\r\n", 11, MSG_NOSIGNAL);
	while (r->len + 1 < sizeof(r->seen) && recv(fd, r->seen + r->len, 1, 0) == 1) {
		if (r->seen[r->len++] != '\n')
			continue;
		relay_line(r, fd, r->seen + line, &data);
		line = r->len;
	}
	close(fd);
	return NULL;
}

static enum rc send_through(struct relay *r, const char *refuse, const char *user, struct err *e)
{
	static const char *const to[] = { "anna@example.com", "bo@example.com", NULL };
	char url[100];
	struct mail m = {
		.smtp_url = url, .from = "Trueup <up@example.com>", .to = to, .subject = "Hello", .text = "Hi\n"
	};
	enum rc rc;

	memset(r, 0, sizeof(*r));
	r->refuse = refuse;
	r->fd = listen_on_loopback(&r->port);
	snprintf(url, sizeof(url), "smtp://%s127.0.0.1:%d", user, r->port);
	pthread_create(&r->thread, NULL, relay_serve, r);
	rc = mail_send(&m, e);
	pthread_join(r->thread, NULL);
	close(r->fd);
	return rc;
}

static void test_mail_send(void **state)
{
	struct err e = ERR_INIT;
	struct relay r;

	assert_int_equal(send_through(&r, NULL, "", &e), RC_OK);
	assert_non_null(strstr(r.seen, "MAIL FROM:<up@example.com>"));
	assert_non_null(strstr(r.seen, "RCPT TO:<anna@example.com>"));
	assert_non_null(strstr(r.seen, "RCPT TO:<bo@example.com>"));
	assert_non_null(strstr(r.seen, "Subject: Hello\r\n"));
	assert_int_equal(send_through(&r, "<bo@", "", &e), RC_OK);
	assert_int_equal(send_through(&r, "RCPT", "", &e), RC_REMOTE);
	/* A password never goes over a connection that anybody can read. */
	assert_int_equal(send_through(&r, NULL, "anna:hunter2@", &e), RC_REMOTE);
	assert_null(strstr(e.text, "hunter2"));
	assert_null(strstr(r.seen, "AUTH"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_connect_rule),
		cmocka_unit_test(test_fates),
		cmocka_unit_test(test_never_inside),
		cmocka_unit_test(test_limits_and_headers),
		cmocka_unit_test(test_redirects),
		cmocka_unit_test(test_drips),
		cmocka_unit_test(test_retry_after),
		cmocka_unit_test(test_mail_format),
		cmocka_unit_test(test_mail_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
