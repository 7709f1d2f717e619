/* value.h - names and their values: templates "{site|lower}", conditions, what each is looked up in. */
#ifndef VENDOR_DECLARED_VALUE_H
#define VENDOR_DECLARED_VALUE_H

#include "vendor/declared/declared.h"

struct bind {
	const char *name, *value;	/* value NULL = the vendor did not tell it */
};

/* Names of one level; the innermost is asked first. */
struct scope {
	const struct scope *outer;
	const char *prefix;		/* "account" answers to {account.id}; NULL: to plain names */
	const struct bind *bind;
	size_t count;
};

/* What every name may mean beside the scopes. */
struct env {
	const struct json *root;	/* the declaration: its maps, its settings' types */
	const struct json *settings;
	utime now;
};

enum expand_as { EXPAND_PLAIN, EXPAND_URL };

/* NULL: nobody told it. In the arena, or older than it. */
const char *env_lookup(const struct env *v, struct arena *a, const struct scope *s, const char *name, size_t len);
/* The template with its names filled in; what nobody told is "". With EXPAND_URL values are escaped, unless they are
 * of a setting that is an address, or come out of a map of the declaration. */
char *env_expand(const struct env *v, struct arena *a, const struct scope *s, const char *template, enum expand_as as);
/* A condition of the declaration; NULL is true. */
bool env_holds(const struct env *v, struct arena *a, const struct scope *s, const struct json *condition);
/* The fields {name: path} of a row into `ret` (room for fields->count). `key` is the row's member name, or NULL. */
void bind_fields(struct arena *a, const struct json *fields, const struct json *row, const char *key, struct bind *ret);

/* True for names that are always there: today, month, ... with their arithmetic. */
bool time_name(const char *name, size_t len);
/* Calls `fn` for each name and filter of a template. RC_INVALID: its braces do not match. */
typedef enum rc (*template_fn)(void *arg, const char *name, size_t len, bool is_filter, struct err *e);
enum rc template_each(const char *template, template_fn fn, void *arg, struct err *e) MUST_CHECK;

#endif
