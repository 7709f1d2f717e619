/* note.h - what people write down about an account, a product or a card. */
#ifndef CORE_NOTE_H
#define CORE_NOTE_H

#include "base/json.h"
#include "core/people/access.h"
#include "db/db.h"

enum rc note_add(struct tx *tx, const struct principal *who, const char *kind, const char *subject, const char *text,
	const char **ret_id, struct err *e) MUST_CHECK;
/* RC_NOT_FOUND. */
enum rc note_remove(struct tx *tx, const char *org, const char *id, struct err *e) MUST_CHECK;
enum rc note_write(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e) MUST_CHECK;
/* Newest first into the open array of `w`. */
enum rc note_write_list(struct tx *tx, const char *org, const char *kind, const char *subject, struct jsonw *w,
	struct err *e) MUST_CHECK;
/* "notes":[...] of a subject into the open object of `w`. */
enum rc note_write_of(struct tx *tx, const char *org, const char *kind, const char *subject, struct jsonw *w,
	struct err *e) MUST_CHECK;

#endif
