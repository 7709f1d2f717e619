/* ITFlow from the simulator: what its invoices tell of recurring ones; faults; every change is a person's work. */
#include "rack.h"
#include "simulator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static struct rack rack;

static struct psa_conn *begin(struct simulator *sim)
{
	simulator_start_system(sim, "itflow", "psa_itflow.json");
	return simulator_open(sim, "itflow",
		arena_printf(&sim->arena, "{\"site\":\"%s\",\"api_key\":\"key & more\"}", sim->url), 900);
}

static void end(struct simulator *sim, struct psa_conn *c)
{
	psa_find("itflow")->close(c);
	simulator_stop(sim);
}

static void must_sync(struct psa_conn *c)
{
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;

	rack_clear(&rack);
	if (rack_sync(&rack, "itflow", c, &how, &e) != RC_OK)
		fail_msg("%s", e.text);
}

static void check_all(void)
{
	rack_must_have(&rack, "account 42|KES|Kestrel \"Foods\" & Co");
	rack_must_have(&rack, "skip account 43: a lead");
	rack_must_have(&rack, "skip account 44: archived");
	rack_must_have(&rack, "product 7|CORO-EDR|6|-");
	rack_must_have(&rack, "contract 5|41||EUR|-");
	/* The newest invoice that stands; a product is known by its name, in any case. */
	rack_must_have(&rack, "line 5/5:coro edr|7|24|6|-|-|-");
	rack_must_have(&rack, "line 5/5:Coro Email Security|8|30|4|-|-|-");
	rack_must_have(&rack, "line 5/5:Coaching, 50% off|item:Coaching, 50% off|1.5|80|-|-|-");
	/* Two items of one text are two lines. */
	rack_must_have(&rack, "line 6/6:Coro EDR|7|10|6|-|-|-");
	rack_must_have(&rack, "line 6/6:Coro EDR#2|7|2|5|-|-|-");
	rack_must_have(&rack, "skip contract 9: its newest invoice is more than 13 months old");
	rack_must_have(&rack, "skip contract 8: its client is left out");
	assert_int_equal(rack_count(&rack, "contract "), 2);
}

static void test_full(void **state)
{
	struct simulator sim;
	struct psa_conn *c = begin(&sim);

	must_sync(c);
	check_all();
	simulator_fault(&sim, "[{\"do\":\"status\",\"status\":500,\"match\":{\"path\":\"/clients/\"}},"
			      "{\"do\":\"truncate\",\"match\":{\"path\":\"/invoices/\"}},"
			      "{\"do\":\"reset\",\"match\":{\"path\":\"/invoice_items/\"}},"
			      "{\"do\":\"timeout_before\",\"match\":{\"path\":\"/products/\"}}]");
	must_sync(c);
	check_all();
	end(&sim, c);
}

static void fails_with(const char *edit, enum rc rc, const char *words)
{
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c = begin(&sim);

	simulator_edit(&sim, edit);
	rack_clear(&rack);
	assert_int_equal(rack_sync(&rack, "itflow", c, &how, &e), rc);
	if (!strstr(e.text, words))
		fail_msg("\"%s\" does not say \"%s\"", e.text, words);
	assert_null(strstr(e.text, "key & more"));
	assert_null(strstr(e.text, "key%20"));
	end(&sim, c);
}

static void test_failures(void **state)
{
	fails_with("{\"settings\":{\"key\":\"another\"}}", RC_UNAUTHORIZED, "last day");
	fails_with("{\"settings\":{\"deny\":[\"invoices\"]}}", RC_DENIED, "Clients and Sales");
	fails_with("{\"kind\":\"invoice_items\",\"id\":902,\"set\":{\"item_quantity\":\"many\"}}", RC_REMOTE,
		"\"item_quantity\"");
	fails_with("{\"kind\":\"invoices\",\"id\":302,\"set\":{\"invoice_date\":\"soon\"}}", RC_REMOTE,
		"\"invoice_date\"");
}

static void test_by_hand(void **state)
{
	const struct psa_ops *ops = psa_find("itflow");
	AUTO(arena) a = ARENA_INIT;
	struct psa_change ch = { .kind = PSA_SET_QUANTITY, .expect = 24 * QTY_ONE, .want = 27 * QTY_ONE,
		.effective = DAY_NONE };
	struct psa_contract contract = { .remote_id = "5", .name = "Managed" };
	struct psa_line line = { .description = "Coro EDR" };
	struct err e = ERR_INIT;
	struct psa_result r;
	struct psa_plan plan;

	assert_true(ops->by_hand(NULL, &ch));
	ch.by_hand = true;
	assert_int_equal(ops->plan(&a, &ch, &line, &contract, &plan, &e), RC_OK);
	assert_string_equal(plan.call[0].path, "Billing > Recurring Invoices > Managed");
	assert_string_equal(plan.call[0].purpose, "Set the quantity of \"Coro EDR\" to 27 (now 24).");
	ch.kind = PSA_ADD_LINE;
	ch.has_price = true;
	ch.unit_price = 4 * QTY_ONE;
	ch.description = "Coro Email Security";
	assert_int_equal(ops->plan(&a, &ch, NULL, &contract, &plan, &e), RC_OK);
	assert_string_equal(plan.call[0].purpose, "Add \"Coro Email Security\" with quantity 27 at 4 each.");
	ch.effective = day_today();
	assert_int_equal(ops->plan(&a, &ch, NULL, &contract, &plan, &e), RC_INVALID);
	ops->apply(NULL, &a, &ch, &r);
	assert_int_equal(r.outcome, PSA_REFUSED);
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
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, let_go);
}
