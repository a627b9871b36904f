/*
 * An mtree manifest as the source of a tree: facts about files come from its lines, bytes from the
 * files themselves.
 */
#ifndef CRAMFS_TREE_MTREE_MTREE_H
#define CRAMFS_TREE_MTREE_MTREE_H

#include <stddef.h>

#include "cramfs/tree.h"

/*
 * Lays the manifest over the tree. `text` is its `length` bytes and a NUL, allocated; this function
 * takes it over. `path` is where it came from. Returns the errors of cramfs_tree_read_archive(),
 * and adds to *entries how many lines name a file.
 */
int mtree_read(struct cramfs_tree *tree, const char *path, char *text, size_t length,
               struct cramfs_diags *diags, uint64_t *entries);

#endif
