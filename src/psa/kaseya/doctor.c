/* The permission doctor: reads are tried; the right to add is tried with an empty list of lines on contract 0. */
#include "psa/kaseya/kb.h"

struct doctor {
	struct psa_conn *c;
	struct arena *a;
	psa_check_fn check;
	void *arg;
};

static const struct json *try_read(struct doctor *d, const char *name, const char *method, const char *path,
	const char *body, const char *what, bool *ret_ok)
{
	struct err why = ERR_INIT;
	const struct json *v = NULL;
	enum rc rc = kb_read(d->c, d->a, method, path, body, what, &v, NULL, &why);

	*ret_ok = rc == RC_OK;
	d->check(d->arg, name, rc == RC_OK, rc == RC_OK ? "Allowed." : why.text);
	return rc == RC_OK ? v : NULL;
}

/* An older release of Pulseway may lack the calls for lines: told apart from a missing right by its 404. */
static void try_lines(struct doctor *d, const struct json *services)
{
	const char *id = services && services->child ? json_scalar(json_get(services->child, "id")) : NULL;
	bool ok;

	if (id)
		try_read(d, "Finance: View All (service lines)", "POST", kb_related(d->a, id),
			"{\"pageSize\":1,\"pageNumber\":1,\"filter\":{}}", "service lines", &ok);
}

static void try_add(struct doctor *d)
{
	struct err why = ERR_INIT;
	enum sent sent = kb_send(d->c, d->a, "POST", "/v2/finance/contracts/recurringservices/0/services", "[]",
		"a change of a contract", NULL, &why);
	bool asked = sent == SENT_OK || (sent == SENT_REFUSED && why.rc != RC_DENIED && why.rc != RC_UNAUTHORIZED);

	d->check(d->arg, "Finance: Modify All", asked,
		asked ? "Allowed (asked with a call that changes nothing)." : why.text);
}

enum rc kb_test(struct psa_conn *c, psa_check_fn check, void *arg, struct err *e)
{
	static const char one[] = "{\"pageSize\":1,\"pageNumber\":1,\"filter\":{}}";
	AUTO(arena) a = ARENA_INIT;
	struct doctor d = { c, &a, check, arg };
	unsigned tries = c->wire.tries;
	const struct json *services;
	bool ok;

	c->wire.tries = 2;
	try_read(&d, "Sign-in, Has API Access", "GET", "/v2/security/userinfo", NULL, "the user's own record", &ok);
	if (ok) {
		try_read(&d, "CRM: View All", "GET", "/v2/crm/accounts/summary?PageSize=1&PageNumber=1", NULL,
			"accounts", &ok);
		services = try_read(&d, "Admin: View All (services)", "POST", "/v2/admin/finance/services/search", one,
			"services", &ok);
		try_lines(&d, services);
		try_read(&d, "Finance: View All (contracts)", "GET",
			"/v2/finance/contracts/summary?PageSize=1&PageNumber=1", NULL, "contracts", &ok);
		try_read(&d, "Finance: View All (invoices)", "GET",
			"/v2/finance/invoices/summary?PageSize=1&PageNumber=1", NULL, "invoices", &ok);
		try_add(&d);
		check(arg, "Changing units", true,
			*c->units_path ? "By the path of the settings, which is not public."
				       : "Not in the public API: approved changes become a work list.");
	}
	c->wire.tries = tries;
	return RC_OK;
}
