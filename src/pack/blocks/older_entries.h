/*
 * Which entry of an older image each node of a tree was.
 */
#ifndef CRAMFS_PACK_BLOCKS_OLDER_ENTRIES_H
#define CRAMFS_PACK_BLOCKS_OLDER_ENTRIES_H

#include "cramfs/like.h"
#include "cramfs/tree.h"

#define NO_OLDER_ENTRY UINT32_MAX

/*
 * Makes a list by node: the entry at the same path, or NO_OLDER_ENTRY. The caller frees it. Returns
 * NULL if memory runs out.
 */
uint32_t *older_entries(const struct cramfs_like *like, const struct cramfs_tree *tree);

#endif
