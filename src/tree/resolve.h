/*
 * Paths through symbolic links, as the target will follow them: absolute paths and targets begin at
 * the tree's root, and ".." does not leave it.
 */
#ifndef CRAMFS_TREE_RESOLVE_H
#define CRAMFS_TREE_RESOLVE_H

#include <stdbool.h>

#include "cramfs/tree.h"

/*
 * The node that `path` leads to from the directory `from`, after all links, the last one included.
 * *to is NULL when a name does not exist, when something on the way is not a directory, or after
 * too many links. Returns 0, or -CRAMFS_ERR_MEMORY with its diagnostic.
 */
int resolve_path(const struct cramfs_tree *tree, struct cramfs_node *from, const char *path,
                 struct cramfs_diags *diags, struct cramfs_node **to);

/*
 * Replaces *node, if it is a link, by what it leads to; NULL if that does not exist. Returns as
 * above.
 */
int resolve_link(const struct cramfs_tree *tree, struct cramfs_diags *diags,
                 struct cramfs_node **node);

/* Where a path ends: links are followed on the way, but not at the end. */
struct resolved_place {
    struct cramfs_node *parent;
    const char *name;         /* in `copy`; NULL for the root */
    struct cramfs_node *node; /* of that name; NULL when there is none, or the way is blocked */
    const char *blocked;      /* what on the way is missing or not a directory; usually NULL */
    char *copy;               /* to be freed, also after an error */
};

/*
 * Finds the place of a path without "..". With `make`, missing directories on the way are made,
 * 0755, 0:0. Returns 0, also when the way is blocked, or -CRAMFS_ERR_MEMORY with its diagnostic.
 */
int resolve_place(struct cramfs_tree *tree, const char *path, bool make, struct cramfs_diags *diags,
                  struct resolved_place *place);

#endif
