/* serve.c - trueup serve: opens everything in order, says where it listens, waits for a signal, closes in reverse. */
#include "cli/cli.h"

#include "api/proxy.h"
#include "api/server.h"
#include "base/log.h"
#include "core/people/link.h"
#include "core/people/org.h"
#include "job/runner.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SETUP_LINK_HOURS 24
enum { STOP_SECONDS = 20 };

struct serve {
	struct cli *cli;
	const char *dir;
	struct app app;
	struct api_server *api;
	struct runner *runner;
	const char *setup_token; /* when there is no organization yet */
};

/* ---- the store ---- */

/* The mark of the master key, and the set-up link of a store that nobody owns yet. */
static enum rc claim(struct tx *tx, void *arg, struct err *e)
{
	struct serve *s = arg;
	struct org *list;
	const char *token;
	size_t count = 0;
	enum rc rc = vault_claim(s->app.vault, tx, e);

	if (rc == RC_OK)
		rc = org_list(tx, tx_arena(tx), &list, &count, e);
	if (rc != RC_OK || count || s->app.read_only)
		return rc;
	rc = link_create(tx, "", LINK_SETUP, NULL, SETUP_LINK_HOURS * 3600 * CLOCK_SECOND, &token, e);
	if (rc == RC_OK)
		s->setup_token = arena_strdup(&s->cli->arena, token);
	return rc;
}

static enum rc open_store(struct serve *s, struct err *e)
{
	enum rc rc = cli_data(s->cli, true, &s->dir, e);

	if (rc == RC_OK)
		rc = cli_vault(s->cli, &s->app.vault, e);
	if (rc == RC_OK)
		rc = cli_store(s->cli, true, (unsigned)cli_int(s->cli, "workers") + 4, &s->app.db, e);
	if (rc == RC_OK)
		rc = cli_key_after_rotation(s->cli, s->app.db, true, &s->app.vault, e);
	return rc == RC_OK ? db_write(s->app.db, claim, s, e) : rc;
}

/* ---- what serves ---- */

static enum rc start_api(struct serve *s, struct err *e)
{
	const struct cli *c = s->cli;
	struct api_config config = API_CONFIG_INIT;

	config.listen = cli_text(c, "listen");
	config.threads = (unsigned)cli_int(c, "http-threads");
	config.workers = (unsigned)cli_int(c, "workers");
	config.max_connections = (unsigned)cli_int(c, "max-connections");
	config.max_body = (size_t)cli_int(c, "max-body");
	config.push_rate = (int)cli_int(c, "push-rate");
	config.app_rate = (int)cli_int(c, "app-rate");
	config.signin_rate = (int)cli_int(c, "signin-rate");
	return api_start(&s->app, &config, &s->api, e);
}

static void start_jobs(struct serve *s)
{
	const struct cli *c = s->cli;
	struct runner_config config = { .db = s->app.db,
		.vault = s->app.vault,
		.threads = (unsigned)cli_int(c, "job-threads"),
		.allow_private = s->app.allow_private,
		.smtp_url = cli_text(c, "smtp-url"),
		.mail_from = cli_text(c, "mail-from"),
		.data_dir = s->dir,
		.public_url = s->app.public_url,
		.drop_dir = cli_text(c, "drop-dir") };

	job_set_lease(cli_int(c, "job-lease") * CLOCK_SECOND);
	s->runner = runner_start(&config);
}

static enum rc set_proxy(struct serve *s, struct err *e)
{
	const char *header = cli_text(s->cli, "proxy-user-header"), *from = cli_text(s->cli, "proxy-from");

	if (!header || !*header)
		return RC_OK;
	s->app.proxy_user_header = header;
	s->app.proxy_from = from ? from : "";
	return proxy_check(s->app.proxy_from, e);
}

static enum rc start(struct serve *s, struct err *e)
{
	const struct cli *c = s->cli;
	enum rc rc;

	s->app.public_url = cli_text(c, "public-url");
	s->app.allow_private = cli_switch(c, "allow-private-remotes");
	s->app.sso = (struct sso_net){ cli_fetch, &s->app.allow_private };
	s->app.read_only = cli_switch(c, "read-only");
	rc = set_proxy(s, e);
	if (rc == RC_OK)
		rc = cli_trust(s->cli, e);
	if (rc == RC_OK)
		rc = open_store(s, e);
	if (rc == RC_OK)
		rc = cli_vendors(s->cli, s->dir, e);
	if (rc == RC_OK)
		rc = start_api(s, e);
	/* A server that refuses changes makes none of its own either. */
	if (rc == RC_OK && !s->app.read_only)
		start_jobs(s);
	return rc;
}

static void stop(struct serve *s)
{
	runner_stop(s->runner);
	if (s->api)
		api_stop(s->api, STOP_SECONDS);
	db_close(s->app.db);
	api_free(s->api);
	vault_close(s->app.vault);
}

/* ---- what it says ---- */

/* Whatever the log level is: programs wait for this line. */
static void say_listening(const char *address)
{
	AUTO(buf) line = BUF_INIT(4096);
	struct jsonw w;

	jsonw_init(&w, &line, 0);
	jsonw_object(&w);
	jsonw_kv(&w, "event", "listening");
	jsonw_kv(&w, "address", address);
	jsonw_end_object(&w);
	fprintf(stderr, "%s\n", buf_text(&line));
}

static void say_setup(const struct serve *s)
{
	AUTO(arena) a = ARENA_INIT;

	if (!s->setup_token)
		return;
	printf("Open this link to set the server up. It works once, for %d hours:\n%s\n", SETUP_LINK_HOURS,
		link_address(&a, s->app.public_url, LINK_SETUP, s->setup_token));
	fflush(stdout);
}

static enum rc announce(struct serve *s, const char *file, struct err *e)
{
	const char *address = arena_printf(&s->cli->arena, "http://%s", api_address(s->api));
	enum rc rc = file_write(file, arena_printf(&s->cli->arena, "%s\n", address), e);

	if (rc != RC_OK)
		return rc;
	say_listening(address);
	say_setup(s);
	return RC_OK;
}

/* ---- signals ---- */

static const int stop_signals[] = { SIGTERM, SIGINT, SIGHUP };

/* Before any thread starts, so that all of them leave these to wait_for_signal(). */
static void block_signals(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < ARRAY_LEN(stop_signals); i++)
		sigaddset(set, stop_signals[i]);
	pthread_sigmask(SIG_BLOCK, set, NULL);
}

/* A second signal then ends the program at once. */
static void wait_for_signal(const sigset_t *set)
{
	int got;

	while (sigwait(set, &got) != 0)
		;
	pthread_sigmask(SIG_UNBLOCK, set, NULL);
	log_event(LOG_INFO, "stopping", "signal", strsignal(got), NULL);
}

enum rc cmd_serve(struct cli *c, struct err *e)
{
	struct serve s = { .cli = c };
	const char *file = NULL;
	sigset_t set;
	enum rc rc;

	block_signals(&set);
	rc = start(&s, e);
	if (rc == RC_OK) {
		file = arena_printf(&c->arena, "%s/address", s.dir);
		rc = announce(&s, file, e);
	}
	if (rc == RC_OK)
		wait_for_signal(&set);
	stop(&s);
	if (file)
		unlink(file);
	return rc;
}
