/* pull.h - one reading of a vendor that is fetched from. */
#ifndef JOB_PULL_H
#define JOB_PULL_H

#include "core/usage/pullconfig.h"
#include "job/runner.h"

/* Reads the vendor, stores what it told as one run. When it fails the integration is in error, with the vendor's
 * words, and its counts age; the error is returned. */
enum rc pull_integration(
	struct job_run *run, const char *integration, const struct pullconfig *config, struct err *e) MUST_CHECK;

#endif
