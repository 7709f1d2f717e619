/* The first visit: the organization and its first administrator, with the token of the set-up link. */
#include "core/people/setup.h"
#include "api/app.h"
#include "api/session.h"
#include "core/people/link.h"
#include "core/people/org.h"
#include "core/people/password.h"
#include "core/people/session.h"

#include <string.h>

static enum rc get_setup(struct call *c, struct err *e)
{
	struct org *list;
	size_t count;
	enum rc rc = org_list(c->tx, c->arena, &list, &count, e);

	if (rc != RC_OK)
		return rc;
	jsonw_object(&c->out);
	jsonw_kv_bool(&c->out, "needed", count == 0);
	jsonw_end_object(&c->out);
	return RC_OK;
}

struct work {
	struct call *call;
	struct setup setup;
	struct signed_in in;
};

/* Before the password is hashed: a stranger without the link costs us nothing. */
static enum rc look(struct tx *tx, void *arg, struct err *e)
{
	struct work *w = arg;
	struct link link;
	enum rc rc = link_look(tx, w->call->arena, w->setup.token, &link, e);

	if (rc == RC_OK && strcmp(link.kind, LINK_SETUP) != 0)
		return err_at(e, RC_DENIED, "/token", "This link is not the one that sets the server up.");
	return rc;
}

static enum rc run(struct tx *tx, void *arg, struct err *e)
{
	struct work *w = arg;
	struct arena *a = w->call->arena;
	const char *org_id, *user_id, *cookie;
	struct org org;
	enum rc rc = setup_run(tx, &w->setup, &org_id, &user_id, e);

	if (rc == RC_OK)
		rc = session_begin(tx, org_id, user_id, NULL, &cookie, e);
	if (rc == RC_OK)
		rc = org_get(tx, a, org_id, &org, e);
	if (rc == RC_OK)
		rc = user_get(tx, a, org_id, user_id, &w->in.user, e);
	if (rc != RC_OK)
		return rc;
	w->in.org_name = org.name;
	w->in.currency = org.currency;
	w->in.cookie = arena_strdup(a, cookie);
	return RC_OK;
}

static enum rc post_setup(struct call *c, struct err *e)
{
	struct work w = { .call = c,
		.setup = { .organization = call_text(c, "organization"),
			.currency = call_text(c, "currency"),
			.email = call_text(c, "email"),
			.name = call_text(c, "name"),
			.token = call_text(c, "token"),
			.request_id = c->rq->id } };
	enum rc rc = db_read(c->app->db, look, &w, e);

	if (rc == RC_OK)
		rc = password_hash(c->arena, call_text(c, "password"), &w.setup.password_hash, e);
	if (rc == RC_OK)
		rc = db_write(c->app->db, run, &w, e);
	if (rc == RC_OK)
		session_answer(c, &w.in);
	return rc;
}

static const struct field setup_body[] = {
	{ "token", F_TEXT, .required = true, .max = 200, .help = "of the set-up link: what is behind its #" },
	{ "organization", F_TEXT, .required = true, .max = 200, .help = "name of the organization" },
	{ "currency", F_TEXT, .max = 3, .help = "ISO 4217; default USD" },
	{ "email", F_TEXT, .required = true, .max = 254, .help = "of the first administrator" },
	{ "name", F_TEXT, .max = 200, .help = "the administrator's name; default the address" },
	{ "password", F_TEXT, .required = true },
	{ NULL },
};

const struct route setup_routes[] = {
	{ "GET", "/api/v1/setup", ROUTE_READ, ROLE_NONE, 200, get_setup, .rate = RATE_SIGNIN,
		.summary = "Whether this server still has to be set up" },
	{ "POST", "/api/v1/setup", ROUTE_WORK, ROLE_NONE, 201, post_setup, setup_body, .rate = RATE_SIGNIN,
		.summary = "Set the server up, and sign its administrator in" },
	{ NULL },
};
