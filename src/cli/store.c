/* store.c - what every command opens: the data folder, the store, the vault. And whole files, in and out. */
#include "cli/cli.h"

#include "base/failpoint.h"
#include "base/log.h"
#include "core/people/org.h"
#include "db/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum rc make_folder(const char *dir, struct err *e)
{
	if (mkdir(dir, 0700) == 0 || errno == EEXIST)
		return RC_OK;
	return err_set(e, RC_IO, "The data folder %s cannot be made (%s). Make it, or name another with --data.", dir,
		strerror(errno));
}

enum rc cli_data(struct cli *c, bool make, const char **ret_dir, struct err *e)
{
	struct stat st;
	enum rc rc = cli_need(c, "data", ret_dir, e);

	if (rc == RC_OK && make)
		rc = make_folder(*ret_dir, e);
	if (rc != RC_OK)
		return rc;
	if (stat(*ret_dir, &st) != 0)
		return err_set(e, RC_IO, "The data folder %s cannot be read (%s). Name another with --data.", *ret_dir,
			strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return err_set(e, RC_IO, "%s is not a folder. Name the data folder with --data.", *ret_dir);
	if (access(*ret_dir, W_OK | X_OK) != 0)
		return err_set(e, RC_IO,
			"The data folder %s is not writable (%s). Give this program's user the right to write in it.",
			*ret_dir, strerror(errno));
	return RC_OK;
}

enum rc cli_store_url(struct cli *c, bool make, const char **ret_url, struct err *e)
{
	const char *dir;
	enum rc rc = cli_data(c, make, &dir, e);

	if (rc != RC_OK)
		return rc;
	*ret_url = cli_text(c, "db");
	if (!*ret_url || !**ret_url)
		*ret_url = arena_printf(&c->arena, "sqlite:%s/trueup.db", dir);
	return RC_OK;
}

/* The way back, before a newer program changes the tables of an older one. */
static enum rc back_up_first(struct cli *c, const char *url, struct err *e)
{
	const char *dir = cli_text(c, "data"), *file;
	struct backup_info info;
	int64_t is = -1, newest = 0;
	enum rc rc;

	if (strncmp(url, "sqlite:", 7) == 0 && access(url + 7, F_OK) != 0)
		return RC_OK;
	rc = db_look(url, &is, &newest, e);
	if (rc != RC_OK || is < 0 || is >= newest)
		return rc;
	rc = make_folder(arena_printf(&c->arena, "%s/backups", dir), e);
	file = arena_printf(&c->arena, "%s/backups/before-step-%lld.backup", dir, (long long)newest);
	if (rc == RC_OK && access(file, F_OK) != 0)
		rc = db_backup_as_it_is(url, (int)is, file, &info, e);
	if (rc != RC_OK)
		return err_prefix(e, "The store was not changed, because no backup of it could be made first");
	log_event(LOG_INFO, "backed_up_before_migration", "file", file, NULL);
	return RC_OK;
}

enum rc cli_store(struct cli *c, bool make, unsigned readers, struct db **ret, struct err *e)
{
	const char *url;
	enum rc rc = cli_store_url(c, make, &url, e);

	*ret = NULL;
	if (rc != RC_OK)
		return rc;
	if (!make && strncmp(url, "sqlite:", 7) == 0 && access(url + 7, F_OK) != 0)
		return err_set(e, RC_NOT_FOUND, "There is no store at %s. Check --data and --db, or run trueup setup.",
			url + 7);
	rc = back_up_first(c, url, e);
	return rc == RC_OK ? db_open(url, readers, ret, e) : rc;
}

enum rc cli_vault(struct cli *c, struct vault **ret, struct err *e)
{
	const char *key = cli_text(c, "master-key"), *dir;
	enum rc rc = cli_data(c, false, &dir, e);

	*ret = NULL;
	if (rc != RC_OK)
		return rc;
	if (key && *key)
		return vault_open(key, ret, e);
	return vault_open_file(arena_printf(&c->arena, "%s/master.key", dir), ret, e);
}

static const char *key_file(struct cli *c, const char *more)
{
	return arena_printf(&c->arena, "%s/master.key%s", cli_text(c, "data"), more);
}

static enum rc look_at_mark(struct tx *tx, void *arg, struct err *e)
{
	return vault_check(arg, tx, e);
}

enum rc cli_key_switch(struct cli *c, const char *old_id, struct err *e)
{
	const char *now = key_file(c, ""), *next = key_file(c, KEY_NEXT);
	const char *old = key_file(c, arena_printf(&c->arena, ".%s", old_id));

	if ((link(now, old) != 0 && errno != EEXIST) || FAIL_POINT("rotate.old_kept", e) != RC_OK ||
		rename(next, now) != 0)
		return err_set(e, RC_IO,
			"The new master key cannot take its place (%s). The store needs it: rename %s to %s.",
			strerror(errno), next, now);
	return RC_OK;
}

/* A rotation that was interrupted between the store and the key file: the new key is the one that fits. */
enum rc cli_key_after_rotation(struct cli *c, struct db *db, bool finish, struct vault **v, struct err *e)
{
	const char *key = cli_text(c, "master-key"), *next = key_file(c, KEY_NEXT);
	struct err ignored = ERR_INIT;
	struct vault *fresh = NULL;
	enum rc rc = RC_OK;

	if ((key && *key) || access(next, F_OK) != 0 || db_read(db, look_at_mark, *v, &ignored) != RC_IO)
		return RC_OK;
	if (vault_open_file(next, &fresh, &ignored) != RC_OK)
		return RC_OK;
	if (db_read(db, look_at_mark, fresh, &ignored) != RC_OK) {
		vault_close(fresh);
		return RC_OK;
	}
	if (finish)
		rc = cli_key_switch(c, vault_id(*v), e);
	vault_close(*v);
	*v = fresh;
	return rc;
}

/* A key that opens nothing: tells a store that was never sealed from one whose key is lost. */
#define NO_KEY "0000000000000000000000000000000000000000000000000000000000000000"

enum rc cli_check_key(struct cli *c, struct db *db, struct vault **ret, struct err *e)
{
	const char *key = cli_text(c, "master-key");
	const char *file = arena_printf(&c->arena, "%s/master.key", cli_text(c, "data"));
	bool have = (key && *key) || access(file, F_OK) == 0;
	struct vault *v = NULL;
	enum rc rc = have ? cli_vault(c, &v, e) : vault_open(NO_KEY, &v, e);

	*ret = NULL;
	if (rc == RC_OK && have)
		rc = cli_key_after_rotation(c, db, false, &v, e);
	if (rc == RC_OK)
		rc = db_read(db, look_at_mark, v, e);
	if (rc == RC_OK) {
		*ret = v;
		return RC_OK;
	}
	vault_close(v);
	if (rc == RC_NOT_FOUND || have)
		return rc;
	return err_set(e, RC_IO,
		"The master key of this store is missing. Put it at %s, or give it by TRUEUP_MASTER_KEY; without it "
		"the "
		"stored credentials cannot be read.",
		file);
}

struct find_org {
	struct arena *arena;
	const char *id;
};

static enum rc find_org(struct tx *tx, void *arg, struct err *e)
{
	struct find_org *f = arg;
	struct org *list;
	size_t count;
	enum rc rc = org_list(tx, f->arena, &list, &count, e);

	if (rc == RC_OK && !count)
		return err_set(
			e, RC_NOT_FOUND, "There is no organization yet. Run trueup setup, or open the set-up link.");
	if (rc == RC_OK)
		f->id = list[0].id;
	return rc;
}

enum rc cli_org(struct cli *c, struct db *db, const char **ret_org, struct err *e)
{
	struct find_org f = { .arena = &c->arena };
	enum rc rc = db_read(db, find_org, &f, e);

	*ret_org = f.id;
	return rc;
}

static enum rc file_error(const char *path, const char *did, struct err *e)
{
	return err_set(e, RC_IO, "%s cannot be %s (%s).", path, did, strerror(errno));
}

enum rc file_read(struct arena *a, const char *path, size_t max, char **ret, size_t *ret_len, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	AUTO(buf) b = BUF_INIT(max);
	char part[65536];
	ssize_t n;

	if (fd < 0)
		return file_error(path, "read", e);
	while ((n = read(fd, part, sizeof(part))) > 0 && !b.failed)
		buf_put(&b, part, (size_t)n);
	close(fd);
	if (n < 0)
		return file_error(path, "read", e);
	if (b.failed)
		return err_set(e, RC_IO, "%s is larger than %zu bytes.", path, max);
	*ret = arena_strndup(a, buf_text(&b), b.len);
	*ret_len = b.len;
	return RC_OK;
}

static bool write_all(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return fsync(fd) == 0;
}

enum rc file_write(const char *path, const char *text, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const char *temporary = arena_printf(&a, "%s.new", path);
	int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write_all(fd, text);

	if (ok && rename(temporary, path) == 0) {
		close(fd);
		return RC_OK;
	}
	file_error(path, "written", e);
	if (fd >= 0) {
		close(fd);
		unlink(temporary);
	}
	return e->rc;
}
