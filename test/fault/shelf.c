#include "shelf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static enum rc take_account(void *arg, const struct psa_account *a, struct err *e)
{
	struct shelf *s = arg;

	s->account[s->accounts++] = arena_printf(&s->arena, "%s|%s|%s|%s", a->remote_id, a->code, a->types, a->domain);
	return RC_OK;
}

static enum rc take_product(void *arg, const struct psa_product *p, struct err *e)
{
	struct shelf *s = arg;
	char price[QTY_TEXT], cost[QTY_TEXT];

	s->product[s->products++] = arena_printf(&s->arena, "%s|%s|%s|%s%s%s", p->remote_id, p->code,
		p->has_price ? qty_format(p->price, price) : "none", p->has_cost ? qty_format(p->cost, cost) : "none",
		p->inactive ? "|inactive" : "", p->serialized ? "|serial" : "");
	return RC_OK;
}

static enum rc take_contract(void *arg, const struct psa_contract *c, struct err *e)
{
	struct shelf *s = arg;
	char date[DAY_TEXT];

	s->contract[s->contracts++] = arena_printf(&s->arena, "%s|%s|%s|%s|%s", c->remote_id, c->account_remote_id,
		c->currency, day_format(c->billed_through, date), c->status);
	return RC_OK;
}

static enum rc take_lines(void *arg, const char *contract, const struct psa_line *lines, size_t count, struct err *e)
{
	struct shelf *s = arg;
	const char *text = arena_printf(&s->arena, "%s:", contract);
	char q[QTY_TEXT], price[QTY_TEXT];

	for (size_t i = 0; i < count && i < 20; i++)
		text = arena_printf(&s->arena, "%s %s=%s@%s%s%s", text, lines[i].remote_id,
			qty_format(lines[i].quantity, q),
			lines[i].has_price ? qty_format(lines[i].unit_price, price) : "none",
			lines[i].billable ? "" : " free", lines[i].serialized ? " serial" : "");
	s->lines[s->lines_calls++] = text;
	s->line_count += count;
	if (s->edit_once)
		simulator_edit(s->sim, s->edit_once);
	s->edit_once = NULL;
	return RC_OK;
}

static enum rc take_skip(
	void *arg, const char *what, const char *id, const char *name, const char *reason, struct err *e)
{
	struct shelf *s = arg;

	s->skip[s->skips++] = arena_printf(&s->arena, "%s %s: %s", what, id, reason);
	return RC_OK;
}

static enum rc take_progress(void *arg, const char *phase, int64_t done, int64_t total, struct err *e)
{
	return RC_OK;
}

static enum rc take_checkpoint(void *arg, const char *cursor, struct err *e)
{
	struct shelf *s = arg;

	s->cursor = arena_strdup(&s->arena, cursor);
	s->checkpoints++;
	return RC_OK;
}

static bool is_cancelled(void *arg)
{
	struct shelf *s = arg;

	return s->stop_after && s->checkpoints >= s->stop_after;
}

enum rc shelf_sync(const char *kind, struct psa_conn *c, struct psa_sync *how, struct shelf *s, struct err *e)
{
	struct psa_sink sink = { s, take_account, take_product, take_contract, take_lines, take_skip, take_progress,
		take_checkpoint, is_cancelled };

	return psa_find(kind)->sync(c, how, &sink, e);
}

void shelf_must(enum rc rc, const struct err *e)
{
	if (rc != RC_OK)
		fail_msg("%s", e->text);
}

bool shelf_has(const char *const *list, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++) {
		if (strstr(list[i], text))
			return true;
	}
	return false;
}

void shelf_must_have(const char *const *list, size_t count, const char *text)
{
	if (shelf_has(list, count, text))
		return;
	for (size_t i = 0; i < count; i++)
		print_error("  %s\n", list[i]);
	fail_msg("\"%s\" is not there", text);
}

int64_t shelf_figure(struct simulator *s, const char *name)
{
	const struct json *requests = json_get(simulator_call(s, "/_ledger", NULL), "requests");
	int64_t n = 0;

	if (json_get(requests, name))
		assert_int_equal(json_int(json_get(requests, name), 0, 1000000, &n), RC_OK);
	return n;
}

int64_t shelf_requests(struct simulator *s, const char *pattern)
{
	const struct json *by = json_get(json_get(simulator_call(s, "/_ledger", NULL), "requests"), "by");
	int64_t n = 0;

	if (json_get(by, pattern))
		assert_int_equal(json_int(json_get(by, pattern), 0, 1000000, &n), RC_OK);
	return n;
}

static void note_check(void *arg, const char *name, bool ok, const char *detail)
{
	struct shelf_doctor *k = arg;

	assert_true(detail && *detail);
	k->all++;
	if (!ok)
		k->bad[k->count++] = arena_printf(&k->arena, "%s: %s", name, detail);
}

void shelf_doctor(const char *kind, struct psa_conn *c, struct shelf_doctor *k)
{
	struct err e = ERR_INIT;

	memset(k->bad, 0, sizeof(k->bad));
	k->count = k->all = 0;
	shelf_must(psa_find(kind)->test(c, note_check, k, &e), &e);
}
