/* Tokens of the app API: shown once, kept as a hash, ended by time or by hand. */
#include "core/people/token.h"

#include "core/people/auth.h"

#include "testdb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(opens_with_its_role, open_store, close_store),
		cmocka_unit_test_setup_teardown(others_do_not, open_store, close_store),
		cmocka_unit_test_setup_teardown(ends_in_time, open_store, close_store),
		cmocka_unit_test_setup_teardown(ends_by_hand, open_store, close_store),
		cmocka_unit_test_setup_teardown(use_is_noted_each_minute, open_store, close_store),
		cmocka_unit_test_setup_teardown(bad_ones_are_refused, open_store, close_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
