/* The fault table of Autotask: what a person asked for, what goes wrong on the way, what we then say, and what the
 * units truly are - each compared with the simulator's ledger. A difference that is sent twice counts twice, so every
 * row also says how many were made. */
#include "shelf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static utime shift;

static utime shifted_clock(void)
{
	struct timespec t;

	timespec_get(&t, TIME_UTC);
	return (utime)t.tv_sec * CLOCK_SECOND + t.tv_nsec / 1000 + shift;
}

enum { NO_SETTLE = -1 };

static struct psa_conn *connect(struct simulator *s, int timeout_ms)
{
	return simulator_open(s, "autotask",
		arena_printf(&s->arena,
			"{\"user_name\":\"api@alderridge.example\",\"secret\":\"s3cret#Small\","
			"\"integration_code\":\"ABCDEFGHIJKLMNOPQRSTUVWXYZ1\",\"site\":\"%s\",\"ticket_queue\":"
			"\"Monitoring\"}",
			s->url),
		timeout_ms);
}

static day next_month(void)
{
	return day_month_start(day_today(), 1);
}

static struct psa_change change_of(struct simulator *s, enum psa_change_kind kind)
{
	struct psa_change c = simulator_change(s, kind);

	c.billed_through = day_month_start(day_today(), 0) - 1;
	c.effective = next_month();
	if (kind == PSA_ADD_LINE) {
		c.line_remote_id = NULL;
		c.product_remote_id = "903";
		c.expect = 0;
		c.want = 5 * QTY_ONE;
		c.has_price = true;
		c.unit_price = 49 * QTY_ONE;
	}
	return c;
}

/* Units of a line on a day, summed from the rows that the simulator bills from. */
static int64_t units_on(struct simulator *s, const char *line, day d)
{
	const struct json *rows = json_get(simulator_call(s, "/_state", NULL), "contractServiceUnits");
	int64_t sum = 0, units;

	for (const struct json *v = rows->child; v; v = v->next) {
		day from, until;

		if (strcmp(json_scalar(json_get(v, "contractServiceID")), line) != 0)
			continue;
		assert_int_equal(day_parse(json_member(v, "startDate"), &from), RC_OK);
		assert_int_equal(day_parse(json_member(v, "endDate"), &until), RC_OK);
		assert_int_equal(json_int(json_get(v, "units"), -1000000, 1000000, &units), RC_OK);
		if (from <= d && d <= until)
			sum += units;
	}
	return sum;
}

static void expect_outcome(const char *name, const char *step, const struct psa_result *r, int outcome)
{
	if ((int)r->outcome != outcome)
		fail_msg("%s, %s: outcome %d instead of %d (%s)", name, step, r->outcome, outcome, r->err.text);
}

struct row {
	const char *name, *edit, *fault;
	int fail_note; /* the server dies at this note, 0 = never */
	enum psa_outcome applied; /* what apply() says */
	int settled; /* what settle() says, or NO_SETTLE */
	bool late; /* settle() comes after the grace of a call without answer */
	int units; /* of 4410 next month, when all is over */
	int posts; /* truly made */
	const char *words; /* part of the sentence for the person */
};

#define POSTED "\"match\":{\"method\":\"POST\",\"path\":\"/ContractServiceAdjustments\"}"
#define UNITS "\"match\":{\"method\":\"POST\",\"path\":\"/ContractServiceUnits/query\"}"

static const struct row rows[] = {
	{ "all is well", NULL, NULL, 0, PSA_APPLIED, NO_SETTLE, false, 27, 1, NULL },
	{ "time-out after it was applied", NULL, "{\"do\":\"timeout_after_apply\"," POSTED "}", 0, PSA_APPLIED,
		NO_SETTLE, false, 27, 1, NULL },
	{ "time-out before", NULL, "{\"do\":\"timeout_before\"," POSTED "}", 0, PSA_UNKNOWN, PSA_NOT_APPLIED, true, 24,
		0, "in time" },
	{ "time-out before, looked for too soon", NULL, "{\"do\":\"timeout_before\"," POSTED "}", 0, PSA_UNKNOWN,
		PSA_UNKNOWN, false, 24, 0, NULL },
	{ "connection lost after it was applied", NULL, "{\"do\":\"reset_after_apply\"," POSTED "}", 0, PSA_APPLIED,
		NO_SETTLE, false, 27, 1, NULL },
	{ "connection lost before", NULL, "{\"do\":\"reset\"," POSTED "}", 0, PSA_UNKNOWN, PSA_NOT_APPLIED, true, 24, 0,
		NULL },
	{ "applied, lost, and then nobody answers", NULL,
		"[{\"do\":\"reset_after_apply\"," POSTED
		"},{\"do\":\"status\",\"status\":503,\"skip\":2,\"times\":4," UNITS "}]",
		0, PSA_UNKNOWN, PSA_APPLIED, false, 27, 1, NULL },
	{ "429 with Retry-After", NULL, "{\"do\":\"status\",\"status\":429,\"retry_after\":17," POSTED "}", 0,
		PSA_NOT_APPLIED, NO_SETTLE, false, 24, 0, "slow down" },
	{ "too many threads", NULL,
		"{\"do\":\"status\",\"status\":500,\"body\":\"{\\\"errors\\\":[\\\"Thread Threshold Exceeded: a "
		"threshold of 3 "
		"threads (Itgenatr005)\\\"]}\"," POSTED "}",
		0, PSA_NOT_APPLIED, NO_SETTLE, false, 24, 0, "slow down" },
	{ "503 before it was applied", NULL, "{\"do\":\"status\",\"status\":503," POSTED "}", 0, PSA_UNKNOWN,
		PSA_NOT_APPLIED, true, 24, 0, "503" },
	{ "500 after it was applied", NULL, "{\"do\":\"status_after_apply\",\"status\":500," POSTED "}", 0, PSA_APPLIED,
		NO_SETTLE, false, 27, 1, NULL },
	{ "half of the JSON", NULL, "{\"do\":\"truncate\"," POSTED "}", 0, PSA_APPLIED, NO_SETTLE, false, 27, 1, NULL },
	{ "answers 200 and does nothing", NULL, "{\"do\":\"ignore_patch\"," POSTED "}", 0, PSA_UNKNOWN, PSA_REFUSED,
		true, 24, 0, "do not show" },
	{ "a proxy's page instead of an answer", NULL,
		"{\"do\":\"status\",\"status\":502,\"type\":\"text/html\",\"body\":\"<html>Bad gateway</html>\"," POSTED
		"}",
		0, PSA_UNKNOWN, PSA_NOT_APPLIED, true, 24, 0, "502" },
	{ "refused with a text", NULL,
		"{\"do\":\"status\",\"status\":500,\"body\":\"{\\\"errors\\\":[\\\"The service is "
		"inactive.\\\"]}\"," POSTED "}",
		0, PSA_REFUSED, NO_SETTLE, false, 24, 0, "The service is inactive." },
	{ "no right to change", "{\"settings\":{\"deny\":[\"ContractServiceAdjustments.create\"]}}", NULL, 0,
		PSA_REFUSED, NO_SETTLE, false, 24, 0, "security level" },
	{ "units changed since review", "{\"kind\":\"contractServices\",\"id\":4410,\"set\":{\"_units\":25}}", NULL, 0,
		PSA_CONFLICT, NO_SETTLE, false, 25, 0, "25 now; they were 24" },
	{ "contract ended since review", "{\"kind\":\"contracts\",\"id\":77,\"set\":{\"endDate\":\"@today-1\"}}", NULL,
		0, PSA_CONFLICT, NO_SETTLE, false, 0, 0, "ended on" },
	{ "contract ends before the day", "{\"kind\":\"contracts\",\"id\":77,\"set\":{\"endDate\":\"@today+0\"}}", NULL,
		0, PSA_CONFLICT, NO_SETTLE, false, 0, 0, "ends before" },
	{ "posted since review", "{\"kind\":\"contracts\",\"id\":77,\"set\":{\"_posted\":\"@month+1\"}}", NULL, 0,
		PSA_CONFLICT, NO_SETTLE, false, 24, 0, "An invoice was made" },
	{ "line gone since review", "{\"kind\":\"contractServices\",\"id\":4410,\"delete\":true}", NULL, 0,
		PSA_CONFLICT, NO_SETTLE, false, 0, 0, "gone" },
	{ "nobody answers when we look", NULL, "{\"do\":\"status\",\"status\":503,\"times\":4," UNITS "}", 0,
		PSA_NOT_APPLIED, NO_SETTLE, false, 24, 0, "503" },
	{ "one look fails, the next one goes", NULL, "{\"do\":\"status\",\"status\":503," UNITS "}", 0, PSA_APPLIED,
		NO_SETTLE, false, 27, 1, NULL },
	{ "the server dies before the call", NULL, NULL, 1, PSA_NOT_APPLIED, NO_SETTLE, false, 24, 0, NULL },
	{ "the server dies after the call", NULL, NULL, 2, PSA_UNKNOWN, PSA_APPLIED, false, 27, 1, NULL },
};

static void run_row(const struct row *row, const char *reading)
{
	const struct psa_ops *ops = psa_find("autotask");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_change c;
	struct psa_conn *conn;
	struct psa_result r;

	simulator_start_system(&s, "autotask", "autotask.json");
	simulator_edit(&s, arena_printf(&s.arena, "{\"settings\":{\"units\":\"%s\"}}", reading));
	conn = connect(&s, 1500);
	c = change_of(&s, PSA_SET_FROM_DATE);
	s.fail_note = row->fail_note;
	simulator_edit(&s, row->edit);
	simulator_fault(&s, row->fault);
	ops->apply(conn, &a, &c, &r);
	expect_outcome(row->name, "apply", &r, (int)row->applied);
	if (row->words && !strstr(r.err.text, row->words))
		fail_msg("%s: \"%s\" does not say \"%s\"", row->name, r.err.text, row->words);
	if (strstr(row->name, "Retry-After"))
		assert_int_equal(r.retry_after, 17);
	if (row->settled != NO_SETTLE) {
		c.journal_text = s.note;
		shift = row->late ? 3600 * CLOCK_SECOND : 0;
		ops->settle(conn, &a, &c, &r);
		shift = 0;
		expect_outcome(row->name, "settle", &r, row->settled);
	}
	if (r.outcome == PSA_APPLIED) {
		assert_string_equal(r.line_remote_id, "4410");
		assert_non_null(strstr(r.read_back, "\"units\":\"27\""));
	}
	if (units_on(&s, "4410", next_month()) != row->units || simulator_changes(&s, "POST") != row->posts)
		fail_msg("%s: %lld units, %d adjustments", row->name, (long long)units_on(&s, "4410", next_month()),
			simulator_changes(&s, "POST"));
	ops->close(conn);
	simulator_stop(&s);
}

static void test_rows(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		run_row(&rows[i], i % 2 ? "split" : "difference");
}

/* A try that may be repeated is repeated with what it journalled, and does its work once. */
static void test_second_try(void **state)
{
	const struct psa_ops *ops = psa_find("autotask");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;

	simulator_start_system(&s, "autotask", "autotask.json");
	conn = connect(&s, 1500);
	c = change_of(&s, PSA_SET_FROM_DATE);
	simulator_fault(&s, "{\"do\":\"status\",\"status\":429," POSTED "}");
	ops->apply(conn, &a, &c, &r);
	expect_outcome("first try", "apply", &r, PSA_NOT_APPLIED);
	c.journal_text = arena_strdup(&a, s.note);
	ops->apply(conn, &a, &c, &r);
	expect_outcome("second try", "apply", &r, PSA_APPLIED);
	c.journal_text = arena_strdup(&a, s.note);
	ops->apply(conn, &a, &c, &r);
	expect_outcome("third try", "apply", &r, PSA_APPLIED);
	assert_int_equal(simulator_changes(&s, "POST"), 1);
	assert_int_equal(units_on(&s, "4410", next_month()), 27);
	ops->close(conn);
	simulator_stop(&s);
}

/* Down, within a month, and to nothing; the days before keep what they had. */
static void test_days(void **state)
{
	static const struct {
		int ahead; /* days from today; -1 = the first of next month */
		int want;
	} days[] = { { -1, 20 }, { 3, 31 }, { -1, 0 }, { 61, 25 } };
	const struct psa_ops *ops = psa_find("autotask");

	for (size_t i = 0; i < 2 * ARRAY_LEN(days); i++) {
		AUTO(arena) a = ARENA_INIT;
		struct simulator s;
		struct psa_conn *conn;
		struct psa_change c;
		struct psa_result r;
		int ahead = days[i / 2].ahead, want = days[i / 2].want;
		day from = ahead < 0 ? next_month() : day_today() + ahead;

		simulator_start_system(&s, "autotask", "autotask.json");
		if (i % 2)
			simulator_edit(&s, "{\"settings\":{\"units\":\"split\"}}");
		conn = connect(&s, 1500);
		c = change_of(&s, PSA_SET_FROM_DATE);
		c.effective = from;
		c.want = want * QTY_ONE;
		ops->apply(conn, &a, &c, &r);
		expect_outcome("days", "apply", &r, PSA_APPLIED);
		assert_int_equal(units_on(&s, "4410", from - 1), 24);
		assert_int_equal(units_on(&s, "4410", from), want);
		assert_int_equal(units_on(&s, "4410", from + 100), want);
		ops->close(conn);
		simulator_stop(&s);
	}
}

/* A change that is planned for later makes an earlier day ambiguous: nothing is sent. */
static void test_planned_later(void **state)
{
	const struct psa_ops *ops = psa_find("autotask");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;

	simulator_start_system(&s, "autotask", "autotask.json");
	conn = connect(&s, 1500);
	c = change_of(&s, PSA_SET_FROM_DATE);
	ops->apply(conn, &a, &c, &r);
	expect_outcome("for next month", "apply", &r, PSA_APPLIED);
	c.effective = day_today();
	c.expect = 27 * QTY_ONE;
	c.want = 30 * QTY_ONE;
	c.journal_text = NULL;
	ops->apply(conn, &a, &c, &r);
	if (day_today() != next_month())
		expect_outcome("for today", "apply", &r, PSA_CONFLICT);
	assert_non_null(strstr(r.err.text, "another change is planned"));
	assert_int_equal(simulator_changes(&s, "POST"), 1);
	ops->close(conn);
	simulator_stop(&s);
}

/* A write that goes well, and the change that undoes it, as a rollback makes it. */
static struct psa_change do_and_invert(struct simulator *s, struct psa_conn *conn, struct arena *a, struct psa_change c)
{
	const struct psa_ops *ops = psa_find("autotask");
	qty expect = c.expect;
	struct psa_result r;

	ops->apply(conn, a, &c, &r);
	expect_outcome("write to undo", "apply", &r, PSA_APPLIED);
	c.kind = PSA_REMOVE_ADDED;
	c.line_remote_id = r.line_remote_id;
	c.journal_text = arena_strdup(a, s->note);
	c.expect = c.want;
	c.want = expect;
	simulator_forget(s);
	return c;
}

static const struct row undo_rows[] = {
	{ "undo: all is well", NULL, NULL, 0, PSA_APPLIED, NO_SETTLE, false, 24, 1, NULL },
	{ "undo: applied, answer lost", NULL, "{\"do\":\"timeout_after_apply\"," POSTED "}", 0, PSA_APPLIED, NO_SETTLE,
		false, 24, 1, NULL },
	{ "undo: lost on the way", NULL, "{\"do\":\"reset\"," POSTED "}", 0, PSA_UNKNOWN, PSA_NOT_APPLIED, true, 27, 0,
		NULL },
	{ "undo: the server dies after the call", NULL, NULL, 2, PSA_UNKNOWN, PSA_APPLIED, false, 24, 1, NULL },
	{ "undo: posted in between", "{\"kind\":\"contracts\",\"id\":77,\"set\":{\"_posted\":\"@month+2\"}}", NULL, 0,
		PSA_CONFLICT, NO_SETTLE, false, 27, 0, "An invoice was made" },
};

static void run_undo(const struct row *row)
{
	const struct psa_ops *ops = psa_find("autotask");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;

	simulator_start_system(&s, "autotask", "autotask.json");
	conn = connect(&s, 1500);
	c = do_and_invert(&s, conn, &a, change_of(&s, PSA_SET_FROM_DATE));
	s.notes = 0;
	s.fail_note = row->fail_note;
	simulator_edit(&s, row->edit);
	simulator_fault(&s, row->fault);
	ops->apply(conn, &a, &c, &r);
	expect_outcome(row->name, "undo", &r, (int)row->applied);
	if (row->settled != NO_SETTLE) {
		c.journal_text = arena_strdup(&a, s.note);
		shift = row->late ? 3600 * CLOCK_SECOND : 0;
		ops->settle(conn, &a, &c, &r);
		shift = 0;
		expect_outcome(row->name, "settle", &r, row->settled);
	}
	assert_int_equal(units_on(&s, "4410", next_month()), row->units);
	assert_int_equal(units_on(&s, "4410", next_month() - 1), 24);
	assert_int_equal(simulator_changes(&s, "POST"), row->posts);
	ops->close(conn);
	simulator_stop(&s);
}

static void test_undo(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(undo_rows); i++)
		run_undo(&undo_rows[i]);
}

/* The id of the line of a service on contract 77. */
static const char *line_of(struct simulator *s, const char *service)
{
	const struct json *all = json_get(simulator_call(s, "/_state", NULL), "contractServices");

	for (const struct json *v = all->child; v; v = v->next) {
		if (strcmp(json_scalar(json_get(v, "contractID")), "77") == 0 &&
			strcmp(json_scalar(json_get(v, "serviceID")), service) == 0)
			return json_scalar(json_get(v, "id"));
	}
	return NULL;
}

static const struct row add_rows[] = {
	{ "add: all is well", NULL, NULL, 0, PSA_APPLIED, NO_SETTLE, false, 5, 1, NULL },
	{ "add: time-out after it was applied", NULL, "{\"do\":\"timeout_after_apply\"," POSTED "}", 0, PSA_APPLIED,
		NO_SETTLE, false, 5, 1, NULL },
	{ "add: lost on the way", NULL, "{\"do\":\"reset\"," POSTED "}", 0, PSA_UNKNOWN, PSA_NOT_APPLIED, true, 0, 0,
		NULL },
	{ "add: 200 and nothing", NULL, "{\"do\":\"ignore_patch\"," POSTED "}", 0, PSA_UNKNOWN, PSA_REFUSED, true, 0, 0,
		NULL },
	{ "add: half of the JSON", NULL, "{\"do\":\"truncate\"," POSTED "}", 0, PSA_APPLIED, NO_SETTLE, false, 5, 1,
		NULL },
	{ "add: the server dies after the call", NULL, NULL, 2, PSA_UNKNOWN, PSA_APPLIED, false, 5, 1, NULL },
	{ "add: it is there already",
		"{\"kind\":\"contractServices\",\"insert\":{\"contractID\":77,\"serviceID\":903,\"_units\":1}}", NULL,
		0, PSA_CONFLICT, NO_SETTLE, false, 1, 0, "already" },
	{ "add: contract ended", "{\"kind\":\"contracts\",\"id\":77,\"set\":{\"endDate\":\"@today-1\"}}", NULL, 0,
		PSA_CONFLICT, NO_SETTLE, false, 0, 0, "ended on" },
};

static void run_add(const struct row *row)
{
	const struct psa_ops *ops = psa_find("autotask");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;
	const char *line;

	simulator_start_system(&s, "autotask", "autotask.json");
	conn = connect(&s, 1500);
	c = change_of(&s, PSA_ADD_LINE);
	s.fail_note = row->fail_note;
	simulator_edit(&s, row->edit);
	simulator_fault(&s, row->fault);
	ops->apply(conn, &a, &c, &r);
	expect_outcome(row->name, "apply", &r, (int)row->applied);
	if (row->words && !strstr(r.err.text, row->words))
		fail_msg("%s: \"%s\" does not say \"%s\"", row->name, r.err.text, row->words);
	if (row->settled != NO_SETTLE) {
		c.journal_text = arena_strdup(&a, s.note);
		shift = row->late ? 3600 * CLOCK_SECOND : 0;
		ops->settle(conn, &a, &c, &r);
		shift = 0;
		expect_outcome(row->name, "settle", &r, row->settled);
	}
	line = line_of(&s, "903");
	if (r.outcome == PSA_APPLIED)
		assert_string_equal(r.line_remote_id, line);
	assert_int_equal(line ? units_on(&s, line, next_month()) : 0, row->units);
	assert_int_equal(simulator_changes(&s, "POST"), row->posts);
	ops->close(conn);
	simulator_stop(&s);
}

static void test_add(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(add_rows); i++)
		run_add(&add_rows[i]);
}

/* Lost, found not to be there, added once; then undone to no units, with the price that was asked for. */
static void test_add_again_and_undo(void **state)
{
	const struct psa_ops *ops = psa_find("autotask");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;

	simulator_start_system(&s, "autotask", "autotask.json");
	conn = connect(&s, 1500);
	c = change_of(&s, PSA_ADD_LINE);
	simulator_fault(&s, "{\"do\":\"reset\"," POSTED "}");
	ops->apply(conn, &a, &c, &r);
	expect_outcome("lost", "apply", &r, PSA_UNKNOWN);
	c.journal_text = arena_strdup(&a, s.note);
	c = do_and_invert(&s, conn, &a, c);
	assert_string_equal(
		json_scalar(json_get(simulator_record(&s, "contractServices", c.line_remote_id), "unitPrice")), "49");
	ops->apply(conn, &a, &c, &r);
	expect_outcome("added line", "undo", &r, PSA_APPLIED);
	assert_int_equal(units_on(&s, c.line_remote_id, next_month()), 0);
	assert_int_equal(simulator_changes(&s, "POST"), 1);
	ops->close(conn);
	simulator_stop(&s);
}

/* A bundle's line goes through the bundle's own entity. */
static void test_bundle(void **state)
{
	const struct psa_ops *ops = psa_find("autotask");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;
	struct psa_line line;

	simulator_start_system(&s, "autotask", "autotask.json");
	conn = connect(&s, 1500);
	c = change_of(&s, PSA_SET_FROM_DATE);
	c.contract_remote_id = "78";
	c.line_remote_id = "b55";
	c.product_remote_id = "b12";
	c.billed_through = DAY_NONE;
	c.expect = 7 * QTY_ONE;
	c.want = 9 * QTY_ONE;
	ops->apply(conn, &a, &c, &r);
	expect_outcome("bundle", "apply", &r, PSA_APPLIED);
	assert_int_equal(shelf_requests(&s, "POST /ATServicesRest/V1.0/ContractServiceBundleAdjustments"), 1);
	assert_int_equal(ops->read_line(conn, &a, "78", "b55", &line, &(struct err)ERR_INIT), RC_OK);
	assert_int_equal(line.quantity, 9 * QTY_ONE);
	ops->close(conn);
	simulator_stop(&s);
}

/* The preview names the day, refuses days that cannot be, and never plans a part of a unit. */
static void test_plan(void **state)
{
	const struct psa_ops *ops = psa_find("autotask");
	AUTO(arena) a = ARENA_INIT;
	struct psa_change c = { .kind = PSA_SET_QUANTITY,
		.contract_remote_id = "77",
		.line_remote_id = "4410",
		.product_remote_id = "901",
		.expect = 24 * QTY_ONE,
		.want = 27 * QTY_ONE,
		.effective = DAY_NONE };
	struct psa_contract of = {
		.cycle = "Quarterly", .start = DAY_NONE, .end = DAY_NONE, .billed_through = DAY_NONE
	};
	struct psa_line line = { .remote_id = "4410" };
	struct psa_plan plan;
	struct err e = ERR_INIT;
	char date[DAY_TEXT];

	assert_int_equal(ops->plan(&a, &c, &line, &of, &plan, &e), RC_OK);
	assert_true(plan.dated);
	assert_int_equal(plan.effective, next_month());
	assert_string_equal(plan.call[0].path, "/V1.0/ContractServiceAdjustments");
	assert_string_equal(plan.call[0].body,
		arena_printf(&a,
			"{\"id\":0,\"contractID\":77,\"contractServiceID\":4410,\"serviceID\":901,\"unitChange\":3,"
			"\"effectiveDate\":\"%sT00:00:00.000Z\"}",
			day_format(next_month(), date)));
	assert_non_null(strstr(plan.warning[0], "Quarterly"));
	of.billed_through = next_month() + 3;
	assert_int_equal(ops->plan(&a, &c, &line, &of, &plan, &e), RC_OK);
	assert_int_equal(plan.effective, next_month() + 4);
	c.effective = next_month();
	assert_int_equal(ops->plan(&a, &c, &line, &of, &plan, &e), RC_INVALID);
	assert_string_equal(e.pointer, "/effective_date");
	of.billed_through = DAY_NONE;
	c.want = 27 * QTY_ONE + 1;
	assert_int_equal(ops->plan(&a, &c, &line, &of, &plan, &e), RC_INVALID);
	assert_string_equal(e.pointer, "/quantity");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_second_try),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_planned_later),
		cmocka_unit_test(test_undo),
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_add_again_and_undo),
		cmocka_unit_test(test_bundle),
		cmocka_unit_test(test_plan),
	};

	clock_set_source(shifted_clock);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
