/* The permission doctor: tries every right that is needed, and names each missing one as the role's page does.
 *
 * Rights to change are tried with calls that cannot change anything: an addition number 0 does not exist, and a body
 * without its required members is refused. Only the role's own refusal (403) counts against a right.
 */
#include "psa/connectwise/cw.h"

#include "base/codec.h"

#include <string.h>

struct doctor {
	struct psa_conn *c;
	struct arena *a;
	psa_check_fn check;
	void *arg;
	const char *agreement; /* id of one, "" when there is none */
};

static void say(struct doctor *d, const char *name, bool ok, const char *detail)
{
	d->check(d->arg, name, ok, detail);
}

/* The first row of a list, or NULL. */
static const struct json *try_read(struct doctor *d, const char *path, const char *good)
{
	struct err why = ERR_INIT;
	struct json *v;
	enum rc rc = cw_get(d->c, d->a, path, &v, NULL, &why);

	say(d, cw_right("GET", path), rc == RC_OK, rc == RC_OK ? good : why.text);
	return rc == RC_OK && json_is(v, JSON_ARRAY) ? v->child : NULL;
}

/* Costs are one thing that a person may want: a missing right is told and is no failure. */
static void try_cost(struct doctor *d)
{
	static const char path[] = "/procurement/catalog/0";
	struct err why = ERR_INIT;
	struct httpc_answer answer;
	bool missing;

	cw_send(d->c, d->a, "PATCH", path, cw_body_replace(d->a, "cost", 0), &answer);
	if (answer.fate != HTTPC_ANSWERED || answer.status >= 500 || answer.status == 401 || answer.status == 429)
		return;
	missing = answer.status == 403;
	if (missing)
		cw_error(&answer, "PATCH", path, &why);
	say(d, cw_right("PATCH", path), true,
		missing ? arena_printf(d->a, "Not allowed, so costs cannot be written; all else works without it. %s",
				  why.text)
			: "Allowed (asked with a call that changes nothing). Used for costs only.");
}

static void try_write(struct doctor *d, const char *method, const char *path, const char *body)
{
	struct err why = ERR_INIT;
	struct httpc_answer answer;
	bool asked;

	cw_send(d->c, d->a, method, path, body, &answer);
	asked = answer.fate == HTTPC_ANSWERED && answer.status < 500 && answer.status != 401 && answer.status != 403 &&
		answer.status != 429;
	if (!asked)
		cw_error(&answer, method, path, &why);
	say(d, cw_right(method, path), asked, asked ? "Allowed (asked with a call that changes nothing)." : why.text);
}

/* False when no further call can succeed. */
static bool check_way_in(struct doctor *d)
{
	struct err why = ERR_INIT;
	struct json *v;
	enum rc rc = cw_discover(d->c, &why);

	say(d, "Site and Company ID", rc == RC_OK,
		rc == RC_OK ? arena_printf(d->a, "Found; its codebase is %s.", d->c->codebase) : why.text);
	if (rc != RC_OK)
		return false;
	rc = cw_get(d->c, d->a, "/system/info", &v, NULL, &why);
	if (rc == RC_OK)
		say(d, "Keys and Client ID", true,
			arena_printf(d->a, "Accepted; ConnectWise is %s.", json_text_or(json_get(v, "version"), "?")));
	else
		say(d, "Keys and Client ID", rc == RC_DENIED, rc == RC_DENIED ? "Accepted." : why.text);
	return rc == RC_OK || rc == RC_DENIED;
}

/* Prices may be hidden from the member without any error. */
static void check_prices(struct doctor *d)
{
	const char *path = arena_printf(
		d->a, "/finance/agreements/%s/additions?pageSize=1", url_encode(d->a, d->agreement));
	struct err why = ERR_INIT;
	struct json *v;
	bool seen;

	if (cw_get(d->c, d->a, path, &v, NULL, &why) != RC_OK || !v->child)
		return;
	seen = !json_is_null(json_get(v->child, "unitPrice"));
	say(d, "Prices of additions", seen,
		seen ? "Visible."
		     : "Hidden from this API member: take away its block on prices, or changes from a date are not "
		       "possible.");
}

static void check_reads(struct doctor *d)
{
	const struct json *row;

	try_read(d, "/company/companies?pageSize=1", "Allowed.");
	row = try_read(d, "/finance/agreements?pageSize=1", "Allowed.");
	d->agreement = row ? arena_strdup(d->a, cw_id(row)) : "";
	try_read(d, "/procurement/catalog?pageSize=1", "Allowed.");
	try_read(d, "/company/companies/statuses?pageSize=1", "Allowed.");
	try_read(d, "/company/companies/types?pageSize=1", "Allowed.");
	try_read(d, "/finance/billingCycles?pageSize=1", "Allowed.");
	try_read(d, "/service/boards?pageSize=1", "Allowed.");
}

static void check_writes(struct doctor *d)
{
	const char *agreement = *d->agreement ? d->agreement : "0";

	try_write(d, "PATCH", cw_path_line(d->a, agreement, "0"), cw_body_quantity(d->a, 0));
	try_write(d, "POST", arena_printf(d->a, "/finance/agreements/%s/additions", url_encode(d->a, agreement)), "{}");
	try_write(d, "POST", "/service/tickets", "{}");
	try_cost(d);
	if (*d->agreement)
		check_prices(d);
}

enum rc cw_test(struct psa_conn *c, psa_check_fn check, void *arg, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct doctor d = { c, &a, check, arg, "" };
	unsigned tries = c->wire.tries;

	c->wire.tries = 2;
	if (check_way_in(&d)) {
		check_reads(&d);
		check_writes(&d);
	}
	c->wire.tries = tries;
	return RC_OK;
}
