/* Two persons for one change: the rules that say when, and what awaits the second. */
#include "api/route.h"
#include "api/text.h"
#include "core/cards/approval.h"
#include "core/page.h"

static enum rc get_awaiting(struct call *c, struct err *e)
{
	const char *after[1], *next = NULL;
	int64_t limit;
	enum rc rc = call_limit(c, &limit, e);

	if (rc == RC_OK)
		rc = page_read(c->arena, call_query(c, "cursor"), after, 1, e);
	if (rc != RC_OK)
		return rc;
	call_list_begin(c);
	rc = approval_list(c->tx, c->who.org, after[0], limit, &c->out, &next, e);
	call_list_end(c, next ? page_cursor(c->arena, next, NULL) : NULL);
	return rc;
}

static enum rc delete_awaiting(struct call *c, struct err *e)
{
	const char *card = call_param(c, 0);
	enum rc rc = tx_lock_org(c->tx, c->who.org, e);

	c->audit_object = arena_printf(c->arena, "card %s", card);
	return rc == RC_OK ? approval_withdraw(c->tx, c->who.org, card, e) : rc;
}

static enum rc get_rules(struct call *c, struct err *e)
{
	enum rc rc;

	call_list_begin(c);
	rc = approval_rule_list(c->tx, c->who.org, NULL, &c->out, e);
	call_list_end(c, NULL);
	return rc;
}

static enum rc rule_text(struct call *c, const char *id, const char **ret, struct err *e)
{
	struct text_out t;
	enum rc rc;

	text_begin(&t);
	rc = approval_rule_list(c->tx, c->who.org, id, &t.w, e);
	*ret = text_end(&t, c->arena);
	c->audit_object = arena_printf(c->arena, "approval rule %s", id);
	return rc;
}

static enum rc post_rule(struct call *c, struct err *e)
{
	const char *id;
	enum rc rc = tx_lock_org(c->tx, c->who.org, e);

	if (rc == RC_OK)
		rc = approval_rule_add(c->tx, &c->who, c->body, &id, e);
	if (rc == RC_OK)
		rc = rule_text(c, id, &c->audit_after, e);
	return rc == RC_OK ? approval_rule_list(c->tx, c->who.org, id, &c->out, e) : rc;
}

static enum rc delete_rule(struct call *c, struct err *e)
{
	const char *id = call_param(c, 0);
	enum rc rc = tx_lock_org(c->tx, c->who.org, e);

	if (rc == RC_OK)
		rc = rule_text(c, id, &c->audit_before, e);
	return rc == RC_OK ? approval_rule_remove(c->tx, c->who.org, id, e) : rc;
}

static const struct field rule_body[] = {
	{ "name", F_TEXT, .required = true, .max = 200, .help = "why two are needed" },
	{ "direction", F_TEXT, .choices = "any|up|down|new", .help = "of the quantity; new = a new line; default any" },
	{ "account_id", F_TEXT, .help = "only this customer of the PSA; absent = all" },
	{ "min_units", F_DECIMAL, .help = "from this change of units on; absent = from any" },
	{ "min_money", F_DECIMAL, .help = "from this change of money a period on; absent = from any" },
	{ NULL },
};

const struct route approval_routes[] = {
	{ "GET", "/api/v1/approvals", ROUTE_READ, ROLE_VIEWER, 200, get_awaiting, .rate = RATE_APP,
		.summary = "Approvals that await a second person" },
	{ "DELETE", "/api/v1/approvals/{card}", ROUTE_WRITE, ROLE_APPROVER, 204, delete_awaiting,
		.event = "approval.withdrawn", .rate = RATE_APP, .summary = "Take back a first approval" },
	{ "GET", "/api/v1/approval-rules", ROUTE_READ, ROLE_VIEWER, 200, get_rules, .rate = RATE_APP,
		.summary = "Which changes two persons must approve" },
	{ "POST", "/api/v1/approval-rules", ROUTE_WRITE, ROLE_ADMIN, 201, post_rule, rule_body,
		.event = "approval_rule.added", .rate = RATE_APP,
		.summary = "Let changes of this kind need two persons: by direction, customer, units, money" },
	{ "DELETE", "/api/v1/approval-rules/{id}", ROUTE_WRITE, ROLE_ADMIN, 204, delete_rule,
		.event = "approval_rule.removed", .rate = RATE_APP, .summary = "Remove such a rule" },
	{ NULL },
};
