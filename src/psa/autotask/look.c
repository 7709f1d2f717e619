/* One line, or one contract, as it is now, with the units of the days that matter. */
#include "psa/autotask/at.h"

#include <stdlib.h>
#include <string.h>

static enum rc billed(struct psa_conn *c, const char *contract, day *ret, struct err *e)
{
	struct at_posted posted = { 0 };
	enum rc rc = at_posted_read(c, contract, c->host.today, &posted, e);

	*ret = at_posted_through(&posted, strtoll(contract, NULL, 10));
	at_posted_free(&posted);
	return rc;
}

enum rc at_look_contract(struct psa_conn *c, struct arena *a, const char *contract, struct at_seen *ret, struct err *e)
{
	static const struct at_labels none;
	const struct json *v;
	enum rc rc;

	if (!wire_is_id(contract, false))
		return err_set(e, RC_NOT_FOUND, "\"%.40s\" is no contract of Autotask.", contract);
	rc = at_get(c, a, "Contracts", contract, &v, e);
	if (rc == RC_OK)
		rc = at_check("contract", v, at_shape_contract, e);
	if (rc != RC_OK)
		return rc;
	at_contract(a, v, &none, &ret->contract);
	ret->inactive = at_contract_skip(a, v, c->host.today);
	return billed(c, contract, &ret->contract.billed_through, e);
}

static const char *with_units(struct arena *a, const struct json *v, const struct at_seen *s, day on)
{
	char units[QTY_TEXT], of[QTY_TEXT], date[DAY_TEXT];
	const char *text = wire_text(a, v);
	size_t len = strlen(text);

	if (len < 2 || text[len - 1] != '}')
		return text;
	return arena_printf(a, "%.*s,\"units\":\"%s\",\"unitsOn\":{\"day\":\"%s\",\"units\":\"%s\"}}", (int)len - 1,
		text, qty_format(s->line.quantity, units), day_format(on, date), qty_format(s->on, of));
}

static enum rc read_units(struct psa_conn *c, const char *contract, day on, struct at_seen *s, struct err *e)
{
	day today = c->host.today, from = on < today ? on : today;
	int64_t line = strtoll(s->number, NULL, 10);
	struct at_units units = { 0 };
	enum rc rc = at_units_read(c, s->family, contract, from, today + AT_AHEAD, &units, e);

	at_units_sort(&units);
	at_units_on(&units, line, on, &s->on);
	s->has_units = at_units_apply(&units, line, today, today + AT_AHEAD, s->contract.end, &s->line);
	at_units_free(&units);
	return rc;
}

enum rc at_look(struct psa_conn *c, struct arena *a, const char *contract, const char *line, day on,
	struct at_seen *ret, struct err *e)
{
	const struct json *v;
	enum rc rc;

	memset(ret, 0, sizeof(*ret));
	ret->family = at_family_of(line, &ret->number);
	if (!ret->family)
		return err_set(e, RC_NOT_FOUND, "\"%.40s\" is no line of Autotask.", line);
	rc = at_look_contract(c, a, contract, ret, e);
	if (rc == RC_OK)
		rc = at_get(c, a, ret->family->lines, ret->number, &v, e);
	if (rc == RC_OK)
		rc = at_check("contract service", v, at_shape_line, e);
	if (rc != RC_OK)
		return rc;
	if (strcmp(at_text(v, "contractID"), contract) != 0)
		return err_set(e, RC_NOT_FOUND, "The line is on another contract now.");
	at_line(a, ret->family, v, contract, &ret->line);
	rc = read_units(c, contract, on, ret, e);
	ret->json = with_units(a, v, ret, on);
	return rc;
}

enum rc at_read_line(struct psa_conn *c, struct arena *a, const char *contract, const char *line, struct psa_line *ret,
	struct err *e)
{
	struct at_seen s;
	enum rc rc = at_look(c, a, arena_strdup(a, contract), line, c->host.today, &s, e);

	if (rc == RC_OK && !s.has_units)
		rc = err_set(e, RC_NOT_FOUND, "This line of the contract has no units from today on.");
	if (rc != RC_OK)
		return rc;
	*ret = s.line;
	ret->agreement_active = !s.inactive;
	ret->billed_through = s.contract.billed_through;
	return RC_OK;
}
