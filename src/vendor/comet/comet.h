/* comet.h - inside of the Comet Backup connector: the admin API of a Comet Server.
 *
 * Profiles of users hold passwords, keys of storage and of encryption. What is not counted is dropped while the answer
 * is scanned, before anything is made of it: comet_filter().
 */
#ifndef VENDOR_COMET_COMET_H
#define VENDOR_COMET_COMET_H

#include "base/buf.h"
#include "vendor/line.h"
#include "vendor/vendor.h"

enum { COMET_ANSWER_MAX = 256 << 20 };

/* Which members are kept. A list ends with name == NULL; "*" stands for any name. */
struct comet_shape {
	const char *name;
	const struct comet_shape *members;	/* of an object; NULL: it must be a text, a number or a switch */
};

struct comet_client {
	struct vendor_line line;
	const struct json *settings;
	struct arena arena;		/* of the client's life: base, session */
	const char *base;		/* "https://comet.example.com" */
	const char *session;		/* NULL = not signed in */
};

/* Copies the JSON text of an object with only those members that the shape has. Lists are dropped. RC_INVALID: it is
 * no JSON, or ends too early. */
enum rc comet_filter(
	const char *text, size_t len, const struct comet_shape *shape, struct buf *out, struct err *e) MUST_CHECK;

/* RC_INVALID: a setting is wrong. Talks to nobody. */
enum rc comet_open(const struct pull_host *host, const struct json *settings, const struct pull_sink *sink,
	struct comet_client *ret, struct err *e) MUST_CHECK;
/* Ends the session, if there is one. */
void comet_close(struct comet_client *c);
/* RC_UNAUTHORIZED: the server does not accept name and password, in its words. */
enum rc comet_sign_in(struct comet_client *c, struct err *e) MUST_CHECK;
/* POST /api/v1/admin/{call}; what of the answer the shape has, as JSON in `a`. RC_DENIED: the server says no (an error
 * that came with status 200 counts); RC_REMOTE: it failed after the tries that a reading allows. */
enum rc comet_call(struct comet_client *c, struct arena *a, const char *call, const struct comet_shape *shape,
	const struct json **ret, struct err *e) MUST_CHECK;

extern const struct vendor_setting comet_settings[];
extern const struct pull_ops comet_pull;

#endif
