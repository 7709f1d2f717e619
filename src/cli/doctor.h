/* doctor.h - what the doctor's files share. doctor.c looks whether everything works, doctor_self.c whether it is set
 * up so that one can rely on it. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "cli/cli.h"
#include "core/people/org.h"

struct doctor {
	struct cli *cli;
	const char *dir;
	struct db *db;
	struct vault *vault;
	struct org *orgs;
	size_t org_count;
	bool all_ok;
};

/* One line of the report. */
void doctor_check(struct doctor *d, bool ok, const char *name, const char *fmt, ...) PRINTF(4, 5);
/* Settings, files and rights around the store. */
void doctor_self(struct doctor *d);
/* What the store itself tells: people, tokens, what waits. In a read. */
enum rc doctor_people(struct doctor *d, struct tx *tx, const struct org *org, struct err *e) MUST_CHECK;

#endif
