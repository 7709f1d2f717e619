/* Reads Syncro into a sink: customers, products, then schedules, whose lines come with them.
 *
 * Pages are counted, of a size that the server picks, and a record that goes while they are turned pushes another one
 * over the edge. So the records seen are counted against the total that the server tells; when some are missing the
 * list is turned once more, until all are seen or a turn brings none that is new. Nothing says what changed since,
 * so a quick reading passes over the catalogue only: it
 * holds no units. After customers and products a checkpoint tells the phase; an interrupted reading goes on behind it.
 */
#include "psa/syncing.h"
#include "psa/syncro/syncro.h"

#include <stdlib.h>
#include <string.h>

enum { TURNS = 3, PAGES_MOST = 20000 };

struct ids {
	const char **id;
	size_t count, cap;
};

struct reading {
	struct psa_conn *c;
	struct syncing s;
	struct arena arena;
	struct ids left_out; /* customers */
	struct ids seen; /* of the present list */
};

struct list {
	const char *path, *member, *what;
	enum rc (*row)(struct reading *r, struct arena *a, const struct json *v, struct err *e);
};

static void ids_add(struct reading *r, struct ids *l, const char *id)
{
	if (l->count == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 256;
		l->id = xrealloc(l->id, l->cap * sizeof(*l->id));
	}
	l->id[l->count++] = arena_strdup(&r->arena, id);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool ids_have(const struct ids *l, const char *id)
{
	return l->count && bsearch(&id, l->id, l->count, sizeof(id), compare);
}

static void ids_sort(struct ids *l)
{
	if (l->count)
		qsort(l->id, l->count, sizeof(*l->id), compare);
}

static enum rc customer_row(struct reading *r, struct arena *a, const struct json *v, struct err *e)
{
	struct psa_account account;
	const char *reason;
	enum rc rc = syncro_account(v, &account, &reason, e);

	if (rc != RC_OK)
		return rc;
	if (!reason)
		return r->s.sink->account(r->s.sink->arg, &account, e);
	ids_add(r, &r->left_out, account.remote_id);
	return syncing_skip(&r->s, "account", account.remote_id, account.name, reason, e);
}

static enum rc product_row(struct reading *r, struct arena *a, const struct json *v, struct err *e)
{
	struct psa_product product;
	enum rc rc = syncro_product(v, &product, e);

	return rc == RC_OK ? r->s.sink->product(r->s.sink->arg, &product, e) : rc;
}

static enum rc tell_lines(struct reading *r, struct arena *a, const struct json *v, const char *contract, struct err *e)
{
	const struct json *rows;
	enum rc rc = syncro_lines(v, &rows, e);
	struct psa_line *lines;
	size_t count = 0;

	if (rc != RC_OK)
		return rc;
	lines = arena_array(a, rows->count + 1, sizeof(*lines));
	for (const struct json *row = rows->child; row && rc == RC_OK; row = row->next) {
		struct inplace_seen s;
		const char *reason;

		rc = syncro_line(a, row, contract, &s, &reason, e);
		if (rc == RC_OK && reason)
			rc = syncing_skip(&r->s, "line", s.line.remote_id, s.line.description, reason, e);
		else if (rc == RC_OK)
			lines[count++] = s.line;
	}
	return rc == RC_OK ? r->s.sink->lines(r->s.sink->arg, contract, lines, count, e) : rc;
}

static enum rc schedule_row(struct reading *r, struct arena *a, const struct json *v, struct err *e)
{
	struct psa_contract contract;
	const char *reason;
	enum rc rc = syncro_contract(r->c, v, &contract, &reason, e);

	if (rc != RC_OK)
		return rc;
	if (!reason && ids_have(&r->left_out, contract.account_remote_id))
		reason = "its customer is disabled";
	if (reason)
		return syncing_skip(&r->s, "contract", contract.remote_id, contract.name, reason, e);
	rc = r->s.sink->contract(r->s.sink->arg, &contract, e);
	return rc == RC_OK ? tell_lines(r, a, v, contract.remote_id, e) : rc;
}

struct page {
	const struct json *rows;
	int64_t pages, total; /* -1 = not told */
};

static enum rc get_page(
	struct reading *r, struct arena *a, const struct list *l, int64_t number, struct page *ret, struct err *e)
{
	struct json *v;
	const char *path = arena_printf(
		a, "%s%cpage=%lld", l->path, strchr(l->path, '?') ? '&' : '?', (long long)number);
	enum rc rc = syncro_get(r->c, a, path, l->what, &v, e);
	struct fields f;

	if (rc != RC_OK)
		return rc;
	f = fields_of("Syncro", "list", v, e);
	ret->rows = field_list(&f, l->member, true);
	if (json_int(json_path(v, "meta/total_pages"), 0, PAGES_MOST, &ret->pages) != RC_OK)
		ret->pages = -1;
	if (json_int(json_path(v, "meta/total_entries"), 0, INT32_MAX, &ret->total) != RC_OK)
		ret->total = -1;
	return f.rc;
}

/* Gives each record on once; `*ret_fresh` counts those not seen before. */
static enum rc take_page(struct reading *r, struct arena *a, const struct list *l, const struct json *rows,
	size_t known, size_t *ret_fresh, struct err *e)
{
	struct ids before = { r->seen.id, known, known };
	enum rc rc = RC_OK;

	*ret_fresh = 0;
	for (const struct json *v = rows->child; v && rc == RC_OK; v = v->next) {
		const char *id = json_scalar(json_get(v, "id"));

		if (id && ids_have(&before, id))
			continue;
		++*ret_fresh;
		rc = l->row(r, a, v, e);
		if (rc == RC_OK && id) {
			ids_add(r, &r->seen, id);
			before.id = r->seen.id;
		}
	}
	return rc;
}

/* Turns all pages once. `*ret_total` is what the server told last, or -1. */
static enum rc turn(struct reading *r, const struct list *l, int64_t *ret_total, struct err *e)
{
	for (int64_t number = 1; number <= PAGES_MOST; number++) {
		AUTO(arena) a = ARENA_INIT;
		struct page page;
		size_t fresh;
		enum rc rc;

		if (r->s.sink->cancelled(r->s.sink->arg))
			return err_set(e, RC_BUSY, "The reading was stopped.");
		rc = get_page(r, &a, l, number, &page, e);
		if (rc == RC_OK)
			rc = take_page(r, &a, l, page.rows, r->seen.count, &fresh, e);
		if (rc != RC_OK)
			return rc;
		ids_sort(&r->seen);
		*ret_total = page.total;
		r->s.done = (int64_t)r->seen.count;
		rc = syncing_progress(&r->s, l->what, page.total > 0 ? page.total : 0, e);
		if (rc != RC_OK || !page.rows->count || (page.pages >= 0 && number >= page.pages))
			return rc;
		/* Without a count of pages, a server that always shows the first one would never end. */
		if (page.pages < 0 && !fresh)
			return err_set(e, RC_REMOTE, "Syncro shows the same page of %s again and again.", l->what);
	}
	return err_set(e, RC_REMOTE, "Syncro shows more pages of %s than can be.", l->what);
}

static enum rc read_list(struct reading *r, const struct list *l, struct err *e)
{
	r->seen.count = 0;
	for (int i = 0; i < TURNS; i++) {
		size_t before = r->seen.count;
		int64_t total = -1;
		enum rc rc = turn(r, l, &total, e);

		if (rc != RC_OK || total < 0 || (int64_t)r->seen.count >= total || (i > 0 && r->seen.count == before))
			return rc;
	}
	return err_set(e, RC_REMOTE,
		"The list of %s changed in Syncro while it was read, again and again. Try when fewer people work in "
		"it.",
		l->what);
}

static enum rc read_all(struct reading *r, bool products_done, struct err *e)
{
	static const struct list customers = { "/customers?include_disabled=true", "customers", "customers",
		customer_row };
	static const struct list products = { "/products", "products", "products", product_row };
	static const struct list schedules = { "/schedules", "schedules", "recurring invoices", schedule_row };
	enum rc rc = read_list(r, &customers, e);

	ids_sort(&r->left_out);
	if (rc == RC_OK && r->s.how->full && !products_done) {
		rc = read_list(r, &products, e);
		if (rc == RC_OK)
			rc = r->s.sink->checkpoint(r->s.sink->arg, "schedules", e);
	}
	return rc == RC_OK ? read_list(r, &schedules, e) : rc;
}

enum rc syncro_sync(struct psa_conn *c, struct psa_sync *how, const struct psa_sink *sink, struct err *e)
{
	struct reading r = { .c = c };
	enum rc rc;

	syncing_begin(&r.s, how, sink, &c->wire);
	rc = read_all(&r, how->cursor && strcmp(how->cursor, "schedules") == 0, e);
	how->ret_watermark = clock_now();
	syncing_end(&r.s);
	free(r.left_out.id);
	free(r.seen.id);
	arena_release(&r.arena);
	return rc;
}
