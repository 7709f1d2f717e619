#include "job/kinds.h"

#include <string.h>

static const struct job_kind kinds[] = {
	{ JOB_PSA_SYNC, job_psa_sync, .retry = true, .mail = true },
	{ JOB_DRAIN, job_drain, .retry = true, .urgent = true },
	{ JOB_INTEGRATION_SYNC, job_integration_sync, .retry = true, .mail = true },
	{ JOB_REBUILD, job_rebuild, .retry = true },
	{ JOB_IMPORT, job_import },
	{ JOB_ALERTS, job_alerts, .retry = true },
	{ JOB_NOTIFY, job_notify, .retry = true },
	{ JOB_DEMO, job_demo, .retry = true },
	{ JOB_RETAIN, job_retain },
};

const struct job_kind *job_kind_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	}
	return NULL;
}
