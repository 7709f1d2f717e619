/* Signing in: by password, by link, and the brake on guessing. */
#include "core/people/signin.h"

#include "core/people/link.h"
#include "core/people/org.h"
#include "core/people/passkey.h"
#include "core/people/password.h"
#include "core/people/session.h"

#include "measured.h"
#include "testdb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PASSWORD "correct horse"
#define EMAIL "Anna@MSP.example"

static struct testdb t;
static struct arena arena;
static utime now;
static const char *org, *user, *hash;

static utime test_clock(void)
{
	return now;
}

static enum rc make_fn(struct tx *tx, void *arg, struct err *e)
{
	const char *org_id, *user_id;
	enum rc rc = org_create(tx, "Northwind IT", NULL, &org_id, e);

	if (rc == RC_OK)
		rc = user_create(tx, org_id, EMAIL, "Anna", ROLE_ADMIN, hash, &user_id, e);
	if (rc != RC_OK)
		return rc;
	org = arena_strdup(&arena, org_id);
	user = arena_strdup(&arena, user_id);
	return RC_OK;
}

static int open_store(void **state)
{
	struct err e = ERR_INIT;

	now = clock_now();
	clock_set_source(test_clock);
	testdb_open(&t);
	assert_int_equal(password_hash(&arena, PASSWORD, &hash, &e), RC_OK);
	assert_int_equal(db_write(t.db, make_fn, NULL, &e), RC_OK);
	return 0;
}

static int close_store(void **state)
{
	clock_set_source(NULL);
	arena_release(&arena);
	testdb_remove(&t);
	return 0;
}

static enum rc sign_in(const char *email, const char *password, const char *remote, const char *device,
	struct signed_in *ret, struct err *e)
{
	struct signin s = { .email = email, .password = password, .remote = remote, .device = device };

	*e = (struct err)ERR_INIT;
	return signin_password(t.db, &arena, &s, ret, e);
}

struct look {
	const char *cookies, *csrf;
	bool change;
	struct auth auth;
};

static enum rc look_fn(struct tx *tx, void *arg, struct err *e)
{
	struct look *l = arg;

	return auth_session(tx, &arena, l->cookies, l->csrf, l->change, &l->auth, e);
}

static enum rc look(const char *cookie, const char *csrf, bool change)
{
	struct look l = { arena_printf(&arena, "a=b; " AUTH_COOKIE "=%s; c=d", cookie), csrf, change,
		{ { 0 }, false } };
	struct err e = ERR_INIT;
	enum rc rc = db_read(t.db, look_fn, &l, &e);

	if (rc == RC_OK)
		assert_string_equal(l.auth.who.id, user);
	return rc;
}

static void by_password(void **state)
{
	struct signed_in in;
	struct err e;

	assert_int_equal(sign_in("anna@msp.EXAMPLE", PASSWORD, "192.0.2.1", NULL, &in, &e), RC_OK);
	assert_string_equal(in.user.id, user);
	assert_string_equal(in.org_name, "Northwind IT");
	assert_int_equal(look(in.cookie, NULL, false), RC_OK);
	assert_int_equal(look("other", NULL, false), RC_UNAUTHORIZED);
}

static void changes_need_the_csrf_value(void **state)
{
	struct signed_in a, b;
	struct err e;

	assert_int_equal(sign_in(EMAIL, PASSWORD, "192.0.2.1", NULL, &a, &e), RC_OK);
	assert_int_equal(sign_in(EMAIL, PASSWORD, "192.0.2.1", NULL, &b, &e), RC_OK);
	assert_int_equal(look(a.cookie, NULL, true), RC_DENIED);
	assert_int_equal(look(a.cookie, "", true), RC_DENIED);
	assert_int_equal(look(a.cookie, session_csrf(&arena, b.cookie), true), RC_DENIED);
	assert_int_equal(look(a.cookie, session_csrf(&arena, a.cookie), true), RC_OK);
}

/* Whether the address exists is not told. */
static void same_words_for_all(void **state)
{
	struct signed_in in;
	struct err wrong, unknown;

	assert_int_equal(sign_in(EMAIL, "not the password", "192.0.2.1", NULL, &in, &wrong), RC_UNAUTHORIZED);
	assert_int_equal(sign_in("who@msp.example", PASSWORD, "192.0.2.1", NULL, &in, &unknown), RC_UNAUTHORIZED);
	assert_string_equal(wrong.text, unknown.text);
	assert_null(in.cookie);
}

static void sessions_end(void **state)
{
	struct signed_in in;
	struct err e;

	assert_int_equal(sign_in(EMAIL, PASSWORD, "192.0.2.1", NULL, &in, &e), RC_OK);
	now += SESSION_IDLE - CLOCK_SECOND;
	assert_int_equal(look(in.cookie, NULL, false), RC_OK);
	now += 2 * CLOCK_SECOND;
	assert_int_equal(look(in.cookie, NULL, false), RC_UNAUTHORIZED);
}

static enum rc disable_fn(struct tx *tx, void *arg, struct err *e)
{
	struct user_change change = { .disabled = arg };

	return user_change(tx, org, user, &change, e);
}

static enum rc another_admin_fn(struct tx *tx, void *arg, struct err *e)
{
	const char *id;

	return user_create(tx, org, "bob@msp.example", NULL, ROLE_ADMIN, hash, &id, e);
}

static void disabled_users_stay_out(void **state)
{
	struct signed_in in, again;
	struct err e;
	bool yes = true;

	assert_int_equal(sign_in(EMAIL, PASSWORD, "192.0.2.1", NULL, &in, &e), RC_OK);
	/* The last administrator cannot be locked out. */
	assert_int_equal(db_write(t.db, disable_fn, &yes, &e), RC_CONFLICT);
	assert_int_equal(look(in.cookie, NULL, false), RC_OK);
	assert_int_equal(db_write(t.db, another_admin_fn, NULL, &e), RC_OK);
	assert_int_equal(db_write(t.db, disable_fn, &yes, &e), RC_OK);
	assert_int_equal(look(in.cookie, NULL, false), RC_UNAUTHORIZED);
	assert_int_equal(sign_in(EMAIL, PASSWORD, "192.0.2.1", NULL, &again, &e), RC_DENIED);
	assert_int_equal(sign_in(EMAIL, "not the password", "192.0.2.1", NULL, &again, &e), RC_UNAUTHORIZED);
}

/* Guesses from many addresses slow the account down; the owner's own browser stays free, and waiting helps. */
static void guessing_is_braked(void **state)
{
	struct signed_in in;
	struct err e;
	const char *device;
	int refused = 0;

	assert_int_equal(sign_in(EMAIL, PASSWORD, "192.0.2.1", NULL, &in, &e), RC_OK);
	device = in.device;
	for (int i = 0; i < 12; i++) {
		const char *remote = arena_printf(&arena, "198.51.100.%d", i);
		enum rc rc = sign_in(EMAIL, "a guess", remote, NULL, &in, &e);

		assert_true(rc == RC_UNAUTHORIZED || rc == RC_BUSY);
		refused += rc == RC_BUSY;
	}
	assert_int_equal(refused, 6);
	assert_int_equal(sign_in(EMAIL, PASSWORD, "203.0.113.9", NULL, &in, &e), RC_BUSY);
	assert_true(e.retry_after > 0);
	assert_int_equal(sign_in(EMAIL, PASSWORD, "203.0.113.9", "made up", &in, &e), RC_BUSY);
	assert_int_equal(sign_in(EMAIL, PASSWORD, "192.0.2.1", device, &in, &e), RC_OK);
	now += 5 * CLOCK_SECOND;
	assert_int_equal(sign_in(EMAIL, PASSWORD, "203.0.113.9", NULL, &in, &e), RC_OK);
}

/* A clock that was ten days ahead and is set right: nobody waits ten days for it, no session lives ten days more, and
 * what was counted against who guesses stays counted. */
static void clock_steps_back(void **state)
{
	struct signed_in in, early;
	struct err e;

	assert_int_equal(sign_in(EMAIL, PASSWORD, "192.0.2.1", NULL, &early, &e), RC_OK);
	for (int i = 0; i < 12; i++)
		assert_int_not_equal(sign_in(EMAIL, "a guess", "198.51.100.7", NULL, &in, &e), RC_OK);
	assert_int_equal(sign_in(EMAIL, PASSWORD, "203.0.113.9", NULL, &in, &e), RC_BUSY);
	now -= 10 * CLOCK_DAY;
	assert_int_equal(look(early.cookie, NULL, false), RC_UNAUTHORIZED);
	assert_int_equal(sign_in(EMAIL, "a guess", "198.51.100.7", NULL, &in, &e), RC_UNAUTHORIZED);
	assert_int_equal(sign_in(EMAIL, "a guess", "198.51.100.7", NULL, &in, &e), RC_BUSY);
	now += 3600 * CLOCK_SECOND;
	assert_int_equal(sign_in(EMAIL, PASSWORD, "192.0.2.1", NULL, &in, &e), RC_OK);
	assert_int_equal(look(in.cookie, NULL, false), RC_OK);
}

/* Ten thousand guesses from as many addresses within an hour: few of them are looked at, and none opens. */
static void an_hour_of_guessing(void **state)
{
	enum { READ_MAX = 60 };
	/* The brake is the same on either store; a round trip each is not. */
	const char *url = getenv("TRUEUP_TEST_DB");
	const int guesses = url && *url ? 1000 : 10000;
	struct signed_in in;
	struct err e;
	int looked_at = 0;

	for (int i = 0; i < guesses; i++) {
		const char *remote = arena_printf(&arena, "198.51.%d.%d", i >> 8, i & 255);
		enum rc rc = sign_in(EMAIL, "a guess", remote, NULL, &in, &e);

		assert_true(rc == RC_UNAUTHORIZED || rc == RC_BUSY);
		looked_at += rc == RC_UNAUTHORIZED;
		now += 3600 * CLOCK_SECOND / guesses;
	}
	if (looked_at > READ_MAX)
		fail_msg("%d guesses were looked at", looked_at);
	measured("guessing", guesses);
}

/* ---- links ---- */

struct make_link {
	const char *kind, *token;
	utime lifetime;
};

static enum rc link_fn(struct tx *tx, void *arg, struct err *e)
{
	struct make_link *m = arg;
	const char *token;
	bool setup = strcmp(m->kind, LINK_SETUP) == 0;
	enum rc rc = link_create(tx, setup ? "" : org, m->kind, setup ? NULL : user, m->lifetime, &token, e);

	if (rc == RC_OK)
		m->token = arena_strdup(&arena, token);
	return rc;
}

static const char *make_link(const char *kind)
{
	struct make_link m = { .kind = kind, .lifetime = 3600 * CLOCK_SECOND };
	struct err e = ERR_INIT;

	assert_int_equal(db_write(t.db, link_fn, &m, &e), RC_OK);
	return m.token;
}

static enum rc open_link(const char *token, const char *password, struct signed_in *ret, struct err *e)
{
	struct signin_link l = { .token = token, .password = password };

	*e = (struct err)ERR_INIT;
	return signin_link(t.db, &arena, &l, ret, e);
}

static void link_works_once(void **state)
{
	const char *token = make_link(LINK_SIGNIN);
	struct signed_in in;
	struct err e;

	assert_int_equal(open_link(token, NULL, &in, &e), RC_OK);
	assert_int_equal(look(in.cookie, NULL, false), RC_OK);
	assert_int_equal(open_link(token, NULL, &in, &e), RC_DENIED);
	assert_int_equal(open_link("never made", NULL, &in, &e), RC_DENIED);
}

static void link_gets_old(void **state)
{
	const char *first = make_link(LINK_SIGNIN), *second = make_link(LINK_SIGNIN);
	struct signed_in in;
	struct err e;

	assert_int_equal(open_link(first, NULL, &in, &e), RC_DENIED);
	now += 3600 * CLOCK_SECOND;
	assert_int_equal(open_link(second, NULL, &in, &e), RC_DENIED);
}

static void invitation_sets_the_password(void **state)
{
	const char *token = make_link(LINK_INVITE);
	struct signed_in before, in;
	struct err e;

	assert_int_equal(sign_in(EMAIL, PASSWORD, "192.0.2.1", NULL, &before, &e), RC_OK);
	assert_int_equal(open_link(token, NULL, &in, &e), RC_INVALID);
	assert_string_equal(e.pointer, "/password");
	assert_int_equal(open_link(token, "short", &in, &e), RC_INVALID);
	assert_int_equal(open_link(token, "another password", &in, &e), RC_OK);
	assert_int_equal(look(in.cookie, NULL, false), RC_OK);
	assert_int_equal(look(before.cookie, NULL, false), RC_UNAUTHORIZED);
	assert_int_equal(sign_in(EMAIL, PASSWORD, "192.0.2.1", NULL, &in, &e), RC_UNAUTHORIZED);
	assert_int_equal(sign_in(EMAIL, "another password", "192.0.2.1", NULL, &in, &e), RC_OK);
}

static void setup_link_signs_nobody_in(void **state)
{
	const char *token = make_link(LINK_SETUP);
	struct signed_in in;
	struct err e;

	assert_int_equal(open_link(token, "another password", &in, &e), RC_DENIED);
	assert_null(in.cookie);
}

/* ---- passkeys ---- */

/* What a browser would say to `challenge`, as far as it matters before the signature is looked at. */
static enum rc answer_passkey(struct vault *v, const char *challenge)
{
	struct webauthn_site site;
	struct passkey_signin s = { .vault = v, .site = &site, .credential = "nobody's" };
	struct signed_in in;
	struct err e = ERR_INIT;
	const char *text;

	assert_true(webauthn_site(&arena, "https://trueup.example:8443/base", &site));
	assert_string_equal(site.rp_id, "trueup.example");
	assert_string_equal(site.origin, "https://trueup.example:8443");
	text = arena_printf(&arena, "{\"type\":\"webauthn.get\",\"origin\":\"%s\",\"challenge\":\"%s\"}", site.origin,
		challenge);
	s.answer.client_data = base64url_encode(&arena, text, strlen(text));
	return passkey_signin(t.db, &arena, &s, &in, &e);
}

static void a_challenge_ends(void **state)
{
	static const char key[] = "6d6173746572206b6579206f66206120746573742c20333220627974657321aa";
	const char *challenge;
	struct vault *v;
	struct err e;

	assert_int_equal(vault_open(key, &v, &e), RC_OK);
	challenge = passkey_challenge(v, &arena, NULL);
	assert_int_equal(answer_passkey(v, challenge), RC_UNAUTHORIZED); /* in time, of a passkey that is not known */
	now += PASSKEY_PATIENCE;
	assert_int_equal(answer_passkey(v, challenge), RC_UNAUTHORIZED);
	now++;
	assert_int_equal(answer_passkey(v, challenge), RC_INVALID);
	now -= PASSKEY_PATIENCE + 2;
	assert_int_equal(answer_passkey(v, challenge), RC_INVALID); /* not made yet: the clock was turned back */
	vault_close(v);
}

static void passkeys_need_a_name(void **state)
{
	static const char *const no[] = { "http://trueup.example", "https://10.0.0.7:8443", "https://[::1]/", "https://",
		"trueup.example", "http://127.0.0.1:8080", "" };
	struct webauthn_site site;

	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		assert_false(webauthn_site(&arena, no[i], &site));
	assert_true(webauthn_site(&arena, "http://localhost:8080", &site));
	assert_string_equal(site.origin, "http://localhost:8080");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_password, open_store, close_store),
		cmocka_unit_test_setup_teardown(changes_need_the_csrf_value, open_store, close_store),
		cmocka_unit_test_setup_teardown(same_words_for_all, open_store, close_store),
		cmocka_unit_test_setup_teardown(sessions_end, open_store, close_store),
		cmocka_unit_test_setup_teardown(disabled_users_stay_out, open_store, close_store),
		cmocka_unit_test_setup_teardown(guessing_is_braked, open_store, close_store),
		cmocka_unit_test_setup_teardown(clock_steps_back, open_store, close_store),
		cmocka_unit_test_setup_teardown(an_hour_of_guessing, open_store, close_store),
		cmocka_unit_test_setup_teardown(link_works_once, open_store, close_store),
		cmocka_unit_test_setup_teardown(link_gets_old, open_store, close_store),
		cmocka_unit_test_setup_teardown(invitation_sets_the_password, open_store, close_store),
		cmocka_unit_test_setup_teardown(setup_link_signs_nobody_in, open_store, close_store),
		cmocka_unit_test_setup_teardown(a_challenge_ends, open_store, close_store),
		cmocka_unit_test(passkeys_need_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
