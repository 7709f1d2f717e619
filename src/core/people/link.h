/* link.h - one-time links: set up the server, sign in, accept an invitation. Only the SHA-256 of each is kept. */
#ifndef CORE_LINK_H
#define CORE_LINK_H

#include "core/people/access.h"
#include "db/db.h"

#define LINK_SETUP "setup"	/* no organization exists yet */
#define LINK_SIGNIN "sign-in"	/* for a user, without a password */
#define LINK_INVITE "invite"	/* for a user who has yet to choose a password */

struct link {
	const char *org;	/* "" for LINK_SETUP */
	const char *kind;
	const char *user_id;	/* NULL for LINK_SETUP */
};

/* Makes one that can be used once within `lifetime`. A set-up link replaces earlier ones, and one for a user those
 * of the same kind. `ret_token` is the only copy, in the transaction's arena. */
enum rc link_create(struct tx *tx, const char *org, const char *kind, const char *user_id, utime lifetime,
	const char **ret_token, struct err *e) MUST_CHECK;
/* What it would do, without using it up. RC_DENIED: unknown, used, or too old. Texts in the arena. */
enum rc link_look(struct tx *tx, struct arena *a, const char *token, struct link *ret, struct err *e) MUST_CHECK;
/* Uses it up, in the transaction of what it is used for. RC_DENIED as above. */
enum rc link_use(struct tx *tx, const char *token, struct err *e) MUST_CHECK;
/* The address a person opens: the token is behind '#', so that no server and no log on the way sees it. */
char *link_address(struct arena *a, const char *public_url, const char *kind, const char *token);

#endif
