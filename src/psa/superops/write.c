/* Writing: a dated change of a contract, or a new contract. Everything is "the quantity from a day on": without a day
 * that is today. Nothing is ever deleted; a change is taken back by giving its day the old quantity. */
#include "psa/superops/so.h"

#include <string.h>

static const char update_query[] =
	"mutation($input: UpdateClientContractInput!) { updateClientContract(input: $input) }";
static const char create_query[] =
	"mutation($input: CreateClientContractInput!) { createClientContract(input: $input) }";

static const char *finish(struct arena *a, const struct buf *b)
{
	if (b->failed)
		BUG("variables that do not fit");
	return arena_strdup(a, buf_text(b));
}

static const char *client_of(const char *contract)
{
	return strncmp(contract, "client:", 7) == 0 ? contract + 7 : contract;
}

/* "7712@9001": the contract, and the change when there is one. */
static const char *contract_part(struct arena *a, const char *line)
{
	return arena_strndup(a, line, strcspn(line, "@"));
}

static const char *change_part(const char *line)
{
	const char *mark = strchr(line, '@');

	return mark ? mark + 1 : NULL;
}

/* What load() found out and set() needs. */
struct spot {
	const char *inner, *change_id; /* NULL: no change on that day yet */
	day from;
	qty before; /* in force the day before */
	enum so_style style;
};

static void write_change(struct jsonw *w, const struct spot *s, qty want)
{
	char text[QTY_TEXT], date[DAY_TEXT];
	qty shown = want;
	const char *operation = "BASELINE";

	if (s->style != SO_BASELINE) {
		operation = want >= s->before ? "INCREASE" : "DECREASE";
		if (s->style == SO_DELTA)
			shown = want >= s->before ? want - s->before : s->before - want;
	}
	jsonw_key(w, "change");
	jsonw_object(w);
	if (s->change_id)
		jsonw_kv(w, "changeId", s->change_id);
	jsonw_kv(w, "effectiveDate", day_format(s->from, date));
	jsonw_kv(w, "quantity", qty_format(shown, text));
	jsonw_kv(w, "quantityChangeOperation", operation);
	jsonw_end_object(w);
}

static const char *update_variables(struct arena *a, const struct spot *s, qty want)
{
	AUTO(buf) b = BUF_INIT(1 << 16);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	jsonw_key(&w, "input");
	jsonw_object(&w);
	jsonw_key(&w, "contract");
	jsonw_object(&w);
	jsonw_kv(&w, "contractId", s->inner);
	jsonw_key(&w, "billableContract");
	jsonw_object(&w);
	write_change(&w, s, want);
	for (int i = 0; i < 4; i++)
		jsonw_end_object(&w);
	return finish(a, &b);
}

static void write_price(struct jsonw *w, qty price)
{
	char text[QTY_TEXT];

	jsonw_kv_bool(w, "sellingPriceOverridden", true);
	jsonw_key(w, "sellingPrice");
	jsonw_object(w);
	jsonw_kv(w, "model", "PER_UNIT");
	jsonw_key(w, "details");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_kv(w, "value", qty_format(price, text));
	jsonw_end_object(w);
	jsonw_end_array(w);
	jsonw_end_object(w);
}

static void write_recurring(struct jsonw *w)
{
	jsonw_kv(w, "billableSiteType", "HQ");
	jsonw_key(w, "addSites");
	jsonw_array(w);
	jsonw_end_array(w);
	jsonw_key(w, "recurringContract");
	jsonw_object(w);
	jsonw_kv(w, "recurringMode", "UPFRONT");
	jsonw_kv(w, "frequencyDurationUnit", "MONTH");
	jsonw_kv_int(w, "frequencyInterval", 1);
	jsonw_end_object(w);
}

static void kv_reference(struct jsonw *w, const char *key, const char *member, const char *id)
{
	jsonw_key(w, key);
	jsonw_object(w);
	jsonw_kv(w, member, id);
	jsonw_end_object(w);
}

static const char *create_variables(struct arena *a, const struct psa_change *c)
{
	struct spot s = { .from = c->effective == DAY_NONE ? day_today() : c->effective };
	AUTO(buf) b = BUF_INIT(1 << 16);
	char date[DAY_TEXT];
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	jsonw_key(&w, "input");
	jsonw_object(&w);
	kv_reference(&w, "client", "accountId", client_of(c->contract_remote_id));
	jsonw_kv(&w, "startDate", day_format(s.from, date));
	jsonw_key(&w, "contract");
	jsonw_object(&w);
	jsonw_kv(&w, "description", c->description ? c->description : "");
	jsonw_key(&w, "billableContract");
	jsonw_object(&w);
	kv_reference(&w, "chargeItem", "itemId", c->product_remote_id);
	if (c->has_price)
		write_price(&w, c->unit_price);
	write_recurring(&w);
	write_change(&w, &s, c->want);
	for (int i = 0; i < 4; i++)
		jsonw_end_object(&w);
	return finish(a, &b);
}

struct search {
	struct psa_conn *c;
	struct arena *a;
	const char *id, *client, *item; /* one contract, or those of an item for a client */
	const struct json *found;
	struct inplace_list *list;
	size_t cap;
};

static const struct json *keep(struct arena *a, const struct json *v)
{
	const char *text = wire_text(a, v);
	struct json *copy = NULL;

	return json_parse(a, text, strlen(text), NULL, &copy, NULL) == RC_OK ? copy : NULL;
}

static enum rc find_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct search *s = arg;
	const char *id = json_scalar(json_get(v, "contractId"));

	if (id && strcmp(id, s->id) == 0)
		s->found = keep(s->a, v);
	return RC_OK;
}

/* The filter's words are not published for every member; where they are refused, or find nothing, the whole list is
 * read. */
static enum rc search_list(struct search *s, const char *attribute, const char *value,
	enum rc (*row)(void *arg, struct arena *a, const struct json *v, struct err *e),
	bool (*enough)(struct search *s), struct err *e)
{
	struct so_list l = { so_contracts_query, "getClientContractList", "clientContracts", NULL, s, row };
	enum rc rc;

	l.condition = arena_printf(
		s->a, "{\"attribute\":\"%s\",\"operator\":\"is\",\"value\":\"%s\"}", attribute, value);
	rc = so_list(s->c, &l, e);
	if (rc == RC_OK && enough(s))
		return rc;
	if (rc != RC_OK && rc != RC_INVALID && rc != RC_NOT_FOUND)
		return rc;
	if (s->list)
		s->list->count = 0;
	l.condition = NULL;
	return so_list(s->c, &l, e);
}

static bool is_found(struct search *s)
{
	return s->found != NULL;
}

/* An empty answer may be a filter that is not understood. */
static bool has_some(struct search *s)
{
	return s->list->count > 0;
}

static enum rc find_contract(struct psa_conn *c, struct arena *a, const char *id, struct so_contract *ret,
	const struct json **ret_json, struct err *e)
{
	struct search s = { .c = c, .a = a, .id = id };
	enum rc rc = wire_is_id(id, false) ? search_list(&s, "contractId", id, find_row, is_found, e)
					   : err_set(e, RC_NOT_FOUND, "The line is none of SuperOps.");

	if (rc == RC_OK && !s.found)
		return err_set(e, RC_NOT_FOUND, "The contract is gone from SuperOps.");
	if (rc != RC_OK)
		return rc;
	*ret_json = s.found;
	return so_contract(c, a, s.found, ret, e);
}

/* The day a write is about: its own, that of the change the line stands for, or today. */
static day day_of_write(
	const struct psa_conn *c, const struct psa_change *change, const struct so_contract *k, const char *line)
{
	const char *id = change_part(line);

	if (change->effective != DAY_NONE)
		return change->effective;
	for (size_t i = 0; id && i < k->changes; i++) {
		if (strcmp(k->change[i].id, id) == 0)
			return k->change[i].from;
	}
	return c->host.today;
}

static void fill_spot(struct spot *s, const struct so_contract *k)
{
	for (size_t i = 0; i < k->changes; i++) {
		if (k->change[i].from == s->from)
			s->change_id = k->change[i].id;
	}
	if (!so_quantity(k, s->from - 1, &s->before))
		s->before = 0;
}

/* All changes but that of the day, the item and the price: nothing of them may move. */
static const char *rest_of(struct arena *a, const struct so_contract *k, day d)
{
	char price[QTY_TEXT], quantity[QTY_TEXT], date[DAY_TEXT];
	const char *all = arena_printf(
		a, "item %s, price %s", k->item, k->has_price ? qty_format(k->price, price) : "none");

	for (size_t i = 0; i < k->changes; i++) {
		if (k->change[i].from != d)
			all = arena_printf(a, "%s, %s from %s", all, qty_format(k->change[i].quantity, quantity),
				day_format(k->change[i].from, date));
	}
	return all;
}

static const char *later_change(struct arena *a, const struct so_contract *k, day d)
{
	char date[DAY_TEXT];

	for (size_t i = 0; i < k->changes; i++) {
		if (k->change[i].from > d)
			return arena_printf(a,
				"SuperOps holds a change of this contract from %s already, which would end what was "
				"approved. Nothing was "
				"changed; look at it there.",
				day_format(k->change[i].from, date));
	}
	return NULL;
}

static void fill_line(struct arena *a, const struct so_contract *k, const char *contract, const struct spot *s,
	day today, struct psa_line *ret)
{
	bool later = s->from > today && s->change_id;
	day from = DAY_NONE, last = k->end;

	for (size_t i = 0; i < k->changes; i++) {
		if (k->change[i].from <= s->from)
			from = k->change[i].from;
		else {
			last = k->change[i].from - 1;
			break;
		}
	}

	*ret = (struct psa_line){ .remote_id = later ? arena_printf(a, "%s@%s", k->id, s->change_id) : k->id,
		.contract_remote_id = contract,
		.product_remote_id = k->item,
		.product_code = "",
		.description = k->name,
		.version = "",
		.unit_price = k->price,
		.has_price = k->has_price,
		.billable = true,
		.agreement_active = !k->skip,
		.fixed = k->dynamic ? "SuperOps counts it itself (DYNAMIC)" : NULL,
		.effective = from,
		.cancelled = last,
		.billed_through = DAY_NONE };
	so_quantity(k, s->from, &ret->quantity);
}

static enum rc load(struct psa_conn *c, struct arena *a, const struct psa_change *change, const char *line,
	struct inplace_seen *ret, struct err *e)
{
	struct so_contract *k = arena_alloc(a, sizeof(*k));
	struct spot *s = arena_alloc(a, sizeof(*s));
	const struct json *v = NULL;
	enum rc rc = find_contract(c, a, contract_part(a, line), k, &v, e);

	if (rc != RC_OK)
		return rc;
	*s = (struct spot){ .inner = k->inner, .from = day_of_write(c, change, k, line), .style = c->style };
	fill_spot(s, k);
	fill_line(a, k, change->contract_remote_id, s, c->host.today, &ret->line);
	ret->inactive = k->skip;
	ret->not_now = later_change(a, k, s->from);
	ret->rest = rest_of(a, k, s->from);
	ret->json = wire_text(a, v);
	ret->own = s;
	return RC_OK;
}

static enum sent set(struct psa_conn *c, struct arena *a, const struct psa_change *change,
	const struct inplace_seen *now, qty want, struct err *why)
{
	return so_send(c, a, update_query, update_variables(a, now->own, want), "updateClientContract", NULL, why);
}

static enum rc list_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct search *s = arg;
	struct so_contract *k = arena_alloc(s->a, sizeof(*k));
	struct spot spot = { .from = INT32_MAX - 1 };
	struct inplace_seen *more;
	enum rc rc = so_contract(s->c, s->a, keep(s->a, v), k, e);

	if (rc != RC_OK || k->skip || strcmp(k->client, s->client) != 0 || strcmp(k->item, s->item) != 0)
		return rc;
	if (s->list->count == s->cap) {
		more = arena_array(s->a, s->cap * 2 + 16, sizeof(*more));
		if (s->list->count)
			memcpy(more, s->list->seen, s->list->count * sizeof(*more));
		s->list->seen = more;
		s->cap = s->cap * 2 + 16;
	}
	more = &s->list->seen[s->list->count++];
	memset(more, 0, sizeof(*more));
	fill_line(s->a, k, "", &spot, s->c->host.today, &more->line);
	more->line.remote_id = k->id;
	more->rest = "";
	more->json = wire_text(s->a, v);
	return RC_OK;
}

static enum rc list(
	struct psa_conn *c, struct arena *a, const struct psa_change *change, struct inplace_list *ret, struct err *e)
{
	struct search s = { .c = c,
		.a = a,
		.client = client_of(change->contract_remote_id),
		.item = change->product_remote_id,
		.list = ret };

	ret->billed_through = DAY_NONE;
	if (!wire_is_id(s.client, false))
		return err_set(e, RC_NOT_FOUND, "The client is none of SuperOps.");
	return search_list(&s, "client.accountId", s.client, list_row, has_some, e);
}

static enum sent add(
	struct psa_conn *c, struct arena *a, const struct psa_change *change, const char **ret_id, struct err *why)
{
	const struct json *v = NULL;
	enum sent sent = so_send(c, a, create_query, create_variables(a, change), "createClientContract", &v, why);

	*ret_id = v ? json_scalar(v) : NULL;
	return sent;
}

static const struct inplace_ops ops = { .who = "SuperOps",
	.line = "contract",
	.contract = "client's contracts",
	.load = load,
	.list = list,
	.set = set,
	.add = add };

static void write_with(
	struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret, bool settle)
{
	struct psa_change in_place = *change;

	if (change->kind == PSA_SET_FROM_DATE)
		in_place.kind = PSA_SET_QUANTITY;
	inplace_write(&ops, c, a, &in_place, ret, settle);
}

void so_apply(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret)
{
	write_with(c, a, change, ret, false);
}

void so_settle(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret)
{
	write_with(c, a, change, ret, true);
}

enum rc so_read_line(struct psa_conn *c, struct arena *a, const char *contract, const char *line, struct psa_line *ret,
	struct err *e)
{
	struct psa_change change = { .contract_remote_id = contract, .effective = DAY_NONE };
	struct inplace_seen s = { 0 };
	enum rc rc = load(c, a, &change, line, &s, e);

	*ret = s.line;
	return rc;
}

static const char *graphql(struct arena *a, const char *query, const char *variables)
{
	return arena_printf(a, "{\"query\":\"%s\",\"variables\":%s}", query, variables);
}

enum rc so_plan(struct arena *a, const struct psa_change *c, const struct psa_line *line,
	const struct psa_contract *contract, struct psa_plan *ret, struct err *e)
{
	struct spot s = { .from = c->effective == DAY_NONE ? day_today() : c->effective };

	memset(ret, 0, sizeof(*ret));
	ret->calls = 1;
	if (c->kind == PSA_ADD_LINE) {
		ret->call[0] = (struct psa_call){ "POST", "/msp", graphql(a, create_query, create_variables(a, c)),
			"Makes a contract of this service item for the client, billed monthly in advance." };
		return RC_OK;
	}
	s.inner = contract_part(a, c->line_remote_id);
	ret->call[0] = (struct psa_call){ "POST", "/msp", graphql(a, update_query, update_variables(a, &s, c->want)),
		c->kind == PSA_REMOVE_ADDED
			? "Gives the day of the change its old quantity."
			: "States the quantity from that day on; a change of the same day is amended." };
	if (s.from < day_today())
		ret->warning[ret->warnings++] = "The day is past: SuperOps prorates what was billed since.";
	return RC_OK;
}
