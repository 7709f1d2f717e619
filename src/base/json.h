/* json.h - JSON in and out, with numbers kept as the text they came as.
 *
 * Reading makes a tree in an arena. Input must be UTF-8 (RFC 8259); depth, size and node count
 * are limited; duplicate member names are refused, as are keys that are empty where asked.
 * Writing goes into a struct buf; commas and escapes are taken care of, and JSONW_ASCII escapes
 * every non-ASCII character as \uXXXX (surrogate pairs above the BMP).
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"

enum json_type { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_type type;
	unsigned count;		/* members or elements                                         */
	const char *key;	/* member name when the parent is an object, else NULL         */
	const char *str;	/* string text (NUL-ended, may hold NULs), or the number's text */
	size_t len;		/* bytes in str                                                */
	struct json *child;	/* first member or element                                     */
	struct json *next;	/* next sibling                                                */
};

struct json_limits {
	size_t bytes;		/* whole text */
	unsigned depth;
	unsigned nodes;
};

#define JSON_LIMITS_DEFAULT { 8u << 20, 32, 1u << 20 }

/* Parses `len` bytes; a BOM in front is skipped. The tree and all texts live in `a`, nothing
 * points into `text`. RC_INVALID with the byte offset and what was expected. */
enum rc json_parse(struct arena *a, const char *text, size_t len, const struct json_limits *limits,
	struct json **ret_root, struct err *e) MUST_CHECK;

/* All take NULL, or a value of another type, and then give NULL / the fallback. */
const struct json *json_get(const struct json *object, const char *key);
/* "a/b/c" walks members; array indices are decimal numbers. */
const struct json *json_path(const struct json *v, const char *path);
const char *json_text(const struct json *v);			/* strings only, else NULL   */
const char *json_text_or(const struct json *v, const char *fallback);
const char *json_scalar(const struct json *v);			/* string or number as text  */
bool json_is(const struct json *v, enum json_type type);
bool json_is_null(const struct json *v);			/* absent counts as null     */
bool json_true(const struct json *v);
bool json_bool_or(const struct json *v, bool fallback);
/* Number, or string that spells one, to an exact quantity. RC_INVALID otherwise. */
enum rc json_qty(const struct json *v, qty *ret) MUST_CHECK;
/* Whole number within [min, max]; "14.0" counts as whole. RC_INVALID otherwise. */
enum rc json_int(const struct json *v, int64_t min, int64_t max, int64_t *ret) MUST_CHECK;
/* Text of member `key` of `object`, or NULL: json_text(json_get(..)). */
const char *json_member(const struct json *object, const char *key);

enum { JSONW_ASCII = 1, JSONW_PRETTY = 2 };

/* A writer over a buffer that the caller owns. Misuse (a value without key in an object) is a BUG. */
struct jsonw {
	struct buf *out;
	unsigned flags;
	unsigned depth;
	bool need_comma;
	bool have_key;
	unsigned char in_object[32];
};

void jsonw_init(struct jsonw *w, struct buf *out, unsigned flags);
void jsonw_object(struct jsonw *w);
void jsonw_end_object(struct jsonw *w);
void jsonw_array(struct jsonw *w);
void jsonw_end_array(struct jsonw *w);
void jsonw_key(struct jsonw *w, const char *key);
void jsonw_string(struct jsonw *w, const char *s);		/* NULL writes null */
void jsonw_stringn(struct jsonw *w, const char *s, size_t len);
void jsonw_int(struct jsonw *w, int64_t v);
void jsonw_bool(struct jsonw *w, bool v);
void jsonw_null(struct jsonw *w);
void jsonw_number(struct jsonw *w, const char *text);		/* number text as it is      */
void jsonw_qty(struct jsonw *w, qty q);				/* decimal STRING: "14"      */
void jsonw_raw(struct jsonw *w, const char *json);		/* a whole value, trusted    */
void jsonw_value(struct jsonw *w, const struct json *v);	/* a parsed tree again       */
/* key and value in one call; NULL text writes null. */
void jsonw_kv(struct jsonw *w, const char *key, const char *text);
void jsonw_kv_int(struct jsonw *w, const char *key, int64_t v);
void jsonw_kv_bool(struct jsonw *w, const char *key, bool v);
void jsonw_kv_qty(struct jsonw *w, const char *key, qty q);
void jsonw_kv_null(struct jsonw *w, const char *key);
void jsonw_kv_raw(struct jsonw *w, const char *key, const char *json);

#endif
