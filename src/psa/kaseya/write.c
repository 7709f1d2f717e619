/* Writing: a line is added by the API; its units are a person's work unless a setting names a path that changes them.
 *
 * That path is not in the public specification. What is sent there is the line's own shape: a GET gives the line with
 * its "units", a PUT {"units":27,"effectiveDate":".."} sets them. Whatever the answer says, only a second GET counts.
 */
#include "psa/kaseya/kb.h"

#include "base/codec.h"
#include "psa/byhand.h"

#include <string.h>

static const char change_what[] = "a change of a contract";

bool kb_by_hand(const struct json *settings, const struct psa_change *change)
{
	const char *path = json_member(settings, "units_path");

	if (change->kind == PSA_ADD_LINE)
		return false;
	/* An added line cannot be taken back by the API; a person ends it. */
	return change->kind == PSA_REMOVE_ADDED || !path || !*path;
}

static const char *finish(struct arena *a, const struct buf *b)
{
	if (b->failed)
		BUG("a body that does not fit");
	return arena_strdup(a, buf_text(b));
}

static void number(struct jsonw *w, const char *key, qty q)
{
	char text[QTY_TEXT];

	jsonw_key(w, key);
	jsonw_number(w, qty_format(q, text));
}

static void kv_date(struct arena *a, struct jsonw *w, day d)
{
	char text[DAY_TEXT];

	jsonw_kv(w, "effectiveDate", arena_printf(a, "%sT00:00:00", day_format(d, text)));
}

/* Without a day the first of the next month: a change inside a billed period would be prorated. */
static day day_of_change(const struct psa_change *c)
{
	return c->effective != DAY_NONE ? c->effective : day_month_start(day_today(), 1);
}

static const char *body_add(struct arena *a, const struct psa_change *c, const struct psa_product *p)
{
	AUTO(buf) b = BUF_INIT(1 << 16);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_array(&w);
	jsonw_object(&w);
	jsonw_key(&w, "serviceId");
	if (wire_is_id(c->product_remote_id, false))
		jsonw_number(&w, c->product_remote_id);
	else
		jsonw_string(&w, c->product_remote_id);
	jsonw_kv(&w, "serviceName", p ? p->name : c->description);
	jsonw_kv(&w, "serviceDescription", c->description ? c->description : "");
	number(&w, "units", c->want);
	if (p && p->has_cost)
		number(&w, "unitCost", p->cost);
	if (c->has_price || (p && p->has_price))
		number(&w, "unitPrice", c->has_price ? c->unit_price : p->price);
	kv_date(a, &w, day_of_change(c));
	jsonw_end_object(&w);
	jsonw_end_array(&w);
	return finish(a, &b);
}

static const char *body_units(struct arena *a, const struct psa_change *c, qty want)
{
	AUTO(buf) b = BUF_INIT(4096);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	number(&w, "units", want);
	kv_date(a, &w, day_of_change(c));
	jsonw_end_object(&w);
	return finish(a, &b);
}

static const char *add_path(struct arena *a, const char *contract)
{
	return arena_printf(a, "/v2/finance/contracts/recurringservices/%s/services", url_encode(a, contract));
}

static const char *put_in(struct arena *a, const char *text, const char *mark, const char *value)
{
	const char *at = strstr(text, mark);

	return at ? arena_printf(a, "%.*s%s%s", (int)(at - text), text, url_encode(a, value), at + strlen(mark)) : text;
}

const char *kb_units_path(const struct psa_conn *c, struct arena *a, const char *contract, const char *line)
{
	return put_in(a, put_in(a, c->units_path, "{contract}", contract), "{line}", line);
}

struct search {
	struct psa_conn *c;
	struct arena *a;
	const char *contract, *product;
	struct inplace_list *ret;
	size_t cap;
};

static enum rc found(void *arg, struct arena *page, const struct json *v, struct err *e)
{
	struct search *s = arg;
	struct psa_line l;
	const char *contract;
	enum rc rc = kb_line(s->c, v, &l, &contract, e);

	if (rc != RC_OK || strcmp(contract, s->contract) != 0)
		return rc;
	if (s->ret->count == s->cap) {
		struct inplace_seen *more = arena_array(s->a, s->cap * 2 + 16, sizeof(*more));

		if (s->ret->count)
			memcpy(more, s->ret->seen, s->ret->count * sizeof(*more));
		s->ret->seen = more;
		s->cap = s->cap * 2 + 16;
	}
	l.remote_id = arena_strdup(s->a, l.remote_id);
	l.contract_remote_id = s->contract;
	l.product_remote_id = arena_strdup(s->a, l.product_remote_id);
	l.product_code = l.description = arena_strdup(s->a, l.description);
	l.agreement_active = true;
	s->ret->seen[s->ret->count++] = (struct inplace_seen){ .line = l, .rest = "", .json = wire_text(s->a, v) };
	return RC_OK;
}

struct header {
	struct psa_conn *c;
	const char *id, *inactive;
	bool seen;
};

static enum rc header_row(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct header *h = arg;
	struct psa_contract c;
	const char *name, *reason;
	enum rc rc = kb_contract(h->c, v, &c, &name, &reason, e);

	if (rc == RC_OK && strcmp(c.remote_id, h->id) == 0) {
		h->seen = true;
		h->inactive = reason;
	}
	return rc;
}

/* There is no call for one contract: the list is looked through. */
static enum rc look_at_contract(struct psa_conn *c, const char *id, const char **ret_inactive, struct err *e)
{
	struct header h = { .c = c, .id = id };
	struct kb_list l = { "/v2/finance/contracts/summary", NULL, "contracts", &h, header_row };
	enum rc rc = kb_list(c, &l, e);

	if (rc == RC_OK && !h.seen)
		return err_set(e, RC_NOT_FOUND, "The contract is gone from %s.", c->who);
	*ret_inactive = h.inactive;
	return rc;
}

/* Lines of the product on the contract. */
static enum rc list_of(struct psa_conn *c, struct arena *a, const char *contract, const char *product,
	struct inplace_list *ret, struct err *e)
{
	struct search s = { c, a, contract, product, ret, 0 };
	struct kb_list l = { kb_related(a, product), "{}", "service lines", &s, found };
	enum rc rc = look_at_contract(c, contract, &ret->inactive, e);

	ret->billed_through = DAY_NONE;
	return rc == RC_OK ? kb_list(c, &l, e) : rc;
}

/* inplace asks for a contract's lines; only those of the product of the change matter. */
static enum rc list(
	struct psa_conn *c, struct arena *a, const struct psa_change *change, struct inplace_list *ret, struct err *e)
{
	return list_of(c, a, change->contract_remote_id, change->product_remote_id, ret, e);
}

static enum rc load(struct psa_conn *c, struct arena *a, const struct psa_change *change, const char *line,
	struct inplace_seen *ret, struct err *e)
{
	const char *contract = change->contract_remote_id;
	const struct json *v;
	const char *inactive = NULL;
	struct fields f;
	qty units;
	enum rc rc;

	if (!*c->units_path)
		return err_set(e, RC_INVALID, "The units of a line cannot be read by the public API of %s.", c->who);
	rc = look_at_contract(c, contract, &inactive, e);
	if (rc == RC_OK)
		rc = kb_read(c, a, "GET", kb_units_path(c, a, contract, line), NULL, "a service line", &v, NULL, e);
	if (rc != RC_OK)
		return rc;
	f = fields_of(c->who, "service line", v, e);
	if (!field_qty(&f, "units", &units))
		field_wrong(&f, "units", "is missing");
	*ret = (struct inplace_seen){ .inactive = inactive, .json = wire_text(a, v) };
	ret->line = (struct psa_line){ .remote_id = line,
		.contract_remote_id = contract,
		.product_remote_id = field_id(&f, "serviceId", false),
		.product_code = "",
		.description = field_text(&f, "serviceName"),
		.version = "",
		.quantity = units,
		.billable = true,
		.agreement_active = !inactive,
		.effective = DAY_NONE,
		.cancelled = DAY_NONE,
		.billed_through = DAY_NONE };
	ret->rest = arena_printf(a, "service %s, price %s, cost %s", ret->line.product_remote_id,
		field_text(&f, "unitPrice"), field_text(&f, "unitCost"));
	return f.rc;
}

static enum sent set(struct psa_conn *c, struct arena *a, const struct psa_change *change,
	const struct inplace_seen *now, qty want, struct err *why)
{
	return kb_send(c, a, "PUT", kb_units_path(c, a, change->contract_remote_id, now->line.remote_id),
		body_units(a, change, want), change_what, NULL, why);
}

static enum rc get_service(struct psa_conn *c, struct arena *a, const char *id, struct psa_product *ret, struct err *e)
{
	const struct json *v;
	enum rc rc = kb_read(c, a, "GET", arena_printf(a, "/v2/admin/finance/services/%s", url_encode(a, id)), NULL,
		"services", &v, NULL, e);
	struct fields f;

	if (rc != RC_OK)
		return rc;
	f = fields_of(c->who, "service", v, e);
	*ret = (struct psa_product){ .name = field_text(&f, "name") };
	ret->has_price = field_qty(&f, "unitPrice", &ret->price);
	ret->has_cost = field_qty(&f, "unitCost", &ret->cost);
	return f.rc;
}

static enum sent add(
	struct psa_conn *c, struct arena *a, const struct psa_change *change, const char **ret_id, struct err *why)
{
	struct psa_product p;
	const struct json *v;
	enum sent sent;

	if (get_service(c, a, change->product_remote_id, &p, why) != RC_OK)
		return why->rc == RC_REMOTE || why->rc == RC_BUSY ? SENT_NOT : SENT_REFUSED;
	sent = kb_send(
		c, a, "POST", add_path(a, change->contract_remote_id), body_add(a, change, &p), change_what, &v, why);
	*ret_id = v ? json_scalar(json_get(v, "id")) : NULL;
	return sent;
}

static void write_with(
	struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret, bool settle)
{
	const struct inplace_ops ops = { .who = c->who,
		.line = "service line",
		.contract = "contract",
		.blind = true,
		.load = load,
		.list = list,
		.set = set,
		.add = add };
	struct psa_change in_place = *change;

	/* Units carry their day; to the rest of the write it is one in place. */
	if (change->kind == PSA_SET_FROM_DATE)
		in_place.kind = PSA_SET_QUANTITY;
	inplace_write(&ops, c, a, &in_place, ret, settle);
}

void kb_apply(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret)
{
	write_with(c, a, change, ret, false);
}

void kb_settle(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret)
{
	write_with(c, a, change, ret, true);
}

/* Without the unpublished path nothing but the line's being there is known, from the write that made it. */
enum rc kb_read_line(struct psa_conn *c, struct arena *a, const char *contract, const char *line, struct psa_line *ret,
	struct err *e)
{
	struct psa_change change = { .contract_remote_id = contract };
	struct inplace_seen s = { 0 };
	enum rc rc;

	if (*c->units_path) {
		rc = load(c, a, &change, line, &s, e);
		*ret = s.line;
		return rc;
	}
	*ret = (struct psa_line){ .remote_id = line,
		.contract_remote_id = contract,
		.product_remote_id = "",
		.product_code = "",
		.description = "",
		.version = "",
		.billable = true,
		.agreement_active = true,
		.unknown = "the API does not tell its units",
		.effective = DAY_NONE,
		.cancelled = DAY_NONE,
		.billed_through = DAY_NONE };
	return RC_OK;
}

enum rc kb_plan(struct arena *a, const struct psa_change *c, const struct psa_line *line,
	const struct psa_contract *contract, struct psa_plan *ret, struct err *e)
{
	memset(ret, 0, sizeof(*ret));
	if (c->effective == DAY_NONE && c->kind != PSA_REMOVE_ADDED) {
		ret->dated = true;
		ret->effective = day_of_change(c);
	}
	if (c->by_hand) {
		struct psa_change dated = *c;

		dated.effective = c->kind == PSA_REMOVE_ADDED && c->want == 0 ? c->effective : day_of_change(c);
		byhand_plan(a, &dated, line, contract, "Finance > Contracts", "units", ret);
		return RC_OK;
	}
	ret->calls = 1;
	if (c->kind == PSA_ADD_LINE)
		ret->call[0] = (struct psa_call){ "POST", add_path(a, c->contract_remote_id), body_add(a, c, NULL),
			"Adds the service to the contract; its cost is taken from the service when it is sent." };
	else
		ret->call[0] = (struct psa_call){ "PUT",
			arena_printf(a, "(units_path) %s, line %s", c->contract_remote_id, c->line_remote_id),
			body_units(a, c, c->want), "Sets the units by the path of the settings, which is not public." };
	if (c->kind == PSA_ADD_LINE)
		ret->warning[ret->warnings++] =
			"The API does not show a line's units: only that it was added is read back.";
	return RC_OK;
}
