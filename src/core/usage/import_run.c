/* The run of an import: rows are staged in pieces, then enter the ledger all at once. */
#include "core/usage/import.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cards/idmap.h"
#include "core/costs/cost.h"
#include "core/job.h"
#include "core/usage/observe.h"
#include "core/usage/run.h"
#include "core/usage/service.h"
#include "core/usage/vendor_account.h"

enum rc import_stage_begin(struct tx *tx, const char *org, const char *id, struct err *e)
{
	enum rc rc = sql_exec(tx, e, SQL_IMPORT_LINES_FORGET, "tt", org, id);

	return rc == RC_OK ? sql_exec(tx, e, SQL_IMPORT_REJECTS_FORGET, "tt", org, id) : rc;
}

static enum rc add_line(struct tx *tx, const char *org, const char *id, const struct import_line *l, struct err *e)
{
	const qty *quantity = l->reason ? NULL : &l->quantity;

	return sql_put(tx, e, SQL_IMPORT_LINE_ADD, "ttittQQttt", org, id, l->line, l->account, l->service, quantity,
		l->has_cost ? &l->unit_cost : NULL, l->currency, l->period, l->note);
}

static enum rc reject(struct tx *tx, const char *org, const char *id, int64_t line, const char *reason, struct err *e)
{
	return sql_put(tx, e, SQL_IMPORT_REJECT_ADD, "ttit", org, id, line, reason);
}

enum rc import_stage(
	struct tx *tx, const char *org, const char *id, const struct import_line *lines, size_t count, struct err *e)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < count && rc == RC_OK; i++) {
		if (lines[i].reason)
			rc = reject(tx, org, id, lines[i].line, lines[i].reason, e);
		if (rc == RC_OK && lines[i].account && lines[i].service)
			rc = add_line(tx, org, id, &lines[i], e);
	}
	return rc;
}

/* The rows of one account and service. */
struct pair {
	char account[VENDOR_ID_MAX + 1], service[VENDOR_ID_MAX + 1];
	qty sum;
	int64_t first_line, rows;
	bool spoiled;		/* a row of it was rejected */
	struct cost_said cost;
};

struct finish {
	struct tx *tx;
	const char *org;
	const struct import *import;
	const struct import_settings *settings;
	struct import_totals *totals;
	const char *run;	/* NULL while only looking */
	bool looked;		/* there was a first walk */
	char service[VENDOR_ID_MAX + 1];	/* the last one, and its id: rows come by service */
	const char *service_id;
	struct cost_said cost; /* what its rows say that it costs */
	struct idmap account_at;		/* names to places in account_id */
	const char **account_id;
	uint32_t accounts, account_room;
	int64_t counts, zeros;
};

/* Each account is looked up once for the whole file. */
static enum rc find_account(struct finish *f, const char *name, const char **ret, struct err *e)
{
	struct vendor_account_put put = { .vendor_id = name, .name = name, .is_active = -1, .is_arrears = -1 };
	struct arena *a = tx_arena(f->tx);
	uint32_t at = idmap_get(&f->account_at, name);
	struct vendor_account found;
	enum rc rc;

	if (at != IDMAP_NONE) {
		*ret = f->account_id[at];
		return RC_OK;
	}
	rc = vendor_account_put(f->tx, a, f->org, f->import->integration, &put, &found, e);
	if (rc != RC_OK)
		return rc;
	if (f->accounts == f->account_room) {
		f->account_room = f->account_room ? f->account_room * 2 : 256;
		f->account_id = xrealloc(f->account_id, f->account_room * sizeof(*f->account_id));
	}
	f->account_id[f->accounts] = *ret = arena_strdup(a, found.id);
	idmap_put(&f->account_at, arena_strdup(a, name), f->accounts++);
	return RC_OK;
}

/* After the last row of a service. */
static enum rc end_service(struct finish *f, struct err *e)
{
	struct cost_said cost = f->cost;

	f->cost = (struct cost_said){ 0 };
	return f->service_id ? cost_said_put(f->tx, f->org, f->service_id, &cost, e) : RC_OK;
}

static enum rc find_service(struct finish *f, const char *name, struct err *e)
{
	struct service_put put = { .vendor_id = name, .name = name, .is_active = -1, .is_arrears = -1 };
	struct service s;
	enum rc rc;

	if (f->service_id && strcmp(f->service, name) == 0)
		return RC_OK;
	rc = end_service(f, e);
	if (rc != RC_OK)
		return rc;
	rc = service_put_organization(f->tx, tx_arena(f->tx), f->org, f->import->integration, &put, &s, e);
	if (rc != RC_OK)
		return rc;
	snprintf(f->service, sizeof(f->service), "%s", name);
	f->service_id = arena_strdup(tx_arena(f->tx), s.id);
	return RC_OK;
}

static enum rc count_pair(struct finish *f, const struct pair *p, struct err *e)
{
	struct observation o = { .run = f->run, .units = { .q = p->sum } };
	enum rc rc = find_account(f, p->account, &o.account, e);

	if (rc == RC_OK)
		rc = find_service(f, p->service, e);
	if (rc != RC_OK)
		return rc;
	o.service = f->service_id;
	cost_said_merge(&f->cost, &p->cost);
	f->counts++;
	return observe_add(f->tx, f->org, &o, e);
}

static enum rc end_pair(struct finish *f, struct pair *p, struct err *e)
{
	if (!p->rows)
		return RC_OK;
	if (!p->spoiled)
		f->totals->accepted += p->rows;
	if (!f->run || p->spoiled)
		return RC_OK;
	return count_pair(f, p, e);
}

/* A row that is well by itself, but not beside the others of its pair. */
static enum rc spoil(struct finish *f, struct pair *p, int64_t line, const char *reason, struct err *e)
{
	p->spoiled = true;
	if (f->looked && f->run)
		return RC_OK;
	if (f->run)
		return err_set(e, RC_INVALID, "Line %" PRId64 ": %s; nothing was imported.", line, reason);
	f->totals->rejected++;
	return reject(f->tx, f->org, f->import->id, line, reason, e);
}

static enum rc add_row(struct finish *f, struct pair *p, struct rows *r, struct err *e)
{
	int64_t line = rows_int(r, 0);
	struct arena *a = tx_arena(f->tx);

	if (rows_null(r, 3)) {
		/* Counted as rejected when it was read. */
		p->spoiled = true;
		return RC_OK;
	}
	p->rows++;
	if (!rows_null(r, 4))
		cost_said_add(&p->cost, rows_int(r, 4), rows_null(r, 5) ? NULL : rows_text(r, 5));
	if (p->rows == 1) {
		p->first_line = line;
		p->sum = rows_int(r, 3);
		return RC_OK;
	}
	if (!f->settings->aggregate)
		return spoil(f, p, line,
			arena_printf(a,
				"account and service stand in line %" PRId64 " already; choose to add such rows up",
				p->first_line),
			e);
	if (qty_add(p->sum, rows_int(r, 3), &p->sum) != RC_OK)
		return spoil(f, p, line, "the sum of this account and service is too large", e);
	return RC_OK;
}

/* Walks the rows in the order of their pairs: once to look, once more to count. */
static enum rc walk(struct finish *f, struct err *e)
{
	struct pair p = { .rows = 0 };
	enum rc rc = RC_OK, end;
	struct rows r;

	f->totals->accepted = 0;
	sql_query(f->tx, &r, SQL_IMPORT_LINES_SORTED, "tt", f->org, f->import->id);
	while (rc == RC_OK && rows_next(&r)) {
		const char *account = rows_text(&r, 1), *service = rows_text(&r, 2);

		if (strcmp(account, p.account) != 0 || strcmp(service, p.service) != 0) {
			rc = end_pair(f, &p, e);
			memset(&p, 0, sizeof(p));
			snprintf(p.account, sizeof(p.account), "%s", account);
			snprintf(p.service, sizeof(p.service), "%s", service);
		}
		if (rc == RC_OK)
			rc = add_row(f, &p, &r, e);
	}
	end = rows_end(&r, rc == RC_OK ? e : NULL);
	if (rc == RC_OK)
		rc = end;
	return rc == RC_OK ? end_pair(f, &p, e) : rc;
}

static enum rc end_import(struct finish *f, const char *error, struct err *e)
{
	const struct import_totals *t = f->totals;
	const char *id = f->import->id;
	enum rc rc = sql_exec(f->tx, e, SQL_IMPORT_END, "ttttiiiti", f->org, id, error ? "failed" : "done", f->run,
		error ? INT64_C(0) : t->accepted, t->rejected, t->ignored, error, clock_now());

	if (rc == RC_OK && error)
		return sql_exec(f->tx, e, SQL_IMPORT_LINES_FORGET, "tt", f->org, id);
	if (rc == RC_OK)
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
	enum rc rc = run_begin(f->tx, f->org, i->integration, RUN_IMPORT, f->settings->complete, &f->run, e);

	idmap_init(&f->account_at, tx_arena(f->tx), 1024);
	if (rc == RC_OK)
		rc = walk(f, e);
	free(f->account_id);
	if (rc == RC_OK)
		rc = end_service(f, e);
	if (rc == RC_OK)
		rc = run_finish(f->tx, f->org, f->run, f->counts, &f->zeros, e);
	if (rc == RC_OK)
		rc = end_import(f, NULL, e);
	return rc == RC_OK ? job_enqueue(f->tx, f->org, JOB_REBUILD, "{}", "", 0, i->created_by, NULL, e) : rc;
}

enum rc import_finish(struct tx *tx, const char *org, const struct import *i, const struct import_settings *s,
	struct import_totals *t, struct err *e)
{
	struct finish f = { .tx = tx, .org = org, .import = i, .settings = s, .totals = t };
	const char *why;
	enum rc rc = RC_OK;

	/* What one row does to its pair must be known before anything is counted; rows that are only added up can do
	 * no harm. */
	f.looked = !s->aggregate || t->rejected;
	if (f.looked)
		rc = walk(&f, e);
	if (rc != RC_OK)
		return rc;
	why = why_not(&f);
	return why ? end_import(&f, why, e) : count_all(&f, e);
}

enum rc import_fail(struct tx *tx, const char *org, const char *id, const char *why, struct err *e)
{
	enum rc rc = sql_exec(tx, e, SQL_IMPORT_LINES_FORGET, "tt", org, id);

	return rc == RC_OK ? sql_exec(tx, e, SQL_IMPORT_END, "ttttiiiti", org, id, "failed", NULL, INT64_C(0),
				     INT64_C(0), INT64_C(0), why, clock_now())
			   : rc;
}
