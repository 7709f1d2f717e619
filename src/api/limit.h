/* limit.h - how often one key may ask: a bucket of tokens for each class and key. */
#ifndef API_LIMIT_H
#define API_LIMIT_H

#include "api/route.h"
#include "base/clock.h"

struct limiter;

enum { LIMIT_BURST_SECONDS = 10 };

/* `rates[class]` requests a second; 0 = no limit. */
struct limiter *limiter_new(const int rates[RATE_NONE]);
void limiter_free(struct limiter *l);
/* Takes one token at `now` (clock_mono()). 0 = go on; else the seconds to wait, at least 1. Any thread. */
int limiter_take(struct limiter *l, enum rate_class class, const char *key, utime now);

/* The address as a key: IPv6 by its first 64 bits, since one customer has them all. */
const char *limit_address(struct arena *a, const char *remote);

#endif
