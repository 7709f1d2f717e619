/* The run of an import: what was added up enters the ledger all at once. */
#include "core/usage/import.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/costs/cost.h"
#include "core/job.h"
#include "core/usage/observe.h"
#include "core/usage/run.h"
#include "core/usage/service.h"
#include "core/usage/tally.h"
#include "core/usage/vendor_account.h"

enum rc import_reject_begin(struct tx *tx, const char *org, const char *id, struct err *e)
{
	return sql_exec(tx, e, SQL_IMPORT_REJECTS_FORGET, "tt", org, id);
}

enum rc import_reject(struct tx *tx, const char *org, const char *id, const struct import_reject *rows, size_t count,
	struct err *e)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < count && rc == RC_OK; i++)
		rc = sql_put(tx, e, SQL_IMPORT_REJECT_ADD, "ttit", org, id, rows[i].line, rows[i].reason);
	return rc;
}

/* Names that are counted, as rows of the store. */
struct known {
	const char **id;	/* by the name's place; NULL: nothing is counted of it */
	uint32_t *rank;		/* place among the ids in their order */
	uint32_t count;
};

struct finish {
	struct tx *tx;
	const char *org;
	const struct import *import;
	const struct import_settings *settings;
	const struct import_totals *totals;
	struct tally *tally;
	const char *run;
	struct known accounts, services;
};

static enum rc find_account(struct finish *f, const char *name, const char **ret, struct err *e)
{
	struct vendor_account_put put = { .vendor_id = name, .name = name, .is_active = -1, .is_arrears = -1 };
	AUTO(arena) a = ARENA_INIT;
	struct vendor_account found;
	enum rc rc = vendor_account_put(f->tx, &a, f->org, f->import->integration, &put, &found, e);

	if (rc == RC_OK)
		*ret = arena_strdup(tx_arena(f->tx), found.id);
	return rc;
}

static enum rc find_service(struct finish *f, const char *name, const char **ret, struct err *e)
{
	struct service_put put = { .vendor_id = name, .name = name, .is_active = -1, .is_arrears = -1 };
	AUTO(arena) a = ARENA_INIT;
	struct service found;
	enum rc rc = service_put_organization(f->tx, &a, f->org, f->import->integration, &put, &found, e);

	if (rc == RC_OK)
		*ret = arena_strdup(tx_arena(f->tx), found.id);
	return rc;
}

/* Each name is looked up once for the whole file. */
static enum rc find_names(struct finish *f, struct err *e)
{
	struct tally *t = f->tally;
	enum rc rc = RC_OK;
	size_t count;
	const struct tally_pair *p = tally_pairs(t, &count);

	for (size_t i = 0; i < count && rc == RC_OK; i++) {
		const char **account = &f->accounts.id[p[i].account], **service = &f->services.id[p[i].service];

		if (p[i].spoiled)
			continue;
		if (!*account)
			rc = find_account(f, tally_account(t, p[i].account), account, e);
		if (rc == RC_OK && !*service)
			rc = find_service(f, tally_service(t, p[i].service), service, e);
	}
	return rc;
}

static enum rc put_costs(struct finish *f, struct err *e)
{
	struct cost_said *costs = tally_costs(f->tally);
	enum rc rc = RC_OK;

	for (uint32_t i = 0; i < f->services.count && rc == RC_OK; i++) {
		if (f->services.id[i])
			rc = cost_said_put(f->tx, f->org, f->services.id[i], &costs[i], e);
	}
	free(costs);
	return rc;
}

static int by_id(const void *a, const void *b, void *ids)
{
	const char *const *id = ids, *x = id[*(const uint32_t *)a], *y = id[*(const uint32_t *)b];

	return x && y ? strcmp(x, y) : (y != NULL) - (x != NULL);
}

static void rank(struct known *k)
{
	uint32_t *order = xcalloc(k->count + 1, sizeof(*order));

	for (uint32_t i = 0; i < k->count; i++)
		order[i] = i;
	qsort_r(order, k->count, sizeof(*order), by_id, (void *)k->id);
	for (uint32_t i = 0; i < k->count; i++)
		k->rank[order[i]] = i;
	free(order);
}

static int by_key(const void *a, const void *b, void *arg)
{
	const struct finish *f = arg;
	const struct tally_pair *x = a, *y = b;
	uint32_t s = f->services.rank[x->service], t = f->services.rank[y->service];

	if (s == t) {
		s = f->accounts.rank[x->account];
		t = f->accounts.rank[y->account];
	}
	return (s > t) - (s < t);
}

/* In the order of the ledger's key each row goes beside the last one. */
static enum rc count_pairs(struct finish *f, int64_t *ret_counts, struct err *e)
{
	size_t count;
	struct tally_pair *p = tally_pairs(f->tally, &count);
	enum rc rc = RC_OK;

	rank(&f->accounts);
	rank(&f->services);
	if (count)
		qsort_r(p, count, sizeof(*p), by_key, f);
	*ret_counts = 0;
	for (size_t i = 0; i < count && rc == RC_OK; i++) {
		struct observation o = { .service = f->services.id[p[i].service],
			.account = f->accounts.id[p[i].account], .run = f->run, .units = { .q = p[i].sum } };

		if (p[i].spoiled)
			continue;
		++*ret_counts;
		rc = observe_add(f->tx, f->org, &o, e);
	}
	return rc;
}

static void know(struct known *k, uint32_t count)
{
	*k = (struct known){ xcalloc(count + 1, sizeof(*k->id)), xcalloc(count + 1, sizeof(*k->rank)), count };
}

static void forget(struct known *k)
{
	free(k->id);
	free(k->rank);
}

static enum rc count_file(struct finish *f, int64_t *ret_counts, struct err *e)
{
	enum rc rc;

	know(&f->accounts, tally_accounts(f->tally));
	know(&f->services, tally_services(f->tally));
	rc = find_names(f, e);
	if (rc == RC_OK)
		rc = put_costs(f, e);
	if (rc == RC_OK)
		rc = count_pairs(f, ret_counts, e);
	forget(&f->accounts);
	forget(&f->services);
	return rc;
}

static enum rc end_import(struct finish *f, const char *error, struct err *e)
{
	const struct import_totals *t = f->totals;
	const char *id = f->import->id;
	enum rc rc = sql_exec(f->tx, e, SQL_IMPORT_END, "ttttiiiti", f->org, id, error ? "failed" : "done", f->run,
		error ? INT64_C(0) : t->accepted, t->rejected, t->ignored, error, clock_now());

	/* Of two that ran at once, because the lease of one was lost, only the first counts. */
	if (rc == RC_OK && sql_changes(f->tx) != 1)
		return err_set(e, RC_CONFLICT, "Import %s was ended by another.", id);
	if (rc != RC_OK || error)
		return rc;
	rc = sql_exec(f->tx, e, SQL_IMPORT_PIECES_FORGET, "tt", f->org, id);
	if (rc == RC_OK)
		event_tell(f->tx, f->org, "integration",
			arena_printf(tx_arena(f->tx), "{\"id\":\"%s\"}", f->import->integration));
	return rc;
}

static const char *why_not(const struct finish *f)
{
	const struct import_totals *t = f->totals;

	if (t->rejected && !f->settings->skip_rejected)
		return arena_printf(tx_arena(f->tx),
			"%" PRId64 " rows could not be read, so nothing was imported. Mend them, or choose to leave "
				   "rejected rows out.",
			t->rejected);
	if (!t->accepted)
		return "The file has no row with an account, a service and a quantity, so nothing was imported.";
	return NULL;
}

static enum rc count_all(struct finish *f, struct err *e)
{
	const struct import *i = f->import;
	int64_t counts = 0, zeros;
	enum rc rc = run_begin(f->tx, f->org, i->integration, RUN_IMPORT, f->settings->complete, &f->run, e);

	if (rc == RC_OK)
		rc = count_file(f, &counts, e);
	if (rc == RC_OK)
		rc = run_finish(f->tx, f->org, f->run, counts, &zeros, e);
	if (rc == RC_OK)
		rc = end_import(f, NULL, e);
	return rc == RC_OK ? job_enqueue(f->tx, f->org, JOB_REBUILD, "{}", "", 0, i->created_by, NULL, e) : rc;
}

enum rc import_finish(struct tx *tx, const char *org, const struct import *i, const struct import_settings *s,
	struct tally *tally, const struct import_totals *t, struct err *e)
{
	struct finish f = { .tx = tx, .org = org, .import = i, .settings = s, .totals = t, .tally = tally };
	const char *why = why_not(&f);

	return why ? end_import(&f, why, e) : count_all(&f, e);
}

enum rc import_fail(struct tx *tx, const char *org, const char *id, const char *why, struct err *e)
{
	return sql_exec(tx, e, SQL_IMPORT_END, "ttttiiiti", org, id, "failed", NULL, INT64_C(0), INT64_C(0),
		INT64_C(0), why, clock_now());
}
