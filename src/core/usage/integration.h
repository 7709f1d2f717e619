/* integration.h - one connection to one vendor: what it is called, how it is doing, and its end.
 *
 * States: inactive (nothing has come yet), pending (the vendor says it is ready to be mapped), active (counts
 * come), error, disabled (disconnected, or set by the vendor). A disconnected integration keeps all it knows.
 */
#ifndef CORE_INTEGRATION_H
#define CORE_INTEGRATION_H

#include "base/json.h"
#include "db/db.h"

struct integration {
	const char *org, *id;
	const char *vendor;		/* id in the catalogue */
	const char *profile;		/* the vendor's own id on the push API */
	const char *name, *description;
	const char *support_url, *portal_url;	/* NULL = none */
	const char *modules;		/* "billing|alerts" */
	const char *state, *state_detail;	/* detail may be NULL */
	const char *schedule;		/* "default", or a text of core/schedule.h */
	utime stale_after;		/* a count older than this is stale; microseconds */
	bool strict404;			/* counts of what is not mapped are refused */
	const char *open_run;		/* burst of single pushes that goes on, or NULL */
	utime closing_at;		/* when a job that ends it is due; 0 = none is queued */
	utime covered_at;		/* end of the newest run that said "these are all"; 0 = never */
	utime last_count_at, last_synced_at, disconnected_at;	/* 0 = never */
	utime created_at, updated_at;
	utime finished_at;		/* end of its set-up; 0 = it goes on */
};

/* What is asked for; NULL means the default. Settings are pullconfig_put()'s. */
struct integration_new {
	const char *vendor, *name;
	const struct json *modules;	/* array of texts */
	const struct json *settings;	/* object */
};

/* RC_INVALID with a pointer. The id is in the transaction's arena. */
enum rc integration_create(struct tx *tx, const char *org, const struct integration_new *n, const char **ret_id,
	struct err *e) MUST_CHECK;
/* RC_NOT_FOUND. Texts in the arena. */
enum rc integration_get(struct tx *tx, struct arena *a, const char *org, const char *id, struct integration *ret,
	struct err *e) MUST_CHECK;
/* Members that are present are changed: name, schedule, stale_after_hours, portal_url, modules, strict404. RC_INVALID
 * with a pointer, and nothing is changed. */
enum rc integration_patch(struct tx *tx, const char *org, const char *id, const struct json *patch, struct err *e)
	MUST_CHECK;
/* What the vendor says of itself; NULL leaves as it is. */
enum rc integration_describe(struct tx *tx, const char *org, const char *id, const char *name,
	const char *description, const char *support_url, const char *portal_url, struct err *e) MUST_CHECK;
/* `detail` is a sentence or NULL. Tells browsers. */
enum rc integration_set_state(struct tx *tx, const char *org, const char *id, const char *state, const char *detail,
	struct err *e) MUST_CHECK;
/* The first count or alert brings an inactive or pending integration to life. */
enum rc integration_wake(struct tx *tx, const struct integration *i, struct err *e) MUST_CHECK;
/* NULL when the word (any case) is no state; otherwise its one spelling. */
const char *integration_state(const char *word);
/* The end: its keys stop, its state is disabled, its data stays. */
enum rc integration_disconnect(struct tx *tx, const char *org, const char *id, struct err *e) MUST_CHECK;

/* As the API shows it, with coverage. RC_NOT_FOUND. */
enum rc integration_write(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e) MUST_CHECK;
/* Items into the open array of `w`, oldest first; the next cursor, or NULL. */
enum rc integration_write_list(struct tx *tx, const char *org, const char *cursor, int64_t limit, struct jsonw *w,
	const char **ret_next, struct err *e) MUST_CHECK;

#endif
