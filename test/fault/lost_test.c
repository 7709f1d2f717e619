/* PostgreSQL: connections are cut and the server is restarted under writers. No write fails, none is lost, none is
 * done twice; not even when the number of a lost one is given to another. */
#include "acks.h"
#include "measured.h"
#include "testdb.h"

#include <libpq-fe.h>
#include <poll.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { WRITES = 6000, CUTS = 60 };

/* Ends every connection of this test's writer; how many there were. */
static int cut_connections(const char *name)
{
	PGconn *db = PQconnectdb(getenv("TRUEUP_TEST_DB"));
	PGresult *result;
	char text[200];
	int cut;

	snprintf(text, sizeof(text),
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '%s'", name);
	result = PQexec(db, text);
	assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
	cut = PQntuples(result);
	PQclear(result);
	PQfinish(db);
	return cut;
}

static bool runs(pid_t child)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

static void cut_often(const char *name, pid_t child)
{
	int cuts = 0, i;

	for (i = 0; i < CUTS && runs(child); i++) {
		cuts += cut_connections(name);
		clock_sleep(INT64_C(20000) + i % 7 * INT64_C(3000));
	}
	assert_true(cuts > 10);
}

/* The server dies without tidying up and starts again. Other tests must not run meanwhile. */
static void crash_server(void)
{
	const char *command[] = { getenv("TRUEUP_PG_SH"), "crash", getenv("TRUEUP_TEST_DB"), NULL };
	int status;
	pid_t runner;

	assert_non_null(command[0]);
	runner = fork();
	if (runner == 0) {
		execv(command[0], (char **)(uintptr_t)command);
		_exit(127);
	}
	assert_int_equal(waitpid(runner, &status, 0), runner);
	assert_int_equal(status, 0);
}

static void crash_under_writers(const char *name, pid_t child)
{
	assert_true(runs(child));
	crash_server();
}

/* Writes in another process while `disturb` does its worst. */
static void check_under(void (*disturb)(const char *name, pid_t child))
{
	struct acks acks = { 0 };
	struct testdb t;
	int fds[2], status, halves;
	char name[40];
	struct err e;
	pid_t child;

	testdb_make(&t);
	assert_int_equal(db_open(t.url, 1, &t.db, &e), RC_OK);
	db_close(t.db);
	t.db = NULL;
	snprintf(name, sizeof(name), "lost_%ld", (long)getpid());
	snprintf(t.url + strlen(t.url), sizeof(t.url) - strlen(t.url), "&application_name=%s", name);
	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		close(fds[0]);
		acks_write(t.url, fds[1], 0, WRITES);
		_exit(0);
	}
	close(fds[1]);
	assert_int_equal(poll(&(struct pollfd){ .fd = fds[0], .events = POLLIN }, 1, 10000), 1);
	disturb(name, child);
	acks_read(&acks, fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(db_open(t.url, 1, &t.db, &e), RC_OK);
	assert_int_equal(acks.count, WRITERS * WRITES);
	assert_int_equal(acks_missing(t.db, &acks, &halves), 0);
	assert_int_equal(halves, 0);
	acks_free(&acks);
	testdb_remove(&t);
}

static void test_cut_connections(void **state)
{
	check_under(cut_often);
	measured("pg_cuts", CUTS);
}

static void test_a_server_that_dies(void **state)
{
	check_under(crash_under_writers);
}

/* ---- a number that is given away twice ---- */

/* Runs `text` on the server, and answers with the first value of its last result, as a number. */
static int64_t on_server(const char *text)
{
	PGconn *db = PQconnectdb(getenv("TRUEUP_TEST_DB"));
	PGresult *result = PQexec(db, text);
	int64_t value = 0;

	if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", text, PQerrorMessage(db));
	if (PQntuples(result) == 1)
		value = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
	PQclear(result);
	PQfinish(db);
	return value;
}

/* A write that is between its statement and its commit while the server dies, once. */
struct late {
	struct testdb *t;
	char name[40];
	int tries;
	bool given_twice;
};

/* Another's transactions, until one has the number `mine`. False: the numbers are past it. */
static bool give_away(int64_t mine)
{
	int64_t got = 0;

	while (got < mine)
		got = on_server("INSERT INTO public.others SELECT pg_current_xact_id()::text::bigint RETURNING id");
	return got == mine;
}

/* The statement is in the server's memory and not in its log yet when it dies. */
static enum rc write_late(struct tx *tx, void *arg, struct err *e)
{
	struct late *l = arg;
	char ask[200];
	int64_t mine;
	enum rc rc;

	rc = sql_exec(
		tx, e, SQL_JOB_INSERT, "tttttiti", "left", "late", "kind", "{}", NULL, INT64_C(1), NULL, INT64_C(1));
	if (rc != RC_OK || l->tries++ > 0)
		return rc;
	snprintf(ask, sizeof(ask),
		"SELECT backend_xid FROM pg_stat_activity WHERE application_name = '%s' AND backend_xid IS NOT NULL", l->name);
	mine = on_server(ask);
	assert_true(mine > 0);
	crash_server();
	l->given_twice = give_away(mine);
	return rc;
}

static enum rc count_late(struct tx *tx, void *arg, struct err *e)
{
	struct rows r;

	sql_query(tx, &r, SQL_JOB_LIST, "ttti", "left", "", "", INT64_C(10));
	while (rows_next(&r))
		++*(int *)arg;
	return rows_end(&r, e);
}

/* True when the number was given to another in between. The write is there once in any case. */
static bool write_over_a_crash(void)
{
	struct testdb t;
	struct late l = { .t = &t };
	struct err e;
	int found = 0;

	testdb_make(&t);
	snprintf(l.name, sizeof(l.name), "late_%ld", (long)getpid());
	snprintf(t.url + strlen(t.url), sizeof(t.url) - strlen(t.url), "&application_name=%s", l.name);
	assert_int_equal(db_open(t.url, 1, &t.db, &e), RC_OK);
	assert_int_equal(db_write(t.db, write_late, &l, &e), RC_OK);
	assert_int_equal(db_read(t.db, count_late, &found, &e), RC_OK);
	assert_int_equal(found, 1);
	testdb_remove(&t);
	return l.given_twice;
}

/* A server that dies forgets the numbers that its log does not show, and gives them away again: that "number N is
 * stored" says nothing about the write that had N before. */
static void test_a_number_given_twice(void **state)
{
	int twice = 0, i;

	on_server("ALTER SYSTEM SET wal_writer_delay = '10s'");
	on_server("SELECT pg_reload_conf()");
	on_server("CREATE TABLE public.others (id BIGINT)");
	for (i = 0; i < 10 && twice < 2; i++)
		twice += write_over_a_crash();
	on_server("ALTER SYSTEM RESET wal_writer_delay");
	on_server("SELECT pg_reload_conf()");
	on_server("DROP TABLE public.others");
	assert_int_equal(twice, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_connections),
		cmocka_unit_test(test_a_server_that_dies),
		cmocka_unit_test(test_a_number_given_twice),
	};

	if (!testdb_postgres())
		return 77; /* skipped */
	return cmocka_run_group_tests_name("lost", tests, NULL, NULL);
}
