/* import.h - a file of counts: how its rows are read, and what becomes of them.
 *
 * All or nothing: the counts of a file enter the ledger in one transaction, and while a row is rejected nothing does,
 * unless the person says to leave rejected rows out. A pair of account and service with a rejected row is left out as a
 * whole then: a sum without one of its parts would be a wrong number.
 */
#ifndef CORE_IMPORT_H
#define CORE_IMPORT_H

#include "base/json.h"
#include "db/db.h"
#include "sheet/sheet.h"

/* How a file is read. */
struct import_settings {
	int64_t header_row;		/* number of the row with the headings; 0 = there are none */
	int column[FIELD_MAX];		/* from 0; -1 = not in this file */
	const char *fixed_account,
		*fixed_service; /* for files that are of one account or service; NULL = a column says */
	bool aggregate;			/* rows of one account and service are summed; else the second is rejected */
	bool complete;			/* these are all: what is absent is zero */
	bool skip_rejected;
	char decimal, thousands;	/* thousands 0 = none */
	const char *encoding, *worksheet;	/* NULL = found out */
	char delimiter;
};

/* From and to the JSON of the API: {"header_row","columns":{"account":..},"options":{..}}. A column is its heading, or
 * its number from 0. RC_INVALID with a pointer. Texts in the arena. */
enum rc import_settings_read(struct arena *a, const struct json *v, const struct sheet_row *header,
	struct import_settings *ret, struct err *e) MUST_CHECK;
/* Whether a file can be run with them: an account, a service and a quantity. RC_INVALID with a pointer. */
enum rc import_settings_whole(const struct import_settings *s, struct err *e) MUST_CHECK;
void import_settings_write(struct jsonw *w, const struct import_settings *s);
char *import_settings_text(struct arena *a, const struct import_settings *s);
/* What was guessed, as settings. */
void import_settings_guess(const struct sheet_guess *g, const struct sheet_row *rows, struct import_settings *ret);
/* By what a file is known again next month: its headings, whatever their case. NULL header: "". */
char *import_header_hash(struct arena *a, const struct sheet_row *header);

enum import_verdict { IMPORT_LINE, IMPORT_IGNORED, IMPORT_REJECTED };

struct import_line {
	int64_t line;
	const char *account, *service;	/* NULL when the row does not say */
	qty quantity, unit_cost;
	bool has_cost;
	const char *currency, *period, *note;	/* NULL when there is none */
	const char *reason;		/* of a rejection or of being ignored */
};

/* Reads one row. Blank rows, totals, the heading and its repetitions are ignored. Texts are the row's own or in the
 * arena. */
enum import_verdict import_read_row(struct arena *a, const struct import_settings *s, const struct sheet_row *header,
	const struct sheet_row *row, struct import_line *ret);

struct import {
	const char *id, *filename, *content_hash, *header_hash, *format, *encoding, *worksheet, *integration, *settings,
		*state;
	const char *job, *run, *error, *created_by;
	char delimiter;
	int64_t size, accepted, rejected, ignored;
	utime created_at, finished_at;
};

/* Stores a file and what is known of it; `i->id` is set. The content is kept compressed. */
enum rc import_add(
	struct tx *tx, const char *org, struct import *i, const void *content, size_t len, struct err *e) MUST_CHECK;
/* RC_NOT_FOUND. Texts in the arena. */
enum rc import_get(
	struct tx *tx, struct arena *a, const char *org, const char *id, struct import *ret, struct err *e) MUST_CHECK;
/* Writes the file into `f` and rewinds it. RC_CONFLICT: it is gone, because the import is done. */
enum rc import_content(struct tx *tx, const char *org, const char *id, FILE *f, struct err *e) MUST_CHECK;
/* Says how the file is read. RC_CONFLICT: it runs or is done. */
enum rc import_set(struct tx *tx, const char *org, const struct import *i, struct err *e) MUST_CHECK;
/* Queues the run. RC_CONFLICT: not ready, running, or done. The job's id is in the transaction's arena. */
enum rc import_run(struct tx *tx, const char *org, const char *id, const char *who, const char **ret_job,
	struct err *e) MUST_CHECK;
enum rc import_delete(struct tx *tx, const char *org, const char *id, struct err *e) MUST_CHECK;
/* Another import of the same bytes that ran, or NULL, in the arena. */
enum rc import_twin(struct tx *tx, struct arena *a, const char *org, const struct import *i, const char **ret,
	struct err *e) MUST_CHECK;

/* Remembers the settings under the file's headings. */
enum rc import_profile_save(struct tx *tx, const char *org, const char *name, const struct import *i, const char *who,
	struct err *e) MUST_CHECK;
struct import_profile {
	const char *id, *name, *integration, *settings;
};
/* RC_NOT_FOUND without words when no profile fits. */
enum rc import_profile_find(struct tx *tx, struct arena *a, const char *org, const char *header_hash,
	struct import_profile *ret, struct err *e) MUST_CHECK;
enum rc import_profile_list(struct tx *tx, const char *org, struct jsonw *w, struct err *e) MUST_CHECK;
enum rc import_profile_delete(struct tx *tx, const char *org, const char *id, struct err *e) MUST_CHECK;

/* As the API shows it, with at most 1,000 rejected rows. */
enum rc import_write(struct tx *tx, const char *org, const char *id, struct jsonw *w, struct err *e) MUST_CHECK;
enum rc import_write_list(struct tx *tx, const char *org, const char *before, int64_t limit, struct jsonw *w,
	const char **ret_next, struct err *e) MUST_CHECK;

/* The run. Rejected rows are noted in transactions of their own, from the beginning when a run is taken up again. */
struct import_reject {
	int64_t line;
	const char *reason;
};
enum rc import_reject_begin(struct tx *tx, const char *org, const char *id, struct err *e) MUST_CHECK;
enum rc import_reject(struct tx *tx, const char *org, const char *id, const struct import_reject *rows, size_t count,
	struct err *e) MUST_CHECK;
struct import_totals {
	int64_t accepted, rejected, ignored;
};
struct tally;
/* Puts what was added up into the ledger, or fails the import when rows were rejected. Either way it is at its end. */
enum rc import_finish(struct tx *tx, const char *org, const struct import *i, const struct import_settings *s,
	struct tally *tally, const struct import_totals *t, struct err *e) MUST_CHECK;
/* Ends a run that could not be read to its end. */
enum rc import_fail(struct tx *tx, const char *org, const char *id, const char *why, struct err *e) MUST_CHECK;

#endif
