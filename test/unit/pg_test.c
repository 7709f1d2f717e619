/* PostgreSQL: what a person reads when the store cannot be opened is one line that says why. Skipped on SQLite. */
#include "testdb.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct testdb store;

static int open_store(void **state)
{
	testdb_open(&store);
	return 0;
}

static int remove_store(void **state)
{
	testdb_remove(&store);
	return 0;
}

static void fails(const char *url, enum rc rc, const char *words)
{
	struct db *db;
	struct err e;

	assert_int_equal(db_open(url, 1, &db, &e), rc);
	assert_null(db);
	if (!strstr(e.text, words))
		fail_msg("\"%s\" is not in: %s", words, e.text);
	assert_null(strpbrk(e.text, "\r\n\t"));
	assert_null(strstr(e.text, "sesame"));
}

/* The test's server with another user in front. */
static const char *as_user(const char *user, char *out, size_t size)
{
	snprintf(out, size, "postgresql://%s@%s", user, strchr(store.url, '@') + 1);
	return out;
}

static void test_not_reachable(void **state)
{
	fails("postgresql://trueup@127.0.0.1:1/trueup", RC_IO, "is not reachable");
	fails("postgresql://trueup@host.invalid/trueup", RC_IO, "is not reachable");
}

static void test_wrong_url(void **state)
{
	fails("postgresql://u:open sesame@127.0.0.1:open/x?sesame=1", RC_INVALID, "cannot be read");
	fails("mysql://x", RC_INVALID, "sqlite:PATH");
}

static void test_wrong_password(void **state)
{
	char url[1100];

	fails(as_user("locked:sesame", url, sizeof(url)), RC_IO, "refused user locked: wrong or missing password");
	fails(as_user("locked", url, sizeof(url)), RC_IO, "refused user locked: wrong or missing password");
	fails(as_user("nobody-there", url, sizeof(url)), RC_IO, "refused the connection");
}

static void test_no_rights(void **state)
{
	char url[1100];

	fails(as_user("locked:open%20sesame", url, sizeof(url)), RC_IO, "has no schema to put tables in");
}

static void test_no_database(void **state)
{
	char url[1100];

	snprintf(url, sizeof(url), "%.*s/nowhere", (int)(strchr(strchr(store.url, '@'), '/') - store.url), store.url);
	fails(url, RC_IO, "nowhere");
}

static void run_sql(const char *text)
{
	PGconn *db = PQconnectdb(store.url);
	PGresult *result = PQexec(db, text);

	assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
	PQclear(result);
	PQfinish(db);
}

static void test_newer_database(void **state)
{
	run_sql("INSERT INTO schema_version (number, name, applied_at) VALUES (999999, 'later', 1)");
	fails(store.url, RC_IO, "newer version of this program");
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, open_store, remove_store)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(test_not_reachable),
		ROW(test_wrong_url),
		ROW(test_wrong_password),
		ROW(test_no_rights),
		ROW(test_no_database),
		ROW(test_newer_database),
	};

	if (!testdb_postgres())
		return 77; /* skipped */
	return cmocka_run_group_tests_name("pg", tests, NULL, NULL);
}
