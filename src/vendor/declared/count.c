#include "vendor/declared/count.h"

#include <string.h>

void counting_release(struct counting *c)
{
	arena_release(&c->arena);
}

static const char *member(const struct json *rule, const char *name)
{
	return json_text_or(json_get(rule, name), "");
}

static enum rc tell_service(
	struct counting *c, const struct json *rule, const char *key, const char *name, struct err *e)
{
	struct pull_service s = { .vendor_id = key, .name = name, .unit_basis = json_member(rule, "unit"),
		.description = json_member(rule, "description") };

	return table_new(&c->services, &c->arena, key) ? c->sink->service(c->sink->arg, &s, e) : RC_OK;
}

/* True when nothing of the rule's service is known only from a row. */
static bool is_static(const struct json *rule)
{
	return !strchr(member(rule, "service"), '{') && !strchr(member(rule, "key"), '{');
}

static const char *key_of(const struct json *rule)
{
	return json_get(rule, "key") ? member(rule, "key") : member(rule, "service");
}

enum rc counting_begin(struct counting *c, struct err *e)
{
	const struct json *rules = json_get(c->env->root, "counts");
	enum rc rc = RC_OK;

	for (const struct json *r = rules->child; rc == RC_OK && r; r = r->next) {
		if (is_static(r))
			rc = tell_service(c, r, key_of(r), member(r, "service"), e);
	}
	return rc;
}

/* A number divided: bytes that no qty holds become gigabytes that it does. */
static enum rc scaled(const char *text, const char *divisor, qty *ret)
{
	unsigned __int128 n = 0;
	qty by = QTY_ONE, plain;

	if (!divisor || qty_parse(divisor, &by) != RC_OK)
		return qty_parse(text, ret);
	if (qty_parse(text, &plain) == RC_OK && plain % QTY_ONE)
		return qty_div(plain, by, ret);
	for (const char *p = text; *p; p++) {
		if (*p < '0' || *p > '9' || n > (unsigned __int128)1 << 100)
			return qty_parse(text, &plain) == RC_OK ? qty_div(plain, by, ret) : RC_INVALID;
		n = n * 10 + (unsigned)(*p - '0');
	}
	if (!*text || (n >> 80))
		return RC_INVALID;
	/* Towards more, so that a few bytes are not nothing; "round" makes it coarser. */
	n = (n * QTY_ONE * QTY_ONE + (unsigned __int128)by - 1) / (unsigned __int128)by;
	if (n > QTY_MAX)
		return RC_INVALID;
	*ret = (qty)n;
	return RC_OK;
}

/* How much this row adds. */
static enum rc units_of(
	struct counting *c, struct arena *a, const struct scope *s, const struct json *rule, qty *ret, struct err *e)
{
	const char *field = member(rule, "field"), *value;

	*ret = QTY_ONE;
	if (strcmp(member(rule, "agg"), "count") == 0 || strcmp(member(rule, "agg"), "distinct") == 0)
		return RC_OK;
	value = env_lookup(c->env, a, s, field, strlen(field));
	if (!value && strcmp(member(rule, "absent"), "zero") == 0) {
		*ret = 0;
		return RC_OK;
	}
	if (!value)
		return err_set(e, RC_REMOTE, "%s did not tell the number of %s (%s).", c->vendor,
			member(rule, "service"), field);
	if (scaled(value, json_scalar(json_get(rule, "divide")), ret) != RC_OK)
		return err_set(
			e, RC_REMOTE, "%s's number of %s is \"%.40s\".", c->vendor, member(rule, "service"), value);
	return RC_OK;
}

static struct cell *cell_at(
	struct counting *c, struct arena *a, const struct json *rule, const char *account, const char *service)
{
	void **at = table_at(&c->cells, &c->arena, arena_printf(a, "%s\n%s", account, service));
	struct cell *cell = *at;

	if (!cell) {
		cell = *at = ARENA_NEW(&c->arena, struct cell);
		cell->account = arena_strdup(&c->arena, account);
		cell->service = arena_strdup(&c->arena, service);
		cell->rule = rule;
		cell->next = c->first;
		c->first = cell;
	}
	return cell;
}

/* True when this value was counted for the account and service before; nothing told is no value. */
static bool known_value(struct counting *c, struct arena *a, const struct scope *s, const struct json *rule,
	const char *account, const char *service)
{
	const char *field = member(rule, "field"), *value;

	if (strcmp(member(rule, "agg"), "distinct") != 0)
		return false;
	value = env_lookup(c->env, a, s, field, strlen(field));
	return !value || !*value ||
		!table_new(&c->values, &c->arena, arena_printf(a, "%s\n%s\n%s", account, service, value));
}

enum rc counting_take(struct counting *c, struct arena *a, const struct scope *s, const struct json *rule,
	const char *account, struct err *e)
{
	const char *name, *key;
	struct cell *cell;
	qty units;
	enum rc rc;

	if (!env_holds(c->env, a, s, json_get(rule, "where")))
		return RC_OK;
	name = env_expand(c->env, a, s, member(rule, "service"), EXPAND_PLAIN);
	key = env_expand(c->env, a, s, key_of(rule), EXPAND_PLAIN);
	if (!*key)
		return err_set(e, RC_REMOTE, "%s told of something without a name to count it by.", c->vendor);
	rc = units_of(c, a, s, rule, &units, e);
	if (rc == RC_OK)
		rc = tell_service(c, rule, key, *name ? name : key, e);
	if (rc != RC_OK || known_value(c, a, s, rule, account, key))
		return rc;
	cell = cell_at(c, a, rule, account, key);
	if (strcmp(member(rule, "agg"), "max") == 0)
		cell->units = units > cell->units ? units : cell->units;
	else if (qty_add(cell->units, units, &cell->units) != RC_OK)
		return err_set(e, RC_REMOTE, "%s's numbers of %s are too large to add up.", c->vendor, name);
	return RC_OK;
}

void counting_zero(struct counting *c, const char *account)
{
	for (const struct json *r = json_get(c->env->root, "counts")->child; r; r = r->next) {
		AUTO(arena) a = ARENA_INIT;

		if (is_static(r))
			cell_at(c, &a, r, account, key_of(r));
	}
}

static enum rc tell(struct counting *c, const struct cell *cell, struct err *e)
{
	const char *step = json_scalar(json_get(cell->rule, "round_up"));
	qty units = cell->units, to;
	char text[QTY_TEXT];

	if (step && (qty_parse(step, &to) != RC_OK || qty_round(units, to, ROUND_UP, &units) != RC_OK))
		return err_set(e, RC_REMOTE, "%s's number of %s is too large.", c->vendor, cell->service);
	return c->sink->count(c->sink->arg, cell->account, cell->service, qty_format(units, text), e);
}

enum rc counting_tell(struct counting *c, bool (*wanted)(void *arg, const char *account), void *arg, struct err *e)
{
	enum rc rc = RC_OK;

	for (const struct cell *cell = c->first; rc == RC_OK && cell; cell = cell->next) {
		if (wanted(arg, cell->account))
			rc = tell(c, cell, e);
	}
	return rc;
}
