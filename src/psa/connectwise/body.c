/* The bodies that are sent: JSON Patch with absolute values, and whole additions. */
#include "psa/connectwise/cw.h"

#include "base/codec.h"

#include <string.h>

enum { BODY_BYTES = 256 << 10 };

char *cw_date(struct arena *a, day d)
{
	char text[DAY_TEXT];

	return arena_printf(a, "%sT00:00:00Z", day_format(d, text));
}

char *cw_path_line(struct arena *a, const char *contract, const char *line)
{
	return arena_printf(a, "/finance/agreements/%s/additions/%s", url_encode(a, contract), url_encode(a, line));
}

/* A JSON number: ConnectWise counts in decimals. */
static void number(struct jsonw *w, qty q)
{
	char text[QTY_TEXT];

	jsonw_number(w, qty_format(q, text));
}

static void replace(struct jsonw *w, const char *path)
{
	jsonw_object(w);
	jsonw_kv(w, "op", "replace");
	jsonw_kv(w, "path", path);
	jsonw_key(w, "value");
}

static char *finish(struct arena *a, const struct buf *b)
{
	if (b->failed)
		BUG("a body of more than %d bytes", BODY_BYTES);
	return arena_strdup(a, buf_text(b));
}

char *cw_body_quantity(struct arena *a, qty quantity)
{
	return cw_body_replace(a, "quantity", quantity);
}

char *cw_body_replace(struct arena *a, const char *path, qty value)
{
	AUTO(buf) b = BUF_INIT(BODY_BYTES);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_array(&w);
	replace(&w, path);
	number(&w, value);
	jsonw_end_object(&w);
	jsonw_end_array(&w);
	return finish(a, &b);
}

char *cw_body_end(struct arena *a, day last)
{
	AUTO(buf) b = BUF_INIT(BODY_BYTES);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_array(&w);
	replace(&w, "cancelledDate");
	jsonw_string(&w, last == DAY_NONE ? NULL : cw_date(a, last));
	jsonw_end_object(&w);
	jsonw_end_array(&w);
	return finish(a, &b);
}

/* No unit, and ended on its first day: it bills nothing, whichever way ConnectWise counts the last day. */
char *cw_body_void(struct arena *a, day last)
{
	AUTO(buf) b = BUF_INIT(BODY_BYTES);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_array(&w);
	replace(&w, "quantity");
	number(&w, 0);
	jsonw_end_object(&w);
	replace(&w, "cancelledDate");
	jsonw_string(&w, cw_date(a, last));
	jsonw_end_object(&w);
	jsonw_end_array(&w);
	return finish(a, &b);
}

/* A reference is written as its id; ids of ConnectWise are whole numbers. */
static void reference(struct jsonw *w, const char *key, const char *id)
{
	jsonw_key(w, key);
	jsonw_object(w);
	jsonw_key(w, "id");
	if (*id && strspn(id, "0123456789") == strlen(id))
		jsonw_number(w, id);
	else
		jsonw_string(w, id);
	jsonw_end_object(w);
}

char *cw_body_add(struct arena *a, const struct psa_change *c, day effective)
{
	AUTO(buf) b = BUF_INIT(BODY_BYTES);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	reference(&w, "product", c->product_remote_id);
	jsonw_key(&w, "quantity");
	number(&w, c->want);
	if (c->has_price) {
		jsonw_key(&w, "unitPrice");
		number(&w, c->unit_price);
	}
	jsonw_kv(&w, "billCustomer", "Billable");
	jsonw_kv(&w, "effectiveDate", cw_date(a, effective));
	if (c->description && *c->description)
		jsonw_kv(&w, "invoiceDescription", c->description);
	jsonw_end_object(&w);
	return finish(a, &b);
}

static void copy(struct jsonw *w, const struct json *from, const char *key)
{
	const struct json *v = json_get(from, key);

	if (json_is_null(v))
		return;
	jsonw_key(w, key);
	jsonw_value(w, v);
}

static void copy_reference(struct jsonw *w, const struct json *from, const char *key)
{
	const char *id = cw_id(json_get(from, key));

	if (*id)
		reference(w, key, id);
}

char *cw_body_begin(struct arena *a, const struct json *old, qty quantity, day effective)
{
	static const char *const same[] = { "billCustomer", "unitPrice", "unitCost", "lessIncluded", "taxableFlag",
		"invoiceDescription", "description", "sequenceNumber", "uom", "purchaseItemFlag", "specialOrderFlag",
		"prorateCurrentPeriodFlag", "cancelledDate", "customFields" };
	AUTO(buf) b = BUF_INIT(BODY_BYTES);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	copy_reference(&w, old, "product");
	jsonw_key(&w, "quantity");
	number(&w, quantity);
	jsonw_kv(&w, "effectiveDate", cw_date(a, effective));
	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		copy(&w, old, same[i]);
	copy_reference(&w, old, "invoiceGrouping");
	copy_reference(&w, old, "opportunity");
	jsonw_end_object(&w);
	return finish(a, &b);
}
