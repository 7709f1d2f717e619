#include "core/cards/idmap.h"

#include <string.h>

/* Open addressing, at most half full. */
struct idmap_slot {
	uint64_t hash;
	const char *key;
	uint32_t value;
};

struct pairmap_slot {
	uint64_t key;
	uint32_t value;
	bool taken;
};

#define MIX_A UINT64_C(0x9e3779b97f4a7c15)
#define MIX_B UINT64_C(0xd6e8feb86659fd93)

static uint64_t mix(uint64_t h)
{
	h = (h ^ (h >> 32)) * MIX_B;
	h = (h ^ (h >> 29)) * MIX_A;
	return h ^ (h >> 32);
}

uint64_t idmap_hash(uint64_t seed, const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t h = seed ^ (len * MIX_A), word;

	for (; len >= 8; len -= 8, p += 8) {
		memcpy(&word, p, 8);
		h = (h ^ word) * MIX_B;
		h ^= h >> 32;
	}
	word = 0;
	if (len)
		memcpy(&word, p, len);
	return mix((h ^ word) * MIX_B);
}

static size_t room_for(size_t expect)
{
	size_t size = 64;

	while (size < expect * 2)
		size *= 2;
	return size;
}

void idmap_init(struct idmap *m, struct arena *a, size_t expect)
{
	size_t size = room_for(expect);

	m->arena = a;
	m->mask = size - 1;
	m->used = 0;
	m->slots = arena_array(a, size, sizeof(*m->slots));
}

static struct idmap_slot *slot_of(const struct idmap *m, uint64_t hash, const char *key)
{
	size_t i = hash & m->mask;

	while (m->slots[i].key && (m->slots[i].hash != hash || strcmp(m->slots[i].key, key) != 0))
		i = (i + 1) & m->mask;
	return &m->slots[i];
}

static void grow_ids(struct idmap *m)
{
	struct idmap old = *m;

	idmap_init(m, old.arena, old.mask + 1);
	for (size_t i = 0; i <= old.mask; i++) {
		if (!old.slots[i].key)
			continue;
		*slot_of(m, old.slots[i].hash, old.slots[i].key) = old.slots[i];
		m->used++;
	}
}

void idmap_put(struct idmap *m, const char *key, uint32_t value)
{
	uint64_t hash = idmap_hash(0, key, strlen(key));
	struct idmap_slot *s;

	if (m->used * 2 > m->mask)
		grow_ids(m);
	s = slot_of(m, hash, key);
	if (s->key)
		return;
	*s = (struct idmap_slot){ hash, key, value };
	m->used++;
}

uint32_t idmap_get(const struct idmap *m, const char *key)
{
	const struct idmap_slot *s;

	if (!key)
		return IDMAP_NONE;
	s = slot_of(m, idmap_hash(0, key, strlen(key)), key);
	return s->key ? s->value : IDMAP_NONE;
}

void pairmap_init(struct pairmap *m, struct arena *a, size_t expect)
{
	size_t size = room_for(expect);

	m->arena = a;
	m->mask = size - 1;
	m->used = 0;
	m->slots = arena_array(a, size, sizeof(*m->slots));
}

static struct pairmap_slot *pair_slot(const struct pairmap *m, uint64_t key)
{
	size_t i = mix(key) & m->mask;

	while (m->slots[i].taken && m->slots[i].key != key)
		i = (i + 1) & m->mask;
	return &m->slots[i];
}

static void grow_pairs(struct pairmap *m)
{
	struct pairmap old = *m;

	pairmap_init(m, old.arena, old.mask + 1);
	for (size_t i = 0; i <= old.mask; i++) {
		if (!old.slots[i].taken)
			continue;
		*pair_slot(m, old.slots[i].key) = old.slots[i];
		m->used++;
	}
}

static uint64_t pair_key(uint32_t a, uint32_t b)
{
	return (uint64_t)a << 32 | b;
}

void pairmap_put(struct pairmap *m, uint32_t a, uint32_t b, uint32_t value)
{
	struct pairmap_slot *s;

	if (m->used * 2 > m->mask)
		grow_pairs(m);
	s = pair_slot(m, pair_key(a, b));
	if (!s->taken)
		m->used++;
	*s = (struct pairmap_slot){ pair_key(a, b), value, true };
}

uint32_t pairmap_get(const struct pairmap *m, uint32_t a, uint32_t b)
{
	const struct pairmap_slot *s = pair_slot(m, pair_key(a, b));

	return s->taken ? s->value : IDMAP_NONE;
}
