/* One fault table for every connector that writes: each fault once, twice and for ever, through the queue of jobs and
 * the outbox as the server runs them. After each row three books are compared: what we say became of the write, what
 * our book and card show after the next reading, and what the simulated PSA truly did. Then the PSA is well again, and
 * a person's second approval goes through, once. */
#include "office.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FOR_EVER = 1000000 };

#define HOUR (3600 * CLOCK_SECOND)

/* What goes wrong: a fault at the call that changes the quantity, or at every call, or something that was edited. */
struct row {
	const char *name, *fault;
	bool everywhere; /* at every call; else at the one that changes the quantity */
	const char *end[3]; /* the write's state after once, twice and for ever */
	const char *words; /* of the sentence for the person, when it is not applied */
};

static const char applied[] = "applied", failed[] = "failed", refused[] = "refused", unknown[] = "unknown",
		  conflict[] = "conflict";

static const struct row rows[] = {
	{ "a time-out after it was applied", "\"do\":\"timeout_after_apply\",\"delay_ms\":20", false,
		{ applied, applied, applied }, NULL },
	{ "a time-out before", "\"do\":\"timeout_before\",\"delay_ms\":20", false, { applied, applied, failed }, NULL },
	{ "connection lost after", "\"do\":\"reset_after_apply\"", false, { applied, applied, applied }, NULL },
	{ "connection lost before", "\"do\":\"reset\"", false, { applied, applied, failed }, NULL },
	{ "503 before", "\"do\":\"status\",\"status\":503", false, { applied, applied, failed }, "503" },
	{ "500 after", "\"do\":\"status_after_apply\",\"status\":500", false, { applied, applied, applied }, NULL },
	{ "half of the JSON", "\"do\":\"truncate\"", false, { applied, applied, applied }, NULL },
	{ "429", "\"do\":\"status\",\"status\":429,\"retry_after\":30", false, { applied, applied, failed },
		"slow down" },
	{ "a proxy's page", "\"do\":\"status\",\"status\":502,\"type\":\"text/html\",\"body\":\"<html>Bad gateway\"",
		false, { applied, applied, failed }, "502" },
	{ "200 that does nothing", "\"do\":\"ignore_patch\"", false, { refused, refused, refused }, NULL },
	{ "no right", "\"do\":\"status\",\"status\":403", false, { refused, refused, refused }, NULL },
	{ "429 at every call", "\"do\":\"status\",\"status\":429,\"retry_after\":300", true,
		{ applied, applied, failed }, "slow down" },
};

static void check(bool ok, const struct office *o, const char *row, int times, const char *what, const char *text)
{
	if (!ok)
		fail_msg("%s, %s, %d times: %s (%s)", o->system->kind, row, times, what, text ? text : "no words");
}

struct run {
	struct office *o;
	const char *row;
	int times;
	qty before, want;
	const char *batch;
};

/* A new count, its open card, and the ledger from here on. */
static struct run begin(struct office *o, const char *row, int times)
{
	struct run r = { o, row, times, o->system->units(&o->sim), 0, NULL };
	const struct json *card;

	simulator_forget(&o->sim);
	r.want = r.before + QTY_ONE;
	office_count(o, r.want);
	card = office_card(o);
	check(strcmp(json_member(card, "state"), "open") == 0 && office_qty(json_get(card, "psa_units")) == r.before, o,
		row, times, "there is no open card", json_member(card, "state"));
	return r;
}

/* What the write came to, and that the PSA did what we say and nothing else. */
static void check_write(struct run *r, const char *end, const char *words)
{
	struct office *o = r->o;
	const struct json *w = office_write(o, r->batch);
	const char *state = json_member(w, "state"), *detail = json_scalar(json_get(w, "detail"));
	bool made = end == applied;

	check(strcmp(state, end) == 0, o, r->row, r->times, state, detail);
	if (end != applied && end != unknown) {
		check(detail && *detail, o, r->row, r->times, "the person is told nothing", NULL);
		check(!words || (detail && strstr(detail, words)), o, r->row, r->times, words, detail);
	}
	if (end == unknown)
		return;
	check(office_changes(o) == (made ? 1 : 0), o, r->row, r->times, "changes in the PSA",
		arena_printf(&o->w.arena, "%d", office_changes(o)));
}

/* Our book, read again, shows what the PSA holds, and the card what is to be done. */
static void check_book(struct run *r, const char *end)
{
	struct office *o = r->o;
	const char *failure = office_read(o);
	const struct json *card = office_card(o);
	const char *state = json_member(card, "state");

	check(!failure, o, r->row, r->times, "the reading failed", failure);
	check(office_qty(json_get(card, "psa_units")) == o->system->units(&o->sim), o, r->row, r->times,
		"the book differs", NULL);
	check(strcmp(state, end == applied ? "approved" : "open") == 0, o, r->row, r->times, "the card is", state);
}

/* The PSA is well: what was not made is made by a person's second approval, once. */
static void heal(struct run *r, const char *end, int changes)
{
	struct office *o = r->o;

	if (end != applied) {
		r->batch = office_approve(o);
		office_work(o, HOUR);
		check(strcmp(json_member(office_write(o, r->batch), "state"), applied) == 0, o, r->row, r->times,
			"the second approval is not applied",
			json_scalar(json_get(office_write(o, r->batch), "detail")));
		check_book(r, applied);
	}
	check(office_changes(o) == changes, o, r->row, r->times, "changes in the end",
		arena_printf(&o->w.arena, "%d", office_changes(o)));
	check(o->system->units(&o->sim) == r->want, o, r->row, r->times, "the PSA does not hold what was approved",
		NULL);
}

static void run_row(struct office *o, const struct row *row, int i)
{
	static const int times[] = { 1, 2, FOR_EVER };
	struct run r = begin(o, row->name, times[i]);

	simulator_fault(&o->sim,
		arena_printf(&o->w.arena, "{%s,\"times\":%d,\"match\":{%s}}", row->fault, times[i],
			row->everywhere ? "" : o->system->write));
	r.batch = office_approve(o);
	office_work(o, 3 * HOUR);
	check_write(&r, row->end[i], row->words);
	simulator_well(&o->sim);
	check_book(&r, row->end[i]);
	heal(&r, row->end[i], 1);
}

/* It was made, the answer was lost, and then the PSA says nothing for hours: neither made again nor given up. */
static void run_unknown(struct office *o)
{
	struct run r = begin(o, "made, and then silence", FOR_EVER);

	simulator_fault(&o->sim,
		arena_printf(&o->w.arena,
			"[{\"do\":\"reset_after_apply\",\"match\":{%s}},{\"do\":\"status\",\"status\":429,\"retry_"
			"after\":900,"
			"\"times\":%d,\"match\":{\"changed\":true}}]",
			o->system->write, FOR_EVER));
	r.batch = office_approve(o);
	office_work(o, 4 * HOUR);
	check_write(&r, unknown, NULL);
	assert_int_equal(office_changes(o), 1);
	simulator_well(&o->sim);
	office_work(o, HOUR);
	check_write(&r, applied, NULL);
	check_book(&r, applied);
	heal(&r, applied, 1);
}

static void run_changed(struct office *o)
{
	struct run r = begin(o, "the quantity was changed since review", 1);

	if (!o->system->edit_units)
		return;
	simulator_edit(&o->sim, arena_printf(&o->w.arena, o->system->edit_units, (int)(r.before / QTY_ONE) + 7));
	r.batch = office_approve(o);
	office_work(o, HOUR);
	check_write(&r, conflict, NULL);
	check_book(&r, conflict);
	heal(&r, conflict, 1);
}

static void run_ended(struct office *o)
{
	struct run r = begin(o, "the contract ended since review", 1);

	simulator_edit(&o->sim, o->system->edit_ended);
	r.batch = office_approve(o);
	office_work(o, HOUR);
	check_write(&r, conflict, NULL);
	simulator_edit(&o->sim, o->system->edit_running);
	check_book(&r, conflict);
	heal(&r, conflict, 1);
}

/* The write and the reading both end with the field's name, and what was read before stays. */
static void run_type(struct office *o)
{
	struct run r = begin(o, "a field of another type", FOR_EVER);
	const char *failure;

	simulator_edit(&o->sim, o->system->edit_type);
	r.batch = office_approve(o);
	office_work(o, 3 * HOUR);
	check_write(&r, failed, o->system->field);
	failure = office_read(o);
	check(failure && strstr(failure, o->system->field), o, r.row, 1, "the reading does not name the field",
		failure);
	check(office_qty(json_get(office_card(o), "psa_units")) == r.before, o, r.row, 1, "the old data is gone", NULL);
	simulator_edit(&o->sim, o->system->edit_right);
	check_book(&r, failed);
	heal(&r, failed, 1);
}

static void run_system(const struct system *system)
{
	struct office o;

	office_open(&o, system);
	for (size_t n = 0; n < ARRAY_LEN(rows); n++) {
		for (int i = 0; i < 3; i++)
			run_row(&o, &rows[n], i);
	}
	run_unknown(&o);
	run_changed(&o);
	run_ended(&o);
	run_type(&o);
	office_close(&o);
}

static void test_system(void **state)
{
	run_system(*state);
}

int main(int argc, char **argv)
{
	struct CMUnitTest test = { argv[1], test_system, NULL, NULL, (void *)system_find(argv[1]) };

	return argc == 2 ? _cmocka_run_group_tests("connectors", &test, 1, NULL, NULL) : 2;
}
