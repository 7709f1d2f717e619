#include "power.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATHS_MAX = 16, SECTOR = 512, CUT_STATUS = 9 };

/* One unsynced change of a file: bytes at an offset, or (new = NULL) its length. */
struct change {
	char *path;
	off_t at, old_size, new_size;
	size_t old_len, len;
	char *old, *new;
	struct change *before;
};

struct disk_file {
	sqlite3_file base;
	char *path;
	sqlite3_file *real;
};

static struct {
	pthread_mutex_t lock;
	sqlite3_vfs vfs, *real;
	unsigned cut, events, seed;
	unsigned fail_from, fail_until;
	int fail_code;
	bool lies;
	struct change *newest;
} disk = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct disk_file *file_of(sqlite3_file *f)
{
	return (struct disk_file *)f;
}

static void must(bool good, const char *what)
{
	if (!good) {
		perror(what);
		_exit(3);
	}
}

/* ---- the cut ---- */

static void undo(const struct change *c)
{
	int fd = open(c->path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return; /* deleted since */
	if (c->old_len > 0)
		must(pwrite(fd, c->old, c->old_len, c->at) == (ssize_t)c->old_len, "undo");
	must(ftruncate(fd, c->old_size) == 0, "undo");
	close(fd);
}

static bool kept(void)
{
	disk.seed = disk.seed * 1103515245 + 12345;
	return disk.seed >> 16 & 1;
}

/* Does a lost change again, in part. */
static void redo_some(const struct change *c)
{
	int fd = open(c->path, O_RDWR | O_CLOEXEC);
	size_t at, len;

	if (fd < 0)
		return;
	if (!c->new && kept())
		must(ftruncate(fd, c->new_size) == 0, "redo");
	for (at = 0; at < c->len; at += len) {
		len = SECTOR - (size_t)(c->at + (off_t)at) % SECTOR;
		len = len < c->len - at ? len : c->len - at;
		if (kept())
			must(pwrite(fd, c->new + at, len, c->at + (off_t)at) == (ssize_t)len, "redo");
	}
	close(fd);
}

static void redo_in_order(const struct change *c)
{
	if (!c)
		return;
	redo_in_order(c->before);
	redo_some(c);
}

static void cut_power(void)
{
	for (struct change *c = disk.newest; c; c = c->before)
		undo(c);
	redo_in_order(disk.newest);
	_exit(CUT_STATUS);
}

/* ---- what is written ---- */

static struct change *remember(struct disk_file *f, sqlite3_int64 at, size_t len, const void *new)
{
	struct change *c = calloc(1, sizeof(*c));
	int fd = open(f->path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t got;

	must(c && fd >= 0 && fstat(fd, &st) == 0, "remember");
	c->path = f->path;
	c->at = at;
	c->old_size = st.st_size;
	c->old = malloc(len + 1);
	got = pread(fd, c->old, len, at);
	must(got >= 0, "remember");
	c->old_len = (size_t)got;
	if (new) {
		c->len = len;
		c->new = malloc(len + 1);
		memcpy(c->new, new, len);
	}
	close(fd);
	c->before = disk.newest;
	disk.newest = c;
	return c;
}

static void count_event(void)
{
	if (++disk.events == disk.cut)
		cut_power();
}

/* True when this event fails; then it is counted here. */
static bool fails_now(void)
{
	unsigned next = disk.events + 1;

	if (!disk.fail_code || next < disk.fail_from || next >= disk.fail_until)
		return false;
	disk.events = next;
	return true;
}

static int disk_write(sqlite3_file *f, const void *data, int len, sqlite3_int64 at)
{
	int code;

	pthread_mutex_lock(&disk.lock);
	if (fails_now()) {
		code = disk.fail_code;
	} else {
		remember(file_of(f), at, (size_t)len, data);
		code = file_of(f)->real->pMethods->xWrite(file_of(f)->real, data, len, at);
		count_event();
	}
	pthread_mutex_unlock(&disk.lock);
	return code;
}

static int disk_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	struct stat st;
	int code;

	pthread_mutex_lock(&disk.lock);
	must(stat(file_of(f)->path, &st) == 0, "truncate");
	if (size < st.st_size)
		remember(file_of(f), size, (size_t)(st.st_size - size), NULL)->new_size = size;
	code = file_of(f)->real->pMethods->xTruncate(file_of(f)->real, size);
	count_event();
	pthread_mutex_unlock(&disk.lock);
	return code;
}

static void forget(const char *path)
{
	struct change **at = &disk.newest, *c;

	while ((c = *at)) {
		if (strcmp(c->path, path) != 0) {
			at = &c->before;
			continue;
		}
		*at = c->before;
		free(c->old);
		free(c->new);
		free(c);
	}
}

static int disk_sync(sqlite3_file *f, int flags)
{
	int code = SQLITE_OK;

	pthread_mutex_lock(&disk.lock);
	if (fails_now()) {
		code = SQLITE_IOERR_FSYNC;
	} else {
		count_event();
		if (!disk.lies)
			forget(file_of(f)->path);
	}
	pthread_mutex_unlock(&disk.lock);
	return code;
}

/* ---- the rest goes through ---- */

#define REAL(f) (file_of(f)->real)

static int disk_close(sqlite3_file *f)
{
	int code = REAL(f)->pMethods->xClose(REAL(f));

	free(REAL(f)); /* the path stays: changes point to it */
	return code;
}

static int disk_read(sqlite3_file *f, void *data, int len, sqlite3_int64 at)
{
	return REAL(f)->pMethods->xRead(REAL(f), data, len, at);
}

static int disk_size(sqlite3_file *f, sqlite3_int64 *ret)
{
	return REAL(f)->pMethods->xFileSize(REAL(f), ret);
}

static int disk_lock(sqlite3_file *f, int level)
{
	return REAL(f)->pMethods->xLock(REAL(f), level);
}

static int disk_unlock(sqlite3_file *f, int level)
{
	return REAL(f)->pMethods->xUnlock(REAL(f), level);
}

static int disk_reserved(sqlite3_file *f, int *ret)
{
	return REAL(f)->pMethods->xCheckReservedLock(REAL(f), ret);
}

static int disk_control(sqlite3_file *f, int op, void *arg)
{
	return REAL(f)->pMethods->xFileControl(REAL(f), op, arg);
}

static int disk_sector(sqlite3_file *f)
{
	return SECTOR;
}

static int disk_traits(sqlite3_file *f)
{
	return 0;
}

static int disk_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
	return REAL(f)->pMethods->xShmMap(REAL(f), page, size, extend, ret);
}

static int disk_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return REAL(f)->pMethods->xShmLock(REAL(f), offset, n, flags);
}

static void disk_shm_barrier(sqlite3_file *f)
{
	REAL(f)->pMethods->xShmBarrier(REAL(f));
}

static int disk_shm_unmap(sqlite3_file *f, int delete)
{
	return REAL(f)->pMethods->xShmUnmap(REAL(f), delete);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = disk_close,
	.xRead = disk_read,
	.xWrite = disk_write,
	.xTruncate = disk_truncate,
	.xSync = disk_sync,
	.xFileSize = disk_size,
	.xLock = disk_lock,
	.xUnlock = disk_unlock,
	.xCheckReservedLock = disk_reserved,
	.xFileControl = disk_control,
	.xSectorSize = disk_sector,
	.xDeviceCharacteristics = disk_traits,
	.xShmMap = disk_shm_map,
	.xShmLock = disk_shm_lock,
	.xShmBarrier = disk_shm_barrier,
	.xShmUnmap = disk_shm_unmap,
};

static int disk_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *ret_flags)
{
	struct disk_file *file = file_of(f);
	int code;

	file->real = calloc(1, (size_t)disk.real->szOsFile);
	code = disk.real->xOpen(disk.real, path, file->real, flags, ret_flags);
	if (code != SQLITE_OK) {
		free(file->real);
		file->base.pMethods = NULL;
		return code;
	}
	must(path != NULL, "a file without a name");
	file->path = strdup(path);
	file->base.pMethods = &methods;
	return SQLITE_OK;
}

void power_fail(unsigned from, unsigned until, int code)
{
	pthread_mutex_lock(&disk.lock);
	disk.fail_from = from;
	disk.fail_until = until;
	disk.fail_code = until ? code : 0;
	pthread_mutex_unlock(&disk.lock);
}

unsigned power_events(void)
{
	unsigned events;

	pthread_mutex_lock(&disk.lock);
	events = disk.events;
	pthread_mutex_unlock(&disk.lock);
	return events;
}

void power_install(unsigned cut, unsigned seed, bool lies)
{
	disk.real = sqlite3_vfs_find(NULL);
	disk.vfs = *disk.real;
	disk.vfs.zName = "power";
	disk.vfs.szOsFile = sizeof(struct disk_file);
	disk.vfs.xOpen = disk_open;
	disk.cut = cut;
	disk.seed = seed;
	disk.lies = lies;
	must(sqlite3_vfs_register(&disk.vfs, 1) == SQLITE_OK, "register");
}
