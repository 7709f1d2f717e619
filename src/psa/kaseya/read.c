/* Reads accounts, services, lines, contracts and the invoices that tell the lines' units, or the path of the settings
 * that does.
 *
 * Lines are asked for service by service, and a contract names its account by name only, so all lines are gathered
 * first: a line knows both ids. The units of a line are those of the newest invoice that shows its service on its
 * contract; two different items of the same day (a prorated one among them) leave them unknown. After the services a
 * checkpoint is told; what is gathered behind it is read again by a resumed reading.
 */
#include "psa/kaseya/kb.h"
#include "psa/syncing.h"

#include "base/codec.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LOOK_BACK = 100 };

struct held_line {
	struct psa_line line;
	const char *contract, *account;
};

/* An item of an invoice. */
struct item {
	const char *contract, *name;
	qty units, price;
	day at;
	bool several; /* another of the same day differs */
};

struct named {
	const char *id, *name;
	bool twice; /* another account has the name */
};

struct reading {
	struct psa_conn *c;
	struct syncing s;
	struct arena arena;
	const char *currency;
	const char **services;
	struct named *accounts;
	struct held_line *lines;
	struct item *items;
	const char **invoices;
	size_t service_count, account_count, line_count, item_count, invoice_count;
};

/* Room for one more at the end of an array that grows by doubling. */
static const char *keep(struct reading *r, const char *s)
{
	return arena_strdup(&r->arena, s);
}

static void note_account(struct reading *r, const struct psa_account *a)
{
	struct named *n;

	r->accounts = xmore(r->accounts, &r->account_count, sizeof(*r->accounts));
	n = &r->accounts[r->account_count - 1];
	*n = (struct named){ keep(r, a->remote_id), keep(r, a->name), false };
	for (size_t i = 0; i + 1 < r->account_count; i++) {
		if (strcmp(r->accounts[i].name, n->name) == 0)
			r->accounts[i].twice = n->twice = true;
	}
}

static enum rc account_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	struct fields f = fields_of(r->c->who, "account", v, e);
	struct psa_account account = { .remote_id = field_id(&f, "id", false),
		.code = field_text(&f, "accountCode"),
		.name = field_text(&f, "accountName"),
		.types = field_text(&f, "accountType"),
		.domain = wire_domain(a, field_text(&f, "website")) };
	bool active = json_is_null(json_get(v, "isActive")) || field_bool(&f, "isActive");

	if (!*account.remote_id)
		field_wrong(&f, "id", "is missing");
	if (f.rc != RC_OK)
		return f.rc;
	account.status = active ? "Active" : "Inactive";
	if (!active)
		return syncing_skip(&r->s, "account", account.remote_id, account.name, "inactive", e);
	note_account(r, &account);
	return r->s.sink->account(r->s.sink->arg, &account, e);
}

static enum rc service_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	struct fields f = fields_of(r->c->who, "service", v, e);
	struct psa_product p = { .remote_id = field_id(&f, "id", false),
		.name = field_text(&f, "name"),
		.code = field_text(&f, "name"),
		.product_class = field_text(&f, "category"),
		.unit = field_text(&f, "unitOfMeasure") };

	p.has_price = field_qty(&f, "unitPrice", &p.price);
	p.has_cost = field_qty(&f, "unitCost", &p.cost);
	p.inactive = !json_is_null(json_get(v, "isActive")) && !field_bool(&f, "isActive");
	if (!*p.remote_id)
		field_wrong(&f, "id", "is missing");
	if (f.rc != RC_OK)
		return f.rc;
	r->services = xmore(r->services, &r->service_count, sizeof(*r->services));
	r->services[r->service_count - 1] = keep(r, p.remote_id);
	return r->s.sink->product(r->s.sink->arg, &p, e);
}

enum rc kb_line(
	struct psa_conn *c, const struct json *v, struct psa_line *ret, const char **ret_contract, struct err *e)
{
	struct fields f = fields_of(c->who, "service line", v, e);

	*ret = (struct psa_line){ .remote_id = field_id(&f, "id", false),
		.contract_remote_id = field_id(&f, "contractId", false),
		.product_remote_id = field_id(&f, "serviceId", false),
		.product_code = field_text(&f, "serviceName"),
		.description = field_text(&f, "serviceName"),
		.version = "",
		.billable = true,
		.unknown =
			"its units are not known: the API does not tell them, and no invoice of the last 100 days does",
		.effective = field_day(&f, "effectiveDate"),
		.cancelled = DAY_NONE,
		.billed_through = DAY_NONE };
	*ret_contract = ret->contract_remote_id;
	ret->has_price = field_qty(&f, "unitPrice", &ret->unit_price);
	ret->has_cost = field_qty(&f, "unitCost", &ret->unit_cost);
	if (!*ret->remote_id || !*ret->contract_remote_id || !*ret->product_remote_id)
		field_wrong(&f, "id, contractId or serviceId", "is missing");
	return f.rc;
}

static enum rc line_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	struct held_line *h;
	struct psa_line l;
	struct fields f = fields_of(r->c->who, "service line", v, e);
	const char *contract, *account = field_id(&f, "accountId", false);

	if (f.rc != RC_OK || kb_line(r->c, v, &l, &contract, e) != RC_OK)
		return e->rc;
	r->lines = xmore(r->lines, &r->line_count, sizeof(*r->lines));
	h = &r->lines[r->line_count - 1];
	h->line = l;
	h->line.remote_id = keep(r, l.remote_id);
	h->line.contract_remote_id = h->contract = keep(r, contract);
	h->line.product_remote_id = keep(r, l.product_remote_id);
	h->line.product_code = h->line.description = keep(r, l.description);
	h->account = keep(r, account);
	return RC_OK;
}

const char *kb_related(struct arena *a, const char *service)
{
	return arena_printf(a, "/v2/admin/finance/services/%s/relatedservices/search", url_encode(a, service));
}

static enum rc read_lines(struct reading *r, struct err *e)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < r->service_count && rc == RC_OK; i++) {
		struct kb_list l = { .filter = "{}", .what = "service lines", .arg = r, .row = line_row };

		l.path = kb_related(&r->arena, r->services[i]);
		rc = kb_list(r->c, &l, e);
		r->s.done = (int64_t)i + 1;
		if (rc == RC_OK)
			rc = syncing_progress(&r->s, "service lines", (int64_t)r->service_count, e);
	}
	return rc;
}

static enum rc invoice_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	struct fields f = fields_of(r->c->who, "invoice", v, e);
	const char *id = field_id(&f, "id", false);

	if (!*id)
		field_wrong(&f, "id", "is missing");
	if (f.rc != RC_OK)
		return f.rc;
	r->invoices = xmore(r->invoices, &r->invoice_count, sizeof(*r->invoices));
	r->invoices[r->invoice_count - 1] = keep(r, id);
	return RC_OK;
}

static void note_item(struct reading *r, const struct item *new)
{
	for (size_t i = 0; i < r->item_count; i++) {
		struct item *old = &r->items[i];

		if (strcmp(old->contract, new->contract) != 0 || strcasecmp(old->name, new->name) != 0 ||
			old->price != new->price)
			continue;
		if (old->at == new->at)
			old->several |= old->units != new->units;
		else if (old->at < new->at)
			*old = *new;
		return;
	}
	r->items = xmore(r->items, &r->item_count, sizeof(*r->items));
	r->items[r->item_count - 1] = *new;
}

static enum rc take_item(struct reading *r, const struct json *v, struct err *e)
{
	struct fields f = fields_of(r->c->who, "line of an invoice", v, e);
	const char *contract = field_id(&f, "contractId", false), *name = field_text(&f, "name");
	struct item item = { .at = field_day(&f, "valueDate") };
	bool has = field_qty(&f, "qty", &item.units);

	field_qty(&f, "unitPrice", &item.price);
	if (f.rc != RC_OK || !*contract || !has || item.units < 0)
		return f.rc;
	item.contract = keep(r, contract);
	item.name = keep(r, name);
	note_item(r, &item);
	return RC_OK;
}

static enum rc read_invoice(struct reading *r, const char *id, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const struct json *v, *rows;
	enum rc rc = kb_read(r->c, &a, "GET", arena_printf(&a, "/v2/finance/invoices/%s", url_encode(&a, id)), NULL,
		"invoices", &v, NULL, e);
	struct fields f;

	if (rc != RC_OK)
		return rc;
	f = fields_of(r->c->who, "invoice", v, e);
	rows = field_list(&f, "lineItems", true);
	rc = f.rc;
	for (const struct json *i = rows ? rows->child : NULL; i && rc == RC_OK; i = i->next)
		rc = take_item(r, i, e);
	return rc;
}

static enum rc read_invoices(struct reading *r, struct err *e)
{
	char from[DAY_TEXT];
	struct kb_list l = { .what = "invoices", .arg = r, .row = invoice_row };
	enum rc rc;

	l.path = arena_printf(&r->arena, "/v2/finance/invoices/summary?Filter.CreatedFrom=%sT00:00:00",
		day_format(r->c->host.today - LOOK_BACK, from));
	rc = kb_list(r->c, &l, e);
	for (size_t i = 0; i < r->invoice_count && rc == RC_OK; i++) {
		rc = read_invoice(r, r->invoices[i], e);
		r->s.done = (int64_t)i + 1;
		if (rc == RC_OK)
			rc = syncing_progress(&r->s, "invoices", (int64_t)r->invoice_count, e);
		if (rc == RC_OK && r->s.sink->cancelled(r->s.sink->arg))
			rc = err_set(e, RC_BUSY, "The reading was stopped.");
	}
	return rc;
}

static void find_units(const struct reading *r, struct psa_line *l)
{
	for (size_t i = 0; i < r->item_count; i++) {
		const struct item *t = &r->items[i];

		if (strcmp(t->contract, l->contract_remote_id) != 0 || strcasecmp(t->name, l->description) != 0 ||
			t->price != l->unit_price || t->several)
			continue;
		l->quantity = t->units;
		l->unknown = NULL;
	}
}

enum rc kb_contract(struct psa_conn *c, const struct json *v, struct psa_contract *ret, const char **ret_account_name,
	const char **ret_skip, struct err *e)
{
	struct fields f = fields_of(c->who, "contract", v, e);

	*ret = (struct psa_contract){ .remote_id = field_id(&f, "id", false),
		.name = field_text(&f, "contractName"),
		.type = field_text(&f, "contractType"),
		.status = field_text(&f, "status"),
		.cycle = field_text(&f, "billingCycle"),
		.prorates = true,
		.start = field_day(&f, "startDate"),
		.end = field_day(&f, "endDate"),
		.billed_through = DAY_NONE };
	*ret_account_name = field_text(&f, "accountName");
	if (!*ret->remote_id)
		field_wrong(&f, "id", "is missing");
	if (f.rc != RC_OK)
		return f.rc;
	*ret_skip = strncasecmp(ret->type, "recurring", 9) != 0          ? "is no contract of recurring services"
		: *ret->status && strcasecmp(ret->status, "Active") != 0 ? "not active"
		: ret->end != DAY_NONE && ret->end < c->host.today       ? "ended"
									 : NULL;
	return RC_OK;
}

/* The account of a contract: its lines tell, else its name when only one account has it. */
static const char *account_of(const struct reading *r, const char *contract, const char *name)
{
	const char *id = NULL;

	for (size_t i = 0; i < r->line_count; i++) {
		if (strcmp(r->lines[i].contract, contract) == 0 && *r->lines[i].account)
			return r->lines[i].account;
	}
	for (size_t i = 0; i < r->account_count; i++) {
		if (strcmp(r->accounts[i].name, name) == 0)
			id = r->accounts[i].twice ? NULL : r->accounts[i].id;
	}
	return id;
}

/* By the path of the settings, when there is one: then no invoice is asked, which may be older than a change. */
static enum rc read_units(struct reading *r, struct arena *a, struct psa_line *l, struct err *e)
{
	const char *path = kb_units_path(r->c, a, l->contract_remote_id, l->remote_id);
	const struct json *v;
	enum rc rc = kb_read(r->c, a, "GET", path, NULL, "a service line", &v, NULL, e);
	struct fields f;

	if (rc == RC_NOT_FOUND) {
		l->unknown = "its units are not known: the path of the settings does not find it";
		return RC_OK;
	}
	if (rc != RC_OK)
		return rc;
	f = fields_of(r->c->who, "service line", v, e);
	if (!field_qty(&f, "units", &l->quantity))
		field_wrong(&f, "units", "is missing");
	l->unknown = NULL;
	return f.rc;
}

static enum rc tell_lines(struct reading *r, struct arena *a, const char *contract, struct err *e)
{
	struct psa_line *lines = arena_array(a, r->line_count + 1, sizeof(*lines));
	size_t count = 0;
	enum rc rc = RC_OK;

	for (size_t i = 0; i < r->line_count && rc == RC_OK; i++) {
		if (strcmp(r->lines[i].contract, contract) != 0)
			continue;
		lines[count] = r->lines[i].line;
		if (*r->c->units_path)
			rc = read_units(r, a, &lines[count], e);
		else
			find_units(r, &lines[count]);
		count++;
	}
	if (rc != RC_OK)
		return rc;
	return r->s.sink->lines(r->s.sink->arg, contract, lines, count, e);
}

static enum rc contract_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	const char *reason, *name;
	struct psa_contract c;
	enum rc rc = kb_contract(r->c, v, &c, &name, &reason, e);

	if (rc != RC_OK)
		return rc;
	c.currency = r->currency;
	c.account_remote_id = account_of(r, c.remote_id, name);
	if (!reason && !c.account_remote_id)
		reason = "its account cannot be told: the API gives a name only, which no account has, or several";
	if (reason)
		return syncing_skip(&r->s, "contract", c.remote_id, c.name, reason, e);
	rc = r->s.sink->contract(r->s.sink->arg, &c, e);
	return rc == RC_OK ? tell_lines(r, a, c.remote_id, e) : rc;
}

static enum rc read_currency(struct reading *r, struct err *e)
{
	const struct json *v;
	enum rc rc = kb_read(
		r->c, &r->arena, "GET", "/v2/security/userinfo", NULL, "the user's own record", &v, NULL, e);

	struct fields f;

	if (rc != RC_OK)
		return rc;
	if (json_is(v, JSON_OBJECT) && !v->count)
		return wire_strange(e, r->c->who, "the user's own record is empty");
	f = fields_of(r->c->who, "user", v, e);
	r->currency = field_text(&f, "currencyCode");
	return f.rc;
}

static enum rc read_all(struct reading *r, struct err *e)
{
	struct kb_list accounts = { "/v2/crm/accounts/summary", NULL, "accounts", r, account_row };
	struct kb_list services = { "/v2/admin/finance/services/search", "{}", "services", r, service_row };
	struct kb_list contracts = { "/v2/finance/contracts/summary", NULL, "contracts", r, contract_row };
	enum rc rc = read_currency(r, e);

	if (rc == RC_OK)
		rc = kb_list(r->c, &accounts, e);
	if (rc == RC_OK)
		rc = kb_list(r->c, &services, e);
	if (rc == RC_OK)
		rc = r->s.sink->checkpoint(r->s.sink->arg, "lines", e);
	if (rc == RC_OK)
		rc = read_lines(r, e);
	if (rc == RC_OK && !*r->c->units_path)
		rc = read_invoices(r, e);
	return rc == RC_OK ? kb_list(r->c, &contracts, e) : rc;
}

enum rc kb_sync(struct psa_conn *c, struct psa_sync *how, const struct psa_sink *sink, struct err *e)
{
	struct reading r = { .c = c };
	enum rc rc;

	syncing_begin(&r.s, how, sink, &c->wire);
	rc = read_all(&r, e);
	how->ret_watermark = clock_now();
	syncing_end(&r.s);
	free(r.services);
	free(r.accounts);
	free(r.lines);
	free(r.items);
	free(r.invoices);
	arena_release(&r.arena);
	return rc;
}
