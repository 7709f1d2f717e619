#include "api/rate.h"

#include "core/usage/pushkey.h"

/* What the request shows to be let in; NULL: nothing that could be one of ours. */
static const char *shown(const struct route *r, struct request *rq)
{
	struct err ignored = ERR_INIT;
	struct pushkey_hash h;

	if (r->rate == RATE_APP)
		return auth_shown(&rq->arena, http_header(rq, "Authorization"), http_header(rq, "Cookie"));
	if (r->rate == RATE_PUSH && pushkey_read(&rq->arena, http_header(rq, "Gradient-Token"), &h, &ignored) == RC_OK)
		return arena_strdup(&rq->arena, h.vendor);
	return NULL;
}

static enum rc take(struct api_server *s, enum rate_class class, const char *key, struct err *e)
{
	int wait = limiter_take(s->app->limiter, class, key, clock_mono());

	if (!wait)
		return RC_OK;
	atomic_fetch_add_explicit(&s->limited, 1, memory_order_relaxed);
	err_set(e, RC_BUSY, "%s", "Too many requests");
	e->retry_after = wait;
	return RC_BUSY;
}

enum rc rate_check(struct api_server *s, const struct route *r, struct request *rq, struct err *e)
{
	const char *key = shown(r, rq);

	if (r->rate == RATE_NONE)
		return RC_OK;
	return take(s, r->rate, key ? key : limit_address(&rq->arena, rq->remote), e);
}

enum rc rate_stranger(struct api_server *s, const struct route *r, struct request *rq, struct err *e)
{
	const char *address = limit_address(&rq->arena, rq->remote);

	if (!shown(r, rq) || take(s, r->rate, arena_printf(&rq->arena, "stranger %s", address), e) == RC_OK)
		return RC_UNAUTHORIZED;
	return RC_BUSY;
}
