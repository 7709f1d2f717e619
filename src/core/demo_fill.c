/* The vendors of a demo, as samples/demo/vendors.json has them: accounts and services as a vendor would tell them,
 * counts as a bulk push would bring them, and then what a person would do: map, exclude, set a rule. A count of months
 * ago is in the ledger as what it is: observed then, received now. */
#include "core/demo.h"

#include "core/book/book.h"
#include "core/usage/bulk.h"
#include "core/usage/integration.h"
#include "core/mapping/map.h"
#include "core/rules/rulestore.h"
#include "core/usage/service.h"
#include "core/usage/vendor_account.h"

#include <string.h>

#define VENDORS "vendors.json"
#define PSA_KIND "files"

enum { JSON_ROOM = 1 << 20 };

struct fill {
	struct tx *tx;
	struct arena *a;
	const struct principal *who;
	const char *integration;
	const struct json *sample; /* of that integration */
	day today;
};

static enum rc parse(struct arena *a, const char *text, size_t len, const struct json **ret, struct err *e)
{
	struct json *v;
	enum rc rc = json_parse(a, text, len, NULL, &v, e);

	*ret = rc == RC_OK ? v : NULL;
	return rc;
}

static const char *book(const struct fill *f, const char *what, const char *remote_id)
{
	return book_id(f->a, f->who->org, PSA_KIND, what, remote_id);
}

static enum rc put_names(struct fill *f, struct err *e)
{
	enum rc rc = RC_OK;

	for (const struct json *s = json_get(f->sample, "services")->child; s && rc == RC_OK; s = s->next) {
		struct service_put put = { .vendor_id = json_member(s, "id"),
			.name = json_member(s, "name"),
			.is_active = -1,
			.is_arrears = -1 };
		struct service made;

		rc = service_put_organization(f->tx, f->a, f->who->org, f->integration, &put, &made, e);
	}
	for (const struct json *v = json_get(f->sample, "accounts")->child; v && rc == RC_OK; v = v->next) {
		struct vendor_account_put put = { .vendor_id = json_member(v, "id"),
			.name = json_member(v, "name"),
			.is_active = -1,
			.is_arrears = -1 };
		struct vendor_account made;

		rc = vendor_account_put(f->tx, f->a, f->who->org, f->integration, &put, &made, e);
	}
	return rc;
}

/* The last count of a list is of now, the one before of the first of this month, and so on back. */
static void write_when(struct jsonw *w, const struct fill *f, int back)
{
	char at[CLOCK_TEXT];

	if (back)
		jsonw_kv(w, "observed_at", clock_format((utime)day_month_start(f->today, 1 - back) * CLOCK_DAY, at));
}

static void write_counts(struct jsonw *w, const struct fill *f, const struct json *account, const struct json *counts)
{
	int back = -1;

	for (const struct json *n = counts->child; n; n = n->next)
		back++;
	for (const struct json *n = counts->child; n; n = n->next, back--) {
		if (json_is_null(n))
			continue;
		jsonw_object(w);
		jsonw_kv(w, "account", json_member(account, "id"));
		jsonw_kv(w, "service", counts->key);
		jsonw_kv(w, "units", json_scalar(n));
		write_when(w, f, back);
		jsonw_end_object(w);
	}
}

static enum rc put_counts(struct fill *f, struct err *e)
{
	struct bulk b = { .org = f->who->org, .integration = f->integration };
	AUTO(buf) text = BUF_INIT(JSON_ROOM);
	struct bulk_result result;
	struct jsonw w;
	enum rc rc;

	jsonw_init(&w, &text, 0);
	jsonw_array(&w);
	for (const struct json *v = json_get(f->sample, "accounts")->child; v; v = v->next) {
		for (const struct json *c = json_get(v, "counts")->child; c; c = c->next)
			write_counts(&w, f, v, c);
	}
	jsonw_end_array(&w);
	rc = parse(f->a, buf_text(&text), strlen(buf_text(&text)), &b.items, e);
	return rc == RC_OK ? bulk_add(f->tx, &b, &result, e) : rc;
}

/* Equal names are mapped by themselves when the cards are made; here is what a person adds to that. */
static enum rc map_account(struct fill *f, const struct json *v, struct err *e)
{
	const char *customer = json_member(v, "customer");
	bool exclude = json_true(json_get(v, "exclude"));
	struct map_account m = { .status = exclude ? "excluded" : "mapped", .detect_new_revenue = -1 };
	struct vendor_account found;
	enum rc rc;

	if (!customer && !exclude)
		return RC_OK;
	if (customer)
		m.psa_account = book(f, "account", customer);
	rc = vendor_account_find(f->tx, f->a, f->who->org, f->integration, json_member(v, "id"), &found, e);
	return rc == RC_OK ? map_set_account(f->tx, f->who, f->integration, found.id, &m, e) : rc;
}

static enum rc map_service(struct fill *f, const struct json *s, struct err *e)
{
	const struct json *codes = json_get(s, "products");
	const char *products[MAP_PRODUCTS_MAX];
	struct map_service m = { .status = "mapped",
		.products = products,
		.unit_basis = json_member(s, "unit_basis"),
		.detect_new_revenue = -1 };
	struct service found;
	enum rc rc;

	if (json_is_null(codes))
		return RC_OK;
	for (const struct json *code = codes->child; code && m.product_count < MAP_PRODUCTS_MAX; code = code->next)
		products[m.product_count++] = book(f, "product", json_text(code));
	rc = service_find(f->tx, f->a, f->who->org, f->integration, json_member(s, "id"), &found, e);
	return rc == RC_OK ? map_set_service(f->tx, f->who, f->integration, found.id, &m, e) : rc;
}

static enum rc map_names(struct fill *f, struct err *e)
{
	const char *org = f->who->org, *job;
	int64_t equal;
	enum rc rc = map_auto_accounts(f->tx, org, f->integration, NULL, &equal, e);

	for (const struct json *v = json_get(f->sample, "accounts")->child; v && rc == RC_OK; v = v->next)
		rc = map_account(f, v, e);
	for (const struct json *s = json_get(f->sample, "services")->child; s && rc == RC_OK; s = s->next)
		rc = map_service(f, s, e);
	return rc == RC_OK ? map_finish(f->tx, f->who, f->integration, &job, e) : rc;
}

static enum rc put_integration(struct fill *f, struct err *e)
{
	struct integration_new n = { .vendor = json_member(f->sample, "vendor"),
		.name = json_member(f->sample, "name") };
	enum rc rc = integration_create(f->tx, f->who->org, &n, &f->integration, e);

	if (rc == RC_OK)
		rc = integration_patch(f->tx, f->who->org, f->integration, json_get(f->sample, "settings"), e);
	if (rc == RC_OK)
		rc = put_names(f, e);
	if (rc == RC_OK)
		rc = put_counts(f, e);
	return rc == RC_OK ? map_names(f, e) : rc;
}

/* A sample names customers and products by their numbers; what takes it wants ids of the book. */
static enum rc put_words(struct fill *f, const struct json *sample, bool override, struct err *e)
{
	const char *customer = json_member(sample, "customer"), *product = json_member(sample, "product"), *id;
	AUTO(buf) text = BUF_INIT(JSON_ROOM);
	const struct json *body;
	char until[DAY_TEXT];
	int64_t months;
	struct jsonw w;
	enum rc rc;

	jsonw_init(&w, &text, 0);
	jsonw_object(&w);
	for (const struct json *m = sample->child; m; m = m->next) {
		if (json_text(m) && json_text(m) != customer && json_text(m) != product)
			jsonw_kv(&w, m->key, json_text(m));
	}
	if (customer)
		jsonw_kv(&w, "account_id", book(f, "account", customer));
	if (product)
		jsonw_kv(&w, "product_id", book(f, "product", product));
	if (json_int(json_get(sample, "months"), 1, 120, &months) == RC_OK)
		jsonw_kv(&w, "expires", day_format(day_month_start(f->today, (int)months), until));
	jsonw_end_object(&w);
	rc = parse(f->a, buf_text(&text), strlen(buf_text(&text)), &body, e);
	if (rc != RC_OK)
		return rc;
	return override ? override_put(f->tx, f->who, NULL, body, &id, e)
			: rulestore_put(f->tx, f->who, NULL, body, &id, e);
}

static enum rc fill_all(struct fill *f, const struct json *root, struct err *e)
{
	enum rc rc = RC_OK;

	for (const struct json *i = json_get(root, "integrations")->child; i && rc == RC_OK; i = i->next) {
		f->sample = i;
		rc = put_integration(f, e);
	}
	for (const struct json *r = json_get(root, "rules")->child; r && rc == RC_OK; r = r->next)
		rc = put_words(f, r, false, e);
	for (const struct json *o = json_get(root, "overrides")->child; o && rc == RC_OK; o = o->next)
		rc = put_words(f, o, true, e);
	return rc;
}

static const struct demo_text *vendors(void)
{
	for (const struct demo_text *t = demo_texts; t->name; t++) {
		if (strcmp(t->name, VENDORS) == 0)
			return t;
	}
	BUG("no sample %s", VENDORS);
}

/* RC_NOT_FOUND: the demo was ended meanwhile. */
static enum rc is_filled(struct tx *tx, const char *org, bool *ret, struct err *e)
{
	bool there = false;
	struct rows r;
	enum rc rc;

	*ret = false;
	sql_query(tx, &r, SQL_DEMO_GET, "t", org);
	if (rows_next(&r)) {
		there = true;
		*ret = !rows_null(&r, 1);
	}
	rc = rows_end(&r, e);
	return rc == RC_OK && !there ? err_set(e, RC_NOT_FOUND, "The demo data was cleared meanwhile.") : rc;
}

enum rc demo_fill(struct tx *tx, const struct principal *who, struct err *e)
{
	struct fill f = { .tx = tx, .a = tx_arena(tx), .who = who, .today = day_today() };
	const struct demo_text *t = vendors();
	const struct json *root;
	bool filled;
	enum rc rc = tx_lock_org(tx, who->org, e);

	if (rc == RC_OK)
		rc = is_filled(tx, who->org, &filled, e);
	if (rc != RC_OK || filled)
		return rc;
	rc = parse(f.a, t->text, t->len, &root, e);
	if (rc == RC_OK)
		rc = fill_all(&f, root, e);
	return rc == RC_OK ? sql_exec(tx, e, SQL_DEMO_FILLED, "ti", who->org, clock_now()) : rc;
}
