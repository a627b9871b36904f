/*
 * What a tree keeps of its layers: losses that wait for the end of their source.
 */
#ifndef CRAMFS_TREE_LAYERS_WAITING_H
#define CRAMFS_TREE_LAYERS_WAITING_H

#include "cramfs/tree.h"

/* What is put, over what. */
struct replacing {
    struct cramfs_tree *tree;
    struct cramfs_diags *diags;
    const struct cramfs_node *node; /* that was there, and that what is put becomes */
    uint32_t mode;                  /* that it is to have, */
    uint32_t was;                   /* and has had, */
    uint32_t layer;                 /* from this layer */
    bool may_be_whiteout;           /* only the end of its source tells whether it is one */
    bool own; /* what is lost is of the same source, whose last entry wins: a warning */
};

/* A loss that is none if its entry is a whiteout. */
struct cramfs_layer_loss {
    struct replacing replacing;
    char *lost; /* in words */
};

/* Forgets the losses that replaced.h has not settled, as behind an error. */
void layer_losses_free(struct cramfs_tree *tree);

#endif
