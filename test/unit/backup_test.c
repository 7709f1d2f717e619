/* Backup and restore, from and to the engine that TRUEUP_TEST_DB names, and always to SQLite too. */
#include "measured.h"
#include "testdb.h"

#include "base/codec.h"
#include "db/backup.h"

#include <pthread.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ORG "org-a"
#define UGLY "a\tb\nc\\d\r\\N \xe2\x82\xac '\" \\."

enum { JOBS = 2000, SEAL_BYTES = 143 };

static struct testdb store;
static char copy_path[600];

static enum rc add_jobs(struct tx *tx, void *arg, struct err *e)
{
	enum rc rc = RC_OK;
	char id[16];
	int i;

	for (i = 0; i < JOBS && rc == RC_OK; i++) {
		snprintf(id, sizeof(id), "j%05d", i);
		rc = sql_exec(tx, e, SQL_JOB_INSERT, "tttttiti", ORG, id, "kind", i % 2 ? UGLY : "", NULL,
			INT64_MAX - i, NULL, INT64_MIN + 1 + i);
	}
	return rc;
}

static enum rc add_session(struct tx *tx, void *arg, struct err *e)
{
	return sql_exec(
		tx, e, SQL_SESSION_INSERT, "tttiit", ORG, "hash", "user", INT64_C(1), INT64_C(3), (const char *)NULL);
}

static int open_store(void **state)
{
	struct err e;

	testdb_open(&store);
	snprintf(copy_path, sizeof(copy_path), "%s/copy", store.dir);
	assert_int_equal(db_write(store.db, add_jobs, NULL, &e), RC_OK);
	assert_int_equal(db_write(store.db, add_session, NULL, &e), RC_OK);
	return 0;
}

static int remove_store(void **state)
{
	testdb_remove(&store);
	return 0;
}

/* ---- what is in a backup ---- */

static int64_t number_in(const char *path, const char *text)
{
	sqlite3_stmt *stmt;
	sqlite3 *db;
	int64_t got;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	got = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return got;
}

/* Every row of every table but those that are forgotten, as one hash. */
static void digest(const char *path, char out[HASH_TEXT])
{
	struct buf all = BUF_INIT(64 << 20);
	sqlite3_stmt *tables, *rows;
	char text[200];
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(db,
			"SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('sessions', 'commit_marks') "
			"ORDER BY name", -1,
			&tables, NULL),
		SQLITE_OK);
	while (sqlite3_step(tables) == SQLITE_ROW) {
		snprintf(text, sizeof(text), "SELECT * FROM %s ORDER BY 1, 2", sqlite3_column_text(tables, 0));
		buf_puts(&all, text);
		assert_int_equal(sqlite3_prepare_v2(db, text, -1, &rows, NULL), SQLITE_OK);
		while (sqlite3_step(rows) == SQLITE_ROW)
			for (int i = 0; i < sqlite3_column_count(rows); i++)
				buf_printf(&all, "%d=%s|", sqlite3_column_type(rows, i), sqlite3_column_text(rows, i));
		sqlite3_finalize(rows);
	}
	sqlite3_finalize(tables);
	sqlite3_close(db);
	assert_false(all.failed);
	hash_hex(all.data, all.len, out);
	buf_release(&all);
}

static void back_up(struct db *db, const char *path, struct backup_info *info)
{
	struct err e;

	if (db_backup(db, path, info, &e) != RC_OK)
		fail_msg("%s", e.text);
}

static void restore(const char *url)
{
	struct backup_info info;
	struct err e;

	if (db_restore(copy_path, url, &info, &e) != RC_OK)
		fail_msg("%s", e.text);
}

static void test_a_backup_says_what_it_is(void **state)
{
	struct backup_info made, read;
	struct stat st;
	struct err e;

	back_up(store.db, copy_path, &made);
	assert_int_equal(db_backup_check(copy_path, &read, &e), RC_OK);
	assert_int_equal(stat(copy_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, made.bytes);
	assert_memory_equal(&made, &read, sizeof(made));
	assert_int_equal(read.from, testdb_postgres() ? DB_POSTGRES : DB_SQLITE);
	assert_true(clock_now() - read.made_at < 60 * CLOCK_SECOND);
	assert_int_equal(number_in(copy_path, "SELECT COUNT(*) FROM jobs"), JOBS);
	assert_int_equal(db_backup(store.db, copy_path, &made, &e), RC_CONFLICT);
}

/* Opens what was restored, copies it again, compares all rows, and takes the new copy for the old one. */
static void check_restored(const char *url)
{
	char again[600], want[HASH_TEXT], got[HASH_TEXT];
	struct backup_info info;
	struct db *db;
	struct err e;

	snprintf(again, sizeof(again), "%s/again", store.dir);
	if (db_open(url, 1, &db, &e) != RC_OK)
		fail_msg("%s", e.text);
	back_up(db, again, &info);
	db_close(db);
	digest(copy_path, want);
	digest(again, got);
	assert_string_equal(got, want);
	assert_int_equal(number_in(again, "SELECT COUNT(*) FROM sessions"), 0);
	assert_int_equal(rename(again, copy_path), 0);
}

/* From the test's engine to SQLite, and from SQLite to the test's engine. */
static void test_restored_is_the_same(void **state)
{
	struct backup_info info;
	struct testdb other;
	char url[700];
	struct err e;

	back_up(store.db, copy_path, &info);
	assert_int_equal(number_in(copy_path, "SELECT COUNT(*) FROM sessions"), 1);
	snprintf(url, sizeof(url), "sqlite:%s/restored", store.dir);
	restore(url);
	check_restored(url);
	assert_int_equal(db_restore(copy_path, url, &info, &e), RC_CONFLICT);
	testdb_make(&other);
	restore(other.url);
	check_restored(other.url);
	assert_int_equal(db_restore(copy_path, other.url, &info, &e), RC_CONFLICT);
	testdb_remove(&other);
}

/* ---- while others write ---- */

static atomic_bool enough;

/* Two rows that belong together. */
static enum rc add_pair(struct tx *tx, void *arg, struct err *e)
{
	char id[32];
	enum rc rc;

	snprintf(id, sizeof(id), "p%08d", *(int *)arg);
	rc = sql_exec(tx, e, SQL_JOB_INSERT, "tttttiti", "first", id, "kind", "", NULL, INT64_C(1), NULL, INT64_C(1));
	if (rc == RC_OK)
		rc = sql_exec(tx, e, SQL_SETTING_PUT, "ttti", "second", id, "{}", INT64_C(1));
	return rc;
}

static void *keep_writing(void *arg)
{
	int *pairs = arg;
	struct err e;

	for (*pairs = 0; !enough; ++*pairs)
		if (db_write(store.db, add_pair, pairs, &e) != RC_OK)
			return pairs;
	return NULL;
}

static void test_a_backup_is_one_instant(void **state)
{
	struct backup_info info;
	int pairs, i;
	pthread_t thread;
	void *result;

	enough = false;
	assert_int_equal(pthread_create(&thread, NULL, keep_writing, &pairs), 0);
	for (i = 0; i < 5; i++) {
		back_up(store.db, copy_path, &info);
		assert_int_equal(number_in(copy_path, "SELECT COUNT(*) FROM jobs WHERE org_id = 'first'"),
			number_in(copy_path, "SELECT COUNT(*) FROM settings WHERE org_id = 'second'"));
		assert_int_equal(number_in(copy_path, "SELECT COUNT(*) FROM jobs WHERE org_id <> 'first'"), JOBS);
		unlink(copy_path);
	}
	enough = true;
	pthread_join(thread, &result);
	assert_null(result);
	assert_true(pairs > 5);
}

/* ---- damage ---- */

static char *content;
static size_t length;

static void read_copy(void)
{
	FILE *f = fopen(copy_path, "rb");
	struct stat st;

	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	length = (size_t)st.st_size;
	content = malloc(length);
	assert_int_equal(fread(content, 1, length, f), length);
	fclose(f);
}

static void write_copy(size_t len)
{
	FILE *f = fopen(copy_path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(content, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void refused(const char *words)
{
	char url[700];
	struct backup_info info;
	struct err e;

	snprintf(url, sizeof(url), "sqlite:%s/restored", store.dir);
	assert_int_equal(db_restore(copy_path, url, &info, &e), RC_INVALID);
	assert_non_null(strstr(e.text, words));
	assert_int_not_equal(access(url + 7, F_OK), 0);
}

static void test_damage_is_seen(void **state)
{
	struct backup_info info;
	struct err e;
	size_t at;
	int i;

	back_up(store.db, copy_path, &info);
	read_copy();
	for (i = 0; i < 100; i++) {
		at = length / 100 * (size_t)i + (size_t)i * 7 % (length / 100);
		content[at] = (char)(content[at] ^ 1 << i % 8);
		write_copy(length);
		refused(copy_path);
		content[at] = (char)(content[at] ^ 1 << i % 8);
	}
	for (at = length - SEAL_BYTES; at < length; at++) {
		content[at] ^= 4;
		write_copy(length);
		refused(copy_path);
		content[at] ^= 4;
	}
	for (at = 0; at < length; at += length / 20) {
		write_copy(at);
		refused("is not a backup");
	}
	write_copy(length);
	assert_int_equal(db_backup_check(copy_path, &info, &e), RC_OK);
	measured("backup_flips", 100 + SEAL_BYTES + 20);
	free(content);
}

static void test_a_newer_backup_is_refused(void **state)
{
	struct backup_info info;
	char *schema;

	back_up(store.db, copy_path, &info);
	read_copy();
	schema = memmem(content + length - SEAL_BYTES, SEAL_BYTES, "schema=0", 8);
	assert_non_null(schema);
	schema[7] = '9';
	hash_hex(content, length - 65, content + length - 65);
	content[length - 1] = '\n';
	write_copy(length);
	refused("newer version");
	free(content);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, open_store, remove_store)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(test_a_backup_says_what_it_is),
		ROW(test_restored_is_the_same),
		ROW(test_a_backup_is_one_instant),
		ROW(test_damage_is_seen),
		ROW(test_a_newer_backup_is_refused),
	};

	return cmocka_run_group_tests_name("backup", tests, NULL, NULL);
}
