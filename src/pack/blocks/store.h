/*
 * The store of encoded blocks: each distinct block once, in memory until the image is written.
 */
#ifndef CRAMFS_PACK_BLOCKS_STORE_H
#define CRAMFS_PACK_BLOCKS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "cramfs/codec.h"
#include "pack/blocks/arena.h"

enum block_form {
    FORM_DEFLATED,
    FORM_STORED,
    FORM_IN_PLACE, /* stored, and to be placed on a page of its own */
};

/*
 * A page that may go in place or be compressed has two blocks until that is decided. The block in
 * place need not have bytes of its own: then its data are those of the other block, and are
 * inflated when the image is written.
 */
struct encoded_block {
    const unsigned char *data;
    uint32_t length;     /* in the image */
    uint32_t file_bytes; /* length of the file's bytes in it */
    enum block_form form;
    bool lasting;           /* its data are kept elsewhere: they are not copied */
    bool slot;              /* its data are in a slot, and can be dropped: see plain_pages.h */
    uint32_t placed;        /* the block in place with the same bytes of a file, or NO_BLOCK */
    uint32_t stream_length; /* of a block in place whose data are a zlib stream of it; or 0 */
};

static inline uint32_t block_data_length(const struct encoded_block *block)
{
    return block->stream_length ? block->stream_length : block->length;
}

#define REF_HOLE UINT32_MAX /* instead of a block's number: zeroes */
#define NO_BLOCK UINT32_MAX

/* Bytes of pages in place: see plain_pages.h. */
struct plain_pages {
    struct arena arena;    /* slots of a page */
    unsigned char *unused; /* a slot that begins with the address of the next one; NULL: none */
    unsigned lowest;       /* the first class of pages whose bytes are kept in both forms */
    uint64_t bytes;        /* of slots that are used */
    uint64_t cost;         /* flash that the pages would cost if all of them were in place */
};

struct block_store {
    struct encoded_block *blocks;
    size_t blocks_count;
    size_t blocks_capacity;
    struct hash_index index;
    struct arena arena;
    struct plain_pages plain;
};

/*
 * Finds the block with this form and these bytes, or adds it, with a copy of its data unless they
 * are lasting. `hash` is that of the file's bytes: pages with equal bytes have equal blocks in each
 * form. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int block_store_add(struct block_store *store, const struct encoded_block *block, uint64_t hash,
                    uint32_t *number);

/* The same, for a block that the store does not have. */
int block_store_append(struct block_store *store, const struct encoded_block *block, uint64_t hash,
                       uint32_t *number);

/*
 * Looks for a deflated block that holds `file_bytes` bytes of a file and has this hash; the caller
 * inflates it to be sure. *block is a copy, since the list of blocks may move; the data do not
 * move. If there is no such block, its data is NULL.
 */
void block_store_find(const struct block_store *store, uint64_t hash, uint32_t file_bytes,
                      struct encoded_block *block);

/*
 * Finds the next block after *cursor (0 at first) with that hash: one in place, or with `in_place`
 * false one that is not. Returns its number, or NO_BLOCK at the end.
 */
uint32_t block_store_next(const struct block_store *store, uint64_t hash, bool in_place,
                          size_t *cursor);

/* Call it when no more blocks are added: frees the index. */
void block_store_seal(struct block_store *store);

void block_store_free(struct block_store *store);

#endif
