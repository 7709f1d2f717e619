#include "core/book/psaconfig.h"

#include "core/demo.h"
#include "core/book/psaswitch.h"
#include "core/writes/worklist.h"

#include <stdio.h>
#include <string.h>

#define SECRET_OWNER "psa"

/* Writes the settings of one sort (secret or not) as an object of texts. `old` fills in secrets not given. */
static char *settings_text(
	struct arena *a, const struct psa_ops *ops, const struct json *settings, const struct json *old, bool secret)
{
	AUTO(buf) b = BUF_INIT(64 * 1024);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	for (const struct psa_setting *s = ops->settings; s->name; s++) {
		const char *value = json_scalar(json_get(settings, s->name));

		if (s->secret != secret)
			continue;
		if (secret && (!value || !*value))
			value = json_member(old, s->name);
		if (!value && json_get(settings, s->name))
			value = json_true(json_get(settings, s->name)) ? "true" : "false";
		if (value)
			jsonw_kv(&w, s->name, value);
	}
	jsonw_end_object(&w);
	return arena_strdup(a, buf_text(&b));
}

static enum rc parse(struct arena *a, const char *text, struct json **ret, struct err *e)
{
	static const struct json_limits limits = JSON_LIMITS_DEFAULT;

	return json_parse(a, text, strlen(text), &limits, ret, e);
}

/* One object out of the plain settings and the secret ones. */
static enum rc merge(struct arena *a, const char *plain, const char *secret, struct json **ret, struct err *e)
{
	struct json *more;
	struct json **end;
	enum rc rc = parse(a, plain, ret, e);

	if (rc == RC_OK)
		rc = parse(a, secret, &more, e);
	if (rc != RC_OK)
		return rc;
	for (end = &(*ret)->child; *end; end = &(*end)->next)
		;
	*end = more->child;
	(*ret)->count += more->count;
	return RC_OK;
}

struct row {
	const char *kind, *settings, *secret_id;
};

static enum rc read_row(
	struct tx *tx, struct arena *a, const char *org, struct row *row, struct psaconfig *c, struct err *e)
{
	struct rows r;

	memset(row, 0, sizeof(*row));
	sql_query(tx, &r, SQL_PSACONFIG_GET, "t", org);
	if (rows_next(&r)) {
		row->kind = rows_dup(&r, a, 0);
		row->settings = rows_dup(&r, a, 1);
		row->secret_id = rows_dup(&r, a, 2);
		c->configured_at = rows_int(&r, 3);
		c->state = rows_dup(&r, a, 4);
		c->detail = rows_dup(&r, a, 5);
		c->watermark = rows_int(&r, 6);
		c->cursor = rows_dup(&r, a, 7);
		c->cursor_mode = rows_dup(&r, a, 8);
		c->full_synced_at = rows_int(&r, 9);
		c->synced_at = rows_int(&r, 10);
	}
	return rows_end(&r, e);
}

static enum rc read_secrets(struct tx *tx, struct vault *v, struct arena *a, const char *org, const struct row *row,
	char **ret, struct err *e)
{
	*ret = arena_strdup(a, "{}");
	if (!row->secret_id)
		return RC_OK;
	return vault_get(v, tx, a, org, row->secret_id, SECRET_OWNER, ret, e);
}

enum rc psaconfig_get(
	struct tx *tx, struct vault *v, struct arena *a, const char *org, struct psaconfig *ret, struct err *e)
{
	struct row row;
	char *secrets;
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	rc = read_row(tx, a, org, &row, ret, e);
	if (rc != RC_OK)
		return rc;
	if (!row.kind)
		return err_set(
			e, RC_NOT_FOUND, "No PSA is connected yet. Connect one under Settings, or by PUT /api/v1/psa.");
	ret->org = arena_strdup(a, org);
	ret->ops = psa_find(row.kind);
	if (!ret->ops)
		return err_set(
			e, RC_INTERNAL, "This program knows no PSA of kind %s. Is it older than its data?", row.kind);
	rc = read_secrets(tx, v, a, org, &row, &secrets, e);
	return rc == RC_OK ? merge(a, row.settings, secrets, &ret->settings, e) : rc;
}

enum rc psaconfig_plain(struct tx *tx, struct arena *a, const char *org, const char **ret_kind,
	const struct json **ret_settings, struct err *e)
{
	struct psaconfig c = { 0 };
	struct json *settings;
	struct row row;
	enum rc rc = read_row(tx, a, org, &row, &c, e);

	if (rc == RC_OK && !row.kind)
		return err_set(e, RC_NOT_FOUND, "No PSA is connected yet.");
	if (rc == RC_OK)
		rc = parse(a, row.settings, &settings, e);
	if (rc != RC_OK)
		return rc;
	*ret_kind = row.kind;
	*ret_settings = settings;
	return RC_OK;
}

/* The secrets stored before, when they are of the same kind. */
static enum rc old_secrets(struct tx *tx, struct vault *v, const char *org, const char *kind, struct row *row,
	struct json **ret, struct err *e)
{
	struct psaconfig before = { 0 };
	char *text;
	enum rc rc = read_row(tx, tx_arena(tx), org, row, &before, e);

	*ret = NULL;
	if (rc != RC_OK || !row->kind || strcmp(row->kind, kind) != 0)
		return rc;
	rc = read_secrets(tx, v, tx_arena(tx), org, row, &text, e);
	return rc == RC_OK ? parse(tx_arena(tx), text, ret, e) : rc;
}

/* A name that no row has is a typing mistake: better said than dropped. */
static enum rc check_names(const struct psa_ops *ops, const struct json *settings, struct err *e)
{
	for (const struct json *m = settings ? settings->child : NULL; m; m = m->next) {
		const struct psa_setting *s = ops->settings;
		char pointer[160];

		while (s->name && strcmp(s->name, m->key) != 0)
			s++;
		if (s->name)
			continue;
		snprintf(pointer, sizeof(pointer), "/settings/%s", m->key);
		return err_at(e, RC_INVALID, pointer, "%s has no setting \"%s\". GET /api/v1/psa/kinds lists them.",
			ops->name, m->key);
	}
	return RC_OK;
}

enum rc psaconfig_put(
	struct tx *tx, struct vault *v, const char *org, const char *kind, const struct json *settings, struct err *e)
{
	const struct psa_ops *ops = psa_find(kind);
	struct arena *a = tx_arena(tx);
	char *plain, *secret, *secret_id;
	struct json *all, *old;
	struct row row;
	enum rc rc;

	if (!ops)
		return err_at(
			e, RC_INVALID, "/kind", "There is no PSA kind \"%s\". GET /api/v1/psa/kinds lists them.", kind);
	rc = check_names(ops, settings, e);
	if (rc == RC_OK)
		rc = old_secrets(tx, v, org, kind, &row, &old, e);
	/* Sample mappings must never meet a real PSA. */
	if (rc == RC_OK && row.kind && strcmp(row.kind, kind) != 0)
		rc = demo_refuse(tx, org, "Another PSA can be connected", e);
	/* What is on its way to one PSA must never reach another. */
	if (rc == RC_OK && row.kind && strcmp(row.kind, kind) != 0)
		rc = psaswitch_allowed(tx, org, e);
	if (rc != RC_OK)
		return rc;
	plain = settings_text(a, ops, settings, NULL, false);
	secret = settings_text(a, ops, settings, old, true);
	rc = merge(a, plain, secret, &all, e);
	if (rc == RC_OK)
		rc = psa_settings_check(ops, all, e);
	if (rc == RC_OK && worklist_columns_check(json_member(all, "export_columns"), e) != RC_OK)
		rc = err_at(e, RC_INVALID, "/settings/export_columns", "%s", arena_strdup(a, e->text));
	if (rc == RC_OK)
		rc = vault_put(v, tx, org, row.secret_id, SECRET_OWNER, secret, &secret_id, e);
	if (rc != RC_OK)
		return rc;
	return sql_exec(tx, e, SQL_PSACONFIG_PUT, "tttti", org, kind, plain, secret_id, clock_now());
}

static void write_time(struct jsonw *w, const char *key, utime t)
{
	char text[CLOCK_TEXT];

	jsonw_kv(w, key, t ? clock_format(t, text) : NULL);
}

enum rc psaconfig_write(struct tx *tx, const char *org, struct jsonw *w, struct err *e)
{
	struct psaconfig c = { 0 };
	struct row row;
	const struct psa_ops *ops;
	enum rc rc = read_row(tx, tx_arena(tx), org, &row, &c, e);

	if (rc != RC_OK)
		return rc;
	if (!row.kind) {
		jsonw_null(w);
		return RC_OK;
	}
	ops = psa_find(row.kind);
	jsonw_object(w);
	jsonw_kv(w, "kind", row.kind);
	jsonw_kv(w, "name", ops ? ops->name : row.kind);
	jsonw_kv_raw(w, "settings", row.settings);
	jsonw_kv_bool(w, "secrets_stored", row.secret_id != NULL);
	jsonw_kv(w, "state", c.state);
	jsonw_kv(w, "detail", c.detail);
	write_time(w, "configured_at", c.configured_at);
	write_time(w, "synced_at", c.synced_at);
	write_time(w, "full_synced_at", c.full_synced_at);
	jsonw_end_object(w);
	return RC_OK;
}

enum rc psaconfig_set_state(struct tx *tx, const char *org, const char *state, const char *detail, struct err *e)
{
	return sql_exec(tx, e, SQL_PSACONFIG_STATE, "ttt", org, state, detail);
}

enum rc psaconfig_set_cursor(struct tx *tx, const char *org, const char *cursor, const char *mode, struct err *e)
{
	return sql_exec(tx, e, SQL_PSACONFIG_CURSOR, "ttt", org, cursor, mode);
}

enum rc psaconfig_synced(struct tx *tx, const char *org, utime watermark, bool full, struct err *e)
{
	utime now = clock_now();

	return sql_exec(tx, e, SQL_PSACONFIG_SYNCED, "tiiI", org, watermark, now, full ? &now : NULL);
}
