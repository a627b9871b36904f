/*
 * The older image, as the builder uses it: which of its files each node was, the blocks of these
 * files, and which of these blocks have the same content as a block of the store.
 *
 * Blocks are compared by content, not by their encoded bytes: the same page encodes differently
 * with other compressors, and a new version of one must not rewrite the flash.
 */
#ifndef CRAMFS_PACK_LIKE_OLD_H
#define CRAMFS_PACK_LIKE_OLD_H

#include "pack/blocks/encode.h"

#define OLD_NONE UINT32_MAX /* as NO_OLDER_ENTRY */

/* Bytes that one or more slots of the older image point at. */
struct old_block {
    uint64_t offset; /* of the data */
    uint32_t length;
    uint32_t file_bytes;
    bool stored;
    const struct cramfs_like_page *page; /* what it inflates to: file_bytes; NULL: not known */
    uint32_t same; /* the first block of the store with the same content, in any form; NO_BLOCK */
};

struct old_slot {
    uint32_t block; /* OLD_NONE: a hole, or a block that cannot be kept */
    bool direct;    /* its pointer is a direct one */
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
    uint32_t *twins; /* by block of the store: the first with the same content, in any form */
    size_t twins_count;
    uint32_t *originals; /* for the store's later blocks: the block of the tree that each encodes */
    size_t originals_count;
    size_t originals_capacity;
    uint64_t zero_word; /* the offset of one for direct pointers of holes; 0: none */
};

/*
 * Reads the older image, which outlives *old: its files, their blocks, and which of the files the
 * tree has a path for. Returns 0 or -CRAMFS_ERR_MEMORY; free it in any case.
 */
int old_read(const struct cramfs_like *like, const struct cramfs_tree *tree, struct old_image *old);

/*
 * Finds which of its blocks have the content of a block of the store. The store has only the tree's
 * blocks so far. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int old_match(struct old_image *old, const struct cramfs_tree *tree,
              const struct encoded_tree *encoded);
void old_free(struct old_image *old);

/*
 * Whether the block of an old slot has the content of the new slot, in a suitable form. Whether a
 * block is stored or deflated depends only on the compressor, unless `raw` says that it must be
 * stored. With `raw`, a deflated block is suitable only where the slot needs one: see
 * deflate_anyway() in arrange_chains.c.
 */
bool old_serves(const struct old_image *old, const struct encoded_tree *encoded,
                const struct old_slot *old_slot, const struct content *content, uint32_t slot,
                bool raw);

/* Whether the file has the whole content, slot by slot, in suitable forms. */
bool old_equals(const struct old_image *old, const struct encoded_tree *encoded,
                const struct old_file *file, const struct content *content, bool raw);

/* A hash of all that old_equals() compares, from either side. */
uint64_t old_file_hash(const struct old_image *old, const struct old_file *file);
uint64_t old_content_hash(const struct old_image *old, const struct encoded_tree *encoded,
                          const struct content *content);

/*
 * Notes that the store has another encoding of one of the tree's blocks: the older image's, or a
 * longer one. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int old_note_encoding(struct old_image *old, uint32_t block, uint32_t original);

#endif
