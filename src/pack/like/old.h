/*
 * The older image, as the builder goes by it: which of its files a node was, which blocks they
 * have, and which of those hold what a block of the store does.
 *
 * A block is compared by what it holds, not by its encoded bytes: those of the same page differ
 * between compressors, and a new one of these must not rewrite the flash.
 */
#ifndef CRAMFS_PACK_LIKE_OLD_H
#define CRAMFS_PACK_LIKE_OLD_H

#include "pack/blocks/encode.h"

#define OLD_NONE UINT32_MAX

/* Bytes that one or more slots of the older image point at. */
struct old_block {
    uint64_t offset; /* of the data */
    uint32_t length;
    uint32_t file_bytes;
    bool stored;
    uint32_t same; /* the first block of the store that holds the same, in any form; NO_BLOCK */
};

struct old_slot {
    uint32_t block; /* OLD_NONE: a hole, or nothing that can be kept */
    bool direct;    /* a direct pointer leads to it */
    bool hole;
};

/* An inode with a pointer table: the first entry that names it. */
struct old_file {
    uint32_t entry;
    uint32_t table; /* its offset */
    uint32_t size;
    size_t first_slot;
    uint32_t slots_count;
};

struct old_image {
    const struct cramfs_like *like;
    struct old_file *files;
    size_t files_count;
    size_t files_capacity;
    struct old_slot *slots;
    size_t slots_count;
    size_t slots_capacity;
    struct old_block *blocks;
    size_t blocks_count;
    size_t blocks_capacity;
    struct hash_index blocks_index;
    uint32_t *entry_of_node; /* the entry at the same path, by node; OLD_NONE */
    uint32_t *file_of_entry; /* OLD_NONE */
    uint32_t *twins;         /* by block of the store: the first that holds the same, in any form */
    size_t twins_count;
    uint32_t *originals; /* of the store's blocks behind those: what they are encodings of */
    size_t originals_count;
    size_t originals_capacity;
    uint64_t zero_word; /* where one is that direct pointers of holes lead to; 0 */
};

/*
 * Reads the older image, which outlives *old: its files, their blocks, and which of them the tree
 * has a path for. Returns 0 or -CRAMFS_ERR_MEMORY; free it in any case.
 */
int old_read(const struct cramfs_like *like, const struct cramfs_tree *tree, struct old_image *old);

/*
 * Finds which of its blocks hold what blocks of the store do. The store's blocks are those of the
 * tree alone, so far. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int old_match(struct old_image *old, const struct cramfs_tree *tree,
              const struct encoded_tree *encoded);
void old_free(struct old_image *old);

/*
 * Whether the block of an old slot holds what the new slot's does, in a form that will do. Whether
 * a block is stored or deflated is what the compressor made of it, unless `raw` says that it must
 * be stored; then only a deflated one that the slot needs will do, see deflate_anyway() of
 * arrange.c.
 */
bool old_serves(const struct old_image *old, const struct encoded_tree *encoded,
                const struct old_slot *old_slot, const struct content *content, uint32_t slot,
                bool raw);

/* Whether the file holds all of the content, slot by slot, in forms that will do. */
bool old_equals(const struct old_image *old, const struct encoded_tree *encoded,
                const struct old_file *file, const struct content *content, bool raw);

/* A hash of what old_equals() compares, from either side. */
uint64_t old_file_hash(const struct old_image *old, const struct old_file *file);
uint64_t old_content_hash(const struct old_image *old, const struct encoded_tree *encoded,
                          const struct content *content);

/*
 * The store has another encoding of one of the tree's blocks: of the older image, or a longer one.
 * Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int old_note_encoding(struct old_image *old, uint32_t block, uint32_t original);

#endif
