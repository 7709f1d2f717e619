/* Credentials at rest: what comes back, what must not open, and nothing readable on the disk. */
#include "core/vault.h"

#include "testdb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>

#define KEY_A "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define KEY_A_BASE64 "ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJmqu8zd7v8="
#define KEY_B "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define PLAIN "s3cret \xc3\xa9 value"

static struct testdb t;
static struct arena arena;

static int open_store(void **state)
{
	testdb_open(&t);
	return 0;
}

static int close_store(void **state)
{
	arena_release(&arena);
	testdb_remove(&t);
	return 0;
}

static struct vault *vault(const char *key)
{
	struct err e = ERR_INIT;
	struct vault *v;

	assert_int_equal(vault_open(key, &v, &e), RC_OK);
	return v;
}

struct op {
	struct vault *v;
	const char *org, *id, *owner, *plain;
	char *result;
};

static enum rc put_fn(struct tx *tx, void *arg, struct err *e)
{
	struct op *o = arg;
	char *id;
	enum rc rc = vault_put(o->v, tx, o->org, o->id, o->owner, o->plain, &id, e);

	if (rc == RC_OK)
		o->result = arena_strdup(&arena, id);
	return rc;
}

static enum rc get_fn(struct tx *tx, void *arg, struct err *e)
{
	struct op *o = arg;

	return vault_get(o->v, tx, &arena, o->org, o->id, o->owner, &o->result, e);
}

static enum rc delete_fn(struct tx *tx, void *arg, struct err *e)
{
	struct op *o = arg;

	return vault_delete(tx, o->org, o->id, e);
}

static enum rc claim_fn(struct tx *tx, void *arg, struct err *e)
{
	return vault_claim(arg, tx, e);
}

static enum rc check_fn(struct tx *tx, void *arg, struct err *e)
{
	return vault_check(arg, tx, e);
}

static const char *put(struct vault *v, const char *org, const char *owner, const char *plain)
{
	struct op o = { v, org, NULL, owner, plain, NULL };
	struct err e = ERR_INIT;

	assert_int_equal(db_write(t.db, put_fn, &o, &e), RC_OK);
	return o.result;
}

static enum rc get(struct vault *v, const char *org, const char *id, const char *owner, char **ret, struct err *e)
{
	struct op o = { v, org, id, owner, NULL, NULL };
	enum rc rc = db_read(t.db, get_fn, &o, e);

	*ret = o.result;
	return rc;
}

static void comes_back(void **state)
{
	struct vault *v = vault(KEY_A), *same = vault(KEY_A_BASE64);
	struct err e = ERR_INIT;
	const char *id = put(v, "org-a", "psa", PLAIN);
	char *plain;

	assert_int_equal(get(v, "org-a", id, "psa", &plain, &e), RC_OK);
	assert_string_equal(plain, PLAIN);
	assert_int_equal(get(same, "org-a", id, "psa", &plain, &e), RC_OK);
	assert_string_equal(plain, PLAIN);
	vault_close(v);
	vault_close(same);
}

static void replaced_and_deleted(void **state)
{
	struct vault *v = vault(KEY_A);
	struct op o = { v, "org-a", put(v, "org-a", "psa", "old"), "psa", "new", NULL };
	struct err e = ERR_INIT;
	char *plain;

	assert_int_equal(db_write(t.db, put_fn, &o, &e), RC_OK);
	assert_string_equal(o.result, o.id);
	assert_int_equal(get(v, "org-a", o.id, "psa", &plain, &e), RC_OK);
	assert_string_equal(plain, "new");
	assert_int_equal(db_write(t.db, delete_fn, &o, &e), RC_OK);
	assert_int_equal(get(v, "org-a", o.id, "psa", &plain, &e), RC_NOT_FOUND);
	vault_close(v);
}

static void other_key_does_not_open(void **state)
{
	struct vault *v = vault(KEY_A), *other = vault(KEY_B);
	const char *id = put(v, "org-a", "psa", PLAIN);
	struct op o = { other, "org-a", id, "psa", "overwritten", NULL };
	struct err e = ERR_INIT;
	char *plain;

	assert_int_equal(get(other, "org-a", id, "psa", &plain, &e), RC_IO);
	assert_null(plain);
	assert_non_null(strstr(e.text, "TRUEUP_MASTER_KEY"));
	assert_null(strstr(e.text, KEY_A));
	assert_int_equal(db_write(t.db, put_fn, &o, &e), RC_IO);
	assert_int_equal(get(v, "org-a", id, "psa", &plain, &e), RC_OK);
	assert_string_equal(plain, PLAIN);
	vault_close(v);
	vault_close(other);
}

/* A sealed row opens only where it was made: another owner, organization or id makes it worthless. */
static void moved_rows_do_not_open(void **state)
{
	static const char *const moves[] = { "owner = 'integration:1'", "org_id = 'org-b'", "id = 'moved'" };
	struct vault *v = vault(KEY_A);

	for (size_t i = 0; i < ARRAY_LEN(moves); i++) {
		const char *id = put(v, "org-a", "psa", PLAIN), *org = i == 1 ? "org-b" : "org-a";
		struct err e = ERR_INIT;
		char sql[256], *plain;

		snprintf(sql, sizeof(sql), "UPDATE secrets SET %s WHERE id = '%s'", moves[i], id);
		testdb_sql(&t, sql);
		assert_int_equal(
			get(v, org, i == 2 ? "moved" : id, i == 0 ? "integration:1" : "psa", &plain, &e), RC_IO);
		assert_null(plain);
	}
	vault_close(v);
}

static void swapped_and_bent_rows_do_not_open(void **state)
{
	static const char *const bends[] = { "sealed = (SELECT sealed FROM secrets WHERE owner = 'other')",
		"wrapped_key = (SELECT wrapped_key FROM secrets WHERE owner = 'other')",
		"sealed = 'AAAA' || substr(sealed, 5)", "sealed = ''", "sealed = 'not base64!'" };
	struct vault *v = vault(KEY_A);

	put(v, "org-a", "other", "another secret");
	for (size_t i = 0; i < ARRAY_LEN(bends); i++) {
		const char *id = put(v, "org-a", "psa", PLAIN);
		struct err e = ERR_INIT;
		char sql[256], *plain;

		snprintf(sql, sizeof(sql), "UPDATE secrets SET %s WHERE id = '%s'", bends[i], id);
		testdb_sql(&t, sql);
		assert_int_equal(get(v, "org-a", id, "psa", &plain, &e), RC_IO);
	}
	vault_close(v);
}

static void mark_of_the_key(void **state)
{
	struct vault *v = vault(KEY_A), *other = vault(KEY_B);
	struct err e = ERR_INIT;

	assert_int_equal(db_read(t.db, check_fn, v, &e), RC_NOT_FOUND);
	assert_int_equal(db_write(t.db, claim_fn, v, &e), RC_OK);
	assert_int_equal(db_write(t.db, claim_fn, v, &e), RC_OK);
	assert_int_equal(db_read(t.db, check_fn, v, &e), RC_OK);
	assert_int_equal(db_read(t.db, check_fn, other, &e), RC_IO);
	assert_int_equal(db_write(t.db, claim_fn, other, &e), RC_IO);
	assert_int_equal(db_read(t.db, check_fn, v, &e), RC_OK);
	vault_close(v);
	vault_close(other);
}

static void texts(void **state)
{
	struct vault *v = vault(KEY_A), *other = vault(KEY_B);
	char *sealed = vault_seal(v, &arena, "one", PLAIN), *again = vault_seal(v, &arena, "one", PLAIN), *plain;
	struct err e = ERR_INIT;

	assert_string_not_equal(sealed, again);
	assert_null(strstr(sealed, "s3cret"));
	assert_int_equal(vault_unseal(v, &arena, "one", sealed, &plain, &e), RC_OK);
	assert_string_equal(plain, PLAIN);
	assert_int_equal(vault_unseal(v, &arena, "two", sealed, &plain, &e), RC_IO);
	assert_int_equal(vault_unseal(other, &arena, "one", sealed, &plain, &e), RC_IO);
	vault_close(v);
	vault_close(other);
}

static void key_texts(void **state)
{
	static const char *const bad[] = { "", "short", "00112233", KEY_A "00",
		"zz112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", "ABEiM0RVZneImaq7zN3u" };
	struct vault *v;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(vault_open(bad[i], &v, &e), RC_INVALID);
		assert_non_null(strstr(e.text, "openssl rand -hex 32"));
	}
}

static void key_file(void **state)
{
	char path[300];
	struct vault *made, *read;
	struct err e = ERR_INIT;
	char *sealed, *plain;
	struct stat st;

	snprintf(path, sizeof(path), "%s/master.key", t.dir);
	assert_int_equal(vault_open_file(path, &made, &e), RC_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(vault_open_file(path, &read, &e), RC_OK);
	sealed = vault_seal(made, &arena, "x", PLAIN);
	assert_int_equal(vault_unseal(read, &arena, "x", sealed, &plain, &e), RC_OK);
	vault_close(made);
	vault_close(read);
	snprintf(path, sizeof(path), "%s/none/master.key", t.dir);
	assert_int_equal(vault_open_file(path, &made, &e), RC_IO);
	assert_non_null(strstr(e.text, path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(comes_back, open_store, close_store),
		cmocka_unit_test_setup_teardown(replaced_and_deleted, open_store, close_store),
		cmocka_unit_test_setup_teardown(other_key_does_not_open, open_store, close_store),
		cmocka_unit_test_setup_teardown(moved_rows_do_not_open, open_store, close_store),
		cmocka_unit_test_setup_teardown(swapped_and_bent_rows_do_not_open, open_store, close_store),
		cmocka_unit_test_setup_teardown(mark_of_the_key, open_store, close_store),
		cmocka_unit_test_setup_teardown(texts, open_store, close_store),
		cmocka_unit_test_setup_teardown(key_texts, open_store, close_store),
		cmocka_unit_test_setup_teardown(key_file, open_store, close_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
