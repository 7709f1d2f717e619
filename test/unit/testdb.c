#include "testdb.h"

#include <dirent.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void die(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

bool testdb_postgres(void)
{
	const char *url = getenv("TRUEUP_TEST_DB");

	return url && *url;
}

static void on_server(const char *command, const char *schema, const char *rest)
{
	PGconn *db = PQconnectdb(getenv("TRUEUP_TEST_DB"));
	char text[256];
	PGresult *result;

	snprintf(text, sizeof(text), "SET client_min_messages = error; %s %s %s", command, schema, rest);
	result = PQexec(db, text);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		die(text, PQerrorMessage(db));
	PQclear(result);
	PQfinish(db);
}

static void make_schema(struct testdb *t)
{
	static unsigned number;
	const char *url = getenv("TRUEUP_TEST_DB");

	snprintf(t->schema, sizeof(t->schema), "test_%ld_%u_%lld", (long)getpid(), ++number, (long long)clock_mono());
	on_server("CREATE SCHEMA", t->schema, "");
	snprintf(t->url, sizeof(t->url), "%s%coptions=-csearch_path%%3D%s", url, strchr(url, '?') ? '&' : '?',
		t->schema);
}

void testdb_make(struct testdb *t)
{
	const char *tmp = getenv("TMPDIR");

	memset(t, 0, sizeof(*t));
	snprintf(t->dir, sizeof(t->dir), "%s/trueup-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(t->dir))
		die("cannot make a temporary folder", t->dir);
	if (testdb_postgres()) {
		make_schema(t);
		return;
	}
	snprintf(t->path, sizeof(t->path), "%s/store.db", t->dir);
	snprintf(t->url, sizeof(t->url), "sqlite:%s", t->path);
}

void testdb_open(struct testdb *t)
{
	struct err e;

	testdb_make(t);
	if (db_open(t->url, 4, &t->db, &e) != RC_OK)
		die("cannot open the test's store", e.text);
}

/* One level is enough: the store's file and those beside it. */
static void remove_dir(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(path);
}

static void sql_on_sqlite(const char *path, const char *text)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		die(path, sqlite3_errmsg(db));
	sqlite3_busy_timeout(db, 10000);
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		die(text, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static void sql_on_postgres(const char *url, const char *text)
{
	PGconn *db = PQconnectdb(url);
	PGresult *result = PQexec(db, text);
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		die(text, PQerrorMessage(db));
	PQclear(result);
	PQfinish(db);
}

void testdb_sql(struct testdb *t, const char *text)
{
	if (testdb_postgres())
		sql_on_postgres(t->url, text);
	else
		sql_on_sqlite(t->path, text);
}

void testdb_remove(struct testdb *t)
{
	db_close(t->db);
	t->db = NULL;
	if (t->schema[0])
		on_server("DROP SCHEMA", t->schema, "CASCADE");
	if (t->dir[0])
		remove_dir(t->dir);
}
