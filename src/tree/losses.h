/* Counts by class what sources have and the format cannot hold, and reports it. */
#ifndef CRAMFS_TREE_LOSSES_H
#define CRAMFS_TREE_LOSSES_H

#include "cramfs/tree.h"

/* Counts one extended attribute by its name, as "security.capability". */
void losses_count_xattr(struct cramfs_losses *losses, const char *name);

/* Adds the counts of `from` to `losses`. */
void losses_add(struct cramfs_losses *losses, const struct cramfs_losses *from);

#endif
