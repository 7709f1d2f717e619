/* access.h - who is asking, and for which organization. */
#ifndef CORE_ACCESS_H
#define CORE_ACCESS_H

#include "base/err.h"

enum role { ROLE_NONE, ROLE_VIEWER, ROLE_APPROVER, ROLE_ADMIN };

struct principal {
	const char *org;	/* organization id; NULL when nobody is signed in */
	const char *id;		/* user or token id */
	const char *name;	/* for the log: "anna@msp.example" or "token nightly" */
	const char *session;	/* key of the browser session in the store; NULL for a token */
	const char *scopes;	/* of a token: "cards writes:read"; NULL: all that the role may */
	enum role role;
	bool is_token;
	bool elsewhere;		/* the session was begun with more than a password: at a provider, or by a passkey */
};

/* "none", "viewer", "approver", "admin". */
const char *role_name(enum role role);
/* ROLE_NONE for an unknown word. */
enum role role_parse(const char *word);

/* Whether scopes (NULL: all) let one read, or with `change` also change, what is behind a noun: "cards" lets one do
 * both, "cards:read" reads. */
bool scope_allows(const char *scopes, const char *noun, bool change);

#endif
