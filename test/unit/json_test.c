/* Reading refuses what RFC 8259 refuses, keeps numbers as text, and writing gives back what was read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "base/json.h"

static enum rc parse(struct arena *a, const char *text, struct json **ret, struct err *e)
{
	return json_parse(a, text, strlen(text), NULL, ret, e);
}

static void refuses(void **state)
{
	static const char *const wrong[] = {
		"",
		" ",
		"{",
		"[",
		"[1,]",
		"{\"a\":1,}",
		"{a:1}",
		"{\"a\" 1}",
		"01",
		"-",
		"-01",
		"1.",
		".5",
		"1e",
		"+1",
		"NaN",
		"nul",
		"\"",
		"\"\\x\"",
		"\"\\u12\"",
		"\"\\ud800\"",
		"\"\\udc00\"",
		"\"a\nb\"",
		"[1] 2",
		"{\"a\":1,\"a\":2}",
		"\"\xff\"",
		"\"\xc0\x80\"",
		"{\"\\u0000\":1}",
		"[1 2]",
		"1,2",
		"'a'",
	};
	struct arena a = ARENA_INIT;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct err e = ERR_INIT;
		struct json *v;

		if (parse(&a, wrong[i], &v, &e) == RC_OK)
			fail_msg("accepted %s", wrong[i]);
		assert_true(e.text[0] != '\0');
	}
	arena_release(&a);
}

static void keeps_values(void **state)
{
	static const char text[] = "\xef\xbb\xbf {\"n\":1234567890123456789012.50,\"s\":\"\\u00e9\\ud83d\\ude00\\n\","
		"\"list\":[true,false,null,{\"deep\":\"x\"}],\"zero\":-0,\"e\":1.5E+3}";
	struct arena a = ARENA_INIT;
	struct json *v;
	struct err e;
	qty q;
	int64_t i;

	assert_int_equal(parse(&a, text, &v, &e), RC_OK);
	assert_int_equal(v->count, 5);
	assert_string_equal(json_scalar(json_get(v, "n")), "1234567890123456789012.50");
	assert_string_equal(json_member(v, "s"), "\xc3\xa9\xf0\x9f\x98\x80\n");
	assert_string_equal(json_text(json_path(v, "list/3/deep")), "x");
	assert_true(json_true(json_path(v, "list/0")));
	assert_null(json_path(v, "list/9"));
	assert_true(json_is_null(json_get(v, "none")));
	assert_int_equal(json_qty(json_get(v, "e"), &q), RC_OK);
	assert_int_equal(q, 1500 * QTY_ONE);
	assert_int_equal(json_int(json_get(v, "e"), 0, 1500, &i), RC_OK);
	assert_int_equal(json_int(json_get(v, "e"), 0, 1499, &i), RC_INVALID);
	assert_int_equal(json_qty(json_get(v, "s"), &q), RC_INVALID);
	arena_release(&a);
}

/* Times in microseconds and ids go beyond what a quantity holds. */
static void whole_numbers(void **state)
{
	static const char text[] = "{\"at\":1795579055000001,\"max\":9223372036854775807,\"over\":9223372036854775808,"
		"\"min\":\"-9223372036854775808\",\"half\":1.5,\"plain\":14.0}";
	struct arena a = ARENA_INIT;
	struct json *v;
	struct err e;
	int64_t i;

	assert_int_equal(parse(&a, text, &v, &e), RC_OK);
	assert_int_equal(json_int(json_get(v, "at"), 0, INT64_MAX, &i), RC_OK);
	assert_true(i == INT64_C(1795579055000001));
	assert_int_equal(json_int(json_get(v, "max"), 0, INT64_MAX, &i), RC_OK);
	assert_true(i == INT64_MAX);
	assert_int_equal(json_int(json_get(v, "min"), INT64_MIN, 0, &i), RC_OK);
	assert_true(i == INT64_MIN);
	assert_int_equal(json_int(json_get(v, "over"), 0, INT64_MAX, &i), RC_INVALID);
	assert_int_equal(json_int(json_get(v, "half"), 0, INT64_MAX, &i), RC_INVALID);
	assert_int_equal(json_int(json_get(v, "plain"), 0, 14, &i), RC_OK);
	assert_int_equal(json_int(json_get(v, "none"), 0, 14, &i), RC_INVALID);
	arena_release(&a);
}

static void limits(void **state)
{
	struct json_limits few = { 100, 3, 5 };
	struct arena a = ARENA_INIT;
	struct json *v;
	struct err e;

	assert_int_equal(json_parse(&a, "[[[1]]]", 7, &few, &v, &e), RC_OK);
	assert_int_equal(json_parse(&a, "[[[[1]]]]", 9, &few, &v, &e), RC_INVALID);
	assert_non_null(strstr(e.text, "deep"));
	assert_int_equal(json_parse(&a, "[1,2,3,4]", 9, &few, &v, &e), RC_OK);
	assert_int_equal(json_parse(&a, "[1,2,3,4,5]", 11, &few, &v, &e), RC_INVALID);
	few.bytes = 6;
	assert_int_equal(json_parse(&a, "[[[1]]]", 7, &few, &v, &e), RC_INVALID);
	arena_release(&a);
}

static void many_members(void **state)
{
	struct arena a = ARENA_INIT;
	struct buf b = BUF_INIT(1 << 20);
	struct json *v;
	struct err e;

	buf_putc(&b, '{');
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "\"k%d\":%d,", i, i);
	buf_puts(&b, "\"last\":1}");
	assert_int_equal(parse(&a, buf_text(&b), &v, &e), RC_OK);
	b.len--;
	buf_puts(&b, ",\"k500\":0}");
	assert_int_equal(parse(&a, buf_text(&b), &v, &e), RC_INVALID);
	buf_release(&b);
	arena_release(&a);
}

static void same_again(void **state)
{
	static const char text[] = "{\"a\":[1,2.50,-0],\"b\":{},\"c\":[],\"d\":\"q\\\"\\\\\\u0001/"
				   "\",\"e\":null,\"f\":[{\"g\":true},false]}";
	struct arena a = ARENA_INIT;
	struct buf b = BUF_INIT(1000);
	struct jsonw w;
	struct json *v;
	struct err e;

	assert_int_equal(parse(&a, text, &v, &e), RC_OK);
	jsonw_init(&w, &b, 0);
	jsonw_value(&w, v);
	assert_string_equal(buf_text(&b), text);
	buf_clear(&b);
	jsonw_init(&w, &b, JSONW_PRETTY);
	jsonw_value(&w, v);
	assert_int_equal(parse(&a, buf_text(&b), &v, &e), RC_OK);
	buf_release(&b);
	arena_release(&a);
}

static void ascii_only(void **state)
{
	struct buf b = BUF_INIT(1000);
	struct jsonw w;

	jsonw_init(&w, &b, JSONW_ASCII);
	jsonw_string(&w, "Caf\xc3\xa9 \xf0\x9f\x98\x80\t\x7f");
	assert_string_equal(buf_text(&b), "\"Caf\\u00e9 \\ud83d\\ude00\\t\\u007f\"");
	buf_clear(&b);
	jsonw_init(&w, &b, JSONW_ASCII);
	jsonw_string(&w, "Caf\xe9");
	assert_string_equal(buf_text(&b), "\"Caf\\u00e9\"");
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses), cmocka_unit_test(keeps_values), cmocka_unit_test(whole_numbers),
		cmocka_unit_test(limits),
		cmocka_unit_test(many_members), cmocka_unit_test(same_again), cmocka_unit_test(ascii_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
