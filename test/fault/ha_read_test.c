/* Reading HaloPSA from the simulator: what is taken and what is left out and why, resuming, quick, tokens, faults in
 * the middle, the permission doctor, tickets. */
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
	return simulator_open(s, "halopsa",
		arena_printf(&s->arena,
			"{\"site\":\"%s/"
			"api\",\"client_id\":\"7f7f1c1e-halo\",\"client_secret\":\"%s\",\"currency\":\"EUR\","
			"\"requests_per_minute\":\"6000\",\"ticket_type\":\"21\",\"ticket_client\":\"252\"}",
			s->url, secret),
		5000);
}

static struct psa_conn *connect(struct simulator *s)
{
	return connect_with(s, "s3cret&Small=");
}

static void finish(struct simulator *sim, struct psa_conn *c, struct shelf *s)
{
	psa_find("halopsa")->close(c);
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

	simulator_start_system(&sim, "halopsa", "halopsa.json");
	c = connect(&sim);
	shelf_must(shelf_sync("halopsa", c, &how, s, &e), &e);
	shelf_must_have(s->skip, s->skips, "account 254: inactive");
	shelf_must_have(s->skip, s->skips, "contract -80: disabled");
	shelf_must_have(s->skip, s->skips, "contract -81: ended on 2023-12-31");
	shelf_must_have(s->skip, s->skips, "contract -82: its customer is inactive");
	shelf_must_have(s->skip, s->skips, "line 4409: a heading");
	shelf_must_have(s->skip, s->skips, "line 4413: a one-time charge");
	shelf_must_have(s->account, s->accounts, "250|NWD-001|Customers|northwinddental.example");
	shelf_must_have(s->account, s->accounts, "251|KES|Customers|kestrel.example");
	shelf_must_have(s->product, s->products, "901|CORO-EDR|6|3.5");
	shelf_must_have(s->product, s->products, "902|CORO-EMAIL|4|2.25");
	shelf_must_have(s->product, s->products, "903|BACKUP-TB|50|none");
	day_format(day_month_start(day_today(), 1) - 1, billed);
	shelf_must_have(s->contract, s->contracts, arena_printf(&s->arena, "-77|250|USD|%s|Active", billed));
	shelf_must_have(s->contract, s->contracts, "-78|251|CAD|");
	shelf_must_have(s->contract, s->contracts, "-79|252|EUR|");
	shelf_must_have(s->lines, s->lines_calls, "-77: 4410=24@6 4411=32.5@4 4412=11@3 4414=3@4 free");
	shelf_must_have(s->lines, s->lines_calls, "-78: 4420=10@6");
	assert_int_equal(s->accounts, 3);
	assert_int_equal(s->contracts, 3);
	assert_true(how.ret_watermark > 0);
	assert_int_equal(shelf_requests(&sim, "POST /auth/token"), 1);
	finish(&sim, c, s);
}

/* What HaloPSA counts is marked, so that no approval plans a write of it. */
static void test_fixed(void **state)
{
	const struct psa_ops *ops = psa_find("halopsa");
	AUTO(arena) a = ARENA_INIT;
	struct psa_line line;
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c;

	simulator_start_system(&sim, "halopsa", "halopsa.json");
	c = connect(&sim);
	shelf_must(ops->read_line(c, &a, "-77", "4412", &line, &e), &e);
	assert_string_equal(line.fixed, "HaloPSA counts it by licences");
	shelf_must(ops->read_line(c, &a, "-79", "4430", &line, &e), &e);
	assert_string_equal(line.fixed, "HaloPSA counts it by users");
	shelf_must(ops->read_line(c, &a, "-77", "4410", &line, &e), &e);
	assert_null(line.fixed);
	assert_true(line.agreement_active);
	assert_int_equal(line.billed_through, day_month_start(day_today(), 1) - 1);
	assert_int_equal(ops->read_line(c, &a, "-77", "1", &line, &e), RC_NOT_FOUND);
	ops->close(c);
	simulator_stop(&sim);
}

/* More templates than a page, stopped in the middle and taken up again. */
static void test_pages_and_resume(void **state)
{
	struct shelf *first = calloc(1, sizeof(*first)), *second = calloc(1, sizeof(*second));
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c;

	simulator_start_system(&sim, "halopsa", "halopsa.json");
	for (int i = 0; i < 120; i++)
		simulator_edit(&sim,
			arena_printf(&sim.arena,
				"{\"kind\":\"invoices\",\"insert\":{\"id\":-%d,\"client_id\":250,\"name\":\"T\","
				"\"nextcreationdate\":\"2031-01-01T00:00:00\",\"lines\":[{\"id\":%d,\"_itemid\":901,"
				"\"qty_order\":1}]}}",
				1000 + i, 50000 + i));
	c = connect(&sim);
	first->stop_after = 51;
	assert_int_equal(shelf_sync("halopsa", c, &how, first, &e), RC_BUSY);
	assert_int_equal(first->contracts, 50);
	assert_int_equal(strncmp(first->cursor, "templates -1070 ", 16), 0);
	how.cursor = first->cursor;
	shelf_must(shelf_sync("halopsa", c, &how, second, &e), &e);
	assert_int_equal(second->products, 0);
	assert_int_equal(second->contracts, 73);
	assert_int_equal(first->line_count + second->line_count, 120 + 6);
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
	char now[CLOCK_TEXT];

	simulator_start_system(&sim, "halopsa", "halopsa.json");
	c = connect(&sim);
	shelf_must(shelf_sync("halopsa", c, &how, s, &e), &e);
	how = (struct psa_sync){ .since = how.ret_watermark + 3600 * CLOCK_SECOND };
	s->accounts = s->products = s->contracts = s->lines_calls = s->skips = 0;
	simulator_edit(&sim,
		arena_printf(&sim.arena, "{\"kind\":\"invoices\",\"id\":-78,\"set\":{\"last_modified\":\"%s\"}}",
			clock_format(clock_now() / CLOCK_SECOND * CLOCK_SECOND, now)));
	shelf_must(shelf_sync("halopsa", c, &how, s, &e), &e);
	/* Of 251 and of item 903 HaloPSA does not say when they changed. */
	assert_int_equal(s->accounts, 1);
	assert_int_equal(s->products, 1);
	assert_int_equal(s->contracts, 3);
	/* -78 changed; -79 holds a line that HaloPSA counts. */
	assert_int_equal(s->lines_calls, 2);
	assert_false(shelf_has(s->lines, s->lines_calls, "-77:"));
	finish(&sim, c, s);
}

static void sync_through(const char *fault, const char *edit)
{
	struct shelf *s = calloc(1, sizeof(*s));
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c;

	simulator_start_system(&sim, "halopsa", "halopsa.json");
	c = connect(&sim);
	simulator_fault(&sim, fault);
	simulator_edit(&sim, edit);
	shelf_must(shelf_sync("halopsa", c, &how, s, &e), &e);
	assert_int_equal(s->accounts, 3);
	assert_int_equal(s->products, 3);
	assert_int_equal(s->line_count, 6);
	finish(&sim, c, s);
}

static void test_faults(void **state)
{
	sync_through(
		"{\"do\":\"status\",\"status\":503,\"times\":3,\"match\":{\"path\":\"/RecurringInvoice/\"}}", NULL);
	sync_through("{\"do\":\"status\",\"status\":429,\"retry_after\":1,\"match\":{\"path\":\"/Client\"}}", NULL);
	sync_through("{\"do\":\"status\",\"status\":429,\"match\":{\"path\":\"/authinfo\"}}", NULL);
	sync_through("{\"do\":\"status\",\"status\":404,\"match\":{\"path\":\"/authinfo\"}}",
		"{\"settings\":{\"tenant\":\"\"}}");
	sync_through("{\"do\":\"truncate\",\"times\":2,\"match\":{\"path\":\"/Item\"}}", NULL);
	sync_through("{\"do\":\"reset\",\"times\":2,\"match\":{\"path\":\"/auth/token\"}}", NULL);
	sync_through("{\"do\":\"status\",\"status\":401,\"match\":{\"path\":\"/RecurringInvoice/\"}}", NULL);
	sync_through("{\"do\":\"status\",\"status\":502,\"body\":\"<html>\",\"type\":\"text/"
		     "html\",\"match\":{\"path\":\"/Client\"}}",
		NULL);
	/* A token that lives for a minute is asked for again before every call, and that is all. */
	sync_through(NULL, "{\"settings\":{\"token_seconds\":60}}");
}

/* A refusal ends the sync with the reason, in whichever shape it comes. */
static void test_refusals(void **state)
{
	struct shelf *s = calloc(1, sizeof(*s));
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c;

	simulator_start_system(&sim, "halopsa", "halopsa.json");
	c = connect_with(&sim, "wrong");
	assert_int_equal(shelf_sync("halopsa", c, &how, s, &e), RC_UNAUTHORIZED);
	assert_non_null(strstr(e.text, "Client secret"));
	assert_int_equal(shelf_requests(&sim, "POST /auth/token"), 1);
	psa_find("halopsa")->close(c);
	c = connect(&sim);
	for (int shape = 0; shape < 5; shape++) {
		simulator_edit(&sim,
			arena_printf(&sim.arena, "{\"settings\":{\"deny\":[\"Item\"],\"error_shape\":%d}}", shape));
		e = (struct err)ERR_INIT;
		assert_int_equal(shelf_sync("halopsa", c, &how, s, &e), RC_DENIED);
		assert_non_null(strstr(e.text, "The agent's role does not allow this."));
	}
	simulator_edit(&sim, "{\"settings\":{\"deny\":[]}}");
	e = (struct err)ERR_INIT;
	simulator_fault(
		&sim, "{\"do\":\"status\",\"status\":429,\"retry_after\":3600,\"match\":{\"path\":\"/Client\"}}");
	assert_int_equal(shelf_sync("halopsa", c, &how, s, &e), RC_BUSY);
	assert_int_equal(e.retry_after, 3600);
	/* A member that changes its type ends the sync with its name. */
	simulator_edit(&sim,
		"{\"kind\":\"invoices\",\"id\":-78,\"set\":{\"lines\":[{\"id\":1,\"_itemid\":901,\"qty_order\":{\"n\":"
		"4}}]}}");
	e = (struct err)ERR_INIT;
	assert_int_equal(shelf_sync("halopsa", c, &how, s, &e), RC_REMOTE);
	assert_non_null(strstr(e.text, "qty_order"));
	finish(&sim, c, s);
}

static void test_doctor(void **state)
{
	struct shelf_doctor k = { 0 };
	struct simulator sim;
	struct psa_conn *c;

	simulator_start_system(&sim, "halopsa", "halopsa.json");
	c = connect(&sim);
	shelf_doctor("halopsa", c, &k);
	for (size_t i = 0; i < k.count; i++)
		print_error("  %s\n", k.bad[i]);
	assert_int_equal(k.count, 0);
	assert_true(k.all >= 13);
	assert_int_equal(simulator_changes(&sim, "POST"), 0);
	psa_find("halopsa")->close(c);
	simulator_edit(&sim,
		"{\"settings\":{\"deny\":[\"RecurringInvoice.edit\",\"Client\",\"Tickets.edit\"],\"granted\":\"read:"
		"customers read:items "
		"read:invoices\"}}");
	c = connect(&sim);
	shelf_doctor("halopsa", c, &k);
	shelf_must_have(k.bad, k.count, "Permission edit:invoices");
	shelf_must_have(k.bad, k.count, "Invoices: modify");
	shelf_must_have(k.bad, k.count, "Customers: read");
	shelf_must_have(k.bad, k.count, "Tickets: create");
	assert_int_equal(k.count, 5);
	psa_find("halopsa")->close(c);
	c = connect_with(&sim, "wrong");
	shelf_doctor("halopsa", c, &k);
	assert_int_equal(k.count, 1);
	psa_find("halopsa")->close(c);
	arena_release(&k.arena);
	simulator_stop(&sim);
}

static void test_tickets(void **state)
{
	const struct psa_ops *ops = psa_find("halopsa");
	AUTO(arena) a = ARENA_INIT;
	struct psa_ticket t = { .reference = "trueup:7c0e0b7e-5d3c", .account_remote_id = "250",
		.title = "Backup failed: \"nightly\" \xc3\xa9\xc3\xa9", .description = "Twice.\nIn a row." };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c;
	const char *id, *again;

	simulator_start_system(&sim, "halopsa", "halopsa.json");
	simulator_edit(&sim, "{\"settings\":{\"answer\":\"array\",\"created\":201}}");
	c = connect(&sim);
	simulator_fault(&sim, "{\"do\":\"reset_after_apply\",\"match\":{\"method\":\"POST\",\"path\":\"/Tickets\"}}");
	shelf_must(ops->ticket(c, &a, &t, &id, &e), &e);
	shelf_must(ops->ticket(c, &a, &t, &again, &e), &e);
	assert_string_equal(id, again);
	assert_int_equal(simulator_changes(&sim, "POST"), 1);
	assert_string_equal(json_member(simulator_record(&sim, "tickets", id), "summary"), t.title);
	t = (struct psa_ticket){ .reference = "of nobody, with \"quotes\"", .title = "Hello", .description = "" };
	shelf_must(ops->ticket(c, &a, &t, &id, &e), &e);
	shelf_must(ops->ticket(c, &a, &t, &again, &e), &e);
	assert_string_equal(id, again);
	assert_string_equal(json_scalar(json_get(simulator_record(&sim, "tickets", id), "client_id")), "252");
	simulator_fault(&sim, "{\"do\":\"reset\",\"match\":{\"method\":\"POST\",\"path\":\"/Tickets\"}}");
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
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_pages_and_resume),
		cmocka_unit_test(test_quick),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_doctor),
		cmocka_unit_test(test_tickets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
