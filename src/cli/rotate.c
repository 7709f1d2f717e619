/* rotate.c - trueup rotate-key: another master key for the whole store, in one transaction.
 *
 * A key that lives in the data folder changes in three steps, and may be interrupted after each: the new key is on
 * disk as master.key.next; the store is sealed with it; it takes the place of master.key. Whoever opens the store next
 * finds which of the two fits (cli_key_after_rotation).
 */
#include "cli/cli.h"

#include "base/failpoint.h"
#include "core/audit.h"
#include "core/idem.h"
#include "core/people/org.h"

#include <string.h>

struct rotate {
	struct vault *from, *to;
	int64_t count;
};

static enum rc note(struct tx *tx, const struct rotate *r, const char *org, struct err *e)
{
	const struct principal who = { .org = org, .id = "cli", .name = "command line" };
	const struct audit_entry entry = { .event = "key.rotated",
		.object = "master key",
		.before = arena_printf(tx_arena(tx), "{\"id\":\"%s\"}", vault_id(r->from)),
		.after = arena_printf(tx_arena(tx), "{\"id\":\"%s\"}", vault_id(r->to)) };

	return audit_append(tx, &who, &entry, e);
}

static enum rc rotate_fn(struct tx *tx, void *arg, struct err *e)
{
	struct rotate *r = arg;
	struct org *list;
	size_t count = 0;
	enum rc rc = vault_rotate(r->from, r->to, tx, &r->count, e);

	if (rc == RC_OK)
		rc = FAIL_AFTER(idem_rotate(tx, r->from, r->to, e), "rotate.answers", e);
	if (rc == RC_OK)
		rc = org_list(tx, tx_arena(tx), &list, &count, e);
	for (size_t i = 0; i < count && rc == RC_OK; i++)
		rc = FAIL_AFTER(note(tx, r, list[i].id, e), "rotate.noted", e);
	return rc;
}

/* The new key, on disk before anything is sealed with it. */
static enum rc open_next(struct cli *c, bool in_folder, struct vault **ret, struct err *e)
{
	const char *given = cli_text(c, "new-key");
	const char *path = arena_printf(&c->arena, "%s/master.key%s", cli_text(c, "data"), KEY_NEXT);
	enum rc rc = RC_OK;

	*ret = NULL;
	if (!in_folder)
		rc = cli_need(c, "new-key", &given, e);
	if (rc == RC_OK && given && *given)
		rc = vault_open(given, ret, e);
	if (rc != RC_OK || !in_folder)
		return rc;
	vault_close(*ret);
	*ret = NULL;
	if (given && *given)
		rc = file_write(path, arena_printf(&c->arena, "%s\n", given), e);
	if (rc == RC_OK)
		rc = vault_open_file(path, ret, e);
	return FAIL_AFTER(rc, "rotate.key_made", e);
}

static enum rc check_other(const struct rotate *r, struct err *e)
{
	if (strcmp(vault_id(r->from), vault_id(r->to)) != 0)
		return RC_OK;
	return err_set(e, RC_CONFLICT, "The new key is the one the store has. Nothing was changed.");
}

static void say(struct cli *c, const struct rotate *r, bool in_folder)
{
	cli_say(c, "%lld credentials are sealed with master key %s now; it was %s.", (long long)r->count,
		vault_id(r->to), vault_id(r->from));
	if (in_folder)
		cli_say(c, "The old key is kept as %s/master.key.%s: backups made before need it.", cli_text(c, "data"),
			vault_id(r->from));
	else
		cli_say(c, "Give the new key by TRUEUP_MASTER_KEY or TRUEUP_MASTER_KEY_FILE from now on.");
	if (!c->json)
		return;
	jsonw_object(&c->out);
	jsonw_kv_int(&c->out, "credentials", r->count);
	jsonw_kv(&c->out, "key", vault_id(r->to));
	jsonw_kv(&c->out, "old_key", vault_id(r->from));
	jsonw_end_object(&c->out);
}

/* The key the store has. Where the one before had not taken its place yet, it does so now. */
static enum rc open_present(struct cli *c, struct db *db, struct vault **ret, struct err *e)
{
	struct vault *seen;
	enum rc rc = cli_check_key(c, db, &seen, e);

	vault_close(seen);
	if (rc == RC_OK)
		rc = cli_vault(c, ret, e);
	return rc == RC_OK ? cli_key_after_rotation(c, db, true, ret, e) : rc;
}

enum rc cmd_rotate_key(struct cli *c, struct err *e)
{
	const char *key = cli_text(c, "master-key");
	bool in_folder = !key || !*key;
	struct rotate r = { 0 };
	struct db *db = NULL;
	enum rc rc = cli_store(c, false, 1, &db, e);

	if (rc == RC_OK)
		rc = open_present(c, db, &r.from, e);
	if (rc == RC_OK)
		rc = open_next(c, in_folder, &r.to, e);
	if (rc == RC_OK)
		rc = check_other(&r, e);
	if (rc == RC_OK)
		rc = FAIL_AFTER(db_write(db, rotate_fn, &r, e), "rotate.sealed", e);
	if (rc == RC_OK && in_folder)
		rc = FAIL_AFTER(cli_key_switch(c, vault_id(r.from), e), "rotate.switched", e);
	if (rc == RC_OK)
		say(c, &r, in_folder);
	vault_close(r.from);
	vault_close(r.to);
	db_close(db);
	return rc;
}
