/*
 * Extended attributes: the format has none, so they are counted by class and told.
 */
#ifndef CRAMFS_TREE_XATTRS_H
#define CRAMFS_TREE_XATTRS_H

#include "cramfs/tree.h"

/* Counts one attribute by its name, "security.capability". */
void xattrs_count(struct cramfs_losses *losses, const char *name);

/* Counts those of the file `name` in an open directory; no link is followed. */
void xattrs_count_file(struct cramfs_losses *losses, int directory, const char *name);

#endif
