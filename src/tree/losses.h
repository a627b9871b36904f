/*
 * What sources have and the format has not: counted here by class, and told.
 */
#ifndef CRAMFS_TREE_LOSSES_H
#define CRAMFS_TREE_LOSSES_H

#include <sys/types.h>

#include "cramfs/tree.h"

/* Counts one extended attribute by its name, "security.capability". */
void losses_count_xattr(struct cramfs_losses *losses, const char *name);

/*
 * Counts those of the file `name` in an open directory; no link is followed. `mode` says what it
 * is. Where neither procfs nor an open file tells, the file is counted as one that was not asked.
 * Returns whether one of them says that it is a directory that overlayfs calls opaque.
 */
bool losses_count_xattrs(struct cramfs_losses *losses, int directory, const char *name,
                         mode_t mode);

#endif
