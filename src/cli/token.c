/* token.c - trueup token create: whoever may write the data folder may make a token. */
#include "cli/cli.h"

#include "core/audit.h"
#include "core/people/token.h"

struct work {
	struct cli *cli;
	struct principal who;
	const char *name;
	enum role role;
	utime expires_at;
	const char *id, *text;
};

static enum rc log_it(struct tx *tx, struct work *w, const char *id, struct err *e)
{
	AUTO(buf) b = BUF_INIT(4096);
	struct jsonw j;
	struct audit_entry entry = { .event = "token.created" };

	jsonw_init(&j, &b, 0);
	jsonw_object(&j);
	jsonw_kv(&j, "name", w->name);
	jsonw_kv(&j, "role", role_name(w->role));
	jsonw_end_object(&j);
	entry.object = arena_printf(tx_arena(tx), "token %s", id);
	entry.after = buf_text(&b);
	return audit_append(tx, &w->who, &entry, e);
}

static enum rc create(struct tx *tx, void *arg, struct err *e)
{
	struct work *w = arg;
	const char *id, *text;
	enum rc rc = tx_lock_org(tx, w->who.org, e);

	if (rc == RC_OK)
		rc = token_create(tx, &w->who, w->name, w->role, w->expires_at, NULL, &id, &text, e);
	if (rc == RC_OK)
		rc = log_it(tx, w, id, e);
	if (rc != RC_OK)
		return rc;
	w->id = arena_strdup(&w->cli->arena, id);
	w->text = arena_strdup(&w->cli->arena, text);
	return RC_OK;
}

static enum rc read_options(struct cli *c, struct work *w, struct err *e)
{
	const char *role, *expires = cli_text(c, "expires");
	enum rc rc = cli_need(c, "name", &w->name, e);

	if (rc == RC_OK)
		rc = cli_need(c, "role", &role, e);
	if (rc != RC_OK)
		return rc;
	w->role = role_parse(role);
	if (w->role == ROLE_NONE)
		return err_set(e, RC_INVALID, "The role is %s, and must be admin, approver or viewer.", role);
	if (expires && clock_parse(expires, &w->expires_at) != RC_OK)
		return err_set(e, RC_INVALID, "%s is not a date (2027-01-31) or time (2027-01-31T12:00:00Z).", expires);
	return RC_OK;
}

static void print(struct cli *c, const struct work *w)
{
	if (!c->json) {
		cli_say(c, "%s", w->text);
		return;
	}
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "token", w->text);
	jsonw_kv(&c->out, "id", w->id);
	jsonw_kv(&c->out, "name", w->name);
	jsonw_kv(&c->out, "role", role_name(w->role));
	jsonw_end_object(&c->out);
}

enum rc cmd_token_create(struct cli *c, struct err *e)
{
	struct work w = { .cli = c, .who = { .name = "the command line", .role = ROLE_ADMIN } };
	struct db *db;
	enum rc rc = read_options(c, &w, e);

	if (rc == RC_OK)
		rc = cli_store(c, false, 1, &db, e);
	if (rc != RC_OK)
		return rc;
	rc = cli_org(c, db, &w.who.org, e);
	if (rc == RC_OK)
		rc = db_write(db, create, &w, e);
	db_close(db);
	if (rc == RC_OK)
		print(c, &w);
	return rc;
}
