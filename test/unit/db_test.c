/* The store, on the engine that TRUEUP_TEST_DB names. Statements of the job queue serve as examples. */
#include "testdb.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ORG "org-a"

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

static enum rc add(struct tx *tx, const char *id, struct err *e)
{
	return sql_exec(tx, e, SQL_JOB_INSERT, "tttttiti", ORG, id, "kind", "{}", NULL, (int64_t)5, NULL, (int64_t)7);
}

static enum rc count_jobs(struct tx *tx, void *arg, struct err *e)
{
	struct rows r;

	*(int *)arg = 0;
	sql_query(tx, &r, SQL_JOB_LIST, "ttti", ORG, "", "", INT64_C(100000));
	while (rows_next(&r))
		++*(int *)arg;
	return rows_end(&r, e);
}

static int jobs_now(void)
{
	struct err e;
	int count;

	assert_int_equal(db_read(store.db, count_jobs, &count, &e), RC_OK);
	return count;
}

static enum rc write_text(db_fn fn, const char *text, struct err *e)
{
	char copy[64];

	snprintf(copy, sizeof(copy), "%s", text);
	return db_write(store.db, fn, copy, e);
}

/* ---- one job ---- */

static enum rc add_one(struct tx *tx, void *arg, struct err *e)
{
	return add(tx, arg, e);
}

static enum rc add_and_refuse(struct tx *tx, void *arg, struct err *e)
{
	enum rc rc = add(tx, arg, e);

	return rc != RC_OK ? rc : err_set(e, RC_INVALID, "no, thank you");
}

/* Ignores that the second insert failed. */
static enum rc add_twice(struct tx *tx, void *arg, struct err *e)
{
	struct rows r;
	struct err mine;

	assert_int_equal(add(tx, arg, &mine), RC_OK);
	assert_int_equal(add(tx, arg, &mine), RC_CONFLICT);
	assert_int_equal(add(tx, "other", &mine), RC_CONFLICT);
	assert_non_null(strstr(mine.text, "job_insert"));
	sql_query(tx, &r, SQL_JOB_LIST, "ttti", ORG, "", "", INT64_C(10));
	assert_false(rows_next(&r));
	assert_int_equal(rows_end(&r, &mine), RC_CONFLICT);
	return RC_OK;
}

static void test_write_is_kept(void **state)
{
	struct err e;

	assert_int_equal(write_text(add_one, "a", &e), RC_OK);
	assert_int_equal(jobs_now(), 1);
	assert_int_equal(write_text(add_one, "a", &e), RC_CONFLICT);
	assert_int_equal(jobs_now(), 1);
}

static void test_refused_write_is_undone(void **state)
{
	struct err e;

	assert_int_equal(write_text(add_and_refuse, "a", &e), RC_INVALID);
	assert_string_equal(e.text, "no, thank you");
	assert_int_equal(jobs_now(), 0);
}

static void test_errors_stick(void **state)
{
	struct err e;

	assert_int_equal(write_text(add_twice, "a", &e), RC_CONFLICT);
	assert_int_equal(jobs_now(), 0);
}

/* ---- values ---- */

static enum rc check_values(struct tx *tx, void *arg, struct err *e)
{
	struct rows r;

	sql_query(tx, &r, SQL_JOB_GET, "tt", ORG, "v");
	assert_true(rows_next(&r));
	assert_string_equal(rows_text(&r, 0), "v");
	assert_string_equal(rows_dup(&r, tx_arena(tx), 2), "queued");
	assert_null(rows_text(&r, 3));
	assert_null(rows_dup(&r, tx_arena(tx), 3));
	assert_true(rows_null(&r, 11));
	assert_int_equal(rows_int(&r, 11), 0);
	assert_int_equal(rows_day(&r, 11), DAY_NONE);
	assert_false(rows_null(&r, 10));
	assert_true(rows_int(&r, 10) == INT64_MIN + 1);
	assert_string_equal(rows_text(&r, 9), "J\xc3\xb6rg \xe2\x82\xac '\"\\");
	assert_false(rows_next(&r));
	return rows_end(&r, e);
}

static enum rc add_values(struct tx *tx, void *arg, struct err *e)
{
	return sql_exec(tx, e, SQL_JOB_INSERT, "tttttiti", ORG, "v", "kind", "{}", NULL, INT64_MAX,
		"J\xc3\xb6rg \xe2\x82\xac '\"\\", INT64_MIN + 1);
}

static enum rc look_up(struct tx *tx, void *arg, struct err *e)
{
	char *text;
	int64_t number;

	assert_int_equal(sql_text(tx, tx_arena(tx), &text, e, SQL_JOB_GET, "tt", ORG, "nobody"), RC_NOT_FOUND);
	assert_null(text);
	assert_int_equal(sql_text(tx, tx_arena(tx), &text, e, SQL_JOB_GET, "tt", ORG, "v"), RC_OK);
	assert_string_equal(text, "v");
	assert_int_equal(sql_int(tx, &number, e, SQL_JOB_NEXT_TIME, ""), RC_OK);
	assert_true(number == INT64_MAX);
	return RC_OK;
}

static void test_values_come_back(void **state)
{
	struct err e;

	assert_int_equal(db_write(store.db, add_values, NULL, &e), RC_OK);
	assert_int_equal(db_read(store.db, check_values, NULL, &e), RC_OK);
	assert_int_equal(db_read(store.db, look_up, NULL, &e), RC_OK);
	assert_int_equal(db_write(store.db, check_values, NULL, &e), RC_OK);
}

static enum rc add_hundred(struct tx *tx, void *arg, struct err *e)
{
	char id[16];
	int i;

	for (i = 0; i < 100; i++) {
		snprintf(id, sizeof(id), "%s%02d", (char *)arg, i);
		if (add(tx, id, e) != RC_OK)
			return e->rc;
	}
	assert_int_equal(sql_exec(tx, e, SQL_JOB_HASTEN, "tti", ORG, "x50", (int64_t)1), RC_OK);
	assert_int_equal(sql_changes(tx), 1);
	assert_int_equal(sql_exec(tx, e, SQL_JOB_HASTEN, "tti", ORG, "none", (int64_t)1), RC_OK);
	assert_int_equal(sql_changes(tx), 0);
	return RC_OK;
}

/* The same statement inside itself, and a query left open. */
static enum rc walk_nested(struct tx *tx, void *arg, struct err *e)
{
	struct rows outer, inner;
	int pairs = 0;

	sql_query(tx, &outer, SQL_JOB_LIST, "ttti", ORG, "", "", INT64_C(10));
	while (rows_next(&outer)) {
		sql_query(tx, &inner, SQL_JOB_LIST, "ttti", ORG, "", rows_text(&outer, 0), INT64_C(5));
		while (rows_next(&inner))
			pairs++;
		assert_int_equal(rows_end(&inner, e), RC_OK);
	}
	assert_int_equal(rows_end(&outer, e), RC_OK);
	assert_int_equal(pairs, 50);
	sql_query(tx, &outer, SQL_JOB_LIST, "ttti", ORG, "", "", INT64_C(10));
	assert_true(rows_next(&outer));
	return RC_OK;
}

static void test_queries_nest(void **state)
{
	struct err e;
	int i;

	assert_int_equal(write_text(add_hundred, "x", &e), RC_OK);
	for (i = 0; i < 3; i++) {
		assert_int_equal(db_read(store.db, walk_nested, NULL, &e), RC_OK);
		assert_int_equal(db_write(store.db, walk_nested, NULL, &e), RC_OK);
	}
	assert_int_equal(jobs_now(), 100);
}

/* ---- changes that nobody waits for ---- */

static enum rc put(struct tx *tx, const char *id, struct err *e)
{
	return sql_put(tx, e, SQL_JOB_INSERT, "tttttiti", ORG, id, "kind", "{}", NULL, (int64_t)5, NULL, (int64_t)7);
}

static enum rc put_many(struct tx *tx, void *arg, struct err *e)
{
	int64_t idle;
	char id[16];
	int i;

	for (i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "%s%03d", (char *)arg, i);
		assert_int_equal(put(tx, id, e), RC_OK);
		assert_int_equal(sql_put(tx, e, SQL_JOB_HASTEN, "tti", ORG, i % 4 ? "none" : id, (int64_t)1), RC_OK);
	}
	assert_int_equal(count_jobs(tx, &i, e), RC_OK);
	assert_int_equal(i, 1000);
	assert_int_equal(sql_settle(tx, &idle, e), RC_OK);
	assert_int_equal(idle, 750);
	return sql_exec(tx, e, SQL_JOB_HASTEN, "tti", ORG, "none", (int64_t)1);
}

static void test_puts_are_counted_and_kept(void **state)
{
	struct err e;

	assert_int_equal(write_text(put_many, "x", &e), RC_OK);
	assert_int_equal(jobs_now(), 1000);
}

/* The failure of the second is met by the query at the latest, and then sticks. */
static enum rc put_twice_and_look(struct tx *tx, void *arg, struct err *e)
{
	struct err mine;
	int count;

	if (put(tx, arg, &mine) == RC_OK && put(tx, arg, &mine) == RC_OK)
		put(tx, "other", &mine);
	assert_int_equal(count_jobs(tx, &count, &mine), RC_CONFLICT);
	assert_non_null(strstr(mine.text, "job_insert"));
	return RC_OK;
}

/* Nobody looks at all. */
static enum rc put_twice(struct tx *tx, void *arg, struct err *e)
{
	struct err mine;

	if (put(tx, arg, &mine) == RC_OK && put(tx, arg, &mine) == RC_OK)
		put(tx, "other", &mine);
	return RC_OK;
}

static void test_a_failed_put_fails_its_job(void **state)
{
	struct err e;

	assert_int_equal(write_text(put_twice_and_look, "a", &e), RC_CONFLICT);
	assert_int_equal(write_text(put_twice, "b", &e), RC_CONFLICT);
	assert_non_null(strstr(e.text, "job_insert"));
	assert_int_equal(jobs_now(), 0);
}

/* ---- groups ---- */

enum { MANY = 300 };

struct many {
	struct db_job job[MANY];
	char id[MANY][8];
	unsigned done;
	pthread_mutex_t lock;
	pthread_cond_t cond;
};

static struct many many;

static void count_done(struct db_job *job)
{
	pthread_mutex_lock(&many.lock);
	many.done++;
	pthread_cond_signal(&many.cond);
	pthread_mutex_unlock(&many.lock);
}

static enum rc lock_and_add(struct tx *tx, void *arg, struct err *e)
{
	enum rc rc = tx_lock_org(tx, ORG, e);

	return rc == RC_OK ? add(tx, arg, e) : rc;
}

/* Submits all at once and waits. Job i runs pick(i). */
static void run_many(db_fn (*pick)(int i))
{
	int i;

	pthread_mutex_init(&many.lock, NULL);
	pthread_cond_init(&many.cond, NULL);
	many.done = 0;
	for (i = 0; i < MANY; i++) {
		snprintf(many.id[i], sizeof(many.id[i]), "%d", i);
		many.job[i] = (struct db_job){ .fn = pick(i), .arg = many.id[i], .done = count_done };
		db_submit(store.db, &many.job[i]);
	}
	pthread_mutex_lock(&many.lock);
	while (many.done < MANY)
		pthread_cond_wait(&many.cond, &many.lock);
	pthread_mutex_unlock(&many.lock);
	pthread_cond_destroy(&many.cond);
	pthread_mutex_destroy(&many.lock);
}

static db_fn every_third_refused(int i)
{
	return i % 3 == 2 ? add_and_refuse : add_one;
}

static db_fn every_fifth_fails(int i)
{
	return i % 5 == 0 ? add_twice : add_one;
}

static enum rc put_one(struct tx *tx, void *arg, struct err *e)
{
	return put(tx, arg, e);
}

static db_fn every_seventh_put_fails(int i)
{
	return i % 7 == 0 ? put_twice : put_one;
}

static db_fn all_locked(int i)
{
	return lock_and_add;
}

static void test_refused_job_leaves_its_group(void **state)
{
	int i;

	run_many(every_third_refused);
	assert_int_equal(jobs_now(), MANY / 3 * 2);
	for (i = 0; i < MANY; i++)
		assert_int_equal(many.job[i].rc, i % 3 == 2 ? RC_INVALID : RC_OK);
}

static void test_failed_statement_leaves_its_group(void **state)
{
	int i;

	run_many(every_fifth_fails);
	assert_int_equal(jobs_now(), MANY / 5 * 4);
	for (i = 0; i < MANY; i++)
		assert_int_equal(many.job[i].rc, i % 5 == 0 ? RC_CONFLICT : RC_OK);
}

static void test_failed_put_leaves_its_group(void **state)
{
	int i, bad = 0;

	run_many(every_seventh_put_fails);
	for (i = 0; i < MANY; i++) {
		bad += i % 7 == 0;
		assert_int_equal(many.job[i].rc, i % 7 == 0 ? RC_CONFLICT : RC_OK);
	}
	assert_int_equal(jobs_now(), MANY - bad);
}

static void test_locked_jobs_all_run(void **state)
{
	int i;

	run_many(all_locked);
	assert_int_equal(jobs_now(), MANY);
	for (i = 0; i < MANY; i++)
		assert_int_equal(many.job[i].rc, RC_OK);
}

/* ---- snapshots and messages ---- */

static enum rc read_twice(struct tx *tx, void *arg, struct err *e)
{
	int before, after;
	struct err mine;

	assert_int_equal(count_jobs(tx, &before, e), RC_OK);
	assert_int_equal(write_text(add_one, "meanwhile", &mine), RC_OK);
	assert_int_equal(count_jobs(tx, &after, e), RC_OK);
	assert_int_equal(before, after);
	return RC_OK;
}

static enum rc write_in_read(struct tx *tx, void *arg, struct err *e)
{
	return add(tx, "sly", e);
}

static void test_reads_see_a_snapshot(void **state)
{
	struct err e;

	assert_int_equal(db_read(store.db, read_twice, NULL, &e), RC_OK);
	assert_int_equal(jobs_now(), 1);
	assert_int_not_equal(db_read(store.db, write_in_read, NULL, &e), RC_OK);
	assert_int_equal(jobs_now(), 1);
}

static pthread_mutex_t heard_lock = PTHREAD_MUTEX_INITIALIZER;
static char heard[256];

static void hear(void *arg, const char *channel, const char *text)
{
	size_t len;

	pthread_mutex_lock(&heard_lock);
	len = strlen(heard);
	snprintf(heard + len, sizeof(heard) - len, "%s=%s;", channel, text);
	pthread_mutex_unlock(&heard_lock);
}

static bool heard_is(const char *text)
{
	bool same;

	pthread_mutex_lock(&heard_lock);
	same = strcmp(heard, text) == 0;
	pthread_mutex_unlock(&heard_lock);
	return same;
}

static enum rc tell(struct tx *tx, void *arg, struct err *e)
{
	tx_notify(tx, "jobs", arg);
	tx_notify(tx, "events", "{\"it's\": \"so\"}");
	return RC_OK;
}

static enum rc tell_and_refuse(struct tx *tx, void *arg, struct err *e)
{
	tx_notify(tx, "jobs", arg);
	return err_set(e, RC_INVALID, "no");
}

static void test_messages_come_after_commit(void **state)
{
	struct err e;
	int i;

	heard[0] = '\0';
	db_listen(store.db, hear, NULL, NULL);
	assert_int_equal(write_text(tell_and_refuse, "lost", &e), RC_INVALID);
	assert_int_equal(write_text(tell, "a b", &e), RC_OK);
	for (i = 0; i < 500 && !heard_is("jobs=a b;events={\"it's\": \"so\"};"); i++)
		clock_sleep(10000);
	assert_string_equal(heard, "jobs=a b;events={\"it's\": \"so\"};");
}

static void set_flag(void *arg)
{
	**(int **)arg = 1;
}

static enum rc flag_after(struct tx *tx, void *arg, struct err *e)
{
	int **at = ARENA_NEW(tx_arena(tx), int *);

	*at = arg;
	tx_after_commit(tx, set_flag, at);
	return add(tx, "flag", e);
}

static void test_after_commit_only(void **state)
{
	int first = 0, second = 0;
	struct err e;

	assert_int_equal(db_write(store.db, flag_after, &first, &e), RC_OK);
	assert_int_equal(db_write(store.db, flag_after, &second, &e), RC_CONFLICT);
	assert_int_equal(first, 1);
	assert_int_equal(second, 0);
}

static void test_rows_outlive_the_program(void **state)
{
	struct err e;

	assert_int_equal(write_text(add_one, "a", &e), RC_OK);
	db_close(store.db);
	assert_int_equal(db_open(store.url, 2, &store.db, &e), RC_OK);
	assert_int_equal(jobs_now(), 1);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, open_store, remove_store)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(test_write_is_kept),
		ROW(test_refused_write_is_undone),
		ROW(test_errors_stick),
		ROW(test_values_come_back),
		ROW(test_queries_nest),
		ROW(test_puts_are_counted_and_kept),
		ROW(test_a_failed_put_fails_its_job),
		ROW(test_refused_job_leaves_its_group),
		ROW(test_failed_put_leaves_its_group),
		ROW(test_failed_statement_leaves_its_group),
		ROW(test_locked_jobs_all_run),
		ROW(test_reads_see_a_snapshot),
		ROW(test_messages_come_after_commit),
		ROW(test_after_commit_only),
		ROW(test_rows_outlive_the_program),
	};

	return cmocka_run_group_tests_name("db", tests, NULL, NULL);
}
