/* backup.c - trueup backup and trueup restore: the whole store as one verified file, and back. */
#include "cli/cli.h"

#include "core/audit.h"
#include "core/people/org.h"
#include "db/backup.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static void print_info(struct cli *c, const char *file, const struct backup_info *info)
{
	char at[CLOCK_TEXT];

	jsonw_kv(&c->out, "file", file);
	jsonw_kv_int(&c->out, "bytes", info->bytes);
	jsonw_kv_int(&c->out, "schema", info->schema);
	jsonw_kv(&c->out, "made_at", clock_format(info->made_at, at));
	jsonw_kv(&c->out, "engine", info->from == DB_SQLITE ? "sqlite" : "postgresql");
	jsonw_kv_bool(&c->out, "verified", true);
}

/* ---- backup ---- */

/* DATA/backups/trueup-20260901T120000Z.backup when no name was given. */
static enum rc choose_file(struct cli *c, const char **ret, struct err *e)
{
	char at[CLOCK_TEXT], *to, *folder;
	const char *dir;
	enum rc rc;

	*ret = c->operand ? c->operand : cli_text(c, "to");
	if (*ret)
		return RC_OK;
	rc = cli_data(c, false, &dir, e);
	if (rc != RC_OK)
		return rc;
	folder = arena_printf(&c->arena, "%s/backups", dir);
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return err_set(e, RC_IO, "The folder %s cannot be made (%s).", folder, strerror(errno));
	clock_format(clock_now() / CLOCK_SECOND * CLOCK_SECOND, at);
	to = at;
	for (const char *p = at; *p; p++)
		if (*p != '-' && *p != ':')
			*to++ = *p;
	*to = '\0';
	*ret = arena_printf(&c->arena, "%s/trueup-%s.backup", folder, at);
	return RC_OK;
}

enum rc cmd_backup(struct cli *c, struct err *e)
{
	struct backup_info info;
	const char *file;
	struct db *db;
	enum rc rc = choose_file(c, &file, e);

	if (rc == RC_OK)
		rc = cli_store(c, false, 1, &db, e);
	if (rc != RC_OK)
		return rc;
	rc = db_backup(db, file, &info, e);
	db_close(db);
	if (rc == RC_OK)
		rc = db_backup_check(file, &info, e);
	if (rc != RC_OK)
		return rc;
	cli_say(c, "%s: %lld bytes, verified.", file, (long long)info.bytes);
	cli_say(c, "Keep the master key too, in another place: without it the stored credentials cannot be read.");
	if (c->json) {
		jsonw_object(&c->out);
		print_info(c, file, &info);
		jsonw_end_object(&c->out);
	}
	return RC_OK;
}

/* ---- restore ---- */

struct look {
	struct cli *cli;
	size_t orgs;
	const char *broken; /* organization whose chain is broken, or NULL */
	const char *key; /* what is wrong with the master key, or NULL */
};

/* A store that came back is looked at before anybody relies on it. */
static enum rc look(struct tx *tx, void *arg, struct err *e)
{
	struct look *l = arg;
	struct audit_verdict verdict;
	struct org *list;
	enum rc rc = org_list(tx, &l->cli->arena, &list, &l->orgs, e);

	for (size_t i = 0; rc == RC_OK && i < l->orgs; i++) {
		rc = audit_verify(tx, list[i].id, &verdict, e);
		if (rc == RC_OK && verdict.broken_at)
			l->broken = list[i].name;
	}
	return rc;
}

static void check_key(struct look *l, struct db *db)
{
	struct vault *v = NULL;
	struct err e = ERR_INIT;
	enum rc rc = cli_check_key(l->cli, db, &v, &e);

	if (rc != RC_OK && rc != RC_NOT_FOUND)
		l->key = arena_strdup(&l->cli->arena, e.text);
	vault_close(v);
}

static void report(struct cli *c, const char *file, const struct backup_info *info, const struct look *l)
{
	cli_say(c, "Restored from %s: %zu organization%s. Sessions and one-time links were not brought back.", file,
		l->orgs, l->orgs == 1 ? "" : "s");
	if (l->broken)
		cli_say(c, "The audit chain of %s is broken in this backup.", l->broken);
	if (l->key)
		cli_say(c, "%s", l->key);
	if (!c->json)
		return;
	jsonw_object(&c->out);
	print_info(c, file, info);
	jsonw_kv_int(&c->out, "organizations", (int64_t)l->orgs);
	jsonw_kv_bool(&c->out, "audit_ok", !l->broken);
	jsonw_kv(&c->out, "master_key", l->key);
	jsonw_end_object(&c->out);
}

enum rc cmd_restore(struct cli *c, struct err *e)
{
	const char *file = c->operand ? c->operand : cli_text(c, "from"), *url;
	struct look l = { .cli = c };
	struct backup_info info;
	struct db *db;
	enum rc rc;

	if (!file)
		return err_set(e, RC_INVALID, "restore needs the backup's file.");
	rc = cli_store_url(c, true, &url, e);
	if (rc == RC_OK)
		rc = db_restore(file, url, &info, e);
	/* A damaged file is not wrong usage. */
	if (rc == RC_INVALID)
		rc = e->rc = RC_IO;
	if (rc == RC_OK)
		rc = cli_store(c, false, 1, &db, e);
	if (rc != RC_OK)
		return rc;
	rc = db_read(db, look, &l, e);
	if (rc == RC_OK)
		check_key(&l, db);
	db_close(db);
	if (rc != RC_OK)
		return rc;
	report(c, file, &info, &l);
	c->status = l.broken || l.key ? CLI_PERSON : CLI_DONE;
	return RC_OK;
}
