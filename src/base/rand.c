#include "base/rand.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/codec.h"

static void (*source)(void *out, size_t len);

void rand_set_source(void (*other)(void *out, size_t len))
{
	source = other;
}

void rand_bytes(void *out, size_t len)
{
	if (source) {
		source(out, len);
		return;
	}
	if (sodium_init() < 0)
		BUG("no source of randomness");
	randombytes_buf(out, len);
}

/* Randomness for ids, fetched for many at once, by thread; what a fork copied is not used. */
static _Thread_local struct {
	unsigned char bytes[512];
	size_t left;
	unsigned process;
} pool;

static atomic_uint process;

static void other_process(void)
{
	process++;
}

static void watch_forks(void)
{
	if (pthread_atfork(NULL, NULL, other_process) != 0)
		BUG("forks cannot be watched");
}

static void id_bytes(unsigned char out[8])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	if (source) {
		source(out, 8);
		return;
	}
	pthread_once(&once, watch_forks);
	if (pool.left == 0 || pool.process != process) {
		rand_bytes(pool.bytes, sizeof(pool.bytes));
		pool.left = sizeof(pool.bytes);
		pool.process = process;
	}
	pool.left -= 8;
	memcpy(out, pool.bytes + pool.left, 8);
}

const char *id_new(char out[ID_TEXT])
{
	uint64_t seconds = (uint64_t)(clock_now() / CLOCK_SECOND);
	unsigned char raw[12];

	for (int i = 0; i < 4; i++)
		raw[i] = (unsigned char)(seconds >> (24 - 8 * i));
	id_bytes(raw + 4);
	hex_encode(raw, sizeof(raw), out);
	return out;
}

char *id_make(struct arena *a)
{
	char *out = arena_alloc(a, ID_TEXT);

	id_new(out);
	return out;
}

const char *uuid_new(char out[UUID_TEXT])
{
	unsigned char raw[16];
	char hex[33];
	size_t n = 0;

	rand_bytes(raw, sizeof(raw));
	raw[6] = (unsigned char)((raw[6] & 0x0f) | 0x40);
	raw[8] = (unsigned char)((raw[8] & 0x3f) | 0x80);
	hex_encode(raw, sizeof(raw), hex);
	for (int i = 0; i < 32; i++) {
		if (i == 8 || i == 12 || i == 16 || i == 20)
			out[n++] = '-';
		out[n++] = hex[i];
	}
	out[n] = '\0';
	return out;
}

char *rand_token(struct arena *a, unsigned bits)
{
	size_t len = (bits + 7) / 8, size;
	unsigned char *raw = arena_alloc(a, len);
	char *out;

	rand_bytes(raw, len);
	size = sodium_base64_encoded_len(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	out = arena_alloc(a, size);
	sodium_bin2base64(out, size, raw, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(raw, len);
	return out;
}

int64_t seq_next(void)
{
	static _Atomic int64_t last;
	int64_t base = (clock_now() / 1000) << 22, seen = atomic_load(&last), next;

	do {
		if (!seen) {
			/* Two processes that start in the same millisecond begin at different places. */
			uint32_t offset;

			rand_bytes(&offset, sizeof(offset));
			next = base + (offset & 0xfffff);
		} else {
			next = seen < base ? base + (seen & 0xfffff) : seen + 1;
		}
	} while (!atomic_compare_exchange_weak(&last, &seen, next));
	return next;
}
