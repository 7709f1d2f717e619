/* Alga PSA from the simulator: prices and costs out of four places, what bills no quantity, resuming; the fault table
 * of its one write; what is a person's work. */
#include "rack.h"
#include "simulator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static struct rack rack;

static struct psa_conn *begin(struct simulator *sim, int timeout_ms)
{
	simulator_start_system(sim, "alga", "psa_alga.json");
	return simulator_open(sim, "alga",
		arena_printf(&sim->arena,
			"{\"site\":\"%s\",\"api_key\":\"recon-key-1\",\"requests_per_minute\":\"100000\"}", sim->url),
		timeout_ms);
}

static void end(struct simulator *sim, struct psa_conn *c)
{
	psa_find("alga")->close(c);
	simulator_stop(sim);
}

static void must_sync(struct psa_conn *c, struct psa_sync how)
{
	struct err e = ERR_INIT;

	rack_clear(&rack);
	if (rack_sync(&rack, "alga", c, &how, &e) != RC_OK)
		fail_msg("%s", e.text);
}

static void check_all(void)
{
	rack_must_have(&rack, "account 91aa||Northwind Dental");
	rack_must_have(&rack, "skip account 91ac: inactive");
	rack_must_have(&rack, "product c41d|CORO-EDR|6|3.5");
	rack_must_have(&rack, "product c43d||99|-");
	rack_must_have(&rack, "contract 0d9b|91aa|Monthly|USD|-");
	/* The catalogue's rate; one of its own; a service by its base rate; the price in the client's currency. */
	rack_must_have(&rack, "line 0d9b/3b0c/c41d|c41d|24|6|-|-|-");
	rack_must_have(&rack, "line 0d9b/3b0c/c42d|c42d|30|3.75|-|-|-");
	rack_must_have(&rack, "line 0d9b/3b0c/c43d|c43d|2|80|-|-|-");
	rack_must_have(&rack, "contract 0d9c|91ab|Monthly|EUR|-");
	rack_must_have(&rack, "line 0d9c/3b0d/c41d|c41d|10|5.5|-|-|-");
	/* A fixed amount: the quantity of a service changes nothing, that of a product does. */
	rack_must_have(&rack, "line 0d9b/3b0e/c43d|c43d|3|-|-|-|fixed");
	rack_must_have(&rack, "line 0d9b/3b0e/c41d|c41d|1|6|-|-|-");
	rack_must_have(&rack, "skip line 3b0f: is billed by hours or usage, not by a quantity");
	rack_must_have(&rack, "skip line 3b10: inactive");
	rack_must_have(&rack, "skip line 3b11: is a template");
	rack_must_have(&rack, "skip contract 0d9d: no active line of it bills a client by quantity");
	rack_must_have(&rack, "skip contract 0d9e: its client is left out");
	rack_must_have(&rack, "skip contract 0d9f: is bound to several clients");
	assert_int_equal(rack_count(&rack, "contract "), 2);
}

static void test_full(void **state)
{
	struct simulator sim;
	struct psa_conn *c = begin(&sim, 900);

	must_sync(c, (struct psa_sync){ .full = true });
	check_all();
	simulator_fault(&sim,
		"[{\"do\":\"status\",\"status\":500,\"match\":{\"path\":\"/clients\"}},"
		"{\"do\":\"truncate\",\"match\":{\"path\":\"/services\"}},"
		"{\"do\":\"reset\",\"match\":{\"path\":\"/client-contract-lines\"}},"
		"{\"do\":\"status\",\"status\":429,\"retry_after\":1,\"match\":{\"path\":\"/contract-lines/\"}}]");
	must_sync(c, (struct psa_sync){ .full = true });
	check_all();
	end(&sim, c);
}

static void test_resume(void **state)
{
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c = begin(&sim, 5000);

	rack_clear(&rack);
	rack.stop_after = 1;
	assert_int_equal(rack_sync(&rack, "alga", c, &how, &e), RC_BUSY);
	assert_int_equal(rack_count(&rack, "contract "), 1);
	assert_string_equal(rack.cursor, "0d9b");
	must_sync(c, (struct psa_sync){ .full = true, .cursor = "0d9b" });
	assert_int_equal(rack_count(&rack, "contract "), 1);
	assert_int_equal(rack_count(&rack, "line 0d9c/"), 1);
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
	assert_int_equal(rack_sync(&rack, "alga", c, &how, &e), rc);
	if (!strstr(e.text, words))
		fail_msg("\"%s\" does not say \"%s\"", e.text, words);
	end(&sim, c);
}

static void test_failures(void **state)
{
	fails_with("{\"settings\":{\"key\":\"another\"}}", RC_UNAUTHORIZED, "Invalid API key");
	fails_with("{\"settings\":{\"deny\":[\"GET /api/v1/contracts\"]}}", RC_DENIED, "contract: read and update");
	fails_with("{\"kind\":\"rows\",\"id\":1,\"set\":{\"configuration\":{\"quantity\":\"many\"}}}", RC_REMOTE,
		"quantity");
	fails_with("{\"kind\":\"bound\",\"id\":\"3b0c\",\"set\":{\"is_active\":\"yes\"}}", RC_REMOTE, "\"is_active\"");
}

enum { NO_SETTLE = -1 };

struct row {
	const char *name, *edit, *fault;
	enum psa_outcome applied;
	int settled;
	const char *quantity;
	int puts;
	const char *words;
};

#define PUT "\"match\":{\"method\":\"PUT\"}"
#define LOOK "\"match\":{\"method\":\"GET\",\"path\":\"/contract-lines/3b0c\"}"

static const struct row rows[] = {
	{ "all is well", NULL, NULL, PSA_APPLIED, NO_SETTLE, "27", 1, NULL },
	{ "time-out after", NULL, "{\"do\":\"timeout_after_apply\"," PUT "}", PSA_APPLIED, NO_SETTLE, "27", 1, NULL },
	{ "time-out before", NULL, "{\"do\":\"timeout_before\"," PUT "}", PSA_UNKNOWN, PSA_NOT_APPLIED, "24", 0, NULL },
	{ "lost after", NULL, "{\"do\":\"reset_after_apply\"," PUT "}", PSA_APPLIED, NO_SETTLE, "27", 1, NULL },
	{ "lost before", NULL, "{\"do\":\"reset\"," PUT "}", PSA_UNKNOWN, PSA_NOT_APPLIED, "24", 0, NULL },
	{ "lost, and then nobody answers", NULL,
		"[{\"do\":\"reset_after_apply\"," PUT "},{\"do\":\"status\",\"status\":503,\"skip\":1,\"times\":4," LOOK
		"}]",
		PSA_UNKNOWN, PSA_APPLIED, "27", 1, NULL },
	{ "429", NULL, "{\"do\":\"status\",\"status\":429,\"retry_after\":17," PUT "}", PSA_NOT_APPLIED, NO_SETTLE,
		"24", 0, "60 calls a minute" },
	{ "500 with pieces of SQL", NULL,
		"{\"do\":\"status\",\"status\":500,\"body\":\"{\\\"error\\\":{\\\"message\\\":\\\"select * from "
		"secret\\\"}}\"," PUT "}",
		PSA_UNKNOWN, PSA_NOT_APPLIED, "24", 0, "failed (500)" },
	{ "500 after", NULL, "{\"do\":\"status_after_apply\",\"status\":500," PUT "}", PSA_APPLIED, NO_SETTLE, "27", 1,
		NULL },
	{ "half of the JSON", NULL, "{\"do\":\"truncate\"," PUT "}", PSA_APPLIED, NO_SETTLE, "27", 1, NULL },
	{ "says yes and does nothing", NULL, "{\"do\":\"ignore_patch\"," PUT "}", PSA_REFUSED, NO_SETTLE, "24", 0,
		"still 24" },
	{ "no right", "{\"settings\":{\"deny\":[\"PUT \"]}}", NULL, PSA_REFUSED, NO_SETTLE, "24", 0, "update" },
	{ "line inactive since", "{\"kind\":\"bound\",\"id\":\"3b0c\",\"set\":{\"is_active\":false}}", NULL,
		PSA_CONFLICT, NO_SETTLE, "24", 0, "inactive" },
	{ "line gone", "{\"kind\":\"bound\",\"id\":\"3b0c\",\"delete\":true}", NULL, PSA_CONFLICT, NO_SETTLE, "24", 0,
		"gone" },
};

static const char *quantity_of(struct simulator *s)
{
	return json_scalar(json_path(simulator_record(s, "rows", "1"), "configuration/quantity"));
}

static struct psa_change change_of(struct simulator *s)
{
	struct psa_change c = simulator_change(s, PSA_SET_QUANTITY);

	c.contract_remote_id = "0d9b";
	c.line_remote_id = "3b0c/c41d";
	c.product_remote_id = "c41d";
	c.billed_through = DAY_NONE;
	return c;
}

static void expect(const char *name, const char *step, const struct psa_result *r, int outcome, const char *words)
{
	if ((int)r->outcome != outcome)
		fail_msg("%s, %s: outcome %d instead of %d (%s)", name, step, r->outcome, outcome, r->err.text);
	if (words && !strstr(r->err.text, words))
		fail_msg("%s: \"%s\" does not say \"%s\"", name, r->err.text, words);
	assert_null(strstr(r->err.text, "secret"));
}

static void test_write_rows(void **state)
{
	const struct psa_ops *ops = psa_find("alga");

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];
		AUTO(arena) a = ARENA_INIT;
		struct simulator s;
		struct psa_conn *c = begin(&s, 1000);
		struct psa_change ch = change_of(&s);
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
		assert_string_equal(quantity_of(&s), row->quantity);
		if (simulator_changes(&s, "PUT") != row->puts)
			fail_msg("%s: %d PUT", row->name, simulator_changes(&s, "PUT"));
		end(&s, c);
	}
}

static void test_conflict_and_fixed(void **state)
{
	const struct psa_ops *ops = psa_find("alga");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *c = begin(&s, 1000);
	struct psa_change ch = change_of(&s);
	struct psa_result r;

	ch.expect = 23 * QTY_ONE;
	ops->apply(c, &a, &ch, &r);
	expect("changed since", "apply", &r, PSA_CONFLICT, "24 now; it was 23");
	ch.line_remote_id = "3b0e/c43d";
	ch.expect = 3 * QTY_ONE;
	ops->apply(c, &a, &ch, &r);
	expect("fixed amount", "apply", &r, PSA_REFUSED, "fixed amount");
	assert_int_equal(simulator_changes(&s, "PUT"), 0);
	end(&s, c);
}

static void test_by_hand(void **state)
{
	const struct psa_ops *ops = psa_find("alga");
	struct psa_change ch = { .kind = PSA_SET_QUANTITY, .want = QTY_ONE };

	assert_false(ops->by_hand(NULL, &ch));
	ch.want = 0;
	assert_true(ops->by_hand(NULL, &ch));
	ch.want = 4 * QTY_ONE;
	ch.kind = PSA_ADD_LINE;
	assert_true(ops->by_hand(NULL, &ch));
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

	simulator_edit(&s, "{\"settings\":{\"deny\":[\"GET /api/v1/services\",\"PUT \"]}}");
	assert_int_equal(psa_find("alga")->test(c, note_check, &d, &e), RC_OK);
	assert_non_null(strstr(d.text, "ok API key; client: read"));
	assert_non_null(strstr(d.text, "NO service: read"));
	assert_non_null(strstr(d.text, "NO contract: update"));
	assert_int_equal(simulator_changes(&s, "PUT"), 0);
	arena_release(&d.arena);
	end(&s, c);
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
		cmocka_unit_test(test_resume),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_write_rows),
		cmocka_unit_test(test_conflict_and_fixed),
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_doctor),
	};

	return cmocka_run_group_tests(tests, NULL, let_go);
}
