/* vendor_face.h - what the operations of the vendor push API share: who pushes, and how its bodies are read.
 *
 * Words of a complaint begin with the member's path, as vendors know them: "[0].name must be a non-empty string".
 */
#ifndef API_VENDOR_FACE_H
#define API_VENDOR_FACE_H

#include "api/route.h"
#include "core/integration.h"

/* Whether a token without its partner half is enough. */
enum vendor_token { TOKEN_WHOLE, TOKEN_VENDOR };

/* Finds the integration by the header and sets c->who. RC_UNAUTHORIZED. */
enum rc vendor_enter(struct call *c, enum vendor_token need, struct integration *ret, struct err *e) MUST_CHECK;
/* The same for a write, which then has the organization to itself; *ret_seen as of call_once(). */
enum rc vendor_enter_write(struct call *c, enum vendor_token need, struct integration *ret, bool *ret_seen,
	struct err *e) MUST_CHECK;
/* Who pushes, for the log. */
struct principal vendor_principal(const char *org, const char *integration, const char *name);

/* The n-th path parameter with '+' read as a blank: for the second look when the first found nothing. */
const char *vendor_param_plus(struct call *c, unsigned n);
/* ?name=true|True|TRUE|1|false|False|FALSE|0. RC_INVALID. */
enum rc vendor_query_bool(struct call *c, const char *name, bool fallback, bool *ret, struct err *e) MUST_CHECK;
/* True when the id is among ?name=a&name=b, name[]=, or comma lists; also when none is given. */
bool vendor_query_has(struct call *c, const char *name, const char *id);

/* The items of a body that is an array, one object, or {"value":[...],"Count":n}; `prefix` of the n-th is
 * vendor_prefix(). RC_INVALID when it is none of these. */
enum rc vendor_items(struct call *c, const struct json **ret_first, struct err *e) MUST_CHECK;
/* "[2]." for the items of an array, "" for a bare object. */
const char *vendor_prefix(struct call *c, size_t n);

enum vendor_need { VENDOR_OPTIONAL, VENDOR_STRING, VENDOR_NON_EMPTY };

/* Reads a text member; a number counts as its digits when `digits`. NULL when absent or null (then a complaint unless
 * VENDOR_OPTIONAL). False when it complained. `max` in bytes. */
bool vendor_text(struct call *c, const struct json *object, const char *prefix, const char *key, enum vendor_need need,
	bool digits, size_t max, const char **ret);
/* 1, 0, or -1 when absent. False when it complained. */
bool vendor_flag(struct call *c, const struct json *object, const char *prefix, const char *key, int *ret);
/* RC_INVALID when there were complaints, whose words are kept with the call. */
enum rc vendor_wrong(struct err *e);

#endif
