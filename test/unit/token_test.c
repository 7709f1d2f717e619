/* Tokens of the app API: shown once, kept as a hash, ended by time or by hand. */
#include "core/people/token.h"

#include "core/people/auth.h"

#include "measured.h"
#include "testdb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct testdb t;
static struct arena arena;
static utime now;

static utime test_clock(void)
{
	return now;
}

static int open_store(void **state)
{
	now = clock_now();
	clock_set_source(test_clock);
	testdb_open(&t);
	return 0;
}

static int close_store(void **state)
{
	clock_set_source(NULL);
	arena_release(&arena);
	testdb_remove(&t);
	return 0;
}

struct op {
	const char *org, *name;
	enum role role;
	utime expires_at;
	const char *id, *text;
	struct auth auth;
};

static enum rc create_fn(struct tx *tx, void *arg, struct err *e)
{
	struct op *o = arg;
	struct principal who = { .org = o->org, .id = "u1", .name = "anna@msp.example", .role = ROLE_ADMIN };
	const char *id, *text;
	enum rc rc = token_create(tx, &who, o->name, o->role, o->expires_at, NULL, &id, &text, e);

	if (rc == RC_OK) {
		o->id = arena_strdup(&arena, id);
		o->text = arena_strdup(&arena, text);
	}
	return rc;
}

static enum rc auth_fn(struct tx *tx, void *arg, struct err *e)
{
	struct op *o = arg;

	return auth_bearer(tx, &arena, o->text, &o->auth, e);
}

static enum rc revoke_fn(struct tx *tx, void *arg, struct err *e)
{
	struct op *o = arg;

	return token_revoke(tx, o->org, o->id, e);
}

static enum rc touch_fn(struct tx *tx, void *arg, struct err *e)
{
	struct op *o = arg;

	return auth_touch(tx, &o->auth.who, e);
}

static struct op create(enum role role, utime expires_at)
{
	struct op o = { .org = "org-a", .name = "nightly", .role = role, .expires_at = expires_at };
	struct err e = ERR_INIT;

	assert_int_equal(db_write(t.db, create_fn, &o, &e), RC_OK);
	return o;
}

static enum rc try(struct op *o, const char *form)
{
	struct op sent = *o;
	struct err e = ERR_INIT;
	enum rc rc;

	sent.text = arena_printf(&arena, "%s%s", form, o->text);
	rc = db_read(t.db, auth_fn, &sent, &e);
	o->auth = sent.auth;
	return rc;
}

static void opens_with_its_role(void **state)
{
	struct op viewer = create(ROLE_VIEWER, 0), admin = create(ROLE_ADMIN, 0);

	assert_int_equal(strncmp(viewer.text, "tu_", 3), 0);
	assert_int_equal(try(&viewer, "Bearer "), RC_OK);
	assert_int_equal(viewer.auth.who.role, ROLE_VIEWER);
	assert_string_equal(viewer.auth.who.org, "org-a");
	assert_string_equal(viewer.auth.who.id, viewer.id);
	assert_true(viewer.auth.who.is_token);
	assert_int_equal(try(&admin, "bearer \t"), RC_OK);
	assert_int_equal(admin.auth.who.role, ROLE_ADMIN);
}

static void others_do_not(void **state)
{
	static const char *const forms[] = { "", "Basic ", "Bearer x", "Bearer  tu_", "BearerX" };
	struct op o = create(ROLE_ADMIN, 0), bent = o;

	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		assert_int_equal(try(&o, forms[i]), RC_UNAUTHORIZED);
	bent.text = arena_strndup(&arena, o.text, strlen(o.text) - 1);
	assert_int_equal(try(&bent, "Bearer "), RC_UNAUTHORIZED);
	assert_null(bent.auth.who.id);
	assert_int_equal(try(&o, "Bearer "), RC_OK);
}

static void ends_in_time(void **state)
{
	struct op o = create(ROLE_VIEWER, now + 60 * CLOCK_SECOND);

	now += 59 * CLOCK_SECOND;
	assert_int_equal(try(&o, "Bearer "), RC_OK);
	now += CLOCK_SECOND;
	assert_int_equal(try(&o, "Bearer "), RC_UNAUTHORIZED);
}

static void ends_by_hand(void **state)
{
	struct op o = create(ROLE_VIEWER, 0), foreign = o;
	struct err e = ERR_INIT;

	foreign.org = "org-b";
	assert_int_equal(db_write(t.db, revoke_fn, &foreign, &e), RC_NOT_FOUND);
	assert_int_equal(try(&o, "Bearer "), RC_OK);
	assert_int_equal(db_write(t.db, revoke_fn, &o, &e), RC_OK);
	assert_int_equal(try(&o, "Bearer "), RC_UNAUTHORIZED);
	assert_int_equal(db_write(t.db, revoke_fn, &o, &e), RC_OK);
}

static void use_is_noted_each_minute(void **state)
{
	struct op o = create(ROLE_VIEWER, 0);
	struct err e = ERR_INIT;

	assert_int_equal(try(&o, "Bearer "), RC_OK);
	assert_true(o.auth.touch);
	assert_int_equal(db_write(t.db, touch_fn, &o, &e), RC_OK);
	assert_int_equal(try(&o, "Bearer "), RC_OK);
	assert_false(o.auth.touch);
	now += 60 * CLOCK_SECOND;
	assert_int_equal(try(&o, "Bearer "), RC_OK);
	assert_true(o.auth.touch);
}

static void bad_ones_are_refused(void **state)
{
	const struct {
		struct op op;
		const char *pointer;
	} bad[] = {
		{ { .org = "org-a", .name = "", .role = ROLE_ADMIN }, "/name" },
		{ { .org = "org-a", .name = " \t", .role = ROLE_ADMIN }, "/name" },
		{ { .org = "org-a", .name = "x", .role = ROLE_NONE }, "/role" },
		{ { .org = "org-a", .name = "x", .role = ROLE_ADMIN, .expires_at = now }, "/expires_at" },
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct op o = bad[i].op;
		struct err e = ERR_INIT;

		assert_int_equal(db_write(t.db, create_fn, &o, &e), RC_INVALID);
		assert_string_equal(e.pointer, bad[i].pointer);
	}
}

/* ---- many ---- */

enum { MANY = 100000, BATCH = 5000, SECRET = 43, SIGNS = 64 };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static char secrets[MANY][SECRET + 1];
static size_t made;

static const char *secret_of(const struct op *o)
{
	assert_int_equal(strncmp(o->text, "tu_", 3), 0);
	return o->text + strlen(o->text) - SECRET;
}

static enum rc create_batch(struct tx *tx, void *arg, struct err *e)
{
	enum rc rc = RC_OK;
	size_t n = made;

	for (int i = 0; i < BATCH && rc == RC_OK; i++) {
		rc = create_fn(tx, arg, e);
		if (rc == RC_OK)
			snprintf(secrets[n++], SECRET + 1, "%s", secret_of(arg));
	}
	return rc;
}

static void done_batch(void)
{
	arena_release(&arena);
	made += BATCH;
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* How far the signs at one place are from equally frequent: chi-square with signs - 1 degrees of freedom. The last
 * sign carries only four bits. */
static long chi_square(int place, int *ret_signs)
{
	long seen[128] = { 0 }, sum = 0, expected;

	for (size_t i = 0; i < made; i++)
		seen[(unsigned char)secrets[i][place]]++;
	*ret_signs = 0;
	for (int c = 0; c < 128; c++)
		*ret_signs += seen[c] > 0;
	expected = (long)made / *ret_signs;
	for (int c = 0; c < 128; c++)
		sum += seen[c] ? (seen[c] - expected) * (seen[c] - expected) : 0;
	return sum / expected;
}

static void look_random(void)
{
	int signs;

	for (size_t i = 0; i < made; i++) {
		assert_int_equal(strspn(secrets[i], alphabet), SECRET);
		assert_int_equal(secrets[i][SECRET], '\0');
	}
	for (int place = 0; place < SECRET; place++) {
		/* Beyond mean + 10 deviations: less than once in a thousand million runs. */
		assert_in_range(chi_square(place, &signs), 0, 63 + 10 * 12);
		assert_int_equal(signs, place == SECRET - 1 ? 16 : 64);
	}
	qsort(secrets, made, sizeof(secrets[0]), compare);
	for (size_t i = 1; i < made; i++)
		assert_true(strcmp(secrets[i - 1], secrets[i]) < 0);
}

/* No secret, they are sorted by now, lies in the file. What is all hexadecimal is a hash. */
static void absent_from(const char *path)
{
	FILE *f = fopen(path, "re");
	static char bytes[256 << 20];
	size_t len = f ? fread(bytes, 1, sizeof(bytes), f) : 0;

	if (f)
		fclose(f);
	assert_true(len < sizeof(bytes));
	for (size_t i = 0, run = 0, hex = 0; i < len; i++) {
		char part[SECRET + 1] = "";

		run = bytes[i] && strchr(alphabet, bytes[i]) ? run + 1 : 0;
		hex = bytes[i] && strchr("0123456789abcdef", bytes[i]) ? hex + 1 : 0;
		if (run < SECRET || hex >= SECRET)
			continue;
		memcpy(part, bytes + i + 1 - SECRET, SECRET);
		assert_null(bsearch(part, secrets, made, sizeof(secrets[0]), compare));
	}
}

static void all_differ_and_none_is_kept(void **state)
{
	struct op o = { .org = "org-a", .name = "many", .role = ROLE_VIEWER };
	struct err e = ERR_INIT;
	char wal[600];

	for (made = 0; made < MANY; done_batch())
		assert_int_equal(db_write(t.db, create_batch, &o, &e), RC_OK);
	look_random();
	if (!testdb_postgres()) {
		snprintf(wal, sizeof(wal), "%s-wal", t.path);
		absent_from(t.path);
		absent_from(wal);
	}
	measured("tokens_made", MANY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(opens_with_its_role, open_store, close_store),
		cmocka_unit_test_setup_teardown(others_do_not, open_store, close_store),
		cmocka_unit_test_setup_teardown(ends_in_time, open_store, close_store),
		cmocka_unit_test_setup_teardown(ends_by_hand, open_store, close_store),
		cmocka_unit_test_setup_teardown(use_is_noted_each_minute, open_store, close_store),
		cmocka_unit_test_setup_teardown(bad_ones_are_refused, open_store, close_store),
		cmocka_unit_test_setup_teardown(all_differ_and_none_is_kept, open_store, close_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
