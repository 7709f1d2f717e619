/* The fault table of HaloPSA: what a person asked for, what goes wrong on the way, what we then say, and what the
 * recurring invoice truly holds - of the line and of every other line - each compared with the simulator's ledger. */
#include "shelf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
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

enum { NO_SETTLE = -1 };

static struct psa_conn *connect_how(struct simulator *s, int timeout_ms, const char *update)
{
	return simulator_open(s, "halopsa",
		arena_printf(&s->arena,
			"{\"site\":\"%s\",\"client_id\":\"7f7f1c1e-halo\",\"client_secret\":\"s3cret&Small=\","
			"\"requests_per_minute\":\"6000\",\"line_update\":\"%s\"}",
			s->url, update),
		timeout_ms);
}

static struct psa_conn *connect(struct simulator *s, int timeout_ms)
{
	return connect_how(s, timeout_ms, "whole");
}

static struct psa_change change_of(struct simulator *s, enum psa_change_kind kind)
{
	struct psa_change c = simulator_change(s, kind);

	c.contract_remote_id = "-77";
	if (kind == PSA_SET_FROM_DATE)
		c.effective = day_today();
	if (kind == PSA_ADD_LINE) {
		c.line_remote_id = NULL;
		c.product_remote_id = "903";
		c.expect = 0;
		c.want = 5 * QTY_ONE / 2;
		c.has_price = true;
		c.unit_price = 49 * QTY_ONE;
	}
	return c;
}

static const struct json *line_of(struct simulator *s, const char *key, const char *value)
{
	const struct json *lines = json_get(simulator_record(s, "invoices", "-77"), "lines");

	for (const struct json *v = lines->child; v; v = v->next) {
		const char *text = json_scalar(json_get(v, key));

		if (text && strcmp(text, value) == 0)
			return v;
	}
	return NULL;
}

/* Own units and those of the rows that wait. */
static qty whole_of(const struct json *line)
{
	const struct json *rows = json_get(line, "prorata_data");
	qty sum, more;

	assert_int_equal(json_qty(json_get(line, "qty_order"), &sum), RC_OK);
	for (const struct json *v = rows ? rows->child : NULL; v; v = v->next) {
		assert_int_equal(json_qty(json_get(v, "quantity"), &more), RC_OK);
		sum += json_true(json_get(v, "isinvoiced")) ? 0 : more;
	}
	return sum;
}

static const char *text_of(struct arena *a, const struct json *v)
{
	AUTO(buf) b = BUF_INIT(1 << 20);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_value(&w, v);
	return arena_strdup(a, buf_text(&b));
}

/* All lines but 4410, as they truly are, to the letter. */
static const char *other_lines(struct simulator *s)
{
	const struct json *lines = json_get(simulator_record(s, "invoices", "-77"), "lines");
	const char *text = "";

	for (const struct json *v = lines->child; v; v = v->next) {
		if (strcmp(json_scalar(json_get(v, "id")), "4410") != 0)
			text = arena_printf(&s->arena, "%s%s\n", text, text_of(&s->arena, v));
	}
	return text;
}

static void expect_outcome(const char *name, const char *step, const struct psa_result *r, int outcome)
{
	if ((int)r->outcome != outcome)
		fail_msg("%s, %s: outcome %d instead of %d (%s)", name, step, r->outcome, outcome, r->err.text);
}

struct row {
	const char *name;
	enum psa_change_kind kind;
	const char *edit, *fault;
	int fail_note;			/* the server dies at this note, 0 = never */
	enum psa_outcome applied;	/* what apply() says */
	int settled;			/* what settle() says, or NO_SETTLE */
	bool late;			/* settle() comes after the grace of a call without answer */
	int units;			/* of 4410 with its rows, when all is over */
	int posts;			/* truly made */
	const char *words;		/* part of the sentence for the person */
};

#define SET PSA_SET_QUANTITY
#define DAY PSA_SET_FROM_DATE
#define POSTED "\"match\":{\"method\":\"POST\",\"path\":\"/api/RecurringInvoice\"}"
#define LOOK "\"match\":{\"method\":\"GET\",\"path\":\"/RecurringInvoice/-77\"}"

static const struct row rows[] = {
	{ "all is well", SET, NULL, NULL, 0, PSA_APPLIED, NO_SETTLE, false, 27, 1, NULL },
	{ "answers with a list", SET, "{\"settings\":{\"answer\":\"array\",\"created\":201}}", NULL, 0, PSA_APPLIED,
		NO_SETTLE, false, 27, 1, NULL },
	{ "time-out after it was applied", SET, NULL, "{\"do\":\"timeout_after_apply\"," POSTED "}", 0, PSA_APPLIED,
		NO_SETTLE, false, 27, 1, NULL },
	{ "time-out before", SET, NULL, "{\"do\":\"timeout_before\"," POSTED "}", 0, PSA_UNKNOWN, PSA_NOT_APPLIED, true,
		24, 0, "in time" },
	{ "time-out before, looked for too soon", SET, NULL, "{\"do\":\"timeout_before\"," POSTED "}", 0, PSA_UNKNOWN,
		PSA_UNKNOWN, false, 24, 0, NULL },
	{ "connection lost after it was applied", SET, NULL, "{\"do\":\"reset_after_apply\"," POSTED "}", 0,
		PSA_APPLIED, NO_SETTLE, false, 27, 1, NULL },
	{ "connection lost before", SET, NULL, "{\"do\":\"reset\"," POSTED "}", 0, PSA_UNKNOWN, PSA_NOT_APPLIED, true,
		24, 0, NULL },
	{ "applied, lost, and then nobody answers", SET, NULL,
		"[{\"do\":\"reset_after_apply\"," POSTED
		"},{\"do\":\"status\",\"status\":503,\"skip\":1,\"times\":4," LOOK "}]",
		0, PSA_UNKNOWN, PSA_APPLIED, false, 27, 1, NULL },
	{ "429 with Retry-After", SET, NULL, "{\"do\":\"status\",\"status\":429,\"retry_after\":17," POSTED "}", 0,
		PSA_NOT_APPLIED, NO_SETTLE, false, 24, 0, "slow down" },
	{ "503 before it was applied", SET, NULL, "{\"do\":\"status\",\"status\":503," POSTED "}", 0, PSA_UNKNOWN,
		PSA_NOT_APPLIED, true, 24, 0, "503" },
	{ "500 after it was applied", SET, NULL, "{\"do\":\"status_after_apply\",\"status\":500," POSTED "}", 0,
		PSA_APPLIED, NO_SETTLE, false, 27, 1, NULL },
	{ "half of the JSON", SET, NULL, "{\"do\":\"truncate\"," POSTED "}", 0, PSA_APPLIED, NO_SETTLE, false, 27, 1,
		NULL },
	{ "answers 200 and does nothing", SET, NULL, "{\"do\":\"ignore_patch\"," POSTED "}", 0, PSA_REFUSED, NO_SETTLE,
		false, 24, 0, "nothing changed" },
	{ "answers 200 with a warning", SET, "{\"settings\":{\"soft_refusal\":\"Locked by the billing run\"}}", NULL, 0,
		PSA_REFUSED, NO_SETTLE, false, 24, 0, "Locked by the billing run" },
	{ "a proxy's page instead of an answer", SET, NULL,
		"{\"do\":\"status\",\"status\":502,\"type\":\"text/html\",\"body\":\"<html>Bad gateway</html>\"," POSTED
		"}",
		0, PSA_UNKNOWN, PSA_NOT_APPLIED, true, 24, 0, "502" },
	{ "refused", SET, NULL,
		"{\"do\":\"status\",\"status\":400,\"body\":\"{\\\"resultCode\\\":\\\"X\\\",\\\"errorMessage\\\":"
		"\\\"Period is "
		"closed\\\"}\"," POSTED "}",
		0, PSA_REFUSED, NO_SETTLE, false, 24, 0, "Period is closed" },
	{ "somebody saved it in between", SET, NULL,
		"{\"do\":\"status\",\"status\":400,\"body\":\"{\\\"Message\\\":\\\"The change_seq is out of "
		"date\\\"}\"," POSTED "}",
		0, PSA_NOT_APPLIED, NO_SETTLE, false, 24, 0, "change_seq" },
	{ "token ran out", SET, "{\"settings\":{\"token\":\"tok-2\"}}", NULL, 0, PSA_APPLIED, NO_SETTLE, false, 27, 1,
		NULL },
	{ "no right to change", SET, "{\"settings\":{\"deny\":[\"RecurringInvoice.edit\"]}}", NULL, 0, PSA_REFUSED,
		NO_SETTLE, false, 24, 0, "role" },
	{ "no change_seq on this server", SET, "{\"kind\":\"invoices\",\"id\":-77,\"set\":{\"change_seq\":null}}", NULL,
		0, PSA_APPLIED, NO_SETTLE, false, 27, 1, NULL },
	{ "disabled since review", SET, "{\"kind\":\"invoices\",\"id\":-77,\"set\":{\"disabled\":true}}", NULL, 0,
		PSA_CONFLICT, NO_SETTLE, false, 24, 0, "disabled" },
	{ "ended since review", SET, "{\"kind\":\"invoices\",\"id\":-77,\"set\":{\"enddate\":\"2024-02-01T00:00:00\"}}",
		NULL, 0, PSA_CONFLICT, NO_SETTLE, false, 24, 0, "ended on 2024-02-01" },
	{ "invoiced since review", SET,
		"{\"kind\":\"invoices\",\"id\":-77,\"set\":{\"nextcreationdate\":\"2031-01-01T00:00:00\"}}", NULL, 0,
		PSA_CONFLICT, NO_SETTLE, false, 24, 0, "2030-12-31" },
	{ "nobody answers when we look", SET, NULL, "{\"do\":\"status\",\"status\":503,\"times\":4," LOOK "}", 0,
		PSA_NOT_APPLIED, NO_SETTLE, false, 24, 0, "503" },
	{ "one look fails, the next one goes", SET, NULL, "{\"do\":\"status\",\"status\":503," LOOK "}", 0, PSA_APPLIED,
		NO_SETTLE, false, 27, 1, NULL },
	{ "the server dies before the call", SET, NULL, NULL, 1, PSA_NOT_APPLIED, NO_SETTLE, false, 24, 0, NULL },
	{ "from a day: all is well", DAY, NULL, NULL, 0, PSA_APPLIED, NO_SETTLE, false, 27, 1, NULL },
	{ "from a day: time-out after it was applied", DAY, NULL, "{\"do\":\"timeout_after_apply\"," POSTED "}", 0,
		PSA_APPLIED, NO_SETTLE, false, 27, 1, NULL },
	{ "from a day: lost on the way", DAY, NULL, "{\"do\":\"reset\"," POSTED "}", 0, PSA_UNKNOWN, PSA_NOT_APPLIED,
		true, 24, 0, NULL },
	{ "from a day: 200 and nothing", DAY, NULL, "{\"do\":\"ignore_patch\"," POSTED "}", 0, PSA_UNKNOWN, PSA_REFUSED,
		true, 24, 0, "may still arrive" },
	{ "from a day: half of the JSON", DAY, NULL, "{\"do\":\"truncate\"," POSTED "}", 0, PSA_APPLIED, NO_SETTLE,
		false, 27, 1, NULL },
	{ "from a day: the server dies before the call", DAY, NULL, NULL, 1, PSA_NOT_APPLIED, NO_SETTLE, false, 24, 0,
		NULL },
	{ "from a day: the server dies after the call", DAY, NULL, NULL, 2, PSA_UNKNOWN, PSA_APPLIED, false, 27, 1,
		NULL },
	{ "from a day: ends before it", DAY,
		"{\"kind\":\"invoices\",\"id\":-77,\"set\":{\"startdate\":\"2031-01-01T00:00:00\"}}", NULL, 0,
		PSA_CONFLICT, NO_SETTLE, false, 24, 0, "begins later" },
};

/* A call of another user, who changes the line's own quantity. */
static void change_outside(struct simulator *s, const char *line, const char *quantity)
{
	static const char *const headers[] = { "Content-Type: application/json", "Authorization: Bearer tok-1", NULL };
	const char *body = arena_printf(&s->arena, "[{\"id\":%s,\"ihid\":-77,\"qty_order\":%s}]", line, quantity);
	struct httpc_request request = { .method = "POST", .headers = headers, .body = body, .body_len = strlen(body),
		.url = arena_printf(&s->arena, "%s/api/RecurringInvoice/updatelines", s->url) };
	struct httpc_answer answer;

	httpc_do(s->http, &s->arena, &request, &answer);
	assert_int_equal(answer.status, 200);
}

static void run_row(const struct row *row, const char *update)
{
	const struct psa_ops *ops = psa_find("halopsa");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_change c;
	struct psa_conn *conn;
	struct psa_result r;
	const char *others;

	simulator_start_system(&s, "halopsa", "halopsa.json");
	conn = connect_how(&s, 1500, update);
	others = other_lines(&s);
	c = change_of(&s, row->kind);
	/* A first look, so that there is a token before it runs out. */
	assert_int_equal(
		ops->read_line(conn, &a, "-77", "4410", &(struct psa_line){ 0 }, &(struct err)ERR_INIT), RC_OK);
	s.fail_note = row->fail_note;
	simulator_edit(&s, row->edit);
	simulator_fault(&s, row->fault);
	ops->apply(conn, &a, &c, &r);
	expect_outcome(row->name, "apply", &r, (int)row->applied);
	if (row->words && !strstr(r.err.text, row->words))
		fail_msg("%s: \"%s\" does not say \"%s\"", row->name, r.err.text, row->words);
	if (strstr(row->name, "Retry-After"))
		assert_int_equal(r.retry_after, 17);
	if (row->settled != NO_SETTLE) {
		c.journal_text = s.note;
		shift = row->late ? 3600 * CLOCK_SECOND : 0;
		ops->settle(conn, &a, &c, &r);
		shift = 0;
		expect_outcome(row->name, "settle", &r, row->settled);
	}
	if (r.outcome == PSA_APPLIED) {
		assert_string_equal(r.line_remote_id, "4410");
		assert_non_null(r.read_back);
	}
	if (whole_of(line_of(&s, "id", "4410")) != row->units * QTY_ONE || simulator_changes(&s, "POST") != row->posts)
		fail_msg("%s: %s, %d changes", row->name, text_of(&a, line_of(&s, "id", "4410")),
			simulator_changes(&s, "POST"));
	assert_string_equal(other_lines(&s), others);
	ops->close(conn);
	simulator_stop(&s);
}

static void test_rows(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		run_row(&rows[i], "whole");
}

/* The other way of sending a line back, and servers that keep lines which are left out. */
static void test_line_alone(void **state)
{
	run_row(&rows[0], "line");
	run_row(&rows[2], "line");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].name, "from a day: all is well") == 0)
			run_row(&rows[i], "line");
	}
}

/* What is sent back is what was read, to the letter, but for the one member. */
static void test_body(void **state)
{
	const struct psa_ops *ops = psa_find("halopsa");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;
	const char *sent;

	simulator_start_system(&s, "halopsa", "halopsa.json");
	conn = connect(&s, 1500);
	c = change_of(&s, PSA_SET_QUANTITY);
	ops->apply(conn, &a, &c, &r);
	expect_outcome("body", "apply", &r, PSA_APPLIED);
	sent = json_member(json_path(simulator_call(&s, "/_ledger", NULL), "items/0"), "request");
	assert_int_equal(strncmp(sent, "[{\"id\":-77,\"change_seq\":14,\"lines\":[{\"id\":4409,", 46), 0);
	assert_non_null(strstr(sent, "\"qty_order\":30.50,"));
	assert_non_null(strstr(sent, "\"qty_order\":27"));
	assert_non_null(strstr(sent, "{\"id\":3,\"value\":\"kept\"}"));
	assert_null(strstr(sent, "\"qty_order\":24"));
	ops->close(conn);
	simulator_stop(&s);
}

/* Rows that wait are part of the quantity; lines that HaloPSA counts, and such as are switched off, are not touched. */
static void test_other_lines(void **state)
{
	const struct psa_ops *ops = psa_find("halopsa");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;

	simulator_start_system(&s, "halopsa", "halopsa.json");
	conn = connect(&s, 1500);
	c = change_of(&s, PSA_SET_QUANTITY);
	c.line_remote_id = "4411";
	c.product_remote_id = "902";
	c.expect = 65 * QTY_ONE / 2;
	c.want = 40 * QTY_ONE;
	ops->apply(conn, &a, &c, &r);
	expect_outcome("with a row that waits", "apply", &r, PSA_APPLIED);
	assert_string_equal(json_scalar(json_get(line_of(&s, "id", "4411"), "qty_order")), "38");
	c.journal_text = NULL;
	c.expect = 40 * QTY_ONE;
	c.want = QTY_ONE;
	ops->apply(conn, &a, &c, &r);
	expect_outcome("less than the rows", "apply", &r, PSA_REFUSED);
	c.line_remote_id = "4412";
	c.expect = 11 * QTY_ONE;
	ops->apply(conn, &a, &c, &r);
	expect_outcome("counted by licences", "apply", &r, PSA_REFUSED);
	assert_non_null(strstr(r.err.text, "licences"));
	c.line_remote_id = "4414";
	c.expect = 3 * QTY_ONE;
	ops->apply(conn, &a, &c, &r);
	expect_outcome("switched off", "apply", &r, PSA_CONFLICT);
	c.line_remote_id = "9999";
	ops->apply(conn, &a, &c, &r);
	expect_outcome("gone", "apply", &r, PSA_CONFLICT);
	assert_int_equal(simulator_changes(&s, "POST"), 1);
	ops->close(conn);
	simulator_stop(&s);
}

/* Another program changes the line: before we write, and between a lost answer and the look. */
static void test_changed_outside(void **state)
{
	const struct psa_ops *ops = psa_find("halopsa");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;

	simulator_start_system(&s, "halopsa", "halopsa.json");
	conn = connect(&s, 1500);
	change_outside(&s, "4410", "25");
	c = change_of(&s, PSA_SET_QUANTITY);
	ops->apply(conn, &a, &c, &r);
	expect_outcome("changed before", "apply", &r, PSA_CONFLICT);
	assert_non_null(strstr(r.err.text, "25 now; it was 24"));
	c.expect = 25 * QTY_ONE;
	c.journal_text = NULL;
	simulator_fault(&s, "{\"do\":\"reset\"," POSTED "}");
	ops->apply(conn, &a, &c, &r);
	expect_outcome("lost", "apply", &r, PSA_UNKNOWN);
	c.journal_text = arena_strdup(&a, s.note);
	change_outside(&s, "4410", "31");
	ops->settle(conn, &a, &c, &r);
	expect_outcome("changed after", "settle", &r, PSA_CONFLICT);
	assert_non_null(strstr(r.err.text, "31"));
	ops->close(conn);
	simulator_stop(&s);
}

/* A try that may be repeated is repeated with what it journalled, and a row is made once. */
static void test_second_try(void **state)
{
	const struct psa_ops *ops = psa_find("halopsa");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;

	simulator_start_system(&s, "halopsa", "halopsa.json");
	conn = connect(&s, 1500);
	c = change_of(&s, PSA_SET_FROM_DATE);
	simulator_fault(&s, "{\"do\":\"status\",\"status\":429," POSTED "}");
	ops->apply(conn, &a, &c, &r);
	expect_outcome("first try", "apply", &r, PSA_NOT_APPLIED);
	for (int i = 0; i < 2; i++) {
		c.journal_text = arena_strdup(&a, s.note);
		ops->apply(conn, &a, &c, &r);
		expect_outcome("next try", "apply", &r, PSA_APPLIED);
	}
	assert_int_equal(simulator_changes(&s, "POST"), 1);
	assert_int_equal(json_get(line_of(&s, "id", "4410"), "prorata_data")->count, 1);
	ops->close(conn);
	simulator_stop(&s);
}

static struct psa_change do_and_invert(struct simulator *s, struct psa_conn *conn, struct arena *a, struct psa_change c)
{
	const struct psa_ops *ops = psa_find("halopsa");
	qty expect = c.expect;
	struct psa_result r;

	ops->apply(conn, a, &c, &r);
	expect_outcome("write to undo", "apply", &r, PSA_APPLIED);
	c.kind = PSA_REMOVE_ADDED;
	c.line_remote_id = r.line_remote_id;
	c.journal_text = arena_strdup(a, s->note);
	c.expect = c.want;
	c.want = expect;
	simulator_forget(s);
	return c;
}

static void undo_row(const char *name, const char *fault, int applied, int settled, int units, int posts)
{
	const struct psa_ops *ops = psa_find("halopsa");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;
	struct psa_plan plan;
	struct psa_line line = { .remote_id = "4410" };
	struct psa_contract of = { .start = DAY_NONE, .end = DAY_NONE, .billed_through = DAY_NONE };

	simulator_start_system(&s, "halopsa", "halopsa.json");
	conn = connect(&s, 1500);
	c = do_and_invert(&s, conn, &a, change_of(&s, PSA_SET_FROM_DATE));
	assert_int_equal(ops->plan(&a, &c, &line, &of, &plan, &(struct err)ERR_INIT), RC_OK);
	assert_non_null(strstr(plan.call[0].body, "\"quantity\":-3"));
	simulator_fault(&s, fault);
	ops->apply(conn, &a, &c, &r);
	expect_outcome(name, "undo", &r, applied);
	if (settled != NO_SETTLE) {
		c.journal_text = arena_strdup(&a, s.note);
		shift = 3600 * CLOCK_SECOND;
		ops->settle(conn, &a, &c, &r);
		shift = 0;
		expect_outcome(name, "settle", &r, settled);
	}
	assert_int_equal(whole_of(line_of(&s, "id", "4410")), units * QTY_ONE);
	assert_int_equal(simulator_changes(&s, "POST"), posts);
	ops->close(conn);
	simulator_stop(&s);
}

static void test_undo(void **state)
{
	undo_row("undo: all is well", NULL, PSA_APPLIED, NO_SETTLE, 24, 1);
	undo_row("undo: answer lost", "{\"do\":\"reset_after_apply\"," POSTED "}", PSA_APPLIED, NO_SETTLE, 24, 1);
	undo_row("undo: lost on the way", "{\"do\":\"reset\"," POSTED "}", PSA_UNKNOWN, PSA_NOT_APPLIED, 27, 0);
}

static void add_row(const char *name, const char *fault, int fail_note, int applied, int settled, int posts)
{
	const struct psa_ops *ops = psa_find("halopsa");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;
	const char *others;

	simulator_start_system(&s, "halopsa", "halopsa.json");
	others = other_lines(&s);
	conn = connect(&s, 1500);
	c = change_of(&s, PSA_ADD_LINE);
	s.fail_note = fail_note;
	simulator_fault(&s, fault);
	ops->apply(conn, &a, &c, &r);
	expect_outcome(name, "apply", &r, applied);
	if (settled != NO_SETTLE) {
		c.journal_text = arena_strdup(&a, s.note);
		shift = 3600 * CLOCK_SECOND;
		ops->settle(conn, &a, &c, &r);
		shift = 0;
		expect_outcome(name, "settle", &r, settled);
	}
	assert_int_equal(simulator_changes(&s, "POST"), posts);
	assert_int_equal(line_of(&s, "_itemid", "903") != NULL, posts);
	if (posts) {
		assert_string_equal(r.line_remote_id, json_scalar(json_get(line_of(&s, "_itemid", "903"), "id")));
		assert_string_equal(json_scalar(json_get(line_of(&s, "_itemid", "903"), "unit_price")), "49");
		assert_string_equal(json_scalar(json_get(line_of(&s, "_itemid", "903"), "qty_order")), "2.5");
	} else {
		assert_string_equal(other_lines(&s), others);
	}
	ops->close(conn);
	simulator_stop(&s);
}

static void test_add(void **state)
{
	add_row("add: all is well", NULL, 0, PSA_APPLIED, NO_SETTLE, 1);
	add_row("add: time-out after it was applied", "{\"do\":\"timeout_after_apply\"," POSTED "}", 0, PSA_APPLIED,
		NO_SETTLE, 1);
	add_row("add: half of the JSON", "{\"do\":\"truncate\"," POSTED "}", 0, PSA_APPLIED, NO_SETTLE, 1);
	add_row("add: 200 and nothing", "{\"do\":\"ignore_patch\"," POSTED "}", 0, PSA_UNKNOWN, PSA_REFUSED, 0);
	add_row("add: lost on the way", "{\"do\":\"reset\"," POSTED "}", 0, PSA_UNKNOWN, PSA_NOT_APPLIED, 0);
	add_row("add: the server dies after the call", NULL, 2, PSA_UNKNOWN, PSA_APPLIED, 1);
}

/* Lost, found not to be there, added once; refused where the item stands already; undone to no units. */
static void test_add_again_and_undo(void **state)
{
	const struct psa_ops *ops = psa_find("halopsa");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c, again;
	struct psa_result r;

	simulator_start_system(&s, "halopsa", "halopsa.json");
	conn = connect(&s, 1500);
	c = again = change_of(&s, PSA_ADD_LINE);
	simulator_fault(&s, "{\"do\":\"reset\"," POSTED "}");
	ops->apply(conn, &a, &c, &r);
	expect_outcome("lost", "apply", &r, PSA_UNKNOWN);
	c.journal_text = arena_strdup(&a, s.note);
	c = do_and_invert(&s, conn, &a, c);
	ops->apply(conn, &a, &again, &r);
	expect_outcome("there already", "apply", &r, PSA_CONFLICT);
	ops->apply(conn, &a, &c, &r);
	expect_outcome("added line", "undo", &r, PSA_APPLIED);
	assert_int_equal(whole_of(line_of(&s, "_itemid", "903")), 0);
	assert_int_equal(simulator_changes(&s, "POST"), 1);
	ops->close(conn);
	simulator_stop(&s);
}

/* A month by hand: 24 units at 6; 3 more from the middle of the month. The invoice of next month holds 24 x 6 = 144, 3
 * x 6 for the days that were left, rounded down to the day, and 3 x 6 = 18 for the month itself. */
static void test_month(void **state)
{
	const struct psa_ops *ops = psa_find("halopsa");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;
	const struct json *made;
	day first = day_month_start(day_today(), 0), next = day_month_start(day_today(), 1), from = first + 14;
	static const char *const headers[] = { "Content-Type: application/json", "Authorization: Bearer tok-1", NULL };
	struct httpc_request request = { .method = "POST", .headers = headers, .body = "[-77]", .body_len = 5 };
	struct httpc_answer answer;
	qty edr = 0, net, want = 144 * QTY_ONE + 18 * QTY_ONE * (next - from) / (next - first) + 18 * QTY_ONE;

	simulator_start_system(&s, "halopsa", "halopsa.json");
	conn = connect(&s, 1500);
	c = change_of(&s, PSA_SET_FROM_DATE);
	c.effective = from;
	ops->apply(conn, &a, &c, &r);
	expect_outcome("month", "apply", &r, PSA_APPLIED);
	request.url = arena_printf(&a, "%s/api/RecurringInvoice/process", s.url);
	httpc_do(s.http, &a, &request, &answer);
	assert_int_equal(answer.status, 200);
	made = json_path(json_path(simulator_call(&s, "/_state", NULL), "made/0"), "lines");
	for (const struct json *v = made->child; v; v = v->next) {
		if (json_member(v, "item_code") && strcmp(json_member(v, "item_code"), "CORO-EDR") == 0) {
			assert_int_equal(json_qty(json_get(v, "net_amount"), &net), RC_OK);
			edr += net;
		}
	}
	assert_int_equal(edr, want);
	assert_string_equal(json_scalar(json_get(line_of(&s, "id", "4410"), "qty_order")), "27");
	assert_int_equal(json_get(line_of(&s, "id", "4410"), "prorata_data")->count, 0);
	ops->close(conn);
	simulator_stop(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_line_alone),
		cmocka_unit_test(test_body),
		cmocka_unit_test(test_other_lines),
		cmocka_unit_test(test_changed_outside),
		cmocka_unit_test(test_second_try),
		cmocka_unit_test(test_undo),
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_add_again_and_undo),
		cmocka_unit_test(test_month),
	};

	clock_set_source(shifted_clock);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
