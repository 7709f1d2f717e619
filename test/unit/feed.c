#include "feed.h"

#include "core/people/org.h"
#include "core/usage/service.h"
#include "core/usage/vendor_account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct feed feed;

static utime feed_clock(void)
{
	return feed.now;
}

static void must(enum rc rc, const struct err *e)
{
	if (rc == RC_OK)
		return;
	fprintf(stderr, "feed: %s\n", e->text);
	abort();
}

static enum rc make_fn(struct tx *tx, void *arg, struct err *e)
{
	struct integration_new n = { .vendor = "custom", .name = "Nimbus Vault" };
	const char *org, *id;
	enum rc rc = org_create(tx, "Alder Ridge IT", NULL, &org, e);

	if (rc == RC_OK)
		rc = integration_create(tx, org, &n, &id, e);
	if (rc != RC_OK)
		return rc;
	snprintf(feed.org, sizeof(feed.org), "%s", org);
	snprintf(feed.integration, sizeof(feed.integration), "%s", id);
	return RC_OK;
}

int feed_open(void **state)
{
	struct err e = ERR_INIT;

	memset(&feed, 0, sizeof(feed));
	if (clock_parse("2026-09-01T08:00:00Z", &feed.now) != RC_OK)
		abort();
	clock_set_source(feed_clock);
	testdb_open(&feed.db);
	must(feed_write(make_fn, NULL, &e), &e);
	return 0;
}

int feed_close(void **state)
{
	clock_set_source(NULL);
	arena_release(&feed.arena);
	testdb_remove(&feed.db);
	return 0;
}

enum rc feed_write(db_fn fn, void *arg, struct err *e)
{
	return db_write(feed.db.db, fn, arg, e);
}

enum rc feed_read(db_fn fn, void *arg, struct err *e)
{
	return db_read(feed.db.db, fn, arg, e);
}

struct made {
	const char *vendor_id, *id;
};

static enum rc account_fn(struct tx *tx, void *arg, struct err *e)
{
	struct made *m = arg;
	struct vendor_account_put p = {
		.vendor_id = m->vendor_id, .name = m->vendor_id, .is_active = -1, .is_arrears = -1
	};
	struct vendor_account a;
	enum rc rc = vendor_account_put(tx, &feed.arena, feed.org, feed.integration, &p, &a, e);

	m->id = a.id;
	return rc;
}

static enum rc service_fn(struct tx *tx, void *arg, struct err *e)
{
	struct made *m = arg;
	struct service_put p = { .vendor_id = m->vendor_id, .name = m->vendor_id, .is_active = -1, .is_arrears = -1 };
	struct service s;
	enum rc rc = service_put_organization(tx, &feed.arena, feed.org, feed.integration, &p, &s, e);

	m->id = s.id;
	return rc;
}

const char *feed_account(const char *vendor_id)
{
	struct made m = { vendor_id, NULL };
	struct err e = ERR_INIT;

	must(feed_write(account_fn, &m, &e), &e);
	return m.id;
}

const char *feed_service(const char *vendor_id)
{
	struct made m = { vendor_id, NULL };
	struct err e = ERR_INIT;

	must(feed_write(service_fn, &m, &e), &e);
	return m.id;
}

static enum rc get_fn(struct tx *tx, void *arg, struct err *e)
{
	return integration_get(tx, &feed.arena, feed.org, feed.integration, arg, e);
}

struct integration feed_integration(void)
{
	struct err e = ERR_INIT;
	struct integration i;

	must(feed_read(get_fn, &i, &e), &e);
	return i;
}
