/* proxy.h - signing in by a header that a reverse proxy sets, from listed proxies only. */
#ifndef API_PROXY_H
#define API_PROXY_H

#include "base/err.h"

#include <stdbool.h>

/* `list`: addresses and networks, "10.1.2.3, 10.8.0.0/16, fd00::/8". RC_INVALID names the part that is none, also an
 * empty list. */
enum rc proxy_check(const char *list, struct err *e) MUST_CHECK;
/* Whether the peer's address (as text) is one of a checked list. IPv4 inside IPv6 counts as IPv4. */
bool proxy_listed(const char *list, const char *remote);
/* The address of whom a listed proxy names in this request; NULL when that is off, or the request comes from elsewhere
 * or names nobody. */
struct call;
const char *proxy_names(const struct call *c);

#endif
