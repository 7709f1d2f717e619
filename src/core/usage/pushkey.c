#include "core/usage/pushkey.h"

#include "base/codec.h"
#include "base/rand.h"
#include "core/usage/integration.h"

#include <string.h>

enum { SECRET_BITS = 256 };

static enum rc unknown(struct err *e)
{
	return err_set(e, RC_UNAUTHORIZED, "Unauthorized");
}

static void hash_text(const char *text, char out[HASH_TEXT])
{
	hash_hex(text, strlen(text), out);
}

static void make_pair(struct arena *a, struct pushkey *ret)
{
	const char *both;

	ret->vendor_key = arena_printf(a, "vk-%s", rand_token(a, SECRET_BITS));
	ret->partner_key = arena_printf(a, "pk-%s", rand_token(a, SECRET_BITS));
	both = arena_printf(a, "%s:%s", ret->vendor_key, ret->partner_key);
	ret->token = base64_encode(a, both, strlen(both));
}

enum rc pushkey_issue(struct tx *tx, const char *org, const char *integration, struct pushkey *ret, struct err *e)
{
	struct arena *a = tx_arena(tx);
	char vendor[HASH_TEXT], partner[HASH_TEXT];
	struct integration i;
	enum rc rc = integration_get(tx, a, org, integration, &i, e);

	if (rc != RC_OK)
		return rc;
	if (i.disconnected_at)
		return err_set(e, RC_CONFLICT, "This integration was disconnected. Connect the vendor again.");
	rc = pushkey_revoke(tx, org, integration, e);
	if (rc != RC_OK)
		return rc;
	make_pair(a, ret);
	hash_text(ret->vendor_key, vendor);
	hash_text(ret->partner_key, partner);
	return sql_exec(
		tx, e, SQL_PUSHKEY_INSERT, "ttttti", org, integration, id_make(a), vendor, partner, clock_now());
}

enum rc pushkey_revoke(struct tx *tx, const char *org, const char *integration, struct err *e)
{
	return sql_exec(tx, e, SQL_PUSHKEY_REVOKE, "tti", org, integration, clock_now());
}

enum rc pushkey_read(struct arena *a, const char *header, struct pushkey_hash *ret, struct err *e)
{
	const char *partner;
	char *text, *colon;
	size_t len;

	memset(ret, 0, sizeof(*ret));
	if (!header || base64_decode(a, header, &text, &len) != RC_OK || !len || strlen(text) != len)
		return unknown(e);
	colon = strchr(text, ':');
	partner = colon ? colon + 1 : "";
	ret->vendor_only = !*partner;
	if (colon)
		*colon = '\0';
	hash_text(text, ret->vendor);
	if (*partner)
		hash_text(partner, ret->partner);
	return RC_OK;
}

enum rc pushkey_find(struct tx *tx, struct arena *a, const struct pushkey_hash *h, const char **ret_org,
	const char **ret_integration, struct err *e)
{
	bool found = false;
	struct rows r;
	enum rc rc;

	if (h->vendor_only)
		sql_query(tx, &r, SQL_PUSHKEY_BY_VENDOR, "t", h->vendor);
	else
		sql_query(tx, &r, SQL_PUSHKEY_BY_PARTNER, "t", h->partner);
	if (rows_next(&r) && same_secret(rows_text(&r, 2), h->vendor)) {
		found = true;
		*ret_org = rows_dup(&r, a, 0);
		*ret_integration = rows_dup(&r, a, 1);
	}
	rc = rows_end(&r, e);
	if (rc == RC_OK && !found)
		return unknown(e);
	return rc;
}
