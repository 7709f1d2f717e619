/* feed.h - for tests of what vendors send: a store with one organization and one integration, on a clock of its own. */
#ifndef TEST_FEED_H
#define TEST_FEED_H

#include "core/usage/observe.h"
#include "testdb.h"

struct feed {
	struct testdb db;
	struct arena arena;
	char org[32], integration[32];
	utime now;
};

extern struct feed feed;

/* For cmocka: setup and teardown. */
int feed_open(void **state);
int feed_close(void **state);
/* Runs `fn` in a write or read of the feed's store; what it returns, with e.text printed when it failed and should
 * not. */
enum rc feed_write(db_fn fn, void *arg, struct err *e);
enum rc feed_read(db_fn fn, void *arg, struct err *e);
/* Makes an account or a service with this vendor id; gives our id, in the feed's arena. */
const char *feed_account(const char *vendor_id);
const char *feed_service(const char *vendor_id);
/* The integration as it is now, in the feed's arena. */
struct integration feed_integration(void);

#endif
