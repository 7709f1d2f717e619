/* Costs: `cost` of a catalogue item, `unitCost` of an addition; each is one JSON Patch with an absolute value. */
#include "psa/connectwise/cw.h"

#include "base/codec.h"
#include "psa/writing.h"

static const char *path_of(struct arena *a, const struct psa_change *c)
{
	return c->kind == PSA_SET_COST ? arena_printf(a, "/procurement/catalog/%s", url_encode(a, c->product_remote_id))
				       : cw_path_line(a, c->contract_remote_id, c->line_remote_id);
}

static void read_item(const struct json *v, struct psa_cost_seen *ret)
{
	struct psa_product p;

	cw_product(v, &p);
	ret->has_cost = p.has_cost;
	ret->cost = p.cost;
}

static void read_addition(struct psa_conn *c, struct arena *a, const struct psa_change *change, const struct json *v,
	struct psa_cost_seen *ret)
{
	const char *broken;
	char date[DAY_TEXT];
	struct psa_line l;

	broken = cw_line(v, change->contract_remote_id, &l);
	ret->has_cost = l.has_cost;
	ret->cost = l.unit_cost;
	if (broken)
		ret->ended = broken;
	else if (l.cancelled != DAY_NONE && l.cancelled < c->host.today)
		ret->ended = arena_printf(a, "ended on %s", day_format(l.cancelled, date));
}

static enum rc read_cost(
	struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_cost_seen *ret, struct err *e)
{
	bool item = change->kind == PSA_SET_COST;
	struct json *v;
	enum rc rc = cw_get(c, a, path_of(a, change), &v, NULL, e);

	if (rc == RC_OK)
		rc = cw_check(item ? "catalogue item" : "addition", v, item ? cw_shape_product : cw_shape_line, e);
	if (rc != RC_OK)
		return rc;
	ret->json = v;
	if (item)
		read_item(v, ret);
	else
		read_addition(c, a, change, v, ret);
	return RC_OK;
}

static void call_of(
	struct arena *a, const struct psa_change *change, const struct psa_cost_seen *now, struct psa_call *ret)
{
	bool item = change->kind == PSA_SET_COST;

	(void)now;
	*ret = (struct psa_call){ "PATCH", path_of(a, change),
		cw_body_replace(a, item ? "cost" : "unitCost", change->want),
		item ? "Sets the cost of the product in the catalogue." : "Sets the unit cost of the addition." };
}

static enum psa_outcome send_cost(struct psa_conn *c, struct arena *a, const struct psa_call *call, struct err *why)
{
	struct httpc_answer answer;
	enum psa_outcome sent;

	cw_send(c, a, call->method, call->path, call->body, &answer);
	sent = writing_outcome(writing_class(&answer));
	if (sent != PSA_APPLIED)
		cw_error(&answer, call->method, call->path, why);
	return sent;
}

const struct psa_costs cw_costs = { .read = read_cost, .call = call_of, .send = send_cost };
