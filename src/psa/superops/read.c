/* Reads clients, service items and contracts, and folds the changes of each contract into quantities by day. The
 * permission doctor is here, too. Nothing tells what changed, so a quick reading passes over the service items only. */
#include "psa/superops/so.h"
#include "psa/syncing.h"

#include <stdlib.h>
#include <string.h>

static const char clients_query[] =
	"query($input: ListInfoInput!) { getClientList(input: $input) { clients { accountId name stage status "
	"emailDomains } listInfo { page pageSize totalCount hasMore } } }";
static const char items_query[] =
	"query($input: ListInfoInput!) { getServiceCatalogItemList(input: $input) { items { itemId name description "
	"category "
	"{ name } itemType status sellingPrice { details { value } } costPrice { details { value } } } listInfo { page "
	"pageSize totalCount hasMore } } }";

static int by_day(const void *a, const void *b)
{
	const struct so_change *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

/* An entry as it is sent: the operation waits for the quantity before it. */
struct raw {
	struct so_change change;
	const char *operation;
};

static enum rc contradiction(struct fields *f, const char *how)
{
	AUTO(arena) a = ARENA_INIT;

	field_wrong(f, "changes",
		arena_printf(&a,
			"cannot be as the setting \"How changes of a quantity are written\" says: %s. Try the other "
			"one",
			how));
	return f->rc;
}

/* One step of the fold. A total that goes the wrong way, or a difference below nothing, contradicts the setting. */
static enum rc fold(const struct psa_conn *c, struct fields *f, const struct raw *r, qty before, qty *ret)
{
	bool up = strcmp(r->operation, "INCREASE") == 0;
	qty q = r->change.quantity;

	*ret = q;
	if (strcmp(r->operation, "BASELINE") == 0)
		return RC_OK;
	if (!up && strcmp(r->operation, "DECREASE") != 0) {
		field_wrong(f, "changes", "hold an operation that is not known");
		return f->rc;
	}
	if (c->style == SO_TOTAL)
		return (up ? q >= before : q <= before) ? RC_OK : contradiction(f, "a new quantity goes the wrong way");
	if ((up ? qty_add(before, q, ret) : qty_sub(before, q, ret)) != RC_OK || *ret < 0)
		return contradiction(f, "a difference goes below nothing");
	return RC_OK;
}

static enum rc read_changes(const struct psa_conn *c, struct fields *f, struct so_contract *k)
{
	const struct json *list = field_list(f, "contract/billableContract/changes", true);
	struct raw raw[SO_CHANGES];
	qty before = 0;

	for (const struct json *v = list ? list->child : NULL; v && f->rc == RC_OK; v = v->next) {
		struct fields g = fields_of("SuperOps", "change of a contract", v, f->e);
		struct raw *r = &raw[k->changes];

		if (k->changes == SO_CHANGES)
			field_wrong(&g, "changes", "are too many");
		else
			*r = (struct raw){ { field_text(&g, "changeId"), field_day(&g, "effectiveDate"), 0 },
				field_text(&g, "quantityChangeOperation") };
		if (g.rc == RC_OK && !field_qty(&g, "quantity", &r->change.quantity))
			field_wrong(&g, "quantity", "is missing");
		if (g.rc == RC_OK && r->change.from == DAY_NONE)
			field_wrong(&g, "effectiveDate", "is missing");
		f->rc = g.rc;
		k->changes += g.rc == RC_OK;
	}
	if (k->changes)
		qsort(raw, k->changes, sizeof(*raw), by_day);
	for (size_t i = 0; i < k->changes && f->rc == RC_OK; i++) {
		k->change[i] = raw[i].change;
		f->rc = fold(c, f, &raw[i], before, &k->change[i].quantity);
		before = k->change[i].quantity;
	}
	return f->rc;
}

static const char *why_no_line(struct fields *f, const struct so_contract *k, day today)
{
	const char *status = field_text(f, "contractStatus"), *type = field_text(f, "contract/contractType");

	if (strcmp(status, "ACTIVE") != 0)
		return strcmp(status, "DRAFT") == 0 ? "a draft" : "not active";
	if (strcmp(type, "SERVICE") != 0 && strcmp(type, "USAGE") != 0)
		return "bills no recurring quantity";
	if (strcmp(field_text(f, "contract/billableContract/frequencyType"), "ONCE") == 0)
		return "bills once";
	if (k->end != DAY_NONE && k->end < today)
		return "ended";
	return *k->item ? NULL : "names no service item";
}

enum rc so_contract(struct psa_conn *c, struct arena *a, const struct json *v, struct so_contract *ret, struct err *e)
{
	struct fields f = fields_of("SuperOps", "contract", v, e);
	const char *item;

	memset(ret, 0, sizeof(*ret));
	ret->id = field_text(&f, "contractId");
	ret->inner = field_text(&f, "contract/contractId");
	ret->client = field_text(&f, "client/accountId");
	ret->item = field_text(&f, "contract/billableContract/chargeItem/itemId");
	item = field_text(&f, "contract/billableContract/chargeItem/name");
	ret->name = *item ? item : field_text(&f, "contract/name");
	ret->start = field_day(&f, "startDate");
	ret->end = field_day(&f, "endDate");
	ret->dynamic = strcmp(field_text(&f, "contract/billableContract/quantityCalculationType"), "DYNAMIC") == 0;
	ret->has_price = field_qty(&f, "contract/billableContract/sellingPrice/details/0/value", &ret->price);
	ret->skip = why_no_line(&f, ret, c->host.today);
	if (!*ret->id || !*ret->inner || !*ret->client)
		field_wrong(&f, "contractId or client", "is missing");
	if (f.rc != RC_OK || ret->skip)
		return f.rc;
	return read_changes(c, &f, ret);
}

bool so_quantity(const struct so_contract *k, day d, qty *ret)
{
	bool any = false;

	for (size_t i = 0; i < k->changes && k->change[i].from <= d; i++) {
		*ret = k->change[i].quantity;
		any = true;
	}
	return any;
}

struct held {
	struct psa_line line;
	const char *client;
};

struct reading {
	struct psa_conn *c;
	struct syncing s;
	struct arena arena;
	struct held *lines;
	size_t count;
	const char **clients;
	size_t client_count;
};

static enum rc client_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	struct fields f = fields_of("SuperOps", "client", v, e);
	struct psa_account c = { .remote_id = field_text(&f, "accountId"),
		.code = "",
		.name = field_text(&f, "name"),
		.status = field_text(&f, "status"),
		.types = field_text(&f, "stage") };
	const struct json *domains = field_list(&f, "emailDomains", false);

	c.domain = domains && domains->child ? json_text_or(domains->child, "") : "";
	if (!*c.remote_id)
		field_wrong(&f, "accountId", "is missing");
	if (f.rc != RC_OK)
		return f.rc;
	if (strcmp(c.types, "Prospect") == 0 || strcmp(c.types, "Former") == 0)
		return syncing_skip(&r->s, "account", c.remote_id, c.name, arena_printf(a, "stage is %s", c.types), e);
	r->clients = xmore(r->clients, &r->client_count, sizeof(*r->clients));
	r->clients[r->client_count - 1] = arena_strdup(&r->arena, c.remote_id);
	return r->s.sink->account(r->s.sink->arg, &c, e);
}

static enum rc item_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	struct fields f = fields_of("SuperOps", "service item", v, e);
	struct psa_product p = { .remote_id = field_text(&f, "itemId"),
		.code = "",
		.name = field_text(&f, "name"),
		.product_class = field_text(&f, "category/name"),
		.unit = "" };

	p.has_price = field_qty(&f, "sellingPrice/details/0/value", &p.price);
	p.has_cost = field_qty(&f, "costPrice/details/0/value", &p.cost);
	p.inactive = strcmp(field_text(&f, "status"), "INACTIVE") == 0;
	if (!*p.remote_id)
		field_wrong(&f, "itemId", "is missing");
	return f.rc == RC_OK ? r->s.sink->product(r->s.sink->arg, &p, e) : f.rc;
}

static void hold(struct reading *r, const struct so_contract *k, const char *id, day from, day last, qty quantity)
{
	struct held *h;

	r->lines = xmore(r->lines, &r->count, sizeof(*r->lines));
	h = &r->lines[r->count - 1];
	h->client = arena_strdup(&r->arena, k->client);
	h->line = (struct psa_line){ .remote_id = id,
		.contract_remote_id = arena_printf(&r->arena, "client:%s", k->client),
		.product_remote_id = arena_strdup(&r->arena, k->item),
		.product_code = "",
		.description = arena_strdup(&r->arena, k->name),
		.version = "",
		.quantity = quantity,
		.unit_price = k->price,
		.has_price = k->has_price,
		.billable = true,
		.fixed = k->dynamic ? "SuperOps counts it itself (DYNAMIC)" : NULL,
		.effective = from,
		.cancelled = last,
		.billed_through = DAY_NONE };
}

/* The quantity of today, and each later one behind it. */
static void hold_all(struct reading *r, const struct so_contract *k)
{
	day today = r->c->host.today;
	size_t i = 0;
	qty q = 0;

	while (i < k->changes && k->change[i].from <= today)
		q = k->change[i++].quantity;
	if (i > 0 || k->dynamic)
		hold(r, k, arena_strdup(&r->arena, k->id), i > 0 ? k->change[i - 1].from : k->start,
			i < k->changes ? k->change[i].from - 1 : k->end, q);
	for (; i < k->changes; i++)
		hold(r, k, arena_printf(&r->arena, "%s@%s", k->id, k->change[i].id), k->change[i].from,
			i + 1 < k->changes ? k->change[i + 1].from - 1 : k->end, k->change[i].quantity);
}

static enum rc contract_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct reading *r = arg;
	struct so_contract *k = arena_alloc(a, sizeof(*k));
	enum rc rc = so_contract(r->c, a, v, k, e);

	if (rc == RC_OK && k->skip)
		return syncing_skip(&r->s, "line", k->id, k->name, k->skip, e);
	if (rc == RC_OK)
		hold_all(r, k);
	r->s.done++;
	return rc == RC_OK ? syncing_progress(&r->s, "contracts", 0, e) : rc;
}

static enum rc tell_client(struct reading *r, const char *client, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	struct psa_contract c = { .remote_id = arena_printf(&a, "client:%s", client),
		.account_remote_id = client,
		.name = "Contracts",
		.type = "",
		.status = "Active",
		.cycle = "",
		.currency = r->c->currency,
		.prorates = true,
		.start = DAY_NONE,
		.end = DAY_NONE,
		.billed_through = DAY_NONE };
	struct psa_line *lines = arena_array(&a, r->count + 1, sizeof(*lines));
	size_t count = 0;
	enum rc rc;

	for (size_t i = 0; i < r->count; i++) {
		if (strcmp(r->lines[i].client, client) == 0)
			lines[count++] = r->lines[i].line;
	}
	rc = r->s.sink->contract(r->s.sink->arg, &c, e);
	return rc == RC_OK ? r->s.sink->lines(r->s.sink->arg, c.remote_id, lines, count, e) : rc;
}

static enum rc read_all(struct reading *r, const struct psa_sync *how, struct err *e)
{
	struct so_list clients = { clients_query, "getClientList", "clients", NULL, r, client_row };
	struct so_list items = { items_query, "getServiceCatalogItemList", "items", NULL, r, item_row };
	struct so_list contracts = { so_contracts_query, "getClientContractList", "clientContracts", NULL, r,
		contract_row };
	bool items_done = !how->full || (how->cursor && strcmp(how->cursor, "contracts") == 0);
	enum rc rc = so_list(r->c, &clients, e);

	if (rc == RC_OK && !items_done)
		rc = so_list(r->c, &items, e);
	if (rc == RC_OK)
		rc = r->s.sink->checkpoint(r->s.sink->arg, "contracts", e);
	if (rc == RC_OK)
		rc = so_list(r->c, &contracts, e);
	for (size_t i = 0; i < r->client_count && rc == RC_OK; i++)
		rc = tell_client(r, r->clients[i], e);
	return rc;
}

enum rc so_sync(struct psa_conn *c, struct psa_sync *how, const struct psa_sink *sink, struct err *e)
{
	struct reading r = { .c = c };
	enum rc rc;

	syncing_begin(&r.s, how, sink, &c->wire);
	rc = read_all(&r, how, e);
	how->ret_watermark = clock_now();
	syncing_end(&r.s);
	free(r.lines);
	free(r.clients);
	arena_release(&r.arena);
	return rc;
}

/* Whether a change of a contract that does not exist is refused for that, or for a missing right. */
static void try_write(struct psa_conn *c, struct arena *a, psa_check_fn check, void *arg)
{
	static const char query[] =
		"mutation($input: UpdateClientContractInput!) { updateClientContract(input: $input) }";
	struct err why = ERR_INIT;
	enum sent sent = so_send(
		c, a, query, "{\"input\":{\"contract\":{\"contractId\":\"0\"}}}", "updateClientContract", NULL, &why);
	bool asked = sent == SENT_OK || (sent == SENT_REFUSED && why.rc != RC_DENIED && why.rc != RC_UNAUTHORIZED);

	check(arg, "Contracts: edit", asked, asked ? "Allowed (asked with a call that changes nothing)." : why.text);
}

enum rc so_test(struct psa_conn *c, psa_check_fn check, void *arg, struct err *e)
{
	static const char *const rows[][3] = { { "Token; Clients: view", clients_query, "getClientList" },
		{ "Service catalog: view", items_query, "getServiceCatalogItemList" },
		{ "Contracts: view", so_contracts_query, "getClientContractList" } };
	AUTO(arena) a = ARENA_INIT;
	unsigned tries = c->wire.tries;
	bool any = false;

	c->wire.tries = 2;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err why = ERR_INIT;
		const struct json *v;
		enum rc rc = so_read(
			c, &a, rows[i][1], "{\"input\":{\"page\":1,\"pageSize\":1}}", rows[i][2], &v, &why);

		any |= rc == RC_OK;
		check(arg, rows[i][0], rc == RC_OK, rc == RC_OK ? "Allowed." : why.text);
	}
	if (any)
		try_write(c, &a, check, arg);
	c->wire.tries = tries;
	return RC_OK;
}
