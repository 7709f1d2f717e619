/* dispatch.c - who asks, which route, in which thread and transaction.
 *
 * A write goes from the I/O thread to the store's writer and back, with no thread between; a read goes to a reader,
 * work that may take long to a worker. Sign-in, the kept answer of an Idempotency-Key and the row of the log share the
 * transaction of the change.
 */
#include "api/work.h"

#include "api/asset.h"
#include "api/rate.h"
#include "base/codec.h"
#include "base/failpoint.h"
#include "core/audit.h"
#include "core/people/second.h"

#include <string.h>
#include <strings.h>

#define VENDOR_PATH "/api/vendor-api"

static enum face face_of(const char *path)
{
	size_t len = strlen(VENDOR_PATH);

	return strncmp(path, VENDOR_PATH, len) == 0 && (path[len] == '/' || path[len] == '\0') ? FACE_VENDOR : FACE_APP;
}

static bool is_change(const struct call *c)
{
	return strcmp(c->rq->method, "GET") != 0 && strcmp(c->rq->method, "HEAD") != 0;
}

static enum rc identify(struct tx *tx, struct work *w, struct err *e)
{
	struct call *c = &w->call;
	const char *authorization = http_header(c->rq, "Authorization");
	const char *cookies = http_header(c->rq, "Cookie");
	struct auth auth = { 0 };
	enum rc rc;

	if (authorization)
		rc = auth_bearer(tx, c->arena, authorization, &auth, e);
	else if (auth_has_cookie(cookies))
		rc = auth_session(tx, c->arena, cookies, http_header(c->rq, AUTH_CSRF_HEADER), is_change(c), &auth, e);
	else
		rc = err_set(e, RC_UNAUTHORIZED,
			"Sign in, or send the header \"Authorization: Bearer\" with a token of this organization.");
	if (rc == RC_OK) {
		c->who = auth.who;
		w->touch = auth.touch;
	}
	return rc;
}

/* Whoever should have a second factor by now may only set it up. */
static enum rc check_second(struct tx *tx, struct work *w, struct err *e)
{
	const struct call *c = &w->call;
	bool overdue = false;
	enum rc rc;

	if (c->route->before_second || c->route->role == ROLE_NONE || !c->who.session)
		return RC_OK;
	rc = second_overdue(tx, &c->who, &overdue, e);
	if (rc == RC_OK && overdue)
		return err_set(e, RC_DENIED,
			"Set up your second factor first (Settings, You; or POST /api/v1/me/second-factor). Your "
			"organization requires one for your role.");
	return rc;
}

/* A token with scopes reaches what they name and nothing else. */
static enum rc check_scope(const struct call *c, struct err *e)
{
	const char *noun = route_noun(c->route);
	bool change = c->route->kind == ROUTE_WRITE || c->route->kind == ROUTE_WORK;

	noun = arena_strndup(c->arena, noun, strcspn(noun, "/."));
	if (scope_allows(c->who.scopes, noun, change))
		return RC_OK;
	return err_set(e, RC_DENIED, "This token does not reach this: it needs the scope \"%s%s\".", noun,
		change ? "" : ":read");
}

/* A route that is open to all takes nobody as well as somebody. A vendor's route asks by itself. */
static enum rc let_in(struct tx *tx, struct work *w, struct err *e)
{
	const struct route *r = w->call.route;
	enum rc rc;

	if (r->face == FACE_VENDOR)
		return RC_OK;
	rc = identify(tx, w, e);
	if (r->role == ROLE_NONE && rc == RC_UNAUTHORIZED)
		rc = rate_stranger(w->server, r, w->call.rq, e);
	if (r->role == ROLE_NONE)
		return rc == RC_UNAUTHORIZED || rc == RC_DENIED ? RC_OK : rc;
	if (rc == RC_OK && w->call.who.role < r->role)
		return err_set(e, RC_DENIED, "This needs the role \"%s\"; yours is \"%s\".", role_name(r->role),
			role_name(w->call.who.role));
	if (rc == RC_OK && w->call.who.scopes)
		rc = check_scope(&w->call, e);
	return rc == RC_OK ? check_second(tx, w, e) : rc;
}

static enum rc check_body_read(struct work *w, struct err *e)
{
	if (w->body_err.rc == RC_OK)
		return RC_OK;
	w->complaints = w->body_complaints;
	*e = w->body_err;
	return e->rc;
}

static enum rc note_change(struct tx *tx, struct work *w, struct err *e)
{
	struct call *c = &w->call;
	struct audit_entry entry = { .event = c->route->event,
		.object = c->audit_object ? c->audit_object : c->rq->path,
		.before = c->audit_before,
		.after = c->audit_after,
		.why = c->audit_why,
		.request_id = c->rq->id };

	if (!entry.event || !c->who.org)
		return RC_OK;
	return audit_append(tx, &c->who, &entry, e);
}

static enum rc keep_answer(struct tx *tx, struct work *w, struct err *e)
{
	struct call *c = &w->call;

	if (!w->keep)
		return RC_OK;
	return idem_keep(tx, c->app->vault, &w->idem, c->status, buf_text(&c->out_buf), e);
}

/* ROUTE_WRITE, on the store's writer. May run more than once. */
static enum rc run_write(struct tx *tx, void *arg, struct err *e)
{
	struct work *w = arg;
	struct call *c = &w->call;
	bool seen = false;
	enum rc rc;

	work_reset(w);
	c->tx = tx;
	rc = FAIL_AFTER(let_in(tx, w, e), "write.let_in", e);
	if (rc == RC_OK)
		rc = check_body_read(w, e);
	if (rc == RC_OK)
		rc = call_once(c, &seen, e);
	if (rc == RC_OK && w->touch)
		rc = auth_touch(tx, &c->who, e);
	if (rc != RC_OK || seen)
		return rc;
	rc = FAIL_AFTER(c->route->fn(c, e), "write.ran", e);
	if (rc == RC_OK && !w->replayed)
		rc = FAIL_AFTER(note_change(tx, w, e), "write.logged", e);
	if (rc == RC_OK)
		rc = FAIL_AFTER(keep_answer(tx, w, e), "write.answer_kept", e);
	return rc;
}

static void write_done(struct db_job *job)
{
	struct work *w = (struct work *)((char *)job - offsetof(struct work, job));

	w->call.tx = NULL;
	work_answer(w, job->rc, &job->err);
}

struct touch {
	struct db_job job;
	struct arena arena;
	struct principal who;
};

static enum rc touch_fn(struct tx *tx, void *arg, struct err *e)
{
	return auth_touch(tx, &((struct touch *)arg)->who, e);
}

static void touch_done(struct db_job *job)
{
	struct arena arena = ((struct touch *)job)->arena;

	arena_release(&arena);
}

/* Notes the last use after a read, in a write of its own that nobody waits for. */
static void touch_later(struct work *w)
{
	struct arena arena = ARENA_INIT;
	struct touch *t = ARENA_NEW(&arena, struct touch);
	const struct principal *who = &w->call.who;

	t->who = (struct principal){ .org = arena_strdup(&arena, who->org),
		.id = arena_strdup(&arena, who->id),
		.session = who->session ? arena_strdup(&arena, who->session) : NULL,
		.is_token = who->is_token };
	t->job.fn = touch_fn;
	t->job.arg = t;
	t->job.done = touch_done;
	t->arena = arena;
	db_submit(w->call.app->db, &t->job);
}

static enum rc run_read(struct tx *tx, void *arg, struct err *e)
{
	struct work *w = arg;
	enum rc rc;

	w->call.tx = tx;
	rc = let_in(tx, w, e);
	if (rc == RC_OK)
		rc = check_body_read(w, e);
	if (rc == RC_OK)
		rc = w->call.route->fn(&w->call, e);
	w->call.tx = NULL;
	return rc;
}

static void read_task(struct task *t)
{
	struct work *w = (struct work *)((char *)t - offsetof(struct work, task));
	enum rc rc;

	work_reset(w);
	rc = db_read(w->call.app->db, run_read, w, &w->err);
	if (w->touch)
		touch_later(w);
	work_answer(w, rc, &w->err);
}

static enum rc ask_first(struct tx *tx, void *arg, struct err *e)
{
	enum rc rc = let_in(tx, arg, e);

	return rc == RC_OK ? check_body_read(arg, e) : rc;
}

static enum rc reserve_key(struct tx *tx, void *arg, struct err *e)
{
	struct work *w = arg;
	struct idem_answer old;
	enum rc rc = idem_begin(tx, w->call.app->vault, w->call.arena, &w->idem, &old, e);

	w->keep = rc == RC_OK;
	w->replayed = false;
	buf_clear(&w->call.out_buf);
	jsonw_init(&w->call.out, &w->call.out_buf, w->call.out.flags);
	if (rc == RC_OK && old.status)
		work_replay(w, &old);
	return rc;
}

static enum rc release_key(struct tx *tx, void *arg, struct err *e)
{
	return idem_drop(tx, &((struct work *)arg)->idem, e);
}

static enum rc close_work(struct tx *tx, void *arg, struct err *e)
{
	enum rc rc = note_change(tx, arg, e);

	return rc == RC_OK ? keep_answer(tx, arg, e) : rc;
}

/* ROUTE_WORK: the handler between its own transactions; what it leaves behind is written after it. */
static enum rc run_work(struct work *w, struct err *e)
{
	struct db *db = w->call.app->db;
	struct err ignored = ERR_INIT;
	enum rc rc = db_read(db, ask_first, w, e);

	if (w->touch)
		touch_later(w);
	if (rc == RC_OK && work_has_key(w))
		rc = db_write(db, reserve_key, w, e);
	if (rc != RC_OK || w->replayed)
		return rc;
	rc = w->call.route->fn(&w->call, e);
	if (rc == RC_OK && (w->keep || w->call.route->event))
		rc = db_write(db, close_work, w, e);
	else if (rc != RC_OK && w->keep && db_write(db, release_key, w, &ignored) != RC_OK)
		return rc; /* it lapses by itself */
	return rc;
}

static void work_task(struct task *t)
{
	struct work *w = (struct work *)((char *)t - offsetof(struct work, task));

	work_reset(w);
	work_answer(w, run_work(w, &w->err), &w->err);
}

/* ROUTE_STREAM: who may listen is asked once; then the handler has the request. */
static void stream_task(struct task *t)
{
	struct work *w = (struct work *)((char *)t - offsetof(struct work, task));
	struct api_server *s = w->server;
	enum rc rc;

	work_reset(w);
	rc = db_read(w->call.app->db, ask_first, w, &w->err);
	if (w->touch)
		touch_later(w);
	if (rc == RC_OK)
		rc = w->call.route->fn(&w->call, &w->err);
	if (rc == RC_OK)
		answer_counted(s, 200);
	else
		work_answer(w, rc, &w->err);
}

static void run_now(struct work *w)
{
	enum rc rc;

	work_reset(w);
	rc = w->call.route->fn(&w->call, &w->err);
	work_answer(w, rc, &w->err);
}

static void start(struct work *w)
{
	struct api_server *s = w->server;
	struct pool *pool = w->call.route->kind == ROUTE_WORK ? s->workers : s->readers;

	switch (w->call.route->kind) {
	case ROUTE_NOW:
		run_now(w);
		return;
	case ROUTE_WRITE:
		w->job = (struct db_job){ .fn = run_write, .arg = w, .done = write_done };
		db_submit(w->call.app->db, &w->job);
		return;
	case ROUTE_READ:
		w->task.run = read_task;
		break;
	case ROUTE_WORK:
		w->task.run = work_task;
		break;
	case ROUTE_STREAM:
		w->task.run = stream_task;
		break;
	}
	if (pool_add(pool, &w->task))
		return;
	err_set(&w->err, RC_BUSY, "%s", "The server has too much to do. Ask again in a moment.");
	w->err.status = 503;
	w->err.retry_after = 1;
	work_reset(w);
	work_answer(w, RC_BUSY, &w->err);
}

/* What does not depend on who asks. */
static enum rc check_request(struct api_server *s, const struct route *r, struct request *rq, struct err *e)
{
	const char *site = http_header(rq, "Sec-Fetch-Site");
	bool change = strcmp(rq->method, "GET") != 0 && strcmp(rq->method, "HEAD") != 0;
	enum rc rc = rate_check(s, r, rq, e);

	if (rc != RC_OK)
		return rc;
	if (rq->body_len > (r->max_body ? r->max_body : BODY_USUAL)) {
		err_set(e, RC_INVALID, "The body is larger than %zu MB. Send it in parts.",
			(r->max_body ? r->max_body : (size_t)BODY_USUAL) >> 20);
		e->status = 413;
		return RC_INVALID;
	}
	if (change && site && r->face == FACE_APP && strcasecmp(site, "cross-site") == 0)
		return err_set(e, RC_DENIED, "%s", "A page of another site may not change anything here.");
	if (s->app->read_only && r->rate != RATE_SIGNIN && (r->kind == ROUTE_WRITE || r->kind == ROUTE_WORK))
		return err_set(e, RC_DENIED, "%s", "This server is read-only (TRUEUP_READ_ONLY). Nothing was changed.");
	return RC_OK;
}

/* Vendors may spell windows-1252, which call_decode() reads; everybody else has no reason to. */
static bool is_text(struct request *rq, const char *part)
{
	char *plain = url_decode(&rq->arena, part, strlen(part), false);

	return utf8_valid(plain, strlen(plain));
}

static enum rc check_address(struct request *rq, struct err *e)
{
	/* Texts end at a NUL: what follows it would be read by nobody, or by somebody else. */
	if (strstr(rq->path, "%00") || strstr(rq->query, "%00"))
		return err_set(e, RC_INVALID, "%s", "The address holds a NUL byte (%00).");
	if (face_of(rq->path) == FACE_APP && !(is_text(rq, rq->path) && is_text(rq, rq->query)))
		return err_set(e, RC_INVALID, "%s", "The address holds bytes that are no UTF-8. Encode it as UTF-8.");
	return RC_OK;
}

/* NULL, with words, when no route has this address and method. */
static const struct route *find_route(struct api_server *s, struct request *rq, struct err *e)
{
	const char *allow;
	const struct route *route = matcher_find(s->matcher, rq, &allow);

	if (!route && !allow) {
		err_set(e, RC_NOT_FOUND, "There is nothing at %.200s.", rq->path);
	} else if (!route) {
		http_add_header(rq, "Allow", allow);
		err_set(e, RC_INVALID, "%s is not possible here. Possible: %s.", rq->method, allow);
		e->status = 405;
	}
	return route;
}

void dispatch(struct request *rq, void *arg)
{
	struct api_server *s = arg;
	const struct route *route = NULL;
	struct err e = ERR_INIT;
	struct work *w;
	int status;

	atomic_fetch_add_explicit(&s->in_flight, 1, memory_order_relaxed);
	rq->path = asset_below(s->base, rq->path);
	status = asset_serve(s->base, rq);
	if (status) {
		answer_counted(s, status);
		return;
	}
	if (check_address(rq, &e) == RC_OK)
		route = find_route(s, rq, &e);
	if (!route || check_request(s, route, rq, &e) != RC_OK) {
		answer_error(s, rq, face_of(rq->path), &e);
		return;
	}
	w = ARENA_NEW(&rq->arena, struct work);
	w->server = s;
	w->call.app = s->app;
	w->call.rq = rq;
	w->call.route = route;
	w->call.arena = &rq->arena;
	buf_init(&w->call.out_buf, ANSWER_MAX);
	work_read_body(w);
	start(w);
}
