/* comet.c - a Comet Server's admin API: forms in, JSON out, errors with status 200.
 *
 * The fixture: "users" (name: profile), "organizations", "buckets", "version". {"repeat":n,"profile":{..}} as a member
 * of "many" adds users user1 to userN. Settings: "username", "password", "second_factor" (by password alone nobody
 * signs in), "http_errors" (errors bear their status), "tenant_admin" (tenants are not listed), "session_calls" (a
 * session ends after so many).
 */
#include "sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct comet {
	struct node *users, *organizations, *buckets, *version;
	int64_t session, calls;		/* number of the newest session, what it has been used for */
	int64_t revoked;
};

static bool set(const struct sim *s, const char *name)
{
	return node_true(node_get(s->settings, name));
}

static void envelope(struct sim *s, struct answer *w, int status, const char *words)
{
	struct node *n = node_object();

	node_set(n, "Status", node_int(status));
	node_set(n, "Message", node_string(words));
	answer_node(w, status >= 400 && set(s, "http_errors") ? status : 200, n);
	node_free(n);
}

static bool form_is(const struct request *r, const char *name, const char *wanted)
{
	struct request form = *r;
	const char *is;

	form.query = r->body;
	is = request_query(&form, name);
	return is && strcmp(is, wanted) == 0;
}

static const char *setting(const struct sim *s, const char *name, const char *fallback)
{
	return node_text(node_get(s->settings, name), fallback);
}

static bool by_password(const struct sim *s, const struct request *r)
{
	return form_is(r, "Username", setting(s, "username", "admin")) && form_is(r, "AuthType", "Password") &&
		form_is(r, "Password", setting(s, "password", "comet-secret")) && !set(s, "second_factor");
}

static bool by_session(struct sim *s, const struct request *r)
{
	struct comet *c = s->data;
	int64_t most = node_number_or(node_get(s->settings, "session_calls"), INT32_MAX);
	char key[64];

	snprintf(key, sizeof(key), "session-%" PRId64, c->session);
	return c->session && form_is(r, "Username", setting(s, "username", "admin")) &&
		form_is(r, "AuthType", "SessionKey") && form_is(r, "SessionKey", key) && ++c->calls <= most;
}

static void start_session(struct sim *s, struct request *r, struct answer *w)
{
	struct comet *c = s->data;
	struct node *n;
	char key[64];

	if (!by_password(s, r)) {
		envelope(s, w, 403, "Authentication failed");
		return;
	}
	c->calls = 0;
	snprintf(key, sizeof(key), "session-%" PRId64, ++c->session);
	n = node_object();
	node_set(n, "Status", node_int(200));
	node_set(n, "Message", node_string("OK"));
	node_set(n, "SessionKey", node_string(key));
	node_set(n, "SessionType", node_string("admin"));
	answer_node(w, 200, n);
	node_free(n);
}

static void handle(struct sim *s, struct request *r, struct answer *w)
{
	struct comet *c = s->data;
	const char *call = strncmp(r->path, "/api/v1/admin/", 14) == 0 ? r->path + 14 : "";

	if (strcmp(r->method, "POST") != 0 || !*call)
		envelope(s, w, 404, "no such call");
	else if (strcmp(call, "account/session-start") == 0)
		start_session(s, r, w);
	else if (!by_session(s, r))
		envelope(s, w, 403, "Session expired");
	else if (strcmp(call, "account/session-revoke") == 0)
		c->revoked++, c->session++, envelope(s, w, 200, "OK");
	else if (strcmp(call, "meta/version") == 0)
		answer_node(w, 200, c->version);
	else if (strcmp(call, "list-users-full") == 0)
		answer_node(w, 200, c->users);
	else if (strcmp(call, "organization/list") == 0 && !set(s, "tenant_admin"))
		answer_node(w, 200, c->organizations);
	else if (strcmp(call, "storage/list-buckets") == 0 && node_true(node_get(c->version, "StorageRole")))
		answer_node(w, 200, c->buckets);
	else
		envelope(s, w, 403, "Access denied");
}

static struct node *member(const struct json *fixture, const char *name)
{
	return json_get(fixture, name) ? node_from(json_get(fixture, name)) : node_object();
}

static enum rc open_system(struct sim *s, const struct json *fixture, struct err *e)
{
	struct comet *c = xcalloc(1, sizeof(*c));
	int64_t many;
	char name[32];

	s->data = c;
	c->users = member(fixture, "users");
	c->organizations = member(fixture, "organizations");
	c->buckets = member(fixture, "buckets");
	c->version = member(fixture, "version");
	if (json_int(json_path(fixture, "many/repeat"), 1, 100000, &many) != RC_OK)
		many = 0;
	for (int64_t i = 1; i <= many; i++) {
		struct node *profile = node_from(json_path(fixture, "many/profile"));

		snprintf(name, sizeof(name), "user%" PRId64, i);
		node_set(profile, "Username", node_string(name));
		node_set(c->users, name, profile);
	}
	return c->users->child ? RC_OK : err_set(e, RC_INVALID, "\"users\" must not be empty");
}

static void close_system(struct sim *s)
{
	struct comet *c = s->data;

	node_free(c->users);
	node_free(c->organizations);
	node_free(c->buckets);
	node_free(c->version);
	free(c);
}

/* {"id":user,"set":{..}} or {"id","delete":true} */
static enum rc edit(struct sim *s, const struct json *what, struct err *e)
{
	struct comet *c = s->data;
	const char *id = json_text_or(json_get(what, "id"), "");
	struct node *user = node_get(c->users, id);
	const struct json *changes = json_get(what, "set");

	if (!user)
		return err_set(e, RC_NOT_FOUND, "no such user");
	if (json_true(json_get(what, "delete"))) {
		node_remove(c->users, id);
		return RC_OK;
	}
	for (const struct json *v = changes ? changes->child : NULL; v; v = v->next)
		node_set(user, v->key, node_from(v));
	return RC_OK;
}

static void state(struct sim *s, struct jsonw *w)
{
	struct comet *c = s->data;

	jsonw_kv_int(w, "sessions_revoked", c->revoked);
	jsonw_key(w, "users");
	node_write(w, c->users);
}

const struct system system_comet = { "comet", open_system, close_system, handle, edit, state };
