/* user.h - people: who may sign in, with what role. An e-mail address belongs to one user of the whole server. */
#ifndef CORE_USER_H
#define CORE_USER_H

#include "base/json.h"
#include "core/people/access.h"
#include "db/db.h"

struct user {
	const char *org, *id, *email, *name;
	enum role role;
	const char *password_hash;	/* NULL: invited, has not chosen one yet */
	utime created_at, disabled_at;	/* disabled_at 0 = may sign in */
};

struct user_change {
	const char *name;		/* NULL leaves as it is */
	enum role role;			/* ROLE_NONE leaves as it is */
	const bool *disabled;		/* NULL leaves as it is */
};

/* `password_hash` may be NULL. RC_INVALID with a pointer (/email, /role), RC_CONFLICT when the address is taken. */
enum rc user_create(struct tx *tx, const char *org, const char *email, const char *name, enum role role,
	const char *password_hash, const char **ret_id, struct err *e) MUST_CHECK;
/* RC_NOT_FOUND. Texts in the arena. */
enum rc user_get(
	struct tx *tx, struct arena *a, const char *org, const char *id, struct user *ret, struct err *e) MUST_CHECK;
/* By address in any case, in any organization: for signing in. RC_NOT_FOUND without words. */
enum rc user_find(struct tx *tx, struct arena *a, const char *email, struct user *ret, struct err *e) MUST_CHECK;
/* RC_CONFLICT: the organization would be left without an administrator who can sign in. A disabled user's
 * sessions end; so do those of one whose role changes. */
enum rc user_change(
	struct tx *tx, const char *org, const char *id, const struct user_change *change, struct err *e) MUST_CHECK;
/* Replaces the password and ends the user's sessions. */
enum rc user_set_password(
	struct tx *tx, const char *org, const char *id, const char *password_hash, struct err *e) MUST_CHECK;
/* All of an organization by e-mail, from after cursor text `after` ("" = from the start). */
enum rc user_list(struct tx *tx, const char *org, const char *after, int64_t limit, struct jsonw *w,
	const char **ret_next, struct err *e) MUST_CHECK;
void user_write(struct jsonw *w, const struct user *u);
/* E-mail addresses of the administrators who can sign in, NULL-ended, in the arena: for mail. */
enum rc user_admins(struct tx *tx, struct arena *a, const char *org, const char *const **ret, struct err *e) MUST_CHECK;

/* The form addresses are compared in, in the arena: ASCII letters lowered, all else as it is. */
char *email_fold(struct arena *a, const char *email);
/* RC_INVALID with a pointer /email: not one plain address. */
enum rc email_check(const char *email, struct err *e) MUST_CHECK;

#endif
