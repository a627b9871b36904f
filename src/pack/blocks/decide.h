/*
 * What was decided of each file. Most files of a tree are no programs, of which there is nothing to
 * say but that: they share one decision.
 */
#ifndef CRAMFS_PACK_BLOCKS_DECIDE_H
#define CRAMFS_PACK_BLOCKS_DECIDE_H

#include "pack/blocks/encoded.h"

struct deciding {
    struct encoded_tree *out;
    struct hash_index little; /* decisions that say little */
};

/*
 * Gives the node of a file its decision, and its mappings a place in the list of all. Takes the
 * selection over. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int decide(struct deciding *deciding, uint32_t node, struct cramfs_selection *selection);

#endif
