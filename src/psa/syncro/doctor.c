/* The permission doctor: tries what is needed. Rights to change are tried with calls that cannot change anything: no
 * schedule has number 0. */
#include "psa/syncro/syncro.h"

struct doctor {
	struct psa_conn *c;
	struct arena *a;
	psa_check_fn check;
	void *arg;
};

static enum rc try_read(struct doctor *d, const char *name, const char *path, const char *what, struct json **ret)
{
	struct err why = ERR_INIT;
	enum rc rc = syncro_get(d->c, d->a, path, what, ret, &why);

	d->check(d->arg, name, rc == RC_OK, rc == RC_OK ? "Allowed." : why.text);
	return rc;
}

static void try_write(struct doctor *d, const char *name, const char *path, const char *body, const char *what)
{
	struct err why = ERR_INIT;
	enum sent sent = syncro_send(d->c, d->a, path[1] == 't' ? "POST" : "PUT", path, body, what, NULL, &why);
	bool asked = sent == SENT_OK || (sent == SENT_REFUSED && why.rc != RC_DENIED && why.rc != RC_UNAUTHORIZED);

	d->check(d->arg, name, asked, asked ? "Allowed (asked with a call that changes nothing)." : why.text);
}

/* Costs are one thing that a person may want to write: a missing permission is told and is no failure. */
static void try_cost(struct doctor *d)
{
	struct err why = ERR_INIT;
	enum sent sent = syncro_send(d->c, d->a, "PUT", "/products/0", "{}", "a change of a product", NULL, &why);

	if (sent != SENT_OK && sent != SENT_REFUSED)
		return;
	d->check(d->arg, "Products - Edit", true,
		why.rc == RC_DENIED
			? arena_printf(d->a, "Not allowed, so costs cannot be written; all else works without it. %s",
				  why.text)
			: "Allowed (asked with a call that changes nothing). Used for costs only.");
}

static void check_counted(struct doctor *d, const struct json *page)
{
	size_t counted = 0, all = 0;
	const struct json *schedules = json_get(page, "schedules");

	for (const struct json *s = schedules ? schedules->child : NULL; s; s = s->next) {
		const struct json *lines = json_get(s, "lines");

		for (const struct json *v = lines ? lines->child : NULL; v; v = v->next) {
			struct err ignored = ERR_INIT;
			struct inplace_seen seen;
			const char *reason;

			all++;
			counted += syncro_line(d->a, v, "", &seen, &reason, &ignored) == RC_OK && seen.line.fixed;
		}
	}
	d->check(d->arg, "Lines that Syncro counts", true,
		arena_printf(d->a, "%zu of the first %zu line items; they are shown and never written.", counted, all));
}

enum rc syncro_test(struct psa_conn *c, psa_check_fn check, void *arg, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct doctor d = { c, &a, check, arg };
	unsigned tries = c->wire.tries;
	struct json *v, *page;

	c->wire.tries = 2;
	if (try_read(&d, "Site and API token", "/me", "the token's own record", &v) == RC_OK) {
		try_read(&d, "Customers - List/Search", "/customers?page=1", "customers", &v);
		try_read(&d, "Products - List/Search", "/products?page=1", "products", &v);
		if (try_read(&d, "Recurring Invoices - List", "/schedules?page=1", "recurring invoices", &page) ==
			RC_OK)
			check_counted(&d, page);
		try_write(&d, "Recurring Invoices - Edit", "/schedules/0/line_items/0", "{}",
			"a change of a recurring invoice");
		try_cost(&d);
		try_read(&d, "Tickets - List/Search", "/tickets?page=1", "tickets", &v);
		try_write(&d, "Tickets - Create", "/tickets", "{}", "a new ticket");
	}
	c->wire.tries = tries;
	return RC_OK;
}
