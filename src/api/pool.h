/* pool.h - threads for what may wait: reading the store, calling remotes. */
#ifndef API_POOL_H
#define API_POOL_H

#include "base/err.h"

struct task {
	void (*run)(struct task *t);
	struct task *next;
};

struct pool;

/* At most `waiting_max` tasks wait. RC_IO: no threads to be had. */
enum rc pool_new(unsigned threads, unsigned waiting_max, struct pool **ret, struct err *e) MUST_CHECK;
/* False when too many wait already: the task was not taken. Any thread. */
bool pool_add(struct pool *p, struct task *t);
/* Finishes what waits, then ends. NULL is allowed. */
void pool_free(struct pool *p);

#endif
