/*
 * The blocks that cramfs_check() inflates and that are needed again, to extract them or to compare
 * them: the public struct cramfs_inflated. Memory is taken in chunks, so that workers need not wait
 * for each other.
 */
#ifndef CRAMFS_READ_INFLATED_H
#define CRAMFS_READ_INFLATED_H

#include <stdbool.h>

#include "cramfs/check.h"

/* A block that was inflated. */
struct inflated_block {
    const unsigned char *bytes; /* NULL if they were not kept */
    uint32_t length;            /* of what it inflates to */
    uint32_t used; /* of the block: without what follows its zlib stream; 0: nothing is known */
};

/* A worker's part of the memory, starting as {0}. */
struct inflated_chunk {
    unsigned char *at;
    size_t left;
};

/*
 * Before the first block. If memory runs out, no block is kept. `inflated` may be NULL, here and
 * below.
 */
void inflated_start(struct cramfs_inflated *inflated, const struct cramfs_image *image,
                    const struct cramfs_survey *survey, unsigned workers);

/*
 * Returns room for a page, or NULL if no more blocks can be kept. The room is the same until
 * inflated_add() fills it.
 */
unsigned char *inflated_room(struct cramfs_inflated *inflated, struct inflated_chunk *chunk);

/* Notes what is known about the block of an extent, and keeps its bytes if they are in the room. */
void inflated_add(struct cramfs_inflated *inflated, struct inflated_chunk *chunk, size_t extent,
                  const struct cramfs_block_detail *detail, bool in_room);

/* The same, or NULL if it has no blocks of this survey. */
const struct cramfs_inflated *inflated_of(const struct cramfs_inflated *inflated,
                                          const struct cramfs_survey *survey);

/* The block of an extent of the survey. */
struct inflated_block inflated_at(const struct cramfs_inflated *inflated, size_t extent);

/* The deflated block with these bytes of the image. */
struct inflated_block inflated_of_block(const struct cramfs_inflated *inflated, uint64_t offset,
                                        uint64_t length);

/*
 * The first `length` bytes of block `index` of a table; NULL if so many were not kept. `next` is
 * where to look first: a number of an extent, which is set to the one after the block's.
 */
const unsigned char *inflated_find(const struct cramfs_inflated *inflated,
                                   const struct cramfs_table *table, uint32_t index,
                                   const struct cramfs_block *block, uint32_t length, size_t *next);

#endif
