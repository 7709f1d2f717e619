/* schema.h - holds a JSON value to a JSON Schema: the part of draft 2020-12 that vendors/schema.json uses. */
#ifndef VENDOR_DECLARED_SCHEMA_H
#define VENDOR_DECLARED_SCHEMA_H

#include "base/json.h"

/* RC_INVALID with the JSON pointer of the first place that does not fit and what would. */
enum rc schema_check(struct arena *a, const struct json *schema, const struct json *value, struct err *e) MUST_CHECK;

#endif
