/* The queue: one of a kind at a time, leases that end, twins that are one job. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "core/job.h"
#include "testdb.h"

static utime now;

static utime test_clock(void)
{
	return now;
}

struct ask {
	const char *kind, *dedupe, *owner, *error, *args;
	utime at;
	char id[32];
	struct arena arena;
	struct job job;
	enum rc (*step)(struct tx *tx, struct ask *a, struct err *e);
};

static enum rc enqueue(struct tx *tx, struct ask *a, struct err *e)
{
	const char *id;
	enum rc rc = job_enqueue(tx, "o1", a->kind, a->args ? a->args : "{}", a->dedupe, a->at, "test", &id, e);

	memcpy(a->id, id, strlen(id) + 1);
	return rc;
}

static enum rc take(struct tx *tx, struct ask *a, struct err *e)
{
	return job_take(tx, &a->arena, a->owner, &a->job, e);
}

static enum rc keep(struct tx *tx, struct ask *a, struct err *e)
{
	return job_keep(tx, &a->job, a->owner, e);
}

static enum rc finish(struct tx *tx, struct ask *a, struct err *e)
{
	return job_finish(tx, &a->job, a->owner, a->error, NULL, e);
}

static enum rc run_step(struct tx *tx, void *arg, struct err *e)
{
	struct ask *a = arg;

	return a->step(tx, a, e);
}

static enum rc run(struct testdb *t, struct ask *a, enum rc (*step)(struct tx *tx, struct ask *a, struct err *e))
{
	struct err e = ERR_INIT;

	a->step = step;
	return db_write(t->db, run_step, a, &e);
}

static void one_of_a_kind(void **state)
{
	struct testdb t;
	struct ask first = { .kind = JOB_DRAIN, .owner = "a" }, second = { .kind = JOB_DRAIN, .owner = "b" };
	struct ask other = { .kind = JOB_REBUILD, .owner = "b" };

	now = 1000 * CLOCK_SECOND;
	testdb_open(&t);
	assert_int_equal(run(&t, &first, enqueue), RC_OK);
	now++;
	assert_int_equal(run(&t, &second, enqueue), RC_OK);
	assert_int_equal(run(&t, &first, take), RC_OK);
	assert_string_equal(first.job.id, first.id);
	assert_int_equal(run(&t, &second, take), RC_NOT_FOUND);
	assert_int_equal(run(&t, &other, enqueue), RC_OK);
	assert_int_equal(run(&t, &other, take), RC_OK);
	assert_string_equal(other.job.kind, JOB_REBUILD);
	assert_int_equal(run(&t, &first, finish), RC_OK);
	assert_int_equal(run(&t, &second, take), RC_OK);
	assert_string_equal(second.job.id, second.id);
	testdb_remove(&t);
	arena_release(&first.arena);
	arena_release(&second.arena);
	arena_release(&other.arena);
}

#define SYNC_OF(id) "{\"integration\":\"" id "\"}"

/* Readings of different vendors run side by side, a few of them; two of one vendor do not, whatever else is asked. */
static void side_by_side(void **state)
{
	struct testdb t;
	struct ask asks[] = {
		{ .args = SYNC_OF("one") },
		{ .args = "{\"integration\":\"one\",\"burst\":true}" },
		{ .args = SYNC_OF("two") },
		{ .args = SYNC_OF("three") },
	};
	const char *first;

	now = 1000 * CLOCK_SECOND;
	testdb_open(&t);
	for (size_t i = 0; i < ARRAY_LEN(asks); i++, now++) {
		asks[i].kind = JOB_INTEGRATION_SYNC;
		asks[i].owner = "a";
		assert_int_equal(run(&t, &asks[i], enqueue), RC_OK);
	}
	first = asks[0].id;
	assert_int_equal(run(&t, &asks[0], take), RC_OK);
	assert_string_equal(asks[0].job.id, first);
	assert_int_equal(run(&t, &asks[2], take), RC_OK); /* the second of "one" is passed over */
	assert_string_equal(asks[2].job.id, asks[2].id);
	assert_int_equal(run(&t, &asks[3], take), RC_NOT_FOUND); /* enough at once */
	assert_int_equal(run(&t, &asks[2], finish), RC_OK);
	assert_int_equal(run(&t, &asks[3], take), RC_OK);
	assert_int_equal(run(&t, &asks[0], finish), RC_OK);
	assert_int_equal(run(&t, &asks[1], take), RC_OK);
	assert_string_equal(asks[1].job.id, asks[1].id);
	testdb_remove(&t);
	for (size_t i = 0; i < ARRAY_LEN(asks); i++)
		arena_release(&asks[i].arena);
}

static void lease_ends(void **state)
{
	struct testdb t;
	struct ask dead = { .kind = JOB_DRAIN, .owner = "a" }, heir = { .kind = JOB_DRAIN, .owner = "b" };

	now = 1000 * CLOCK_SECOND;
	testdb_open(&t);
	assert_int_equal(run(&t, &dead, enqueue), RC_OK);
	assert_int_equal(run(&t, &dead, take), RC_OK);
	assert_int_equal(dead.job.attempts, 1);
	now += JOB_LEASE - 1;
	assert_int_equal(run(&t, &dead, keep), RC_OK);
	now += JOB_LEASE - 1;
	assert_int_equal(run(&t, &heir, take), RC_NOT_FOUND);
	now += 2;
	assert_int_equal(run(&t, &heir, take), RC_OK);
	assert_string_equal(heir.job.id, dead.id);
	assert_int_equal(heir.job.attempts, 2);
	assert_int_equal(run(&t, &dead, keep), RC_CONFLICT);
	assert_int_equal(run(&t, &dead, finish), RC_CONFLICT);
	assert_int_equal(run(&t, &heir, finish), RC_OK);
	testdb_remove(&t);
	arena_release(&dead.arena);
	arena_release(&heir.arena);
}

/* What a clock that was ahead wrote down: a wait of years, and the lease of a server that died then. */
static void clock_steps_back(void **state)
{
	struct testdb t;
	struct ask waits = { .kind = JOB_REBUILD, .owner = "a" }, dead = { .kind = JOB_DRAIN, .owner = "a" };
	struct ask heir = { .kind = JOB_DRAIN, .owner = "b" };

	now = 4000 * CLOCK_DAY;
	testdb_open(&t);
	waits.at = now + 60 * CLOCK_SECOND;
	assert_int_equal(run(&t, &waits, enqueue), RC_OK);
	assert_int_equal(run(&t, &dead, enqueue), RC_OK);
	assert_int_equal(run(&t, &dead, take), RC_OK);
	assert_string_equal(dead.job.id, dead.id);
	/* An hour is within what a wait may be: both stay as they are. */
	now -= 3600 * CLOCK_SECOND;
	assert_int_equal(run(&t, &heir, take), RC_NOT_FOUND);
	/* A server that lives gives its work a lease of this clock, and nobody takes it. */
	now -= 1000 * CLOCK_DAY;
	assert_int_equal(run(&t, &dead, keep), RC_OK);
	assert_int_equal(run(&t, &heir, take), RC_OK);
	assert_string_equal(heir.job.id, waits.id);
	assert_int_equal(run(&t, &heir, finish), RC_OK);
	assert_int_equal(run(&t, &heir, take), RC_NOT_FOUND);
	now -= 1000 * CLOCK_DAY;
	assert_int_equal(run(&t, &heir, take), RC_OK);
	assert_string_equal(heir.job.id, dead.id);
	assert_int_equal(run(&t, &dead, finish), RC_CONFLICT);
	testdb_remove(&t);
	arena_release(&waits.arena);
	arena_release(&dead.arena);
	arena_release(&heir.arena);
}

static void twins(void **state)
{
	struct testdb t;
	struct ask first = { .kind = JOB_REBUILD, .dedupe = "", .owner = "a" }, twin = first, third = first;

	now = 1000 * CLOCK_SECOND;
	testdb_open(&t);
	first.at = now + 60 * CLOCK_SECOND;
	twin.at = now + 5 * CLOCK_SECOND;
	assert_int_equal(run(&t, &first, enqueue), RC_OK);
	assert_int_equal(run(&t, &twin, enqueue), RC_OK);
	assert_string_equal(first.id, twin.id);
	assert_int_equal(run(&t, &first, take), RC_NOT_FOUND);
	now += 5 * CLOCK_SECOND;
	assert_int_equal(run(&t, &first, take), RC_OK);
	/* A twin of a running job is another job: what it was asked for may come too late for the running one. */
	assert_int_equal(run(&t, &third, enqueue), RC_OK);
	assert_string_not_equal(third.id, first.id);
	testdb_remove(&t);
	arena_release(&first.arena);
}

static int set_clock(void **state)
{
	clock_set_source(test_clock);
	return 0;
}

static int unset_clock(void **state)
{
	clock_set_source(NULL);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_of_a_kind),
		cmocka_unit_test(side_by_side), cmocka_unit_test(lease_ends),
		cmocka_unit_test(clock_steps_back), cmocka_unit_test(twins),
	};

	return cmocka_run_group_tests(tests, set_clock, unset_clock);
}
