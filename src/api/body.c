/* body.c - a request's body: JSON for the app, JSON or a form in one of two encodings from vendors. */
#include "api/check.h"
#include "api/work.h"

#include "base/codec.h"

#include <string.h>
#include <strings.h>

struct sink {
	struct work *w;
	struct complaint **end;
	unsigned count;
};

static void collect(void *arg, const char *pointer, const char *detail)
{
	struct sink *s = arg;
	struct arena *a = s->w->call.arena;
	struct complaint *one;

	if (s->count++ >= COMPLAINTS_MAX)
		return;
	one = ARENA_NEW(a, struct complaint);
	one->pointer = arena_strdup(a, pointer);
	one->detail = arena_strdup(a, detail);
	*s->end = one;
	s->end = &one->next;
}

static struct json *new_object(struct arena *a)
{
	struct json *v = ARENA_NEW(a, struct json);

	v->type = JSON_OBJECT;
	return v;
}

/* "a=1&b=x+y" as an object of texts; of two with one name the first counts. */
static struct json *read_form(struct arena *a, const char *text)
{
	struct json *form = new_object(a), **end = &form->child, *v;
	size_t len, eq;
	char *key;

	for (const char *p = text; *p; p += len + (p[len] == '&')) {
		len = strcspn(p, "&");
		eq = strcspn(p, "=&");
		key = url_decode(a, p, eq, true);
		if (!*key || json_get(form, key))
			continue;
		v = ARENA_NEW(a, struct json);
		v->type = JSON_STRING;
		v->key = key;
		v->str = p[eq] == '=' ? url_decode(a, p + eq + 1, len - eq - 1, true) : "";
		v->len = strlen(v->str);
		*end = v;
		end = &v->next;
		form->count++;
	}
	return form;
}

static void parse(struct work *w, const char *text, size_t len)
{
	static const struct json_limits limits = JSON_LIMITS_DEFAULT;
	struct json *root = NULL;

	if (len > limits.bytes) {
		err_set(&w->body_err, RC_INVALID, "A JSON body has at most %zu bytes.", limits.bytes);
		w->body_err.status = 413;
		return;
	}
	if (json_parse(w->call.arena, text, len, &limits, &root, &w->body_err) == RC_OK)
		w->call.body = root;
}

static bool is_form(const struct request *rq)
{
	const char *type = http_header(rq, "Content-Type");

	return type && strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0;
}

static void read_vendor(struct work *w)
{
	struct request *rq = w->call.rq;
	size_t len;
	const char *text = text_to_utf8(w->call.arena, rq->body, rq->body_len, &len);

	if (text[strspn(text, " \t\r\n")] == '\0')
		return;
	if (is_form(rq))
		w->call.body = read_form(w->call.arena, text);
	else
		parse(w, text, len);
}

static void check(struct work *w)
{
	const struct field *fields = w->call.route->body;
	struct sink sink = { .w = w };
	struct complaint *list = NULL;

	sink.end = &list;
	if (check_body(fields, w->call.body, collect, &sink))
		return;
	w->body_complaints = list;
	if (list->next)
		err_set(&w->body_err, RC_INVALID, "The body has several faults; errors[] names them.");
	else
		err_at(&w->body_err, RC_INVALID, list->pointer, "%s", list->detail);
}

void work_read_body(struct work *w)
{
	struct request *rq = w->call.rq;

	if (w->call.route->face == FACE_VENDOR) {
		read_vendor(w);
	} else if (w->call.route->body) {
		if (rq->body_len == 0)
			w->call.body = new_object(w->call.arena);
		else
			parse(w, rq->body, rq->body_len);
	}
	if (w->body_err.rc == RC_OK && w->call.route->body)
		check(w);
}
