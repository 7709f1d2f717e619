#include "core/setting.h"

#include <string.h>

const struct setting settings[] = {
	{ SETTING_SCHEDULE, SETTING_CHOICE, "\"daily\"", .choices = "manual|daily|weekly|monthly",
		.help = "How often the PSA and pulled vendors are read by themselves." },
	{ SETTING_SYNC_HOUR, SETTING_INT, "2", 0, 23, .help = "At which hour (UTC)." },
	{ SETTING_SYNC_WEEKDAY, SETTING_INT, "1", 0, 6, .help = "On which day when weekly; 0 is Sunday." },
	{ SETTING_SYNC_MONTHDAY, SETTING_INT, "1", 1, 28, .help = "On which day of the month when monthly." },
	{ SETTING_STALE_AFTER, SETTING_INT, "48", 1, 8784,
		.help = "Hours after which a count is called stale; for integrations made from now on." },
	{ SETTING_STRICT404, SETTING_BOOL, "false",
		.help = "Answer 404 to counts of accounts and services that are not mapped yet; for integrations made "
			"from "
			"now on." },
	{ SETTING_SECOND_REQUIRED, SETTING_BOOL, "true",
		.help = "Approvers and administrators need a second factor to sign in." },
	{ SETTING_SECOND_GRACE, SETTING_INT, "14", 0, 90,
		.help = "Days from the making of a user within which the second factor must be set up." },
	{ SETTING_ALARM_OUTBOX, SETTING_INT, "30", 0, 10080,
		.help = "Minutes after which a change that does not reach the PSA, or whose outcome is unknown, raises "
			"an alarm; "
			"0: never." },
	{ SETTING_ALARM_SYNC, SETTING_INT, "50", 0, 8784,
		.help = "Hours after which a PSA that was not read raises an alarm; 0: never." },
	{ SETTING_ALARM_KEYS, SETTING_INT, "14", 0, 365,
		.help = "Days before the end of a vendor's key (its setting credentials_expire) from which it is "
			"warned of; 0: never." },
	{ SETTING_ALARM_DISK, SETTING_INT, "512", 0, 1000000000,
		.help = "An alarm is raised when fewer megabytes of disk than this are free." },
	{ SETTING_MAIL_SYNC_DONE, SETTING_BOOL, "false", .help = "Mail administrators when a sync has ended well." },
	{ SETTING_MAIL_SYNC_FAILED, SETTING_BOOL, "true", .help = "Mail administrators when a sync has failed." },
	{ NULL },
};

static const struct setting *find(const char *name)
{
	for (const struct setting *s = settings; s->name; s++) {
		if (strcmp(s->name, name) == 0)
			return s;
	}
	return NULL;
}

/* The JSON text in force. */
static enum rc value_of(struct tx *tx, const char *org, const struct setting *s, const char **ret, struct err *e)
{
	char *text = NULL;
	enum rc rc = sql_text(tx, tx_arena(tx), &text, e, SQL_SETTING_GET, "tt", org, s->name);

	*ret = rc == RC_OK ? text : s->fallback;
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc typed(
	struct tx *tx, const char *org, const char *name, enum setting_type type, const char **ret, struct err *e)
{
	const struct setting *s = find(name);

	if (!s || s->type != type)
		BUG("no setting %s of type %d", name, type);
	return value_of(tx, org, s, ret, e);
}

enum rc setting_bool(struct tx *tx, const char *org, const char *name, bool *ret, struct err *e)
{
	const char *text = "";
	enum rc rc = typed(tx, org, name, SETTING_BOOL, &text, e);

	*ret = strcmp(text, "true") == 0;
	return rc;
}

enum rc setting_int(struct tx *tx, const char *org, const char *name, int64_t *ret, struct err *e)
{
	const char *text;
	qty q = 0;
	enum rc rc = typed(tx, org, name, SETTING_INT, &text, e);

	if (rc == RC_OK && qty_parse(text, &q) != RC_OK)
		BUG("setting %s holds %s", name, text);
	*ret = q / QTY_ONE;
	return rc;
}

enum rc setting_choice(struct tx *tx, const char *org, const char *name, const char **ret, struct err *e)
{
	const char *text;
	enum rc rc = typed(tx, org, name, SETTING_CHOICE, &text, e);

	if (rc == RC_OK)
		*ret = arena_strndup(tx_arena(tx), text + 1, strlen(text) - 2);
	return rc;
}

static const char *const type_names[] = { [SETTING_BOOL] = "bool", [SETTING_INT] = "int", [SETTING_CHOICE] = "choice" };

static void write_choices(struct jsonw *w, const char *choices)
{
	jsonw_key(w, "choices");
	jsonw_array(w);
	for (const char *p = choices; *p; p += *p == '|') {
		size_t len = strcspn(p, "|");

		jsonw_stringn(w, p, len);
		p += len;
	}
	jsonw_end_array(w);
}

enum rc setting_list(struct tx *tx, const char *org, struct jsonw *w, struct err *e)
{
	for (const struct setting *s = settings; s->name; s++) {
		const char *value;
		enum rc rc = value_of(tx, org, s, &value, e);

		if (rc != RC_OK)
			return rc;
		jsonw_object(w);
		jsonw_kv(w, "name", s->name);
		jsonw_kv(w, "type", type_names[s->type]);
		jsonw_kv_raw(w, "value", value);
		jsonw_kv_raw(w, "default", s->fallback);
		if (s->type == SETTING_INT) {
			jsonw_kv_int(w, "min", s->min);
			jsonw_kv_int(w, "max", s->max);
		}
		if (s->choices)
			write_choices(w, s->choices);
		jsonw_kv(w, "help", s->help);
		jsonw_end_object(w);
	}
	return RC_OK;
}

static bool is_choice(const char *choices, const char *word)
{
	size_t len = word ? strlen(word) : 0;

	for (const char *p = choices; len && *p; p += *p == '|') {
		size_t n = strcspn(p, "|");

		if (n == len && strncmp(p, word, n) == 0)
			return true;
		p += n;
	}
	return false;
}

/* The JSON text to keep, or NULL with the words of what is wrong. */
static const char *checked(struct arena *a, const struct setting *s, const struct json *v, struct err *e)
{
	const char *pointer = arena_printf(a, "/%s", s->name);
	int64_t n;

	switch (s->type) {
	case SETTING_BOOL:
		if (json_is(v, JSON_TRUE) || json_is(v, JSON_FALSE))
			return json_true(v) ? "true" : "false";
		err_at(e, RC_INVALID, pointer, "%s is true or false.", s->name);
		return NULL;
	case SETTING_INT:
		if (json_is(v, JSON_NUMBER) && json_int(v, s->min, s->max, &n) == RC_OK)
			return arena_printf(a, "%lld", (long long)n);
		err_at(e, RC_INVALID, pointer, "%s is a whole number from %lld to %lld.", s->name, (long long)s->min,
			(long long)s->max);
		return NULL;
	case SETTING_CHOICE:
		if (is_choice(s->choices, json_text(v)))
			return arena_printf(a, "\"%s\"", json_text(v));
		err_at(e, RC_INVALID, pointer, "%s is one of %s.", s->name, s->choices);
		return NULL;
	}
	BUG("setting of type %d", s->type);
}

enum rc setting_patch(struct tx *tx, const char *org, const struct json *patch, struct err *e)
{
	struct arena *a = tx_arena(tx);
	enum rc rc = RC_OK;

	for (const struct json *m = patch->child; m && rc == RC_OK; m = m->next) {
		const struct setting *s = find(m->key);
		const char *text;

		if (!s)
			return err_at(e, RC_INVALID, arena_printf(a, "/%.100s", m->key),
				"There is no setting \"%.100s\". GET /api/v1/settings lists them.", m->key);
		if (json_is_null(m)) {
			rc = sql_exec(tx, e, SQL_SETTING_DELETE, "tt", org, s->name);
			continue;
		}
		text = checked(a, s, m, e);
		if (!text)
			return RC_INVALID;
		rc = sql_exec(tx, e, SQL_SETTING_PUT, "ttti", org, s->name, text, clock_now());
	}
	return rc;
}
