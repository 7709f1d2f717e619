/* The same request twice has one effect. */
#include "core/idem.h"

#include "testdb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define KEY "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define ANSWER "{\"token\":\"shown once\"}"

static struct testdb t;
static struct vault *v;
static struct arena arena;
static utime now;

static utime test_clock(void)
{
	return now;
}

static const struct idem base = { "org-a", "user-1", "key-1", "POST /api/v1/tokens", "hash-1" };

static int open_store(void **state)
{
	struct err e = ERR_INIT;

	now = clock_now();
	clock_set_source(test_clock);
	testdb_open(&t);
	return vault_open(KEY, &v, &e) == RC_OK ? 0 : -1;
}

static int close_store(void **state)
{
	clock_set_source(NULL);
	arena_release(&arena);
	vault_close(v);
	testdb_remove(&t);
	return 0;
}

struct op {
	struct idem key;
	struct idem_answer answer;
	int status;
	const char *content;
};

static enum rc find_fn(struct tx *tx, void *arg, struct err *e)
{
	struct op *o = arg;

	return idem_find(tx, v, &arena, &o->key, &o->answer, e);
}

static enum rc begin_fn(struct tx *tx, void *arg, struct err *e)
{
	struct op *o = arg;

	return idem_begin(tx, v, &arena, &o->key, &o->answer, e);
}

static enum rc keep_fn(struct tx *tx, void *arg, struct err *e)
{
	struct op *o = arg;

	return idem_keep(tx, v, &o->key, o->status, o->content, e);
}

static enum rc drop_fn(struct tx *tx, void *arg, struct err *e)
{
	struct op *o = arg;

	return idem_drop(tx, &o->key, e);
}

static enum rc keep_then_fail(struct tx *tx, void *arg, struct err *e)
{
	enum rc rc = keep_fn(tx, arg, e);

	return rc == RC_OK ? err_set(e, RC_CONFLICT, "The change did not work.") : rc;
}

static void keep(struct idem key)
{
	struct op o = { .key = key, .status = 201, .content = ANSWER };
	struct err e = ERR_INIT;

	assert_int_equal(db_write(t.db, keep_fn, &o, &e), RC_OK);
}

static int found(struct idem key)
{
	struct op o = { .key = key };
	struct err e = ERR_INIT;

	assert_int_equal(db_read(t.db, find_fn, &o, &e), RC_OK);
	if (o.answer.status)
		assert_string_equal(o.answer.content, ANSWER);
	return o.answer.status;
}

static void answer_is_kept(void **state)
{
	assert_int_equal(found(base), 0);
	keep(base);
	assert_int_equal(found(base), 201);
	assert_int_equal(found(base), 201);
}

static void others_never_meet(void **state)
{
	struct idem org = base, who = base, key = base;

	org.org = "org-b";
	who.principal = "user-2";
	key.key = "key-2";
	keep(base);
	assert_int_equal(found(org), 0);
	assert_int_equal(found(who), 0);
	assert_int_equal(found(key), 0);
}

static void another_request_is_refused(void **state)
{
	struct op body = { .key = base }, route = { .key = base };
	struct err e = ERR_INIT;

	keep(base);
	body.key.body_hash = "hash-2";
	assert_int_equal(db_read(t.db, find_fn, &body, &e), RC_INVALID);
	assert_int_equal(e.status, 422);
	assert_int_equal(body.answer.status, 0);
	route.key.route = "POST /api/v1/users";
	assert_int_equal(db_read(t.db, find_fn, &route, &e), RC_INVALID);
}

static void forgotten_after_a_day(void **state)
{
	keep(base);
	now += IDEM_KEEP - CLOCK_SECOND;
	assert_int_equal(found(base), 201);
	now += CLOCK_SECOND;
	assert_int_equal(found(base), 0);
}

static void failure_keeps_nothing(void **state)
{
	struct op o = { .key = base, .status = 201, .content = ANSWER };
	struct err e = ERR_INIT;

	assert_int_equal(db_write(t.db, keep_then_fail, &o, &e), RC_CONFLICT);
	assert_int_equal(found(base), 0);
}

static void twin_waits_its_turn(void **state)
{
	struct op first = { .key = base }, twin = { .key = base };
	struct err e = ERR_INIT;

	assert_int_equal(db_write(t.db, begin_fn, &first, &e), RC_OK);
	assert_int_equal(first.answer.status, 0);
	assert_int_equal(db_write(t.db, begin_fn, &twin, &e), RC_CONFLICT);
	keep(base);
	assert_int_equal(db_write(t.db, begin_fn, &twin, &e), RC_OK);
	assert_int_equal(twin.answer.status, 201);
}

static void given_up_key_is_free(void **state)
{
	struct op o = { .key = base };
	struct err e = ERR_INIT;

	assert_int_equal(db_write(t.db, begin_fn, &o, &e), RC_OK);
	assert_int_equal(db_write(t.db, drop_fn, &o, &e), RC_OK);
	assert_int_equal(db_write(t.db, begin_fn, &o, &e), RC_OK);
	/* Dropping never takes away an answer. */
	keep(base);
	assert_int_equal(db_write(t.db, drop_fn, &o, &e), RC_OK);
	assert_int_equal(found(base), 201);
}

static void lost_work_frees_its_key(void **state)
{
	struct op o = { .key = base };
	struct err e = ERR_INIT;

	assert_int_equal(db_write(t.db, begin_fn, &o, &e), RC_OK);
	now += 121 * CLOCK_SECOND;
	assert_int_equal(db_write(t.db, begin_fn, &o, &e), RC_OK);
}

static void keys_have_a_size(void **state)
{
	char text[IDEM_KEY_MAX + 2];
	struct op o = { .key = base };
	struct err e = ERR_INIT;

	o.key.key = "";
	assert_int_equal(db_read(t.db, find_fn, &o, &e), RC_INVALID);
	memset(text, 'k', sizeof(text));
	text[IDEM_KEY_MAX + 1] = '\0';
	o.key.key = text;
	assert_int_equal(db_read(t.db, find_fn, &o, &e), RC_INVALID);
	text[IDEM_KEY_MAX] = '\0';
	assert_int_equal(db_read(t.db, find_fn, &o, &e), RC_OK);
}

/* Some answers hold a token: they do not lie readable in the store. */
static void answers_are_sealed(void **state)
{
	struct vault *other;
	struct op o = { .key = base };
	struct err e = ERR_INIT;

	keep(base);
	assert_int_equal(
		vault_open("ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", &other, &e), RC_OK);
	vault_close(v);
	v = other;
	assert_int_equal(db_read(t.db, find_fn, &o, &e), RC_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answer_is_kept, open_store, close_store),
		cmocka_unit_test_setup_teardown(others_never_meet, open_store, close_store),
		cmocka_unit_test_setup_teardown(another_request_is_refused, open_store, close_store),
		cmocka_unit_test_setup_teardown(forgotten_after_a_day, open_store, close_store),
		cmocka_unit_test_setup_teardown(failure_keeps_nothing, open_store, close_store),
		cmocka_unit_test_setup_teardown(twin_waits_its_turn, open_store, close_store),
		cmocka_unit_test_setup_teardown(given_up_key_is_free, open_store, close_store),
		cmocka_unit_test_setup_teardown(lost_work_frees_its_key, open_store, close_store),
		cmocka_unit_test_setup_teardown(keys_have_a_size, open_store, close_store),
		cmocka_unit_test_setup_teardown(answers_are_sealed, open_store, close_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
