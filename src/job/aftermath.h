/* aftermath.h - what follows a job: cards made again, a later retry, a mail to the administrators. */
#ifndef JOB_AFTERMATH_H
#define JOB_AFTERMATH_H

#include "job/kinds.h"

/* In the transaction that ends the job. `err` holds the words of a failure. */
enum rc job_aftermath(struct tx *tx, const struct job_run *run, const struct job_kind *kind, enum rc rc,
	const struct err *err, struct err *e);

#endif
