/* Costs: `unitCost` of a service and of a contract's service. A partial update goes to the collection, with the id in
 * its body; what is left out stays. */
#include "psa/autotask/at.h"
#include "psa/writing.h"

#include <string.h>

static bool is_product(const struct psa_change *c)
{
	return c->kind == PSA_SET_COST;
}

static const struct at_family *family_of(const struct psa_change *c, const char **ret_number)
{
	return at_family_of(is_product(c) ? c->product_remote_id : c->line_remote_id, ret_number);
}

static const char *cannot(struct arena *a, const struct psa_change *c)
{
	const char *number;
	const struct at_family *f = family_of(c, &number);

	(void)a;
	if (!f)
		return "It is none of Autotask's.";
	if (*f->prefix)
		return "Autotask makes the cost of a bundle of its services' costs; change those.";
	return c->want == 0 ? "Autotask shows a cost of 0 and a hidden one alike, so 0 cannot be confirmed." : NULL;
}

static void read_product(struct arena *a, const struct at_family *f, const struct json *v, struct psa_cost_seen *ret)
{
	struct psa_product p;

	at_product(a, f, v, &p);
	ret->has_cost = p.has_cost;
	ret->cost = p.cost;
}

static enum rc read_line(struct psa_conn *c, struct arena *a, const struct psa_change *change,
	const struct at_family *f, const struct json *v, struct psa_cost_seen *ret, struct err *e)
{
	struct at_seen s = { 0 };
	enum rc rc = at_look_contract(c, a, change->contract_remote_id, &s, e);

	if (rc != RC_OK)
		return rc;
	if (strcmp(at_text(v, "contractID"), change->contract_remote_id) != 0)
		return err_set(e, RC_NOT_FOUND, "The line is on another contract now.");
	at_line(a, f, v, change->contract_remote_id, &s.line);
	ret->has_cost = s.line.has_cost;
	ret->cost = s.line.unit_cost;
	if (s.inactive)
		ret->ended = arena_printf(a, "is on a contract that %s", s.inactive);
	return RC_OK;
}

static enum rc read_cost(
	struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_cost_seen *ret, struct err *e)
{
	bool product = is_product(change);
	const char *number;
	const struct at_family *f = family_of(change, &number);
	const struct json *v;
	enum rc rc;

	if (!f)
		return err_set(e, RC_NOT_FOUND, "It is none of Autotask's.");
	rc = at_get(c, a, product ? f->catalogue : f->lines, number, &v, e);
	if (rc == RC_OK)
		rc = at_check(
			product ? "service" : "contract service", v, product ? at_shape_product : at_shape_line, e);
	if (rc != RC_OK)
		return rc;
	ret->json = v;
	if (!product)
		return read_line(c, a, change, f, v, ret, e);
	read_product(a, f, v, ret);
	return RC_OK;
}

static void call_of(
	struct arena *a, const struct psa_change *change, const struct psa_cost_seen *now, struct psa_call *ret)
{
	char text[QTY_TEXT];
	const char *number;
	const struct at_family *f = family_of(change, &number);

	(void)now;
	*ret = (struct psa_call){ "PATCH",
		is_product(change) ? f->catalogue
				   : arena_printf(a, "Contracts/%s/Services", change->contract_remote_id),
		arena_printf(a, "{\"id\":%s,\"unitCost\":%s}", number, qty_format(change->want, text)),
		is_product(change) ? "Sets the unit cost of the service."
				   : "Sets the unit cost of the contract's service." };
}

static enum psa_outcome send_cost(struct psa_conn *c, struct arena *a, const struct psa_call *call, struct err *why)
{
	struct httpc_answer answer;
	enum sent sent;

	at_send(c, a, call->method, call->path, call->body, &answer);
	sent = writing_class(&answer);
	if (sent == SENT_OK)
		return PSA_APPLIED;
	if (answer.fate != HTTPC_ANSWERED)
		wire_unreached(c->wire.who, &answer, why);
	else if (at_judge(c, &answer, call->path, why) == RC_BUSY)
		sent = SENT_NOT;
	return writing_outcome(sent);
}

const struct psa_costs at_costs = { .cannot = cannot, .read = read_cost, .call = call_of, .send = send_cost };
