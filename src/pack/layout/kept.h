/*
 * The parts of an older image that stay where they are: plain data, which pack/like has settled
 * before anything is arranged. Arranging uses these data, and knows nothing of the older image.
 */
#ifndef CRAMFS_PACK_LAYOUT_KEPT_H
#define CRAMFS_PACK_LAYOUT_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a slot's block stays. */
struct kept_slot {
    uint64_t offset; /* of the piece: at its length, if it has one */
    uint32_t block;  /* in the store; NO_BLOCK: it needs a new place */
    bool head;       /* direct pointers lead there */
    bool rewritten;  /* a page in place that differs from the older image */
};

struct kept_table {
    size_t first_slot; /* in kept->slots; as many as the table has */
    bool paired;       /* it has such slots */
    bool stays;
    bool raw;        /* its blocks are to be stored: it shares none that an older image deflated */
    uint32_t offset; /* when it stays */
};

struct kept {
    const struct kept_table *tables; /* one for each table of the arrangement */
    const struct kept_slot *slots;
    /* Blocks of the store from `first_encoding` on: the block of the tree that each encodes. */
    const uint32_t *originals;
    size_t originals_count;
    size_t first_encoding;
};

/* The block of the tree that a block of the store encodes; the block itself if it is the tree's. */
static inline uint32_t kept_original(const struct kept *kept, uint32_t block)
{
    if (block < kept->first_encoding || block - kept->first_encoding >= kept->originals_count)
        return block;
    return kept->originals[block - kept->first_encoding];
}

#endif
