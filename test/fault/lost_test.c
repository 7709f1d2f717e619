/* PostgreSQL: connections are cut and the server is restarted under writers. No write fails, none is lost, none is
 * done twice. */
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
static void restart_server(const char *name, pid_t child)
{
	const char *command[] = { getenv("TRUEUP_PG_SH"), "crash", getenv("TRUEUP_TEST_DB"), NULL };
	int status;
	pid_t runner;

	assert_non_null(command[0]);
	assert_true(runs(child));
	runner = fork();
	if (runner == 0) {
		execv(command[0], (char **)(uintptr_t)command);
		_exit(127);
	}
	assert_int_equal(waitpid(runner, &status, 0), runner);
	assert_int_equal(status, 0);
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
	check_under(restart_server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_connections),
		cmocka_unit_test(test_a_server_that_dies),
	};

	if (!testdb_postgres())
		return 77; /* skipped */
	return cmocka_run_group_tests_name("lost", tests, NULL, NULL);
}
