#include "core/cards/reconcile.h"

#include "base/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define U(n) ((qty)(n)*QTY_ONE)
#define HOUR (3600 * CLOCK_SECOND)
#define NONE IDMAP_NONE

/* The month: today is 2026-09-25, noon. */
static utime now_;
static day today_;

static qty price_edr = 3 * QTY_ONE, price_mail = 2500000;

enum { ACME, BIRCH, CEDAR, DUNE };
enum { EDR, MAIL, BACKUP, OFFICE, PRODUCTS };
enum { CORO, COMET };
enum { ACME_MAIN, ACME_OLD, BIRCH_MAIN, CEDAR_MAIN, DUNE_MAIN };

static const struct rec_account accounts[] = { { "acme", "acme", false }, { "birch", "birch", false },
	{ "cedar", "cedar", false }, { "dune", "dune", true } };
static const struct rec_product products[] = { { "EDR", "edr", "edr", &price_edr, false },
	{ "MAIL", "mail", "mail", &price_mail, false }, { "BACKUP", "backup", "backup", NULL, false },
	{ "OFFICE", "office", "office", NULL, false } };
static const struct rec_contract contracts[] = { { "acme-main", "Acme main", "", "USD", ACME, false },
	{ "acme-old", "Acme old", "", "USD", ACME, false }, { "birch-main", "Birch main", "", "USD", BIRCH, false },
	{ "cedar-main", "Cedar main", "", "EUR", CEDAR, false }, { "dune-main", "Dune main", "", "USD", DUNE, true } };
static const struct rec_integration integrations[] = { { "i-coro", "coro", "Coro", 48 * HOUR, 0 },
	{ "i-comet", "comet", "Comet", 48 * HOUR, 0 } };
static const uint32_t to_edr[] = { EDR }, to_mail[] = { MAIL }, to_backup[] = { BACKUP };

enum { V_ACME, V_ACME_2, V_BIRCH, V_CEDAR, V_COMET_ACME };

static const struct rec_vendor_account vendor_accounts[] = { { "v-acme", "Acme Ltd", CORO, ACME, true },
	{ "v-acme2", "Acme Labs", CORO, ACME, true }, { "v-birch", "Birch", CORO, BIRCH, true },
	{ "v-cedar", "Cedar", CORO, CEDAR, true }, { "v-comet-acme", "acme", COMET, ACME, true } };

enum { S_EDR, S_MAIL, S_COMET };

static const struct rec_service services[] = { { "s-edr", "Endpoint", "devices", CORO, to_edr, 1, false, true },
	{ "s-mail", "Email", "users", CORO, to_mail, 1, false, true },
	{ "s-comet", "Storage", NULL, COMET, to_backup, 1, false, true } };

static struct rec_line line(const char *id, uint32_t contract, uint32_t product, qty quantity, qty price)
{
	return (struct rec_line){ .id = id,
		.contract = contract,
		.product = product,
		.quantity = quantity,
		.price = price,
		.has_price = price != 0,
		.billable = true,
		.effective = DAY_NONE,
		.cancelled = DAY_NONE,
		.first_seen = DAY_NONE,
		.gone = DAY_NONE,
		.read_at = now_ - HOUR };
}

static struct rec_count count(uint32_t service, uint32_t account, qty units, utime age)
{
	return (struct rec_count){ service, account, { units, NULL }, now_ - age };
}

static struct rec_input input(void)
{
	struct rec_input in = { .org = "org",
		.now = now_,
		.today = today_,
		.book_read_at = now_ - HOUR,
		.accounts = accounts,
		.products = products,
		.contracts = contracts,
		.integrations = integrations,
		.vendor_accounts = vendor_accounts,
		.services = services };

	in.account_count = ARRAY_LEN(accounts);
	in.product_count = ARRAY_LEN(products);
	in.contract_count = ARRAY_LEN(contracts);
	in.integration_count = ARRAY_LEN(integrations);
	in.vendor_account_count = ARRAY_LEN(vendor_accounts);
	in.service_count = ARRAY_LEN(services);
	return in;
}

struct dump {
	const struct rec_input *in;
	struct arena arena;
	const char *rows[64];
	size_t count;
	const char *why, *state_why, *choices, *sources; /* of the card named in `look`, or of the last */
	const char *look;
};

static const char *text(const qty *q, char out[QTY_TEXT])
{
	return q ? qty_format(*q, out) : "-";
}

static enum rc take(void *arg, const struct card *c, struct err *e)
{
	struct dump *d = arg;
	char a[QTY_TEXT], b[QTY_TEXT], t[QTY_TEXT], r[QTY_TEXT], g[QTY_TEXT], m[QTY_TEXT];
	const char *line_id = c->line == NONE ? "-" : d->in->lines[c->line].id;

	assert_true(d->count < ARRAY_LEN(d->rows));
	d->rows[d->count++] = arena_printf(&d->arena,
		"%s %s %s %s %s psa %s vendor %s target %s done %s change %s money %s %s %s",
		d->in->accounts[c->account].id, d->in->products[c->product].id, line_id, card_kind_name(c->kind),
		card_state_name(c->state), text(c->psa, a), text(c->vendor, b), text(c->target, t),
		text(c->reconciled, r), qty_format(c->change, g), text(c->money, m), value_state_name(c->value_state),
		*c->vendors ? c->vendors : "-");
	if (!d->look || strcmp(d->look, line_id) == 0) {
		d->why = arena_strdup(&d->arena, c->why);
		d->sources = arena_strdup(&d->arena, c->sources);
		d->state_why = c->state_why ? arena_strdup(&d->arena, c->state_why) : "";
		d->choices = c->choices ? arena_strdup(&d->arena, c->choices) : "";
	}
	return RC_OK;
}

static bool want(void *arg, const struct card *c)
{
	assert_non_null(c->id);
	assert_null(c->why);
	return true;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void run(struct rec_input *in, struct dump *d)
{
	AUTO(arena) work = ARENA_INIT;
	struct card_sink sink = { d, want, take };
	struct err e = ERR_INIT;

	d->in = in;
	d->count = 0;
	if (reconcile(in, &work, &sink, &e) != RC_OK)
		fail_msg("%s", e.text);
	qsort(d->rows, d->count, sizeof(d->rows[0]), by_text);
}

static void expect(struct dump *d, const char *const *want, size_t count)
{
	for (size_t i = 0; i < count || i < d->count; i++) {
		if (i >= count)
			fail_msg("too much: %s", d->rows[i]);
		if (i >= d->count)
			fail_msg("not there: %s", want[i]);
		assert_string_equal(d->rows[i], want[i]);
	}
	arena_release(&d->arena);
}

#define RUN(in, ...)                                                                                                   \
	do {                                                                                                           \
		struct dump d_ = { 0 };                                                                                \
		static const char *const want_[] = { __VA_ARGS__ };                                                    \
		run(in, &d_);                                                                                          \
		expect(&d_, want_, ARRAY_LEN(want_));                                                                  \
	} while (0)

/* A month by hand: every kind, every value state, money, a decimal, two vendor accounts of one customer. */
static void the_month(void **state)
{
	const struct rec_line lines[] = {
		line("l1", ACME_MAIN, EDR, U(10), U(4)), /* 7 + 5 = 12 counted */
		line("l2", ACME_MAIN, MAIL, U(20), U(2)), /* 20 counted, by one of two accounts */
		line("l3", ACME_MAIN, BACKUP, U(1), U(30)), /* 2.5 TB */
		line("l4", ACME_OLD, OFFICE, U(6), U(12)), /* nobody reports it */
		line("l5", BIRCH_MAIN, EDR, U(4), 0), /* counted, zero */
		line("l6", CEDAR_MAIN, MAIL, U(3), U(2)), /* mapped, no count */
		line("l7", CEDAR_MAIN, BACKUP, U(3), U(2)), /* mapped, but Cedar has no account there */
	};
	const struct rec_count counts[] = {
		count(S_EDR, V_ACME, U(7), HOUR), count(S_EDR, V_ACME_2, U(5), HOUR),
		count(S_MAIL, V_ACME, U(20), HOUR), count(S_COMET, V_COMET_ACME, 5 * QTY_ONE / 2, 72 * HOUR),
		count(S_EDR, V_BIRCH, U(0), HOUR), count(S_MAIL, V_BIRCH, U(9), HOUR), /* no line: new revenue */
		count(S_EDR, V_CEDAR, U(0), HOUR), /* no line, nothing used: no card */
		count(NONE, V_ACME, U(99), HOUR), /* an unmapped service */
		count(S_EDR, NONE, U(99), HOUR), /* an unmapped account */
	};
	struct rec_input in = input();

	in.lines = lines;
	in.line_count = ARRAY_LEN(lines);
	in.counts = counts;
	in.count_count = ARRAY_LEN(counts);
	RUN(&in, "acme BACKUP l3 reconcile open psa 1 vendor 2.5 target 2.5 done - change 1.5 money 45 stale |comet|",
		"acme EDR l1 reconcile open psa 10 vendor 12 target 12 done - change 2 money 8 known |coro|",
		"acme MAIL l2 no_change open psa 20 vendor 20 target 20 done - change 0 money 0 known |coro|",
		"acme OFFICE l4 no_vendor open psa 6 vendor - target - done - change 0 money - missing -",
		"birch EDR l5 reconcile open psa 4 vendor 0 target 0 done - change -4 money -12 zero |coro|",
		"birch MAIL - new_revenue open psa - vendor 9 target 9 done - change 9 money 22.5 known |coro|",
		"cedar BACKUP l7 no_usage open psa 3 vendor - target - done - change 0 money - missing |comet|",
		"cedar MAIL l6 no_usage open psa 3 vendor - target - done - change 0 money - missing |coro|");
}

static void sources_and_why_are_told(void **state)
{
	const struct rec_line lines[] = { line("l1", ACME_MAIN, EDR, U(10), U(4)) };
	const struct rec_count counts[] = { count(S_EDR, V_ACME, U(7), HOUR), count(S_EDR, V_ACME_2, U(5), HOUR) };
	struct rule rules[] = { { .id = "r",
		.name = "EDR base",
		.version = 2,
		.product = EDR,
		.account = RULE_ANY,
		.contract = RULE_ANY,
		.steps = RULE_INCLUDED,
		.included = U(2) } };
	struct rec_input in = input();
	struct dump d = { 0 };

	in.lines = lines;
	in.line_count = 1;
	in.counts = counts;
	in.count_count = 2;
	in.rules = rules;
	in.rule_count = 1;
	run(&in, &d);
	assert_int_equal(d.count, 1);
	assert_string_equal(d.rows[0],
		"acme EDR l1 no_change open psa 10 vendor 12 target 10 done - change 0 money 0 known |coro|");
	assert_string_equal(d.why,
		"[{\"step\":\"sources\",\"text\":\"7 protected devices from Coro, Endpoint (Acme Ltd); 5 protected "
		"devices from "
		"Coro, Endpoint (Acme Labs).\",\"in\":null,\"out\":null},"
		"{\"step\":\"sum\",\"text\":\"The sum of 2 counts.\",\"in\":null,\"out\":\"12\"},"
		"{\"step\":\"included\",\"text\":\"2 included free, 10 left to bill (rule \\\"EDR base\\\", version "
		"2).\","
		"\"in\":\"12\",\"out\":\"10\",\"rule\":\"r\"}]");
	assert_non_null(strstr(d.sources, "\"integration\":\"i-coro\""));
	assert_non_null(strstr(d.sources, "\"service\":{\"id\":\"s-edr\",\"name\":\"Endpoint\"}"));
	assert_non_null(strstr(d.sources, "\"units\":\"5\",\"observed_at\":\"2026-09-25T11:00:00Z\""));
	arena_release(&d.arena);
}

static void a_count_that_never_came_is_not_zero(void **state)
{
	const struct rec_line lines[] = { line("l1", ACME_MAIN, EDR, U(10), U(4)) };
	const struct rec_count counts[] = { count(S_EDR, V_ACME, U(7), HOUR) };
	struct rec_input in = input();
	struct dump d = { 0 };

	in.lines = lines;
	in.line_count = 1;
	in.counts = counts;
	in.count_count = 1;
	run(&in, &d);
	assert_non_null(strstr(d.why, "1 expected count never arrived and is left out of the sum, not taken as zero."));
	assert_non_null(strstr(d.sources,
		"\"units\":null,\"observed_at\":null,\"unit_basis\":\"devices\",\"value_state\":\"missing\""));
	arena_release(&d.arena);
}

static void several_lines_are_one_card_with_choices(void **state)
{
	const struct rec_line lines[] = { line("l1", ACME_MAIN, EDR, U(10), U(4)),
		line("l2", ACME_OLD, EDR, U(3), U(4)) };
	const struct rec_count counts[] = { count(S_EDR, V_ACME, U(15), HOUR), count(S_EDR, V_ACME_2, U(0), HOUR) };
	struct rec_input in = input();
	struct dump d = { 0 };

	in.lines = lines;
	in.line_count = 2;
	in.counts = counts;
	in.count_count = 2;
	run(&in, &d);
	assert_int_equal(d.count, 1);
	assert_string_equal(
		d.rows[0], "acme EDR - reconcile open psa 13 vendor 15 target 15 done - change 2 money 8 known |coro|");
	assert_string_equal(d.choices,
		"[{\"contract\":{\"id\":\"acme-main\",\"name\":\"Acme main\"},\"line_id\":\"l1\",\"quantity\":\"10\"},"
		"{\"contract\":{\"id\":\"acme-old\",\"name\":\"Acme old\"},\"line_id\":\"l2\",\"quantity\":\"3\"}]");
	arena_release(&d.arena);
}

static void copy_and_split(void **state)
{
	const struct rec_line lines[] = { line("l1", ACME_MAIN, EDR, U(10), U(1)),
		line("l2", ACME_MAIN, MAIL, U(10), U(1)), line("l3", BIRCH_MAIN, MAIL, U(1), U(1)) };
	const struct rec_count counts[] = { count(0, V_ACME, 15 * QTY_ONE / 2, HOUR), count(0, V_BIRCH, U(8), HOUR),
		count(0, V_CEDAR, U(6), HOUR) };
	static const uint32_t both[] = { EDR, MAIL, BACKUP };
	struct rec_service s = { "s", "Bundle", NULL, CORO, both, 3, false, true };
	struct rec_vendor_account single[ARRAY_LEN(vendor_accounts)];
	struct rec_input in = input();

	memcpy(single, vendor_accounts, sizeof(single));
	single[V_ACME_2].account = NONE;
	in.vendor_accounts = single;
	in.services = &s;
	in.service_count = 1;
	in.lines = lines;
	in.line_count = 3;
	in.counts = counts;
	in.count_count = 3;
	/* Acme has two of the three, Birch one, Cedar none. */
	RUN(&in, "acme EDR l1 reconcile open psa 10 vendor 7.5 target 7.5 done - change -2.5 money -2.5 known |coro|",
		"acme MAIL l2 reconcile open psa 10 vendor 7.5 target 7.5 done - change -2.5 money -2.5 known |coro|",
		"birch MAIL l3 reconcile open psa 1 vendor 8 target 8 done - change 7 money 7 known |coro|",
		"cedar BACKUP - new_revenue open psa - vendor 6 target 6 done - change 6 money - known |coro|",
		"cedar EDR - new_revenue open psa - vendor 6 target 6 done - change 6 money 18 known |coro|",
		"cedar MAIL - new_revenue open psa - vendor 6 target 6 done - change 6 money 15 known |coro|");
	s.split = true;
	RUN(&in, "acme EDR l1 reconcile open psa 10 vendor 4.5 target 4.5 done - change -5.5 money -5.5 known |coro|",
		"acme MAIL l2 reconcile open psa 10 vendor 3 target 3 done - change -7 money -7 known |coro|",
		"birch MAIL l3 reconcile open psa 1 vendor 8 target 8 done - change 7 money 7 known |coro|",
		"cedar EDR - new_revenue open psa - vendor 6 target 6 done - change 6 money 18 known |coro|");
	s.detect_new_revenue = false;
	RUN(&in, "acme EDR l1 reconcile open psa 10 vendor 4.5 target 4.5 done - change -5.5 money -5.5 known |coro|",
		"acme MAIL l2 reconcile open psa 10 vendor 3 target 3 done - change -7 money -7 known |coro|",
		"birch MAIL l3 reconcile open psa 1 vendor 8 target 8 done - change 7 money 7 known |coro|");
}

/* Two vendors, one product: summed for the customer that has both. */
static void services_of_two_vendors_are_summed(void **state)
{
	const struct rec_line lines[] = { line("l1", ACME_MAIN, EDR, U(10), U(1)) };
	const struct rec_service two[] = { { "s1", "Endpoint", NULL, CORO, to_edr, 1, false, true },
		{ "s2", "Devices", NULL, COMET, to_edr, 1, false, true } };
	const struct rec_count counts[] = { count(0, V_ACME, U(7), HOUR), count(0, V_ACME_2, U(1), HOUR),
		count(1, V_COMET_ACME, U(4), HOUR) };
	struct rec_input in = input();

	in.services = two;
	in.service_count = 2;
	in.lines = lines;
	in.line_count = 1;
	in.counts = counts;
	in.count_count = 3;
	RUN(&in, "acme EDR l1 reconcile open psa 10 vendor 12 target 12 done - change 2 money 2 known |comet|coro|");
}

static void ended_lines(void **state)
{
	struct rec_line lines[] = { line("ends", ACME_MAIN, EDR, U(10), U(4)),
		line("begins", ACME_MAIN, EDR, U(12), U(4)), line("gone", ACME_MAIN, MAIL, U(5), U(1)),
		line("long-gone", BIRCH_MAIN, MAIL, U(5), U(1)), line("ended-before-us", BIRCH_MAIN, EDR, U(5), U(1)),
		line("ended", CEDAR_MAIN, EDR, U(5), U(1)), line("free", CEDAR_MAIN, MAIL, U(5), U(1)),
		line("coming", CEDAR_MAIN, BACKUP, U(5), U(1)), line("of-nobody", DUNE_MAIN, EDR, U(2), 0),
		line("never", ACME_MAIN, EDR, U(9), 0) };
	struct rec_input in = input();

	lines[0].cancelled = today_ + 5;
	lines[1].effective = today_ + 6;
	lines[2].gone = today_ - 3;
	lines[3].gone = today_ - STALE_DAYS - 1;
	lines[4].cancelled = today_ - 10;
	lines[4].first_seen = today_ - 9;
	lines[5].cancelled = today_ - 10;
	lines[5].first_seen = today_ - 20;
	lines[6].billable = false;
	lines[7].effective = today_ + 1;
	lines[8].gone = today_ - 1;
	/* Taken back before it began: it follows nobody and bills nothing. */
	lines[9].effective = today_ + 6;
	lines[9].cancelled = today_ + 5;
	in.lines = lines;
	in.line_count = ARRAY_LEN(lines);
	RUN(&in, "acme EDR begins no_usage open psa 12 vendor - target - done - change 0 money - missing |coro|",
		"acme EDR ends no_usage stale psa 10 vendor - target - done - change 0 money - missing |coro|",
		"acme MAIL gone no_usage stale psa 5 vendor - target - done - change 0 money - missing |coro|",
		"cedar EDR ended no_usage stale psa 5 vendor - target - done - change 0 money - missing |coro|",
		"dune EDR of-nobody no_usage stale psa 2 vendor - target - done - change 0 money - missing |coro|");
}

static char *line_card_id(struct arena *a, const char *id)
{
	return id_derive(a, "org", "card", "line", id, NULL);
}

/* What the decision leaves the card of line l1 in; "open: why" when it is back. */
static const char *after(struct rec_decision d, qty psa, qty vendor, utime read_at, struct arena *keep)
{
	AUTO(arena) a = ARENA_INIT;
	struct rec_line lines[] = { line("l1", BIRCH_MAIN, EDR, psa, U(4)) };
	const struct rec_count counts[] = { count(S_EDR, V_BIRCH, vendor, HOUR) };
	struct rec_input in = input();
	struct dump dump = { 0 };
	const char *got;

	lines[0].read_at = read_at;
	d.card_id = line_card_id(&a, "l1");
	d.id = "d";
	d.at = now_ - 24 * HOUR;
	d.account = d.product = d.contract = NONE;
	in.lines = lines;
	in.line_count = 1;
	in.counts = counts;
	in.count_count = 1;
	in.decisions = &d;
	in.decision_count = 1;
	run(&in, &dump);
	assert_int_equal(dump.count, 1);
	got = strstr(dump.rows[0], " open ") ? arena_printf(keep, "open: %s", dump.state_why)
					     : arena_strdup(keep, strstr(dump.rows[0], "l1") + 3);
	arena_release(&dump.arena);
	return got;
}

static void a_decided_card_returns_only_with_a_new_value(void **state)
{
	AUTO(arena) a = ARENA_INIT;
	qty ten = U(10), twelve = U(12);
	struct rec_decision approved = { .closes = CARD_APPROVED,
		.quantity = &twelve,
		.seen_psa = &ten,
		.seen_target = &twelve,
		.effective = DAY_NONE,
		.write = REC_WRITE_APPLIED,
		.written_at = now_ - 20 * HOUR };
	struct rec_decision dismissed = {
		.closes = CARD_DISMISSED, .seen_psa = &ten, .seen_target = &twelve, .effective = DAY_NONE
	};
	struct rec_decision confirmed = {
		.closes = CARD_CONFIRMED, .quantity = &ten, .seen_psa = &ten, .seen_target = &ten, .effective = DAY_NONE
	};
	utime fresh = now_ - HOUR, before = now_ - 21 * HOUR;

	assert_string_equal(after(approved, U(12), U(12), fresh, &a),
		"no_change approved psa 12 vendor 12 target 12 done 12 change 0 money 0 known |coro|");
	assert_string_equal(after(approved, U(12), U(13), fresh, &a),
		"open: Approved on 2026-09-24 when the units to bill were 12; now they are 13.");
	assert_string_equal(after(approved, U(10), U(12), fresh, &a),
		"open: Approved on 2026-09-24 with 12 in the PSA; the PSA now shows 10.");
	/* The book was read before the write: it says nothing yet. */
	assert_string_equal(after(approved, U(10), U(12), before, &a),
		"reconcile approved psa 10 vendor 12 target 12 done 12 change 2 money 8 known |coro|");
	approved.effective = today_ + 6;
	assert_string_equal(after(approved, U(10), U(12), fresh, &a),
		"reconcile approved psa 10 vendor 12 target 12 done 12 change 2 money 8 known |coro|");
	approved.write = REC_WRITE_MOVING;
	assert_string_equal(after(approved, U(11), U(13), fresh, &a),
		"reconcile approved psa 11 vendor 13 target 13 done 12 change 2 money 8 known |coro|");
	approved.write = REC_WRITE_VOID;
	approved.detail = "The agreement was closed.";
	assert_string_equal(after(approved, U(10), U(12), fresh, &a), "open: The agreement was closed.");
	assert_string_equal(after(dismissed, U(10), U(12), fresh, &a),
		"reconcile dismissed psa 10 vendor 12 target 12 done - change 2 money 8 known |coro|");
	assert_string_equal(after(dismissed, U(10), U(11), fresh, &a),
		"open: Dismissed on 2026-09-24 when the units to bill were 12; now they are 11.");
	assert_string_equal(after(dismissed, U(11), U(12), fresh, &a),
		"open: Dismissed on 2026-09-24 with 10 in the PSA; the PSA now shows 11.");
	assert_string_equal(after(confirmed, U(10), U(10), fresh, &a),
		"no_change confirmed psa 10 vendor 10 target 10 done 10 change 0 money 0 known |coro|");
	assert_string_equal(after(confirmed, U(10), U(0), fresh, &a),
		"open: Confirmed on 2026-09-24 when the units to bill were 10; now they are 0.");
}

static void new_revenue_that_was_approved_stays_in_sight(void **state)
{
	AUTO(arena) a = ARENA_INIT;
	qty nine = U(9);
	struct rec_decision d = { .card_id = id_derive(&a, "org", "card", "new", "birch", "MAIL", NULL),
		.id = "d",
		.closes = CARD_APPROVED,
		.quantity = &nine,
		.seen_target = &nine,
		.effective = DAY_NONE,
		.at = now_ - 24 * HOUR,
		.write = REC_WRITE_APPLIED,
		.written_at = now_ - 23 * HOUR,
		.adds_line = true,
		.account = BIRCH,
		.product = MAIL,
		.contract = BIRCH_MAIN };
	struct rec_line lines[] = { line("added", BIRCH_MAIN, MAIL, U(9), U(2)) };
	const struct rec_count counts[] = { count(S_MAIL, V_BIRCH, U(9), HOUR) };
	struct rec_input in = input();

	in.lines = lines;
	in.line_count = 1;
	in.counts = counts;
	in.count_count = 1;
	in.decisions = &d;
	in.decision_count = 1;
	RUN(&in, "birch MAIL - new_revenue approved psa - vendor 9 target 9 done 9 change 0 money - known |coro|",
		"birch MAIL added no_change open psa 9 vendor 9 target 9 done - change 0 money 0 known |coro|");
	/* The line was taken out of the PSA again: the usage is not billed, and says so. */
	lines[0].gone = today_;
	RUN(&in, "birch MAIL - new_revenue open psa - vendor 9 target 9 done - change 9 money 22.5 known |coro|",
		"birch MAIL added no_change stale psa 9 vendor 9 target - done - change 0 money - known |coro|");
	d.at = now_ - (STALE_DAYS + 1) * 24 * HOUR;
	lines[0].gone = DAY_NONE;
	RUN(&in, "birch MAIL added no_change open psa 9 vendor 9 target 9 done - change 0 money 0 known |coro|");
}

static void overrides_of_account_and_contract(void **state)
{
	const struct rec_line lines[] = { line("l1", ACME_MAIN, OFFICE, U(10), U(1)),
		line("l2", BIRCH_MAIN, OFFICE, U(3), 0) };
	const struct override o[] = {
		{ "o1", "frozen", ACME, OFFICE, RULE_ANY, U(4), DAY_NONE },
		{ "o2", "by contract", ACME, OFFICE, ACME_MAIN, U(5), DAY_NONE },
		{ "o3", "over", BIRCH, OFFICE, RULE_ANY, U(5), today_ - 1 },
	};
	struct rec_input in = input();

	in.lines = lines;
	in.line_count = 2;
	in.overrides = o;
	in.override_count = ARRAY_LEN(o);
	RUN(&in, "acme OFFICE l1 reconcile open psa 10 vendor - target 5 done - change -5 money -5 missing -",
		"birch OFFICE l2 no_vendor open psa 3 vendor - target - done - change 0 money - missing -");
}

static int set_clock(void **state)
{
	return clock_parse("2026-09-25T12:00:00Z", &now_) != RC_OK || day_parse("2026-09-25", &today_) != RC_OK;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_month),
		cmocka_unit_test(sources_and_why_are_told),
		cmocka_unit_test(a_count_that_never_came_is_not_zero),
		cmocka_unit_test(several_lines_are_one_card_with_choices),
		cmocka_unit_test(copy_and_split),
		cmocka_unit_test(services_of_two_vendors_are_summed),
		cmocka_unit_test(ended_lines),
		cmocka_unit_test(a_decided_card_returns_only_with_a_new_value),
		cmocka_unit_test(new_revenue_that_was_approved_stays_in_sight),
		cmocka_unit_test(overrides_of_account_and_contract),
	};

	return cmocka_run_group_tests(tests, set_clock, NULL);
}
