/* Losses of a tree's layers that wait for the end of their source. */
#ifndef CRAMFS_TREE_LAYERS_WAITING_H
#define CRAMFS_TREE_LAYERS_WAITING_H

#include "cramfs/tree.h"

/* A node that is put, and the one that it replaces. */
struct replacing {
    struct cramfs_tree *tree;
    struct cramfs_diags *diags;
    const struct cramfs_node *node; /* the node that was there; it becomes the new one */
    uint32_t mode;                  /* its new mode */
    uint32_t was;                   /* its old mode */
    uint32_t layer;                 /* its old layer */
    bool may_be_whiteout;           /* only the end of its source shows whether it is one */
    bool own; /* the lost entry is from the same source, whose last entry wins: a warning */
};

/* A loss that does not happen if its entry is a whiteout. */
struct cramfs_layer_loss {
    struct replacing replacing;
    char *lost; /* in words */
};

/* Frees the losses that replaced.h has not settled, as after an error. */
void layer_losses_free(struct cramfs_tree *tree);

#endif
