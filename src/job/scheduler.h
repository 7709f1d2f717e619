/* scheduler.h - puts regular work into the queue when it is due. */
#ifndef JOB_SCHEDULER_H
#define JOB_SCHEDULER_H

#include "base/clock.h"
#include "db/db.h"

#define SCHEDULER_EVERY (20 * CLOCK_SECOND)

/* Looks at every schedule once. What fell due while no server ran is done once, not once per missed day; two
 * servers on one store queue it once. */
enum rc scheduler_tick(struct db *db, struct err *e);

#endif
