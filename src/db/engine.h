/* engine.h - what db.c and its helpers ask of a store engine. Private to src/db.
 *
 * An engine owns connections. A connection is used by one thread at a time, holds at most one transaction
 * and keeps its statements prepared, one per enum sql_id. A failed call fills the struct err with words for
 * a person and leaves in conn->state what that means for the transaction.
 */
#ifndef DB_ENGINE_H
#define DB_ENGINE_H

#include "db/db.h"

enum conn_use { CONN_WRITE, CONN_READ };

enum conn_state {
	CONN_GOOD,
	CONN_BROKEN,	/* a statement failed; the transaction can only go back (to a savepoint)   */
	CONN_ENDED,	/* the engine has rolled the transaction back by itself                    */
	CONN_AGAIN,	/* lost a race (deadlock, serialization): the same work may succeed again  */
	CONN_LOST,	/* the server is gone; reopen() before anything else                       */
	CONN_UNSURE	/* gone for long during a commit: it may be stored or not; then as CONN_LOST */
};

struct engine;

/* Head of an engine's own connection. */
struct conn {
	const struct engine *engine;
	enum conn_state state;
	enum conn_use use;
};

/* One parameter; text NULL with is_text set means null too. */
struct value {
	char letter;		/* as given in `types` */
	bool is_text;
	bool null;
	const char *text;
	int64_t number;
};

enum { VALUES_MAX = 64 };

/* A running query. Made and ended by the engine, kept in a list by the transaction. */
struct cursor {
	struct conn *conn;
	struct cursor *next;
};

struct engine {
	enum db_engine kind;
	unsigned writers;	/* connections that may write at the same time */

	enum rc (*open)(const char *url, enum conn_use use, struct conn **ret, struct err *e);
	void (*close)(struct conn *c);
	/* Connects again after CONN_LOST. */
	enum rc (*reopen)(struct conn *c, struct err *e);

	enum rc (*begin)(struct conn *c, struct err *e);
	enum rc (*commit)(struct conn *c, struct err *e);
	void (*rollback)(struct conn *c);
	/* A savepoint inside the transaction; undo goes back to it and drops it. They do not nest. */
	enum rc (*save)(struct conn *c, struct err *e);
	enum rc (*release)(struct conn *c, struct err *e);
	enum rc (*undo)(struct conn *c, struct err *e);
	/* Grows with every change made in this transaction, so that equal marks mean "nothing to undo". */
	int64_t (*mark)(struct conn *c);

	/* Runs several statements at once, outside of the table of statements: schema steps. */
	enum rc (*script)(struct conn *c, const char *text, struct err *e);
	/* Runs a statement to its end; the rows it changed, or -1 and `e`. */
	int64_t (*exec)(struct conn *c, enum sql_id id, const struct value *v, int count, struct err *e);
	/* As exec, but the failure may come with any later call, at the latest with flush() or commit(). When the
	 * answer comes and nothing was changed, *idle grows by one. NULL: exec does. */
	enum rc (*put)(struct conn *c, enum sql_id id, const struct value *v, int count, int64_t *idle, struct err *e);
	enum rc (*flush)(struct conn *c, struct err *e);
	/* Starts a query; NULL and `e` when it failed. */
	struct cursor *(*query)(struct conn *c, enum sql_id id, const struct value *v, int count, struct err *e);
	/* 1 a row, 0 the end, -1 failed. */
	int (*next)(struct cursor *cur, struct err *e);
	const char *(*text)(struct cursor *cur, int col);
	int64_t (*number)(struct cursor *cur, int col);
	bool (*null)(struct cursor *cur, int col);
	void (*end)(struct cursor *cur);
	/* Prepares without running. `types` NULL leaves the types to the engine. */
	enum rc (*check)(struct conn *c, enum sql_id id, const char *types, struct err *e);

	/* Makes other transactions that lock `key` wait until this one ends. Without `wait` it gives up at
	 * once when another holds it: *ret_got tells. */
	enum rc (*lock)(struct conn *c, const char *key, bool wait, bool *ret_got, struct err *e);
	/* Sends a message with the commit. NULL: messages stay in this process. */
	enum rc (*notify)(struct conn *c, const char *channel, const char *text, struct err *e);
	/* Housekeeping while nothing is to do; true when there is more of it later. */
	bool (*idle)(struct conn *c);

	/* Hears messages of all processes, on a thread of its own that connects (again) by itself. NULL as
	 * for notify. */
	void *(*listen)(const char *url, void (*fn)(void *arg, const char *channel, const char *text), void *arg);
	void (*unlisten)(void *ear);
};

extern const struct engine engine_sqlite;
extern const struct engine engine_postgres;

/* Brings the schema up to date on an open write connection. */
enum rc migrate(struct conn *c, const struct schema_step *steps, struct err *e);
/* Which step was done last (-1: none), and which is the program's last one. Changes nothing. */
enum rc migrate_look(
	struct conn *c, const struct schema_step *steps, int64_t *ret_is, int64_t *ret_newest, struct err *e);

#endif
