/* field.h - members of a PSA's JSON, read strictly: absent is absent, and a member of another type than it should have
 * ends the reading with its name, so that a changed remote never turns into wrong numbers.
 */
#ifndef PSA_FIELD_H
#define PSA_FIELD_H

#include "base/clock.h"
#include "base/json.h"

/* One object under reading. The first member that is wrong fills `e` and sets `rc`; later calls give nothing. */
struct fields {
	const char *who, *what; /* "Syncro", "schedule" */
	const struct json *v;
	struct err *e;
	enum rc rc;
};

/* Begins with the object `v`; wrong when it is none. */
struct fields fields_of(const char *who, const char *what, const struct json *v, struct err *e);
/* A text, or a number as text; "" when absent or null. `path` is "a/b". */
const char *field_text(struct fields *f, const char *path);
/* A number, or a text that spells one. False when absent, null or "". */
bool field_qty(struct fields *f, const char *path, qty *ret);
/* The same, of hundredths: 475 is 4.75. */
bool field_cents(struct fields *f, const char *path, qty *ret);
/* False when absent. */
bool field_bool(struct fields *f, const char *path);
/* A date, or the date of a time; DAY_NONE when absent or "". */
day field_day(struct fields *f, const char *path);
/* 0 when absent or "". */
utime field_time(struct fields *f, const char *path);
/* A whole number as text, or ""; wrong when it must be there. */
const char *field_id(struct fields *f, const char *path, bool must);
/* An array. NULL when absent; wrong when it must be there. */
const struct json *field_list(struct fields *f, const char *path, bool must);

enum field_type {
	FIELD_QTY,
	FIELD_BOOL,
	FIELD_DAY,
	FIELD_TEXT, /* or a number */
	FIELD_ID, /* a whole number, or a text that spells one */
	FIELD_KEY, /* the same, and it must be there */
	FIELD_LIST,
	FIELD_OBJECT
};

/* What a member must be when it is there; the last has no path. */
struct field_shape {
	const char *path;
	enum field_type type;
};

/* For a connector that reads members by itself: the first that has another type than its row says ends with its
 * name. */
enum rc fields_check(
	const char *who, const char *what, const struct json *v, const struct field_shape *rows, struct err *e);
/* The object is wrong: RC_REMOTE. */
void field_wrong(struct fields *f, const char *path, const char *how);

#endif
