/*
 * Entries of earlier sources that one entry would take with it, though nobody named them:
 * CRAMFS_LOSS_REPLACE.
 */
#ifndef CRAMFS_TREE_LAYERS_REPLACED_H
#define CRAMFS_TREE_LAYERS_REPLACED_H

#include "tree/layers/waiting.h"
#include "tree/put.h"

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
