/* The fault table: what a person asked for, what goes wrong on the way, what we then say, and what ConnectWise
 * truly holds - each compared with the simulator's ledger. */
#include "simulator.h"

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

struct row {
	const char *name;
	enum psa_change_kind kind;
	const char *edit, *fault;
	enum psa_outcome applied;	/* what apply() says */
	int settled;			/* what settle() says then, or NO_SETTLE */
	const char *quantity;		/* of 4410 in the end */
	int patches, posts;		/* truly made, as the ledger has them */
	const char *words;		/* part of the sentence for the person */
};

#define ADDITION "\"match\":{\"method\":\"PATCH\",\"path\":\"/additions/4410\"}"
#define POSTED "\"match\":{\"method\":\"POST\",\"path\":\"/additions\"}"
#define LOOK "\"match\":{\"method\":\"GET\",\"path\":\"/additions/4410\"}"

static const struct row quantity_rows[] = {
	{ "all is well", PSA_SET_QUANTITY, NULL, NULL, PSA_APPLIED, NO_SETTLE, "27", 1, 0, NULL },
	{ "time-out after it was applied", PSA_SET_QUANTITY, NULL, "{\"do\":\"timeout_after_apply\"," ADDITION "}",
		PSA_APPLIED, NO_SETTLE, "27", 1, 0, NULL },
	{ "time-out before it was applied", PSA_SET_QUANTITY, NULL, "{\"do\":\"timeout_before\"," ADDITION "}",
		PSA_UNKNOWN, PSA_NOT_APPLIED, "24", 0, 0, "in time" },
	{ "connection lost after it was applied", PSA_SET_QUANTITY, NULL, "{\"do\":\"reset_after_apply\"," ADDITION "}",
		PSA_APPLIED, NO_SETTLE, "27", 1, 0, NULL },
	{ "connection lost before", PSA_SET_QUANTITY, NULL, "{\"do\":\"reset\"," ADDITION "}", PSA_UNKNOWN,
		PSA_NOT_APPLIED, "24", 0, 0, NULL },
	{ "applied, lost, and then nobody answers", PSA_SET_QUANTITY, NULL,
		"[{\"do\":\"reset_after_apply\"," ADDITION
		"},{\"do\":\"status\",\"status\":503,\"skip\":1,\"times\":4," LOOK "}]",
		PSA_UNKNOWN, PSA_APPLIED, "27", 1, 0, NULL },
	{ "429 with Retry-After", PSA_SET_QUANTITY, NULL,
		"{\"do\":\"status\",\"status\":429,\"retry_after\":17," ADDITION "}", PSA_NOT_APPLIED, NO_SETTLE, "24",
		0, 0, "slow down" },
	{ "503 before it was applied", PSA_SET_QUANTITY, NULL, "{\"do\":\"status\",\"status\":503," ADDITION "}",
		PSA_UNKNOWN, PSA_NOT_APPLIED, "24", 0, 0, "503" },
	{ "500 after it was applied", PSA_SET_QUANTITY, NULL,
		"{\"do\":\"status_after_apply\",\"status\":500," ADDITION "}", PSA_APPLIED, NO_SETTLE, "27", 1, 0,
		NULL },
	{ "half of the JSON", PSA_SET_QUANTITY, NULL, "{\"do\":\"truncate\"," ADDITION "}", PSA_APPLIED, NO_SETTLE,
		"27", 1, 0, NULL },
	{ "answers 200 and does nothing", PSA_SET_QUANTITY, NULL, "{\"do\":\"ignore_patch\"," ADDITION "}", PSA_REFUSED,
		NO_SETTLE, "24", 0, 0, "still 24" },
	{ "a proxy's page instead of an answer", PSA_SET_QUANTITY, NULL,
		"{\"do\":\"status\",\"status\":502,\"type\":\"text/html\",\"body\":\"<html>Bad "
		"gateway</html>\"," ADDITION "}",
		PSA_UNKNOWN, PSA_NOT_APPLIED, "24", 0, 0, "502" },
	{ "locked record", PSA_SET_QUANTITY, NULL, "{\"do\":\"status\",\"status\":409," ADDITION "}", PSA_NOT_APPLIED,
		NO_SETTLE, "24", 0, 0, "locked" },
	{ "refused", PSA_SET_QUANTITY, NULL, "{\"do\":\"status\",\"status\":400," ADDITION "}", PSA_REFUSED, NO_SETTLE,
		"24", 0, 0, "refused" },
	{ "no right to edit", PSA_SET_QUANTITY, "{\"settings\":{\"deny\":[\"agreements.edit\"]}}", NULL, PSA_REFUSED,
		NO_SETTLE, "24", 0, 0, "Finance > Agreements: Edit All" },
	{ "value changed since review", PSA_SET_QUANTITY,
		"{\"kind\":\"additions\",\"id\":4410,\"set\":{\"quantity\":25}}", NULL, PSA_CONFLICT, NO_SETTLE, "25",
		0, 0, "25 now; it was 24" },
	{ "agreement cancelled since review", PSA_SET_QUANTITY,
		"{\"kind\":\"agreements\",\"id\":77,\"set\":{\"cancelledFlag\":true}}", NULL, PSA_CONFLICT, NO_SETTLE,
		"24", 0, 0, "cancelled" },
	{ "invoiced since review", PSA_SET_QUANTITY,
		"{\"kind\":\"agreements\",\"id\":77,\"set\":{\"nextInvoiceDate\":\"2031-01-01\"}}", NULL, PSA_CONFLICT,
		NO_SETTLE, "24", 0, 0, "2030-12-31" },
	{ "addition ended since review", PSA_SET_QUANTITY,
		"{\"kind\":\"additions\",\"id\":4410,\"set\":{\"cancelledDate\":\"2024-02-01T00:00:00Z\"}}", NULL,
		PSA_CONFLICT, NO_SETTLE, "24", 0, 0, "ended on 2024-02-01" },
	{ "nobody answers when we look", PSA_SET_QUANTITY, NULL,
		"{\"do\":\"status\",\"status\":503,\"times\":4," LOOK "}", PSA_NOT_APPLIED, NO_SETTLE, "24", 0, 0,
		"503" },
	{ "one look fails, the next one goes", PSA_SET_QUANTITY, NULL, "{\"do\":\"status\",\"status\":503," LOOK "}",
		PSA_APPLIED, NO_SETTLE, "27", 1, 0, NULL },
	{ "the codebase moved on", PSA_SET_QUANTITY, "{\"settings\":{\"codebase\":\"v2025_2/\"}}", NULL, PSA_APPLIED,
		NO_SETTLE, "27", 1, 0, NULL },
};

static const char *quantity_of(struct simulator *s, const char *id, char out[QTY_TEXT])
{
	qty q;

	assert_int_equal(json_qty(json_get(simulator_record(s, "additions", id), "quantity"), &q), RC_OK);
	return qty_format(q, out);
}

static void expect_outcome(const char *name, const char *step, const struct psa_result *r, int outcome)
{
	if ((int)r->outcome != outcome)
		fail_msg("%s, %s: outcome %d instead of %d (%s)", name, step, r->outcome, outcome, r->err.text);
}

static void run_row(const struct row *row)
{
	const struct psa_ops *ops = psa_find("connectwise");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_change c;
	struct psa_conn *conn;
	struct psa_result r;
	char now[QTY_TEXT];

	simulator_start(&s, "small.json");
	conn = simulator_connect(&s, 1500);
	c = simulator_change(&s, row->kind);
	/* A first look, so that a codebase is known before it changes. */
	assert_int_equal(ops->read_line(conn, &a, "77", "4410", &(struct psa_line){ 0 }, &(struct err)ERR_INIT), RC_OK);
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
		ops->settle(conn, &a, &c, &r);
		expect_outcome(row->name, "settle", &r, row->settled);
	}
	if (r.outcome == PSA_APPLIED) {
		assert_string_equal(r.line_remote_id, "4410");
		assert_non_null(r.read_back);
	}
	assert_string_equal(quantity_of(&s, "4410", now), row->quantity);
	if (simulator_changes(&s, "PATCH") != row->patches || simulator_changes(&s, "POST") != row->posts)
		fail_msg("%s: the ledger has %d PATCH and %d POST", row->name, simulator_changes(&s, "PATCH"),
			simulator_changes(&s, "POST"));
	ops->close(conn);
	simulator_stop(&s);
}

static void test_quantity_rows(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(quantity_rows); i++)
		run_row(&quantity_rows[i]);
}

/* A try that may be repeated is repeated with what it journalled, and does its work once. */
static void test_second_try(void **state)
{
	const struct psa_ops *ops = psa_find("connectwise");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;

	simulator_start(&s, "small.json");
	conn = simulator_connect(&s, 1500);
	c = simulator_change(&s, PSA_SET_QUANTITY);
	simulator_fault(&s, "{\"do\":\"status\",\"status\":429," ADDITION "}");
	ops->apply(conn, &a, &c, &r);
	assert_int_equal(r.outcome, PSA_NOT_APPLIED);
	c.journal_text = s.note;
	ops->apply(conn, &a, &c, &r);
	assert_int_equal(r.outcome, PSA_APPLIED);
	ops->apply(conn, &a, &c, &r);
	assert_int_equal(r.outcome, PSA_APPLIED);
	assert_int_equal(simulator_changes(&s, "PATCH"), 1);
	ops->close(conn);
	simulator_stop(&s);
}

static void test_journal_lost(void **state)
{
	const struct psa_ops *ops = psa_find("connectwise");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;

	simulator_start(&s, "small.json");
	conn = simulator_connect(&s, 1500);
	c = simulator_change(&s, PSA_SET_QUANTITY);
	s.fail_note = 1;
	ops->apply(conn, &a, &c, &r);
	assert_int_equal(r.outcome, PSA_NOT_APPLIED);
	assert_int_equal(simulator_changes(&s, "PATCH"), 0);
	ops->close(conn);
	simulator_stop(&s);
}

/* --- the pair of a dated change --- */

struct pair {
	const char *name;
	const char *fault;
	int fail_note;			/* the server dies at this note */
	enum psa_outcome applied;
	int settled;			/* NO_SETTLE, or the outcome */
	bool late;			/* settle() comes after the grace of a POST */
	int posts, patches;		/* truly made when all is over */
	bool done;			/* the pair stands in the end */
};

#define END_OLD ADDITION

static const struct pair pairs[] = {
	{ "pair: all is well", NULL, 0, PSA_APPLIED, NO_SETTLE, false, 1, 1, true },
	{ "pair: the server dies before the POST", NULL, 1, PSA_NOT_APPLIED, NO_SETTLE, false, 0, 0, false },
	{ "pair: the server dies half-way", NULL, 2, PSA_UNKNOWN, PSA_APPLIED, false, 1, 1, true },
	{ "pair: POST applied, answer lost", "{\"do\":\"reset_after_apply\"," POSTED "}", 0, PSA_APPLIED, NO_SETTLE,
		false, 1, 1, true },
	{ "pair: POST applied, time-out", "{\"do\":\"timeout_after_apply\"," POSTED "}", 0, PSA_APPLIED, NO_SETTLE,
		false, 1, 1, true },
	{ "pair: POST lost on the way", "{\"do\":\"reset\"," POSTED "}", 0, PSA_UNKNOWN, PSA_NOT_APPLIED, true, 0, 0,
		false },
	{ "pair: POST lost, looked for too soon", "{\"do\":\"reset\"," POSTED "}", 0, PSA_UNKNOWN, PSA_UNKNOWN, false,
		0, 0, false },
	{ "pair: POST answered 500 after it was applied", "{\"do\":\"status_after_apply\",\"status\":500," POSTED "}",
		0, PSA_APPLIED, NO_SETTLE, false, 1, 1, true },
	{ "pair: POST refused", "{\"do\":\"status\",\"status\":400," POSTED "}", 0, PSA_REFUSED, NO_SETTLE, false, 0, 0,
		false },
	{ "pair: half of the POST's JSON", "{\"do\":\"truncate\"," POSTED "}", 0, PSA_APPLIED, NO_SETTLE, false, 1, 1,
		true },
	{ "pair: the end is lost on the way", "{\"do\":\"reset\"," END_OLD "}", 0, PSA_UNKNOWN, PSA_APPLIED, false, 1,
		1, true },
	{ "pair: the end is throttled", "{\"do\":\"status\",\"status\":429," END_OLD "}", 0, PSA_UNKNOWN, PSA_APPLIED,
		false, 1, 1, true },
	{ "pair: the end is applied, answer lost", "{\"do\":\"timeout_after_apply\"," END_OLD "}", 0, PSA_UNKNOWN,
		PSA_APPLIED, false, 1, 1, true },
	{ "pair: the end is refused, so the new one goes", "{\"do\":\"status\",\"status\":400," END_OLD "}", 0,
		PSA_REFUSED, NO_SETTLE, false, 1, 1, false },
	{ "pair: the end does nothing, so the new one goes", "{\"do\":\"ignore_patch\"," END_OLD "}", 0, PSA_REFUSED,
		NO_SETTLE, false, 1, 1, false },
};

/* Units of the product on agreement 77 on a day, as ConnectWise would bill them. */
static qty units_on(struct simulator *s, day d)
{
	const struct json *all = json_get(simulator_call(s, "/_state", NULL), "additions");
	qty sum = 0;

	for (const struct json *v = all->child; v; v = v->next) {
		const char *from = json_member(v, "effectiveDate"), *until = json_member(v, "cancelledDate");
		day first, last;
		qty q;

		if (strcmp(json_scalar(json_get(v, "agreementId")), "77") != 0 ||
			strcmp(json_scalar(json_path(v, "product/id")), "901") != 0)
			continue;
		assert_int_equal(day_parse(from, &first), RC_OK);
		if (!until || day_parse(until, &last) != RC_OK)
			last = INT32_MAX;
		assert_int_equal(json_qty(json_get(v, "quantity"), &q), RC_OK);
		if (first <= d && d <= last)
			sum += q;
	}
	return sum;
}

static void run_pair(const struct pair *row)
{
	const struct psa_ops *ops = psa_find("connectwise");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;
	day from = simulator_billed_through() + 1;

	simulator_start(&s, "small.json");
	conn = simulator_connect(&s, 1500);
	c = simulator_change(&s, PSA_SET_FROM_DATE);
	c.effective = from;
	s.fail_note = row->fail_note;
	simulator_fault(&s, row->fault);
	ops->apply(conn, &a, &c, &r);
	expect_outcome(row->name, "apply", &r, (int)row->applied);
	if (row->settled != NO_SETTLE) {
		c.journal_text = s.note;
		shift = row->late ? 3600 * CLOCK_SECOND : 0;
		ops->settle(conn, &a, &c, &r);
		shift = 0;
		expect_outcome(row->name, "settle", &r, row->settled);
	}
	if (units_on(&s, from - 1) != 24 * QTY_ONE || units_on(&s, from) != (row->done ? 27 : 24) * QTY_ONE)
		fail_msg("%s: wrong units: %lld then %lld", row->name, (long long)units_on(&s, from - 1),
			(long long)units_on(&s, from));
	if (row->done)
		assert_string_not_equal(r.line_remote_id, "4410");
	if (simulator_changes(&s, "PATCH") != row->patches || simulator_changes(&s, "POST") != row->posts)
		fail_msg("%s: the ledger has %d PATCH and %d POST", row->name, simulator_changes(&s, "PATCH"),
			simulator_changes(&s, "POST"));
	ops->close(conn);
	simulator_stop(&s);
}

static void test_pairs(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		run_pair(&pairs[i]);
}

/* A write of the given kind that goes well, and the change that undoes it, as a rollback makes it. */
static struct psa_change do_and_invert(struct simulator *s, struct psa_conn *conn, struct arena *a, struct psa_change c)
{
	const struct psa_ops *ops = psa_find("connectwise");
	struct psa_result r;

	ops->apply(conn, a, &c, &r);
	expect_outcome("write to undo", "apply", &r, PSA_APPLIED);
	c.kind = PSA_REMOVE_ADDED;
	c.line_remote_id = r.line_remote_id;
	c.journal_text = arena_strdup(a, s->note);
	c.expect = c.want;
	c.want = 24 * QTY_ONE;
	simulator_forget(s);
	return c;
}

static void undo_pair(const char *name, const char *fault, int settled)
{
	const struct psa_ops *ops = psa_find("connectwise");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;
	day from = simulator_billed_through() + 1;

	simulator_start(&s, "small.json");
	conn = simulator_connect(&s, 1500);
	c = simulator_change(&s, PSA_SET_FROM_DATE);
	c.effective = from;
	c = do_and_invert(&s, conn, &a, c);
	simulator_fault(&s, fault);
	ops->apply(conn, &a, &c, &r);
	expect_outcome(name, "undo", &r, settled == NO_SETTLE ? PSA_APPLIED : PSA_UNKNOWN);
	if (settled != NO_SETTLE) {
		c.journal_text = s.note;
		ops->settle(conn, &a, &c, &r);
		expect_outcome(name, "settle", &r, settled);
	}
	assert_int_equal(units_on(&s, from - 1), 24 * QTY_ONE);
	assert_int_equal(units_on(&s, from), 24 * QTY_ONE);
	assert_int_equal(units_on(&s, from + 40), 24 * QTY_ONE);
	assert_int_equal(simulator_changes(&s, "DELETE"), 0);
	assert_int_equal(simulator_changes(&s, "PATCH"), 2);
	ops->close(conn);
	simulator_stop(&s);
}

static void test_undo_pair(void **state)
{
	undo_pair("undo: all is well", NULL, NO_SETTLE);
	undo_pair("undo: half-way lost",
		"{\"do\":\"reset\",\"skip\":1,\"match\":{\"method\":\"PATCH\",\"path\":\"/additions/\"}}", PSA_APPLIED);
	undo_pair("undo: first lost", "{\"do\":\"reset_after_apply\",\"match\":{\"method\":\"PATCH\"}}", PSA_APPLIED);
}

static void test_add_and_undo(void **state)
{
	const struct psa_ops *ops = psa_find("connectwise");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;
	const char *id;
	char now[QTY_TEXT];

	simulator_start(&s, "small.json");
	conn = simulator_connect(&s, 1500);
	c = simulator_change(&s, PSA_ADD_LINE);
	c.line_remote_id = NULL;
	c.product_remote_id = "903";
	c.expect = 0;
	c.want = 5 * QTY_ONE / 2;
	c.has_price = true;
	c.unit_price = 49 * QTY_ONE;
	c.description = "Backup, \"per TB\"";
	simulator_fault(&s, "{\"do\":\"timeout_after_apply\"," POSTED "}");
	c = do_and_invert(&s, conn, &a, c);
	id = c.line_remote_id;
	assert_string_equal(quantity_of(&s, id, now), "2.5");
	assert_string_equal(
		json_member(simulator_record(&s, "additions", id), "invoiceDescription"), "Backup, \"per TB\"");
	c.want = 0;
	ops->apply(conn, &a, &c, &r);
	expect_outcome("added line", "undo", &r, PSA_APPLIED);
	assert_string_equal(quantity_of(&s, id, now), "0");
	assert_non_null(json_member(simulator_record(&s, "additions", id), "cancelledDate"));
	assert_int_equal(simulator_changes(&s, "DELETE"), 0);
	ops->close(conn);
	simulator_stop(&s);
}

/* An added line whose POST was lost is added once more, and only then. */
static void test_add_lost(void **state)
{
	const struct psa_ops *ops = psa_find("connectwise");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;

	simulator_start(&s, "small.json");
	conn = simulator_connect(&s, 1500);
	c = simulator_change(&s, PSA_ADD_LINE);
	c.product_remote_id = "903";
	c.line_remote_id = NULL;
	simulator_fault(&s, "{\"do\":\"timeout_before\"," POSTED "}");
	ops->apply(conn, &a, &c, &r);
	assert_int_equal(r.outcome, PSA_UNKNOWN);
	c.journal_text = arena_strdup(&a, s.note);
	shift = 3600 * CLOCK_SECOND;
	ops->settle(conn, &a, &c, &r);
	assert_int_equal(r.outcome, PSA_NOT_APPLIED);
	ops->apply(conn, &a, &c, &r);
	assert_int_equal(r.outcome, PSA_APPLIED);
	c.journal_text = arena_strdup(&a, s.note);
	ops->apply(conn, &a, &c, &r);
	assert_int_equal(r.outcome, PSA_APPLIED);
	shift = 0;
	assert_int_equal(simulator_changes(&s, "POST"), 1);
	ops->close(conn);
	simulator_stop(&s);
}

/* From a date to no units: the line ends, and nothing begins. */
static void test_end_and_undo(void **state)
{
	const struct psa_ops *ops = psa_find("connectwise");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;
	day from = simulator_billed_through() + 1;

	simulator_start(&s, "small.json");
	conn = simulator_connect(&s, 1500);
	c = simulator_change(&s, PSA_SET_FROM_DATE);
	c.effective = from;
	c.want = 0;
	c = do_and_invert(&s, conn, &a, c);
	assert_int_equal(units_on(&s, from - 1), 24 * QTY_ONE);
	assert_int_equal(units_on(&s, from), 0);
	ops->apply(conn, &a, &c, &r);
	expect_outcome("ended line", "undo", &r, PSA_APPLIED);
	assert_int_equal(units_on(&s, from), 24 * QTY_ONE);
	assert_int_equal(simulator_changes(&s, "POST"), 0);
	ops->close(conn);
	simulator_stop(&s);
}

/* The agreement stopped to prorate between review and writing. */
static void test_no_proration(void **state)
{
	const struct psa_ops *ops = psa_find("connectwise");
	AUTO(arena) a = ARENA_INIT;
	struct simulator s;
	struct psa_conn *conn;
	struct psa_change c;
	struct psa_result r;

	simulator_start(&s, "small.json");
	conn = simulator_connect(&s, 1500);
	c = simulator_change(&s, PSA_SET_FROM_DATE);
	c.effective = simulator_billed_through() + 5;
	simulator_edit(&s, "{\"kind\":\"agreements\",\"id\":77,\"set\":{\"prorateFlag\":false}}");
	ops->apply(conn, &a, &c, &r);
	assert_int_equal(r.outcome, PSA_CONFLICT);
	assert_non_null(strstr(r.err.text, "does not prorate"));
	assert_int_equal(simulator_changes(&s, "POST"), 0);
	ops->close(conn);
	simulator_stop(&s);
}

static int set_clock(void **state)
{
	clock_set_source(shifted_clock);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantity_rows),
		cmocka_unit_test(test_second_try),
		cmocka_unit_test(test_journal_lost),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_undo_pair),
		cmocka_unit_test(test_add_and_undo),
		cmocka_unit_test(test_add_lost),
		cmocka_unit_test(test_end_and_undo),
		cmocka_unit_test(test_no_proration),
	};

	return cmocka_run_group_tests(tests, set_clock, NULL);
}
