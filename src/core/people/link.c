#include "core/people/link.h"

#include "base/codec.h"
#include "base/rand.h"

#include <string.h>

enum { SECRET_BITS = 256 };

enum rc link_create(struct tx *tx, const char *org, const char *kind, const char *user_id, utime lifetime,
	const char **ret_token, struct err *e)
{
	utime now = clock_now();
	char hash[HASH_TEXT];
	enum rc rc = sql_exec(tx, e, SQL_LINK_REPLACE, "ttt", org, kind, user_id ? user_id : "");

	if (rc != RC_OK)
		return rc;
	*ret_token = rand_token(tx_arena(tx), SECRET_BITS);
	hash_hex(*ret_token, strlen(*ret_token), hash);
	return sql_exec(tx, e, SQL_LINK_INSERT, "ttttii", org, hash, kind, user_id, now, now + lifetime);
}

static enum rc refuse(struct err *e)
{
	return err_at(e, RC_DENIED, "/token",
		"This link does not work: it was used already, it is too old, or it is not complete. Ask for a new "
		"one.");
}

enum rc link_look(struct tx *tx, struct arena *a, const char *token, struct link *ret, struct err *e)
{
	char hash[HASH_TEXT];
	struct rows r;
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	hash_hex(token, strlen(token), hash);
	sql_query(tx, &r, SQL_LINK_LOOK, "ti", hash, clock_now());
	if (rows_next(&r)) {
		ret->org = rows_dup(&r, a, 0);
		ret->kind = rows_dup(&r, a, 1);
		ret->user_id = rows_dup(&r, a, 2);
	}
	rc = rows_end(&r, e);
	return rc == RC_OK && !ret->kind ? refuse(e) : rc;
}

enum rc link_use(struct tx *tx, const char *token, struct err *e)
{
	char hash[HASH_TEXT];
	enum rc rc;

	hash_hex(token, strlen(token), hash);
	rc = sql_exec(tx, e, SQL_LINK_USE, "ti", hash, clock_now());
	return rc == RC_OK && sql_changes(tx) == 0 ? refuse(e) : rc;
}

char *link_address(struct arena *a, const char *public_url, const char *kind, const char *token)
{
	size_t len = strlen(public_url);

	while (len && public_url[len - 1] == '/')
		len--;
	return arena_printf(a, "%.*s/%s#%s", (int)len, public_url, kind, token);
}
