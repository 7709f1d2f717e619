#include "core/usage/pull.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/rand.h"
#include "core/cards/idmap.h"
#include "core/usage/observe.h"
#include "core/usage/run.h"
#include "core/usage/service.h"
#include "core/usage/vendor_account.h"

struct told_account {
	struct pull_account a;
	bool covered;
	const char *gap;
};

struct told_count {
	uint32_t account, service;
	struct units units;
};

struct pull_reading {
	struct arena arena;
	struct told_account *account;
	size_t accounts, account_room;
	struct pull_service *service;
	size_t services, service_room;
	struct told_count *count;
	size_t counts, count_room;
	struct idmap account_at, service_at;
	struct pairmap count_at;
	int64_t gaps;
};

static void *grow(void *p, size_t *room, size_t size)
{
	*room = *room ? *room * 2 : 64;
	return xrealloc(p, *room * size);
}

struct pull_reading *pull_reading_new(void)
{
	struct pull_reading *r = xcalloc(1, sizeof(*r));

	idmap_init(&r->account_at, &r->arena, 256);
	idmap_init(&r->service_at, &r->arena, 64);
	pairmap_init(&r->count_at, &r->arena, 1024);
	return r;
}

void pull_reading_free(struct pull_reading *r)
{
	if (!r)
		return;
	free(r->account);
	free(r->service);
	free(r->count);
	arena_release(&r->arena);
	free(r);
}

int64_t pull_reading_counts(const struct pull_reading *r)
{
	return (int64_t)r->counts;
}

int64_t pull_reading_gaps(const struct pull_reading *r)
{
	return r->gaps;
}

static const char *keep(struct pull_reading *r, const char *s)
{
	return s ? arena_strdup(&r->arena, s) : NULL;
}

static enum rc check_id(const char *what, const char *id, const char *name, struct err *e)
{
	if (!id || !*id || strlen(id) > VENDOR_ID_MAX)
		return err_set(e, RC_REMOTE, "The vendor told of %s whose id is empty or longer than %d bytes.", what,
			VENDOR_ID_MAX);
	if (!name || strlen(name) > VENDOR_NAME_MAX)
		return err_set(e, RC_REMOTE, "The vendor told of %s %s whose name is longer than %d bytes.", what, id,
			VENDOR_NAME_MAX);
	return RC_OK;
}

static enum rc take_account(void *arg, const struct pull_account *a, struct err *e)
{
	struct pull_reading *r = arg;
	enum rc rc = check_id("an account", a->vendor_id, a->name, e);

	if (rc != RC_OK || idmap_get(&r->account_at, a->vendor_id) != IDMAP_NONE)
		return rc;
	if (r->accounts == PULL_ACCOUNTS_MAX)
		return err_set(e, RC_REMOTE, "The vendor told of more than %d accounts.", PULL_ACCOUNTS_MAX);
	if (r->accounts == r->account_room)
		r->account = grow(r->account, &r->account_room, sizeof(*r->account));
	r->account[r->accounts++] = (struct told_account){
		.a = { keep(r, a->vendor_id), keep(r, a->name), keep(r, a->description), keep(r, a->domain) } };
	idmap_put(&r->account_at, r->account[r->accounts - 1].a.vendor_id, (uint32_t)r->accounts - 1);
	return RC_OK;
}

static enum rc take_service(void *arg, const struct pull_service *s, struct err *e)
{
	struct pull_reading *r = arg;
	enum rc rc = check_id("a service", s->vendor_id, s->name, e);

	if (rc != RC_OK || idmap_get(&r->service_at, s->vendor_id) != IDMAP_NONE)
		return rc;
	if (r->services == PULL_SERVICES_MAX)
		return err_set(e, RC_REMOTE, "The vendor told of more than %d services.", PULL_SERVICES_MAX);
	if (r->services == r->service_room)
		r->service = grow(r->service, &r->service_room, sizeof(*r->service));
	r->service[r->services++] = (struct pull_service){ keep(r, s->vendor_id), keep(r, s->name),
		keep(r, s->description), keep(r, s->unit_basis) };
	idmap_put(&r->service_at, r->service[r->services - 1].vendor_id, (uint32_t)r->services - 1);
	return RC_OK;
}

static enum rc add_to_pair(struct told_count *c, const struct units *more, struct err *e)
{
	if (c->units.text || more->text || qty_add(c->units.q, more->q, &c->units.q) != RC_OK)
		return err_set(e, RC_REMOTE, "The vendor told of a count too large to add up.");
	return RC_OK;
}

static enum rc take_count(void *arg, const char *account, const char *service, const char *units, struct err *e)
{
	struct pull_reading *r = arg;
	struct told_count c = { .account = idmap_get(&r->account_at, account),
		.service = idmap_get(&r->service_at, service) };
	struct err number = ERR_INIT;
	uint32_t twin;

	if (c.account == IDMAP_NONE || c.service == IDMAP_NONE)
		return err_set(
			e, RC_INTERNAL, "The connector counted %s of %s before telling of both.", service, account);
	if (units_parse(&r->arena, units, &c.units, &number) != RC_OK)
		return err_set(e, RC_REMOTE, "The vendor's count of %s for %s %s.", service, account, number.text);
	twin = pairmap_get(&r->count_at, c.account, c.service);
	if (twin != IDMAP_NONE)
		return add_to_pair(&r->count[twin], &c.units, e);
	if (r->counts == PULL_COUNTS_MAX)
		return err_set(e, RC_REMOTE, "The vendor told of more than %d counts.", PULL_COUNTS_MAX);
	if (r->counts == r->count_room)
		r->count = grow(r->count, &r->count_room, sizeof(*r->count));
	r->count[r->counts++] = c;
	pairmap_put(&r->count_at, c.account, c.service, (uint32_t)r->counts - 1);
	return RC_OK;
}

static struct told_account *account_named(struct pull_reading *r, const char *account)
{
	uint32_t i = idmap_get(&r->account_at, account);

	if (i == IDMAP_NONE)
		BUG("a connector speaks of account %s, but never told of it", account);
	return &r->account[i];
}

static enum rc take_covered(void *arg, const char *account, struct err *e)
{
	account_named(arg, account)->covered = true;
	return RC_OK;
}

static enum rc take_missing(void *arg, const char *account, const char *reason, struct err *e)
{
	struct pull_reading *r = arg;
	struct told_account *a = account_named(r, account);

	r->gaps += a->gap == NULL;
	a->gap = keep(r, reason);
	return RC_OK;
}

void pull_reading_sink(struct pull_reading *r, struct pull_sink *ret)
{
	ret->arg = r;
	ret->account = take_account;
	ret->service = take_service;
	ret->count = take_count;
	ret->covered = take_covered;
	ret->missing = take_missing;
}

struct storing {
	struct tx *tx;
	const char *org, *integration, *run;
	const struct pull_reading *r;
	const char **account_id, **service_id;
	int64_t stored;
};

static enum rc store_names(struct storing *s, struct err *e)
{
	struct arena *a = tx_arena(s->tx);
	enum rc rc = RC_OK;

	s->account_id = arena_array(a, s->r->accounts + 1, sizeof(*s->account_id));
	s->service_id = arena_array(a, s->r->services + 1, sizeof(*s->service_id));
	for (size_t i = 0; rc == RC_OK && i < s->r->accounts; i++) {
		const struct pull_account *told = &s->r->account[i].a;
		struct vendor_account_put put = { told->vendor_id, told->name,
			told->domain ? told->domain : told->description, -1, -1 };
		struct vendor_account now;

		rc = vendor_account_put(s->tx, a, s->org, s->integration, &put, &now, e);
		s->account_id[i] = now.id;
	}
	for (size_t i = 0; rc == RC_OK && i < s->r->services; i++) {
		const struct pull_service *told = &s->r->service[i];
		struct service_put put = { .vendor_id = told->vendor_id,
			.name = told->name,
			.description = told->description,
			.is_active = -1,
			.is_arrears = -1,
			.unit_basis = told->unit_basis };
		struct service now;

		rc = service_put_organization(s->tx, a, s->org, s->integration, &put, &now, e);
		s->service_id[i] = now.id;
	}
	return rc;
}

/* Counts of an account that has a gap are not trusted: part of a sum would be a wrong number. */
static enum rc store_counts(struct storing *s, struct err *e)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < s->r->counts; i++) {
		const struct told_count *c = &s->r->count[i];
		struct observation o = { .service = s->service_id[c->service],
			.account = s->account_id[c->account],
			.run = s->run,
			.units = c->units };

		if (s->r->account[c->account].gap)
			continue;
		rc = observe_add(s->tx, s->org, &o, e);
		s->stored++;
	}
	return rc;
}

static enum rc imply_zeros(struct storing *s, const char *account, struct err *e)
{
	utime now = clock_now();
	int64_t seq = seq_next();
	enum rc rc = sql_exec(s->tx, e, SQL_PULL_IMPLY, "ttttii", s->org, s->integration, s->run, account, seq, now);

	return rc == RC_OK
		? sql_exec(s->tx, e, SQL_PULL_IMPLY_COUNTS, "ttttii", s->org, s->integration, s->run, account, seq, now)
		: rc;
}

static enum rc store_coverage(struct storing *s, bool complete, struct err *e)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < s->r->accounts; i++) {
		const struct told_account *a = &s->r->account[i];

		if (a->gap)
			rc = sql_exec(s->tx, e, SQL_PULL_GAP_ADD, "tttt", s->org, s->run, s->account_id[i], a->gap);
		else if (a->covered && !complete)
			rc = imply_zeros(s, s->account_id[i], e);
	}
	if (rc == RC_OK && s->r->gaps)
		rc = sql_exec(s->tx, e, SQL_PULL_RUN_ERROR, "ttt", s->org, s->run,
			arena_printf(tx_arena(s->tx),
				"%" PRId64 " accounts could not be read; their counts are missing.", s->r->gaps));
	return rc;
}

/* The vendor's list is whole, and every account on it was read to its end. */
static bool all_covered(const struct pull_reading *r, bool complete)
{
	for (size_t i = 0; complete && i < r->accounts; i++)
		complete = r->account[i].covered && !r->account[i].gap;
	return complete;
}

enum rc pull_store(struct tx *tx, const char *org, const char *integration, const struct pull_reading *r, bool complete,
	const char **ret_run, struct err *e)
{
	struct storing s = { .tx = tx, .org = org, .integration = integration, .r = r };
	bool all = all_covered(r, complete);
	enum rc rc = run_begin(tx, org, integration, RUN_PULL, all, &s.run, e);

	if (rc == RC_OK)
		rc = store_names(&s, e);
	if (rc == RC_OK)
		rc = store_counts(&s, e);
	if (rc == RC_OK)
		rc = store_coverage(&s, all, e);
	if (rc == RC_OK)
		rc = run_finish(tx, org, s.run, s.stored, NULL, e);
	*ret_run = s.run;
	return rc;
}

enum rc pull_write_gaps(struct tx *tx, const char *org, const char *integration, struct jsonw *w, struct err *e)
{
	struct rows r;

	sql_query(tx, &r, SQL_PULL_GAPS, "tt", org, integration);
	while (rows_next(&r)) {
		jsonw_object(w);
		jsonw_kv(w, "account", rows_text(&r, 0));
		jsonw_kv(w, "name", rows_text(&r, 1));
		jsonw_kv(w, "reason", rows_text(&r, 2));
		jsonw_end_object(w);
	}
	return rows_end(&r, e);
}
