/* drop.h - a folder that files are dropped into: each is brought like one from the API, and run when its headings are
 * known.
 *
 * A file is taken when nothing was written to it for a while. Afterwards it lies in `done`, or with the reason beside
 * it in `refused`. With several organizations each has a folder of its own, named by its id.
 */
#ifndef JOB_DROP_H
#define JOB_DROP_H

#include "db/db.h"

#define DROP_EVERY (5 * CLOCK_SECOND)

/* Looks once. RC_IO: the folder cannot be read or written. */
enum rc drop_tick(struct db *db, const char *dir, struct err *e) MUST_CHECK;

#endif
