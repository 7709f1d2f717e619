/* SuperOps from the simulator: dated changes folded into lines, the two ways an INCREASE may read, errors inside 200;
 * the fault table of its writes at once, from a day, and of a new contract. */
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

static struct rack rack;
static const char *style = "baseline";

static struct psa_conn *begin(struct simulator *sim, int timeout_ms)
{
	simulator_start_system(sim, "superops", "psa_superops.json");
	return simulator_open(sim, "superops",
		arena_printf(&sim->arena,
			"{\"site\":\"%s/"
			"msp\",\"subdomain\":\"alderridge\",\"api_token\":\"tok-so\",\"quantity_changes\":\"%s\","
			"\"requests_per_minute\":\"100000\"}",
			sim->url, style),
		timeout_ms);
}

static void end(struct simulator *sim, struct psa_conn *c)
{
	psa_find("superops")->close(c);
	simulator_stop(sim);
}

static void must_sync(struct psa_conn *c)
{
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;

	rack_clear(&rack);
	if (rack_sync(&rack, "superops", c, &how, &e) != RC_OK)
		fail_msg("%s", e.text);
}

static const char *text_of(day d)
{
	char text[DAY_TEXT];

	return arena_strdup(&rack.arena, day_format(d, text));
}

static void check_all(void)
{
	day later = day_month_start(day_today(), 2);

	rack_must_have(&rack, "skip account 7711000120037: stage is Prospect");
	rack_must_have(&rack, "product 7700450011||6|3.5");
	rack_must_have(&rack, "product 7700450013||50|-");
	rack_must_have(&rack, "contract client:7711000120034|7711000120034||USD|-");
	/* 20, and 4 more. */
	rack_must_have(&rack, "line client:7711000120034/7712093387461|7700450011|24|6|2026-03-01|-|-");
	rack_must_have(&rack, "line client:7711000120034/7712093387462|7700450012|30|4|2026-01-01|-|fixed");
	/* A change of a later day is a line behind the present one. */
	rack_must_have(&rack,
		arena_printf(&rack.arena, "line client:7711000120035/7712093387463|7700450013|9.99|50|2026-01-01|%s|-",
			text_of(later - 1)));
	rack_must_have(&rack,
		arena_printf(&rack.arena, "line client:7711000120035/7712093387463@9005|7700450013|12|50|%s|-|-",
			text_of(later)));
	rack_must_have(&rack, "skip line 7712093387464: a draft");
	rack_must_have(&rack, "skip line 7712093387465: bills once");
	rack_must_have(&rack, "skip line 7712093387466: bills no recurring quantity");
	rack_must_have(&rack, "skip line 7712093387467: ended");
	rack_must_have(&rack, "lines client:7711000120036: 0");
	assert_int_equal(rack_count(&rack, "account "), 3);
}

static void test_full(void **state)
{
	struct simulator sim;
	struct psa_conn *c = begin(&sim, 900);

	must_sync(c);
	check_all();
	simulator_fault(&sim,
		"[{\"do\":\"status\",\"status\":500},{\"do\":\"truncate\",\"skip\":1},{\"do\":\"reset\",\"skip\":2},"
		"{\"do\":\"timeout_before\",\"skip\":1}]");
	must_sync(c);
	check_all();
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
	assert_int_equal(rack_sync(&rack, "superops", c, &how, &e), rc);
	if (!strstr(e.text, words))
		fail_msg("\"%s\" does not say \"%s\"", e.text, words);
	end(&sim, c);
}

/* 20, then an INCREASE of 4: as a total it would go the wrong way, and that is said rather than guessed. */
static void test_styles(void **state)
{
	struct simulator sim;
	struct psa_conn *c;

	style = "total";
	fails_with("{\"settings\":{\"style\":\"total\"}}", RC_REMOTE, "goes the wrong way");
	c = begin(&sim, 5000);
	simulator_edit(&sim,
		"{\"kind\":\"contracts\",\"id\":7712093387461,\"set\":{\"contract\":{\"contractId\":\"77120933874617\","
		"\"name\":\"Coro "
		"EDR\",\"contractType\":\"SERVICE\",\"billableContract\":{\"chargeItem\":{\"itemId\":\"7700450011\"},"
		"\"sellingPrice\":{"
		"\"details\":[{\"value\":\"6\"}]},\"changes\":[{\"changeId\":\"9002\",\"effectiveDate\":\"2026-03-01\","
		"\"quantity\":"
		"\"24\",\"quantityChangeOperation\":\"INCREASE\"},{\"changeId\":\"9001\",\"effectiveDate\":\"2026-01-"
		"01\",\"quantity\":"
		"\"20\",\"quantityChangeOperation\":\"BASELINE\"}]}}}}");
	must_sync(c);
	rack_must_have(&rack, "line client:7711000120034/7712093387461|7700450011|24|6|2026-03-01|-|-");
	end(&sim, c);
	style = "baseline";
}

static void test_failures(void **state)
{
	fails_with("{\"settings\":{\"deny\":[\"getClientContractList\"]}}", RC_DENIED, "Contracts: view");
	fails_with("{\"settings\":{\"token\":\"another\"}}", RC_UNAUTHORIZED, "API token");
	fails_with("{\"kind\":\"clients\",\"id\":1,\"set\":{\"emailDomains\":\"x\"}}", RC_REMOTE, "\"emailDomains\"");
	fails_with("{\"kind\":\"contracts\",\"id\":7712093387461,\"set\":{\"endDate\":\"never\"}}", RC_REMOTE,
		"\"endDate\"");
}

enum { NO_SETTLE = -1 };

struct row {
	const char *name, *edit, *fault;
	enum psa_outcome applied;
	int settled;
	qty quantity;			/* in force on the day, in the end */
	int made;			/* changes, as the ledger has them */
	const char *words;
};

/* Before each write come one look for it, then the write. */
#define WRITE "\"skip\":1"
#define UNITS(n) ((n) * QTY_ONE)

static const struct row rows[] = {
	{ "all is well", NULL, NULL, PSA_APPLIED, NO_SETTLE, UNITS(27), 1, NULL },
	{ "time-out after", NULL, "{\"do\":\"timeout_after_apply\"," WRITE "}", PSA_APPLIED, NO_SETTLE, UNITS(27), 1,
		NULL },
	{ "time-out before", NULL, "{\"do\":\"timeout_before\"," WRITE "}", PSA_UNKNOWN, PSA_NOT_APPLIED, UNITS(24), 0,
		NULL },
	{ "lost after", NULL, "{\"do\":\"reset_after_apply\"," WRITE "}", PSA_APPLIED, NO_SETTLE, UNITS(27), 1, NULL },
	{ "lost before", NULL, "{\"do\":\"reset\"," WRITE "}", PSA_UNKNOWN, PSA_NOT_APPLIED, UNITS(24), 0, NULL },
	{ "503 before", NULL, "{\"do\":\"status\",\"status\":503," WRITE "}", PSA_UNKNOWN, PSA_NOT_APPLIED, UNITS(24),
		0, "503" },
	{ "500 after", NULL, "{\"do\":\"status_after_apply\",\"status\":500," WRITE "}", PSA_APPLIED, NO_SETTLE,
		UNITS(27), 1, NULL },
	{ "half of the JSON", NULL, "{\"do\":\"truncate\"," WRITE "}", PSA_APPLIED, NO_SETTLE, UNITS(27), 1, NULL },
	{ "says yes and does nothing", NULL, "{\"do\":\"ignore_patch\"," WRITE "}", PSA_REFUSED, NO_SETTLE, UNITS(24),
		0, "still 24" },
	{ "the limit, inside 200", NULL,
		"{\"do\":\"status\",\"status\":200,\"body\":\"{\\\"errors\\\":[{\\\"extensions\\\":{"
		"\\\"clientError\\\":[{\\\"code\\\":"
		"\\\"rate_limit_exceeded\\\"}]}}]}\"," WRITE "}",
		PSA_NOT_APPLIED, NO_SETTLE, UNITS(24), 0, "slow down" },
	{ "an error without a cause, inside 200", NULL,
		"{\"do\":\"status\",\"status\":200,\"body\":\"{\\\"errors\\\":[{\\\"message\\\":\\\"oops\\\"}]}"
		"\"," WRITE "}",
		PSA_UNKNOWN, PSA_NOT_APPLIED, UNITS(24), 0, "oops" },
	{ "no right", "{\"settings\":{\"deny\":[\"updateClientContract\"]}}", NULL, PSA_REFUSED, NO_SETTLE, UNITS(24),
		0, "Contracts: view, create" },
	{ "a later BASELINE is not taken", "{\"settings\":{\"style\":\"delta\"}}", NULL, PSA_REFUSED, NO_SETTLE,
		UNITS(24), 0, "INCREASE or DECREASE" },
	{ "ended since", "{\"kind\":\"contracts\",\"id\":7712093387461,\"set\":{\"contractStatus\":\"INACTIVE\"}}",
		NULL, PSA_CONFLICT, NO_SETTLE, UNITS(24), 0, "not active" },
	{ "gone", "{\"kind\":\"contracts\",\"id\":7712093387461,\"delete\":true}", NULL, PSA_CONFLICT, NO_SETTLE, -1, 0,
		"gone" },
	{ "the filter is refused", "{\"settings\":{\"no_filter\":true}}", NULL, PSA_APPLIED, NO_SETTLE, UNITS(27), 1,
		NULL },
	{ "the filter finds nothing", "{\"settings\":{\"odd_filter\":true}}", NULL, PSA_APPLIED, NO_SETTLE, UNITS(27),
		1, NULL },
};

/* What SuperOps bills on a day, folded here once more. */
static qty in_force(struct simulator *s, const char *id, day d)
{
	const struct json *k = simulator_record(s, "contracts", id), *list;
	day best = DAY_NONE;
	qty sum = 0;

	if (!k)
		return -1;
	list = json_path(k, "contract/billableContract/changes");
	for (const struct json *v = list->child; v; v = v->next) {
		const char *operation = json_member(v, "quantityChangeOperation");
		day from;
		qty q;

		assert_int_equal(day_parse(json_member(v, "effectiveDate"), &from), RC_OK);
		assert_int_equal(json_qty(json_get(v, "quantity"), &q), RC_OK);
		if (from > d || from < best)
			continue;
		best = from;
		sum = strcmp(operation, "BASELINE") == 0 ? q : strcmp(operation, "INCREASE") == 0 ? sum + q : sum - q;
	}
	return sum;
}

static struct psa_change change_of(struct simulator *s, enum psa_change_kind kind, day from)
{
	struct psa_change c = simulator_change(s, kind);

	c.contract_remote_id = "client:7711000120034";
	c.line_remote_id = "7712093387461";
	c.product_remote_id = "7700450011";
	c.billed_through = DAY_NONE;
	c.effective = from;
	return c;
}

static void expect(const char *name, const char *step, const struct psa_result *r, int outcome, const char *words)
{
	if ((int)r->outcome != outcome)
		fail_msg("%s, %s: outcome %d instead of %d (%s)", name, step, r->outcome, outcome, r->err.text);
	if (words && !strstr(r->err.text, words))
		fail_msg("%s: \"%s\" does not say \"%s\"", name, r->err.text, words);
}

static void run_row(const struct row *row, enum psa_change_kind kind, day from)
{
	const struct psa_ops *ops = psa_find("superops");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *c = begin(&s, 1000);
	struct psa_change ch = change_of(&s, kind, from);
	day d = from == DAY_NONE ? day_today() : from;
	struct psa_result r;

	simulator_edit(&s, row->edit);
	simulator_fault(&s, row->fault);
	ops->apply(c, &a, &ch, &r);
	expect(row->name, "apply", &r, (int)row->applied, row->words);
	if (row->settled != NO_SETTLE) {
		ch.journal_text = arena_strdup(&a, s.note);
		ops->settle(c, &a, &ch, &r);
		expect(row->name, "settle", &r, row->settled, NULL);
	}
	if (in_force(&s, "7712093387461", d) != row->quantity ||
		(row->quantity >= 0 && in_force(&s, "7712093387461", d - 1) != UNITS(24)))
		fail_msg("%s: %lld in force", row->name, (long long)in_force(&s, "7712093387461", d));
	if (simulator_changes(&s, "POST") != row->made)
		fail_msg("%s: %d changes", row->name, simulator_changes(&s, "POST"));
	end(&s, c);
}

static void test_write_rows(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		run_row(&rows[i], PSA_SET_QUANTITY, DAY_NONE);
		run_row(&rows[i], PSA_SET_FROM_DATE, day_month_start(day_today(), 1));
	}
}

/* From a day: a line of its own, which can be changed, and put back, without a day ever deleted. */
static void test_dated(void **state)
{
	const struct psa_ops *ops = psa_find("superops");
	AUTO(arena) a = ARENA_INIT;
	day from = day_month_start(day_today(), 1);
	struct simulator s;
	struct psa_conn *c = begin(&s, 1000);
	struct psa_change ch = change_of(&s, PSA_SET_FROM_DATE, from);
	struct psa_line line;
	struct psa_result r;
	struct err e = ERR_INIT;
	const char *begun;

	ops->apply(c, &a, &ch, &r);
	expect("dated", "apply", &r, PSA_APPLIED, NULL);
	begun = r.line_remote_id;
	assert_non_null(strchr(begun, '@'));
	assert_int_equal(ops->read_line(c, &a, ch.contract_remote_id, "7712093387461", &line, &e), RC_OK);
	assert_int_equal(line.quantity, UNITS(24));
	assert_int_equal(line.cancelled, from - 1);
	assert_int_equal(ops->read_line(c, &a, ch.contract_remote_id, begun, &line, &e), RC_OK);
	assert_int_equal(line.quantity, UNITS(27));
	assert_int_equal(line.effective, from);
	/* Today's quantity cannot be set past the later one. */
	ch = change_of(&s, PSA_SET_QUANTITY, DAY_NONE);
	ops->apply(c, &a, &ch, &r);
	expect("dated", "today", &r, PSA_REFUSED, "holds a change of this contract from");
	/* The later line is amended in place. */
	ch.line_remote_id = begun;
	ch.expect = UNITS(27);
	ch.want = UNITS(30);
	ops->apply(c, &a, &ch, &r);
	expect("dated", "amend", &r, PSA_APPLIED, NULL);
	assert_string_equal(r.line_remote_id, begun);
	assert_int_equal(in_force(&s, "7712093387461", from), UNITS(30));
	ch = change_of(&s, PSA_REMOVE_ADDED, from);
	ch.line_remote_id = begun;
	ch.expect = UNITS(30);
	ch.want = UNITS(24);
	ops->apply(c, &a, &ch, &r);
	expect("dated", "undo", &r, PSA_APPLIED, NULL);
	assert_int_equal(in_force(&s, "7712093387461", from), UNITS(24));
	assert_int_equal(in_force(&s, "7712093387461", from - 1), UNITS(24));
	end(&s, c);
}

static void test_delta(void **state)
{
	const struct psa_ops *ops = psa_find("superops");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *c;
	struct psa_change ch;
	struct psa_result r;

	style = "delta";
	c = begin(&s, 1000);
	simulator_edit(&s, "{\"settings\":{\"style\":\"delta\"}}");
	ch = change_of(&s, PSA_SET_QUANTITY, DAY_NONE);
	ops->apply(c, &a, &ch, &r);
	expect("delta", "up", &r, PSA_APPLIED, NULL);
	assert_int_equal(in_force(&s, "7712093387461", day_today()), UNITS(27));
	ch.expect = UNITS(27);
	ch.want = UNITS(10);
	ch.journal_text = NULL;
	ops->apply(c, &a, &ch, &r);
	expect("delta", "down", &r, PSA_APPLIED, NULL);
	assert_int_equal(in_force(&s, "7712093387461", day_today()), UNITS(10));
	assert_int_equal(in_force(&s, "7712093387461", day_today() - 1), UNITS(24));
	end(&s, c);
	style = "baseline";
}

static void test_dynamic(void **state)
{
	const struct psa_ops *ops = psa_find("superops");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *c = begin(&s, 1000);
	struct psa_change ch = change_of(&s, PSA_SET_QUANTITY, DAY_NONE);
	struct psa_result r;

	ch.line_remote_id = "7712093387462";
	ch.expect = UNITS(30);
	ops->apply(c, &a, &ch, &r);
	expect("dynamic", "apply", &r, PSA_REFUSED, "counts it itself");
	assert_int_equal(simulator_changes(&s, "POST"), 0);
	end(&s, c);
}

static void add_with(const char *edit, const char *fault, int outcome, int settled, int made)
{
	const struct psa_ops *ops = psa_find("superops");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *c = begin(&s, 1000);
	struct psa_change ch = change_of(&s, PSA_ADD_LINE, DAY_NONE);
	struct psa_result r;

	ch.contract_remote_id = "client:7711000120036";
	ch.line_remote_id = NULL;
	ch.expect = 0;
	ch.want = UNITS(4);
	ch.has_price = true;
	ch.unit_price = UNITS(6);
	ch.description = "Coro \"EDR\"";
	simulator_edit(&s, edit);
	simulator_fault(&s, fault);
	ops->apply(c, &a, &ch, &r);
	expect("add", fault ? fault : "well", &r, outcome, NULL);
	if (settled != NO_SETTLE) {
		ch.journal_text = arena_strdup(&a, s.note);
		shift = 3600 * CLOCK_SECOND;
		ops->settle(c, &a, &ch, &r);
		shift = 0;
		expect("add", "settle", &r, settled, NULL);
	}
	assert_int_equal(simulator_changes(&s, "POST"), made);
	if (r.outcome == PSA_APPLIED) {
		assert_int_equal(in_force(&s, r.line_remote_id, day_today()), UNITS(4));
		ch.kind = PSA_REMOVE_ADDED;
		ch.line_remote_id = r.line_remote_id;
		ch.effective = day_today();
		ch.expect = UNITS(4);
		ch.want = 0;
		ch.journal_text = arena_strdup(&a, s.note);
		ops->apply(c, &a, &ch, &r);
		expect("add", "undo", &r, PSA_APPLIED, NULL);
		assert_int_equal(in_force(&s, r.line_remote_id, day_today()), 0);
	}
	end(&s, c);
}

static void test_add(void **state)
{
	static const char odd[] = "{\"settings\":{\"odd_filter\":true}}";

	add_with(NULL, NULL, PSA_APPLIED, NO_SETTLE, 1);
	/* No contract of the client yet: the filtered list is empty, so the whole list is read, too. */
	add_with(NULL, "{\"do\":\"timeout_after_apply\",\"skip\":4}", PSA_APPLIED, NO_SETTLE, 1);
	add_with(NULL, "{\"do\":\"reset\",\"skip\":4}", PSA_UNKNOWN, PSA_NOT_APPLIED, 0);
	add_with(odd, NULL, PSA_APPLIED, NO_SETTLE, 1);
	add_with("{\"settings\":{\"deny\":[\"createClientContract\"]}}", NULL, PSA_REFUSED, NO_SETTLE, 0);
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

	simulator_edit(&s, "{\"settings\":{\"deny\":[\"getServiceCatalogItemList\",\"updateClientContract\"]}}");
	assert_int_equal(psa_find("superops")->test(c, note_check, &d, &e), RC_OK);
	assert_non_null(strstr(d.text, "ok Token; Clients: view"));
	assert_non_null(strstr(d.text, "NO Service catalog: view"));
	assert_non_null(strstr(d.text, "NO Contracts: edit"));
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
		cmocka_unit_test(test_styles),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_write_rows),
		cmocka_unit_test(test_dated),
		cmocka_unit_test(test_delta),
		cmocka_unit_test(test_dynamic),
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_doctor),
	};

	return cmocka_run_group_tests(tests, set_clock, let_go);
}
