/* match.h - from a method and a path to a route. */
#ifndef API_MATCH_H
#define API_MATCH_H

#include "api/route.h"

struct matcher;

/* Reads the tables (NULL ends the list). Two routes with the same method and shape are a BUG. */
struct matcher *matcher_new(const struct route *const *tables);
void matcher_free(struct matcher *m);

/* The route, with rq->param filled from the request's arena; HEAD finds GET. NULL: none. Then *ret_allow names the
 * methods that the path does have ("GET, PUT"), or is NULL. */
const struct route *matcher_find(const struct matcher *m, struct request *rq, const char **ret_allow);

/* The n-th route of all, NULL after the last. */
const struct route *matcher_at(const struct matcher *m, unsigned n);

#endif
