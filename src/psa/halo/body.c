/* The bodies that are sent. A template goes back as it came: every member of every other line, in the order read, with
 * numbers in the very text they came in; whether a line that is left out would be deleted, no source tells. */
#include "psa/halo/ha.h"

#include <string.h>

enum { BODY_BYTES = 4 << 20 };

char *ha_date(struct arena *a, day d)
{
	char text[DAY_TEXT];

	return arena_printf(a, "%sT00:00:00Z", day_format(d, text));
}

static void number(struct jsonw *w, const char *key, qty q)
{
	char text[QTY_TEXT];

	jsonw_key(w, key);
	jsonw_number(w, qty_format(q, text));
}

static void id(struct jsonw *w, const char *key, const char *text)
{
	jsonw_key(w, key);
	jsonw_number(w, wire_is_id(text, true) ? text : "0");
}

static void copy(struct jsonw *w, const struct json *v, const char *key)
{
	if (!json_get(v, key))
		return;
	jsonw_key(w, key);
	jsonw_value(w, json_get(v, key));
}

static void put_row(struct jsonw *w, struct arena *a, const struct ha_edit *edit)
{
	jsonw_object(w);
	id(w, "invoicedetailid", edit->line);
	jsonw_kv(w, "date", ha_date(a, edit->from));
	number(w, "quantity", edit->more);
	number(w, "unitprice", edit->price);
	number(w, "unitcost", edit->cost);
	jsonw_kv(w, "shortdescription", edit->words);
	jsonw_kv_bool(w, "prorata_next_invoice", true);
	jsonw_end_object(w);
}

/* The rows that are there stay, and one more comes. */
static void put_rows(struct jsonw *w, struct arena *a, const struct json *line, const struct ha_edit *edit)
{
	const struct json *rows = json_get(line, "prorata_data");

	jsonw_key(w, "prorata_data");
	jsonw_array(w);
	for (const struct json *r = json_is(rows, JSON_ARRAY) ? rows->child : NULL; r; r = r->next)
		jsonw_value(w, r);
	put_row(w, a, edit);
	jsonw_end_array(w);
}

static void put_edited(struct jsonw *w, struct arena *a, const struct json *line, const struct ha_edit *edit)
{
	const char *changed = edit->set ? "qty_order" : "prorata_data";

	jsonw_object(w);
	for (const struct json *m = line->child; m; m = m->next) {
		if (strcmp(m->key, changed) == 0)
			continue;
		jsonw_key(w, m->key);
		jsonw_value(w, m);
	}
	if (edit->set)
		number(w, "qty_order", edit->order);
	else
		put_rows(w, a, line, edit);
	jsonw_end_object(w);
}

static void put_alone(struct jsonw *w, struct arena *a, const struct json *header, const struct json *line,
	const struct ha_edit *edit)
{
	jsonw_object(w);
	id(w, "id", edit->line);
	id(w, "ihid", ha_text(header, "id"));
	if (edit->set) {
		number(w, "qty_order", edit->order);
	} else {
		copy(w, line, "qty_order");
		put_rows(w, a, line, edit);
	}
	jsonw_end_object(w);
}

static void put_whole(struct jsonw *w, struct arena *a, const struct json *header, const struct ha_edit *edit)
{
	const struct json *lines = json_get(header, "lines");

	jsonw_object(w);
	id(w, "id", ha_text(header, "id"));
	copy(w, header, "change_seq");
	jsonw_key(w, "lines");
	jsonw_array(w);
	for (const struct json *v = json_is(lines, JSON_ARRAY) ? lines->child : NULL; v; v = v->next) {
		if (strcmp(ha_text(v, "id"), edit->line) == 0)
			put_edited(w, a, v, edit);
		else
			jsonw_value(w, v);
	}
	jsonw_end_array(w);
	jsonw_end_object(w);
}

char *ha_body_edit(struct arena *a, const struct json *header, const struct ha_edit *edit, bool alone)
{
	AUTO(buf) b = BUF_INIT(BODY_BYTES);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_array(&w);
	if (alone)
		put_alone(&w, a, header, ha_find_line(header, edit->line), edit);
	else
		put_whole(&w, a, header, edit);
	jsonw_end_array(&w);
	return b.failed ? NULL : arena_strdup(a, buf_text(&b));
}

/* `item` is NULL for a preview: then what comes from the item itself is not known yet. */
char *ha_body_add(struct arena *a, const struct psa_change *c, const struct json *item)
{
	AUTO(buf) b = BUF_INIT(BODY_BYTES);
	const char *words = c->description && *c->description ? c->description : ha_text(item, "name");
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_array(&w);
	jsonw_object(&w);
	id(&w, "ihid", c->contract_remote_id);
	id(&w, "_itemid", c->product_remote_id);
	if (*ha_text(item, "internalreference"))
		jsonw_kv(&w, "item_code", ha_text(item, "internalreference"));
	if (*words)
		jsonw_kv(&w, "item_shortdescription", words);
	number(&w, "qty_order", c->want);
	if (c->has_price)
		number(&w, "unit_price", c->unit_price);
	if (*ha_text(item, "recurringcost") || *ha_text(item, "costprice"))
		jsonw_key(&w, "unit_cost"),
			jsonw_value(
				&w, json_get(item, *ha_text(item, "recurringcost") ? "recurringcost" : "costprice"));
	if (*ha_text(item, "taxcode"))
		jsonw_kv(&w, "tax_code", ha_text(item, "taxcode"));
	if (*ha_text(item, "nominalcode"))
		jsonw_kv(&w, "nominal_code", ha_text(item, "nominalcode"));
	if (c->effective != DAY_NONE)
		jsonw_kv(&w, "startdate", ha_date(a, c->effective));
	jsonw_end_object(&w);
	jsonw_end_array(&w);
	return b.failed ? NULL : arena_strdup(a, buf_text(&b));
}
