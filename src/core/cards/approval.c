#include "core/cards/approval.h"

#include "base/rand.h"
#include "core/audit.h"

#include <string.h>

static const char *direction_of(const struct decide_plan *p)
{
	if (p->change.kind == PSA_ADD_LINE)
		return "new";
	return p->change.want < p->change.expect ? "down" : "up";
}

static qty size_of(qty change)
{
	return change < 0 ? -change : change;
}

enum rc approval_needed(struct tx *tx, const char *org, const struct decide_plan *p, const char **ret_rule,
	const char **ret_name, struct err *e)
{
	qty units = size_of(p->change.want - p->change.expect), money = 0;
	bool known = p->has_price && qty_mul(units, p->price, &money) == RC_OK;
	struct rows r;

	*ret_rule = *ret_name = NULL;
	money = size_of(money);
	sql_query(tx, &r, SQL_APPROVAL_RULE_MET, "tttqQ", org, p->account_id, direction_of(p), units,
		known ? &money : NULL);
	if (rows_next(&r)) {
		*ret_rule = rows_dup(&r, tx_arena(tx), 0);
		*ret_name = rows_dup(&r, tx_arena(tx), 1);
	}
	return rows_end(&r, e);
}

/* What the second person must ask for as well: all that decides what is written. */
static const char *terms_of(struct tx *tx, const struct decide_plan *p)
{
	const struct psa_change *c = &p->change;
	char want[QTY_TEXT], expect[QTY_TEXT], date[DAY_TEXT];

	return arena_printf(tx_arena(tx), "%d %s %s %s %s %s", (int)c->kind, p->contract_id ? p->contract_id : "-",
		p->line_id ? p->line_id : "-", qty_format(c->expect, expect), qty_format(c->want, want),
		c->effective == DAY_NONE ? "-" : day_format(c->effective, date));
}

struct first {
	const char *terms, *by, *by_id;
};

static enum rc read_first(struct tx *tx, const char *org, const char *card, struct first *ret, struct err *e)
{
	struct arena *a = tx_arena(tx);
	struct rows r;

	*ret = (struct first){ 0 };
	sql_query(tx, &r, SQL_APPROVAL_AWAITING_GET, "tt", org, card);
	if (rows_next(&r))
		*ret = (struct first){ rows_dup(&r, a, 0), rows_dup(&r, a, 1), rows_dup(&r, a, 2) };
	return rows_end(&r, e);
}

static enum rc note(struct tx *tx, const struct principal *who, const char *event, const struct decide_plan *p,
	const struct first *f, const char *rule, struct err *e)
{
	struct arena *a = tx_arena(tx);
	char text[QTY_TEXT];
	struct audit_entry entry = { .event = event,
		.object = arena_printf(a, "card %s", p->card_id),
		.before = f->by_id ? arena_printf(a, "{\"first\":\"%s\"}", f->by_id) : NULL,
		.after = arena_printf(
			a, "{\"rule\":\"%s\",\"quantity\":\"%s\"}", rule, qty_format(p->reconciled, text)) };

	return audit_append(tx, who, &entry, e);
}

static enum rc keep_first(struct tx *tx, const struct principal *who, const struct decide_ask *ask,
	const struct decide_plan *p, const char *rule, const char *terms, struct err *e)
{
	const struct first nobody = { 0 };
	enum rc rc = sql_exec(tx, e, SQL_APPROVAL_AWAITING_PUT, "ttttqQttti", ask->org, p->card_id, rule, terms,
		p->reconciled, p->has_psa ? &p->seen_psa : NULL, ask->note, who->name, who->id, clock_now());

	return rc == RC_OK ? note(tx, who, "approval.first", p, &nobody, rule, e) : rc;
}

static enum rc check_second(const struct principal *who, const struct first *f, struct err *e)
{
	if (strcmp(f->by_id, who->id) == 0)
		return err_set(e, RC_DENIED, "You approved this already. Another person has to approve it as well.");
	if (who->is_token)
		return err_set(
			e, RC_DENIED, "The second of two approvals needs a person: sign in, a token cannot give it.");
	return RC_OK;
}

enum rc approval_take(struct tx *tx, const struct principal *who, const struct decide_ask *ask,
	const struct decide_plan *p, bool *ret_awaits, struct err *e)
{
	const char *rule, *name, *terms = terms_of(tx, p);
	struct first f;
	enum rc rc = approval_needed(tx, ask->org, p, &rule, &name, e);

	*ret_awaits = false;
	if (rc != RC_OK)
		return rc;
	rc = read_first(tx, ask->org, p->card_id, &f, e);
	if (rc != RC_OK || (!rule && !f.by_id))
		return rc;
	if (rule && (!f.by_id || strcmp(f.terms, terms) != 0)) {
		*ret_awaits = true;
		return keep_first(tx, who, ask, p, rule, terms, e);
	}
	if (rule)
		rc = check_second(who, &f, e);
	if (rc == RC_OK)
		rc = approval_withdraw(tx, ask->org, p->card_id, e);
	return rc == RC_OK && rule ? note(tx, who, "approval.second", p, &f, rule, e) : rc;
}

enum rc approval_withdraw(struct tx *tx, const char *org, const char *card, struct err *e)
{
	enum rc rc = sql_exec(tx, e, SQL_APPROVAL_AWAITING_REMOVE, "tt", org, card);

	if (rc == RC_OK && sql_changes(tx) == 0)
		return err_set(e, RC_NOT_FOUND, "No approval of card %s awaits a second one.", card);
	return rc;
}

static void write_named(struct jsonw *w, const char *key, struct rows *r, int id, int name)
{
	jsonw_key(w, key);
	if (rows_null(r, id)) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	jsonw_kv(w, "id", rows_text(r, id));
	jsonw_kv(w, "name", rows_text(r, name));
	jsonw_end_object(w);
}

static void write_qty(struct jsonw *w, const char *key, struct rows *r, int col)
{
	if (rows_null(r, col))
		jsonw_kv_null(w, key);
	else
		jsonw_kv_qty(w, key, rows_int(r, col));
}

static void write_awaiting(struct jsonw *w, struct rows *r)
{
	char at[CLOCK_TEXT];

	jsonw_object(w);
	jsonw_kv(w, "card_id", rows_text(r, 0));
	write_qty(w, "quantity", r, 1);
	write_qty(w, "psa_units", r, 2);
	jsonw_kv(w, "note", rows_text(r, 3));
	jsonw_kv(w, "asked_by", rows_text(r, 4));
	jsonw_kv(w, "asked_at", clock_format(rows_int(r, 5), at));
	write_named(w, "rule", r, 6, 7);
	write_named(w, "account", r, 8, 9);
	jsonw_key(w, "product");
	jsonw_object(w);
	jsonw_kv(w, "id", rows_text(r, 10));
	jsonw_kv(w, "code", rows_text(r, 11));
	jsonw_kv(w, "name", rows_text(r, 12));
	jsonw_end_object(w);
	jsonw_end_object(w);
}

enum rc approval_list(struct tx *tx, const char *org, const char *after, int64_t limit, struct jsonw *w,
	const char **ret_next, struct err *e)
{
	int64_t count = 0;
	struct rows r;

	*ret_next = NULL;
	sql_query(tx, &r, SQL_APPROVAL_AWAITING_LIST, "tti", org, after, limit);
	while (rows_next(&r)) {
		write_awaiting(w, &r);
		if (++count == limit)
			*ret_next = rows_dup(&r, tx_arena(tx), 0);
	}
	return rows_end(&r, e);
}

static enum rc read_limit(const struct json *body, const char *key, qty *value, const qty **ret, struct err *e)
{
	const struct json *v = json_get(body, key);

	*ret = NULL;
	if (json_is_null(v))
		return RC_OK;
	if (json_qty(v, value) != RC_OK || *value < 0)
		return err_at(
			e, RC_INVALID, key[4] == 'u' ? "/min_units" : "/min_money", "Write a decimal of at least 0.");
	*ret = value;
	return RC_OK;
}

static enum rc check_account(struct tx *tx, const char *org, const char *account, struct err *e)
{
	int64_t there = 1;
	enum rc rc = account ? sql_int(tx, &there, e, SQL_APPROVAL_ACCOUNT, "tt", org, account) : RC_OK;

	if (rc == RC_OK && !there)
		return err_at(e, RC_INVALID, "/account_id", "There is no such account in the PSA.");
	return rc;
}

enum rc approval_rule_add(
	struct tx *tx, const struct principal *who, const struct json *body, const char **ret_id, struct err *e)
{
	const char *account = json_member(body, "account_id");
	qty units, money;
	const qty *min_units, *min_money;
	enum rc rc = check_account(tx, who->org, account, e);

	if (rc == RC_OK)
		rc = read_limit(body, "min_units", &units, &min_units, e);
	if (rc == RC_OK)
		rc = read_limit(body, "min_money", &money, &min_money, e);
	if (rc != RC_OK)
		return rc;
	*ret_id = id_make(tx_arena(tx));
	return sql_exec(tx, e, SQL_APPROVAL_RULE_ADD, "tttttQQti", who->org, *ret_id, json_member(body, "name"),
		json_text_or(json_get(body, "direction"), "any"), account, min_units, min_money, who->name,
		clock_now());
}

enum rc approval_rule_remove(struct tx *tx, const char *org, const char *id, struct err *e)
{
	enum rc rc = sql_exec(tx, e, SQL_APPROVAL_RULE_REMOVE, "tt", org, id);

	if (rc == RC_OK && sql_changes(tx) == 0)
		return err_set(e, RC_NOT_FOUND, "There is no rule of approval %s.", id);
	return rc;
}

static void write_rule(struct jsonw *w, struct rows *r)
{
	char at[CLOCK_TEXT];

	jsonw_object(w);
	jsonw_kv(w, "id", rows_text(r, 0));
	jsonw_kv(w, "name", rows_text(r, 1));
	jsonw_kv(w, "direction", rows_text(r, 2));
	write_named(w, "account", r, 3, 8);
	write_qty(w, "min_units", r, 4);
	write_qty(w, "min_money", r, 5);
	jsonw_kv(w, "created_by", rows_text(r, 6));
	jsonw_kv(w, "created_at", clock_format(rows_int(r, 7), at));
	jsonw_end_object(w);
}

enum rc approval_rule_list(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e)
{
	int64_t count = 0;
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_APPROVAL_RULE_LIST, "tt", org, id ? id : "");
	for (; rows_next(&r); count++)
		write_rule(w, &r);
	rc = rows_end(&r, e);
	if (rc == RC_OK && id && !count)
		return err_set(e, RC_NOT_FOUND, "There is no rule of approval %s.", id);
	return rc;
}
