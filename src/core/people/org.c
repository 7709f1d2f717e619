#include "core/people/org.h"

#include "base/rand.h"

#include <string.h>

enum { NAME_MAX_BYTES = 200 };

static enum rc check_name(const char *name, const char *pointer, struct err *e)
{
	if (!name[strspn(name, " \t")])
		return err_at(e, RC_INVALID, pointer, "The organization needs a name.");
	if (strlen(name) > NAME_MAX_BYTES)
		return err_at(e, RC_INVALID, pointer, "The name is longer than %d bytes.", NAME_MAX_BYTES);
	return RC_OK;
}

static enum rc check_currency(const char *currency, struct err *e)
{
	if (strlen(currency) != 3 || strspn(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
		return err_at(
			e, RC_INVALID, "/currency", "A currency is three capital letters, such as USD, EUR or GBP.");
	return RC_OK;
}

enum rc org_create(struct tx *tx, const char *name, const char *currency, const char **ret_id, struct err *e)
{
	enum rc rc = check_name(name, "/organization", e);

	if (!currency)
		currency = "USD";
	if (rc == RC_OK)
		rc = check_currency(currency, e);
	if (rc != RC_OK)
		return rc;
	*ret_id = id_make(tx_arena(tx));
	return sql_exec(tx, e, SQL_ORG_INSERT, "ttti", *ret_id, name, currency, clock_now());
}

/* Columns as in org_get and org_list. */
static void read_org(struct rows *r, struct arena *a, struct org *ret)
{
	ret->id = rows_dup(r, a, 0);
	ret->name = rows_dup(r, a, 1);
	ret->currency = rows_dup(r, a, 2);
	ret->created_at = rows_int(r, 3);
}

enum rc org_get(struct tx *tx, struct arena *a, const char *id, struct org *ret, struct err *e)
{
	struct rows r;
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	sql_query(tx, &r, SQL_ORG_GET, "t", id);
	if (rows_next(&r))
		read_org(&r, a, ret);
	rc = rows_end(&r, e);
	if (rc == RC_OK && !ret->id)
		return err_set(e, RC_NOT_FOUND, "There is no organization %s.", id);
	return rc;
}

enum rc org_change(struct tx *tx, const char *id, const char *name, const char *currency, struct err *e)
{
	struct org o;
	enum rc rc = org_get(tx, tx_arena(tx), id, &o, e);

	if (rc == RC_OK && name)
		rc = check_name(name, "/name", e);
	if (rc == RC_OK && currency)
		rc = check_currency(currency, e);
	if (rc != RC_OK)
		return rc;
	return sql_exec(tx, e, SQL_ORG_CHANGE, "ttt", id, name ? name : o.name, currency ? currency : o.currency);
}

enum rc org_list(struct tx *tx, struct arena *a, struct org **ret, size_t *ret_count, struct err *e)
{
	struct org *list = NULL;
	size_t count = 0, room = 0;
	struct rows r;

	sql_query(tx, &r, SQL_ORG_LIST, "");
	while (rows_next(&r)) {
		if (count == room) {
			struct org *more = arena_array(a, room = room ? room * 2 : 4, sizeof(*more));

			if (count)
				memcpy(more, list, count * sizeof(*more));
			list = more;
		}
		read_org(&r, a, &list[count++]);
	}
	*ret = list;
	*ret_count = count;
	return rows_end(&r, e);
}

void org_write(struct jsonw *w, const struct org *o)
{
	char at[CLOCK_TEXT];

	jsonw_object(w);
	jsonw_kv(w, "id", o->id);
	jsonw_kv(w, "name", o->name);
	jsonw_kv(w, "currency", o->currency);
	jsonw_kv(w, "created_at", clock_format(o->created_at, at));
	jsonw_end_object(w);
}
