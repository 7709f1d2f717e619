/* rand.h - the only door to randomness, and the ids made from it. */
#ifndef BASE_RAND_H
#define BASE_RAND_H

#include "base/mem.h"

/* Cryptographically strong bytes (libsodium), unless a test installed a source. */
void rand_bytes(void *out, size_t len);
void rand_set_source(void (*source)(void *out, size_t len));

/* 24 lower-case hex digits: 8 of the time in seconds, 16 random. Sorts by age, fits the ids that
 * vendor API clients know. */
#define ID_TEXT 25
const char *id_new(char out[ID_TEXT]);
char *id_make(struct arena *a);
/* RFC 4122 version 4. */
#define UUID_TEXT 37
const char *uuid_new(char out[UUID_TEXT]);
/* `bits` of randomness as [A-Za-z0-9_-] text without padding, in the arena. */
char *rand_token(struct arena *a, unsigned bits);
/* A number that only grows in this process and is unlikely to be met in another: milliseconds
 * since 1970 shifted by 22, then a counter. Key of append-only tables. */
int64_t seq_next(void);

#endif
