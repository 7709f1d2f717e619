/* coro.h - inside of the Coro connector: the client of its API (docs.coro.net, version 1). */
#ifndef VENDOR_CORO_CORO_H
#define VENDOR_CORO_CORO_H

#include "vendor/line.h"
#include "vendor/vendor.h"

enum { CORO_PAGE = 100, CORO_DEPTH_MAX = 16, CORO_WORKSPACES_MAX = 20000, CORO_PAGES_MAX = 10000 };

struct coro_client {
	struct vendor_line line;
	const struct json *settings;
	const char *base;		/* "https://api.secure.coro.net" */
	struct arena arena;		/* of the client's life: token, base */
	const char *token;
	utime token_until;
	bool other_audience;		/* the audience of the settings was not taken, the other one was */
};

/* RC_INVALID: a setting is wrong. Talks to nobody. */
enum rc coro_client_open(const struct pull_host *host, const struct json *settings, const struct pull_sink *sink,
	struct coro_client *ret, struct err *e) MUST_CHECK;
void coro_client_close(struct coro_client *c);

/* GET {path} scoped to a workspace; the answer as JSON in `a`. RC_UNAUTHORIZED: credentials are not taken; RC_DENIED:
 * this workspace may not be read (403, 404); RC_REMOTE: failed after the tries that a reading allows. */
enum rc coro_get(struct coro_client *c, struct arena *a, const char *workspace, const char *path,
	const struct json **ret, struct err *e) MUST_CHECK;
/* Signs in, unless the token at hand is good for a while. */
enum rc coro_sign_in(struct coro_client *c, struct err *e) MUST_CHECK;

bool coro_hook(const struct json *settings, const char *(*header)(void *arg, const char *name), void *arg);

extern const struct vendor_setting coro_settings[];
extern const struct pull_ops coro_pull;

#endif
