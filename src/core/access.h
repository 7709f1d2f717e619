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
	enum role role;
	bool is_token;
};

/* "none", "viewer", "approver", "admin". */
const char *role_name(enum role role);
/* ROLE_NONE for an unknown word. */
enum role role_parse(const char *word);

#endif
