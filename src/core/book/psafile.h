/* psafile.h - the line report that stands for a PSA over files: the newest one that was brought. */
#ifndef CORE_PSAFILE_H
#define CORE_PSAFILE_H

#include "db/db.h"

/* Keeps the file in place of the one before. */
enum rc psafile_put(struct tx *tx, const char *org, const char *name, const void *content, size_t len, const char *who,
	struct err *e) MUST_CHECK;
/* The content in memory that free() ends, NULL when none was brought; the name in the arena. */
enum rc psafile_get(struct tx *tx, struct arena *a, const char *org, char **ret_content, size_t *ret_len,
	const char **ret_name, struct err *e) MUST_CHECK;

#endif
