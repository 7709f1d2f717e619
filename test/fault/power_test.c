/* The power goes at every few writes to the disk: what was acknowledged is there, and nothing is there by halves. */
#include "acks.h"
#include "measured.h"
#include "power.h"
#include "testdb.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { CUT_STATUS = 9, WRITES = 20, STEP = 2, FEWEST_CUTS = 300 };

/* Runs the writer on the disk that is cut at event `cut`. True when it was. */
static bool run_until_cut(const struct testdb *t, unsigned cut, bool lies, struct acks *acks)
{
	int fds[2], status;
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		close(fds[0]);
		power_install(cut, cut, lies);
		acks_write(t->url, fds[1], 0, WRITES);
		_exit(0);
	}
	close(fds[1]);
	acks_read(acks, fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) != 0)
		assert_int_equal(WEXITSTATUS(status), CUT_STATUS);
	return WEXITSTATUS(status) == CUT_STATUS;
}

static bool is_whole(const char *path)
{
	sqlite3_stmt *stmt;
	sqlite3 *db;
	bool whole;

	if (sqlite3_open(path, &db) != SQLITE_OK ||
		sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL) != SQLITE_OK) {
		sqlite3_close(db);
		return false;
	}
	whole = sqlite3_step(stmt) == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") == 0;
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return whole;
}

/* One cut and the look after it. -1 when the run came to its end, else how many acknowledged writes are lost. */
static int lost_by_cut(unsigned cut, bool lies)
{
	struct acks acks = { 0 };
	int lost = 0, halves = 0;
	struct testdb t;
	struct err e;
	bool was_cut;

	testdb_make(&t);
	was_cut = run_until_cut(&t, cut, lies, &acks);
	if (!is_whole(t.path) || db_open(t.url, 1, &t.db, &e) != RC_OK)
		lost = acks.count + 1;
	else
		lost = acks_missing(t.db, &acks, &halves) + halves;
	if (!was_cut) {
		assert_int_equal(acks.count, WRITERS * WRITES);
		assert_int_equal(lost, 0);
	}
	acks_free(&acks);
	testdb_remove(&t);
	return was_cut ? lost : -1;
}

static void test_nothing_acknowledged_is_lost(void **state)
{
	unsigned cut = 1;
	int lost, cuts = 0;

	for (; (lost = lost_by_cut(cut, false)) >= 0; cut += STEP, cuts++)
		if (lost > 0)
			fail_msg("power cut at event %u: %d writes lost or halved", cut, lost);
	print_message("%d cuts\n", cuts);
	assert_true(cuts >= FEWEST_CUTS);
	measured("power_cuts", cuts);
}

/* The test sees losses where there are some. */
static void test_a_lying_disk_is_noticed(void **state)
{
	int lost, sum = 0;

	for (unsigned cut = 100; cut < 400 && (lost = lost_by_cut(cut, true)) >= 0; cut += 50)
		sum += lost;
	assert_true(sum > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_acknowledged_is_lost),
		cmocka_unit_test(test_a_lying_disk_is_noticed),
	};

	if (testdb_postgres())
		return 77; /* skipped */
	return cmocka_run_group_tests_name("power", tests, NULL, NULL);
}
