/* pg_connect.c - reaching a PostgreSQL server, and saying in one line why that failed. */
#include "db/pg.h"

#include <stdlib.h>
#include <string.h>

enum { OLDEST_SERVER = 130000, WORDS = 400 };

const char *pg_one_line(const char *message, char *ret, size_t size)
{
	size_t at = 0;

	for (; *message && at + 1 < size; message++) {
		if ((unsigned char)*message >= ' ')
			ret[at++] = *message;
		else if (at > 0 && ret[at - 1] != ' ')
			ret[at++] = ' ';
	}
	while (at > 0 && ret[at - 1] == ' ')
		at--;
	ret[at] = '\0';
	return ret;
}

/* What the URL may overrule stands before it, in libpq's form of two lists. Kerberos' encryption is for those who ask:
 * libpq looks for its tickets at every connection otherwise, in a library that crashes when memory is short. */
static const char *const keys[] = { "connect_timeout", "keepalives_idle", "keepalives_interval", "tcp_user_timeout",
	"gssencmode", "fallback_application_name", "dbname", NULL };

static void fill_values(const char *url, const char *values[ARRAY_LEN(keys)])
{
	values[0] = "10";
	values[1] = "30";
	values[2] = "10";
	values[3] = "20000";
	values[4] = "disable";
	values[5] = "trueup";
	values[6] = url;
	values[7] = NULL;
}

static enum rc no_memory(struct err *e)
{
	return err_set(e, RC_IO, "There was no memory for a connection to the database server.");
}

/* libpq's own words about a bad URL may quote a password out of it. */
static enum rc check_url(const char *url, struct err *e)
{
	char *words = NULL;
	PQconninfoOption *options = PQconninfoParse(url, &words);
	bool bad = words && !strstr(words, "out of memory");

	PQfreemem(words);
	if (!options && !bad)
		return no_memory(e);
	if (!options)
		return err_set(e, RC_INVALID,
			"The store's URL cannot be read. It is postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with "
			"special characters in the password written as %%XX.");
	PQconninfoFree(options);
	return RC_OK;
}

static enum rc why_not(PGconn *db, const char *const *values, struct err *e)
{
	char words[WORDS];

	pg_one_line(PQerrorMessage(db), words, sizeof(words));
	switch (PQpingParams(keys, values, 1)) {
	case PQPING_REJECT:
		return err_set(e, RC_IO, "The PostgreSQL server is starting or shutting down; try again shortly (%s).",
			words);
	case PQPING_OK:
		if (PQconnectionNeedsPassword(db) || strstr(words, "password authentication failed"))
			return err_set(e, RC_IO,
				"The PostgreSQL server refused user %s: wrong or missing password. Correct it in the "
				"store's URL.",
				PQuser(db) ? PQuser(db) : "?");
		return err_set(e, RC_IO,
			"The PostgreSQL server refused the connection (%s). Check user, database and pg_hba.conf.",
			words);
	default:
		return err_set(e, RC_IO,
			"The PostgreSQL server is not reachable (%s). Check that it runs, and host and port in the "
			"store's URL.",
			words);
	}
}

static void ignore_notice(void *arg, const char *message)
{
}

static enum rc run(PGconn *db, const char *text, struct err *e)
{
	PGresult *result = PQexec(db, text);
	char words[WORDS];
	enum rc rc = RC_OK;

	if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
		rc = err_set(e, RC_IO, "The PostgreSQL session could not be set up (%s).",
			pg_one_line(PQerrorMessage(db), words, sizeof(words)));
	PQclear(result);
	return rc;
}

/* Asks for what the promises rest on: UTF-8, and a commit that waits for the disk whatever the server's habit. */
static enum rc set_up(PGconn *db, enum conn_use use, struct err *e)
{
	static const char durable[] = "SELECT set_config('synchronous_commit', 'on', false) "
				      "WHERE current_setting('synchronous_commit') = 'off'";
	/* Queries leave filters open ('' = any) and tables grow: a plan made once for all would be a bad one. */
	static const char reading[] = "SET default_transaction_read_only = on; SET plan_cache_mode = force_custom_plan";
	const char *encoding = PQparameterStatus(db, "server_encoding");
	char words[WORDS];
	enum rc rc;

	PQsetNoticeProcessor(db, ignore_notice, NULL);
	if (PQserverVersion(db) == 0 || !encoding)
		return err_set(e, RC_IO,
			"The server did not say its version and encoding: it is not PostgreSQL, or memory is "
			"short here.");
	if (PQserverVersion(db) < OLDEST_SERVER)
		return err_set(e, RC_IO, "PostgreSQL %d is too old: %d or newer is needed.",
			PQserverVersion(db) / 10000, OLDEST_SERVER / 10000);
	if (strcmp(encoding, "UTF8") != 0)
		return err_set(e, RC_IO,
			"The database is encoded as %s. Make one with UTF-8: CREATE DATABASE ... ENCODING 'UTF8' "
			"TEMPLATE "
			"template0.",
			encoding);
	if (PQsetClientEncoding(db, "UTF8") != 0)
		return err_set(e, RC_IO, "The PostgreSQL session could not be set to UTF-8 (%s).",
			pg_one_line(PQerrorMessage(db), words, sizeof(words)));
	rc = run(db, "SET standard_conforming_strings = on", e);
	if (rc == RC_OK)
		rc = run(db, use == CONN_WRITE ? durable : reading, e);
	return rc;
}

enum rc pg_connect(const char *url, enum conn_use use, PGconn **ret, struct err *e)
{
	const char *values[ARRAY_LEN(keys)];
	PGconn *db;
	enum rc rc;

	*ret = NULL;
	rc = check_url(url, e);
	if (rc != RC_OK)
		return rc;
	fill_values(url, values);
	db = PQconnectdbParams(keys, values, 1);
	if (!db)
		return no_memory(e);
	rc = PQstatus(db) == CONNECTION_OK ? set_up(db, use, e) : why_not(db, values, e);
	if (rc != RC_OK) {
		PQfinish(db);
		return rc;
	}
	*ret = db;
	return RC_OK;
}

enum rc pg_channel(PGconn *db, char *ret, size_t size, struct err *e)
{
	PGresult *result = PQexec(db, "SELECT 'trueup:' || md5(current_schema())");
	bool told = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1;
	const char *text = told && !PQgetisnull(result, 0, 0) ? PQgetvalue(result, 0, 0) : NULL;
	size_t len = text ? strlen(text) : size;
	char words[WORDS];
	enum rc rc = RC_OK;

	if (len < size)
		memcpy(ret, text, len + 1);
	else if (!told)
		rc = err_set(e, RC_IO, "The database did not say its schema (%s).",
			pg_one_line(PQerrorMessage(db), words, sizeof(words)));
	else
		rc = err_set(e, RC_IO,
			"The database has no schema to put tables in. Create the one that the URL's search_path "
			"names.");
	PQclear(result);
	return rc;
}
