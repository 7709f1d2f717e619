/* The permission doctor: every list that is read is tried, and rights to change are asked for with an empty list, which
 * changes nothing. What counts is the application's permissions and the role of its agent together. */
#include "psa/halo/ha.h"

#include <string.h>

struct doctor {
	struct psa_conn *c;
	struct arena *a;
	psa_check_fn check;
	void *arg;
};

static void say(struct doctor *d, const char *name, bool ok, const char *detail)
{
	d->check(d->arg, name, ok, detail);
}

/* The first row, or NULL. */
static const struct json *try_read(struct doctor *d, const char *path, const char *name)
{
	struct err why = ERR_INIT;
	struct json *v;
	enum rc rc = ha_get(d->c, d->a, path, &v, &why);

	say(d, name, rc == RC_OK, rc == RC_OK ? "Allowed." : why.text);
	return rc == RC_OK && ha_rows(v) ? ha_rows(v)->child : NULL;
}

static void try_write(struct doctor *d, const char *path, const char *name)
{
	struct err why = ERR_INIT;
	struct httpc_answer answer;
	bool asked;

	ha_post(d->c, d->a, path, "[]", &answer);
	asked = answer.fate == HTTPC_ANSWERED && answer.status < 500 && answer.status != 401 && answer.status != 403 &&
		answer.status != 429;
	if (answer.fate != HTTPC_ANSWERED)
		wire_unreached(d->c->wire.who, &answer, &why);
	else if (!asked)
		ha_judge(d->c, &answer, path, &why);
	say(d, name, asked, asked ? "Allowed (asked with an empty list, which changes nothing)." : why.text);
}

static bool check_way_in(struct doctor *d)
{
	struct err why = ERR_INIT;
	enum rc rc = ha_token(d->c, &why);

	say(d, "Site, Client ID and Client secret", rc == RC_OK, rc == RC_OK ? "Accepted." : why.text);
	return rc == RC_OK;
}

/* A single word of the scopes that the token says it has; a token that says nothing may have all. */
static void check_scope(struct doctor *d, const char *scope)
{
	const char *at = d->c->granted;
	size_t len = strlen(scope);

	if (!*at || strcmp(at, "all") == 0)
		return;
	while ((at = strstr(at, scope)) != NULL && at[len] && at[len] != ' ')
		at += len;
	say(d, arena_printf(d->a, "Permission %s", scope), at != NULL,
		at ? "Granted." : "The token does not have it: tick it on the application.");
}

/* Prices and costs are plain members; a role may hide costs. */
static void check_costs(struct doctor *d, const struct json *item)
{
	if (!item)
		return;
	say(d, "Costs of items", *ha_text(item, "recurringcost") || *ha_text(item, "costprice"),
		*ha_text(item, "recurringcost") || *ha_text(item, "costprice")
			? "Visible."
			: "Not shown to this agent: margins are not known.");
}

/* Costs are one thing that a person may want to write: a missing right is told and is no failure. */
static void try_cost(struct doctor *d)
{
	struct err why = ERR_INIT;
	struct httpc_answer answer;
	bool missing;

	ha_post(d->c, d->a, "Item", "[]", &answer);
	if (answer.fate != HTTPC_ANSWERED || answer.status >= 500 || answer.status == 401 || answer.status == 429)
		return;
	missing = answer.status == 403;
	if (missing)
		ha_judge(d->c, &answer, "Item", &why);
	say(d, "Items: modify", true,
		missing ? arena_printf(d->a, "Not allowed, so costs cannot be written; all else works without it. %s",
				  why.text)
			: "Allowed (asked with an empty list, which changes nothing). Used for costs only.");
}

enum rc ha_test(struct psa_conn *c, psa_check_fn check, void *arg, struct err *e)
{
	static const char *const scopes[] = { "read:customers", "read:items", "read:invoices", "edit:invoices" };
	AUTO(arena) a = ARENA_INIT;
	struct doctor d = { c, &a, check, arg };
	unsigned tries = c->wire.tries;

	c->wire.tries = 2;
	if (check_way_in(&d)) {
		for (size_t i = 0; i < ARRAY_LEN(scopes); i++)
			check_scope(&d, scopes[i]);
		try_read(&d, "Client?count=1", "Customers: read");
		check_costs(&d, try_read(&d, "Item?count=1", "Items: read"));
		try_read(&d, "ClientContract?count=1", "Customer contracts: read");
		try_read(&d, "RecurringInvoice?count=1", "Invoices: read");
		try_write(&d, "RecurringInvoice", "Invoices: modify");
		try_write(&d, "RecurringInvoice/Lines", "Invoices: modify (new lines)");
		try_read(&d, "Tickets?count=1", "Tickets: read");
		try_write(&d, "Tickets", "Tickets: create");
		try_cost(&d);
		/* Optional: who wants no tickets is set up all the same. */
		say(&d, "Ticket type for alerts", true,
			*c->ticket_type ? "Set." : "Not set: alerts do not become tickets.");
	}
	c->wire.tries = tries;
	return RC_OK;
}
