#include "psa/byhand.h"

#include <stdio.h>
#include <string.h>

static const char *when(struct arena *a, const struct psa_change *c)
{
	char date[DAY_TEXT];

	return c->effective == DAY_NONE ? "" : arena_printf(a, ", effective %s", day_format(c->effective, date));
}

static const char *price(struct arena *a, const struct psa_change *c)
{
	char text[QTY_TEXT];

	return c->has_price ? arena_printf(a, " at %s each", qty_format(c->unit_price, text)) : "";
}

static const char *name_of(const struct psa_change *c, const struct psa_line *line)
{
	if (line && line->description && *line->description)
		return line->description;
	return c->description && *c->description ? c->description : "the line";
}

void byhand_plan(struct arena *a, const struct psa_change *c, const struct psa_line *line,
	const struct psa_contract *contract, const char *place, const char *units, struct psa_plan *ret)
{
	const char *name = name_of(c, line);
	const char *where = contract->name && *contract->name ? contract->name : contract->remote_id;
	char from[QTY_TEXT], to[QTY_TEXT];
	const char *words;

	qty_format(c->want, to);
	qty_format(c->expect, from);
	if (c->kind == PSA_ADD_LINE)
		words = arena_printf(a, "Add \"%s\" with %s %s%s%s.", name, units, to, price(a, c), when(a, c));
	else if (c->kind == PSA_REMOVE_ADDED && c->want == 0)
		words = arena_printf(a, "Take \"%s\" (%s %s) out again.", name, units, from);
	else
		words = arena_printf(a, "Set the %s of \"%s\" to %s (now %s)%s.", units, name, to, from, when(a, c));
	ret->call[ret->calls++] = (struct psa_call){ "PERSON", arena_printf(a, "%s > %s", place, where), NULL, words };
	ret->warning[ret->warnings++] = "The API cannot make this change: it goes on the work list for a person.";
}

void byhand_refuse(const char *who, struct psa_result *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->outcome = PSA_REFUSED;
	ret->err.rc = RC_REMOTE;
	snprintf(ret->err.text, sizeof(ret->err.text),
		"%s is not written by this program. Approve the card again: the change then goes on the work list.",
		who);
}
