/* Reads all of it into a sink: companies, agreements, the catalogue, then the additions of every agreement.
 *
 * There is no list of additions across agreements, so they are read agreement by agreement, several in flight,
 * in windows. After each window (and each page of the catalogue) a checkpoint is told: "additions 77 1788..."
 * is the phase, the last id done and the greatest change time seen. An interrupted sync reads companies and
 * agreements again - a few pages - and goes on behind that. A quick sync takes from companies and catalogue
 * only what changed; agreements and additions it always reads whole, because a changed addition does not
 * touch its agreement.
 */
#include "psa/connectwise/cw.h"
#include "psa/syncing.h"

#include "base/codec.h"

#include <stdlib.h>
#include <string.h>

enum { WINDOW = 64 };

#define OVERLAP (5 * 60 * CLOCK_SECOND)

#define COMPANY_FIELDS "&fields=id,identifier,name,status,types,website,deletedFlag,_info"
#define AGREEMENT_FIELDS                                                                                               \
	"&fields=id,name,type,company,parentAgreement,startDate,endDate,noEndingDateFlag,cancelledFlag,billingCycle,"  \
	"prorateFlag,nextInvoiceDate,currency,agreementStatus,_info"
#define PRODUCT_FIELDS                                                                                                 \
	"&fields=id,identifier,description,productClass,unitOfMeasure,price,cost,inactiveFlag,serializedFlag,_info"

struct ids {
	int64_t *id;
	size_t count, cap;
};

struct reading {
	struct psa_conn *c;
	struct syncing s;
	struct ids left_out; /* companies, in order */
	struct ids agreements; /* whose additions are read, in order */
	size_t window; /* index of its first agreement */
	struct ids overfull; /* of this window: more additions than a page holds */
};

static void ids_add(struct ids *l, int64_t id)
{
	if (l->count == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 64;
		l->id = xrealloc(l->id, l->cap * sizeof(*l->id));
	}
	l->id[l->count++] = id;
}

static int compare_ids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void ids_sort(struct ids *l)
{
	if (l->count)
		qsort(l->id, l->count, sizeof(*l->id), compare_ids);
}

static bool ids_have(const struct ids *l, int64_t id)
{
	return l->count && bsearch(&id, l->id, l->count, sizeof(id), compare_ids);
}

static int64_t number(const char *id)
{
	return strtoll(id, NULL, 10);
}

static bool unchanged(struct reading *r, const struct json *v)
{
	return syncing_unchanged(&r->s, cw_updated(v), OVERLAP);
}

static enum rc skip(
	struct reading *r, const char *what, const struct json *v, const char *name, const char *reason, struct err *e)
{
	return syncing_skip(&r->s, what, cw_id(v), name, reason, e);
}

static enum rc check_company(const struct json *v, struct err *e)
{
	enum rc rc = cw_check("company", v, cw_shape_account, e);
	const struct json *types = json_get(v, "types");

	for (const struct json *t = types ? types->child : NULL; t && rc == RC_OK; t = t->next)
		rc = cw_check("type of a company", t, cw_shape_type, e);
	return rc;
}

static enum rc company_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	const char *reason = cw_account_skip(a, r->c, v);
	bool same = unchanged(r, v);
	struct psa_account account;

	if (check_company(v, e) != RC_OK)
		return e->rc;
	r->s.done++;
	if (reason)
		ids_add(&r->left_out, number(cw_id(v)));
	if (same)
		return RC_OK;
	if (reason)
		return skip(r, "account", v, json_member(v, "name"), reason, e);
	cw_account(a, v, &account);
	return r->s.sink->account(r->s.sink->arg, &account, e);
}

static enum rc company_page(void *arg, int64_t last, struct err *e)
{
	struct reading *r = arg;

	return syncing_progress(&r->s, "companies", 0, e);
}

static enum rc read_companies(struct reading *r, struct err *e)
{
	struct cw_list list = { "/company/companies", COMPANY_FIELDS, 0, r, company_row, company_page };
	enum rc rc;

	r->s.done = 0;
	rc = cw_list(r->c, &list, e);
	ids_sort(&r->left_out);
	return rc;
}

static enum rc agreement_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	const char *reason = cw_contract_skip(a, v, r->c->host.today);
	struct psa_contract contract;

	if (cw_check("agreement", v, cw_shape_contract, e) != RC_OK)
		return e->rc;
	r->s.done++;
	unchanged(r, v);
	cw_contract(v, &contract);
	if (!reason && ids_have(&r->left_out, number(contract.account_remote_id)))
		reason = "its company is left out";
	if (reason)
		return skip(r, "contract", v, contract.name, reason, e);
	ids_add(&r->agreements, number(contract.remote_id));
	return r->s.sink->contract(r->s.sink->arg, &contract, e);
}

static enum rc agreement_page(void *arg, int64_t last, struct err *e)
{
	struct reading *r = arg;

	return syncing_progress(&r->s, "agreements", 0, e);
}

static enum rc read_agreements(struct reading *r, struct err *e)
{
	struct cw_list list = { "/finance/agreements", AGREEMENT_FIELDS, 0, r, agreement_row, agreement_page };
	enum rc rc;

	r->s.done = 0;
	rc = cw_list(r->c, &list, e);
	ids_sort(&r->agreements);
	return rc;
}

static enum rc product_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	struct psa_product product;

	if (cw_check("product", v, cw_shape_product, e) != RC_OK)
		return e->rc;
	r->s.done++;
	unchanged(r, v);
	cw_product(v, &product);
	if (strcmp(product.product_class, "Bundle") == 0)
		return skip(r, "product", v, product.name, "a bundle: its parts are billed, never itself", e);
	return r->s.sink->product(r->s.sink->arg, &product, e);
}

static enum rc product_page(void *arg, int64_t last, struct err *e)
{
	struct reading *r = arg;
	enum rc rc = syncing_progress(&r->s, "products", 0, e);

	return rc == RC_OK ? syncing_checkpoint(&r->s, "products", last, e) : rc;
}

static enum rc read_products(struct reading *r, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct cw_list list = { "/procurement/catalog", PRODUCT_FIELDS, 0, r, product_row, product_page };
	char since[CLOCK_TEXT];

	if (strcmp(r->s.phase, "additions") == 0)
		return RC_OK;
	if (strcmp(r->s.phase, "products") == 0)
		list.after = r->s.after;
	if (!r->s.how->full && r->s.how->since) {
		const char *condition = arena_printf(
			&a, "lastUpdated>[%.19sZ]", clock_format(r->s.how->since - OVERLAP, since));

		list.query = arena_printf(&a, "&conditions=%s%s", url_encode(&a, condition), PRODUCT_FIELDS);
	}
	r->s.done = 0;
	return cw_list(r->c, &list, e);
}

static const char *additions_path(void *arg, struct arena *a, size_t i)
{
	struct reading *r = arg;

	return arena_printf(a, "/finance/agreements/%lld/additions?pageSize=%d&pageId=0",
		(long long)r->agreements.id[r->window + i], CW_PAGE);
}

/* The lines of one agreement, gathered over its pages. */
struct gather {
	struct reading *r;
	struct arena *arena;
	const char *contract;
	struct psa_line *line;
	size_t count, cap;
};

static enum rc gather_line(struct gather *g, const struct json *v, struct err *e)
{
	struct psa_line line;
	const char *reason = cw_line(v, g->contract, &line);

	if (cw_check("addition", v, cw_shape_line, e) != RC_OK)
		return e->rc;
	if (reason)
		return skip(g->r, "line", v, line.description, reason, e);
	if (g->count == g->cap) {
		struct psa_line *more = arena_array(g->arena, g->cap ? g->cap * 2 : 32, sizeof(line));

		if (g->count)
			memcpy(more, g->line, g->count * sizeof(line));
		g->line = more;
		g->cap = g->cap ? g->cap * 2 : 32;
	}
	g->line[g->count++] = line;
	return RC_OK;
}

static enum rc tell_lines(struct gather *g, struct err *e)
{
	struct reading *r = g->r;

	r->s.done++;
	return r->s.sink->lines(r->s.sink->arg, g->contract, g->line, g->count, e);
}

static enum rc got_additions(void *arg, struct arena *a, size_t i, const struct json *rows, bool more, struct err *e)
{
	struct reading *r = arg;
	int64_t id = r->agreements.id[r->window + i];
	struct gather g = { .r = r, .arena = a, .contract = arena_printf(a, "%lld", (long long)id) };
	enum rc rc = RC_OK;

	if (!rows)
		return syncing_skip(&r->s, "contract", g.contract, NULL, "deleted while it was read", e);
	if (!json_is(rows, JSON_ARRAY))
		return wire_strange(e, "ConnectWise", "what came for additions is no list");
	if (more) {
		ids_add(&r->overfull, id);
		return RC_OK;
	}
	for (const struct json *v = rows->child; v && rc == RC_OK; v = v->next)
		rc = gather_line(&g, v, e);
	return rc == RC_OK ? tell_lines(&g, e) : rc;
}

/* Pages go before all lines are there: the texts must be kept. */
static enum rc paged_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	static const struct json_limits limits = { 1 << 20, 32, 100000 };
	struct gather *g = arg;
	char *text = wire_text(g->arena, v);
	struct json *copy;
	enum rc rc = json_parse(g->arena, text, strlen(text), &limits, &copy, e);

	return rc == RC_OK ? gather_line(g, copy, e) : rc;
}

static enum rc read_overfull(struct reading *r, int64_t id, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct gather g = { .r = r, .arena = &a, .contract = arena_printf(&a, "%lld", (long long)id) };
	struct cw_list list = { .arg = &g, .row = paged_row, .query = "" };
	enum rc rc;

	list.path = arena_printf(&a, "/finance/agreements/%s/additions", g.contract);
	rc = cw_list(r->c, &list, e);
	return rc == RC_OK ? tell_lines(&g, e) : rc;
}

static enum rc read_window(struct reading *r, size_t count, struct err *e)
{
	struct cw_many many = { r, count, additions_path, got_additions };
	enum rc rc = cw_many(r->c, &many, e);

	for (size_t i = 0; i < r->overfull.count && rc == RC_OK; i++)
		rc = read_overfull(r, r->overfull.id[i], e);
	r->overfull.count = 0;
	if (rc == RC_OK)
		rc = syncing_progress(&r->s, "additions", (int64_t)r->agreements.count, e);
	if (rc == RC_OK)
		rc = syncing_checkpoint(&r->s, "additions", r->agreements.id[r->window + count - 1], e);
	return rc;
}

static enum rc read_additions(struct reading *r, struct err *e)
{
	size_t n = r->agreements.count;
	enum rc rc = RC_OK;

	r->s.done = 0;
	while (strcmp(r->s.phase, "additions") == 0 && r->window < n && r->agreements.id[r->window] <= r->s.after) {
		r->window++;
		r->s.done++;
	}
	while (rc == RC_OK && r->window < n) {
		size_t count = n - r->window < WINDOW ? n - r->window : WINDOW;

		rc = read_window(r, count, e);
		r->window += count;
	}
	return rc;
}

enum rc cw_sync(struct psa_conn *c, struct psa_sync *how, const struct psa_sink *sink, struct err *e)
{
	struct reading r = { .c = c };
	enum rc rc;

	syncing_begin(&r.s, how, sink, &c->wire);
	rc = read_companies(&r, e);
	if (rc == RC_OK)
		rc = read_agreements(&r, e);
	if (rc == RC_OK)
		rc = read_products(&r, e);
	if (rc == RC_OK)
		rc = read_additions(&r, e);
	how->ret_watermark = r.s.seen;
	free(r.left_out.id);
	free(r.agreements.id);
	free(r.overfull.id);
	syncing_end(&r.s);
	return rc;
}

/* Additions and their agreement answer different questions; both are read. */
enum rc cw_read_line(struct psa_conn *c, struct arena *a, const char *contract, const char *line, struct psa_line *ret,
	struct err *e)
{
	const char *agreement = arena_printf(a, "/finance/agreements/%s", url_encode(a, contract));
	struct psa_contract of;
	struct json *v;
	const char *reason;
	enum rc rc = cw_get(c, a, cw_path_line(a, contract, line), &v, NULL, e);

	if (rc == RC_OK)
		rc = cw_check("addition", v, cw_shape_line, e);
	if (rc != RC_OK)
		return rc;
	reason = cw_line(v, arena_strdup(a, contract), ret);
	if (reason)
		return err_set(e, RC_REMOTE, "The addition in ConnectWise %s.", reason);
	rc = cw_get(c, a, agreement, &v, NULL, e);
	if (rc == RC_OK)
		rc = cw_check("agreement", v, cw_shape_contract, e);
	if (rc != RC_OK)
		return rc;
	cw_contract(v, &of);
	ret->agreement_active = !cw_contract_skip(a, v, c->host.today);
	ret->billed_through = of.billed_through;
	return RC_OK;
}
