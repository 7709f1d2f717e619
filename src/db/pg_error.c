/* pg_error.c - what a failure of PostgreSQL means: words for a person, and what the transaction can still do. */
#include "db/pg.h"

#include <string.h>

enum { WORDS = 400 };

static bool is_class(const char *code, const char *class)
{
	return strncmp(code, class, 2) == 0;
}

static enum rc words_for(const char *code, const char *constraint, const char *what, const char *words, struct err *e)
{
	if (strcmp(code, "23505") == 0)
		return err_set(e, RC_CONFLICT, "This exists already (%s: %s).", what, constraint);
	if (strcmp(code, "23503") == 0)
		return err_set(e, RC_CONFLICT, "Something this belongs to is gone, or still in use (%s).", what);
	if (strcmp(code, "22021") == 0)
		return err_set(e, RC_INVALID, "The request holds bytes that are not UTF-8.");
	if (is_class(code, "40"))
		return err_set(e, RC_BUSY, "Others were changing the same rows all the time. Try again.");
	if (is_class(code, "53"))
		return err_set(
			e, RC_IO, "The database server has run out of something (%s); nothing was stored.", words);
	if (is_class(code, "58") || is_class(code, "XX"))
		return err_set(
			e, RC_IO, "The database server failed (%s); nothing was stored. Look into its log.", words);
	if (strcmp(code, "57014") == 0 || strcmp(code, "55P03") == 0)
		return err_set(e, RC_BUSY, "The database server gave up waiting (%s). Try again.", words);
	if (strcmp(code, "42501") == 0)
		return err_set(
			e, RC_IO, "The database user lacks a right (%s). Make it the owner of its schema.", words);
	return err_set(e, RC_INTERNAL, "The store failed (%s: %s).", what, words);
}

static enum conn_state state_for(const struct pg *p, const char *code)
{
	/* A server that became a standby refuses writes: the writer has to find the new one. */
	if (PQstatus(p->db) == CONNECTION_BAD || strncmp(code, "57P0", 4) == 0 ||
		(p->base.use == CONN_WRITE && strcmp(code, "25006") == 0))
		return CONN_LOST;
	if (is_class(code, "40"))
		return CONN_AGAIN;
	if (is_class(code, "53"))
		return CONN_ENDED;
	return CONN_BROKEN;
}

static const char *words_of(const struct pg *p, const PGresult *result, char *ret, size_t size)
{
	const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	return pg_one_line(primary ? primary : PQerrorMessage(p->db), ret, size);
}

enum rc pg_lost(struct pg *p, const PGresult *result, struct err *e)
{
	char words[WORDS];

	p->base.state = CONN_LOST;
	return err_set(e, RC_IO, "The connection to the database server was lost (%s); nothing was stored.",
		words_of(p, result, words, sizeof(words)));
}

enum rc pg_err(struct pg *p, const PGresult *result, const char *what, struct err *e)
{
	const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
	char words[WORDS];

	p->base.state = state_for(p, code ? code : "");
	if (p->base.state == CONN_LOST)
		return pg_lost(p, result, e);
	words_of(p, result, words, sizeof(words));
	return words_for(code ? code : "", constraint ? constraint : "", what, words, e);
}

bool pg_good(const PGresult *result)
{
	return PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
}
