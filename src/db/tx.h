/* tx.h - the inside of a transaction and of the store. Private to src/db. */
#ifndef DB_TX_H
#define DB_TX_H

#include "db/engine.h"

#include <pthread.h>
#include <stdatomic.h>

struct after {
	void (*fn)(void *arg);
	void *arg;
	struct after *next;
};

struct note {
	const char *channel, *text;
	struct note *next;
};

struct tx {
	struct conn *conn;
	struct arena *arena;
	struct cursor *open;		/* queries not ended yet */
	struct after *after, **after_end;
	struct note *notes, **notes_end;
	int64_t changes;
	int64_t idle;			/* sql_put() that changed nothing */
	bool alone;			/* first in its group: it may wait for a lock */
	bool deferred;			/* met a held lock: must be first in a later group */
	bool failed;			/* then `err` says how */
	struct err err;
};

void tx_init(struct tx *tx, struct conn *conn, struct arena *arena);
/* Ends queries that were left open. */
void tx_close_cursors(struct tx *tx);
/* Marks the transaction as failed by what tx->err says; the first failure stays. */
void tx_fail(struct tx *tx);

enum { GROUP_MAX = 256, EARS_MAX = 8 };

struct ear {
	void (*fn)(void *arg, const char *channel, const char *text);
	void (*gone)(void *arg);
	void *arg;
};

struct writer {
	struct db *db;
	struct conn *conn;
	pthread_t thread;
	bool running;
	unsigned last_count;		/* jobs taken at once, and when they ended: tells a crowd */
	utime last_end;
	unsigned careful;		/* groups that still get savepoints */
	unsigned lonely;		/* jobs that still get a transaction each */
	struct arena arena;
	struct db_job *jobs[GROUP_MAX];
	struct tx txs[GROUP_MAX];
};

struct db {
	const struct engine *engine;
	char *url;

	pthread_mutex_t lock;		/* guards the queue */
	pthread_cond_t work, enough;
	struct db_job *first, **last;
	unsigned queued, sleeping, wanted;
	atomic_bool stopping;
	struct writer *writers;
	unsigned writer_count;

	pthread_mutex_t read_lock;	/* guards the free read connections */
	pthread_cond_t read_free;
	struct conn **readers, **free_readers;
	unsigned reader_count, free_count;

	struct ear ears[EARS_MAX];
	atomic_uint ear_count;		/* a listener may come while others are being told */
	void *far_ear;
	void (*_Atomic before_done)(void), (*_Atomic after_done)(void);
};

/* Starts and stops the writer threads; stop finishes what is queued. */
enum rc writers_start(struct db *db, struct err *e);
void writers_stop(struct db *db);
/* Tells every listener in this process. */
void db_tell(void *db, const char *channel, const char *text);

#endif
