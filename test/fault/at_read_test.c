/* Reading Autotask from the simulator: what is taken and what is left out and why, resuming, the budget of the hour,
 * faults in the middle, the permission doctor, tickets. */
#include "shelf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct psa_conn *connect_with(struct simulator *s, const char *secret)
{
	return simulator_open(s, "autotask",
		arena_printf(&s->arena,
			"{\"user_name\":\"api@alderridge.example\",\"secret\":\"%s\","
			"\"integration_code\":\"ABCDEFGHIJKLMNOPQRSTUVWXYZ1\",\"site\":\"%s\",\"ticket_queue\":\"Monitoring\"}",
			secret, s->url),
		5000);
}

static struct psa_conn *connect(struct simulator *s)
{
	return connect_with(s, "s3cret#Small");
}

static void finish(struct simulator *sim, struct psa_conn *c, struct shelf *s)
{
	psa_find("autotask")->close(c);
	simulator_stop(sim);
	arena_release(&s->arena);
	free(s);
}

static void test_full(void **state)
{
	struct shelf *s = calloc(1, sizeof(*s));
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c;
	char billed[DAY_TEXT];

	simulator_start_system(&sim, "autotask", "autotask.json");
	simulator_edit(&sim, "{\"settings\":{\"latency_ms\":5}}");
	c = connect(&sim);
	shelf_must(shelf_sync("autotask", c, &how, s, &e), &e);
	shelf_must_have(s->skip, s->skips, "account 253: type is Lead, and it has no recurring contract");
	shelf_must_have(s->skip, s->skips, "account 254: inactive");
	shelf_must_have(s->skip, s->skips, "contract 80: a Time & Materials contract");
	shelf_must_have(s->skip, s->skips, "contract 81: ended on 2023-12-31");
	shelf_must_have(s->skip, s->skips, "contract 82: its company is inactive");
	shelf_must_have(s->skip, s->skips, "line 4431: has no units from today on");
	shelf_must_have(s->account, s->accounts, "250|NWD-001|Customer|northwinddental.example");
	shelf_must_have(s->account, s->accounts, "252|TARN|Prospect|");
	shelf_must_have(s->account, s->accounts, "0||Customer|");
	shelf_must_have(s->product, s->products, "901|CORO-EDR|6|3.5");
	shelf_must_have(s->product, s->products, "903||50|none|inactive");
	shelf_must_have(s->product, s->products, "b12||95|40");
	day_format(day_month_start(day_today(), 0) - 1, billed);
	shelf_must_have(s->contract, s->contracts, arena_printf(&s->arena, "77|250|USD|%s|Active", billed));
	shelf_must_have(s->contract, s->contracts, "78|251|CAD||Inactive");
	shelf_must_have(s->lines, s->lines_calls, "77: 4410=24@6 4411=30@3.8 4412=2@4");
	shelf_must_have(s->lines, s->lines_calls, "78: 4420=10@6 b55=7@95");
	assert_int_equal(s->accounts, 4);
	assert_int_equal(s->contracts, 3);
	assert_true(how.ret_watermark > 0);
	assert_int_equal(shelf_figure(&sim, "in_flight_max"), 1);
	assert_in_range(shelf_figure(&sim, "total"), 10, 25);
	finish(&sim, c, s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
