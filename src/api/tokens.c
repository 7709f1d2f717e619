/* Tokens of the app API. */
#include "api/routes.h"
#include "api/text.h"
#include "core/page.h"
#include "core/people/token.h"

#include <string.h>

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

/* True when a route begins with this noun behind /api/v1/. */
static bool is_noun(const char *noun, size_t len)
{
	for (const struct route *const *t = route_tables; *t; t++)
		for (const struct route *r = *t; r->method; r++)
			if (strlen(route_noun(r)) > len - 1 && strncmp(route_noun(r), noun, len) == 0 &&
				strchr("/.", route_noun(r)[len]))
				return true;
	return false;
}

/* ["cards","writes:read"] as "cards writes:read"; NULL when none are given. */
static enum rc read_scopes(struct call *c, const char **ret, struct err *e)
{
	const struct json *list = json_get(c->body, "scopes");
	const char *all = "";

	*ret = NULL;
	if (json_is_null(list))
		return RC_OK;
	for (const struct json *v = list->child; v; v = v->next) {
		const char *word = json_text_or(v, ""), *end = strchr(word, ':');
		size_t len = end ? (size_t)(end - word) : strlen(word);

		if (!len || len != strcspn(word, "/.:") || !is_noun(word, len) || (end && strcmp(end, ":read") != 0))
			return err_at(e, RC_INVALID, "/scopes",
				"A scope is what follows /api/v1/ in a route (cards, writes, ...), alone or with :read "
				"behind it.");
		all = arena_printf(c->arena, "%s%s%s", all, *all ? " " : "", word);
	}
	if (!*all)
		return err_at(e, RC_INVALID, "/scopes",
			"A token without any scope could do nothing. Leave scopes out, or name some.");
	*ret = all;
	return RC_OK;
}

static enum rc post_token(struct call *c, struct err *e)
{
	const char *expires = call_text(c, "expires_at"), *role = call_text(c, "role"), *id, *text, *scopes;
	utime expires_at = 0;
	enum rc rc;

	if (expires && clock_parse(expires, &expires_at) != RC_OK)
		return err_at(e, RC_INVALID, "/expires_at", "This is not a time such as 2027-01-31T12:00:00Z.");
	rc = read_scopes(c, &scopes, e);
	if (rc == RC_OK)
		rc = tx_lock_org(c->tx, c->who.org, e);
	if (rc == RC_OK)
		rc = token_create(
			c->tx, &c->who, call_text(c, "name"), role_parse(role), expires_at, scopes, &id, &text, e);
	if (rc == RC_OK)
		rc = note(c, id, e);
	if (rc != RC_OK)
		return rc;
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "id", id);
	jsonw_kv(&c->out, "name", call_text(c, "name"));
	jsonw_kv(&c->out, "role", role);
	jsonw_kv(&c->out, "scopes", scopes);
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

static const struct field token_body[] = {
	{ "name", F_TEXT, .required = true, .max = 200, .help = "what it is for" },
	{ "role", F_TEXT, .required = true, .choices = "viewer|approver|admin" },
	{ "expires_at", F_TEXT, .max = 40, .help = "after this time it stops; null = never" },
	{ "scopes", F_ARRAY, .max = 50,
		.help = "what it may reach: \"cards\", \"writes:read\", ...; absent = all that its role may" },
	{ NULL },
};

const struct route token_routes[] = {
	{ "GET", "/api/v1/tokens", ROUTE_READ, ROLE_ADMIN, 200, get_tokens, .rate = RATE_APP,
		.summary = "Tokens, newest first, without their secrets" },
	{ "POST", "/api/v1/tokens", ROUTE_WRITE, ROLE_ADMIN, 201, post_token, token_body, .event = "token.created",
		.rate = RATE_APP, .summary = "Make a token; the answer holds it, once" },
	{ "DELETE", "/api/v1/tokens/{id}", ROUTE_WRITE, ROLE_ADMIN, 204, delete_token, .event = "token.revoked",
		.rate = RATE_APP, .summary = "Revoke a token; it stops at once" },
	{ NULL },
};
