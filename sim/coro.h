/* coro.h - the rooms inside the Coro simulator: the workspaces, one push, the console page. */
#ifndef SIM_CORO_H
#define SIM_CORO_H

#include <pthread.h>

#include "sim.h"

enum coro_state { CORO_NONE, CORO_PUSHING, CORO_CONNECTED, CORO_REJECTED, CORO_FAILED };

/* One push. The thread works on its own copies; what it has to tell goes through `lock`. */
struct coro_push {
	char *token, *target;
	struct node *services, *workspaces;	/* copies, as they were at the start */
	bool send_zero;
	pthread_t thread;
	pthread_mutex_t lock;
	struct event *news;			/* made active when something was told */
	/* Under the lock: */
	struct node *calls;			/* ledger items not yet taken by the loop */
	bool done;
	enum coro_state state;
	char error[256];
};

struct coro {
	struct node *services, *workspaces;
	char *token, *target;
	enum coro_state state;
	char error[256];
	char since[CLOCK_TEXT];		/* of the last finished push */
	int64_t sent, refused;		/* counts of the last push: answered 2xx, answered otherwise */
	struct coro_push *push;		/* the running one, or NULL */
	struct evhttp_request *waiting[16];
	size_t waiters;
};

/* coro_push.c: starts the thread. Everything given is copied. */
struct coro_push *coro_push_start(const struct coro *c, bool send_zero, struct event *news);
void coro_push_free(struct coro_push *p);

/* coro_api.c: the public API. False when the path is none of its. */
bool coro_api(struct sim *s, struct request *r, struct answer *w);

/* coro_page.c: the vendor's console. */
void coro_page(struct sim *s, struct answer *w);
const char *coro_state_name(enum coro_state state);

#endif
