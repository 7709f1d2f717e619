/* mem.h - memory: an arena per request or job, and cleanup on scope exit.
 *
 * Everything that belongs to one request or one job step is made in its arena and goes with it;
 * nobody frees single pieces. Long-lived objects use the x-functions and their own *_free.
 * Out of memory aborts: a crash loses nothing that was acknowledged (the store sees to that),
 * and whatever grows from a stranger's input has a ceiling of its own.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUST_CHECK __attribute__((warn_unused_result))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* AUTO(arena) a = ...: calls arena_release(&a) when the variable leaves its scope. */
#define AUTO(type) __attribute__((cleanup(type##_release))) struct type

/* Says which of our own assumptions broke, and aborts. Never for bad input. */
#define BUG(...) mem_bug(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void mem_bug(const char *file, int line, const char *fmt, ...) PRINTF(3, 4);

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t size);
/* One more element of `size` bytes, zeroed, at the end of a list of *count, whose room doubles as it grows. The list
 * may move: keep what comes back, and count it. */
void *xmore(void *list, size_t *count, size_t size);
char *xstrdup(const char *s);

struct arena_block;

/* A growing heap of small pieces that die together. Zero it or use ARENA_INIT. */
struct arena {
	struct arena_block *blocks;
	size_t used;		/* bytes handed out so far */
};

#define ARENA_INIT { NULL, 0 }

/* Zeroed memory, aligned for any type, alive until arena_release(). Never NULL. */
void *arena_alloc(struct arena *a, size_t size);
/* An array of `count` zeroed elements; aborts on overflow of the product. */
void *arena_array(struct arena *a, size_t count, size_t size);
char *arena_strdup(struct arena *a, const char *s);
/* Copies `len` bytes and ends them with NUL. */
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap);
/* Frees everything; the arena may be used again. */
void arena_release(struct arena *a);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))

#endif
