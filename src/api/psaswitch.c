/* From one PSA to another: what of the old one is still named, where it went, and moving it. */
#include "core/book/psaswitch.h"

#include "api/app.h"
#include "api/route.h"

static enum rc get_plan(struct call *c, struct err *e)
{
	return psaswitch_plan(c->tx, c->who.org, &c->out, e);
}

static enum rc post_switch(struct call *c, struct err *e)
{
	const struct json *list = json_get(c->body, "pairs");
	size_t count = list ? list->count : 0, n = 0;
	struct psaswitch_pair *pairs = arena_array(c->arena, count + 1, sizeof(*pairs));
	int64_t moved;
	enum rc rc;

	for (const struct json *v = list ? list->child : NULL; v; v = v->next)
		pairs[n++] = (struct psaswitch_pair){ json_text_or(json_get(v, "what"), ""),
			json_text_or(json_get(v, "from"), ""), json_text_or(json_get(v, "to"), "") };
	rc = psaswitch_apply(c->tx, &c->who, pairs, n, json_true(json_get(c->body, "sure")), &moved, e);
	if (rc != RC_OK)
		return rc;
	c->audit_object = "psa";
	c->audit_after = arena_strdup(c->arena, c->rq->body);
	jsonw_object(&c->out);
	jsonw_kv_int(&c->out, "moved", moved);
	jsonw_end_object(&c->out);
	return RC_OK;
}

static const struct field pair_fields[] = {
	{ "what", F_TEXT, .required = true, .choices = "account|product|contract", .help = "of which kind both are" },
	{ "from", F_TEXT, .required = true, .help = "the one that is gone" },
	{ "to", F_TEXT, .required = true, .help = "the one that takes its place" },
	{ NULL },
};
static const struct field switch_body[] = {
	{ "pairs", F_ARRAY, .max = 20000, .members = pair_fields, .help = "what a person said" },
	{ "sure", F_BOOL, .help = "move what the plan is sure of, too" },
	{ NULL },
};

const struct route psaswitch_routes[] = {
	{ "GET", "/api/v1/psa/switch", ROUTE_READ, ROLE_VIEWER, 200, get_plan, .rate = RATE_APP,
		.summary = "Customers, products and contracts that are gone and "
			   "still named by mappings, rules, overrides or tags; and where they went" },
	{ "POST", "/api/v1/psa/switch", ROUTE_WRITE, ROLE_ADMIN, 200, post_switch, switch_body, .event = "psa.switch",
		.rate = RATE_APP, .summary = "Move what names them to the new ones" },
	{ NULL },
};
