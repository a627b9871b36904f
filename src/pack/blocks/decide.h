/*
 * The decisions for files. Most files of a tree are not programs, and the decision says only that:
 * they share one.
 */
#ifndef CRAMFS_PACK_BLOCKS_DECIDE_H
#define CRAMFS_PACK_BLOCKS_DECIDE_H

#include "pack/blocks/encoded.h"

struct deciding {
    struct encoded_tree *out;
    struct hash_index little; /* decisions that says_little() found */
};

/*
 * Sets the decision of a file's node, and moves its mappings to the list of all. Takes the
 * selection over. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int decide(struct deciding *deciding, uint32_t node, struct cramfs_selection *selection);

#endif
