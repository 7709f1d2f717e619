/* The disk is full, or fails, for a while: writes say so and are not there, reads go on, and it heals by itself. */
#include "acks.h"
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

enum { TRIES_MAX = 400, GOOD_AFTER = 10, STEP = 7 };

/* How the child ends. */
enum { END_GOOD, END_BAD_WORDS, END_NO_READ, END_NOT_HEALED, END_NEVER_FAILED, END_NO_STORE };

struct trouble {
	unsigned after, length;	/* events after the store is open, and how many fail */
	int code;
	const char *words;
};

static enum rc look(struct tx *tx, void *arg, struct err *e)
{
	return sql_int(tx, arg, e, SQL_JOB_NEXT_TIME, "");
}

/* Writes until it has failed and then gone well for a while. */
static int write_through(struct db *db, int fd, const struct trouble *t)
{
	int failed = 0, good = 0, i;
	int64_t ignored;
	struct err e;

	for (i = 0; i < TRIES_MAX && good < GOOD_AFTER; i++) {
		if (acks_write_one(db, i, fd, &e) == RC_OK) {
			good += failed > 0;
			continue;
		}
		failed++;
		good = 0;
		if (e.rc != RC_IO || !strstr(e.text, t->words)) {
			fprintf(stderr, "%d: %s\n", e.rc, e.text);
			return END_BAD_WORDS;
		}
		if (db_read(db, look, &ignored, &e) != RC_OK)
			return END_NO_READ;
	}
	return !failed ? END_NEVER_FAILED : good < GOOD_AFTER ? END_NOT_HEALED : END_GOOD;
}

static int run_child(const char *url, int fd, const struct trouble *t)
{
	struct db *db;
	struct err e;
	int end;

	power_install(0, 1, false);
	if (db_open(url, 1, &db, &e) != RC_OK)
		return END_NO_STORE;
	power_fail(power_events() + t->after, power_events() + t->after + t->length, t->code);
	end = write_through(db, fd, t);
	power_fail(0, 0, 0);
	db_close(db);
	return end;
}

static void check(const struct trouble *trouble)
{
	struct acks acks = { 0 };
	int fds[2], status, halves;
	struct testdb t;
	struct err e;
	pid_t child;

	testdb_make(&t);
	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		close(fds[0]);
		_exit(run_child(t.url, fds[1], trouble));
	}
	close(fds[1]);
	acks_read(&acks, fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) != END_GOOD)
		fail_msg("after %u events, %u long, code %d: end %d", trouble->after, trouble->length, trouble->code,
			WEXITSTATUS(status));
	assert_int_equal(db_open(t.url, 1, &t.db, &e), RC_OK);
	assert_int_equal(acks_missing(t.db, &acks, &halves), 0);
	assert_int_equal(halves, 0);
	acks_free(&acks);
	testdb_remove(&t);
}

static void sweep(int code, const char *words)
{
	static const unsigned lengths[] = { 1, 30 };

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++)
		for (unsigned after = 1; after < 80; after += STEP)
			check(&(struct trouble){ after, lengths[i], code, words });
}

static void test_a_full_disk(void **state)
{
	sweep(SQLITE_FULL, "");
}

static void test_a_disk_that_fails(void **state)
{
	sweep(SQLITE_IOERR_WRITE, "Check the disk");
}

/* The words say what to do; a full disk may also be met at a sync. */
static void test_words(void **state)
{
	check(&(struct trouble){ 2, 1, SQLITE_FULL, "is full; nothing was stored. Free some space" });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_full_disk),
		cmocka_unit_test(test_a_disk_that_fails),
		cmocka_unit_test(test_words),
	};

	if (testdb_postgres())
		return 77; /* skipped */
	return cmocka_run_group_tests_name("full", tests, NULL, NULL);
}
