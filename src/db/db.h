/* db.h - the store: one small face over SQLite and PostgreSQL.
 *
 * Every statement is named, lives in db/sql/ and is written once for both engines. Writes from
 * many threads are grouped: a writer thread takes what is queued, runs each job inside one
 * transaction (each behind a savepoint), commits once, and only then tells the jobs' owners. So
 * "done" always means "on disk". Reads have connections of their own and see a snapshot.
 *
 * Inside a transaction errors stick: after a failed statement every further call on it is a
 * no-op that fails with the same words, rows_next() says false, and the job is rolled back.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/clock.h"
#include "base/num.h"
#include "db/sql.h"	/* enum sql_id, made from the statements of db/sql by tools/sqlgen */

struct db;
struct tx;

enum db_engine { DB_SQLITE, DB_POSTGRES };

/* Opens "sqlite:PATH" or "postgresql://...", brings the schema up to date, and starts the writer.
 * `readers` is the number of read connections. RC_IO with a sentence: folder not writable, disk
 * full, server not reachable, database newer than this program. */
enum rc db_open(const char *url, unsigned readers, struct db **ret_db, struct err *e) MUST_CHECK;
/* Which schema step a store was brought to last (-1: it is empty) and which one this program would bring it to. Changes
 * nothing. RC_IO as above. */
enum rc db_look(const char *url, int64_t *ret_is, int64_t *ret_newest, struct err *e) MUST_CHECK;
/* Finishes what is queued, then closes. NULL is allowed. */
void db_close(struct db *db);
enum db_engine db_engine(const struct db *db);

/* The work of a transaction. Returning anything but RC_OK rolls its changes back (and only its). */
typedef enum rc (*db_fn)(struct tx *tx, void *arg, struct err *e);

/* Runs `fn` in the next group and returns when the group is on disk (or has failed). */
enum rc db_write(struct db *db, db_fn fn, void *arg, struct err *e) MUST_CHECK;
/* Runs `fn` on a read connection, in this thread, on one snapshot. It may not write. */
enum rc db_read(struct db *db, db_fn fn, void *arg, struct err *e) MUST_CHECK;

/* The same as db_write() without waiting: `done` is called on the writer's thread after the
 * commit (or failure). The job and all it points to must live until then. `fn` may run more than
 * once (a group that met a lost connection or deadlock is run again), so it must not change
 * anything outside the transaction that a second run would not simply overwrite. */
struct db_job {
	db_fn fn;
	void *arg;
	void (*done)(struct db_job *job);
	enum rc rc;
	struct err err;
	struct db_job *next;
};
void db_submit(struct db *db, struct db_job *job);
/* Calls these two around the `done` calls of each group, on the writer's thread: for what is cheaper once for all
 * of them. Before first use. */
void db_around_done(struct db *db, void (*before)(void), void (*after)(void));

/* Called in a write: makes other writers of the same organization wait (PostgreSQL; on SQLite there
 * is one writer anyway). Every write but an append takes it first. */
enum rc tx_lock_org(struct tx *tx, const char *org, struct err *e);
struct arena *tx_arena(struct tx *tx);	/* lives as long as the transaction */
/* Calls `fn(arg)` after this transaction is on disk; nothing happens if it is rolled back. `arg` must
 * come from tx_arena(). For waking up others (events, job runner). */
void tx_after_commit(struct tx *tx, void (*fn)(void *arg), void *arg);

/* Tells every listener of `channel` after this transaction is on disk: in this process, and on PostgreSQL (LISTEN
 * and NOTIFY) in every process on the same store. `text` is below 7,900 bytes. */
void tx_notify(struct tx *tx, const char *channel, const char *text);
/* Calls `fn` for what tx_notify() tells, on a thread of the store; it must not block. One thread at a time adds
 * listeners; they stay until the store is closed; then `gone` (may be NULL) is called, and `fn` never again. */
void db_listen(struct db *db, void (*fn)(void *arg, const char *channel, const char *text), void (*gone)(void *arg),
	void *arg);

/* Values are given by a letter each: t text (NULL = null), i int64_t, q qty (as int64), b bool (as 0/1), d day
 * (DAY_NONE = null), I const int64_t * and Q const qty * (NULL = null), n null (no argument). */
enum rc sql_exec(struct tx *tx, struct err *e, enum sql_id id, const char *types, ...);
/* The same for changes of which many follow each other and nobody asks what each did: on PostgreSQL they go out without
 * waiting for the answers. A failure may be told by this call or by any later one of this transaction. */
enum rc sql_put(struct tx *tx, struct err *e, enum sql_id id, const char *types, ...);
/* Waits for the answers, and says how many of this transaction's sql_put() have changed nothing. */
enum rc sql_settle(struct tx *tx, int64_t *ret_idle, struct err *e);
/* Rows that the last sql_exec() of this transaction changed. */
int64_t sql_changes(struct tx *tx);

struct rows {
	struct tx *tx;
	void *stmt;		/* engine's own */
	int row, count;
};

/* Starts a query; then `while (rows_next(&r))`; always ends by rows_end(), which gives the error. */
void sql_query(struct tx *tx, struct rows *ret_rows, enum sql_id id, const char *types, ...);
bool rows_next(struct rows *r);
/* Valid until the next rows_next(); NULL for null. Columns count from 0. */
const char *rows_text(struct rows *r, int col);
/* A copy in the arena; NULL for null. */
char *rows_dup(struct rows *r, struct arena *a, int col);
int64_t rows_int(struct rows *r, int col);	/* 0 for null */
day rows_day(struct rows *r, int col);		/* DAY_NONE for null */
bool rows_null(struct rows *r, int col);
enum rc rows_end(struct rows *r, struct err *e);

/* First column of the first row; RC_NOT_FOUND (no words) when there is none. */
enum rc sql_text(struct tx *tx, struct arena *a, char **ret, struct err *e, enum sql_id id, const char *types, ...);
enum rc sql_int(struct tx *tx, int64_t *ret, struct err *e, enum sql_id id, const char *types, ...);

#endif
