/* db.c - opening, closing, reading, and who hears what. Writing is in writer.c, statements in tx.c. */
#include "db/tx.h"

#include <stdlib.h>
#include <string.h>

static const struct engine *engine_of(const char *url)
{
	if (strncmp(url, "sqlite:", 7) == 0)
		return &engine_sqlite;
	if (strncmp(url, "postgresql://", 13) == 0 || strncmp(url, "postgres://", 11) == 0)
		return &engine_postgres;
	return NULL;
}

static enum rc unknown_store(struct err *e)
{
	return err_set(e, RC_INVALID, "The store must be named as sqlite:PATH or postgresql://...");
}

static struct db *db_new(const char *url, const struct engine *engine, unsigned readers)
{
	struct db *db = xcalloc(1, sizeof(*db));
	pthread_condattr_t attr;

	db->engine = engine;
	db->url = xstrdup(url);
	db->last = &db->first;
	db->writer_count = engine->writers;
	db->writers = xcalloc(db->writer_count, sizeof(*db->writers));
	db->reader_count = readers ? readers : 1;
	db->readers = xcalloc(db->reader_count, sizeof(struct conn *));
	db->free_readers = xcalloc(db->reader_count, sizeof(struct conn *));
	pthread_mutex_init(&db->lock, NULL);
	pthread_mutex_init(&db->read_lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&db->work, &attr);
	pthread_cond_init(&db->enough, &attr);
	pthread_cond_init(&db->read_free, &attr);
	pthread_condattr_destroy(&attr);
	return db;
}

static enum rc open_readers(struct db *db, struct err *e)
{
	enum rc rc;

	while (db->free_count < db->reader_count) {
		rc = db->engine->open(db->url, CONN_READ, &db->readers[db->free_count], e);
		if (rc != RC_OK)
			return rc;
		db->free_readers[db->free_count] = db->readers[db->free_count];
		db->free_count++;
	}
	return RC_OK;
}

enum rc db_look(const char *url, int64_t *ret_is, int64_t *ret_newest, struct err *e)
{
	const struct engine *engine = engine_of(url);
	struct conn *c;
	enum rc rc;

	if (!engine)
		return unknown_store(e);
	rc = engine->open(url, CONN_READ, &c, e);
	if (rc != RC_OK)
		return rc;
	rc = migrate_look(c, schema_steps, ret_is, ret_newest, e);
	engine->close(c);
	return rc;
}

enum rc db_open(const char *url, unsigned readers, struct db **ret_db, struct err *e)
{
	const struct engine *engine = engine_of(url);
	struct db *db;
	enum rc rc;

	*ret_db = NULL;
	if (!engine)
		return unknown_store(e);
	db = db_new(url, engine, readers);
	rc = engine->open(url, CONN_WRITE, &db->writers[0].conn, e);
	if (rc == RC_OK)
		rc = migrate(db->writers[0].conn, schema_steps, e);
	if (rc == RC_OK)
		rc = open_readers(db, e);
	if (rc == RC_OK)
		rc = writers_start(db, e);
	if (rc != RC_OK) {
		db_close(db);
		return rc;
	}
	*ret_db = db;
	return RC_OK;
}

void db_close(struct db *db)
{
	unsigned i;

	if (!db)
		return;
	if (db->far_ear)
		db->engine->unlisten(db->far_ear);
	for (i = 0; i < db->reader_count && db->readers[i]; i++)
		db->engine->close(db->readers[i]);
	writers_stop(db);
	for (i = 0; i < db->ear_count; i++)
		if (db->ears[i].gone)
			db->ears[i].gone(db->ears[i].arg);
	pthread_cond_destroy(&db->work);
	pthread_cond_destroy(&db->enough);
	pthread_cond_destroy(&db->read_free);
	pthread_mutex_destroy(&db->lock);
	pthread_mutex_destroy(&db->read_lock);
	free(db->free_readers);
	free(db->readers);
	free(db->writers);
	free(db->url);
	free(db);
}

enum db_engine db_engine(const struct db *db)
{
	return db->engine->kind;
}

static struct conn *take_reader(struct db *db)
{
	struct conn *c;

	pthread_mutex_lock(&db->read_lock);
	while (db->free_count == 0)
		pthread_cond_wait(&db->read_free, &db->read_lock);
	c = db->free_readers[--db->free_count];
	pthread_mutex_unlock(&db->read_lock);
	return c;
}

static void give_reader(struct db *db, struct conn *c)
{
	pthread_mutex_lock(&db->read_lock);
	db->free_readers[db->free_count++] = c;
	pthread_cond_signal(&db->read_free);
	pthread_mutex_unlock(&db->read_lock);
}

/* A connection that died while it was idle is opened again; nothing was read on it yet. */
static enum rc begin_read(struct conn *c, struct err *e)
{
	enum rc rc = c->state == CONN_LOST ? RC_IO : c->engine->begin(c, e);

	if (rc == RC_OK || c->state != CONN_LOST)
		return rc;
	rc = c->engine->reopen(c, e);
	return rc == RC_OK ? c->engine->begin(c, e) : rc;
}

enum rc db_read(struct db *db, db_fn fn, void *arg, struct err *e)
{
	struct conn *c = take_reader(db);
	AUTO(arena) arena = ARENA_INIT;
	struct tx tx;
	enum rc rc;

	rc = begin_read(c, e);
	if (rc == RC_OK) {
		tx_init(&tx, c, &arena);
		rc = fn(&tx, arg, e);
		tx_close_cursors(&tx);
		if (tx.failed && rc == RC_OK) {
			rc = tx.err.rc;
			if (e)
				*e = tx.err;
		}
		c->engine->rollback(c);
	}
	give_reader(db, c);
	return rc;
}

void db_listen(
	struct db *db, void (*fn)(void *arg, const char *channel, const char *text), void (*gone)(void *arg), void *arg)
{
	unsigned n = atomic_load(&db->ear_count);

	if (n == EARS_MAX)
		BUG("too many listeners");
	db->ears[n] = (struct ear){ fn, gone, arg };
	atomic_store(&db->ear_count, n + 1);
	if (db->engine->listen && !db->far_ear)
		db->far_ear = db->engine->listen(db->url, db_tell, db);
}

void db_tell(void *arg, const char *channel, const char *text)
{
	struct db *db = arg;
	unsigned i;

	for (i = 0; i < atomic_load(&db->ear_count); i++)
		db->ears[i].fn(db->ears[i].arg, channel, text);
}
