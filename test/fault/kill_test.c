/* kill -9 again and again, on the engine that TRUEUP_TEST_DB names: what was acknowledged stays, exactly once. */
#include "acks.h"
#include "measured.h"
#include "testdb.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* How long a writer lives grows from round to round; the long run does all of it many times. */
enum { ROUNDS = 40, LONG_RUN = 10, A_ROUND = 1000, FEWEST_ACKS = 200 };

/* Starts a writer on numbers of its own, ends it after `after`, and collects what it was told. */
static void write_and_kill(const char *url, int first, utime after, struct acks *acks)
{
	int fds[2], status;
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		close(fds[0]);
		acks_write(url, fds[1], first, A_ROUND);
		_exit(0);
	}
	close(fds[1]);
	clock_sleep(after);
	kill(child, SIGKILL);
	acks_read(acks, fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
}

static void test_kill(void **state)
{
	struct acks acks = { 0 };
	struct testdb t;
	struct err e;
	const char *asked = getenv("TRUEUP_FAULT");
	bool is_long = asked && strcmp(asked, "all") == 0;
	int round, halves, rounds = is_long ? LONG_RUN * ROUNDS : ROUNDS;

	testdb_make(&t);
	/* The first rounds end while the schema is being made, later ones between and within writes. */
	for (round = 0; round < rounds; round++) {
		int step = round % ROUNDS;

		write_and_kill(t.url, round * WRITERS * A_ROUND, (1 + step * step / 8) * INT64_C(1000), &acks);
	}
	if (db_open(t.url, 1, &t.db, &e) != RC_OK)
		fail_msg("%s", e.text);
	assert_int_equal(acks_missing(t.db, &acks, &halves), 0);
	assert_int_equal(halves, 0);
	assert_true(acks.count >= FEWEST_ACKS);
	measured(is_long ? "store_kill_long" : "store_kill", rounds);
	acks_free(&acks);
	testdb_remove(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_kill) };

	return cmocka_run_group_tests_name("kill", tests, NULL, NULL);
}
