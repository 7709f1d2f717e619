/* token.h - bearer tokens of the app API: "tu_<id>_<secret>", 256 random bits, of which only the SHA-256 is kept. */
#ifndef CORE_TOKEN_H
#define CORE_TOKEN_H

#include "base/json.h"
#include "core/people/access.h"
#include "db/db.h"

/* Makes one. `expires_at` 0 = never; `scopes` (core/people/access.h) NULL = all that the role may, and never more than
 * `who` has. `ret_text` is the only copy of the token there will ever be. Both texts are in the transaction's arena.
 * RC_INVALID with a pointer (/name, /role, /expires_at, /scopes). */
enum rc token_create(struct tx *tx, const struct principal *who, const char *name, enum role role, utime expires_at,
	const char *scopes, const char **ret_id, const char **ret_text, struct err *e) MUST_CHECK;
/* RC_NOT_FOUND. A token that is revoked already stays so. */
enum rc token_revoke(struct tx *tx, const char *org, const char *id, struct err *e) MUST_CHECK;
/* {"id","name","role","created_at","created_by","expires_at","last_used_at","revoked_at"}. RC_NOT_FOUND. */
enum rc token_write(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e) MUST_CHECK;
/* The same objects, newest first, from before id `before` ("" = from the newest). */
enum rc token_list(struct tx *tx, const char *org, const char *before, int64_t limit, struct jsonw *w,
	const char **ret_next, struct err *e) MUST_CHECK;

#endif
