/* work.h - one request between its arrival and its answer. Private to the dispatcher's files.
 *
 * call.c     what a handler asks of its call
 * body.c     the body, read and checked
 * dispatch.c who asks, which route, in which thread and transaction
 * answer.c   the answer
 */
#ifndef API_WORK_H
#define API_WORK_H

#include "api/app.h"
#include "api/limit.h"
#include "api/match.h"
#include "api/pool.h"
#include "api/problem.h"
#include "core/people/auth.h"
#include "core/idem.h"

#include <stdatomic.h>

/* Ceiling of an answer. */
#define ANSWER_MAX (64u << 20)

enum { COMPLAINTS_MAX = 20, HEADERS_MAX = 8 };

struct api_server {
	struct app *app;
	struct http_server *http;
	struct matcher *matcher;
	struct pool *readers, *workers;
	char *openapi;
	char *public_url;
	char *base;			/* path below which the server is reached: "" or "/trueup" */
	char address[128];
	utime started;
	atomic_ullong answered[6];	/* by first digit of the status */
	atomic_ullong limited;
	atomic_uint in_flight;
};

/* The call of a handler and what the dispatcher keeps beside it. All of it is in the request's arena. */
struct work {
	struct call call;		/* first */
	struct api_server *server;
	struct task task;
	struct db_job job;
	struct err err;

	struct err body_err;		/* what is wrong with the body; told after sign-in */
	struct complaint *body_complaints;

	/* Made anew by each run of the handler. */
	struct complaint *complaints, **complaints_end;
	unsigned complaint_count;
	const char *header_names[HEADERS_MAX], *header_values[HEADERS_MAX];
	unsigned header_count;
	bool touch;			/* the last use of the token or session is to be noted */
	bool keep;			/* the answer is to be kept under `idem` */
	bool replayed;
	struct idem idem;
};

/* call.c */
void work_reset(struct work *w);
/* True when the request carries an Idempotency-Key that counts: a POST, by somebody known. Fills w->idem. */
bool work_has_key(struct work *w);
/* Puts a kept answer into the call. */
void work_replay(struct work *w, const struct idem_answer *old);

/* body.c: reads the body as the route says, into call.body, body_err and body_complaints. */
void work_read_body(struct work *w);

/* answer.c: after these the request and the work are gone. */
void work_answer(struct work *w, enum rc rc, struct err *e);
/* One request less is open. */
void answer_counted(struct api_server *s, int status);
void answer_error(struct api_server *s, struct request *rq, enum face face, struct err *e);

/* dispatch.c: what the HTTP seam calls. */
void dispatch(struct request *rq, void *server);

#endif
