/* What the organization can set. */
#include "api/route.h"
#include "api/text.h"
#include "core/setting.h"

static enum rc get_settings(struct call *c, struct err *e)
{
	enum rc rc;

	call_list_begin(c);
	rc = setting_list(c->tx, c->who.org, &c->out, e);
	call_list_end(c, NULL);
	return rc;
}

static enum rc patch_settings(struct call *c, struct err *e)
{
	struct text_out t;
	enum rc rc = tx_lock_org(c->tx, c->who.org, e);

	if (rc == RC_OK)
		rc = setting_patch(c->tx, c->who.org, c->body, e);
	if (rc != RC_OK)
		return rc;
	text_begin(&t);
	jsonw_value(&t.w, c->body);
	c->audit_object = "settings";
	c->audit_after = text_end(&t, c->arena);
	return get_settings(c, e);
}

/* The values are checked by core/setting.c; null puts the default back. */
static const struct field settings_body[] = {
	{ SETTING_SCHEDULE, F_ANY },
	{ SETTING_SYNC_HOUR, F_ANY },
	{ SETTING_SYNC_WEEKDAY, F_ANY },
	{ SETTING_SYNC_MONTHDAY, F_ANY },
	{ SETTING_STALE_AFTER, F_ANY },
	{ SETTING_STRICT404, F_ANY },
	{ SETTING_SECOND_REQUIRED, F_ANY },
	{ SETTING_SECOND_GRACE, F_ANY },
	{ SETTING_ALARM_OUTBOX, F_ANY },
	{ SETTING_ALARM_SYNC, F_ANY },
	{ SETTING_ALARM_DISK, F_ANY },
	{ SETTING_MAIL_SYNC_DONE, F_ANY },
	{ SETTING_MAIL_SYNC_FAILED, F_ANY },
	{ NULL },
};

const struct route setting_routes[] = {
	{ "GET", "/api/v1/settings", ROUTE_READ, ROLE_VIEWER, 200, get_settings, .rate = RATE_APP,
		.summary = "All settings: value, default, what they do" },
	{ "PATCH", "/api/v1/settings", ROUTE_WRITE, ROLE_ADMIN, 200, patch_settings, settings_body,
		.event = "settings.changed", .rate = RATE_APP,
		.summary = "Change settings by name, all or none; null puts a default back" },
	{ NULL },
};
