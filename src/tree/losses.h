/*
 * What sources have and the format has not: counted here by class, and told.
 */
#ifndef CRAMFS_TREE_LOSSES_H
#define CRAMFS_TREE_LOSSES_H

#include "cramfs/tree.h"

/* Counts one extended attribute by its name, "security.capability". */
void losses_count_xattr(struct cramfs_losses *losses, const char *name);

#endif
