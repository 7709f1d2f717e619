#include "api/routes.h"

const struct route *const route_tables[] = {
	audit_routes,
	decide_routes,
	events_routes,
	health_routes,
	integrations_routes,
	job_routes,
	observations_routes,
	openapi_routes,
	org_routes,
	psa_routes,
	session_routes,
	setting_routes,
	setup_routes,
	token_routes,
	user_routes,
	vendors_routes,
	NULL,
};
