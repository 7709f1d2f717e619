/* Signing in and out, and who one is. */
#include "api/session.h"

#include "api/app.h"
#include "base/codec.h"
#include "core/audit.h"
#include "core/demo.h"
#include "core/people/link.h"
#include "core/people/org.h"
#include "core/people/password.h"
#include "core/people/session.h"
#include "core/people/token.h"

#include <string.h>
#include <strings.h>

bool session_secure(const struct call *c)
{
	return strncasecmp(c->app->public_url, "https://", 8) == 0;
}

static void set_cookies(struct call *c, const char *cookie)
{
	bool secure = session_secure(c);

	call_add_header(c, "Set-Cookie", session_set_cookie(c->arena, cookie, secure));
	call_add_header(c, "Set-Cookie", session_set_csrf_cookie(c->arena, cookie, secure));
}

void session_cookies(struct call *c, const struct signed_in *in)
{
	set_cookies(c, in->cookie);
	if (in->device)
		call_add_header(c, "Set-Cookie", session_set_device_cookie(c->arena, in->device, session_secure(c)));
}

void session_answer(struct call *c, const struct signed_in *in)
{
	struct jsonw *w = &c->out;

	session_cookies(c, in);
	jsonw_object(w);
	jsonw_key(w, "user");
	user_write(w, &in->user);
	jsonw_key(w, "organization");
	jsonw_object(w);
	jsonw_kv(w, "id", in->user.org);
	jsonw_kv(w, "name", in->org_name);
	jsonw_kv(w, "currency", in->currency);
	jsonw_end_object(w);
	jsonw_end_object(w);
}

const char *session_old(struct call *c)
{
	const char *cookie = session_cookie_value(c->arena, http_header(c->rq, "Cookie"), AUTH_COOKIE);
	char key[HASH_TEXT];

	if (!cookie)
		return NULL;
	hash_hex(cookie, strlen(cookie), key);
	return arena_strdup(c->arena, key);
}

static enum rc by_password(struct call *c, struct signed_in *in, struct err *e)
{
	const char *cookies = http_header(c->rq, "Cookie");
	struct signin s = { .vault = c->app->vault,
		.email = call_text(c, "email"),
		.code = call_text(c, "code"),
		.password = call_text(c, "password"),
		.remote = c->rq->remote,
		.device = session_cookie_value(c->arena, cookies, AUTH_DEVICE_COOKIE),
		.old_key = session_old(c),
		.request_id = c->rq->id };

	if (!s.email)
		return err_at(
			e, RC_INVALID, "/email", "Send an e-mail address and a password, or the token of a link.");
	if (!s.password)
		return err_at(e, RC_INVALID, "/password", "The password is missing.");
	return signin_password(c->app->db, c->arena, &s, in, e);
}

static enum rc post_session(struct call *c, struct err *e)
{
	struct signin_link l = { .vault = c->app->vault,
		.token = call_text(c, "token"),
		.code = call_text(c, "code"),
		.password = call_text(c, "password"),
		.name = call_text(c, "name"),
		.request_id = c->rq->id };
	struct signed_in in = { 0 };
	enum rc rc = l.token ? signin_link(c->app->db, c->arena, &l, &in, e) : by_password(c, &in, e);

	if (rc == RC_OK)
		session_answer(c, &in);
	return rc;
}

static enum rc delete_session(struct call *c, struct err *e)
{
	enum rc rc;

	if (!c->who.session)
		return err_set(e, RC_INVALID, "A token has no session. Revoke it under /tokens to make it useless.");
	rc = session_end(c->tx, c->who.org, c->who.session, e);
	if (rc != RC_OK)
		return rc;
	c->audit_object = "session";
	set_cookies(c, NULL);
	return RC_OK;
}

/* What a link is for, so that its page can ask for the right things. Nothing is used up. */
static enum rc post_link(struct call *c, struct err *e)
{
	struct link link;
	struct user user = { 0 };
	enum rc rc = link_look(c->tx, c->arena, call_text(c, "token"), &link, e);

	if (rc == RC_OK && link.user_id)
		rc = user_get(c->tx, c->arena, link.org, link.user_id, &user, e);
	if (rc != RC_OK)
		return rc;
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "kind", link.kind);
	jsonw_kv(&c->out, "email", user.email);
	jsonw_kv(&c->out, "name", user.name);
	jsonw_end_object(&c->out);
	return RC_OK;
}

/* {"user"|"token", "organization", "role", "demo"}. */
static enum rc get_me(struct call *c, struct err *e)
{
	struct jsonw *w = &c->out;
	struct user user;
	struct org org;
	bool demo = false;
	enum rc rc = org_get(c->tx, c->arena, c->who.org, &org, e);

	if (rc == RC_OK)
		rc = demo_is(c->tx, c->who.org, &demo, e);
	if (rc == RC_OK && !c->who.is_token)
		rc = user_get(c->tx, c->arena, c->who.org, c->who.id, &user, e);
	if (rc != RC_OK)
		return rc;
	jsonw_object(w);
	jsonw_kv(w, "role", role_name(c->who.role));
	jsonw_key(w, "organization");
	org_write(w, &org);
	jsonw_kv_bool(w, "demo", demo);
	jsonw_key(w, c->who.is_token ? "token" : "user");
	if (c->who.is_token)
		rc = token_write(c->tx, c->who.org, c->who.id, w, e);
	else
		user_write(w, &user);
	if (rc == RC_OK)
		jsonw_end_object(w);
	return rc;
}

/* ---- one's own password ---- */

struct change {
	struct call *call;
	struct user user;
	const char *hash;
	struct signed_in in;
};

static enum rc read_self(struct tx *tx, void *arg, struct err *e)
{
	struct change *ch = arg;

	return user_get(tx, ch->call->arena, ch->call->who.org, ch->call->who.id, &ch->user, e);
}

/* Ends all sessions of the user, and begins a new one for this browser. */
static enum rc change_password(struct tx *tx, void *arg, struct err *e)
{
	struct change *ch = arg;
	struct call *c = ch->call;
	struct audit_entry entry = { .event = "user.password",
		.object = arena_printf(c->arena, "user %s", c->who.id),
		.request_id = c->rq->id };
	const char *cookie;
	struct user now;
	struct org org;
	enum rc rc = tx_lock_org(tx, c->who.org, e);

	if (rc == RC_OK)
		rc = user_get(tx, c->arena, c->who.org, c->who.id, &now, e);
	if (rc == RC_OK &&
		(now.disabled_at || !now.password_hash || strcmp(now.password_hash, ch->user.password_hash) != 0))
		rc = err_set(e, RC_CONFLICT, "The user was changed meanwhile. Sign in again.");
	if (rc == RC_OK)
		rc = user_set_password(tx, c->who.org, c->who.id, ch->hash, e);
	if (rc == RC_OK)
		rc = session_begin(tx, c->who.org, c->who.id, NULL, &cookie, e);
	if (rc == RC_OK)
		rc = org_get(tx, c->arena, c->who.org, &org, e);
	if (rc == RC_OK)
		rc = audit_append(tx, &c->who, &entry, e);
	if (rc != RC_OK)
		return rc;
	ch->in = (struct signed_in){
		.user = now, .org_name = org.name, .currency = org.currency, .cookie = arena_strdup(c->arena, cookie)
	};
	return RC_OK;
}

static enum rc post_password(struct call *c, struct err *e)
{
	struct change ch = { .call = c };
	enum rc rc;

	if (c->who.is_token)
		return err_set(
			e, RC_DENIED, "A token has no password. Sign in as the user whose password is to change.");
	if (c->app->read_only)
		return err_set(e, RC_DENIED, "This server is read-only (TRUEUP_READ_ONLY). Nothing was changed.");
	rc = db_read(c->app->db, read_self, &ch, e);
	if (rc == RC_OK)
		rc = password_check(ch.user.password_hash, call_text(c, "current"), e);
	if (rc == RC_DENIED)
		return err_at(e, RC_INVALID, "/current", "This is not the present password.");
	if (rc == RC_OK)
		rc = password_hash(c->arena, call_text(c, "password"), &ch.hash, e);
	if (rc == RC_OK)
		rc = db_write(c->app->db, change_password, &ch, e);
	if (rc == RC_OK)
		session_answer(c, &ch.in);
	return rc;
}

static const struct field signin_body[] = {
	{ "email", F_TEXT, .max = 254 },
	{ "password", F_TEXT, .help = "of the user; or the one chosen with an invitation" },
	{ "token", F_TEXT, .max = 200, .help = "of a sign-in link or an invitation, instead of the e-mail address" },
	{ "code", F_TEXT, .max = 40, .help = "of the second factor, when the user has one; or a recovery code" },
	{ "name", F_TEXT, .max = 200, .help = "the user's name, with an invitation" },
	{ NULL },
};

static const struct field link_body[] = { { "token", F_TEXT, .required = true, .max = 200 }, { NULL } };

static const struct field password_body[] = {
	{ "current", F_TEXT, .required = true },
	{ "password", F_TEXT, .required = true, .help = "the new one" },
	{ NULL },
};

const struct route session_routes[] = {
	{ "POST", "/api/v1/session", ROUTE_WORK, ROLE_NONE, 200, post_session, signin_body, .rate = RATE_SIGNIN,
		.summary = "Sign in; sets the session's cookies" },
	{ "GET", "/api/v1/session", ROUTE_READ, ROLE_VIEWER, 200, get_me, .before_second = true, .rate = RATE_APP,
		.summary = "Who is signed in; 401 when nobody is" },
	{ "DELETE", "/api/v1/session", ROUTE_WRITE, ROLE_VIEWER, 204, delete_session, .event = "session.end",
		.before_second = true, .rate = RATE_APP, .summary = "Sign out" },
	{ "POST", "/api/v1/session/link", ROUTE_READ, ROLE_NONE, 200, post_link, link_body, .rate = RATE_SIGNIN,
		.summary = "What a one-time link is for, without using it up" },
	{ "GET", "/api/v1/me", ROUTE_READ, ROLE_VIEWER, 200, get_me, .before_second = true, .rate = RATE_APP,
		.summary = "Who is asking: user or token, role, organization" },
	{ "POST", "/api/v1/me/password", ROUTE_WORK, ROLE_VIEWER, 200, post_password, password_body,
		.before_second = true, .rate = RATE_SIGNIN,
		.summary = "Change one's own password; ends all other sessions" },
	{ NULL },
};
