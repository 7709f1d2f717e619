/* Reads the PSA into the book. What the connector delivers is gathered and written in batches, so that a
 * reading of thousands of objects is a handful of commits; a checkpoint writes all before it. */
#include "base/failpoint.h"
#include "base/json.h"
#include "base/rand.h"
#include "core/book/book.h"
#include "core/book/psaconfig.h"
#include "core/book/psafile.h"
#include "core/writes/worklist.h"
#include "job/kinds.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH = 400 };

enum item_kind { ITEM_ACCOUNT, ITEM_PRODUCT, ITEM_CONTRACT, ITEM_LINES, ITEM_SKIP };

struct skip {
	const char *what, *remote_id, *name, *reason;
};

struct item {
	enum item_kind kind;
	union {
		struct psa_account account;
		struct psa_product product;
		struct psa_contract contract;
		struct skip skip;
		struct {
			const char *contract;
			struct psa_line *lines;
			size_t count;
		} lines;
	};
};

struct reading {
	struct job_run *run;
	struct book_run book;
	const char *mode;
	struct arena batch; /* of the gathered items */
	struct item items[BATCH];
	size_t count;
	const char *cursor; /* to be kept with the batch, or NULL */
	int64_t seen[ITEM_SKIP + 1];
	int64_t line_count;
};

static const char *keep(struct reading *r, const char *s)
{
	return s ? arena_strdup(&r->batch, s) : NULL;
}

static enum rc put_item(struct tx *tx, const struct book_run *b, const struct item *i, struct err *e)
{
	switch (i->kind) {
	case ITEM_ACCOUNT:
		return book_put_account(tx, b, &i->account, e);
	case ITEM_PRODUCT:
		return book_put_product(tx, b, &i->product, e);
	case ITEM_CONTRACT:
		return book_put_contract(tx, b, &i->contract, e);
	case ITEM_LINES:
		return book_put_lines(tx, b, i->lines.contract, i->lines.lines, i->lines.count, e);
	case ITEM_SKIP:
		return book_skip(tx, b, i->skip.what, i->skip.remote_id, i->skip.name, i->skip.reason, e);
	}
	BUG("item kind %d", (int)i->kind);
}

static enum rc flush_fn(struct tx *tx, void *arg, struct err *e)
{
	struct reading *r = arg;
	enum rc rc = tx_lock_org(tx, r->book.org, e);

	for (size_t i = 0; i < r->count && rc == RC_OK; i++)
		rc = put_item(tx, &r->book, &r->items[i], e);
	rc = FAIL_AFTER(rc, "sync.page_put", e);
	if (rc == RC_OK && r->cursor)
		rc = FAIL_AFTER(psaconfig_set_cursor(tx, r->book.org, r->cursor, r->mode, e), "sync.cursor", e);
	return rc;
}

static enum rc flush(struct reading *r, struct err *e)
{
	enum rc rc = RC_OK;

	if (r->count || r->cursor)
		rc = FAIL_AFTER(db_write(r->run->config->db, flush_fn, r, e), "sync.page_kept", e);
	arena_release(&r->batch);
	r->count = 0;
	r->cursor = NULL;
	return rc;
}

/* A new item of the batch; the batch is written first when it is full. */
static enum rc add(struct reading *r, enum item_kind kind, struct item **ret, struct err *e)
{
	enum rc rc = r->count == BATCH ? flush(r, e) : RC_OK;

	if (rc != RC_OK)
		return rc;
	*ret = &r->items[r->count++];
	memset(*ret, 0, sizeof(**ret));
	(*ret)->kind = kind;
	r->seen[kind]++;
	return RC_OK;
}

static enum rc take_account(void *arg, const struct psa_account *a, struct err *e)
{
	struct reading *r = arg;
	struct item *i;
	enum rc rc = add(r, ITEM_ACCOUNT, &i, e);

	if (rc != RC_OK)
		return rc;
	i->account = (struct psa_account){ keep(r, a->remote_id), keep(r, a->code), keep(r, a->name),
		keep(r, a->status), keep(r, a->types), keep(r, a->domain) };
	return RC_OK;
}

static enum rc take_product(void *arg, const struct psa_product *p, struct err *e)
{
	struct reading *r = arg;
	struct item *i;
	enum rc rc = add(r, ITEM_PRODUCT, &i, e);

	if (rc != RC_OK)
		return rc;
	i->product = *p;
	i->product.remote_id = keep(r, p->remote_id);
	i->product.code = keep(r, p->code);
	i->product.name = keep(r, p->name);
	i->product.product_class = keep(r, p->product_class);
	i->product.unit = keep(r, p->unit);
	return RC_OK;
}

static enum rc take_contract(void *arg, const struct psa_contract *c, struct err *e)
{
	struct reading *r = arg;
	struct item *i;
	enum rc rc = add(r, ITEM_CONTRACT, &i, e);

	if (rc != RC_OK)
		return rc;
	i->contract = *c;
	i->contract.remote_id = keep(r, c->remote_id);
	i->contract.account_remote_id = keep(r, c->account_remote_id);
	i->contract.name = keep(r, c->name);
	i->contract.type = keep(r, c->type);
	i->contract.status = keep(r, c->status);
	i->contract.cycle = keep(r, c->cycle);
	i->contract.currency = keep(r, c->currency);
	i->contract.parent_remote_id = keep(r, c->parent_remote_id);
	return RC_OK;
}

static struct psa_line keep_line(struct reading *r, const struct psa_line *l)
{
	struct psa_line copy = *l;

	copy.remote_id = keep(r, l->remote_id);
	copy.contract_remote_id = keep(r, l->contract_remote_id);
	copy.product_remote_id = keep(r, l->product_remote_id);
	copy.product_code = keep(r, l->product_code);
	copy.description = keep(r, l->description);
	copy.version = keep(r, l->version);
	copy.fixed = keep(r, l->fixed);
	copy.unknown = keep(r, l->unknown);
	return copy;
}

static enum rc take_lines(
	void *arg, const char *contract_remote_id, const struct psa_line *lines, size_t count, struct err *e)
{
	struct reading *r = arg;
	struct item *i;
	enum rc rc = add(r, ITEM_LINES, &i, e);

	if (rc != RC_OK)
		return rc;
	i->lines.contract = keep(r, contract_remote_id);
	i->lines.count = count;
	i->lines.lines = arena_array(&r->batch, count, sizeof(*lines));
	for (size_t n = 0; n < count; n++)
		i->lines.lines[n] = keep_line(r, &lines[n]);
	r->line_count += (int64_t)count;
	return RC_OK;
}

static enum rc take_skip(
	void *arg, const char *what, const char *remote_id, const char *name, const char *reason, struct err *e)
{
	struct reading *r = arg;
	struct item *i;
	enum rc rc = add(r, ITEM_SKIP, &i, e);

	if (rc != RC_OK)
		return rc;
	i->skip = (struct skip){ keep(r, what), keep(r, remote_id), keep(r, name), keep(r, reason) };
	return RC_OK;
}

static enum rc take_progress(void *arg, const char *phase, int64_t done, int64_t total, struct err *e)
{
	struct reading *r = arg;

	return job_report(r->run, phase, done, total, e);
}

/* The number of the reading travels with the cursor: a resumed reading goes on as the same one. */
static enum rc take_checkpoint(void *arg, const char *cursor, struct err *e)
{
	struct reading *r = arg;

	r->cursor = arena_printf(&r->batch, "%lld %s", (long long)r->book.run, cursor);
	return flush(r, e);
}

static bool is_cancelled(void *arg)
{
	struct reading *r = arg;

	return job_cancelled(r->run);
}

struct config_read {
	struct job_run *run;
	struct psaconfig config;
	char *file; /* of a PSA over files */
	size_t file_len;
	const char *file_name;
};

static enum rc read_config_fn(struct tx *tx, void *arg, struct err *e)
{
	struct config_read *x = arg;

	enum rc rc = psaconfig_get(tx, x->run->config->vault, x->run->arena, x->run->job->org, &x->config, e);

	if (rc != RC_OK || !(x->config.ops->caps & PSA_CAP_FILE))
		return rc;
	/* A reading may be run again. */
	free(x->file);
	return psafile_get(tx, x->run->arena, x->run->job->org, &x->file, &x->file_len, &x->file_name, e);
}

struct finish {
	struct reading *reading;
	utime watermark;
	bool full;
};

static enum rc finish_fn(struct tx *tx, void *arg, struct err *e)
{
	struct finish *f = arg;
	struct book_run *b = &f->reading->book;
	struct principal us = { .org = b->org, .id = f->reading->run->job->id, .name = "trueup" };
	enum rc rc = tx_lock_org(tx, b->org, e);

	if (rc == RC_OK)
		rc = FAIL_AFTER(f->full ? book_finish_full(tx, b, e) : book_finish_quick(tx, b, e), "sync.swept", e);
	if (rc == RC_OK)
		rc = FAIL_AFTER(psaconfig_synced(tx, b->org, f->watermark, f->full, e), "sync.watermark", e);
	if (rc == RC_OK)
		rc = worklist_settle(tx, &us, b->org, e);
	event_tell(tx, b->org, "sync", "{\"what\":\"psa\",\"state\":\"done\"}");
	return rc;
}

struct failure {
	struct job_run *run;
	const struct err *err;
};

static enum rc failed_fn(struct tx *tx, void *arg, struct err *e)
{
	struct failure *f = arg;

	event_tell(tx, f->run->job->org, "sync", "{\"what\":\"psa\",\"state\":\"failed\"}");
	return psaconfig_set_state(tx, f->run->job->org, "error", f->err->text, e);
}

static void note_result(struct reading *r)
{
	r->run->result = arena_printf(r->run->arena,
		"{\"mode\":\"%s\",\"accounts\":%lld,\"products\":%lld,\"contracts\":%lld,\"lines\":%lld,\"skipped\":%"
		"lld}",
		r->mode, (long long)r->seen[ITEM_ACCOUNT], (long long)r->seen[ITEM_PRODUCT],
		(long long)r->seen[ITEM_CONTRACT], (long long)r->line_count, (long long)r->seen[ITEM_SKIP]);
}

/* An interrupted reading of the same mode goes on from its cursor; anything else begins anew. */
static void resume_or_begin(struct reading *r, const struct psaconfig *c, struct psa_sync *how)
{
	char *rest;

	r->book.run = seq_next();
	if (!c->cursor || !c->cursor_mode || strcmp(c->cursor_mode, r->mode) != 0)
		return;
	r->book.run = strtoll(c->cursor, &rest, 10);
	how->cursor = *rest == ' ' ? rest + 1 : NULL;
}

static enum rc read_all(struct reading *r, const struct config_read *x, struct err *e)
{
	const struct psaconfig *c = &x->config;
	struct psa_host host = { .allow_private = r->run->config->allow_private,
		.today = day_today(),
		.file = x->file,
		.file_len = x->file_len,
		.file_name = x->file_name };
	struct psa_sink sink = { r, take_account, take_product, take_contract, take_lines, take_skip, take_progress,
		take_checkpoint, is_cancelled };
	struct psa_sync how = { .full = strcmp(r->mode, "full") == 0, .since = c->watermark };
	struct finish f = { .reading = r };
	struct psa_conn *conn;
	enum rc rc;

	resume_or_begin(r, c, &how);
	rc = FAIL_AFTER(c->ops->open(&host, c->settings, &conn, e), "sync.open", e);
	if (rc != RC_OK)
		return rc;
	rc = FAIL_AFTER(c->ops->sync(conn, &how, &sink, e), "sync.read", e);
	c->ops->close(conn);
	if (rc == RC_OK)
		rc = flush(r, e);
	if (rc != RC_OK)
		return rc;
	f.full = how.full;
	f.watermark = how.ret_watermark > c->watermark ? how.ret_watermark : c->watermark;
	note_result(r);
	rc = FAIL_AFTER(db_write(r->run->config->db, finish_fn, &f, e), "sync.finished", e);
	return rc == RC_OK ? rebuild_now(r->run, NULL, e) : rc;
}

/* The first reading is full whatever was asked: there is nothing yet that could have changed. */
static const char *mode_of(const struct job_run *run, const struct psaconfig *c)
{
	const char *asked = json_member(run->args, "mode");

	return (asked && strcmp(asked, "full") == 0) || !c->full_synced_at ? "full" : "quick";
}

enum rc job_psa_sync(struct job_run *run, struct err *e)
{
	struct config_read x = { .run = run };
	struct reading *r = arena_alloc(run->arena, sizeof(*r));
	struct failure f = { run, e };
	struct err ignored = ERR_INIT;
	enum rc rc = db_read(run->config->db, read_config_fn, &x, e);

	if (rc != RC_OK) {
		free(x.file);
		return rc;
	}
	r->run = run;
	r->mode = mode_of(run, &x.config);
	r->book = (struct book_run){ .org = run->job->org, .kind = x.config.ops->kind, .now = clock_now() };
	rc = read_all(r, &x, e);
	free(x.file);
	arena_release(&r->batch);
	if (rc != RC_OK && !job_cancelled(run) && db_write(run->config->db, failed_fn, &f, &ignored) != RC_OK)
		return err_prefix(e, "The failure could not be noted (%s)", ignored.text);
	return rc;
}
