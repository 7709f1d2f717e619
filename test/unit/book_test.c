/* The book keeps what was read: same ids at every reading, things that go and come back, every quantity seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "base/codec.h"
#include "core/book/book.h"
#include "core/book/booklist.h"
#include "core/page.h"
#include "testdb.h"

struct reading {
	struct book_run run;
	struct psa_line lines[3];
	size_t count;
	bool full, without_contract;
};

static struct psa_line line(const char *id, int quantity)
{
	return (struct psa_line){ .remote_id = id,
		.contract_remote_id = "k",
		.product_remote_id = "p",
		.product_code = "COV",
		.description = "Seats",
		.version = "1",
		.quantity = quantity * QTY_ONE,
		.billable = true,
		.effective = DAY_NONE,
		.cancelled = DAY_NONE,
		.billed_through = DAY_NONE };
}

static enum rc read_fn(struct tx *tx, void *arg, struct err *e)
{
	struct reading *r = arg;
	struct psa_account account = { .remote_id = "a", .name = "Caf\xc3\xa9 100%", .code = "CAFE" };
	struct psa_contract contract = { .remote_id = "k",
		.account_remote_id = "a",
		.name = "Managed",
		.start = DAY_NONE,
		.end = DAY_NONE,
		.billed_through = DAY_NONE,
		.currency = "USD" };
	enum rc rc = book_put_account(tx, &r->run, &account, e);

	if (rc == RC_OK && !r->without_contract)
		rc = book_put_contract(tx, &r->run, &contract, e);
	if (rc == RC_OK && !r->without_contract)
		rc = book_put_lines(tx, &r->run, "k", r->lines, r->count, e);
	if (rc == RC_OK)
		rc = r->full ? book_finish_full(tx, &r->run, e) : book_finish_quick(tx, &r->run, e);
	return rc;
}

struct listing {
	enum rc (*list)(struct tx *tx, const struct booklist *l, struct jsonw *w, const char **ret_next, struct err *e);
	struct booklist ask;
	struct buf text;
	char next[256];
};

static enum rc list_fn(struct tx *tx, void *arg, struct err *e)
{
	struct listing *l = arg;
	const char *next = NULL;
	struct jsonw w;
	enum rc rc;

	buf_clear(&l->text);
	jsonw_init(&w, &l->text, 0);
	jsonw_array(&w);
	rc = l->list(tx, &l->ask, &w, &next, e);
	jsonw_end_array(&w);
	strncat(l->next, next ? next : "", sizeof(l->next) - 1);
	return rc;
}

static void read_book(struct testdb *t, struct reading *r, utime at, int64_t run)
{
	struct err e = ERR_INIT;

	r->run = (struct book_run){ "o1", "connectwise", run, at };
	if (db_write(t->db, read_fn, r, &e) != RC_OK)
		fail_msg("%s", e.text);
}

static const char *lines_of(struct testdb *t, struct listing *l)
{
	struct err e = ERR_INIT;

	l->ask.org = "o1";
	l->ask.limit = l->ask.limit ? l->ask.limit : 100;
	l->next[0] = '\0';
	if (db_read(t->db, list_fn, l, &e) != RC_OK)
		fail_msg("%s", e.text);
	return buf_text(&l->text);
}

static void goes_and_comes_back(void **state)
{
	struct reading r = { .lines = { line("1", 10), line("2", 5) }, .count = 2, .full = true };
	struct listing l = { .list = booklist_lines, .text = BUF_INIT(100000) };
	struct testdb t;
	struct arena a = ARENA_INIT;
	char *id = book_id(&a, "o1", "connectwise", "line", "1");

	testdb_open(&t);
	read_book(&t, &r, 1000, 1);
	assert_non_null(strstr(lines_of(&t, &l), id));
	assert_non_null(strstr(lines_of(&t, &l), "\"quantity\":\"5\""));
	r.count = 1;
	read_book(&t, &r, 2000, 2);
	assert_null(strstr(lines_of(&t, &l), "\"quantity\":\"5\""));
	r.count = 2;
	read_book(&t, &r, 3000, 3);
	assert_non_null(strstr(lines_of(&t, &l), "\"quantity\":\"5\""));
	r.without_contract = true;
	read_book(&t, &r, 4000, 4);
	assert_string_equal(lines_of(&t, &l), "[]");
	testdb_remove(&t);
	buf_release(&l.text);
	arena_release(&a);
}

static enum rc put_one(struct tx *tx, void *arg, struct err *e)
{
	struct reading *r = arg;

	return book_put_line(tx, &r->run, &r->lines[0], e);
}

/* A sync that began before a write was read back finds the old quantity in its pages. */
static void older_reading_loses(void **state)
{
	struct reading r = { .lines = { line("1", 10) }, .count = 1 };
	struct listing l = { .list = booklist_lines, .text = BUF_INIT(100000) };
	struct err e = ERR_INIT;
	struct testdb t;

	testdb_open(&t);
	read_book(&t, &r, 1000, 1);
	r.lines[0].quantity = 14 * QTY_ONE;
	r.run.now = 2500;
	assert_int_equal(db_write(t.db, put_one, &r, &e), RC_OK);
	r.lines[0].quantity = 10 * QTY_ONE;
	read_book(&t, &r, 2000, 2);
	assert_non_null(strstr(lines_of(&t, &l), "\"quantity\":\"14\""));
	r.lines[0].quantity = 15 * QTY_ONE;
	read_book(&t, &r, 3000, 3);
	assert_non_null(strstr(lines_of(&t, &l), "\"quantity\":\"15\""));
	testdb_remove(&t);
	buf_release(&l.text);
}

static void searched_and_paged(void **state)
{
	struct reading r = { .lines = { line("1", 1), line("2", 2), line("3", 3) }, .count = 3 };
	struct listing accounts = { .list = booklist_accounts, .text = BUF_INIT(100000) };
	struct listing l = { .list = booklist_lines, .text = BUF_INIT(100000) };
	char cursor[256];
	struct testdb t;

	testdb_open(&t);
	read_book(&t, &r, 1000, 1);
	accounts.ask.q = "CAFE 100%";
	assert_non_null(strstr(lines_of(&t, &accounts), "CAFE"));
	accounts.ask.q = "cafe 1%0";
	assert_string_equal(lines_of(&t, &accounts), "[]");
	l.ask.limit = 2;
	lines_of(&t, &l);
	assert_true(l.next[0] != '\0');
	memcpy(cursor, l.next, sizeof(cursor));
	l.ask.cursor = cursor;
	lines_of(&t, &l);
	assert_true(l.next[0] == '\0');
	testdb_remove(&t);
	buf_release(&l.text);
	buf_release(&accounts.text);
}

static void cursors(void **state)
{
	struct arena a = ARENA_INIT;
	const char *parts[2];
	struct err e;

	assert_int_equal(page_read(&a, page_cursor(&a, "caf\xc3\xa9", "x/1", NULL), parts, 2, &e), RC_OK);
	assert_string_equal(parts[0], "caf\xc3\xa9");
	assert_string_equal(parts[1], "x/1");
	assert_int_equal(page_read(&a, NULL, parts, 2, &e), RC_OK);
	assert_string_equal(parts[1], "");
	assert_int_equal(page_read(&a, page_cursor(&a, "one", NULL), parts, 2, &e), RC_INVALID);
	assert_int_equal(page_read(&a, "rubbish!", parts, 2, &e), RC_INVALID);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_and_comes_back), cmocka_unit_test(older_reading_loses),
		cmocka_unit_test(searched_and_paged), cmocka_unit_test(cursors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
