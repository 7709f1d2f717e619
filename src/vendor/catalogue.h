/* catalogue.h - the vendors behind the Integrations tab. */
#ifndef VENDOR_CATALOGUE_H
#define VENDOR_CATALOGUE_H

#include "vendor/vendor.h"

/* NULL when there is no such vendor. */
const struct vendor *vendor_find(const char *id);
/* The i-th vendor, NULL after the last. */
const struct vendor *vendor_at(size_t i);

#endif
