#include "core/people/token.h"

#include "base/codec.h"
#include "base/rand.h"

#include <stdio.h>
#include <string.h>

enum { SECRET_BITS = 256, NAME_MAX_BYTES = 200 };

static enum rc check(const char *name, enum role role, utime expires_at, utime now, struct err *e)
{
	if (!name[strspn(name, " \t")] || strlen(name) > NAME_MAX_BYTES)
		return err_at(e, RC_INVALID, "/name", "A token needs a name of at most %d bytes.", NAME_MAX_BYTES);
	if (role == ROLE_NONE)
		return err_at(e, RC_INVALID, "/role", "A role is viewer, approver or admin.");
	if (expires_at && expires_at <= now)
		return err_at(e, RC_INVALID, "/expires_at", "This time is over already.");
	return RC_OK;
}

/* Nobody gives away what they do not have. */
static enum rc check_scopes(const struct principal *who, const char *scopes, struct err *e)
{
	size_t len;

	if (who->scopes && !scopes)
		return err_at(
			e, RC_DENIED, "/scopes", "A token with scopes makes tokens with scopes only, of its own.");
	for (const char *p = scopes ? scopes : ""; *p; p += len + (p[len] == ' ')) {
		bool reads;
		char noun[64];

		len = strcspn(p, " ");
		reads = len > 5 && strncmp(p + len - 5, ":read", 5) == 0;
		snprintf(noun, sizeof(noun), "%.*s", (int)(reads ? len - 5 : len), p);
		if (!scope_allows(who->scopes, noun, !reads))
			return err_at(e, RC_DENIED, "/scopes", "Your own token does not reach %s.", noun);
	}
	return RC_OK;
}

enum rc token_create(struct tx *tx, const struct principal *who, const char *name, enum role role, utime expires_at,
	const char *scopes, const char **ret_id, const char **ret_text, struct err *e)
{
	struct arena *a = tx_arena(tx);
	utime now = clock_now();
	char hash[HASH_TEXT];
	enum rc rc = check(name, role, expires_at, now, e);

	if (rc == RC_OK)
		rc = check_scopes(who, scopes, e);
	if (rc != RC_OK)
		return rc;
	*ret_id = id_make(a);
	*ret_text = arena_printf(a, "tu_%s_%s", *ret_id, rand_token(a, SECRET_BITS));
	hash_hex(*ret_text, strlen(*ret_text), hash);
	return sql_exec(tx, e, SQL_TOKEN_INSERT, "tttttitIt", who->org, *ret_id, name, role_name(role), hash, now,
		who->name, expires_at ? &expires_at : NULL, scopes);
}

enum rc token_revoke(struct tx *tx, const char *org, const char *id, struct err *e)
{
	enum rc rc = sql_exec(tx, e, SQL_TOKEN_REVOKE, "tti", org, id, clock_now());

	if (rc == RC_OK && sql_changes(tx) == 0)
		return err_set(e, RC_NOT_FOUND, "There is no token %s.", id);
	return rc;
}

static void write_time(struct jsonw *w, const char *key, struct rows *r, int col)
{
	char text[CLOCK_TEXT];

	jsonw_kv(w, key, rows_null(r, col) ? NULL : clock_format(rows_int(r, col), text));
}

/* Columns as in token_get and token_list. */
static void write_token(struct jsonw *w, struct rows *r)
{
	jsonw_object(w);
	jsonw_kv(w, "id", rows_text(r, 0));
	jsonw_kv(w, "name", rows_text(r, 1));
	jsonw_kv(w, "role", rows_text(r, 2));
	write_time(w, "created_at", r, 3);
	jsonw_kv(w, "created_by", rows_text(r, 4));
	write_time(w, "expires_at", r, 5);
	write_time(w, "last_used_at", r, 6);
	write_time(w, "revoked_at", r, 7);
	jsonw_kv(w, "scopes", rows_text(r, 8));
	jsonw_end_object(w);
}

enum rc token_write(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e)
{
	bool found = false;
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_TOKEN_GET, "tt", org, id);
	if (rows_next(&r)) {
		found = true;
		write_token(w, &r);
	}
	rc = rows_end(&r, e);
	if (rc == RC_OK && !found)
		return err_set(e, RC_NOT_FOUND, "There is no token %s.", id);
	return rc;
}

enum rc token_list(struct tx *tx, const char *org, const char *before, int64_t limit, struct jsonw *w,
	const char **ret_next, struct err *e)
{
	int64_t count = 0;
	struct rows r;

	*ret_next = NULL;
	sql_query(tx, &r, SQL_TOKEN_LIST, "tti", org, before, limit);
	while (rows_next(&r)) {
		write_token(w, &r);
		if (++count == limit)
			*ret_next = rows_dup(&r, tx_arena(tx), 0);
	}
	return rows_end(&r, e);
}
