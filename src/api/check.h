/* check.h - a request body against the fields that its route names. Pure. */
#ifndef API_CHECK_H
#define API_CHECK_H

#include "api/route.h"

enum { CHECK_TEXT_MAX = 1000, CHECK_ARRAY_MAX = 100000 };

typedef void (*check_fn)(void *arg, const char *pointer, const char *detail);

/* Calls `complain` for each thing that is wrong, with a JSON pointer. Members that no field names are left alone. True
 * when nothing was wrong. */
bool check_body(const struct field *fields, const struct json *body, check_fn complain, void *arg);

#endif
