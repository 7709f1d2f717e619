/* routes.h - the tables of routes, one a subject. A new table is one line here and one in routes.c. */
#ifndef API_ROUTES_H
#define API_ROUTES_H

#include "api/route.h"

extern const struct route alarm_routes[];
extern const struct route approval_routes[];
extern const struct route audit_routes[];
extern const struct route capture_routes[];
extern const struct route cards_routes[];
extern const struct route cost_routes[];
extern const struct route decide_routes[];
extern const struct route demo_routes[];
extern const struct route events_routes[];
extern const struct route health_routes[];
extern const struct route hook_routes[];
extern const struct route import_routes[];
extern const struct route integrations_routes[];
extern const struct route job_routes[];
extern const struct route mapping_routes[];
extern const struct route observations_routes[];
extern const struct route openapi_routes[];
extern const struct route org_routes[];
extern const struct route passkey_routes[];
extern const struct route proxy_routes[];
extern const struct route psa_routes[];
extern const struct route psafile_routes[];
extern const struct route psaswitch_routes[];
extern const struct route rules_routes[];
extern const struct route second_routes[];
extern const struct route session_routes[];
extern const struct route setting_routes[];
extern const struct route setup_routes[];
extern const struct route sso_routes[];
extern const struct route tags_routes[];
extern const struct route token_routes[];
extern const struct route user_routes[];
extern const struct route vendor_account_routes[];
extern const struct route vendor_alert_routes[];
extern const struct route vendor_count_routes[];
extern const struct route vendor_organization_routes[];
extern const struct route vendor_profile_routes[];
extern const struct route vendor_service_routes[];
extern const struct route vendors_routes[];
extern const struct route worklist_routes[];

/* All of them; NULL ends the list. */
extern const struct route *const route_tables[];

#endif
