/* redact.h - a vendor's raw answer without what must not leave: secrets and whom it is about. Its shape stays.
 *
 * Names of members stay, and numbers that count, switches, dates, and the words of members that say a state or a kind.
 * Every other text becomes its pattern ("Anna 7" is "xxxx 0"), what is called like a secret is gone, and of a list
 * three elements are left.
 */
#ifndef CORE_REDACT_H
#define CORE_REDACT_H

#include "base/json.h"

void redact_json(struct jsonw *w, const struct json *v);
/* "GET /v1/customers/77/usage" to "GET /v1/customers/.../usage". In the arena. */
char *redact_path(struct arena *a, const char *what);

#endif
