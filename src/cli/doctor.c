/* doctor.c - trueup doctor: is everything sound, and if not, what is to be done. Changes nothing.
 *
 * Each check is one line. A check that failed makes the exit status 3: the doctor did its work, and a person is
 * needed. No PSA yet, or no organization yet, is no failure.
 */
#include "cli/doctor.h"

#include "core/audit.h"
#include "core/book/psaconfig.h"

#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define DISK_LOW_MB 512
#define CLOCK_SLACK (5 * 60 * CLOCK_SECOND)

void doctor_check(struct doctor *d, bool ok, const char *name, const char *fmt, ...)
{
	struct cli *c = d->cli;
	const char *detail;
	va_list ap;

	va_start(ap, fmt);
	detail = arena_vprintf(&c->arena, fmt, ap);
	va_end(ap);
	d->all_ok &= ok;
	cli_say(c, "%s  %s: %s", ok ? "ok  " : "FAIL", name, detail);
	if (!c->json)
		return;
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "name", name);
	jsonw_kv_bool(&c->out, "ok", ok);
	jsonw_kv(&c->out, "detail", detail);
	jsonw_end_object(&c->out);
}

/* ---- around the store ---- */

static bool check_folder(struct doctor *d)
{
	struct err e = ERR_INIT;
	bool ok = cli_data(d->cli, false, &d->dir, &e) == RC_OK;

	doctor_check(d, ok, "data folder", "%s", ok ? "can be written" : e.text);
	return ok;
}

static void check_disk(struct doctor *d)
{
	struct statvfs fs;
	unsigned long long mb;

	if (statvfs(d->dir, &fs) != 0) {
		doctor_check(d, false, "disk", "The free space of %s cannot be read.", d->dir);
		return;
	}
	mb = (unsigned long long)fs.f_bavail * fs.f_frsize >> 20;
	doctor_check(d, mb >= DISK_LOW_MB, "disk", "%llu MB are free%s", mb,
		mb >= DISK_LOW_MB ? "" : ". Make room: a full disk stops every count from being taken");
}

/* True when the store can be opened without changing its schema. */
static bool check_schema(struct doctor *d)
{
	struct err e = ERR_INIT;
	const char *url;
	int64_t is = 0, newest = 0;
	enum rc rc = cli_store_url(d->cli, false, &url, &e);

	if (rc == RC_OK && strncmp(url, "sqlite:", 7) == 0 && access(url + 7, F_OK) != 0)
		rc = err_set(
			&e, RC_NOT_FOUND, "There is no store at %s yet. Run trueup serve or trueup setup.", url + 7);
	if (rc == RC_OK)
		rc = db_look(url, &is, &newest, &e);
	if (rc == RC_OK && is < newest)
		rc = err_set(&e, RC_CONFLICT,
			"The store is at step %lld and this program works with step %lld. The next start of the server "
			"brings it there; make a backup first.",
			(long long)is, (long long)newest);
	doctor_check(d, rc == RC_OK, "schema", "%s",
		rc == RC_OK ? arena_printf(&d->cli->arena, "step %lld, as this program wants it", (long long)is)
			    : e.text);
	return rc == RC_OK;
}

/* ---- the store ---- */

static enum rc check_integrity(struct doctor *d, struct tx *tx, struct err *e)
{
	char *words = NULL;
	enum rc rc = sql_text(tx, tx_arena(tx), &words, e, SQL_STORE_CHECK, "");
	bool ok = rc == RC_OK && words && strcmp(words, "ok") == 0;

	if (rc == RC_OK)
		doctor_check(d, ok, "integrity", "%s",
			ok ? "the store is whole"
			   : arena_printf(&d->cli->arena, "The store is damaged: %s. Restore the last backup.", words));
	return rc;
}

static enum rc check_clock(struct doctor *d, struct tx *tx, struct err *e)
{
	char now_text[CLOCK_TEXT], newest_text[CLOCK_TEXT];
	utime now = clock_now();
	int64_t newest = 0;
	enum rc rc = sql_int(tx, &newest, e, SQL_STORE_NEWEST, "");
	bool ok = newest <= now + CLOCK_SLACK;

	if (rc == RC_OK)
		doctor_check(d, ok, "clock", "it is %s%s%s", clock_format(now, now_text),
			ok ? "" : ", but the log already holds ",
			ok ? ""
			   : arena_printf(&d->cli->arena, "%s. Set this machine's clock right.",
				     clock_format(newest, newest_text)));
	return rc;
}

static enum rc check_audit(struct doctor *d, struct tx *tx, const struct org *org, struct err *e)
{
	struct audit_verdict v;
	enum rc rc = audit_verify(tx, org->id, &v, e);

	if (rc != RC_OK)
		return rc;
	if (v.broken_at == 0)
		doctor_check(d, true, "audit log", "%s: %lld rows, the chain is whole", org->name, (long long)v.rows);
	else
		doctor_check(d, false, "audit log",
			"%s: the chain is broken at row %lld. Compare with a backup from before.", org->name,
			(long long)v.broken_at);
	return RC_OK;
}

static enum rc check_store(struct tx *tx, void *arg, struct err *e)
{
	struct doctor *d = arg;
	enum rc rc = check_integrity(d, tx, e);

	if (rc == RC_OK)
		rc = check_clock(d, tx, e);
	if (rc == RC_OK)
		rc = org_list(tx, &d->cli->arena, &d->orgs, &d->org_count, e);
	if (rc == RC_OK && !d->org_count)
		doctor_check(
			d, true, "organization", "none yet; run trueup setup or open the set-up link of trueup serve");
	for (size_t i = 0; rc == RC_OK && i < d->org_count; i++)
		if ((rc = check_audit(d, tx, &d->orgs[i], e)) == RC_OK)
			rc = doctor_people(d, tx, &d->orgs[i], e);
	return rc;
}

/* ---- the master key ---- */

static bool check_key(struct doctor *d)
{
	struct err e = ERR_INIT;
	enum rc rc = cli_check_key(d->cli, d->db, &d->vault, &e);

	if (rc == RC_NOT_FOUND)
		doctor_check(d, true, "master key",
			"the store has not been given one yet; the first start of the server does");
	else
		doctor_check(d, rc == RC_OK, "master key", "%s", rc == RC_OK ? "fits the store" : e.text);
	return rc == RC_OK;
}

/* ---- the PSA ---- */

struct psa_look {
	struct doctor *doctor;
	const struct org *org;
	struct psaconfig config;
	bool none;
};

static enum rc read_psa(struct tx *tx, void *arg, struct err *e)
{
	struct psa_look *p = arg;
	enum rc rc = psaconfig_get(tx, p->doctor->vault, &p->doctor->cli->arena, p->org->id, &p->config, e);

	p->none = rc == RC_NOT_FOUND;
	return p->none ? RC_OK : rc;
}

static void psa_said(void *arg, const char *name, bool ok, const char *detail)
{
	struct psa_look *p = arg;

	doctor_check(p->doctor, ok, arena_printf(&p->doctor->cli->arena, "%s: %s", p->config.ops->name, name), "%s",
		detail ? detail : "");
}

static void check_psa(struct doctor *d, const struct org *org)
{
	struct psa_host host = { .allow_private = cli_switch(d->cli, "allow-private-remotes"), .today = day_today() };
	struct psa_look p = { .doctor = d, .org = org };
	struct psa_conn *conn;
	struct err e = ERR_INIT;
	enum rc rc = db_read(d->db, read_psa, &p, &e);

	if (rc == RC_OK && p.none) {
		doctor_check(d, true, "PSA", "%s: not connected yet", org->name);
		return;
	}
	if (rc == RC_OK)
		rc = p.config.ops->open(&host, p.config.settings, &conn, &e);
	if (rc == RC_OK) {
		rc = p.config.ops->test(conn, psa_said, &p, &e);
		p.config.ops->close(conn);
	}
	if (rc != RC_OK)
		doctor_check(d, false, "PSA", "%s: %s", org->name, e.text);
}

/* ---- all of it ---- */

static void examine_store(struct doctor *d)
{
	struct err e = ERR_INIT;

	if (cli_store(d->cli, false, 1, &d->db, &e) != RC_OK || db_read(d->db, check_store, d, &e) != RC_OK) {
		doctor_check(d, false, "store", "%s", e.text);
		return;
	}
	doctor_self(d);
	/* Without its key no credential opens, so there is nothing to try with. */
	if (check_key(d))
		for (size_t i = 0; i < d->org_count; i++)
			check_psa(d, &d->orgs[i]);
}

static void examine(struct doctor *d)
{
	if (!check_folder(d))
		return;
	check_disk(d);
	if (check_schema(d))
		examine_store(d);
	db_close(d->db);
	vault_close(d->vault);
}

enum rc cmd_doctor(struct cli *c, struct err *e)
{
	struct doctor d = { .cli = c, .all_ok = true };
	const char *dir;
	enum rc rc = cli_need(c, "data", &dir, e);

	if (rc != RC_OK)
		return rc;
	if (c->json) {
		jsonw_object(&c->out);
		jsonw_key(&c->out, "checks");
		jsonw_array(&c->out);
	}
	examine(&d);
	if (c->json) {
		jsonw_end_array(&c->out);
		jsonw_kv_bool(&c->out, "ok", d.all_ok);
		jsonw_end_object(&c->out);
	}
	c->status = d.all_ok ? CLI_DONE : CLI_PERSON;
	return RC_OK;
}
