/* acks.h - a small program that writes and tells what was acknowledged, for tests that end it at bad moments. */
#ifndef TEST_ACKS_H
#define TEST_ACKS_H

#include "db/db.h"

enum { WRITERS = 3, ACKS_MAX = 2000000 };

/* Opens the store at `url` and writes from several threads, each write two rows that belong together, numbered from
 * `first`. After each write that was said to be stored its number goes to `fd`. Ends after `count` writes a thread. */
void acks_write(const char *url, int fd, int first, int count);

/* Writes number `number` as acks_write() does. */
enum rc acks_write_one(struct db *db, int number, int fd, struct err *e);

struct acks {
	int *numbers;
	int count;
};

/* Adds what arrives on `fd` until its other end is closed, and closes it. */
void acks_read(struct acks *acks, int fd);
void acks_free(struct acks *acks);
/* Of what was acknowledged, how many writes are not in the store. *ret_halves counts writes of which one row is
 * there. */
int acks_missing(struct db *db, const struct acks *acks, int *ret_halves);

#endif
