/*
 * Putting a node, with what that removes.
 */
#ifndef CRAMFS_TREE_PUT_H
#define CRAMFS_TREE_PUT_H

#include "cramfs/tree.h"

/* What was below a directory that became something else. */
struct dropped {
    uint64_t count;
    bool earlier;                   /* some are of another layer than what is put */
    const struct cramfs_node *last; /* one of them; its parents still say where it was */
};

/* cramfs_tree_put(), which adds to *dropped. */
struct cramfs_node *tree_put(struct cramfs_tree *tree, struct cramfs_node *parent, const char *name,
                             uint32_t mode, struct dropped *dropped);

#endif
