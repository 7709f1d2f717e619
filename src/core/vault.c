#include "core/vault.h"

#include "base/codec.h"
#include "base/failpoint.h"
#include "base/rand.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	KEY = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
	NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	KEY_ID = 8, /* bytes of the hash that names a key */
};

/* The row by which a store knows its key. */
#define MARK_ORG ""
#define MARK_ID "master-key"
#define MARK_PLAIN "trueup"

/* In memory that is locked, guarded, and wiped at the end (sodium_malloc). */
struct vault {
	unsigned char key[KEY];
	char id[2 * KEY_ID + 1];
};

static struct vault *vault_new(const unsigned char key[KEY])
{
	static const unsigned char label[] = "trueup master key id";
	unsigned char hash[crypto_generichash_BYTES];
	struct vault *v = sodium_malloc(sizeof(*v));

	if (!v)
		BUG("no memory for the master key");
	memcpy(v->key, key, KEY);
	crypto_generichash(hash, sizeof(hash), label, sizeof(label), v->key, KEY);
	hex_encode(hash, KEY_ID, v->id);
	return v;
}

void vault_close(struct vault *v)
{
	sodium_free(v);
}

static bool read_key(const char *text, unsigned char key[KEY])
{
	AUTO(arena) a = ARENA_INIT;
	size_t len = strcspn(text, " \t\r\n");
	char *bytes;

	if (len == 2 * KEY)
		return sodium_hex2bin(key, KEY, text, len, NULL, &len, NULL) == 0 && len == KEY;
	if (base64_decode(&a, text, &bytes, &len) != RC_OK || len != KEY)
		return false;
	memcpy(key, bytes, KEY);
	sodium_memzero(bytes, len);
	return true;
}

enum rc vault_open(const char *text, struct vault **ret, struct err *e)
{
	unsigned char key[KEY];
	bool ok;

	if (sodium_init() < 0)
		BUG("libsodium does not start");
	ok = read_key(text, key);
	if (ok)
		*ret = vault_new(key);
	sodium_memzero(key, sizeof(key));
	if (!ok)
		return err_set(e, RC_INVALID,
			"The master key is not 32 bytes in hex or base64. Make one with: openssl rand -hex 32");
	return RC_OK;
}

static enum rc file_error(const char *what, const char *path, struct err *e)
{
	return err_set(e, RC_IO, "Cannot %s the master key file %s: %s.", what, path, strerror(errno));
}

/* Writes the whole text to a new file that only its owner reads, and waits for the disk. */
static bool write_new(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t len = (ssize_t)strlen(text);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, text, (size_t)len) == len && fsync(fd) == 0;
	return close(fd) == 0 && ok;
}

/* Appears whole or not at all, and never over another one: two servers that start at once agree on a key. */
static enum rc make_file(const char *path, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	unsigned char key[KEY];
	char text[2 * KEY + 2];
	char *draft = arena_printf(&a, "%s.%d", path, (int)getpid());
	bool ok;

	rand_bytes(key, sizeof(key));
	hex_encode(key, KEY, text);
	text[2 * KEY] = '\n';
	text[2 * KEY + 1] = '\0';
	ok = write_new(draft, text) && (link(draft, path) == 0 || errno == EEXIST);
	sodium_memzero(key, sizeof(key));
	sodium_memzero(text, sizeof(text));
	if (!ok)
		file_error("make", path, e);
	unlink(draft);
	return ok ? RC_OK : RC_IO;
}

enum rc vault_open_file(const char *path, struct vault **ret, struct err *e)
{
	char text[256];
	size_t len;
	FILE *f;
	enum rc rc;

	if (sodium_init() < 0)
		BUG("libsodium does not start");
	if (access(path, F_OK) != 0) {
		rc = make_file(path, e);
		if (rc != RC_OK)
			return rc;
	}
	f = fopen(path, "re");
	if (!f)
		return file_error("read", path, e);
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[len] = '\0';
	rc = vault_open(text, ret, e);
	sodium_memzero(text, sizeof(text));
	return rc == RC_OK ? rc : err_prefix(e, "%s", path);
}

/* base64(nonce, ciphertext, tag); `context` is authenticated with it. */
static char *seal(struct arena *a, const unsigned char key[KEY], const char *context, const void *plain, size_t len)
{
	unsigned char *out = arena_alloc(a, NONCE + len + TAG);
	unsigned long long sealed;

	rand_bytes(out, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(
		out + NONCE, &sealed, plain, len, (const unsigned char *)context, strlen(context), NULL, out, key);
	return base64_encode(a, out, NONCE + sealed);
}

/* NULL: another key, another context, or damaged. The result has a NUL behind its end. */
static void *unseal(
	struct arena *a, const unsigned char key[KEY], const char *context, const char *text, size_t *ret_len)
{
	unsigned long long len;
	unsigned char *plain;
	char *in;
	size_t in_len;

	if (base64_decode(a, text, &in, &in_len) != RC_OK || in_len < NONCE + TAG)
		return NULL;
	plain = arena_alloc(a, in_len);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &len, NULL, (unsigned char *)in + NONCE, in_len - NONCE,
		    (const unsigned char *)context, strlen(context), (unsigned char *)in, key) != 0)
		return NULL;
	*ret_len = len;
	return plain;
}

static char *row_context(struct arena *a, const char *what, const char *org, const char *id, const char *owner)
{
	return arena_printf(a, "trueup %s|%s|%s|%s", what, org, id, owner);
}

struct sealed {
	const char *owner, *sealed, *wrapped_key, *key_id;
};

/* All NULL when there is no such row. */
static enum rc read_sealed(
	struct tx *tx, struct arena *a, const char *org, const char *id, struct sealed *ret, struct err *e)
{
	struct rows r;

	memset(ret, 0, sizeof(*ret));
	sql_query(tx, &r, SQL_SECRET_GET, "tt", org, id);
	if (rows_next(&r)) {
		ret->owner = rows_dup(&r, a, 0);
		ret->sealed = rows_dup(&r, a, 1);
		ret->wrapped_key = rows_dup(&r, a, 2);
		ret->key_id = rows_dup(&r, a, 3);
	}
	return rows_end(&r, e);
}

static enum rc check_key(const struct vault *v, const struct sealed *s, struct err *e)
{
	if (strcmp(s->key_id, v->id) == 0)
		return RC_OK;
	return err_set(e, RC_IO,
		"This store was sealed with master key %s, but the key given is %s. Give the right one by "
		"TRUEUP_MASTER_KEY, TRUEUP_MASTER_KEY_FILE, or the file master.key in the data folder. Nothing was "
		"changed.",
		s->key_id, v->id);
}

/* A store that got another key since this program opened it takes no secret under the old one. */
static enum rc check_mark(const struct vault *v, struct tx *tx, struct err *e)
{
	struct sealed mark;
	enum rc rc = read_sealed(tx, tx_arena(tx), MARK_ORG, MARK_ID, &mark, e);

	if (rc != RC_OK || !mark.key_id || strcmp(mark.key_id, v->id) == 0)
		return rc;
	return err_set(e, RC_IO,
		"The master key of the store was changed while this server ran. Restart it with the new key.");
}

enum rc vault_put(struct vault *v, struct tx *tx, const char *org, const char *id, const char *owner, const char *plain,
	char **ret_id, struct err *e)
{
	struct arena *a = tx_arena(tx);
	unsigned char key[KEY];
	struct sealed old = { 0 };
	char *sealed, *wrapped;
	enum rc rc = id ? read_sealed(tx, a, org, id, &old, e) : RC_OK;

	if (rc == RC_OK)
		rc = check_mark(v, tx, e);
	if (rc == RC_OK && old.key_id)
		rc = check_key(v, &old, e);
	if (rc != RC_OK)
		return rc;
	*ret_id = id ? arena_strdup(a, id) : id_make(a);
	rand_bytes(key, sizeof(key));
	sealed = seal(a, key, row_context(a, "secret", org, *ret_id, owner), plain, strlen(plain));
	wrapped = seal(a, v->key, row_context(a, "key", org, *ret_id, owner), key, sizeof(key));
	sodium_memzero(key, sizeof(key));
	return sql_exec(tx, e, SQL_SECRET_PUT, "tttttti", org, *ret_id, owner, sealed, wrapped, v->id, clock_now());
}

static char *open_row(
	struct vault *v, struct arena *a, const char *org, const char *id, const char *owner, const struct sealed *s)
{
	size_t len;
	unsigned char *key = unseal(a, v->key, row_context(a, "key", org, id, owner), s->wrapped_key, &len);
	char *plain;

	if (!key || len != KEY)
		return NULL;
	plain = unseal(a, key, row_context(a, "secret", org, id, owner), s->sealed, &len);
	sodium_memzero(key, KEY);
	return plain;
}

enum rc vault_get(struct vault *v, struct tx *tx, struct arena *a, const char *org, const char *id, const char *owner,
	char **ret_plain, struct err *e)
{
	struct sealed s;
	enum rc rc = read_sealed(tx, a, org, id, &s, e);

	if (rc == RC_OK && !s.key_id)
		return err_set(e, RC_NOT_FOUND, "The credential %s is not in the store.", id);
	if (rc == RC_OK)
		rc = check_key(v, &s, e);
	if (rc != RC_OK)
		return rc;
	*ret_plain = open_row(v, a, org, id, owner, &s);
	if (!*ret_plain)
		return err_set(e, RC_IO,
			"The credential %s does not open: its row was changed or moved. Enter the credential again.",
			id);
	return RC_OK;
}

enum rc vault_delete(struct tx *tx, const char *org, const char *id, struct err *e)
{
	return sql_exec(tx, e, SQL_SECRET_DELETE, "tt", org, id);
}

enum rc vault_check(struct vault *v, struct tx *tx, struct err *e)
{
	char *plain;

	return vault_get(v, tx, tx_arena(tx), MARK_ORG, MARK_ID, MARK_ID, &plain, e);
}

enum rc vault_claim(struct vault *v, struct tx *tx, struct err *e)
{
	char *id;
	enum rc rc = tx_lock_org(tx, MARK_ORG, e);

	if (rc == RC_OK)
		rc = vault_check(v, tx, e);
	return rc == RC_NOT_FOUND ? vault_put(v, tx, MARK_ORG, MARK_ID, MARK_ID, MARK_PLAIN, &id, e) : rc;
}

const char *vault_id(const struct vault *v)
{
	return v->id;
}

struct rewrapped {
	const char *org, *id, *wrapped_key;
	struct rewrapped *next;
};

static enum rc rewrap(struct vault *from, struct vault *to, struct arena *a, const struct sealed *s,
	struct rewrapped *w, struct err *e)
{
	const char *context = row_context(a, "key", w->org, w->id, s->owner);
	enum rc rc = check_key(from, s, e);
	unsigned char *key;
	size_t len = 0;

	if (rc != RC_OK)
		return rc;
	/* The secret itself is tried as well: what the new key wraps must be worth it. */
	if (!open_row(from, a, w->org, w->id, s->owner, s))
		return err_set(e, RC_IO,
			"The credential %s does not open: its row was changed or moved. Remove or replace it, then "
			"rotate "
			"again. Nothing was changed.",
			w->id);
	key = unseal(a, from->key, context, s->wrapped_key, &len);
	w->wrapped_key = seal(a, to->key, context, key, len);
	sodium_memzero(key, len);
	return RC_OK;
}

static enum rc read_rewrapped(
	struct vault *from, struct vault *to, struct tx *tx, struct rewrapped **ret, struct err *e)
{
	struct arena *a = tx_arena(tx);
	enum rc rc = RC_OK, ended;
	struct rows r;

	*ret = NULL;
	sql_query(tx, &r, SQL_SECRET_ALL, "");
	while (rc == RC_OK && rows_next(&r)) {
		struct rewrapped *w = ARENA_NEW(a, struct rewrapped);
		struct sealed s = { rows_dup(&r, a, 2), rows_dup(&r, a, 3), rows_dup(&r, a, 4), rows_dup(&r, a, 5) };

		w->org = rows_dup(&r, a, 0);
		w->id = rows_dup(&r, a, 1);
		w->next = *ret;
		*ret = w;
		rc = rewrap(from, to, a, &s, w, e);
	}
	ended = rows_end(&r, rc == RC_OK ? e : NULL);
	return rc == RC_OK ? ended : rc;
}

enum rc vault_rotate(struct vault *from, struct vault *to, struct tx *tx, int64_t *ret_count, struct err *e)
{
	struct rewrapped *list;
	enum rc rc = read_rewrapped(from, to, tx, &list, e);

	*ret_count = 0;
	for (struct rewrapped *w = list; w && rc == RC_OK; w = w->next) {
		rc = FAIL_AFTER(sql_exec(tx, e, SQL_SECRET_REWRAP, "tttt", w->org, w->id, w->wrapped_key, to->id),
			"rotate.rewrapped", e);
		++*ret_count;
	}
	return rc;
}

char *vault_seal(struct vault *v, struct arena *a, const char *context, const char *plain)
{
	return seal(a, v->key, arena_printf(a, "trueup text|%s", context), plain, strlen(plain));
}

enum rc vault_unseal(
	struct vault *v, struct arena *a, const char *context, const char *sealed, char **ret_plain, struct err *e)
{
	size_t len;

	*ret_plain = unseal(a, v->key, arena_printf(a, "trueup text|%s", context), sealed, &len);
	if (!*ret_plain)
		return err_set(e, RC_IO,
			"A sealed text does not open: the master key is another one, or the row was changed.");
	return RC_OK;
}
