/* tag.h - coloured words that people stick on accounts, products and cards, to filter by. */
#ifndef CORE_TAG_H
#define CORE_TAG_H

#include "base/json.h"
#include "db/db.h"

/* What a tag or a note can be on. */
#define SUBJECT_ACCOUNT "account"
#define SUBJECT_PRODUCT "product"
#define SUBJECT_CARD "card"

enum { TAGS_MAX = 50 };

/* RC_INVALID: no such kind of subject; RC_NOT_FOUND: no such subject. */
enum rc subject_check(struct tx *tx, const char *org, const char *kind, const char *id, struct err *e) MUST_CHECK;

/* Makes a tag, or changes the one with that id (NULL = new). RC_CONFLICT: the name is taken. RC_NOT_FOUND. */
enum rc tag_put(struct tx *tx, const char *org, const char *id, const char *name, const char *color,
	const char **ret_id, struct err *e) MUST_CHECK;
/* RC_NOT_FOUND. It comes off everything. */
enum rc tag_remove(struct tx *tx, const char *org, const char *id, struct err *e) MUST_CHECK;
/* Exactly these tags are on the subject from now on. RC_INVALID with pointer. */
enum rc tag_set(struct tx *tx, const char *org, const char *kind, const char *subject, const char *const *tags,
	size_t count, struct err *e) MUST_CHECK;

/* One tag. RC_NOT_FOUND. */
enum rc tag_write(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e) MUST_CHECK;
/* All tags into the open array of `w`. */
enum rc tag_write_list(struct tx *tx, const char *org, struct jsonw *w, struct err *e) MUST_CHECK;
/* "tags":[...] of a subject into the open object of `w`. */
enum rc tag_write_of(struct tx *tx, const char *org, const char *kind, const char *subject, struct jsonw *w,
	struct err *e) MUST_CHECK;

#endif
