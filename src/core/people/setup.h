/* setup.h - the first organization and its first administrator. */
#ifndef CORE_SETUP_H
#define CORE_SETUP_H

#include "core/people/access.h"
#include "db/db.h"

struct setup {
	const char *organization, *currency;	/* currency NULL = "USD" */
	const char *email, *name;		/* of the administrator; name NULL = the e-mail address */
	const char *password_hash;
	const char *token;			/* the set-up link's, used up; NULL on the command line */
	const char *request_id;
};

/* RC_CONFLICT: there is an organization already. RC_DENIED: the link does not work. RC_INVALID with a pointer. Ids in
 * the transaction's arena. */
enum rc setup_run(
	struct tx *tx, const struct setup *s, const char **ret_org, const char **ret_user, struct err *e) MUST_CHECK;

#endif
