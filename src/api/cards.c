/* Cards: the list, one of them with its why, and the sums. What is decided about them is in decide.c. */
#include "api/export.h"
#include "core/cards/cardlist.h"

static struct cardlist ask_of(struct call *c)
{
	return (struct cardlist){ .org = c->who.org,
		.kind = call_query(c, "kind"),
		.state = call_query(c, "state"),
		.vendor = call_query(c, "vendor"),
		.integration = call_query(c, "integration"),
		.account = call_query(c, "account"),
		.product = call_query(c, "product"),
		.contract = call_query(c, "contract"),
		.tag = call_query(c, "tag"),
		.q = call_query(c, "q"),
		.sort = call_query(c, "sort"),
		.group_by = call_query(c, "group_by"),
		.cursor = call_query(c, "cursor") };
}

static enum rc get_cards(struct call *c, struct err *e)
{
	struct cardlist l = ask_of(c);
	const char *next = NULL;
	enum rc rc = call_limit(c, &l.limit, e);

	if (rc != RC_OK)
		return rc;
	call_list_begin(c);
	rc = cardlist_write(c->tx, &l, &c->out, &next, e);
	call_list_end(c, next);
	return rc;
}

static const struct export_column card_columns[] = {
	{ "Account", "account/name" },
	{ "Product", "product/name" },
	{ "Product ID", "product/code" },
	{ "Contract", "contract/name" },
	{ "Vendors", "vendors", EXPORT_LIST },
	{ "Kind", "kind" },
	{ "State", "state" },
	{ "Why", "state_why" },
	{ "PSA units", "psa_units", EXPORT_NUMBER },
	{ "Vendor units", "vendor_units", EXPORT_NUMBER },
	{ "Reconciled units", "reconciled_units", EXPORT_NUMBER },
	{ "Change", "change_units", EXPORT_NUMBER },
	{ "Change each billing", "change_money", EXPORT_NUMBER },
	{ "Billed", "billed" },
	{ "Currency", "currency" },
	{ "Value", "value_state" },
	{ "Effective date", "effective_date" },
	{ "Tags", "tags", EXPORT_LIST, "name" },
	{ "Updated at", "updated_at" },
	{ "Card", "id" },
	{ NULL },
};

static enum rc page_of_cards(
	struct call *c, const char *cursor, int64_t limit, struct jsonw *w, const char **ret_next, struct err *e)
{
	struct cardlist l = ask_of(c);

	l.cursor = cursor;
	l.limit = limit;
	return cardlist_write(c->tx, &l, w, ret_next, e);
}

static enum rc export_cards(struct call *c, struct err *e)
{
	return export_table(c, &(struct export){ "cards", card_columns, page_of_cards }, e);
}

static enum rc get_card(struct call *c, struct err *e)
{
	return cardlist_one(c->tx, c->who.org, call_param(c, 0), &c->out, e);
}

static enum rc get_summary(struct call *c, struct err *e)
{
	struct cardlist l = ask_of(c);
	enum rc rc = call_limit(c, &l.limit, e);

	return rc == RC_OK ? cardlist_summary(c->tx, &l, &c->out, e) : rc;
}

const struct route cards_routes[] = {
	{ "GET", "/api/v1/cards", ROUTE_READ, ROLE_VIEWER, 200, get_cards, .rate = RATE_APP,
		.summary = "Cards; ?kind= ?state= (several with commas) ?vendor= ?integration= ?account= ?product= "
			   "?contract= ?tag= ?q= ?sort= ?group_by=" },
	{ "GET", "/api/v1/cards.csv", ROUTE_READ, ROLE_VIEWER, 200, export_cards, .rate = RATE_APP,
		.summary = "All cards that the same filters let through, as a file" },
	{ "GET", "/api/v1/cards.xlsx", ROUTE_READ, ROLE_VIEWER, 200, export_cards, .rate = RATE_APP,
		.summary = "All cards that the same filters let through, as a workbook" },
	{ "GET", "/api/v1/cards/summary", ROUTE_READ, ROLE_VIEWER, 200, get_summary, .rate = RATE_APP,
		.summary = "How many cards of each kind and state, their units, and what the open ones come to a "
			   "month; ?group_by=" },
	{ "GET", "/api/v1/cards/{id}", ROUTE_READ, ROLE_VIEWER, 200, get_card, .rate = RATE_APP,
		.summary = "One card with every step of its why, its tags, notes and decisions" },
	{ NULL },
};
