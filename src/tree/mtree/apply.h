/*
 * From what a manifest says of its files to nodes that are complete.
 */
#ifndef CRAMFS_TREE_MTREE_APPLY_H
#define CRAMFS_TREE_MTREE_APPLY_H

#include "tree/mtree/source.h"

/*
 * Fills in the nodes of all entries, the files in their places looked at; `path` is the manifest's.
 * All that is wrong is told. Returns what cramfs_tree_read_archive() does.
 */
int mtree_apply(struct cramfs_tree *tree, struct mtree_source *source, const char *path,
                struct cramfs_diags *diags);

#endif
