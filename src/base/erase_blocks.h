/*
 * Which erase blocks of an older image differ from a newer one, as far as is known. Blocks after
 * the end of the older image differ in any case, and are in no list.
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

/* At first no block of an image of `size` bytes differs. Returns 0 or -CRAMFS_ERR_MEMORY. */
int erase_blocks_create(struct erase_blocks *blocks, uint64_t size, uint64_t unit);

/* Copies the list to *to. Returns 0 or -CRAMFS_ERR_MEMORY. */
int erase_blocks_copy(const struct erase_blocks *blocks, struct erase_blocks *to);

/* Accepts a list that is all zeroes, too. */
void erase_blocks_free(struct erase_blocks *blocks);

/* Marks the blocks that hold any of these bytes: they differ. */
void erase_blocks_mark(struct erase_blocks *blocks, uint64_t offset, uint64_t length);

/* How many more blocks would differ for these bytes, blocks after the older image included. */
uint64_t erase_blocks_unchanged(const struct erase_blocks *blocks, uint64_t offset,
                                uint64_t length);

/* How many differ. */
uint64_t erase_blocks_changed(const struct erase_blocks *blocks);

/* Whether a block of the older image differs; false after its end. */
static inline bool erase_block_changed(const struct erase_blocks *blocks, uint64_t number)
{
    return number < blocks->count && blocks->changed[number];
}

#endif
