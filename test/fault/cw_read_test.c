/* Reading ConnectWise from the simulator: what is taken and what is left out and why, resuming, many in flight,
 * faults in the middle, the permission doctor, tickets. */
#include "shelf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum rc run_sync(struct psa_conn *c, struct psa_sync *how, struct shelf *s, struct err *e)
{
	return shelf_sync("connectwise", c, how, s, e);
}

static void test_full(void **state)
{
	struct shelf *s = calloc(1, sizeof(*s));
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c;

	simulator_start(&sim, "demo.json");
	simulator_edit(&sim, "{\"settings\":{\"latency_ms\":10}}");
	c = simulator_connect_as(&sim, "Demo", 5000);
	shelf_must(run_sync(c, &how, s, &e), &e);
	shelf_must_have(s->skip, s->skips, "account 275: in the recycle bin");
	shelf_must_have(s->skip, s->skips, ": status is Not-Approved");
	shelf_must_have(s->skip, s->skips, ": type is Prospect");
	shelf_must_have(s->skip, s->skips, "contract 1030: cancelled");
	shelf_must_have(s->skip, s->skips, "contract 1031: expired");
	shelf_must_have(s->skip, s->skips, "contract 1032: billing cycle is None");
	shelf_must_have(s->skip, s->skips, "contract 1033: billing cycle is None");
	shelf_must_have(s->skip, s->skips, "product 908: a bundle");
	shelf_must_have(s->lines, s->lines_calls, "5059=40@4 free");
	shelf_must_have(s->lines, s->lines_calls, "5062=1@89 serial");
	shelf_must_have(s->product, s->products, "907|FIREWALL|89|40|serial");
	shelf_must_have(s->account, s->accounts, "|Client, Prospect|");
	assert_int_equal(s->accounts + 3, 46);
	assert_int_equal(s->contracts, s->lines_calls);
	assert_false(shelf_has(s->lines, s->lines_calls, "1030:"));
	assert_true(how.ret_watermark > 0);
	assert_in_range(shelf_figure(&sim, "in_flight_max"), 2, 4);
	psa_find("connectwise")->close(c);
	simulator_stop(&sim);
	arena_release(&s->arena);
	free(s);
}

static void test_resume(void **state)
{
	struct shelf *first = calloc(1, sizeof(*first)), *second = calloc(1, sizeof(*second));
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c;

	simulator_start(&sim, "small.json");
	c = simulator_connect(&sim, 5000);
	first->stop_after = 1;
	assert_int_equal(run_sync(c, &how, first, &e), RC_BUSY);
	assert_int_equal(first->products, 3);
	assert_int_equal(first->lines_calls, 0);
	assert_int_equal(strncmp(first->cursor, "products 903 ", 13), 0);
	how.cursor = first->cursor;
	shelf_must(run_sync(c, &how, second, &e), &e);
	assert_int_equal(second->products, 0);
	assert_int_equal(second->accounts, 3);
	assert_int_equal(second->lines_calls, 3);
	second->lines_calls = 0;
	how.cursor = "additions 78 1";
	shelf_must(run_sync(c, &how, second, &e), &e);
	assert_int_equal(second->lines_calls, 1);
	assert_string_equal(second->lines[0], "79: 4430=2.5@50");
	psa_find("connectwise")->close(c);
	simulator_stop(&sim);
	arena_release(&first->arena);
	arena_release(&second->arena);
	free(first);
	free(second);
}

static void test_quick(void **state)
{
	struct shelf *s = calloc(1, sizeof(*s));
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c;

	simulator_start(&sim, "small.json");
	c = simulator_connect(&sim, 5000);
	shelf_must(run_sync(c, &how, s, &e), &e);
	how = (struct psa_sync){ .since = how.ret_watermark + 3600 * CLOCK_SECOND };
	memset(s->account, 0, sizeof(s->account));
	s->accounts = s->products = s->contracts = s->lines_calls = 0;
	simulator_edit(&sim, "{\"kind\":\"additions\",\"id\":4420,\"set\":{\"quantity\":11}}");
	shelf_must(run_sync(c, &how, s, &e), &e);
	assert_int_equal(s->accounts, 0);
	assert_int_equal(s->products, 0);
	assert_int_equal(s->contracts, 3);
	shelf_must_have(s->lines, s->lines_calls, "78: 4420=11@");
	psa_find("connectwise")->close(c);
	simulator_stop(&sim);
	arena_release(&s->arena);
	free(s);
}

static void sync_through(const char *fault, const char *edit)
{
	struct shelf *s = calloc(1, sizeof(*s));
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c;

	simulator_start(&sim, "small.json");
	c = simulator_connect(&sim, 1000);
	if (fault)
		simulator_fault(&sim, fault);
	s->sim = &sim;
	s->edit_once = edit;
	shelf_must(run_sync(c, &how, s, &e), &e);
	assert_int_equal(s->accounts, 3);
	assert_int_equal(s->products, 3);
	assert_int_equal(s->lines_calls, 3);
	assert_int_equal(s->line_count, 4);
	psa_find("connectwise")->close(c);
	simulator_stop(&sim);
	arena_release(&s->arena);
	free(s);
}

static void test_faults(void **state)
{
	sync_through("{\"do\":\"status\",\"status\":503,\"times\":3,\"match\":{\"path\":\"/additions\"}}", NULL);
	sync_through("{\"do\":\"status\",\"status\":429,\"retry_after\":1,\"match\":{\"path\":\"/additions\"}}", NULL);
	sync_through("{\"do\":\"truncate\",\"times\":2,\"match\":{\"path\":\"/additions\"}}", NULL);
	sync_through("{\"do\":\"reset\",\"times\":2,\"match\":{\"path\":\"/company/companies\"}}", NULL);
	sync_through("{\"do\":\"timeout_before\",\"match\":{\"path\":\"/procurement/catalog\"}}", NULL);
	sync_through("{\"do\":\"status\",\"status\":502,\"body\":\"<html>\",\"type\":\"text/"
		     "html\",\"match\":{\"path\":\"/finance/agreements\"}}",
		NULL);
	sync_through("{\"do\":\"slow\",\"delay_ms\":300,\"match\":{\"path\":\"/additions\"}}", NULL);
	sync_through(NULL, "{\"settings\":{\"codebase\":\"v2025_2/\"}}");
}

/* An agreement that is deleted while it is read, and one whose additions fill more than a page. */
static void test_odd_agreements(void **state)
{
	struct shelf *s = calloc(1, sizeof(*s));
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c;

	simulator_start(&sim, "small.json");
	c = simulator_connect(&sim, 20000);
	for (int i = 0; i < 1005; i++)
		simulator_edit(&sim,
			arena_printf(&sim.arena,
				"{\"kind\":\"additions\",\"insert\":{\"id\":%d,\"agreementId\":77,\"product\":{\"id\":"
				"903},"
				"\"quantity\":1,\"billCustomer\":\"Billable\",\"effectiveDate\":\"2024-01-01T00:00:"
				"00Z\"}}",
				10000 + i));
	simulator_fault(&sim, "{\"do\":\"status\",\"status\":404,\"match\":{\"path\":\"/agreements/78/additions\"}}");
	shelf_must(run_sync(c, &how, s, &e), &e);
	shelf_must_have(s->skip, s->skips, "contract 78: deleted while it was read");
	assert_int_equal(s->lines_calls, 2);
	assert_int_equal(s->line_count, 1005 + 3);
	psa_find("connectwise")->close(c);
	simulator_stop(&sim);
	arena_release(&s->arena);
	free(s);
}

/* A refusal ends the sync with the reason, and without hammering. */
static void test_refusals(void **state)
{
	struct shelf *s = calloc(1, sizeof(*s));
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c;

	simulator_start(&sim, "small.json");
	c = simulator_connect_as(&sim, "Nobody", 5000);
	assert_int_equal(run_sync(c, &how, s, &e), RC_UNAUTHORIZED);
	assert_non_null(strstr(e.text, "private key"));
	assert_int_equal(shelf_requests(&sim, "GET /v2025_1/apis/*/company/companies"), 1);
	psa_find("connectwise")->close(c);
	c = simulator_connect(&sim, 5000);
	simulator_edit(&sim, "{\"settings\":{\"deny\":[\"catalog.inquire\"]}}");
	assert_int_equal(run_sync(c, &how, s, &e), RC_DENIED);
	assert_non_null(strstr(e.text, "Procurement > Product Catalog: Inquire All"));
	/* An hour is not waited for; it is told to whoever comes back. */
	e = (struct err)ERR_INIT;
	simulator_fault(
		&sim, "{\"do\":\"status\",\"status\":429,\"retry_after\":3600,\"match\":{\"path\":\"/companies\"}}");
	assert_int_equal(run_sync(c, &how, s, &e), RC_BUSY);
	assert_int_equal(e.retry_after, 3600);
	psa_find("connectwise")->close(c);
	simulator_stop(&sim);
	arena_release(&s->arena);
	free(s);
}

static void doctor(struct simulator *sim, const char *who, struct shelf_doctor *k)
{
	struct psa_conn *c = simulator_connect_as(sim, who, 5000);

	shelf_doctor("connectwise", c, k);
	psa_find("connectwise")->close(c);
}

static void test_doctor(void **state)
{
	struct shelf_doctor k = { 0 };
	struct simulator sim;

	simulator_start(&sim, "small.json");
	doctor(&sim, "Small", &k);
	for (size_t i = 0; i < k.count; i++)
		print_error("  %s\n", k.bad[i]);
	assert_int_equal(k.count, 0);
	assert_true(k.all >= 12);
	assert_int_equal(simulator_changes(&sim, "PATCH") + simulator_changes(&sim, "POST"), 0);
	simulator_edit(&sim,
		"{\"settings\":{\"deny\":[\"agreements.edit\",\"agreements.add\",\"catalog.inquire\",\"tickets.add\"]}"
		"}");
	doctor(&sim, "Small", &k);
	shelf_must_have(k.bad, k.count, "Finance > Agreements: Edit All");
	shelf_must_have(k.bad, k.count, "Finance > Agreements: Add All");
	shelf_must_have(k.bad, k.count, "Procurement > Product Catalog: Inquire All");
	shelf_must_have(k.bad, k.count, "Service Desk > Service Tickets: Add All");
	assert_int_equal(k.count, 4);
	doctor(&sim, "Nobody", &k);
	assert_int_equal(k.count, 1);
	shelf_must_have(k.bad, k.count, "Keys and Client ID");
	arena_release(&k.arena);
	simulator_stop(&sim);
}

static void test_tickets(void **state)
{
	const struct psa_ops *ops = psa_find("connectwise");
	AUTO(arena) a = ARENA_INIT;
	struct psa_ticket t = { .reference = "trueup:7c0e0b7e-5d3c", .account_remote_id = "250",
		.title = "Backup failed: \"nightly\" \xc3\xa9\xc3\xa9", .description = "Twice.\nIn a row." };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c;
	const char *id, *again;

	simulator_start(&sim, "small.json");
	c = simulator_connect(&sim, 1000);
	simulator_fault(&sim, "{\"do\":\"timeout_after_apply\",\"match\":{\"method\":\"POST\"}}");
	shelf_must(ops->ticket(c, &a, &t, &id, &e), &e);
	shelf_must(ops->ticket(c, &a, &t, &again, &e), &e);
	assert_string_equal(id, again);
	assert_int_equal(simulator_changes(&sim, "POST"), 1);
	assert_string_equal(json_member(simulator_record(&sim, "tickets", id), "summary"), t.title);
	assert_string_equal(json_scalar(json_path(simulator_record(&sim, "tickets", id), "board/id")), "1");
	t = (struct psa_ticket){ .reference = "of nobody, with \"quotes\"", .title = "Hello", .description = "" };
	shelf_must(ops->ticket(c, &a, &t, &id, &e), &e);
	assert_string_equal(json_scalar(json_path(simulator_record(&sim, "tickets", id), "company/id")), "252");
	simulator_fault(&sim, "{\"do\":\"reset\",\"match\":{\"method\":\"POST\"}}");
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
		cmocka_unit_test(test_resume),
		cmocka_unit_test(test_quick),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_odd_agreements),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_doctor),
		cmocka_unit_test(test_tickets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
