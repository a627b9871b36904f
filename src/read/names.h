/* Names in their directories: their order, and which names a directory has already. */
#ifndef CRAMFS_READ_NAMES_H
#define CRAMFS_READ_NAMES_H

#include "base/hash.h"
#include "cramfs/walk.h"

/* By bytes, as memcmp() does; of two names that begin alike the shorter is less. */
int name_compare(const struct cramfs_entry *a, const struct cramfs_entry *b);

/* Names seen so far. Starts as {0}; freed with hash_index_free(). */
struct entry_names {
    struct hash_index index;
};

/*
 * Adds an entry's name. *twin becomes the first entry of that name in the same directory, or
 * CRAMFS_NO_ENTRY. A twin is not added, so each of a thousand equal names is compared with the
 * first only. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int names_add(struct entry_names *names, const struct cramfs_entries *entries, uint32_t number,
              uint32_t *twin);

#endif
