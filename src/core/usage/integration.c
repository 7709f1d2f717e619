#include "core/usage/integration.h"

#include "base/rand.h"
#include "core/job.h"
#include "core/usage/pushkey.h"
#include "core/schedule.h"
#include "core/setting.h"
#include "vendor/catalogue.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { NAME_MAX_BYTES = 200, URL_MAX_BYTES = 500, HOURS_MAX = 8784 };

#define HOUR (3600 * CLOCK_SECOND)

static enum rc gone(struct err *e, const char *id)
{
	return err_set(e, RC_NOT_FOUND, "There is no integration %s.", id);
}

/* True when `word` is one of "a|b|c". */
static bool among(const char *choices, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = choices; len && *p; p += strcspn(p, "|") + (p[strcspn(p, "|")] == '|')) {
		if (strcspn(p, "|") == len && strncmp(p, word, len) == 0)
			return true;
	}
	return false;
}

/* The asked modules in the vendor's own order, joined by '|'. */
static enum rc join_modules(
	struct arena *a, const struct vendor *v, const struct json *asked, const char **ret, struct err *e)
{
	const char *text = "";

	*ret = v->modules;
	if (json_is_null(asked))
		return RC_OK;
	for (const struct json *m = asked->child; m; m = m->next) {
		const char *word = json_text(m);

		if (!word || !among(v->modules, word))
			return err_at(e, RC_INVALID, "/modules", "%s can do: %s.", v->name, v->modules);
		if (!among(text, word))
			text = arena_printf(a, "%s%s%s", text, *text ? "|" : "", word);
	}
	if (!*text)
		return err_at(e, RC_INVALID, "/modules", "Choose at least one module of: %s.", v->modules);
	*ret = text;
	return RC_OK;
}

static enum rc check_name(const char *name, struct err *e)
{
	if (!name[strspn(name, " \t")] || strlen(name) > NAME_MAX_BYTES)
		return err_at(e, RC_INVALID, "/name", "A name has 1 to %d bytes.", NAME_MAX_BYTES);
	return RC_OK;
}

enum rc integration_create(
	struct tx *tx, const char *org, const struct integration_new *n, const char **ret_id, struct err *e)
{
	const struct vendor *v = vendor_find(n->vendor);
	struct arena *a = tx_arena(tx);
	const char *name, *modules;
	int64_t hours;
	bool strict;

	if (!v)
		return err_at(e, RC_INVALID, "/vendor", "The catalogue has no vendor %s. See GET /vendors.", n->vendor);
	name = n->name ? n->name : v->name;
	if (check_name(name, e) != RC_OK || join_modules(a, v, n->modules, &modules, e) != RC_OK ||
		setting_int(tx, org, SETTING_STALE_AFTER, &hours, e) != RC_OK ||
		setting_bool(tx, org, SETTING_STRICT404, &strict, e) != RC_OK)
		return e->rc;
	*ret_id = id_make(a);
	return sql_exec(tx, e, SQL_INTEGRATION_INSERT, "ttttttttibi", org, *ret_id, v->id, id_make(a), name,
		v->description, v->portal_url, modules, hours * HOUR, strict, clock_now());
}

static void read_row(struct rows *r, struct arena *a, const char *org, struct integration *ret)
{
	ret->org = org;
	ret->id = rows_dup(r, a, 0);
	ret->vendor = rows_dup(r, a, 1);
	ret->profile = rows_dup(r, a, 2);
	ret->name = rows_dup(r, a, 3);
	ret->description = rows_dup(r, a, 4);
	ret->support_url = rows_dup(r, a, 5);
	ret->portal_url = rows_dup(r, a, 6);
	ret->modules = rows_dup(r, a, 7);
	ret->state = rows_dup(r, a, 8);
	ret->state_detail = rows_dup(r, a, 9);
	ret->schedule = rows_dup(r, a, 10);
	ret->stale_after = rows_int(r, 11);
	ret->strict404 = rows_int(r, 12) != 0;
	ret->open_run = rows_dup(r, a, 13);
	ret->closing_at = rows_int(r, 14);
	ret->covered_at = rows_int(r, 15);
	ret->last_count_at = rows_int(r, 16);
	ret->last_synced_at = rows_int(r, 17);
	ret->disconnected_at = rows_int(r, 18);
	ret->created_at = rows_int(r, 19);
	ret->updated_at = rows_int(r, 20);
	ret->finished_at = rows_int(r, 21);
}

enum rc integration_get(
	struct tx *tx, struct arena *a, const char *org, const char *id, struct integration *ret, struct err *e)
{
	struct rows r;
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	sql_query(tx, &r, SQL_INTEGRATION_GET, "tt", org, id);
	if (rows_next(&r))
		read_row(&r, a, org, ret);
	rc = rows_end(&r, e);
	return rc == RC_OK && !ret->id ? gone(e, id) : rc;
}

static enum rc patch_texts(struct arena *a, struct integration *i, const struct json *patch, struct err *e)
{
	const struct json *modules = json_get(patch, "modules");
	const struct vendor *v = vendor_find(i->vendor);
	const struct json *url = json_get(patch, "portal_url");

	i->name = json_text_or(json_get(patch, "name"), i->name);
	if (check_name(i->name, e) != RC_OK)
		return e->rc;
	if (url)
		i->portal_url = json_text(url);
	if (i->portal_url &&
		(strlen(i->portal_url) > URL_MAX_BYTES ||
			(strncmp(i->portal_url, "https://", 8) != 0 && strncmp(i->portal_url, "http://", 7) != 0)))
		return err_at(e, RC_INVALID, "/portal_url", "An address begins with https:// and has at most %d bytes.",
			URL_MAX_BYTES);
	return v && modules ? join_modules(a, v, modules, &i->modules, e) : RC_OK;
}

static enum rc patch_rhythm(struct integration *i, const struct json *patch, struct err *e)
{
	const struct json *hours = json_get(patch, "stale_after_hours");
	int64_t n = i->stale_after / HOUR;
	struct schedule s;

	i->schedule = json_text_or(json_get(patch, "schedule"), i->schedule);
	if (strcmp(i->schedule, "default") != 0 && schedule_parse(i->schedule, &s, e) != RC_OK)
		return err_at(e, RC_INVALID, "/schedule",
			"A schedule is \"default\", \"off\", \"daily 02:00\", "
			"\"weekly mon 02:00\" or \"monthly 31 02:00\" (UTC).");
	if (hours && json_int(hours, 1, HOURS_MAX, &n) != RC_OK)
		return err_at(e, RC_INVALID, "/stale_after_hours", "Whole hours, 1 to %d.", HOURS_MAX);
	i->stale_after = n * HOUR;
	i->strict404 = json_bool_or(json_get(patch, "strict404"), i->strict404);
	return RC_OK;
}

enum rc integration_patch(struct tx *tx, const char *org, const char *id, const struct json *patch, struct err *e)
{
	struct arena *a = tx_arena(tx);
	struct integration i;
	enum rc rc = integration_get(tx, a, org, id, &i, e);

	if (rc == RC_OK)
		rc = patch_texts(a, &i, patch, e);
	if (rc == RC_OK)
		rc = patch_rhythm(&i, patch, e);
	if (rc != RC_OK)
		return rc;
	return sql_exec(tx, e, SQL_INTEGRATION_PATCH, "ttttittbi", org, id, i.name, i.schedule, i.stale_after,
		i.portal_url, i.modules, i.strict404, clock_now());
}

enum rc integration_describe(struct tx *tx, const char *org, const char *id, const char *name, const char *description,
	const char *support_url, const char *portal_url, struct err *e)
{
	return sql_exec(tx, e, SQL_INTEGRATION_DESCRIBE, "tttttti", org, id, name, description, support_url, portal_url,
		clock_now());
}

enum rc integration_set_state(
	struct tx *tx, const char *org, const char *id, const char *state, const char *detail, struct err *e)
{
	event_tell(tx, org, "integration", arena_printf(tx_arena(tx), "{\"id\":\"%s\",\"state\":\"%s\"}", id, state));
	return sql_exec(tx, e, SQL_INTEGRATION_SET_STATE, "tttti", org, id, state, detail, clock_now());
}

enum rc integration_wake(struct tx *tx, const struct integration *i, struct err *e)
{
	if (strcmp(i->state, "inactive") != 0 && strcmp(i->state, "pending") != 0)
		return RC_OK;
	return integration_set_state(tx, i->org, i->id, "active", NULL, e);
}

const char *integration_state(const char *word)
{
	static const char *const states[] = { "inactive", "pending", "active", "disabled", "error" };

	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		if (strcasecmp(states[i], word) == 0)
			return states[i];
	}
	return NULL;
}

enum rc integration_disconnect(struct tx *tx, const char *org, const char *id, struct err *e)
{
	struct integration i;
	enum rc rc = integration_get(tx, tx_arena(tx), org, id, &i, e);

	if (rc == RC_OK)
		rc = pushkey_revoke(tx, org, id, e);
	if (rc == RC_OK)
		rc = sql_exec(tx, e, SQL_INTEGRATION_DISCONNECT, "tti", org, id, clock_now());
	if (rc == RC_OK)
		rc = job_enqueue(tx, org, JOB_REBUILD, "{}", "", 0, "trueup", NULL, e);
	event_tell(tx, org, "integration", arena_printf(tx_arena(tx), "{\"id\":\"%s\",\"state\":\"disabled\"}", id));
	return rc;
}
