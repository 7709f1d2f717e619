/* route.h - what a route is, and what a handler gets. The tables are in api/routes.c.
 *
 * A route row says everything about a route: path, role, body, limits, audit event. Dispatch,
 * checks, idempotency, OpenAPI and the authorization tests come from it. There is no route
 * without a role.
 *
 * ROUTE_READ   runs on a worker thread inside db_read().
 * ROUTE_WRITE  runs inside a grouped write; the answer leaves after the commit. Sign-in check,
 *              idempotency record and audit row are part of the same transaction.
 * ROUTE_WORK   runs on a worker thread without a transaction (remote calls, password hashing) and
 *              opens its own.
 * ROUTE_STREAM keeps the connection (events): the handler answers by itself, an error is answered for it.
 * ROUTE_NOW    runs on the I/O thread without store or sign-in; open to all, never waits for anything.
 *
 * A path has fixed segments, {name} for one segment, and as its last one {name*} for the whole rest. Of the
 * routes that fit, the one with more fixed segments in front wins.
 *
 * A vendor route (FACE_VENDOR) has ROLE_NONE and finds out itself who asks, from its header: `who` is empty when
 * it starts. As soon as it has set c->who, it calls call_once().
 */
#ifndef API_ROUTE_H
#define API_ROUTE_H

#include "base/json.h"
#include "core/people/access.h"
#include "db/db.h"
#include "http/http.h"

/* Most routes take bodies of up to this many bytes; none takes more than BODY_MOST. */
#define BODY_USUAL (32u << 20)
#define BODY_MOST (100u << 20)

enum route_kind { ROUTE_READ, ROUTE_WRITE, ROUTE_WORK, ROUTE_STREAM, ROUTE_NOW };
enum rate_class { RATE_APP, RATE_SIGNIN, RATE_PUSH, RATE_NONE };

/* Whose words a route speaks. FACE_APP: bearer token or session, problem documents. FACE_VENDOR: the push API of
 * the vendor push API: Gradient-Token, {"statusCode","message"} errors, ASCII-only JSON, numbers of any
 * spelling, bodies in UTF-8 or windows-1252, as JSON or as a form. */
enum face { FACE_APP, FACE_VENDOR };

enum field_type { F_TEXT, F_INT, F_BOOL, F_DECIMAL, F_DATE, F_OBJECT, F_ARRAY, F_ANY };

/* A member of a request body; checked before the handler runs, printed into OpenAPI. Or one of an answer: then it is
 * always there, and the table names all of them. */
struct field {
	const char *name;		/* NULL ends the table */
	enum field_type type;
	bool required;
	bool nullable;			/* in an answer: may be null */
	int max;			/* longest text / most elements; 0 = 1,000 / 100,000 */
	const char *choices;		/* "mapped|excluded|unmapped", or NULL */
	const struct field *members;	/* of an object, or of each element of an array of objects; for an array
					 * of texts NULL */
	const char *help;
};

struct app;
struct call;
typedef enum rc (*route_fn)(struct call *c, struct err *e);

/* The order is that of the rows in the tables of routes. NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding) */
struct route {
	const char *method;
	const char *path;		/* "/api/v1/cards/{id}" */
	enum route_kind kind;
	enum role role;			/* least role; ROLE_NONE = open to all */
	int status;			/* of a success */
	route_fn fn;
	const struct field *body;	/* NULL: no JSON body; the handler may take rq->body as it came. A vendor
					 * route without a table gets whatever JSON came, unchecked */
	enum face face;
	enum rate_class rate;
	const char *event;		/* audit event of a ROUTE_WRITE/WORK, e.g. "mapping.set"; NULL for reads */
	const char *summary;
	size_t max_body;		/* bytes; 0 = BODY_USUAL */
	bool before_second;		/* open to one whose second factor is overdue */
	const struct field *answer;	/* of a success, printed into OpenAPI; NULL = not described */
	bool answer_list;		/* it is a list of these, with next_cursor */
};

/* What follows /api/v1/ in the route's path, "" elsewhere: the beginning up to a slash or dot is what scopes of tokens
 * name. */
const char *route_noun(const struct route *r);

/* One request on its way through a handler. `out` is ready for one JSON value. */
struct call {
	struct app *app;
	struct request *rq;
	const struct route *route;
	struct arena *arena;		/* of the request */
	struct tx *tx;			/* NULL for ROUTE_WORK */
	struct principal who;
	const struct json *body;	/* checked against the route's fields; NULL when none */
	struct jsonw out;
	struct buf out_buf;
	int status;			/* preset from the route */
	const char *content_type;	/* set it to answer something other than JSON, written into out_buf */
	/* For the audit row; set by the handler when it knows better than "the path". */
	const char *audit_object, *audit_before, *audit_after, *audit_why;
};

/* A part of the address, decoded; bytes that are no UTF-8 are read as windows-1252. `plus`: '+' is a blank. */
const char *call_decode(struct call *c, const char *raw, bool plus);
/* Decoded value of the n-th {..} of the path. */
const char *call_param(struct call *c, unsigned n);
/* Query parameter decoded, NULL when absent or empty. */
const char *call_query(struct call *c, const char *name);
/* ?limit=, 1..1000, 100 when absent. RC_INVALID otherwise. */
enum rc call_limit(struct call *c, int64_t *ret, struct err *e) MUST_CHECK;
/* Text member of the body, NULL when absent or null. */
const char *call_text(struct call *c, const char *name);

/* A header for the answer. Both texts live as long as the request. */
void call_add_header(struct call *c, const char *name, const char *value);
/* Notes one thing that is wrong with the body; return RC_INVALID after the last. They become errors[] of the problem
 * document, or the texts of a vendor's "message". `pointer` as in err_at(). */
void call_complain(struct call *c, const char *pointer, const char *fmt, ...) PRINTF(3, 4);
/* Of a vendor's ROUTE_WRITE, after c->who is set: true in *ret_seen when the request carries an Idempotency-Key that
 * was answered before; then the old answer is in `out` and the handler returns RC_OK. */
enum rc call_once(struct call *c, bool *ret_seen, struct err *e) MUST_CHECK;

/* A list answer: {"items":[ ... ],"next_cursor":..}. Between begin and end the handler writes items. */
void call_list_begin(struct call *c);
void call_list_end(struct call *c, const char *next_cursor);

#endif
