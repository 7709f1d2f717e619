/* Reading ConnectWise from the simulator: what is taken and what is left out and why, resuming, many in flight,
 * faults in the middle, the permission doctor, tickets. */
#include "simulator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEN = 400 };

/* All that a sync delivered, as short texts. */
struct shelf {
	struct arena arena;
	const char *account[SEEN], *product[SEEN], *contract[SEEN], *lines[SEEN], *skip[SEEN];
	size_t accounts, products, contracts, lines_calls, skips, line_count, checkpoints;
	const char *cursor;
	size_t stop_after;	/* checkpoints; 0 = never */
	struct simulator *sim;
	const char *edit_once;	/* done when the first lines come */
};

static enum rc take_account(void *arg, const struct psa_account *a, struct err *e)
{
	struct shelf *s = arg;

	s->account[s->accounts++] = arena_printf(&s->arena, "%s|%s|%s|%s", a->remote_id, a->code, a->types, a->domain);
	return RC_OK;
}

static enum rc take_product(void *arg, const struct psa_product *p, struct err *e)
{
	struct shelf *s = arg;
	char price[QTY_TEXT];

	s->product[s->products++] = arena_printf(
		&s->arena, "%s|%s|%s|%d", p->remote_id, p->code, qty_format(p->price, price), p->serialized);
	return RC_OK;
}

static enum rc take_contract(void *arg, const struct psa_contract *c, struct err *e)
{
	struct shelf *s = arg;
	char date[DAY_TEXT];

	s->contract[s->contracts++] = arena_printf(&s->arena, "%s|%s|%s|%d|%s", c->remote_id, c->account_remote_id,
		c->cycle, c->prorates, day_format(c->billed_through, date));
	return RC_OK;
}

static enum rc take_lines(void *arg, const char *contract, const struct psa_line *lines, size_t count, struct err *e)
{
	struct shelf *s = arg;
	const char *text = arena_printf(&s->arena, "%s:", contract);
	char q[QTY_TEXT];

	for (size_t i = 0; i < count && i < 20; i++)
		text = arena_printf(&s->arena, "%s %s=%s%s%s", text, lines[i].remote_id,
			qty_format(lines[i].quantity, q), lines[i].billable ? "" : " free",
			lines[i].serialized ? " serial" : "");
	s->lines[s->lines_calls++] = text;
	s->line_count += count;
	if (s->edit_once)
		simulator_edit(s->sim, s->edit_once);
	s->edit_once = NULL;
	return RC_OK;
}

static enum rc take_skip(
	void *arg, const char *what, const char *id, const char *name, const char *reason, struct err *e)
{
	struct shelf *s = arg;

	s->skip[s->skips++] = arena_printf(&s->arena, "%s %s: %s", what, id, reason);
	return RC_OK;
}

static enum rc take_progress(void *arg, const char *phase, int64_t done, int64_t total, struct err *e)
{
	return RC_OK;
}

static enum rc take_checkpoint(void *arg, const char *cursor, struct err *e)
{
	struct shelf *s = arg;

	s->cursor = arena_strdup(&s->arena, cursor);
	s->checkpoints++;
	return RC_OK;
}

static bool is_cancelled(void *arg)
{
	struct shelf *s = arg;

	return s->stop_after && s->checkpoints >= s->stop_after;
}

static enum rc run_sync(struct psa_conn *c, struct psa_sync *how, struct shelf *s, struct err *e)
{
	struct psa_sink sink = { s, take_account, take_product, take_contract, take_lines, take_skip, take_progress,
		take_checkpoint, is_cancelled };

	return psa_find("connectwise")->sync(c, how, &sink, e);
}

static void must(enum rc rc, const struct err *e)
{
	if (rc != RC_OK)
		fail_msg("%s", e->text);
}

static bool has(const char *const *list, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++) {
		if (strstr(list[i], text))
			return true;
	}
	return false;
}

static void must_have(const char *const *list, size_t count, const char *text)
{
	if (has(list, count, text))
		return;
	for (size_t i = 0; i < count; i++)
		print_error("  %s\n", list[i]);
	fail_msg("\"%s\" is not there", text);
}

static int64_t figure(struct simulator *s, const char *name)
{
	const struct json *requests = json_get(simulator_call(s, "/_ledger", NULL), "requests");
	int64_t n = 0;

	if (json_get(requests, name))
		assert_int_equal(json_int(json_get(requests, name), 0, 1000000, &n), RC_OK);
	return n;
}

static int64_t requests_to(struct simulator *s, const char *pattern)
{
	const struct json *by = json_get(json_get(simulator_call(s, "/_ledger", NULL), "requests"), "by");
	int64_t n = 0;

	if (json_get(by, pattern))
		assert_int_equal(json_int(json_get(by, pattern), 0, 1000000, &n), RC_OK);
	return n;
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
	must(run_sync(c, &how, s, &e), &e);
	must_have(s->skip, s->skips, "account 275: in the recycle bin");
	must_have(s->skip, s->skips, ": status is Not-Approved");
	must_have(s->skip, s->skips, ": type is Prospect");
	must_have(s->skip, s->skips, "contract 1030: cancelled");
	must_have(s->skip, s->skips, "contract 1031: expired");
	must_have(s->skip, s->skips, "contract 1032: billing cycle is None");
	must_have(s->skip, s->skips, "contract 1033: billing cycle is None");
	must_have(s->skip, s->skips, "product 908: a bundle");
	must_have(s->lines, s->lines_calls, "5059=40 free");
	must_have(s->lines, s->lines_calls, "5062=1 serial");
	must_have(s->product, s->products, "907|FIREWALL|89|1");
	must_have(s->account, s->accounts, "|Client, Prospect|");
	assert_int_equal(s->accounts + 3, 46);
	assert_int_equal(s->contracts, s->lines_calls);
	assert_false(has(s->lines, s->lines_calls, "1030:"));
	assert_true(how.ret_watermark > 0);
	assert_in_range(figure(&sim, "in_flight_max"), 2, 4);
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
	must(run_sync(c, &how, second, &e), &e);
	assert_int_equal(second->products, 0);
	assert_int_equal(second->accounts, 3);
	assert_int_equal(second->lines_calls, 3);
	second->lines_calls = 0;
	how.cursor = "additions 78 1";
	must(run_sync(c, &how, second, &e), &e);
	assert_int_equal(second->lines_calls, 1);
	assert_string_equal(second->lines[0], "79: 4430=2.5");
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
	must(run_sync(c, &how, s, &e), &e);
	how = (struct psa_sync){ .since = how.ret_watermark + 3600 * CLOCK_SECOND };
	memset(s->account, 0, sizeof(s->account));
	s->accounts = s->products = s->contracts = s->lines_calls = 0;
	simulator_edit(&sim, "{\"kind\":\"additions\",\"id\":4420,\"set\":{\"quantity\":11}}");
	must(run_sync(c, &how, s, &e), &e);
	assert_int_equal(s->accounts, 0);
	assert_int_equal(s->products, 0);
	assert_int_equal(s->contracts, 3);
	must_have(s->lines, s->lines_calls, "78: 4420=11");
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
	must(run_sync(c, &how, s, &e), &e);
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
	must(run_sync(c, &how, s, &e), &e);
	must_have(s->skip, s->skips, "contract 78: deleted while it was read");
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
	assert_int_equal(requests_to(&sim, "GET /v2025_1/apis/*/company/companies"), 1);
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

struct checks {
	struct arena arena;
	const char *bad[40];
	size_t count, all;
};

static void note_check(void *arg, const char *name, bool ok, const char *detail)
{
	struct checks *k = arg;

	assert_true(detail && *detail);
	k->all++;
	if (!ok)
		k->bad[k->count++] = arena_printf(&k->arena, "%s: %s", name, detail);
}

static void doctor(struct simulator *sim, const char *who, struct checks *k)
{
	struct psa_conn *c = simulator_connect_as(sim, who, 5000);
	struct err e = ERR_INIT;

	memset(k->bad, 0, sizeof(k->bad));
	k->count = k->all = 0;
	must(psa_find("connectwise")->test(c, note_check, k, &e), &e);
	psa_find("connectwise")->close(c);
}

static void test_doctor(void **state)
{
	struct checks k = { 0 };
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
	must_have(k.bad, k.count, "Finance > Agreements: Edit All");
	must_have(k.bad, k.count, "Finance > Agreements: Add All");
	must_have(k.bad, k.count, "Procurement > Product Catalog: Inquire All");
	must_have(k.bad, k.count, "Service Desk > Service Tickets: Add All");
	assert_int_equal(k.count, 4);
	doctor(&sim, "Nobody", &k);
	assert_int_equal(k.count, 1);
	must_have(k.bad, k.count, "Keys and Client ID");
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
	must(ops->ticket(c, &a, &t, &id, &e), &e);
	must(ops->ticket(c, &a, &t, &again, &e), &e);
	assert_string_equal(id, again);
	assert_int_equal(simulator_changes(&sim, "POST"), 1);
	assert_string_equal(json_member(simulator_record(&sim, "tickets", id), "summary"), t.title);
	assert_string_equal(json_scalar(json_path(simulator_record(&sim, "tickets", id), "board/id")), "1");
	t = (struct psa_ticket){ .reference = "of nobody, with \"quotes\"", .title = "Hello", .description = "" };
	must(ops->ticket(c, &a, &t, &id, &e), &e);
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
