/* Encodings, hashes, ids and folded names against values known from their standards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/rand.h"
#include "base/text.h"

static void base64(void **state)
{
	struct arena a = ARENA_INIT;
	char *out;
	size_t len;

	assert_string_equal(base64_encode(&a, "foobar", 6), "Zm9vYmFy");
	assert_string_equal(base64_encode(&a, "fo", 2), "Zm8=");
	assert_int_equal(base64_decode(&a, " Zm8=\n", &out, &len), RC_OK);
	assert_int_equal(len, 2);
	assert_string_equal(out, "fo");
	assert_int_equal(base64_decode(&a, "-_-_", &out, &len), RC_OK);
	assert_memory_equal(out, "\xfb\xff\xbf", 3);
	assert_int_equal(base64_decode(&a, "Zm9*", &out, &len), RC_INVALID);
	assert_int_equal(base64_decode(&a, "Zm 9", &out, &len), RC_INVALID);
	arena_release(&a);
}

static void urls(void **state)
{
	struct arena a = ARENA_INIT;

	assert_string_equal(url_encode(&a, "a b/c~\xc3\xa9"), "a%20b%2Fc~%C3%A9");
	assert_string_equal(url_decode(&a, "a+b%2fc%zz%4", 12, true), "a b/c%zz%4");
	assert_string_equal(url_decode(&a, "a+b%41", 6, false), "a+bA");
	arena_release(&a);
}

static void utf8(void **state)
{
	static const char *const wrong[] = { "\x80", "\xc1\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
		"\xe2\x82", "\xf8" };
	struct arena a = ARENA_INIT;
	size_t len;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(utf8_valid(wrong[i], strlen(wrong[i])));
	assert_true(utf8_valid("\xf0\x9f\x98\x80\xe2\x82\xac\xc3\xa9z", 10));
	assert_string_equal(text_to_utf8(&a, "\xef\xbb\xbfok", 5, &len), "ok");
	assert_string_equal(text_to_utf8(&a, "Caf\xe9 \x80", 6, &len), "Caf\xc3\xa9 \xe2\x82\xac");
	assert_int_equal(len, 9);
	arena_release(&a);
}

static void hashes(void **state)
{
	struct arena a = ARENA_INIT;
	char hash[HASH_TEXT];

	hash_hex("abc", 3, hash);
	assert_string_equal(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_true(same_secret("abc", "abc"));
	assert_false(same_secret("abc", "abd"));
	assert_false(same_secret("abc", "abcd"));
	assert_string_equal(id_derive(&a, "a", "b", NULL), id_derive(&a, "a", "b", NULL));
	assert_string_not_equal(id_derive(&a, "ab", "c", NULL), id_derive(&a, "a", "bc", NULL));
	arena_release(&a);
}

static utime fixed_time(void)
{
	return INT64_C(1700000000) * CLOCK_SECOND;
}

static void ids(void **state)
{
	char id[ID_TEXT], uuid[UUID_TEXT];
	int64_t before = seq_next();

	clock_set_source(fixed_time);
	assert_memory_equal(id_new(id), "6553f100", 8);
	assert_int_equal(strlen(id), 24);
	clock_set_source(NULL);
	uuid_new(uuid);
	assert_int_equal(strlen(uuid), 36);
	assert_int_equal(uuid[14], '4');
	assert_non_null(strchr("89ab", uuid[19]));
	for (int i = 0; i < 1000; i++) {
		int64_t next = seq_next();

		assert_true(next > before);
		before = next;
	}
}

static void folds(void **state)
{
	struct arena a = ARENA_INIT;

	assert_string_equal(text_fold(&a, "  Acme\t Ltd.  "), "acme ltd.");
	assert_string_equal(text_fold(&a, "Caf\xc3\xa9 M\xc3\xbcller\xc2\xa0" "GmbH "), "cafe muller gmbh");
	assert_string_equal(text_fold(&a, "\xef\xbc\xa1\xef\xac\x81 Stra\xc3\x9f" "e"), "afi strasse");
	assert_string_equal(text_fold(&a, "Cafe\xcc\x81"), "cafe");
	assert_string_equal(text_like(&a, "50%_a\\"), "%50\\%\\_a\\\\%");
	assert_true(text_same(NULL, NULL));
	assert_false(text_same(NULL, ""));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64), cmocka_unit_test(urls), cmocka_unit_test(utf8), cmocka_unit_test(hashes),
		cmocka_unit_test(ids), cmocka_unit_test(folds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
