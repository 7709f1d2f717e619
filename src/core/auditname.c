#include "core/auditname.h"

#include <string.h>

/* Objects begin with one of these words; an id of at most ID_MAX letters follows. */
enum { ID_MAX = 80 };

static const struct {
	const char *word;
	enum sql_id query;
} kinds[] = {
	{ "card ", SQL_AUDIT_NAME_CARD },
	{ "batch ", SQL_AUDIT_NAME_BATCH },
	{ "write ", SQL_AUDIT_NAME_WRITE },
	{ "account ", SQL_AUDIT_NAME_ACCOUNT },
	{ "vendor account ", SQL_AUDIT_NAME_ACCOUNT },
	{ "product ", SQL_AUDIT_NAME_PRODUCT },
	{ "service ", SQL_AUDIT_NAME_SERVICE },
	{ "integration ", SQL_AUDIT_NAME_INTEGRATION },
	{ "user ", SQL_AUDIT_NAME_USER },
	{ "token ", SQL_AUDIT_NAME_TOKEN },
	{ "tag ", SQL_AUDIT_NAME_TAG },
	{ "rule ", SQL_AUDIT_NAME_RULE },
	{ "override ", SQL_AUDIT_NAME_OVERRIDE },
	{ "approval rule ", SQL_AUDIT_NAME_APPROVAL },
	{ "import ", SQL_AUDIT_NAME_IMPORT },
};

enum rc audit_name(struct tx *tx, const char *org, const char *object, const char **ret, struct err *e)
{
	*ret = NULL;
	for (size_t i = 0; object && i < ARRAY_LEN(kinds); i++) {
		size_t len = strlen(kinds[i].word), id;
		char *name = NULL;
		enum rc rc;

		if (strncmp(object, kinds[i].word, len) != 0)
			continue;
		/* "write ID card ID": the first says enough. */
		id = strcspn(object + len, " ");
		if (!id || id > ID_MAX)
			return RC_OK;
		rc = sql_text(tx, tx_arena(tx), &name, e, kinds[i].query, "tt", org,
			arena_strndup(tx_arena(tx), object + len, id));
		*ret = rc == RC_OK ? name : NULL;
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	}
	return RC_OK;
}
