#include "core/writes/alert.h"

#include "base/rand.h"
#include "core/job.h"

#include <string.h>

static enum rc find_waiting(
	struct tx *tx, const char *org, const struct alert_new *n, struct alert_ids *ret, struct err *e)
{
	struct rows r;

	*ret = (struct alert_ids){ 0 };
	sql_query(tx, &r, SQL_ALERT_WAITING, "tttt", org, n->integration, n->account, n->alert_id);
	if (rows_next(&r)) {
		ret->message = rows_dup(&r, tx_arena(tx), 0);
		ret->correlation = rows_dup(&r, tx_arena(tx), 1);
	}
	return rows_end(&r, e);
}

enum rc alert_queue(struct tx *tx, const char *org, const struct alert_new *n, struct alert_ids *ret, struct err *e)
{
	char uuid[UUID_TEXT];
	enum rc rc = find_waiting(tx, org, n, ret, e);

	if (rc != RC_OK || ret->message)
		return rc;
	ret->message = arena_strdup(tx_arena(tx), uuid_new(uuid));
	ret->correlation = id_make(tx_arena(tx));
	rc = sql_exec(tx, e, SQL_ALERT_INSERT, "tttttttttiiIi", org, ret->message, n->integration, n->account,
		n->service, n->alert_id, ret->correlation, n->title, n->description, n->priority, n->status,
		n->due_at ? &n->due_at : NULL, clock_now());
	return rc == RC_OK ? job_enqueue(tx, org, JOB_ALERTS, "{}", "{}", 0, "trueup", NULL, e) : rc;
}

static void write_errors(struct jsonw *w, const char *errors)
{
	jsonw_kv_raw(w, "errors", errors ? errors : "[]");
}

static void write_row(struct jsonw *w, const char *message, struct rows *r)
{
	const char *state = rows_text(r, 0);
	char at[CLOCK_TEXT];

	jsonw_object(w);
	jsonw_kv(w, "messageId", message);
	jsonw_kv(w, "status", state);
	if (strcmp(state, ALERT_SUCCESS) == 0) {
		jsonw_kv(w, "message", "Ticket created");
		jsonw_kv(w, "ticketId", rows_text(r, 3));
		jsonw_kv(w, "createdAt", clock_format_ms(rows_int(r, 4), at));
		write_errors(w, rows_text(r, 2));
	} else if (strcmp(state, ALERT_FAILED) == 0) {
		jsonw_kv(w, "message", "Ticket could not be created");
		jsonw_kv_int(w, "statusCode", rows_null(r, 1) ? 422 : rows_int(r, 1));
		write_errors(w, rows_text(r, 2));
	} else {
		jsonw_kv(w, "message", "Alert is waiting to be processed");
	}
	jsonw_end_object(w);
}

enum rc alert_write(
	struct tx *tx, const char *org, const char *integration, const char *message, struct jsonw *w, struct err *e)
{
	bool found = false;
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_ALERT_GET, "ttt", org, integration, message);
	if (rows_next(&r)) {
		found = true;
		write_row(w, message, &r);
	}
	rc = rows_end(&r, e);
	if (rc == RC_OK && !found)
		return err_set(e, RC_NOT_FOUND, "No alert found with messageId: %s", message);
	return rc;
}

enum rc alert_next(struct tx *tx, struct arena *a, const char *org, struct alert *ret, struct err *e)
{
	utime now = clock_now();
	struct rows r;
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	sql_query(tx, &r, SQL_ALERT_NEXT, "tii", org, now, now + JOB_AHEAD);
	if (rows_next(&r)) {
		ret->id = rows_dup(&r, a, 0);
		ret->title = rows_dup(&r, a, 1);
		ret->description = rows_dup(&r, a, 2);
		ret->priority = rows_int(&r, 3);
		ret->attempts = rows_int(&r, 4);
		ret->vendor = rows_dup(&r, a, 5);
		ret->account = rows_dup(&r, a, 6);
		ret->service = rows_dup(&r, a, 7);
		ret->account_remote_id = rows_dup(&r, a, 8);
	}
	rc = rows_end(&r, e);
	return rc == RC_OK && !ret->id ? RC_NOT_FOUND : rc;
}

/* A JSON array of the one sentence. */
static const char *errors_text(struct tx *tx, const char *why)
{
	AUTO(buf) b = BUF_INIT(16 * 1024);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_array(&w);
	jsonw_string(&w, why);
	jsonw_end_array(&w);
	return arena_strdup(tx_arena(tx), buf_text(&b));
}

enum rc alert_ticketed(struct tx *tx, const char *org, const char *id, const char *ticket_id, struct err *e)
{
	return sql_exec(tx, e, SQL_ALERT_END, "tttnnti", org, id, ALERT_SUCCESS, ticket_id, clock_now());
}

enum rc alert_fail(struct tx *tx, const char *org, const char *id, int64_t status, const char *why, struct err *e)
{
	return sql_exec(
		tx, e, SQL_ALERT_END, "tttitni", org, id, ALERT_FAILED, status, errors_text(tx, why), clock_now());
}

enum rc alert_later(struct tx *tx, const char *org, const char *id, const char *why, utime at, struct err *e)
{
	return sql_exec(tx, e, SQL_ALERT_LATER, "ttti", org, id, errors_text(tx, why), at);
}

enum rc alert_due(struct tx *tx, const char *org, int64_t *ret_count, utime *ret_at, struct err *e)
{
	struct rows r;

	*ret_count = 0;
	*ret_at = 0;
	sql_query(tx, &r, SQL_ALERT_DUE, "t", org);
	if (rows_next(&r)) {
		*ret_count = rows_int(&r, 0);
		*ret_at = rows_int(&r, 1);
	}
	return rows_end(&r, e);
}
