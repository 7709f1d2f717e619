/* second.h - the second factor: six digits from an app (TOTP, RFC 6238), or one of ten recovery codes.
 *
 * The secret is in the vault. A code works once, and one step of thirty seconds to either side of now. Recovery codes
 * are kept as hashes and work once each.
 */
#ifndef CORE_SECOND_H
#define CORE_SECOND_H

#include "base/json.h"
#include "core/people/access.h"
#include "core/vault.h"

enum { RECOVERY_CODES = 10 };

struct second {
	bool on;			/* set up and confirmed */
	bool pending;			/* begun, not confirmed yet: does not count */
	int64_t codes_left;
};

enum rc second_state(struct tx *tx, const char *org, const char *user, struct second *ret, struct err *e) MUST_CHECK;
/* Makes a new secret that is not in force yet. RC_CONFLICT: one is in force; remove it first. Base32 and the address
 * for apps (otpauth://) are in the transaction's arena. */
enum rc second_begin(struct tx *tx, struct vault *v, const char *org, const char *user, const char *email,
	const char **ret_secret, const char **ret_uri, struct err *e) MUST_CHECK;
/* Puts it in force and makes the recovery codes, shown this once. RC_INVALID at /code: the code does not fit. */
enum rc second_confirm(struct tx *tx, struct vault *v, const char *org, const char *user, const char *code,
	const char *ret_codes[RECOVERY_CODES], struct err *e) MUST_CHECK;
/* RC_OK when none is in force. RC_UNAUTHORIZED at /code: missing, wrong, or used. Uses the code up. */
enum rc second_check(
	struct tx *tx, struct vault *v, const char *org, const char *user, const char *code, struct err *e) MUST_CHECK;
enum rc second_remove(struct tx *tx, const char *org, const char *user, struct err *e) MUST_CHECK;

/* True when the organization asks for one, the role needs it, the user has none, and the days of grace since the user
 * was made are over. */
enum rc second_overdue(struct tx *tx, const struct principal *who, bool *ret, struct err *e) MUST_CHECK;

#endif
