/* no_memory.c - loaded before the C library (LD_PRELOAD): the N-th allocation of the program fails, whoever asks.
 *
 * TRUEUP_NO_MEMORY names a file of two 64-bit numbers that the test keeps mapped: how many allocations are left until one fails
 * (0: none will; counted down; negative: how many there were since the test set it to -1), and for how many that failure lasts.
 * Not for builds with sanitizers, which have an allocator of their own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *p, size_t size);

struct plan {
	atomic_llong left;
	atomic_llong lasts;
};

static struct plan *plan;

__attribute__((constructor)) static void map_plan(void)
{
	const char *file = getenv("TRUEUP_NO_MEMORY");
	int fd = file ? open(file, O_RDWR | O_CLOEXEC) : -1;
	void *p;

	if (fd < 0)
		return;
	p = mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (p != MAP_FAILED)
		plan = p;
}

static int fails(void)
{
	long long left = plan ? atomic_load(&plan->left) : 0;

	while (left != 0 && !atomic_compare_exchange_weak(&plan->left, &left, left == 1 ? 1 : left - 1))
		;
	if (left != 1)
		return 0;
	if (atomic_fetch_sub(&plan->lasts, 1) <= 1)
		atomic_store(&plan->left, 0);
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
	return fails() ? NULL : __libc_realloc(p, size);
}
