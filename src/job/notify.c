/* Mail to the administrators of an organization: how a sync ended, or a text as it was given. */
#include "base/json.h"
#include "core/usage/integration.h"
#include "core/people/org.h"
#include "core/setting.h"
#include "core/people/user.h"
#include "job/kinds.h"
#include "net/mail.h"

#include <string.h>

struct note {
	struct job_run *run;
	struct org org;
	const char *what; /* "the PSA" or the name of an integration */
	const char *const *admins;
	bool wanted;
};

static bool about_psa(const struct job_run *run)
{
	return strcmp(json_text_or(json_get(run->args, "about"), ""), JOB_PSA_SYNC) == 0;
}

/* A text of its own is always sent; the end of a sync where the settings say so. */
static enum rc is_wanted(struct tx *tx, struct note *n, struct err *e)
{
	const struct json *args = n->run->args;
	const char *name = json_true(json_get(args, "ok")) ? SETTING_MAIL_SYNC_DONE : SETTING_MAIL_SYNC_FAILED;

	n->wanted = true;
	if (json_member(args, "text"))
		return RC_OK;
	return setting_bool(tx, n->run->job->org, name, &n->wanted, e);
}

static enum rc find_name(struct tx *tx, struct note *n, struct err *e)
{
	const char *id = json_member(n->run->args, "integration");
	struct integration i;
	enum rc rc;

	n->what = "the PSA";
	if (about_psa(n->run) || !id)
		return RC_OK;
	rc = integration_get(tx, n->run->arena, n->run->job->org, id, &i, e);
	if (rc == RC_OK)
		n->what = i.name;
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc look_fn(struct tx *tx, void *arg, struct err *e)
{
	struct note *n = arg;
	enum rc rc = org_get(tx, n->run->arena, n->run->job->org, &n->org, e);

	if (rc == RC_OK)
		rc = is_wanted(tx, n, e);
	if (rc == RC_OK)
		rc = find_name(tx, n, e);
	return rc == RC_OK ? user_admins(tx, n->run->arena, n->run->job->org, &n->admins, e) : rc;
}

static const char *subject_of(const struct note *n)
{
	const struct json *args = n->run->args;
	const char *subject = json_member(args, "subject");

	if (subject)
		return subject;
	return arena_printf(n->run->arena, "Trueup: reading %s %s", n->what,
		json_true(json_get(args, "ok")) ? "is done" : "failed");
}

/* "accounts: 43" and so on, one a line. */
static const char *figures(struct arena *a, const struct json *result)
{
	const char *all = "";

	for (const struct json *m = result ? result->child : NULL; m; m = m->next) {
		if (json_scalar(m))
			all = arena_printf(a, "%s  %s: %s\n", all, m->key, json_scalar(m));
	}
	return all;
}

static const char *text_of(const struct note *n)
{
	const struct json *args = n->run->args;
	struct arena *a = n->run->arena;
	const char *url = n->run->config->public_url;
	const char *text = json_member(args, "text");
	const char *link = url ? arena_printf(a, "\n%s/\n", url) : "";

	if (text)
		return arena_printf(a, "%s\n%s", text, link);
	if (json_true(json_get(args, "ok")))
		return arena_printf(a, "%s: reading %s is done.\n\n%s%s", n->org.name, n->what,
			figures(a, json_get(args, "result")), link);
	return arena_printf(a,
		"%s: reading %s failed.\n\n%s\n\nWhat was read before stays as it is, marked with its age. A fault "
		"that may "
		"pass is tried again by itself.\n%s",
		n->org.name, n->what, json_text_or(json_get(args, "error"), "No reason was given."), link);
}

enum rc job_notify(struct job_run *run, struct err *e)
{
	struct note n = { .run = run };
	struct mail m = { .smtp_url = run->config->smtp_url, .from = run->config->mail_from };
	enum rc rc = db_read(run->config->db, look_fn, &n, e);

	run->result = "{\"sent\":false}";
	if (rc != RC_OK || !n.wanted || !m.smtp_url || !n.admins[0])
		return rc;
	m.to = n.admins;
	m.subject = subject_of(&n);
	m.text = text_of(&n);
	rc = mail_send(&m, e);
	if (rc == RC_OK)
		run->result = "{\"sent\":true}";
	return rc;
}
