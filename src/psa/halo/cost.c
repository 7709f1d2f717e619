/* Costs: that of an item of the catalogue, in the member that its cost was read from. Lines of templates are left:
 * their template would have to be sent back whole for each. */
#include "psa/halo/ha.h"
#include "psa/writing.h"

#include <string.h>

/* A recurring item has a cost of its own, where the server knows one. */
static const char *member_of(const struct json *item)
{
	bool recurring = !item || json_true(json_get(item, "isrecurringitem"));

	return recurring && (!item || *ha_text(item, "recurringcost")) ? "recurringcost" : "costprice";
}

static enum rc read_cost(
	struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_cost_seen *ret, struct err *e)
{
	static const char *const same[] = { "name", "isrecurringitem", "recurringprice", "baseprice" };
	struct psa_product p;
	struct json *v;
	enum rc rc;

	if (!wire_is_id(change->product_remote_id, true))
		return err_set(e, RC_NOT_FOUND, "\"%.40s\" is no item of HaloPSA.", change->product_remote_id);
	rc = ha_get(c, a, arena_printf(a, "Item/%s", change->product_remote_id), &v, e);
	if (rc == RC_OK)
		rc = ha_product(v, &p, e);
	if (rc != RC_OK)
		return rc;
	ret->json = v;
	ret->has_cost = p.has_cost;
	ret->cost = p.cost;
	ret->rest = "";
	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		ret->rest = arena_printf(a, "%s%s%s %s", ret->rest, i ? ", " : "", same[i], ha_text(v, same[i]));
	return RC_OK;
}

static void call_of(
	struct arena *a, const struct psa_change *change, const struct psa_cost_seen *now, struct psa_call *ret)
{
	char text[QTY_TEXT];

	*ret = (struct psa_call){ "POST", "Item",
		arena_printf(a, "[{\"id\":%s,\"%s\":%s}]", change->product_remote_id, member_of(now ? now->json : NULL),
			qty_format(change->want, text)),
		"Sets the recurring cost of the item, or its one-off cost where it has no recurring one." };
}

static enum psa_outcome send_cost(struct psa_conn *c, struct arena *a, const struct psa_call *call, struct err *why)
{
	struct httpc_answer answer;
	enum sent sent;

	ha_post(c, a, call->path, call->body, &answer);
	sent = writing_class(&answer);
	if (answer.fate != HTTPC_ANSWERED)
		wire_unreached(c->wire.who, &answer, why);
	else if (sent != SENT_OK)
		ha_judge(c, &answer, call->path, why);
	return writing_outcome(sent);
}

const struct psa_costs ha_costs = { .read = read_cost, .call = call_of, .send = send_cost };
