/* Completes the nodes of a manifest's entries. */
#ifndef CRAMFS_TREE_MTREE_APPLY_H
#define CRAMFS_TREE_MTREE_APPLY_H

#include "tree/mtree/source.h"

/*
 * Sets the nodes of all entries from their lines and the files in their places; `path` is the
 * manifest's. Reports everything that is wrong. Returns the errors of cramfs_tree_read_archive().
 */
int mtree_apply(struct cramfs_tree *tree, struct mtree_source *source, const char *path,
                struct cramfs_diags *diags);

#endif
