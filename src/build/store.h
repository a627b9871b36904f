/*
 * The store of encoded blocks: each distinct block once, in memory until the image is written.
 */
#ifndef CRAMFS_BUILD_STORE_H
#define CRAMFS_BUILD_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "cramfs/codec.h"

enum block_form {
    FORM_DEFLATED,
    FORM_STORED,
    FORM_IN_PLACE, /* stored, and to be placed on a page of its own */
};

struct encoded_block {
    const unsigned char *data;
    uint32_t length;     /* of the data */
    uint32_t file_bytes; /* of the file that it stands for */
    enum block_form form;
    uint32_t piece; /* the first place it was given, for arrange.c; NO_PIECE at first */
};

#define NO_PIECE UINT32_MAX

struct arena_chunk;

struct block_store {
    struct encoded_block *blocks;
    size_t blocks_count;
    size_t blocks_capacity;
    struct hash_index index;
    struct arena_chunk *chunks;
};

/*
 * Finds the block with this form and these bytes, or copies it in. `hash` is of the bytes of the
 * file: equal bytes encode to equal blocks, so that blocks that differ are never compared twice.
 * Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int block_store_add(struct block_store *store, const struct encoded_block *block, uint64_t hash,
                    uint32_t *number);

/*
 * Gives a block of the store other data, shorter and of the same meaning. Returns 0 or
 * -CRAMFS_ERR_MEMORY. It will not be found by its new bytes: nothing is added after this.
 */
int block_store_replace(struct block_store *store, struct encoded_block *block, const void *data,
                        uint32_t length);

/* Has no block placed anywhere: the arrangement that did is gone. */
void block_store_forget_pieces(struct block_store *store);

void block_store_free(struct block_store *store);

#endif
