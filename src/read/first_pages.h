/* The first entry that has a given page in place. */
#ifndef CRAMFS_READ_FIRST_PAGES_H
#define CRAMFS_READ_FIRST_PAGES_H

#include "base/hash.h"

/* Starts as {0}; freed with first_pages_free(). */
struct first_pages {
    struct first_page *list;
    size_t list_count;
    size_t list_capacity;
    struct hash_index by_offset;
};

struct first_page {
    uint64_t offset;
    uint32_t entry;
};

/*
 * Adds `entry` for the page at this offset. *first is the first entry that has the page: if none
 * had it before, `entry` itself, and *added is true. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int first_pages_add(struct first_pages *pages, uint64_t offset, uint32_t entry, uint32_t *first,
                    bool *added);
void first_pages_free(struct first_pages *pages);

#endif
