#include "core/people/user.h"

#include "base/rand.h"
#include "core/people/session.h"

#include <string.h>

enum { EMAIL_MAX = 254, NAME_MAX_BYTES = 200 };

char *email_fold(struct arena *a, const char *email)
{
	char *fold = arena_strdup(a, email);

	for (char *p = fold; *p; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
	}
	return fold;
}

/* Letters that end an address in a mail header, or could hide one in another. */
static bool has_odd_letter(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s <= ' ' || *s == 0x7f || strchr("<>()[],;:\\\"", *s))
			return true;
	}
	return false;
}

enum rc email_check(const char *email, struct err *e)
{
	const char *at = strchr(email, '@');

	if (!at || at == email || !at[1] || strchr(at + 1, '@') || strlen(email) > EMAIL_MAX || has_odd_letter(email))
		return err_at(e, RC_INVALID, "/email", "This is not one e-mail address, such as anna@msp.example.");
	return RC_OK;
}

static enum rc check_name(const char *name, struct err *e)
{
	if (strlen(name) > NAME_MAX_BYTES)
		return err_at(e, RC_INVALID, "/name", "The name is longer than %d bytes.", NAME_MAX_BYTES);
	return RC_OK;
}

enum rc user_create(struct tx *tx, const char *org, const char *email, const char *name, enum role role,
	const char *password_hash, const char **ret_id, struct err *e)
{
	struct arena *a = tx_arena(tx);
	enum rc rc = email_check(email, e);

	if (rc == RC_OK)
		rc = check_name(name ? name : "", e);
	if (rc == RC_OK && role == ROLE_NONE)
		rc = err_at(e, RC_INVALID, "/role", "A role is viewer, approver or admin.");
	if (rc != RC_OK)
		return rc;
	*ret_id = id_make(a);
	rc = sql_exec(tx, e, SQL_USER_INSERT, "ttttttti", org, *ret_id, email, email_fold(a, email),
		name && *name ? name : email, role_name(role), password_hash, clock_now());
	if (rc == RC_OK && sql_changes(tx) == 0)
		return err_at(e, RC_CONFLICT, "/email", "There is a user with this e-mail address already.");
	return rc;
}

/* Columns as in user_get, user_find and user_list. */
static void read_user(struct rows *r, struct arena *a, struct user *ret)
{
	ret->org = rows_dup(r, a, 0);
	ret->id = rows_dup(r, a, 1);
	ret->email = rows_dup(r, a, 2);
	ret->name = rows_dup(r, a, 3);
	ret->role = role_parse(rows_text(r, 4));
	ret->password_hash = rows_dup(r, a, 5);
	ret->created_at = rows_int(r, 6);
	ret->disabled_at = rows_int(r, 7);
}

/* The user that a started query finds. */
static enum rc only_row(struct rows *r, struct arena *a, struct user *ret, struct err *e)
{
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	if (rows_next(r))
		read_user(r, a, ret);
	rc = rows_end(r, e);
	return rc == RC_OK && !ret->id ? RC_NOT_FOUND : rc;
}

enum rc user_get(struct tx *tx, struct arena *a, const char *org, const char *id, struct user *ret, struct err *e)
{
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_USER_GET, "tt", org, id);
	rc = only_row(&r, a, ret, e);
	return rc == RC_NOT_FOUND ? err_set(e, rc, "There is no user %s.", id) : rc;
}

enum rc user_find(struct tx *tx, struct arena *a, const char *email, struct user *ret, struct err *e)
{
	struct rows r;

	sql_query(tx, &r, SQL_USER_FIND, "t", email_fold(a, email));
	return only_row(&r, a, ret, e);
}

/* An organization keeps at least one administrator who can sign in. */
static enum rc check_last_admin(
	struct tx *tx, const struct user *before, enum role role, utime disabled_at, struct err *e)
{
	int64_t others = 0;
	enum rc rc;

	if (before->role != ROLE_ADMIN || before->disabled_at || !before->password_hash)
		return RC_OK;
	if (role == ROLE_ADMIN && !disabled_at)
		return RC_OK;
	rc = sql_int(tx, &others, e, SQL_USER_OTHER_ADMINS, "tt", before->org, before->id);
	if (rc == RC_OK && others == 0)
		return err_set(e, RC_CONFLICT,
			"%s is the only administrator who can sign in. Make another user an administrator first.",
			before->email);
	return rc;
}

enum rc user_change(struct tx *tx, const char *org, const char *id, const struct user_change *change, struct err *e)
{
	struct user u;
	enum role role;
	utime disabled_at;
	enum rc rc = tx_lock_org(tx, org, e);

	if (rc == RC_OK)
		rc = user_get(tx, tx_arena(tx), org, id, &u, e);
	if (rc == RC_OK && change->name)
		rc = check_name(change->name, e);
	if (rc != RC_OK)
		return rc;
	role = change->role ? change->role : u.role;
	disabled_at = u.disabled_at;
	if (change->disabled)
		disabled_at = !*change->disabled ? 0 : disabled_at ? disabled_at : clock_now();
	rc = check_last_admin(tx, &u, role, disabled_at, e);
	if (rc != RC_OK)
		return rc;
	rc = sql_exec(tx, e, SQL_USER_CHANGE, "ttttI", org, id, change->name ? change->name : u.name, role_name(role),
		disabled_at ? &disabled_at : NULL);
	if (rc == RC_OK && (role != u.role || disabled_at))
		rc = session_end_all(tx, org, id, e);
	return rc;
}

enum rc user_set_password(struct tx *tx, const char *org, const char *id, const char *password_hash, struct err *e)
{
	enum rc rc = sql_exec(tx, e, SQL_USER_PASSWORD, "ttt", org, id, password_hash);

	return rc == RC_OK ? session_end_all(tx, org, id, e) : rc;
}

enum rc user_list(struct tx *tx, const char *org, const char *after, int64_t limit, struct jsonw *w,
	const char **ret_next, struct err *e)
{
	struct arena *a = tx_arena(tx);
	struct user u;
	int64_t count = 0;
	struct rows r;

	*ret_next = NULL;
	sql_query(tx, &r, SQL_USER_LIST, "tti", org, after, limit);
	while (rows_next(&r)) {
		read_user(&r, a, &u);
		user_write(w, &u);
		if (++count == limit)
			*ret_next = email_fold(a, u.email);
	}
	return rows_end(&r, e);
}

void user_write(struct jsonw *w, const struct user *u)
{
	char at[CLOCK_TEXT];

	jsonw_object(w);
	jsonw_kv(w, "id", u->id);
	jsonw_kv(w, "email", u->email);
	jsonw_kv(w, "name", u->name);
	jsonw_kv(w, "role", role_name(u->role));
	jsonw_kv(w, "state", u->disabled_at ? "disabled" : u->password_hash ? "active" : "invited");
	jsonw_kv(w, "created_at", clock_format(u->created_at, at));
	jsonw_end_object(w);
}

enum rc user_admins(struct tx *tx, struct arena *a, const char *org, const char *const **ret, struct err *e)
{
	const char **list = arena_array(a, 1, sizeof(*list));
	size_t count = 0;
	struct rows r;

	sql_query(tx, &r, SQL_USER_ADMINS, "t", org);
	while (rows_next(&r)) {
		const char **more = arena_array(a, count + 2, sizeof(*more));

		memcpy(more, list, count * sizeof(*more));
		more[count++] = rows_dup(&r, a, 0);
		list = more;
	}
	*ret = (const char *const *)list;
	return rows_end(&r, e);
}
