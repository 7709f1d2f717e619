/* vendor_face.h - what the operations of the vendor push API share: who pushes, and how its bodies are read.
 *
 * Words of a complaint begin with the member's path, as vendors know them: "[0].name must be a non-empty string".
 */
#ifndef API_VENDOR_FACE_H
#define API_VENDOR_FACE_H

#include "api/route.h"
#include "core/usage/integration.h"

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

enum vendor_need { VENDOR_OPTIONAL, VENDOR_STRING, VENDOR_NON_EMPTY };

/* Reads a text member; a number counts as its digits when `digits`. NULL when absent or null (then a complaint unless
 * VENDOR_OPTIONAL). False when it complained. `max` in bytes. */
bool vendor_text(struct call *c, const struct json *object, const char *prefix, const char *key, enum vendor_need need,
	bool digits, size_t max, const char **ret);
/* 1, 0, or -1 when absent. False when it complained. */
bool vendor_flag(struct call *c, const struct json *object, const char *prefix, const char *key, int *ret);
/* What a vendor says of an account or a service that it names itself; NULL (or -1) was not said. */
struct vendor_named {
	const char *vendor_id, *name, *description;
	int is_active, is_arrears;
};

/* Reads one. `make`: id and name must be there; otherwise empty ones count as not said. False when it complained. */
bool vendor_read_named(struct call *c, const struct json *v, const char *prefix, bool make, struct vendor_named *ret);
/* Reads the items of a body that is an array, one object, or {"value":[...],"Count":n}, all before the first is
 * written: a complaint leaves nothing behind. With `make` false each must name what it changes by its id.
 * RC_INVALID. */
enum rc vendor_read_all_named(
	struct call *c, bool make, struct vendor_named **ret, size_t *ret_count, struct err *e) MUST_CHECK;
/* Writes the members that both have; `id` is the vendor's. The object stays open. */
void vendor_write_named(struct jsonw *w, const char *id, const char *name, const char *description, const char *mapping,
	const char *mapping_id);
/* RC_INVALID when there were complaints, whose words are kept with the call. */
enum rc vendor_wrong(struct err *e);

#endif
