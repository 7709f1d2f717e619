/* People: inviting them, their role, letting them in or not. */
#include "api/app.h"
#include "api/route.h"
#include "api/text.h"
#include "core/people/link.h"
#include "core/page.h"
#include "core/people/user.h"

#include <string.h>

#define INVITE_DAYS 7
#define SIGNIN_MINUTES 30

static enum rc get_users(struct call *c, struct err *e)
{
	const char *after[1], *next = NULL;
	int64_t limit;
	enum rc rc = call_limit(c, &limit, e);

	if (rc == RC_OK)
		rc = page_read(c->arena, call_query(c, "cursor"), after, 1, e);
	if (rc != RC_OK)
		return rc;
	call_list_begin(c);
	rc = user_list(c->tx, c->who.org, after[0], limit, &c->out, &next, e);
	call_list_end(c, next ? page_cursor(c->arena, next, NULL) : NULL);
	return rc;
}

static const char *user_text(struct call *c, const struct user *u)
{
	struct text_out t;

	text_begin(&t);
	user_write(&t.w, u);
	return text_end(&t, c->arena);
}

/* {"user", "link", "expires_at"}: the link is shown once, to be handed to the user. */
static enum rc answer_with_link(struct call *c, const struct user *u, const char *kind, struct err *e)
{
	utime lifetime = strcmp(kind, LINK_SIGNIN) == 0 ? SIGNIN_MINUTES * 60 * CLOCK_SECOND : INVITE_DAYS * CLOCK_DAY;
	char at[CLOCK_TEXT];
	const char *token;
	enum rc rc = link_create(c->tx, c->who.org, kind, u->id, lifetime, &token, e);

	if (rc != RC_OK)
		return rc;
	jsonw_object(&c->out);
	jsonw_key(&c->out, "user");
	user_write(&c->out, u);
	jsonw_kv(&c->out, "link", link_address(c->arena, c->app->public_url, kind, token));
	jsonw_kv(&c->out, "expires_at", clock_format(clock_now() + lifetime, at));
	jsonw_end_object(&c->out);
	return RC_OK;
}

static enum rc post_user(struct call *c, struct err *e)
{
	const char *id;
	struct user user;
	enum rc rc = tx_lock_org(c->tx, c->who.org, e);

	if (rc == RC_OK)
		rc = user_create(c->tx, c->who.org, call_text(c, "email"), call_text(c, "name"),
			role_parse(call_text(c, "role")), NULL, &id, e);
	if (rc == RC_OK)
		rc = user_get(c->tx, c->arena, c->who.org, id, &user, e);
	if (rc != RC_OK)
		return rc;
	c->audit_object = arena_printf(c->arena, "user %s", id);
	c->audit_after = user_text(c, &user);
	return answer_with_link(c, &user, LINK_INVITE, e);
}

static enum rc patch_user(struct call *c, struct err *e)
{
	const char *id = call_param(c, 0), *role = call_text(c, "role");
	const struct json *disabled = json_get(c->body, "disabled");
	bool off = json_true(disabled);
	struct user_change change = { .name = call_text(c, "name"),
		.role = role ? role_parse(role) : ROLE_NONE,
		.disabled = json_is_null(disabled) ? NULL : &off };
	struct user before, after;
	enum rc rc = tx_lock_org(c->tx, c->who.org, e);

	if (rc == RC_OK)
		rc = user_get(c->tx, c->arena, c->who.org, id, &before, e);
	if (rc == RC_OK)
		rc = user_change(c->tx, c->who.org, id, &change, e);
	if (rc == RC_OK)
		rc = user_get(c->tx, c->arena, c->who.org, id, &after, e);
	if (rc != RC_OK)
		return rc;
	c->audit_object = arena_printf(c->arena, "user %s", id);
	c->audit_before = user_text(c, &before);
	c->audit_after = user_text(c, &after);
	user_write(&c->out, &after);
	return RC_OK;
}

/* A new invitation, or for a user who has a password the way to choose another; or one that signs in at once. */
static enum rc post_link(struct call *c, struct err *e)
{
	const char *kind = call_text(c, "kind") ? call_text(c, "kind") : LINK_INVITE;
	const char *id = call_param(c, 0);
	struct user user;
	enum rc rc = tx_lock_org(c->tx, c->who.org, e);

	if (rc == RC_OK)
		rc = user_get(c->tx, c->arena, c->who.org, id, &user, e);
	if (rc == RC_OK && user.disabled_at)
		rc = err_set(e, RC_CONFLICT, "This user is disabled. Enable the user first.");
	if (rc != RC_OK)
		return rc;
	c->audit_object = arena_printf(c->arena, "user %s", id);
	c->audit_after = arena_printf(c->arena, "{\"kind\":\"%s\"}", kind);
	return answer_with_link(c, &user, kind, e);
}

static const struct field invite_body[] = {
	{ "email", F_TEXT, .required = true, .max = 254 },
	{ "name", F_TEXT, .max = 200, .help = "default the address" },
	{ "role", F_TEXT, .required = true, .choices = "viewer|approver|admin" },
	{ NULL },
};

static const struct field change_body[] = {
	{ "name", F_TEXT, .max = 200 },
	{ "role", F_TEXT, .choices = "viewer|approver|admin" },
	{ "disabled", F_BOOL, .help = "true: may no longer sign in" },
	{ NULL },
};

static const struct field link_body[] = {
	{ "kind", F_TEXT, .choices = LINK_INVITE "|" LINK_SIGNIN,
		.help = "sign-in: signs in at once, for 30 minutes; default invite" },
	{ NULL },
};

static const struct field user_answer[] = {
	{ "id", F_TEXT },
	{ "email", F_TEXT },
	{ "name", F_TEXT },
	{ "role", F_TEXT, .choices = "viewer|approver|admin" },
	{ "state", F_TEXT, .choices = "invited|active|disabled" },
	{ "created_at", F_TEXT },
	{ NULL },
};

static const struct field link_answer[] = {
	{ "user", F_OBJECT, .members = user_answer },
	{ "link", F_TEXT, .help = "shown this once" },
	{ "expires_at", F_TEXT },
	{ NULL },
};

const struct route user_routes[] = {
	{ "GET", "/api/v1/users", ROUTE_READ, ROLE_ADMIN, 200, get_users, .rate = RATE_APP,
		.summary = "People of the organization", .answer = user_answer, .answer_list = true },
	{ "POST", "/api/v1/users", ROUTE_WRITE, ROLE_ADMIN, 201, post_user, invite_body, .event = "user.invited",
		.rate = RATE_APP, .summary = "Invite somebody; the answer holds the link to send, once",
		.answer = link_answer },
	{ "PATCH", "/api/v1/users/{id}", ROUTE_WRITE, ROLE_ADMIN, 200, patch_user, change_body, .event = "user.changed",
		.rate = RATE_APP, .summary = "Change name or role, disable or enable", .answer = user_answer },
	{ "POST", "/api/v1/users/{id}/link", ROUTE_WRITE, ROLE_ADMIN, 201, post_link, link_body, .event = "user.link",
		.rate = RATE_APP,
		.summary = "A new link to choose a password with, or to sign in at once; earlier ones stop",
		.answer = link_answer },
	{ NULL },
};
