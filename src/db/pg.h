/* pg.h - what the files of the PostgreSQL engine share. Private to src/db. */
#ifndef DB_PG_H
#define DB_PG_H

#include "db/engine.h"

#include "base/rand.h"

#include <libpq-fe.h>

/* More could fill the buffers of both sides, and then each would wait for the other. */
enum { PG_QUEUED_MAX = 256 };

struct pg {
	struct conn base;
	PGconn *db;
	char *url;
	/* To ask about after a lost commit: the running transaction's number, and what it leaves in commit_marks. */
	char xid[24];
	char writer[ID_TEXT];
	int64_t commits;
	bool marks;		/* the store has that table: an older one has not until it is brought up to date */
	char channel[48];	/* where the messages of this store go */
	int64_t mark;
	int64_t changes, analyzed_at;	/* since the connection was opened; and when statistics were last made */
	bool prepared[SQL_MAX];
	struct pg_queued {
		enum sql_id id;
		int64_t *idle;
	} queued[PG_QUEUED_MAX];	/* sent, and the answer not read yet */
	unsigned queued_count;
};

/* Connects; RC_IO with one line for a person when that fails. `use` sets what the session may do. */
enum rc pg_connect(const char *url, enum conn_use use, PGconn **ret, struct err *e) MUST_CHECK;
/* The channel of the store that `db` is connected to (its schema decides). */
enum rc pg_channel(PGconn *db, char *ret, size_t size, struct err *e) MUST_CHECK;
/* A copy of a message of libpq in one line, without line ends and control characters. */
const char *pg_one_line(const char *message, char *ret, size_t size);

bool pg_good(const PGresult *result);
/* Fills `e` from a failed result (may be NULL) and sets the connection's state. */
enum rc pg_err(struct pg *p, const PGresult *result, const char *what, struct err *e);
/* The same for a connection that has lost step with the server: it is of no use any more. */
enum rc pg_lost(struct pg *p, const PGresult *result, struct err *e);

void *pg_listen(const char *url, void (*fn)(void *arg, const char *channel, const char *text), void *arg);
void pg_unlisten(void *ear);

#endif
