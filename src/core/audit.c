#include "core/audit.h"

#include "base/codec.h"
#include "base/failpoint.h"
#include "core/auditname.h"
#include "core/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROW_MAX = 64 << 20 };

/* Everything a row's hash covers. */
struct row {
	const char *org;
	int64_t seq, at;
	const char *actor, *actor_id, *event, *object, *before, *after, *why, *request_id;
	const char *prev_hash;
};

/* Each field with its length, so that no two rows make the same text; NULL differs from "". */
static void add_field(struct buf *b, const char *s)
{
	if (s)
		buf_printf(b, "%zu:", strlen(s));
	buf_puts(b, s ? s : "-");
	buf_putc(b, '\n');
}

static void hash_row(const struct row *r, char out[HASH_TEXT])
{
	AUTO(buf) b = BUF_INIT(ROW_MAX);

	buf_printf(&b, "trueup audit 1\n%lld\n%lld\n", (long long)r->seq, (long long)r->at);
	add_field(&b, r->prev_hash);
	add_field(&b, r->org);
	add_field(&b, r->actor);
	add_field(&b, r->actor_id);
	add_field(&b, r->event);
	add_field(&b, r->object);
	add_field(&b, r->before);
	add_field(&b, r->after);
	add_field(&b, r->why);
	add_field(&b, r->request_id);
	if (b.failed)
		BUG("an audit row of more than %d bytes", ROW_MAX);
	hash_hex(b.data, b.len, out);
}

struct head {
	int64_t seq;
	char hash[HASH_TEXT];
};

/* Sequence 0 and an empty hash where nothing was logged yet. */
static enum rc read_head(struct tx *tx, const char *org, struct head *ret, struct err *e)
{
	struct rows r;

	memset(ret, 0, sizeof(*ret));
	sql_query(tx, &r, SQL_AUDIT_HEAD, "t", org);
	if (rows_next(&r)) {
		ret->seq = rows_int(&r, 0);
		snprintf(ret->hash, HASH_TEXT, "%s", rows_text(&r, 1));
	}
	return rows_end(&r, e);
}

enum rc audit_append(struct tx *tx, const struct principal *who, const struct audit_entry *entry, struct err *e)
{
	struct head head;
	char hash[HASH_TEXT];
	enum rc rc = tx_lock_org(tx, who->org, e);

	if (rc == RC_OK)
		rc = FAIL_AFTER(read_head(tx, who->org, &head, e), "audit.head", e);
	if (rc != RC_OK)
		return rc;
	struct row r = { .org = who->org,
		.seq = head.seq + 1,
		.at = clock_now(),
		.actor = who->name,
		.actor_id = who->id,
		.event = entry->event,
		.object = entry->object,
		.before = entry->before,
		.after = entry->after,
		.why = entry->why,
		.request_id = entry->request_id,
		.prev_hash = head.hash };
	hash_row(&r, hash);
	rc = sql_put(tx, e, SQL_AUDIT_INSERT, "tiitttttttttt", r.org, r.seq, r.at, r.actor, r.actor_id, r.event,
		r.object, r.before, r.after, r.why, r.request_id, r.prev_hash, hash);
	rc = FAIL_AFTER(rc, "audit.row", e);
	return rc == RC_OK
		? FAIL_AFTER(sql_put(tx, e, SQL_AUDIT_HEAD_PUT, "tit", r.org, r.seq, hash), "audit.chained", e)
		: rc;
}

/* Columns as in audit_chain and audit_list. The texts live until the next row. */
static void read_row(struct rows *rows, const char *org, struct row *r)
{
	r->org = org;
	r->seq = rows_int(rows, 0);
	r->at = rows_int(rows, 1);
	r->actor = rows_text(rows, 2);
	r->actor_id = rows_text(rows, 3);
	r->event = rows_text(rows, 4);
	r->object = rows_text(rows, 5);
	r->before = rows_text(rows, 6);
	r->after = rows_text(rows, 7);
	r->why = rows_text(rows, 8);
	r->request_id = rows_text(rows, 9);
	r->prev_hash = rows_text(rows, 10);
}

enum rc audit_verify(struct tx *tx, const char *org, struct audit_verdict *ret, struct err *e)
{
	struct head head;
	struct rows rows;
	enum rc rc = read_head(tx, org, &head, e);

	memset(ret, 0, sizeof(*ret));
	if (rc != RC_OK)
		return rc;
	sql_query(tx, &rows, SQL_AUDIT_CHAIN, "t", org);
	while (rows_next(&rows)) {
		char hash[HASH_TEXT];
		struct row r;

		read_row(&rows, org, &r);
		hash_row(&r, hash);
		if (!ret->broken_at &&
			(r.seq != ret->rows + 1 || strcmp(r.prev_hash, ret->head) != 0 ||
				strcmp(rows_text(&rows, 11), hash) != 0))
			ret->broken_at = ret->rows + 1;
		ret->rows++;
		snprintf(ret->head, HASH_TEXT, "%s", rows_text(&rows, 11));
	}
	rc = rows_end(&rows, e);
	if (rc == RC_OK && !ret->broken_at && (head.seq != ret->rows || strcmp(head.hash, ret->head) != 0))
		ret->broken_at = ret->rows + 1;
	return rc;
}

void audit_write_verdict(struct jsonw *w, const struct audit_verdict *v)
{
	jsonw_object(w);
	jsonw_kv_bool(w, "ok", v->broken_at == 0);
	jsonw_kv_int(w, "rows", v->rows);
	if (v->broken_at)
		jsonw_kv_int(w, "broken_at", v->broken_at);
	else
		jsonw_kv_null(w, "broken_at");
	jsonw_kv(w, "head", *v->head ? v->head : NULL);
	jsonw_end_object(w);
}

static void write_row(struct jsonw *w, const struct row *r, const char *name, const char *hash)
{
	char at[CLOCK_TEXT];

	jsonw_object(w);
	jsonw_kv_int(w, "seq", r->seq);
	jsonw_kv(w, "at", clock_format(r->at, at));
	jsonw_kv(w, "actor", r->actor);
	jsonw_kv(w, "actor_id", r->actor_id);
	jsonw_kv(w, "event", r->event);
	jsonw_kv(w, "object", r->object);
	jsonw_kv(w, "object_name", name);
	jsonw_kv_raw(w, "before", r->before ? r->before : "null");
	jsonw_kv_raw(w, "after", r->after ? r->after : "null");
	jsonw_kv(w, "why", r->why);
	jsonw_kv(w, "request_id", r->request_id);
	jsonw_kv(w, "hash", hash);
	jsonw_end_object(w);
}

/* Where the list goes on: below this sequence. */
static enum rc read_cursor(struct arena *a, const char *cursor, int64_t *ret, struct err *e)
{
	const char *part[1];
	char *end;
	enum rc rc = page_read(a, cursor, part, 1, e);

	*ret = INT64_MAX;
	if (rc != RC_OK || !*part[0])
		return rc;
	*ret = strtoll(part[0], &end, 10);
	return *end ? err_set(e, RC_INVALID, "The cursor is not one this list gave out. Start again without it.")
		    : RC_OK;
}

enum rc audit_list(struct tx *tx, const char *org, const struct audit_filter *f, struct jsonw *w, const char **ret_next,
	struct err *e)
{
	const char *event = f->event ? f->event : "";
	size_t len = strlen(event);
	int64_t below, count = 0, last = 0;
	struct rows rows;
	enum rc rc = read_cursor(tx_arena(tx), f->cursor, &below, e), end;

	*ret_next = NULL;
	if (rc != RC_OK)
		return rc;
	sql_query(tx, &rows, SQL_AUDIT_LIST, "ttbttiiii", org, event, len && event[len - 1] == '.',
		f->actor ? f->actor : "", f->object ? f->object : "", f->from, f->to ? f->to : INT64_MAX, below,
		f->limit);
	while (rc == RC_OK && rows_next(&rows)) {
		const char *name;
		struct row r;

		read_row(&rows, org, &r);
		rc = audit_name(tx, org, r.object, &name, e);
		write_row(w, &r, name, rows_text(&rows, 11));
		last = r.seq;
		count++;
	}
	if (count == f->limit)
		*ret_next = page_cursor(tx_arena(tx), arena_printf(tx_arena(tx), "%lld", (long long)last), NULL);
	end = rows_end(&rows, rc == RC_OK ? e : NULL);
	return rc == RC_OK ? end : rc;
}
