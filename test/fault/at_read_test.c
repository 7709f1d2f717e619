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
			"\"integration_code\":\"ABCDEFGHIJKLMNOPQRSTUVWXYZ1\",\"site\":\"%s\",\"ticket_queue\":"
			"\"Monitoring\"}",
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

/* Pages of 500 with opaque addresses; groups of 200 contracts; stopped and taken up again. */
static void test_pages_and_resume(void **state)
{
	struct shelf *first = calloc(1, sizeof(*first)), *second = calloc(1, sizeof(*second));
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c;

	simulator_start_system(&sim, "autotask", "autotask.json");
	for (int i = 0; i < 250; i++) {
		simulator_edit(&sim,
			arena_printf(&sim.arena,
				"{\"kind\":\"contracts\",\"insert\":{\"id\":%d,\"companyID\":250,\"contractType\":7,"
				"\"status\":1,"
				"\"startDate\":\"2026-01-01T00:00:00Z\",\"endDate\":\"2031-12-31T00:00:00Z\"}}",
				1000 + i));
		for (int n = 0; n < 3; n++)
			simulator_edit(&sim,
				arena_printf(&sim.arena,
					"{\"kind\":\"contractServices\",\"insert\":{\"contractID\":%d,\"serviceID\":"
					"901,\"_units\":%d}}",
					1000 + i, n + 1));
	}
	c = connect(&sim);
	first->stop_after = 2;
	assert_int_equal(shelf_sync("autotask", c, &how, first, &e), RC_BUSY);
	assert_int_equal(first->contracts, 200);
	assert_int_equal(strncmp(first->cursor, "contracts 1196 ", 15), 0);
	how.cursor = first->cursor;
	shelf_must(shelf_sync("autotask", c, &how, second, &e), &e);
	assert_int_equal(second->products, 0);
	assert_int_equal(second->contracts, 53);
	assert_int_equal(first->line_count + second->line_count, 250 * 3 + 6);
	arena_release(&first->arena);
	free(first);
	finish(&sim, c, second);
}

static void test_quick(void **state)
{
	struct shelf *s = calloc(1, sizeof(*s));
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c;

	simulator_start_system(&sim, "autotask", "autotask.json");
	c = connect(&sim);
	shelf_must(shelf_sync("autotask", c, &how, s, &e), &e);
	how = (struct psa_sync){ .since = how.ret_watermark + 3600 * CLOCK_SECOND };
	s->accounts = s->products = s->contracts = s->lines_calls = s->skips = 0;
	simulator_edit(&sim, "{\"kind\":\"contractServices\",\"id\":4420,\"set\":{\"_units\":11}}");
	shelf_must(shelf_sync("autotask", c, &how, s, &e), &e);
	/* Only the one that is no customer: whether it has a contract is always looked at. */
	assert_int_equal(s->accounts, 1);
	assert_int_equal(s->products, 0);
	assert_int_equal(s->contracts, 3);
	shelf_must_have(s->lines, s->lines_calls, "78: 4420=11@6");
	finish(&sim, c, s);
}

static void sync_through(const char *fault)
{
	struct shelf *s = calloc(1, sizeof(*s));
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c;

	simulator_start_system(&sim, "autotask", "autotask.json");
	c = connect(&sim);
	simulator_fault(&sim, fault);
	shelf_must(shelf_sync("autotask", c, &how, s, &e), &e);
	assert_int_equal(s->accounts, 4);
	assert_int_equal(s->products, 4);
	assert_int_equal(s->line_count, 6);
	finish(&sim, c, s);
}

static void test_faults(void **state)
{
	sync_through("{\"do\":\"status\",\"status\":503,\"times\":3,\"match\":{\"path\":\"/ContractServiceUnits\"}}");
	sync_through("{\"do\":\"status\",\"status\":429,\"retry_after\":1,\"match\":{\"path\":\"/Contracts\"}}");
	sync_through("{\"do\":\"truncate\",\"times\":2,\"match\":{\"path\":\"/ContractServices\"}}");
	sync_through("{\"do\":\"reset\",\"times\":2,\"match\":{\"path\":\"/Companies\"}}");
	sync_through("{\"do\":\"reset\",\"match\":{\"path\":\"/zoneInformation\"}}");
	sync_through("{\"do\":\"status\",\"status\":500,\"body\":\"{\\\"errors\\\":[\\\"Thread Threshold Exceeded "
		     "(Itgenatr005)\\\"]}\",\"match\":{\"path\":\"/Services\"}}");
	sync_through("{\"do\":\"status\",\"status\":502,\"body\":\"<html>\",\"type\":\"text/html\",\"match\":{\"path\":"
		     "\"/ServiceBundles\"}}");
}

/* A refusal ends the sync with the reason, and without hammering; a used-up budget is told to whoever comes back. */
static void test_refusals(void **state)
{
	struct shelf *s = calloc(1, sizeof(*s));
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c;

	simulator_start_system(&sim, "autotask", "autotask.json");
	c = connect_with(&sim, "wrong");
	assert_int_equal(shelf_sync("autotask", c, &how, s, &e), RC_UNAUTHORIZED);
	assert_non_null(strstr(e.text, "tracking identifier"));
	assert_in_range(shelf_figure(&sim, "total"), 1, 3);
	psa_find("autotask")->close(c);
	c = connect(&sim);
	simulator_edit(&sim, "{\"settings\":{\"deny\":[\"Services.query\"]}}");
	assert_int_equal(shelf_sync("autotask", c, &how, s, &e), RC_DENIED);
	assert_non_null(strstr(e.text, "Services"));
	psa_find("autotask")->close(c);
	c = connect(&sim);
	simulator_edit(&sim, "{\"settings\":{\"used_calls\":7600}}");
	assert_int_equal(shelf_sync("autotask", c, &how, s, &e), RC_BUSY);
	assert_int_equal(e.retry_after, 600);
	psa_find("autotask")->close(c);
	/* The keys go to no other host, whatever the zone finder says. */
	c = connect(&sim);
	simulator_edit(&sim, "{\"settings\":{\"zone_url\":\"https://autotask.net.evil.example\"}}");
	assert_int_equal(shelf_sync("autotask", c, &how, s, &e), RC_REMOTE);
	assert_non_null(strstr(e.text, "not Autotask's"));
	finish(&sim, c, s);
}

/* A field that changes its type ends the sync with its name. */
static void test_other_type(void **state)
{
	struct shelf *s = calloc(1, sizeof(*s));
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c;

	simulator_start_system(&sim, "autotask", "autotask.json");
	c = connect(&sim);
	simulator_fault(&sim,
		"{\"do\":\"status\",\"status\":200,\"body\":\"{\\\"items\\\":[{\\\"id\\\":1,\\\"contractServiceID\\\":"
		"4410,"
		"\\\"startDate\\\":\\\"2024-01-01\\\",\\\"endDate\\\":\\\"2031-01-01\\\",\\\"units\\\":\\\"many\\\"}]}"
		"\","
		"\"skip\":1,\"match\":{\"path\":\"/ContractServiceUnits\"}}");
	assert_int_equal(shelf_sync("autotask", c, &how, s, &e), RC_REMOTE);
	assert_non_null(strstr(e.text, "units"));
	finish(&sim, c, s);
}

static void test_doctor(void **state)
{
	struct shelf_doctor k = { 0 };
	struct simulator sim;
	struct psa_conn *c;

	simulator_start_system(&sim, "autotask", "autotask.json");
	c = connect(&sim);
	shelf_doctor("autotask", c, &k);
	for (size_t i = 0; i < k.count; i++)
		print_error("  %s\n", k.bad[i]);
	assert_int_equal(k.count, 0);
	assert_true(k.all >= 15);
	assert_int_equal(simulator_changes(&sim, "PATCH") + simulator_changes(&sim, "POST"), 0);
	simulator_edit(&sim,
		"{\"settings\":{\"deny\":[\"ContractServiceAdjustments.create\",\"Contracts.query\",\"Tickets.create\","
		"\"cost\"]}}");
	shelf_doctor("autotask", c, &k);
	shelf_must_have(k.bad, k.count, "Contracts: Services: add and edit");
	shelf_must_have(k.bad, k.count, "Contracts: Object: view");
	shelf_must_have(k.bad, k.count, "Service Desk: Tickets: add");
	shelf_must_have(k.bad, k.count, "can view internal cost data");
	assert_int_equal(k.count, 4);
	psa_find("autotask")->close(c);
	c = connect_with(&sim, "wrong");
	shelf_doctor("autotask", c, &k);
	shelf_must_have(k.bad, k.count, "Secret and tracking identifier");
	assert_int_equal(k.count, 1);
	psa_find("autotask")->close(c);
	arena_release(&k.arena);
	simulator_stop(&sim);
}

static void test_tickets(void **state)
{
	const struct psa_ops *ops = psa_find("autotask");
	AUTO(arena) a = ARENA_INIT;
	struct psa_ticket t = { .reference = "trueup:7c0e0b7e-5d3c",
		.account_remote_id = "250",
		.title = "Backup failed: \"nightly\" \xc3\xa9\xc3\xa9",
		.description = "Twice.\nIn a row." };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c;
	const char *id, *again;

	simulator_start_system(&sim, "autotask", "autotask.json");
	c = connect(&sim);
	simulator_fault(&sim,
		"{\"do\":\"reset_after_apply\",\"match\":{\"method\":\"POST\",\"path\":\"V1.0/Tickets\"},\"skip\":1}");
	shelf_must(ops->ticket(c, &a, &t, &id, &e), &e);
	shelf_must(ops->ticket(c, &a, &t, &again, &e), &e);
	assert_string_equal(id, again);
	assert_int_equal(simulator_changes(&sim, "POST"), 1);
	assert_string_equal(json_member(simulator_record(&sim, "tickets", id), "title"), t.title);
	assert_string_equal(json_scalar(json_get(simulator_record(&sim, "tickets", id), "queueID")), "8");
	t = (struct psa_ticket){ .reference = "of nobody, with \"quotes\" and a text that is longer than fifty bytes",
		.title = "Hello",
		.description = "" };
	shelf_must(ops->ticket(c, &a, &t, &id, &e), &e);
	shelf_must(ops->ticket(c, &a, &t, &again, &e), &e);
	assert_string_equal(id, again);
	assert_string_equal(json_scalar(json_get(simulator_record(&sim, "tickets", id), "companyID")), "0");
	simulator_fault(
		&sim, "{\"do\":\"reset\",\"match\":{\"method\":\"POST\",\"path\":\"V1.0/Tickets\"},\"skip\":1}");
	t.reference = "third";
	assert_int_equal(ops->ticket(c, &a, &t, &id, &e), RC_REMOTE);
	assert_int_equal(simulator_changes(&sim, "POST"), 2);
	ops->close(c);
	simulator_stop(&sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_pages_and_resume),
		cmocka_unit_test(test_quick),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_other_type),
		cmocka_unit_test(test_doctor),
		cmocka_unit_test(test_tickets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
