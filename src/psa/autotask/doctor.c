/* The permission doctor. Autotask says itself what the user may do with each entity; what cannot be asked so - whether
 * internal cost is shown - is looked at. Nothing is written. */
#include "psa/autotask/at.h"

#include <string.h>
#include <strings.h>

struct doctor {
	struct psa_conn *c;
	struct arena *a;
	psa_check_fn check;
	void *arg;
};

struct right {
	const char *entity, *can, *access, *name;
};

static const struct right rights[] = {
	{ "Companies", "canQuery", "userAccessForQuery", "CRM: Company & Contact Object: view, all categories" },
	{ "Contracts", "canQuery", "userAccessForQuery", "Contracts: Object: view" },
	{ "ContractServices", "canQuery", "userAccessForQuery", "Contracts: Services: view" },
	{ "ContractServiceUnits", "canQuery", "userAccessForQuery", "Contracts: Service units: view" },
	{ "ContractServiceBundles", "canQuery", "userAccessForQuery", "Contracts: Service bundles: view" },
	{ "ContractServiceBundleUnits", "canQuery", "userAccessForQuery", "Contracts: Service bundle units: view" },
	{ "Services", "canQuery", "userAccessForQuery", "Admin: Products & Services: services, view" },
	{ "ServiceBundles", "canQuery", "userAccessForQuery", "Admin: Products & Services: service bundles, view" },
	{ "ContractServiceAdjustments", "canCreate", "userAccessForCreate", "Contracts: Services: add and edit" },
	{ "ContractServiceBundleAdjustments", "canCreate", "userAccessForCreate",
		"Contracts: Service bundles: add and edit" },
	{ "Tickets", "canQuery", "userAccessForQuery", "Service Desk: Tickets: view" },
	{ "Tickets", "canCreate", "userAccessForCreate", "Service Desk: Tickets: add" },
};

static void say(struct doctor *d, const char *name, bool ok, const char *detail)
{
	d->check(d->arg, name, ok, detail);
}

/* "None" or 0 is no access; "All", "Restricted" and the rest are some. */
static bool granted(const struct json *info, const struct right *r)
{
	const struct json *can = at_member(info, r->can);
	const char *access = at_text(info, r->access);

	return json_bool_or(can, true) && strcasecmp(access, "None") != 0 && strcmp(access, "0") != 0;
}

static void check_right(struct doctor *d, const struct right *r)
{
	struct err why = ERR_INIT;
	struct json *v;
	enum rc rc = at_read(d->c, d->a, arena_printf(d->a, "%s/entityInformation", r->entity), &v, &why);
	bool ok = rc == RC_OK && granted(at_member(v, "info"), r);

	say(d, r->name, ok,
		ok ? "Allowed, as Autotask says."
			: rc == RC_OK
			? arena_printf(
				  d->a, "The security level of the API user gives no such access to %s.", r->entity)
			: why.text);
}

/* False when no further call can succeed. */
static bool check_way_in(struct doctor *d)
{
	struct err why = ERR_INIT;
	struct json *v;
	enum rc rc = at_zone(d->c, &why);

	say(d, "API user name", rc == RC_OK, rc == RC_OK ? arena_printf(d->a, "Its zone is %s.", d->c->api) : why.text);
	if (rc != RC_OK)
		return false;
	rc = at_read(d->c, d->a, "ThresholdInformation", &v, &why);
	say(d, "Secret and tracking identifier", rc == RC_OK,
		rc == RC_OK
			? arena_printf(d->a,
				  "Accepted. %s of %s calls of this hour are used, by all programs together.",
				  at_text(v, "currentTimeframeRequestCount"), at_text(v, "externalRequestThreshold"))
			: why.text);
	return rc == RC_OK;
}

struct costs {
	size_t rows, with_cost;
};

static enum rc cost_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct costs *k = arg;
	qty cost;

	k->rows++;
	k->with_cost += at_qty(v, "unitCost", &cost) && cost != 0;
	return RC_OK;
}

/* Hidden costs come as 0, without any error. */
static void check_costs(struct doctor *d)
{
	struct costs k = { 0 };
	struct at_query q = { "Services", "{\"op\":\"gte\",\"field\":\"id\",\"value\":0}", &k, cost_row };
	struct err why = ERR_INIT;

	if (at_query(d->c, &q, &why) != RC_OK || !k.rows)
		return;
	say(d, "Other: can view internal cost data", k.with_cost > 0,
		k.with_cost ? "Costs are visible."
			    : "Every service's cost is 0: without this right Autotask hides it, and margins are not "
			      "known.");
}

/* Costs are one thing that a person may want to write: a missing right is told and is no failure. */
static void check_cost_rights(struct doctor *d)
{
	static const struct right wanted[] = {
		{ "Services", "canUpdate", "userAccessForUpdate", "Admin: Products & Services: services, edit" },
		{ "ContractServices", "canUpdate", "userAccessForUpdate", "Contracts: Services: edit" },
	};

	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		const char *path = arena_printf(d->a, "%s/entityInformation", wanted[i].entity);
		struct err ignored = ERR_INIT;
		struct json *v;

		if (at_read(d->c, d->a, path, &v, &ignored) != RC_OK)
			continue;
		say(d, wanted[i].name, true,
			granted(at_member(v, "info"), &wanted[i])
				? "Allowed, as Autotask says. Used for costs only."
				: "Not allowed, so costs cannot be written; all else works without it.");
	}
}

static void check_queue(struct doctor *d)
{
	struct at_labels *labels = ARENA_NEW(d->a, struct at_labels);
	struct err why = ERR_INIT;
	enum rc rc;

	if (!*d->c->ticket_queue)
		return;
	rc = at_read_labels(d->c, d->a, "Tickets", labels, &why);
	say(d, "Queue for alerts", rc == RC_OK && at_value(labels, "queueID", d->c->ticket_queue),
		rc != RC_OK ? why.text
			: at_value(labels, "queueID", d->c->ticket_queue)
			? "Found."
			: "There is no queue of that name. Correct the setting.");
}

enum rc at_test(struct psa_conn *c, psa_check_fn check, void *arg, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct doctor d = { c, &a, check, arg };
	unsigned tries = c->wire.tries;

	c->wire.tries = 2;
	if (check_way_in(&d)) {
		for (size_t i = 0; i < ARRAY_LEN(rights); i++)
			check_right(&d, &rights[i]);
		check_costs(&d);
		check_cost_rights(&d);
		check_queue(&d);
	}
	c->wire.tries = tries;
	return RC_OK;
}
