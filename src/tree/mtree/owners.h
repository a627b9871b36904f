/* Owners that a manifest gives by name instead of by number. */
#ifndef CRAMFS_TREE_MTREE_OWNERS_H
#define CRAMFS_TREE_MTREE_OWNERS_H

#include "tree/mtree/source.h"

/*
 * Looks up the names in the tree's own /etc/passwd and /etc/group, which must be complete, and sets
 * the numbers of the nodes. A name that is missing is an error, reported once. Returns 0,
 * -CRAMFS_ERR_FORMAT, -CRAMFS_ERR_MEMORY, or the error of the source of those files.
 */
int mtree_name_owners(const struct cramfs_tree *tree, const struct mtree_source *source,
                      const char *path, struct cramfs_diags *diags);

#endif
