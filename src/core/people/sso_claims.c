#include "core/people/sso_claims.h"

#include <string.h>

#define SKEW 60 /* seconds that clocks may differ */

static enum rc wrong(struct err *e, const char *what)
{
	return err_set(e, RC_DENIED, "The provider's token does not count: %s.", what);
}

/* A text, or one of a list of texts. */
static bool says(const struct json *claim, const char *word)
{
	if (json_text(claim))
		return strcmp(json_text(claim), word) == 0;
	for (const struct json *v = claim && json_is(claim, JSON_ARRAY) ? claim->child : NULL; v; v = v->next)
		if (strcmp(json_text_or(v, ""), word) == 0)
			return true;
	return false;
}

static bool has_others(const struct json *claim)
{
	return json_is(claim, JSON_ARRAY) && claim->count > 1;
}

enum rc sso_claims_check(const struct sso *s, const struct json *claims, const char *nonce, utime now, struct err *e)
{
	int64_t expires, issued, seconds = now / CLOCK_SECOND, not_before = 0;
	const char *party = json_member(claims, "azp");

	if (strcmp(json_text_or(json_get(claims, "iss"), ""), s->issuer) != 0)
		return wrong(e, "another issuer made it");
	if (!says(json_get(claims, "aud"), s->client_id))
		return wrong(e, "it is for another application");
	if ((party && strcmp(party, s->client_id) != 0) || (!party && has_others(json_get(claims, "aud"))))
		return wrong(e, "it was made for another party");
	if (json_int(json_get(claims, "exp"), 0, INT64_MAX / 2, &expires) != RC_OK || expires + SKEW <= seconds)
		return wrong(e, "it has expired");
	if (json_int(json_get(claims, "iat"), 0, INT64_MAX / 2, &issued) != RC_OK || issued - SKEW > seconds)
		return wrong(e, "it comes from the future; compare the clocks");
	if (json_get(claims, "nbf") &&
		(json_int(json_get(claims, "nbf"), 0, INT64_MAX / 2, &not_before) != RC_OK ||
			not_before - SKEW > seconds))
		return wrong(e, "it does not count yet");
	if (strcmp(json_text_or(json_get(claims, "nonce"), ""), nonce) != 0)
		return wrong(e, "it belongs to another sign-in");
	if (!json_member(claims, "sub") || !*json_member(claims, "sub"))
		return wrong(e, "it names nobody");
	return RC_OK;
}

enum role sso_claims_role(const struct sso *s, const struct json *claims)
{
	const struct json *claim = s->role_claim ? json_get(claims, s->role_claim) : NULL;
	enum role best = s->default_role;

	for (const struct json *m = s->roles ? s->roles->child : NULL; m; m = m->next) {
		enum role role = role_parse(json_text_or(m, ""));

		if (says(claim, m->key) && role > best)
			best = role;
	}
	return best;
}

struct entry {
	struct arena *arena;
	const struct sso *sso;
	const struct json *claims;
	const char *subject, *email, *request_id;
	struct user user;
	struct signed_in *ret;
};

/* Whether the provider says itself that the address is that person's. */
static bool is_verified(const struct entry *n)
{
	const struct json *v = json_get(n->claims, "email_verified");

	return json_true(v) || strcmp(json_text_or(v, ""), "true") == 0;
}

static enum rc bind(struct tx *tx, const struct entry *n, const char *user_id, struct err *e)
{
	return sql_exec(
		tx, e, SQL_SSO_IDENTITY_ADD, "tttti", n->sso->org, n->sso->issuer, n->subject, user_id, clock_now());
}

static enum rc make_user(struct tx *tx, struct entry *n, struct err *e)
{
	enum role role = sso_claims_role(n->sso, n->claims);
	const char *id, *name = json_member(n->claims, "name");
	enum rc rc;

	if (role == ROLE_NONE)
		return err_set(
			e, RC_DENIED, "You may not use Trueup yet. Ask an administrator to invite %s.", n->email);
	rc = user_create(tx, n->sso->org, n->email, name ? name : n->email, role, NULL, &id, e);
	if (rc == RC_OK)
		rc = bind(tx, n, id, e);
	return rc == RC_OK ? user_get(tx, n->arena, n->sso->org, id, &n->user, e) : rc;
}

/* The first time: somebody we know by address, or somebody new. */
static enum rc meet(struct tx *tx, struct entry *n, struct err *e)
{
	struct err ignored = ERR_INIT;
	enum rc rc;

	if (!n->email)
		return err_set(e, RC_DENIED, "The sign-in provider does not tell your e-mail address.");
	rc = user_find(tx, n->arena, n->email, &n->user, &ignored);
	if (rc == RC_NOT_FOUND)
		return make_user(tx, n, e);
	if (rc != RC_OK) {
		*e = ignored;
		return rc;
	}
	if (strcmp(n->user.org, n->sso->org) != 0 || !is_verified(n))
		return err_set(e, RC_DENIED,
			"There is a user of your e-mail address already, and the provider does not say that it "
			"verified "
			"the address. Sign in with your password.");
	return bind(tx, n, n->user.id, e);
}

static enum rc find(struct tx *tx, struct entry *n, struct err *e)
{
	char *id;
	enum rc rc = sql_text(
		tx, n->arena, &id, e, SQL_SSO_IDENTITY_GET, "ttt", n->sso->org, n->sso->issuer, n->subject);

	if (rc == RC_NOT_FOUND)
		return meet(tx, n, e);
	return rc == RC_OK ? user_get(tx, n->arena, n->sso->org, id, &n->user, e) : rc;
}

/* With a mapping the provider decides, each time anew; without one whoever manages users here does. */
static enum rc set_role(struct tx *tx, struct entry *n, struct err *e)
{
	struct user_change change = { .role = sso_claims_role(n->sso, n->claims) };
	enum rc rc;

	if (!n->sso->role_claim || change.role == n->user.role)
		return RC_OK;
	if (change.role == ROLE_NONE)
		return err_set(e, RC_DENIED, "The sign-in provider gives you no role here any more.");
	rc = user_change(tx, n->sso->org, n->user.id, &change, e);
	n->user.role = change.role;
	return rc;
}

static enum rc enter_fn(struct tx *tx, void *arg, struct err *e)
{
	struct entry *n = arg;
	enum rc rc = tx_lock_org(tx, n->sso->org, e);

	if (rc == RC_OK)
		rc = find(tx, n, e);
	if (rc == RC_OK)
		rc = set_role(tx, n, e);
	return rc == RC_OK ? signin_known(tx, n->arena, &n->user, "sso", n->request_id, n->ret, e) : rc;
}

enum rc sso_claims_enter(struct db *db, struct arena *a, const struct sso *s, const struct json *claims,
	const char *request_id, struct signed_in *ret, struct err *e)
{
	struct entry n = { .arena = a,
		.sso = s,
		.claims = claims,
		.subject = json_member(claims, "sub"),
		.email = json_member(claims, "email"),
		.request_id = request_id,
		.ret = ret };

	memset(ret, 0, sizeof(*ret));
	return db_write(db, enter_fn, &n, e);
}
