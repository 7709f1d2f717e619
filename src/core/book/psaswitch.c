#include "core/book/psaswitch.h"

#include "core/job.h"
#include "core/mapping/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SIMILAR 850 /* of MATCH_TOP, from which on a person will mostly agree */

enum what { ACCOUNT, PRODUCT, CONTRACT, WHATS };

static const char *const names[WHATS] = { "account", "product", "contract" };
static const char *const lists[WHATS] = { "accounts", "products", "contracts" };
static const enum sql_id old_ids[WHATS] = { SQL_SWITCH_OLD_ACCOUNTS, SQL_SWITCH_OLD_PRODUCTS,
	SQL_SWITCH_OLD_CONTRACTS };
static const enum sql_id new_ids[WHATS] = { SQL_SWITCH_NEW_ACCOUNTS, SQL_SWITCH_NEW_PRODUCTS,
	SQL_SWITCH_NEW_CONTRACTS };

struct thing {
	const char *id, *name, *code, *fold, *domain;
	const char *owner; /* of a contract: its account */
	int64_t mappings, rules, overrides, tags; /* what still names it */
};

struct things {
	struct thing *item;
	size_t count;
};

struct found {
	const struct thing *to; /* NULL: none */
	const char *by; /* code, name, domain, similar */
	bool sure;
};

enum rc psaswitch_allowed(struct tx *tx, const char *org, struct err *e)
{
	int64_t open = 0;
	enum rc rc = sql_int(tx, &open, e, SQL_SWITCH_OPEN_WRITES, "t", org);

	if (rc == RC_OK && open)
		return err_set(e, RC_CONFLICT,
			"%lld changes for the PSA of now are on their way or on the work list. Wait for them, or take "
			"them back, before "
			"another PSA is connected.",
			(long long)open);
	return rc;
}

/* Columns: id, name, code, fold, domain, owner, mappings, rules, overrides, tags. */
static enum rc load(struct tx *tx, enum sql_id id, const char *org, struct things *ret, struct err *e)
{
	struct arena *a = tx_arena(tx);
	struct rows r;

	*ret = (struct things){ arena_array(a, PSASWITCH_MAX, sizeof(struct thing)), 0 };
	sql_query(tx, &r, id, "ti", org, (int64_t)PSASWITCH_MAX);
	while (rows_next(&r) && ret->count < PSASWITCH_MAX) {
		struct thing *t = &ret->item[ret->count++];

		t->id = rows_dup(&r, a, 0);
		t->name = rows_dup(&r, a, 1);
		t->code = rows_null(&r, 2) ? "" : rows_dup(&r, a, 2);
		t->fold = rows_dup(&r, a, 3);
		t->domain = rows_null(&r, 4) ? "" : rows_dup(&r, a, 4);
		t->owner = rows_null(&r, 5) ? "" : rows_dup(&r, a, 5);
		t->mappings = rows_int(&r, 6);
		t->rules = rows_int(&r, 7);
		t->overrides = rows_int(&r, 8);
		t->tags = rows_int(&r, 9);
	}
	return rows_end(&r, e);
}

static const char *code_of(const struct thing *t)
{
	return t->code;
}

static const char *fold_of(const struct thing *t)
{
	return t->fold;
}

static const char *domain_of(const struct thing *t)
{
	return t->domain;
}

/* The only one whose text is the same; NULL when there is none, or several. */
static const struct thing *only_one(
	const struct things *l, const char *(*text)(const struct thing *t), const char *wanted, const char *owner)
{
	const struct thing *hit = NULL;

	if (!*wanted)
		return NULL;
	for (size_t i = 0; i < l->count; i++) {
		if (strcasecmp(text(&l->item[i]), wanted) != 0 || (owner && strcmp(l->item[i].owner, owner) != 0))
			continue;
		if (hit)
			return NULL;
		hit = &l->item[i];
	}
	return hit;
}

struct matcher {
	const struct things *old, *fresh;
	struct match_index *index;
	struct match_scratch *scratch;
	enum what what;
};

static void begin_match(
	struct matcher *m, struct arena *a, enum what what, const struct things *old, const struct things *fresh)
{
	struct match_name *all = arena_array(a, fresh->count + 1, sizeof(*all));

	*m = (struct matcher){ .old = old, .fresh = fresh, .what = what };
	for (size_t i = 0; i < fresh->count; i++)
		all[i] = (struct match_name){ fresh->item[i].name,
			*fresh->item[i].domain ? fresh->item[i].domain : NULL };
	m->index = match_index_new(all, fresh->count);
	m->scratch = match_scratch_new(m->index);
}

static void end_match(struct matcher *m)
{
	match_scratch_free(m->scratch);
	match_index_free(m->index);
}

static bool try_text(const struct matcher *m, const struct thing *t, const char *(*text)(const struct thing *t),
	const char *by, bool sure, struct found *ret)
{
	const char *wanted = text(t);

	/* Two old ones of the same text would both be this one: a person must say. */
	if (!only_one(m->old, text, wanted, NULL))
		return false;
	ret->to = only_one(m->fresh, text, wanted, NULL);
	ret->by = by;
	ret->sure = sure;
	return ret->to != NULL;
}

static struct found find(struct matcher *m, const struct thing *t)
{
	struct found f = { 0 };
	struct match_name wanted = { t->name, *t->domain ? t->domain : NULL };
	struct match_hit hit;

	if (try_text(m, t, code_of, "code", true, &f) || try_text(m, t, fold_of, "name", true, &f) ||
		(m->what == ACCOUNT && try_text(m, t, domain_of, "domain", false, &f)))
		return f;
	f = (struct found){ 0 };
	if (match_find(m->index, m->scratch, &wanted, &hit, 1) && hit.score >= SIMILAR)
		f = (struct found){ &m->fresh->item[hit.index], "similar", false };
	return f;
}

/* A contract is looked for by its name among those of the account that its own became. */
static struct found find_contract(const struct things *fresh, const struct thing *t, const char *account)
{
	struct found f = { 0 };

	if (account)
		f.to = only_one(fresh, fold_of, t->fold, account);
	if (f.to)
		f = (struct found){ f.to, "name", true };
	return f;
}

struct plan {
	struct things old[WHATS], fresh[WHATS];
	struct found *found[WHATS];
};

/* Where an account went: found above, or it is not gone at all. */
static const char *account_now(const struct plan *p, const char *id)
{
	for (size_t i = 0; i < p->old[ACCOUNT].count; i++) {
		if (strcmp(p->old[ACCOUNT].item[i].id, id) == 0)
			return p->found[ACCOUNT][i].to ? p->found[ACCOUNT][i].to->id : NULL;
	}
	for (size_t i = 0; i < p->fresh[ACCOUNT].count; i++) {
		if (strcmp(p->fresh[ACCOUNT].item[i].id, id) == 0)
			return id;
	}
	return NULL;
}

static enum rc make_plan(struct tx *tx, const char *org, struct plan *p, struct err *e)
{
	struct arena *a = tx_arena(tx);
	enum rc rc = RC_OK;

	memset(p, 0, sizeof(*p));
	for (int w = 0; w < WHATS && rc == RC_OK; w++) {
		rc = load(tx, old_ids[w], org, &p->old[w], e);
		if (rc == RC_OK)
			rc = load(tx, new_ids[w], org, &p->fresh[w], e);
		p->found[w] = arena_array(a, p->old[w].count + 1, sizeof(struct found));
	}
	for (int w = ACCOUNT; w <= PRODUCT && rc == RC_OK; w++) {
		struct matcher m;

		begin_match(&m, a, (enum what)w, &p->old[w], &p->fresh[w]);
		for (size_t i = 0; i < p->old[w].count; i++)
			p->found[w][i] = find(&m, &p->old[w].item[i]);
		end_match(&m);
	}
	for (size_t i = 0; i < p->old[CONTRACT].count && rc == RC_OK; i++)
		p->found[CONTRACT][i] = find_contract(
			&p->fresh[CONTRACT], &p->old[CONTRACT].item[i], account_now(p, p->old[CONTRACT].item[i].owner));
	return rc;
}

static void write_thing(struct jsonw *w, const char *key, const struct thing *t)
{
	jsonw_key(w, key);
	if (!t) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	jsonw_kv(w, "id", t->id);
	jsonw_kv(w, "name", t->name);
	jsonw_kv(w, "code", t->code);
	if (*t->owner)
		jsonw_kv(w, "account", t->owner);
	jsonw_end_object(w);
}

static void write_pair(struct jsonw *w, const struct thing *old, const struct found *f)
{
	jsonw_object(w);
	write_thing(w, "from", old);
	write_thing(w, "to", f->to);
	jsonw_kv(w, "by", f->by);
	jsonw_kv_bool(w, "sure", f->sure);
	jsonw_key(w, "uses");
	jsonw_object(w);
	jsonw_kv_int(w, "mappings", old->mappings);
	jsonw_kv_int(w, "rules", old->rules);
	jsonw_kv_int(w, "overrides", old->overrides);
	jsonw_kv_int(w, "tags", old->tags);
	jsonw_end_object(w);
	jsonw_end_object(w);
}

enum rc psaswitch_plan(struct tx *tx, const char *org, struct jsonw *w, struct err *e)
{
	int64_t sure = 0, unsure = 0, unmatched = 0;
	struct plan p;
	enum rc rc = make_plan(tx, org, &p, e);

	if (rc != RC_OK)
		return rc;
	jsonw_object(w);
	for (int k = 0; k < WHATS; k++) {
		jsonw_key(w, lists[k]);
		jsonw_array(w);
		for (size_t i = 0; i < p.old[k].count; i++) {
			const struct found *f = &p.found[k][i];

			write_pair(w, &p.old[k].item[i], f);
			++*(f->sure ? &sure : f->to ? &unsure : &unmatched);
		}
		jsonw_end_array(w);
	}
	jsonw_kv_int(w, "sure", sure);
	jsonw_kv_int(w, "unsure", unsure);
	jsonw_kv_int(w, "unmatched", unmatched);
	jsonw_end_object(w);
	return RC_OK;
}

/* What moves with each kind: a reference, or several. */
static const enum sql_id moves[WHATS][8] = {
	[ACCOUNT] = { SQL_SWITCH_MOVE_ACCOUNT_MAPPING, SQL_SWITCH_MOVE_ACCOUNT_RULES, SQL_SWITCH_MOVE_ACCOUNT_OVERRIDES,
		SQL_SWITCH_MOVE_ACCOUNT_APPROVALS, SQL_SWITCH_COPY_ACCOUNT_TAGS, SQL_SWITCH_DROP_ACCOUNT_TAGS,
		SQL_SWITCH_COPY_ACCOUNT_ALIASES },
	[PRODUCT] = { SQL_SWITCH_MOVE_PRODUCT_MAPPING, SQL_SWITCH_MOVE_PRODUCT_RULES, SQL_SWITCH_MOVE_PRODUCT_OVERRIDES,
		SQL_SWITCH_COPY_PRODUCT_COST, SQL_SWITCH_DROP_PRODUCT_COST, SQL_SWITCH_COPY_PRODUCT_TAGS,
		SQL_SWITCH_DROP_PRODUCT_TAGS, SQL_SWITCH_COPY_PRODUCT_ALIASES },
	[CONTRACT] = { SQL_SWITCH_MOVE_CONTRACT_RULES, SQL_SWITCH_MOVE_CONTRACT_OVERRIDES },
};

static size_t move_count(enum what what)
{
	static const size_t counts[WHATS] = { [ACCOUNT] = 7, [PRODUCT] = 8, [CONTRACT] = 2 };

	return counts[what];
}

static enum rc move(struct tx *tx, const char *org, enum what what, const char *from, const char *to, struct err *e)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < move_count(what) && rc == RC_OK; i++)
		rc = sql_exec(tx, e, moves[what][i], "ttt", org, from, to);
	return rc;
}

static enum rc wrong(struct err *e, size_t i, const char *member, const char *what, const char *id, const char *how)
{
	char pointer[64];

	snprintf(pointer, sizeof(pointer), "/pairs/%zu/%s", i, member);
	return err_at(e, RC_INVALID, pointer, "The %s %.60s %s.", what, id, how);
}

static bool among(const struct things *l, const char *id)
{
	for (size_t i = 0; i < l->count; i++) {
		if (strcmp(l->item[i].id, id) == 0)
			return true;
	}
	return false;
}

static enum rc move_pair(struct tx *tx, const char *org, const struct plan *p, const struct psaswitch_pair *pair,
	size_t i, struct err *e)
{
	int w = 0;

	while (w < WHATS && strcmp(names[w], pair->what) != 0)
		w++;
	if (w == WHATS)
		return wrong(e, i, "what", "kind", pair->what, "is none of account, product and contract");
	if (!among(&p->old[w], pair->from))
		return wrong(e, i, "from", names[w], pair->from, "is not gone from the PSA, or nothing names it");
	if (!among(&p->fresh[w], pair->to))
		return wrong(e, i, "to", names[w], pair->to, "is not in the PSA");
	return move(tx, org, (enum what)w, pair->from, pair->to, e);
}

static bool is_paired(const struct psaswitch_pair *pairs, size_t count, const char *what, const char *from)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(pairs[i].what, what) == 0 && strcmp(pairs[i].from, from) == 0)
			return true;
	}
	return false;
}

static enum rc move_sure(struct tx *tx, const char *org, const struct plan *p, const struct psaswitch_pair *pairs,
	size_t count, int64_t *moved, struct err *e)
{
	enum rc rc = RC_OK;

	for (int w = 0; w < WHATS; w++) {
		for (size_t i = 0; i < p->old[w].count && rc == RC_OK; i++) {
			const char *from = p->old[w].item[i].id;

			if (!p->found[w][i].sure || is_paired(pairs, count, names[w], from))
				continue;
			rc = move(tx, org, (enum what)w, from, p->found[w][i].to->id, e);
			++*moved;
		}
	}
	return rc;
}

enum rc psaswitch_apply(struct tx *tx, const struct principal *who, const struct psaswitch_pair *pairs, size_t count,
	bool sure, int64_t *ret_moved, struct err *e)
{
	struct plan p;
	enum rc rc = tx_lock_org(tx, who->org, e);

	*ret_moved = 0;
	if (rc == RC_OK)
		rc = make_plan(tx, who->org, &p, e);
	for (size_t i = 0; i < count && rc == RC_OK; i++) {
		rc = move_pair(tx, who->org, &p, &pairs[i], i, e);
		++*ret_moved;
	}
	if (rc == RC_OK && sure)
		rc = move_sure(tx, who->org, &p, pairs, count, ret_moved, e);
	return rc == RC_OK ? job_enqueue(tx, who->org, JOB_REBUILD, "{}", "", 0, who->name, NULL, e) : rc;
}
