/* tx.c - statements inside a transaction: parameters by letters, errors that stick. */
#include "db/tx.h"

#include "base/failpoint.h"

#include <string.h>

void tx_init(struct tx *tx, struct conn *conn, struct arena *arena)
{
	tx->conn = conn;
	tx->arena = arena;
	tx->open = NULL;
	tx->after = NULL;
	tx->after_end = &tx->after;
	tx->notes = NULL;
	tx->notes_end = &tx->notes;
	tx->changes = 0;
	tx->idle = 0;
	tx->alone = true;
	tx->deferred = false;
	tx->failed = false;
	tx->err.rc = RC_OK;
	tx->err.text[0] = '\0';
}

void tx_fail(struct tx *tx)
{
	if (!tx->failed && tx->err.rc == RC_OK)
		BUG("a transaction failed without words");
	tx->failed = true;
}

/* The sticky error once more. */
static enum rc failed(const struct tx *tx, struct err *e)
{
	if (e)
		*e = tx->err;
	return tx->err.rc;
}

void tx_close_cursors(struct tx *tx)
{
	struct cursor *cur, *next;

	for (cur = tx->open; cur; cur = next) {
		next = cur->next;
		cur->conn->engine->end(cur);
	}
	tx->open = NULL;
}

struct arena *tx_arena(struct tx *tx)
{
	return tx->arena;
}

void tx_after_commit(struct tx *tx, void (*fn)(void *arg), void *arg)
{
	struct after *a = ARENA_NEW(tx->arena, struct after);

	a->fn = fn;
	a->arg = arg;
	*tx->after_end = a;
	tx->after_end = &a->next;
}

void tx_notify(struct tx *tx, const char *channel, const char *text)
{
	struct note *n = ARENA_NEW(tx->arena, struct note);

	n->channel = arena_strdup(tx->arena, channel);
	n->text = arena_strdup(tx->arena, text);
	*tx->notes_end = n;
	tx->notes_end = &n->next;
}

enum rc tx_lock_org(struct tx *tx, const char *org, struct err *e)
{
	struct conn *c = tx->conn;
	bool got = true;

	if (tx->failed)
		return failed(tx, e);
	if (c->use != CONN_WRITE)
		BUG("tx_lock_org() in a read");
	if (c->engine->lock(c, org, tx->alone, &got, &tx->err) != RC_OK) {
		tx_fail(tx);
		return failed(tx, e);
	}
	if (got)
		return RC_OK;
	/* Waiting here while holding other organizations' locks could end in a deadlock. */
	tx->deferred = true;
	err_set(&tx->err, RC_BUSY, "Another writer works on this organization; this is run again by itself.");
	tx_fail(tx);
	return failed(tx, e);
}

static void take_value(struct value *v, char letter, va_list *ap)
{
	const int64_t *pointer;

	v->letter = letter;
	v->is_text = letter == 't';
	v->null = false;
	switch (letter) {
	case 't':
		v->text = va_arg(*ap, const char *);
		v->null = !v->text;
		break;
	case 'i':
	case 'q':
		v->number = va_arg(*ap, int64_t);
		break;
	case 'b':
		v->number = va_arg(*ap, int) != 0;
		break;
	case 'd':
		v->number = va_arg(*ap, int);
		v->null = v->number == DAY_NONE;
		break;
	case 'I':
	case 'Q':
		pointer = va_arg(*ap, const int64_t *);
		v->null = !pointer;
		v->number = pointer ? *pointer : 0;
		break;
	case 'n':
		v->null = true;
		break;
	default:
		BUG("no parameter letter '%c'", letter);
	}
}

static int take_values(struct value *v, enum sql_id id, const char *types, va_list *ap)
{
	size_t count = strlen(types), i;

	if (count > VALUES_MAX)
		BUG("statement %s has too many parameters", sql_texts[id].name);
	for (i = 0; i < count; i++)
		take_value(&v[i], types[i], ap);
	return (int)count;
}

enum rc sql_exec(struct tx *tx, struct err *e, enum sql_id id, const char *types, ...)
{
	struct value values[VALUES_MAX];
	va_list ap;
	int count;

	if (tx->failed)
		return failed(tx, e);
	va_start(ap, types);
	count = take_values(values, id, types, &ap);
	va_end(ap);
	tx->changes = tx->conn->engine->exec(tx->conn, id, values, count, &tx->err);
	if (tx->changes >= 0)
		return RC_OK;
	tx->changes = 0;
	tx_fail(tx);
	return failed(tx, e);
}

enum rc sql_put(struct tx *tx, struct err *e, enum sql_id id, const char *types, ...)
{
	const struct engine *engine = tx->conn->engine;
	struct value values[VALUES_MAX];
	int64_t changes;
	va_list ap;
	int count;

	if (tx->failed)
		return failed(tx, e);
	va_start(ap, types);
	count = take_values(values, id, types, &ap);
	va_end(ap);
	if (engine->put) {
		if (engine->put(tx->conn, id, values, count, &tx->idle, &tx->err) == RC_OK)
			return RC_OK;
	} else {
		changes = engine->exec(tx->conn, id, values, count, &tx->err);
		tx->idle += changes == 0;
		if (changes >= 0)
			return RC_OK;
	}
	tx_fail(tx);
	return failed(tx, e);
}

enum rc sql_settle(struct tx *tx, int64_t *ret_idle, struct err *e)
{
	const struct engine *engine = tx->conn->engine;

	if (!tx->failed && engine->flush && engine->flush(tx->conn, &tx->err) != RC_OK)
		tx_fail(tx);
	*ret_idle = tx->idle;
	return tx->failed ? failed(tx, e) : RC_OK;
}

int64_t sql_changes(struct tx *tx)
{
	return tx->changes;
}

static void query(struct tx *tx, struct rows *r, enum sql_id id, const char *types, va_list *ap)
{
	struct value values[VALUES_MAX];
	struct cursor *cur;
	int count;

	*r = (struct rows){ .tx = tx };
	if (tx->failed)
		return;
	count = take_values(values, id, types, ap);
	cur = FAIL_POINT("query.begun", &tx->err) == RC_OK
		? tx->conn->engine->query(tx->conn, id, values, count, &tx->err)
		: NULL;
	if (!cur) {
		tx_fail(tx);
		return;
	}
	cur->conn = tx->conn;
	cur->next = tx->open;
	tx->open = cur;
	r->stmt = cur;
}

void sql_query(struct tx *tx, struct rows *ret_rows, enum sql_id id, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	query(tx, ret_rows, id, types, &ap);
	va_end(ap);
}

bool rows_next(struct rows *r)
{
	int got;

	if (!r->stmt || r->tx->failed)
		return false;
	got = FAIL_POINT("query.row", &r->tx->err) == RC_OK ? r->tx->conn->engine->next(r->stmt, &r->tx->err) : -1;
	if (got < 0)
		tx_fail(r->tx);
	r->row += got > 0;
	return got > 0;
}

const char *rows_text(struct rows *r, int col)
{
	return r->tx->conn->engine->text(r->stmt, col);
}

char *rows_dup(struct rows *r, struct arena *a, int col)
{
	const char *text = rows_text(r, col);

	return text ? arena_strdup(a, text) : NULL;
}

int64_t rows_int(struct rows *r, int col)
{
	return r->tx->conn->engine->number(r->stmt, col);
}

bool rows_null(struct rows *r, int col)
{
	return r->tx->conn->engine->null(r->stmt, col);
}

day rows_day(struct rows *r, int col)
{
	return rows_null(r, col) ? DAY_NONE : (day)rows_int(r, col);
}

enum rc rows_end(struct rows *r, struct err *e)
{
	struct cursor **at;

	if (r->stmt) {
		for (at = &r->tx->open; *at != r->stmt; at = &(*at)->next)
			;
		*at = (*at)->next;
		r->tx->conn->engine->end(r->stmt);
		r->stmt = NULL;
	}
	return r->tx->failed ? failed(r->tx, e) : RC_OK;
}

enum rc sql_text(struct tx *tx, struct arena *a, char **ret, struct err *e, enum sql_id id, const char *types, ...)
{
	struct rows r;
	bool found;
	va_list ap;
	enum rc rc;

	*ret = NULL;
	va_start(ap, types);
	query(tx, &r, id, types, &ap);
	va_end(ap);
	found = rows_next(&r);
	if (found)
		*ret = rows_dup(&r, a, 0);
	rc = rows_end(&r, e);
	return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

enum rc sql_int(struct tx *tx, int64_t *ret, struct err *e, enum sql_id id, const char *types, ...)
{
	struct rows r;
	bool found;
	va_list ap;
	enum rc rc;

	*ret = 0;
	va_start(ap, types);
	query(tx, &r, id, types, &ap);
	va_end(ap);
	found = rows_next(&r);
	if (found)
		*ret = rows_int(&r, 0);
	rc = rows_end(&r, e);
	return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}
