/* The fault table of Autotask: what a person asked for, what goes wrong on the way, what we then say, and what the units
 * truly are - each compared with the simulator's ledger. A difference that is sent twice counts twice, so every row also
 * says how many were made. */
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
			"\"integration_code\":\"ABCDEFGHIJKLMNOPQRSTUVWXYZ1\",\"site\":\"%s\",\"ticket_queue\":\"Monitoring\"}",
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
	int fail_note;			/* the server dies at this note, 0 = never */
	enum psa_outcome applied;	/* what apply() says */
	int settled;			/* what settle() says, or NO_SETTLE */
	bool late;			/* settle() comes after the grace of a call without answer */
	int units;			/* of 4410 next month, when all is over */
	int posts;			/* truly made */
	const char *words;		/* part of the sentence for the person */
};

#define POSTED "\"match\":{\"method\":\"POST\",\"path\":\"/ContractServiceAdjustments\"}"
#define UNITS "\"match\":{\"method\":\"POST\",\"path\":\"/ContractServiceUnits/query\"}"

static const struct row rows[] = {
	{ "all is well", NULL, NULL, 0, PSA_APPLIED, NO_SETTLE, false, 27, 1, NULL },
	{ "time-out after it was applied", NULL, "{\"do\":\"timeout_after_apply\"," POSTED "}", 0, PSA_APPLIED, NO_SETTLE,
		false, 27, 1, NULL },
	{ "time-out before", NULL, "{\"do\":\"timeout_before\"," POSTED "}", 0, PSA_UNKNOWN, PSA_NOT_APPLIED, true, 24, 0,
		"in time" },
	{ "time-out before, looked for too soon", NULL, "{\"do\":\"timeout_before\"," POSTED "}", 0, PSA_UNKNOWN,
		PSA_UNKNOWN, false, 24, 0, NULL },
	{ "connection lost after it was applied", NULL, "{\"do\":\"reset_after_apply\"," POSTED "}", 0, PSA_APPLIED,
		NO_SETTLE, false, 27, 1, NULL },
	{ "connection lost before", NULL, "{\"do\":\"reset\"," POSTED "}", 0, PSA_UNKNOWN, PSA_NOT_APPLIED, true, 24, 0,
		NULL },
	{ "applied, lost, and then nobody answers", NULL,
		"[{\"do\":\"reset_after_apply\"," POSTED "},{\"do\":\"status\",\"status\":503,\"skip\":2,\"times\":4," UNITS
		"}]",
		0, PSA_UNKNOWN, PSA_APPLIED, false, 27, 1, NULL },
	{ "429 with Retry-After", NULL, "{\"do\":\"status\",\"status\":429,\"retry_after\":17," POSTED "}", 0,
		PSA_NOT_APPLIED, NO_SETTLE, false, 24, 0, "slow down" },
	{ "too many threads", NULL,
		"{\"do\":\"status\",\"status\":500,\"body\":\"{\\\"errors\\\":[\\\"Thread Threshold Exceeded: a threshold of 3 "
		"threads (Itgenatr005)\\\"]}\"," POSTED "}",
		0, PSA_NOT_APPLIED, NO_SETTLE, false, 24, 0, "slow down" },
	{ "503 before it was applied", NULL, "{\"do\":\"status\",\"status\":503," POSTED "}", 0, PSA_UNKNOWN,
		PSA_NOT_APPLIED, true, 24, 0, "503" },
	{ "500 after it was applied", NULL, "{\"do\":\"status_after_apply\",\"status\":500," POSTED "}", 0, PSA_APPLIED,
		NO_SETTLE, false, 27, 1, NULL },
	{ "half of the JSON", NULL, "{\"do\":\"truncate\"," POSTED "}", 0, PSA_APPLIED, NO_SETTLE, false, 27, 1, NULL },
	{ "answers 200 and does nothing", NULL, "{\"do\":\"ignore_patch\"," POSTED "}", 0, PSA_UNKNOWN, PSA_REFUSED, true,
		24, 0, "do not show" },
	{ "a proxy's page instead of an answer", NULL,
		"{\"do\":\"status\",\"status\":502,\"type\":\"text/html\",\"body\":\"<html>Bad gateway</html>\"," POSTED "}", 0,
		PSA_UNKNOWN, PSA_NOT_APPLIED, true, 24, 0, "502" },
	{ "refused with a text", NULL,
		"{\"do\":\"status\",\"status\":500,\"body\":\"{\\\"errors\\\":[\\\"The service is inactive.\\\"]}\"," POSTED "}",
		0, PSA_REFUSED, NO_SETTLE, false, 24, 0, "The service is inactive." },
	{ "no right to change", "{\"settings\":{\"deny\":[\"ContractServiceAdjustments.create\"]}}", NULL, 0, PSA_REFUSED,
		NO_SETTLE, false, 24, 0, "security level" },
	{ "units changed since review", "{\"kind\":\"contractServices\",\"id\":4410,\"set\":{\"_units\":25}}", NULL, 0,
		PSA_CONFLICT, NO_SETTLE, false, 25, 0, "25 now; they were 24" },
	{ "contract ended since review", "{\"kind\":\"contracts\",\"id\":77,\"set\":{\"endDate\":\"@today-1\"}}", NULL, 0,
		PSA_CONFLICT, NO_SETTLE, false, 0, 0, "ended on" },
	{ "contract ends before the day", "{\"kind\":\"contracts\",\"id\":77,\"set\":{\"endDate\":\"@today+0\"}}", NULL, 0,
		PSA_CONFLICT, NO_SETTLE, false, 0, 0, "ends before" },
	{ "posted since review", "{\"kind\":\"contracts\",\"id\":77,\"set\":{\"_posted\":\"@month+1\"}}", NULL, 0,
		PSA_CONFLICT, NO_SETTLE, false, 24, 0, "An invoice was made" },
	{ "line gone since review", "{\"kind\":\"contractServices\",\"id\":4410,\"delete\":true}", NULL, 0, PSA_CONFLICT,
		NO_SETTLE, false, 0, 0, "gone" },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	clock_set_source(shifted_clock);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
