/* Syncro, from the simulator: what is read and what is left out, resuming, a list that changes while it is turned,
 * changed types; and the fault table of its writes, each row compared with the simulator's ledger. */
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

static struct psa_conn *begin(struct simulator *sim, int timeout_ms)
{
	simulator_start_system(sim, "syncro", "psa_syncro.json");
	return simulator_open(sim, "syncro",
		arena_printf(&sim->arena,
			"{\"site\":\"%s\",\"api_token\":\"tok-small-1\",\"ticket_customer\":\"35692255\","
			"\"requests_per_minute\":\"6000\"}",
			sim->url),
		timeout_ms);
}

static void end(struct simulator *sim, struct psa_conn *c)
{
	psa_find("syncro")->close(c);
	simulator_stop(sim);
}

static struct rack rack;

static void must_sync(struct psa_conn *c, struct psa_sync how)
{
	struct err e = ERR_INIT;

	rack_clear(&rack);
	if (rack_sync(&rack, "syncro", c, &how, &e) != RC_OK)
		fail_msg("%s", e.text);
}

static void test_full(void **state)
{
	struct simulator sim;
	struct psa_conn *c = begin(&sim, 5000);
	char billed[DAY_TEXT];

	must_sync(c, (struct psa_sync){ .full = true });
	day_format(simulator_billed_through(), billed);
	rack_must_have(&rack, "account 35692255||Ünal O\"Brien, \\");
	rack_must_have(&rack, "skip account 35692256: disabled");
	rack_must_have(&rack, "product 22739503|CORO-EDR|6|3.5");
	rack_must_have(&rack, "product 22739504|CORO-EMAIL|4|2.25");
	rack_must_have(&rack, "product 22739505||50|30");
	rack_must_have(&rack, "product 22739506||-|-");
	rack_must_have(&rack, arena_printf(&rack.arena, "contract 503771|35692253|Monthly|USD|%s", billed));
	rack_must_have(&rack, "line 503771/1823311|22739503|24|6|-|-|-");
	rack_must_have(&rack, "line 503771/1823312|22739504|30|4|-|-|fixed");
	rack_must_have(&rack, "line 503772/1823320|22739505|9.99|50|-|-|-");
	rack_must_have(&rack, "line 503772/1823321|22739503|5|6|-|-|fixed");
	rack_must_have(&rack, "skip line 1823313: bills once");
	rack_must_have(&rack, "skip line 1823314: names no product");
	rack_must_have(&rack, "skip contract 503773: paused");
	rack_must_have(&rack, "skip contract 503774: its customer is disabled");
	rack_must_have(&rack, "skip contract 503775: names no customer");
	assert_int_equal(rack_count(&rack, "account "), 3);
	assert_int_equal(rack_count(&rack, "contract "), 2);
	end(&sim, c);
}

/* Nothing tells what changed, so only the catalogue is passed over. */
static void test_quick(void **state)
{
	struct simulator sim;
	struct psa_conn *c = begin(&sim, 5000);

	must_sync(c, (struct psa_sync){ .full = false, .since = clock_now() });
	assert_int_equal(rack_count(&rack, "product "), 0);
	assert_int_equal(rack_count(&rack, "account "), 3);
	rack_must_have(&rack, "line 503771/1823311|22739503|24|6|-|-|-");
	end(&sim, c);
}

static void test_resume(void **state)
{
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c = begin(&sim, 5000);
	char cursor[100];

	rack_clear(&rack);
	rack.stop_after = 1;
	assert_int_equal(rack_sync(&rack, "syncro", c, &how, &e), RC_BUSY);
	assert_int_equal(rack_count(&rack, "product "), 4);
	assert_int_equal(rack_count(&rack, "contract "), 0);
	assert_true(strlen(rack.cursor) < sizeof(cursor));
	memcpy(cursor, rack.cursor, strlen(rack.cursor) + 1);
	must_sync(c, (struct psa_sync){ .full = true, .cursor = cursor });
	assert_int_equal(rack_count(&rack, "product "), 0);
	assert_int_equal(rack_count(&rack, "contract "), 2);
	end(&sim, c);
}

/* Without "meta" the first empty page ends a list; with a server that ignores "page" the reading says so. */
static void test_pages(void **state)
{
	struct psa_sync how = { .full = true };
	struct err e = ERR_INIT;
	struct simulator sim;
	struct psa_conn *c = begin(&sim, 5000);

	simulator_edit(&sim, "{\"settings\":{\"no_meta\":true,\"per_page\":2}}");
	must_sync(c, how);
	assert_int_equal(rack_count(&rack, "account "), 3);
	assert_int_equal(rack_count(&rack, "product "), 4);
	assert_int_equal(rack_count(&rack, "contract "), 2);
	simulator_edit(&sim, "{\"settings\":{\"ignore_page\":true}}");
	rack_clear(&rack);
	assert_int_equal(rack_sync(&rack, "syncro", c, &how, &e), RC_REMOTE);
	assert_non_null(strstr(e.text, "same page"));
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
	assert_int_equal(rack_sync(&rack, "syncro", c, &how, &e), rc);
	if (!strstr(e.text, words))
		fail_msg("\"%s\" does not say \"%s\"", e.text, words);
	end(&sim, c);
}

static void test_changed_types(void **state)
{
	fails_with(
		"{\"kind\":\"lines\",\"id\":1823311,\"set\":{\"quantity\":{\"value\":24}}}", RC_REMOTE, "\"quantity\"");
	fails_with("{\"kind\":\"lines\",\"id\":1823311,\"set\":{\"quantity\":\"many\"}}", RC_REMOTE, "\"quantity\"");
	fails_with("{\"kind\":\"lines\",\"id\":1823311,\"set\":{\"retail_cents\":[6]}}", RC_REMOTE, "\"retail_cents\"");
	fails_with("{\"kind\":\"schedules\",\"id\":503771,\"set\":{\"lines\":{}}}", RC_REMOTE, "\"lines\"");
	fails_with("{\"kind\":\"schedules\",\"id\":503771,\"set\":{\"paused\":\"no\"}}", RC_REMOTE, "\"paused\"");
	fails_with("{\"kind\":\"schedules\",\"id\":503771,\"set\":{\"next_run\":\"soon\"}}", RC_REMOTE, "\"next_run\"");
	fails_with("{\"kind\":\"customers\",\"id\":35692253,\"set\":{\"id\":null}}", RC_REMOTE, "\"id\"");
	fails_with("{\"settings\":{\"deny\":[\"schedules.list\"]}}", RC_DENIED, "Recurring Invoices - List");
	fails_with("{\"settings\":{\"token\":\"another\"}}", RC_UNAUTHORIZED, "API token");
}

static void test_read_faults(void **state)
{
	struct simulator sim;
	struct psa_conn *c = begin(&sim, 700);

	simulator_fault(&sim,
		"[{\"do\":\"status\",\"status\":500,\"match\":{\"path\":\"/customers\"}},"
		"{\"do\":\"truncate\",\"match\":{\"path\":\"/products\"}},"
		"{\"do\":\"reset\",\"match\":{\"path\":\"/products\"}},"
		"{\"do\":\"status\",\"status\":429,\"retry_after\":1,\"match\":{\"path\":\"/schedules\"}},"
		"{\"do\":\"timeout_before\",\"match\":{\"path\":\"/schedules\"}}]");
	must_sync(c, (struct psa_sync){ .full = true });
	assert_int_equal(rack_count(&rack, "account "), 3);
	assert_int_equal(rack_count(&rack, "product "), 4);
	assert_int_equal(rack_count(&rack, "contract "), 2);
	end(&sim, c);
}

enum { NO_SETTLE = -1 };

struct row {
	const char *name, *edit, *fault;
	enum psa_outcome applied; /* what apply() says */
	int settled; /* what settle() says then, or NO_SETTLE */
	const char *quantity; /* of 1823311 in the end */
	int puts; /* truly made, as the ledger has them */
	const char *words; /* part of the sentence for the person */
};

#define PUT "\"match\":{\"method\":\"PUT\",\"path\":\"/line_items/1823311\"}"
#define LOOK "\"match\":{\"method\":\"GET\",\"path\":\"/schedules/503771\"}"

static const struct row rows[] = {
	{ "all is well", NULL, NULL, PSA_APPLIED, NO_SETTLE, "27.0", 1, NULL },
	{ "time-out after it was applied", NULL, "{\"do\":\"timeout_after_apply\"," PUT "}", PSA_APPLIED, NO_SETTLE,
		"27.0", 1, NULL },
	{ "time-out before", NULL, "{\"do\":\"timeout_before\"," PUT "}", PSA_UNKNOWN, PSA_NOT_APPLIED, "24.0", 0,
		NULL },
	{ "connection lost after", NULL, "{\"do\":\"reset_after_apply\"," PUT "}", PSA_APPLIED, NO_SETTLE, "27.0", 1,
		NULL },
	{ "connection lost before", NULL, "{\"do\":\"reset\"," PUT "}", PSA_UNKNOWN, PSA_NOT_APPLIED, "24.0", 0, NULL },
	{ "applied, lost, and then nobody answers", NULL,
		"[{\"do\":\"reset_after_apply\"," PUT "},{\"do\":\"status\",\"status\":503,\"skip\":1,\"times\":4," LOOK
		"}]",
		PSA_UNKNOWN, PSA_APPLIED, "27.0", 1, NULL },
	{ "429 with Retry-After", NULL, "{\"do\":\"status\",\"status\":429,\"retry_after\":17," PUT "}",
		PSA_NOT_APPLIED, NO_SETTLE, "24.0", 0, "180 calls a minute" },
	{ "503 before", NULL, "{\"do\":\"status\",\"status\":503," PUT "}", PSA_UNKNOWN, PSA_NOT_APPLIED, "24.0", 0,
		"503" },
	{ "500 after it was applied", NULL, "{\"do\":\"status_after_apply\",\"status\":500," PUT "}", PSA_APPLIED,
		NO_SETTLE, "27.0", 1, NULL },
	{ "half of the JSON", NULL, "{\"do\":\"truncate\"," PUT "}", PSA_APPLIED, NO_SETTLE, "27.0", 1, NULL },
	{ "answers 200 and does nothing", NULL, "{\"do\":\"ignore_patch\"," PUT "}", PSA_REFUSED, NO_SETTLE, "24.0", 0,
		"still 24" },
	{ "a proxy's page", NULL,
		"{\"do\":\"status\",\"status\":502,\"type\":\"text/html\",\"body\":\"<html>Bad</html>\"," PUT "}",
		PSA_UNKNOWN, PSA_NOT_APPLIED, "24.0", 0, "502" },
	{ "refused", NULL,
		"{\"do\":\"status\",\"status\":422,\"body\":\"{\\\"errors\\\":{\\\"quantity\\\":[\\\"is "
		"wrong\\\"]}}\"," PUT "}",
		PSA_REFUSED, NO_SETTLE, "24.0", 0, "is wrong" },
	{ "no permission to edit", "{\"settings\":{\"deny\":[\"schedules.edit\"]}}", NULL, PSA_REFUSED, NO_SETTLE,
		"24.0", 0, "Recurring Invoices - Edit" },
	{ "value changed since review", "{\"kind\":\"lines\",\"id\":1823311,\"set\":{\"quantity\":\"25.0\"}}", NULL,
		PSA_CONFLICT, NO_SETTLE, "25.0", 0, "25 now; it was 24" },
	{ "line gone", "{\"kind\":\"lines\",\"id\":1823311,\"set\":{\"schedule_id\":503772}}", NULL, PSA_CONFLICT,
		NO_SETTLE, "24.0", 0, "gone" },
	{ "schedule gone", "{\"kind\":\"schedules\",\"id\":503771,\"delete\":true}", NULL, PSA_CONFLICT, NO_SETTLE,
		"24.0", 0, "gone" },
	{ "paused since", "{\"kind\":\"schedules\",\"id\":503771,\"set\":{\"paused\":true}}", NULL, PSA_CONFLICT,
		NO_SETTLE, "24.0", 0, "paused" },
	{ "invoiced since", "{\"kind\":\"schedules\",\"id\":503771,\"set\":{\"next_run\":\"2031-01-01\"}}", NULL,
		PSA_CONFLICT, NO_SETTLE, "24.0", 0, "2030-12-31" },
	{ "the invoice is being made", "{\"kind\":\"schedules\",\"id\":503771,\"set\":{\"next_run\":\"@today\"}}", NULL,
		PSA_REFUSED, NO_SETTLE, "24.0", 0, "makes the invoice" },
	{ "a counter now", "{\"kind\":\"lines\",\"id\":1823311,\"set\":{\"recurring_type_id\":3}}", NULL, PSA_REFUSED,
		NO_SETTLE, "24.0", 0, "counts it itself" },
	{ "nobody answers when we look", NULL, "{\"do\":\"status\",\"status\":503,\"times\":4," LOOK "}",
		PSA_NOT_APPLIED, NO_SETTLE, "24.0", 0, "503" },
	{ "one look fails", NULL, "{\"do\":\"status\",\"status\":503," LOOK "}", PSA_APPLIED, NO_SETTLE, "27.0", 1,
		NULL },
	{ "what is left out falls back", "{\"settings\":{\"forget_taxable\":true}}", NULL, PSA_APPLIED, NO_SETTLE,
		"27.0", 1, NULL },
	{ "more than the quantity changed", "{\"settings\":{\"twist\":{\"taxable\":true}}}", NULL, PSA_REFUSED,
		NO_SETTLE, "24.0", 2, "The quantity is 24 again" },
};

static const char *line_member(struct simulator *s, const char *id, const char *member)
{
	return json_scalar(json_get(simulator_record(s, "lines", id), member));
}

static struct psa_change change_of(struct simulator *s, enum psa_change_kind kind)
{
	struct psa_change c = simulator_change(s, kind);

	c.contract_remote_id = "503771";
	c.line_remote_id = "1823311";
	c.product_remote_id = "22739503";
	return c;
}

static void expect(const char *name, const char *step, const struct psa_result *r, int outcome, const char *words)
{
	if ((int)r->outcome != outcome)
		fail_msg("%s, %s: outcome %d instead of %d (%s)", name, step, r->outcome, outcome, r->err.text);
	if (words && !strstr(r->err.text, words))
		fail_msg("%s: \"%s\" does not say \"%s\"", name, r->err.text, words);
}

static void run_row(const struct row *row)
{
	const struct psa_ops *ops = psa_find("syncro");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *c = begin(&s, 1000);
	struct psa_change ch = change_of(&s, PSA_SET_QUANTITY);
	struct psa_result r;

	simulator_edit(&s, row->edit);
	simulator_fault(&s, row->fault);
	ops->apply(c, &a, &ch, &r);
	expect(row->name, "apply", &r, (int)row->applied, row->words);
	if (row->settled != NO_SETTLE) {
		ch.journal_text = s.note;
		ops->settle(c, &a, &ch, &r);
		expect(row->name, "settle", &r, row->settled, NULL);
	}
	assert_string_equal(line_member(&s, "1823311", "quantity"), row->quantity);
	if (simulator_changes(&s, "PUT") != row->puts)
		fail_msg("%s: %d PUT", row->name, simulator_changes(&s, "PUT"));
	assert_int_equal(simulator_changes(&s, "DELETE"), 0);
	if (r.outcome == PSA_APPLIED) {
		assert_string_equal(line_member(&s, "1823311", "retail_cents"), "600");
		assert_false(json_true(json_get(simulator_record(&s, "lines", "1823311"), "taxable")));
		assert_non_null(strstr(r.read_back, "27.0"));
	}
	end(&s, c);
}

static void test_write_rows(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		run_row(&rows[i]);
}

/* The same fault for ever: never written twice, never taken for written. */
static void test_for_ever(void **state)
{
	const struct psa_ops *ops = psa_find("syncro");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *c = begin(&s, 400);
	struct psa_change ch = change_of(&s, PSA_SET_QUANTITY);
	struct psa_result r;

	simulator_fault(&s,
		"[{\"do\":\"reset_after_apply\",\"times\":99," PUT "},"
		"{\"do\":\"status\",\"status\":503,\"skip\":1,\"times\":8," LOOK "}]");
	ops->apply(c, &a, &ch, &r);
	expect("for ever", "apply", &r, PSA_UNKNOWN, NULL);
	ch.journal_text = arena_strdup(&a, s.note);
	ops->settle(c, &a, &ch, &r);
	expect("for ever", "settle", &r, PSA_UNKNOWN, NULL);
	ops->settle(c, &a, &ch, &r);
	expect("for ever", "settle again", &r, PSA_APPLIED, NULL);
	ops->apply(c, &a, &ch, &r);
	expect("for ever", "apply again", &r, PSA_APPLIED, NULL);
	assert_int_equal(simulator_changes(&s, "PUT"), 1);
	end(&s, c);
}

/* The note cannot be kept: nothing goes out. */
static void test_journal_lost(void **state)
{
	const struct psa_ops *ops = psa_find("syncro");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *c = begin(&s, 1000);
	struct psa_change ch = change_of(&s, PSA_SET_QUANTITY);
	struct psa_result r;

	s.fail_note = 1;
	ops->apply(c, &a, &ch, &r);
	expect("journal", "apply", &r, PSA_NOT_APPLIED, "Another server");
	assert_int_equal(simulator_changes(&s, "PUT"), 0);
	end(&s, c);
}

static struct psa_change add_change(struct simulator *s)
{
	struct psa_change c = change_of(s, PSA_ADD_LINE);

	c.line_remote_id = NULL;
	c.product_remote_id = "22739505";
	c.expect = 0;
	c.want = 5 * QTY_ONE / 2;
	c.has_price = true;
	c.unit_price = 49 * QTY_ONE + QTY_ONE / 2;
	c.description = "Backup, \"per TB\"";
	return c;
}

/* Added though the answer was lost; price in cents, cost and tax of the product; taken back by no units. */
static void test_add_and_undo(void **state)
{
	const struct psa_ops *ops = psa_find("syncro");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *c = begin(&s, 1000);
	struct psa_change ch = add_change(&s);
	struct psa_result r;
	const char *id;

	simulator_fault(&s, "{\"do\":\"timeout_after_apply\",\"match\":{\"path\":\"add_line_item\"}}");
	ops->apply(c, &a, &ch, &r);
	expect("add", "apply", &r, PSA_APPLIED, NULL);
	id = r.line_remote_id;
	assert_string_equal(line_member(&s, id, "quantity"), "2.5");
	assert_string_equal(line_member(&s, id, "retail_cents"), "4950");
	assert_string_equal(line_member(&s, id, "cost_cents"), "3000");
	assert_false(json_true(json_get(simulator_record(&s, "lines", id), "taxable")));
	ch.journal_text = arena_strdup(&a, s.note);
	ops->apply(c, &a, &ch, &r);
	expect("add", "once more", &r, PSA_APPLIED, NULL);
	assert_int_equal(simulator_changes(&s, "POST"), 1);
	ch.kind = PSA_REMOVE_ADDED;
	ch.line_remote_id = id;
	ch.expect = ch.want;
	ch.want = 0;
	ops->apply(c, &a, &ch, &r);
	expect("add", "undo", &r, PSA_APPLIED, NULL);
	assert_string_equal(line_member(&s, id, "quantity"), "0.0");
	assert_int_equal(simulator_changes(&s, "DELETE"), 0);
	end(&s, c);
}

static void test_add_lost(void **state)
{
	const struct psa_ops *ops = psa_find("syncro");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *c = begin(&s, 1000);
	struct psa_change ch = add_change(&s);
	struct psa_result r;

	simulator_fault(&s, "{\"do\":\"timeout_before\",\"match\":{\"path\":\"add_line_item\"}}");
	ops->apply(c, &a, &ch, &r);
	expect("lost", "apply", &r, PSA_UNKNOWN, NULL);
	ch.journal_text = arena_strdup(&a, s.note);
	ops->settle(c, &a, &ch, &r);
	expect("lost", "settle at once", &r, PSA_UNKNOWN, "may still arrive");
	shift = 3600 * CLOCK_SECOND;
	ops->settle(c, &a, &ch, &r);
	expect("lost", "settle later", &r, PSA_NOT_APPLIED, NULL);
	ops->apply(c, &a, &ch, &r);
	expect("lost", "apply again", &r, PSA_APPLIED, NULL);
	shift = 0;
	assert_int_equal(simulator_changes(&s, "POST"), 1);
	end(&s, c);
}

/* Somebody added the product in Syncro between review and writing. */
static void test_add_conflict(void **state)
{
	const struct psa_ops *ops = psa_find("syncro");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *c = begin(&s, 1000);
	struct psa_change ch = add_change(&s);
	struct psa_result r;

	ch.product_remote_id = "22739503";
	ops->apply(c, &a, &ch, &r);
	expect("add", "apply", &r, PSA_CONFLICT, "has a line item of this product now (1823311)");
	assert_int_equal(simulator_changes(&s, "POST"), 0);
	end(&s, c);
}

struct doctor {
	struct arena arena;
	const char *text;
};

static void note_check(void *arg, const char *name, bool ok, const char *detail)
{
	struct doctor *d = arg;

	d->text = arena_printf(&d->arena, "%s%s %s: %s\n", d->text ? d->text : "", ok ? "ok" : "NO", name, detail);
}

static void test_doctor(void **state)
{
	struct doctor d = { .text = "" };
	struct err e = ERR_INIT;
	struct simulator s;
	struct psa_conn *c = begin(&s, 1000);

	simulator_edit(&s, "{\"settings\":{\"deny\":[\"products.list\",\"schedules.edit\"]}}");
	assert_int_equal(psa_find("syncro")->test(c, note_check, &d, &e), RC_OK);
	assert_non_null(strstr(d.text, "ok Site and API token"));
	assert_non_null(strstr(d.text, "NO Products - List/Search: "));
	assert_non_null(strstr(d.text, "NO Recurring Invoices - Edit: "));
	assert_non_null(strstr(d.text, "ok Tickets - Create"));
	assert_non_null(strstr(d.text, "2 of the first"));
	assert_int_equal(simulator_changes(&s, "PUT") + simulator_changes(&s, "POST"), 0);
	arena_release(&d.arena);
	end(&s, c);
}

static void test_ticket(void **state)
{
	const struct psa_ops *ops = psa_find("syncro");
	struct psa_ticket t = {
		.reference = "alert:1", .title = "No counts for \"3 days\"", .description = "Look.", .priority = 3
	};
	AUTO(arena) a = ARENA_INIT;
	struct err e = ERR_INIT;
	const char *first, *second;
	struct simulator s;
	struct psa_conn *c = begin(&s, 1000);

	simulator_fault(&s, "{\"do\":\"reset_after_apply\",\"match\":{\"method\":\"POST\",\"path\":\"/tickets\"}}");
	assert_int_equal(ops->ticket(c, &a, &t, &first, &e), RC_OK);
	assert_int_equal(ops->ticket(c, &a, &t, &second, &e), RC_OK);
	assert_string_equal(first, second);
	assert_int_equal(simulator_changes(&s, "POST"), 1);
	assert_string_equal(json_scalar(json_get(simulator_record(&s, "tickets", first), "customer_id")), "35692255");
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
		cmocka_unit_test(test_quick),
		cmocka_unit_test(test_resume),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_changed_types),
		cmocka_unit_test(test_read_faults),
		cmocka_unit_test(test_write_rows),
		cmocka_unit_test(test_for_ever),
		cmocka_unit_test(test_journal_lost),
		cmocka_unit_test(test_add_and_undo),
		cmocka_unit_test(test_add_lost),
		cmocka_unit_test(test_add_conflict),
		cmocka_unit_test(test_doctor),
		cmocka_unit_test(test_ticket),
	};

	return cmocka_run_group_tests(tests, set_clock, let_go);
}
