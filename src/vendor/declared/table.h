/* table.h - texts to pointers, in an arena: what was seen already, and sums by their key. */
#ifndef VENDOR_DECLARED_TABLE_H
#define VENDOR_DECLARED_TABLE_H

#include "base/mem.h"

struct table_slot {
	const char *key;
	void *value;
};

struct table {
	struct table_slot *slots;
	size_t room, used;
};

/* The place of the key's value, NULL in a key that is new; keys are copied. Valid until the next call. */
void **table_at(struct table *t, struct arena *a, const char *key);
/* True the first time it is asked for a key. */
bool table_new(struct table *t, struct arena *a, const char *key);
void *table_get(const struct table *t, const char *key);

#endif
