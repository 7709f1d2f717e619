/* Every named statement is understood by the engine that TRUEUP_TEST_DB names, with the parameters it is called
 * with. */
#include "testdb.h"

#include "db/tx.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	enum sql_id id;
	const char *letters;
} uses[] = {
#include "sql_uses.h"
};

static struct testdb store;
static struct conn *conn;

static int open_store(void **state)
{
	struct err e;

	testdb_open(&store);
	if (store.db->engine->open(store.url, CONN_WRITE, &conn, &e) != RC_OK)
		fail_msg("%s", e.text);
	return 0;
}

static int remove_store(void **state)
{
	conn->engine->close(conn);
	testdb_remove(&store);
	return 0;
}

static int complain(enum sql_id id, const char *letters)
{
	struct err e;

	if (conn->engine->check(conn, id, letters, &e) == RC_OK)
		return 0;
	print_error("%s(%s): %s\n", sql_texts[id].name, letters ? letters : "?", e.text);
	return 1;
}

static void test_every_call_is_understood(void **state)
{
	int failed = 0;
	size_t i;

	assert_true(ARRAY_LEN(uses) > 50);
	for (i = 0; i < ARRAY_LEN(uses); i++)
		failed += complain(uses[i].id, uses[i].letters);
	assert_int_equal(failed, 0);
}

/* Those that the program calls in a way that was not found: the engine must find the types itself. */
static void test_the_rest_is_understood(void **state)
{
	bool seen[SQL_MAX] = { false };
	int failed = 0, id;
	size_t i;

	for (i = 0; i < ARRAY_LEN(uses); i++)
		seen[uses[i].id] = true;
	for (id = 0; id < SQL_MAX; id++)
		if (!seen[id])
			failed += complain(id, NULL);
	assert_int_equal(failed, 0);
}

static void test_a_wrong_call_is_seen(void **state)
{
	struct err e;

	assert_int_not_equal(conn->engine->check(conn, SQL_JOB_GET, "ttt", &e), RC_OK);
	assert_int_not_equal(conn->engine->check(conn, SQL_JOB_GET, "t", &e), RC_OK);
	assert_int_equal(conn->engine->check(conn, SQL_JOB_GET, "tt", &e), RC_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_call_is_understood),
		cmocka_unit_test(test_the_rest_is_understood),
		cmocka_unit_test(test_a_wrong_call_is_seen),
	};

	return cmocka_run_group_tests_name("sql", tests, open_store, remove_store);
}
