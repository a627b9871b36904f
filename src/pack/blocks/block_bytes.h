/*
 * The bytes of blocks, inflated where only a deflated form of them is kept.
 */
#ifndef CRAMFS_PACK_BLOCKS_BLOCK_BYTES_H
#define CRAMFS_PACK_BLOCKS_BLOCK_BYTES_H

#include "cramfs/format.h"
#include "pack/blocks/store.h"

/* An inflater, and room for the bytes of one block. It serves one thread. */
struct block_inflater {
    struct cramfs_inflater *inflater;
    unsigned char page[CRAMFS_MAX_PAGE_SIZE];
};

/* NULL when memory runs out. */
struct block_inflater *block_inflater_create(void);
void block_inflater_free(struct block_inflater *inflater);

/*
 * The `length` bytes that the block has in the image. They may be in inflater->page: then they stay
 * until it is used again. NULL if they are not as they were when the block was made, which is a
 * bug.
 */
const unsigned char *block_bytes(const struct encoded_block *block,
                                 struct block_inflater *inflater);

/* Whether the block encodes these bytes of a file. */
bool block_has_bytes(const struct encoded_block *block, const void *raw, uint32_t length,
                     struct block_inflater *inflater);

/* A block of an older image that may have the bytes of a page. */
struct older_page {
    struct encoded_block block; /* data is NULL: there is none */
    const unsigned char *bytes; /* what a deflated one inflates to: file_bytes; NULL: not known */
    uint32_t used;              /* with bytes: of the block, without what follows its zlib stream */
};

/*
 * Whether the block is deflated and encodes these bytes of a file. If it does, *used is the length
 * of its zlib stream: in an older image, zeroes can follow it.
 */
bool older_page_inflates_to(const struct older_page *older, const void *raw, uint32_t length,
                            struct block_inflater *inflater, uint32_t *used);

#endif
