/* plan_part.h - what the parts of a plan share. Private to core/mapping/plan*.c. */
#ifndef CORE_PLAN_PART_H
#define CORE_PLAN_PART_H

#include "core/mapping/plan.h"

struct plan {
	struct tx *tx;
	struct arena *arena;		/* the transaction's */
	const struct principal *who;
	struct jsonw *w;
	int64_t changes;
};

/* Every member of `object` is one of `known` ("a|b|c"), or RC_INVALID at its pointer below `at`. */
enum rc plan_known(const struct json *object, const char *at, const char *known, struct err *e) MUST_CHECK;
/* The array `key` of `object`, NULL when it is not there. RC_INVALID when it is no array of objects. */
enum rc plan_array(const struct json *object, const char *key, const char *at, const struct json **ret, struct err *e)
	MUST_CHECK;
/* The text `key`; RC_INVALID when it is not there or no text. */
enum rc plan_text(
	const struct json *object, const char *key, const char *at, const char **ret, struct err *e) MUST_CHECK;
/* The id behind a name in the member `key`, NULL when absent; `what` for the words. RC_INVALID: nothing or two fit. */
enum rc plan_id(struct plan *p, enum sql_id query, const char *name, const char *what, const char *pointer,
	const char **ret, struct err *e) MUST_CHECK;
/* Notes one change in the answer and in the log. `before` and `after` are JSON texts or NULL. */
enum rc plan_note(struct plan *p, const char *action, const char *event, const char *object, const char *before,
	const char *after, struct err *e) MUST_CHECK;
/* Puts the pointer of a failure below `at`. Returns e->rc. */
enum rc plan_place(const char *at, struct err *e);

/* A JSON text being made in the plan's arena. */
struct plan_text {
	struct buf buf;
	struct jsonw w;
};
void plan_text_begin(struct plan_text *t);
const char *plan_text_end(struct plan *p, struct plan_text *t);

enum rc plan_mappings(struct plan *p, const struct json *file, struct err *e) MUST_CHECK;
enum rc plan_rules(struct plan *p, const struct json *file, struct err *e) MUST_CHECK;

#endif
