/* Keys of the push API: shown once, kept as hashes, ended by a new pair, by hand or by disconnecting. */
#include "core/usage/pushkey.h"

#include "base/codec.h"
#include "core/usage/integration.h"
#include "core/usage/push.h"

#include "feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static enum rc issue_fn(struct tx *tx, void *arg, struct err *e)
{
	struct pushkey key, *ret = arg;
	enum rc rc = pushkey_issue(tx, feed.org, feed.integration, &key, e);

	if (rc != RC_OK)
		return rc;
	ret->token = arena_strdup(&feed.arena, key.token);
	ret->vendor_key = arena_strdup(&feed.arena, key.vendor_key);
	ret->partner_key = arena_strdup(&feed.arena, key.partner_key);
	return RC_OK;
}

static struct pushkey issue(void)
{
	struct err e = ERR_INIT;
	struct pushkey key;

	assert_int_equal(feed_write(issue_fn, &key, &e), RC_OK);
	return key;
}

struct ask {
	const char *token, *org, *integration;
};

static enum rc find_fn(struct tx *tx, void *arg, struct err *e)
{
	struct ask *q = arg;
	struct pushkey_hash h;
	enum rc rc = pushkey_read(&feed.arena, q->token, &h, e);

	return rc == RC_OK ? pushkey_find(tx, &feed.arena, &h, &q->org, &q->integration, e) : rc;
}

static enum rc find(const char *token)
{
	struct ask q = { token, NULL, NULL };
	struct err e = ERR_INIT;
	enum rc rc = feed_read(find_fn, &q, &e);

	if (rc == RC_OK) {
		assert_string_equal(q.org, feed.org);
		assert_string_equal(q.integration, feed.integration);
	}
	return rc;
}

static const char *encode(const char *text)
{
	return base64_encode(&feed.arena, text, strlen(text));
}

static void test_the_token_finds_its_integration(void **state)
{
	struct pushkey key = issue();
	const char *both = arena_printf(&feed.arena, "%s:%s", key.vendor_key, key.partner_key);

	assert_string_equal(key.token, encode(both));
	assert_int_equal(find(key.token), RC_OK);
	assert_int_equal(find(arena_printf(&feed.arena, "  %s ", key.token)), RC_OK);
}

static void test_alphabet_and_strength(void **state)
{
	struct pushkey key = issue();
	const char *ok = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

	assert_int_equal(strspn(key.vendor_key, ok), strlen(key.vendor_key));
	assert_int_equal(strspn(key.partner_key, ok), strlen(key.partner_key));
	/* 256 bits in a 64-letter alphabet are 43 letters */
	assert_true(strlen(key.vendor_key) >= 3 + 43);
	assert_true(strlen(key.partner_key) >= 3 + 43);
}

static void test_padding_and_alphabet_do_not_matter(void **state)
{
	struct pushkey key = issue();
	char *token = arena_strdup(&feed.arena, key.token);
	size_t len = strlen(token);

	while (len && token[len - 1] == '=')
		token[--len] = '\0';
	for (char *p = token; *p; p++)
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
	assert_int_equal(find(token), RC_OK);
}

static void test_a_new_pair_ends_the_old(void **state)
{
	struct pushkey old = issue(), new = issue();

	assert_int_equal(find(old.token), RC_UNAUTHORIZED);
	assert_int_equal(find(new.token), RC_OK);
}

static enum rc revoke_fn(struct tx *tx, void *arg, struct err *e)
{
	return pushkey_revoke(tx, feed.org, feed.integration, e);
}

static enum rc disconnect_fn(struct tx *tx, void *arg, struct err *e)
{
	return integration_disconnect(tx, feed.org, feed.integration, e);
}

static void test_revoked(void **state)
{
	struct pushkey key = issue();
	struct err e = ERR_INIT;

	assert_int_equal(feed_write(revoke_fn, NULL, &e), RC_OK);
	assert_int_equal(find(key.token), RC_UNAUTHORIZED);
}

static void test_disconnected(void **state)
{
	struct pushkey key = issue(), none;
	struct err e = ERR_INIT;

	assert_int_equal(feed_write(disconnect_fn, NULL, &e), RC_OK);
	assert_int_equal(find(key.token), RC_UNAUTHORIZED);
	assert_int_equal(feed_write(issue_fn, &none, &e), RC_CONFLICT);
}

static void test_what_is_no_token(void **state)
{
	struct pushkey old = issue(), key = issue();
	const char *mixed = arena_printf(&feed.arena, "%s:%s", old.vendor_key, key.partner_key);

	assert_int_equal(find(NULL), RC_UNAUTHORIZED);
	assert_int_equal(find(""), RC_UNAUTHORIZED);
	assert_int_equal(find("%%%"), RC_UNAUTHORIZED);
	assert_int_equal(find(encode("a:b")), RC_UNAUTHORIZED);
	assert_int_equal(find(encode(mixed)), RC_UNAUTHORIZED);
	assert_int_equal(find(encode(arena_printf(&feed.arena, ":%s", key.partner_key))), RC_UNAUTHORIZED);
	assert_int_equal(find(encode(arena_printf(&feed.arena, "%s:x", key.vendor_key))), RC_UNAUTHORIZED);
}

static void test_vendor_half_alone(void **state)
{
	struct pushkey key = issue();
	struct err e = ERR_INIT;
	struct pushkey_hash h;

	assert_int_equal(find(encode(key.vendor_key)), RC_OK);
	assert_int_equal(find(encode(arena_printf(&feed.arena, "%s:", key.vendor_key))), RC_OK);
	assert_int_equal(pushkey_read(&feed.arena, encode(key.vendor_key), &h, &e), RC_OK);
	assert_true(h.vendor_only);
	assert_int_equal(pushkey_read(&feed.arena, key.token, &h, &e), RC_OK);
	assert_false(h.vendor_only);
}

static enum rc push_fn(struct tx *tx, void *arg, struct err *e)
{
	const struct pushkey *key = arg;
	struct push_target t;
	struct pushkey_hash h;
	enum rc rc = pushkey_read(&feed.arena, encode(key->vendor_key), &h, e);

	return rc == RC_OK ? push_find(tx, &feed.arena, &h, "a", "s", &t, e) : rc;
}

/* A count needs both halves. */
static void test_vendor_half_cannot_count(void **state)
{
	struct pushkey key = issue();
	struct err e = ERR_INIT;

	assert_int_equal(feed_read(push_fn, &key, &e), RC_UNAUTHORIZED);
}

/* The store holds nothing that opens the door. */
static void test_only_hashes_are_kept(void **state)
{
	struct pushkey key = issue();
	static char page[1 << 16];
	const char *parts[] = { key.token, key.vendor_key, key.partner_key };
	size_t n, keep = 0;
	FILE *f;

	if (testdb_postgres())
		return;
	db_close(feed.db.db);
	feed.db.db = NULL;
	f = fopen(feed.db.path, "rb");
	assert_non_null(f);
	while ((n = fread(page + keep, 1, sizeof(page) - keep, f)) > 0) {
		n += keep;
		for (size_t i = 0; i < ARRAY_LEN(parts); i++)
			assert_null(memmem(page, n, parts[i], strlen(parts[i])));
		keep = n < 256 ? n : 256;
		memmove(page, page + n - keep, keep);
	}
	fclose(f);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, feed_open, feed_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(test_the_token_finds_its_integration),
		ROW(test_alphabet_and_strength),
		ROW(test_padding_and_alphabet_do_not_matter),
		ROW(test_a_new_pair_ends_the_old),
		ROW(test_revoked),
		ROW(test_disconnected),
		ROW(test_what_is_no_token),
		ROW(test_vendor_half_alone),
		ROW(test_vendor_half_cannot_count),
		ROW(test_only_hashes_are_kept),
	};

	return cmocka_run_group_tests_name("pushkey", tests, NULL, NULL);
}
