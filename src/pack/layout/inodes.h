/*
 * Inodes: which entries of the tree a kernel may take for one inode, so that they share a pointer
 * table.
 */
#ifndef CRAMFS_PACK_LAYOUT_INODES_H
#define CRAMFS_PACK_LAYOUT_INODES_H

#include "pack/layout/arrangement.h"

/* Whether the kernel may take both nodes for one inode: all that it keeps is equal. */
bool same_inode(const struct cramfs_node *a, const struct cramfs_node *b);

/* A hash of all that same_inode() compares, and of the content. */
uint64_t inode_hash(uint32_t content, const struct cramfs_node *node);

/*
 * The size in an entry of the node: for a directory the bytes of its entries, for a device its
 * number.
 */
uint32_t inode_size(const struct cramfs_node *node);

/* Lists the tables of an arrangement (which starts as {0}). Returns 0 or -CRAMFS_ERR_MEMORY. */
int list_tables(const struct cramfs_tree *tree, const struct encoded_tree *encoded,
                struct arrangement *arrangement);

#endif
