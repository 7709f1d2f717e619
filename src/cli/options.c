/* options.c - the table of settings and options, and how they are read. */
#include "cli/cli.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { SECRET_FILE_MAX = 64 * 1024 };

const struct option cli_options[] = {
	{ "data", OPT_TEXT, true, .help = "the data folder" },
	{ "db", OPT_TEXT, true, .help = "the store: sqlite:PATH or postgresql://...; default sqlite:DATA/trueup.db" },
	{ "listen", OPT_TEXT, true, "127.0.0.1:8080", .help = "address and port to serve on; port 0 picks one" },
	{ "public-url", OPT_TEXT, true,
		.help = "where people reach this server, for links and cookies; default the "
			"address it listens on" },
	{ "master-key", OPT_SECRET, true, .help = "32 bytes as hex or base64; default the file DATA/master.key" },
	{ "smtp-url", OPT_TEXT, true, .help = "smtp://host:port or smtps://...; without it no mail is sent" },
	{ "mail-from", OPT_TEXT, true, .help = "sender of mails" },
	{ "drop-dir", OPT_TEXT, true, .help = "folder whose files are imported; without it none is watched" },
	{ "vendors", OPT_TEXT, true, .help = "folder of vendor declarations of your own; default DATA/vendors" },
	{ "ca-file", OPT_TEXT, true,
		.help = "file of certificate authorities (PEM) that are trusted beside the system's" },
	{ "allow-private-remotes", OPT_SWITCH, true, .help = "connectors may reach loopback and private addresses" },
	{ "proxy-user-header", OPT_TEXT, true, .help = "header in which a reverse proxy names who is signed in there" },
	{ "proxy-from", OPT_TEXT, true, .help = "addresses and networks of the proxies that may send it" },
	{ "read-only", OPT_SWITCH, true, .help = "refuse every change but signing in" },
	{ "log-level", OPT_TEXT, true, "info", .help = "debug, info, warn or error" },
	{ "http-threads", OPT_INT, true, "2", 1, 64, "threads that read requests" },
	{ "workers", OPT_INT, true, "8", 1, 256, "threads that answer them; each may hold a read connection" },
	{ "job-threads", OPT_INT, true, "4", 1, 64, "threads for syncs and writes to the PSA" },
	{ "job-lease", OPT_INT, true, "60", 3, 3600,
		"seconds after which the work of a server that died is taken up again" },
	{ "max-body", OPT_INT, true, "104857600", 65536, 1 << 30, "largest request body in bytes" },
	{ "max-connections", OPT_INT, true, "4096", 8, 1 << 20, "open connections at once" },
	{ "push-rate", OPT_INT, true, "100", 0, 1000000, "requests a second of one push token; 0 = no limit" },
	{ "app-rate", OPT_INT, true, "500", 0, 1000000, "requests a second of one token or session; 0 = no limit" },
	{ "signin-rate", OPT_INT, true, "10", 0, 1000000, "sign-ins a second from one address; 0 = no limit" },
	{ "org", OPT_TEXT, .help = "name of the organization" },
	{ "currency", OPT_TEXT, .help = "its currency, three letters; default USD" },
	{ "admin", OPT_TEXT, .help = "e-mail address of its first administrator" },
	{ "admin-name", OPT_TEXT, .help = "the administrator's name; default the address" },
	{ "password", OPT_SECRET, .help = "file that holds the administrator's password" },
	{ "name", OPT_TEXT, .help = "what the token is for" },
	{ "role", OPT_TEXT, .help = "admin, approver or viewer" },
	{ "expires", OPT_TEXT, .help = "date or time after which the token stops; default never" },
	{ "user", OPT_TEXT, .help = "e-mail address of a user" },
	{ "new-key", OPT_SECRET, .help = "file that holds the new master key; default a new one is made" },
	{ "set", OPT_LIST, .help = "name=value of a setting, or name=@FILE; may be given again" },
	{ "to", OPT_TEXT, .help = "where it goes" },
	{ "from", OPT_TEXT, .help = "the backup's file" },
	{ NULL },
};

_Static_assert(ARRAY_LEN(cli_options) <= CLI_OPTIONS_MAX, "raise CLI_OPTIONS_MAX");

static int find(const char *name, size_t len)
{
	for (int i = 0; cli_options[i].name; i++)
		if (strlen(cli_options[i].name) == len && strncmp(cli_options[i].name, name, len) == 0)
			return i;
	return -1;
}

static int row(const char *name)
{
	int i = find(name, strlen(name));

	if (i < 0)
		BUG("no option %s", name);
	return i;
}

static bool takes(const struct command *command, const struct option *o)
{
	if (o->is_setting)
		return true;
	for (int i = 0; command->options[i]; i++)
		if (strcmp(command->options[i], o->name) == 0)
			return true;
	return false;
}

static int truth(const char *s)
{
	static const char *const words[] = { "0", "1", "false", "true", "no", "yes", "off", "on" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(s, words[i]) == 0)
			return i & 1;
	return *s ? -1 : 0;
}

static enum rc check(const struct option *o, const char *said, const char *value, struct err *e)
{
	char *end;
	long long n;

	if (o->type == OPT_SWITCH && truth(value) < 0)
		return err_set(e, RC_INVALID, "%s is %s, and must be 1 or 0.", said, value);
	if (o->type != OPT_INT)
		return RC_OK;
	n = strtoll(value, &end, 10);
	if (end == value || *end || n < o->min || n > o->max)
		return err_set(e, RC_INVALID, "%s is %s, and must be a whole number from %lld to %lld.", said, value,
			(long long)o->min, (long long)o->max);
	return RC_OK;
}

static enum rc keep(struct cli *c, int i, const char *said, const char *value, struct err *e)
{
	enum rc rc = check(&cli_options[i], said, value, e);

	if (rc == RC_OK && cli_options[i].type == OPT_LIST && c->values[i])
		value = arena_printf(&c->arena, "%s\n%s", c->values[i], value);
	if (rc == RC_OK)
		c->values[i] = value;
	return rc;
}

/* A line end behind the value is the editor's, not part of it. */
static enum rc keep_file(struct cli *c, int i, const char *said, const char *path, struct err *e)
{
	char *text;
	size_t len;
	enum rc rc = file_read(&c->arena, path, SECRET_FILE_MAX, &text, &len, e);

	if (rc != RC_OK)
		return err_prefix(e, "%s", said);
	while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		text[--len] = '\0';
	return keep(c, i, said, text, e);
}

static char *variable(struct arena *a, const char *name)
{
	char *s = arena_printf(a, "TRUEUP_%s", name);

	for (char *p = s; *p; p++)
		*p = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
	return s;
}

static enum rc from_environment(struct cli *c, int i, struct err *e)
{
	const char *name = variable(&c->arena, cli_options[i].name);
	const char *file = arena_printf(&c->arena, "%s_FILE", name);
	const char *value = getenv(name), *path = getenv(file);

	if (value && *value && path && *path)
		return err_set(e, RC_INVALID, "Both %s and %s are set. Leave one out.", name, file);
	if (value && *value)
		return keep(c, i, name, value, e);
	return path && *path ? keep_file(c, i, file, path, e) : RC_OK;
}

/* --name VALUE, --name=VALUE, --switch, --name-file FILE. Moves *at to the last argument it used. */
static enum rc argument(struct cli *c, int argc, char **argv, int *at, struct err *e)
{
	const char *said = argv[*at], *name = said + 2, *equals = strchr(name, '='),
		   *value = equals ? equals + 1 : NULL;
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	bool from_file = false;
	int i = find(name, len);

	if ((i < 0 || cli_options[i].type == OPT_SECRET) && len > 5 && strncmp(name + len - 5, "-file", 5) == 0) {
		i = find(name, len - 5);
		from_file = true;
	}
	if (i < 0 || !takes(c->command, &cli_options[i]))
		return err_set(e, RC_INVALID, "%s does not know %s.", c->command->name, said);
	if (cli_options[i].type == OPT_SECRET && !from_file)
		return err_set(e, RC_INVALID, "A secret is not given as an argument. Use --%s-file FILE.",
			cli_options[i].name);
	if (cli_options[i].type == OPT_SWITCH && !value)
		return keep(c, i, said, "1", e);
	if (!value && ++*at >= argc)
		return err_set(e, RC_INVALID, "%s needs a value.", said);
	if (!value)
		value = argv[*at];
	return from_file ? keep_file(c, i, said, value, e) : keep(c, i, said, value, e);
}

enum rc options_read(struct cli *c, int argc, char **argv, struct err *e)
{
	enum rc rc = RC_OK;

	for (int i = 0; cli_options[i].name; i++)
		c->values[i] = cli_options[i].fallback;
	for (int i = 0; cli_options[i].name && rc == RC_OK; i++)
		if (cli_options[i].is_setting)
			rc = from_environment(c, i, e);
	for (int i = 0; i < argc && rc == RC_OK; i++) {
		if (strcmp(argv[i], "--json") == 0)
			c->json = true;
		else if (strncmp(argv[i], "--", 2) == 0)
			rc = argument(c, argc, argv, &i, e);
		else if (c->command->operand && !c->operand)
			c->operand = argv[i];
		else
			rc = err_set(
				e, RC_INVALID, "%s does not know what to do with \"%s\".", c->command->name, argv[i]);
	}
	if (rc == RC_OK && c->command->operand && *c->command->operand != '[' && !c->operand)
		rc = err_set(e, RC_INVALID, "%s needs a %s.", c->command->name, c->command->operand);
	return rc;
}

void options_help(struct buf *b, const struct command *command)
{
	static const char *const forms[] = { " VALUE", " NUMBER", "", " VALUE", "-file FILE" };

	for (const struct option *o = cli_options; o->name; o++) {
		if (command ? o->is_setting || !takes(command, o) : !o->is_setting)
			continue;
		buf_printf(b, "  --%s%s\n      %s", o->name, forms[o->type], o->help);
		if (o->fallback)
			buf_printf(b, "; default %s", o->fallback);
		buf_puts(b, "\n");
	}
}

const char *cli_text(const struct cli *c, const char *name)
{
	return c->values[row(name)];
}

const char *const *cli_list(struct cli *c, const char *name)
{
	const char *text = cli_text(c, name), *end;
	const char **list;
	size_t n = 0;

	text = text ? text : "";
	list = arena_array(&c->arena, strlen(text) + 2, sizeof(*list));
	for (; *text; text = end + (*end == '\n')) {
		end = text + strcspn(text, "\n");
		list[n++] = arena_strndup(&c->arena, text, (size_t)(end - text));
	}
	return list;
}

int64_t cli_int(const struct cli *c, const char *name)
{
	return strtoll(c->values[row(name)], NULL, 10);
}

bool cli_switch(const struct cli *c, const char *name)
{
	const char *value = c->values[row(name)];

	return value && truth(value) == 1;
}

enum rc cli_need(const struct cli *c, const char *name, const char **ret, struct err *e)
{
	const struct option *o = &cli_options[row(name)];

	*ret = cli_text(c, name);
	if (*ret && **ret)
		return RC_OK;
	return err_set(e, RC_INVALID, "%s needs --%s%s: %s.", c->command->name, name,
		o->type == OPT_SECRET ? "-file" : "", o->help);
}
