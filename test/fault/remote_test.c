/* What a PSA's server can do to a call, at every call that a reading and a write make, once, twice and for ever. A
 * reading that ends badly says what failed and what to do, and leaves the book as it was; a write ends with the same in
 * our words, in our book and in the simulated PSA; and when the PSA is well again the next try succeeds, once.
 *
 * Waits are skipped (base/clock), so that "for ever" does not take that long. */
#include "measured.h"
#include "office.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FOR_EVER = 1000000, CALLS = 40, SKIPPED = 77 };

#define MINUTE (60 * CLOCK_SECOND)

struct fault_row {
	const char *name, *fault;
	bool passes; /* it may pass by itself: one or two of it are got over */
	bool lies; /* a yes without effect: a person must look why */
	bool always; /* at every call in every run of this test, also the short one */
};

static const struct fault_row faults[] = {
	{ "503", "\"do\":\"status\",\"status\":503", true, .always = true },
	{ "connection lost", "\"do\":\"reset\"", true, .always = true },
	{ "connection lost after it was done", "\"do\":\"reset_after_apply\"", true },
	{ "500", "\"do\":\"status\",\"status\":500", true },
	{ "500 after it was done", "\"do\":\"status_after_apply\",\"status\":500", true },
	{ "a proxy's page with 502", "\"do\":\"status\",\"status\":502,\"type\":\"text/html\",\"body\":\"<html>\"",
		true },
	{ "time-out", "\"do\":\"timeout_before\",\"delay_ms\":3", true },
	{ "half of the JSON", "\"do\":\"truncate\"", true },
	{ "a sign-in page with 200",
		"\"do\":\"status\",\"status\":200,\"type\":\"text/html\",\"body\":\"<!DOCTYPE html><title>Sign in\"",
		true, true },
	{ "an empty body with 200", "\"do\":\"status\",\"status\":200,\"body\":\"\"", true, true },
	{ "504", "\"do\":\"status\",\"status\":504,\"body\":\"\"", true },
	{ "a redirection", "\"do\":\"status\",\"status\":302,\"body\":\"\"", false },
	{ "null with 200", "\"do\":\"status\",\"status\":200,\"body\":\"null\"", false, true },
	{ "a text with 200", "\"do\":\"status\",\"status\":200,\"body\":\"\\\"ok\\\"\"", false, true },
	{ "429", "\"do\":\"status\",\"status\":429,\"retry_after\":2", true },
	{ "429, with more time than is waited", "\"do\":\"status\",\"status\":429,\"retry_after\":300", false },
	{ "401", "\"do\":\"status\",\"status\":401", false },
	{ "403", "\"do\":\"status\",\"status\":403", false },
};

/* One kind of call, as it was seen. */
struct call {
	const char *match; /* members of a fault's "match" */
	const char *name;
	bool read;
};

struct calls {
	struct call call[CALLS];
	size_t count;
};

static long runs;

static const char *quoted(struct arena *a, const char *text)
{
	AUTO(buf) b = BUF_INIT(1 << 20);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_string(&w, text);
	return arena_strdup(a, buf_text(&b));
}

/* The part of the question that says what is asked, without the values: of GraphQL, and of a query its entity is the
 * path. */
static const char *kind_of_body(struct arena *a, const struct json *v)
{
	const char *body = json_member(v, "request"), *end = strstr(body, "\"variables\"");

	return end ? arena_strndup(a, body, (size_t)(end - body)) : "";
}

static void add_call(struct office *o, struct calls *c, const struct json *v)
{
	struct arena *a = &o->w.arena;
	const char *body = kind_of_body(a, v), *method = json_member(v, "method");
	struct call call;

	call.match = arena_printf(a, "\"method\":\"%s\",\"path\":%s%s%s", method, quoted(a, json_member(v, "path")),
		*body ? ",\"text\":" : "", *body ? quoted(a, body) : "");
	call.name = arena_printf(a, "%s %s %.60s", method, json_member(v, "path"), body);
	call.read = strcmp(method, "GET") == 0;
	for (size_t i = 0; i < c->count; i++) {
		if (strcmp(c->call[i].match, call.match) == 0)
			return;
	}
	assert_true(c->count < CALLS);
	c->call[c->count++] = call;
}

static void keep_answers(struct office *o, bool on)
{
	simulator_forget(&o->sim);
	simulator_edit(
		&o->sim, on ? "{\"settings\":{\"keep_answers\":true}}" : "{\"settings\":{\"keep_answers\":false}}");
}

static struct calls calls_made(struct office *o)
{
	const struct json *all = simulator_call(&o->sim, "/_answers", NULL);
	struct calls c = { .count = 0 };

	for (const struct json *v = all->child; v; v = v->next)
		add_call(o, &c, v);
	keep_answers(o, false);
	assert_true(c.count > 0);
	return c;
}

struct run {
	struct office *o;
	const struct fault_row *fault;
	const struct call *call;
	int times;
	bool changed; /* only once something was changed */
};

static void check(bool ok, const struct run *r, const char *what, const char *text)
{
	if (!ok)
		fail_msg("%s: %s at %s, %d times%s: %s (%s)", r->o->system->kind, r->fault->name, r->call->name,
			r->times, r->changed ? " after the change" : "", what, text ? text : "no words");
}

/* The short run takes what is asked for at every call, and each seventh of the others. */
static bool left_out(const struct run *r)
{
	static unsigned number;

	if (getenv("TRUEUP_FAULT") || (r->fault->always && r->times == FOR_EVER))
		return false;
	return ++number % 7 != 0;
}

static void arm(const struct run *r)
{
	simulator_fault(&r->o->sim,
		arena_printf(&r->o->w.arena, "{%s,\"times\":%d,\"match\":{%s%s}}", r->fault->fault, r->times,
			r->call->match, r->changed ? ",\"changed\":true" : ""));
	runs++;
}

/* What failed: a number, a name of the trouble; and what to do. */
static void check_words(const struct run *r, const char *text)
{
	static const char *const failed[] = { "302", "401", "403", "429", "500", "502", "503", "504",
		"cannot be reached", "is broken", "does not answer", "does not accept", "slow down", "nothing changed",
		"it is still", "they are as before", "answers differently", "sends on to another", "without a token",
		"knows no company" };
	static const char *const todo[] = { "Check ", "check ", "Give it", "Make a new", "make an", "Try again",
		"asked again", "See the", "must both", "approve it again", "Change it in", "Set it in", "Look at",
		"Synchronize" };
	bool named = false, told = false;

	for (size_t i = 0; text && i < ARRAY_LEN(failed); i++)
		named |= strstr(text, failed[i]) != NULL;
	for (size_t i = 0; text && i < ARRAY_LEN(todo); i++)
		told |= strstr(text, todo[i]) != NULL;
	check(named, r, "the sentence does not say what failed", text);
	check(told, r, "the sentence does not say what to do", text);
}

static void check_same_book(const struct run *r, const struct json *before)
{
	const char *differs = office_book_differs(r->o, before, office_book(r->o));

	check(!differs, r, "the book differs at", differs);
}

/* A list that the reading goes without when the PSA does not give it. */
static bool can_do_without(const struct run *r)
{
	return r->o->system->optional && strstr(r->call->name, r->o->system->optional);
}

static void run_reading(struct run *r)
{
	struct office *o = r->o;
	const struct json *before = office_book(o);
	const char *failure;

	arm(r);
	failure = office_read(o);
	check(!failure || !r->fault->passes || r->times == FOR_EVER, r, "it was not got over", failure);
	check(failure || r->times < FOR_EVER || can_do_without(r), r, "it succeeded", NULL);
	if (failure)
		check_words(r, failure);
	if (failure || !can_do_without(r))
		check_same_book(r, before);
	simulator_well(&o->sim);
	failure = office_read(o);
	check(!failure, r, "the next reading fails", failure);
	check_same_book(r, before);
}

static void test_readings(void **state)
{
	static const int times[] = { 1, 2, FOR_EVER };
	struct office *o = *state;
	struct calls c;

	keep_answers(o, true);
	assert_null(office_read(o));
	c = calls_made(o);
	for (size_t i = 0; i < c.count; i++) {
		for (size_t n = 0; n < ARRAY_LEN(faults); n++) {
			for (size_t t = 0; t < ARRAY_LEN(times); t++) {
				struct run r = { o, &faults[n], &c.call[i], times[t], false };

				if (!left_out(&r))
					run_reading(&r);
			}
		}
	}
}

static const char *state_of(const struct json *write)
{
	return json_member(write, "state");
}

static bool is(const char *state, const char *what)
{
	return strcmp(state, what) == 0;
}

/* What we say became of the write, against what the PSA's simulator knows was done. */
static void check_books(const struct run *r, const struct json *write, qty before, qty want)
{
	struct office *o = r->o;
	const char *state = state_of(write), *detail = json_scalar(json_get(write, "detail"));
	bool made = office_changes(o) == 1;

	check(office_changes(o) <= 1, r, "it was made more than once", detail);
	if (is(state, "unknown")) {
		check(r->times == FOR_EVER || !r->fault->passes, r, "it was not settled", detail);
		return;
	}
	check(made == is(state, "applied"), r, state, detail);
	check(o->system->units(&o->sim) == (made ? want : before), r, "the PSA holds something else", detail);
	if (is(state, "applied"))
		return;
	if (is(state, "planned")) {
		check(r->times == FOR_EVER || !r->fault->passes, r, "it is still to be sent", detail);
		return;
	}
	check(is(state, "failed") || is(state, "refused") || is(state, "conflict"), r, state, detail);
	check(r->times == FOR_EVER || !r->fault->passes || (r->fault->lies && is(state, "refused")), r,
		"it was not got over", detail);
	check_words(r, detail);
}

/* The PSA is well: what is not known is settled, what was not made is approved again, and in the end it was made once,
 * and our book shows it. */
static void heal_write(const struct run *r, const char *batch, qty want)
{
	struct office *o = r->o;
	const char *failure;

	simulator_well(&o->sim);
	office_work(o, 30 * MINUTE);
	if (!is(state_of(office_write(o, batch)), "applied")) {
		failure = office_read(o);
		check(!failure, r, "the next reading fails", failure);
		batch = office_approve(o);
		office_work(o, 30 * MINUTE);
	}
	check(is(state_of(office_write(o, batch)), "applied"), r, "the next try is not applied",
		json_scalar(json_get(office_write(o, batch), "detail")));
	check(office_changes(o) == 1, r, "changes in the end", NULL);
	check(o->system->units(&o->sim) == want, r, "the PSA does not hold what was approved", NULL);
	failure = office_read(o);
	check(!failure, r, "the last reading fails", failure);
	check(office_qty(json_get(office_card(o), "psa_units")) == want, r, "the book differs", NULL);
}

static const char *approve_one_more(struct office *o, qty *ret_before)
{
	*ret_before = o->system->units(&o->sim);
	office_count(o, *ret_before + QTY_ONE);
	return office_approve(o);
}

static void run_write(struct run *r)
{
	struct office *o = r->o;
	const char *batch;
	qty before;

	simulator_forget(&o->sim);
	batch = approve_one_more(o, &before);
	arm(r);
	office_work(o, 20 * MINUTE);
	check_books(r, office_write(o, batch), before, before + QTY_ONE);
	heal_write(r, batch, before + QTY_ONE);
}

static void test_writes(void **state)
{
	static const int times[] = { 1, 2, FOR_EVER };
	struct office *o = *state;
	struct calls c;
	qty before;

	keep_answers(o, true);
	approve_one_more(o, &before);
	office_work(o, MINUTE);
	c = calls_made(o);
	assert_null(office_read(o));
	for (size_t i = 0; i < c.count * 2; i++) {
		for (size_t n = 0; n < ARRAY_LEN(faults); n++) {
			for (size_t t = 0; t < ARRAY_LEN(times); t++) {
				struct run r = { o, &faults[n], &c.call[i / 2], times[t], i % 2 };

				if (!left_out(&r))
					run_write(&r);
			}
		}
	}
}

static struct office the_office;

static int open_office(void **state)
{
	office_open(&the_office, *state);
	*state = &the_office;
	return 0;
}

static int close_office(void **state)
{
	office_close(*state);
	return 0;
}

int main(int argc, char **argv)
{
	const struct system *system = argc == 2 ? system_find(argv[1]) : NULL;
	const struct CMUnitTest tests[] = {
		{ "readings", test_readings, open_office, close_office, (void *)system },
		{ "writes", test_writes, open_office, close_office, (void *)system },
	};
	int failed;

	/* The store has nothing to do with it that "connectors" does not ask of both. */
	if (testdb_postgres() && !getenv("TRUEUP_FAULT"))
		return SKIPPED;
	failed = system ? _cmocka_run_group_tests(argv[1], tests, system->write ? 2 : 1, NULL, NULL) : 2;
	if (!failed && system->write)
		measured(getenv("TRUEUP_FAULT") ? "remote_faults_long" : "remote_faults", runs);
	printf("%ld runs\n", runs);
	return failed;
}
