/* rest.c - any vendor with a REST API, as a fixture tells it: routes, how each is paged, and who may ask.
 *
 *     "auth":   {"headers":{"Authorization":"Basic a2V5"}}   every request must bear these
 *               {"query":{"client_id":"x"}}                  or these
 * {"jwt":{"secret","claims":{..},"life"}}   or a token of their own, HS512, that ends within so many seconds
 *               {"token":{"path","form"|"json"|"basic","answer","send_as","prefix"}}   or a token of that sign-in
 *     "routes": [{"method","path","query","json","headers","status","items"|"body","at","extra","paging"}]
 *
 * A path may hold "*" for a segment. "items" are shown in the list at "at" ("" = the answer is the list), beside the
 * members of "extra", page by page as "paging" says:
 * {"kind":"page"|"offset"|"cursor"|"next_url"|"link_header"|"after",
 * "param","size_param","size","start","total","pages","next","field","in":"body"}; "size" is the most that the vendor
 * gives. {"repeat":n,"item":{..}} among items stands for n of them, with {i} in texts for the number. A token's
 * sign-in answers 401 when its form or json differs from what stands there; {token} in its answer is the token, and at
 * the path "refuse" nobody signs in. "token_of" of a route is the first segment of the path where its token must be
 * from.
 */
#include "sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/codec.h"

struct rest {
	struct node *auth, *routes;
	int64_t token;		/* of the newest sign-in */
};

static const char *text(const struct node *n, const char *key)
{
	return node_text(node_get(n, key), "");
}

static void refuse(struct answer *w, int status, const char *words)
{
	struct node *n = node_object();

	node_set(n, "message", node_string(words));
	answer_node(w, status, n);
	node_free(n);
}

/* ---- texts with {i} and {token} ---- */

static void put_replaced(struct buf *b, const char *s, const char *token, int64_t i)
{
	for (; *s; s++) {
		if (strncmp(s, "{i}", 3) == 0) {
			buf_printf(b, "%" PRId64, i);
			s += 2;
		} else if (strncmp(s, "{token}", 7) == 0) {
			buf_puts(b, token);
			s += 6;
		} else {
			buf_putc(b, *s);
		}
	}
}

/* A copy of the tree with its texts filled in; a text of only "{i}" becomes a number. */
static struct node *filled(const struct node *n, const char *token, int64_t i)
{
	struct node *made = n->type == JSON_OBJECT ? node_object() : n->type == JSON_ARRAY ? node_array() : NULL;
	AUTO(buf) b = BUF_INIT(1 << 20);

	for (const struct node *m = n->child; m; m = m->next) {
		if (n->type == JSON_OBJECT)
			node_set(made, m->key, filled(m, token, i));
		else
			node_append(made, filled(m, token, i));
	}
	if (made)
		return made;
	if (n->type != JSON_STRING)
		return node_copy(n);
	put_replaced(&b, n->str, token, i);
	return strcmp(n->str, "{i}") == 0 ? node_number(buf_text(&b)) : node_string(buf_text(&b));
}

/* ---- who may ask ---- */

/* Members that must be in `b`, with these values; objects to any depth. */
static bool within(const struct node *wanted, const struct json *b)
{
	if (wanted->type == JSON_OBJECT) {
		for (const struct node *m = wanted->child; m; m = m->next) {
			if (!within(m, json_get(b, m->key)))
				return false;
		}
		return true;
	}
	if (wanted->type == JSON_STRING || wanted->type == JSON_NUMBER)
		return json_scalar(b) && strcmp(wanted->str, json_scalar(b)) == 0;
	return b && b->type == wanted->type;
}

static bool query_has(const struct request *r, const struct node *wanted)
{
	for (const struct node *m = wanted ? wanted->child : NULL; m; m = m->next) {
		const char *is = request_query(r, m->key);

		if (!is || strcmp(is, m->str) != 0)
			return false;
	}
	return true;
}

static bool headers_have(const struct request *r, const struct node *wanted)
{
	for (const struct node *m = wanted ? wanted->child : NULL; m; m = m->next) {
		const char *is = request_header(r, m->key);

		if (!is || strcmp(is, m->str) != 0)
			return false;
	}
	return true;
}

static bool body_has(struct request *r, const struct node *wanted)
{
	struct err e = ERR_INIT;
	struct json *body;

	return !wanted || (request_json(r, &body, &e) == RC_OK && within(wanted, body));
}

/* A form reads like a query. */
static bool form_has(const struct request *r, const struct node *wanted)
{
	struct request form = *r;

	form.query = r->body;
	return query_has(&form, wanted);
}

static void sign_in(struct sim *s, struct request *r, struct answer *w, const struct node *how)
{
	struct rest *rest = s->data;
	const struct node *basic = node_get(how, "basic");
	struct node *answer;
	char token[128];

	if (!body_has(r, node_get(how, "json")) || !form_has(r, node_get(how, "form")) ||
		!headers_have(r, node_get(how, "headers")) || (basic && !headers_have(r, basic)) ||
		strcmp(text(how, "refuse"), r->path) == 0) {
		refuse(w, 401, "invalid_client: these credentials are not known");
		return;
	}
	snprintf(token, sizeof(token), "token-%" PRId64 ".%s", ++rest->token, r->segment[0]);
	answer = filled(node_get(how, "answer"), token, 0);
	answer_node(w, 200, answer);
	node_free(answer);
}

static bool has_token(const struct rest *rest, const struct request *r, const struct node *how)
{
	const char *is = request_header(r, node_text(node_get(how, "send_as"), "Authorization"));
	const char *prefix = node_text(node_get(how, "prefix"), "Bearer ");
	int64_t n;

	if (!is || strncmp(is, prefix, strlen(prefix)) != 0 || strncmp(is + strlen(prefix), "token-", 6) != 0)
		return false;
	n = strtoll(is + strlen(prefix) + 6, NULL, 10);
	return n > 0 && n <= rest->token;
}

static bool signed_by(const char *token, const char *secret, const struct request *r)
{
	const char *dot = strrchr(token, '.');
	unsigned char mac[crypto_auth_hmacsha512_BYTES];
	crypto_auth_hmacsha512_state state;
	char *signature;
	size_t len;

	if (!dot || base64_decode(r->arena, dot + 1, &signature, &len) != RC_OK || len != sizeof(mac))
		return false;
	crypto_auth_hmacsha512_init(&state, (const unsigned char *)secret, strlen(secret));
	crypto_auth_hmacsha512_update(&state, (const unsigned char *)token, (size_t)(dot - token));
	crypto_auth_hmacsha512_final(&state, mac);
	return memcmp(mac, signature, len) == 0;
}

/* A token that whoever asks has made: signed, not too long-lived, with these claims. */
static bool has_jwt(const struct request *r, const struct node *how)
{
	const char *is = request_header(r, "Authorization"), *dot;
	int64_t end, now = clock_now() / CLOCK_SECOND;
	struct json *claims;
	char *text;
	size_t len;

	if (!is || strncmp(is, "Bearer ", 7) != 0 || !signed_by(is + 7, node_text(node_get(how, "secret"), ""), r))
		return false;
	dot = strchr(is + 7, '.');
	if (base64_decode(r->arena, arena_strndup(r->arena, dot + 1, strcspn(dot + 1, ".")), &text, &len) != RC_OK ||
		json_parse(r->arena, text, len, NULL, &claims, NULL) != RC_OK ||
		!within(node_get(how, "claims"), claims))
		return false;
	return json_int(json_get(claims, "exp"), now, now + node_number_or(node_get(how, "life"), 300), &end) == RC_OK;
}

static bool may_ask(struct sim *s, struct request *r)
{
	struct rest *rest = s->data;
	const struct node *token = node_get(rest->auth, "token"), *jwt = node_get(rest->auth, "jwt");

	return headers_have(r, node_get(rest->auth, "headers")) && query_has(r, node_get(rest->auth, "query")) &&
		(!token || has_token(rest, r, token)) && (!jwt || has_jwt(r, jwt));
}

/* ---- which route ---- */

static bool path_fits(struct request *r, const char *pattern)
{
	const char *path = r->path;

	while (*pattern && *path) {
		if (*pattern == '*') {
			path += strcspn(path, "/");
			pattern++;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return !*pattern && !*path;
}

/* Whether the token is of the sign-in whose path begins with this. */
static bool token_is_of(const struct request *r, const char *whose)
{
	const char *is = request_header(r, "Authorization"), *dot = is ? strrchr(is, '.') : NULL;

	return !*whose || (dot && strcmp(dot + 1, whose) == 0);
}

static struct node *route_of(struct sim *s, struct request *r)
{
	struct rest *rest = s->data;

	for (struct node *n = rest->routes->child; n; n = n->next) {
		if (strcmp(node_text(node_get(n, "method"), "GET"), r->method) == 0 && path_fits(r, text(n, "path")) &&
			token_is_of(r, text(n, "token_of")) && query_has(r, node_get(n, "query")) &&
			headers_have(r, node_get(n, "headers")) && body_has(r, node_get(n, "json")))
			return n;
	}
	return NULL;
}

/* ---- pages ---- */

struct page {
	const struct node *how;
	int64_t size, from, count;	/* of this page; count of all */
};

static bool kind_is(const struct page *p, const char *kind)
{
	return strcmp(text(p->how, "kind"), kind) == 0;
}

/* A member of the request, of its query or its body. */
static const char *asked(struct request *r, const struct page *p, const char *which)
{
	const char *name = text(p->how, which);
	struct err e = ERR_INIT;
	struct json *body;

	if (!*name)
		return NULL;
	if (strcmp(text(p->how, "in"), "body") != 0)
		return request_query(r, name);
	return request_json(r, &body, &e) == RC_OK ? json_scalar(json_path(body, name)) : NULL;
}

static int64_t number_or(const char *s, int64_t fallback)
{
	return s ? strtoll(s, NULL, 10) : fallback;
}

/* The place behind the item whose field is `last`. */
static int64_t behind(const struct node *items, const char *field, const char *last)
{
	int64_t at = 0;

	for (const struct node *n = items->child; last && n; n = n->next) {
		at++;
		if (strcmp(node_text(node_get(n, field), ""), last) == 0)
			return at;
	}
	return 0;
}

static void find_page(struct request *r, struct page *p, const struct node *items)
{
	int64_t start = node_number_or(node_get(p->how, "start"), 0),
		most = node_number_or(node_get(p->how, "size"), 100);
	const char *at = asked(r, p, "param");

	p->size = number_or(asked(r, p, "size_param"), node_number_or(node_get(p->how, "usual"), most));
	if (p->size > most || p->size < 1)
		p->size = most;
	for (const struct node *n = items->child; n; n = n->next)
		p->count++;
	if (!p->how) {
		p->size = p->count;
		return;
	}
	if (kind_is(p, "page"))
		p->from = (number_or(at, start) - start) * p->size;
	else if (kind_is(p, "after"))
		p->from = behind(items, text(p->how, "field"), at);
	else
		p->from = number_or(at ? at + (strncmp(at, "c-", 2) == 0 ? 2 : 0) : NULL, 0);
}

/* Sets the member at "a/b/c". */
static void set_path(struct node *n, const char *path, struct node *value)
{
	size_t len = strcspn(path, "/");
	AUTO(arena) a = ARENA_INIT;
	char *key = arena_strndup(&a, path, len);

	if (!path[len]) {
		node_set(n, key, value);
		return;
	}
	if (!node_get(n, key))
		node_set(n, key, node_object());
	set_path(node_get(n, key), path + len + 1, value);
}

/* The request's own address with another place, and with what the route asks for. */
static char *address_of(struct sim *s, struct request *r, const struct page *p)
{
	const char *param = node_text(node_get(p->how, "param"), "cursor");
	const struct node *asks = node_get(route_of(s, r), "query");
	char *address = arena_printf(r->arena, "%s%s?%s=c-%" PRId64 "&%s=%" PRId64, s->address, r->path, param,
		p->from + p->size, node_text(node_get(p->how, "size_param"), "limit"), p->size);

	for (const struct node *m = asks ? asks->child : NULL; m; m = m->next)
		address = arena_printf(
			r->arena, "%s&%s=%s", address, url_encode(r->arena, m->key), url_encode(r->arena, m->str));
	return address;
}

static void tell_place(struct sim *s, struct request *r, struct answer *w, const struct page *p, struct node *answer)
{
	bool more = p->from + p->size < p->count;

	if (*text(p->how, "total"))
		set_path(answer, text(p->how, "total"), node_int(p->count));
	if (*text(p->how, "pages") && p->size > 0)
		set_path(answer, text(p->how, "pages"), node_int((p->count + p->size - 1) / p->size));
	if (kind_is(p, "cursor"))
		set_path(answer, text(p->how, "next"),
			more ? node_string(arena_printf(r->arena, "c-%" PRId64, p->from + p->size)) : node_null());
	if (kind_is(p, "next_url"))
		set_path(answer, text(p->how, "next"), more ? node_string(address_of(s, r, p)) : node_null());
	if (kind_is(p, "link_header") && more)
		answer_header(w, "Link", arena_printf(r->arena, "<%s>; rel=\"next\"", address_of(s, r, p)));
}

static struct node *shown(const struct node *items, const struct page *p)
{
	struct node *list = node_array();
	int64_t at = 0;

	for (const struct node *n = items->child; n; n = n->next, at++) {
		if (at >= p->from && at < p->from + p->size)
			node_append(list, node_copy(n));
	}
	return list;
}

static void show_items(struct sim *s, struct request *r, struct answer *w, const struct node *route)
{
	struct page p = { .how = node_get(route, "paging") };
	const char *at = text(route, "at");
	struct node *answer, *list;

	find_page(r, &p, node_get(route, "items"));
	list = shown(node_get(route, "items"), &p);
	answer = node_get(route, "extra") ? node_copy(node_get(route, "extra")) : node_object();
	if (p.how)
		tell_place(s, r, w, &p, answer);
	if (*at)
		set_path(answer, at, list);
	answer_node(w, (int)node_number_or(node_get(route, "status"), 200), *at ? answer : list);
	if (!*at)
		node_free(list);
	node_free(answer);
}

static void handle(struct sim *s, struct request *r, struct answer *w)
{
	struct rest *rest = s->data;
	const struct node *token = node_get(rest->auth, "token"), *route;

	if (token && path_fits(r, text(token, "path"))) {
		sign_in(s, r, w, token);
		return;
	}
	if (!may_ask(s, r)) {
		refuse(w, 401, "these credentials are not known");
		return;
	}
	route = route_of(s, r);
	if (!route)
		refuse(w, 404, "there is no such path, or not with these parameters");
	else if (node_get(route, "items"))
		show_items(s, r, w, route);
	else
		answer_node(w, (int)node_number_or(node_get(route, "status"), 200), node_get(route, "body"));
}

/* ---- the fixture ---- */

static void unroll(struct node *route)
{
	const struct node *items = node_get(route, "items");
	struct node *all = node_array();

	for (const struct node *n = items->child; n; n = n->next) {
		int64_t times = node_number_or(node_get(n, "repeat"), 0);

		for (int64_t i = 1; i <= times; i++)
			node_append(all, filled(node_get(n, "item"), "", i));
		if (!times)
			node_append(all, node_copy(n));
	}
	node_set(route, "items", all);
}

static enum rc open_system(struct sim *s, const struct json *fixture, struct err *e)
{
	struct rest *rest = xcalloc(1, sizeof(*rest));

	s->data = rest;
	if (!json_is(json_get(fixture, "routes"), JSON_ARRAY))
		return err_set(e, RC_INVALID, "\"routes\" must be an array");
	rest->routes = node_from(json_get(fixture, "routes"));
	rest->auth = json_get(fixture, "auth") ? node_from(json_get(fixture, "auth")) : node_object();
	for (struct node *n = rest->routes->child; n; n = n->next) {
		if (node_get(n, "items"))
			unroll(n);
	}
	return RC_OK;
}

static void close_system(struct sim *s)
{
	struct rest *rest = s->data;

	node_free(rest->auth);
	node_free(rest->routes);
	free(rest);
}

/* {"path","items"|"body"}: what a route shows from now on. */
static enum rc edit(struct sim *s, const struct json *what, struct err *e)
{
	struct rest *rest = s->data;
	const char *path = json_text_or(json_get(what, "path"), "");

	for (struct node *n = rest->routes->child; n; n = n->next) {
		if (strcmp(text(n, "path"), path) != 0)
			continue;
		if (json_get(what, "body"))
			node_set(n, "body", node_from(json_get(what, "body")));
		if (json_get(what, "items")) {
			node_set(n, "items", node_from(json_get(what, "items")));
			unroll(n);
		}
		return RC_OK;
	}
	return err_set(e, RC_NOT_FOUND, "no such route");
}

static void state(struct sim *s, struct jsonw *w)
{
	jsonw_key(w, "routes");
	node_write(w, ((struct rest *)s->data)->routes);
}

const struct system system_rest = { "rest", open_system, close_system, handle, edit, state };
