/* coro_api.c - Coro's public API, version 1, as far as a reader of usage needs it.
 *
 * A workspace of the fixture may have: "type" (child), "parent" (the channel of the settings), "users", "devices",
 * "modules" {..}, "bundles" [..], "subscription" {..} (the whole answer), "status", "closed" (answers 403).
 * Settings: "client_id", "client_secret", "audience", "token_seconds", "items_as" and "total_as" (members that are called
 * otherwise), "bare_array" (the shape before 3.8.3), "ignore_page" (a server that always shows the first page).
 */
#include "coro.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *setting(const struct sim *s, const char *name, const char *fallback)
{
	return node_text(node_get(s->settings, name), fallback);
}

static const char *channel_of(const struct sim *s)
{
	return setting(s, "workspace", "channel_0000_c");
}

static void refuse(struct request *r, struct answer *w, int status, const char *text)
{
	struct node *n = node_object();

	node_set(n, "message", node_string(text));
	answer_header(w, "X-Coro-Trace-Id", "0af7651916cd43dd");
	answer_node(w, status, n);
	node_free(n);
}

static void reply(struct answer *w, struct node *n)
{
	answer_header(w, "X-Coro-Trace-Id", "0af7651916cd43dd");
	answer_node(w, 200, n);
	node_free(n);
}

static bool same(const struct json *body, const char *member, const char *wanted)
{
	const char *text = json_member(body, member);

	return text && strcmp(text, wanted) == 0;
}

/* The token says until when it holds; nothing else needs to be remembered. */
static void post_token(struct sim *s, struct request *r, struct answer *w)
{
	int64_t seconds = node_number_or(node_get(s->settings, "token_seconds"), 86400);
	struct err e = ERR_INIT;
	struct json *body;
	struct node *n;
	char text[64];

	if (request_json(r, &body, &e) != RC_OK || !json_member(body, "client_id") ||
		!json_member(body, "client_secret") || !json_member(body, "audience") ||
		!same(body, "grant_type", "client_credentials")) {
		refuse(r, w, 400, "client_id, client_secret, audience and grant_type client_credentials are required");
		return;
	}
	if (!same(body, "client_id", setting(s, "client_id", "coro-client")) ||
		!same(body, "client_secret", setting(s, "client_secret", "coro-secret")) ||
		!same(body, "audience", setting(s, "audience", "https://secure.coro.net/api"))) {
		refuse(r, w, 401, "access_denied: Unauthorized");
		return;
	}
	snprintf(text, sizeof(text), "jwt.%" PRId64, clock_now() / CLOCK_SECOND + seconds);
	n = node_object();
	node_set(n, "access_token", node_string(text));
	node_set(n, "token_type", node_string("Bearer"));
	node_set(n, "expires_in", node_int(seconds));
	reply(w, n);
}

static bool signed_in(const struct request *r)
{
	const char *token = request_header(r, "Authorization");

	return token && strncmp(token, "Bearer jwt.", 11) == 0 &&
		strtoll(token + 11, NULL, 10) > clock_now() / CLOCK_SECOND;
}

static struct node *workspace_named(const struct sim *s, const char *id)
{
	struct coro *c = s->data;

	for (struct node *n = c->workspaces->child; id && n; n = n->next)
		if (strcmp(node_text(node_get(n, "id"), ""), id) == 0)
			return n;
	return NULL;
}

static const char *parent_of(const struct sim *s, const struct node *workspace)
{
	return node_text(node_get(workspace, "parent"), channel_of(s));
}

static struct node *shown(const struct sim *s, const struct node *workspace)
{
	static const char *const copied[] = { "status", "demoModeEnabled", "maxProtectedUsers" };
	struct node *n = node_object();

	node_set(n, "id", node_string(node_text(node_get(workspace, "id"), "")));
	node_set(n, "companyName", node_string(node_text(node_get(workspace, "name"), "")));
	node_set(n, "displayName", node_string(node_text(node_get(workspace, "name"), "")));
	node_set(n, "type", node_string(node_text(node_get(workspace, "type"), "child")));
	node_set(n, "domain", node_string(node_text(node_get(workspace, "domain"), "")));
	node_set(n, "notificationsLevel", node_string("all"));
	node_set(n, "parentWorkspaceId", node_string(parent_of(s, workspace)));
	for (size_t i = 0; i < ARRAY_LEN(copied); i++)
		if (node_get(workspace, copied[i]))
			node_set(n, copied[i], node_copy(node_get(workspace, copied[i])));
	return n;
}

static int64_t query_number(const struct request *r, const char *name, int64_t fallback)
{
	const char *text = request_query(r, name);

	return text ? strtoll(text, NULL, 10) : fallback;
}

static void get_search(struct sim *s, struct request *r, struct answer *w, const char *channel)
{
	int64_t page = node_true(node_get(s->settings, "ignore_page")) ? 0 : query_number(r, "page", 0);
	int64_t size = query_number(r, "pageSize", 20), at = 0;
	bool bare = node_true(node_get(s->settings, "bare_array"));
	struct node *items = node_array(), *answer;
	struct coro *c = s->data;

	for (struct node *n = c->workspaces->child; n; n = n->next) {
		if (strcmp(parent_of(s, n), channel) != 0 || node_true(node_get(n, "archived")))
			continue;
		if (bare || (at >= page * size && at < (page + 1) * size))
			node_append(items, shown(s, n));
		at++;
	}
	if (bare) {
		reply(w, items);
		return;
	}
	answer = node_object();
	node_set(answer, setting(s, "items_as", "items"), items);
	node_set(answer, "totalElements", node_int(at));
	reply(w, answer);
}

/* Without "modules" the counts of the push side tell which are on. */
static void get_subscription(struct answer *w, const struct node *workspace)
{
	struct node *n = node_object(), *modules = node_get(workspace, "modules"), *made;

	if (node_get(workspace, "subscription")) {
		reply(w, node_copy(node_get(workspace, "subscription")));
		return;
	}
	if (modules) {
		node_set(n, "modules", node_copy(modules));
	} else {
		made = node_object();
		for (struct node *c = node_get(workspace, "counts") ? node_get(workspace, "counts")->child : NULL; c;
			c = c->next)
			node_set(made, c->key, node_bool(true));
		node_set(n, "modules", made);
	}
	node_set(n, "bundles",
		node_get(workspace, "bundles") ? node_copy(node_get(workspace, "bundles")) : node_array());
	reply(w, n);
}

static void get_list(
	struct sim *s, struct request *r, struct answer *w, const struct node *workspace, const char *what)
{
	int64_t total = node_number_or(node_get(workspace, what), 0), size = query_number(r, "pageSize", 20);
	int64_t from = query_number(r, "page", 0) * size;
	struct node *n = node_object(), *items = node_array();

	for (int64_t i = from; i < from + size && i < total; i++) {
		struct node *item = node_object();
		char text[64];

		snprintf(text, sizeof(text), "%s-%" PRId64, what, i);
		node_set(item, strcmp(what, "users") == 0 ? "email" : "enrollmentCode", node_string(text));
		node_append(items, item);
	}
	node_set(n, "items", items);
	node_set(n, setting(s, "total_as", "totalElements"), node_int(total));
	reply(w, n);
}

static void handle_v1(struct sim *s, struct request *r, struct answer *w)
{
	const char *id = request_header(r, "Workspace"), *what = r->segments > 1 ? r->segment[1] : "";
	struct node *workspace = workspace_named(s, id);
	bool channel = id && (strcmp(id, channel_of(s)) == 0 ||
		(workspace && strcmp(node_text(node_get(workspace, "type"), ""), "channel") == 0));

	if (!signed_in(r))
		refuse(r, w, 401, "Unauthorized");
	else if (!channel && !workspace)
		refuse(r, w, 404, "no such workspace");
	else if (workspace && node_true(node_get(workspace, "closed")))
		refuse(r, w, 403, "Forbidden");
	else if (strcmp(r->method, "GET") != 0)
		refuse(r, w, 405, "this reader changes nothing");
	else if (strcmp(r->path, "/v1/workspaces/search") == 0 && channel)
		get_search(s, r, w, id);
	else if (strcmp(what, "subscriptions") == 0 && workspace)
		get_subscription(w, workspace);
	else if ((strcmp(what, "users") == 0 || strcmp(what, "devices") == 0) && workspace)
		get_list(s, r, w, workspace, what);
	else
		refuse(r, w, 404, "Not Found");
}

bool coro_api(struct sim *s, struct request *r, struct answer *w)
{
	if (strcmp(r->method, "POST") == 0 && strcmp(r->path, "/oauth/token") == 0)
		post_token(s, r, w);
	else if (r->segments > 0 && strcmp(r->segment[0], "v1") == 0)
		handle_v1(s, r, w);
	else
		return false;
	return true;
}
