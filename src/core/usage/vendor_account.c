#include "core/usage/vendor_account.h"

#include "base/rand.h"
#include "base/text.h"
#include "core/mapping/map.h"

#include <string.h>

static enum rc unknown(struct err *e, const char *id)
{
	return err_set(e, RC_NOT_FOUND, "No account map found with id: %s", id);
}

static void read_row(struct rows *r, struct arena *a, struct vendor_account *ret)
{
	ret->id = rows_dup(r, a, 0);
	ret->vendor_id = rows_dup(r, a, 1);
	ret->name = rows_dup(r, a, 2);
	ret->description = rows_dup(r, a, 3);
	ret->is_active = rows_int(r, 4) != 0;
	ret->is_arrears = rows_int(r, 5) != 0;
	ret->mapping = rows_dup(r, a, 6);
	ret->mapping_id = rows_dup(r, a, 7);
	ret->psa_account = rows_dup(r, a, 8);
}

/* Ends a query of at most one account; `id` is for the words when there is none. */
static enum rc read_one(struct rows *r, struct arena *a, const char *id, struct vendor_account *ret, struct err *e)
{
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	if (rows_next(r))
		read_row(r, a, ret);
	rc = rows_end(r, e);
	return rc == RC_OK && !ret->id ? unknown(e, id) : rc;
}

static const int64_t *flag(int given, int64_t *place)
{
	*place = given;
	return given < 0 ? NULL : place;
}

/* A name that the PSA has too is mapped at once while the integration is set up. */
static enum rc map_by_name(struct tx *tx, struct arena *a, const char *org, const char *integration,
	struct vendor_account *ret, struct err *e)
{
	int64_t mapped = 0;
	enum rc rc;

	if (strcmp(ret->mapping, "unmapped") != 0)
		return RC_OK;
	rc = map_auto_accounts(tx, org, integration, ret->id, &mapped, e);
	return rc == RC_OK && mapped ? vendor_account_get(tx, a, org, integration, ret->id, ret, e) : rc;
}

enum rc vendor_account_put(struct tx *tx, struct arena *a, const char *org, const char *integration,
	const struct vendor_account_put *p, struct vendor_account *ret, struct err *e)
{
	int64_t active, arrears;
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_VENDOR_ACCOUNT_PUT, "ttttttttIIi", org, id_make(a), integration, p->vendor_id,
		text_case(a, p->vendor_id), p->name, text_fold(a, p->name), p->description, flag(p->is_active, &active),
		flag(p->is_arrears, &arrears), clock_now());
	rc = read_one(&r, a, p->vendor_id, ret, e);
	return rc == RC_OK ? map_by_name(tx, a, org, integration, ret, e) : rc;
}

enum rc vendor_account_change(struct tx *tx, struct arena *a, const char *org, const char *integration,
	const struct vendor_account *old, const struct vendor_account_put *p, struct vendor_account *ret, struct err *e)
{
	const char *vendor_id = p->vendor_id ? p->vendor_id : old->vendor_id;
	const char *name = p->name ? p->name : old->name;
	struct vendor_account other;
	struct rows r;

	if (strcmp(vendor_id, old->vendor_id) != 0) {
		sql_query(tx, &r, SQL_VENDOR_ACCOUNT_EXACT, "ttt", org, integration, vendor_id);
		if (read_one(&r, a, vendor_id, &other, e) == RC_OK)
			return err_set(e, RC_CONFLICT, "An account with id %s exists already", vendor_id);
		if (e->rc != RC_NOT_FOUND)
			return e->rc;
	}
	sql_query(tx, &r, SQL_VENDOR_ACCOUNT_CHANGE, "tttttttbbi", org, old->id, vendor_id, text_case(a, vendor_id),
		name, text_fold(a, name), p->description ? p->description : old->description,
		p->is_active < 0 ? old->is_active : p->is_active, p->is_arrears < 0 ? old->is_arrears : p->is_arrears,
		clock_now());
	return read_one(&r, a, vendor_id, ret, e);
}

enum rc vendor_account_get(struct tx *tx, struct arena *a, const char *org, const char *integration, const char *id,
	struct vendor_account *ret, struct err *e)
{
	struct rows r;

	sql_query(tx, &r, SQL_VENDOR_ACCOUNT_GET, "ttt", org, integration, id);
	return read_one(&r, a, id, ret, e);
}

/* The only account of that id in any letter case. */
static enum rc find_folded(struct tx *tx, struct arena *a, const char *org, const char *integration,
	const char *vendor_id, struct vendor_account *ret, struct err *e)
{
	struct rows r;
	int count = 0;
	enum rc rc;

	sql_query(tx, &r, SQL_VENDOR_ACCOUNT_FOLDED, "ttt", org, integration, text_case(a, vendor_id));
	while (rows_next(&r)) {
		count++;
		read_row(&r, a, ret);
	}
	rc = rows_end(&r, e);
	return rc == RC_OK && count != 1 ? unknown(e, vendor_id) : rc;
}

enum rc vendor_account_find(struct tx *tx, struct arena *a, const char *org, const char *integration,
	const char *vendor_id, struct vendor_account *ret, struct err *e)
{
	struct rows r;
	enum rc rc;

	sql_query(tx, &r, SQL_VENDOR_ACCOUNT_EXACT, "ttt", org, integration, vendor_id);
	rc = read_one(&r, a, vendor_id, ret, e);
	return rc == RC_NOT_FOUND ? find_folded(tx, a, org, integration, vendor_id, ret, e) : rc;
}

enum rc vendor_account_of_psa(struct tx *tx, struct arena *a, const char *org, const char *integration,
	const char *psa_account, struct vendor_account *ret, struct err *e)
{
	struct rows r;

	sql_query(tx, &r, SQL_VENDOR_ACCOUNT_OF_PSA, "ttt", org, integration, psa_account);
	return read_one(&r, a, psa_account, ret, e);
}

enum rc vendor_account_each(struct tx *tx, const char *org, const char *integration,
	enum rc (*fn)(void *arg, const struct vendor_account *a, struct err *e), void *arg, struct err *e)
{
	struct rows r;
	enum rc rc = RC_OK, end;

	sql_query(tx, &r, SQL_VENDOR_ACCOUNT_EACH, "tt", org, integration);
	while (rc == RC_OK && rows_next(&r)) {
		AUTO(arena) a = ARENA_INIT;
		struct vendor_account account;

		read_row(&r, &a, &account);
		rc = fn(arg, &account, e);
	}
	end = rows_end(&r, rc == RC_OK ? e : NULL);
	return rc == RC_OK ? end : rc;
}
