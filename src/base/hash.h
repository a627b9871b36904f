/*
 * Hashes of what others made, and an index by them.
 *
 * The hash is SipHash-1-3, of long inputs over keyed sums of their KiBs, with a key that each
 * process draws at random: nobody can make an image or a tree whose names or contents all have one
 * hash. So no result may depend on a hash: equal inputs give equal results in every process. What a
 * hash brings together is always compared; a collision costs time, never a wrong answer. Not for
 * storage.
 */
#ifndef CRAMFS_BASE_HASH_H
#define CRAMFS_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

uint64_t hash_bytes(const void *bytes, size_t length, uint64_t seed);

/* Mixes one more integer into a hash. */
uint64_t hash_mix(uint64_t hash, uint64_t value);

/*
 * An index from 64-bit hashes to 32-bit numbers of the caller's own records: open addressing, at
 * most half full. Zero-initialise it; several records may have one hash.
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

/*
 * Whether a record is what is looked for. `wanted` is the caller's: the key, and where the records
 * are.
 */
typedef bool hash_equal_fn(void *wanted, uint32_t number);

/* Returns 0, or -CRAMFS_ERR_MEMORY with the index as it was. */
int hash_index_add(struct hash_index *index, uint64_t hash, uint32_t number);

/*
 * Goes on from *cursor, 0 at first, to the next record under `hash` that is equal; they come in the
 * order in which they were added. Returns false at the end.
 */
bool hash_index_next(const struct hash_index *index, uint64_t hash, hash_equal_fn *equal,
                     void *wanted, size_t *cursor, uint32_t *number);

/* The first of them. */
static inline bool hash_index_find(const struct hash_index *index, uint64_t hash,
                                   hash_equal_fn *equal, void *wanted, uint32_t *number)
{
    size_t cursor = 0;
    return hash_index_next(index, hash, equal, wanted, &cursor, number);
}

/* Takes a record out, which must be there; not within a walk. */
void hash_index_remove(struct hash_index *index, uint64_t hash, uint32_t number);

void hash_index_free(struct hash_index *index);

#endif
