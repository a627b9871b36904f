/* Puts a node, and says what that removes. */
#ifndef CRAMFS_TREE_PUT_H
#define CRAMFS_TREE_PUT_H

#include "cramfs/tree.h"

/* The entries below a directory that became something else. */
struct dropped {
    uint64_t count;
    bool earlier;                   /* some are from another layer than the new node */
    const struct cramfs_node *last; /* one of the entries; its parents still say where it was */
};

/* cramfs_tree_put(), which also adds to *dropped. */
struct cramfs_node *tree_put(struct cramfs_tree *tree, struct cramfs_node *parent, const char *name,
                             uint32_t mode, struct dropped *dropped);

#endif
