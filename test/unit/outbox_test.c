/* A write goes only along the picture in outbox.h, every move leaves a step, every end a row in the log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/audit.h"
#include "core/writes/outbox.h"
#include "core/writes/worklist.h"
#include "testdb.h"

static const struct principal us = { .org = "o1", .id = "j1", .name = "trueup" };

struct scene {
	struct write w;
	struct write_move move;
	struct arena arena;
	const char *journal_owner;
	int64_t steps, waiting;
	utime due;
	struct audit_verdict verdict;
	enum rc (*step)(struct tx *tx, struct scene *s, struct err *e);
};

static enum rc add(struct tx *tx, struct scene *s, struct err *e)
{
	struct write w = {
		.org = "o1",
		.batch_id = "b1",
		.card_id = "c1",
		.decision_id = "d1",
		.account_id = "a1",
		.contract_id = "k1",
		.line_id = "l1",
		.product_id = "p1",
		.request = "[]",
		.change = { .kind = PSA_SET_QUANTITY,
			.contract_remote_id = "7",
			.line_remote_id = "9",
			.product_remote_id = "3",
			.expect = 10 * QTY_ONE,
			.want = 14 * QTY_ONE,
			.effective = DAY_NONE,
			.billed_through = DAY_NONE },
	};
	enum rc rc = outbox_add(tx, &w, e);

	return rc == RC_OK ? outbox_get(tx, &s->arena, "o1", w.id, &s->w, e) : rc;
}

static enum rc move(struct tx *tx, struct scene *s, struct err *e)
{
	struct write w = s->w;
	enum rc rc = outbox_move(tx, &us, &w, &s->move, e);

	return rc == RC_OK ? outbox_get(tx, &s->arena, "o1", w.id, &s->w, e) : rc;
}

static enum rc journal(struct tx *tx, struct scene *s, struct err *e)
{
	return outbox_journal(tx, &s->w, s->journal_owner, "half way", e);
}

static enum rc look(struct tx *tx, struct scene *s, struct err *e)
{
	struct rows r;
	enum rc rc;

	s->steps = 0;
	sql_query(tx, &r, SQL_OUTBOX_STEPS, "tt", "o1", s->w.id);
	while (rows_next(&r))
		s->steps++;
	rc = rows_end(&r, e);
	if (rc == RC_OK)
		rc = outbox_waiting(tx, "o1", &s->waiting, &s->due, e);
	return rc == RC_OK ? audit_verify(tx, "o1", &s->verdict, e) : rc;
}

static enum rc run_step(struct tx *tx, void *arg, struct err *e)
{
	struct scene *s = arg;

	return s->step(tx, s, e);
}

static enum rc run(struct testdb *t, struct scene *s, enum rc (*step)(struct tx *tx, struct scene *s, struct err *e))
{
	struct err e = ERR_INIT;

	s->step = step;
	return db_write(t->db, run_step, s, &e);
}

static void the_good_way(void **state)
{
	struct psa_result result = { .outcome = PSA_APPLIED,
		.before = "{\"quantity\":10}",
		.read_back = "{\"quantity\":14}",
		.line_remote_id = "9" };
	struct scene s = { 0 };
	struct testdb t;

	testdb_open(&t);
	assert_int_equal(run(&t, &s, add), RC_OK);
	assert_int_equal(s.w.state, WRITE_PLANNED);
	assert_int_equal(s.w.change.want, 14 * QTY_ONE);
	assert_int_equal(s.w.change.billed_through, DAY_NONE);
	assert_false(s.w.change.has_price);
	s.move = (struct write_move){ .to = WRITE_SENDING, .owner = "me" };
	assert_int_equal(run(&t, &s, move), RC_OK);
	s.journal_owner = "you";
	assert_int_equal(run(&t, &s, journal), RC_CONFLICT);
	s.journal_owner = "me";
	assert_int_equal(run(&t, &s, journal), RC_OK);
	s.move = (struct write_move){ .to = WRITE_APPLIED, .attempt = true, .result = &result };
	assert_int_equal(run(&t, &s, move), RC_OK);
	assert_int_equal(run(&t, &s, journal), RC_CONFLICT);
	assert_string_equal(s.w.read_back, "{\"quantity\":14}");
	assert_string_equal(s.w.result_line_remote_id, "9");
	assert_int_equal(s.w.attempts, 1);
	assert_int_equal(run(&t, &s, look), RC_OK);
	assert_int_equal(s.steps, 3);
	assert_int_equal(s.waiting, 0);
	assert_int_equal(s.verdict.rows, 1);
	assert_int_equal(s.verdict.broken_at, 0);
	testdb_remove(&t);
	arena_release(&s.arena);
}

static void again_later(void **state)
{
	struct scene s = { 0 };
	struct testdb t;

	testdb_open(&t);
	assert_int_equal(run(&t, &s, add), RC_OK);
	s.move = (struct write_move){ .to = WRITE_SENDING, .owner = "me" };
	assert_int_equal(run(&t, &s, move), RC_OK);
	s.move = (struct write_move){ .to = WRITE_PLANNED, .attempt = true, .next_try_at = clock_now() + CLOCK_DAY };
	assert_int_equal(run(&t, &s, move), RC_OK);
	assert_int_equal(run(&t, &s, look), RC_OK);
	assert_int_equal(s.waiting, 1);
	assert_int_equal(s.due, s.move.next_try_at);
	testdb_remove(&t);
	arena_release(&s.arena);
}

static void somebody_else_moved_it(void **state)
{
	struct scene s = { 0 };
	struct write before;
	struct testdb t;

	testdb_open(&t);
	assert_int_equal(run(&t, &s, add), RC_OK);
	before = s.w;
	s.move = (struct write_move){ .to = WRITE_SENDING, .owner = "me" };
	assert_int_equal(run(&t, &s, move), RC_OK);
	s.w = before;
	s.move.owner = "you";
	assert_int_equal(run(&t, &s, move), RC_CONFLICT);
	testdb_remove(&t);
	arena_release(&s.arena);
}

static enum rc next(struct tx *tx, struct scene *s, struct err *e)
{
	struct write w;

	return outbox_next(tx, &s->arena, "o1", &w, e);
}

static enum rc put(struct tx *tx, struct scene *s, struct err *e)
{
	enum rc rc = worklist_put(tx, &us, &s->w, e);

	return rc == RC_OK ? outbox_get(tx, &s->arena, "o1", s->w.id, &s->w, e) : rc;
}

static enum rc done(struct tx *tx, struct scene *s, struct err *e)
{
	enum rc rc = worklist_close(tx, &us, "o1", s->w.id, true, "in the portal", e);

	return rc == RC_OK ? outbox_get(tx, &s->arena, "o1", s->w.id, &s->w, e) : rc;
}

/* What a person makes in the PSA is never sent: no drain finds it, and it does not count as waiting. */
static void listed(void **state)
{
	struct scene s = { 0 };
	struct testdb t;

	testdb_open(&t);
	assert_int_equal(run(&t, &s, add), RC_OK);
	assert_int_equal(run(&t, &s, next), RC_OK);
	assert_int_equal(run(&t, &s, put), RC_OK);
	assert_int_equal(s.w.state, WRITE_LISTED);
	assert_int_equal(run(&t, &s, next), RC_NOT_FOUND);
	assert_int_equal(run(&t, &s, look), RC_OK);
	assert_int_equal(s.waiting, 0);
	assert_int_equal(s.verdict.rows, 0);
	assert_int_equal(run(&t, &s, done), RC_OK);
	assert_int_equal(s.w.state, WRITE_APPLIED);
	assert_non_null(strstr(s.w.detail, "trueup says that this was done"));
	assert_int_equal(run(&t, &s, done), RC_CONFLICT);
	assert_int_equal(run(&t, &s, look), RC_OK);
	assert_int_equal(s.verdict.rows, 1);
	testdb_remove(&t);
	arena_release(&s.arena);
}

/* A move that the picture does not have is our own fault: the program stops rather than go on with it. */
static void forbidden_moves(void **state)
{
	static const enum write_state no[][2] = {
		{ WRITE_APPLIED, WRITE_SENDING },
		{ WRITE_APPLIED, WRITE_PLANNED },
		{ WRITE_PLANNED, WRITE_APPLIED },
		{ WRITE_UNKNOWN, WRITE_SENDING },
		{ WRITE_CONFLICT, WRITE_PLANNED },
		{ WRITE_ROLLED_BACK, WRITE_APPLIED },
		{ WRITE_LISTED, WRITE_SENDING },
		{ WRITE_LISTED, WRITE_PLANNED },
		{ WRITE_LISTED, WRITE_UNKNOWN },
		{ WRITE_SENDING, WRITE_LISTED },
		{ WRITE_UNKNOWN, WRITE_LISTED },
		{ WRITE_APPLIED, WRITE_LISTED },
	};

	for (size_t i = 0; i < ARRAY_LEN(no); i++) {
		int status;
		pid_t child = fork();

		if (child == 0) {
			struct write w = { .org = "o1", .id = "w1", .state = no[i][0] };
			struct write_move m = { .to = no[i][1] };

			signal(SIGABRT, SIG_DFL);
			close(STDERR_FILENO);
			(void)outbox_move(NULL, &us, &w, &m, NULL);
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_good_way), cmocka_unit_test(again_later), cmocka_unit_test(somebody_else_moved_it),
		cmocka_unit_test(listed), cmocka_unit_test(forbidden_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
