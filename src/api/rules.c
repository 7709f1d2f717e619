/* Rules and overrides: what is done to a count before it is billed. */
#include "api/route.h"
#include "api/text.h"
#include "core/rules/rulestore.h"

typedef enum rc (*put_fn)(
	struct tx *, const struct principal *, const char *, const struct json *, const char **, struct err *);
typedef enum rc (*write_fn)(struct tx *, const char *, const char *, struct jsonw *, struct err *);
typedef enum rc (*remove_fn)(struct tx *, const struct principal *, const char *, struct err *);
typedef enum rc (*list_fn)(
	struct tx *, const char *, const char *, int64_t, struct jsonw *, const char **, struct err *);

/* What the two kinds of object have in common. */
struct kind {
	const char *name;
	put_fn put;
	write_fn write;
	remove_fn remove;
	list_fn list;
};

static const struct kind rule_kind = { "rule", rulestore_put, rulestore_write, rulestore_remove, rulestore_write_list };
static const struct kind override_kind = { "override", override_put, override_write, override_remove,
	override_write_list };

static enum rc list(struct call *c, const struct kind *k, struct err *e)
{
	const char *next = NULL;
	int64_t limit;
	enum rc rc = call_limit(c, &limit, e);

	if (rc != RC_OK)
		return rc;
	call_list_begin(c);
	rc = k->list(c->tx, c->who.org, call_query(c, "cursor"), limit, &c->out, &next, e);
	call_list_end(c, next);
	return rc;
}

static enum rc snapshot(struct call *c, const struct kind *k, const char *id, const char **ret, struct err *e)
{
	struct text_out t;
	enum rc rc;

	text_begin(&t);
	rc = k->write(c->tx, c->who.org, id, &t.w, e);
	*ret = text_end(&t, c->arena);
	return rc;
}

/* `id` NULL: a new one. */
static enum rc put(struct call *c, const struct kind *k, const char *id, struct err *e)
{
	const char *made = id;
	enum rc rc = id ? snapshot(c, k, id, &c->audit_before, e) : RC_OK;

	if (rc == RC_OK)
		rc = k->put(c->tx, &c->who, id, c->body, &made, e);
	if (rc == RC_OK)
		rc = snapshot(c, k, made, &c->audit_after, e);
	if (rc != RC_OK)
		return rc;
	c->audit_object = arena_printf(c->arena, "%s %s", k->name, made);
	c->audit_why = call_text(c, "reason");
	return k->write(c->tx, c->who.org, made, &c->out, e);
}

static enum rc drop(struct call *c, const struct kind *k, struct err *e)
{
	const char *id = call_param(c, 0);
	enum rc rc = snapshot(c, k, id, &c->audit_before, e);

	c->audit_object = arena_printf(c->arena, "%s %s", k->name, id);
	return rc == RC_OK ? k->remove(c->tx, &c->who, id, e) : rc;
}

static enum rc get_rules(struct call *c, struct err *e)
{
	return list(c, &rule_kind, e);
}

static enum rc get_rule(struct call *c, struct err *e)
{
	return rulestore_write(c->tx, c->who.org, call_param(c, 0), &c->out, e);
}

static enum rc post_rule(struct call *c, struct err *e)
{
	return put(c, &rule_kind, NULL, e);
}

static enum rc put_rule(struct call *c, struct err *e)
{
	return put(c, &rule_kind, call_param(c, 0), e);
}

static enum rc delete_rule(struct call *c, struct err *e)
{
	return drop(c, &rule_kind, e);
}

static enum rc get_overrides(struct call *c, struct err *e)
{
	return list(c, &override_kind, e);
}

static enum rc get_override(struct call *c, struct err *e)
{
	return override_write(c->tx, c->who.org, call_param(c, 0), &c->out, e);
}

static enum rc post_override(struct call *c, struct err *e)
{
	return put(c, &override_kind, NULL, e);
}

static enum rc put_override(struct call *c, struct err *e)
{
	return put(c, &override_kind, call_param(c, 0), e);
}

static enum rc delete_override(struct call *c, struct err *e)
{
	return drop(c, &override_kind, e);
}

static const struct field rule_body[] = {
	{ "name", F_TEXT, .required = true, .max = 200, .help = "shown in the card's why" },
	{ "product_id", F_TEXT, .help = "holds for this product; absent = all" },
	{ "account_id", F_TEXT, .help = "holds for this account; absent = all" },
	{ "contract_id", F_TEXT, .help = "holds for this contract; absent = all" },
	{ "multiply", F_DECIMAL, .help = "first the sum is multiplied by this" },
	{ "divide", F_DECIMAL, .help = "and divided by this" },
	{ "included", F_DECIMAL, .help = "then these free units are taken off" },
	{ "minimum", F_DECIMAL, .help = "then at least this" },
	{ "maximum", F_DECIMAL, .help = "and at most this" },
	{ "round", F_TEXT, .choices = "up|down|nearest", .help = "then rounded; default up" },
	{ "round_step", F_DECIMAL, .help = "to a multiple of this; default 1" },
	{ "reason", F_TEXT, .max = 500, .help = "why the rule is there" },
	{ NULL },
};

static const struct field override_body[] = {
	{ "account_id", F_TEXT, .required = true, .help = "the account" },
	{ "product_id", F_TEXT, .required = true, .help = "the product" },
	{ "contract_id", F_TEXT, .help = "only on this contract" },
	{ "quantity", F_DECIMAL, .required = true, .help = "what is billed, whatever is counted" },
	{ "reason", F_TEXT, .required = true, .max = 500, .help = "shown with the card" },
	{ "expires", F_DATE, .help = "last day it holds; absent = until it is removed" },
	{ NULL },
};

const struct route rules_routes[] = {
	{ "GET", "/api/v1/rules", ROUTE_READ, ROLE_VIEWER, 200, get_rules, .rate = RATE_APP, .summary = "All rules" },
	{ "POST", "/api/v1/rules", ROUTE_WRITE, ROLE_APPROVER, 201, post_rule, rule_body, .event = "rule.made",
		.rate = RATE_APP, .summary = "Make a rule" },
	{ "GET", "/api/v1/rules/{id}", ROUTE_READ, ROLE_VIEWER, 200, get_rule, .rate = RATE_APP,
		.summary = "One rule" },
	{ "PUT", "/api/v1/rules/{id}", ROUTE_WRITE, ROLE_APPROVER, 200, put_rule, rule_body, .event = "rule.changed",
		.rate = RATE_APP, .summary = "Change a rule; its version grows" },
	{ "DELETE", "/api/v1/rules/{id}", ROUTE_WRITE, ROLE_APPROVER, 204, delete_rule, .event = "rule.removed",
		.rate = RATE_APP, .summary = "Remove a rule" },
	{ "GET", "/api/v1/overrides", ROUTE_READ, ROLE_VIEWER, 200, get_overrides, .rate = RATE_APP,
		.summary = "All overrides, expired ones too" },
	{ "POST", "/api/v1/overrides", ROUTE_WRITE, ROLE_APPROVER, 201, post_override, override_body,
		.event = "override.made", .rate = RATE_APP, .summary = "Bill an account this many, for a reason" },
	{ "GET", "/api/v1/overrides/{id}", ROUTE_READ, ROLE_VIEWER, 200, get_override, .rate = RATE_APP,
		.summary = "One override" },
	{ "PUT", "/api/v1/overrides/{id}", ROUTE_WRITE, ROLE_APPROVER, 200, put_override, override_body,
		.event = "override.changed", .rate = RATE_APP, .summary = "Change an override" },
	{ "DELETE", "/api/v1/overrides/{id}", ROUTE_WRITE, ROLE_APPROVER, 204, delete_override,
		.event = "override.removed", .rate = RATE_APP, .summary = "Remove an override" },
	{ NULL },
};
