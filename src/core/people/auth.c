#include "core/people/auth.h"

#include "base/codec.h"
#include "core/people/session.h"

#include <string.h>
#include <strings.h>

enum { SECRET_MAX = 200 }; /* bytes of anything we gave out */

#define CLOCK_SLACK (3600 * CLOCK_SECOND)
#define TOUCH_EVERY (60 * CLOCK_SECOND)

static enum rc who_are_you(struct err *e)
{
	return err_set(e, RC_UNAUTHORIZED,
		"Sign in, or send \"Authorization: Bearer\" with a token that is neither expired nor revoked.");
}

static const char *bearer_text(struct arena *a, const char *authorization)
{
	const char *p = authorization + 6;

	if (strncasecmp(authorization, "Bearer", 6) != 0 || (*p != ' ' && *p != '\t'))
		return NULL;
	p += strspn(p, " \t");
	return arena_strndup(a, p, strcspn(p, " \t\r\n"));
}

enum rc auth_bearer(struct tx *tx, struct arena *a, const char *authorization, struct auth *ret, struct err *e)
{
	const char *text = bearer_text(a, authorization);
	utime now = clock_now();
	char hash[HASH_TEXT];
	struct rows r;
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	if (!text || strlen(text) > SECRET_MAX)
		return who_are_you(e);
	hash_hex(text, strlen(text), hash);
	sql_query(tx, &r, SQL_AUTH_TOKEN, "ti", hash, now);
	if (rows_next(&r)) {
		ret->who.org = rows_dup(&r, a, 0);
		ret->who.id = rows_dup(&r, a, 1);
		ret->who.name = arena_printf(a, "token %s", rows_text(&r, 2));
		ret->who.role = role_parse(rows_text(&r, 3));
		ret->who.is_token = true;
		ret->touch = rows_int(&r, 4) + TOUCH_EVERY <= now;
		ret->who.scopes = rows_dup(&r, a, 5);
	}
	rc = rows_end(&r, e);
	return rc == RC_OK && !ret->who.id ? who_are_you(e) : rc;
}

bool auth_has_cookie(const char *cookies)
{
	AUTO(arena) a = ARENA_INIT;

	return session_cookie_value(&a, cookies, AUTH_COOKIE) != NULL;
}

static enum rc find_session(struct tx *tx, struct arena *a, const char *cookie, struct auth *ret, struct err *e)
{
	utime now = clock_now();
	char hash[HASH_TEXT];
	struct rows r;
	enum rc rc;

	hash_hex(cookie, strlen(cookie), hash);
	/* One that was begun by a clock that was ahead would live longer than any. */
	sql_query(tx, &r, SQL_AUTH_SESSION, "tiii", hash, now, now - SESSION_IDLE, now + SESSION_MAX + CLOCK_SLACK);
	if (rows_next(&r)) {
		ret->who.org = rows_dup(&r, a, 0);
		ret->who.id = rows_dup(&r, a, 1);
		ret->who.name = rows_dup(&r, a, 2);
		ret->who.role = role_parse(rows_text(&r, 3));
		ret->who.session = arena_strdup(a, hash);
		ret->who.elsewhere = !rows_null(&r, 5);
		ret->touch = rows_int(&r, 4) + TOUCH_EVERY <= now;
	}
	rc = rows_end(&r, e);
	return rc == RC_OK && !ret->who.id ? who_are_you(e) : rc;
}

enum rc auth_session(struct tx *tx, struct arena *a, const char *cookies, const char *csrf, bool change,
	struct auth *ret, struct err *e)
{
	const char *cookie = session_cookie_value(a, cookies, AUTH_COOKIE);
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	if (!cookie || strlen(cookie) > SECRET_MAX)
		return who_are_you(e);
	rc = find_session(tx, a, cookie, ret, e);
	if (rc == RC_OK && change && (!csrf || !same_secret(csrf, session_csrf(a, cookie))))
		return err_set(e, RC_DENIED,
			"A change from a browser needs the header " AUTH_CSRF_HEADER
			" with the value of the cookie " AUTH_CSRF_COOKIE ". Load the page again and repeat.");
	return rc;
}

const char *auth_shown(struct arena *a, const char *authorization, const char *cookies)
{
	const char *text = authorization ? bearer_text(a, authorization)
					 : session_cookie_value(a, cookies, AUTH_COOKIE);

	return text && *text && strlen(text) <= SECRET_MAX ? text : NULL;
}

enum rc auth_touch(struct tx *tx, const struct principal *who, struct err *e)
{
	utime now = clock_now();

	if (who->is_token)
		return sql_exec(tx, e, SQL_TOKEN_TOUCH, "tti", who->org, who->id, now);
	if (who->session)
		return sql_exec(tx, e, SQL_SESSION_TOUCH, "tti", who->org, who->session, now);
	return RC_OK;
}
