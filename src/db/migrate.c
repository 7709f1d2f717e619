/* migrate.c - schema steps, in order, each once.
 *
 * A step and its row in schema_version are one transaction, taken under a lock, so a crash between two steps
 * resumes at the next one, and of two programs that start at once the second finds the steps done.
 */
#include "db/engine.h"

#include "base/clock.h"
#include "base/failpoint.h"

#include <string.h>

static struct value text_value(const char *s)
{
	return (struct value){ .letter = 't', .is_text = true, .null = !s, .text = s };
}

static struct value int_value(int64_t i)
{
	return (struct value){ .letter = 'i', .number = i };
}

static enum rc read_number(struct conn *c, enum sql_id id, int64_t *ret, struct err *e)
{
	struct cursor *cur = c->engine->query(c, id, NULL, 0, e);
	int got;

	*ret = 0;
	if (!cur)
		return e->rc;
	got = c->engine->next(cur, e);
	if (got > 0)
		*ret = c->engine->number(cur, 0);
	c->engine->end(cur);
	return got < 0 ? e->rc : RC_OK;
}

/* Compares one row of schema_version with the program's list. */
static enum rc know_step(const struct schema_step *steps, int64_t number, const char *name, struct err *e)
{
	const struct schema_step *s;

	for (s = steps; s->name; s++)
		if (s->number == number)
			break;
	if (!s->name)
		return err_set(e, RC_IO,
			"The store was made by a newer version of this program (schema step %lld, %s). "
			"Run that version, or restore a backup made with this one.",
			(long long)number, name);
	if (strcmp(s->name, name) != 0)
		return err_set(e, RC_IO,
			"The store's schema step %lld is \"%s\" and this program's is \"%s\": they do not belong "
			"together. Name another store.",
			(long long)number, name, s->name);
	return RC_OK;
}

/* The number of the last step done, -1 when there is none. */
static enum rc read_done(struct conn *c, const struct schema_step *steps, int64_t *ret_last, struct err *e)
{
	struct cursor *cur;
	int64_t exists;
	enum rc rc;
	int got;

	*ret_last = -1;
	rc = read_number(c, SQL_SCHEMA_TABLE_EXISTS, &exists, e);
	if (rc != RC_OK || !exists)
		return rc;
	cur = c->engine->query(c, SQL_SCHEMA_LIST, NULL, 0, e);
	if (!cur)
		return e->rc;
	while ((got = c->engine->next(cur, e)) > 0 && rc == RC_OK) {
		*ret_last = c->engine->number(cur, 0);
		rc = know_step(steps, *ret_last, c->engine->text(cur, 1), e);
	}
	c->engine->end(cur);
	return got < 0 ? e->rc : rc;
}

/* A file with tables and no schema_version is somebody else's. */
static enum rc check_ours(struct conn *c, struct err *e)
{
	int64_t others;
	enum rc rc = read_number(c, SQL_SCHEMA_OTHER_TABLES, &others, e);

	if (rc == RC_OK && others)
		return err_set(e, RC_IO, "The store holds tables of another program. Name another store.");
	return rc;
}

static enum rc run_step(struct conn *c, const struct schema_step *s, struct err *e)
{
	struct value v[] = { int_value(s->number), text_value(s->name), int_value(clock_now()) };
	enum rc rc = c->engine->script(c, c->engine->kind == DB_SQLITE ? s->sqlite : s->postgres, e);

	rc = FAIL_AFTER(rc, "migrate.step_ran", e);
	if (rc == RC_OK && c->engine->exec(c, SQL_SCHEMA_NOTE, v, 3, e) < 0)
		rc = e->rc;
	rc = FAIL_AFTER(rc, "migrate.step_noted", e);
	return rc == RC_OK ? RC_OK : err_prefix(e, "Schema step %d (%s) failed", s->number, s->name);
}

/* Runs the step after *last in a transaction of its own; *ret_more = false when there is none. */
static enum rc next_step(struct conn *c, const struct schema_step *steps, bool *ret_more, struct err *e)
{
	const struct schema_step *s;
	int64_t last;
	bool got;
	enum rc rc;

	*ret_more = false;
	rc = FAIL_AFTER(c->engine->begin(c, e), "migrate.begun", e);
	if (rc == RC_OK)
		rc = FAIL_AFTER(c->engine->lock(c, "schema", true, &got, e), "migrate.locked", e);
	if (rc == RC_OK)
		rc = FAIL_AFTER(read_done(c, steps, &last, e), "migrate.looked", e);
	if (rc == RC_OK && last < 0)
		rc = check_ours(c, e);
	for (s = steps; rc == RC_OK && s->name && s->number <= last; s++)
		;
	if (rc == RC_OK && s->name) {
		rc = run_step(c, s, e);
		*ret_more = true;
	}
	if (rc == RC_OK)
		rc = FAIL_AFTER(c->engine->commit(c, e), "migrate.committed", e);
	if (rc != RC_OK)
		c->engine->rollback(c);
	return rc;
}

static const struct schema_step *newest_of(const struct schema_step *steps)
{
	while (steps[1].name)
		steps++;
	return steps;
}

enum rc migrate_look(
	struct conn *c, const struct schema_step *steps, int64_t *ret_is, int64_t *ret_newest, struct err *e)
{
	*ret_newest = newest_of(steps)->number;
	return read_done(c, steps, ret_is, e);
}

enum rc migrate(struct conn *c, const struct schema_step *steps, struct err *e)
{
	const struct schema_step *newest = newest_of(steps);
	bool more = true;
	int64_t last;
	enum rc rc;

	rc = read_done(c, steps, &last, e);
	while (rc == RC_OK && last != newest->number && more)
		rc = next_step(c, steps, &more, e);
	return rc;
}
