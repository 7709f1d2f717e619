/* rate.h - how often somebody may ask: by what they show to be let in, else by their address. */
#ifndef API_RATE_H
#define API_RATE_H

#include "api/work.h"

/* RC_BUSY with a Retry-After: too often. Counts by the credential itself and not by its spelling, so that neither other
 * headers, other cookies nor blanks make another asker of the same one. */
enum rc rate_check(struct api_server *s, const struct route *r, struct request *rq, struct err *e) MUST_CHECK;
/* For who showed a credential that nobody has: they count by their address, apart from who shows none. RC_UNAUTHORIZED
 * as before, or RC_BUSY. */
enum rc rate_stranger(struct api_server *s, const struct route *r, struct request *rq, struct err *e) MUST_CHECK;

#endif
