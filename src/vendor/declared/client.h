/* client.h - requests of a declared vendor: signed in as its "auth" says, paced, with answers read as JSON. */
#ifndef VENDOR_DECLARED_CLIENT_H
#define VENDOR_DECLARED_CLIENT_H

#include "vendor/declared/table.h"
#include "vendor/declared/value.h"
#include "vendor/line.h"

struct client {
	struct env env;
	struct vendor_line line;
	struct arena arena;		/* of the client's life: tokens */
	struct table tokens;		/* by the request that gave them */
	size_t answer_max;
};

struct ask {
	const char *method;
	const char *url;		/* whole, with its query */
	const struct json *headers;	/* name: template; NULL = none */
	const char *body, *type;	/* NULL = none */
	const char *what;		/* "GET /v1/organizations", for sentences: without query and secrets */
};

struct reply {
	const struct json *body;
	const char *link_next;		/* of the Link header, NULL = none */
	int status;
};

/* RC_INVALID: a setting is wrong, with its pointer. Talks to nobody. */
enum rc client_open(struct client *c, const struct declared *d, const struct pull_host *host,
	const struct json *settings, const struct pull_sink *sink, struct err *e) MUST_CHECK;
void client_close(struct client *c);
/* Signs in where the vendor wants that; others are signed in by every request. */
enum rc client_sign_in(struct client *c, const struct scope *s, struct err *e) MUST_CHECK;
/* RC_UNAUTHORIZED: credentials are not taken; RC_DENIED: this may not be read or is not there (403, 404);
 * RC_REMOTE: it failed after the tries that a reading allows. With ret->status in any case, 0 = no answer. */
enum rc client_ask(struct client *c, struct arena *a, const struct scope *s, const struct ask *ask, struct reply *ret,
	struct err *e) MUST_CHECK;

/* {name: template} as "a=1&b=2", without members that come out empty. */
void client_form(
	const struct client *c, struct arena *a, const struct scope *s, const struct json *members, struct buf *out);
/* A JSON value with its texts filled in. At the place `path` ("params/page", NULL = nowhere) stands `value` instead: a
 * number where the declaration has one, otherwise a text; NULL leaves what is there. */
void client_json(const struct client *c, struct arena *a, const struct scope *s, const struct json *v, const char *path,
	const char *value, struct jsonw *w);

#endif
