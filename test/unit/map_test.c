/* Mapping: what maps itself and what does not, what a person's word does, and what a set-up needs to be finished. */
#include "world.h"

#include "core/mapping/alias.h"
#include "core/usage/integration.h"
#include "core/mapping/map.h"
#include "core/mapping/maplist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct scene {
	struct world w;
	const char *integration;
	int64_t mapped;
	bool services;
	const char *id, *target; /* of a rejection */
	struct buf text;
};

static void open_scene(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	world_open(&s->w);
	buf_init(&s->text, 1 << 20);
	s->integration = world_integration(&s->w, "Nimbus");
}

static void close_scene(struct scene *s)
{
	buf_release(&s->text);
	world_close(&s->w);
}

static enum rc list_fn(struct tx *tx, void *arg, struct err *e)
{
	struct scene *s = arg;
	struct maplist l = { .org = WORLD_ORG, .integration = s->integration, .limit = 100 };
	const char *next;
	struct jsonw w;
	enum rc rc;

	buf_clear(&s->text);
	jsonw_init(&w, &s->text, 0);
	jsonw_array(&w);
	rc = s->services ? maplist_services(tx, &l, &w, &next, e) : maplist_accounts(tx, &l, &w, &next, e);
	jsonw_end_array(&w);
	return rc;
}

/* "mapped", "unmapped" or "excluded" of the account or service with that name. */
static const char *status_of(struct scene *s, const char *name)
{
	struct json_limits limits = JSON_LIMITS_DEFAULT;
	struct json *items;
	struct err e = ERR_INIT;

	world_do(&s->w, list_fn, s);
	assert_int_equal(json_parse(&s->w.arena, buf_text(&s->text), s->text.len, &limits, &items, &e), RC_OK);
	for (const struct json *i = items->child; i; i = i->next) {
		if (strcmp(json_member(i, "name"), name) == 0)
			return json_text(json_path(i, "mapping/status"));
	}
	fail_msg("no %s in %s", name, buf_text(&s->text));
	return NULL;
}

static enum rc auto_fn(struct tx *tx, void *arg, struct err *e)
{
	struct scene *s = arg;
	int64_t services;
	enum rc rc = map_auto_accounts(tx, WORLD_ORG, NULL, NULL, &s->mapped, e);

	if (rc == RC_OK)
		rc = map_auto_services(tx, WORLD_ORG, NULL, NULL, &services, e);
	s->mapped += services;
	return rc;
}

static enum rc finish_fn(struct tx *tx, void *arg, struct err *e)
{
	struct scene *s = arg;
	const char *job;

	return map_finish(tx, &world_person, s->integration, &job, e);
}

static enum rc reject_fn(struct tx *tx, void *arg, struct err *e)
{
	struct scene *s = arg;

	return map_reject(tx, &world_person, s->integration, s->id, s->services, s->target, e);
}

static void only_the_same_letters_map_themselves(void **state)
{
	static const char *const others[] = { "acme ltd", "Acme  Ltd", " Acme Ltd", "Acme Ltd.",
		"\xc3\x81"
		"cme Ltd",
		"Twin" };
	struct scene s;

	open_scene(&s);
	world_account(&s.w, "1", "Acme Ltd");
	world_account(&s.w, "2", "Twin");
	world_account(&s.w, "3", "Twin");
	world_vendor_account(&s.w, s.integration, "same", "Acme Ltd");
	assert_string_equal(status_of(&s, "Acme Ltd"), "mapped");
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		world_vendor_account(&s.w, s.integration, others[i], others[i]);
		assert_string_equal(status_of(&s, others[i]), "unmapped");
	}
	close_scene(&s);
}

/* The vendor's names may be there before the PSA was read. */
static void a_book_that_is_read_later(void **state)
{
	struct scene s;

	open_scene(&s);
	world_vendor_account(&s.w, s.integration, "v", "Acme Ltd");
	world_service(&s.w, s.integration, "Coro EDR");
	world_account(&s.w, "1", "Acme Ltd");
	world_product(&s.w, "p", "CORO-EDR", "Coro EDR", 0);
	assert_string_equal(status_of(&s, "Acme Ltd"), "unmapped");
	world_do(&s.w, auto_fn, &s);
	assert_int_equal(s.mapped, 2);
	assert_string_equal(status_of(&s, "Acme Ltd"), "mapped");
	s.services = true;
	assert_string_equal(status_of(&s, "Coro EDR"), "mapped");
	world_do(&s.w, auto_fn, &s);
	assert_int_equal(s.mapped, 0);
	close_scene(&s);
}

static void a_rejected_pair_does_not_map_itself(void **state)
{
	struct scene s;

	open_scene(&s);
	s.id = world_vendor_account(&s.w, s.integration, "v", "Acme Ltd");
	s.target = world_account(&s.w, "1", "Acme Ltd");
	world_do(&s.w, reject_fn, &s);
	world_do(&s.w, auto_fn, &s);
	assert_int_equal(s.mapped, 0);
	/* Nor for another vendor; until a person says otherwise. */
	world_vendor_account(&s.w, world_integration(&s.w, "Cirrus"), "c", "Acme Ltd");
	world_do(&s.w, auto_fn, &s);
	assert_int_equal(s.mapped, 0);
	world_map_account(&s.w, s.integration, s.id, s.target);
	world_do(&s.w, auto_fn, &s);
	assert_int_equal(s.mapped, 1);
	close_scene(&s);
}

static void replaced_is_rejected_and_kept_is_not(void **state)
{
	struct scene s;
	const char *v, *a, *b;

	open_scene(&s);
	v = world_vendor_account(&s.w, s.integration, "v", "Acme");
	a = world_account(&s.w, "1", "Acme North");
	b = world_account(&s.w, "2", "Acme South");
	world_map_account(&s.w, s.integration, v, a);
	world_map_account(&s.w, s.integration, v, b);
	world_map_account(&s.w, s.integration, v, NULL);
	status_of(&s, "Acme");
	assert_null(strstr(buf_text(&s.text), "Acme North"));
	assert_non_null(strstr(buf_text(&s.text), "Acme South"));
	assert_non_null(strstr(buf_text(&s.text), "accepted before"));
	close_scene(&s);
}

static void finishing_needs_one_of_each(void **state)
{
	struct err e = ERR_INIT;
	const char *products[1];
	struct scene s;

	open_scene(&s);
	world_account(&s.w, "1", "Acme Ltd");
	products[0] = world_product(&s.w, "p", "P", "Product", 0);
	assert_int_equal(world_try(&s.w, finish_fn, &s, &e), RC_CONFLICT);
	assert_non_null(strstr(e.text, "one account and one service"));
	world_vendor_account(&s.w, s.integration, "v", "Acme Ltd");
	assert_int_equal(world_try(&s.w, finish_fn, &s, &e), RC_CONFLICT);
	assert_non_null(strstr(e.text, "at least one service"));
	world_map_service(&s.w, s.integration, world_service(&s.w, s.integration, "Seats"), products, 1, "copy");
	world_do(&s.w, finish_fn, &s);
	/* From now on nothing maps itself. */
	world_account(&s.w, "2", "Late Ltd");
	world_vendor_account(&s.w, s.integration, "late", "Late Ltd");
	assert_string_equal(status_of(&s, "Late Ltd"), "unmapped");
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_same_letters_map_themselves),
		cmocka_unit_test(a_book_that_is_read_later),
		cmocka_unit_test(a_rejected_pair_does_not_map_itself),
		cmocka_unit_test(replaced_is_rejected_and_kept_is_not),
		cmocka_unit_test(finishing_needs_one_of_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
