/* testdb.h - a fresh store for a test, on the engine that TRUEUP_TEST_DB names: nothing = SQLite in a
 * temporary folder, postgresql://... = a schema of its own on that server. */
#ifndef TEST_TESTDB_H
#define TEST_TESTDB_H

#include "db/db.h"

struct testdb {
	char url[1024];		/* to open it once more */
	char path[512];		/* SQLite: the file; PostgreSQL: "" */
	char dir[256];
	char schema[64];
	struct db *db;
};

/* Makes a place for a store. testdb_open() also opens it; both end the test when that fails. */
void testdb_make(struct testdb *t);
void testdb_open(struct testdb *t);
/* Runs SQL behind the store's back, as somebody with a database tool would. Ends the test when it fails. */
void testdb_sql(struct testdb *t, const char *text);
/* Closes what is open and removes all of it. */
void testdb_remove(struct testdb *t);
/* True when the tests run on PostgreSQL. */
bool testdb_postgres(void);

#endif
