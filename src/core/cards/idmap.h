/* idmap.h - ids to the place of their row in an array: the hash join's hash. Pure. */
#ifndef CORE_IDMAP_H
#define CORE_IDMAP_H

#include "base/mem.h"

#define IDMAP_NONE UINT32_MAX

/* Keys are kept by pointer and must outlive the map. All memory is the arena's. */
struct idmap {
	struct arena *arena;
	struct idmap_slot *slots;
	size_t mask, used;
};

/* A map with room for `expect` keys; it grows beyond that. */
void idmap_init(struct idmap *m, struct arena *a, size_t expect);
/* A key that is there already keeps its first value. */
void idmap_put(struct idmap *m, const char *key, uint32_t value);
/* IDMAP_NONE when the key is not there, or NULL. */
uint32_t idmap_get(const struct idmap *m, const char *key);

/* 64 bits over the bytes, on top of `seed`; the same in every process. */
uint64_t idmap_hash(uint64_t seed, const void *data, size_t len);

/* The same for a pair of places: (account, product) to a group. */
struct pairmap {
	struct arena *arena;
	struct pairmap_slot *slots;
	size_t mask, used;
};

void pairmap_init(struct pairmap *m, struct arena *a, size_t expect);
void pairmap_put(struct pairmap *m, uint32_t a, uint32_t b, uint32_t value);
uint32_t pairmap_get(const struct pairmap *m, uint32_t a, uint32_t b);

#endif
