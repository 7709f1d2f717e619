/* keyend.h - until when a vendor takes the credentials that were entered: a day that a person read in the vendor's
 * console and gave as the setting `credentials_expire`. Whoever knows it is warned before the vendor says no. */
#ifndef CORE_KEYEND_H
#define CORE_KEYEND_H

#include "base/json.h"
#include "db/db.h"

/* The name of that setting, of type date, for any vendor whose keys end. */
#define KEYEND_SETTING "credentials_expire"

/* The day of the plain settings (JSON text); DAY_NONE when none is given. */
day keyend_of(struct arena *a, const char *plain);
/* What to do about a key that ends within `days` of today or has ended, as a sentence; NULL when there is time, or
 * `days` is 0. */
const char *keyend_words(struct arena *a, const char *name, day end, int64_t days);
/* "credentials":{"expire","days_left","warning"} into the open object, or "credentials":null. */
enum rc keyend_write(
	struct tx *tx, const char *org, const char *name, const char *plain, struct jsonw *w, struct err *e) MUST_CHECK;
/* The sentences of all integrations of the organization whose keys need care; NULL when there is none. In the arena. */
enum rc keyend_all(struct tx *tx, const char *org, int64_t days, const char **ret, struct err *e) MUST_CHECK;

#endif
