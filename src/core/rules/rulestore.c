#include "core/rules/rulestore.h"

#include "base/rand.h"
#include "core/job.h"
#include "core/page.h"
#include "core/rules/rule.h"

#include <stdio.h>
#include <string.h>

enum { MAX_UNITS = 1000000000 }; /* of any number in a rule */

static enum rc queue_rebuild(struct tx *tx, const struct principal *who, struct err *e)
{
	return job_enqueue(tx, who->org, JOB_REBUILD, "{}", "", 0, who->name, NULL, e);
}

/* A number of the body, or NULL when it is not there. */
static enum rc number(
	const struct json *body, const char *key, bool above_zero, qty *place, const qty **ret, struct err *e)
{
	const struct json *v = json_get(body, key);
	char pointer[48];

	*ret = NULL;
	if (json_is_null(v))
		return RC_OK;
	snprintf(pointer, sizeof(pointer), "/%s", key);
	if (json_qty(v, place) != RC_OK || *place < 0 || *place > MAX_UNITS * QTY_ONE)
		return err_at(
			e, RC_INVALID, pointer, "Write a decimal from 0 to %d, such as \"5\" or \"0.5\".", MAX_UNITS);
	if (above_zero && *place == 0)
		return err_at(e, RC_INVALID, pointer, "This must be more than zero.");
	*ret = place;
	return RC_OK;
}

/* A scope of the body must be in the book. */
static enum rc scope(struct tx *tx, const char *org, const struct json *body, const char *key, enum sql_id query,
	const char **ret, struct err *e)
{
	char pointer[48], *found;
	enum rc rc;

	*ret = json_member(body, key);
	if (!*ret)
		return RC_OK;
	rc = sql_text(tx, tx_arena(tx), &found, e, query, "tt", org, *ret);
	if (rc != RC_NOT_FOUND)
		return rc;
	snprintf(pointer, sizeof(pointer), "/%s", key);
	return err_at(e, RC_INVALID, pointer, "The PSA has no %.*s %s.", (int)(strlen(key) - 3), key, *ret);
}

struct scopes {
	const char *product, *account, *contract;
};

static enum rc read_scopes(struct tx *tx, const char *org, const struct json *body, struct scopes *ret, struct err *e)
{
	enum rc rc = scope(tx, org, body, "product_id", SQL_SUBJECT_PRODUCT, &ret->product, e);

	if (rc == RC_OK)
		rc = scope(tx, org, body, "account_id", SQL_SUBJECT_ACCOUNT, &ret->account, e);
	return rc == RC_OK ? scope(tx, org, body, "contract_id", SQL_RULE_CONTRACT, &ret->contract, e) : rc;
}

struct numbers {
	qty mul, div, included, minimum, maximum, step;
	const qty *has_mul, *has_div, *has_included, *has_minimum, *has_maximum, *has_step;
	const char *round;
};

static enum rc check_round(const struct json *body, struct numbers *n, struct err *e)
{
	enum round_mode mode;

	n->round = json_member(body, "round");
	if (!n->round && !n->has_step)
		return RC_OK;
	if (!n->round)
		n->round = rule_round_word(ROUND_UP);
	if (!rule_round_parse(n->round, &mode))
		return err_at(e, RC_INVALID, "/round", "Rounding goes up, down or to the nearest.");
	if (!n->has_step) {
		n->step = QTY_ONE;
		n->has_step = &n->step;
	}
	return RC_OK;
}

static enum rc read_numbers(const struct json *body, struct numbers *n, struct err *e)
{
	enum rc rc = number(body, "multiply", true, &n->mul, &n->has_mul, e);

	if (rc == RC_OK)
		rc = number(body, "divide", true, &n->div, &n->has_div, e);
	if (rc == RC_OK)
		rc = number(body, "included", false, &n->included, &n->has_included, e);
	if (rc == RC_OK)
		rc = number(body, "minimum", false, &n->minimum, &n->has_minimum, e);
	if (rc == RC_OK)
		rc = number(body, "maximum", false, &n->maximum, &n->has_maximum, e);
	if (rc == RC_OK)
		rc = number(body, "round_step", true, &n->step, &n->has_step, e);
	if (rc == RC_OK)
		rc = check_round(body, n, e);
	if (rc != RC_OK)
		return rc;
	if (n->has_minimum && n->has_maximum && n->minimum > n->maximum)
		return err_at(e, RC_INVALID, "/maximum", "The maximum is below the minimum.");
	if (n->has_mul || n->has_div) {
		n->mul = n->has_mul ? n->mul : QTY_ONE;
		n->div = n->has_div ? n->div : QTY_ONE;
		n->has_mul = &n->mul;
		n->has_div = &n->div;
	}
	if (!n->has_mul && !n->has_included && !n->has_minimum && !n->has_maximum && !n->has_step)
		return err_at(e, RC_INVALID, "",
			"The rule does nothing: give multiply, divide, included, minimum, maximum or "
			"round_step.");
	return RC_OK;
}

static enum rc must_exist(
	struct tx *tx, enum sql_id query, const char *org, const char *id, const char *what, struct err *e)
{
	char *found;
	enum rc rc = sql_text(tx, tx_arena(tx), &found, e, query, "ttit", org, "", (int64_t)1, id);

	return rc == RC_NOT_FOUND ? err_set(e, rc, "There is no %s %s.", what, id) : rc;
}

enum rc rulestore_put(struct tx *tx, const struct principal *who, const char *id, const struct json *body,
	const char **ret_id, struct err *e)
{
	struct numbers n = { 0 };
	struct scopes s = { 0 };
	enum rc rc = tx_lock_org(tx, who->org, e);

	if (rc == RC_OK && id)
		rc = must_exist(tx, SQL_RULE_LIST, who->org, id, "rule", e);
	if (rc == RC_OK)
		rc = read_numbers(body, &n, e);
	if (rc == RC_OK)
		rc = read_scopes(tx, who->org, body, &s, e);
	if (rc != RC_OK)
		return rc;
	*ret_id = id ? id : id_make(tx_arena(tx));
	rc = sql_exec(tx, e, SQL_RULE_PUT, "ttttttQQQQQtQtti", who->org, *ret_id, json_member(body, "name"), s.product,
		s.account, s.contract, n.has_mul, n.has_div, n.has_included, n.has_minimum, n.has_maximum, n.round,
		n.has_step, json_member(body, "reason"), who->name, clock_now());
	return rc == RC_OK ? queue_rebuild(tx, who, e) : rc;
}

static enum rc remove_one(
	struct tx *tx, const struct principal *who, enum sql_id query, const char *id, const char *what, struct err *e)
{
	enum rc rc = tx_lock_org(tx, who->org, e);

	if (rc == RC_OK)
		rc = sql_exec(tx, e, query, "tt", who->org, id);
	if (rc == RC_OK && sql_changes(tx) == 0)
		return err_set(e, RC_NOT_FOUND, "There is no %s %s.", what, id);
	return rc == RC_OK ? queue_rebuild(tx, who, e) : rc;
}

enum rc rulestore_remove(struct tx *tx, const struct principal *who, const char *id, struct err *e)
{
	return remove_one(tx, who, SQL_RULE_REMOVE, id, "rule", e);
}

static void kv_qty(struct jsonw *w, const char *key, struct rows *r, int col)
{
	if (rows_null(r, col))
		jsonw_kv_null(w, key);
	else
		jsonw_kv_qty(w, key, rows_int(r, col));
}

static void write_rule(struct jsonw *w, struct rows *r)
{
	char at[CLOCK_TEXT];

	jsonw_object(w);
	jsonw_kv(w, "id", rows_text(r, 0));
	jsonw_kv_int(w, "version", rows_int(r, 1));
	jsonw_kv(w, "name", rows_text(r, 2));
	jsonw_kv(w, "product_id", rows_text(r, 3));
	jsonw_kv(w, "account_id", rows_text(r, 4));
	jsonw_kv(w, "contract_id", rows_text(r, 5));
	kv_qty(w, "multiply", r, 6);
	kv_qty(w, "divide", r, 7);
	kv_qty(w, "included", r, 8);
	kv_qty(w, "minimum", r, 9);
	kv_qty(w, "maximum", r, 10);
	jsonw_kv(w, "round", rows_text(r, 11));
	kv_qty(w, "round_step", r, 12);
	jsonw_kv(w, "reason", rows_text(r, 13));
	jsonw_kv(w, "created_by", rows_text(r, 14));
	jsonw_kv(w, "updated_at", clock_format(rows_int(r, 15), at));
	jsonw_end_object(w);
}

static void write_override(struct jsonw *w, struct rows *r)
{
	char text[CLOCK_TEXT];

	jsonw_object(w);
	jsonw_kv(w, "id", rows_text(r, 0));
	jsonw_kv(w, "account_id", rows_text(r, 1));
	jsonw_kv(w, "account_name", rows_text(r, 9));
	jsonw_kv(w, "product_id", rows_text(r, 2));
	jsonw_kv(w, "product_name", rows_text(r, 10));
	jsonw_kv(w, "contract_id", rows_text(r, 3));
	kv_qty(w, "quantity", r, 4);
	jsonw_kv(w, "reason", rows_text(r, 5));
	jsonw_kv(w, "expires", rows_null(r, 6) ? NULL : day_format(rows_day(r, 6), text));
	jsonw_kv(w, "created_by", rows_text(r, 7));
	jsonw_kv(w, "created_at", clock_format(rows_int(r, 8), text));
	jsonw_end_object(w);
}

typedef void (*write_fn)(struct jsonw *w, struct rows *r);

static enum rc write_one(struct tx *tx, enum sql_id query, const char *org, const char *id, const char *what,
	write_fn write, struct jsonw *w, struct err *e)
{
	bool found;
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, query, "ttit", org, "", (int64_t)1, id);
	found = rows_next(&r);
	if (found)
		write(w, &r);
	rc = rows_end(&r, e);
	return rc == RC_OK && !found ? err_set(e, RC_NOT_FOUND, "There is no %s %s.", what, id) : rc;
}

static enum rc write_list(struct tx *tx, enum sql_id query, const char *org, const char *cursor, int64_t limit,
	write_fn write, struct jsonw *w, const char **ret_next, struct err *e)
{
	const char *after[1];
	int64_t count = 0;
	struct rows r;
	enum rc rc = page_read(tx_arena(tx), cursor, after, 1, e);

	*ret_next = NULL;
	if (rc != RC_OK)
		return rc;
	sql_query(tx, &r, query, "ttit", org, after[0], limit, "");
	while (rows_next(&r)) {
		write(w, &r);
		if (++count == limit)
			*ret_next = page_cursor(tx_arena(tx), rows_text(&r, 0), NULL);
	}
	return rows_end(&r, e);
}

enum rc rulestore_write(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e)
{
	return write_one(tx, SQL_RULE_LIST, org, id, "rule", write_rule, w, e);
}

enum rc rulestore_write_list(struct tx *tx, const char *org, const char *cursor, int64_t limit, struct jsonw *w,
	const char **ret_next, struct err *e)
{
	return write_list(tx, SQL_RULE_LIST, org, cursor, limit, write_rule, w, ret_next, e);
}

static enum rc read_override(struct tx *tx, const char *org, const struct json *body, struct scopes *s, qty *quantity,
	day *expires, struct err *e)
{
	const char *date = json_member(body, "expires"), *reason = json_member(body, "reason");
	const qty *given;
	enum rc rc = number(body, "quantity", false, quantity, &given, e);

	if (rc == RC_OK && !given)
		rc = err_at(e, RC_INVALID, "/quantity", "Give the quantity to bill.");
	if (rc == RC_OK)
		rc = read_scopes(tx, org, body, s, e);
	*expires = DAY_NONE;
	if (rc == RC_OK && date && day_parse(date, expires) != RC_OK)
		rc = err_at(e, RC_INVALID, "/expires", "Write the last day as YYYY-MM-DD.");
	if (rc == RC_OK && (!reason || !reason[strspn(reason, " \t\r\n")]))
		rc = err_at(e, RC_INVALID, "/reason", "Say why: the reason is shown with the card.");
	return rc;
}

enum rc override_put(struct tx *tx, const struct principal *who, const char *id, const struct json *body,
	const char **ret_id, struct err *e)
{
	struct scopes s = { 0 };
	qty quantity = 0;
	day expires;
	enum rc rc = tx_lock_org(tx, who->org, e);

	if (rc == RC_OK && id)
		rc = must_exist(tx, SQL_OVERRIDE_LIST, who->org, id, "override", e);
	if (rc == RC_OK)
		rc = read_override(tx, who->org, body, &s, &quantity, &expires, e);
	if (rc != RC_OK)
		return rc;
	*ret_id = id ? id : id_make(tx_arena(tx));
	rc = sql_exec(tx, e, SQL_OVERRIDE_PUT, "tttttqtdti", who->org, *ret_id, s.account, s.product, s.contract,
		quantity, json_member(body, "reason"), expires, who->name, clock_now());
	return rc == RC_OK ? queue_rebuild(tx, who, e) : rc;
}

enum rc override_remove(struct tx *tx, const struct principal *who, const char *id, struct err *e)
{
	return remove_one(tx, who, SQL_OVERRIDE_REMOVE, id, "override", e);
}

enum rc override_write(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e)
{
	return write_one(tx, SQL_OVERRIDE_LIST, org, id, "override", write_override, w, e);
}

enum rc override_write_list(struct tx *tx, const char *org, const char *cursor, int64_t limit, struct jsonw *w,
	const char **ret_next, struct err *e)
{
	return write_list(tx, SQL_OVERRIDE_LIST, org, cursor, limit, write_override, w, ret_next, e);
}
