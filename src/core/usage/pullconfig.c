#include "core/usage/pullconfig.h"

#include "core/usage/keyend.h"
#include "vendor/catalogue.h"

#include <string.h>

enum { SETTINGS_MAX = 64 * 1024, VALUE_MAX = 8192 };

struct row {
	const char *vendor, *plain, *secret_id, *secrets_set;
};

static enum rc read_row(struct tx *tx, struct arena *a, const char *org, const char *id, struct row *ret, struct err *e)
{
	struct rows r;
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	sql_query(tx, &r, SQL_PULLCONFIG_GET, "tt", org, id);
	if (rows_next(&r)) {
		ret->vendor = rows_dup(&r, a, 0);
		ret->plain = rows_dup(&r, a, 1);
		ret->secret_id = rows_dup(&r, a, 2);
		ret->secrets_set = rows_dup(&r, a, 3);
	}
	rc = rows_end(&r, e);
	if (rc != RC_OK || ret->vendor)
		return rc;
	err_set(e, RC_NOT_FOUND, "There is no integration %s.", id);
	return RC_NOT_FOUND;
}

static char *owner(struct arena *a, const char *id)
{
	return arena_printf(a, "integration:%s", id);
}

static enum rc parse(struct arena *a, const char *text, struct json **ret, struct err *e)
{
	return json_parse(a, text, strlen(text), NULL, ret, e);
}

static enum rc read_secrets(struct tx *tx, struct vault *v, struct arena *a, const char *org, const char *id,
	const struct row *row, struct json **ret, struct err *e)
{
	char *text = arena_strdup(a, "{}");
	enum rc rc = RC_OK;

	if (row->secret_id)
		rc = vault_get(v, tx, a, org, row->secret_id, owner(a, id), &text, e);
	return rc == RC_OK ? parse(a, text, ret, e) : rc;
}

static const struct vendor_setting *setting_named(const struct vendor *v, const char *name)
{
	for (const struct vendor_setting *s = v->settings; s->name; s++) {
		if (strcmp(s->name, name) == 0)
			return s;
	}
	return NULL;
}

/* A switch may come as true; kept is always a text. */
static const char *value_text(const struct json *v)
{
	if (json_is(v, JSON_TRUE) || json_is(v, JSON_FALSE))
		return v->type == JSON_TRUE ? "true" : "false";
	return json_scalar(v);
}

static enum rc check_given(struct arena *a, const struct vendor *v, const struct json *given, struct err *e)
{
	for (const struct json *m = given ? given->child : NULL; m; m = m->next) {
		char *pointer = arena_printf(a, "/settings/%.60s", m->key);
		const char *value = value_text(m);
		day date;

		if (!setting_named(v, m->key))
			return err_at(e, RC_INVALID, pointer, "%s has no setting of that name.", v->name);
		if (!json_is_null(m) && (!value || strlen(value) > VALUE_MAX))
			return err_at(e, RC_INVALID, pointer, "This must be a text of at most %d bytes.", VALUE_MAX);
		if (value && *value && strcmp(setting_named(v, m->key)->type, "date") == 0 &&
			day_parse(value, &date) != RC_OK)
			return err_at(e, RC_INVALID, pointer, "\"%.20s\" is no date; write it as YYYY-MM-DD.", value);
	}
	return RC_OK;
}

/* What a setting will be: what is given, otherwise what was stored. An empty secret is not given. */
static const char *new_value(const struct vendor_setting *s, const struct json *given, const struct json *old)
{
	const struct json *m = json_get(given, s->name);
	const char *value = value_text(m);

	if (m && !json_is_null(m) && value && (*value || !s->secret))
		return value;
	if (m && json_is_null(m))
		return NULL;
	return json_member(old, s->name);
}

/* Settings of one sort as an object of texts; their names, joined by '|'. */
static char *compose(struct arena *a, const struct vendor *v, const struct json *given, const struct json *old,
	bool secret, const char **ret_names)
{
	AUTO(buf) b = BUF_INIT(SETTINGS_MAX);
	const char *names = "";
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	for (const struct vendor_setting *s = v->settings; s->name; s++) {
		const char *value = s->secret == secret ? new_value(s, given, old) : NULL;

		if (!value || !*value)
			continue;
		jsonw_kv(&w, s->name, value);
		names = arena_printf(a, "%s%s%s", names, *names ? "|" : "", s->name);
	}
	jsonw_end_object(&w);
	*ret_names = names;
	return arena_strdup(a, buf_text(&b));
}

static bool among(const char *names, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = names; *p; p += strcspn(p, "|"), p += *p == '|') {
		if (strcspn(p, "|") == len && strncmp(p, name, len) == 0)
			return true;
	}
	return false;
}

static enum rc check_required(
	struct arena *a, const struct vendor *v, const char *plain, const char *secret, struct err *e)
{
	bool pushes = strncmp(v->connects, "push", 4) == 0;

	if (pushes && !*secret)
		return RC_OK;
	for (const struct vendor_setting *s = v->settings; s->name; s++) {
		if (s->required && !s->fallback && !among(s->secret ? secret : plain, s->name))
			return err_at(e, RC_INVALID, arena_printf(a, "/settings/%s", s->name), "%s needs %s: %s",
				v->name, s->label, s->help ? s->help : "it cannot be read without.");
	}
	return RC_OK;
}

enum rc pullconfig_put(
	struct tx *tx, struct vault *v, const char *org, const char *id, const struct json *given, struct err *e)
{
	struct arena *a = tx_arena(tx);
	const char *plain_names, *secret_names;
	char *plain, *secret, *secret_id = NULL;
	struct json *old_plain, *old_secret;
	const struct vendor *vendor;
	struct row row;
	enum rc rc = read_row(tx, a, org, id, &row, e);

	if (rc != RC_OK)
		return rc;
	vendor = vendor_find(row.vendor);
	if (!vendor)
		return err_set(
			e, RC_INTERNAL, "This program knows no vendor %s. Is it older than its data?", row.vendor);
	rc = check_given(a, vendor, given, e);
	if (rc == RC_OK)
		rc = parse(a, row.plain, &old_plain, e);
	if (rc == RC_OK)
		rc = read_secrets(tx, v, a, org, id, &row, &old_secret, e);
	if (rc != RC_OK)
		return rc;
	plain = compose(a, vendor, given, old_plain, false, &plain_names);
	secret = compose(a, vendor, given, old_secret, true, &secret_names);
	rc = check_required(a, vendor, plain_names, secret_names, e);
	if (rc == RC_OK && (*secret_names || row.secret_id))
		rc = vault_put(v, tx, org, row.secret_id, owner(a, id), secret, &secret_id, e);
	if (rc != RC_OK)
		return rc;
	return sql_exec(tx, e, SQL_PULLCONFIG_PUT, "ttttti", org, id, plain, secret_id, secret_names, clock_now());
}

/* Defaults, then plain settings, then secrets, in one object. */
static enum rc merge(struct arena *a, const struct vendor *v, const struct json *plain, const struct json *secret,
	struct json **ret, struct err *e)
{
	AUTO(buf) b = BUF_INIT(2 * SETTINGS_MAX);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	for (const struct vendor_setting *s = v->settings; s->name; s++) {
		const char *value = json_member(s->secret ? secret : plain, s->name);

		if (!value)
			value = s->fallback;
		if (value)
			jsonw_kv(&w, s->name, value);
	}
	jsonw_end_object(&w);
	return parse(a, buf_text(&b), ret, e);
}

enum rc pullconfig_get(struct tx *tx, struct vault *v, struct arena *a, const char *org, const char *id,
	struct pullconfig *ret, struct err *e)
{
	struct json *plain, *secret;
	struct row row;
	enum rc rc = read_row(tx, a, org, id, &row, e);

	memset(ret, 0, sizeof(*ret));
	if (rc == RC_OK)
		rc = parse(a, row.plain, &plain, e);
	if (rc == RC_OK)
		rc = read_secrets(tx, v, a, org, id, &row, &secret, e);
	if (rc != RC_OK)
		return rc;
	ret->vendor = vendor_find(row.vendor);
	if (!ret->vendor || !ret->vendor->pull || !row.secret_id)
		return RC_OK;
	return merge(a, ret->vendor, plain, secret, &ret->settings, e);
}

enum rc pullconfig_write(
	struct tx *tx, const char *org, const char *id, const char *name, struct jsonw *w, struct err *e)
{
	struct row row;
	enum rc rc = read_row(tx, tx_arena(tx), org, id, &row, e);
	const char *names;

	if (rc != RC_OK)
		return rc;
	jsonw_kv_raw(w, "settings", row.plain);
	jsonw_key(w, "secrets_set");
	jsonw_array(w);
	for (names = row.secrets_set ? row.secrets_set : ""; *names; names += *names == '|') {
		size_t len = strcspn(names, "|");

		jsonw_stringn(w, names, len);
		names += len;
	}
	jsonw_end_array(w);
	return keyend_write(tx, org, name, row.plain, w, e);
}
