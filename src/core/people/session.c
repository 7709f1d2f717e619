#include "core/people/session.h"

#include "base/codec.h"
#include "base/rand.h"

#include <string.h>

enum { SECRET_BITS = 256, CSRF_DIGITS = 43 };

enum rc session_begin(struct tx *tx, const char *org, const char *user_id, const char *via, const char **ret_cookie,
	struct err *e)
{
	utime now = clock_now();
	char hash[HASH_TEXT];

	*ret_cookie = rand_token(tx_arena(tx), SECRET_BITS);
	hash_hex(*ret_cookie, strlen(*ret_cookie), hash);
	return sql_exec(tx, e, SQL_SESSION_INSERT, "tttiit", org, hash, user_id, now, now + SESSION_MAX, via);
}

enum rc session_end(struct tx *tx, const char *org, const char *key, struct err *e)
{
	return sql_exec(tx, e, SQL_SESSION_END, "tt", org, key);
}

enum rc session_end_all(struct tx *tx, const char *org, const char *user_id, struct err *e)
{
	return sql_exec(tx, e, SQL_SESSION_END_ALL, "tt", org, user_id);
}

const char *session_cookie_value(struct arena *a, const char *cookies, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = cookies; p && *p; p = strchr(p, ';')) {
		p += strspn(p, "; \t");
		if (strncmp(p, name, len) == 0 && p[len] == '=')
			return arena_strndup(a, p + len + 1, strcspn(p + len + 1, "; \t"));
	}
	return NULL;
}

/* The first 43 hex digits of a hash: 172 bits, which only the holder of the cookie can compute. */
const char *session_csrf(struct arena *a, const char *cookie)
{
	char *text = arena_printf(a, "trueup csrf:%s", cookie);
	char hash[HASH_TEXT];

	hash_hex(text, strlen(text), hash);
	return arena_strndup(a, hash, CSRF_DIGITS);
}

static const char *set_cookie(
	struct arena *a, const char *name, const char *value, const char *flags, int64_t seconds, bool secure)
{
	return arena_printf(a, "%s=%s; Path=/; Max-Age=%lld; SameSite=Lax%s%s", name, value ? value : "",
		value ? (long long)seconds : 0LL, flags, secure ? "; Secure" : "");
}

const char *session_set_cookie(struct arena *a, const char *cookie, bool secure)
{
	return set_cookie(a, AUTH_COOKIE, cookie, "; HttpOnly", SESSION_MAX / CLOCK_SECOND, secure);
}

const char *session_set_csrf_cookie(struct arena *a, const char *cookie, bool secure)
{
	return set_cookie(
		a, AUTH_CSRF_COOKIE, cookie ? session_csrf(a, cookie) : NULL, "", SESSION_MAX / CLOCK_SECOND, secure);
}

const char *session_set_device_cookie(struct arena *a, const char *device, bool secure)
{
	return set_cookie(a, AUTH_DEVICE_COOKIE, device, "; HttpOnly", 400 * CLOCK_DAY / CLOCK_SECOND, secure);
}
