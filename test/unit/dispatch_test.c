/* The pure parts of the dispatcher: routes, bodies, limits, problems. */
#include "api/check.h"
#include "api/limit.h"
#include "api/match.h"
#include "api/openapi.h"
#include "api/problem.h"
#include "api/routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct route some_routes[] = { { "GET", "/a/{id}" }, { "GET", "/a/fixed" }, { "PUT", "/a/{id}" },
	{ "POST", "/a/{id}/b/{n}" }, { "GET", "/files/{rest*}" }, { "GET", "/{rest*}" }, { "DELETE", "/a/fixed" },
	{ NULL } };
static const struct route *const tables[] = { some_routes, NULL };

struct found {
	struct request rq;
	const struct route *route;
	const char *allow;
};

static void find(struct found *f, const struct matcher *m, const char *method, const char *path)
{
	arena_release(&f->rq.arena);
	memset(f, 0, sizeof(*f));
	f->rq.method = method;
	f->rq.path = path;
	f->route = matcher_find(m, &f->rq, &f->allow);
}

static void test_match(void **state)
{
	struct matcher *m = matcher_new(tables);
	struct found f = { 0 };

	find(&f, m, "GET", "/a/fixed");
	assert_string_equal(f.route->path, "/a/fixed");
	find(&f, m, "HEAD", "/a/other/");
	assert_string_equal(f.route->path, "/a/{id}");
	assert_string_equal(f.rq.param[0], "other");
	find(&f, m, "PUT", "/a/fixed");
	assert_string_equal(f.route->path, "/a/{id}");
	find(&f, m, "POST", "/a/1%2F2/b/3");
	assert_string_equal(f.rq.param[0], "1%2F2");
	assert_string_equal(f.rq.param[1], "3");
	find(&f, m, "GET", "/files/x/y/z");
	assert_string_equal(f.route->path, "/files/{rest*}");
	assert_string_equal(f.rq.param[0], "x/y/z");
	find(&f, m, "GET", "/");
	assert_string_equal(f.route->path, "/{rest*}");
	assert_string_equal(f.rq.param[0], "");
	find(&f, m, "PATCH", "/a/7");
	assert_null(f.route);
	assert_string_equal(f.allow, "GET, HEAD, PUT");
	find(&f, m, "GET", "/1/2/3/4/5/6/7/8/9/10/11/12/13");
	assert_null(f.route);
	arena_release(&f.rq.arena);
	matcher_free(m);
}

/* Trying a connection out reaches far, and changes nothing. */
static bool only_looks(const char *path)
{
	size_t len = strlen(path);

	return len > 5 && strcmp(path + len - 5, "/test") == 0;
}

static void test_every_route_says_what_it_must(void **state)
{
	struct matcher *m = matcher_new(route_tables);
	const struct route *r;
	unsigned n;

	for (n = 0; (r = matcher_at(m, n)); n++) {
		if (!r->fn || !r->summary || r->status < 200 || (r->status > 299 && r->status != 302) ||
			(r->status == 204 && r->face == FACE_VENDOR))
			fail_msg("%s %s lacks something", r->method, r->path);
		if ((r->kind == ROUTE_WRITE || r->kind == ROUTE_WORK) && r->face == FACE_APP &&
			r->role >= ROLE_APPROVER && !r->event && !only_looks(r->path))
			fail_msg("%s %s changes something and is not in the log", r->method, r->path);
		if (r->face == FACE_VENDOR && r->role != ROLE_NONE)
			fail_msg("%s %s asks for a role of ours", r->method, r->path);
		if (r->kind == ROUTE_NOW && r->role != ROLE_NONE)
			fail_msg("%s %s would not be asked for its role", r->method, r->path);
	}
	assert_true(n > 40);
	matcher_free(m);
}

static const struct field inner[] = { { "units", F_DECIMAL, .required = true }, { "day", F_DATE }, { NULL } };
static const struct field fields[] = { { "name", F_TEXT, .required = true, .max = 5 },
	{ "mode", F_TEXT, .choices = "quick|full" }, { "n", F_INT }, { "on", F_BOOL }, { "any", F_ANY },
	{ "items", F_ARRAY, .max = 3, .members = inner }, { "object", F_OBJECT, .members = inner }, { NULL } };

static void add_pointer(void *arg, const char *pointer, const char *detail)
{
	assert_true(strlen(detail) > 0);
	buf_printf(arg, "%s ", pointer);
}

static void expect_faults(const char *json, const char *pointers)
{
	static const struct json_limits limits = JSON_LIMITS_DEFAULT;
	AUTO(arena) a = ARENA_INIT;
	AUTO(buf) found = BUF_INIT(10000);
	struct json *body;

	assert_int_equal(json_parse(&a, json, strlen(json), &limits, &body, NULL), RC_OK);
	assert_int_equal(check_body(fields, body, add_pointer, &found), *pointers == '\0');
	assert_string_equal(buf_text(&found), pointers);
}

static void test_check(void **state)
{
	expect_faults("{\"name\":\"a\"}", "");
	expect_faults("{\"name\":\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\",\"unknown\":[1]}", "");
	expect_faults("{\"name\":\"123456\"}", "/name ");
	expect_faults("{\"name\":null,\"n\":null}", "/name ");
	expect_faults("{\"name\":\"a\\u0000b\"}", "/name ");
	expect_faults("{\"name\":1,\"mode\":\"quic\",\"n\":1.5,\"on\":\"true\"}", "/name /mode /n /on ");
	expect_faults("{\"name\":\"a\",\"mode\":\"full\",\"n\":14.0,\"on\":false,\"any\":[{}]}", "");
	expect_faults("{\"name\":\"a\",\"items\":[{\"units\":\"0.5\"},{\"units\":\"x\"},{\"day\":\"2026-02-30\"}]}",
		"/items/1/units /items/2/units /items/2/day ");
	expect_faults("{\"name\":\"a\",\"items\":[1]}", "/items/0 ");
	expect_faults("{\"name\":\"a\",\"items\":[{},{},{},{}]}", "/items ");
	expect_faults("{\"name\":\"a\",\"items\":{},\"object\":[]}", "/items /object ");
	expect_faults("{\"name\":\"a\",\"object\":{\"units\":1}}", "");
	expect_faults("[]", " ");
}

static void test_limit(void **state)
{
	const int rates[RATE_NONE] = { [RATE_APP] = 10, [RATE_PUSH] = 0, [RATE_SIGNIN] = 1 };
	struct limiter *l = limiter_new(rates);
	utime now = 5 * CLOCK_SECOND;
	int passed = 0;

	for (int i = 0; i < 200; i++)
		passed += limiter_take(l, RATE_APP, "a", now) == 0;
	assert_int_equal(passed, 100);
	assert_int_equal(limiter_take(l, RATE_APP, "b", now), 0);
	assert_int_equal(limiter_take(l, RATE_SIGNIN, "a", now), 0);
	assert_int_equal(limiter_take(l, RATE_APP, "a", now), 1);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(limiter_take(l, RATE_PUSH, "a", now), 0);
	/* Ten minutes of asking far too often: the set rate gets through, within five of a hundred. */
	for (passed = 0; now < 605 * CLOCK_SECOND; now += CLOCK_SECOND / 97)
		passed += limiter_take(l, RATE_APP, "a", now) == 0;
	assert_in_range(passed, 5700, 6300);
	limiter_free(l);
}

static void test_limit_address(void **state)
{
	AUTO(arena) a = ARENA_INIT;

	assert_string_equal(limit_address(&a, "192.0.2.7"), "192.0.2.7");
	assert_string_equal(limit_address(&a, "::ffff:192.0.2.7"), "192.0.2.7");
	assert_string_equal(
		limit_address(&a, "2001:db8:1:2:3:4:5:6"), limit_address(&a, "2001:db8:1:2:ffff:ffff:ffff:ffff"));
	assert_string_not_equal(limit_address(&a, "2001:db8:1:2::1"), limit_address(&a, "2001:db8:1:3::1"));
}

static void test_problem(void **state)
{
	struct complaint second = { "/b", "B is \xc3\xa9.", NULL }, first = { "/a", "A is \"x\".", &second };
	AUTO(buf) out = BUF_INIT(10000);
	struct err e = ERR_INIT;

	err_at(&e, RC_INVALID, "/a", "No.");
	problem_write(&out, FACE_APP, &e, NULL, "id");
	assert_string_equal(buf_text(&out),
		"{\"type\":\"about:blank\",\"title\":\"Bad "
		"Request\",\"status\":400,\"detail\":\"No.\",\"request_id\":\"id\","
		"\"errors\":[{\"pointer\":\"/a\",\"detail\":\"No.\"}]}");
	buf_clear(&out);
	problem_write(&out, FACE_VENDOR, &e, &first, "id");
	assert_string_equal(buf_text(&out),
		"{\"statusCode\":400,\"message\":[\"A is \\\"x\\\".\",\"B is \\u00e9.\"],\"error\":\"Bad Request\"}");
	buf_clear(&out);
	err_set(&e, RC_UNAUTHORIZED, "Something of ours.");
	problem_write(&out, FACE_VENDOR, &e, NULL, "id");
	assert_string_equal(buf_text(&out), "{\"statusCode\":401,\"message\":\"Unauthorized\"}");
	e.status = 422;
	assert_int_equal(problem_status(&e), 422);
}

static void test_openapi(void **state)
{
	static const struct json_limits limits = JSON_LIMITS_DEFAULT;
	struct matcher *m = matcher_new(route_tables);
	AUTO(arena) a = ARENA_INIT;
	char *text = openapi_text(m);
	const struct route *r;
	struct json *root;

	assert_int_equal(json_parse(&a, text, strlen(text), &limits, &root, NULL), RC_OK);
	for (unsigned i = 0; (r = matcher_at(m, i)); i++) {
		const struct json *path = json_get(json_get(root, "paths"), r->path);

		assert_true(path || strchr(r->path, '*'));
	}
	free(text);
	matcher_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_every_route_says_what_it_must),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_limit_address),
		cmocka_unit_test(test_problem),
		cmocka_unit_test(test_openapi),
	};

	return cmocka_run_group_tests_name("dispatch", tests, NULL, NULL);
}
