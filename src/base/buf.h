/* buf.h - text that grows up to a ceiling given at birth.
 *
 * A write that would pass the ceiling sets `failed` and changes nothing; every later write is a
 * no-op, so a chain of writes is checked once, at its end. `data` is always NUL-ended after the
 * first write; buf_text() never returns NULL.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/mem.h"

struct buf {
	char *data;
	size_t len;
	size_t cap;
	size_t max;	/* ceiling in bytes, NUL not counted */
	bool failed;
};

#define BUF_INIT(max_) { NULL, 0, 0, (max_), false }

void buf_init(struct buf *b, size_t max);
void buf_put(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
/* Empties it and clears `failed`; keeps the memory. */
void buf_clear(struct buf *b);
void buf_release(struct buf *b);
const char *buf_text(const struct buf *b);
/* Hands the text to the caller (free() it) and leaves the buffer empty. */
char *buf_take(struct buf *b);

#endif
