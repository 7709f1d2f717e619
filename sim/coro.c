/* coro.c - Coro, the vendor's side: workspaces with usage, and the connector that pushes it.
 *
 *     GET  /console/connectors     Control Panel > Workspace > Connectors > PSA, for a person
 *     POST /_connect  {"token","target"}                      the same for a script: adds, then pushes
 *     POST /_push                                             pushes again, as every day
 *     POST /_usage    {"workspace","service","count"}         changes a count; null turns the module off
 *
 * /_connect and /_push answer when the push is over. Settings of the fixture: "target", the base
 * address of the partner; "send_zero", whether counts of nothing are sent.
 */
#include "coro.h"

#include <event2/event.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *coro_state_name(enum coro_state state)
{
	static const char *const names[] = { "none", "pushing", "connected", "rejected", "failed" };

	return names[state];
}

static struct coro *coro_of(struct sim *s)
{
	return s->data;
}

static void write_status(struct sim *s, struct jsonw *w)
{
	struct coro *c = coro_of(s);

	jsonw_kv(w, "state", coro_state_name(c->push ? CORO_PUSHING : c->state));
	jsonw_kv(w, "target", c->target);
	jsonw_kv_int(w, "sent", c->sent);
	jsonw_kv_int(w, "refused", c->refused);
	jsonw_kv(w, "since", c->since[0] ? c->since : NULL);
	jsonw_kv(w, "error", c->error[0] ? c->error : NULL);
}

static void answer_status(struct sim *s, struct answer *w)
{
	struct jsonw j;

	jsonw_init(&j, &w->body, 0);
	jsonw_object(&j);
	write_status(s, &j);
	jsonw_end_object(&j);
}

static void answer_waiting(struct sim *s)
{
	struct coro *c = coro_of(s);

	for (size_t i = 0; i < c->waiters; i++) {
		struct answer w = { .status = 200, .type = "application/json; charset=utf-8" };

		buf_init(&w.body, 1 << 20);
		answer_status(s, &w);
		web_send(c->waiting[i], &w);
		buf_release(&w.body);
	}
	c->waiters = 0;
}

/* Counts how the partner took the counts. */
static void take_call(struct sim *s, struct node *item)
{
	struct coro *c = coro_of(s);
	int64_t status = node_number_or(node_get(item, "status"), 0);

	if (strstr(node_text(node_get(item, "path"), ""), "/count"))
		*(status >= 200 && status < 300 ? &c->sent : &c->refused) += 1;
	node_set(item, "n", node_int(++s->ledger_count));
	if (s->ledger_last)
		s->ledger_last->next = item;
	else
		s->ledger->child = item;
	s->ledger_last = item;
}

static void finish(struct sim *s)
{
	struct coro *c = coro_of(s);

	c->state = c->push->state;
	snprintf(c->error, sizeof(c->error), "%s", c->push->error);
	sim_now(c->since);
	event_free(c->push->news);
	coro_push_free(c->push);
	c->push = NULL;
	answer_waiting(s);
}

static void on_news(evutil_socket_t fd, short what, void *arg)
{
	struct sim *s = arg;
	struct coro *c = coro_of(s);
	struct node *calls, *next;
	bool done;

	if (!c->push)
		return;
	pthread_mutex_lock(&c->push->lock);
	calls = c->push->calls->child;
	c->push->calls->child = NULL;
	done = c->push->done;
	pthread_mutex_unlock(&c->push->lock);
	for (; calls; calls = next) {
		next = calls->next;
		calls->next = NULL;
		take_call(s, calls);
	}
	if (done)
		finish(s);
}

static void problem(struct request *r, struct answer *w, int status, const char *text)
{
	struct node *n = node_object();

	node_set(n, "error", node_string(text));
	answer_node(w, status, n);
	node_free(n);
}

static const char *start(struct sim *s)
{
	struct coro *c = coro_of(s);

	if (c->push)
		return "a push is running";
	if (!c->token || !*c->token)
		return "no connector was added: give a token";
	if (!c->target || !*c->target)
		return "the address of the partner is not known: give \"target\"";
	c->sent = c->refused = 0;
	c->push = coro_push_start(
		c, node_true(node_get(s->settings, "send_zero")), event_new(s->loop, -1, EV_PERSIST, on_news, s));
	return NULL;
}

static char *trimmed(const char *s)
{
	char *text = xstrdup(s + strspn(s, " \t\r\n"));
	size_t len = strlen(text);

	while (len && strchr(" \t\r\n/", text[len - 1]))
		text[--len] = '\0';
	return text;
}

static void set_connector(struct coro *c, const char *token, const char *target)
{
	if (token) {
		free(c->token);
		c->token = xstrdup(token + strspn(token, " \t\r\n"));
		c->token[strcspn(c->token, " \t\r\n")] = '\0';
	}
	if (target && *target) {
		free(c->target);
		c->target = trimmed(target);
	}
}

static void start_and_wait(struct sim *s, struct request *r, struct answer *w)
{
	struct coro *c = coro_of(s);
	const char *wrong = c->waiters < ARRAY_LEN(c->waiting) ? start(s) : "too many wait already";

	if (wrong) {
		problem(r, w, 409, wrong);
		return;
	}
	c->waiting[c->waiters++] = r->raw;
	w->later = true;
}

static void post_connect(struct sim *s, struct request *r, struct answer *w)
{
	struct err e = ERR_INIT;
	struct json *v;

	if (request_json(r, &v, &e) != RC_OK || !json_member(v, "token")) {
		problem(r, w, 400, "a body with \"token\" is needed");
		return;
	}
	if (!coro_of(s)->push)
		set_connector(coro_of(s), json_member(v, "token"), json_member(v, "target"));
	start_and_wait(s, r, w);
}

/* The form of the console: answers at once and lets the page show how it goes. */
static void post_console(struct sim *s, struct request *r, struct answer *w, bool with_token)
{
	struct coro *c = coro_of(s);
	const char *wrong;

	r->query = r->body;
	if (with_token && !c->push)
		set_connector(c, request_query(r, "token"), request_query(r, "target"));
	wrong = start(s);
	if (wrong)
		snprintf(c->error, sizeof(c->error), "%s", wrong);
	w->status = 303;
	answer_header(w, "Location", "/console/connectors");
}

static struct node *find(struct node *list, const char *key)
{
	for (struct node *n = list->child; key && n; n = n->next)
		if (strcmp(node_text(node_get(n, "id"), ""), key) == 0 ||
			strcmp(node_text(node_get(n, "name"), ""), key) == 0)
			return n;
	return NULL;
}

static void post_usage(struct sim *s, struct request *r, struct answer *w)
{
	struct err e = ERR_INIT;
	struct json *v;
	struct node *workspace;
	const char *service;

	if (request_json(r, &v, &e) != RC_OK) {
		problem(r, w, 400, e.text);
		return;
	}
	workspace = find(coro_of(s)->workspaces, json_member(v, "workspace"));
	service = json_member(v, "service");
	if (!workspace || !find(coro_of(s)->services, service)) {
		problem(r, w, 404, "no such workspace or service");
		return;
	}
	if (!node_get(workspace, "counts"))
		node_set(workspace, "counts", node_object());
	if (json_is_null(json_get(v, "count")))
		node_remove(node_get(workspace, "counts"), service);
	else
		node_set(node_get(workspace, "counts"), service, node_from(json_get(v, "count")));
	answer_node(w, 200, workspace);
}

static bool is(const struct request *r, const char *method, const char *path)
{
	return strcmp(r->method, method) == 0 && strcmp(r->path, path) == 0;
}

static void handle(struct sim *s, struct request *r, struct answer *w)
{
	if (coro_api(s, r, w))
		return;
	if (is(r, "POST", "/_connect"))
		post_connect(s, r, w);
	else if (is(r, "POST", "/_push"))
		start_and_wait(s, r, w);
	else if (is(r, "POST", "/_usage"))
		post_usage(s, r, w);
	else if (is(r, "POST", "/console/connect"))
		post_console(s, r, w, true);
	else if (is(r, "POST", "/console/push"))
		post_console(s, r, w, false);
	else if (is(r, "GET", "/") || is(r, "GET", "/console/connectors"))
		coro_page(s, w);
	else
		problem(r, w, 404, "there is no such path");
}

static enum rc open_system(struct sim *s, const struct json *fixture, struct err *e)
{
	struct coro *c = xcalloc(1, sizeof(*c));

	s->data = c;
	if (!json_is(json_get(fixture, "services"), JSON_ARRAY) ||
		!json_is(json_get(fixture, "workspaces"), JSON_ARRAY))
		return err_set(e, RC_INVALID, "\"services\" and \"workspaces\" must be arrays");
	c->services = node_from(json_get(fixture, "services"));
	c->workspaces = node_from(json_get(fixture, "workspaces"));
	set_connector(c, NULL, node_text(node_get(s->settings, "target"), NULL));
	return RC_OK;
}

static void close_system(struct sim *s)
{
	struct coro *c = coro_of(s);

	if (c->push) {
		struct event *news = c->push->news;

		coro_push_free(c->push);
		event_free(news);
	}
	node_free(c->services);
	node_free(c->workspaces);
	free(c->token);
	free(c->target);
	free(c);
}

/* {"kind":"workspaces"|"services","id",...}: "insert", "delete" or "set". */
static enum rc edit(struct sim *s, const struct json *what, struct err *e)
{
	struct coro *c = coro_of(s);
	struct node *list = strcmp(json_text_or(json_get(what, "kind"), ""), "services") == 0 ? c->services
											      : c->workspaces;
	struct node *n = find(list, json_member(what, "id")), **link;
	const struct json *set = json_get(what, "set");

	if (json_get(what, "insert")) {
		node_append(list, node_from(json_get(what, "insert")));
		return RC_OK;
	}
	if (!n)
		return err_set(e, RC_NOT_FOUND, "no such record");
	if (json_true(json_get(what, "delete"))) {
		for (link = &list->child; *link != n; link = &(*link)->next)
			;
		*link = n->next;
		node_free(n);
		return RC_OK;
	}
	for (const struct json *v = json_is(set, JSON_OBJECT) ? set->child : NULL; v; v = v->next)
		node_set(n, v->key, node_from(v));
	return RC_OK;
}

static void state(struct sim *s, struct jsonw *w)
{
	write_status(s, w);
	jsonw_key(w, "services");
	node_write(w, coro_of(s)->services);
	jsonw_key(w, "workspaces");
	node_write(w, coro_of(s)->workspaces);
}

const struct system system_coro = { "coro", open_system, close_system, handle, edit, state };
