/* openapi.h - the description of the API, made from the route tables. */
#ifndef API_OPENAPI_H
#define API_OPENAPI_H

#include "api/match.h"

/* OpenAPI 3.1 as JSON; free() it. Each operation says its least role in "x-role". */
char *openapi_text(const struct matcher *m);

#endif
