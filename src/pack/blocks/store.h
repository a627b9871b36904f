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
 * Finds the block with this form and these bytes, or copies it in. `hash` is of the file's bytes:
 * equal bytes encode to equal blocks, so different blocks are never compared twice. Returns 0 or
 * -CRAMFS_ERR_MEMORY.
 */
int block_store_add(struct block_store *store, const struct encoded_block *block, uint64_t hash,
                    uint32_t *number);

/*
 * Looks for a deflated block of `file_bytes` bytes of a file that may have this hash: the caller
 * inflates it to be sure. Copies it, since blocks move; its data do not. *block has no data when
 * there is none.
 */
void block_store_find(const struct block_store *store, uint64_t hash, uint32_t file_bytes,
                      struct encoded_block *block);

/*
 * Whether a block encodes these bytes of a file. `page` has room for as many. If it does, *used is
 * how many bytes of its data do so: zeroes can follow them in an older image. `used` may be NULL.
 */
bool block_has_bytes(const struct encoded_block *block, const void *raw, uint32_t length,
                     struct cramfs_inflater *inflater, void *page, uint32_t *used);

/*
 * Finds the next block with that hash, in place or not as asked, after *cursor (0 at first).
 * Returns its number, or NO_BLOCK at the end.
 */
uint32_t block_store_next(const struct block_store *store, uint64_t hash, bool in_place,
                          size_t *cursor);

/* Call it when no more blocks are added: frees what only finding needs. */
void block_store_seal(struct block_store *store);

void block_store_free(struct block_store *store);

#endif
