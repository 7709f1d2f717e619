#include "core/people/password.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

enum { SLOTS = 2 };

static const unsigned long long passes = 2;
static const size_t memory = 64u << 20;

/* A hash that fits no password, to spend the same time on an address that nobody has. Made on first need. */
static char nobody[crypto_pwhash_STRBYTES];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t freed = PTHREAD_COND_INITIALIZER;
static int running, waiting, waiting_most = 8;

void password_waiters(int most)
{
	waiting_most = most;
}

static enum rc gate_enter(struct err *e)
{
	pthread_mutex_lock(&lock);
	if (running >= SLOTS && waiting >= waiting_most) {
		pthread_mutex_unlock(&lock);
		err_set(e, RC_BUSY, "Many people are signing in right now. Try again in a few seconds.");
		if (e)
			e->retry_after = 3;
		return RC_BUSY;
	}
	waiting++;
	while (running >= SLOTS)
		pthread_cond_wait(&freed, &lock);
	waiting--;
	running++;
	pthread_mutex_unlock(&lock);
	return RC_OK;
}

static void gate_leave(void)
{
	pthread_mutex_lock(&lock);
	running--;
	pthread_cond_signal(&freed);
	pthread_mutex_unlock(&lock);
}

static size_t characters(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static enum rc check_length(const char *password, struct err *e)
{
	if (characters(password) < PASSWORD_MIN)
		return err_at(e, RC_INVALID, "/password", "A password has at least %d characters.", PASSWORD_MIN);
	if (strlen(password) > PASSWORD_MAX)
		return err_at(e, RC_INVALID, "/password", "A password has at most %d bytes.", PASSWORD_MAX);
	return RC_OK;
}

static void hash_into(const char *password, char out[crypto_pwhash_STRBYTES])
{
	if (sodium_init() < 0)
		BUG("libsodium does not start");
	if (crypto_pwhash_str_alg(out, password, strlen(password), passes, memory, crypto_pwhash_ALG_ARGON2ID13) != 0)
		BUG("no memory for a password hash");
}

enum rc password_hash(struct arena *a, const char *password, const char **ret, struct err *e)
{
	char out[crypto_pwhash_STRBYTES];
	enum rc rc = check_length(password, e);

	if (rc == RC_OK)
		rc = gate_enter(e);
	if (rc != RC_OK)
		return rc;
	hash_into(password, out);
	gate_leave();
	*ret = arena_strdup(a, out);
	return RC_OK;
}

static void make_nobody(void)
{
	hash_into("", nobody);
}

enum rc password_check(const char *hash, const char *password, struct err *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	size_t len = strlen(password);
	bool fits;
	enum rc rc = gate_enter(e);

	if (rc != RC_OK)
		return rc;
	pthread_once(&once, make_nobody);
	fits = crypto_pwhash_str_verify(hash ? hash : nobody, password, len <= PASSWORD_MAX ? len : 0) == 0;
	gate_leave();
	return fits && hash && len && len <= PASSWORD_MAX ? RC_OK : RC_DENIED;
}

bool password_is_old(const char *hash)
{
	return crypto_pwhash_str_needs_rehash(hash, passes, memory) != 0;
}
