/* postgres.c - the store on a PostgreSQL server.
 *
 * Values go and come as text. Each statement is prepared on a connection when it is first used there, with
 * the types that its parameter letters tell. Results are read whole, so queries of one transaction may nest.
 * When the server is lost during a commit, the transaction is looked up after connecting again: what was stored is
 * never run twice. Its number tells when the server is done with it, and a mark in the store whose it was: a server
 * that died gives numbers away again that its log does not show.
 */
#include "db/pg.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ANALYZE = 1000, OID_BOOL = 16, OID_INT8 = 20, OID_TEXT = 25, NUMBER_TEXT = 24 };

#define COMMIT_PATIENCE (10 * CLOCK_SECOND)
/* SQLSTATE of pg_xact_status() for a number that was not given away yet. */
#define IN_THE_FUTURE "22023"
#define MARK_TIME (30 * CLOCK_DAY)

struct pg_cursor {
	struct cursor base;
	PGresult *result;
	int row;
};

/* ---- statements whose answers are read later ---- */

/* Reads the answer of one queued statement. Those behind a failed one are not run, and say nothing of their own. */
static enum rc take_answer(struct pg *p, const struct pg_queued *q, bool failed, struct err *e)
{
	PGresult *result = PQgetResult(p->db), *more;
	enum rc rc = RC_OK;

	if (pg_good(result)) {
		*q->idle += strcmp(PQcmdTuples(result), "0") == 0;
		p->changes++;
	} else if (!failed) {
		rc = pg_err(p, result, sql_texts[q->id].name, e);
	}
	PQclear(result);
	while ((more = PQgetResult(p->db)))
		PQclear(more);
	return rc;
}

/* Reads the sync's own answer. `rc` is what the statements before it came to. */
static enum rc leave_pipeline(struct pg *p, enum rc rc, struct err *e)
{
	PGresult *result = PQgetResult(p->db);

	/* Whatever else failed: the connection decides what is done about it. */
	if (PQresultStatus(result) != PGRES_PIPELINE_SYNC || PQexitPipelineMode(p->db) != 1)
		rc = pg_lost(p, result, e);
	PQclear(result);
	return rc;
}

static enum rc pg_flush(struct conn *c, struct err *e)
{
	struct pg *p = (struct pg *)c;
	unsigned count = p->queued_count, i;
	enum rc rc = RC_OK, one;

	if (count == 0)
		return RC_OK;
	p->queued_count = 0;
	if (PQpipelineSync(p->db) != 1)
		return pg_lost(p, NULL, e);
	for (i = 0; i < count && c->state != CONN_LOST; i++) {
		one = take_answer(p, &p->queued[i], rc != RC_OK, e);
		rc = rc == RC_OK ? one : rc;
	}
	return c->state == CONN_LOST ? rc : leave_pipeline(p, rc, e);
}

/* ---- transactions ---- */

static enum rc run(struct pg *p, const char *text, struct err *e)
{
	PGresult *result;
	enum rc rc = pg_flush(&p->base, e);

	if (rc != RC_OK)
		return rc;
	result = PQexec(p->db, text);
	if (!pg_good(result))
		rc = pg_err(p, result, text, e);
	PQclear(result);
	return rc;
}

/* A writer learns its transaction's number at once, in the same round trip. */
static enum rc begin_write(struct pg *p, struct err *e)
{
	static const char text[] = "BEGIN ISOLATION LEVEL READ COMMITTED; "
				   "SELECT pg_current_xact_id(), to_regclass('commit_marks') IS NOT NULL";
	PGresult *result = PQexec(p->db, text);
	enum rc rc = RC_OK;

	if (PQresultStatus(result) == PGRES_TUPLES_OK) {
		snprintf(p->xid, sizeof(p->xid), "%s", PQgetvalue(result, 0, 0));
		p->marks = *PQgetvalue(result, 0, 1) == 't';
	} else {
		rc = pg_err(p, result, "begin", e);
	}
	PQclear(result);
	return rc;
}

static enum rc pg_begin(struct conn *c, struct err *e)
{
	struct pg *p = (struct pg *)c;

	if (c->state == CONN_LOST || c->state == CONN_UNSURE || !p->db) {
		c->state = CONN_LOST;
		return err_set(e, RC_IO, "There is no connection to the database server.");
	}
	c->state = CONN_GOOD;
	p->mark = 0;
	if (c->use == CONN_READ)
		return run(p, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", e);
	return begin_write(p, e);
}

static void drop(struct pg *p)
{
	PQfinish(p->db);
	p->db = NULL;
	memset(p->prepared, 0, sizeof(p->prepared));
	p->queued_count = 0;
}

static enum rc pg_reopen(struct conn *c, struct err *e)
{
	struct pg *p = (struct pg *)c;
	enum rc rc;

	drop(p);
	c->state = CONN_LOST;
	rc = pg_connect(p->url, c->use, &p->db, e);
	if (rc == RC_OK)
		c->state = CONN_GOOD;
	return rc;
}

/* Runs a question about what became of a commit. */
static PGresult *ask(struct pg *p, const char *text, int count, const char *const *values)
{
	return PQexecParams(p->db, text, count, NULL, values, NULL, NULL, 0);
}

enum fate { NOT_STORED, STORED, NOT_KNOWN };

/* Whether the transaction that has p->xid, now that it ended, left this writer's mark. */
static enum fate look_for_mark(struct pg *p)
{
	char number[NUMBER_TEXT];
	const char *const values[] = { p->writer, number };
	PGresult *result;
	enum fate fate = NOT_KNOWN;

	if (!p->marks)
		return STORED; /* an older store, which is just being brought up to date: each step looks for itself */
	snprintf(number, sizeof(number), "%" PRId64, p->commits);
	result = ask(p, "SELECT 1 FROM commit_marks WHERE writer = $1 AND mark = $2::bigint", 2, values);
	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		fate = PQntuples(result) > 0 ? STORED : NOT_STORED;
	PQclear(result);
	return fate;
}

/* What became of the last transaction. A number that the server has not reached (again) is nobody's: nothing was
 * stored. */
static enum fate look_up_commit(struct pg *p)
{
	const char *const values[] = { p->xid };
	PGresult *result = ask(p, "SELECT pg_xact_status($1::xid8)", 1, values);
	const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE), *said = "";
	enum fate fate = NOT_KNOWN;

	if (PQntuples(result) == 1)
		said = PQgetvalue(result, 0, 0);
	if (strcmp(said, "committed") == 0)
		fate = look_for_mark(p);
	else if (strcmp(said, "aborted") == 0 || (code && strcmp(code, IN_THE_FUTURE) == 0))
		fate = NOT_STORED;
	PQclear(result);
	return fate;
}

/* The server was lost while it was to commit. */
static enum rc find_out(struct pg *p, struct err *e)
{
	utime since = clock_mono();
	struct err mine;
	enum fate fate;

	for (; clock_mono() - since < COMMIT_PATIENCE; clock_sleep(CLOCK_SECOND / 5)) {
		if (p->base.state == CONN_LOST && pg_reopen(&p->base, &mine) != RC_OK)
			continue;
		fate = look_up_commit(p);
		if (fate == STORED)
			return RC_OK;
		if (fate == NOT_STORED) {
			p->base.state = CONN_LOST;
			return e->rc;
		}
		if (PQstatus(p->db) == CONNECTION_BAD)
			p->base.state = CONN_LOST;
	}
	p->base.state = CONN_UNSURE;
	return err_set(e, RC_IO,
		"The connection to the database server was lost while this was being stored, and it is not known "
		"whether it was. Look before you do it again.");
}

/* Commits; what changed something leaves its mark in the same breath. */
static PGresult *send_commit(struct pg *p)
{
	char text[256];

	if (p->mark == 0 || !p->marks)
		return PQexec(p->db, "COMMIT");
	snprintf(text, sizeof(text),
		"INSERT INTO commit_marks (writer, mark, marked_at) VALUES ('%s', %" PRId64 ", %" PRId64 ") "
		"ON CONFLICT (writer) DO UPDATE SET mark = excluded.mark, marked_at = excluded.marked_at; COMMIT",
		p->writer, ++p->commits, clock_now());
	return PQexec(p->db, text);
}

static enum rc pg_commit(struct conn *c, struct err *e)
{
	struct pg *p = (struct pg *)c;
	enum rc rc = pg_flush(c, e);
	PGresult *result;

	if (rc != RC_OK)
		return rc;
	result = send_commit(p);
	if (!pg_good(result))
		rc = pg_err(p, result, "commit", e);
	else if (strcmp(PQcmdStatus(result), "COMMIT") != 0)
		BUG("a failed transaction was committed");
	PQclear(result);
	return rc != RC_OK && c->state == CONN_LOST && p->mark > 0 ? find_out(p, e) : rc;
}

static void pg_rollback(struct conn *c)
{
	struct pg *p = (struct pg *)c;
	PGTransactionStatusType status;
	struct err e;

	if (c->state == CONN_LOST || (pg_flush(c, &e) != RC_OK && c->state == CONN_LOST))
		return;
	status = PQtransactionStatus(p->db);
	if (status == PQTRANS_IDLE)
		c->state = CONN_GOOD;
	else if (status == PQTRANS_UNKNOWN)
		c->state = CONN_LOST;
	else if (run(p, "ROLLBACK", &e) == RC_OK)
		c->state = CONN_GOOD;
	else
		c->state = CONN_LOST;
}

static enum rc pg_save(struct conn *c, struct err *e)
{
	return run((struct pg *)c, "SAVEPOINT job", e);
}

static enum rc pg_release(struct conn *c, struct err *e)
{
	return run((struct pg *)c, "RELEASE job", e);
}

static enum rc pg_undo(struct conn *c, struct err *e)
{
	enum rc rc = run((struct pg *)c, "ROLLBACK TO job; RELEASE job", e);

	if (rc == RC_OK)
		c->state = CONN_GOOD;
	return rc;
}

static int64_t pg_mark(struct conn *c)
{
	return ((struct pg *)c)->mark;
}

static enum rc pg_lock(struct conn *c, const char *key, bool wait, bool *ret_got, struct err *e)
{
	/* Names the schema too, so that two stores in one database do not wait for each other. */
	static const char waiting[] = "SELECT true FROM pg_advisory_xact_lock(hashtextextended($1, "
				      "hashtext(current_schema())))";
	static const char trying[] = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, "
				     "hashtext(current_schema())))";
	struct pg *p = (struct pg *)c;
	const char *values[] = { key };
	const Oid types[] = { OID_TEXT };
	PGresult *result;
	enum rc rc = pg_flush(c, e);

	*ret_got = false;
	if (rc != RC_OK)
		return rc;
	result = PQexecParams(p->db, wait ? waiting : trying, 1, types, values, NULL, NULL, 0);
	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		*ret_got = PQgetvalue(result, 0, 0)[0] == 't';
	else
		rc = pg_err(p, result, "lock", e);
	PQclear(result);
	return rc;
}

static enum rc pg_notify(struct conn *c, const char *channel, const char *text, struct err *e)
{
	struct pg *p = (struct pg *)c;
	const char *values[] = { p->channel, channel, text };
	const Oid types[] = { OID_TEXT, OID_TEXT, OID_TEXT };
	PGresult *result;
	enum rc rc = pg_flush(c, e);

	if (rc != RC_OK)
		return rc;
	result = PQexecParams(p->db, "SELECT pg_notify($1, $2 || E'\\n' || $3)", 3, types, values, NULL, NULL, 0);
	if (!pg_good(result))
		rc = pg_err(p, result, "notify", e);
	p->mark++;
	PQclear(result);
	return rc;
}

/* ---- statements ---- */

static enum rc prepare(struct pg *p, const char *name, enum sql_id id, const Oid *types, int count, struct err *e)
{
	PGresult *result = PQprepare(p->db, name, sql_texts[id].postgres, count, types);
	enum rc rc = pg_good(result) ? RC_OK : pg_err(p, result, sql_texts[id].name, e);

	PQclear(result);
	return rc;
}

/* Letter n says nothing about the type: the server finds it out. */
static Oid type_of(char letter)
{
	return letter == 't' ? OID_TEXT : letter == 'n' ? 0 : OID_INT8;
}

/* The highest N of the $N in a statement; the server does not mind too many values. */
static int count_parameters(const char *text)
{
	long highest = 0, n;

	for (; *text; text++) {
		n = *text == '$' ? strtol(text + 1, NULL, 10) : 0;
		highest = n > highest ? n : highest;
	}
	return (int)highest;
}

static enum rc pg_check(struct conn *c, enum sql_id id, const char *letters, struct err *e)
{
	int count = 0, want = count_parameters(sql_texts[id].postgres);
	Oid types[VALUES_MAX] = { 0 };

	for (; letters && letters[count]; count++)
		types[count] = type_of(letters[count]);
	if (letters && want != count)
		return err_set(e, RC_INTERNAL, "%s has %d parameters and is called with \"%s\".", sql_texts[id].name,
			want, letters);
	return prepare((struct pg *)c, "", id, types, count, e);
}

/* Parameters in libpq's form. */
struct params {
	char numbers[VALUES_MAX][NUMBER_TEXT];
	const char *values[VALUES_MAX];
	Oid types[VALUES_MAX];
};

static void fill_params(struct params *ret, const struct value *v, int count)
{
	for (int i = 0; i < count; i++) {
		ret->types[i] = type_of(v[i].letter);
		ret->values[i] = v[i].null ? NULL : v[i].is_text ? v[i].text : ret->numbers[i];
		if (ret->values[i] == ret->numbers[i])
			snprintf(ret->numbers[i], NUMBER_TEXT, "%" PRId64, v[i].number);
	}
}

static enum rc prepare_once(struct pg *p, enum sql_id id, const struct params *params, int count, struct err *e)
{
	enum rc rc;

	if (p->prepared[id])
		return RC_OK;
	rc = pg_flush(&p->base, e);
	if (rc == RC_OK)
		rc = prepare(p, sql_texts[id].name, id, params->types, count, e);
	p->prepared[id] = rc == RC_OK;
	return rc;
}

/* Runs a statement; NULL and `e` when it failed. */
static PGresult *execute(struct pg *p, enum sql_id id, const struct value *v, int count, struct err *e)
{
	struct params params;
	PGresult *result;
	bool changed;

	fill_params(&params, v, count);
	if (prepare_once(p, id, &params, count, e) != RC_OK || pg_flush(&p->base, e) != RC_OK)
		return NULL;
	result = PQexecPrepared(p->db, sql_texts[id].name, count, params.values, NULL, NULL, 0);
	if (pg_good(result)) {
		changed = strncmp(PQcmdStatus(result), "SELECT", 6) != 0 && strcmp(PQcmdTuples(result), "0") != 0;
		p->mark += changed;
		p->changes += changed;
		return result;
	}
	pg_err(p, result, sql_texts[id].name, e);
	PQclear(result);
	return NULL;
}

static enum rc pg_put(struct conn *c, enum sql_id id, const struct value *v, int count, int64_t *idle, struct err *e)
{
	struct pg *p = (struct pg *)c;
	struct params params;
	enum rc rc = p->queued_count == PG_QUEUED_MAX ? pg_flush(c, e) : RC_OK;

	fill_params(&params, v, count);
	if (rc == RC_OK)
		rc = prepare_once(p, id, &params, count, e);
	if (rc != RC_OK)
		return rc;
	if ((p->queued_count == 0 && PQenterPipelineMode(p->db) != 1) ||
		PQsendQueryPrepared(p->db, sql_texts[id].name, count, params.values, NULL, NULL, 0) != 1)
		return pg_lost(p, NULL, e);
	p->queued[p->queued_count++] = (struct pg_queued){ id, idle };
	p->mark++;
	return RC_OK;
}

static int64_t pg_exec(struct conn *c, enum sql_id id, const struct value *v, int count, struct err *e)
{
	PGresult *result = execute((struct pg *)c, id, v, count, e);
	int64_t changes;

	if (!result)
		return -1;
	changes = strtoll(PQcmdTuples(result), NULL, 10);
	PQclear(result);
	return changes;
}

static struct cursor *pg_query(struct conn *c, enum sql_id id, const struct value *v, int count, struct err *e)
{
	PGresult *result = execute((struct pg *)c, id, v, count, e);
	struct pg_cursor *cur;

	if (!result)
		return NULL;
	cur = xcalloc(1, sizeof(*cur));
	cur->base.conn = c;
	cur->result = result;
	cur->row = -1;
	return &cur->base;
}

static int pg_next(struct cursor *base, struct err *e)
{
	struct pg_cursor *cur = (struct pg_cursor *)base;

	return ++cur->row < PQntuples(cur->result);
}

static bool pg_null(struct cursor *base, int col)
{
	struct pg_cursor *cur = (struct pg_cursor *)base;

	return PQgetisnull(cur->result, cur->row, col);
}

static const char *pg_text(struct cursor *base, int col)
{
	struct pg_cursor *cur = (struct pg_cursor *)base;

	return pg_null(base, col) ? NULL : PQgetvalue(cur->result, cur->row, col);
}

static int64_t pg_number(struct cursor *base, int col)
{
	struct pg_cursor *cur = (struct pg_cursor *)base;
	const char *text = PQgetvalue(cur->result, cur->row, col);

	if (PQftype(cur->result, col) == OID_BOOL)
		return *text == 't';
	return strtoll(text, NULL, 10);
}

static void pg_end(struct cursor *base)
{
	struct pg_cursor *cur = (struct pg_cursor *)base;

	PQclear(cur->result);
	free(cur);
}

static enum rc pg_script(struct conn *c, const char *text, struct err *e)
{
	return run((struct pg *)c, text, e);
}

/* Between two commits nobody asks for a mark; writers that did not end by themselves leave their last one
 * behind. */
static enum rc forget_marks(struct pg *p, struct err *e)
{
	char text[128];

	if (!p->marks)
		return RC_OK;
	snprintf(text, sizeof(text), "DELETE FROM commit_marks WHERE writer = '%s' OR marked_at < %" PRId64, p->writer,
		clock_now() - MARK_TIME);
	return run(p, text, e);
}

/* The server looks after itself, but may take a minute to see that a store has grown from nothing, and plans by what it
 * knows. So statistics are made each time the store has doubled. */
static bool pg_idle(struct conn *c)
{
	static const char analyze[] =
		"DO $$ DECLARE t text; BEGIN FOR t IN SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' "
		"AND relnamespace = current_schema()::regnamespace LOOP EXECUTE 'ANALYZE ' || t; END LOOP; END $$";
	struct pg *p = (struct pg *)c;
	struct err e;

	if (c->state != CONN_GOOD || p->changes < 2 * p->analyzed_at + FIRST_ANALYZE)
		return false;
	p->analyzed_at = p->changes;
	if ((run(p, analyze, &e) != RC_OK || forget_marks(p, &e) != RC_OK) && c->state != CONN_LOST)
		c->state = CONN_GOOD; /* nothing depends on it */
	return false;
}

/* ---- opening and closing ---- */

static void pg_close(struct conn *c)
{
	struct pg *p = (struct pg *)c;
	struct err e;

	if (p->commits > 0 && c->state == CONN_GOOD)
		(void)!forget_marks(p, &e);
	PQfinish(p->db);
	free(p->url);
	free(p);
}

static enum rc pg_open(const char *url, enum conn_use use, struct conn **ret, struct err *e)
{
	struct pg *p = xcalloc(1, sizeof(*p));
	enum rc rc;

	p->base = (struct conn){ &engine_postgres, CONN_GOOD, use };
	p->url = xstrdup(url);
	id_new(p->writer);
	rc = pg_connect(url, use, &p->db, e);
	if (rc == RC_OK)
		rc = pg_channel(p->db, p->channel, sizeof(p->channel), e);
	if (rc != RC_OK)
		pg_close(&p->base);
	else
		*ret = &p->base;
	return rc;
}

const struct engine engine_postgres = {
	.kind = DB_POSTGRES,
	.writers = 4,
	.open = pg_open,
	.close = pg_close,
	.reopen = pg_reopen,
	.begin = pg_begin,
	.commit = pg_commit,
	.rollback = pg_rollback,
	.save = pg_save,
	.release = pg_release,
	.undo = pg_undo,
	.mark = pg_mark,
	.script = pg_script,
	.exec = pg_exec,
	.put = pg_put,
	.flush = pg_flush,
	.query = pg_query,
	.next = pg_next,
	.text = pg_text,
	.number = pg_number,
	.null = pg_null,
	.end = pg_end,
	.check = pg_check,
	.lock = pg_lock,
	.notify = pg_notify,
	.idle = pg_idle,
	.listen = pg_listen,
	.unlisten = pg_unlisten,
};
