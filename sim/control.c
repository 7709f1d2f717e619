/* control.c - the routes that tests and demos look through: ledger, faults, edits, state.
 *
 * They are no part of any real system; their paths begin with an underscore.
 */
#include "sim.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const char *sim_now(char out[CLOCK_TEXT])
{
	return clock_format(clock_now() / CLOCK_SECOND * CLOCK_SECOND, out);
}

void ledger_add(struct sim *s, const struct request *r, struct node *before, struct node *after)
{
	struct node *item = node_object();
	char *body = arena_strndup(r->arena, r->body, r->body_len);
	char now[CLOCK_TEXT];

	node_set(item, "n", node_int(++s->ledger_count));
	node_set(item, "at", node_string(clock_format(clock_now(), now)));
	node_set(item, "method", node_string(r->method));
	node_set(item, "path", node_string(r->path));
	node_set(item, "request", node_string(body));
	node_set(item, "before", before ? before : node_null());
	node_set(item, "after", after ? after : node_null());
	if (s->ledger_last)
		s->ledger_last->next = item;
	else
		s->ledger->child = item;
	s->ledger_last = item;
}

void answers_keep(struct sim *s, const struct request *r, const struct answer *w)
{
	struct node *item;

	if (!node_true(node_get(s->settings, "keep_answers")))
		return;
	item = node_object();
	node_set(item, "method", node_string(r->method));
	node_set(item, "path", node_string(r->path));
	node_set(item, "query", node_string(r->query));
	node_set(item, "request", node_string(arena_strndup(r->arena, r->body, r->body_len)));
	node_set(item, "status", node_int(w->status));
	node_set(item, "type", node_string(w->type));
	node_set(item, "body", node_string(arena_strndup(r->arena, w->body.data, w->body.len)));
	node_append(s->answers, item);
}

/* Ids become a star, so that the counts stay few. */
static const char *pattern(const struct request *r)
{
	AUTO(buf) b = BUF_INIT(4096);

	buf_puts(&b, r->method);
	buf_putc(&b, ' ');
	for (int i = 0; i < r->segments; i++)
		buf_printf(&b, "/%s", isdigit((unsigned char)r->segment[i][0]) ? "*" : r->segment[i]);
	return arena_strdup(r->arena, buf_text(&b));
}

void ledger_count(struct sim *s, const struct request *r)
{
	const char *key = pattern(r);

	s->requests++;
	node_set(s->counts, key, node_int(node_number_or(node_get(s->counts, key), 0) + 1));
}

static void problem(struct answer *w, int status, const char *text)
{
	struct node *n = node_object();

	node_set(n, "error", node_string(text));
	answer_node(w, status, n);
	node_free(n);
}

static void done(struct answer *w)
{
	struct node *n = node_object();

	node_set(n, "ok", node_bool(true));
	answer_node(w, 200, n);
	node_free(n);
}

static void get_ledger(struct sim *s, struct answer *w)
{
	struct jsonw j;

	jsonw_init(&j, &w->body, 0);
	jsonw_object(&j);
	jsonw_key(&j, "items");
	node_write(&j, s->ledger);
	jsonw_key(&j, "requests");
	jsonw_object(&j);
	jsonw_kv_int(&j, "total", s->requests);
	jsonw_kv_int(&j, "in_flight_max", s->in_flight_max);
	jsonw_key(&j, "by");
	node_write(&j, s->counts);
	jsonw_end_object(&j);
	jsonw_end_object(&j);
}

static void clear_ledger(struct sim *s)
{
	node_free(s->ledger);
	node_free(s->counts);
	node_free(s->answers);
	s->answers = node_array();
	s->ledger = node_array();
	s->ledger_last = NULL;
	s->counts = node_object();
	s->requests = s->in_flight_max = 0;
}

static void get_answers(struct sim *s, struct answer *w)
{
	struct jsonw j;

	jsonw_init(&j, &w->body, 0);
	node_write(&j, s->answers);
}

static void get_state(struct sim *s, struct answer *w)
{
	struct jsonw j;

	jsonw_init(&j, &w->body, 0);
	jsonw_object(&j);
	jsonw_kv(&j, "system", s->system->name);
	jsonw_key(&j, "settings");
	node_write(&j, s->settings);
	s->system->state(s, &j);
	jsonw_end_object(&j);
}

static void get_faults(struct sim *s, struct answer *w)
{
	struct jsonw j;

	jsonw_init(&j, &w->body, 0);
	fault_write(s, &j);
}

static enum rc edit(struct sim *s, const struct json *what, struct err *e)
{
	const struct json *settings = json_get(what, "settings");

	if (!settings)
		return s->system->edit(s, what, e);
	for (const struct json *v = settings->child; v; v = v->next)
		node_set(s->settings, v->key, node_from(v));
	return RC_OK;
}

static void post(struct sim *s, struct request *r, struct answer *w,
	enum rc (*act)(struct sim *s, const struct json *v, struct err *e))
{
	struct err e = ERR_INIT;
	struct json *v;

	if (request_json(r, &v, &e) != RC_OK || act(s, v, &e) != RC_OK)
		problem(w, 400, e.text);
	else
		done(w);
}

static bool is(const struct request *r, const char *method, const char *path)
{
	return strcmp(r->method, method) == 0 && strcmp(r->path, path) == 0;
}

bool control_handle(struct sim *s, struct request *r, struct answer *w)
{
	if (is(r, "GET", "/_ledger"))
		get_ledger(s, w);
	else if (is(r, "DELETE", "/_ledger"))
		clear_ledger(s), done(w);
	else if (is(r, "GET", "/_faults"))
		get_faults(s, w);
	else if (is(r, "POST", "/_faults"))
		post(s, r, w, fault_add);
	else if (is(r, "DELETE", "/_faults"))
		fault_clear(s), done(w);
	else if (is(r, "POST", "/_edit"))
		post(s, r, w, edit);
	else if (is(r, "GET", "/_answers"))
		get_answers(s, w);
	else if (is(r, "GET", "/_state"))
		get_state(s, w);
	else
		return false;
	return true;
}
