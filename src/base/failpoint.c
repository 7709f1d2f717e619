#include "base/failpoint.h"

#ifdef TRUEUP_FAIL_POINTS
#include "base/clock.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STALL (2 * CLOCK_SECOND)

enum { NAME_BYTES = 64 };

struct armed {
	char name[NAME_BYTES], kind[16];
	int at;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct armed last;
static int passed; /* times that `last` was passed since it was armed */

static bool read_armed(const char *path, struct armed *ret)
{
	FILE *f = fopen(path, "re");
	int got;

	if (!f)
		return false;
	ret->at = 1;
	got = fscanf(f, "%63s %15s %d", ret->name, ret->kind, &ret->at);
	fclose(f);
	return got >= 2;
}

static void note_fired(const char *path, const char *name)
{
	char mark[4096];
	FILE *f;

	snprintf(mark, sizeof(mark), "%s.fired", path);
	f = fopen(mark, "we");
	if (!f || fprintf(f, "%s\n", name) < 0 || fclose(f) != 0)
		BUG("the fail point %s cannot note that it fired", name);
}

/* Whether this pass is the one; disarms, so that no other thread or process is. */
static bool is_due(const char *path, const char *name, struct armed *ret)
{
	bool due = false;

	pthread_mutex_lock(&lock);
	if (read_armed(path, ret) && strcmp(ret->name, name) == 0) {
		if (strcmp(last.name, ret->name) != 0 || strcmp(last.kind, ret->kind) != 0)
			passed = 0;
		last = *ret;
		due = ++passed >= ret->at && unlink(path) == 0;
	}
	if (due) {
		last.name[0] = '\0';
		note_fired(path, name);
	}
	pthread_mutex_unlock(&lock);
	return due;
}

enum rc fail_after(enum rc rc, const char *name, struct err *e)
{
	const char *path = getenv("TRUEUP_FAIL_FILE");
	struct armed a;

	if (rc != RC_OK || !path || !is_due(path, name, &a))
		return rc;
	if (strcmp(a.kind, "kill") == 0)
		raise(SIGKILL);
	if (strcmp(a.kind, "stall") == 0)
		clock_sleep(STALL);
	if (strcmp(a.kind, "error") == 0)
		return err_set(e, RC_IO, "The fail point %s fired.", name);
	return RC_OK;
}
#endif
