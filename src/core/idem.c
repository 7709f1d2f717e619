#include "core/idem.h"
#include "base/failpoint.h"

#include <string.h>

/* How long a request that is worked on keeps its twin out; after that it is taken for lost. */
#define IN_FLIGHT_MAX (120 * CLOCK_SECOND)

static char *context(struct arena *a, const struct idem *k)
{
	return arena_printf(a, "idempotency|%s|%s|%s", k->org, k->principal, k->key);
}

static enum rc check_key(const struct idem *k, struct err *e)
{
	if (!*k->key || strlen(k->key) > IDEM_KEY_MAX)
		return err_set(e, RC_INVALID, "Idempotency-Key has 1 to %d characters.", IDEM_KEY_MAX);
	return RC_OK;
}

struct kept {
	const char *route, *body_hash, *content;
	int status;
	utime at;
};

static enum rc read_kept(struct tx *tx, struct arena *a, const struct idem *k, struct kept *ret, struct err *e)
{
	struct rows r;

	memset(ret, 0, sizeof(*ret));
	sql_query(tx, &r, SQL_IDEM_GET, "ttt", k->org, k->principal, k->key);
	if (rows_next(&r)) {
		ret->route = rows_dup(&r, a, 0);
		ret->body_hash = rows_dup(&r, a, 1);
		ret->status = (int)rows_int(&r, 2);
		ret->content = rows_dup(&r, a, 3);
		ret->at = rows_int(&r, 4);
	}
	return rows_end(&r, e);
}

static bool is_over(const struct kept *kept)
{
	return kept->at + (kept->status ? IDEM_KEEP : IN_FLIGHT_MAX) <= clock_now();
}

enum rc idem_find(
	struct tx *tx, struct vault *v, struct arena *a, const struct idem *k, struct idem_answer *ret, struct err *e)
{
	struct kept kept;
	char *content;
	enum rc rc = check_key(k, e);

	memset(ret, 0, sizeof(*ret));
	if (rc == RC_OK)
		rc = FAIL_AFTER(read_kept(tx, a, k, &kept, e), "idem.looked", e);
	if (rc != RC_OK || !kept.route || is_over(&kept))
		return rc;
	if (strcmp(kept.route, k->route) != 0 || strcmp(kept.body_hash, k->body_hash) != 0) {
		err_set(e, RC_INVALID,
			"This Idempotency-Key was used for another request. Make a new key for each request.");
		if (e)
			e->status = 422;
		return RC_INVALID;
	}
	if (!kept.status)
		return err_set(e, RC_CONFLICT, "The same request is being worked on. Ask again in a moment.");
	rc = vault_unseal(v, a, context(a, k), kept.content, &content, e);
	if (rc != RC_OK)
		return rc;
	ret->status = kept.status;
	ret->content = content;
	return RC_OK;
}

static enum rc put(struct tx *tx, const struct idem *k, int status, const char *content, struct err *e)
{
	return sql_exec(tx, e, SQL_IDEM_PUT, "tttttiti", k->org, k->principal, k->key, k->route, k->body_hash,
		(int64_t)status, content, clock_now());
}

enum rc idem_begin(
	struct tx *tx, struct vault *v, struct arena *a, const struct idem *k, struct idem_answer *ret, struct err *e)
{
	enum rc rc = tx_lock_org(tx, k->org, e);

	if (rc == RC_OK)
		rc = idem_find(tx, v, a, k, ret, e);
	if (rc != RC_OK || ret->status)
		return rc;
	return put(tx, k, 0, "", e);
}

enum rc idem_keep(struct tx *tx, struct vault *v, const struct idem *k, int status, const char *content, struct err *e)
{
	struct arena *a = tx_arena(tx);

	return FAIL_AFTER(put(tx, k, status, vault_seal(v, a, context(a, k), content), e), "idem.kept", e);
}

struct resealed {
	struct idem k;
	char *content;
	struct resealed *next;
};

/* All that is kept, opened with the old key and sealed with the new one. What does not open is lost already. */
static enum rc read_resealed(struct tx *tx, struct vault *from, struct vault *to, struct resealed **ret, struct err *e)
{
	struct arena *a = tx_arena(tx);
	struct err ignored = ERR_INIT;
	struct rows r;
	char *plain;

	*ret = NULL;
	sql_query(tx, &r, SQL_IDEM_ALL, "");
	while (rows_next(&r)) {
		struct resealed *s = ARENA_NEW(a, struct resealed);

		s->k = (struct idem){
			.org = rows_dup(&r, a, 0), .principal = rows_dup(&r, a, 1), .key = rows_dup(&r, a, 2)
		};
		if (vault_unseal(from, a, context(a, &s->k), rows_text(&r, 3), &plain, &ignored) != RC_OK)
			continue;
		s->content = vault_seal(to, a, context(a, &s->k), plain);
		s->next = *ret;
		*ret = s;
	}
	return rows_end(&r, e);
}

enum rc idem_rotate(struct tx *tx, struct vault *from, struct vault *to, struct err *e)
{
	struct resealed *list;
	enum rc rc = read_resealed(tx, from, to, &list, e);

	for (struct resealed *s = list; s && rc == RC_OK; s = s->next)
		rc = sql_exec(tx, e, SQL_IDEM_RESEAL, "tttt", s->k.org, s->k.principal, s->k.key, s->content);
	return rc;
}

enum rc idem_drop(struct tx *tx, const struct idem *k, struct err *e)
{
	return sql_exec(tx, e, SQL_IDEM_DROP, "ttt", k->org, k->principal, k->key);
}
