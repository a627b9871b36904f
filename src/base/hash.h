/*
 * A 64-bit hash for tables that compare whatever it brings together: a collision costs time, never
 * a wrong answer. Not for storage: its values may change with any version.
 */
#ifndef CRAMFS_BASE_HASH_H
#define CRAMFS_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t hash_bytes(const void *bytes, size_t length, uint64_t seed);

/* Mixes one more integer into a hash. */
uint64_t hash_mix(uint64_t hash, uint64_t value);

/*
 * An index from 64-bit hashes to 32-bit numbers of the caller's own records: open addressing, at
 * most half full. Zero-initialise it; several records may stand under one hash.
 */
struct hash_index {
    struct hash_slot *slots;
    size_t capacity;
    size_t count;
};

/* Half of each hash: enough to find its place, and what else it lets through is compared anyway. */
struct hash_slot {
    uint32_t hash;
    uint32_t number_plus_one; /* 0: free */
};

/* Returns 0, or -CRAMFS_ERR_MEMORY with the index as it was. */
int hash_index_add(struct hash_index *index, uint64_t hash, uint32_t number);

/*
 * Walks the records under `hash`: start with *cursor = 0; returns 1 and a number, or 0 at the end.
 */
int hash_index_next(const struct hash_index *index, uint64_t hash, size_t *cursor,
                    uint32_t *number);

/* Takes a record out, which must be there; not within a walk. */
void hash_index_remove(struct hash_index *index, uint64_t hash, uint32_t number);

void hash_index_free(struct hash_index *index);

#endif
