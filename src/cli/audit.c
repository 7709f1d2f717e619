/* audit.c - trueup audit verify: recomputes every organization's chain. */
#include "cli/cli.h"

#include "core/audit.h"
#include "core/people/org.h"

struct verify {
	struct cli *cli;
	bool all_ok;
};

static void report(struct cli *c, const struct org *org, const struct audit_verdict *v)
{
	bool ok = v->broken_at == 0;

	if (ok)
		cli_say(c, "%s: %lld rows, the chain is whole; its head is %s", org->name, (long long)v->rows, v->head);
	else
		cli_say(c, "%s: THE CHAIN IS BROKEN at row %lld. Compare with a backup from before.", org->name,
			(long long)v->broken_at);
	if (!c->json)
		return;
	jsonw_object(&c->out);
	jsonw_kv(&c->out, "id", org->id);
	jsonw_kv(&c->out, "name", org->name);
	jsonw_key(&c->out, "audit");
	audit_write_verdict(&c->out, v);
	jsonw_end_object(&c->out);
}

static enum rc verify_all(struct tx *tx, void *arg, struct err *e)
{
	struct verify *v = arg;
	struct org *list;
	size_t count;
	enum rc rc = org_list(tx, tx_arena(tx), &list, &count, e);

	for (size_t i = 0; rc == RC_OK && i < count; i++) {
		struct audit_verdict verdict;

		rc = audit_verify(tx, list[i].id, &verdict, e);
		if (rc != RC_OK)
			break;
		v->all_ok &= verdict.broken_at == 0;
		report(v->cli, &list[i], &verdict);
	}
	if (rc == RC_OK && !count)
		cli_say(v->cli, "There is no organization yet, so there is nothing to verify.");
	return rc;
}

enum rc cmd_audit_verify(struct cli *c, struct err *e)
{
	struct verify v = { .cli = c, .all_ok = true };
	struct db *db;
	enum rc rc = cli_store(c, false, 1, &db, e);

	if (rc != RC_OK)
		return rc;
	if (c->json) {
		jsonw_object(&c->out);
		jsonw_key(&c->out, "organizations");
		jsonw_array(&c->out);
	}
	rc = db_read(db, verify_all, &v, e);
	db_close(db);
	if (rc != RC_OK)
		return rc;
	if (c->json) {
		jsonw_end_array(&c->out);
		jsonw_kv_bool(&c->out, "ok", v.all_ok);
		jsonw_end_object(&c->out);
	}
	c->status = v.all_ok ? CLI_DONE : CLI_PERSON;
	return RC_OK;
}
