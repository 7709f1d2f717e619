/* cli.c - the table of commands, and the way from arguments to an exit status. */
#include "cli/cli.h"

#include "base/log.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { OUT_MAX = 64 << 20 };

const struct command cli_commands[] = {
	{ "serve", .run = cmd_serve, .summary = "run the server" },
	{ "setup", .options = { "org", "currency", "admin", "admin-name", "password" }, .run = cmd_setup,
		.summary = "make the organization and its first administrator, without a browser" },
	{ "token create", .options = { "name", "role", "expires" }, .run = cmd_token_create,
		.summary = "make a token for the API and print it, once; works while the server runs" },
	{ "link", .options = { "user" }, .run = cmd_link,
		.summary = "print a one-time link with which a user chooses a new password" },
	{ "doctor", .run = cmd_doctor,
		.summary = "look whether everything is sound: store, key, clock, disk, rights in the PSA" },
	{ "audit verify", .run = cmd_audit_verify, .summary = "recompute the chain of the log" },
	{ "backup", "[FILE]", { "to" }, "copy the whole store into one file; works while the server runs", cmd_backup },
	{ "restore", "[FILE]", { "from" }, "fill an empty store from a backup", cmd_restore },
	{ "rotate-key", .options = { "new-key" }, .run = cmd_rotate_key,
		.summary = "give the store another master key; stop its servers first" },
	{ "export", "[FILE]", { "to" }, "write every table as JSON lines, without secrets", cmd_export },
	{ "plan", "FILE", { NULL }, "show what differs between a file of mappings and rules and the store", cmd_plan },
	{ "apply", "FILE", { NULL }, "make the store as the file says, all or nothing", cmd_apply },
	{ "vendor check", "FILE", { NULL }, "look whether the declaration of a vendor is sound", cmd_vendor_check },
	{ "vendor try", "FILE", { "set" }, "read with a declaration (or a vendor's id) and show what would be taken in",
		cmd_vendor_try },
	{ NULL },
};

void cli_say(struct cli *c, const char *fmt, ...)
{
	va_list ap;

	if (c->json)
		return;
	va_start(ap, fmt);
	buf_puts(&c->out_buf, arena_vprintf(&c->arena, fmt, ap));
	va_end(ap);
	buf_putc(&c->out_buf, '\n');
}

/* How many of the arguments spell the command's name; 0 = it is another one. */
static int spells(const struct command *command, int argc, char **argv)
{
	const char *rest = command->name;
	int used = 0;

	while (*rest) {
		size_t len = strcspn(rest, " ");

		if (used >= argc || strlen(argv[used]) != len || strncmp(argv[used], rest, len) != 0)
			return 0;
		used++;
		rest += len;
		rest += strspn(rest, " ");
	}
	return used;
}

static int help(FILE *to, const struct command *command)
{
	AUTO(buf) b = BUF_INIT(OUT_MAX);

	if (command) {
		buf_printf(&b, "trueup %s%s%s - %s\n\n", command->name, command->operand ? " " : "",
			command->operand ? command->operand : "", command->summary);
		options_help(&b, command);
		buf_puts(&b, "  --json\n      print one JSON document and nothing else\n");
	} else {
		buf_puts(&b, "usage: trueup COMMAND [--data DIR] [options]\n\n");
		for (const struct command *c = cli_commands; c->name; c++)
			buf_printf(&b, "  %-14s %s\n", c->name, c->summary);
		if (to == stderr)
			buf_puts(
				&b, "\ntrueup --help lists the settings, trueup COMMAND --help a command's options.\n");
	}
	if (to == stdout) {
		buf_puts(&b,
			"\nEach setting is also a variable (--public-url is TRUEUP_PUBLIC_URL), and the variable with\n"
			"_FILE behind its name names a file that holds it.\n\nSettings:\n");
		options_help(&b, NULL);
	}
	fputs(buf_text(&b), to);
	return to == stdout ? CLI_DONE : CLI_USAGE;
}

/* What failed, in one line on stderr; with --json also as the document. */
static void complain(struct cli *c, const struct err *e)
{
	fprintf(stderr, "trueup: %s\n", e->text);
	if (!c->json)
		return;
	buf_clear(&c->out_buf);
	jsonw_init(&c->out, &c->out_buf, 0);
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "error", rc_name(e->rc));
	jsonw_kv(&c->out, "detail", e->text);
	jsonw_end_object(&c->out);
}

static int finish(struct cli *c, enum cli_status status)
{
	if (c->out_buf.len) {
		fputs(buf_text(&c->out_buf), stdout);
		if (c->json)
			putchar('\n');
	}
	if (fflush(stdout) != 0 && status == CLI_DONE) {
		fprintf(stderr, "trueup: the output could not be written.\n");
		status = CLI_FAILED;
	}
	buf_release(&c->out_buf);
	arena_release(&c->arena);
	return status;
}

static enum rc set_log_level(const struct cli *c, struct err *e)
{
	static const char *const words[] = { "debug", "info", "warn", "error" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(words[i], cli_text(c, "log-level")) == 0) {
			log_set_level((enum log_level)i);
			return RC_OK;
		}
	}
	return err_set(e, RC_INVALID, "The log level is %s, and must be debug, info, warn or error.",
		cli_text(c, "log-level"));
}

static int run(const struct command *command, int argc, char **argv)
{
	struct cli c = { .command = command, .out_buf = BUF_INIT(OUT_MAX) };
	struct err e = ERR_INIT;
	enum rc rc;

	for (int i = 0; i < argc; i++)
		c.json |= strcmp(argv[i], "--json") == 0;
	jsonw_init(&c.out, &c.out_buf, 0);
	rc = options_read(&c, argc, argv, &e);
	if (rc == RC_OK)
		rc = set_log_level(&c, &e);
	if (rc == RC_OK && (rc = command->run(&c, &e)) == RC_OK)
		return finish(&c, c.status);
	complain(&c, &e);
	return finish(&c, rc == RC_INVALID ? CLI_USAGE : CLI_FAILED);
}

int cli_main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
	if (argc < 2)
		return help(stderr, NULL);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
		return help(stdout, NULL);
	for (const struct command *c = cli_commands; c->name; c++) {
		int used = spells(c, argc - 1, argv + 1);

		for (int i = 1 + used; used && i < argc; i++)
			if (strcmp(argv[i], "--help") == 0)
				return help(stdout, c);
		if (used)
			return run(c, argc - 1 - used, argv + 1 + used);
	}
	fprintf(stderr, "trueup: there is no command \"%s\".\n\n", argv[1]);
	return help(stderr, NULL);
}
