/* Reads all of it into a sink: customers, items, then recurring invoices one by one with their lines.
 *
 * Only a template read by itself surely holds its pro-rata rows and the rules of its automatic lines, so each is. A
 * quick sync reads those that changed, and those that HaloPSA counts by itself. After the items and after every
 * template a checkpoint is told: "templates -94 1788..." is the phase, the last template done and the greatest time of
 * change seen.
 */
#include "psa/halo/ha.h"
#include "psa/syncing.h"

#include <stdlib.h>
#include <string.h>

#define OVERLAP (10 * 60 * CLOCK_SECOND)

struct row {
	int64_t id;
	struct psa_contract contract;
	const char *reason; /* why it is left out, or NULL */
	bool same; /* its lines are as they were */
};

struct reading {
	struct psa_conn *c;
	struct syncing s;
	struct arena arena; /* of the templates */
	struct row *row;
	size_t rows, cap;
	int64_t *left; /* customers left out */
	size_t lefts, left_cap;
};

static int64_t number(const char *id)
{
	return strtoll(id, NULL, 10);
}

static bool unchanged(struct reading *r, const struct json *v, const char *key)
{
	return syncing_unchanged(&r->s, ha_changed(v, key), OVERLAP);
}

static bool left_out(const struct reading *r, int64_t id)
{
	for (size_t i = 0; i < r->lefts; i++) {
		if (r->left[i] == id)
			return true;
	}
	return false;
}

static enum rc client_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	bool same = unchanged(r, v, "alastupdate");
	struct psa_account account;

	r->s.done++;
	if (ha_check_account(v, e) != RC_OK)
		return e->rc;
	ha_account(a, v, &account);
	if (json_true(json_get(v, "inactive"))) {
		if (r->lefts == r->left_cap) {
			r->left_cap = r->left_cap ? r->left_cap * 2 : 64;
			r->left = xrealloc(r->left, r->left_cap * sizeof(*r->left));
		}
		r->left[r->lefts++] = number(account.remote_id);
		return same ? RC_OK : syncing_skip(&r->s, "account", account.remote_id, account.name, "inactive", e);
	}
	return same ? RC_OK : r->s.sink->account(r->s.sink->arg, &account, e);
}

static enum rc read_clients(struct reading *r, struct err *e)
{
	struct ha_list list = { "Client", "&includeactive=true&includeinactive=true", r, client_row };
	enum rc rc;

	r->s.done = 0;
	rc = ha_list(r->c, &list, e);
	return rc == RC_OK ? syncing_progress(&r->s, "customers", 0, e) : rc;
}

static enum rc item_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	struct psa_product p;

	r->s.done++;
	if (unchanged(r, v, "lastmodified"))
		return RC_OK;
	if (ha_product(v, &p, e) != RC_OK)
		return e->rc;
	return r->s.sink->product(r->s.sink->arg, &p, e);
}

static enum rc read_items(struct reading *r, struct err *e)
{
	struct ha_list list = { "Item", "", r, item_row };
	enum rc rc;

	if (strcmp(r->s.phase, "templates") == 0)
		return RC_OK;
	r->s.done = 0;
	rc = ha_list(r->c, &list, e);
	if (rc == RC_OK)
		rc = syncing_progress(&r->s, "items", 0, e);
	return rc == RC_OK ? syncing_checkpoint(&r->s, "templates", INT64_MIN / 2, e) : rc;
}

static const char *kept(struct reading *r, const char *text)
{
	return arena_strdup(&r->arena, text);
}

static enum rc template_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	const char *reason = ha_contract_skip(a, v, r->c->host.today);
	struct psa_contract c;
	struct row *row;

	if (ha_check_contract(v, e) != RC_OK)
		return e->rc;
	ha_contract(a, v, &c);
	if (!wire_is_id(c.remote_id, true))
		return wire_strange(e, "HaloPSA", "a recurring invoice has no id");
	if (!reason && left_out(r, number(c.account_remote_id)))
		reason = "its customer is inactive";
	if (r->rows == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 128;
		r->row = xrealloc(r->row, r->cap * sizeof(*r->row));
	}
	row = &r->row[r->rows++];
	*row = (struct row){ .id = number(c.remote_id), .contract = c, .reason = reason ? kept(r, reason) : NULL };
	row->same = unchanged(r, v, "last_modified") && !json_true(json_get(v, "contains_calculated_quantity"));
	row->contract.remote_id = kept(r, c.remote_id);
	row->contract.account_remote_id = kept(r, c.account_remote_id);
	row->contract.name = kept(r, c.name);
	row->contract.cycle = kept(r, c.cycle);
	row->contract.currency = kept(r, *c.currency ? c.currency : r->c->currency);
	return RC_OK;
}

static int by_id(const void *a, const void *b)
{
	int64_t x = ((const struct row *)a)->id, y = ((const struct row *)b)->id;

	return (x > y) - (x < y);
}

enum rc ha_template(struct psa_conn *c, struct arena *a, const char *contract, const struct json **ret, struct err *e)
{
	struct json *v;
	enum rc rc;

	if (!wire_is_id(contract, true))
		return err_set(e, RC_NOT_FOUND, "\"%.40s\" is no recurring invoice of HaloPSA.", contract);
	rc = ha_get(c, a, arena_printf(a, "RecurringInvoice/%s?includedetails=true", contract), &v, e);
	if (rc != RC_OK)
		return rc;
	if (strcmp(ha_text(v, "id"), "0") == 0)
		return err_set(e, RC_NOT_FOUND, "HaloPSA has no recurring invoice %s.", contract);
	if (strcmp(ha_text(v, "id"), contract) != 0)
		return wire_strange(e, "HaloPSA", "\"id\" of recurring invoice %s is another", contract);
	if (ha_check_contract(v, e) != RC_OK)
		return e->rc;
	if (!json_is(json_get(v, "lines"), JSON_ARRAY))
		return wire_strange(e, "HaloPSA", "\"lines\" of recurring invoice %s is no list", contract);
	*ret = v;
	return RC_OK;
}

static enum rc tell_lines(struct reading *r, const struct row *row, const struct json *header, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const struct json *list = json_get(header, "lines");
	struct psa_line *lines = arena_array(&a, list->count + 1, sizeof(*lines));
	size_t n = 0;
	enum rc rc = RC_OK;

	for (const struct json *v = list->child; v && rc == RC_OK; v = v->next) {
		const char *reason;
		qty order;

		rc = ha_line(v, row->contract.remote_id, &lines[n], &order, &reason, e);
		if (rc == RC_OK && reason)
			rc = syncing_skip(&r->s, "line", lines[n].remote_id, lines[n].description, reason, e);
		else
			n++;
	}
	return rc == RC_OK ? r->s.sink->lines(r->s.sink->arg, row->contract.remote_id, lines, n, e) : rc;
}

static enum rc read_template(struct reading *r, struct row *row, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const struct json *header = NULL;
	enum rc rc;

	if (row->same)
		return r->s.sink->contract(r->s.sink->arg, &row->contract, e);
	rc = ha_template(r->c, &a, row->contract.remote_id, &header, e);
	if (rc == RC_NOT_FOUND)
		return syncing_skip(
			&r->s, "contract", row->contract.remote_id, row->contract.name, "deleted while it was read", e);
	if (rc == RC_OK)
		rc = r->s.sink->contract(r->s.sink->arg, &row->contract, e);
	return rc == RC_OK ? tell_lines(r, row, header, e) : rc;
}

static enum rc one_template(struct reading *r, struct row *row, struct err *e)
{
	enum rc rc;

	if (r->c->wire.stop && r->c->wire.stop(r->c->wire.stop_arg))
		return err_set(e, RC_BUSY, "Stopped on request.");
	rc = read_template(r, row, e);
	r->s.done++;
	if (rc == RC_OK)
		rc = syncing_progress(&r->s, "recurring invoices", (int64_t)r->rows, e);
	return rc == RC_OK && !row->same ? syncing_checkpoint(&r->s, "templates", row->id, e) : rc;
}

static enum rc read_templates(struct reading *r, struct err *e)
{
	struct ha_list list = { "RecurringInvoice", "", r, template_row };
	bool resumed = strcmp(r->s.phase, "templates") == 0;
	enum rc rc = ha_list(r->c, &list, e);

	r->s.done = 0;
	if (r->rows)
		qsort(r->row, r->rows, sizeof(*r->row), by_id);
	for (size_t i = 0; i < r->rows && rc == RC_OK; i++) {
		struct row *row = &r->row[i];

		if (row->reason)
			rc = syncing_skip(
				&r->s, "contract", row->contract.remote_id, row->contract.name, row->reason, e);
		else if (resumed && row->id <= r->s.after)
			r->s.done++;
		else
			rc = one_template(r, row, e);
	}
	return rc;
}

enum rc ha_sync(struct psa_conn *c, struct psa_sync *how, const struct psa_sink *sink, struct err *e)
{
	struct reading r = { .c = c };
	enum rc rc;

	syncing_begin(&r.s, how, sink, &c->wire);
	rc = read_clients(&r, e);
	if (rc == RC_OK)
		rc = read_items(&r, e);
	if (rc == RC_OK)
		rc = read_templates(&r, e);
	how->ret_watermark = r.s.seen;
	syncing_end(&r.s);
	free(r.row);
	free(r.left);
	arena_release(&r.arena);
	return rc;
}

enum rc ha_read_line(struct psa_conn *c, struct arena *a, const char *contract, const char *line, struct psa_line *ret,
	struct err *e)
{
	const struct json *header = NULL, *v;
	struct psa_contract of;
	const char *reason;
	qty order;
	enum rc rc = ha_template(c, a, contract, &header, e);

	if (rc != RC_OK)
		return rc;
	v = ha_find_line(header, line);
	if (!v)
		return err_set(e, RC_NOT_FOUND, "The line is gone from the recurring invoice in HaloPSA.");
	rc = ha_line(v, arena_strdup(a, contract), ret, &order, &reason, e);
	if (rc != RC_OK)
		return rc;
	if (reason)
		return err_set(e, RC_REMOTE, "The line in HaloPSA cannot be used: %s.", reason);
	ha_contract(a, header, &of);
	ret->agreement_active = !ha_contract_skip(a, header, c->host.today);
	ret->billed_through = of.billed_through;
	return RC_OK;
}
