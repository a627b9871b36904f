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

enum block_form {
    FORM_DEFLATED,
    FORM_STORED,
    FORM_IN_PLACE, /* stored, and to be placed on a page of its own */
};

struct encoded_block {
    const unsigned char *data;
    uint32_t length;     /* of the data */
    uint32_t file_bytes; /* length of the file's bytes in it */
    enum block_form form;
    bool lasting;    /* its data outlive the store: they are not copied */
    uint32_t placed; /* the block in place with the same bytes of a file, or NO_BLOCK */
};

#define REF_HOLE UINT32_MAX /* instead of a block's number: zeroes */
#define NO_BLOCK UINT32_MAX

struct arena_chunk;

struct block_store {
    struct encoded_block *blocks;
    size_t blocks_count;
    size_t blocks_capacity;
    struct hash_index index;
    struct arena_chunk *chunks;
};

/*
 * Finds the block with this form and these bytes, or adds it, with a copy of its data unless they
 * are lasting. `hash` is that of the file's
 * bytes: pages with equal bytes have equal blocks in each form. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int block_store_add(struct block_store *store, const struct encoded_block *block, uint64_t hash,
                    uint32_t *number);

/*
 * Looks for a deflated block that holds `file_bytes` bytes of a file and has this hash; the caller
 * inflates it to be sure. *block is a copy, since the list of blocks may move; the data do not
 * move. If there is no such block, its data is NULL.
 */
void block_store_find(const struct block_store *store, uint64_t hash, uint32_t file_bytes,
                      struct encoded_block *block);

/*
 * Whether a block encodes these bytes of a file. `page` has room for `length` bytes. If it does,
 * *used is the length of the encoding in its data: in an older image, zeroes can follow it. `used`
 * may be NULL.
 */
bool block_has_bytes(const struct encoded_block *block, const void *raw, uint32_t length,
                     struct cramfs_inflater *inflater, void *page, uint32_t *used);

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
