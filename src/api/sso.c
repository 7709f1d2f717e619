/* Signing in at another place (OpenID Connect): the settings, the way there, and the way back. */
#include "core/people/sso.h"
#include "api/app.h"
#include "api/proxy.h"
#include "api/route.h"
#include "api/session.h"
#include "api/text.h"
#include "base/codec.h"
#include "core/people/session.h"

#include <string.h>

#define STATE_COOKIE "trueup_sso"
#define SAID_COOKIE "trueup_said"	/* why not, for the sign-in page, which takes it away */

/* Of a page, as browsers reach this server. */
static const char *page_address(const struct call *c, const char *page)
{
	size_t len = strlen(c->app->public_url);

	while (len && c->app->public_url[len - 1] == '/')
		len--;
	return arena_printf(c->arena, "%.*s/%s", (int)len, c->app->public_url, page);
}

static const char *back_address(const struct call *c)
{
	return page_address(c, "api/v1/session/sso/callback");
}

/* Lax, because the browser comes back from another site. */
static void set_state(struct call *c, const char *state)
{
	call_add_header(c, "Set-Cookie",
		arena_printf(c->arena, STATE_COOKIE "=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%d%s",
			state ? state : "", state ? 600 : 0, session_secure(c) ? "; Secure" : ""));
}

static void go_to(struct call *c, const char *url)
{
	call_add_header(c, "Location", url);
	c->content_type = "text/plain; charset=utf-8";
	buf_puts(&c->out_buf, "Found\n");
}

/* A person in front of a browser is brought back to the sign-in page, which says why; a program gets the problem
 * itself. */
static enum rc no_way(struct call *c, struct err *e)
{
	const char *accept = http_header(c->rq, "Accept");

	if (!accept || !strstr(accept, "text/html") || e->rc == RC_INTERNAL || e->rc == RC_IO)
		return e->rc;
	call_add_header(c, "Set-Cookie",
		arena_printf(c->arena, SAID_COOKIE "=%s; Path=/; SameSite=Lax; Max-Age=60%s",
			url_encode(c->arena, e->text), session_secure(c) ? "; Secure" : ""));
	set_state(c, NULL);
	go_to(c, page_address(c, "sign-in"));
	return RC_OK;
}

static enum rc get_start(struct call *c, struct err *e)
{
	const char *url, *state;
	enum rc rc = sso_start(c->app->db, c->app->vault, &c->app->sso, c->arena, back_address(c), &url, &state, e);

	if (rc != RC_OK)
		return no_way(c, e);
	set_state(c, state);
	go_to(c, url);
	return RC_OK;
}

static enum rc get_callback(struct call *c, struct err *e)
{
	struct sso_back b = { .state = call_query(c, "state"),
		.cookie = session_cookie_value(c->arena, http_header(c->rq, "Cookie"), STATE_COOKIE),
		.code = call_query(c, "code"),
		.redirect_uri = back_address(c),
		.request_id = c->rq->id };
	struct signed_in in;
	enum rc rc = sso_finish(c->app->db, c->app->vault, &c->app->sso, c->arena, &b, &in, e);

	if (rc != RC_OK)
		return no_way(c, e);
	session_cookies(c, &in);
	set_state(c, NULL);
	go_to(c, arena_printf(c->arena, "%s/", c->app->public_url));
	return RC_OK;
}

static enum rc get_offer(struct call *c, struct err *e)
{
	struct sso s;
	enum rc rc = sso_get(c->tx, c->app->vault, c->arena, NULL, &s, e);

	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	jsonw_object(&c->out);
	jsonw_kv_bool(&c->out, "on", rc == RC_OK);
	jsonw_kv(&c->out, "start", rc == RC_OK ? "/api/v1/session/sso/start" : NULL);
	jsonw_kv(&c->out, "proxy", proxy_names(c));
	jsonw_end_object(&c->out);
	return RC_OK;
}

static enum rc text_now(struct call *c, const char **ret, struct err *e)
{
	struct text_out t;
	enum rc rc;

	text_begin(&t);
	rc = sso_write(c->tx, c->who.org, &t.w, e);
	*ret = text_end(&t, c->arena);
	c->audit_object = "single sign-on";
	return rc;
}

static enum rc get_sso(struct call *c, struct err *e)
{
	return sso_write(c->tx, c->who.org, &c->out, e);
}

static enum rc put_sso(struct call *c, struct err *e)
{
	enum rc rc = tx_lock_org(c->tx, c->who.org, e);

	if (rc == RC_OK)
		rc = text_now(c, &c->audit_before, e);
	if (rc == RC_OK)
		rc = sso_put(c->tx, c->app->vault, c->who.org, c->body, e);
	if (rc == RC_OK)
		rc = text_now(c, &c->audit_after, e);
	return rc == RC_OK ? get_sso(c, e) : rc;
}

static enum rc delete_sso(struct call *c, struct err *e)
{
	enum rc rc = tx_lock_org(c->tx, c->who.org, e);

	if (rc == RC_OK)
		rc = text_now(c, &c->audit_before, e);
	return rc == RC_OK ? sso_remove(c->tx, c->who.org, e) : rc;
}

static const struct field sso_body[] = {
	{ "issuer", F_TEXT, .required = true, .max = 500,
		.help = "the provider's address, as its discovery document names it" },
	{ "client_id", F_TEXT, .required = true, .max = 500 },
	{ "client_secret", F_TEXT, .max = 1000, .help = "left out: as it is; empty: none" },
	{ "role_claim", F_TEXT, .max = 200, .help = "the claim that says the role, such as groups or roles" },
	{ "roles", F_OBJECT, .help = "value of that claim -> viewer, approver or admin; the highest counts" },
	{ "default_role", F_TEXT, .choices = "viewer|approver|admin",
		.help = "of whom no value fits; absent: refused" },
	{ NULL },
};

const struct route sso_routes[] = {
	{ "GET", "/api/v1/session/sso", ROUTE_READ, ROLE_NONE, 200, get_offer, .rate = RATE_SIGNIN,
		.summary = "Where one can sign in elsewhere, and whom a proxy names" },
	{ "GET", "/api/v1/session/sso/start", ROUTE_WORK, ROLE_NONE, 302, get_start, .rate = RATE_SIGNIN,
		.summary = "Sends the browser to the provider" },
	{ "GET", "/api/v1/session/sso/callback", ROUTE_WORK, ROLE_NONE, 302, get_callback, .rate = RATE_SIGNIN,
		.summary = "Where the provider sends it back to" },
	{ "GET", "/api/v1/sso", ROUTE_READ, ROLE_ADMIN, 200, get_sso, .rate = RATE_APP,
		.summary = "The sign-in provider, without its secret; null when none is set" },
	{ "PUT", "/api/v1/sso", ROUTE_WRITE, ROLE_ADMIN, 200, put_sso, sso_body, .event = "sso.set", .rate = RATE_APP,
		.summary = "Set the sign-in provider (OpenID Connect) and which of its people have which role" },
	{ "DELETE", "/api/v1/sso", ROUTE_WRITE, ROLE_ADMIN, 204, delete_sso, .event = "sso.removed", .rate = RATE_APP,
		.summary = "Sign in here only" },
	{ NULL },
};
