#include "core/book/book.h"

#include "base/codec.h"
#include "base/text.h"

#include <string.h>

char *book_id(struct arena *a, const char *org, const char *kind, const char *what, const char *remote_id)
{
	return id_derive(a, org, arena_printf(a, "psa_%s", what), kind, remote_id, NULL);
}

static char *id_of(struct tx *tx, const struct book_run *b, const char *what, const char *remote_id)
{
	return book_id(tx_arena(tx), b->org, b->kind, what, remote_id);
}

/* No longer left out, should it have been before. */
static enum rc unskip(
	struct tx *tx, const struct book_run *b, const char *what, const char *remote_id, enum rc rc, struct err *e)
{
	return rc == RC_OK ? sql_put(tx, e, SQL_BOOK_SKIP_CLEAR, "ttt", b->org, what, remote_id) : rc;
}

enum rc book_put_account(struct tx *tx, const struct book_run *b, const struct psa_account *a, struct err *e)
{
	char *fold = text_fold(tx_arena(tx), a->name);
	enum rc rc = sql_put(tx, e, SQL_BOOK_ACCOUNT_PUT, "ttttttttti", b->org, id_of(tx, b, "account", a->remote_id),
		a->remote_id, a->code, a->name, fold, a->status, a->types, a->domain, b->run);

	return unskip(tx, b, "account", a->remote_id, rc, e);
}

static const qty *known(bool has, const qty *value)
{
	return has ? value : NULL;
}

enum rc book_put_product(struct tx *tx, const struct book_run *b, const struct psa_product *p, struct err *e)
{
	struct arena *a = tx_arena(tx);
	const char *code = p->code ? p->code : "";
	enum rc rc = sql_put(tx, e, SQL_BOOK_PRODUCT_PUT, "tttttttttQQbbi", b->org,
		id_of(tx, b, "product", p->remote_id), p->remote_id, code, text_fold(a, code), p->name,
		text_fold(a, p->name), p->product_class, p->unit, known(p->has_price, &p->price),
		known(p->has_cost, &p->cost), p->inactive, p->serialized, b->run);

	return unskip(tx, b, "product", p->remote_id, rc, e);
}

enum rc book_put_contract(struct tx *tx, const struct book_run *b, const struct psa_contract *c, struct err *e)
{
	enum rc rc = sql_put(tx, e, SQL_BOOK_CONTRACT_PUT,
		"ttttttttt"
		"ttbdddi",
		b->org, id_of(tx, b, "contract", c->remote_id), c->remote_id,
		id_of(tx, b, "account", c->account_remote_id), c->name, text_fold(tx_arena(tx), c->name), c->type,
		c->status, c->cycle, c->currency, c->parent_remote_id, c->prorates, c->start, c->end, c->billed_through,
		b->run);

	return unskip(tx, b, "contract", c->remote_id, rc, e);
}

/* Lines may name a product that the catalogue reading did not show; it stays known by what the line says. */
static enum rc product_of_line(
	struct tx *tx, const struct book_run *b, const struct psa_line *l, char **ret_id, struct err *e)
{
	struct arena *a = tx_arena(tx);
	const char *code = l->product_code ? l->product_code : "";
	const char *name = l->description && *l->description ? l->description : code;

	*ret_id = id_of(tx, b, "product", l->product_remote_id);
	return sql_put(tx, e, SQL_BOOK_PRODUCT_FROM_LINE, "tttttttbi", b->org, *ret_id, l->product_remote_id, code,
		text_fold(a, code), name, text_fold(a, name), l->serialized, b->run);
}

/* The PSA shows the line but not how many units: what the book knew stays, and what it never knew is left out. */
static enum rc keep_line(
	struct tx *tx, const struct book_run *b, const struct psa_line *l, const char *id, struct err *e)
{
	sql_put(tx, e, SQL_BOOK_LINE_KEEP, "ttQQti", b->org, id, known(l->has_price, &l->unit_price),
		known(l->has_cost, &l->unit_cost), l->fixed, b->now);
	return sql_put(tx, e, SQL_BOOK_LINE_UNKNOWN, "tttttii", b->org, id, l->remote_id, l->description, l->unknown,
		b->run, b->now);
}

enum rc book_put_line(struct tx *tx, const struct book_run *b, const struct psa_line *l, struct err *e)
{
	char *id = id_of(tx, b, "line", l->remote_id);
	char *product;
	enum rc rc = product_of_line(tx, b, l, &product, e);

	if (rc != RC_OK)
		return rc;
	if (l->unknown)
		return keep_line(tx, b, l, id, e);
	sql_put(tx, e, SQL_BOOK_LINE_HISTORY_ADD, "ttiq", b->org, id, b->now, l->quantity);
	return sql_put(tx, e, SQL_BOOK_LINE_PUT,
		"ttttttt"
		"qqQQbbddit",
		b->org, id, l->remote_id, id_of(tx, b, "contract", l->contract_remote_id), product, l->description,
		l->version, l->quantity, l->included, known(l->has_price, &l->unit_price),
		known(l->has_cost, &l->unit_cost), l->serialized, l->billable, l->effective, l->cancelled, b->now,
		l->fixed);
}

enum rc book_put_lines(struct tx *tx, const struct book_run *b, const char *contract_remote_id,
	const struct psa_line *lines, size_t count, struct err *e)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < count && rc == RC_OK; i++)
		rc = book_put_line(tx, b, &lines[i], e);
	if (rc != RC_OK)
		return rc;
	return sql_put(
		tx, e, SQL_BOOK_LINES_GONE, "tti", b->org, id_of(tx, b, "contract", contract_remote_id), b->now);
}

static const struct {
	const char *what;
	enum sql_id gone;
} kinds[] = {
	{ "account", SQL_BOOK_ACCOUNT_GONE },
	{ "product", SQL_BOOK_PRODUCT_GONE },
	{ "contract", SQL_BOOK_CONTRACT_GONE },
	{ "line", SQL_BOOK_LINE_GONE },
};

enum rc book_skip(struct tx *tx, const struct book_run *b, const char *what, const char *remote_id, const char *name,
	const char *reason, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(kinds[i].what, what) == 0)
			sql_put(tx, e, kinds[i].gone, "tti", b->org, id_of(tx, b, what, remote_id), b->now);
	}
	return sql_put(tx, e, SQL_BOOK_SKIP_PUT, "ttttti", b->org, what, remote_id, name, reason, b->run);
}

enum rc book_finish_quick(struct tx *tx, const struct book_run *b, struct err *e)
{
	return sql_put(tx, e, SQL_BOOK_LINES_OF_GONE_CONTRACTS, "ti", b->org, b->now);
}

enum rc book_finish_full(struct tx *tx, const struct book_run *b, struct err *e)
{
	sql_put(tx, e, SQL_BOOK_ACCOUNTS_UNSEEN, "tii", b->org, b->run, b->now);
	sql_put(tx, e, SQL_BOOK_PRODUCTS_UNSEEN, "tii", b->org, b->run, b->now);
	sql_put(tx, e, SQL_BOOK_CONTRACTS_UNSEEN, "tii", b->org, b->run, b->now);
	sql_put(tx, e, SQL_BOOK_SKIPS_FORGET, "ti", b->org, b->run);
	return book_finish_quick(tx, b, e);
}
