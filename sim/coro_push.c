/* coro_push.c - one push of usage to the partner API, as the vendor does it every day.
 *
 * Organization, status, new accounts, new services, then a count for every workspace and module
 * that is on. Nothing is sent for a module that is off, nor for a workspace that is not in use.
 */
#include "coro.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"

enum { ANSWER_MAX = 64 << 20, TRIES = 5 };

struct call {
	struct coro_push *push;
	CURL *curl;
	struct curl_slist *headers;
	struct arena arena;
	struct buf answer;
	struct json *json; /* of the last answer, NULL when it is none */
	long status; /* 0: no answer */
	int retry_after;
	bool stopped; /* nothing answers any more */
};

static size_t on_data(char *data, size_t size, size_t count, void *arg)
{
	buf_put(arg, data, size * count);
	return size * count;
}

static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
	struct call *c = arg;

	if (size * count > 12 && strncasecmp(data, "Retry-After:", 12) == 0)
		c->retry_after = atoi(data + 12);
	return size * count;
}

static void tell(struct call *c, const char *method, const char *path, const char *body)
{
	struct node *item = node_object();
	char now[CLOCK_TEXT];

	node_set(item, "at", node_string(clock_format(clock_now(), now)));
	node_set(item, "method", node_string(method));
	node_set(item, "path", node_string(path));
	node_set(item, "request", node_string(body));
	node_set(item, "status", node_int(c->status));
	node_set(item, "answer", node_string(buf_text(&c->answer)));
	pthread_mutex_lock(&c->push->lock);
	node_append(c->push->calls, item);
	pthread_mutex_unlock(&c->push->lock);
	event_active(c->push->news, 0, 0);
}

static void send_once(struct call *c, const char *method, const char *path, const char *body)
{
	char *url = arena_printf(&c->arena, "%s%s", c->push->target, path);
	struct json_limits limits = JSON_LIMITS_DEFAULT;

	buf_clear(&c->answer);
	c->status = c->retry_after = 0;
	c->json = NULL;
	curl_easy_setopt(c->curl, CURLOPT_URL, url);
	curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE, body ? (long)strlen(body) : 0L);
	if (!body)
		curl_easy_setopt(c->curl, CURLOPT_HTTPGET, 1L);
	curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, method);
	if (curl_easy_perform(c->curl) == CURLE_OK)
		curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &c->status);
	limits.bytes = ANSWER_MAX;
	if (json_parse(&c->arena, buf_text(&c->answer), c->answer.len, &limits, &c->json, NULL) != RC_OK)
		c->json = NULL;
	tell(c, method, path, body);
}

/* True on a 2xx. Waits and repeats on 429, as long as a patient vendor would. */
static bool ask(struct call *c, const char *method, const char *path, const char *body)
{
	for (int i = 0; i < TRIES; i++) {
		send_once(c, method, path, body);
		if (c->status != 429)
			break;
		clock_sleep((c->retry_after > 0 ? c->retry_after : 1) * CLOCK_SECOND);
	}
	if (c->status == 0)
		c->stopped = true;
	return c->status >= 200 && c->status < 300;
}

static bool stop(struct call *c, const char *doing)
{
	struct coro_push *p = c->push;

	pthread_mutex_lock(&p->lock);
	p->state = c->status == 401 || c->status == 403 ? CORO_REJECTED : CORO_FAILED;
	if (c->status)
		snprintf(p->error, sizeof(p->error), "%s: the partner answered %ld", doing, c->status);
	else
		snprintf(p->error, sizeof(p->error), "%s: no answer from %s", doing, p->target);
	pthread_mutex_unlock(&p->lock);
	return false;
}

static bool sign_in(struct call *c)
{
	if (!ask(c, "GET", "/api/vendor-api/organization", NULL))
		return stop(c, "checking the token");
	if (strcasecmp(json_text_or(json_get(c->json, "status"), ""), "active") == 0)
		return true;
	return ask(c, "PATCH", "/api/vendor-api/organization/status/active", NULL) || stop(c, "setting the status");
}

static bool has(const struct json *list, const char *key, const char *text)
{
	for (const struct json *v = json_is(list, JSON_ARRAY) ? list->child : NULL; v; v = v->next)
		if (strcmp(json_text_or(json_get(v, key), ""), text) == 0)
			return true;
	return false;
}

static bool in_use(const struct node *workspace)
{
	const char *status = node_text(node_get(workspace, "status"), "subscription");

	return strcasecmp(status, "inactive") != 0 && strcasecmp(status, "archived") != 0;
}

static bool send_accounts(struct call *c)
{
	AUTO(buf) body = BUF_INIT(ANSWER_MAX);
	int fresh = 0;
	struct jsonw w;

	if (!ask(c, "GET", "/api/vendor-api/organization/accounts", NULL))
		return stop(c, "listing accounts");
	jsonw_init(&w, &body, 0);
	jsonw_array(&w);
	for (const struct node *n = c->push->workspaces->child; n; n = n->next) {
		if (!in_use(n) || has(c->json, "id", node_text(node_get(n, "id"), "")))
			continue;
		fresh++;
		jsonw_object(&w);
		jsonw_kv(&w, "id", node_text(node_get(n, "id"), ""));
		jsonw_kv(&w, "name", node_text(node_get(n, "name"), ""));
		jsonw_kv(&w, "description", node_text(node_get(n, "domain"), ""));
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	if (!fresh)
		return true;
	return ask(c, "POST", "/api/vendor-api/organization/accounts", buf_text(&body)) || stop(c, "creating accounts");
}

static void service_body(const struct node *service, struct buf *out)
{
	static const char *const keys[] = { "name", "description", "category", "subcategory" };
	struct jsonw w;

	jsonw_init(&w, out, 0);
	jsonw_object(&w);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		jsonw_kv(&w, keys[i], node_text(node_get(service, keys[i]), ""));
	jsonw_end_object(&w);
}

static const char *service_id(const struct json *skus, const char *name)
{
	for (const struct json *v = json_is(skus, JSON_ARRAY) ? skus->child : NULL; v; v = v->next)
		if (strcmp(json_text_or(json_get(v, "name"), ""), name) == 0)
			return json_member(v, "id") ? json_member(v, "id") : json_member(v, "_id");
	return NULL;
}

/* Leaves the partner's id of each service in its "partner_id". */
static bool send_services(struct call *c)
{
	const struct json *skus;

	if (!ask(c, "GET", "/api/vendor-api", NULL))
		return stop(c, "listing services");
	skus = json_path(c->json, "data/skus");
	for (struct node *n = c->push->services->child; n; n = n->next) {
		AUTO(buf) body = BUF_INIT(65536);
		const char *name = node_text(node_get(n, "name"), "");

		if (!service_id(skus, name)) {
			service_body(n, &body);
			if (!ask(c, "POST", "/api/vendor-api/service", buf_text(&body)))
				return stop(c, "creating services");
			skus = json_get(c->json, "skus");
		}
		node_set(n, "partner_id", node_string(service_id(skus, name)));
	}
	return true;
}

static void send_count(struct call *c, const struct node *workspace, const struct node *service)
{
	const struct node *count = node_get(node_get(workspace, "counts"), node_text(node_get(service, "name"), ""));
	const char *id = node_text(node_get(service, "partner_id"), NULL);
	AUTO(buf) body = BUF_INIT(65536);
	struct jsonw w;

	if (!id || node_is_null(count) || (!c->push->send_zero && strcmp(node_text(count, "0"), "0") == 0))
		return;
	jsonw_init(&w, &body, 0);
	jsonw_object(&w);
	jsonw_kv(&w, "accountId", node_text(node_get(workspace, "id"), ""));
	jsonw_key(&w, "unitCount");
	node_write(&w, count);
	jsonw_end_object(&w);
	ask(c, "POST", arena_printf(&c->arena, "/api/vendor-api/service/%s/count", id), buf_text(&body));
}

static bool send_counts(struct call *c)
{
	for (const struct node *n = c->push->workspaces->child; n; n = n->next) {
		if (!in_use(n))
			continue;
		for (const struct node *service = c->push->services->child; service; service = service->next) {
			send_count(c, n, service);
			if (c->stopped)
				return stop(c, "sending counts");
		}
		/* All that was made for this workspace; services and accounts are done with. */
		arena_release(&c->arena);
	}
	return true;
}

static void prepare(struct call *c, struct coro_push *p)
{
	char *header;

	*c = (struct call){ .push = p, .curl = curl_easy_init() };
	buf_init(&c->answer, ANSWER_MAX);
	header = arena_printf(&c->arena, "Gradient-Token: %s", p->token);
	c->headers = curl_slist_append(NULL, header);
	c->headers = curl_slist_append(c->headers, "Content-Type: application/json");
	c->headers = curl_slist_append(c->headers, "Accept: application/json");
	c->headers = curl_slist_append(c->headers, "Expect:");
	curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, c->headers);
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &c->answer);
	curl_easy_setopt(c->curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c->curl, CURLOPT_HEADERDATA, c);
	curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c->curl, CURLOPT_TIMEOUT, 60L);
}

static void *run(void *arg)
{
	struct coro_push *p = arg;
	struct call c;
	bool good;

	prepare(&c, p);
	good = sign_in(&c) && send_accounts(&c) && send_services(&c) && send_counts(&c);
	curl_slist_free_all(c.headers);
	curl_easy_cleanup(c.curl);
	buf_release(&c.answer);
	arena_release(&c.arena);
	pthread_mutex_lock(&p->lock);
	if (good)
		p->state = CORO_CONNECTED;
	p->done = true;
	pthread_mutex_unlock(&p->lock);
	event_active(p->news, 0, 0);
	return NULL;
}

struct coro_push *coro_push_start(const struct coro *c, bool send_zero, struct event *news)
{
	struct coro_push *p = xcalloc(1, sizeof(*p));

	p->token = xstrdup(c->token);
	p->target = xstrdup(c->target);
	p->services = node_copy(c->services);
	p->workspaces = node_copy(c->workspaces);
	p->send_zero = send_zero;
	p->news = news;
	p->calls = node_array();
	p->state = CORO_PUSHING;
	pthread_mutex_init(&p->lock, NULL);
	if (pthread_create(&p->thread, NULL, run, p) != 0)
		BUG("pthread_create");
	return p;
}

void coro_push_free(struct coro_push *p)
{
	pthread_join(p->thread, NULL);
	pthread_mutex_destroy(&p->lock);
	node_free(p->services);
	node_free(p->workspaces);
	node_free(p->calls);
	free(p->token);
	free(p->target);
	free(p);
}
