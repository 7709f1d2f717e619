/* password.h - passwords as Argon2id hashes (libsodium, 64 MiB, two passes).
 *
 * One takes a tenth of a second and 64 MiB, so none runs inside a transaction, at most two run at once, and
 * only a few wait behind them. Who waits holds a thread: password_waiters() keeps them fewer than there are.
 */
#ifndef CORE_PASSWORD_H
#define CORE_PASSWORD_H

#include "base/err.h"

#define PASSWORD_MIN 8		/* characters; no rule about their kind */
#define PASSWORD_MAX 1000	/* bytes */

/* How many may wait at most, 8 until it is said. Before the first password. */
void password_waiters(int most);
/* The hash is in the arena. RC_INVALID with pointer /password: too short or too long. RC_BUSY: too many at once. */
enum rc password_hash(struct arena *a, const char *password, const char **ret, struct err *e) MUST_CHECK;
/* RC_DENIED without words: does not fit. `hash` NULL takes the same time and never fits. RC_BUSY as above. */
enum rc password_check(const char *hash, const char *password, struct err *e) MUST_CHECK;
/* True for a hash made with other parameters than today's. */
bool password_is_old(const char *hash);

#endif
