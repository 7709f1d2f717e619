/* plan.c - trueup plan and trueup apply: mapping and rules from a file. The form of the file is in core/mapping/plan.h.
 *
 * Both do the same work in one transaction; plan then lets it fail, so nothing is changed and whatever apply would
 * refuse is found.
 */
#include "cli/cli.h"

#include "core/mapping/plan.h"

#include <string.h>

enum { FILE_MAX = 8 << 20 };

struct work {
	struct cli *cli;
	struct principal who;
	struct json *file;
	bool apply;
	bool looked; /* the transaction failed because it should */
	int64_t changes;
	struct buf list; /* array of the changes */
};

static enum rc work_fn(struct tx *tx, void *arg, struct err *e)
{
	struct work *w = arg;
	struct jsonw out;
	enum rc rc;

	buf_clear(&w->list);
	w->looked = false;
	jsonw_init(&out, &w->list, 0);
	jsonw_array(&out);
	rc = plan_apply(tx, &w->who, w->file, &out, &w->changes, e);
	if (rc != RC_OK)
		return rc;
	jsonw_end_array(&out);
	w->looked = !w->apply;
	return w->apply ? RC_OK : err_set(e, RC_CONFLICT, "Only looked.");
}

static enum rc read_file(struct cli *c, struct json **ret, struct err *e)
{
	const struct json_limits limits = { FILE_MAX, 16, 1u << 20 };
	char *text;
	size_t len;
	enum rc rc = file_read(&c->arena, c->operand, FILE_MAX, &text, &len, e);

	if (rc == RC_OK && (rc = json_parse(&c->arena, text, len, &limits, ret, e)) != RC_OK)
		err_prefix(e, "%s", c->operand);
	return rc;
}

static void say_changes(struct cli *c, const struct work *w)
{
	const struct json_limits limits = JSON_LIMITS_DEFAULT;
	struct err e = ERR_INIT;
	struct json *list;

	if (json_parse(&c->arena, buf_text(&w->list), w->list.len, &limits, &list, &e) != RC_OK)
		BUG("%s", e.text);
	for (const struct json *v = list->child; v; v = v->next)
		cli_say(c, "%s %s", json_member(v, "action"), json_member(v, "object"));
	cli_say(c, w->apply ? "%lld changed." : "%lld to change.", (long long)w->changes);
}

static void report(struct cli *c, const struct work *w)
{
	if (!c->json) {
		say_changes(c, w);
		return;
	}
	jsonw_object(&c->out);
	jsonw_kv_bool(&c->out, "applied", w->apply);
	jsonw_kv_int(&c->out, "count", w->changes);
	jsonw_kv_raw(&c->out, "changes", buf_text(&w->list));
	jsonw_end_object(&c->out);
}

/* Where in the file it is wrong. */
static enum rc place_error(const struct cli *c, struct err *e)
{
	char words[sizeof(e->text)];

	if (e->rc != RC_INVALID || !e->pointer[0])
		return e->rc;
	memcpy(words, e->text, sizeof(words));
	return err_set(e, RC_IO, "%s, at %s: %s", c->operand, e->pointer, words);
}

static enum rc work_on_store(struct cli *c, struct work *w, struct err *e)
{
	struct db *db;
	enum rc rc = cli_store(c, false, 1, &db, e);

	if (rc != RC_OK)
		return rc;
	rc = cli_org(c, db, &w->who.org, e);
	if (rc == RC_OK)
		rc = db_write(db, work_fn, w, e);
	db_close(db);
	return w->looked ? RC_OK : rc;
}

static enum rc run(struct cli *c, bool apply, struct err *e)
{
	struct work w = { .cli = c, .apply = apply, .who = { .name = "the command line", .role = ROLE_ADMIN } };
	enum rc rc = read_file(c, &w.file, e);

	if (rc != RC_OK)
		return rc;
	buf_init(&w.list, 64 << 20);
	rc = work_on_store(c, &w, e);
	if (rc == RC_OK)
		report(c, &w);
	else
		rc = place_error(c, e);
	buf_release(&w.list);
	return rc;
}

enum rc cmd_plan(struct cli *c, struct err *e)
{
	return run(c, false, e);
}

enum rc cmd_apply(struct cli *c, struct err *e)
{
	return run(c, true, e);
}
