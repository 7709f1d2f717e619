/* answer.c - the answer to a request, and its line in the log. */
#include "api/rate.h"

#include "base/log.h"

#include <stdio.h>
#include <string.h>

#define JSON_TYPE "application/json"
#define VENDOR_JSON_TYPE "application/json; charset=utf-8"
#define PROBLEM_TYPE "application/problem+json"

void answer_counted(struct api_server *s, int status)
{
	atomic_fetch_add_explicit(&s->answered[status / 100 % 6], 1, memory_order_relaxed);
	atomic_fetch_sub_explicit(&s->in_flight, 1, memory_order_relaxed);
}

static void count(struct api_server *s, const struct request *rq, int status, const struct err *e)
{
	char text[16];

	answer_counted(s, status);
	snprintf(text, sizeof(text), "%d", status);
	if (status >= 500)
		log_event(LOG_ERROR, "request_failed", "method", rq->method, "path", rq->path, "status", text,
			"request_id", rq->id, "detail", e ? e->text : "", NULL);
	else
		log_event(LOG_DEBUG, "request", "method", rq->method, "path", rq->path, "status", text, "request_id",
			rq->id, NULL);
}

static void send_error(struct api_server *s, struct request *rq, enum face face, struct err *e,
	const struct complaint *complaints)
{
	AUTO(buf) out = BUF_INIT(1u << 16);
	int status;
	char wait[16];

	if (e->rc == RC_OK)
		err_set(e, RC_INTERNAL, "%s", "A request failed without saying why.");
	status = problem_status(e);
	problem_write(&out, face, e, complaints, rq->id);
	if (status == 401 && face == FACE_APP)
		http_add_header(rq, "WWW-Authenticate", "Bearer");
	if (e->retry_after > 0 || status == 429) {
		snprintf(wait, sizeof(wait), "%d", e->retry_after > 0 ? e->retry_after : 1);
		http_add_header(rq, "Retry-After", wait);
	}
	count(s, rq, status, e);
	http_reply(rq, status, face == FACE_VENDOR ? VENDOR_JSON_TYPE : PROBLEM_TYPE, buf_text(&out), out.len);
}

void answer_error(struct api_server *s, struct request *rq, enum face face, struct err *e)
{
	send_error(s, rq, face, e, NULL);
}

static const char *content_type(const struct call *c)
{
	if (c->content_type)
		return c->content_type;
	return c->route->face == FACE_VENDOR ? VENDOR_JSON_TYPE : JSON_TYPE;
}

void work_answer(struct work *w, enum rc rc, struct err *e)
{
	struct call *c = &w->call;
	struct buf out = c->out_buf;

	if (rc == RC_OK && out.failed)
		rc = err_set(e, RC_INTERNAL, "%s", "The answer is too large. Ask for less with \"limit\".");
	if (rc == RC_OK && c->out.depth != 0)
		BUG("%s %s left its answer open", c->route->method, c->route->path);
	for (unsigned i = 0; i < w->header_count && rc == RC_OK; i++)
		http_add_header(c->rq, w->header_names[i], w->header_values[i]);
	if (w->replayed)
		http_add_header(c->rq, "Idempotent-Replayed", "true");
	if (rc == RC_UNAUTHORIZED)
		rc = rate_stranger(w->server, c->route, c->rq, e);
	if (rc != RC_OK) {
		e->rc = rc;
		send_error(w->server, c->rq, c->route->face, e, w->complaints);
	} else {
		count(w->server, c->rq, c->status, NULL);
		http_reply(c->rq, c->status, content_type(c), buf_text(&out), out.len);
	}
	buf_release(&out);
}
