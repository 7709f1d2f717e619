#include "core/mapping/alias.h"

#include <string.h>

enum rc alias_put(struct tx *tx, const char *org, const char *kind, const char *fold, const char *target, bool accepted,
	const char *by, struct err *e)
{
	return sql_exec(tx, e, SQL_ALIAS_PUT,
		"ttttt"
		"ti",
		org, kind, fold, target, accepted ? "accepted" : "rejected", by, clock_now());
}

enum rc alias_rejected(struct tx *tx, const char *org, const char *kind, const char *fold, const char *target,
	bool *ret, struct err *e)
{
	int64_t count = 0;
	enum rc rc = sql_int(tx, &count, e, SQL_ALIAS_REJECTED, "tttt", org, kind, fold, target);

	*ret = count > 0;
	return rc;
}

enum rc alias_list(struct tx *tx, struct arena *a, const char *org, const char *kind, const char *fold,
	struct alias **ret, struct err *e)
{
	struct rows r;

	*ret = NULL;
	sql_query(tx, &r, SQL_ALIAS_LIST, "ttt", org, kind, fold);
	while (rows_next(&r)) {
		*ret = ARENA_NEW(a, struct alias);
		(*ret)->target = rows_dup(&r, a, 0);
		(*ret)->accepted = strcmp(rows_text(&r, 1), "accepted") == 0;
		ret = &(*ret)->next;
	}
	return rows_end(&r, e);
}

const struct alias *alias_of(const struct alias *list, const char *target)
{
	for (; list; list = list->next) {
		if (strcmp(list->target, target) == 0)
			return list;
	}
	return NULL;
}
