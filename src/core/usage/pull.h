/* pull.h - one reading of a vendor on its way into the ledger: gathered in memory, stored in one transaction. */
#ifndef CORE_PULL_H
#define CORE_PULL_H

#include "core/usage/integration.h"
#include "vendor/pull.h"

enum { PULL_ACCOUNTS_MAX = 50000, PULL_SERVICES_MAX = 2000, PULL_COUNTS_MAX = 2000000 };

struct pull_reading;

struct pull_reading *pull_reading_new(void);
void pull_reading_free(struct pull_reading *r);
/* The sink's functions that gather; progress and cancelled are the caller's. RC_INVALID: what a vendor told makes no
 * sense (an unknown account, a number that is none, too much of it). */
void pull_reading_sink(struct pull_reading *r, struct pull_sink *ret);
int64_t pull_reading_counts(const struct pull_reading *r);
/* Accounts that could not be read. */
int64_t pull_reading_gaps(const struct pull_reading *r);

/* Stores it as one run: accounts, services, counts, zeros of what was covered, gaps with their reasons. The run is
 * complete when the vendor told all it has and nothing was missing. May run more than once. */
enum rc pull_store(struct tx *tx, const char *org, const char *integration, const struct pull_reading *r, bool complete,
	const char **ret_run, struct err *e) MUST_CHECK;

/* What the integration's newest run could not read, into the open array of `w`: {"account","name","reason"}; at most
 * 200. */
enum rc pull_write_gaps(
	struct tx *tx, const char *org, const char *integration, struct jsonw *w, struct err *e) MUST_CHECK;

#endif
