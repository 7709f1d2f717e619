/* doctor_self.c - is it set up so that one can rely on it: rights on files, how people reach it, who may sign in,
 * backups, what waits. Each check has a test that breaks it on purpose (test/api/doctor_self.test.mjs). */
#include "cli/doctor.h"

#include "core/setting.h"
#include "net/trust.h"

#include <dirent.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKUP_AGE (8 * CLOCK_DAY)
#define IDLE_TOKEN (180 * CLOCK_DAY)
#define ENDS_SOON (30 * CLOCK_DAY)
#define PATIENCE (3600 * CLOCK_SECOND)
#define UNREAD (50 * 3600 * CLOCK_SECOND)

/* ---- files ---- */

/* Only its owner may have any right on it. A file that is not there is fine: it is said elsewhere when it should be. */
static void check_mode(struct doctor *d, const char *name, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return;
	doctor_check(d, (st.st_mode & 077) == 0, name, "%s has mode %o%s", path, (unsigned)(st.st_mode & 0777),
		(st.st_mode & 077) == 0 ? "" : ": others can get at it. Take their rights away with chmod go=");
}

static void check_owner(struct doctor *d, const char *path)
{
	struct stat st;
	bool ours = stat(path, &st) != 0 || st.st_uid == geteuid();

	doctor_check(d, ours, "owner", "%s %s", path,
		ours ? "belongs to this user" : "belongs to another user than this one: run this as the server's user");
}

static utime newest_backup(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	struct stat st;
	utime newest = 0;

	if (!dir)
		return 0;
	while ((entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		if (len > 7 && strcmp(entry->d_name + len - 7, ".backup") == 0 &&
			fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 && st.st_mtime * CLOCK_SECOND > newest)
			newest = st.st_mtime * CLOCK_SECOND;
	}
	closedir(dir);
	return newest;
}

static enum rc first_row(struct tx *tx, void *arg, struct err *e)
{
	return sql_int(tx, arg, e, SQL_DOCTOR_FIRST_ROW, "");
}

/* A store of a few days may be without one. */
static void check_backup(struct doctor *d)
{
	utime now = clock_now(), newest = newest_backup(arena_printf(&d->cli->arena, "%s/backups", d->dir));
	int64_t first = 0;
	struct err ignored = ERR_INIT;
	bool young = db_read(d->db, first_row, &first, &ignored) == RC_OK && (!first || first > now - BACKUP_AGE);
	bool fresh = newest > now - BACKUP_AGE;

	doctor_check(d, fresh || young, "backup", "%s",
		fresh ? "the newest is of this week"
		      : (young ? "the store is young; see docs/operate/backup.md for every night's"
			       : "The newest backup in DATA/backups is older than a week, or there is none. Run trueup "
				 "backup every night."));
}

/* ---- how it is reached ---- */

static bool starts(const char *s, const char *with)
{
	return s && strncasecmp(s, with, strlen(with)) == 0;
}

static bool is_here(const char *host)
{
	return starts(host, "127.") || starts(host, "localhost") || starts(host, "[::1]") || starts(host, "::1");
}

static const char *host_of(const char *url)
{
	const char *slashes = url ? strstr(url, "://") : NULL, *at;

	if (!slashes)
		return "";
	at = strchr(slashes + 3, '@');
	return at && at < slashes + 3 + strcspn(slashes + 3, "/?") ? at + 1 : slashes + 3;
}

static void check_reach(struct doctor *d)
{
	const char *url = cli_text(d->cli, "public-url"), *listen = cli_text(d->cli, "listen");
	bool secure = !url || !*url || starts(url, "https://") || is_here(host_of(url));

	doctor_check(d, secure, "public address", "%s",
		secure ? (url && *url ? url : "none is set; people reach it on this machine only")
		       : "TRUEUP_PUBLIC_URL begins with http://: passwords and cookies would travel in the open. Put a "
			 "reverse proxy with TLS in front and name its https:// address.");
	doctor_check(d, is_here(listen), "listening address", "%s%s", listen,
		is_here(listen) ? ""
				: " can be reached from other machines without TLS. Listen on 127.0.0.1 behind a "
				  "reverse proxy.");
}

static void check_store_url(struct doctor *d)
{
	const char *db = cli_text(d->cli, "db");
	bool there = starts(db, "postgres") && *host_of(db) && !is_here(host_of(db)) && *host_of(db) != '/';
	bool ok = !there || strstr(db, "sslmode=require") || strstr(db, "sslmode=verify");

	doctor_check(d, ok, "way to the store", "%s",
		ok ? "on this machine, or by TLS"
		   : "PostgreSQL is on another machine and its address does not demand TLS. Add sslmode=verify-full.");
}

/* From here on the doctor trusts them too, when it tries the PSA. */
static void check_trust(struct doctor *d)
{
	struct trust_file found = { 0 };
	struct err e = ERR_INIT;
	char *pem, end[DAY_TEXT];
	size_t len;
	enum rc rc = cli_ca(d->cli, &pem, &len, &e);

	if (rc == RC_OK && pem)
		rc = trust_look(pem, len, &found, &e);
	if (rc == RC_OK && pem)
		rc = trust_add(pem, len, &e);
	if (rc == RC_OK && pem && found.first_end < clock_now() + ENDS_SOON)
		rc = err_set(&e, RC_CONFLICT,
			"A certificate in TRUEUP_CA_FILE ends on %s. Put the one that follows there.",
			day_format(day_of(found.first_end), end));
	doctor_check(d, rc == RC_OK, "own authorities", "%s",
		rc != RC_OK ? e.text
			    : (pem ? arena_printf(&d->cli->arena, "%zu beside the system's", found.count)
				   : "none beside the system's"));
}

static void check_mail(struct doctor *d)
{
	const char *smtp = cli_text(d->cli, "smtp-url"), *url = cli_text(d->cli, "public-url");
	bool serves = url && *url && !is_here(host_of(url)), have = smtp && *smtp;
	bool open = have && starts(smtp, "smtp://") && strchr(smtp, '@') && !is_here(host_of(smtp));

	doctor_check(d, have || !serves, "mail", "%s",
		have             ? "is sent"
			: serves ? "TRUEUP_SMTP_URL is not set: nobody is told when something fails or waits."
				 : "none is sent");
	doctor_check(d, !open, "mail password", "%s",
		open ? "It travels to the mail server in the open. Use smtps:// in TRUEUP_SMTP_URL."
		     : "none in the open");
}

static void check_switches(struct doctor *d)
{
	struct cli *c = d->cli;
	const char *url = cli_text(c, "public-url"), *key = cli_text(c, "master-key"),
		   *level = cli_text(c, "log-level");
	bool serves = url && *url && !is_here(host_of(url));
	bool private = serves && cli_switch(c, "allow-private-remotes");
	bool zeros = key && *key && strspn(key, "0") == strlen(key);

	doctor_check(d, !private, "private remotes", "%s",
		private ? "TRUEUP_ALLOW_PRIVATE_REMOTES lets connectors reach this network, and plain http in it. "
			  "Leave it out "
			  "unless the PSA stands in it."
			: "as they should be");
	doctor_check(d, cli_int(c, "signin-rate") > 0, "brake on sign-ins", "%s",
		cli_int(c, "signin-rate") > 0
			? "is on"
			: "TRUEUP_SIGNIN_RATE is 0: passwords can be guessed as fast as one likes.");
	doctor_check(d, cli_int(c, "push-rate") > 0 || !serves, "brake on pushes", "%s",
		cli_int(c, "push-rate") > 0 || !serves
			? "as it is set"
			: "TRUEUP_PUSH_RATE is 0: one vendor can take all the time there is.");
	doctor_check(d, !zeros, "master key's text", "%s",
		zeros ? "The master key is all zeros. Make one: openssl rand -hex 32, and run trueup rotate-key."
		      : "is no example");
	doctor_check(d, strcmp(level, "debug") != 0, "log level", "%s%s", level,
		strcmp(level, "debug") != 0 ? "" : " writes more than anybody reads, and fills the disk. Use info.");
#ifdef TRUEUP_FAIL_POINTS
	doctor_check(d, !serves, "build", "%s",
		serves ? "This is a build for tests, which can be made to fail on purpose. Install one made by make "
			 "release."
		       : "for tests");
#else
	doctor_check(d, true, "build", "for use");
#endif
}

static enum rc superuser(struct tx *tx, void *arg, struct err *e)
{
	return sql_int(tx, arg, e, SQL_DOCTOR_SUPERUSER, "");
}

static void check_role(struct doctor *d)
{
	const char *url = cli_text(d->cli, "public-url");
	bool serves = url && *url && !is_here(host_of(url));
	struct err ignored = ERR_INIT;
	int64_t is_super = 0;
	bool ok = db_read(d->db, superuser, &is_super, &ignored) == RC_OK && (!is_super || !serves);

	doctor_check(d, ok, "role in the store", "%s",
		ok ? "as it should be"
		   : "The store is used as a superuser of PostgreSQL. Give Trueup a role of its own that owns its "
		     "database.");
}

void doctor_self(struct doctor *d)
{
	const char *key = cli_text(d->cli, "master-key"), *db = cli_text(d->cli, "db");
	struct arena *a = &d->cli->arena;

	check_mode(d, "rights on the data folder", d->dir);
	check_owner(d, d->dir);
	if (!key || !*key)
		check_mode(d, "rights on the key file", arena_printf(a, "%s/master.key", d->dir));
	if (!db || !*db)
		check_mode(d, "rights on the store", arena_printf(a, "%s/trueup.db", d->dir));
	check_mode(d, "rights on the backups", arena_printf(a, "%s/backups", d->dir));
	check_backup(d);
	check_reach(d);
	check_store_url(d);
	check_trust(d);
	check_mail(d);
	check_switches(d);
	check_role(d);
}

/* ---- people, and what waits ---- */

struct count {
	const char *name;
	enum sql_id query;
	bool two; /* the query wants now as well */
	utime age; /* counts what is older; 0: no time is asked for */
	const char *good, *bad;
};

static const struct count counts[] = {
	{ "unused tokens", SQL_DOCTOR_IDLE_TOKENS, true, IDLE_TOKEN, "none",
		"tokens were not used for half a year. Revoke them under Settings, Tokens." },
	{ "changes that wait", SQL_DOCTOR_WAITING, false, PATIENCE, "none for long",
		"approved changes have not reached the PSA for over an hour. Is the server running, and the PSA "
		"reachable?" },
	{ "unknown outcomes", SQL_DOCTOR_UNKNOWN, false, PATIENCE, "none for long",
		"changes of unknown outcome for over an hour. Look in the PSA whether they were made." },
	{ "reading of the PSA", SQL_DOCTOR_UNREAD, false, UNREAD, "up to date",
		"PSA was not read for two days: cards show an old book. Read it, or set a schedule." },
	{ "jobs", SQL_DOCTOR_STUCK_JOBS, false, PATIENCE, "none is left waiting",
		"jobs are due for over an hour and nobody takes them. Is trueup serve running?" },
	{ "vendors", SQL_DOCTOR_FAILING, false, 0, "none has failed",
		"integrations failed at their last sync. See Integrations." },
	{ "alarms", SQL_DOCTOR_ALARMS, false, 0, "none", "alarms last: GET /api/v1/alarms says which." },
};

static enum rc check_count(struct doctor *d, struct tx *tx, const struct org *org, const struct count *c, struct err *e)
{
	utime now = clock_now();
	int64_t found = 0;
	enum rc rc;

	if (!c->age)
		rc = sql_int(tx, &found, e, c->query, "t", org->id);
	else if (c->two)
		rc = sql_int(tx, &found, e, c->query, "tii", org->id, now - c->age, now);
	else
		rc = sql_int(tx, &found, e, c->query, "ti", org->id, now - c->age);
	if (rc == RC_OK && found)
		doctor_check(d, false, c->name, "%s: %lld %s", org->name, (long long)found, c->bad);
	else if (rc == RC_OK)
		doctor_check(d, true, c->name, "%s: %s", org->name, c->good);
	return rc;
}

static enum rc check_second(struct doctor *d, struct tx *tx, const struct org *org, struct err *e)
{
	int64_t without = 0, days = 0;
	bool required = true;
	enum rc rc = setting_bool(tx, org->id, SETTING_SECOND_REQUIRED, &required, e);

	if (rc == RC_OK)
		rc = setting_int(tx, org->id, SETTING_SECOND_GRACE, &days, e);
	if (rc == RC_OK)
		rc = sql_int(tx, &without, e, SQL_DOCTOR_NO_SECOND, "ti", org->id, clock_now() - days * CLOCK_DAY);
	if (rc != RC_OK)
		return rc;
	doctor_check(d, required, "second factor required", "%s: %s", org->name,
		required ? "yes" : "no. Whoever guesses one password may approve. Set second_factor_required.");
	doctor_check(d, !without, "second factors", "%s: %lld of those who must have one by now do not", org->name,
		(long long)without);
	return RC_OK;
}

enum rc doctor_people(struct doctor *d, struct tx *tx, const struct org *org, struct err *e)
{
	int64_t admins = 0;
	enum rc rc = sql_int(tx, &admins, e, SQL_DOCTOR_ADMINS, "t", org->id);

	if (rc == RC_OK)
		doctor_check(d, admins > 0, "administrators", "%s: %lld can sign in%s", org->name, (long long)admins,
			admins ? "" : ". Run trueup link --user ADDRESS");
	if (rc == RC_OK)
		rc = check_second(d, tx, org, e);
	for (size_t i = 0; i < ARRAY_LEN(counts) && rc == RC_OK; i++)
		rc = check_count(d, tx, org, &counts[i], e);
	return rc;
}
