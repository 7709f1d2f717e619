/* Writing: commas and escapes are taken care of; misuse is a fault of ours and stops the program. */
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/codec.h"

void jsonw_init(struct jsonw *w, struct buf *out, unsigned flags)
{
	*w = (struct jsonw){ .out = out, .flags = flags };
}

static void new_line(struct jsonw *w)
{
	if (!(w->flags & JSONW_PRETTY))
		return;
	buf_putc(w->out, '\n');
	for (unsigned i = 0; i < w->depth; i++)
		buf_puts(w->out, "  ");
}

/* What stands in front of a value or a key: the comma. */
static void before_value(struct jsonw *w)
{
	if (w->depth && w->in_object[w->depth - 1]) {
		if (!w->have_key)
			BUG("a value without key in an object");
		w->have_key = false;
		return;
	}
	if (w->need_comma)
		buf_putc(w->out, ',');
	if (w->depth)
		new_line(w);
}

static void open_nested(struct jsonw *w, char bracket)
{
	before_value(w);
	if (w->depth == sizeof(w->in_object))
		BUG("JSON nested deeper than %zu", sizeof(w->in_object));
	buf_putc(w->out, bracket);
	w->in_object[w->depth++] = bracket == '{';
	w->need_comma = false;
}

static void close_nested(struct jsonw *w, bool object)
{
	if (!w->depth || (bool)w->in_object[w->depth - 1] != object || w->have_key)
		BUG("JSON closed in the wrong order");
	w->depth--;
	if (w->need_comma)
		new_line(w);
	buf_putc(w->out, object ? '}' : ']');
	w->need_comma = true;
}

void jsonw_object(struct jsonw *w)
{
	open_nested(w, '{');
}

void jsonw_end_object(struct jsonw *w)
{
	close_nested(w, true);
}

void jsonw_array(struct jsonw *w)
{
	open_nested(w, '[');
}

void jsonw_end_array(struct jsonw *w)
{
	close_nested(w, false);
}

/* Code point of the UTF-8 sequence at `s`, which is valid; *ret_len is its length. */
static unsigned code_point(const unsigned char *s, size_t *ret_len)
{
	if (s[0] < 0x80) {
		*ret_len = 1;
		return s[0];
	}
	if (s[0] < 0xe0) {
		*ret_len = 2;
		return (unsigned)(s[0] & 0x1f) << 6 | (s[1] & 0x3f);
	}
	if (s[0] < 0xf0) {
		*ret_len = 3;
		return (unsigned)(s[0] & 0x0f) << 12 | (unsigned)(s[1] & 0x3f) << 6 | (s[2] & 0x3f);
	}
	*ret_len = 4;
	return (unsigned)(s[0] & 0x07) << 18 | (unsigned)(s[1] & 0x3f) << 12 | (unsigned)(s[2] & 0x3f) << 6 |
		(s[3] & 0x3f);
}

static void put_escaped_point(struct buf *out, unsigned c)
{
	if (c < 0x10000) {
		buf_printf(out, "\\u%04x", c);
		return;
	}
	c -= 0x10000;
	buf_printf(out, "\\u%04x\\u%04x", 0xd800 + (c >> 10), 0xdc00 + (c & 0x3ff));
}

static void put_special(struct buf *out, unsigned char c)
{
	static const char names[] = "\"\\bfnrt", values[] = "\"\\\b\f\n\r\t";
	const char *found = c ? strchr(values, c) : NULL;

	if (found)
		buf_printf(out, "\\%c", names[found - values]);
	else
		buf_printf(out, "\\u%04x", c);
}

static void put_text(struct jsonw *w, const char *s, size_t len)
{
	bool ascii = w->flags & JSONW_ASCII;
	size_t at = 0, run = 0;

	buf_putc(w->out, '"');
	while (at < len) {
		unsigned char c = (unsigned char)s[at];
		size_t width = 1;

		if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f && !(ascii && c >= 0x80)) {
			at++;
			continue;
		}
		buf_put(w->out, s + run, at - run);
		if (c >= 0x80)
			put_escaped_point(w->out, code_point((const unsigned char *)s + at, &width));
		else
			put_special(w->out, c);
		at += width;
		run = at;
	}
	buf_put(w->out, s + run, len - run);
	buf_putc(w->out, '"');
}

void jsonw_key(struct jsonw *w, const char *key)
{
	if (!w->depth || !w->in_object[w->depth - 1] || w->have_key)
		BUG("a key outside an object: %s", key);
	if (w->need_comma)
		buf_putc(w->out, ',');
	new_line(w);
	put_text(w, key, strlen(key));
	buf_puts(w->out, w->flags & JSONW_PRETTY ? ": " : ":");
	w->have_key = true;
	w->need_comma = true;
}

void jsonw_stringn(struct jsonw *w, const char *s, size_t len)
{
	/* Texts from outside are UTF-8 by the time they are here; one that is not would make the whole
	 * answer unreadable, so it is read as what it most likely is. */
	if (!utf8_valid(s, len)) {
		struct arena scratch = ARENA_INIT;
		char *text = text_to_utf8(&scratch, s, len, &len);

		before_value(w);
		put_text(w, text, len);
		arena_release(&scratch);
	} else {
		before_value(w);
		put_text(w, s, len);
	}
	w->need_comma = true;
}

void jsonw_string(struct jsonw *w, const char *s)
{
	if (s)
		jsonw_stringn(w, s, strlen(s));
	else
		jsonw_null(w);
}

void jsonw_raw(struct jsonw *w, const char *json)
{
	before_value(w);
	buf_puts(w->out, json);
	w->need_comma = true;
}

void jsonw_number(struct jsonw *w, const char *text)
{
	jsonw_raw(w, text);
}

void jsonw_int(struct jsonw *w, int64_t v)
{
	before_value(w);
	buf_printf(w->out, "%" PRId64, v);
	w->need_comma = true;
}

void jsonw_bool(struct jsonw *w, bool v)
{
	jsonw_raw(w, v ? "true" : "false");
}

void jsonw_null(struct jsonw *w)
{
	jsonw_raw(w, "null");
}

void jsonw_qty(struct jsonw *w, qty q)
{
	char text[QTY_TEXT];

	jsonw_string(w, qty_format(q, text));
}

static void write_children(struct jsonw *w, const struct json *v)
{
	for (const struct json *child = v->child; child; child = child->next) {
		if (child->key)
			jsonw_key(w, child->key);
		jsonw_value(w, child);
	}
}

void jsonw_value(struct jsonw *w, const struct json *v)
{
	switch (v->type) {
	case JSON_NULL:
		jsonw_null(w);
		break;
	case JSON_FALSE:
	case JSON_TRUE:
		jsonw_bool(w, v->type == JSON_TRUE);
		break;
	case JSON_NUMBER:
		jsonw_number(w, v->str);
		break;
	case JSON_STRING:
		jsonw_stringn(w, v->str, v->len);
		break;
	case JSON_ARRAY:
		jsonw_array(w);
		write_children(w, v);
		jsonw_end_array(w);
		break;
	case JSON_OBJECT:
		jsonw_object(w);
		write_children(w, v);
		jsonw_end_object(w);
		break;
	}
}

void jsonw_kv(struct jsonw *w, const char *key, const char *text)
{
	jsonw_key(w, key);
	jsonw_string(w, text);
}

void jsonw_kv_int(struct jsonw *w, const char *key, int64_t v)
{
	jsonw_key(w, key);
	jsonw_int(w, v);
}

void jsonw_kv_bool(struct jsonw *w, const char *key, bool v)
{
	jsonw_key(w, key);
	jsonw_bool(w, v);
}

void jsonw_kv_qty(struct jsonw *w, const char *key, qty q)
{
	jsonw_key(w, key);
	jsonw_qty(w, q);
}

void jsonw_kv_null(struct jsonw *w, const char *key)
{
	jsonw_key(w, key);
	jsonw_null(w);
}

void jsonw_kv_raw(struct jsonw *w, const char *key, const char *json)
{
	jsonw_key(w, key);
	jsonw_raw(w, json);
}
