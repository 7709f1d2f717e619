/* plan_map.c - accounts and services of a plan: what they are now, what they shall be. */
#include "core/mapping/map.h"
#include "core/mapping/plan_part.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* A mapping as it is or as it shall be, of an account or a service. */
struct state {
	const char *id, *name;
	const char *status;
	const char *psa_account;
	const char *products[MAP_PRODUCTS_MAX];
	size_t product_count;
	const char *mode, *unit_basis;
	int detect;
};

static const char *state_text(struct plan *p, const struct state *s, bool service)
{
	struct plan_text t;

	plan_text_begin(&t);
	jsonw_object(&t.w);
	jsonw_kv(&t.w, "name", s->name);
	jsonw_kv(&t.w, "status", s->status);
	if (!service)
		jsonw_kv(&t.w, "psa_account_id", s->psa_account);
	if (service) {
		jsonw_key(&t.w, "product_ids");
		jsonw_array(&t.w);
		for (size_t i = 0; i < s->product_count; i++)
			jsonw_string(&t.w, s->products[i]);
		jsonw_end_array(&t.w);
		jsonw_kv(&t.w, "mode", s->mode);
		jsonw_kv(&t.w, "unit_basis", s->unit_basis);
	}
	jsonw_kv_bool(&t.w, "detect_new_revenue", s->detect);
	jsonw_end_object(&t.w);
	return plan_text_end(p, &t);
}

/* "mapped" need not be said where what it is mapped to is. */
static enum rc read_status(
	const struct json *item, const char *target, const char *place, struct state *want, struct err *e)
{
	char pointer[200];

	want->status = json_member(item, "status");
	if (!want->status && !json_is_null(json_get(item, target)))
		want->status = "mapped";
	if (want->status)
		return RC_OK;
	snprintf(pointer, sizeof(pointer), "%s/status", place);
	return err_at(e, RC_INVALID, pointer, "Say %s, or a status of excluded or unmapped.", target);
}

static int read_detect(const struct json *item, int now)
{
	const struct json *v = json_get(item, "detect_new_revenue");

	return json_is_null(v) ? now : json_true(v);
}

static enum rc not_clear(const char *what, const char *name, unsigned count, const char *place, struct err *e)
{
	if (count == 0)
		return err_at(e, RC_INVALID, place, "The vendor has sent no %s \"%s\".", what, name);
	return err_at(e, RC_INVALID, place, "More than one %s is called \"%s\"; name it by its id.", what, name);
}

/* ---- accounts ---- */

static enum rc account_now(
	struct plan *p, const char *integration, const char *name, const char *place, struct state *ret, struct err *e)
{
	unsigned count = 0;
	struct rows r;
	enum rc rc;

	sql_query(p->tx, &r, SQL_PLAN_VENDOR_ACCOUNT, "ttt", p->who->org, integration, name);
	for (; rows_next(&r); count++) {
		if (count)
			continue;
		ret->id = rows_dup(&r, p->arena, 0);
		ret->name = rows_dup(&r, p->arena, 1);
		ret->status = rows_dup(&r, p->arena, 2);
		ret->psa_account = rows_dup(&r, p->arena, 3);
		ret->detect = rows_int(&r, 4) != 0;
	}
	rc = rows_end(&r, e);
	if (rc == RC_OK && (count == 0 || (count > 1 && strcmp(ret->id, name) != 0)))
		return not_clear("account", name, count, place, e);
	return rc;
}

static enum rc account_wanted(struct plan *p, const struct json *item, const char *place, const struct state *now,
	struct state *ret, struct err *e)
{
	char pointer[200];
	enum rc rc = read_status(item, "psa_account", place, ret, e);

	ret->name = now->name;
	ret->detect = read_detect(item, now->detect);
	snprintf(pointer, sizeof(pointer), "%s/psa_account", place);
	if (rc == RC_OK && strcmp(ret->status, "mapped") == 0)
		rc = plan_id(p, SQL_PLAN_ACCOUNT, json_member(item, "psa_account"), "PSA account", pointer,
			&ret->psa_account, e);
	return rc;
}

static enum rc set_account(
	struct plan *p, const char *integration, const struct state *now, const struct state *want, struct err *e)
{
	struct map_account m = {
		.status = want->status, .psa_account = want->psa_account, .detect_new_revenue = want->detect
	};
	enum rc rc = map_set_account(p->tx, p->who, integration, now->id, &m, e);

	if (rc != RC_OK)
		return rc;
	return plan_note(p, "set", "mapping.account", arena_printf(p->arena, "account %s", now->id),
		state_text(p, now, false), state_text(p, want, false), e);
}

static enum rc plan_account(
	struct plan *p, const char *integration, const struct json *item, const char *place, struct err *e)
{
	struct state now = { 0 }, want = { 0 };
	const char *name = "";
	enum rc rc = plan_known(item, place, "account|status|psa_account|detect_new_revenue", e);

	if (rc == RC_OK)
		rc = plan_text(item, "account", place, &name, e);
	if (rc == RC_OK)
		rc = account_now(p, integration, name, place, &now, e);
	if (rc == RC_OK)
		rc = account_wanted(p, item, place, &now, &want, e);
	if (rc != RC_OK)
		return rc;
	if (text_same(now.status, want.status) && text_same(now.psa_account, want.psa_account) &&
		now.detect == want.detect)
		return RC_OK;
	rc = set_account(p, integration, &now, &want, e);
	return rc == RC_OK ? rc : plan_place(place, e);
}

/* ---- services ---- */

static enum rc service_products(struct plan *p, struct state *s, struct err *e)
{
	struct rows r;

	sql_query(p->tx, &r, SQL_PLAN_SERVICE_PRODUCTS, "tt", p->who->org, s->id);
	while (rows_next(&r)) {
		if (s->product_count < MAP_PRODUCTS_MAX)
			s->products[s->product_count++] = rows_dup(&r, p->arena, 0);
	}
	return rows_end(&r, e);
}

static enum rc service_now(
	struct plan *p, const char *integration, const char *name, const char *place, struct state *ret, struct err *e)
{
	unsigned count = 0;
	struct rows r;
	enum rc rc;

	sql_query(p->tx, &r, SQL_PLAN_SERVICE, "ttt", p->who->org, integration, name);
	for (; rows_next(&r); count++) {
		if (count)
			continue;
		ret->id = rows_dup(&r, p->arena, 0);
		ret->name = rows_dup(&r, p->arena, 1);
		ret->status = rows_dup(&r, p->arena, 2);
		ret->mode = rows_dup(&r, p->arena, 3);
		ret->unit_basis = rows_dup(&r, p->arena, 4);
		ret->detect = rows_int(&r, 5) != 0;
	}
	rc = rows_end(&r, e);
	if (rc == RC_OK && (count == 0 || (count > 1 && strcmp(ret->id, name) != 0)))
		return not_clear("service", name, count, place, e);
	return rc == RC_OK ? service_products(p, ret, e) : rc;
}

static enum rc wanted_products(
	struct plan *p, const struct json *item, const char *place, struct state *ret, struct err *e)
{
	const struct json *list;
	enum rc rc = plan_array(item, "products", place, &list, e);

	for (const struct json *v = list ? list->child : NULL; v && rc == RC_OK; v = v->next) {
		char pointer[200];

		snprintf(pointer, sizeof(pointer), "%s/products/%zu", place, ret->product_count);
		if (ret->product_count == MAP_PRODUCTS_MAX)
			return err_at(e, RC_INVALID, pointer, "A service has at most %d products.", MAP_PRODUCTS_MAX);
		if (!json_text(v))
			return err_at(e, RC_INVALID, pointer, "A product is named by its Product ID.");
		rc = plan_id(
			p, SQL_PLAN_PRODUCT, json_text(v), "product", pointer, &ret->products[ret->product_count++], e);
	}
	return rc;
}

static enum rc service_wanted(struct plan *p, const struct json *item, const char *place, const struct state *now,
	struct state *ret, struct err *e)
{
	enum rc rc = read_status(item, "products", place, ret, e);

	ret->name = now->name;
	ret->detect = read_detect(item, now->detect);
	if (rc != RC_OK || strcmp(ret->status, "mapped") != 0)
		return rc;
	ret->mode = json_text_or(json_get(item, "mode"), "copy");
	ret->unit_basis = json_member(item, "unit_basis");
	return wanted_products(p, item, place, ret, e);
}

static bool same_service(const struct state *a, const struct state *b)
{
	bool mapped = text_same(b->status, "mapped");

	if (!text_same(a->status, b->status) || a->detect != b->detect)
		return false;
	if (!mapped)
		return true;
	if (!text_same(a->mode, b->mode) || !text_same(a->unit_basis, b->unit_basis) ||
		a->product_count != b->product_count)
		return false;
	for (size_t i = 0; i < a->product_count; i++)
		if (strcmp(a->products[i], b->products[i]) != 0)
			return false;
	return true;
}

static enum rc set_service(
	struct plan *p, const char *integration, const struct state *now, const struct state *want, struct err *e)
{
	struct map_service m = { .status = want->status,
		.products = want->products,
		.product_count = want->product_count,
		.mode = want->mode,
		.unit_basis = want->unit_basis,
		.detect_new_revenue = want->detect };
	enum rc rc = map_set_service(p->tx, p->who, integration, now->id, &m, e);

	if (rc != RC_OK)
		return rc;
	return plan_note(p, "set", "mapping.service", arena_printf(p->arena, "service %s", now->id),
		state_text(p, now, true), state_text(p, want, true), e);
}

static enum rc plan_service(
	struct plan *p, const char *integration, const struct json *item, const char *place, struct err *e)
{
	struct state now = { 0 }, want = { 0 };
	const char *name = "";
	enum rc rc = plan_known(item, place, "service|status|products|mode|unit_basis|detect_new_revenue", e);

	if (rc == RC_OK)
		rc = plan_text(item, "service", place, &name, e);
	if (rc == RC_OK)
		rc = service_now(p, integration, name, place, &now, e);
	if (rc == RC_OK)
		rc = service_wanted(p, item, place, &now, &want, e);
	if (rc != RC_OK || same_service(&now, &want))
		return rc;
	rc = set_service(p, integration, &now, &want, e);
	return rc == RC_OK ? rc : plan_place(place, e);
}

/* ---- integrations ---- */

typedef enum rc (*item_fn)(struct plan *, const char *, const struct json *, const char *, struct err *);

static enum rc plan_items(struct plan *p, const char *integration, const struct json *object, const char *key,
	const char *place, item_fn fn, struct err *e)
{
	const struct json *list;
	char below[160];
	enum rc rc = plan_array(object, key, place, &list, e);
	int i = 0;

	for (const struct json *v = list ? list->child : NULL; v && rc == RC_OK; v = v->next) {
		snprintf(below, sizeof(below), "%s/%s/%d", place, key, i++);
		rc = fn(p, integration, v, below, e);
	}
	return rc;
}

static enum rc plan_integration(struct plan *p, const struct json *item, const char *place, struct err *e)
{
	const char *name, *id = NULL;
	char pointer[160];
	enum rc rc = plan_known(item, place, "integration|accounts|services", e);

	snprintf(pointer, sizeof(pointer), "%s/integration", place);
	if (rc == RC_OK)
		rc = plan_text(item, "integration", place, &name, e);
	if (rc == RC_OK)
		rc = plan_id(p, SQL_PLAN_INTEGRATION, name, "integration", pointer, &id, e);
	if (rc == RC_OK)
		rc = plan_items(p, id, item, "accounts", place, plan_account, e);
	return rc == RC_OK ? plan_items(p, id, item, "services", place, plan_service, e) : rc;
}

enum rc plan_mappings(struct plan *p, const struct json *file, struct err *e)
{
	const struct json *list;
	char place[64];
	enum rc rc = plan_array(file, "integrations", "", &list, e);
	int i = 0;

	for (const struct json *v = list ? list->child : NULL; v && rc == RC_OK; v = v->next) {
		snprintf(place, sizeof(place), "/integrations/%d", i++);
		rc = plan_integration(p, v, place, e);
	}
	return rc;
}
