/*
 * The decisions for files. Most files of a tree are not programs. Their decision says only that, so
 * they share one.
 */
#ifndef CRAMFS_PACK_BLOCKS_DECIDE_H
#define CRAMFS_PACK_BLOCKS_DECIDE_H

#include "pack/blocks/encoded.h"

struct deciding {
    struct encoded_tree *out;
    struct hash_index little; /* the decisions that many files can share */
};

/*
 * Sets the decision of a file's node, and moves its mappings to the list of all. Takes ownership of
 * the selection. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int decide(struct deciding *deciding, uint32_t node, struct cramfs_selection *selection);

#endif
