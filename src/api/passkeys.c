/* Passkeys: signing in with one, and one's own, added and removed while signed in. */
#include "api/app.h"
#include "api/routes.h"
#include "api/session.h"
#include "core/people/passkey.h"

#include <string.h>

static enum rc site(struct call *c, struct webauthn_site *ret, struct err *e)
{
	if (!webauthn_site(c->arena, c->app->public_url, ret))
		return err_set(e, RC_CONFLICT,
			"Browsers take passkeys only over https and by a name. Set TRUEUP_PUBLIC_URL to the "
			"https address of this server.");
	return RC_OK;
}

static struct webauthn_answer answer_of(struct call *c)
{
	return (struct webauthn_answer){ call_text(c, "client_data"), call_text(c, "authenticator_data"),
		call_text(c, "signature") };
}

/* ---- signing in ---- */

static enum rc get_offer(struct call *c, struct err *e)
{
	struct webauthn_site s;
	bool on = webauthn_site(c->arena, c->app->public_url, &s), any;
	enum rc rc = passkey_any(c->tx, &any, e);

	if (rc != RC_OK)
		return rc;
	jsonw_object(&c->out);
	jsonw_kv_bool(&c->out, "on", on);
	jsonw_kv_bool(&c->out, "any", any);
	jsonw_kv(&c->out, "rp_id", on ? s.rp_id : NULL);
	jsonw_kv(&c->out, "challenge", on ? passkey_challenge(c->app->vault, c->arena, NULL) : NULL);
	jsonw_kv_int(&c->out, "timeout_ms", PASSKEY_PATIENCE / 1000);
	jsonw_end_object(&c->out);
	return RC_OK;
}

static enum rc post_signin(struct call *c, struct err *e)
{
	struct webauthn_site s;
	struct passkey_signin p = { .vault = c->app->vault,
		.site = &s,
		.credential = call_text(c, "credential"),
		.answer = answer_of(c),
		.old_key = session_old(c),
		.request_id = c->rq->id };
	struct signed_in in;
	enum rc rc = site(c, &s, e);

	if (rc == RC_OK)
		rc = passkey_signin(c->app->db, c->arena, &p, &in, e);
	if (rc == RC_OK)
		session_answer(c, &in);
	return rc;
}

/* ---- one's own ---- */

static enum rc only_people(struct call *c, struct err *e)
{
	if (c->who.is_token)
		return err_set(e, RC_INVALID, "A token has no passkeys. Sign in as the user whose it is.");
	return RC_OK;
}

static enum rc get_mine(struct call *c, struct err *e)
{
	struct webauthn_site s;
	bool on = webauthn_site(c->arena, c->app->public_url, &s);
	enum rc rc = only_people(c, e);

	if (rc != RC_OK)
		return rc;
	jsonw_object(&c->out);
	jsonw_kv_bool(&c->out, "on", on);
	jsonw_kv(&c->out, "rp_id", on ? s.rp_id : NULL);
	jsonw_key(&c->out, "items");
	rc = passkey_list(c->tx, c->who.org, c->who.id, &c->out, e);
	jsonw_end_object(&c->out);
	return rc;
}

/* What the browser is to be asked: PublicKeyCredentialCreationOptions, with bytes as base64url. */
static enum rc post_challenge(struct call *c, struct err *e)
{
	struct jsonw *w = &c->out;
	struct webauthn_site s;
	enum rc rc = only_people(c, e);

	if (rc == RC_OK)
		rc = site(c, &s, e);
	if (rc != RC_OK)
		return rc;
	jsonw_object(w);
	jsonw_kv(w, "rp_id", s.rp_id);
	jsonw_kv(w, "user_id", base64url_encode(c->arena, c->who.id, strlen(c->who.id)));
	jsonw_kv(w, "user_name", c->who.name);
	jsonw_kv(w, "challenge", passkey_challenge(c->app->vault, c->arena, c->who.id));
	jsonw_kv_int(w, "timeout_ms", PASSKEY_PATIENCE / 1000);
	jsonw_key(w, "algorithms");
	jsonw_array(w);
	for (size_t i = 0; i < webauthn_algorithm_count; i++)
		jsonw_int(w, webauthn_algorithms[i]);
	jsonw_end_array(w);
	jsonw_key(w, "there_already");
	rc = passkey_list(c->tx, c->who.org, c->who.id, w, e);
	jsonw_end_object(w);
	return rc;
}

static enum rc post_mine(struct call *c, struct err *e)
{
	struct webauthn_site s;
	struct passkey p = { .name = call_text(c, "name"), .site = &s, .answer = answer_of(c) };
	const char *id;
	enum rc rc = only_people(c, e);

	if (rc == RC_OK)
		rc = site(c, &s, e);
	if (rc == RC_OK)
		rc = tx_lock_org(c->tx, c->who.org, e);
	if (rc == RC_OK)
		rc = passkey_add(c->tx, c->app->vault, c->who.org, c->who.id, &p, &id, e);
	if (rc != RC_OK)
		return rc;
	c->audit_object = arena_printf(c->arena, "user %s", c->who.id);
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "id", id);
	jsonw_kv(&c->out, "name", p.name);
	jsonw_end_object(&c->out);
	return RC_OK;
}

static enum rc delete_mine(struct call *c, struct err *e)
{
	enum rc rc = only_people(c, e);

	if (rc == RC_OK)
		rc = tx_lock_org(c->tx, c->who.org, e);
	c->audit_object = arena_printf(c->arena, "user %s", c->who.id);
	return rc == RC_OK ? passkey_remove(c->tx, c->who.org, c->who.id, call_param(c, 0), e) : rc;
}

enum { ANSWER_MAX = 8192 };

static const struct field signin_body[] = {
	{ "credential", F_TEXT, .required = true, .max = 2048,
		.help = "the id that the browser gives with its answer" },
	{ "client_data", F_TEXT, .required = true, .max = ANSWER_MAX, .help = "clientDataJSON, base64url" },
	{ "authenticator_data", F_TEXT, .required = true, .max = ANSWER_MAX, .help = "base64url" },
	{ "signature", F_TEXT, .required = true, .max = ANSWER_MAX, .help = "base64url" },
	{ NULL },
};

static const struct field add_body[] = {
	{ "name", F_TEXT, .required = true, .max = PASSKEY_NAME_MAX, .help = "to tell it from others" },
	{ "client_data", F_TEXT, .required = true, .max = ANSWER_MAX, .help = "clientDataJSON, base64url" },
	{ "authenticator_data", F_TEXT, .required = true, .max = ANSWER_MAX,
		.help = "getAuthenticatorData(), base64url" },
	{ NULL },
};

const struct route passkey_routes[] = {
	{ "GET", "/api/v1/session/passkey", ROUTE_READ, ROLE_NONE, 200, get_offer, .rate = RATE_SIGNIN,
		.summary = "Whether passkeys can be used here, and a challenge to sign in with one" },
	{ "POST", "/api/v1/session/passkey", ROUTE_WORK, ROLE_NONE, 200, post_signin, signin_body, .rate = RATE_SIGNIN,
		.summary = "Sign in with a passkey; sets the session's cookies" },
	{ "GET", "/api/v1/me/passkeys", ROUTE_READ, ROLE_VIEWER, 200, get_mine, .rate = RATE_APP, .before_second = true,
		.summary = "One's own passkeys" },
	{ "POST", "/api/v1/me/passkeys/challenge", ROUTE_READ, ROLE_VIEWER, 200, post_challenge, .rate = RATE_SIGNIN,
		.before_second = true, .summary = "What to ask the browser for, to add one" },
	{ "POST", "/api/v1/me/passkeys", ROUTE_WRITE, ROLE_VIEWER, 201, post_mine, add_body, .event = "passkey.added",
		.rate = RATE_SIGNIN, .before_second = true, .summary = "Add a passkey" },
	{ "DELETE", "/api/v1/me/passkeys/{id}", ROUTE_WRITE, ROLE_VIEWER, 204, delete_mine, .event = "passkey.removed",
		.rate = RATE_APP, .summary = "Remove one's own passkey" },
	{ NULL },
};
