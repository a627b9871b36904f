/*
 * Entries of earlier sources that one entry would take with it, though nobody named them:
 * CRAMFS_LOSS_REPLACE.
 */
#ifndef CRAMFS_TREE_LAYERS_REPLACED_H
#define CRAMFS_TREE_LAYERS_REPLACED_H

#include "tree/put.h"

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

/*
 * Before it is put: a directory over something else, or something over a link to the directory
 * `leads_to`. Returns 0, also when the end of the source will tell, -CRAMFS_ERR_FORMAT for a loss
 * that the tree does not allow, or -CRAMFS_ERR_MEMORY.
 */
int replaced_report(const struct replacing *replacing, const struct cramfs_node *leads_to);

/* The same when it is put, of what was below a directory. */
int replaced_report_dropped(struct replacing *replacing, const struct dropped *dropped);

/* At the end of a source, whose whiteouts are applied: losses by what turned out to be none. */
int replaced_settle(struct cramfs_tree *tree, struct cramfs_diags *diags);

#endif
