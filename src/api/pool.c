#include "api/pool.h"

#include <pthread.h>
#include <stdlib.h>

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct task *first, **last;
	unsigned waiting, waiting_max, count;
	bool stopping;
	pthread_t threads[];
};

static struct task *take(struct pool *p)
{
	struct task *t;

	pthread_mutex_lock(&p->lock);
	while (!p->first && !p->stopping)
		pthread_cond_wait(&p->work, &p->lock);
	t = p->first;
	if (t) {
		p->first = t->next;
		p->waiting--;
		if (!p->first)
			p->last = &p->first;
	}
	pthread_mutex_unlock(&p->lock);
	return t;
}

static void *pool_main(void *arg)
{
	struct task *t;

	while ((t = take(arg)))
		t->run(t);
	return NULL;
}

enum rc pool_new(unsigned threads, unsigned waiting_max, struct pool **ret, struct err *e)
{
	struct pool *p = xcalloc(1, sizeof(*p) + threads * sizeof(pthread_t));

	*ret = NULL;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	p->last = &p->first;
	p->waiting_max = waiting_max;
	while (p->count < threads && pthread_create(&p->threads[p->count], NULL, pool_main, p) == 0)
		p->count++;
	if (p->count < threads) {
		pool_free(p);
		return err_set(e, RC_IO, "No thread could be started; raise the limit of processes.");
	}
	*ret = p;
	return RC_OK;
}

bool pool_add(struct pool *p, struct task *t)
{
	bool room;

	t->next = NULL;
	pthread_mutex_lock(&p->lock);
	room = p->waiting < p->waiting_max;
	if (room) {
		*p->last = t;
		p->last = &t->next;
		p->waiting++;
		pthread_cond_signal(&p->work);
	}
	pthread_mutex_unlock(&p->lock);
	return room;
}

void pool_free(struct pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->count; i++)
		pthread_join(p->threads[i], NULL);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
