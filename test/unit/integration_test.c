/* Integrations: how they are made and changed, and the bursts of counts that bring them to life. */
#include "core/usage/integration.h"
#include "core/usage/pullconfig.h"

#include "core/job.h"
#include "core/usage/push.h"
#include "core/usage/pushkey.h"
#include "core/usage/pullconfig.h"
#include "core/usage/run.h"
#include "core/usage/service.h"
#include "core/usage/vendor_account.h"

#include "feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct json *parse(const char *text)
{
	struct json_limits limits = JSON_LIMITS_DEFAULT;
	struct err e = ERR_INIT;
	struct json *root;

	assert_int_equal(json_parse(&feed.arena, text, strlen(text), &limits, &root, &e), RC_OK);
	return root;
}

static enum rc create_fn(struct tx *tx, void *arg, struct err *e)
{
	const struct json *v = arg;
	struct integration_new n = { .vendor = json_member(v, "vendor"),
		.name = json_member(v, "name"),
		.modules = json_get(v, "modules") };
	const struct json *settings = json_get(v, "settings");
	const char *id;
	enum rc rc = integration_create(tx, feed.org, &n, &id, e);

	return rc == RC_OK && settings ? pullconfig_put(tx, NULL, feed.org, id, settings, e) : rc;
}

static void check_create(const char *body, const char *pointer)
{
	struct err e = ERR_INIT;
	enum rc rc = feed_write(create_fn, (void *)parse(body), &e);

	assert_int_equal(rc, pointer ? RC_INVALID : RC_OK);
	if (pointer)
		assert_string_equal(e.pointer, pointer);
}

static void test_what_can_be_connected(void **state)
{
	check_create("{\"vendor\":\"coro\"}", NULL);
	check_create("{\"vendor\":\"coro\",\"name\":\"Coro EU\",\"modules\":[\"billing\"],\"settings\":{}}", NULL);
	check_create("{\"vendor\":\"comet\",\"modules\":[\"alerts\",\"billing\",\"alerts\"]}", NULL);
	check_create("{\"vendor\":\"nobody\"}", "/vendor");
	check_create("{\"vendor\":\"coro\",\"name\":\"  \"}", "/name");
	check_create("{\"vendor\":\"coro\",\"modules\":[\"alerts\"]}", "/modules");
	check_create("{\"vendor\":\"comet\",\"modules\":[]}", "/modules");
	check_create("{\"vendor\":\"custom\",\"settings\":{\"key\":\"x\"}}", "/settings/key");
}

static enum rc patch_fn(struct tx *tx, void *arg, struct err *e)
{
	return integration_patch(tx, feed.org, feed.integration, arg, e);
}

static void check_patch(const char *body, const char *pointer)
{
	struct err e = ERR_INIT;
	enum rc rc = feed_write(patch_fn, (void *)parse(body), &e);

	assert_int_equal(rc, pointer ? RC_INVALID : RC_OK);
	if (pointer)
		assert_string_equal(e.pointer, pointer);
}

static void test_changes(void **state)
{
	struct integration i;

	check_patch(
		"{\"name\":\"Nimbus\",\"schedule\":\"weekly mon 02:00\",\"stale_after_hours\":24,\"strict404\":true,"
		"\"portal_url\":\"https://nimbus.example\",\"modules\":[\"billing\"]}",
		NULL);
	i = feed_integration();
	assert_string_equal(i.name, "Nimbus");
	assert_string_equal(i.schedule, "weekly mon 02:00");
	assert_string_equal(i.portal_url, "https://nimbus.example");
	assert_string_equal(i.modules, "billing");
	assert_int_equal(i.stale_after, 24 * 3600 * CLOCK_SECOND);
	assert_true(i.strict404);
	check_patch("{\"schedule\":\"hourly\",\"name\":\"lost\"}", "/schedule");
	check_patch("{\"stale_after_hours\":0}", "/stale_after_hours");
	check_patch("{\"portal_url\":\"javascript:alert(1)\"}", "/portal_url");
	check_patch("{\"modules\":[\"fax\"]}", "/modules");
	assert_string_equal(feed_integration().name, "Nimbus");
	check_patch("{\"portal_url\":null}", NULL);
	assert_null(feed_integration().portal_url);
}

struct push {
	struct pushkey_hash keys;
	const char *account, *service;
	bool build;
	const char *run;
};

static enum rc issue_fn(struct tx *tx, void *arg, struct err *e)
{
	struct push *p = arg;
	struct pushkey key;
	enum rc rc = pushkey_issue(tx, feed.org, feed.integration, &key, e);

	return rc == RC_OK ? pushkey_read(&feed.arena, key.token, &p->keys, e) : rc;
}

static enum rc push_fn(struct tx *tx, void *arg, struct err *e)
{
	struct push *p = arg;
	struct units u = { 5 * QTY_ONE, NULL };
	struct push_target t;
	enum rc rc = push_find(tx, &feed.arena, &p->keys, p->account, p->service, &t, e);

	return rc == RC_OK ? push_count(tx, &t, &u, p->build, e) : rc;
}

static struct push start(bool build)
{
	struct push p = { .account = "kestrel", .build = build };
	struct err e = ERR_INIT;

	feed_account("kestrel");
	p.service = feed_service("mail");
	assert_int_equal(feed_write(issue_fn, &p, &e), RC_OK);
	return p;
}

static void push(struct push *p)
{
	struct err e = ERR_INIT;

	assert_int_equal(feed_write(push_fn, p, &e), RC_OK);
}

static enum rc count_jobs_fn(struct tx *tx, void *arg, struct err *e)
{
	struct buf *out = arg;
	const char *next;
	struct jsonw w;
	enum rc rc;

	jsonw_init(&w, out, 0);
	jsonw_array(&w);
	rc = job_write_list(tx, feed.org, JOB_INTEGRATION_SYNC, "", 100, &w, &next, e);
	jsonw_end_array(&w);
	return rc;
}

static unsigned jobs(void)
{
	AUTO(buf) out = BUF_INIT(1 << 16);
	struct err e = ERR_INIT;

	assert_int_equal(feed_read(count_jobs_fn, &out, &e), RC_OK);
	return parse(buf_text(&out))->count;
}

struct end {
	bool force;
	utime again;
};

static enum rc end_fn(struct tx *tx, void *arg, struct err *e)
{
	struct end *x = arg;
	struct integration i;
	enum rc rc = integration_get(tx, tx_arena(tx), feed.org, feed.integration, &i, e);

	return rc == RC_OK ? run_burst_end(tx, &i, x->force, &x->again, e) : rc;
}

static utime end_burst(bool force)
{
	struct end x = { force, -1 };
	struct err e = ERR_INIT;

	assert_int_equal(feed_write(end_fn, &x, &e), RC_OK);
	return x.again;
}

static void test_the_first_count_makes_it_active(void **state)
{
	struct push p = start(true);

	assert_string_equal(feed_integration().state, "inactive");
	push(&p);
	assert_string_equal(feed_integration().state, "active");
	assert_int_equal(feed_integration().last_count_at, feed.now);
}

static void test_a_burst_is_one_run_and_one_job(void **state)
{
	struct push p = start(true);
	const char *run;

	push(&p);
	run = feed_integration().open_run;
	assert_non_null(run);
	for (int i = 0; i < 20; i++) {
		feed.now += CLOCK_SECOND / 2;
		push(&p);
	}
	assert_string_equal(feed_integration().open_run, run);
	assert_int_equal(jobs(), 1);
	/* ten seconds of pushing: not quiet yet, then quiet */
	assert_true(end_burst(false) > feed.now);
	assert_non_null(feed_integration().open_run);
	feed.now += RUN_QUIET;
	assert_int_equal(end_burst(false), 0);
	assert_null(feed_integration().open_run);
	assert_int_equal(feed_integration().closing_at, 0);
	assert_int_equal(feed_integration().last_synced_at, feed.now);
	push(&p);
	assert_string_not_equal(feed_integration().open_run, run);
}

static void test_a_long_burst_ends(void **state)
{
	struct push p = start(true);

	for (utime t = 0; t < RUN_LONGEST; t += CLOCK_SECOND) {
		push(&p);
		feed.now += CLOCK_SECOND;
	}
	assert_int_equal(end_burst(false), 0);
}

static void test_no_build_queues_nothing(void **state)
{
	struct push p = start(false);

	push(&p);
	assert_int_equal(jobs(), 0);
	assert_non_null(feed_integration().open_run);
	p.build = true;
	push(&p);
	assert_int_equal(jobs(), 1);
}

/* A job that was lost does not keep the next one from being queued. */
static void test_an_overdue_end_is_queued_again(void **state)
{
	struct push p = start(true);

	push(&p);
	feed.now += 2 * RUN_LONGEST;
	assert_true(run_needs_end(feed_integration().closing_at, feed.now));
	push(&p);
	assert_false(run_needs_end(feed_integration().closing_at, feed.now));
}

static enum rc pending_fn(struct tx *tx, void *arg, struct err *e)
{
	return integration_set_state(tx, feed.org, feed.integration, arg, NULL, e);
}

static void test_states(void **state)
{
	struct push p = start(true);
	struct err e = ERR_INIT;

	push(&p);
	assert_int_equal(feed_write(pending_fn, (void *)"pending", &e), RC_OK);
	push(&p);
	assert_string_equal(feed_integration().state, "active");
	assert_int_equal(feed_write(pending_fn, (void *)"disabled", &e), RC_OK);
	push(&p);
	assert_string_equal(feed_integration().state, "disabled");
	assert_string_equal(integration_state("Active"), "active");
	assert_null(integration_state("asleep"));
}

static enum rc disconnect_fn(struct tx *tx, void *arg, struct err *e)
{
	return integration_disconnect(tx, feed.org, feed.integration, e);
}

static void test_disconnecting_keeps_what_it_knows(void **state)
{
	struct push p = start(true);
	struct err e = ERR_INIT;

	push(&p);
	assert_int_equal(feed_write(disconnect_fn, NULL, &e), RC_OK);
	assert_string_equal(feed_integration().state, "disabled");
	assert_int_equal(feed_integration().disconnected_at, feed.now);
	assert_int_equal(feed_write(push_fn, &p, &e), RC_UNAUTHORIZED);
}

struct named {
	const char *name, *id;
};

static enum rc named_fn(struct tx *tx, void *arg, struct err *e)
{
	struct named *n = arg;
	struct service_put p = {
		.name = n->name, .category = "backup", .subcategory = "other", .is_active = -1, .is_arrears = -1
	};

	return service_put_vendor(tx, &feed.arena, feed.org, feed.integration, &p, &n->id, e);
}

static const char *id_of(const char *name)
{
	struct named n = { name, NULL };
	struct err e = ERR_INIT;

	assert_int_equal(feed_write(named_fn, &n, &e), RC_OK);
	return n.id;
}

static void test_services_of_one_name(void **state)
{
	const char *id = id_of("Gesch\xc3\xbctzt");

	assert_string_equal(id_of("Gesch\xc3\xbctzt"), id);
	assert_string_equal(id_of(" gesch\xc3\x9ctzt  "), id);
	assert_string_not_equal(id_of("Geschutzt"), id);
}

struct lookup {
	const char *ref;
	struct vendor_account ret;
};

static enum rc lookup_fn(struct tx *tx, void *arg, struct err *e)
{
	struct lookup *l = arg;

	return vendor_account_find(tx, &feed.arena, feed.org, feed.integration, l->ref, &l->ret, e);
}

static const char *found(const char *ref)
{
	struct lookup l = { .ref = ref };
	struct err e = ERR_INIT;

	return feed_read(lookup_fn, &l, &e) == RC_OK ? l.ret.vendor_id : "-";
}

static void test_ids_differing_in_case(void **state)
{
	feed_account("Alpha");
	feed_account("Beta");
	feed_account("beta");
	assert_string_equal(found("Alpha"), "Alpha");
	assert_string_equal(found("ALPHA"), "Alpha");
	assert_string_equal(found("beta"), "beta");
	assert_string_equal(found("Beta"), "Beta");
	assert_string_equal(found("BETA"), "-");
	assert_string_equal(found("Gamma"), "-");
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, feed_open, feed_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(test_what_can_be_connected),
		ROW(test_changes),
		ROW(test_the_first_count_makes_it_active),
		ROW(test_a_burst_is_one_run_and_one_job),
		ROW(test_a_long_burst_ends),
		ROW(test_no_build_queues_nothing),
		ROW(test_an_overdue_end_is_queued_again),
		ROW(test_states),
		ROW(test_disconnecting_keeps_what_it_knows),
		ROW(test_services_of_one_name),
		ROW(test_ids_differing_in_case),
	};

	return cmocka_run_group_tests_name("integration", tests, NULL, NULL);
}
