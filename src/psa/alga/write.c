/* Writing to Alga: the quantity of a service of a contract line, a whole number of at least one. */
#include "psa/alga/alga.h"

#include "base/codec.h"
#include "psa/byhand.h"

#include <string.h>

bool alga_by_hand(const struct json *settings, const struct psa_change *c)
{
	/* A service that the API adds is not billed by this release of Alga, and no quantity may be zero. */
	return c->kind == PSA_ADD_LINE || c->kind == PSA_REMOVE_ADDED || c->want < QTY_ONE;
}

static const char *line_path(struct arena *a, const char *line)
{
	size_t len = strcspn(line, "/");

	return arena_printf(a, "/contract-lines/%s/services/%s", url_encode(a, arena_strndup(a, line, len)),
		url_encode(a, line[len] ? line + len + 1 : ""));
}

/* Nothing but the quantity: anything else in the body breaks the call. */
static const char *body_quantity(struct arena *a, qty want)
{
	char text[QTY_TEXT];

	return arena_printf(a, "{\"quantity\":%s}", qty_format(want, text));
}

struct search {
	const char *line;
	struct arena *arena;
	struct alga_bound found;
	bool any;
	day today;
};

static enum rc find_bound(void *arg, struct arena *a, const struct json *v, struct err *e)
{
	struct search *s = arg;
	struct alga_bound b;
	enum rc rc = alga_bound(v, s->today, &b, e);

	if (rc != RC_OK || strcmp(b.line, s->line) != 0)
		return rc;
	s->any = true;
	s->found = (struct alga_bound){ s->line, arena_strdup(s->arena, b.contract), arena_strdup(s->arena, b.client),
		arena_strdup(s->arena, b.name), arena_strdup(s->arena, b.type), b.has_amount, b.skip };
	return RC_OK;
}

static enum rc load(struct psa_conn *c, struct arena *a, const struct psa_change *change, const char *line,
	struct inplace_seen *ret, struct err *e)
{
	struct search s = { .line = arena_strndup(a, line, strcspn(line, "/")), .arena = a, .today = c->host.today };
	struct alga_list bounds = { "/client-contract-lines", "contract lines", &s, find_bound };
	const struct json *rows;
	struct json *v;
	enum rc rc = alga_list(c, &bounds, e);

	if (rc == RC_OK && !s.any)
		return err_set(e, RC_NOT_FOUND, "The contract line is gone from Alga PSA.");
	if (rc == RC_OK)
		rc = alga_get(c, a, arena_printf(a, "/contract-lines/%s/services", url_encode(a, s.line)),
			"services of a contract line", &v, e);
	if (rc != RC_OK)
		return rc;
	rows = json_get(v, "data");
	for (const struct json *row = rows ? rows->child : NULL; row; row = row->next) {
		rc = alga_service(a, row, &s.found, ret, e);
		if (rc != RC_OK)
			return rc;
		ret->inactive = s.found.skip;
		ret->line.agreement_active = !s.found.skip;
		if (strcmp(ret->line.remote_id, line) == 0)
			return RC_OK;
	}
	return err_set(e, RC_NOT_FOUND, "The service is gone from the contract line in Alga PSA.");
}

static enum rc no_list(
	struct psa_conn *c, struct arena *a, const struct psa_change *change, struct inplace_list *ret, struct err *e)
{
	return err_set(e, RC_INVALID, "A service is added in Alga PSA by a person. Approve the card again.");
}

static enum sent set(struct psa_conn *c, struct arena *a, const struct psa_change *change,
	const struct inplace_seen *now, qty want, struct err *why)
{
	return alga_send(c, a, "PUT", line_path(a, now->line.remote_id), body_quantity(a, want),
		"a change of a contract line", why);
}

static enum sent no_add(
	struct psa_conn *c, struct arena *a, const struct psa_change *change, const char **ret_id, struct err *why)
{
	*ret_id = NULL;
	err_set(why, RC_INVALID, "A service is added in Alga PSA by a person. Approve the card again.");
	return SENT_REFUSED;
}

static const struct inplace_ops ops = { .who = "Alga PSA",
	.line = "service",
	.contract = "contract",
	.load = load,
	.list = no_list,
	.set = set,
	.add = no_add };

void alga_apply(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret)
{
	inplace_write(&ops, c, a, change, ret, false);
}

void alga_settle(struct psa_conn *c, struct arena *a, const struct psa_change *change, struct psa_result *ret)
{
	inplace_write(&ops, c, a, change, ret, true);
}

enum rc alga_read_line(struct psa_conn *c, struct arena *a, const char *contract, const char *line,
	struct psa_line *ret, struct err *e)
{
	struct psa_change change = { .contract_remote_id = contract };
	struct inplace_seen s = { 0 };
	enum rc rc = load(c, a, &change, line, &s, e);

	*ret = s.line;
	return rc;
}

enum rc alga_plan(struct arena *a, const struct psa_change *c, const struct psa_line *line,
	const struct psa_contract *contract, struct psa_plan *ret, struct err *e)
{
	memset(ret, 0, sizeof(*ret));
	if (c->effective != DAY_NONE)
		return err_at(e, RC_INVALID, "/effective_date", "Alga PSA knows no effective date. Leave it out.");
	if (c->by_hand) {
		byhand_plan(a, c, line, contract, "Billing > Contracts", "quantity", ret);
		return RC_OK;
	}
	ret->calls = 1;
	ret->call[0] = (struct psa_call){ "PUT", line_path(a, c->line_remote_id), body_quantity(a, c->want),
		"Sets the quantity; it counts from the next invoice." };
	return RC_OK;
}
