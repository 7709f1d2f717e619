/* What of the ConnectWise connector talks to nobody: settings, plans, bodies, parsing, the journal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "psa/connectwise/cw.h"
#include "psa/connectwise/journal.h"

static const struct psa_ops *ops;

static struct json *parse(struct arena *a, const char *text)
{
	static const struct json_limits limits = JSON_LIMITS_DEFAULT;
	struct json *v;
	struct err e = ERR_INIT;

	if (json_parse(a, text, strlen(text), &limits, &v, &e) != RC_OK)
		fail_msg("%s", e.text);
	return v;
}

static enum rc open_with(
	struct arena *a, const char *settings, bool allow_private, struct psa_conn **ret, struct err *e)
{
	struct psa_host host = { .allow_private = allow_private, .today = day_from_ymd(2026, 9, 15) };

	return ops->open(&host, parse(a, settings), ret, e);
}

#define KEYS "\"company_id\":\"acme\",\"public_key\":\"pub\",\"private_key\":\"prv\",\"client_id\":\"guid\""

static void refuse(const char *settings, const char *pointer)
{
	AUTO(arena) a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct psa_conn *c = NULL;

	assert_int_equal(open_with(&a, settings, false, &c, &e), RC_INVALID);
	assert_string_equal(e.pointer, pointer);
	assert_null(c);
}

static void test_settings(void **state)
{
	AUTO(arena) a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct psa_conn *c;

	refuse("{}", "/settings/site");
	refuse("{\"site\":\"na.myconnectwise.net\",\"company_id\":\"acme\"}", "/settings/public_key");
	refuse("{\"site\":\"http://na.myconnectwise.net\"," KEYS "}", "/settings/site");
	refuse("{\"site\":\"127.0.0.1\"," KEYS "}", "/settings/site");
	refuse("{\"site\":\"na.myconnectwise.net\",\"wrong\":\"1\"," KEYS "}", "/settings/wrong");
	refuse("{\"site\":\"na.myconnectwise.net\",\"requests_per_minute\":\"fast\"," KEYS "}",
		"/settings/requests_per_minute");
	refuse("{\"site\":\"na.myconnectwise.net\",\"company_id\":\"a\",\"public_key\":\"p\",\"private_key\":"
	       "\"x\\r\\nHost: "
	       "y\",\"client_id\":\"g\"}",
		"/settings/private_key");
	assert_int_equal(open_with(&a, "{\"site\":\"na.myconnectwise.net\"," KEYS "}", false, &c, &e), RC_OK);
	assert_string_equal(c->login_url, "https://na.myconnectwise.net");
	assert_string_equal(c->api_url, "https://api-na.myconnectwise.net");
	/* base64 of acme+pub:prv */
	assert_string_equal(c->headers[0], "Authorization: Basic YWNtZStwdWI6cHJ2");
	assert_string_equal(c->headers[1], "clientId: guid");
	ops->close(c);
	assert_int_equal(open_with(&a, "{\"site\":\"https://psa.example.com/v4_6\"," KEYS "}", false, &c, &e), RC_OK);
	assert_string_equal(c->api_url, "https://psa.example.com");
	ops->close(c);
	assert_int_equal(open_with(&a, "{\"site\":\"http://127.0.0.1:8099\"," KEYS "}", true, &c, &e), RC_OK);
	assert_string_equal(c->api_url, "http://127.0.0.1:8099");
	ops->close(c);
	assert_string_equal(cw_api_host(&a, "api-eu.myconnectwise.net"), "api-eu.myconnectwise.net");
	assert_string_equal(cw_api_host(&a, "staging.connectwisedev.com"), "api-staging.connectwisedev.com");
	assert_string_equal(cw_api_host(&a, "myconnectwise.net.example.com"), "myconnectwise.net.example.com");
}

static const struct psa_line line = { .remote_id = "4410",
	.contract_remote_id = "77",
	.product_remote_id = "905",
	.description = "Gold",
	.quantity = 24 * QTY_ONE,
	.has_price = true,
	.unit_price = 22 * QTY_ONE,
	.billable = true,
	.effective = 19000,
	.cancelled = DAY_NONE };

static struct psa_contract contract(bool prorates, day billed_through)
{
	return (struct psa_contract){ .remote_id = "77", .cycle = "Monthly", .prorates = prorates, .start = 18000,
		.end = DAY_NONE, .billed_through = billed_through };
}

static struct psa_change change(enum psa_change_kind kind, day effective)
{
	return (struct psa_change){ .kind = kind,
		.contract_remote_id = "77",
		.line_remote_id = "4410",
		.product_remote_id = "905",
		.expect = 24 * QTY_ONE,
		.want = 27 * QTY_ONE + QTY_ONE / 2,
		.effective = effective,
		.billed_through = DAY_NONE };
}

static void test_plan_quantity(void **state)
{
	AUTO(arena) a = ARENA_INIT;
	struct psa_change c = change(PSA_SET_QUANTITY, DAY_NONE);
	struct psa_contract k = contract(true, DAY_NONE);
	struct psa_line serial = line;
	struct err e = ERR_INIT;
	struct psa_plan p;

	assert_int_equal(ops->plan(&a, &c, &line, &k, &p, &e), RC_OK);
	assert_int_equal(p.calls, 1);
	assert_string_equal(p.call[0].method, "PATCH");
	assert_string_equal(p.call[0].path, "/finance/agreements/77/additions/4410");
	assert_string_equal(p.call[0].body, "[{\"op\":\"replace\",\"path\":\"quantity\",\"value\":27.5}]");
	assert_int_equal(p.warnings, 0);
	k.billed_through = day_today() + 10;
	assert_int_equal(ops->plan(&a, &c, &line, &k, &p, &e), RC_OK);
	assert_int_equal(p.warnings, 1);
	serial.serialized = true;
	assert_int_equal(ops->plan(&a, &c, &serial, &k, &p, &e), RC_INVALID);
}

static void test_plan_dates(void **state)
{
	AUTO(arena) a = ARENA_INIT;
	day from = day_from_ymd(2026, 10, 1);
	struct psa_change c = change(PSA_SET_FROM_DATE, from);
	struct psa_contract k = contract(true, day_from_ymd(2026, 9, 30));
	struct psa_line future = line, hidden = line;
	struct err e = ERR_INIT;
	struct psa_plan p;

	assert_int_equal(ops->plan(&a, &c, &line, &k, &p, &e), RC_OK);
	assert_int_equal(p.calls, 2);
	assert_string_equal(p.call[0].method, "POST");
	assert_non_null(strstr(p.call[0].body, "\"effectiveDate\":\"2026-10-01T00:00:00Z\""));
	assert_non_null(strstr(p.call[0].body, "\"quantity\":27.5"));
	assert_string_equal(p.call[1].body,
		"[{\"op\":\"replace\",\"path\":\"cancelledDate\",\"value\":\"2026-09-30T00:00:00Z\"}]");
	future.effective = from + 3;
	assert_int_equal(ops->plan(&a, &c, &future, &k, &p, &e), RC_OK);
	assert_int_equal(p.calls, 1);
	hidden.has_price = false;
	assert_int_equal(ops->plan(&a, &c, &hidden, &k, &p, &e), RC_INVALID);
	k = contract(false, day_from_ymd(2026, 9, 30));
	assert_int_equal(ops->plan(&a, &c, &line, &k, &p, &e), RC_OK);
	c.effective = day_from_ymd(2026, 11, 1);
	assert_int_equal(ops->plan(&a, &c, &line, &k, &p, &e), RC_OK);
	c.effective = day_from_ymd(2026, 10, 15);
	assert_int_equal(ops->plan(&a, &c, &line, &k, &p, &e), RC_INVALID);
	assert_string_equal(e.pointer, "/effective_date");
	assert_non_null(strstr(e.text, "2026-10-01"));
	k.end = day_from_ymd(2026, 9, 30);
	c.effective = from;
	assert_int_equal(ops->plan(&a, &c, &line, &k, &p, &e), RC_INVALID);
	c.want = 0;
	k.end = DAY_NONE;
	assert_int_equal(ops->plan(&a, &c, &line, &k, &p, &e), RC_OK);
	assert_int_equal(p.calls, 1);
	assert_string_equal(p.call[0].method, "PATCH");
}

static void test_plan_add_and_undo(void **state)
{
	AUTO(arena) a = ARENA_INIT;
	struct psa_change c = change(PSA_ADD_LINE, day_from_ymd(2026, 10, 1));
	struct psa_contract k = contract(true, DAY_NONE);
	struct cw_journal j = { .step = CW_STEP_END, .old = "4410", .fresh = "4500", .was = day_from_ymd(2026, 12, 31),
		.effective = day_from_ymd(2026, 10, 1), .at = 1, .known = (const char *const[]){ "4410", NULL } };
	struct err e = ERR_INIT;
	struct psa_plan p;

	c.has_price = true;
	c.unit_price = 22 * QTY_ONE;
	c.description = "Gold \"plus\"";
	assert_int_equal(ops->plan(&a, &c, NULL, &k, &p, &e), RC_OK);
	assert_string_equal(p.call[0].path, "/finance/agreements/77/additions");
	assert_string_equal(p.call[0].body,
		"{\"product\":{\"id\":905},\"quantity\":27.5,\"unitPrice\":22,\"billCustomer\":\"Billable\","
		"\"effectiveDate\":\"2026-10-01T00:00:00Z\",\"invoiceDescription\":\"Gold \\\"plus\\\"\"}");
	c = change(PSA_REMOVE_ADDED, DAY_NONE);
	c.line_remote_id = "4500";
	c.journal_text = cw_journal_text(&a, &j);
	assert_int_equal(ops->plan(&a, &c, &line, &k, &p, &e), RC_OK);
	assert_int_equal(p.calls, 2);
	assert_string_equal(p.call[0].path, "/finance/agreements/77/additions/4410");
	assert_non_null(strstr(p.call[0].body, "2026-12-31"));
	assert_string_equal(p.call[1].body,
		"[{\"op\":\"replace\",\"path\":\"quantity\",\"value\":0},{\"op\":\"replace\",\"path\":"
		"\"cancelledDate\","
		"\"value\":\"2026-10-01T00:00:00Z\"}]");
}

static void test_journal(void **state)
{
	AUTO(arena) a = ARENA_INIT;
	struct cw_journal j = { .step = CW_STEP_BEGIN,
		.old = "1",
		.was = DAY_NONE,
		.effective = day_from_ymd(2026, 10, 1),
		.at = (utime)1788000000 * CLOCK_SECOND + 5,
		.known = (const char *const[]){ "1", "2", NULL } };
	struct cw_journal back;
	struct err e = ERR_INIT;

	assert_int_equal(cw_journal_read(&a, cw_journal_text(&a, &j), &back, &e), RC_OK);
	assert_int_equal(back.step, CW_STEP_BEGIN);
	assert_string_equal(back.old, "1");
	assert_null(back.fresh);
	assert_int_equal(back.was, DAY_NONE);
	assert_int_equal(back.effective, j.effective);
	assert_true(back.at == j.at);
	assert_true(cw_journal_knows(&back, "2"));
	assert_false(cw_journal_knows(&back, "3"));
	assert_int_equal(cw_journal_read(&a, NULL, &back, &e), RC_OK);
	assert_int_equal(back.step, CW_STEP_NONE);
	assert_int_equal(cw_journal_read(&a, "{\"step\":\"dance\"}", &back, &e), RC_INVALID);
	assert_int_equal(cw_journal_read(&a, "half", &back, &e), RC_INVALID);
}

static void test_parse_line(void **state)
{
	AUTO(arena) a = ARENA_INIT;
	struct psa_line l;

	assert_null(cw_line(
		parse(&a,
			"{\"id\":4410,\"product\":{\"id\":905,\"identifier\":\"M365\"},\"quantity\":24.00,"
			"\"lessIncluded\":"
			"2.0,\"unitPrice\":null,\"unitCost\":15.4,\"billCustomer\":\"NoCharge\",\"effectiveDate\":"
			"\"2024-01-"
			"01T00:00:00Z\",\"cancelledDate\":\"2026-09-30T00:00:00Z\",\"_info\":{\"lastUpdated\":\"x\"}}"),
		"77", &l));
	assert_string_equal(l.remote_id, "4410");
	assert_true(l.quantity == 24 * QTY_ONE && l.included == 2 * QTY_ONE);
	assert_false(l.has_price);
	assert_true(l.has_cost);
	assert_false(l.billable);
	assert_int_equal(l.cancelled, day_from_ymd(2026, 9, 30));
	assert_string_equal(cw_line(parse(&a, "{\"id\":1,\"product\":{\"id\":2}}"), "77", &l), "has no quantity");
	assert_string_equal(cw_line(parse(&a, "{\"id\":1,\"quantity\":0}"), "77", &l), "names no product");
	assert_null(cw_line(parse(&a, "{\"id\":1,\"quantity\":0,\"product\":{\"id\":2}}"), "77", &l));
	assert_int_equal(l.effective, DAY_NONE);
}

static void test_body_begin(void **state)
{
	AUTO(arena) a = ARENA_INIT;
	const struct json *old = parse(&a,
		"{\"id\":4410,\"product\":{\"id\":905,\"identifier\":\"M\",\"_info\":{}},\"quantity\":24,\"unitPrice\":"
		"22.00,"
		"\"billCustomer\":\"Billable\",\"effectiveDate\":\"2024-01-01T00:00:00Z\",\"cancelledDate\":\"2026-12-"
		"31T00:00:00Z\",\"extPrice\":528,\"invoiceGrouping\":{\"id\":3,\"name\":\"x\"},\"customFields\":[{"
		"\"id\":1,"
		"\"value\":\"v\"}],\"serialNumber\":null}");

	assert_string_equal(cw_body_begin(&a, old, 27 * QTY_ONE, day_from_ymd(2026, 10, 1)),
		"{\"product\":{\"id\":905},\"quantity\":27,\"effectiveDate\":\"2026-10-01T00:00:00Z\",\"billCustomer\":"
		"\"Billable\",\"unitPrice\":22.00,\"cancelledDate\":\"2026-12-31T00:00:00Z\",\"customFields\":[{\"id\":"
		"1,"
		"\"value\":\"v\"}],\"invoiceGrouping\":{\"id\":3}}");
}

static void test_rights(void **state)
{
	assert_string_equal(cw_right("GET", "/finance/agreements/77"), "Finance > Agreements: Inquire All");
	assert_non_null(strstr(cw_right("PATCH", "/finance/agreements/77/additions/1"), "Edit All"));
	assert_non_null(strstr(cw_right("POST", "/finance/agreements/77/additions"), "Add All"));
	assert_non_null(strstr(cw_right("GET", "/company/companies/types?x=1"), "Company Type"));
}

static int find_ops(void **state)
{
	ops = psa_find("connectwise");
	return ops && !psa_find("nothing") && !psa_at(100) ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_plan_quantity),
		cmocka_unit_test(test_plan_dates),
		cmocka_unit_test(test_plan_add_and_undo),
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_parse_line),
		cmocka_unit_test(test_body_begin),
		cmocka_unit_test(test_rights),
	};

	return cmocka_run_group_tests(tests, find_ops, NULL);
}
