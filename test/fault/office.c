#include "office.h"

#include "core/book/book.h"
#include "core/book/booklist.h"
#include "core/book/psaconfig.h"
#include "core/cards/cardlist.h"
#include "core/cards/decide.h"
#include "core/writes/writelist.h"
#include "job/aftermath.h"
#include "job/kinds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { JOBS_MOST = 500 };

static utime now_;

static utime office_clock(void)
{
	return now_;
}

/* Early on the day of the simulator, whose dates are the true ones: hours may pass without its becoming tomorrow. */
static void start_clock(void)
{
	struct timespec t;

	timespec_get(&t, TIME_UTC);
	now_ = (utime)t.tv_sec / 86400 * CLOCK_DAY + 60 * CLOCK_SECOND;
	clock_set_source(office_clock);
}

static const struct json *parse(struct office *o, const char *text)
{
	static const struct json_limits limits = JSON_LIMITS_DEFAULT;
	struct json *v;

	assert_int_equal(json_parse(&o->w.arena, text, strlen(text), &limits, &v, NULL), RC_OK);
	return v;
}

static enum rc connect_fn(struct tx *tx, void *arg, struct err *e)
{
	struct office *o = arg;
	const char *text = arena_printf(&o->w.arena, o->system->settings, o->sim.url);

	return psaconfig_put(tx, o->config.vault, WORLD_ORG, o->system->kind, parse(o, text), e);
}

static void map(struct office *o)
{
	const char *org = WORLD_ORG, *kind = o->system->kind;
	const char *name = "Northwind";

	o->account = book_id(&o->w.arena, org, kind, "account", o->system->account);
	o->product = book_id(&o->w.arena, org, kind, "product", o->system->product);
	o->line = book_id(&o->w.arena, org, kind, "line", o->system->line);
	o->integration = world_integration(&o->w, "Nimbus Vault");
	o->customer = world_vendor_account(&o->w, o->integration, "n1", name);
	o->service = world_service(&o->w, o->integration, "Seats");
	world_map_account(&o->w, o->integration, o->customer, o->account);
	world_map_service(&o->w, o->integration, o->service, (const char *const[]){ o->product }, 1, "copy");
}

void office_open(struct office *o, const struct system *system)
{
	static const char key[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
	struct err e = ERR_INIT;
	const char *failure;

	memset(o, 0, sizeof(*o));
	start_clock();
	clock_skip_waits(true);
	o->system = system;
	simulator_start_system(&o->sim, system->sim, system->fixture);
	simulator_edit(&o->sim, system->start);
	testdb_open(&o->w.t);
	assert_int_equal(vault_open(key, &o->config.vault, &e), RC_OK);
	o->config.db = o->w.t.db;
	o->config.allow_private = true;
	world_do(&o->w, connect_fn, o);
	failure = office_read(o);
	if (failure)
		fail_msg("%s: %s", system->kind, failure);
	if (system->write)
		map(o);
}

void office_close(struct office *o)
{
	simulator_stop(&o->sim);
	vault_close(o->config.vault);
	testdb_remove(&o->w.t);
	arena_release(&o->w.arena);
	clock_set_source(NULL);
}

struct turn {
	struct office *o;
	struct arena arena;
	struct job job;
	struct job_run run;
	const struct job_kind *kind;
	enum rc rc;
	struct err err;
	utime next;
};

static const char owner[] = "tests";

static enum rc take_fn(struct tx *tx, void *arg, struct err *e)
{
	struct turn *t = arg;
	enum rc rc = job_take(tx, &t->arena, owner, &t->job, e);

	if (rc != RC_NOT_FOUND)
		return rc;
	t->job.id = NULL;
	return job_next_time(tx, &t->next, e);
}

static enum rc end_fn(struct tx *tx, void *arg, struct err *e)
{
	struct turn *t = arg;
	enum rc rc = job_finish(tx, &t->job, owner, t->rc == RC_OK ? NULL : t->err.text, t->run.result, e);

	return rc == RC_OK ? job_aftermath(tx, &t->run, t->kind, t->rc, &t->err, e) : rc;
}

/* False when nothing is due. *ret_next: when something will be, 0 = never. */
static bool turn(struct office *o, utime *ret_next)
{
	struct turn t = { .o = o, .err = ERR_INIT };

	world_do(&o->w, take_fn, &t);
	*ret_next = t.next;
	if (t.job.id) {
		t.kind = job_kind_find(t.job.kind);
		t.run = (struct job_run){ .config = &o->config, .job = &t.job, .arena = &t.arena, .owner = owner };
		t.run.args = parse(o, t.job.args);
		t.rc = t.kind->run(&t.run, &t.err);
		world_do(&o->w, end_fn, &t);
	}
	arena_release(&t.arena);
	return t.job.id != NULL;
}

void office_work(struct office *o, utime horizon)
{
	utime until = now_ + horizon, next;

	for (int i = 0; i < JOBS_MOST; i++) {
		if (turn(o, &next))
			continue;
		if (!next || next > until)
			return;
		if (next > now_)
			now_ = next;
	}
	fail_msg("%s: the jobs come to no end", o->system->kind);
}

struct queued {
	struct office *o;
	const char *id;
};

static enum rc queue_fn(struct tx *tx, void *arg, struct err *e)
{
	struct queued *q = arg;
	enum rc rc = job_enqueue(tx, WORLD_ORG, JOB_PSA_SYNC, "{\"mode\":\"full\"}", NULL, 0, owner, &q->id, e);

	if (rc == RC_OK)
		q->id = arena_strdup(&q->o->w.arena, q->id);
	return rc;
}

struct shown {
	struct office *o;
	const char *id;
	const struct json *v;
	enum rc (*write)(struct tx *tx, const char *id, struct jsonw *w, struct err *e);
};

static enum rc show_fn(struct tx *tx, void *arg, struct err *e)
{
	AUTO(buf) b = BUF_INIT(1 << 20);
	struct shown *s = arg;
	struct jsonw w;
	enum rc rc;

	jsonw_init(&w, &b, 0);
	rc = s->write(tx, s->id, &w, e);
	if (rc == RC_OK)
		s->v = parse(s->o, buf_text(&b));
	return rc;
}

static const struct json *show(struct office *o, const char *id,
	enum rc (*write)(struct tx *tx, const char *id, struct jsonw *w, struct err *e))
{
	struct shown s = { o, id, NULL, write };

	world_do(&o->w, show_fn, &s);
	return s.v;
}

static enum rc write_job(struct tx *tx, const char *id, struct jsonw *w, struct err *e)
{
	return job_write(tx, WORLD_ORG, id, w, e);
}

const char *office_read(struct office *o)
{
	struct queued q = { o, NULL };
	const struct json *job;

	world_do(&o->w, queue_fn, &q);
	office_work(o, 0);
	job = show(o, q.id, write_job);
	return strcmp(json_member(job, "state"), "done") == 0 ? NULL : json_scalar(json_get(job, "error"));
}

static enum rc write_lists(struct tx *tx, const char *id, struct jsonw *w, struct err *e)
{
	static const struct {
		const char *name;
		enum rc (*write)(
			struct tx *tx, const struct booklist *l, struct jsonw *w, const char **ret_next, struct err *e);
	} lists[] = { { "accounts", booklist_accounts }, { "products", booklist_products },
		{ "contracts", booklist_contracts }, { "lines", booklist_lines } };
	struct booklist l = { .org = WORLD_ORG, .limit = 200 };
	enum rc rc = RC_OK;

	jsonw_object(w);
	for (size_t i = 0; i < ARRAY_LEN(lists) && rc == RC_OK; i++) {
		const char *next;

		jsonw_key(w, lists[i].name);
		jsonw_array(w);
		rc = lists[i].write(tx, &l, w, &next, e);
		jsonw_end_array(w);
	}
	jsonw_end_object(w);
	return rc;
}

const struct json *office_book(struct office *o)
{
	return show(o, NULL, write_lists);
}

static bool same_scalar(const struct json *a, const struct json *b)
{
	const char *x = json_scalar(a), *y = json_scalar(b);

	return a->type == b->type && (x && y ? strcmp(x, y) == 0 : x == y);
}

const char *office_book_differs(struct office *o, const struct json *a, const struct json *b)
{
	const struct json *x = a->child, *y = b->child;
	int n = 0;

	if (!same_scalar(a, b))
		return "";
	for (; x && y; x = x->next, y = y->next, n++) {
		const char *in = x->key && strcmp(x->key, "read_at") == 0 ? NULL : office_book_differs(o, x, y);

		if (in)
			return arena_printf(
				&o->w.arena, "/%s%s", x->key ? x->key : arena_printf(&o->w.arena, "%d", n), in);
	}
	return x || y ? "/more" : NULL;
}

void office_count(struct office *o, qty units)
{
	now_ += CLOCK_SECOND;
	world_count(&o->w, o->integration, o->service, o->customer, units);
	(void)!world_rebuild(&o->w).cards;
	office_work(o, 0);
}

static bool ours(const struct office *o, const struct json *card)
{
	const char *line = json_scalar(json_get(card, "line_id"));

	return strcmp(json_scalar(json_path(card, "account/id")), o->account) == 0 &&
		strcmp(json_scalar(json_path(card, "product/id")), o->product) == 0 &&
		(!line || strcmp(line, o->line) == 0);
}

static enum rc write_card(struct tx *tx, const char *id, struct jsonw *w, struct err *e)
{
	struct cardlist l = { .org = WORLD_ORG, .limit = 200 };
	const char *next;
	enum rc rc;

	jsonw_array(w);
	rc = cardlist_write(tx, &l, w, &next, e);
	jsonw_end_array(w);
	return rc;
}

const struct json *office_card(struct office *o)
{
	const struct json *all = show(o, NULL, write_card), *found = NULL;

	for (const struct json *v = all->child; v; v = v->next) {
		if (ours(o, v))
			found = v;
	}
	assert_non_null(found);
	return found;
}

struct ask {
	struct office *o;
	const char *card;
	const char *batch;
};

static enum rc approve_fn(struct tx *tx, void *arg, struct err *e)
{
	struct ask *a = arg;
	struct decide_ask ask = { .org = WORLD_ORG, .card_ids = &a->card, .count = 1, .effective = DAY_NONE };
	struct decide_done done = { 0 };
	enum rc rc = decide_approve(tx, psa_find(a->o->system->kind), &world_person, &ask, &done, e);

	if (rc == RC_OK)
		a->batch = arena_strdup(&a->o->w.arena, done.batch);
	return rc;
}

const char *office_approve(struct office *o)
{
	struct ask a = { o, json_member(office_card(o), "id"), NULL };

	now_ += CLOCK_SECOND;
	world_do(&o->w, approve_fn, &a);
	return a.batch;
}

static enum rc write_batch(struct tx *tx, const char *id, struct jsonw *w, struct err *e)
{
	struct writelist l = { .org = WORLD_ORG, .batch = id, .limit = 10 };
	const char *next;
	enum rc rc;

	jsonw_array(w);
	rc = writelist_write(tx, &l, w, &next, e);
	jsonw_end_array(w);
	return rc;
}

const struct json *office_write(struct office *o, const char *batch)
{
	const struct json *all = show(o, batch, write_batch);

	assert_non_null(all->child);
	assert_null(all->child->next);
	return all->child;
}

int office_changes(struct office *o)
{
	const struct json *items = json_get(simulator_call(&o->sim, "/_ledger", NULL), "items");
	int n = 0;

	for (const struct json *v = items->child; v; v = v->next)
		n++;
	return n;
}

qty office_qty(const struct json *v)
{
	qty q;

	assert_int_equal(json_qty(v, &q), RC_OK);
	return q;
}
