/* idem.h - the same request twice has one effect: answers kept under the caller's Idempotency-Key.
 *
 * A write asks idem_find() and leaves idem_keep() behind in the transaction of its effect, so both are on
 * disk or neither is. Work that spans transactions first reserves the key with idem_begin(); a twin that
 * comes meanwhile is told so. Kept answers are sealed by the vault, because some hold a token that is shown
 * once. Only successes are kept: a refused request may be sent again under the same key.
 */
#ifndef CORE_IDEM_H
#define CORE_IDEM_H

#include "core/vault.h"

#define IDEM_KEEP CLOCK_DAY		/* how long an answer is kept */
#define IDEM_KEY_MAX 255		/* bytes of a key */

struct idem {
	const char *org, *principal;	/* who asks; keys of others never meet */
	const char *key;		/* the header's value */
	const char *route;		/* "POST /api/v1/cards/approve" */
	const char *body_hash;		/* hash_hex() of the query and the body */
};

struct idem_answer {
	int status;			/* 0 = not seen before */
	const char *content;		/* JSON, in the arena */
};

/* RC_INVALID (status 422): the key was used for another request. RC_CONFLICT: its twin is still being worked on.
 * RC_INVALID: the key is empty or longer than IDEM_KEY_MAX. */
enum rc idem_find(struct tx *tx, struct vault *v, struct arena *a, const struct idem *k, struct idem_answer *ret,
	struct err *e) MUST_CHECK;
/* As idem_find(), and when not seen before marks the key as being worked on, for at most two minutes. */
enum rc idem_begin(struct tx *tx, struct vault *v, struct arena *a, const struct idem *k, struct idem_answer *ret,
	struct err *e) MUST_CHECK;
enum rc idem_keep(struct tx *tx, struct vault *v, const struct idem *k, int status, const char *content,
	struct err *e) MUST_CHECK;
/* Gives up what idem_begin() reserved: the work failed without effect. */
enum rc idem_drop(struct tx *tx, const struct idem *k, struct err *e) MUST_CHECK;

/* Seals every kept answer anew, for another master key. */
enum rc idem_rotate(struct tx *tx, struct vault *from, struct vault *to, struct err *e) MUST_CHECK;

#endif
