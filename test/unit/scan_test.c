/* The strict reader of requests: what it takes at any cut, what it refuses. And parameters after the question mark. */
#include "http/http.h"
#include "http/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "GET / HTTP/1.1\r\nHost: x\r\n"
#define POST "POST / HTTP/1.1\r\nHost: x\r\n"

enum { BODY_LIMIT = 1000 };

/* The status it is refused with when it comes in pieces of `piece` bytes; 0 = fine. */
static int feed(const char *bytes, size_t len, size_t piece)
{
	struct scan s;
	int status;

	scan_init(&s, BODY_LIMIT);
	for (size_t at = 0; at < len; at += piece)
		if (!scan_feed(&s, bytes + at, len - at < piece ? len - at : piece))
			break;
	status = s.status;
	assert_true(status == 0 || (s.why && !strchr(s.why, '"')));
	scan_release(&s);
	return status;
}

static void expect(int status, const char *bytes, size_t len)
{
	for (size_t piece = 1; piece <= len; piece++)
		if (feed(bytes, len, piece) != status)
			fail_msg(
				"%d instead of %d in pieces of %zu: %s", feed(bytes, len, piece), status, piece, bytes);
}

#define EXPECT(status, text) expect(status, text, sizeof(text) - 1)

static void test_takes_plain_requests(void **state)
{
	EXPECT(0, HEAD "\r\n");
	EXPECT(0, "GET / HTTP/1.0\r\n\r\n");
	EXPECT(0, HEAD "X-Empty:\r\nX-Tab:\t1\t\r\nX-Bytes: \xc3\xa9\r\n\r\n");
	EXPECT(0, POST "Content-Length: 2\r\n\r\n\r\n" HEAD "\r\n");
	EXPECT(0, POST "content-length:\t2 \r\n\r\n{}" HEAD "\r\n");
	EXPECT(0, HEAD "Content-Length: 0\r\n\r\n" HEAD "\r\n");
	EXPECT(0, POST "\r\n" POST "\r\n");
	EXPECT(0, POST "Transfer-Encoding: CHUNKED\r\n\r\n2\r\n\r\n\r\n0A\r\n0123456789\r\n000\r\n\r\n" HEAD "\r\n");
	EXPECT(0, POST "Content-Length: 1000\r\n\r\n");
}

static void test_refuses_what_can_be_read_twice(void **state)
{
	EXPECT(400, POST "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}");
	EXPECT(400, POST "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
	EXPECT(400, POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n");
	EXPECT(400, POST "Transfer-Encoding: chunked, chunked\r\n\r\n");
	EXPECT(400, POST "Content-Length: +2\r\n\r\n{}");
	EXPECT(400, POST "Content-Length: \r\n\r\n");
	EXPECT(400, POST "Content-Length: 1111111111111111\r\n\r\n");
	EXPECT(400, POST "Content-Length : 2\r\n\r\n{}");
	EXPECT(400, POST " folded\r\n\r\n");
	EXPECT(400, "GET / HTTP/1.1\nHost: x\r\n\r\n");
	EXPECT(400, "GET / HTTP/1.1\r\nHost: x\n\r\n");
	EXPECT(400, HEAD "\n");
	EXPECT(400, HEAD "X: a\rb\r\n\r\n");
	EXPECT(400, HEAD "X: a\0b\r\n\r\n");
	EXPECT(400, HEAD "X\0: a\r\n\r\n");
	EXPECT(400, HEAD "Content-Length: 2\r\n\r\n{}");
	EXPECT(400, HEAD "Host: y\r\n\r\n");
	EXPECT(400, "GET / HTTP/1.1\r\n\r\n");
	EXPECT(400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n");
}

static void test_refuses_odd_lines_and_chunks(void **state)
{
	EXPECT(400, "\r\n" HEAD "\r\n");
	EXPECT(400, "GET  / HTTP/1.1\r\n");
	EXPECT(400, "GET /a b HTTP/1.1\r\n");
	EXPECT(400, "GET /\r\n");
	EXPECT(400, "GET / HTTP/2\r\n");
	EXPECT(505, "GET / HTTP/1.2\r\n");
	EXPECT(400, "G(T / HTTP/1.1\r\n");
	EXPECT(400, POST "Transfer-Encoding: chunked\r\n\r\n\r\n");
	EXPECT(400, POST "Transfer-Encoding: chunked\r\n\r\n2;x\r\n");
	EXPECT(400, POST "Transfer-Encoding: chunked\r\n\r\n2 \r\n");
	EXPECT(400, POST "Transfer-Encoding: chunked\r\n\r\n0x2\r\n");
	EXPECT(400, POST "Transfer-Encoding: chunked\r\n\r\n000000002\r\n");
	EXPECT(400, POST "Transfer-Encoding: chunked\r\n\r\n2\r\n{}}\r\n");
	EXPECT(400, POST "Transfer-Encoding: chunked\r\n\r\n0\r\nX: 1\r\n");
}

static void test_refuses_too_much(void **state)
{
	static char long_header[SCAN_HEAD_MAX + 100];

	EXPECT(413, POST "Content-Length: 1001\r\n\r\n");
	EXPECT(413, POST "Transfer-Encoding: chunked\r\n\r\n3e9\r\n");
	EXPECT(413, POST "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n3E8\r\n");
	memset(long_header, 'a', sizeof(long_header));
	memcpy(long_header, HEAD "X: ", sizeof(HEAD "X: ") - 1);
	assert_int_equal(feed(long_header, sizeof(long_header), sizeof(long_header)), 431);
	assert_int_equal(feed(long_header, sizeof(long_header), 1000), 431);
	memset(long_header, 'a', sizeof(long_header));
	assert_int_equal(feed(long_header, sizeof(long_header), 1000), 431);
}

static void test_a_refusal_stays(void **state)
{
	struct scan s;

	scan_init(&s, BODY_LIMIT);
	assert_false(scan_feed(&s, "\n", 1));
	assert_false(scan_feed(&s, HEAD "\r\n", sizeof(HEAD "\r\n") - 1));
	assert_int_equal(s.status, 400);
	scan_release(&s);
}

static void test_query(void **state)
{
	struct request rq = { .query = "a=1&b=x+y%26z&c&a=2&%61=3&=5&d=" };

	assert_string_equal(http_query(&rq, "a"), "1");
	assert_string_equal(http_query_nth(&rq, "a", 1), "2");
	assert_string_equal(http_query_nth(&rq, "a", 2), "3");
	assert_null(http_query_nth(&rq, "a", 3));
	assert_string_equal(http_query(&rq, "b"), "x y&z");
	assert_string_equal(http_query(&rq, "c"), "");
	assert_string_equal(http_query(&rq, "d"), "");
	assert_null(http_query(&rq, "e"));
	arena_release(&rq.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_takes_plain_requests),
		cmocka_unit_test(test_refuses_what_can_be_read_twice),
		cmocka_unit_test(test_refuses_odd_lines_and_chunks),
		cmocka_unit_test(test_refuses_too_much),
		cmocka_unit_test(test_a_refusal_stays),
		cmocka_unit_test(test_query),
	};

	return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
