/* The push API: accounts of one integration (operations 5 to 8). */
#include "api/vendor_face.h"
#include "core/usage/vendor_account.h"

#include <string.h>

static void write_account(struct jsonw *w, const struct vendor_account *a)
{
	jsonw_object(w);
	vendor_write_named(w, a->vendor_id, a->name, a->description, a->mapping, a->mapping_id);
	jsonw_end_object(w);
}

struct listing {
	struct call *c;
	bool unmapped;
};

static enum rc list_one(void *arg, const struct vendor_account *a, struct err *e)
{
	struct listing *l = arg;

	if ((l->unmapped || strcmp(a->mapping, "mapped") == 0) && vendor_query_has(l->c, "accountIds", a->vendor_id))
		write_account(&l->c->out, a);
	return RC_OK;
}

static enum rc get_accounts(struct call *c, struct err *e)
{
	struct listing l = { .c = c };
	struct integration i;
	enum rc rc = vendor_enter(c, TOKEN_WHOLE, &i, e);

	if (rc == RC_OK)
		rc = vendor_query_bool(c, "returnUnmapped", true, &l.unmapped, e);
	if (rc != RC_OK)
		return rc;
	jsonw_array(&c->out);
	rc = vendor_account_each(c->tx, i.org, i.id, list_one, &l, e);
	jsonw_end_array(&c->out);
	return rc;
}

static struct vendor_account_put put_of(const struct vendor_named *n)
{
	return (struct vendor_account_put) { .vendor_id = n->vendor_id, .name = n->name, .description = n->description,
		.is_active = n->is_active, .is_arrears = n->is_arrears };
}

static enum rc post_accounts(struct call *c, struct err *e)
{
	struct vendor_account_put put;
	struct vendor_named *named;
	struct vendor_account account;
	struct integration i;
	size_t count;
	bool seen;
	enum rc rc = vendor_enter_write(c, TOKEN_WHOLE, &i, &seen, e);

	if (rc != RC_OK || seen)
		return rc;
	rc = vendor_read_all_named(c, true, &named, &count, e);
	jsonw_array(&c->out);
	for (size_t n = 0; rc == RC_OK && n < count; n++) {
		put = put_of(&named[n]);
		rc = vendor_account_put(c->tx, c->arena, i.org, i.id, &put, &account, e);
		if (rc == RC_OK)
			write_account(&c->out, &account);
	}
	jsonw_end_array(&c->out);
	return rc;
}

static enum rc patch_accounts(struct call *c, struct err *e)
{
	struct vendor_account_put put;
	struct vendor_named *named;
	struct vendor_account account;
	struct integration i;
	size_t count;
	bool seen;
	enum rc rc = vendor_enter_write(c, TOKEN_WHOLE, &i, &seen, e);

	if (rc == RC_OK)
		rc = vendor_read_all_named(c, false, &named, &count, e);
	if (rc != RC_OK)
		return rc;
	jsonw_array(&c->out);
	for (size_t n = 0; rc == RC_OK && n < count; n++) {
		rc = vendor_account_find(c->tx, c->arena, i.org, i.id, named[n].vendor_id, &account, e);
		put = put_of(&named[n]);
		put.vendor_id = NULL;
		if (rc == RC_OK)
			rc = vendor_account_change(c->tx, c->arena, i.org, i.id, &account, &put, &account, e);
		if (rc == RC_OK)
			write_account(&c->out, &account);
	}
	jsonw_end_array(&c->out);
	return rc;
}

static enum rc find_by_path(struct call *c, const struct integration *i, struct vendor_account *ret, struct err *e)
{
	struct err ignored = ERR_INIT;
	enum rc rc = vendor_account_find(c->tx, c->arena, i->org, i->id, call_param(c, 0), ret, e);

	if (rc == RC_NOT_FOUND &&
		vendor_account_find(c->tx, c->arena, i->org, i->id, vendor_param_plus(c, 0), ret, &ignored) == RC_OK)
		return RC_OK;
	return rc;
}

static enum rc patch_account(struct call *c, struct err *e)
{
	struct vendor_account_put put;
	struct vendor_named named;
	struct vendor_account account;
	struct integration i;
	bool seen;
	enum rc rc = vendor_enter_write(c, TOKEN_WHOLE, &i, &seen, e);

	if (rc == RC_OK && !vendor_read_named(c, c->body, "", false, &named))
		rc = vendor_wrong(e);
	if (rc == RC_OK)
		rc = find_by_path(c, &i, &account, e);
	if (rc != RC_OK)
		return rc;
	put = put_of(&named);
	rc = vendor_account_change(c->tx, c->arena, i.org, i.id, &account, &put, &account, e);
	if (rc != RC_OK)
		return rc;
	c->audit_object = arena_printf(c->arena, "vendor account %s", account.id);
	write_account(&c->out, &account);
	return RC_OK;
}

const struct route vendor_account_routes[] = {
	{ "GET", "/api/vendor-api/organization/accounts", ROUTE_READ, ROLE_NONE, 200, get_accounts, .face = FACE_VENDOR,
		.rate = RATE_PUSH, .summary = "Push API: accounts; ?returnUnmapped= ?accountIds=" },
	{ "POST", "/api/vendor-api/organization/accounts", ROUTE_WRITE, ROLE_NONE, 201, post_accounts,
		.face = FACE_VENDOR, .rate = RATE_PUSH,
		.summary = "Push API: make or refresh accounts, an array or one" },
	{ "PATCH", "/api/vendor-api/organization/accounts", ROUTE_WRITE, ROLE_NONE, 200, patch_accounts,
		.face = FACE_VENDOR, .rate = RATE_PUSH, .summary = "Push API: change accounts, each named by its id" },
	{ "PATCH", "/api/vendor-api/organization/accounts/{accountId}", ROUTE_WRITE, ROLE_NONE, 200, patch_account,
		.face = FACE_VENDOR, .event = "vendor_account.changed", .rate = RATE_PUSH,
		.summary = "Push API: change one account" },
	{ NULL },
};
