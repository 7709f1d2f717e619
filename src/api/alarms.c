/* What waits in the dark. */
#include "api/route.h"
#include "core/alarm.h"

static enum rc get_alarms(struct call *c, struct err *e)
{
	enum rc rc;

	call_list_begin(c);
	rc = alarm_list(c->tx, c->who.org, &c->out, e);
	call_list_end(c, NULL);
	return rc;
}

const struct route alarm_routes[] = {
	{ "GET", "/api/v1/alarms", ROUTE_READ, ROLE_VIEWER, 200, get_alarms, .rate = RATE_APP,
		.summary = "What needs a person: changes, outcomes or syncs that wait too long, a full disk" },
	{ NULL }
};
