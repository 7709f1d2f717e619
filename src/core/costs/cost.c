/* Where vendors' costs come from: the rows of files, and persons. */
#include "core/costs/row.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static void take_currency(struct cost_said *s, const char *code)
{
	if (!s->any)
		snprintf(s->currency, sizeof(s->currency), "%s", code);
	else if (strcmp(s->currency, code) != 0)
		snprintf(s->currency, sizeof(s->currency), "*");
}

/* "usd" is USD; what is no code of three letters is another currency than any. */
static void code_of(const char *text, char out[8])
{
	size_t len = text ? strlen(text) : 0;

	out[0] = '\0';
	if (len == 3 && isalpha((unsigned char)text[0]) && isalpha((unsigned char)text[1]) &&
		isalpha((unsigned char)text[2])) {
		for (size_t i = 0; i < 3; i++)
			out[i] = (char)toupper((unsigned char)text[i]);
		out[3] = '\0';
	} else if (len) {
		out[0] = '*';
		out[1] = '\0';
	}
}

void cost_said_add(struct cost_said *s, qty cost, const char *currency)
{
	struct cost_said one = { .any = true, .least = cost, .most = cost };

	code_of(currency, one.currency);
	cost_said_merge(s, &one);
}

void cost_said_merge(struct cost_said *s, const struct cost_said *other)
{
	if (!other->any)
		return;
	take_currency(s, other->currency);
	s->least = !s->any || other->least < s->least ? other->least : s->least;
	s->most = !s->any || other->most > s->most ? other->most : s->most;
	s->any = true;
}

enum rc cost_said_put(struct tx *tx, const char *org, const char *service, const struct cost_said *s, struct err *e)
{
	if (!s->any)
		return RC_OK;
	return sql_exec(
		tx, e, SQL_COST_SERVICE_PUT, "ttqqti", org, service, s->least, s->most, s->currency, clock_now());
}

static void found(void *arg, const struct cost_row *row)
{
	(void)row;
	*(bool *)arg = true;
}

enum rc cost_give(struct tx *tx, const struct principal *who, const char *product, const qty *cost, struct err *e)
{
	static const char *const start[2] = { "", "" };
	struct costlist one = { .org = who->org, .product = product, .limit = 1 };
	const char *currency;
	bool there = false;
	enum rc rc = tx_lock_org(tx, who->org, e);

	if (rc == RC_OK)
		rc = cost_currency(tx, who->org, &currency, e);
	if (rc == RC_OK)
		rc = cost_rows(tx, &one, currency, start, found, &there, e);
	if (rc != RC_OK)
		return rc;
	if (!there)
		return err_set(e, RC_NOT_FOUND, "There is no product %.60s in the PSA.", product);
	if (!cost)
		return sql_exec(tx, e, SQL_COST_PRODUCT_FORGET, "tt", who->org, product);
	if (*cost < 0)
		return err_at(e, RC_INVALID, "/vendor_cost", "A cost is not below zero.");
	return sql_exec(
		tx, e, SQL_COST_PRODUCT_PUT, "ttqtti", who->org, product, *cost, currency, who->name, clock_now());
}
