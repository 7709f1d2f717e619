/* catalogue.h - the vendors behind the Integrations tab: those with code of ours, those that push, and the declared
 * ones that are part of the program or lie in a folder of the user's. */
#ifndef VENDOR_CATALOGUE_H
#define VENDOR_CATALOGUE_H

#include "vendor/vendor.h"

/* NULL when there is no such vendor. */
const struct vendor *vendor_find(const char *id);
/* The i-th vendor, NULL after the last. */
const struct vendor *vendor_at(size_t i);

/* Adds the declarations (*.json) of a folder; one with the id of a declaration of ours takes its place. Before any
 * thread asks for a vendor. Files that are wrong are told to `wrong` and left out. RC_NOT_FOUND: there is no such
 * folder. */
enum rc catalogue_load(const char *dir, void (*wrong)(void *arg, const char *file, const struct err *why), void *arg,
	struct err *e) MUST_CHECK;

#endif
