/* backup.h - copies of the whole store, taken while it is in use, and brought back.
 *
 * A backup is one file, the same from either engine: an SQLite database with all tables, and a last line with
 * the SHA-256 of everything before it. It can be brought back to either engine.
 */
#ifndef DB_BACKUP_H
#define DB_BACKUP_H

#include "db/db.h"

struct backup_info {
	utime made_at;
	int64_t bytes;		/* of the whole file */
	int schema;		/* number of its last schema step */
	enum db_engine from;	/* the engine it was made from */
};

/* Writes the store as it is at one instant to `path`, readable by our user only. Writers go on meanwhile. The
 * file appears under its name when it is complete and on disk. RC_CONFLICT: `path` exists; RC_IO: disk. */
enum rc db_backup(struct db *db, const char *path, struct backup_info *ret_info, struct err *e) MUST_CHECK;

/* The same of a store that is not open and may be at an earlier schema step: before the step is taken. */
enum rc db_backup_as_it_is(
	const char *url, int schema, const char *path, struct backup_info *ret_info, struct err *e) MUST_CHECK;

/* Reads the whole file. RC_INVALID when it is no backup, not complete, or any byte of it has changed. */
enum rc db_backup_check(const char *path, struct backup_info *ret_info, struct err *e) MUST_CHECK;

/* Checks the file and fills the empty store at `url` ("sqlite:PATH" or "postgresql://...") from it, all or nothing.
 * Sessions and one-time links are left out: what was signed out since must not come back.
 * RC_CONFLICT: the store there is not empty; RC_INVALID as above, or made by a newer version. */
enum rc db_restore(const char *path, const char *url, struct backup_info *ret_info, struct err *e) MUST_CHECK;

#endif
