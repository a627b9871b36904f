/*
 * Hashes of untrusted bytes, and an index by them.
 *
 * The hash is SipHash-1-3; long inputs are first reduced to keyed sums of their KiBs. Each process
 * draws the key at random, so nobody can make an image or a tree in which all names or contents
 * have one hash. Therefore no result may depend on a hash: equal inputs give equal results in every
 * process. Records with equal hashes are always compared: a collision costs time, and never gives a
 * wrong answer. Do not store hashes in files.
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
 * most half full. Starts as {0}; several records may have one hash.
 */
struct hash_index {
    struct hash_slot *slots;
    size_t capacity;
    size_t count;
};

/*
 * Half of each hash: enough to find a record's place. Records that match by chance are compared
 * anyway.
 */
struct hash_slot {
    uint32_t hash;
    uint32_t number_plus_one; /* 0: free */
};

/*
 * Whether a record is the wanted one. `wanted` is the caller's: the key, and where the records are.
 */
typedef bool hash_equal_fn(void *wanted, uint32_t number);

/* Returns 0, or -CRAMFS_ERR_MEMORY; then the index does not change. */
int hash_index_add(struct hash_index *index, uint64_t hash, uint32_t number);

/*
 * Finds the next record with this hash that is equal, after *cursor (0 at first). Records come in
 * the order in which they were added. Returns false at the end.
 */
bool hash_index_next(const struct hash_index *index, uint64_t hash, hash_equal_fn *equal,
                     void *wanted, size_t *cursor, uint32_t *number);

/* Finds the first such record. */
static inline bool hash_index_find(const struct hash_index *index, uint64_t hash,
                                   hash_equal_fn *equal, void *wanted, uint32_t *number)
{
    size_t cursor = 0;
    return hash_index_next(index, hash, equal, wanted, &cursor, number);
}

/* Removes a record, which must exist. Not between calls of hash_index_next(). */
void hash_index_remove(struct hash_index *index, uint64_t hash, uint32_t number);

void hash_index_free(struct hash_index *index);

#endif
