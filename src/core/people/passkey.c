#include "core/people/passkey.h"

#include "base/clock.h"
#include "base/rand.h"
#include "core/people/session.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- challenges ---- */

static const char *context_of(struct arena *a, const char *user)
{
	return user ? arena_printf(a, "passkey of %s", user) : "passkey sign-in";
}

const char *passkey_challenge(struct vault *v, struct arena *a, const char *user)
{
	char *sealed = vault_seal(v, a, context_of(a, user), arena_printf(a, "%" PRId64, clock_now()));

	return base64url_encode(a, sealed, strlen(sealed));
}

/* When the challenge was made that is answered here. */
static enum rc answered(struct vault *v, struct arena *a, const struct webauthn_site *site,
	const struct webauthn_answer *answer, const char *user, utime *ret, struct err *e)
{
	const char *type = user ? "webauthn.create" : "webauthn.get", *challenge;
	utime now = clock_now();
	char *plain;
	enum rc rc = webauthn_challenge(a, site, answer, type, &challenge, e);

	if (rc != RC_OK)
		return rc;
	if (vault_unseal(v, a, context_of(a, user), challenge, &plain, NULL) != RC_OK)
		return err_at(e, RC_INVALID, "/client_data", "This answers nothing that was asked here. Try again.");
	*ret = strtoll(plain, NULL, 10);
	if (*ret > now || now - *ret > PASSKEY_PATIENCE)
		return err_at(e, RC_INVALID, "/client_data", "That took too long. Try again.");
	return RC_OK;
}

enum rc passkey_any(struct tx *tx, bool *ret, struct err *e)
{
	int64_t found = 0;
	enum rc rc = sql_int(tx, &found, e, SQL_PASSKEY_ANY, "");

	*ret = found > 0;
	return rc;
}

/* ---- one's own ---- */

static enum rc count(struct tx *tx, const char *org, const char *user, int *ret, struct err *e)
{
	struct rows r;

	*ret = 0;
	sql_query(tx, &r, SQL_PASSKEY_LIST, "tt", org, user);
	while (rows_next(&r))
		++*ret;
	return rows_end(&r, e);
}

static enum rc check_new(struct tx *tx, const char *org, const char *user, const char *credential, struct err *e)
{
	struct rows r;
	bool known;
	int there;
	enum rc rc;

	sql_query(tx, &r, SQL_PASSKEY_FIND, "t", credential);
	known = rows_next(&r);
	rc = rows_end(&r, e);
	if (rc == RC_OK && known)
		return err_set(e, RC_CONFLICT, "This passkey is there already. Nothing was added.");
	if (rc == RC_OK)
		rc = count(tx, org, user, &there, e);
	if (rc == RC_OK && there >= PASSKEYS_MAX)
		return err_set(e, RC_CONFLICT, "There are %d passkeys already. Remove one first.", PASSKEYS_MAX);
	return rc;
}

enum rc passkey_add(struct tx *tx, struct vault *v, const char *org, const char *user, const struct passkey *p,
	const char **ret_id, struct err *e)
{
	struct arena *a = tx_arena(tx);
	struct webauthn_key key;
	utime asked;
	enum rc rc = answered(v, a, p->site, &p->answer, user, &asked, e);

	if (rc == RC_OK)
		rc = webauthn_made(a, p->site, &p->answer, &key, e);
	if (rc == RC_OK)
		rc = check_new(tx, org, user, key.credential, e);
	if (rc != RC_OK)
		return rc;
	*ret_id = id_make(a);
	return sql_exec(tx, e, SQL_PASSKEY_INSERT, "tttttitiii", org, *ret_id, user, p->name, key.credential,
		key.algorithm, key.key, key.uses, asked, clock_now());
}

enum rc passkey_list(struct tx *tx, const char *org, const char *user, struct jsonw *w, struct err *e)
{
	char at[CLOCK_TEXT];
	struct rows r;

	jsonw_array(w);
	sql_query(tx, &r, SQL_PASSKEY_LIST, "tt", org, user);
	while (rows_next(&r)) {
		jsonw_object(w);
		jsonw_kv(w, "id", rows_text(&r, 0));
		jsonw_kv(w, "name", rows_text(&r, 1));
		jsonw_kv(w, "credential", rows_text(&r, 2));
		jsonw_kv(w, "created_at", clock_format(rows_int(&r, 3), at));
		jsonw_kv(w, "used_at", rows_null(&r, 4) ? NULL : clock_format(rows_int(&r, 4), at));
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
	return rows_end(&r, e);
}

enum rc passkey_remove(struct tx *tx, const char *org, const char *user, const char *id, struct err *e)
{
	enum rc rc = sql_exec(tx, e, SQL_PASSKEY_REMOVE, "ttt", org, user, id ? id : "");

	if (rc == RC_OK && id && sql_changes(tx) == 0)
		return err_set(e, RC_NOT_FOUND, "There is no such passkey.");
	return rc;
}

/* ---- signing in ---- */

struct entering {
	const struct passkey_signin *in;
	struct arena *arena;
	struct signed_in *ret;
	utime asked;
	const char *org, *id, *user;
	struct webauthn_key key;
};

static enum rc find(struct tx *tx, struct entering *n, struct err *e)
{
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_PASSKEY_FIND, "t", n->in->credential);
	if (rows_next(&r)) {
		n->org = rows_dup(&r, n->arena, 0);
		n->id = rows_dup(&r, n->arena, 1);
		n->user = rows_dup(&r, n->arena, 2);
		n->key = (struct webauthn_key){ n->in->credential, rows_dup(&r, n->arena, 4), rows_int(&r, 3),
			rows_int(&r, 5) };
	}
	rc = rows_end(&r, e);
	if (rc == RC_OK && !n->id)
		return err_set(e, RC_UNAUTHORIZED,
			"This passkey is not known here: it was removed, or is another server's. "
			"Sign in in another way.");
	return rc;
}

/* Its counter and its newest challenge, for good. */
static enum rc step(struct tx *tx, const struct entering *n, int64_t before, struct err *e)
{
	enum rc rc = sql_exec(
		tx, e, SQL_PASSKEY_STEP, "ttiiii", n->org, n->id, before, n->key.uses, n->asked, clock_now());

	if (rc == RC_OK && sql_changes(tx) == 0)
		return err_set(e, RC_UNAUTHORIZED, "This answer was used already. Try again.");
	return rc;
}

static enum rc enter_fn(struct tx *tx, void *arg, struct err *e)
{
	struct entering *n = arg;
	struct user user;
	int64_t before;
	enum rc rc = find(tx, n, e);

	if (rc != RC_OK)
		return rc;
	before = n->key.uses;
	rc = webauthn_used(n->arena, n->in->site, &n->in->answer, &n->key, e);
	if (rc == RC_OK)
		rc = user_get(tx, n->arena, n->org, n->user, &user, e);
	if (rc == RC_OK)
		rc = step(tx, n, before, e);
	if (rc == RC_OK && n->in->old_key)
		rc = session_end(tx, n->org, n->in->old_key, e);
	return rc == RC_OK ? signin_known(tx, n->arena, &user, "passkey", n->in->request_id, n->ret, e) : rc;
}

enum rc passkey_signin(
	struct db *db, struct arena *a, const struct passkey_signin *s, struct signed_in *ret, struct err *e)
{
	struct entering n = { .in = s, .arena = a, .ret = ret };
	enum rc rc = answered(s->vault, a, s->site, &s->answer, NULL, &n.asked, e);

	memset(ret, 0, sizeof(*ret));
	return rc == RC_OK ? db_write(db, enter_fn, &n, e) : rc;
}
