/* cli.h - the command line: one table of commands (cli.c), one table of settings and options (options.c).
 *
 * A setting is known to every command, as --some-name, as TRUEUP_SOME_NAME, and as TRUEUP_SOME_NAME_FILE
 * which names a file that holds it. An option belongs to the commands that list it.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/json.h"
#include "core/vault.h"
#include "db/db.h"

/* Exit status of every command. */
enum cli_status { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_PERSON = 3 };

enum option_type {
	OPT_TEXT,
	OPT_INT,
	OPT_SWITCH,	/* --name alone, or a variable of 1, true, yes, on / 0, false, no, off */
	OPT_LIST,	/* may be given again and again; read with cli_list() */
	OPT_SECRET	/* never as an argument, where others on the machine could read it: --name-file F */
};

struct option {
	const char *name;	/* "public-url"; NULL ends the table */
	enum option_type type;
	bool is_setting;
	const char *fallback;	/* NULL: none */
	int64_t min, max;	/* of an OPT_INT */
	const char *help;
};

extern const struct option cli_options[];
enum { CLI_OPTIONS_MAX = 64 };

struct cli;

struct command {
	const char *name;		/* "token create"; NULL ends the table */
	const char *operand;		/* "FILE", "[FILE]" when it may be left out, NULL when it takes none */
	const char *options[8];		/* its own, NULL-ended; --json is every command's */
	const char *summary;
	enum rc (*run)(struct cli *c, struct err *e);
};

extern const struct command cli_commands[];

struct cli {
	struct arena arena;		/* of the whole run */
	const struct command *command;
	const char *values[CLI_OPTIONS_MAX];	/* by row of cli_options */
	const char *operand;
	bool json;
	struct buf out_buf;		/* what goes to stdout at the end */
	struct jsonw out;		/* with --json: for the one document */
	enum cli_status status;		/* of a run that returned RC_OK; CLI_DONE unless the command sets it */
};

/* Reads arguments, variables and files into `c`. RC_INVALID: wrong usage, in words. */
enum rc options_read(struct cli *c, int argc, char **argv, struct err *e) MUST_CHECK;
/* The options of one command (or with NULL the settings) as lines of help. */
void options_help(struct buf *b, const struct command *command);

/* NULL when it was not given and has no default. Asking for a name without a row is a BUG. */
const char *cli_text(const struct cli *c, const char *name);
/* All values of an OPT_LIST, NULL-ended. */
const char *const *cli_list(struct cli *c, const char *name);
int64_t cli_int(const struct cli *c, const char *name);
bool cli_switch(const struct cli *c, const char *name);
/* As cli_text(), but RC_INVALID when it is not there. */
enum rc cli_need(const struct cli *c, const char *name, const char **ret, struct err *e) MUST_CHECK;
/* A line for people; nothing with --json. */
void cli_say(struct cli *c, const char *fmt, ...) PRINTF(2, 3);

/* The data folder. With `make` it is made (0700) when missing. RC_IO: not there, not a folder, not writable. */
enum rc cli_data(struct cli *c, bool make, const char **ret_dir, struct err *e) MUST_CHECK;
/* The --db setting, or the SQLite file of the data folder. */
enum rc cli_store_url(struct cli *c, bool make, const char **ret_url, struct err *e) MUST_CHECK;
/* Opens the store and brings its schema up to date. Unless `make`, a store that is not there is RC_NOT_FOUND. */
enum rc cli_store(struct cli *c, bool make, unsigned readers, struct db **ret, struct err *e) MUST_CHECK;
/* The vault from TRUEUP_MASTER_KEY or the data folder's master.key. */
enum rc cli_vault(struct cli *c, struct vault **ret, struct err *e) MUST_CHECK;
/* The same for a store that is there, without ever making a key. RC_NOT_FOUND: the store was not given one yet. RC_IO:
 * the key is missing or another one, with what to do. */
enum rc cli_check_key(struct cli *c, struct db *db, struct vault **ret, struct err *e) MUST_CHECK;
/* The file of the data folder that holds a new master key until it takes the old one's place. */
#define KEY_NEXT ".next"
/* Puts it there; the old one stays beside it under the name of its id, for backups made with it. */
enum rc cli_key_switch(struct cli *c, const char *old_id, struct err *e) MUST_CHECK;
/* Where a rotation was interrupted after the store had changed: *v becomes the new key, and with `finish` the files
 * follow. */
enum rc cli_key_after_rotation(struct cli *c, struct db *db, bool finish, struct vault **v, struct err *e) MUST_CHECK;
/* core/people/sso.h's way to the network; `arg` points to a bool: private addresses too. */
enum rc cli_fetch(
	void *arg, struct arena *a, const char *url, const char *body, const char **ret, struct err *e) MUST_CHECK;
/* The one organization of the store. RC_NOT_FOUND: none yet, says what to do. Text in the arena. */
enum rc cli_org(struct cli *c, struct db *db, const char **ret_org, struct err *e) MUST_CHECK;
/* Trusts what --ca-file names, beside the system's authorities. RC_IO, RC_INVALID. */
enum rc cli_trust(struct cli *c, struct err *e) MUST_CHECK;
/* The text of --ca-file, NULL when none is named. */
enum rc cli_ca(struct cli *c, char **ret, size_t *ret_len, struct err *e) MUST_CHECK;
/* Reads a file of at most `max` bytes into the arena, NUL-ended. RC_IO. */
enum rc file_read(struct arena *a, const char *path, size_t max, char **ret, size_t *ret_len, struct err *e) MUST_CHECK;
/* Writes a whole file (0600): a temporary one beside it, synced, then renamed over it. RC_IO. */
enum rc file_write(const char *path, const char *text, struct err *e) MUST_CHECK;

/* Adds the declared vendors of --vendors, or else of DIR/vendors when there is such a folder; `data` may be NULL.
 * Files that are wrong are logged and left out. RC_NOT_FOUND: the folder of --vendors is not there. */
enum rc cli_vendors(struct cli *c, const char *data, struct err *e) MUST_CHECK;

enum rc cmd_apply(struct cli *c, struct err *e);
enum rc cmd_audit_verify(struct cli *c, struct err *e);
enum rc cmd_backup(struct cli *c, struct err *e);
enum rc cmd_doctor(struct cli *c, struct err *e);
enum rc cmd_export(struct cli *c, struct err *e);
enum rc cmd_link(struct cli *c, struct err *e);
enum rc cmd_plan(struct cli *c, struct err *e);
enum rc cmd_restore(struct cli *c, struct err *e);
enum rc cmd_rotate_key(struct cli *c, struct err *e);
enum rc cmd_serve(struct cli *c, struct err *e);
enum rc cmd_setup(struct cli *c, struct err *e);
enum rc cmd_token_create(struct cli *c, struct err *e);
enum rc cmd_vendor_check(struct cli *c, struct err *e);
enum rc cmd_vendor_try(struct cli *c, struct err *e);

int cli_main(int argc, char **argv);

#endif
