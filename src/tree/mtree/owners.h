/*
 * Owners that a manifest names instead of giving their numbers.
 */
#ifndef CRAMFS_TREE_MTREE_OWNERS_H
#define CRAMFS_TREE_MTREE_OWNERS_H

#include "tree/mtree/source.h"

/*
 * Looks up the names in the tree's own /etc/passwd and /etc/group, which must be complete, and
 * gives the nodes their numbers. A name that is not there is an error, told once. Returns 0,
 * -CRAMFS_ERR_FORMAT, -CRAMFS_ERR_MEMORY, or what the source of those files does.
 */
int mtree_name_owners(const struct cramfs_tree *tree, const struct mtree_source *source,
                      const char *path, struct cramfs_diags *diags);

#endif
