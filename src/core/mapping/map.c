#include "core/mapping/map.h"

#include "base/rand.h"
#include "core/mapping/alias.h"
#include "core/usage/integration.h"
#include "core/job.h"

#include <stdio.h>
#include <string.h>

static bool is(const char *a, const char *b)
{
	return a && strcmp(a, b) == 0;
}

static enum rc check_status(const char *status, struct err *e)
{
	if (is(status, "mapped") || is(status, "unmapped") || is(status, "excluded"))
		return RC_OK;
	return err_at(e, RC_INVALID, "/status", "The status is mapped, unmapped or excluded.");
}

static enum rc queue_rebuild(struct tx *tx, const char *org, const char *by, struct err *e)
{
	return job_enqueue(tx, org, JOB_REBUILD, "{}", "", 0, by, NULL, e);
}

/* What a mapping was before. */
struct before {
	const char *mapping, *psa_account, *fold;
};

static enum rc account_before(
	struct tx *tx, const char *org, const char *integration, const char *id, struct before *ret, struct err *e)
{
	struct arena *a = tx_arena(tx);
	struct rows r;
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	sql_query(tx, &r, SQL_MAP_ACCOUNT_NOW, "ttt", org, integration, id);
	if (rows_next(&r)) {
		ret->mapping = rows_dup(&r, a, 0);
		ret->psa_account = rows_dup(&r, a, 1);
		ret->fold = rows_dup(&r, a, 2);
	}
	rc = rows_end(&r, e);
	if (rc == RC_OK && !ret->mapping)
		return err_set(e, RC_NOT_FOUND, "This integration has no account %s.", id);
	return rc;
}

static enum rc service_before(
	struct tx *tx, const char *org, const char *integration, const char *id, struct before *ret, struct err *e)
{
	struct arena *a = tx_arena(tx);
	struct rows r;
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	sql_query(tx, &r, SQL_MAP_SERVICE_NOW, "ttt", org, integration, id);
	if (rows_next(&r)) {
		ret->mapping = rows_dup(&r, a, 0);
		ret->fold = rows_dup(&r, a, 1);
	}
	rc = rows_end(&r, e);
	if (rc == RC_OK && !ret->mapping)
		return err_set(e, RC_NOT_FOUND, "This integration has no service %s.", id);
	return rc;
}

/* RC_INVALID at `pointer` unless the book has it. */
static enum rc must_exist(struct tx *tx, enum sql_id query, const char *org, const char *id, const char *what,
	const char *pointer, struct err *e)
{
	char *found;
	enum rc rc = sql_text(tx, tx_arena(tx), &found, e, query, "tt", org, id);

	if (rc == RC_NOT_FOUND)
		return err_at(
			e, RC_INVALID, pointer, "The PSA has no %s %s. Synchronize, then choose again.", what, id);
	return rc;
}

enum rc map_set_account(struct tx *tx, const struct principal *who, const char *integration, const char *id,
	const struct map_account *m, struct err *e)
{
	bool mapped = is(m->status, "mapped");
	struct before old = { 0 };
	enum rc rc = tx_lock_org(tx, who->org, e);

	if (rc == RC_OK)
		rc = check_status(m->status, e);
	if (rc == RC_OK)
		rc = account_before(tx, who->org, integration, id, &old, e);
	if (rc == RC_OK && mapped && !m->psa_account)
		rc = err_at(e, RC_INVALID, "/psa_account_id", "Name the PSA account.");
	if (rc == RC_OK && mapped)
		rc = must_exist(tx, SQL_MAP_PSA_ACCOUNT, who->org, m->psa_account, "account", "/psa_account_id", e);
	if (rc == RC_OK && mapped && old.psa_account && !is(m->psa_account, old.psa_account))
		rc = alias_put(tx, who->org, ALIAS_ACCOUNT, old.fold, old.psa_account, false, who->name, e);
	if (rc == RC_OK && mapped)
		rc = alias_put(tx, who->org, ALIAS_ACCOUNT, old.fold, m->psa_account, true, who->name, e);
	if (rc == RC_OK)
		rc = sql_exec(tx, e, SQL_MAP_ACCOUNT_SET, "ttttttti", who->org, id, m->status,
			mapped ? id_make(tx_arena(tx)) : NULL, mapped ? m->psa_account : NULL, "person", who->name,
			clock_now());
	if (rc == RC_OK && m->detect_new_revenue >= 0)
		rc = sql_exec(tx, e, SQL_MAP_ACCOUNT_DETECT, "ttb", who->org, id, m->detect_new_revenue);
	return rc == RC_OK ? queue_rebuild(tx, who->org, who->name, e) : rc;
}

static enum rc check_products(struct tx *tx, const char *org, const struct map_service *m, struct err *e)
{
	char pointer[40];
	enum rc rc = RC_OK;

	if (m->product_count == 0)
		return err_at(e, RC_INVALID, "/product_ids", "Name at least one product.");
	if (m->product_count > MAP_PRODUCTS_MAX)
		return err_at(e, RC_INVALID, "/product_ids", "At most %d products for one service.", MAP_PRODUCTS_MAX);
	for (size_t i = 0; i < m->product_count && rc == RC_OK; i++) {
		snprintf(pointer, sizeof(pointer), "/product_ids/%zu", i);
		rc = must_exist(tx, SQL_MAP_PSA_PRODUCT, org, m->products[i], "product", pointer, e);
		for (size_t k = 0; k < i && rc == RC_OK; k++) {
			if (is(m->products[k], m->products[i]))
				rc = err_at(e, RC_INVALID, pointer, "The same product is named twice.");
		}
	}
	return rc;
}

static enum rc check_service(struct tx *tx, const char *org, const struct map_service *m, struct err *e)
{
	enum rc rc = check_status(m->status, e);

	if (rc == RC_OK && m->mode && !is(m->mode, "copy") && !is(m->mode, "split"))
		return err_at(e, RC_INVALID, "/mode", "The mode is copy or split.");
	if (rc == RC_OK && m->unit_basis && !is(m->unit_basis, "users") && !is(m->unit_basis, "devices"))
		return err_at(e, RC_INVALID, "/unit_basis", "The unit basis is users or devices.");
	if (rc == RC_OK && is(m->status, "mapped"))
		rc = check_products(tx, org, m, e);
	return rc;
}

static bool among(const struct map_service *m, const char *product)
{
	for (size_t i = 0; i < m->product_count; i++) {
		if (is(m->products[i], product))
			return true;
	}
	return false;
}

/* Products that gave way to wholly other ones were a mistake of this name. */
static enum rc reject_replaced(struct tx *tx, const struct principal *who, const char *id, const char *fold,
	const struct map_service *m, struct err *e)
{
	const char *old[MAP_PRODUCTS_MAX];
	size_t count = 0;
	bool kept = !is(m->status, "mapped");
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_MAP_SERVICE_PRODUCTS, "tt", who->org, id);
	while (rows_next(&r) && count < MAP_PRODUCTS_MAX) {
		kept |= among(m, rows_text(&r, 0));
		old[count++] = rows_dup(&r, tx_arena(tx), 0);
	}
	rc = rows_end(&r, e);
	for (size_t i = 0; !kept && i < count && rc == RC_OK; i++)
		rc = alias_put(tx, who->org, ALIAS_SERVICE, fold, old[i], false, who->name, e);
	return rc;
}

static enum rc put_products(
	struct tx *tx, const char *org, const char *id, const char *const *products, size_t count, struct err *e)
{
	enum rc rc = sql_exec(tx, e, SQL_MAP_SERVICE_PRODUCTS_CLEAR, "tt", org, id);

	for (size_t i = 0; i < count && rc == RC_OK; i++)
		rc = sql_exec(tx, e, SQL_MAP_SERVICE_PRODUCT_ADD, "ttit", org, id, (int64_t)i, products[i]);
	return rc;
}

enum rc map_set_service(struct tx *tx, const struct principal *who, const char *integration, const char *id,
	const struct map_service *m, struct err *e)
{
	bool mapped = is(m->status, "mapped");
	struct before old = { 0 };
	enum rc rc = tx_lock_org(tx, who->org, e);

	if (rc == RC_OK)
		rc = check_service(tx, who->org, m, e);
	if (rc == RC_OK)
		rc = service_before(tx, who->org, integration, id, &old, e);
	if (rc == RC_OK)
		rc = reject_replaced(tx, who, id, old.fold, m, e);
	for (size_t i = 0; mapped && i < m->product_count && rc == RC_OK; i++)
		rc = alias_put(tx, who->org, ALIAS_SERVICE, old.fold, m->products[i], true, who->name, e);
	if (rc == RC_OK)
		rc = put_products(tx, who->org, id, m->products, mapped ? m->product_count : 0, e);
	if (rc == RC_OK)
		rc = sql_exec(tx, e, SQL_MAP_SERVICE_SET, "tttttttti", who->org, id, m->status,
			mapped ? id_make(tx_arena(tx)) : NULL, mapped ? (m->mode ? m->mode : "copy") : NULL,
			mapped ? m->unit_basis : NULL, "person", who->name, clock_now());
	if (rc == RC_OK && m->detect_new_revenue >= 0)
		rc = sql_exec(tx, e, SQL_MAP_SERVICE_DETECT, "ttb", who->org, id, m->detect_new_revenue);
	return rc == RC_OK ? queue_rebuild(tx, who->org, who->name, e) : rc;
}

enum rc map_reject(struct tx *tx, const struct principal *who, const char *integration, const char *id, bool service,
	const char *target, struct err *e)
{
	struct before old = { 0 };
	enum rc rc = service ? service_before(tx, who->org, integration, id, &old, e)
			     : account_before(tx, who->org, integration, id, &old, e);

	if (rc == RC_OK)
		rc = must_exist(tx, service ? SQL_MAP_PSA_PRODUCT : SQL_MAP_PSA_ACCOUNT, who->org, target,
			service ? "product" : "account", "/target_id", e);
	if (rc != RC_OK)
		return rc;
	return alias_put(tx, who->org, service ? ALIAS_SERVICE : ALIAS_ACCOUNT, old.fold, target, false, who->name, e);
}

/* A pair of equal names. `only` false: the PSA has the name more than once. */
struct pair {
	const char *id, *fold, *target;
	bool only;
	struct pair *next;
};

/* `key`: an integration, or the one account or service that is asked for. */
static enum rc find_pairs(
	struct tx *tx, enum sql_id query, const char *org, const char *key, struct pair **ret, struct err *e)
{
	struct arena *a = tx_arena(tx);
	struct pair *last = NULL, **end = ret;
	struct rows r;

	*ret = NULL;
	sql_query(tx, &r, query, "tt", org, key ? key : "");
	while (rows_next(&r)) {
		if (last && is(last->id, rows_text(&r, 0))) {
			last->only = false;
			continue;
		}
		last = ARENA_NEW(a, struct pair);
		*last = (struct pair){ rows_dup(&r, a, 0), rows_dup(&r, a, 1), rows_dup(&r, a, 2), true, NULL };
		*end = last;
		end = &last->next;
	}
	return rows_end(&r, e);
}

static enum rc take_account(struct tx *tx, const char *org, const struct pair *p, struct err *e)
{
	return sql_exec(tx, e, SQL_MAP_ACCOUNT_SET, "ttttttti", org, p->id, "mapped", id_make(tx_arena(tx)), p->target,
		"exact", (const char *)NULL, clock_now());
}

static enum rc take_service(struct tx *tx, const char *org, const struct pair *p, struct err *e)
{
	enum rc rc = put_products(tx, org, p->id, &p->target, 1, e);

	if (rc != RC_OK)
		return rc;
	return sql_exec(tx, e, SQL_MAP_SERVICE_SET, "tttttttti", org, p->id, "mapped", id_make(tx_arena(tx)), "copy",
		(const char *)NULL, "exact", (const char *)NULL, clock_now());
}

typedef enum rc (*take_fn)(struct tx *tx, const char *org, const struct pair *p, struct err *e);

static enum rc map_pairs(struct tx *tx, const char *org, const char *kind, const struct pair *p, take_fn take,
	int64_t *ret_count, struct err *e)
{
	enum rc rc = RC_OK;
	bool rejected;

	*ret_count = 0;
	for (; p && rc == RC_OK; p = p->next) {
		if (!p->only)
			continue;
		rc = alias_rejected(tx, org, kind, p->fold, p->target, &rejected, e);
		if (rc != RC_OK || rejected)
			continue;
		rc = take(tx, org, p, e);
		++*ret_count;
	}
	return rc;
}

enum rc map_auto_accounts(
	struct tx *tx, const char *org, const char *integration, const char *id, int64_t *ret_count, struct err *e)
{
	struct pair *pairs;
	enum sql_id query = id ? SQL_MAP_AUTO_ACCOUNT : SQL_MAP_AUTO_ACCOUNTS;
	enum rc rc = find_pairs(tx, query, org, id ? id : integration, &pairs, e);

	return rc == RC_OK ? map_pairs(tx, org, ALIAS_ACCOUNT, pairs, take_account, ret_count, e) : rc;
}

enum rc map_auto_services(
	struct tx *tx, const char *org, const char *integration, const char *id, int64_t *ret_count, struct err *e)
{
	struct pair *pairs;
	enum sql_id query = id ? SQL_MAP_AUTO_SERVICE : SQL_MAP_AUTO_SERVICES;
	enum rc rc = find_pairs(tx, query, org, id ? id : integration, &pairs, e);

	return rc == RC_OK ? map_pairs(tx, org, ALIAS_SERVICE, pairs, take_service, ret_count, e) : rc;
}

static enum rc count_mapped(struct tx *tx, const char *org, const char *integration, int64_t *ret_accounts,
	int64_t *ret_services, struct err *e)
{
	struct rows r;

	*ret_accounts = *ret_services = 0;
	sql_query(tx, &r, SQL_MAP_TOTALS, "tt", org, integration);
	while (rows_next(&r)) {
		if (is(rows_text(&r, 1), "mapped"))
			*(is(rows_text(&r, 0), "accounts") ? ret_accounts : ret_services) = rows_int(&r, 2);
	}
	return rows_end(&r, e);
}

enum rc map_finish(
	struct tx *tx, const struct principal *who, const char *integration, const char **ret_job, struct err *e)
{
	const char *args = arena_printf(tx_arena(tx), "{\"integration\":\"%s\"}", integration);
	int64_t accounts, services;
	struct integration i;
	enum rc rc = tx_lock_org(tx, who->org, e);

	if (rc == RC_OK)
		rc = integration_get(tx, tx_arena(tx), who->org, integration, &i, e);
	if (rc == RC_OK && i.disconnected_at)
		rc = err_set(e, RC_CONFLICT, "This integration is disconnected.");
	if (rc == RC_OK)
		rc = count_mapped(tx, who->org, integration, &accounts, &services, e);
	if (rc == RC_OK && (!accounts || !services))
		rc = err_set(e, RC_CONFLICT, "Not finished yet: map at least one %s first.",
			accounts           ? "service"
				: services ? "account"
					   : "account and one service");
	if (rc == RC_OK)
		rc = sql_exec(tx, e, SQL_MAP_FINISHED, "tti", who->org, integration, clock_now());
	return rc == RC_OK ? job_enqueue(tx, who->org, JOB_INTEGRATION_SYNC, args, args, 0, who->name, ret_job, e) : rc;
}
