#include "job/drop.h"

#include "base/log.h"
#include "core/usage/import_look.h"
#include "core/job.h"
#include "core/people/org.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Whoever copies a file is done with it when it has rested this long. */
#define REST (5 * CLOCK_SECOND)

static const char name_of_us[] = "drop folder";

struct dropped {
	struct arena arena;
	const char *org, *dir, *name, *path;
	char *content;
	size_t len;
	struct import_look look;
	struct import import;
};

static bool taken(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool rested(const struct stat *st)
{
	return S_ISREG(st->st_mode) && (utime)st->st_mtime * CLOCK_SECOND + REST < clock_now();
}

static enum rc read_file(struct dropped *d, const struct stat *st, struct err *e)
{
	FILE *f;

	if (st->st_size > SHEET_BYTES_MAX)
		return err_set(e, RC_INVALID, "The file is larger than %lld MB; split it.",
			(long long)(SHEET_BYTES_MAX >> 20));
	f = fopen(d->path, "rb");
	if (!f)
		return err_set(e, RC_INVALID, "The file cannot be opened: %s.", strerror(errno));
	d->content = xmalloc((size_t)st->st_size + 1);
	d->len = fread(d->content, 1, (size_t)st->st_size, f);
	fclose(f);
	if (d->len != (size_t)st->st_size || !d->len)
		return err_set(e, RC_INVALID, "The file is empty, or cannot be read to its end.");
	return RC_OK;
}

static enum rc bring_fn(struct tx *tx, void *arg, struct err *e)
{
	struct dropped *d = arg;
	const char *job;
	enum rc rc = tx_lock_org(tx, d->org, e);

	if (rc == RC_OK)
		rc = import_bring(tx, d->org, name_of_us, d->name, d->content, d->len, &d->look, &d->import, e);
	if (rc == RC_OK && d->look.twin)
		return err_set(e, RC_INVALID, "The same file was imported before (import %s).", d->look.twin);
	if (rc != RC_OK || !d->look.profile.id)
		return rc;
	return import_run(tx, d->org, d->import.id, name_of_us, &job, e);
}

static enum rc look_and_bring(struct dropped *d, struct db *db, struct err *e)
{
	enum rc rc;

	d->look.arena = &d->arena;
	d->look.file = fmemopen(d->content, d->len, "r");
	if (!d->look.file)
		return err_set(e, RC_IO, "The file cannot be opened in memory.");
	rc = import_look(&d->look, NULL, e);
	if (rc == RC_OK)
		rc = db_write(db, bring_fn, d, e);
	fclose(d->look.file);
	return rc;
}

static enum rc move_to(struct dropped *d, const char *folder, const char *why, struct err *e)
{
	char *to = arena_printf(&d->arena, "%s/%s", d->dir, folder),
	     *file = arena_printf(&d->arena, "%s/%s", to, d->name);
	FILE *note;

	if (mkdir(to, 0770) != 0 && errno != EEXIST)
		return err_set(e, RC_IO, "The folder %s cannot be made: %s.", to, strerror(errno));
	if (why) {
		note = fopen(arena_printf(&d->arena, "%s.why.txt", file), "w");
		if (note) {
			fprintf(note, "%s\n", why);
			fclose(note);
		}
	}
	if (rename(d->path, file) != 0)
		return err_set(e, RC_IO, "%s cannot be moved to %s: %s.", d->path, to, strerror(errno));
	return RC_OK;
}

static enum rc take_file(struct db *db, const char *org, const char *dir, const char *name, struct err *e)
{
	struct dropped d = { .org = org, .dir = dir, .name = name };
	struct err why = ERR_INIT;
	struct stat st;
	enum rc rc;

	d.path = arena_printf(&d.arena, "%s/%s", dir, name);
	if (stat(d.path, &st) != 0 || !rested(&st)) {
		arena_release(&d.arena);
		return RC_OK;
	}
	rc = read_file(&d, &st, &why);
	if (rc == RC_OK)
		rc = look_and_bring(&d, db, &why);
	if (rc == RC_OK || rc == RC_INVALID || rc == RC_CONFLICT)
		rc = move_to(&d, rc == RC_OK ? "done" : "refused", rc == RC_OK ? NULL : why.text, e);
	else
		rc = err_set(e, rc, "%s", why.text);
	log_event(LOG_INFO, "file_dropped", "file", name, "import", d.import.id, "problem", why.text, NULL);
	free(d.content);
	arena_release(&d.arena);
	return rc;
}

static enum rc take_folder(struct db *db, const char *org, const char *dir, struct err *e)
{
	DIR *list = opendir(dir);
	struct dirent *entry;
	enum rc rc = RC_OK;

	if (!list)
		return errno == ENOENT
			? RC_OK
			: err_set(e, RC_IO, "The drop folder %s cannot be read: %s.", dir, strerror(errno));
	while (rc == RC_OK && (entry = readdir(list))) {
		if (taken(entry))
			rc = take_file(db, org, dir, entry->d_name, e);
	}
	closedir(list);
	return rc;
}

struct orgs {
	struct arena arena;
	struct org *list;
	size_t count;
};

static enum rc list_fn(struct tx *tx, void *arg, struct err *e)
{
	struct orgs *o = arg;

	return org_list(tx, &o->arena, &o->list, &o->count, e);
}

enum rc drop_tick(struct db *db, const char *dir, struct err *e)
{
	struct orgs o = { .count = 0 };
	enum rc rc = db_read(db, list_fn, &o, e);

	for (size_t i = 0; rc == RC_OK && i < o.count; i++) {
		const char *folder = o.count == 1 ? dir : arena_printf(&o.arena, "%s/%s", dir, o.list[i].id);

		rc = take_folder(db, o.list[i].id, folder, e);
	}
	arena_release(&o.arena);
	return rc;
}
