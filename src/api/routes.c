#include "api/routes.h"

#include <string.h>

const struct route *const route_tables[] = {
	alarm_routes,
	approval_routes,
	audit_routes,
	capture_routes,
	cards_routes,
	cost_routes,
	decide_routes,
	demo_routes,
	events_routes,
	health_routes,
	hook_routes,
	import_routes,
	integrations_routes,
	job_routes,
	mapping_routes,
	observations_routes,
	openapi_routes,
	org_routes,
	passkey_routes,
	proxy_routes,
	psa_routes,
	psafile_routes,
	psaswitch_routes,
	rules_routes,
	second_routes,
	session_routes,
	setting_routes,
	setup_routes,
	sso_routes,
	tags_routes,
	token_routes,
	user_routes,
	vendor_account_routes,
	vendor_alert_routes,
	vendor_count_routes,
	vendor_organization_routes,
	vendor_profile_routes,
	vendor_service_routes,
	vendors_routes,
	worklist_routes,
	NULL,
};

const char *route_noun(const struct route *r)
{
	static const char start[] = "/api/v1/";

	return strncmp(r->path, start, strlen(start)) == 0 ? r->path + strlen(start) : "";
}
