/* sso.c - the settings, and the way there and back. What the token says is judged in sso_claims.c. */
#include "core/people/sso.h"

#include "base/codec.h"
#include "base/rand.h"
#include "core/people/jwt.h"
#include "core/people/sso_claims.h"

#include <sodium.h>
#include <string.h>

#define STATE_LIFE (10 * 60 * CLOCK_SECOND)
#define OWNER "sso"

enum { BITS = 256 };

static const struct json_limits limits = JSON_LIMITS_DEFAULT;

static enum rc read_row(struct tx *tx, struct arena *a, const char *org, struct sso *ret, const char **ret_secret_id,
	const char **ret_roles, struct err *e)
{
	struct rows r;

	*ret = (struct sso){ .org = org };
	*ret_secret_id = *ret_roles = NULL;
	sql_query(tx, &r, SQL_SSO_GET, "t", org);
	if (rows_next(&r)) {
		ret->issuer = rows_dup(&r, a, 0);
		ret->client_id = rows_dup(&r, a, 1);
		*ret_secret_id = rows_dup(&r, a, 2);
		ret->role_claim = rows_dup(&r, a, 3);
		*ret_roles = rows_dup(&r, a, 4);
		ret->default_role = role_parse(rows_text(&r, 5));
	}
	return rows_end(&r, e);
}

enum rc sso_get(struct tx *tx, struct vault *v, struct arena *a, const char *org, struct sso *ret, struct err *e)
{
	const char *secret_id, *roles;
	char *first = NULL, *secret;
	struct json *parsed;
	enum rc rc = org ? RC_OK : sql_text(tx, a, &first, e, SQL_SSO_FIRST, "");

	if (rc == RC_OK)
		rc = read_row(tx, a, org ? org : first, ret, &secret_id, &roles, e);
	if (rc == RC_NOT_FOUND || (rc == RC_OK && !roles))
		return err_set(e, RC_NOT_FOUND, "Signing in elsewhere is not set up here.");
	if (rc == RC_OK)
		rc = json_parse(a, roles, strlen(roles), &limits, &parsed, e);
	if (rc == RC_OK)
		ret->roles = parsed;
	if (rc != RC_OK || !secret_id)
		return rc;
	rc = vault_get(v, tx, a, ret->org, secret_id, OWNER, &secret, e);
	ret->client_secret = rc == RC_OK ? secret : NULL;
	return rc;
}

enum rc sso_write(struct tx *tx, const char *org, struct jsonw *w, struct err *e)
{
	const char *secret_id, *roles;
	struct sso s;
	enum rc rc = read_row(tx, tx_arena(tx), org, &s, &secret_id, &roles, e);

	if (rc == RC_OK && !s.issuer)
		jsonw_null(w);
	if (rc != RC_OK || !s.issuer)
		return rc;
	jsonw_object(w);
	jsonw_kv(w, "issuer", s.issuer);
	jsonw_kv(w, "client_id", s.client_id);
	jsonw_kv(w, "role_claim", s.role_claim);
	jsonw_kv_raw(w, "roles", roles);
	jsonw_kv(w, "default_role", s.default_role == ROLE_NONE ? NULL : role_name(s.default_role));
	jsonw_kv_bool(w, "secret_stored", secret_id != NULL);
	jsonw_end_object(w);
	return RC_OK;
}

static enum rc check_roles(const struct json *roles, struct err *e)
{
	for (const struct json *m = roles ? roles->child : NULL; m; m = m->next)
		if (role_parse(json_text_or(m, "")) == ROLE_NONE)
			return err_at(e, RC_INVALID, "/roles", "Each value is viewer, approver or admin.");
	return RC_OK;
}

static enum rc check_body(const struct json *body, struct err *e)
{
	const struct json *roles = json_get(body, "roles");
	const char *issuer = json_member(body, "issuer");

	if (strncmp(issuer, "https://", 8) != 0 && strncmp(issuer, "http://", 7) != 0)
		return err_at(
			e, RC_INVALID, "/issuer", "Write the provider's address, such as https://login.example.com.");
	if (roles && roles->child && !json_member(body, "role_claim"))
		return err_at(
			e, RC_INVALID, "/role_claim", "Name the claim whose values the roles are for, such as groups.");
	return check_roles(roles, e);
}

static const char *text_of(struct arena *a, const struct json *v)
{
	AUTO(buf) b = BUF_INIT(64 * 1024);
	struct jsonw w;

	if (json_is_null(v))
		return "{}";
	jsonw_init(&w, &b, 0);
	jsonw_value(&w, v);
	return arena_strdup(a, buf_text(&b));
}

enum rc sso_put(struct tx *tx, struct vault *v, const char *org, const struct json *body, struct err *e)
{
	const char *secret = json_member(body, "client_secret"), *secret_id, *roles;
	struct arena *a = tx_arena(tx);
	char *kept = NULL;
	struct sso old;
	enum rc rc = check_body(body, e);

	if (rc == RC_OK)
		rc = read_row(tx, a, org, &old, &secret_id, &roles, e);
	/* What one provider was trusted with is not sent to another. */
	if (rc == RC_OK && !secret && secret_id && strcmp(old.issuer, json_member(body, "issuer")) != 0)
		return err_at(e, RC_INVALID, "/client_secret", "The provider is another one: give its client_secret.");
	if (rc == RC_OK && secret && !*secret && secret_id)
		rc = vault_delete(tx, org, secret_id, e);
	if (rc == RC_OK && secret && *secret)
		rc = vault_put(v, tx, org, secret_id, OWNER, secret, &kept, e);
	if (rc != RC_OK)
		return rc;
	if (!secret)
		kept = secret_id ? arena_strdup(a, secret_id) : NULL;
	return sql_exec(tx, e, SQL_SSO_PUT, "ttttttti", org, json_member(body, "issuer"),
		json_member(body, "client_id"), kept, json_member(body, "role_claim"),
		text_of(a, json_get(body, "roles")), json_member(body, "default_role"), clock_now());
}

enum rc sso_remove(struct tx *tx, const char *org, struct err *e)
{
	const char *secret_id, *roles;
	struct sso s;
	enum rc rc = read_row(tx, tx_arena(tx), org, &s, &secret_id, &roles, e);

	if (rc == RC_OK && !s.issuer)
		return err_set(e, RC_NOT_FOUND, "Signing in elsewhere is not set up here.");
	if (rc == RC_OK && secret_id)
		rc = vault_delete(tx, org, secret_id, e);
	return rc == RC_OK ? sql_exec(tx, e, SQL_SSO_REMOVE, "t", org) : rc;
}

/* ---- the provider ---- */

struct provider {
	struct sso s;
	struct json *about; /* its discovery document */
};

struct config {
	struct arena *arena;
	struct vault *vault;
	const char *org;
	struct sso *ret;
};

static enum rc config_fn(struct tx *tx, void *arg, struct err *e)
{
	struct config *c = arg;

	return sso_get(tx, c->vault, c->arena, c->org, c->ret, e);
}

static enum rc fetch_json(
	const struct sso_net *net, struct arena *a, const char *url, const char *body, struct json **ret, struct err *e)
{
	const char *text;
	enum rc rc = net->fetch(net->arg, a, url, body, &text, e);

	if (rc == RC_OK && json_parse(a, text, strlen(text), &limits, ret, e) != RC_OK)
		return err_set(e, RC_REMOTE, "The sign-in provider answered something that is not JSON.");
	return rc;
}

static enum rc discover(const struct sso_net *net, struct arena *a, struct provider *p, struct err *e)
{
	size_t len = strlen(p->s.issuer);
	const char *slash = len && p->s.issuer[len - 1] == '/' ? "" : "/";
	const char *url = arena_printf(a, "%s%s.well-known/openid-configuration", p->s.issuer, slash);
	enum rc rc = fetch_json(net, a, url, NULL, &p->about, e);

	if (rc != RC_OK)
		return rc;
	if (strcmp(json_text_or(json_get(p->about, "issuer"), ""), p->s.issuer) != 0)
		return err_set(
			e, RC_REMOTE, "The sign-in provider calls itself by another name than the issuer that is set.");
	if (!json_member(p->about, "authorization_endpoint") || !json_member(p->about, "token_endpoint") ||
		!json_member(p->about, "jwks_uri"))
		return err_set(e, RC_REMOTE, "The sign-in provider does not say where to sign in.");
	return RC_OK;
}

/* ---- there ---- */

struct state {
	const char *org, *hash, *nonce, *verifier;
	utime expires_at;
};

static enum rc keep_state(struct tx *tx, void *arg, struct err *e)
{
	const struct state *s = arg;

	return sql_exec(tx, e, SQL_SSO_STATE_ADD, "tttti", s->org, s->hash, s->nonce, s->verifier, s->expires_at);
}

static const char *challenge(struct arena *a, const char *verifier)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char *text, *to;

	crypto_hash_sha256(hash, (const unsigned char *)verifier, strlen(verifier));
	text = to = base64_encode(a, hash, sizeof(hash));
	for (const char *p = text; *p; p++) {
		if (*p != '=')
			*to++ = *p == '+' ? '-' : *p == '/' ? '_' : *p;
	}
	*to = '\0';
	return text;
}

enum rc sso_start(struct db *db, struct vault *v, const struct sso_net *net, struct arena *a, const char *redirect_uri,
	const char **ret_url, const char **ret_state, struct err *e)
{
	struct provider p = { 0 };
	struct config c = { a, v, NULL, &p.s };
	struct state s = {
		.nonce = rand_token(a, BITS), .verifier = rand_token(a, BITS), .expires_at = clock_now() + STATE_LIFE
	};
	char hash[HASH_TEXT];
	const char *at;
	enum rc rc = db_read(db, config_fn, &c, e);

	if (rc == RC_OK)
		rc = discover(net, a, &p, e);
	if (rc != RC_OK)
		return rc;
	*ret_state = rand_token(a, BITS);
	hash_hex(*ret_state, strlen(*ret_state), hash);
	s.org = p.s.org;
	s.hash = hash;
	at = json_member(p.about, "authorization_endpoint");
	*ret_url = arena_printf(a,
		"%s%sresponse_type=code&scope=openid%%20email%%20profile&client_id=%s&redirect_uri=%s&state=%s&nonce=%s"
		"&code_challenge=%s&code_challenge_method=S256",
		at, strchr(at, '?') ? "&" : "?", url_encode(a, p.s.client_id), url_encode(a, redirect_uri), *ret_state,
		s.nonce, challenge(a, s.verifier));
	return db_write(db, keep_state, &s, e);
}

/* ---- and back ---- */

struct taken {
	struct arena *arena;
	const char *hash;
	struct state state;
};

/* Whatever comes of it, a state is used once. */
static enum rc take_state(struct tx *tx, void *arg, struct err *e)
{
	struct taken *t = arg;
	struct rows r;
	enum rc rc;

	t->state = (struct state){ 0 };
	sql_query(tx, &r, SQL_SSO_STATE_GET, "t", t->hash);
	if (rows_next(&r))
		t->state = (struct state){ rows_dup(&r, t->arena, 0), t->hash, rows_dup(&r, t->arena, 1),
			rows_dup(&r, t->arena, 2), rows_int(&r, 3) };
	rc = rows_end(&r, e);
	return rc == RC_OK ? sql_exec(tx, e, SQL_SSO_STATE_REMOVE, "ti", t->hash, clock_now()) : rc;
}

static enum rc find_state(struct db *db, struct arena *a, const struct sso_back *b, struct state *ret, struct err *e)
{
	struct taken t = { .arena = a };
	char hash[HASH_TEXT];
	enum rc rc;

	if (!b->state || !b->cookie || !same_secret(b->state, b->cookie))
		return err_set(e, RC_DENIED, "This sign-in was not begun in this browser. Begin again.");
	hash_hex(b->state, strlen(b->state), hash);
	t.hash = arena_strdup(a, hash);
	rc = db_write(db, take_state, &t, e);
	if (rc == RC_OK && (!t.state.org || t.state.expires_at <= clock_now()))
		return err_set(e, RC_DENIED, "This sign-in took too long, or was used already. Begin again.");
	*ret = t.state;
	return rc;
}

static enum rc exchange(const struct sso_net *net, struct arena *a, const struct provider *p, const struct state *s,
	const struct sso_back *b, struct json **ret_claims, struct err *e)
{
	const char *secret = p->s.client_secret;
	const char *body = arena_printf(a,
		"grant_type=authorization_code&code=%s&redirect_uri=%s&client_id=%s&code_verifier=%s%s%s",
		url_encode(a, b->code), url_encode(a, b->redirect_uri), url_encode(a, p->s.client_id), s->verifier,
		secret ? "&client_secret=" : "", secret ? url_encode(a, secret) : "");
	struct json *answer, *keys;
	const char *token;
	enum rc rc = fetch_json(net, a, json_member(p->about, "token_endpoint"), body, &answer, e);

	if (rc != RC_OK)
		return rc;
	token = json_member(answer, "id_token");
	if (!token)
		return err_set(e, RC_REMOTE, "The sign-in provider gave no id_token.");
	rc = fetch_json(net, a, json_member(p->about, "jwks_uri"), NULL, &keys, e);
	return rc == RC_OK ? jwt_verify(a, token, keys, ret_claims, e) : rc;
}

enum rc sso_finish(struct db *db, struct vault *v, const struct sso_net *net, struct arena *a, const struct sso_back *b,
	struct signed_in *ret, struct err *e)
{
	struct provider p = { 0 };
	struct config c = { a, v, NULL, &p.s };
	struct json *claims;
	struct state s = { 0 };
	enum rc rc = find_state(db, a, b, &s, e);

	if (rc != RC_OK)
		return rc;
	if (!b->code)
		return err_set(e, RC_DENIED, "The sign-in provider refused.");
	c.org = s.org;
	rc = db_read(db, config_fn, &c, e);
	if (rc == RC_OK)
		rc = discover(net, a, &p, e);
	if (rc == RC_OK)
		rc = exchange(net, a, &p, &s, b, &claims, e);
	if (rc == RC_OK)
		rc = sso_claims_check(&p.s, claims, s.nonce, clock_now(), e);
	return rc == RC_OK ? sso_claims_enter(db, a, &p.s, claims, b->request_id, ret, e) : rc;
}
