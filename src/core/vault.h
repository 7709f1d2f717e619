/* vault.h - credentials at rest: each under a key of its own, which the master key wraps.
 *
 * XChaCha20-Poly1305 (libsodium); organization, secret id and owner are bound in as associated data, so a
 * row moved elsewhere does not open. The master key lives outside the store.
 */
#ifndef CORE_VAULT_H
#define CORE_VAULT_H

#include "base/json.h"
#include "db/db.h"

struct vault;

/* `text` is the TRUEUP_MASTER_KEY setting: 32 bytes as hex or base64. RC_INVALID with what to do. */
enum rc vault_open(const char *text, struct vault **ret, struct err *e) MUST_CHECK;
/* Reads the key file of the data folder; makes it (mode 0600) when there is none. */
enum rc vault_open_file(const char *path, struct vault **ret, struct err *e) MUST_CHECK;
void vault_close(struct vault *v);

/* Seals `plain` for `owner` ("psa", "integration:<id>"), replaces what `id` held before; `id` NULL makes a
 * new one. Returns the id in the transaction's arena. */
enum rc vault_put(struct vault *v, struct tx *tx, const char *org, const char *id, const char *owner,
	const char *plain, char **ret_id, struct err *e) MUST_CHECK;
/* The plain text, in the arena. RC_NOT_FOUND, or RC_IO when the key does not fit: says which key is needed. */
enum rc vault_get(struct vault *v, struct tx *tx, struct arena *a, const char *org, const char *id,
	const char *owner, char **ret_plain, struct err *e) MUST_CHECK;
enum rc vault_delete(struct tx *tx, const char *org, const char *id, struct err *e) MUST_CHECK;

/* Wraps the key of every secret of the store anew, the mark's too: all or, with the transaction, none. A secret that
 * does not open stops it: RC_IO. vault_id() names the key, and says nothing about it. */
enum rc vault_rotate(struct vault *from, struct vault *to, struct tx *tx, int64_t *ret_count, struct err *e) MUST_CHECK;
const char *vault_id(const struct vault *v);

/* The mark by which a store knows its master key: made when absent, otherwise opened. RC_IO: the key is another
 * one, with what to do. Nothing is sealed before this has passed. vault_check() never makes it: RC_NOT_FOUND. */
enum rc vault_claim(struct vault *v, struct tx *tx, struct err *e) MUST_CHECK;
enum rc vault_check(struct vault *v, struct tx *tx, struct err *e) MUST_CHECK;

/* For texts that are kept a short time elsewhere in the store: seals under the master key itself, bound to `context`.
 * Both results are in the arena. RC_IO: another key, another context, or damaged. */
char *vault_seal(struct vault *v, struct arena *a, const char *context, const char *plain);
enum rc vault_unseal(struct vault *v, struct arena *a, const char *context, const char *sealed, char **ret_plain,
	struct err *e) MUST_CHECK;

#endif
