/* Tokens of the app API. */
#include "api/route.h"
#include "api/text.h"
#include "core/page.h"
#include "core/token.h"

static enum rc get_tokens(struct call *c, struct err *e)
{
	const char *before[1], *next = NULL;
	int64_t limit;
	enum rc rc = call_limit(c, &limit, e);

	if (rc == RC_OK)
		rc = page_read(c->arena, call_query(c, "cursor"), before, 1, e);
	if (rc != RC_OK)
		return rc;
	call_list_begin(c);
	rc = token_list(c->tx, c->who.org, before[0], limit, &c->out, &next, e);
	call_list_end(c, next ? page_cursor(c->arena, next, NULL) : NULL);
	return rc;
}

static enum rc note(struct call *c, const char *id, struct err *e)
{
	struct text_out t;
	enum rc rc;

	text_begin(&t);
	rc = token_write(c->tx, c->who.org, id, &t.w, e);
	c->audit_object = arena_printf(c->arena, "token %s", id);
	c->audit_after = text_end(&t, c->arena);
	return rc;
}

static enum rc post_token(struct call *c, struct err *e)
{
	const char *expires = call_text(c, "expires_at"), *role = call_text(c, "role"), *id, *text;
	utime expires_at = 0;
	enum rc rc;

	if (expires && clock_parse(expires, &expires_at) != RC_OK)
		return err_at(e, RC_INVALID, "/expires_at", "This is not a time such as 2027-01-31T12:00:00Z.");
	rc = tx_lock_org(c->tx, c->who.org, e);
	if (rc == RC_OK)
		rc = token_create(c->tx, &c->who, call_text(c, "name"), role_parse(role), expires_at, &id, &text, e);
	if (rc == RC_OK)
		rc = note(c, id, e);
	if (rc != RC_OK)
		return rc;
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "id", id);
	jsonw_kv(&c->out, "name", call_text(c, "name"));
	jsonw_kv(&c->out, "role", role);
	jsonw_kv(&c->out, "token", text);
	jsonw_end_object(&c->out);
	return RC_OK;
}

static enum rc delete_token(struct call *c, struct err *e)
{
	const char *id = call_param(c, 0);
	enum rc rc = tx_lock_org(c->tx, c->who.org, e);

	if (rc == RC_OK)
		rc = token_revoke(c->tx, c->who.org, id, e);
	return rc == RC_OK ? note(c, id, e) : rc;
}

static const struct field token_body[] = { { "name", F_TEXT, .required = true, .max = 200, .help = "what it is for" },
	{ "role", F_TEXT, .required = true, .choices = "viewer|approver|admin" },
	{ "expires_at", F_TEXT, .max = 40, .help = "after this time it stops; null = never" }, { NULL } };

const struct route token_routes[] = { { "GET", "/api/v1/tokens", ROUTE_READ, ROLE_ADMIN, 200, get_tokens,
					      .rate = RATE_APP,
					      .summary = "Tokens, newest first, without their secrets" },
	{ "POST", "/api/v1/tokens", ROUTE_WRITE, ROLE_ADMIN, 201, post_token, token_body, .event = "token.created",
		.rate = RATE_APP, .summary = "Make a token; the answer holds it, once" },
	{ "DELETE", "/api/v1/tokens/{id}", ROUTE_WRITE, ROLE_ADMIN, 204, delete_token, .event = "token.revoked",
		.rate = RATE_APP, .summary = "Revoke a token; it stops at once" },
	{ NULL } };
