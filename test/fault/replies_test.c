/* Replies of a PSA that are not what they should be: every call of a reading of every connector is answered with bodies
 * made of its good one: cut, of another form, a member of another type, a page that comes again. The reading ends with a
 * sentence that names the member or the call, and the book stays; or what was changed is none of our business, and the
 * book stays, too. */
#include "measured.h"
#include "office.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CALLS = 40, LEAVES = 60, SKIPPED = 77, BODY_MOST = 8 << 20, SHORT_STEP = 8 };

struct reply {
	struct office *o;
	const struct json *kept; /* one of GET /_answers */
	const char *call, *what, *key, *body;
	bool garble; /* the simulator spoils a byte instead */
	bool shared_path; /* pages of other lists come from there, too */
	bool every_page; /* whatever page is asked for */
};

static long replies;

static const char *text_of(struct arena *a, const struct json *v)
{
	AUTO(buf) b = BUF_INIT(BODY_MOST);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_value(&w, v);
	return arena_strdup(a, buf_text(&b));
}

static const char *quoted(struct arena *a, const char *text)
{
	struct json v = { .type = JSON_STRING, .str = text, .len = strlen(text) };

	return text_of(a, &v);
}

/* `v` again, with `raw` in the place of `target`. */
static void write_with(struct jsonw *w, const struct json *v, const struct json *target, const char *raw)
{
	if (v == target) {
		jsonw_raw(w, raw);
		return;
	}
	if (v->type != JSON_OBJECT && v->type != JSON_ARRAY) {
		jsonw_value(w, v);
		return;
	}
	if (v->type == JSON_OBJECT)
		jsonw_object(w);
	else
		jsonw_array(w);
	for (const struct json *m = v->child; m; m = m->next) {
		if (m->key)
			jsonw_key(w, m->key);
		write_with(w, m, target, raw);
	}
	if (v->type == JSON_OBJECT)
		jsonw_end_object(w);
	else
		jsonw_end_array(w);
}

static const char *with(struct arena *a, const struct json *root, const struct json *target, const char *raw)
{
	AUTO(buf) b = BUF_INIT(BODY_MOST);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	write_with(&w, root, target, raw);
	return arena_strdup(a, buf_text(&b));
}

/* What the whole request says; of GraphQL, when any page is meant, what it says without the values. */
static const char *request_of(const struct reply *r)
{
	const char *request = json_member(r->kept, "request"), *end = strstr(request, "\"variables\"");

	if (!r->every_page)
		return request;
	return end ? arena_strndup(&r->o->w.arena, request, (size_t)(end - request)) : "";
}

static const char *match_of(const struct reply *r)
{
	struct arena *a = &r->o->w.arena;
	const char *request = request_of(r);

	return arena_printf(a, "\"method\":\"%s\",\"path\":%s%s%s%s%s", json_member(r->kept, "method"),
		quoted(a, json_member(r->kept, "path")),
		r->every_page ? "" : ",\"query\":", r->every_page ? "" : quoted(a, json_member(r->kept, "query")),
		*request ? ",\"text\":" : "", *request ? quoted(a, request) : "");
}

static void check(bool ok, const struct reply *r, const char *what, const char *text)
{
	if (!ok)
		fail_msg("%s: %s of \"%s\" at %s: %s (%s)", r->o->system->kind, r->what, r->key ? r->key : "", r->call,
			what, text ? text : "no words");
}

/* The member, or the call, or that the whole answer is none. */
static void check_words(const struct reply *r, const char *failure)
{
	static const char *const whole[] = { "is broken", "neither an object nor a list", "answers differently",
		"does not answer", "codebase", "without a token", "zone finder", "knows no company",
		"Client ID, Client secret and tenant", "no such record (404)", "another host", "not Autotask's",
		"same page" };
	bool named = false;

	for (size_t i = 0; i < ARRAY_LEN(whole); i++)
		named |= strstr(failure, whole[i]) != NULL;
	check(named || (r->key && strstr(failure, r->key)), r, "neither the member nor the call is named", failure);
}

/* The short run takes each eighth. */
static bool left_out(void)
{
	static unsigned number;

	return !getenv("TRUEUP_FAULT") && ++number % SHORT_STEP != 0;
}

static void run(const struct reply *r)
{
	struct office *o = r->o;
	struct arena *a = &o->w.arena;
	const struct json *before;
	const char *failure, *differs;

	if (left_out())
		return;
	before = office_book(o);
	simulator_fault(&o->sim,
		r->garble ? arena_printf(a, "{\"do\":\"garble\",\"times\":1000000,\"match\":{%s}}", match_of(r))
			  : arena_printf(a,
				    "{\"do\":\"status\",\"status\":200,\"times\":1000000,\"body\":%s,\"match\":{%s}}",
				    quoted(a, r->body), match_of(r)));
	failure = office_read(o);
	simulator_well(&o->sim);
	differs = office_book_differs(o, before, office_book(o));
	check(!differs, r, failure ? "the book differs after" : "it was taken; the book differs at",
		failure ? failure : differs);
	if (failure)
		check_words(r, failure);
	replies++;
}

static void run_body(struct reply r, const char *what, const char *body)
{
	r.what = what;
	r.body = body;
	run(&r);
}

static void run_whole(struct reply r, const struct json *root)
{
	struct arena *a = &r.o->w.arena;
	const char *body = json_member(r.kept, "body");
	size_t len = strlen(body);

	for (size_t i = 1; i < 8; i += 2)
		run_body(r, "cut", arena_strndup(a, body, len * i / 8));
	run_body(r, "all but the last sign", arena_strndup(a, body, len - 1));
	run_body(r, "nothing", "");
	run_body(r, "a page", "<!DOCTYPE html><html><title>Sign in</title></html>");
	run_body(r, "null", "null");
	run_body(r, "an empty object", "{}");
	run_body(r, "a number", "7");
	run_body(r, "twice", arena_printf(a, "%s%s", body, body));
	run_body(r, "another form",
		root->type == JSON_ARRAY ? arena_printf(a, "{\"0\":%s}", body) : arena_printf(a, "[%s]", body));
	run_body(r, "depth",
		arena_printf(a, "{\"a\":%.*s%s", 400,
			"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
			"[[[[[[",
			body));
	r.garble = true;
	run_body(r, "a byte that is no UTF-8", NULL);
}

static void run_leaf(struct reply r, const struct json *root, const struct json *v, bool of_record)
{
	struct arena *a = &r.o->w.arena;

	r.key = v->key;
	switch (v->type) {
	case JSON_STRING:
		run_body(r, "an object for a text", with(a, root, v, "{\"x\":1}"));
		run_body(r, "a list for a text", with(a, root, v, "[\"x\"]"));
		run_body(r, "true for a text", with(a, root, v, "true"));
		break;
	case JSON_NUMBER:
		run_body(r, "an object for a number", with(a, root, v, "{\"x\":1}"));
		run_body(r, "a huge number", with(a, root, v, "1e999"));
		run_body(r, "NaN", with(a, root, v, "NaN"));
		run_body(r, "a word for a number", with(a, root, v, "\"many\""));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		run_body(r, "a word for yes or no", with(a, root, v, "\"perhaps\""));
		run_body(r, "a list for yes or no", with(a, root, v, "[]"));
		break;
	default:
		break;
	}
	if (of_record && strcmp(v->key, "id") == 0)
		run_body(r, "null", with(a, root, v, "null"));
}

/* Members of the first element of each list: the others are of the same form. */
static void run_members(struct reply *r, const struct json *root, const struct json *v, bool of_record, int *left)
{
	for (const struct json *m = v->child; m && *left > 0; m = v->type == JSON_ARRAY ? NULL : m->next) {
		if (m->type == JSON_OBJECT || m->type == JSON_ARRAY) {
			if (m->key && m->child) {
				r->key = m->key;
				run_body(*r, "a text for what holds more", with(&r->o->w.arena, root, m, "\"x\""));
				r->key = NULL;
			}
			run_members(r, root, m, v->type == JSON_ARRAY, left);
		} else if (m->key) {
			(*left)--;
			run_leaf(*r, root, m, of_record);
		}
	}
}

static bool speaks_of_pages(const char *key)
{
	static const char *const words[] = { "total", "Total", "page", "Page", "more", "More", "next", "Next", "count",
		"Count" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strstr(key, words[i]))
			return true;
	}
	return false;
}

/* Whatever is asked for, the same page comes, and says that there is more. */
static void run_pages(struct reply r, const struct json *root, const struct json *v)
{
	struct arena *a = &r.o->w.arena;
	const char *self = quoted(a, arena_printf(a, "%s%s", r.o->sim.url, json_member(r.kept, "path")));

	r.every_page = true;
	for (const struct json *m = v->child; m; m = v->type == JSON_ARRAY ? NULL : m->next) {
		if (m->type == JSON_OBJECT)
			run_pages(r, root, m);
		if (!m->key || !speaks_of_pages(m->key))
			continue;
		r.key = m->key;
		if (m->type == JSON_NUMBER) {
			run_body(r, "pages without end", with(a, root, m, "15000"));
			run_body(r, "a count below zero", with(a, root, m, "-1"));
		} else if (m->type == JSON_TRUE || m->type == JSON_FALSE) {
			run_body(r, "more without end", with(a, root, m, "true"));
		} else if (m->type == JSON_STRING || m->type == JSON_NULL) {
			run_body(r, "a next page that is this one", with(a, root, m, self));
		}
	}
}

static void run_call(struct reply r)
{
	static const struct json_limits limits = JSON_LIMITS_DEFAULT;
	const char *body = json_member(r.kept, "body");
	struct json *root;
	int left = LEAVES;

	r.call = arena_printf(&r.o->w.arena, "%s %s", json_member(r.kept, "method"), json_member(r.kept, "path"));
	if (json_parse(&r.o->w.arena, body, strlen(body), &limits, &root, NULL) != RC_OK)
		fail_msg("%s answered no JSON", r.call);
	run_whole(r, root);
	run_members(&r, root, root, false, &left);
	if (!r.shared_path)
		run_pages(r, root, root);
}

static bool same_call(const struct json *a, const struct json *b)
{
	static const char *const names[] = { "method", "path", "query", "request" };
	bool same = true;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		same &= strcmp(json_member(a, names[i]), json_member(b, names[i])) == 0;
	return same;
}

static bool seen_before(const struct json *all, const struct json *v)
{
	for (const struct json *m = all->child; m != v; m = m->next) {
		if (same_call(m, v))
			return true;
	}
	return false;
}

/* Something else, or another page, is asked for at the same path, so that the path does not tell one from the other. */
static bool shared_path(const struct json *all, const struct json *v)
{
	const char *request = json_member(v, "request"), *end = strstr(request, "\"variables\"");
	size_t len = end ? (size_t)(end - request) : 0;

	for (const struct json *m = all->child; m; m = m->next) {
		if (strstr(json_member(m, "path"), json_member(v, "path")) && !same_call(m, v) &&
			strncmp(json_member(m, "request"), request, len) == 0)
			return true;
	}
	return false;
}

static void test_replies(void **state)
{
	struct office o;
	const struct json *all;

	office_open(&o, *state);
	simulator_edit(&o.sim, "{\"settings\":{\"keep_answers\":true}}");
	simulator_forget(&o.sim);
	assert_null(office_read(&o));
	all = simulator_call(&o.sim, "/_answers", NULL);
	simulator_edit(&o.sim, "{\"settings\":{\"keep_answers\":false}}");
	for (const struct json *v = all->child; v; v = v->next) {
		if (!seen_before(all, v))
			run_call((struct reply){ .o = &o, .kept = v, .shared_path = shared_path(all, v) });
	}
	assert_null(office_read(&o));
	office_close(&o);
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[16];
	size_t count = 0;
	int failed;

	/* The store has nothing to do with it that "connectors" does not ask of both. */
	if (testdb_postgres() && !getenv("TRUEUP_FAULT"))
		return SKIPPED;
	for (size_t i = 0; i < systems_count; i++) {
		if (argc < 2 || strcmp(argv[1], systems[i].kind) == 0)
			tests[count++] = (struct CMUnitTest){ systems[i].kind, test_replies, NULL, NULL,
				(void *)&systems[i] };
	}
	failed = _cmocka_run_group_tests("replies", tests, count, NULL, NULL);
	printf("%ld replies\n", replies);
	if (!failed && argc < 2)
		measured(getenv("TRUEUP_FAULT") ? "bad_replies_long" : "bad_replies", replies);
	return failed;
}
