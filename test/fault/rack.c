#include "rack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(struct rack *s, const char *row)
{
	assert_true(s->rows < ARRAY_LEN(s->row));
	s->row[s->rows++] = row;
}

static const char *money(struct rack *s, bool has, qty q)
{
	char text[QTY_TEXT];

	return has ? arena_strdup(&s->arena, qty_format(q, text)) : "-";
}

static const char *date(struct rack *s, day d)
{
	char text[DAY_TEXT];

	return d == DAY_NONE ? "-" : arena_strdup(&s->arena, day_format(d, text));
}

static enum rc take_account(void *arg, const struct psa_account *a, struct err *e)
{
	struct rack *s = arg;

	put(s, arena_printf(&s->arena, "account %s|%s|%s", a->remote_id, a->code, a->name));
	return RC_OK;
}

static enum rc take_product(void *arg, const struct psa_product *p, struct err *e)
{
	struct rack *s = arg;

	put(s,
		arena_printf(&s->arena, "product %s|%s|%s|%s", p->remote_id, p->code, money(s, p->has_price, p->price),
			money(s, p->has_cost, p->cost)));
	return RC_OK;
}

static enum rc take_contract(void *arg, const struct psa_contract *c, struct err *e)
{
	struct rack *s = arg;

	put(s,
		arena_printf(&s->arena, "contract %s|%s|%s|%s|%s", c->remote_id, c->account_remote_id, c->cycle,
			c->currency, date(s, c->billed_through)));
	return RC_OK;
}

static enum rc take_lines(void *arg, const char *contract, const struct psa_line *lines, size_t count, struct err *e)
{
	struct rack *s = arg;

	for (size_t i = 0; i < count; i++) {
		const struct psa_line *l = &lines[i];

		put(s,
			arena_printf(&s->arena, "line %s/%s|%s|%s|%s|%s|%s|%s", contract, l->remote_id,
				l->product_remote_id, l->unknown ? "unknown" : money(s, true, l->quantity),
				money(s, l->has_price, l->unit_price), date(s, l->effective), date(s, l->cancelled),
				l->fixed ? "fixed" : "-"));
	}
	put(s, arena_printf(&s->arena, "lines %s: %zu", contract, count));
	return RC_OK;
}

static enum rc take_skip(
	void *arg, const char *what, const char *id, const char *name, const char *reason, struct err *e)
{
	struct rack *s = arg;

	put(s, arena_printf(&s->arena, "skip %s %s: %s", what, id, reason));
	return RC_OK;
}

static enum rc take_progress(void *arg, const char *phase, int64_t done, int64_t total, struct err *e)
{
	return RC_OK;
}

static enum rc take_checkpoint(void *arg, const char *cursor, struct err *e)
{
	struct rack *s = arg;

	s->cursor = arena_strdup(&s->arena, cursor);
	s->checkpoints++;
	return RC_OK;
}

static bool is_cancelled(void *arg)
{
	struct rack *s = arg;

	return s->stop_after && s->checkpoints >= s->stop_after;
}

void rack_clear(struct rack *s)
{
	arena_release(&s->arena);
	memset(s, 0, sizeof(*s));
}

enum rc rack_sync(struct rack *s, const char *kind, struct psa_conn *c, struct psa_sync *how, struct err *e)
{
	struct psa_sink sink = { s, take_account, take_product, take_contract, take_lines, take_skip, take_progress,
		take_checkpoint, is_cancelled };

	return psa_find(kind)->sync(c, how, &sink, e);
}

size_t rack_count(const struct rack *s, const char *begin)
{
	size_t n = 0;

	for (size_t i = 0; i < s->rows; i++)
		n += strncmp(s->row[i], begin, strlen(begin)) == 0;
	return n;
}

bool rack_has(const struct rack *s, const char *row)
{
	for (size_t i = 0; i < s->rows; i++) {
		if (strcmp(s->row[i], row) == 0)
			return true;
	}
	return false;
}

void rack_must_have(const struct rack *s, const char *row)
{
	if (rack_has(s, row))
		return;
	for (size_t i = 0; i < s->rows; i++)
		print_error("  %s\n", s->row[i]);
	fail_msg("\"%s\" is not there", row);
}
