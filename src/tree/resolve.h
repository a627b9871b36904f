/*
 * Paths through symbolic links, as the target will follow them: the tree's root is the root, where
 * absolute paths and targets begin and ".." stays.
 */
#ifndef CRAMFS_TREE_RESOLVE_H
#define CRAMFS_TREE_RESOLVE_H

#include <stdbool.h>

#include "cramfs/tree.h"

/*
 * What `path` leads to from the directory `from`, all links followed, the last one, too. *to is
 * NULL when something is not there, is no directory and should be, or is behind too many links.
 * Returns 0, or -CRAMFS_ERR_MEMORY with its diagnostic.
 */
int resolve_path(const struct cramfs_tree *tree, struct cramfs_node *from, const char *path,
                 struct cramfs_diags *diags, struct cramfs_node **to);

/* What is behind *node when it is a link; NULL where that leads nowhere. Returns as above. */
int resolve_link(const struct cramfs_tree *tree, struct cramfs_diags *diags,
                 struct cramfs_node **node);

/* Where a path ends: links are followed on the way there, and not at the end. */
struct resolved_place {
    struct cramfs_node *parent;
    const char *name;         /* in `copy`; NULL for the root */
    struct cramfs_node *node; /* of that name; NULL when there is none, or the way is blocked */
    const char *blocked;      /* on the way, what is no directory or not there; mostly NULL */
    char *copy;               /* to be freed, also after an error */
};

/*
 * Finds the place of a path without "..". With `make`, directories on the way that are not there
 * are made, 0755, 0:0. Returns 0, also when the way is blocked, or -CRAMFS_ERR_MEMORY with its
 * diagnostic.
 */
int resolve_place(struct cramfs_tree *tree, const char *path, bool make, struct cramfs_diags *diags,
                  struct resolved_place *place);

#endif
