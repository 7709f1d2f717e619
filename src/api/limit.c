#include "api/limit.h"

#include "base/rand.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Sets of few buckets each: a stranger who makes up keys pushes out buckets of the same set only, oldest first. */
enum { SETS = 8192, WAYS = 8, LOCKS = 64 };

struct bucket {
	uint64_t key;
	utime at;
	int64_t millis; /* thousandths of a token left at `at` */
};

struct limiter {
	int rates[RATE_NONE];
	unsigned char seed[crypto_shorthash_KEYBYTES];
	pthread_mutex_t locks[LOCKS];
	struct bucket buckets[SETS][WAYS];
};

struct limiter *limiter_new(const int rates[RATE_NONE])
{
	struct limiter *l = xcalloc(1, sizeof(*l));

	memcpy(l->rates, rates, sizeof(l->rates));
	rand_bytes(l->seed, sizeof(l->seed));
	for (unsigned i = 0; i < LOCKS; i++)
		pthread_mutex_init(&l->locks[i], NULL);
	return l;
}

void limiter_free(struct limiter *l)
{
	if (!l)
		return;
	for (unsigned i = 0; i < LOCKS; i++)
		pthread_mutex_destroy(&l->locks[i]);
	free(l);
}

static uint64_t hash_key(const struct limiter *l, enum rate_class class, const char *key)
{
	uint64_t hash;

	crypto_shorthash((unsigned char *)&hash, (const unsigned char *)key, strlen(key), l->seed);
	hash ^= (uint64_t)(class + 1) * UINT64_C(0x9E3779B97F4A7C15);
	return hash ? hash : 1;
}

static int64_t filled(const struct bucket *b, int rate, utime now)
{
	int64_t full = (int64_t)rate * LIMIT_BURST_SECONDS * 1000;
	utime passed = now - b->at;

	if (!b->key || passed >= LIMIT_BURST_SECONDS * CLOCK_SECOND)
		return full;
	passed = passed > 0 ? b->millis + passed * rate / 1000 : b->millis;
	return passed < full ? passed : full;
}

/* The key's bucket, or the one of its set that was left alone longest. */
static struct bucket *find_bucket(struct bucket *set, uint64_t key)
{
	struct bucket *oldest = set;

	for (unsigned i = 0; i < WAYS; i++) {
		if (set[i].key == key)
			return &set[i];
		if (!set[i].key || (oldest->key && set[i].at < oldest->at))
			oldest = &set[i];
	}
	oldest->key = 0;
	return oldest;
}

int limiter_take(struct limiter *l, enum rate_class class, const char *key, utime now)
{
	int rate = class < RATE_NONE ? l->rates[class] : 0;
	struct bucket *b;
	uint64_t hash;
	unsigned set;
	int wait = 0;
	int64_t left;

	if (rate <= 0)
		return 0;
	hash = hash_key(l, class, key);
	set = (unsigned)(hash % SETS);
	pthread_mutex_lock(&l->locks[set % LOCKS]);
	b = find_bucket(l->buckets[set], hash);
	left = filled(b, rate, now);
	if (left >= 1000)
		left -= 1000;
	else
		wait = 1;
	*b = (struct bucket){ hash, now, left };
	pthread_mutex_unlock(&l->locks[set % LOCKS]);
	return wait;
}

const char *limit_address(struct arena *a, const char *remote)
{
	unsigned char bytes[16];

	if (!strchr(remote, ':') || inet_pton(AF_INET6, remote, bytes) != 1)
		return remote;
	if (memcmp(bytes, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0)
		return arena_printf(a, "%u.%u.%u.%u", bytes[12], bytes[13], bytes[14], bytes[15]);
	return arena_printf(a, "%02x%02x:%02x%02x:%02x%02x:%02x%02x", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4],
		bytes[5], bytes[6], bytes[7]);
}
