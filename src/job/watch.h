/* watch.h - looks for what waits in the dark and tells: in the log, in /metrics, and once by mail. */
#ifndef JOB_WATCH_H
#define JOB_WATCH_H

#include "job/runner.h"

/* Judges every organization once. Two servers on one store tell it once. */
enum rc watch_tick(const struct runner_config *config, struct err *e);

#endif
