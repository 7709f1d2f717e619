#include "vendor/declared/table.h"

#include <string.h>

static size_t hash(const char *s)
{
	uint64_t h = UINT64_C(1469598103934665603);

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	return (size_t)(h ^ h >> 29);
}

static struct table_slot *find(const struct table *t, const char *key)
{
	for (size_t i = hash(key);; i++) {
		struct table_slot *s = &t->slots[i & (t->room - 1)];

		if (!s->key || strcmp(s->key, key) == 0)
			return s;
	}
}

static void grow(struct table *t, struct arena *a)
{
	struct table old = *t;

	t->room = old.room ? old.room * 2 : 64;
	t->slots = arena_array(a, t->room, sizeof(*t->slots));
	for (size_t i = 0; i < old.room; i++) {
		if (old.slots[i].key)
			*find(t, old.slots[i].key) = old.slots[i];
	}
}

void **table_at(struct table *t, struct arena *a, const char *key)
{
	struct table_slot *s;

	if (t->used * 3 >= t->room * 2)
		grow(t, a);
	s = find(t, key);
	if (!s->key) {
		s->key = arena_strdup(a, key);
		t->used++;
	}
	return &s->value;
}

bool table_new(struct table *t, struct arena *a, const char *key)
{
	void **at = table_at(t, a, key);
	bool fresh = *at == NULL;

	*at = t;
	return fresh;
}

void *table_get(const struct table *t, const char *key)
{
	return t->room ? find(t, key)->value : NULL;
}
