/* The bare loop that a push is measured against: the rows of a count into SQLite, a fixed number a commit, nothing
 * else.
 *
 *     push_base_bench FILE ROWS-A-COMMIT ACCOUNTS MILLISECONDS
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/rand.h"
#include "db/sql.h"

static sqlite3 *db;

static void must(int code, int want)
{
	if (code == want)
		return;
	fprintf(stderr, "%s\n", sqlite3_errmsg(db));
	exit(1);
}

static void make_schema(void)
{
	must(sqlite3_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;"
			      "PRAGMA wal_autocheckpoint = 16000", NULL, NULL, NULL), SQLITE_OK);
	for (const struct schema_step *s = schema_steps; s->name; s++)
		must(sqlite3_exec(db, s->sqlite, NULL, NULL, NULL), SQLITE_OK);
}

static sqlite3_stmt *prepare(const char *text)
{
	sqlite3_stmt *stmt;

	must(sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL), SQLITE_OK);
	return stmt;
}

static void step(sqlite3_stmt *stmt)
{
	must(sqlite3_step(stmt), SQLITE_DONE);
	sqlite3_reset(stmt);
}

static void bind_count(
	sqlite3_stmt *stmt, const char *org, const char *service, const char *account, const char *run, int64_t seq)
{
	sqlite3_bind_text(stmt, 1, org, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, service, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 3, account, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 4, seq);
	sqlite3_bind_int64(stmt, 5, seq % 100 * 1000000);
	sqlite3_bind_int64(stmt, 7, clock_now());
	sqlite3_bind_int64(stmt, 8, clock_now());
	sqlite3_bind_text(stmt, 9, run, -1, SQLITE_STATIC);
	step(stmt);
}

int main(int argc, char **argv)
{
	char org[ID_TEXT], service[ID_TEXT], run[ID_TEXT], (*accounts)[ID_TEXT];
	sqlite3_stmt *begin, *commit, *add, *put;
	long group, count, i, done = 0;
	utime start, length;

	if (argc != 5)
		return 2;
	group = strtol(argv[2], NULL, 10);
	count = strtol(argv[3], NULL, 10);
	length = strtoll(argv[4], NULL, 10) * 1000;
	must(sqlite3_open(argv[1], &db), SQLITE_OK);
	make_schema();
	begin = prepare("BEGIN IMMEDIATE");
	commit = prepare("COMMIT");
	add = prepare(sql_texts[SQL_OBSERVE_ADD].sqlite);
	put = prepare(sql_texts[SQL_OBSERVE_COUNT].sqlite);
	accounts = xcalloc((size_t)count, sizeof(*accounts));
	for (i = 0; i < count; i++)
		id_new(accounts[i]);
	id_new(org);
	id_new(service);
	id_new(run);
	for (start = clock_mono(); clock_mono() - start < length; done += group) {
		step(begin);
		for (i = done; i < done + group; i++) {
			int64_t seq = seq_next();

			bind_count(add, org, service, accounts[i * 7919 % count], run, seq);
			bind_count(put, org, service, accounts[i * 7919 % count], run, seq);
		}
		step(commit);
	}
	printf("{\"rows\":%ld,\"us\":%lld}\n", done, (long long)(clock_mono() - start));
	free(accounts);
	return 0;
}
