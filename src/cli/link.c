/* link.c - trueup link: a one-time link with which a user chooses a new password. For whoever is locked out. */
#include "cli/cli.h"

#include "core/audit.h"
#include "core/people/link.h"
#include "core/people/user.h"

#include <string.h>

#define LINK_HOURS 24

struct work {
	struct cli *cli;
	const char *email;
	const char *token;
};

static enum rc log_it(struct tx *tx, const struct user *u, struct err *e)
{
	struct principal who = { .org = u->org, .name = "the command line", .role = ROLE_ADMIN };
	struct audit_entry entry = { .event = "user.link", .object = arena_printf(tx_arena(tx), "user %s", u->id) };

	return audit_append(tx, &who, &entry, e);
}

static enum rc make(struct tx *tx, void *arg, struct err *e)
{
	struct work *w = arg;
	struct user user = { 0 };
	const char *token = NULL;
	enum rc rc = user_find(tx, tx_arena(tx), w->email, &user, e);

	if (rc == RC_NOT_FOUND)
		return err_set(e, rc, "There is no user %s.", w->email);
	if (rc == RC_OK && user.disabled_at)
		return err_set(
			e, RC_CONFLICT, "The user %s is disabled. Another administrator can enable it.", w->email);
	if (rc == RC_OK)
		rc = tx_lock_org(tx, user.org, e);
	if (rc == RC_OK)
		rc = link_create(tx, user.org, LINK_INVITE, user.id, LINK_HOURS * 3600 * CLOCK_SECOND, &token, e);
	if (rc == RC_OK)
		rc = log_it(tx, &user, e);
	if (rc == RC_OK)
		w->token = arena_strdup(&w->cli->arena, token);
	return rc;
}

/* Where people reach the server: as set, or where the one that runs on this folder listens. */
static enum rc find_address(struct cli *c, const char **ret, struct err *e)
{
	const char *dir;
	char *text;
	size_t len;
	enum rc rc = cli_data(c, false, &dir, e);

	*ret = cli_text(c, "public-url");
	if (rc != RC_OK || (*ret && **ret))
		return rc;
	if (file_read(&c->arena, arena_printf(&c->arena, "%s/address", dir), 1024, &text, &len, e) != RC_OK)
		return err_set(e, RC_NOT_FOUND, "No server runs on this data folder. Start it, or give --public-url.");
	text[strcspn(text, "\r\n")] = '\0';
	*ret = text;
	return RC_OK;
}

enum rc cmd_link(struct cli *c, struct err *e)
{
	struct work w = { .cli = c };
	const char *url = "", *link;
	struct db *db;
	enum rc rc = cli_need(c, "user", &w.email, e);

	if (rc == RC_OK)
		rc = find_address(c, &url, e);
	if (rc == RC_OK)
		rc = cli_store(c, false, 1, &db, e);
	if (rc != RC_OK)
		return rc;
	rc = db_write(db, make, &w, e);
	db_close(db);
	if (rc != RC_OK)
		return rc;
	link = link_address(&c->arena, url, LINK_INVITE, w.token);
	cli_say(c, "%s", link);
	if (c->json) {
		jsonw_object(&c->out);
		jsonw_kv(&c->out, "link", link);
		jsonw_end_object(&c->out);
	}
	return RC_OK;
}
