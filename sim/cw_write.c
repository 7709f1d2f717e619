/* cw_write.c - POST, PATCH and DELETE of ConnectWise records, with the habits of the real API.
 *
 * A path into a reference ("company/identifier") is passed over with a 200. Members that the PSA
 * computes are passed over, too. Numbers may come as texts. Nothing is changed when one operation
 * of a PATCH is wrong.
 */
#include "cw.h"

#include <stdio.h>
#include <string.h>

/* What is computed or fixed; a write to it has no effect. */
static const char read_only[] =
	" id agreementId agreementStatus billedQuantity extPrice extCost margin prorateCost proratePrice "
	"extendedProrateCost extendedProratePrice _info ";
static const char numbers[] = " quantity lessIncluded unitPrice unitCost sequenceNumber price cost ";
static const char dates[] = " effectiveDate cancelledDate requiredDate ";

static bool in(const char *list, const char *word)
{
	char padded[80];

	snprintf(padded, sizeof(padded), " %s ", word);
	return strstr(list, padded) != NULL;
}

struct trouble {
	const char *code, *field, *message;
};

static bool fail(struct trouble *x, const char *code, const char *field, const char *message)
{
	*x = (struct trouble){ code, field, message };
	return false;
}

static bool good_date(const char *text)
{
	size_t len = strlen(text);
	utime t;

	return len == 20 && text[len - 1] == 'Z' && clock_parse(text, &t) == RC_OK;
}

/* Takes the value as the PSA would keep it. */
static bool set_value(struct node *row, const char *key, const struct json *v, struct trouble *x)
{
	char text[QTY_TEXT + 2];
	qty q;

	if (in(numbers, key) && !json_is_null(v)) {
		if (json_qty(v, &q) != RC_OK)
			return fail(x, "InvalidType", key, "The value is not a number.");
		node_set(row, key, node_number(cw_decimal(q, text)));
		return true;
	}
	if (in(dates, key) && !json_is_null(v)) {
		if (!json_text(v) || !good_date(json_text(v)))
			return fail(x, "InvalidType", key, "The date must be in the format yyyy-MM-ddTHH:mm:ssZ.");
		node_set(row, key, node_string(json_text(v)));
		return true;
	}
	if (json_is_null(v))
		node_remove(row, key);
	else
		node_set(row, key, node_from(v));
	return true;
}

/* Characters of UTF-8. */
static size_t letters(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static bool check_addition(struct sim *s, const struct node *row, struct trouble *x)
{
	struct cw_row *item = cw_find(cw_table(s, "catalog"), node_number_or(node_path(row, "product/id"), 0));
	const char *bill = node_text(node_get(row, "billCustomer"), "");
	const char *from = node_text(node_get(row, "effectiveDate"), "");
	const char *until = node_text(node_get(row, "cancelledDate"), NULL);

	if (!item)
		return fail(x, "InvalidReference", "product", "The product does not exist.");
	if (strcmp(node_text(node_get(item->value, "productClass"), ""), "Bundle") == 0)
		return fail(x, "InvalidObject", "product", "A bundle cannot be added to an agreement.");
	if (strcmp(bill, "Billable") != 0 && strcmp(bill, "DoNotBill") != 0 && strcmp(bill, "NoCharge") != 0)
		return fail(x, "InvalidValue", "billCustomer",
			"The billCustomer field is not one of Billable, DoNotBill, NoCharge.");
	if (until && strncmp(until, from, 10) < 0)
		return fail(
			x, "InvalidValue", "cancelledDate", "The cancelled date may not be before the effective date.");
	if (letters(node_text(node_get(row, "invoiceDescription"), "")) > 6000)
		return fail(x, "MaxLength", "invoiceDescription",
			"The invoiceDescription field may not exceed 6000 characters.");
	return true;
}

static bool check_ticket(struct sim *s, const struct node *row, struct trouble *x)
{
	if (letters(node_text(node_get(row, "summary"), "")) > 100)
		return fail(x, "MaxLength", "summary", "The summary field may not exceed 100 characters.");
	if (!cw_find(cw_table(s, "companies"), node_number_or(node_path(row, "company/id"), 0)))
		return fail(x, "InvalidReference", "company", "The company does not exist.");
	if (node_get(row, "board") && !cw_find(cw_table(s, "boards"), node_number_or(node_path(row, "board/id"), 0)))
		return fail(x, "InvalidReference", "board", "The board does not exist.");
	return true;
}

static bool check(struct sim *s, const struct cw_kind *k, const struct node *row, struct trouble *x)
{
	if (strcmp(k->member, "additions") == 0)
		return check_addition(s, row, x);
	return strcmp(k->member, "tickets") != 0 || check_ticket(s, row, x);
}

static void answer_trouble(struct request *r, struct answer *w, const struct cw_kind *k, const struct trouble *x)
{
	cw_invalid(r, w, k->resource, x->code, x->field, x->message);
}

static void audit(struct sim *s, const struct cw_table *t, int64_t id, const char *text)
{
	struct node *n = node_object();
	char now[CLOCK_TEXT];

	node_set(n, "text", node_string(text));
	node_set(n, "enteredDate", node_string(sim_now(now)));
	node_set(n, "enteredBy", node_string("api"));
	node_set(n, "auditType",
		node_string(strcmp(t->kind->member, "additions") == 0     ? "AgreementAddition"
				: strcmp(t->kind->member, "catalog") == 0 ? "CatalogItem"
									  : "Ticket"));
	node_set(n, "auditSource", node_string("API"));
	node_set(n, "recordId", node_int(id));
	node_append(((struct cw *)s->data)->audit, n);
}

static void stamp_all(struct sim *s, const struct cw_table *t, struct cw_row *row)
{
	struct cw_row *agreement;

	cw_stamp(s, row->value);
	if (strcmp(t->kind->member, "additions") != 0 || !node_true(node_get(s->settings, "stamp_agreement")))
		return;
	agreement = cw_find(cw_table(s, "agreements"), row->parent);
	if (agreement)
		cw_stamp(s, agreement->value);
}

/* The body as an object whose required members are there. */
static bool read_post(struct request *r, struct answer *w, const struct cw_kind *k, struct json **ret)
{
	char *list = arena_strdup(r->arena, k->required), *word;
	struct err e = ERR_INIT;

	if (request_json(r, ret, &e) != RC_OK || !json_is(*ret, JSON_OBJECT)) {
		cw_invalid(r, w, k->resource, "InvalidObject", "body", "The body is not a JSON object.");
		return false;
	}
	while ((word = strsep(&list, ",")) != NULL) {
		if (!json_is_null(json_get(*ret, word)))
			continue;
		cw_invalid(r, w, k->resource, "MissingRequiredField", word,
			arena_printf(r->arena, "The %s field is required.", word));
		return false;
	}
	return true;
}

/* A product may be named by its Product ID alone. */
static void find_product(struct sim *s, struct node *row)
{
	struct cw_table *t = cw_table(s, "catalog");
	const char *code = node_text(node_path(row, "product/identifier"), NULL);

	if (!code || node_path(row, "product/id"))
		return;
	for (size_t i = 0; i < t->count; i++)
		if (strcasecmp(node_text(node_get(t->row[i].value, "identifier"), ""), code) == 0)
			node_set(node_get(row, "product"), "id", node_int(t->row[i].id));
}

static struct node *build(
	struct sim *s, const struct cw_kind *k, const struct json *body, int64_t parent, struct trouble *x)
{
	struct node *row = node_object();
	char today[CLOCK_TEXT];

	for (const struct json *v = body->child; v; v = v->next) {
		if (in(read_only, v->key) || !cw_known_field(k, v->key))
			continue;
		if (!set_value(row, v->key, v, x)) {
			node_free(row);
			return NULL;
		}
	}
	if (k->parent)
		node_set(row, k->parent, node_int(parent));
	find_product(s, row);
	if (strcmp(k->member, "additions") == 0 && !node_get(row, "effectiveDate"))
		node_set(row, "effectiveDate", node_string(clock_format((utime)day_today() * CLOCK_DAY, today)));
	if (check(s, k, row, x))
		return row;
	node_free(row);
	return NULL;
}

void cw_post(struct sim *s, struct request *r, struct answer *w, struct cw_table *t, int64_t parent)
{
	struct json *body;
	struct trouble x = { 0 };
	struct node *row;

	if (!read_post(r, w, t->kind, &body))
		return;
	row = build(s, t->kind, body, parent, &x);
	if (!row) {
		answer_trouble(r, w, t->kind, &x);
		return;
	}
	if (r->ignore_write) {
		t->kind->complete(s, row, true);
		node_set(row, "id", node_int(t->last_id + 1));
		answer_node(w, 201, row);
		node_free(row);
		return;
	}
	cw_insert(t, row);
	t->kind->complete(s, row, true);
	stamp_all(s, t, cw_find(t, t->last_id));
	audit(s, t, t->last_id, "The record was created.");
	answer_node(w, 201, row);
	ledger_add(s, r, NULL, node_copy(row));
}

static bool patch_one(struct node *row, const struct cw_kind *k, const struct json *op, struct trouble *x)
{
	const char *what = json_member(op, "op"), *path = json_member(op, "path");

	if (!what || !path)
		return fail(x, "InvalidObject", "op", "Each operation needs op and path.");
	if (*path == '/')
		path++;
	if (strcmp(what, "add") != 0 && strcmp(what, "replace") != 0 && strcmp(what, "remove") != 0)
		return fail(x, "InvalidObject", "op", "The operation is not one of add, replace, remove.");
	if (strchr(path, '/') || in(read_only, path))
		return true;
	if (!cw_known_field(k, path))
		return fail(x, "InvalidField", path, "The field does not exist.");
	return set_value(row, path, strcmp(what, "remove") == 0 ? NULL : json_get(op, "value"), x);
}

static bool patch_all(
	struct sim *s, struct node *row, const struct cw_kind *k, const struct json *ops, struct trouble *x)
{
	for (const struct json *op = ops->child; op; op = op->next)
		if (!patch_one(row, k, op, x))
			return false;
	return check(s, k, row, x);
}

static const char *change_text(struct request *r, const struct json *ops)
{
	AUTO(buf) b = BUF_INIT(1 << 20);

	for (const struct json *op = ops->child; op; op = op->next)
		buf_printf(&b, "%s%s changed to %s", b.len ? "; " : "", json_text_or(json_get(op, "path"), ""),
			json_scalar(json_get(op, "value")) ? json_scalar(json_get(op, "value")) : "another value");
	return arena_strdup(r->arena, buf_text(&b));
}

void cw_patch(struct sim *s, struct request *r, struct answer *w, struct cw_table *t, struct cw_row *row)
{
	struct err e = ERR_INIT;
	struct json *ops;
	struct trouble x = { 0 };
	struct node *changed;

	if (request_json(r, &ops, &e) != RC_OK || !json_is(ops, JSON_ARRAY)) {
		cw_invalid(r, w, t->kind->resource, "InvalidObject", "body",
			"The body is not a JSON array of operations.");
		return;
	}
	changed = node_copy(row->value);
	if (!patch_all(s, changed, t->kind, ops, &x)) {
		answer_trouble(r, w, t->kind, &x);
		node_free(changed);
		return;
	}
	if (r->ignore_write || !ops->count) {
		node_free(changed);
		answer_node(w, 200, row->value);
		return;
	}
	ledger_add(s, r, row->value, NULL);
	row->value = changed;
	t->kind->complete(s, changed, false);
	stamp_all(s, t, row);
	node_set(s->ledger_last, "after", node_copy(changed));
	audit(s, t, row->id, change_text(r, ops));
	answer_node(w, 200, changed);
}

void cw_delete(struct sim *s, struct request *r, struct answer *w, struct cw_table *t, struct cw_row *row)
{
	w->status = 204;
	if (r->ignore_write)
		return;
	ledger_add(s, r, node_copy(row->value), NULL);
	cw_remove(t, row->id);
}
