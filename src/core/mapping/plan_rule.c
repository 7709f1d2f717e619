/* plan_rule.c - rules and overrides of a plan: all that shall be there. */
#include "core/mapping/plan_part.h"
#include "core/rules/rulestore.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* A member that is compared. `fallback` is what its absence means when `with` is there. */
struct member {
	const char *key;
	bool number;
	const char *with, *fallback;
};

/* One of the two kinds of things. */
struct kind {
	const char *list, *what; /* member of the file; word of the log */
	const char *known;
	const struct member *members;
	const char *const *identity; /* members that say which one it is, NULL-ended */
	enum rc (*write_list)(
		struct tx *, const char *, const char *, int64_t, struct jsonw *, const char **, struct err *);
	enum rc (*put)(
		struct tx *, const struct principal *, const char *, const struct json *, const char **, struct err *);
	enum rc (*remove)(struct tx *, const struct principal *, const char *, struct err *);
};

static const struct member rule_members[] = { { "name" }, { "product_id" }, { "account_id" }, { "contract_id" },
	{ "multiply", true, "divide", "1" }, { "divide", true, "multiply", "1" }, { "included", true },
	{ "minimum", true }, { "maximum", true }, { "round", false, "round_step", "up" },
	{ "round_step", true, "round", "1" }, { "reason" }, { NULL } };

static const struct member override_members[] = { { "account_id" }, { "product_id" }, { "contract_id" },
	{ "quantity", true }, { "reason" }, { "expires" }, { NULL } };

static const struct kind kinds[] = {
	{ "rules", "rule",
		"name|product|account|contract|multiply|divide|included|minimum|maximum|round|round_step|reason",
		rule_members, (const char *const[]){ "name", NULL }, rulestore_write_list, rulestore_put,
		rulestore_remove },
	{ "overrides", "override", "account|product|contract|quantity|reason|expires", override_members,
		(const char *const[]){ "account_id", "product_id", "contract_id", NULL }, override_write_list,
		override_put, override_remove },
};

/* Two customers may have contracts of one name: the account tells which is meant. */
static enum rc contract_id(
	struct plan *p, const char *name, const char *account, const char *place, const char **ret, struct err *e)
{
	unsigned count = 0;
	struct rows r;
	enum rc rc;

	*ret = NULL;
	if (!name)
		return RC_OK;
	sql_query(p->tx, &r, SQL_PLAN_CONTRACT, "ttt", p->who->org, name, account ? account : "");
	while (rows_next(&r)) {
		if (count++ == 0)
			*ret = rows_dup(&r, p->arena, 0);
	}
	rc = rows_end(&r, e);
	if (rc == RC_OK && count == 0)
		return err_at(e, RC_INVALID, place, "There is no contract \"%s\"%s.", name,
			account ? " of this account" : "");
	if (rc == RC_OK && count > 1 && strcmp(*ret, name) != 0)
		return err_at(e, RC_INVALID, place,
			"More than one contract is called \"%s\"; name its account, or its id.", name);
	return rc;
}

static enum rc write_ids(struct plan *p, const struct json *item, const char *place, struct jsonw *w, struct err *e)
{
	const char *product, *account = NULL, *contract = NULL;
	enum rc rc = plan_id(p, SQL_PLAN_PRODUCT, json_member(item, "product"), "product",
		arena_printf(p->arena, "%s/product", place), &product, e);

	if (rc == RC_OK)
		rc = plan_id(p, SQL_PLAN_ACCOUNT, json_member(item, "account"), "PSA account",
			arena_printf(p->arena, "%s/account", place), &account, e);
	if (rc == RC_OK)
		rc = contract_id(p, json_member(item, "contract"), account,
			arena_printf(p->arena, "%s/contract", place), &contract, e);
	jsonw_kv(w, "product_id", product);
	jsonw_kv(w, "account_id", account);
	jsonw_kv(w, "contract_id", contract);
	return rc;
}

/* What one thing of the file says, with ids for names. */
static enum rc resolve(
	struct plan *p, const struct json *item, const char *place, const struct json **ret, struct err *e)
{
	const struct json_limits limits = JSON_LIMITS_DEFAULT;
	struct plan_text t;
	struct json *made = NULL;
	const char *text;
	enum rc rc;

	plan_text_begin(&t);
	jsonw_object(&t.w);
	rc = write_ids(p, item, place, &t.w, e);
	for (const struct json *m = item->child; m; m = m->next) {
		if (strcmp(m->key, "product") == 0 || strcmp(m->key, "account") == 0 || strcmp(m->key, "contract") == 0)
			continue;
		jsonw_key(&t.w, m->key);
		jsonw_value(&t.w, m);
	}
	jsonw_end_object(&t.w);
	text = plan_text_end(p, &t);
	if (rc == RC_OK)
		rc = json_parse(p->arena, text, strlen(text), &limits, &made, e);
	*ret = made;
	return rc;
}

static bool same_member(const struct json *a, const struct json *b, const struct member *m)
{
	const char *one = json_scalar(json_get(a, m->key)), *other = json_scalar(json_get(b, m->key));
	qty x, y;

	if (!one && m->with && json_scalar(json_get(a, m->with)))
		one = m->fallback;
	if (!one || !other || !m->number)
		return text_same(one, other);
	return qty_parse(one, &x) == RC_OK && qty_parse(other, &y) == RC_OK && x == y;
}

/* `want` is of the file, `now` of the store. */
static bool same(const struct json *want, const struct json *now, const struct kind *k)
{
	for (const struct member *m = k->members; m->key; m++)
		if (!same_member(want, now, m))
			return false;
	return true;
}

static bool same_identity(const struct json *a, const struct json *b, const struct kind *k)
{
	for (const char *const *key = k->identity; *key; key++)
		if (!text_same(json_member(a, *key), json_member(b, *key)))
			return false;
	return true;
}

/* All of the store, as one array. */
static enum rc read_store(struct plan *p, const struct kind *k, const struct json **ret, struct err *e)
{
	struct json_limits limits = JSON_LIMITS_DEFAULT;
	struct plan_text t;
	const char *cursor = NULL, *text;
	struct json *made = NULL;
	enum rc rc;

	plan_text_begin(&t);
	t.buf.max = limits.bytes;
	jsonw_array(&t.w);
	do
		rc = k->write_list(p->tx, p->who->org, cursor, 1000, &t.w, &cursor, e);
	while (rc == RC_OK && cursor);
	jsonw_end_array(&t.w);
	text = plan_text_end(p, &t);
	if (rc == RC_OK)
		rc = json_parse(p->arena, text, strlen(text), &limits, &made, e);
	*ret = made;
	return rc;
}

static const char *as_text(struct plan *p, const struct json *v)
{
	struct plan_text t;

	plan_text_begin(&t);
	jsonw_value(&t.w, v);
	return plan_text_end(p, &t);
}

static enum rc put(struct plan *p, const struct kind *k, const struct json *want, const struct json *now,
	const char *place, struct err *e)
{
	const char *id;
	enum rc rc = k->put(p->tx, p->who, now ? json_member(now, "id") : NULL, want, &id, e);

	if (rc != RC_OK)
		return plan_place(place, e);
	return plan_note(p, now ? "change" : "add", arena_printf(p->arena, "%s.%s", k->what, now ? "changed" : "made"),
		arena_printf(p->arena, "%s %s", k->what, id), now ? as_text(p, now) : NULL, as_text(p, want), e);
}

/* What the file wants of one thing. `before` are those in front of it. */
static enum rc read_wanted(struct plan *p, const struct kind *k, const struct json *item, const char *place,
	const struct json *const *before, size_t count, const struct json **ret, struct err *e)
{
	enum rc rc = plan_known(item, place, k->known, e);

	if (rc == RC_OK)
		rc = resolve(p, item, place, ret, e);
	if (rc != RC_OK)
		return rc;
	for (const char *const *key = k->identity; *key; key++)
		if (strcmp(*key, "contract_id") != 0 && !json_member(*ret, *key))
			return err_at(e, RC_INVALID, place, "This %s needs its %s.", k->what,
				*k->what == 'o' ? "account and product" : "name");
	for (size_t i = 0; i < count; i++)
		if (same_identity(*ret, before[i], k))
			return err_at(e, RC_INVALID, place, "This %s is in the file twice.", k->what);
	return RC_OK;
}

/* The row of the store that `want` is about: its place, or the number of rows. */
static size_t find_row(const struct json *store, const struct json *want, const struct kind *k, const struct json **ret)
{
	size_t i = 0;

	for (*ret = store->child; *ret && !same_identity(want, *ret, k); *ret = (*ret)->next)
		i++;
	return i;
}

static enum rc remove_rest(
	struct plan *p, const struct kind *k, const struct json *store, const bool *kept, struct err *e)
{
	enum rc rc = RC_OK;
	size_t i = 0;

	for (const struct json *now = store->child; now && rc == RC_OK; now = now->next, i++) {
		const char *id = json_member(now, "id");

		if (kept[i])
			continue;
		rc = k->remove(p->tx, p->who, id, e);
		if (rc == RC_OK)
			rc = plan_note(p, "remove", arena_printf(p->arena, "%s.removed", k->what),
				arena_printf(p->arena, "%s %s", k->what, id), as_text(p, now), NULL, e);
	}
	return rc;
}

static enum rc plan_kind(struct plan *p, const struct kind *k, const struct json *list, struct err *e)
{
	const struct json *store, *now, **wants;
	bool *kept;
	char place[64];
	size_t i = 0;
	enum rc rc = read_store(p, k, &store, e);

	if (rc != RC_OK)
		return rc;
	kept = arena_array(p->arena, store->count + 1, sizeof(*kept));
	wants = arena_array(p->arena, list->count + 1, sizeof(struct json *));
	for (const struct json *v = list->child; v && rc == RC_OK; v = v->next, i++) {
		snprintf(place, sizeof(place), "/%s/%zu", k->list, i);
		rc = read_wanted(p, k, v, place, wants, i, &wants[i], e);
		if (rc != RC_OK)
			return rc;
		kept[find_row(store, wants[i], k, &now)] = true;
		if (!now || !same(wants[i], now, k))
			rc = put(p, k, wants[i], now, place, e);
	}
	return rc == RC_OK ? remove_rest(p, k, store, kept, e) : rc;
}

enum rc plan_rules(struct plan *p, const struct json *file, struct err *e)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < ARRAY_LEN(kinds) && rc == RC_OK; i++) {
		const struct json *list;

		rc = plan_array(file, kinds[i].list, "", &list, e);
		if (rc == RC_OK && list)
			rc = plan_kind(p, &kinds[i], list, e);
	}
	return rc;
}
