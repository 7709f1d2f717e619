/* Cards are a view: whatever happened, what is stored is what comes out when all of it is made anew. */
#include "world.h"

#include "base/codec.h"
#include "core/cards/decide.h"
#include "core/mapping/map.h"
#include "core/rules/rulestore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define U(n) ((qty)(n)*QTY_ONE)
#define HOUR (3600 * CLOCK_SECOND)

enum {
	ACCOUNTS = 6,
	PRODUCTS = 5,
	CONTRACTS = 9,
	LINES_EACH = 4,
	VENDORS = 2,
	SERVICES = 6,
	V_ACCOUNTS = 12,
	STEPS = 400
};

/* Everything that can be edited. */
struct scene {
	struct world w;
	uint64_t seed;
	const char *account[ACCOUNTS], *product[PRODUCTS], *integration[VENDORS], *service[SERVICES],
		*v_account[V_ACCOUNTS];
	struct psa_line lines[CONTRACTS][LINES_EACH];
	size_t line_count[CONTRACTS];
	unsigned next_line;
	const char *card; /* for a decision */
	enum decision_kind kind;
	size_t decided, refused;
};

static uint32_t pick(struct scene *s, uint32_t below)
{
	s->seed = s->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(s->seed >> 33) % below;
}

static const char *name(struct scene *s, const char *what, unsigned n)
{
	return arena_printf(&s->w.arena, "%s%u", what, n);
}

static void send_lines(struct scene *s, unsigned c)
{
	world_lines(&s->w, name(s, "k", c), s->lines[c], s->line_count[c]);
}

static struct psa_line new_line(struct scene *s)
{
	struct psa_line l = world_line(name(s, "l", s->next_line++), name(s, "p", pick(s, PRODUCTS)), U(pick(s, 12)),
		pick(s, 4) ? U(pick(s, 30)) : 0);

	l.billable = pick(s, 10) != 0;
	if (pick(s, 6) == 0)
		l.effective = day_of(world_now()) + (day)pick(s, 40) - 20;
	if (pick(s, 6) == 0)
		l.cancelled = day_of(world_now()) + (day)pick(s, 40) - 20;
	return l;
}

static void edit_lines(struct scene *s)
{
	unsigned c = pick(s, CONTRACTS), n = (unsigned)s->line_count[c];
	struct psa_line *l = n ? &s->lines[c][pick(s, n)] : NULL;

	switch (pick(s, 4)) {
	case 0:
		if (n < LINES_EACH)
			s->lines[c][s->line_count[c]++] = new_line(s);
		break;
	case 1:
		if (l)
			*l = s->lines[c][--s->line_count[c]];
		break;
	case 2:
		if (l)
			l->quantity = U(pick(s, 12));
		break;
	default:
		/* Ended, and followed by another from the day after. */
		if (!l || n == LINES_EACH)
			break;
		l->cancelled = day_of(world_now()) + (day)pick(s, 10) - 3;
		s->lines[c][n] = world_line(
			name(s, "l", s->next_line++), l->product_remote_id, U(pick(s, 12)), l->unit_price);
		s->lines[c][n].effective = l->cancelled + 1;
		s->line_count[c]++;
	}
	send_lines(s, c);
}

static unsigned vendor_of_service(unsigned service)
{
	return service % VENDORS;
}

static void edit_count(struct scene *s)
{
	unsigned service = pick(s, SERVICES), v = vendor_of_service(service);
	unsigned account = pick(s, V_ACCOUNTS / VENDORS) * VENDORS + v;

	world_count(&s->w, s->integration[v], s->service[service], s->v_account[account],
		U(pick(s, 8)) + (pick(s, 9) ? 0 : 500000));
}

static void edit_account_mapping(struct scene *s)
{
	unsigned a = pick(s, V_ACCOUNTS);

	world_map_account(
		&s->w, s->integration[a % VENDORS], s->v_account[a], pick(s, 5) ? s->account[pick(s, ACCOUNTS)] : NULL);
}

static void edit_service_mapping(struct scene *s)
{
	unsigned service = pick(s, SERVICES), first = pick(s, PRODUCTS), count = pick(s, 6) ? 1 + pick(s, 2) : 0;
	const char *products[2] = { s->product[first], s->product[(first + 1) % PRODUCTS] };

	world_map_service(&s->w, s->integration[vendor_of_service(service)], s->service[service], products, count,
		pick(s, 2) ? "copy" : "split");
}

static struct json *parse(struct scene *s, const char *text)
{
	struct json_limits limits = JSON_LIMITS_DEFAULT;
	struct json *v;
	struct err e = ERR_INIT;

	if (json_parse(&s->w.arena, text, strlen(text), &limits, &v, &e) != RC_OK)
		fail_msg("%s: %s", e.text, text);
	return v;
}

struct put {
	const struct json *body;
	bool override;
};

static enum rc put_fn(struct tx *tx, void *arg, struct err *e)
{
	struct put *p = arg;
	const char *id;

	return p->override ? override_put(tx, &world_person, NULL, p->body, &id, e)
			   : rulestore_put(tx, &world_person, NULL, p->body, &id, e);
}

static void edit_rules(struct scene *s)
{
	struct put p = { .override = pick(s, 3) == 0 };
	char expires[DAY_TEXT];

	if (p.override)
		p.body = parse(s,
			arena_printf(&s->w.arena,
				"{\"account_id\":\"%s\",\"product_id\":\"%s\",\"quantity\":\"%u\",\"reason\":"
				"\"agreed\",\"expires\":\"%s\"}",
				s->account[pick(s, ACCOUNTS)], s->product[pick(s, PRODUCTS)], pick(s, 9),
				day_format(day_of(world_now()) + (day)pick(s, 9) - 2, expires)));
	else {
		AUTO(buf) b = BUF_INIT(4096);
		unsigned which = pick(s, 3);
		const char *product = s->product[pick(s, PRODUCTS)];

		if (which == 0)
			buf_printf(
				&b, "{\"name\":\"r\",\"product_id\":\"%s\",\"included\":\"%u\"}", product, pick(s, 5));
		else if (which == 1)
			buf_printf(&b, "{\"name\":\"r\",\"product_id\":\"%s\",\"minimum\":\"%u\",\"round_step\":\"2\"}",
				product, pick(s, 5));
		else
			buf_printf(&b, "{\"name\":\"r\",\"product_id\":\"%s\",\"multiply\":\"%u\",\"divide\":\"3\"}",
				product, 1 + pick(s, 5));
		p.body = parse(s, buf_text(&b));
	}
	world_do(&s->w, put_fn, &p);
}

static enum rc plan_nothing(struct arena *a, const struct psa_change *change, const struct psa_line *line,
	const struct psa_contract *contract, struct psa_plan *ret, struct err *e)
{
	ret->calls = 0;
	return RC_OK;
}

static const struct psa_ops paper = { .kind = "connectwise",
	.name = "Paper",
	.caps = PSA_CAP_DECIMALS | PSA_CAP_EFFECTIVE_DATE | PSA_CAP_ADD_LINE,
	.plan = plan_nothing };

static enum rc find_card_fn(struct tx *tx, void *arg, struct err *e)
{
	struct scene *s = arg;
	uint32_t wanted = pick(s, 24);
	struct rows r;

	s->card = NULL;
	sql_query(tx, &r, SQL_REBUILD_STORED, "t", WORLD_ORG);
	for (uint32_t i = 0; rows_next(&r); i++) {
		if (i <= wanted)
			s->card = rows_dup(&r, &s->w.arena, 0);
	}
	return rows_end(&r, e);
}

static enum rc decide_fn(struct tx *tx, void *arg, struct err *e)
{
	struct scene *s = arg;
	qty quantity = U(pick(s, 9));
	struct decide_ask ask = { .org = WORLD_ORG,
		.card_ids = &s->card,
		.count = 1,
		.effective = DAY_NONE,
		.quantity = pick(s, 3) ? NULL : &quantity };
	struct decide_done done;
	const char *batch;

	if (s->kind == DECIDE_APPROVE)
		return decide_approve(tx, &paper, &world_person, &ask, &done, e);
	ask.quantity = NULL;
	return decide_close(tx, &world_person, &ask, s->kind, &batch, e);
}

/* A decision that is refused changes nothing; enough of them are not. */
static void edit_decision(struct scene *s)
{
	struct err e = ERR_INIT;

	world_do(&s->w, find_card_fn, s);
	s->kind = (enum decision_kind)pick(s, DECISION_KIND_MAX);
	if (!s->card)
		return;
	if (world_try(&s->w, decide_fn, s, &e) == RC_OK)
		s->decided++;
	else
		s->refused++;
}

static enum rc move_writes_fn(struct tx *tx, void *arg, struct err *e)
{
	static const enum write_state ends[] = { WRITE_APPLIED, WRITE_CONFLICT, WRITE_FAILED, WRITE_UNKNOWN };
	struct scene *s = arg;
	struct write w;
	struct write_move sending = { .to = WRITE_SENDING, .owner = "o" };
	struct write_move end = { .to = ends[pick(s, ARRAY_LEN(ends))], .detail = "said the PSA" };
	enum rc rc = outbox_next(tx, tx_arena(tx), WORLD_ORG, &w, e);

	if (rc == RC_NOT_FOUND)
		return RC_OK;
	if (rc == RC_OK && w.state == WRITE_PLANNED)
		rc = outbox_move(tx, &world_person, &w, &sending, e);
	if (rc == RC_OK && w.state != WRITE_UNKNOWN)
		rc = outbox_move(tx, &world_person, &w, &end, e);
	return rc;
}

static void edit(struct scene *s)
{
	switch (pick(s, 12)) {
	case 0:
	case 1:
		edit_lines(s);
		break;
	case 2:
		edit_account_mapping(s);
		break;
	case 3:
		edit_service_mapping(s);
		break;
	case 4:
		if (pick(s, 4) == 0)
			edit_rules(s);
		break;
	case 5:
	case 6:
	case 7:
		edit_decision(s);
		break;
	case 8:
		world_do(&s->w, move_writes_fn, s);
		break;
	case 9:
		world_pass((utime)pick(s, 60) * HOUR);
		break;
	default:
		edit_count(s);
	}
	world_pass(CLOCK_SECOND);
}

static void make_scene(struct scene *s, uint64_t seed)
{
	s->seed = seed;
	world_open(&s->w);
	for (unsigned i = 0; i < ACCOUNTS; i++)
		s->account[i] = world_account(&s->w, name(s, "a", i), name(s, "Account ", i));
	for (unsigned i = 0; i < PRODUCTS; i++)
		s->product[i] = world_product(
			&s->w, name(s, "p", i), name(s, "P", i), name(s, "Product ", i), i ? U(i) : 0);
	for (unsigned i = 0; i < CONTRACTS; i++)
		world_contract(&s->w, name(s, "k", i), name(s, "a", i % ACCOUNTS));
	for (unsigned i = 0; i < VENDORS; i++)
		s->integration[i] = world_integration(&s->w, name(s, "Vendor ", i));
	for (unsigned i = 0; i < SERVICES; i++)
		s->service[i] = world_service(&s->w, s->integration[vendor_of_service(i)], name(s, "Service ", i));
	for (unsigned i = 0; i < V_ACCOUNTS; i++)
		s->v_account[i] = world_vendor_account(
			&s->w, s->integration[i % VENDORS], name(s, "v", i), name(s, "Customer ", i));
}

static void compare(const char *stored, const char *anew, int step)
{
	size_t i = 0, from;

	if (strcmp(stored, anew) == 0)
		return;
	while (stored[i] && stored[i] == anew[i])
		i++;
	from = i > 400 ? i - 400 : 0;
	fail_msg("after step %d\n... %.600s\n--- anew:\n... %.600s", step, stored + from, anew + from);
}

static void run_edits(uint64_t seed)
{
	struct scene *s = calloc(1, sizeof(*s));
	size_t compared = 0, open = 0;

	make_scene(s, seed);
	for (int step = 0; step < STEPS; step++) {
		const char *stored, *anew;
		struct rebuild r;

		edit(s);
		if (pick(s, 3))
			continue;
		world_rebuild(&s->w);
		stored = world_cards(&s->w);
		/* Nothing is left to write when nothing happened. */
		r = world_rebuild(&s->w);
		assert_int_equal(r.written + r.removed + r.skipped, 0);
		if (pick(s, 4) == 0)
			world_forget_cards(&s->w);
		world_rebuild(&s->w);
		anew = world_cards(&s->w);
		compare(stored, anew, step);
		compared += *stored != '\0';
		open += strstr(stored, "\"state\":\"open\"") != NULL;
	}
	/* The walk went somewhere. */
	assert_true(compared > 50);
	assert_true(open > 50);
	assert_true(s->decided > 10);
	world_close(&s->w);
	free(s);
}

static void cards_made_anew_are_the_same(void **state)
{
	run_edits(1);
	run_edits(20260925);
}

/* A book with more cards than one piece holds. */
enum { MANY = 2500 };

struct big {
	struct world w;
	const char *last_card;
	bool decided;
};

static enum rc dismiss_fn(struct tx *tx, void *arg, struct err *e)
{
	struct big *b = arg;
	struct decide_ask ask = { .org = WORLD_ORG, .card_ids = &b->last_card, .count = 1, .effective = DAY_NONE };
	const char *batch;

	return decide_close(tx, &world_person, &ask, DECIDE_DISMISS, &batch, e);
}

static enum rc decide_meanwhile(void *arg, int64_t done, int64_t total, struct err *e)
{
	struct big *b = arg;

	if (!b->decided) {
		b->decided = true;
		world_do(&b->w, dismiss_fn, b);
	}
	return RC_OK;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Lines are taken in the order of their ids, so the last card is that of the greatest. */
static void make_many(struct big *b, qty quantity)
{
	struct psa_line *lines = calloc(MANY, sizeof(*lines));
	const char **ids = calloc(MANY, sizeof(*ids));

	for (unsigned i = 0; i < MANY; i++) {
		const char *id = arena_printf(&b->w.arena, "l%u", i), *product = arena_printf(&b->w.arena, "p%u", i);

		lines[i] = world_line(id, product, quantity, U(1));
		ids[i] = world_line_id(&b->w, id);
	}
	world_pass(HOUR);
	world_lines(&b->w, "k", lines, MANY);
	qsort(ids, MANY, sizeof(*ids), by_text);
	b->last_card = id_derive(&b->w.arena, WORLD_ORG, "card", "line", ids[MANY - 1], NULL);
	free(lines);
	free(ids);
}

static void a_card_decided_meanwhile_is_left_alone(void **state)
{
	struct big *b = calloc(1, sizeof(*b));
	struct rebuild r = { .org = WORLD_ORG, .progress = decide_meanwhile, .arg = b };
	struct err e = ERR_INIT;
	const char *cards;

	world_open(&b->w);
	world_account(&b->w, "a", "Acme");
	world_contract(&b->w, "k", "a");
	make_many(b, U(3));
	assert_int_equal(world_rebuild(&b->w).written, MANY);
	make_many(b, U(4));
	assert_int_equal(rebuild_cards(b->w.t.db, &r, &e), RC_OK);
	assert_int_equal(r.skipped, 1);
	cards = world_cards(&b->w);
	assert_non_null(strstr(cards, "\"state\":\"dismissed\""));
	/* What was looked at were 3 units; the PSA has 4. */
	assert_int_equal(world_rebuild(&b->w).written, 1);
	cards = world_cards(&b->w);
	assert_non_null(strstr(cards, "Dismissed on 2026-09-25 with 3 in the PSA; the PSA now shows 4."));
	assert_null(strstr(cards, "\"state\":\"dismissed\""));
	world_close(&b->w);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cards_made_anew_are_the_same),
		cmocka_unit_test(a_card_decided_meanwhile_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
