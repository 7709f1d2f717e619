/* setup.c - trueup setup: the first run without a browser. */
#include "cli/cli.h"

#include "core/people/password.h"
#include "core/people/setup.h"

struct work {
	struct cli *cli;
	struct setup setup;
	const char *org, *user;
};

static enum rc run_setup(struct tx *tx, void *arg, struct err *e)
{
	struct work *w = arg;
	const char *org, *user;
	enum rc rc = setup_run(tx, &w->setup, &org, &user, e);

	if (rc != RC_OK)
		return rc;
	w->org = arena_strdup(&w->cli->arena, org);
	w->user = arena_strdup(&w->cli->arena, user);
	return RC_OK;
}

static enum rc read_options(struct cli *c, struct setup *s, struct err *e)
{
	const char *password;
	enum rc rc = cli_need(c, "org", &s->organization, e);

	if (rc == RC_OK)
		rc = cli_need(c, "admin", &s->email, e);
	if (rc == RC_OK)
		rc = cli_need(c, "password", &password, e);
	if (rc == RC_OK)
		rc = password_hash(&c->arena, password, &s->password_hash, e);
	s->currency = cli_text(c, "currency");
	s->name = cli_text(c, "admin-name");
	return rc;
}

enum rc cmd_setup(struct cli *c, struct err *e)
{
	struct work w = { .cli = c };
	struct db *db;
	enum rc rc = read_options(c, &w.setup, e);

	if (rc == RC_OK)
		rc = cli_store(c, true, 1, &db, e);
	if (rc != RC_OK)
		return rc;
	rc = db_write(db, run_setup, &w, e);
	db_close(db);
	if (rc != RC_OK)
		return rc;
	cli_say(c, "%s is set up, with %s as its administrator.", w.setup.organization, w.setup.email);
	if (c->json) {
		jsonw_object(&c->out);
		jsonw_kv(&c->out, "organization", w.org);
		jsonw_kv(&c->out, "user", w.user);
		jsonw_end_object(&c->out);
	}
	return RC_OK;
}
