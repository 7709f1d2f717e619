/* demo.h - sample data for somebody who looks around before a PSA is connected.
 *
 * It goes the ways of real data: a line report (samples/demo/lines.csv) as a PSA over files, counts taken in like a
 * bulk push, mappings and rules as a person would set them, and the usual rebuild. So everything works with it, and
 * nothing can leave the machine: a PSA over files only has a work list. While it is there no other PSA can be
 * connected; demo_end() takes all of it away.
 */
#ifndef CORE_DEMO_H
#define CORE_DEMO_H

#include "core/people/access.h"
#include "core/vault.h"
#include "db/db.h"

/* The sample files, made by tools/embed from samples/demo. Ends with name == NULL. */
struct demo_text {
	const char *name, *text;
	size_t len;
};
extern const struct demo_text demo_texts[];

/* True while the organization holds sample data. */
enum rc demo_is(struct tx *tx, const char *org, bool *ret, struct err *e) MUST_CHECK;
/* RC_CONFLICT while it does: `what` begins the sentence ("Another PSA can be connected"). */
enum rc demo_refuse(struct tx *tx, const char *org, const char *what, struct err *e) MUST_CHECK;

/* Marks the organization, connects the line report and queues JOB_DEMO; asked again, gives back the same job.
 * RC_CONFLICT: there is a PSA that was read, a vendor or a file of somebody's own. A PSA that was never read gives
 * way. The id is in the transaction's arena. */
enum rc demo_begin(
	struct tx *tx, struct vault *v, const struct principal *who, const char **ret_job, struct err *e) MUST_CHECK;
/* After the report was read into the book: vendors with their counts, mappings, rules. Does nothing the second time. */
enum rc demo_fill(struct tx *tx, const struct principal *who, struct err *e) MUST_CHECK;
/* Takes everything away but the organization, its people, its settings and the log. RC_CONFLICT: this is no demo.
 * RC_BUSY: a job of the organization still runs. */
enum rc demo_end(struct tx *tx, const struct principal *who, struct err *e) MUST_CHECK;

#endif
