/* Kaseya BMS and Pulseway from the simulator: units out of invoices and never guessed, accounts told by lines, tokens,
 * both casings, failures inside 200; lines that are added; units that are a person's work, or written by a path that is
 * not public when a setting names one. */
#include "rack.h"
#include "simulator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
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

static const char *kind = "kaseya-bms";

static struct psa_conn *connect_with(struct simulator *sim, const char *units_path, int timeout_ms)
{
	return simulator_open(sim, kind,
		arena_printf(&sim->arena,
			"{\"site\":\"%s\",\"tenant\":\"alderridge\",\"user\":\"trueup-api\","
			"\"password\":\"pw, \\\"quoted\\\" & "
			"more\",\"units_path\":\"%s\",\"requests_per_hour\":\"100000\"}",
			sim->url, units_path),
		timeout_ms);
}

static struct psa_conn *begin(struct simulator *sim, int timeout_ms)
{
	simulator_start_system(sim, "kaseya", "psa_kaseya.json");
	return connect_with(sim, "", timeout_ms);
}

static void end(struct simulator *sim, struct psa_conn *c)
{
	psa_find(kind)->close(c);
	simulator_stop(sim);
}

static struct rack rack;

static void must_sync(struct psa_conn *c, struct psa_sync how)
{
	struct err e = ERR_INIT;

	rack_clear(&rack);
	if (rack_sync(&rack, kind, c, &how, &e) != RC_OK)
		fail_msg("%s", e.text);
}

static void check_all(void)
{
	rack_must_have(&rack, "account 3307|NORTHWIND|Northwind Dental");
	rack_must_have(&rack, "skip account 3310: inactive");
	rack_must_have(&rack, "product 771|Coro EDR|6|3.5");
	rack_must_have(&rack, "product 774|Gone service|1|-");
	rack_must_have(&rack, "contract 50213|3307|Monthly|USD|-");
	/* The newest invoice counts, a credit of a proration does not; names in any case. */
	rack_must_have(&rack, "line 50213/88101|771|24|6|2026-01-01|-|-");
	rack_must_have(&rack, "line 50213/88102|772|30|4|2026-01-01|-|-");
	/* Two items of one day that differ, and a service that no invoice shows: not guessed. */
	rack_must_have(&rack, "line 50214/88104|771|unknown|6|2026-01-01|-|-");
	rack_must_have(&rack, "line 50214/88103|773|unknown|50|2026-01-01|-|-");
	/* Two accounts of one name: a line tells which. */
	rack_must_have(&rack, "contract 50217|3312|Monthly|USD|-");
	rack_must_have(&rack,
		"skip contract 50218: its account cannot be told: the API gives a name only, which no account has, or "
		"several");
	rack_must_have(&rack, "skip contract 50215: is no contract of recurring services");
	rack_must_have(&rack, "skip contract 50216: not active");
	assert_int_equal(rack_count(&rack, "account "), 5);
	assert_int_equal(rack_count(&rack, "contract "), 4);
}

static void test_full(void **state)
{
	struct simulator sim;
	struct psa_conn *c = begin(&sim, 5000);

	must_sync(c, (struct psa_sync){ .full = true });
	check_all();
	simulator_edit(&sim, "{\"settings\":{\"capital\":true}}");
	must_sync(c, (struct psa_sync){ .full = true });
	check_all();
	end(&sim, c);
}

static void test_pulseway(void **state)
{
	kind = "pulseway";
	test_full(state);
	kind = "kaseya-bms";
}

/* A token that was taken back is renewed, once; a wrong password is no reason to try for ever. */
static void test_token(void **state)
{
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c = begin(&sim, 5000);

	must_sync(c, how);
	simulator_edit(&sim, "{\"settings\":{\"token\":\"tok-2\"}}");
	must_sync(c, how);
	check_all();
	simulator_edit(&sim, "{\"settings\":{\"token\":\"tok-3\",\"password\":\"new\"}}");
	rack_clear(&rack);
	assert_int_equal(rack_sync(&rack, kind, c, &how, &e), RC_UNAUTHORIZED);
	assert_non_null(strstr(e.text, "Invalid user name"));
	end(&sim, c);
}

static void fails_with(const char *edit, enum rc rc, const char *words)
{
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c = begin(&sim, 5000);

	simulator_edit(&sim, edit);
	rack_clear(&rack);
	assert_int_equal(rack_sync(&rack, kind, c, &how, &e), rc);
	if (!strstr(e.text, words))
		fail_msg("\"%s\" does not say \"%s\"", e.text, words);
	end(&sim, c);
}

static void test_changed_types(void **state)
{
	fails_with("{\"kind\":\"lines\",\"id\":88101,\"set\":{\"unitPrice\":{}}}", RC_REMOTE, "\"unitPrice\"");
	fails_with("{\"kind\":\"invoices\",\"id\":9002,\"set\":{\"lineItems\":\"none\"}}", RC_REMOTE, "\"lineItems\"");
	fails_with("{\"kind\":\"contracts\",\"id\":50213,\"set\":{\"endDate\":\"never\"}}", RC_REMOTE, "\"endDate\"");
	fails_with("{\"kind\":\"accounts\",\"id\":3307,\"set\":{\"isActive\":\"yes\"}}", RC_REMOTE, "\"isActive\"");
	fails_with("{\"settings\":{\"deny\":[\"/finance/invoices\"]}}", RC_DENIED, "View All and Modify All");
}

static void test_read_faults(void **state)
{
	struct simulator sim;
	struct psa_conn *c = begin(&sim, 700);

	simulator_fault(&sim,
		"[{\"do\":\"status\",\"status\":500,\"match\":{\"path\":\"/accounts\"}},"
		"{\"do\":\"status\",\"status\":503,\"match\":{\"path\":\"/authenticate\"}},"
		"{\"do\":\"truncate\",\"match\":{\"path\":\"/services/search\"}},"
		"{\"do\":\"reset\",\"match\":{\"path\":\"/relatedservices\"}},"
		"{\"do\":\"status\",\"status\":429,\"retry_after\":1,\"match\":{\"path\":\"/invoices\"}}]");
	must_sync(c, (struct psa_sync){ .full = true });
	check_all();
	end(&sim, c);
}

static struct psa_change change_of(struct simulator *s, enum psa_change_kind change_kind)
{
	struct psa_change c = simulator_change(s, change_kind);

	c.contract_remote_id = "50213";
	c.line_remote_id = change_kind == PSA_ADD_LINE ? NULL : "88101";
	c.product_remote_id = change_kind == PSA_ADD_LINE ? "773" : "771";
	c.expect = change_kind == PSA_ADD_LINE ? 0 : 24 * QTY_ONE;
	c.billed_through = DAY_NONE;
	c.effective = day_month_start(day_today(), 1);
	return c;
}

static void expect(const char *name, const char *step, const struct psa_result *r, int outcome, const char *words)
{
	if ((int)r->outcome != outcome)
		fail_msg("%s, %s: outcome %d instead of %d (%s)", name, step, r->outcome, outcome, r->err.text);
	if (words && !strstr(r->err.text, words))
		fail_msg("%s: \"%s\" does not say \"%s\"", name, r->err.text, words);
}

enum { NO_SETTLE = -1 };

struct row {
	const char *name, *edit, *fault;
	enum psa_outcome applied;
	int settled;
	int made;		/* changes, as the ledger has them */
	const char *words;
};

#define ADD "\"match\":{\"method\":\"POST\",\"path\":\"/recurringservices/\"}"

static const struct row add_rows[] = {
	{ "all is well", NULL, NULL, PSA_APPLIED, NO_SETTLE, 1, NULL },
	{ "time-out after", NULL, "{\"do\":\"timeout_after_apply\"," ADD "}", PSA_APPLIED, NO_SETTLE, 1, NULL },
	{ "time-out before", NULL, "{\"do\":\"timeout_before\"," ADD "}", PSA_UNKNOWN, PSA_NOT_APPLIED, 0, NULL },
	{ "lost after", NULL, "{\"do\":\"reset_after_apply\"," ADD "}", PSA_APPLIED, NO_SETTLE, 1, NULL },
	{ "500 after", NULL, "{\"do\":\"status_after_apply\",\"status\":500," ADD "}", PSA_APPLIED, NO_SETTLE, 1,
		NULL },
	{ "503 before", NULL, "{\"do\":\"status\",\"status\":503," ADD "}", PSA_UNKNOWN, PSA_NOT_APPLIED, 0, "503" },
	{ "429", NULL, "{\"do\":\"status\",\"status\":429,\"retry_after\":17," ADD "}", PSA_NOT_APPLIED, NO_SETTLE, 0,
		"slow down" },
	{ "half of the JSON", NULL, "{\"do\":\"truncate\"," ADD "}", PSA_APPLIED, NO_SETTLE, 1, NULL },
	{ "says yes and does nothing", NULL, "{\"do\":\"ignore_patch\"," ADD "}", PSA_REFUSED, NO_SETTLE, 0,
		"does not show it" },
	{ "a refusal inside 200", NULL,
		"{\"do\":\"status\",\"status\":200,\"body\":\"{\\\"success\\\":false,\\\"error\\\":{\\\"message\\\":"
		"\\\"Period is "
		"closed\\\"}}\"," ADD "}",
		PSA_REFUSED, NO_SETTLE, 0, "Period is closed" },
	{ "no right", "{\"settings\":{\"deny\":[\"/recurringservices/\"]}}", NULL, PSA_REFUSED, NO_SETTLE, 0,
		"Modify All" },
	{ "contract ended", "{\"kind\":\"contracts\",\"id\":50213,\"set\":{\"status\":\"Terminated\"}}", NULL,
		PSA_CONFLICT, NO_SETTLE, 0, "not active" },
	{ "contract gone", "{\"kind\":\"contracts\",\"id\":50213,\"delete\":true}", NULL, PSA_CONFLICT, NO_SETTLE, 0,
		"gone" },
	{ "somebody added it", "{\"kind\":\"lines\",\"id\":88103,\"set\":{\"contractId\":50213}}", NULL, PSA_CONFLICT,
		NO_SETTLE, 0, "88103" },
};

static void run_add(const struct row *row)
{
	const struct psa_ops *ops = psa_find(kind);
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *c = begin(&s, 1000);
	struct psa_change ch = change_of(&s, PSA_ADD_LINE);
	struct psa_result r;

	simulator_edit(&s, row->edit);
	simulator_fault(&s, row->fault);
	ch.want = 3 * QTY_ONE;
	ch.has_price = true;
	ch.unit_price = 49 * QTY_ONE;
	ch.description = "Cloud backup";
	ops->apply(c, &a, &ch, &r);
	expect(row->name, "apply", &r, (int)row->applied, row->words);
	if (row->settled != NO_SETTLE) {
		ch.journal_text = arena_strdup(&a, s.note);
		shift = 3600 * CLOCK_SECOND;
		ops->settle(c, &a, &ch, &r);
		shift = 0;
		expect(row->name, "settle", &r, row->settled, NULL);
	}
	if (simulator_changes(&s, "POST") != row->made)
		fail_msg("%s: %d lines were added", row->name, simulator_changes(&s, "POST"));
	if (r.outcome == PSA_APPLIED) {
		const struct json *line = simulator_record(&s, "lines", r.line_remote_id);

		assert_string_equal(json_scalar(json_get(line, "units")), "3");
		assert_string_equal(json_scalar(json_get(line, "unitPrice")), "49");
		assert_string_equal(json_scalar(json_get(line, "unitCost")), "30");
	}
	end(&s, c);
}

static void test_add_rows(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(add_rows); i++)
		run_add(&add_rows[i]);
}

static struct json *settings_of(struct arena *a, const char *text)
{
	struct json *v;

	assert_int_equal(json_parse(a, text, strlen(text), NULL, &v, NULL), RC_OK);
	return v;
}

/* What is a person's work, and the words of its steps. */
static void test_by_hand(void **state)
{
	const struct psa_ops *ops = psa_find(kind);
	AUTO(arena) a = ARENA_INIT;
	const struct json *off = settings_of(&a, "{\"units_path\":\"\"}"), *none = settings_of(&a, "{}");
	const struct json *on = settings_of(&a, "{\"units_path\":\"/v1/{contract}/{line}\"}");
	struct psa_change ch = { .kind = PSA_SET_QUANTITY, .contract_remote_id = "50213", .line_remote_id = "88101",
		.product_remote_id = "771", .expect = 24 * QTY_ONE, .want = 27 * QTY_ONE, .effective = DAY_NONE };
	struct psa_contract contract = { .remote_id = "50213", .name = "Managed Workplace" };
	struct psa_line line = { .remote_id = "88101", .description = "Coro EDR" };
	struct err e = ERR_INIT;
	struct psa_plan plan;
	char date[DAY_TEXT];

	assert_true(ops->by_hand(off, &ch));
	assert_true(ops->by_hand(none, &ch));
	assert_false(ops->by_hand(on, &ch));
	ch.by_hand = true;
	assert_int_equal(ops->plan(&a, &ch, &line, &contract, &plan, &e), RC_OK);
	assert_int_equal(plan.calls, 1);
	assert_string_equal(plan.call[0].method, "PERSON");
	assert_string_equal(plan.call[0].path, "Finance > Contracts > Managed Workplace");
	assert_string_equal(plan.call[0].purpose,
		arena_printf(&a, "Set the units of \"Coro EDR\" to 27 (now 24), effective %s.",
			day_format(day_month_start(day_today(), 1), date)));
	assert_true(plan.dated);
	assert_int_equal(plan.effective, day_month_start(day_today(), 1));
	ch.kind = PSA_ADD_LINE;
	assert_false(ops->by_hand(off, &ch));
	ch.kind = PSA_REMOVE_ADDED;
	assert_true(ops->by_hand(on, &ch));
}

#define UNITS "\"match\":{\"method\":\"PUT\",\"path\":\"/services/88101\"}"

static const struct row unit_rows[] = {
	{ "all is well", NULL, NULL, PSA_APPLIED, NO_SETTLE, 1, NULL },
	{ "lost after", NULL, "{\"do\":\"reset_after_apply\"," UNITS "}", PSA_APPLIED, NO_SETTLE, 1, NULL },
	{ "lost before", NULL, "{\"do\":\"reset\"," UNITS "}", PSA_UNKNOWN, PSA_NOT_APPLIED, 0, NULL },
	{ "says yes and does nothing", NULL, "{\"do\":\"ignore_patch\"," UNITS "}", PSA_REFUSED, NO_SETTLE, 0,
		"still 24" },
	{ "changed since", "{\"kind\":\"lines\",\"id\":88101,\"set\":{\"units\":25}}", NULL, PSA_CONFLICT, NO_SETTLE, 0,
		"25 now; it was 24" },
	{ "no such call", "{\"settings\":{\"assumed_units\":false}}", NULL, PSA_CONFLICT, NO_SETTLE, 0, "gone" },
};

static void test_unit_rows(void **state)
{
	const struct psa_ops *ops = psa_find(kind);

	for (size_t i = 0; i < ARRAY_LEN(unit_rows); i++) {
		const struct row *row = &unit_rows[i];
		AUTO(arena) a = ARENA_INIT;
		struct simulator s;
		struct psa_conn *c;
		struct psa_change ch;
		struct psa_result r;

		simulator_start_system(&s, "kaseya", "psa_kaseya.json");
		c = connect_with(&s, "/v1/finance/contracts/{contract}/services/{line}", 1000);
		ch = change_of(&s, PSA_SET_FROM_DATE);
		simulator_edit(&s, "{\"settings\":{\"assumed_units\":true}}");
		simulator_edit(&s, row->edit);
		simulator_fault(&s, row->fault);
		ops->apply(c, &a, &ch, &r);
		expect(row->name, "apply", &r, (int)row->applied, row->words);
		if (row->settled != NO_SETTLE) {
			ch.journal_text = arena_strdup(&a, s.note);
			ops->settle(c, &a, &ch, &r);
			expect(row->name, "settle", &r, row->settled, NULL);
		}
		if (simulator_changes(&s, "PUT") != row->made)
			fail_msg("%s: %d changes", row->name, simulator_changes(&s, "PUT"));
		end(&s, c);
	}
}

struct doctor {
	struct arena arena;
	const char *text;
};

static void note_check(void *arg, const char *name, bool ok, const char *detail)
{
	struct doctor *d = arg;

	d->text = arena_printf(&d->arena, "%s%s %s: %s\n", d->text, ok ? "ok" : "NO", name, detail);
}

static void test_doctor(void **state)
{
	struct doctor d = { .text = "" };
	struct err e = ERR_INIT;
	struct simulator s;
	struct psa_conn *c = begin(&s, 1000);

	simulator_edit(&s, "{\"settings\":{\"deny\":[\"/contracts/summary\",\"/recurringservices/\"]}}");
	assert_int_equal(psa_find(kind)->test(c, note_check, &d, &e), RC_OK);
	assert_non_null(strstr(d.text, "ok Sign-in"));
	assert_non_null(strstr(d.text, "ok CRM: View All"));
	assert_non_null(strstr(d.text, "NO Finance: View All (contracts)"));
	assert_non_null(strstr(d.text, "NO Finance: Modify All"));
	assert_non_null(strstr(d.text, "become a work list"));
	assert_int_equal(simulator_changes(&s, "POST"), 0);
	arena_release(&d.arena);
	end(&s, c);
}

static int set_clock(void **state)
{
	clock_set_source(shifted_clock);
	return 0;
}

static int let_go(void **state)
{
	rack_clear(&rack);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_pulseway),
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_changed_types),
		cmocka_unit_test(test_read_faults),
		cmocka_unit_test(test_add_rows),
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_unit_rows),
		cmocka_unit_test(test_doctor),
	};

	return cmocka_run_group_tests(tests, set_clock, let_go);
}
