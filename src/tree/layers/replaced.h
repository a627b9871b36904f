/*
 * Entries of earlier sources that one entry would remove though the source does not name them:
 * CRAMFS_LOSS_REPLACE.
 */
#ifndef CRAMFS_TREE_LAYERS_REPLACED_H
#define CRAMFS_TREE_LAYERS_REPLACED_H

#include "tree/layers/waiting.h"
#include "tree/put.h"

/*
 * Call it before putting a directory over something else, or something over a link to the directory
 * `leads_to`. Returns 0, -CRAMFS_ERR_FORMAT for a loss that the tree does not allow, or
 * -CRAMFS_ERR_MEMORY. 0 also when only the end of the source can show whether it is a loss.
 */
int replaced_report(const struct replacing *replacing, const struct cramfs_node *leads_to);

/* The same after putting a node, for entries that were below a directory. */
int replaced_report_dropped(struct replacing *replacing, const struct dropped *dropped);

/*
 * Call it at the end of a source, after its whiteouts: reports losses by devices that turned out
 * not to be whiteouts.
 */
int replaced_settle(struct cramfs_tree *tree, struct cramfs_diags *diags);

#endif
