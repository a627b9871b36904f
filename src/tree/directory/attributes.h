/*
 * Extended attributes of files on disk, which the format cannot hold: they are only counted.
 */
#ifndef CRAMFS_TREE_DIRECTORY_ATTRIBUTES_H
#define CRAMFS_TREE_DIRECTORY_ATTRIBUTES_H

#include <stdbool.h>

#include "tree/directory/walking.h"

/*
 * Counts those of an entry by class. Where neither procfs nor an open file tells, the entry is
 * counted as one that was not asked. Returns whether one of them says that it is a directory that
 * overlayfs calls opaque.
 */
bool count_attributes(struct cramfs_losses *losses, const struct directory_entry *entry);

#endif
