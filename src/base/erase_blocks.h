/*
 * Which erase blocks of an older image differ from a newer one, as far as that is known. What is
 * after the older image differs in any case, and is in no list.
 */
#ifndef CRAMFS_BASE_ERASE_BLOCKS_H
#define CRAMFS_BASE_ERASE_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>

struct erase_blocks {
    bool *changed;
    uint64_t count;
    uint64_t unit; /* bytes of each */
};

/* None of an image of `size` bytes differs yet. Returns 0 or -CRAMFS_ERR_MEMORY. */
int erase_blocks_create(struct erase_blocks *blocks, uint64_t size, uint64_t unit);

/* A copy, in *to. Returns 0 or -CRAMFS_ERR_MEMORY. */
int erase_blocks_copy(const struct erase_blocks *blocks, struct erase_blocks *to);

/* Those of one that starts as {0}, too. */
void erase_blocks_free(struct erase_blocks *blocks);

/* Those that hold any of these bytes differ. */
void erase_blocks_mark(struct erase_blocks *blocks, uint64_t offset, uint64_t length);

/* How many would differ for these bytes that do not yet, those behind the older image included. */
uint64_t erase_blocks_unchanged(const struct erase_blocks *blocks, uint64_t offset,
                                uint64_t length);

/* How many differ. */
uint64_t erase_blocks_changed(const struct erase_blocks *blocks);

/* Whether this one of the older image differs; false behind it. */
static inline bool erase_block_changed(const struct erase_blocks *blocks, uint64_t number)
{
    return number < blocks->count && blocks->changed[number];
}

#endif
